"""Plain scalars as kubectl reads them."""

from typing import Any

import pytest

from surplus.yaml_scalars import resolve


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None),
        ("~", None),
        ("null", None),
        ("true", True),
        ("False", False),
        ("yes", True),
        ("on", True),
        ("Off", False),
        ("n", False),
        ("nO", "nO"),
        ("12", 12),
        ("-7", -7),
        ("+7", 7),
        ("0x1F", 31),
        ("-0x10", -16),
        ("0o17", 15),
        ("017", 15),
        ("08", 8.0),
        ("0b101", 5),
        ("1_000", 1000),
        ("18446744073709551615", 18446744073709551615),
        ("99999999999999999999", 1e20),
        ("1e3", 1000.0),
        ("1.5", 1.5),
        (".5", 0.5),
        ("5.", 5.0),
        ("-1.5e-3", -0.0015),
        ("1e999", "1e999"),
        (".inf", ".inf"),
        (".nan", ".nan"),
        ("12:30:45", "12:30:45"),
        ("2020-01-01", "2020-01-01"),
        ("500m", "500m"),
        ("1.2.3", "1.2.3"),
        ("-", "-"),
        ("0x", "0x"),
        ("9" * 5000, "9" * 5000),
    ],
)
def test_plain_scalars_read_as_in_kubectl(text: str, value: Any) -> None:
    found = resolve(text)
    assert found == value
    assert type(found) is type(value)
