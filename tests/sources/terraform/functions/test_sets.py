from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surplus.model import Unknown
from surplus.sources.terraform.functions.sets import setintersection, setproduct, setsubtract, setunion
from surplus.sources.terraform.values import EvaluationError, Set, make_set

EXAMPLES: list[tuple[str, list[Any], Any]] = [
    ("setintersection", [["a", "b"], ["b", "c"], ["b", "d"]], Set(["b"])),
    ("setintersection", [["a"], [1]], Set()),
    ("setsubtract", [["a", "b", "c"], ["a", "c"]], Set(["b"])),
    ("setsubtract", [["a", 1], ["1"]], Set(["a"])),
    ("setunion", [["a", "b"], ["b", "c"], ["d"]], Set(["a", "b", "c", "d"])),
    ("setunion", [[1], ["a"], [True]], Set(["1", "a", "true"])),
    ("setunion", [[[1]], [["1"]]], Set([["1"]])),
    (
        "setproduct",
        [["development", "production"], ["app1", "app2"]],
        [["development", "app1"], ["development", "app2"], ["production", "app1"], ["production", "app2"]],
    ),
    ("setproduct", [Set(["a", "b"]), [1, 2]], Set([["a", 1], ["a", 2], ["b", 1], ["b", 2]])),
    ("setproduct", [[1, "b"], ["x"]], [["1", "x"], ["b", "x"]]),
    ("setproduct", [[], ["a"]], []),
]

ERRORS: list[tuple[str, list[Any]]] = [
    ("setintersection", []),
    ("setproduct", [["a"]]),
    ("setproduct", [["a"], "b"]),
    ("setproduct", [["a"], None]),
    ("setsubtract", [["a"]]),
    ("setunion", [["a"], [[1]]]),
    ("setunion", ["a"]),
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


def test_unknown_elements(run: Any) -> None:
    assert run("setunion", ["a"], [SYMBOL]) == Set(["a", SYMBOL])
    assert run("setproduct", ["a"], [SYMBOL, "b"]) == [["a", SYMBOL], ["a", "b"]]
    assert run("setsubtract", ["a"], [SYMBOL]) == Unknown("later", nullable=False)
    assert run("setintersection", ["a"], [SYMBOL]) == Unknown("later", nullable=False)
    assert run("setunion", ["a"], Unknown("r")) == Unknown("r", nullable=False)


def test_an_absurd_product_is_bounded(run: Any) -> None:
    assert "MAX_ITEMS" in run("setproduct", *[list(range(1000))] * 5).reason


SETS = st.lists(st.text(max_size=2)).map(make_set)


@given(SETS, SETS)
def test_set_laws(left: Set, right: Set) -> None:
    assert set(setunion(left, right)) == set(left) | set(right)
    assert set(setintersection(left, right)) == set(left) & set(right)
    assert set(setsubtract(left, right)) == set(left) - set(right)
    assert setunion(left, right) == setunion(right, left)
    assert len(setproduct(left, right)) == len(left) * len(right)
