"""Collection functions. https://developer.hashicorp.com/terraform/language/functions/concat and neighbours.

They keep an unknown element as the object it is, so that its identity survives.
"""

import itertools
import math
from dataclasses import replace
from decimal import Decimal
from typing import Any

from surplus.model import Unknown
from surplus.sources.terraform import limits
from surplus.sources.terraform.functions.conversion import unify
from surplus.sources.terraform.functions.numeric import EXACT, exact, number_of
from surplus.sources.terraform.functions.strings import graphemes
from surplus.sources.terraform.values import (
    EvaluationError,
    Set,
    canonical,
    contains_unknown,
    equal,
    first_unknown,
    to_bool,
    to_string,
    type_name,
)


def alltrue(items: list[Any]) -> Any:
    """Whether all elements are true; a null is not."""
    values = [item if item is None or isinstance(item, Unknown) else to_bool(item) for item in items]
    if any(value is None or value is False for value in values):
        return False
    return _unknown(first_unknown(values)) if contains_unknown(values) else True


def anytrue(items: list[Any]) -> Any:
    """Whether one element is true."""
    values = [item if item is None or isinstance(item, Unknown) else to_bool(item) for item in items]
    if any(value is True for value in values):
        return True
    return _unknown(first_unknown(values)) if contains_unknown(values) else False


def _unknown(found: Unknown | None) -> Unknown:
    return Unknown(found.reason if found else "", nullable=False)


def chunklist(items: list[Any], size: int) -> list[Any]:
    """The list cut into lists of *size*; 0 gives one that holds all."""
    if size < 0:
        raise EvaluationError("the size must not be negative")
    if not items:
        return []
    step = size or len(items)
    return [items[start : start + step] for start in range(0, len(items), step)]


def coalesce(*values: Any) -> Any:
    """The first argument that is neither null nor an empty string.

    An unknown that may be either hides what follows; a symbolic text (an identity) is neither.
    """
    if not values:
        raise EvaluationError("at least one argument is required")
    for value in unify(values):
        if isinstance(value, Unknown):
            if value.text is not None and not value.nullable:
                return value
            return _unknown(value)
        if value is not None and value != "":
            return value
    raise EvaluationError("every argument is null or an empty string")


def coalescelist(*values: Any) -> Any:
    """The first list that is not empty."""
    if not values:
        raise EvaluationError("at least one argument is required")
    for value in values:
        if value is not None and not isinstance(value, Unknown) and type_name(value) != "list":
            raise EvaluationError("the arguments must be lists or tuples")
    for value in values:
        if isinstance(value, Unknown):
            return _unknown(value)
        if value:
            return value
    raise EvaluationError("every list is null or empty")


def compact(items: list[Any]) -> list[Any]:
    """The strings of a list that are neither null nor empty."""
    return [text for item in items if item is not None and (text := to_string(item)) != ""]


def concat(*lists: Any) -> list[Any]:
    """All lists, one after the other."""
    if not lists:
        raise EvaluationError("at least one argument is required")
    for items in lists:
        if type_name(items) != "list":
            raise EvaluationError(f"all arguments must be lists or tuples, not {type_name(items)}")
    return list(itertools.chain.from_iterable(lists))


def contains(items: Any, value: Any) -> Any:
    """Whether one element equals *value*; types are not converted."""
    if isinstance(items, Unknown):
        return _unknown(items)
    if not isinstance(items, list):
        raise EvaluationError(f"a list, tuple or set is required, not {type_name(items)}")
    answers = [equal(item, value) for item in items]
    if any(answer is True for answer in answers):
        return True
    return next((_unknown(answer) for answer in answers if isinstance(answer, Unknown)), False)


def distinct(items: list[Any]) -> Any:
    """The list with only the first of equal elements; unknown where an unknown could equal another."""
    result: list[Any] = []
    seen: set[str] = set()
    if missing := first_unknown(items):
        return _distinct_symbols(items) or _unknown(missing)
    for item in items:
        if (mark := canonical(item)) not in seen:
            seen.add(mark)
            result.append(item)
    return result


