from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surplus.expressions import Environment, Overload
from surplus.model import Unknown
from surplus.templates import Template, show_value


def _faulty(_: Any) -> Any:
    raise ZeroDivisionError("by nothing")


ENVIRONMENT = Environment({"faulty": [Overload((), _faulty)]}, ("resource.a", "resource.b", "size_gib"))


def test_templates_never_fail() -> None:
    text = "{{ resource.a }}, {{ resource.b }}, {{ size_gib * 2.0 }}, {{ faulty() }}"
    values = {"resource.a": Unknown("no value"), "resource.b": None, "size_gib": "x"}
    scope: Any = SimpleNamespace(lookup=values.get)
    shown = Template(text, ENVIRONMENT, ["size_gib"]).render(ENVIRONMENT, scope)
    assert shown == "(unknown), (unset), (unknown), (unknown)"


def test_a_text_that_is_one_hole_gives_a_value() -> None:
    assert Template("{{ resource.a }}", ENVIRONMENT).single is not None
    assert Template("{{ resource.a }} GiB", ENVIRONMENT).single is None


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (3.0, "3"),
        (3, "3"),
        (1000000.0, "1,000,000"),
        (2.5, "2.5"),
        (1234.567, "1,234.57"),
        (0.001, "0.001"),
        (0.0, "0"),
        (-4.0, "-4"),
        (float("inf"), "inf"),
        (True, "true"),
        (["a", 1.0, None], "a, 1, (unset)"),
        ({"b": 1.0, "a": "x"}, "a=x, b=1"),
        ("text", "text"),
    ],
)
def test_values_in_messages(value: Any, text: str) -> None:
    assert show_value(value) == text


@given(st.floats(-1e300, 1e300) | st.integers(-(10**30), 10**30))
def test_numbers_read_back_as_they_are_but_for_rounding(number: float) -> None:
    shown = float(show_value(number).replace(",", ""))
    assert shown == pytest.approx(number, rel=5e-3, abs=5e-3)
