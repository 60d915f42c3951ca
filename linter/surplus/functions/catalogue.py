"""Machine types: `machine(t)`, `newer(t)`, `arm(t)`, `amd(t)`, `flex(t)`, `smaller(t)`. A look-up of an unknown type
gives null fields.
"""

from collections.abc import Callable, Sequence
from typing import Any

from surplus.catalog import machines, support
from surplus.expressions import FunctionTable, Overload
from surplus.functions.scope import RuleScope

NO_MACHINE: dict[str, Any] = dict.fromkeys(machines.FIELDS)


def machine(_: RuleScope, type_: str) -> dict[str, Any]:
    """vCPU, GiB, architecture, family, size, generation, GPUs of a machine type; database and cache classes too."""
    found = machines.machine(type_)
    return found.record() if found else NO_MACHINE


def newer(scope: RuleScope, type_: str) -> str | None:
    """The cheaper drop-in successor of a machine type of an old family, where the region sells it; else null."""
    return machines.newer(type_, scope.resource.region)


def smaller(_: RuleScope, type_: str) -> str | None:
    """The next smaller size of the same family; null for the smallest and for types not in the table."""
    return machines.smaller(type_)


def extended_support(_: RuleScope, cloud: str, service: str, engine: str, version: str) -> str | None:
    """`year-1-2` or `year-3` where a version is in extended support on the calendar's day, else null."""
    found = support.support_of(cloud, service, engine, version)
    return found.stage if found else None


def _follower(kind: str) -> Callable[[RuleScope, str], str | None]:
    """The newest family's type of the same size, of one kind; null where none is known or the region lacks it."""

    def follower(scope: RuleScope, type_: str) -> str | None:
        region = scope.resource.region
        sold = [one for one in machines.followers(type_, kind) if region is None or not machines.not_sold(one, region)]
        return max(sold, key=_generation, default=None)

    return follower


def _generation(type_: str) -> float:
    found = machines.machine(type_)
    return (found.generation or 0.0) if found else 0.0


def _text_or_null(call: Any, nothing: Any) -> Sequence[Overload]:
    return Overload(("string",), call), Overload(("null",), lambda _, __: nothing)


FUNCTIONS: FunctionTable = {
    "amd": _text_or_null(_follower("amd"), None),
    "arm": _text_or_null(_follower("arm"), None),
    "extended_support": (
        Overload(("string",) * 4, extended_support),
        Overload(("string", "string", "string", "null"), lambda *_: None),
    ),
    "flex": _text_or_null(_follower("flex"), None),
    "machine": _text_or_null(machine, NO_MACHINE),
    "newer": _text_or_null(newer, None),
    "smaller": _text_or_null(smaller, None),
}
