"""What a plain scalar of YAML means, as `kubectl` reads it.

Its reader is sigs.k8s.io/yaml on go-yaml v2 (resolve.go): `yes`, `no`, `on`, `off`, `y`, `n` are booleans; `0x1f`,
`0o17`, `017`, `0b11`, `1_000` and `1e3` are numbers; dates, `12:30:45`, `.inf` and `.nan` are text.
"""

import math
import re

CONSTANTS: dict[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON", "y", "Y"), True),
    **dict.fromkeys(("false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF", "n", "N"), False),
}
"""Plain scalars that are null or a boolean."""

NUMBER_START = frozenset("0123456789+-.")
"""With one of these every number begins."""

_INTEGER = re.compile(r"([-+]?)(?:0[xX]([0-9a-fA-F]+)|0[oO]?([0-7]+)|0[bB]([01]+)|(0|[1-9][0-9]*))")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")


def resolve(text: str) -> bool | int | float | str | None:
    """What the plain scalar *text* means: null, a boolean, a number, else the text itself."""
    if text in CONSTANTS:
        return CONSTANTS[text]
    return read_number(text) if text[0] in NUMBER_START else text


def read_number(text: str) -> int | float | str:
    """The number that *text*, which is not empty, spells; else the text itself."""
    digits = text if text[0] == "." else text.replace("_", "")
    number = _INTEGER.fullmatch(digits)
    if number is not None:
        sign, hexadecimal, octal, binary, decimal = number.groups()
        raw = hexadecimal or octal or binary or decimal
        # 64 bits, as in Go; beyond them a decimal number becomes a float.
        if len(raw) <= 64:
            value = int(raw, 16 if hexadecimal else 8 if octal else 2 if binary else 10)
            if value < 1 << 63 or (value < 1 << 64 and sign != "-"):
                return -value if sign == "-" else value
    if _FLOAT.fullmatch(digits) and math.isfinite(approximate := float(digits)):
        return approximate
    return text
