"""`format` and `formatlist`. https://developer.hashicorp.com/terraform/language/functions/format

A fraction is rounded as the 512-bit binary number that Terraform keeps it in.
"""

import re
from decimal import Context, Decimal
from typing import Any

from surplus.model import Unknown
from surplus.sources.terraform import limits
from surplus.sources.terraform.functions.conversion import tobool
from surplus.sources.terraform.functions.encoding import jsonencode
from surplus.sources.terraform.functions.numeric import exact
from surplus.sources.terraform.functions.strings import graphemes
from surplus.sources.terraform.values import (
    EvaluationError,
    contains_unknown,
    first_unknown,
    number_text,
    to_number,
    to_string,
    type_name,
)

VERB = re.compile(r"%(?:(%)|([-+# 0]*)([1-9]\d*)?(\.\d*)?(?:\[([1-9]\d*)\])?([A-Za-z]))", re.ASCII)
INTEGERS = {"b": ("b", "0b"), "d": ("d", ""), "o": ("o", "0"), "x": ("x", "0x"), "X": ("X", "0X")}
MANTISSA_BITS = 512
WIDE = Context(prec=200)


def format_text(specification: Any, *values: Any) -> Any:
    """*specification* with its verbs replaced by *values*; symbolic where a plain verb takes a symbol."""
    if isinstance(specification, Unknown):
        return Unknown(specification.reason, nullable=False)
    return _format(to_string(specification), values)


def formatlist(specification: Any, *values: Any) -> Any:
    """`format` for each element of the lists among *values*, which must be of one length."""
    for value in (specification, *values):
        if isinstance(value, Unknown):
            return Unknown(value.reason, nullable=False)
    lengths = {len(value) for value in values if isinstance(value, list)}
    if len(lengths) > 1:
        raise EvaluationError("the lists must be of one length")
    rows = (
        [value[row] if isinstance(value, list) else value for value in values]
        for row in range(lengths.pop() if lengths else 1)
    )
    result = []
    size = 0
    for row in rows:
        result.append(_format(to_string(specification), tuple(row)))
        size += len(result[-1]) if isinstance(result[-1], str) else 0
        if size > limits.MAX_TEXT:
            return limits.exceeded("MAX_TEXT", limits.MAX_TEXT)
    return result


def _format(specification: str, values: tuple[Any, ...]) -> Any:
    if any(int(number[:9]) > limits.MAX_TEXT for number in re.findall(r"\d+", specification)):
        return limits.exceeded("MAX_TEXT", limits.MAX_TEXT)
    pieces: list[str] = []
    missing: Unknown | None = None
    symbolic = True
    at = taken = highest = size = 0
    while (start := specification.find("%", at)) >= 0:
        pieces.append(specification[at:start])
        found = VERB.match(specification, start)
        if found is None:
            raise EvaluationError(f"the format has no valid verb at position {start + 1}")
        at = found.end()
        if found[1]:
            pieces.append("%")
            continue
        taken = int(found[5]) if found[5] else taken + 1
        highest = max(highest, taken)
        if taken > len(values):
            raise EvaluationError(f'there is no argument {taken} for "{found[0]}"')
        value = values[taken - 1]
        if contains_unknown(value):
            missing = missing or first_unknown(value)
            plain = found[6] in "sv" and not (found[2] or found[3] or found[4])
            symbolic = symbolic and plain and isinstance(value, Unknown) and value.text is not None
            pieces.append(value.text or "" if isinstance(value, Unknown) else "")
        else:
            pieces.append(_formatted(found, value))
            size += len(pieces[-1])
            if size > limits.MAX_TEXT:
                return limits.exceeded("MAX_TEXT", limits.MAX_TEXT)
    if highest < len(values):
        raise EvaluationError(f"there are more arguments than the {highest} that the format uses")
    text = "".join([*pieces, specification[at:]])
    if missing is None:
        return text
    return Unknown(missing.reason, text if symbolic and len(text) <= limits.MAX_TEXT else None, nullable=False)


