from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surplus.model import Unknown
from surplus.sources.terraform.functions.collections import (
    chunklist,
    distinct,
    flatten,
    reverse,
    sort,
    transpose,
)
from surplus.sources.terraform.values import EvaluationError, Set

EXAMPLES: list[tuple[str, list[Any], Any]] = [
    ("alltrue", [["true", True]], True),
    ("alltrue", [[True, False]], False),
    ("alltrue", [[]], True),
    ("alltrue", [[True, None]], False),
    ("anytrue", [["true"]], True),
    ("anytrue", [[True, False]], True),
    ("anytrue", [[]], False),
    ("anytrue", [[None, True]], True),
    ("chunklist", [["a", "b", "c", "d", "e"], 2], [["a", "b"], ["c", "d"], ["e"]]),
    ("chunklist", [["a", "b", "c"], 1], [["a"], ["b"], ["c"]]),
    ("chunklist", [["a", "b", "c"], 0], [["a", "b", "c"]]),
    ("chunklist", [[], 2], []),
    ("coalesce", ["a", "b"], "a"),
    ("coalesce", ["", "b"], "b"),
    ("coalesce", [None, "", 1, 2], "1"),
    ("coalesce", [1, 2], 1),
    ("coalesce", [0, 1], 0),
    ("coalesce", [False, True], False),
    ("coalesce", [{"a": 1}, {"b": "x"}], {"a": "1"}),
    ("coalescelist", [["a", "b"], ["c", "d"]], ["a", "b"]),
    ("coalescelist", [[], ["c", "d"]], ["c", "d"]),
    ("compact", [["a", "", "b", None, "c"]], ["a", "b", "c"]),
    ("compact", [[1, ""]], ["1"]),
    ("concat", [["a", ""], ["b", "c"]], ["a", "", "b", "c"]),
    ("concat", [["a"], [1]], ["a", 1]),
    ("contains", [["a", "b", "c"], "a"], True),
    ("contains", [["a", "b", "c"], "d"], False),
    ("contains", [[1, 2], "1"], False),
    ("contains", [[1, True], True], True),
    ("contains", [[{"a": 1}], {"a": 1}], True),
    ("contains", [Set(["a"]), "a"], True),
    ("distinct", [["a", "b", "a", "c", "d", "b"]], ["a", "b", "c", "d"]),
    ("distinct", [[1, "1"]], ["1"]),
    ("distinct", [[{"a": 1}, {"a": "1"}]], [{"a": "1"}]),
    ("element", [["a", "b", "c"], 1], "b"),
    ("element", [["a", "b", "c"], 3], "a"),
    ("flatten", [[["a", "b"], [], ["c"]]], ["a", "b", "c"]),
    ("flatten", [[[["a", "b"], []], ["c"]]], ["a", "b", "c"]),
    ("flatten", [[Set(["a", "b"]), None, {"a": [1]}]], ["a", "b", None, {"a": [1]}]),
    ("index", [["a", "b", "c"], "b"], 1),
    ("index", [[{"a": 1}], {"a": 1}], 0),
    ("keys", [{"c": 1, "a": 2, "d": 3}], ["a", "c", "d"]),
    ("length", [[]], 0),
    ("length", [["a", "b"]], 2),
    ("length", [{"a": "b"}], 1),
    ("length", ["hello"], 5),
    ("lookup", [{"a": "ay", "b": "bee"}, "a", "what?"], "ay"),
    ("lookup", [{"a": "ay", "b": "bee"}, "c", "what?"], "what?"),
    ("lookup", [{"a": None}, "a", "x"], None),
    ("lookup", [{}, "b", [1]], [1]),
    ("lookup", [{"a": 1}, "a"], 1),
    (
        "matchkeys",
        [["i-123", "i-abc", "i-def"], ["us-west", "us-east", "us-east"], ["us-east"]],
        ["i-abc", "i-def"],
    ),
    ("matchkeys", [["a", "b"], [1, 2], ["2"]], ["b"]),
    ("matchkeys", [["a"], ["1"], []], []),
    ("merge", [{"a": "b", "c": "d"}, {"e": "f", "c": "z"}], {"a": "b", "c": "z", "e": "f"}),
    ("merge", [{"a": "b"}, {"a": [1, 2], "c": "z"}, {"d": 3}], {"a": [1, 2], "c": "z", "d": 3}),
    ("merge", [{"a": 1}, None, {"a": 2}], {"a": 2}),
    ("merge", [], {}),
    ("one", [[]], None),
    ("one", [["hello"]], "hello"),
    ("one", [Set(["a"])], "a"),
    ("range", [3], [0, 1, 2]),
    ("range", [0], []),
    ("range", [-3], [0, -1, -2]),
    ("range", [1, 4], [1, 2, 3]),
    ("range", [4, 1], [4, 3, 2]),
    ("range", [1, 8, 2], [1, 3, 5, 7]),
    ("range", [1, 4, 0.5], [1, 1.5, 2, 2.5, 3, 3.5]),
    ("range", [4, 1, -1], [4, 3, 2]),
    ("range", [10, 5, -2], [10, 8, 6]),
    ("range", [1, 1, -1], []),
    ("range", [1, 1, 0], []),
    ("range", [1, 3, "1"], [1, 2]),
    ("reverse", [[1, 2, 3]], [3, 2, 1]),
    ("reverse", [Set(["a", "b"])], ["b", "a"]),
    ("slice", [["a", "b", "c", "d"], 1, 3], ["b", "c"]),
    ("slice", [["a"], 0, 0], []),
    ("sort", [["e", "d", "a", "x"]], ["a", "d", "e", "x"]),
    ("sort", [["é", "z", "Z", 1]], ["1", "Z", "z", "é"]),
    ("transpose", [{"a": ["1", "2"], "b": ["2", "3"]}], {"1": ["a"], "2": ["a", "b"], "3": ["b"]}),
    ("transpose", [{"a": ["b"], "c": ["b", "b"]}], {"b": ["a", "c", "c"]}),
    ("values", [{"a": 3, "c": 2, "d": 1}], [3, 2, 1]),
    ("zipmap", [["a", "b"], [1, 2]], {"a": 1, "b": 2}),
    ("zipmap", [["a", "a"], [1, 2]], {"a": 2}),
    ("zipmap", [Set(["a", "b"]), [1, 2]], {"a": 1, "b": 2}),
]