def _distinct_symbols(items: list[Any]) -> list[Any] | None:
    """*items* without repeats where all are one element or one identity, else None."""
    first = items[0]
    return [first] if all(equal(first, item) is True for item in items[1:]) else None


def element(items: Any, index: int) -> Any:
    """The element at *index*, which wraps around at both ends."""
    if isinstance(items, Set) or not isinstance(items, list):
        raise EvaluationError(f"a list or tuple is required, not {type_name(items)}")
    if not items:
        raise EvaluationError("an empty list has no elements")
    return items[index % len(items)]


def flatten(items: Any) -> Any:
    """The elements of the lists within lists, at any depth.

    An unknown may be a list itself; only a symbolic one inside an inner list counts as an element.
    """
    if not isinstance(items, list):
        raise EvaluationError(f"a list, set or tuple is required, not {type_name(items)}")
    result: list[Any] = []
    todo = [iter(items)]
    while todo:
        item = next(todo[-1], todo)
        if item is todo:
            todo.pop()
        elif isinstance(item, list):
            todo.append(iter(item))
        elif isinstance(item, Unknown) and (item.text is None or len(todo) == 1):
            return _unknown(item)
        else:
            result.append(item)
        if len(result) > limits.MAX_ITEMS:
            return limits.exceeded("MAX_ITEMS", limits.MAX_ITEMS)
    return result


def index(items: Any, value: Any) -> Any:
    """The place of the first element that equals *value*."""
    if isinstance(items, Unknown):
        return _unknown(items)
    if isinstance(items, Set) or not isinstance(items, list):
        raise EvaluationError(f"a list or tuple is required, not {type_name(items)}")
    if not items:
        raise EvaluationError("an empty list cannot be searched")
    for place, item in enumerate(items):
        answer = equal(item, value)
        if isinstance(answer, Unknown):
            return _unknown(answer)
        if answer:
            return place
    raise EvaluationError("the item is not in the list")


def keys(items: Any) -> list[str]:
    """The keys of a map or object, sorted."""
    return sorted(_mapping(items))


def values(items: Any) -> list[Any]:
    """The values of a map or object, in the order of their keys."""
    return [item for _, item in sorted(_mapping(items).items())]


