"""Values and conversions: https://developer.hashicorp.com/terraform/language/expressions/types#type-conversion."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surplus.model import Unknown
from surplus.sources.terraform import values
from surplus.sources.terraform.values import EvaluationError, Set, SymbolicKey, equal, make_set

ID = Unknown("later", "⟨a.b.id⟩", nullable=False)
OTHER = Unknown("later", "⟨a.c.id⟩", nullable=False)
PLAIN = Unknown("missing")
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(st.integers())
def test_integers_convert_to_text_and_back(number: int) -> None:
    assert values.to_number(values.to_string(number)) == number


@given(st.floats(allow_nan=False, allow_infinity=False, min_value=-1e15, max_value=1e15))
def test_fractions_convert_to_text_and_back_without_an_exponent(number: float) -> None:
    text = values.to_string(values.normal(number))
    assert "e" not in text
    assert values.to_number(text) == number


@given(st.booleans())
def test_bools_convert_to_text_and_back(flag: bool) -> None:
    assert values.to_bool(values.to_string(flag)) is flag


@pytest.mark.parametrize(("text", "expected"), [("1", True), ("0", False), ("true", True), ("false", False)])
def test_texts_that_are_bools(text: str, expected: bool) -> None:
    assert values.to_bool(text) is expected


@pytest.mark.parametrize("value", ["True", "yes", "", 1, 0, None, []])
def test_what_is_no_bool(value: Any) -> None:
    with pytest.raises(EvaluationError):
        values.to_bool(value)


@pytest.mark.parametrize(("text", "expected"), [("1e3", 1000), ("0.5", 0.5), (".5", 0.5), ("+1", 1), ("2.0", 2)])
def test_texts_that_are_numbers(text: str, expected: float) -> None:
    assert values.parse_number(text) == expected


@pytest.mark.parametrize("text", ["", "q", "1_000", "0x10", " 1", "1 ", "١", "secret"])
def test_what_is_no_number_is_not_printed(text: str) -> None:
    with pytest.raises(EvaluationError) as error:
        values.parse_number(text)
    assert not text.strip() or text not in str(error.value).split()


@given(JSON)
def test_a_value_equals_itself(value: Any) -> None:
    assert equal(value, value) is True
    assert values.canonical(value) == values.canonical(value)


@given(JSON, JSON)
def test_equal_is_what_canonical_says(left: Any, right: Any) -> None:
    assert equal(left, right) is (values.canonical(left) == values.canonical(right))


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        (ID, ID, True),
        (ID, OTHER, None),
        (ID, None, False),
        (PLAIN, None, None),
        (PLAIN, PLAIN, None),
        (ID, "a", None),
        (Unknown("why", ends=".s3"), "a.s3", None),
        (Unknown("why", ends=".s3"), "a.sqs", False),
        (Unknown("why", ends=".s3"), Unknown("why", ends=".sqs"), None),
        ([ID, 1], [ID, 2], False),
        ([ID], [ID], True),
        ([PLAIN], [1, 2], False),
        ({"a": PLAIN}, {"b": PLAIN}, False),
        ({SymbolicKey.of(ID): 1}, {"a": 1}, None),
        ({SymbolicKey.of(ID): 1}, {"a": 1, "b": 2}, False),
        (make_set([1, 2]), make_set([2, 1]), True),
        (make_set([1, ID]), make_set([1, 2]), None),
        (make_set([ID, OTHER]), make_set([1]), None),
        (make_set([ID]), make_set([ID]), True),
        (make_set([1]), [1], False),
        (1, True, False),
        (1, "1", False),
        (0.5, 0.5, True),
    ],
)
def test_equal_with_unknowns(left: Any, right: Any, expected: bool | None) -> None:
    for found in (equal(left, right), equal(right, left)):
        assert isinstance(found, Unknown) if expected is None else found is expected


@given(st.lists(st.text() | st.integers() | st.booleans()))
def test_sets_hold_each_element_once_in_an_order_of_their_own(items: list[Any]) -> None:
    found = make_set(items)
    assert isinstance(found, Set)
    assert make_set(reversed(items)) == found
    assert len({values.canonical(item) for item in items}) == len(found)


def test_unknowns_at_any_depth_are_found() -> None:
    assert values.first_unknown([1, {"a": [PLAIN]}]) is PLAIN
    assert values.first_unknown({SymbolicKey.of(ID): 1}) is ID
    assert values.first_unknown([1, {"a": ["b"]}]) is None


def test_excess_names_the_bound() -> None:
    deep: Any = 1
    for _ in range(300):
        deep = [deep]
    wide: Any = [1] * 10
    for _ in range(10):
        wide = [wide] * 10
    assert values.excess(deep) == "MAX_VALUE_DEPTH"
    assert values.excess(wide) == "MAX_VALUE_PARTS"
    assert values.excess([1, {"a": [2]}]) is None