ERRORS: list[tuple[str, list[Any]]] = [
    ("alltrue", [["x"]]),
    ("alltrue", [True]),
    ("chunklist", [["a"], -1]),
    ("coalesce", []),
    ("coalesce", [None, ""]),
    ("coalesce", [1, True]),
    ("coalescelist", []),
    ("coalescelist", [[], []]),
    ("coalescelist", [{}, {"a": 1}]),
    ("compact", [["a", ["b"]]]),
    ("concat", []),
    ("concat", ["a"]),
    ("concat", [["a"], None]),
    ("concat", [["a"], Set(["z"])]),
    ("contains", [["a", None], None]),
    ("contains", [{"a": 1}, 1]),
    ("distinct", [[1, True]]),
    ("distinct", ["a"]),
    ("element", [[], 0]),
    ("element", [["a"], 0.5]),
    ("element", [Set(["a"]), 0]),
    ("element", [{"a": 1}, 0]),
    ("flatten", ["a"]),
    ("flatten", [None]),
    ("index", [["a"], "z"]),
    ("index", [["1"], 1]),
    ("index", [[], "z"]),
    ("index", [Set(["a"]), "a"]),
    ("keys", ["a"]),
    ("keys", [None]),
    ("length", [5]),
    ("length", [None]),
    ("length", [["a"], ["b"]]),
    ("list", ["a"]),
    ("lookup", [{"a": 1}, "b"]),
    ("lookup", [{"a": 1}, "a", "x", "y"]),
    ("lookup", [[1], 0]),
    ("lookup", [None, "b", None]),
    ("map", ["a", "b"]),
    ("matchkeys", [["a"], ["x", "y"], ["x"]]),
    ("merge", [{"a": 1}, ["x"]]),
    ("one", [[1, 2]]),
    ("one", [None]),
    ("one", ["a"]),
    ("range", []),
    ("range", [1, 2, 3, 4]),
    ("range", [0, 1, 0]),
    ("range", [1, 4, -1]),
    ("range", [4, 1, 1]),
    ("range", [1025]),
    ("range", [0, 10**9]),
    ("reverse", ["a"]),
    ("slice", [["a", "b", "c"], 1, 5]),
    ("slice", [["a", "b", "c"], 2, 1]),
    ("slice", [["a"], -1, 1]),
    ("slice", [["a"], 0.5, 1]),
    ("slice", [Set(["a"]), 0, 1]),
    ("slice", ["abc", 0, 1]),
    ("sort", [[None, "a"]]),
    ("transpose", [{"a": ["1", None]}]),
    ("values", ["a"]),
    ("zipmap", [["a"], [1, 2]]),
    ("zipmap", [[None], [1]]),
    ("zipmap", [["a"], Set([1])]),
]

