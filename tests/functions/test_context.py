from dataclasses import replace
from typing import Any

import pytest

from support import PLACE, evaluated, resource
from surplus.expressions import UnknownValueError
from surplus.functions.context import (
    annotation,
    count,
    exempt,
    known,
    label,
    literal,
    pod_annotation,
    tag,
    total,
    version,
    written,
)
from surplus.functions.scope import RuleScope, World
from surplus.model import Resource, Route, Unknown


def scope_of(one: Resource, hide: bool = False) -> RuleScope:
    return RuleScope(one, World(evaluated(one)), hide_sensitive=hide)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"tags": {"team": "a"}}, "a"),
        ({"tags": {"other": "a"}, "tags_all": {"team": "b"}}, "b"),
        ({"labels": {"team": "c"}}, "c"),
        ({"tag": [{"key": "other", "value": "x"}, {"key": "team", "value": "d"}]}, "d"),
        ({"tags": {"team": 1}}, "1"),
        ({"tags": {"team": "a", "other": Unknown("no")}}, "a"),
        ({"tags": {"team": None}}, None),
        ({"tags": Unknown("no", entries=(("team", "e"),))}, "e"),
        ({}, None),
    ],
)
def test_tag(values: dict[str, Any], expected: str | None) -> None:
    assert tag(scope_of(resource("aws_instance", **values)), "team") == expected


@pytest.mark.parametrize(
    "values",
    [
        {"tags": Unknown("no value")},
        {"tags": Unknown("no value", entries=(("other", "e"),))},
        {"tags": {"team": Unknown("no value")}},
        {"tag": Unknown("no value")},
        {"tag": [{"key": Unknown("no value"), "value": "x"}]},
    ],
)
def test_a_tag_that_cannot_be_told(values: dict[str, Any]) -> None:
    with pytest.raises(UnknownValueError, match="no value"):
        tag(scope_of(resource("aws_instance", **values)), "team")


def test_labels_and_annotations() -> None:
    metadata = {"labels": {"app": "api"}, "annotations": {"note": "x"}}
    scope = scope_of(resource("Deployment", metadata=metadata))
    assert (label(scope, "app"), label(scope, "no"), annotation(scope, "note"), annotation(scope, "no")) == (
        "api",
        None,
        "x",
        None,
    )
    assert label(scope_of(resource("Deployment")), "app") is None


def test_annotations_of_pods() -> None:
    template = {"metadata": {"annotations": {"note": "x", "count": 2}}, "spec": {}}
    one = resource("CronJob", spec={"jobTemplate": {"spec": {"template": template}}})
    scope = RuleScope(one, World(evaluated(one)), pod=("spec", "jobTemplate", "spec", "template", "spec"))
    assert [pod_annotation(scope, key) for key in ("note", "count", "no")] == ["x", "2", None]
    pod = resource("Pod", metadata={"annotations": {"note": Unknown("no value")}}, spec={})
    with pytest.raises(UnknownValueError, match="no value"):
        pod_annotation(RuleScope(pod, World(evaluated(pod)), pod=("spec",)), "note")


def test_unknown_metadata() -> None:
    for function in (label, annotation):
        with pytest.raises(UnknownValueError, match="no value"):
            function(scope_of(resource("Deployment", metadata=Unknown("no value"))), "app")


@pytest.mark.parametrize(
    "values",
    [
        {"tags": Unknown("no value")},
        {"tag": Unknown("no value")},
        {"tag": [{"key": Unknown("no value"), "value": "x"}]},
    ],
)
def test_an_exemption_that_nobody_can_see_is_none(values: dict[str, Any]) -> None:
    scope = scope_of(resource("aws_instance", **values))
    assert exempt(scope, "keep") is False
    with pytest.raises(UnknownValueError):
        tag(scope, "keep")


def test_an_exemption_counts_whatever_its_value() -> None:
    assert exempt(scope_of(resource("aws_instance", tags={"keep": Unknown("no value")})), "keep")
    assert exempt(scope_of(resource("aws_instance", tags={"other": "x"}, tags_all={"keep": ""})), "keep")
    assert exempt(scope_of(resource("aws_instance", tags=Unknown("merged", entries=(("keep", "yes"),)))), "keep")
    assert exempt(scope_of(resource("aws_autoscaling_group", tag=[{"key": "keep", "value": "x"}])), "keep")
    assert not exempt(scope_of(resource("aws_instance", tags={"other": "keep"}, tag=[])), "keep")


def test_a_sensitive_tag_is_not_printed() -> None:
    values = {"tags": {"team": "hunter2"}}
    one = Resource("terraform", "aws_instance", "a.b", PLACE, values, sensitive=frozenset({("tags",)}))
    assert tag(scope_of(one), "team") == "hunter2"
    assert tag(scope_of(one, hide=True), "team") == "(sensitive)"


def test_written() -> None:
    values = {"size": 1, "type": "gp2", "unset": None, "computed": Unknown("", "⟨a.b.c⟩", nullable=False)}
    one = Resource("terraform", "aws_ebs_volume", "a.b", PLACE, values, defaulted=frozenset({("type",)}))
    assert [written(scope_of(one), name) for name in values] == [True, False, False, True]
    with pytest.raises(UnknownValueError, match="no value"):
        written(scope_of(resource("aws_ebs_volume", size=Unknown("no value"))), "size")


def test_known() -> None:
    scope = scope_of(resource("a", b=Unknown("no"), c={"d": None}))
    assert [known(scope, path) for path in ("b", "b.c", "c.d", "e")] == [False, False, True, True]


def test_version() -> None:
    assert version(scope_of(resource("a")), "8.0.36-rds.1") == [8.0, 0.0, 36.0, 1.0]


def test_the_sum_of_numbers() -> None:
    scope = scope_of(resource("a"))
    assert total(scope, []) == 0.0
    assert total(scope, [1.5, None, 2]) == 3.5
    for wrong in ("2", True, [1.0]):
        with pytest.raises(UnknownValueError, match="is not a number"):
            total(scope, [1.0, wrong])


def test_literal_asks_for_every_value_at_a_path() -> None:
    one = resource("a", rule=[{"on": True}, {"on": False}, {"on": None}], size=1)
    asked: list[Route] = []

    def answer(_: Resource, route: Route) -> bool:
        asked.append(route)
        return route != ("rule", 1, "on")

    world = World(replace(evaluated(one), literal=answer))
    scope = RuleScope(one, world, names={"switch": ("item", "on")}, item={"on": True}, item_route=("rule", 0))
    assert literal(scope, "resource.size")
    assert literal(scope, "switch")
    assert literal(scope, "item.on")
    assert not literal(scope, "resource.rule.on")
    assert asked == [("size",), ("rule", 0, "on"), ("rule", 0, "on"), ("rule", 0, "on"), ("rule", 1, "on")]


def test_count_looks_inside_what_holds_unknowns() -> None:
    one = resource("aws_eip", tags={"a": Unknown("")}, items=[1, Unknown("")], deep={"list": [1]}, gone=Unknown("why"))
    scope = scope_of(one)
    assert [count(scope, name) for name in ("tags", "items", "deep.list", "nothing", "nothing.at.all")] == [
        1.0,
        2.0,
        1.0,
        0.0,
        0.0,
    ]
    with pytest.raises(UnknownValueError, match="why"):
        count(scope, "gone")
