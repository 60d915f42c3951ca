"""Terraform's values in Python, and its conversions between primitive types.

null is None; bool, str, list (list and tuple) and dict (map and object) are themselves; a number is an int,
or a float where it has a fraction; a set is a `Set`. `Unknown` may stand anywhere. Source of the rules:
https://developer.hashicorp.com/terraform/language/expressions/types#type-conversion
"""

import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from surplus.model import Unknown
from surplus.sources.terraform.limits import MAX_VALUE_DEPTH, MAX_VALUE_PARTS


class EvaluationError(Exception):
    """Terraform would stop here with an error; `try` and `can` see it, anything else becomes unknown."""


class Set(list[Any]):
    """A set: no element twice, sorted as Terraform iterates it."""

    __slots__ = ()


class SymbolicKey(str):
    """A key of a map that is, or contains, a computed attribute: its symbolic text. It may equal another key."""

    __slots__ = ("unknown",)
    unknown: Unknown

    @classmethod
    def of(cls, unknown: Unknown) -> "SymbolicKey":
        """The key that an `Unknown` with a text makes."""
        key = cls(unknown.text)
        key.unknown = unknown
        return key


def key_value(key: Any) -> Any:
    """A map's key as expressions see it: unknown where it is symbolic."""
    return key.unknown if isinstance(key, SymbolicKey) else key


def symbolic_key(value: dict[str, Any]) -> Unknown | None:
    """The first key of *value* that is not known yet, and so may equal any other."""
    return next((key.unknown for key in value if isinstance(key, SymbolicKey)), None)


def make_set(items: Iterable[Any]) -> Set:
    """A `Set` of *items*: equal ones once, known ones in Terraform's order, then unknown ones."""
    known: list[Any] = []
    unknown: list[Any] = []
    seen: set[str] = set()
    for item in items:
        if contains_unknown(item):
            if item not in unknown:
                unknown.append(item)
        elif (mark := canonical(item)) not in seen:
            seen.add(mark)
            known.append(item)
    known.sort(key=set_order)
    return Set(known + unknown)


def canonical(value: Any) -> str:
    """Text that is equal exactly for values that Terraform calls equal (of known values)."""
    if isinstance(value, dict):
        return "{" + ",".join(f"{key!r}:{canonical(value[key])}" for key in sorted(value)) + "}"
    if isinstance(value, list):
        return "[" + ",".join(canonical(item) for item in value) + "]"
    if isinstance(value, bool) or value is None:
        return str(value)
    if isinstance(value, (int, float)):
        return f"n{number_text(value)}"
    return repr(value)


def set_order(value: Any) -> tuple[int, Any]:
    """Sort key inside a set: strings by code point, numbers by size, false before true."""
    if isinstance(value, str):
        return 2, value
    if isinstance(value, bool):
        return 0, value
    if isinstance(value, (int, float)):
        return 1, value
    return 3, canonical(value)


def contains_unknown(value: Any) -> bool:
    """Whether *value* is unknown or holds an unknown at any depth."""
    return first_unknown(value) is not None


def first_unknown(value: Any) -> Unknown | None:
    """The first `Unknown` at any depth of *value*, its keys included, or None."""
    pending: list[Any] = [value]
    while pending:
        part = pending.pop()
        if isinstance(part, Unknown):
            return part
        if isinstance(part, dict):
            if (key := symbolic_key(part)) is not None:
                return key
            pending.extend(reversed(part.values()))
        elif isinstance(part, list):
            pending.extend(reversed(part))
    return None


def excess(value: Any) -> str | None:
    """The name of the bound of `limits` that *value* passes, by its depth or by all it holds; else None."""
    level: list[Any] = [value]
    parts = 0
    for _ in range(MAX_VALUE_DEPTH):
        below: list[Any] = []
        for part in level:
            if isinstance(part, dict):
                below.extend(part.values())
            elif isinstance(part, list):
                below.extend(part)
            if len(below) > MAX_VALUE_PARTS:
                return "MAX_VALUE_PARTS"
        if not below:
            return None
        parts += len(below)
        if parts > MAX_VALUE_PARTS:
            return "MAX_VALUE_PARTS"
        level = below
    return "MAX_VALUE_DEPTH"


