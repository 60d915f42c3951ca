"""https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/"""

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surplus.sources.kubernetes.quantities import cpu_cores, gibibytes, parse_quantity

SUFFIXES = {
    "n": Fraction(1, 10**9),
    "u": Fraction(1, 10**6),
    "m": Fraction(1, 1000),
    "": Fraction(1),
    "k": Fraction(10**3),
    "M": Fraction(10**6),
    "G": Fraction(10**9),
    "T": Fraction(10**12),
    "P": Fraction(10**15),
    "E": Fraction(10**18),
    "Ki": Fraction(2**10),
    "Mi": Fraction(2**20),
    "Gi": Fraction(2**30),
    "Ti": Fraction(2**40),
    "Pi": Fraction(2**50),
    "Ei": Fraction(2**60),
}


@pytest.mark.parametrize(
    ("value", "cores"),
    [
        ("500m", 0.5),
        ("0.5", 0.5),
        (2, 2.0),
        (1.5, 1.5),
        ("100u", 0.0001),
        ("1e3", 1000.0),
        ("1E3", 1000.0),
        ("12e-1", 1.2),
        ("1E", 1e18),
        (".5", 0.5),
        ("2.", 2.0),
        ("+1", 1.0),
        (1e-07, 1e-07),
        (None, None),
    ],
)
def test_cores(value: Any, cores: float | None) -> None:
    assert cpu_cores(value) == cores


@pytest.mark.parametrize("value", ["-1", -1, "-500m", "-1Gi"])
def test_an_amount_is_not_below_zero(value: Any) -> None:
    assert parse_quantity(value) < 0
    for read in (cpu_cores, gibibytes):
        with pytest.raises(ValueError, match=r"^-\S+ is below 0, so it is no amount$"):
            read(value)


@pytest.mark.parametrize(
    ("value", "gib"),
    [("1Gi", 1.0), ("512Mi", 0.5), ("1.5Gi", 1.5), (1073741824, 1.0), ("1Ti", 1024.0), (None, None)],
)
def test_gibibytes(value: Any, gib: float | None) -> None:
    assert gibibytes(value) == gib


def test_decimal_and_binary_differ() -> None:
    assert gibibytes("1G") == 10**9 / 2**30


@pytest.mark.parametrize(
    "value",
    [
        "1.5.5Gi",
        "1e3m",
        "",
        " 1",
        "1 ",
        "Gi",
        "1gi",
        "1K",
        "1KiB",
        "one",
        ".",
        "-",
        "1e",
        "1e1.5",
        "0x10",
        "1_0",
        True,
        [],
        {},
        float("inf"),
        float("nan"),
        "1e99999999",
        "1" * 100,
    ],
)
def test_what_is_no_quantity(value: Any) -> None:
    with pytest.raises(ValueError, match="is not a quantity"):
        cpu_cores(value)


def test_the_message_shows_the_text() -> None:
    with pytest.raises(ValueError, match=r"^1\.5\.5Gi is not a quantity$"):
        gibibytes("1.5.5Gi")
    with pytest.raises(ValueError, match=r"^a boolean is not a quantity$"):
        gibibytes(True)


@given(st.decimals(-(10**6), 10**6, places=3, allow_nan=False), st.sampled_from(sorted(SUFFIXES)))
def test_every_suffix(number: Any, suffix: str) -> None:
    assert parse_quantity(f"{number}{suffix}") == Fraction(number) * SUFFIXES[suffix]


@given(st.decimals(0, 1000, places=2, allow_nan=False), st.integers(-20, 20), st.sampled_from("eE"))
def test_exponents(number: Any, exponent: int, letter: str) -> None:
    assert parse_quantity(f"{number}{letter}{exponent}") == Fraction(number) * Fraction(10) ** exponent


@given(st.text(max_size=20) | st.floats() | st.integers() | st.none() | st.booleans())
def test_a_number_or_a_value_error(value: Any) -> None:
    try:
        assert isinstance(parse_quantity(value), Fraction)
    except ValueError as error:
        assert "is not a quantity" in str(error)
