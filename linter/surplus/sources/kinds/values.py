"""Values of a `kubernetes_*` resource as a manifest has them, and routes from the one to the other."""

from collections.abc import Iterator, Mapping
from typing import Any

from surplus.model import Route, Unknown
from surplus.sources.kinds.names import camel, listed, snake
from surplus.sources.kinds.tables import IGNORED, INLINE, MAPS, NUMBERS, ONCE_BLOCKS
from surplus.sources.terraform.values import number_text

LIST, BLOCK, MAP, INLINED, PLAIN = "list", "block", "map", "inline", "plain"


def manifest_values(block: Mapping[str, Any], parent: str = "") -> dict[str, Any]:
    """The arguments and blocks of *block*, which stands in the block *parent*, by their names in Kubernetes."""
    found: dict[str, Any] = {}
    for name, value in block.items():
        if not _is_there(parent, name, value):
            continue
        shape, called = _shape(parent, name, value)
        if shape == LIST:
            items = value if isinstance(value, list) else [value]
            found[called] = [manifest_values(item, name) if isinstance(item, dict) else item for item in items]
        elif shape == PLAIN:
            found[called] = _scalar(name, value)
        else:
            inner = _only(value)
            if shape == INLINED:
                found.update(manifest_values(inner, parent))
            else:
                found[called] = _map(inner) if shape == MAP else manifest_values(inner, name)
    return found


def _is_there(parent: str, name: str, value: Any) -> bool:
    """Whether an argument is set, and belongs to the object."""
    if value is None or value == [] or f"{parent}.{name}" in IGNORED:
        return False
    return bool(parent) or not name.startswith("wait_for_")


def _shape(parent: str, name: str, value: Any) -> tuple[str, str]:
    """What a value is in Kubernetes, and how it is called there. In JSON syntax one block is an object."""
    first = value[0] if isinstance(value, list) else value
    if (called := listed(parent, name)) and isinstance(first, dict | Unknown | None):
        return (PLAIN if isinstance(value, Unknown) else LIST), called
    blocks = isinstance(first, dict) or first is None
    if not blocks:
        return PLAIN, camel(name)
    if name in INLINE:
        return INLINED, ""
    # A selector is a map, or a block that holds one; in JSON both are objects.
    nested = any(isinstance(one, (dict, list)) for one in _only(value).values())
    is_map = name in MAPS and not nested and (isinstance(value, dict) or name in ONCE_BLOCKS)
    return (MAP if is_map else BLOCK), camel(name)


def _only(value: Any) -> dict[str, Any]:
    inner = value[0] if isinstance(value, list) else value
    return inner if isinstance(inner, dict) else {}


def _map(values: Mapping[str, Any]) -> dict[str, Any]:
    """A map of texts, as the provider hands it on."""
    return {key: _text(value) for key, value in values.items() if value is not None}


def _text(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    return number_text(value) if isinstance(value, int | float) else value


def _scalar(name: str, value: Any) -> Any:
    """A number that is kept as text, as a number."""
    if isinstance(value, str) and NUMBERS.fullmatch(name) and value.isascii() and value.removeprefix("-").isdigit():
        return int(value)
    return value


def terraform_route(block: Mapping[str, Any], route: Route, parent: str = "") -> Route:
    """Where the value at *route* of the manifest is in the resource *block*; what is not written is named as it would
    be.
    """
    if not route:
        return ()
    for before, name, value, shape in _places(block, parent, str(route[0])):
        rest = route[1:]
        if shape == MAP:
            return (*before, name, *((0,) if isinstance(value, list) else ()), *rest)
        if shape == PLAIN:
            return (*before, name, *rest)
        index = 0
        if shape == LIST:
            if not rest or not isinstance(rest[0], int):
                return (*before, name)
            index, rest = rest[0], rest[1:]
        if not rest:
            return (*before, name, *((index,) if shape == LIST else ()))
        items = value if isinstance(value, list) else [value]
        inner = items[index] if index < len(items) else None
        if not isinstance(inner, dict):
            return (*before, name, index)
        return (*before, name, index, *terraform_route(inner, rest, name))
    names: list[str | int] = []
    for part in route:
        parent, part = (parent, part) if isinstance(part, int) else (snake(parent, part),) * 2
        names.append(part)
    return tuple(names)


def _places(block: Mapping[str, Any], parent: str, called: str) -> Iterator[tuple[Route, str, Any, str]]:
    """What has this name in the manifest: the blocks around it, its own name, its value and shape."""
    for name, value in block.items():
        if not _is_there(parent, name, value):
            continue
        shape, own = _shape(parent, name, value)
        if own == called:
            yield (), name, value, shape
        elif shape == INLINED:
            for before, inner, found, kind in _places(_only(value), parent, called):
                yield (name, 0, *before), inner, found, kind


def manifest_route(block: Mapping[str, Any], route: Route, parent: str = "") -> Route | None:
    """Where the value at *route* of the resource is in the manifest; None for what is no part of it."""
    if not route:
        return ()
    name, rest = str(route[0]), route[1:]
    value = block.get(name)
    if not _is_there(parent, name, value):
        return None
    shape, called = _shape(parent, name, value)
    if shape == PLAIN:
        return (called, *rest)
    index = rest[0] if isinstance(value, list) and rest and isinstance(rest[0], int) else 0
    if isinstance(value, list):
        rest = rest[1:]
    head: Route = () if shape == INLINED else (called,)
    if shape == MAP:
        return (*head, *rest)
    items = value if isinstance(value, list) else [value]
    inner = items[index] if index < len(items) else None
    if shape == LIST and route[1:]:
        head = (*head, index)
    below = manifest_route(inner, rest, parent if shape == INLINED else name) if isinstance(inner, dict) else rest
    return None if below is None else (*head, *below)


def manifest_names(dotted: str) -> str:
    """`spec.template.spec.container` without indexes, as `ignore_changes` names it, in the words of Kubernetes."""
    found: list[str] = []
    parent, names = "", dotted.split(".")
    for at, name in enumerate(names):
        if name not in INLINE:
            found.append(listed(parent, name) or camel(name))
        if name in MAPS and not {"match_labels", "match_expressions"}.intersection(names[at + 1 :]):
            return ".".join((*found, *names[at + 1 :]))
        parent = name
    return ".".join(found)
