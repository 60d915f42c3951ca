"""Numeric functions. https://developer.hashicorp.com/terraform/language/functions/abs and its neighbours."""

import math
import string
from collections.abc import Sequence
from decimal import Context, Decimal
from typing import Any

from surplus.sources.terraform import limits
from surplus.sources.terraform.values import (
    EvaluationError,
    normal,
    to_number,
)

Number = int | float
DIGITS = string.digits + string.ascii_lowercase + string.ascii_uppercase
EXACT = Context(prec=160)
LN2_HIGH = 6.93147180369123816490e-01
LN2_LOW = 1.90821492927058770002e-10
L = (
    6.666666666666735130e-01,
    3.999999999940941908e-01,
    2.857142874366239149e-01,
    2.222219843214978396e-01,
    1.818357216161805012e-01,
    1.531383769920937332e-01,
    1.479819860511658591e-01,
)


def absolute(number: Number) -> Number:
    """`abs`: the number without its sign."""
    return abs(number)


def ceil(number: Number) -> Number:
    """The nearest whole number that is not below *number*."""
    return math.ceil(number)


def floor(number: Number) -> Number:
    """The nearest whole number that is not above *number*."""
    return math.floor(number)


def log(number: Number, base: Number) -> Number:
    """The logarithm in a base, as a 64-bit float, which may be infinite; an error where undefined."""
    if number < 0 or base < 0 or (number == 0 == base) or (number == 1 == base):
        raise EvaluationError(f"the logarithm of {number} in base {base} is not a number")
    if number == 0:
        return math.inf
    if base == 0:
        return 0
    divisor = _natural_logarithm(base)
    return normal(_natural_logarithm(number) / divisor) if divisor else math.inf


def _natural_logarithm(number: Number) -> float:
    """The logarithm by the steps of FreeBSD's `e_log.c`, as Go takes it: to the last bit the same."""
    mantissa, exponent = math.frexp(number)
    if mantissa < math.sqrt(0.5):
        mantissa, exponent = mantissa * 2, exponent - 1
    f = mantissa - 1
    s = f / (2 + f)
    square = s * s
    fourth = square * square
    odd = square * (L[0] + fourth * (L[2] + fourth * (L[4] + fourth * L[6])))
    even = fourth * (L[1] + fourth * (L[3] + fourth * L[5]))
    half = 0.5 * f * f
    return exponent * LN2_HIGH - ((half - (s * (half + odd + even) + exponent * LN2_LOW)) - f)


def power(number: Number, exponent: Number) -> Number:
    """`pow`, as a 64-bit float, which may be infinite. Terraform writes one above 2^53 with fewer digits."""
    if number < 0 and not float(exponent).is_integer():
        raise EvaluationError("a negative number has no fractional power")
    if number == 0 and exponent < 0:
        return math.inf
    try:
        return normal(math.pow(number, exponent))
    except OverflowError:
        return math.inf


def maximum(*numbers: Number) -> Number:
    """`max`: the largest of the arguments, of which there must be one."""
    if not numbers:
        raise EvaluationError("at least one number is required")
    return max(numbers)


def minimum(*numbers: Number) -> Number:
    """`min`: the smallest of the arguments, of which there must be one."""
    if not numbers:
        raise EvaluationError("at least one number is required")
    return min(numbers)


def signum(number: Number) -> Number:
    """-1, 0 or 1 for a whole number's sign."""
    return (number > 0) - (number < 0)


def parseint(text: Any, base: int) -> Any:
    """The whole number that a string spells in a base from 2 to 62."""
    if not isinstance(text, str):
        raise EvaluationError("the first argument must be a string")
    if not 2 <= base <= 62:
        raise EvaluationError(f"the base must be a whole number from 2 to 62, not {base}")
    if len(text) > limits.MAX_DIGITS:
        return limits.exceeded("MAX_DIGITS", limits.MAX_DIGITS)
    digits = text[1:] if text[:1] in ("+", "-") else text
    digits = digits.lower() if base <= 36 else digits
    result = 0
    for digit in digits:
        value = DIGITS.find(digit)
        if not 0 <= value < base:
            raise EvaluationError(f'"{text}" is not a whole number in base {base}')
        result = result * base + value
    if not digits:
        raise EvaluationError(f'"{text}" is not a whole number in base {base}')
    return -result if text.startswith("-") else result


def total(numbers: Any) -> Any:
    """`sum`: the sum of a list or set that is not empty."""
    if not isinstance(numbers, list):
        raise EvaluationError("a list, set or tuple of numbers is required")
    if not numbers:
        raise EvaluationError("an empty list has no sum")
    return add([to_number(number) for number in numbers])


def add(numbers: Sequence[Number]) -> Number:
    """The sum in decimal arithmetic, so that 0.1 and 0.2 make 0.3."""
    if all(isinstance(number, int) for number in numbers):
        return sum(numbers)
    result = Decimal(0)
    for number in numbers:
        result = EXACT.add(result, exact(number))
    return number_of(result)


def exact(number: Number) -> Decimal:
    """*number* as it is written in decimal."""
    return Decimal(number) if isinstance(number, int) else Decimal(repr(number))


def number_of(value: Decimal) -> Number:
    """*value* as an int where it is whole, else as a float."""
    return int(value) if value == value.to_integral_value() else float(value)
