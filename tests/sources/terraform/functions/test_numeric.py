from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surplus.model import Unknown
from surplus.sources.terraform.functions.numeric import absolute, add, ceil, floor, parseint, signum
from surplus.sources.terraform.values import EvaluationError

EXAMPLES: list[tuple[str, list[Any], Any]] = [
    ("abs", [23], 23),
    ("abs", [-12.4], 12.4),
    ("abs", ["-3"], 3),
    ("ceil", [5], 5),
    ("ceil", [5.1], 6),
    ("ceil", [-0.5], 0),
    ("ceil", [10**30], 10**30),
    ("floor", [4.9], 4),
    ("floor", [-0.5], -1),
    ("log", [50, 10], 1.6989700043360185),
    ("log", [16, 2], 4),
    ("log", [8, 3], 1.8927892607143724),
    ("log", [0.5, 3], -0.6309297535714575),
    ("log", [1, 10], 0),
    ("max", [12, 54, 3], 54),
    ("max", [1, "2"], 2),
    ("min", [12, 54.5, 3], 3),
    ("parseint", ["100", 10], 100),
    ("parseint", ["FF", 16], 255),
    ("parseint", ["-10", 16], -16),
    ("parseint", ["1011111011101111", 2], 48879),
    ("parseint", ["aA", 62], 656),
    ("parseint", ["ZZ", 62], 3843),
    ("parseint", ["zz", 36], 1295),
    ("parseint", ["+5", 10], 5),
    ("pow", [3, 2], 9),
    ("pow", [4, 0], 1),
    ("pow", [2, 0.5], 1.4142135623730951),
    ("pow", [2, 53], 2**53),
    ("signum", [-13], -1),
    ("signum", [0], 0),
    ("signum", [344], 1),
    ("sum", [[10, 13, 6, 4.5]], 33.5),
    ("sum", [[0.1, 0.2]], 0.3),
    ("sum", [["1", 2]], 3),
    ("sum", [[10**30, 1]], 10**30 + 1),
]

ERRORS: list[tuple[str, list[Any]]] = [
    ("abs", [None]),
    ("abs", ["a"]),
    ("abs", [True]),
    ("abs", []),
    ("ceil", [[1]]),
    ("floor", [1, 2]),
    ("log", [-1, 2]),
    ("log", [0, 0]),
    ("max", []),
    ("min", []),
    ("parseint", ["12", 2]),
    ("parseint", ["12", 63]),
    ("parseint", ["", 10]),
    ("parseint", ["-", 10]),
    ("parseint", ["1_0", 10]),
    ("parseint", ["0x1f", 16]),
    ("parseint", [12, 10]),
    ("pow", [-1, 0.5]),
    ("signum", [1.5]),
    ("sum", [[]]),
    ("sum", [["a"]]),
    ("sum", [[1, None]]),
    ("sum", [1]),
]


@pytest.mark.parametrize(("name", "args", "expected"), EXAMPLES)
def test_examples(run: Any, name: str, args: list[Any], expected: Any) -> None:
    result = run(name, *args)
    assert result == expected
    assert type(result) is type(expected)


@pytest.mark.parametrize(("name", "args"), ERRORS)
def test_errors(run: Any, name: str, args: list[Any]) -> None:
    with pytest.raises(EvaluationError, match=f"^{name}: "):
        run(name, *args)


@pytest.mark.parametrize(("name", "args"), [("log", [0, 10]), ("pow", [0, -1]), ("pow", [10, 400])])
def test_an_infinite_number_is_unknown(run: Any, name: str, args: list[Any]) -> None:
    assert isinstance(run(name, *args), Unknown)


def test_a_logarithm_in_base_zero_is_zero(run: Any) -> None:
    assert run("log", 10, 0) == 0


def test_unknown_arguments(run: Any) -> None:
    assert run("max", 1, Unknown("why")) == Unknown("why", nullable=False)
    assert run("sum", [1, Unknown("why")]).reason == "why"
    with pytest.raises(EvaluationError):
        run("max", "a", Unknown("why"))


def test_a_number_of_too_many_digits_names_the_bound(run: Any) -> None:
    assert "MAX_DIGITS" in run("parseint", "1" * 2000, 10).reason


@given(st.lists(st.integers()))
def test_add_is_exact_for_whole_numbers(numbers: list[int]) -> None:
    assert add(numbers) == sum(numbers)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_floor_and_ceil_enclose(number: float) -> None:
    assert floor(number) <= number <= ceil(number)
    assert ceil(number) - floor(number) in (0, 1)


@given(st.integers())
def test_sign_times_size_is_the_number(number: int) -> None:
    assert signum(number) * absolute(number) == number


@given(st.integers(min_value=-(10**40), max_value=10**40))
def test_parseint_reads_what_python_writes(number: int) -> None:
    assert parseint(str(number), 10) == number
    assert parseint(f"{number:x}", 16) == number
