import json
from dataclasses import replace
from typing import Any

import pytest

from support import evaluated
from surplus.expressions import UnknownValueError
from surplus.functions.clusters import MOST, beside
from surplus.functions.scope import EnvironmentVerdict, RuleScope, World
from surplus.model import Resource, Root, Unknown
from surplus.sources.kubernetes.manifests import read_manifests

MANIFESTS = Root(".", "manifests", key=".")


def service(name: str, path: str = "k8s/all.yaml", /, **spec: Any) -> Resource:
    annotations = spec.pop("annotations", {})
    spec = {"type": "LoadBalancer", **spec}
    made = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name, "annotations": annotations}, "spec": spec}
    return read_manifests(json.dumps(made), path).resources[0]


def untold(one: Resource) -> Resource:
    """The Service with a type that nothing tells."""
    return replace(one, values={**one.values, "spec": {"type": Unknown("no value")}})


def names(scope: RuleScope, paths: list[Any] | None = None) -> list[str]:
    return [one["metadata"]["name"] for one in beside(scope, "Service", paths)]


def test_the_others_of_a_kind_in_one_cluster() -> None:
    one, *others = [service(name) for name in "abc"]
    elsewhere = service("d", "other/all.yaml")
    world = World(evaluated(one, *others, elsewhere, root=MANIFESTS))
    assert names(RuleScope(one, world)) == ["b", "c"]
    assert names(RuleScope(elsewhere, world)) == []


def test_with_equal_values() -> None:
    inner = {"x.io/scheme": "internal"}
    one, two = service("a", annotations=inner), service("b", annotations=inner)
    others = [service("c"), service("d", annotations={"x.io/scheme": "public"}), service("e", type="ClusterIP")]
    world = World(evaluated(one, two, *others, root=MANIFESTS))
    assert names(RuleScope(one, world), ["x.io/scheme", "spec.type"]) == ["b"]
    assert names(RuleScope(one, world), ["spec.type"]) == ["b", "c", "d"]
    assert names(RuleScope(others[0], world), ["x.io/scheme"]) == ["e"]


def test_another_environment_is_another_place() -> None:
    one, two = service("a"), service("b-dev")

    def told(resource: Resource) -> EnvironmentVerdict:
        return EnvironmentVerdict("dev" if "dev" in resource.address else None)

    assert names(RuleScope(one, World(evaluated(one, two, root=MANIFESTS), told))) == []


def test_what_is_not_known() -> None:
    one, other = service("a"), untold(service("b"))
    world = World(evaluated(one, other, root=MANIFESTS))
    scope = RuleScope(one, world)
    assert names(scope, ["spec.type"]) == []
    assert scope.maybe == "Service/b: no value"
    assert names(RuleScope(one, world, include=True), ["spec.type"]) == ["b"]
    with pytest.raises(UnknownValueError, match="no value"):
        beside(RuleScope(other, world), "Service", ["spec.type"])


def test_no_more_than_so_many() -> None:
    many = [service(f"s{number:03}") for number in range(3 * MOST)]
    world = World(evaluated(*many, root=MANIFESTS))
    assert names(RuleScope(many[-1], world)) == [f"s{number:03}" for number in range(MOST)]