ANY = Unknown("why")
SYMBOL = Unknown("later", text="⟨aws_subnet.a.id⟩", nullable=False)


@pytest.mark.parametrize(("name", "args", "expected"), EXAMPLES)
def test_examples(run: Any, name: str, args: list[Any], expected: Any) -> None:
    result = run(name, *args)
    assert result == expected
    assert type(result) is type(expected)


@pytest.mark.parametrize(("name", "args"), ERRORS)
def test_errors(run: Any, name: str, args: list[Any]) -> None:
    with pytest.raises(EvaluationError, match=f"^{name}: "):
        run(name, *args)


def test_element_wraps_backwards_as_opentofu_does(run: Any) -> None:
    assert run("element", ["a", "b"], -1) == "b"


def test_a_null_list_is_skipped(run: Any) -> None:
    assert run("coalescelist", None, ["a"]) == ["a"]


def test_flatten_names_its_bound(run: Any) -> None:
    assert "MAX_ITEMS" in run("flatten", [[0] * 60_000] * 2).reason


def test_range_names_its_bound(run: Any) -> None:
    assert len(run("range", 1024)) == 1024
    with pytest.raises(EvaluationError, match="MAX_RANGE"):
        run("range", 1e9)
    assert len(run("range", 0, 102.4, 0.1)) == 1024


KEEPING: list[tuple[str, list[Any], Any]] = [
    ("concat", [["x"], [SYMBOL]], ["x", SYMBOL]),
    ("flatten", [[["x"], [[SYMBOL]]]], ["x", SYMBOL]),
    ("chunklist", [["x", SYMBOL], 1], [["x"], [SYMBOL]]),
    ("distinct", [[SYMBOL, SYMBOL]], [SYMBOL]),
    ("element", [[SYMBOL, "x"], 2], SYMBOL),
    ("keys", [{"a": SYMBOL}], ["a"]),
    ("length", [[SYMBOL, ANY]], 2),
    ("length", [{"a": ANY}], 1),
    ("length", [Set([SYMBOL])], 1),
    ("lookup", [{"a": SYMBOL}, "a", ""], SYMBOL),
    ("lookup", [{"a": 1}, "b", SYMBOL], SYMBOL),
    ("merge", [{"a": ANY}, {"b": SYMBOL}], {"a": ANY, "b": SYMBOL}),
    ("one", [[SYMBOL]], SYMBOL),
    ("reverse", [[SYMBOL, 1]], [1, SYMBOL]),
    ("slice", [[SYMBOL, 1], 0, 1], [SYMBOL]),
    ("values", [{"b": SYMBOL, "a": 1}], [1, SYMBOL]),
    ("zipmap", [["a"], [SYMBOL]], {"a": SYMBOL}),
    ("coalesce", [None, SYMBOL, "x"], SYMBOL),
    ("coalesce", ["x", ANY], "x"),
    ("coalescelist", [[], [SYMBOL]], [SYMBOL]),
    ("contains", [[ANY, "a"], "a"], True),
    ("contains", [[SYMBOL], SYMBOL], True),
    ("alltrue", [[ANY, False]], False),
    ("anytrue", [[ANY, True]], True),
    ("index", [["a", ANY], "a"], 0),
]


