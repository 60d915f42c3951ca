"""Functions about the resource itself: its tags, labels, annotations, and version texts."""

import math
import re
from collections.abc import Iterator
from typing import Any

from surplus.expressions import FunctionTable, Overload, UnknownValueError
from surplus.functions.scope import SENSITIVE, RuleScope, masked, reach
from surplus.model import Resource, Route, Unknown

TAGS = ("tags", "tags_all", "labels")
"""The arguments that hold tags; Google's types call them labels."""


def tag(scope: RuleScope, key: str) -> str | None:
    """The value of a tag (labels in Google's types), with the provider's default tags; null where unset."""
    found = tag_of(scope.resource, key)
    return _hidden(scope, found, [(attribute, key) for attribute in TAGS])


def exempt(scope: RuleScope, key: str) -> bool:
    """Whether the resource has the tag by which a team takes it out of a rule, whatever its value. It counts where it
    can be seen: tags that only a plan can tell take nothing out.
    """
    for attribute in TAGS:
        values = scope.resource.values.get(attribute)
        seen = dict(values.entries) if isinstance(values, Unknown) else values
        if isinstance(seen, dict) and seen.get(key) is not None:
            return True
    blocks = scope.resource.values.get("tag")
    return isinstance(blocks, list) and any(isinstance(one, dict) and one.get("key") == key for one in blocks)


def tag_of(resource: Resource, key: str) -> str | None:
    """A resource's tag; raises `UnknownValueError` where it cannot be told."""
    for attribute in TAGS:
        found = _in_map(resource.values.get(attribute), key)
        if found is not None:
            return found
    blocks = resource.values.get("tag")
    if isinstance(blocks, Unknown):
        raise UnknownValueError(blocks.reason)
    for block in blocks if isinstance(blocks, list) else ():
        if isinstance(block, dict):
            if isinstance(block.get("key"), Unknown):
                raise UnknownValueError(block["key"].reason)
            if block.get("key") == key:
                return _text(block.get("value"))
    return None


def label(scope: RuleScope, key: str) -> str | None:
    """The value of a Kubernetes label of the resource; null where unset."""
    return _hidden(scope, label_of(scope.resource, key), [("metadata", "labels", key)])


def label_of(resource: Resource, key: str) -> str | None:
    """A resource's Kubernetes label; raises `UnknownValueError` where it cannot be told."""
    return _in_map(_metadata(resource).get("labels"), key)


def annotation(scope: RuleScope, key: str) -> str | None:
    """The value of a Kubernetes annotation of the resource; null where unset."""
    return _hidden(
        scope, _in_map(_metadata(scope.resource).get("annotations"), key), [("metadata", "annotations", key)]
    )


def pod_annotation(scope: RuleScope, key: str) -> str | None:
    """The value of an annotation of a workload's pods; null where unset."""
    route: Route = (*scope.pod[:-1], "metadata", "annotations")
    found = _in_map(reach(scope.values, route, ""), key)
    return _hidden(scope, found, [(*route, key)])


def _hidden(scope: RuleScope, found: str | None, routes: list[Route]) -> str | None:
    """A message does not print what is sensitive."""
    if found is None or not scope.hide_sensitive:
        return found
    return SENSITIVE if any(masked(scope.resource, found, route) == SENSITIVE for route in routes) else found


def _metadata(resource: Resource) -> dict[str, Any]:
    metadata = resource.values.get("metadata")
    if isinstance(metadata, Unknown):
        raise UnknownValueError(metadata.reason)
    return metadata if isinstance(metadata, dict) else {}


def _in_map(values: Any, key: str) -> str | None:
    if isinstance(values, Unknown):
        entries = dict(values.entries)
        if key not in entries:
            raise UnknownValueError(values.reason)
        values = entries
    return _text(values.get(key)) if isinstance(values, dict) else None


def _text(value: Any) -> str | None:
    if isinstance(value, Unknown):
        if value.text is not None:
            return value.text
        raise UnknownValueError(value.reason)
    return None if value is None else str(value)


def written(scope: RuleScope, path: str) -> bool:
    """Whether the configuration sets the attribute at a dotted path: a default does not count."""
    route = tuple(path.split("."))
    value = reach(scope.resource.values, route, "")
    if isinstance(value, Unknown):
        if value.nullable:
            raise UnknownValueError(value.reason)
        return True
    return value is not None and route not in scope.resource.defaulted


def known(scope: RuleScope, path: str) -> bool:
    """Whether the value at a dotted path is known, or known to be unset."""
    return not isinstance(reach(scope.resource.values, tuple(path.split(".")), ""), Unknown)


def literal(scope: RuleScope, path: str) -> bool:
    """Whether every value at a path (`resource.x`, `item.x`, or a short name; lists entered) is written as a literal:
    none comes from a variable, or is chosen by a condition.
    """
    parts = scope.names.get(path) or tuple(path.split("."))
    value, start = (scope.item, scope.item_route) if parts[0] == "item" else (scope.resource.values, ())
    return all(scope.world.evaluated.literal(scope.resource, route) for route in _routes(value, parts[1:], start))


def _routes(value: Any, path: Route, route: Route) -> Iterator[Route]:
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from _routes(item, path, (*route, index))
    elif not path:
        yield route
    elif isinstance(value, dict):
        yield from _routes(value.get(path[0]), path[1:], (*route, path[0]))


def count(scope: RuleScope, route: str) -> float:
    """How many items the list or map at a dotted route of this resource has, in lists on the way of all their items
    together; 0 where it is unset.
    """
    return float(_count(scope.values, route.split(".")))


def _count(value: Any, path: list[str]) -> int:
    if isinstance(value, Unknown):
        raise UnknownValueError(value.reason)
    if not path:
        return len(value) if isinstance(value, (list, dict)) else 0
    if isinstance(value, list):
        return sum(_count(item, path) for item in value)
    if value is not None and not isinstance(value, dict):
        raise UnknownValueError(f"what should hold {path[0]} is not a mapping")
    return _count(value.get(path[0]), path[1:]) if value is not None else 0


def version(_: RuleScope, text: str) -> list[float]:
    """The numbers of a version text, in order: "8.0.36" gives [8, 0, 36]."""
    return [float(part) for part in re.findall(r"\d+", text)]


def total(_: RuleScope, numbers: list[Any]) -> float:
    """The sum of a list of numbers; a null in it counts as nothing."""
    for one in numbers:
        if one is not None and (isinstance(one, bool) or not isinstance(one, int | float)):
            raise UnknownValueError(f"{one!r} is not a number")
    return math.fsum(one for one in numbers if one is not None)


def unknown(_: RuleScope, reason: str) -> None:
    """A value that is not known, and why."""
    raise UnknownValueError(reason)


FUNCTIONS: FunctionTable = {
    "annotation": (Overload(("string",), annotation),),
    "count": (Overload(("string",), count),),
    "exempt": (Overload(("string",), exempt),),
    "known": (Overload(("string",), known),),
    "literal": (Overload(("string",), literal),),
    "pod_annotation": (Overload(("string",), pod_annotation),),
    "label": (Overload(("string",), label),),
    "sum": (Overload(("list",), total),),
    "unknown": (Overload(("string",), unknown),),
    "tag": (Overload(("string",), tag),),
    "written": (Overload(("string",), written),),
    "version": (Overload(("string",), version), Overload(("null",), lambda _, __: None)),
}