def _formatted(verb: re.Match[str], value: Any) -> str:
    flags, letter = verb[2], verb[6]
    width = int(verb[3] or 0)
    precision = int(verb[4][1:] or 0) if verb[4] else None
    if letter not in "vtsq" and letter not in INTEGERS and letter not in "eEfgG":
        raise EvaluationError(f'"{verb[0]}" is not a format verb')
    if letter == "v":
        return _padded(_as_it_is(flags, value), flags, width)
    if value is None:
        raise EvaluationError(f'a null cannot be formatted by "{verb[0]}"')
    if letter == "t":
        return "true" if tobool(value) else "false"
    if letter in "sq":
        if isinstance(value, (list, dict)):
            raise EvaluationError(f'"{verb[0]}" requires a string, not {type_name(value)}')
        text = to_string(value)
        if precision:
            text = "".join(graphemes(text)[:precision])
        return _padded(jsonencode(text) if letter == "q" else text, flags, width)
    number = exact(to_number(value))
    if letter in INTEGERS:
        sign, digits = _integer(number, letter, flags, precision)
    else:
        sign, digits = _fraction(number, letter, precision)
        precision = None
    sign = sign or ("+" if "+" in flags else " " if " " in flags else "")
    # for a fraction the zero wins over the minus
    if "0" in flags and precision is None and ("-" not in flags or letter not in INTEGERS):
        return sign + digits.rjust(width - len(sign), "0")
    return (sign + digits).ljust(width) if "-" in flags else (sign + digits).rjust(width)


def _padded(text: str, flags: str, width: int) -> str:
    filling = ("0" if "0" in flags else " ") * (width - len(graphemes(text)))
    return text + filling if "-" in flags else filling + text


def _as_it_is(flags: str, value: Any) -> str:
    if "#" not in flags:
        if isinstance(value, str):
            return value
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return "".join(_fraction(exact(value), "g", None))
    return str(jsonencode(value))


def _integer(number: Decimal, letter: str, flags: str, precision: int | None) -> tuple[str, str]:
    if number != number.to_integral_value():
        raise EvaluationError("a whole number is required")
    kind, prefix = INTEGERS[letter]
    digits = format(abs(int(number)), kind).rjust(precision or 0, "0")
    return "-" if number < 0 else "", (prefix if "#" in flags else "") + digits


def _fraction(number: Decimal, letter: str, precision: int | None) -> tuple[str, str]:
    sign = "-" if number < 0 else ""
    number = abs(number)
    kind = letter.lower()
    if kind == "f":
        return sign, _rounded(number, 6 if precision is None else precision, "f")
    if kind == "g":
        text = _general(number, precision)
    else:
        text = _exponent(_rounded(number, 6 if precision is None else precision, "e"))
    return sign, text.upper() if letter.isupper() else text


def _rounded(number: Decimal, precision: int, kind: str) -> str:
    # a zero would keep the exponent that the precision gives it
    return format(_binary(number) if number else 0.0, f".{precision}{kind}")


def _binary(number: Decimal) -> Decimal:
    """The nearest number with a mantissa of 512 bits."""
    over, under = number.as_integer_ratio()
    if not over or under & (under - 1) == 0:
        return number
    shift = MANTISSA_BITS - over.bit_length() + under.bit_length()
    scaled = (over << shift) // under if shift >= 0 else over // (under << -shift)
    scale = Decimal(2) ** 0 if shift < 0 else Decimal(1 << shift)
    return WIDE.divide(Decimal(scaled if shift >= 0 else scaled << -shift), scale)


def _general(number: Decimal, precision: int | None) -> str:
    """%g: an exponent only where it is below -4 or not below the precision (6 for the shortest form)."""
    if not number:
        return "0"
    rounded = number if precision is None else Decimal(_rounded(number, max(precision, 1) - 1, "e"))
    digits = "".join(map(str, rounded.as_tuple().digits)).rstrip("0")
    power = rounded.adjusted()
    limit = 6 if precision is None else max(precision, 1)
    if precision is not None and limit > len(digits) >= power + 1:
        limit = len(digits)
    if -4 <= power < limit:
        return number_text(int(rounded)) if power + 1 >= len(digits) else format(rounded.normalize(), "f")
    return _exponent(f"{digits[0]}{'.' if digits[1:] else ''}{digits[1:]}e{power:+}")


def _exponent(text: str) -> str:
    """At least two digits after the e."""
    mantissa, _, power = text.partition("e")
    return f"{mantissa}e{power[0]}{power[1:].rjust(2, '0')}"
