"""Set functions. https://developer.hashicorp.com/terraform/language/functions/setunion and its neighbours."""

import itertools
import math
from typing import Any

from surplus.sources.terraform import limits
from surplus.sources.terraform.functions.conversion import unify
from surplus.sources.terraform.values import EvaluationError, Set, canonical, make_set, type_name


def setintersection(*sets: Set) -> Set:
    """The elements that all sets hold."""
    parts = _unify_sets(sets)
    marks = [{canonical(item) for item in part} for part in parts[1:]]
    return make_set(item for item in parts[0] if all(canonical(item) in part for part in marks))


def setsubtract(left: Set, right: Set) -> Set:
    """The elements of the first set that the second does not hold."""
    first, second = _unify_sets((left, right))
    marks = {canonical(item) for item in second}
    return make_set(item for item in first if canonical(item) not in marks)


def setunion(*sets: Set) -> Set:
    """The elements of all sets."""
    return make_set(itertools.chain.from_iterable(_unify_sets(sets)))


def _unify_sets(sets: tuple[Set, ...]) -> list[list[Any]]:
    unified = iter(unify([item for part in sets for item in part]))
    return [[next(unified) for _ in part] for part in sets]


def setproduct(*parts: Any) -> Any:
    """Every combination of one element from each argument; a set where one of them is a set."""
    if len(parts) < 2:
        raise EvaluationError("at least two arguments are required")
    for part in parts:
        if not isinstance(part, list):
            raise EvaluationError(f"the arguments must be sets, lists or tuples, not {type_name(part)}")
    if math.prod(map(len, parts)) > limits.MAX_ITEMS:
        return limits.exceeded("MAX_ITEMS", limits.MAX_ITEMS)
    product = [list(items) for items in itertools.product(*map(unify, parts))]
    return make_set(product) if any(isinstance(part, Set) for part in parts) else product
