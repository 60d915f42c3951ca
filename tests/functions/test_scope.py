from typing import Any

import pytest

from support import PLACE, evaluated, resource
from surplus.functions.scope import EnvironmentVerdict, RuleScope, World, base, masked, reach, values_at
from surplus.model import Resource, Route, Unknown


def test_lookup() -> None:
    one = resource("Deployment", "Deployment/api", spec={"template": {"spec": {"containers": [1]}}, "replicas": 2})
    scope = RuleScope(
        one,
        World(evaluated(one)),
        parameters={"limit": 5},
        names={"replicas": ("resource", "spec", "replicas")},
        item={"name": "c"},
        item_route=("spec", "list", 0),
        pod=("spec", "template", "spec"),
    )
    found = [
        scope.lookup(name)
        for name in ("replicas", "resource.no.thing", "params.limit", "item.name", "pod.containers", "address")
    ]
    assert found == [2, None, 5, "c", [1], "Deployment/api"]
    assert scope.route(("item", "name")) == ("spec", "list", 0, "name")
    assert scope.route(("pod", "containers")) == ("spec", "template", "spec", "containers")


def test_the_environment_is_told_when_asked_for_and_once() -> None:
    asked = []

    def environment_of(one: Resource) -> EnvironmentVerdict:
        asked.append(one.address)
        return EnvironmentVerdict("dev", False, "path dev matches dev")

    one = resource("a")
    world = World(evaluated(one), environment_of)
    scope = RuleScope(one, world)
    assert scope.lookup("resource.x") is None
    assert asked == []
    assert [scope.lookup(name) for name in ("env", "nonprod")] == ["dev", True]
    assert asked == ["a.one"]


def test_an_environment_or_region_that_cannot_be_told() -> None:
    one = resource("a")
    scope = RuleScope(one, World(evaluated(one), lambda _: EnvironmentVerdict(unknown="tags are not known")))
    for name in ("env", "nonprod"):
        assert scope.lookup(name) == Unknown("tags are not known")
    assert isinstance(scope.lookup("region"), Unknown)


@pytest.mark.parametrize(
    ("value", "reason"),
    [("text", "a is text, not a mapping"), ([1], "a is a list, not a mapping"), (1, "a is a scalar, not a mapping")],
)
def test_a_way_through_a_wrong_type_is_unknown(value: Any, reason: str) -> None:
    assert reach({"a": value}, ("a", "b"), "") == Unknown(reason)


def test_values_at_enters_lists() -> None:
    values = {"a": [{"b": [{"c": 1}, {"c": None}]}, {"b": None}, {"b": Unknown("x")}]}
    assert list(values_at(values, ["a", "b", "c"])) == [1, Unknown("x")]


def test_base() -> None:
    assert [base(address) for address in ('a.b["x.y"]', "a.b[0]", "a.b", 'module.m["k"].a.b')] == [
        "a.b",
        "a.b",
        "a.b",
        'module.m["k"].a.b',
    ]


def test_masked() -> None:
    values = {"a": {"b": "secret", "c": "x"}, "list": [{"k": "secret"}, {"k": "x"}], "unset": None}
    routes: frozenset[Route] = frozenset({("a", "b"), ("list", 0), ("unset",)})
    one = Resource("terraform", "t", "t.a", PLACE, values, sensitive=routes)
    assert masked(one, values) == {
        "a": {"b": "(sensitive)", "c": "x"},
        "list": ["(sensitive)", {"k": "x"}],
        "unset": None,
    }
    assert masked(one, "secret", ("list", 0, "k")) == "(sensitive)"
    assert "secret" in str(values)
