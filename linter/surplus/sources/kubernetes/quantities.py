"""Kubernetes quantities: `500m` of CPU, `1.5Gi` of memory.

The grammar is the API machinery's:
https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
"""

import re
from fractions import Fraction
from functools import lru_cache
from typing import Any

_QUANTITY = re.compile(
    r"(?P<sign>[+-]?)(?P<digits>[0-9]+(?:\.[0-9]*)?|\.[0-9]+)"
    r"(?:(?P<suffix>[KMGTPE]i|[numkMGTPE])|[eE](?P<exponent>[+-]?[0-9]+))?"
)
_FACTORS = {
    **{suffix: Fraction(1, 1000**power) for power, suffix in enumerate("mun", start=1)},
    **{suffix: Fraction(1000**power) for power, suffix in enumerate("kMGTPE", start=1)},
    **{f"{suffix}i": Fraction(1024**power) for power, suffix in enumerate("KMGTPE", start=1)},
}
_GIBIBYTE = 1 << 30

# Longer texts and larger exponents name nothing that exists, and would cost time and memory to compute.
_MAX_LENGTH = 64
_MAX_EXPONENT = 64

_NAMES: dict[type, str] = {bool: "boolean", list: "list", dict: "mapping", type(None): "null"}


def parse_quantity(value: Any) -> Fraction:
    """The exact number behind a quantity: `1500m` is 3/2, `1Ki` is 1024.

    Numbers are quantities too, as in YAML `cpu: 2`. ValueError for anything else.
    """
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValueError(f"a {_NAMES.get(type(value), 'value of this type')} is not a quantity")
    return _parsed(value if isinstance(value, str) else repr(value))


@lru_cache(maxsize=4096)
def _parsed(text: str) -> Fraction:
    """The few quantities that manifests use are read once."""
    found = _QUANTITY.fullmatch(text) if len(text) <= _MAX_LENGTH else None
    if found is None:
        raise ValueError(f"{_shown(text)} is not a quantity")
    number = Fraction(found["digits"].removesuffix("."))
    if found["suffix"]:
        number *= _FACTORS[found["suffix"]]
    elif found["exponent"]:
        exponent = int(found["exponent"])
        if abs(exponent) > _MAX_EXPONENT:
            raise ValueError(f"{_shown(text)} is not a quantity: its exponent is out of range")
        number *= Fraction(10) ** exponent
    return -number if found["sign"] == "-" else number


def cpu_cores(value: Any) -> float | None:
    """CPU cores: 0.5 for `500m`; None where nothing is set. ValueError for what is no amount."""
    return None if value is None else float(_amount(value))


def gibibytes(value: Any) -> float | None:
    """GiB (2^30 bytes): 0.5 for `512Mi`; None where nothing is set. ValueError for what is no amount."""
    return None if value is None else float(_amount(value) / _GIBIBYTE)


def _amount(value: Any) -> Fraction:
    number = parse_quantity(value)
    if number < 0:
        raise ValueError(f"{_shown(str(value))} is below 0, so it is no amount")
    return number


def _shown(text: str) -> str:
    if not text.strip():
        return "an empty text"
    text = text if text == text.strip() else f"`{text}`"
    return text if len(text) <= 40 else text[:39] + "…"
