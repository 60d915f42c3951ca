"""The manifests that a workload or claim names: of several of one name the nearest."""

from collections.abc import Sequence
from typing import Any

from surplus.functions.scope import RuleScope
from surplus.model import Resource, walk
from surplus.sources.kubernetes.nearness import nearest
from surplus.sources.kubernetes.references import CLUSTER_WIDE, namespace_of


def named(scope: RuleScope, type_: str, name: Any) -> Resource | None:
    """The resource of *type_* with that name, in the same namespace where the kind has one; as changed, and noted as
    read. Unlike a relation it follows a name that a better configuration changes.
    """
    space = None if type_ in CLUSTER_WIDE else namespace_of(scope.resource)
    found = [
        one
        for one in scope.world.by_type.get(type_, ())
        if walk(one.values, ("metadata", "name")) == name and (space is None or namespace_of(one) == space)
    ]
    return near(scope, found)


def near(scope: RuleScope, found: Sequence[Resource]) -> Resource | None:
    """The nearest of some resources, as changed, and noted as read."""
    one = nearest(scope.resource, found)
    return None if one is None else scope.world.now(one)
