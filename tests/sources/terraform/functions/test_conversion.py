from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surplus.model import Unknown
from surplus.sources.terraform.functions.conversion import tostring, unify
from surplus.sources.terraform.values import EvaluationError, Set, parse_number

EXAMPLES: list[tuple[str, list[Any], Any]] = [
    ("tobool", [True], True),
    ("tobool", ["true"], True),
    ("tobool", ["0"], False),
    ("tobool", [None], None),
    ("tonumber", [1], 1),
    ("tonumber", ["1"], 1),
    ("tonumber", ["1e3"], 1000),
    ("tonumber", [".5"], 0.5),
    ("tonumber", [None], None),
    ("tostring", ["hello"], "hello"),
    ("tostring", [1], "1"),
    ("tostring", [True], "true"),
    ("tostring", [10**30], "1000000000000000000000000000000"),
    ("tostring", [None], None),
    ("tolist", [["a", "b", "c"]], ["a", "b", "c"]),
    ("tolist", [["a", "b", 3]], ["a", "b", "3"]),
    ("tolist", [[1, None, "a"]], ["1", None, "a"]),
    ("tolist", [[[1], ["a"]]], [["1"], ["a"]]),
    ("tolist", [[[1], ["a", "b"]]], [["1"], ["a", "b"]]),
    ("tolist", [[{"a": 1}, {"a": "x"}]], [{"a": "1"}, {"a": "x"}]),
    ("tolist", [[{"a": 1, "b": True}, {"b": "x"}]], [{"a": "1", "b": "true"}, {"b": "x"}]),
    ("tolist", [Set(["a", "b"])], ["a", "b"]),
    ("toset", [["a", "b", "c"]], Set(["a", "b", "c"])),
    ("toset", [["a", "b", 3]], Set(["3", "a", "b"])),
    ("toset", [["c", "b", "b"]], Set(["b", "c"])),
    ("tomap", [{"a": 1, "b": 2}], {"a": 1, "b": 2}),
    ("tomap", [{"a": "foo", "b": True}], {"a": "foo", "b": "true"}),
    ("nonsensitive", ["a"], "a"),
    ("ephemeralasnull", ["a"], "a"),
]

ERRORS: list[tuple[str, list[Any]]] = [
    ("tobool", ["no"]),
    ("tobool", ["TRUE"]),
    ("tobool", [1]),
    ("tonumber", ["no"]),
    ("tonumber", [" 1"]),
    ("tonumber", ["0x1f"]),
    ("tonumber", ["1_0"]),
    ("tonumber", [True]),
    ("tostring", [["a"]]),
    ("tolist", ["a"]),
    ("tolist", [[1, True]]),
    ("tolist", [[[1], {"a": 1}]]),
    ("tolist", [["a", []]]),
    ("tolist", [{"a": 1}]),
    ("toset", [{"a": 1}]),
    ("tomap", [[1]]),
    ("tomap", [{"a": 1, "b": [1]}]),
]

SYMBOL = Unknown("later", text="⟨a.b.id⟩", nullable=False)


@pytest.mark.parametrize(("name", "args", "expected"), EXAMPLES)
def test_examples(run: Any, name: str, args: list[Any], expected: Any) -> None:
    result = run(name, *args)
    assert result == expected
    assert type(result) is type(expected)


@pytest.mark.parametrize(("name", "args"), ERRORS)
def test_errors(run: Any, name: str, args: list[Any]) -> None:
    with pytest.raises(EvaluationError, match=f"^{name}: "):
        run(name, *args)


@pytest.mark.parametrize("name", ["tostring", "tolist", "toset", "tomap", "tonumber", "tobool", "sensitive"])
def test_an_unknown_stays_the_object_it_is(run: Any, name: str) -> None:
    assert run(name, SYMBOL) is SYMBOL


@pytest.mark.parametrize("name", ["tolist", "toset"])
def test_unknown_elements_stay(run: Any, name: str) -> None:
    result = run(name, ["b", SYMBOL, 1])
    assert any(item is SYMBOL for item in result)
    assert len(result) == 3


def test_sensitivity_is_not_a_matter_of_the_value(run: Any) -> None:
    assert run("sensitive", {"a": 1}) == {"a": 1}


@pytest.mark.parametrize("name", ["issensitive", "type"])
def test_deliberately_unknown(run: Any, name: str) -> None:
    assert isinstance(run(name, "a"), Unknown)


@given(st.integers() | st.floats(-1e15, 1e15))
def test_a_number_survives_being_a_string(number: int | float) -> None:
    assert parse_number(tostring(number)) == number


@given(st.lists(st.none() | st.integers() | st.text()))
def test_unify_is_idempotent(items: list[Any]) -> None:
    assert unify(unify(items)) == unify(items)