def _mapping(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise EvaluationError(f"a map or object is required, not {type_name(value)}")
    return value


def length(value: Any) -> Any:
    """The number of elements, or of a string's characters (grapheme clusters)."""
    if isinstance(value, str):
        return len(graphemes(value))
    if not isinstance(value, (list, dict)):
        raise EvaluationError(f"a string or collection is required, not {type_name(value)}")
    # elements of a set that are unknown may turn out to be equal
    missing = first_unknown(value) if isinstance(value, Set) else None
    if missing and (len(value) > 1 or missing.text is None):
        return _unknown(missing)
    return len(value)


def removed(*_: Any) -> Any:
    """`list` and `map`: the language has had no such functions since 0.12, and says so."""
    raise EvaluationError("the function is no longer part of the language; write [...] or {...}")


def lookup(items: Any, key: Any, *default: Any) -> Any:
    """The value at *key*, or the default. Whether a map converts the default to its type is not told."""
    if len(default) > 1:
        raise EvaluationError("two or three arguments are required")
    if isinstance(items, Unknown):
        return Unknown(items.reason)
    if isinstance(key, Unknown):
        return Unknown(key.reason)
    name = to_string(key)
    if name in _mapping(items):
        return items[name]
    if not default:
        raise EvaluationError(f'there is no "{name}", and no default is given')
    return default[0]


def matchkeys(items: list[Any], names: list[Any], wanted: list[Any]) -> list[Any]:
    """The elements whose key, at the same place of another list, is one of those wanted."""
    if len(items) != len(names):
        raise EvaluationError("the lists of keys and values must be of one length")
    if not wanted:
        return []
    unified = unify([*names, *wanted])
    marks = {canonical(value) for value in unified[len(names) :]}
    return [item for item, name in zip(items, unified, strict=False) if canonical(name) in marks]


def merge(*maps: Any) -> Any:
    """All maps in one, the later value winning; nulls are left out. What is set over an unknown map is known."""
    for part in maps:
        if part is not None and not isinstance(part, (dict, Unknown)):
            raise EvaluationError(f"the arguments must be maps or objects, not {type_name(part)}")
    result: dict[str, Any] = {}
    unknown: Unknown | None = None
    for part in maps:
        if isinstance(part, Unknown):
            unknown = unknown or part
            result = dict(part.entries)
        else:
            result.update(part or {})
    if unknown is None:
        return result
    scalars = [(key, value) for key, value in result.items() if not isinstance(value, (dict, list))]
    return replace(_unknown(unknown), entries=tuple(scalars))


def one(items: Any) -> Any:
    """The only element of a collection, or null where it is empty."""
    if not isinstance(items, list) or len(items) > 1:
        raise EvaluationError("a list, set or tuple with at most one element is required")
    return items[0] if items else None


def number_range(*numbers: int | float) -> Any:
    """`range`: the numbers from a start up to, not including, an end, by a step; at most 1,024."""
    if not 1 <= len(numbers) <= 3:
        raise EvaluationError("one, two or three numbers are required")
    start, end = (numbers[0], numbers[1]) if len(numbers) > 1 else (0, numbers[0])
    step = numbers[2] if len(numbers) == 3 else (1 if start <= end else -1)
    if len(numbers) == 2 and end < start:
        step = -1
    if start == end:
        return []
    if step == 0:
        raise EvaluationError("the step must not be zero")
    if (end > start) != (step > 0):
        raise EvaluationError("the step leads away from the end")
    first, each = exact(start), exact(step)
    count = math.ceil(EXACT.divide(EXACT.subtract(exact(end), first), each))
    if count > limits.MAX_RANGE:
        raise EvaluationError(f"it would give more than {limits.MAX_RANGE} numbers (MAX_RANGE)")
    return [number_of(EXACT.add(first, EXACT.multiply(each, Decimal(place)))) for place in range(count)]


def reverse(items: Any) -> list[Any]:
    """The elements in the opposite order."""
    if not isinstance(items, list):
        raise EvaluationError(f"a list or tuple is required, not {type_name(items)}")
    return list(reversed(items))


def slice_list(items: Any, start: int, end: int) -> list[Any]:
    """`slice`: the elements from *start* up to, not including, *end*."""
    if isinstance(items, Set) or not isinstance(items, list):
        raise EvaluationError(f"a list or tuple is required, not {type_name(items)}")
    if not 0 <= start <= end <= len(items):
        raise EvaluationError(f"{start} to {end} is not a part of a list of {len(items)}")
    return items[start:end]


def sort(items: list[Any]) -> list[str]:
    """The strings of a list in the order of their code points."""
    if any(item is None for item in items):
        raise EvaluationError("a null string cannot be sorted")
    return sorted(to_string(item) for item in items)


def transpose(items: Any) -> dict[str, list[str]]:
    """A map of lists of strings turned round: from each string to the keys that listed it."""
    result: dict[str, list[str]] = {}
    for key, names in sorted(_mapping(items).items()):
        if not isinstance(names, list) or any(name is None for name in names):
            raise EvaluationError("a map of lists of strings is required, none of them null")
        for name in names:
            result.setdefault(to_string(name), []).append(key)
    return dict(sorted(result.items()))


def zipmap(names: list[Any], items: Any) -> Any:
    """A map from each key to the value at the same place; of equal keys the last one wins."""
    if isinstance(items, Set) or not isinstance(items, list):
        raise EvaluationError("the values must be a list or tuple")
    if len(names) != len(items):
        raise EvaluationError(f"{len(names)} keys cannot be paired with {len(items)} values")
    if any(name is None for name in names):
        raise EvaluationError("a key must not be null")
    if missing := first_unknown(names):
        return _unknown(missing)
    return {to_string(name): item for name, item in zip(names, items, strict=True)}
