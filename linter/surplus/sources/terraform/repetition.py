"""`count` and `for_each`: how many instances a resource, data source or module call has, and their scopes."""

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from surplus.model import Unknown
from surplus.sources.terraform.limits import MAX_INSTANCES
from surplus.sources.terraform.modules import Body, Placed
from surplus.sources.terraform.scopes import ModuleScope, Origin
from surplus.sources.terraform.values import EvaluationError, Set, key_value, normal, to_number, type_name

if TYPE_CHECKING:
    from surplus.sources.terraform.evaluate import Module

SOME = "*"
"""The key of the one instance that stands for an unknown number of them."""


@dataclass(frozen=True, slots=True)
class Repetition:
    """The instances of a block. `kind` is one, count, for_each or unknown; keys and their scopes belong together.

    An unknown number has one representative; with `optional` there may be none.
    """

    kind: str
    instances: tuple[tuple[Any, ModuleScope], ...]
    reason: str = ""
    optional: bool = False


def repetition_of(module: "Module", body: Body) -> Repetition:
    """The instances of a block of *module*."""
    if (count := body.expression("count")) is not None:
        return _count(module, count)
    if (each := body.expression("for_each")) is not None:
        return _for_each(module, each)
    return Repetition("one", ((None, module.scope),))


def unknown_number(module: "Module", reason: str, each: Placed | None = None, optional: bool = True) -> Repetition:
    """One representative of an unknown number of instances; what tells them apart is unknown in it."""
    value = Unknown(reason, nullable=False)
    scope = module.scope.child({"count": {"index": value}, "each": {"key": value, "value": Unknown(reason)}})
    if each is not None:
        scope = module.scope.repeated("each", value, Unknown(reason), Origin(each, module.scope, SOME))
    return Repetition("unknown", ((SOME, scope),), reason, optional)


def _count(module: "Module", count: Placed) -> Repetition:
    value = module.evaluate(count, module.scope)
    if isinstance(value, Unknown):
        return unknown_number(module, value.reason)
    try:
        number = normal(to_number(value))
    except EvaluationError:
        number = -1
    if not isinstance(number, int) or number < 0:
        module.evaluation.problem(f"count must be a whole number, 0 or more; this is {describe(value)}", count)
        return Repetition("count", ())
    if number > MAX_INSTANCES:
        message = f"count is {number:,}; only the first {MAX_INSTANCES:,} (MAX_INSTANCES) are judged"
        module.evaluation.problem(message, count)
    many = range(min(number, MAX_INSTANCES))
    return Repetition("count", tuple((index, module.scope.child({"count": {"index": index}})) for index in many))


def _for_each(module: "Module", each: Placed) -> Repetition:
    value = module.evaluate(each, module.scope)
    if isinstance(value, Unknown):
        return unknown_number(module, value.reason, each)
    pairs = [(key_value(key), value[key]) for key in sorted(value)] if isinstance(value, dict) else value_pairs(value)
    if pairs is None:
        module.evaluation.problem(f"for_each needs a map or a set of strings, not {describe(value)}", each)
        return Repetition("for_each", ())
    for key, _ in pairs:
        if isinstance(key, Unknown):
            return unknown_number(module, key.reason, each, optional=False)
        if not isinstance(key, str):
            module.evaluation.problem(f"for_each needs a set of strings; one element is {describe(key)}", each)
            return Repetition("for_each", ())
    if len(pairs) > MAX_INSTANCES:
        message = f"for_each has {len(pairs):,} keys; only the first {MAX_INSTANCES:,} (MAX_INSTANCES) are judged"
        module.evaluation.problem(message, each)
    files = frozenset(module.evaluation.reading.files)
    return Repetition(
        "for_each",
        tuple(
            (key, module.scope.repeated("each", key, item, Origin(each, module.scope, key, files=files)))
            for key, item in pairs[:MAX_INSTANCES]
        ),
    )


def value_pairs(value: Any) -> list[tuple[Any, Any]] | None:
    """The elements of a set as keys and values; an empty list counts as one: `cond ? toset(x) : []` gives it."""
    return [(item, item) for item in value] if isinstance(value, Set) or value == [] else None


def key_text(key: Any) -> str:
    """An instance key as addresses write it: `[0]`, `["a"]`, `[*]` for one that stands for an unknown number."""
    if key is None:
        return ""
    if key is SOME:
        return "[*]"
    return f"[{key}]" if isinstance(key, int) else f"[{json.dumps(key, ensure_ascii=False)}]"


def describe(value: Any) -> str:
    """A value in a message: small numbers themselves, else the type. A text may be secret."""
    if isinstance(value, (bool, int, float)) or value is None:
        return json.dumps(value) if abs(value or 0) < 1e15 else "a number"
    return f"a {type_name(value)}"
