"""Values of the wrong type: the API refuses them, so what they were meant to be is not known."""

from collections.abc import Mapping
from typing import Any

from surplus.model import Unknown
from surplus.sources.kubernetes.types import shape_of, shapes

MOST = (1 << 31) - 1
"""The API keeps counts in 32 bits: https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/"""

_WORDS: tuple[tuple[type | tuple[type, ...], str], ...] = (
    (bool, "true or false"),
    ((int, float), "a number"),
    (str, "text"),
    (list, "a list"),
    (dict, "a mapping"),
)


def fit(type_: str, values: dict[str, Any]) -> None:
    """Replace, in place, what has another type than the table says of the kind, by an `Unknown` that says so."""
    _fit_fields(values, shape_of(type_), shapes())


def kind_of(value: Any) -> str:
    """The type of a value in words."""
    return next((word for types, word in _WORDS if isinstance(value, types)), "nothing")


def _fit_fields(values: dict[str, Any], shape: Mapping[str, Any], named: Mapping[str, Any]) -> None:
    for name, value in values.items():
        expected = shape.get(name, "any")
        if expected != "any":
            found = _fitted(name, value, expected, named)
            if found is not value:
                values[name] = found


def _fitted(name: str, value: Any, shape: Any, named: Mapping[str, Any]) -> Any:
    """*value*, or the `Unknown` that stands for it."""
    if isinstance(value, Unknown):
        return value
    if isinstance(shape, str):
        shape = named.get(shape, shape)
    if isinstance(shape, dict):
        if not isinstance(value, dict):
            return _wrong(name, value, "a mapping")
        _fit_fields(value, shape, named)
    elif isinstance(shape, list):
        if not isinstance(value, list):
            return _wrong(name, value, "a list")
        for index, item in enumerate(value):
            if item is not None:
                value[index] = _fitted(f"an item of {name}", item, shape[0], named)
    elif shape == "count":
        return _count(name, value)
    elif shape == "flag" and not isinstance(value, bool | None):
        return _wrong(name, value, "true or false")
    elif shape == "text" and not isinstance(value, str | None):
        return _wrong(name, value, "text")
    elif shape == "value" and isinstance(value, dict | list):
        return _wrong(name, value, "a single value")
    return value


def _count(name: str, value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return _wrong(name, value, "a number")
    if value != int(value):
        return Unknown(f"{name} is {value}, not a whole number")
    if not 0 <= value <= MOST:
        return Unknown(f"{name} is {value:.0f}, {'below 0' if value < 0 else f'above {MOST:,}'}")
    return value


def _wrong(name: str, value: Any, expected: str) -> Unknown:
    return Unknown(f"{name} is {kind_of(value)}, not {expected}")
