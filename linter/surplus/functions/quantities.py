"""Kubernetes quantities as numbers: `cpu("500m")` in cores, `gib("1Gi")` in GiB."""

from collections.abc import Callable
from typing import Any

from surplus.expressions import FunctionTable, Overload, UnknownValueError
from surplus.functions.scope import RuleScope
from surplus.sources.kubernetes.quantities import cpu_cores, gibibytes


def _quantity(parse: Callable[[Any], float | None]) -> Callable[[RuleScope, Any], float | None]:
    def read(_: RuleScope, value: Any) -> float | None:
        try:
            return parse(value)
        except ValueError as error:
            raise UnknownValueError(str(error)) from None

    return read


cpu = _quantity(cpu_cores)
gib = _quantity(gibibytes)

FUNCTIONS: FunctionTable = {
    name: tuple(Overload((kind,), read) for kind in ("string", "double", "null"))
    for name, read in (("cpu", cpu), ("gib", gib))
}
