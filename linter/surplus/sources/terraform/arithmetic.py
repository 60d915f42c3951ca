"""Terraform's arithmetic: whole numbers are exact, fractions as close as its wide floats make them look.

Source: https://developer.hashicorp.com/terraform/language/expressions/operators#arithmetic-operators
"""

import math
from collections.abc import Callable
from decimal import Decimal, localcontext
from typing import Any

from surplus.sources.terraform.limits import MAX_DIGITS, TooCostlyError
from surplus.sources.terraform.values import EvaluationError

PRECISION = 60
"""Digits of a result before it becomes a float."""

ROUNDING = 4e-16
"""What a float may lie beside a whole number, relative to it, for having been rounded on the way."""


def _decimal(operation: Callable[[Decimal, Decimal], Decimal]) -> Callable[[Any, Any], Any]:
    """Fractions are computed in decimal, as Terraform's wide floats make 0.1 + 0.2 equal 0.3."""

    def compute(left: Any, right: Any) -> Any:
        with localcontext() as context:
            context.prec = PRECISION
            return _number(operation(Decimal(repr(left)), Decimal(repr(right))))

    return compute


def _number(exact: Decimal) -> int | float:
    """The value that *exact* is kept as; 1 / 3 * 3 gives 1, though a third is rounded in between."""
    if exact == exact.to_integral_value() and exact.adjusted() < MAX_DIGITS:
        return int(exact)
    number = float(exact)
    if not math.isfinite(number):
        raise TooCostlyError(f"a number of more than {MAX_DIGITS:,} digits (MAX_DIGITS)")
    whole = round(number)
    return whole if whole and abs(number - whole) <= abs(whole) * ROUNDING else number


_add = _decimal(lambda left, right: left + right)
_subtract = _decimal(lambda left, right: left - right)
_multiply = _decimal(lambda left, right: left * right)
_quotient = _decimal(lambda left, right: left / right)
_remainder = _decimal(lambda left, right: left % right)


def _whole(left: Any, right: Any) -> bool:
    return isinstance(left, int) and isinstance(right, int)


def _product(left: Any, right: Any) -> Any:
    if not _whole(left, right):
        return _multiply(left, right)
    if left.bit_length() + right.bit_length() > MAX_DIGITS * 3:
        raise TooCostlyError(f"a number of more than {MAX_DIGITS:,} digits (MAX_DIGITS)")
    return left * right


def _divide(left: Any, right: Any) -> Any:
    if right == 0:
        raise EvaluationError("division by zero")
    return left // right if _whole(left, right) and left % right == 0 else _quotient(left, right)


def _modulo(left: Any, right: Any) -> Any:
    """The remainder has the sign of the dividend."""
    if right == 0:
        raise EvaluationError("division by zero")
    if _whole(left, right):
        return abs(left) % abs(right) * (1 if left >= 0 else -1)
    return _remainder(left, right)


ARITHMETIC: dict[str, Callable[[Any, Any], Any]] = {
    "+": lambda left, right: left + right if _whole(left, right) else _add(left, right),
    "-": lambda left, right: left - right if _whole(left, right) else _subtract(left, right),
    "*": _product,
    "/": _divide,
    "%": _modulo,
    "<": lambda left, right: left < right,
    ">": lambda left, right: left > right,
    "<=": lambda left, right: left <= right,
    ">=": lambda left, right: left >= right,
}
