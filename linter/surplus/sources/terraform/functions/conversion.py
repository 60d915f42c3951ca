"""Type conversion. https://developer.hashicorp.com/terraform/language/functions/tolist and its neighbours.

A tuple and a list are both Python lists here, an object and a map both dicts: `unify` converts what Terraform
would certainly convert, and leaves alone what depends on a type that the values do not show.
"""

from collections.abc import Sequence
from typing import Any

from surplus.model import Unknown
from surplus.sources.terraform.values import (
    EvaluationError,
    Set,
    make_set,
    to_bool,
    to_number,
    to_string,
    type_name,
)

PRIMITIVES = ("bool", "number", "string")


def unify(items: Sequence[Any]) -> list[Any]:
    """*items* converted to the one type that all of them convert to; nulls and unknowns stay.

    Raises `EvaluationError` when there is no such type, as for `[1, true]` or `["a", []]`.
    """
    kinds = {type_name(item) for item in items if item is not None and not isinstance(item, Unknown)}
    if len(kinds) <= 1 and kinds <= set(PRIMITIVES):
        return list(items)
    if kinds <= set(PRIMITIVES):
        if "string" not in kinds:
            raise EvaluationError("all elements must have the same type")
        return [_each_known(item, to_string) for item in items]
    known = [item for item in items if isinstance(item, (list, dict))]
    if kinds <= {"list", "set"}:
        columns = _unify_lists(known)
    elif kinds == {"map"}:
        columns = _unify_maps(known)
    else:
        raise EvaluationError("all elements must have the same type")
    unified = iter(columns)
    return [next(unified) if isinstance(item, (list, dict)) else item for item in items]


def _each_known(item: Any, convert: Any) -> Any:
    return item if item is None or isinstance(item, Unknown) else convert(item)


def _unify_lists(lists: list[Any]) -> list[Any]:
    if len({len(items) for items in lists}) == 1 and not any(isinstance(items, Set) for items in lists):
        columns = [unify(column) for column in zip(*lists, strict=True)]
        return [[column[row] for column in columns] for row in range(len(lists))]
    flat = iter(unify([item for items in lists for item in items]))
    result: list[Any] = []
    for items in lists:
        part = [next(flat) for _ in items]
        result.append(make_set(part) if isinstance(items, Set) else part)
    return result


def _unify_maps(maps: list[Any]) -> list[Any]:
    if len({frozenset(items) for items in maps}) == 1:
        columns = {key: unify([items[key] for items in maps]) for key in maps[0]}
        return [{key: columns[key][row] for key in items} for row, items in enumerate(maps)]
    flat = iter(unify([item for items in maps for item in items.values()]))
    return [{key: next(flat) for key in items} for items in maps]


def tobool(value: Any) -> Any:
    """*value* as a bool; the strings "true" and "false" (and "1" and "0") convert."""
    if value in ("1", "0") and isinstance(value, str):
        return value == "1"
    return _each_known(value, to_bool)


def tonumber(value: Any) -> Any:
    """*value* as a number; a string converts when it spells one in decimal."""
    return _each_known(value, to_number)


def tostring(value: Any) -> Any:
    """*value* as a string; an unknown keeps its symbolic text."""
    return _each_known(value, to_string)


def tolist(value: Any) -> Any:
    """A set or tuple as a list, its elements of one type."""
    if value is None or isinstance(value, Unknown):
        return value
    if not isinstance(value, list):
        raise EvaluationError(f"a {type_name(value)} cannot become a list")
    return unify(value)


def toset(value: Any) -> Any:
    """A list or tuple as a set, its elements of one type."""
    if value is None or isinstance(value, Unknown):
        return value
    if not isinstance(value, list):
        raise EvaluationError(f"a {type_name(value)} cannot become a set")
    return make_set(unify(value))


def tomap(value: Any) -> Any:
    """An object as a map, its values of one type."""
    if value is None or isinstance(value, Unknown):
        return value
    if not isinstance(value, dict):
        raise EvaluationError(f"a {type_name(value)} cannot become a map")
    return dict(zip(value, unify(list(value.values())), strict=True))


def same(value: Any) -> Any:
    """`sensitive` and `nonsensitive`: the value itself; sensitivity is tracked beside it."""
    return value


def ephemeralasnull(value: Any) -> Any:
    """The value itself: an ephemeral one is never known here, and would become null."""
    return Unknown(value.reason) if isinstance(value, Unknown) else value
