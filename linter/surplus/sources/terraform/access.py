"""Steps into a value: attributes, indexes, elements. A step into an unknown value is unknown."""

from collections.abc import Iterator
from typing import Any

from surplus.model import Unknown
from surplus.sources.terraform.values import (
    EvaluationError,
    Set,
    equal,
    key_value,
    normal,
    symbolic_key,
    to_number,
    to_string,
    type_name,
)


class Lookup(Unknown):
    """An object whose attributes are found on demand: a resource instance, a module instance."""

    __slots__ = ()

    def attribute(self, name: str) -> Any:
        """The value of one attribute; raises `EvaluationError` when there is none."""
        raise NotImplementedError


def attribute(value: Any, name: str) -> Any:
    """`value.name`."""
    if isinstance(value, dict):
        return _member(value, name, "attribute")
    if isinstance(value, Lookup):
        return value.attribute(name)
    if isinstance(value, Unknown):
        return below(value, f".{name}")
    raise EvaluationError(f'{type_name(value)} has no attribute "{name}"')


def index(value: Any, key: Any) -> Any:
    """`value[key]`."""
    if isinstance(key, Unknown):
        return below(value, "[*]", key.reason) if isinstance(value, Unknown) else _some_element(value, key)
    if isinstance(value, Set):
        raise EvaluationError("a set has no indexes")
    if isinstance(value, list):
        position = normal(to_number(key))
        if not isinstance(position, int) or not 0 <= position < len(value):
            raise EvaluationError(f"index {to_string(key)} is outside a list of {len(value)}")
        return value[position]
    if isinstance(value, dict):
        return _member(value, to_string(key), "key")
    if isinstance(value, Lookup):
        return value.attribute(to_string(key))
    if isinstance(value, Unknown):
        return below(value, f"[{to_string(key)}]")
    raise EvaluationError(f"{type_name(value)} has no indexes")


def _member(value: dict[str, Any], name: str, what: str) -> Any:
    if name in value:
        return value[name]
    if (symbolic := symbolic_key(value)) is not None:
        return Unknown(symbolic.reason)
    raise EvaluationError(f'there is no {what} "{name}"')


def below(value: Unknown, step: str, reason: str | None = None) -> Unknown:
    """Part of an unknown value; a computed attribute's text grows by the step, so that it equals itself."""
    text = value.text
    if text is not None and text.startswith("⟨") and text.endswith("⟩") and text.count("⟨") == 1:
        return Unknown(reason or value.reason, f"{text[:-1]}{step}⟩")
    return Unknown(reason or value.reason)


def _some_element(value: Any, key: Unknown) -> Any:
    """An element at an unknown index: the value itself where all elements are the same."""
    items = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []
    if items and all(equal(items[0], item) is True for item in items[1:]):
        return items[0]
    return Unknown(key.reason)


def elements(value: Any) -> Iterator[tuple[Any, Any]]:
    """Keys and values in the order in which `for` meets them."""
    if isinstance(value, dict):
        return iter([(key_value(key), value[key]) for key in sorted(value)])
    if isinstance(value, Set):
        return iter((item, item) for item in value)
    if isinstance(value, list):
        return iter(enumerate(value))
    raise EvaluationError(f"{type_name(value)} cannot be iterated")
