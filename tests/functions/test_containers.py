"""The containers of a pod."""

from typing import Any

import pytest

from support import evaluated, resource
from surplus.expressions import UnknownValueError
from surplus.functions.containers import called, containers_of, staying_containers
from surplus.functions.scope import RuleScope, World
from surplus.model import Unknown

POD: dict[str, Any] = {
    "initContainers": [{"name": "load"}, {"name": "proxy", "restartPolicy": "Always"}],
    "containers": [{"name": "api"}],
}


def test_sidecars_stay_and_other_init_containers_do_not() -> None:
    assert [one["name"] for one in containers_of(POD)] == ["load", "proxy", "api"]
    assert [one["name"] for one in containers_of(POD, "initContainers")] == ["load", "proxy"]
    assert [one["name"] for one in staying_containers(POD)] == ["proxy", "api"]


@pytest.mark.parametrize("containers", [Unknown("no value"), [{"name": "api"}, Unknown("no value")]])
def test_containers_that_are_not_known(containers: Any) -> None:
    with pytest.raises(UnknownValueError, match="no value"):
        list(containers_of({"containers": containers}))


@pytest.mark.parametrize("containers", [None, {}, "api", [None, "api"]])
def test_what_is_no_container_is_passed_over(containers: Any) -> None:
    assert [one for one in containers_of({"containers": containers}) if one] == []


@pytest.mark.parametrize(
    ("item", "name"),
    [
        ({"name": "api", "image": "shop/api:1"}, "api"),
        ({"name": Unknown("var.name has no value", text="var.name")}, "var.name"),
        ({"image": "shop/api:1"}, "shop/api:1"),
        ({"name": "", "image": Unknown("not known")}, "(unknown)"),
        ({}, "without a name"),
        (None, "without a name"),
    ],
)
def test_what_messages_call_a_container(item: Any, name: str) -> None:
    one = resource("Pod", "Pod/a")
    assert called(RuleScope(one, World(evaluated(one)), item=item)) == name
