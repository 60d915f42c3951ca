"""The manifests that a workload or claim names: of several of one name the nearest, as far as those agree."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from surplus.expressions import UnknownValueError
from surplus.functions.scope import RuleScope
from surplus.model import Resource, Unknown
from surplus.sources.kubernetes.nearness import all_nearest

Read = TypeVar("Read")


def named(scope: RuleScope, type_: str, name: Any) -> Resource | None:
    """The resource of *type_* with that name, in the same namespace where the kind has one; as changed, and noted as
    read. Unlike a relation it follows a name that a better configuration changes.
    """
    text = name.text if isinstance(name, Unknown) else name
    return near(scope, scope.world.relations.named(scope.resource, type_, str(text)) if text is not None else ())


def near(scope: RuleScope, found: Sequence[Resource]) -> Resource | None:
    """The nearest of some resources, as changed, and noted as read. Not decided where several are equally near and say
    different things.
    """
    best = all_nearest(scope.resource, found)
    agreed(best, _said)
    return scope.world.now(best[0]) if best else None


def agreed(found: Sequence[Resource], read: Callable[[Resource], Read]) -> Read | None:
    """What *read* makes of resources that are equally near, None where there are none; not decided where it is not the
    same for all: nothing says which of them is applied together with what asks.
    """
    results = [read(one) for one in found]
    for one, result in zip(found, results, strict=True):
        if result != results[0]:
            raise UnknownValueError(_disagreement(found[0], one))
    return results[0] if results else None


def agreed_record(found: Sequence[Resource], read: Callable[[Resource], dict[str, Any]]) -> dict[str, Any] | None:
    """The same for each field of a record: one that differs is an unknown."""
    records = [read(one) for one in found]
    if not records:
        return None
    differing = {
        key: Unknown(_disagreement(found[0], one))
        for one, record in reversed(list(zip(found, records, strict=True)))
        for key, value in record.items()
        if value != records[0][key]
    }
    return {**records[0], **differing}


def _disagreement(one: Resource, other: Resource) -> str:
    first, second = (f"{each.location.path}:{each.location.span.line}" for each in (one, other))
    return f"{first} and {second} are equally near, and say different things"


def _said(resource: Resource) -> dict[str, Any]:
    return {key: value for key, value in resource.values.items() if key not in ("apiVersion", "metadata")}