def type_name(value: Any) -> str:
    """The word Terraform's messages use for the type of *value*."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, (int, float)):
        return "number"
    if isinstance(value, str):
        return "string"
    if isinstance(value, Set):
        return "set"
    if isinstance(value, list):
        return "list"
    if isinstance(value, dict):
        return "map"
    return "unknown"


def number_text(value: int | float) -> str:
    """A number as Terraform prints it: no exponent, no trailing zeros."""
    if isinstance(value, float):
        if value.is_integer():
            value = int(Decimal(repr(value)))
        else:
            return format(Decimal(repr(value)), "f")
    return str(value)


def to_string(value: Any) -> str:
    """*value* converted to string; raises `EvaluationError` for null and collections."""
    if isinstance(value, str):
        return value
    if value is True:
        return "true"
    if value is False:
        return "false"
    if isinstance(value, (int, float)):
        return number_text(value)
    raise EvaluationError(f"a string is required, not {type_name(value)}")


NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)


def parse_number(text: str) -> int | float:
    """The number that *text* spells; raises `EvaluationError` when it spells none."""
    if not NUMBER.fullmatch(text):
        raise EvaluationError("a number is required, and this text does not spell one")
    try:
        return int(text)
    except ValueError:
        return normal(float(text))


def to_number(value: Any) -> int | float:
    """*value* converted to number; raises `EvaluationError` where Terraform does."""
    if isinstance(value, bool):
        raise EvaluationError("a number is required, not bool")
    if isinstance(value, (int, float)):
        return value
    if isinstance(value, str):
        return parse_number(value)
    raise EvaluationError(f"a number is required, not {type_name(value)}")


def normal(number: int | float) -> int | float:
    """An int where *number* has no fraction, so that 2.0 and 2 are one value."""
    if isinstance(number, float) and number.is_integer() and abs(number) < 1e300:
        return int(Decimal(repr(number)))  # the digits that were written, not those of the binary fraction
    return number


def to_bool(value: Any) -> bool:
    """*value* converted to bool; raises `EvaluationError` where Terraform does."""
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value in ("true", "1"):
        return True
    if isinstance(value, str) and value in ("false", "0"):
        return False
    raise EvaluationError(f"a bool is required, not {type_name(value)}")


def equal(left: Any, right: Any) -> bool | Unknown:
    """Terraform's `==`: values of different types differ; unknown where an unknown could decide."""
    if isinstance(left, Unknown) or isinstance(right, Unknown):
        return _equal_unknown(left, right)
    if left is None or right is None:
        return left is right
    if isinstance(left, dict) and isinstance(right, dict):
        if left.keys() != right.keys():
            symbolic = symbolic_key(left) or symbolic_key(right)
            return Unknown(symbolic.reason, nullable=False) if symbolic and len(left) == len(right) else False
        return _all_equal((left[key], right[key]) for key in left)
    if isinstance(left, list) and isinstance(right, list):
        if isinstance(left, Set) != isinstance(right, Set):
            return False
        if isinstance(left, Set) and (unknown := first_unknown([left, right])) is not None:
            alike = len(left) == len(right) and _all_equal(zip(left, right, strict=True)) is True
            return alike or Unknown(unknown.reason, nullable=False)
        if len(left) != len(right):
            return False
        return _all_equal(zip(left, right, strict=True))
    if isinstance(left, bool) != isinstance(right, bool):
        return False
    if isinstance(left, (int, float)) and isinstance(right, (int, float)):
        return left == right
    return type(left) is type(right) and bool(left == right)


def _equal_unknown(left: Any, right: Any) -> bool | Unknown:
    unknown, other = (left, right) if isinstance(left, Unknown) else (right, left)
    if other is None and not unknown.nullable:
        return False
    if isinstance(other, Unknown) and unknown.text is not None and unknown.text == other.text:
        return True
    if isinstance(other, str) and not other.endswith(unknown.ends):
        return False
    outcomes = [equal(choice, other) for choice in unknown.choices]
    if outcomes and all(outcome is outcomes[0] for outcome in outcomes) and isinstance(outcomes[0], bool):
        return outcomes[0]
    return Unknown(unknown.reason, nullable=False)


def _all_equal(pairs: Iterable[tuple[Any, Any]]) -> bool | Unknown:
    result: bool | Unknown = True
    for one, other in pairs:
        same = equal(one, other)
        if same is False:
            return False
        if isinstance(same, Unknown):
            result = same
    return result