@pytest.mark.parametrize(("name", "args", "expected"), KEEPING)
def test_what_an_unknown_does_not_hide(run: Any, name: str, args: list[Any], expected: Any) -> None:
    assert run(name, *args) == expected


LOSING: list[tuple[str, list[Any]]] = [
    ("alltrue", [[ANY, True]]),
    ("anytrue", [[ANY, False]]),
    ("coalesce", [ANY, "x"]),
    ("coalesce", [Unknown("why", nullable=False), "x"]),
    ("coalescelist", [ANY, ["x"]]),
    ("compact", [[ANY, "x"]]),
    ("concat", [["x"], ANY]),
    ("contains", [[ANY, "a"], "b"]),
    ("contains", [ANY, "b"]),
    ("distinct", [["x", ANY]]),
    ("element", [["x"], ANY]),
    ("flatten", [[["x"], ANY]]),
    ("flatten", [[["x"], Unknown("why", text="⟨a.b.ids⟩", nullable=False)]]),
    ("index", [ANY, "a"]),
    ("length", [Set([ANY])]),
    ("index", [[ANY, "a"], "a"]),
    ("keys", [ANY]),
    ("length", [ANY]),
    ("length", [Set(["a", ANY])]),
    ("lookup", [ANY, "a", "x"]),
    ("lookup", [{"a": 1}, ANY, "x"]),
    ("matchkeys", [["a"], [ANY], ["x"]]),
    ("merge", [{"a": 1}, ANY]),
    ("one", [ANY]),
    ("range", [ANY]),
    ("sort", [["a", ANY]]),
    ("transpose", [{"a": [ANY]}]),
    ("zipmap", [[ANY], ["x"]]),
]


@pytest.mark.parametrize(("name", "args"), LOSING)
def test_what_an_unknown_hides(run: Any, name: str, args: list[Any]) -> None:
    result = run(name, *args)
    assert isinstance(result, Unknown)
    assert result.reason == "why"


@pytest.mark.parametrize(
    ("maps", "entries"),
    [
        ([ANY, {"a": 1, "b": SYMBOL}, {"a": 2}], {"a": 2, "b": SYMBOL}),
        ([{"a": 1}, ANY, {"b": 2}], {"b": 2}),
        ([{"a": 1, "b": 1}, Unknown("why", entries=(("a", 2),)), {"c": [3]}], {"a": 2}),
        ([ANY, {"a": 1}, {"a": []}], {}),
    ],
)
def test_what_is_merged_over_an_unknown_map_is_known(run: Any, maps: list[Any], entries: dict[str, Any]) -> None:
    result = run("merge", *maps)
    assert isinstance(result, Unknown)
    assert dict(result.entries) == entries


def test_wrong_types_are_errors_beside_unknowns(run: Any) -> None:
    for name, args in [("merge", [ANY, "x"]), ("coalescelist", [ANY, "x"])]:
        with pytest.raises(EvaluationError):
            run(name, *args)


def test_an_unknown_set_element_keeps_its_identity(run: Any) -> None:
    (kept,) = run("concat", [SYMBOL])
    assert kept is SYMBOL


TEXTS = st.lists(st.text(max_size=3), max_size=20)


@given(TEXTS)
def test_sort_reverse_distinct(items: list[str]) -> None:
    assert sort(reverse(items)) == sort(items) == sorted(items)
    assert reverse(reverse(items)) == items
    assert distinct(items) == list(dict.fromkeys(items))


@given(TEXTS, st.integers(1, 5))
def test_flatten_undoes_chunklist(items: list[str], size: int) -> None:
    assert flatten(chunklist(items, size)) == items
    assert all(len(chunk) <= size for chunk in chunklist(items, size))


@given(st.dictionaries(st.text(max_size=2), st.lists(st.text(max_size=2), min_size=1, unique=True)))
def test_transpose_twice_is_the_same_map(items: dict[str, list[str]]) -> None:
    assert transpose(transpose(items)) == {key: sorted(names) for key, names in items.items()}
