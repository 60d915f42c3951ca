from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surplus.model import Unknown
from surplus.sources.terraform.functions.strings import (
    chomp,
    graphemes,
    join,
    split,
    strrev,
    substr,
    trimspace,
)
from surplus.sources.terraform.values import EvaluationError

EXAMPLES: list[tuple[str, list[Any], Any]] = [
    ("chomp", ["hello"], "hello"),
    ("chomp", ["hello\r\n"], "hello"),
    ("chomp", ["hello\n\n"], "hello"),
    ("chomp", ["a\n\r"], "a"),
    ("endswith", ["hello world", "world"], True),
    ("endswith", ["hello world", "hello"], False),
    ("endswith", ["abc", ""], True),
    ("indent", [2, "[\n  foo,\n  bar,\n]\n"], "[\n    foo,\n    bar,\n  ]\n  "),
    ("indent", [2, "a\r\nb"], "a\r\n  b"),
    ("join", ["-", ["foo", "bar", "baz"]], "foo-bar-baz"),
    ("join", [", ", ["foo"]], "foo"),
    ("join", [",", ["a"], ["b", 1]], "a,b,1"),
    ("lower", ["HELLO"], "hello"),
    ("lower", ["АЛЛО!"], "алло!"),
    ("split", [",", "foo,bar,baz"], ["foo", "bar", "baz"]),
    ("split", [",", "foo"], ["foo"]),
    ("split", [",", ""], [""]),
    ("split", ["", "abc"], ["a", "b", "c"]),
    ("split", [",", "a,b,"], ["a", "b", ""]),
    ("startswith", ["hello world", "hello"], True),
    ("startswith", ["", "a"], False),
    ("strcontains", ["hello world", "wor"], True),
    ("strcontains", ["hello world", "wod"], False),
    ("strrev", ["hello"], "olleh"),
    ("strrev", ["a ☃"], "☃ a"),
    ("substr", ["hello world", 1, 4], "ello"),
    ("substr", ["hello world", -5, -1], "world"),
    ("substr", ["hello world", 6, 10], "world"),
    ("substr", ["🤔🤷", 0, 1], "🤔"),
    ("substr", ["hello", -10, 2], "he"),
    ("substr", ["hello", 10, 2], ""),
    ("substr", ["hello", 2, -2], "llo"),
    ("substr", ["hello", 1, 0], ""),
    ("substr", ["hello", -3, 0], "llo"),
    ("title", ["hello world"], "Hello World"),
    ("title", ["world-foo a_b 1st it's éa"], "World-Foo A_b 1st It'S Éa"),
    ("title", ["ǆ hELLO"], "ǅ HELLO"),
    ("trim", ["?!hello?!", "!?"], "hello"),
    ("trim", ["foobar", "far"], "oob"),
    ("trim", ["  hello! world.!  ", "! "], "hello! world."),
    ("trim", [" a ", ""], " a "),
    ("trimprefix", ["helloworld", "hello"], "world"),
    ("trimprefix", ["helloworld", "cat"], "helloworld"),
    ("trimprefix", ["--hello", "-"], "-hello"),
    ("trimspace", ["  hello\n\n"], "hello"),
    ("trimspace", ["\u00a0 a \t\u2003"], "a"),
    ("trimspace", ["\u200ba"], "\u200ba"),
    ("trimsuffix", ["helloworld", "world"], "hello"),
    ("trimsuffix", ["helloworld", "cat"], "helloworld"),
    ("upper", ["hello"], "HELLO"),
    ("upper", ["ß1"], "ß1"),
    ("upper", [1], "1"),
    ("length", ["👩‍👩‍👧"], 1),
    ("length", ["\r\n"], 1),
    ("length", ["🇩🇪🇫🇷a"], 3),
    ("length", ["👍🏽"], 1),
]

ERRORS: list[tuple[str, list[Any]]] = [
    ("chomp", [None]),
    ("indent", [-1, "a\nb"]),
    ("indent", [1.5, "a\nb"]),
    ("join", [","]),
    ("join", [",", "a"]),
    ("join", [",", ["a", None]]),
    ("join", [",", [["a"]]]),
    ("lower", [["a"]]),
    ("split", [","]),
    ("substr", ["a", 0.5, 1]),
    ("upper", []),
    ("upper", ["a", "b"]),
]

SYMBOL = Unknown("known after apply", text="⟨aws_subnet.a.id⟩", nullable=False)


@pytest.mark.parametrize(("name", "args", "expected"), EXAMPLES)
def test_examples(run: Any, name: str, args: list[Any], expected: Any) -> None:
    assert run(name, *args) == expected


@pytest.mark.parametrize(("name", "args"), ERRORS)
def test_errors(run: Any, name: str, args: list[Any]) -> None:
    with pytest.raises(EvaluationError, match=f"^{name}: "):
        run(name, *args)


def test_join_keeps_symbolic_text(run: Any) -> None:
    result = run("join", ",", ["x", SYMBOL])
    assert result == Unknown("known after apply", "x,⟨aws_subnet.a.id⟩", nullable=False)


@pytest.mark.parametrize("lists", [[SYMBOL], [["a", Unknown("r")]], [Unknown("r")]])
def test_join_of_other_unknowns_is_unknown(run: Any, lists: list[Any]) -> None:
    result = run("join", ",", *lists)
    assert isinstance(result, Unknown)
    assert result.text is None
    assert not result.nullable


@pytest.mark.parametrize("name", ["lower", "upper", "trimspace", "chomp", "title", "strrev"])
def test_an_unknown_string_gives_an_unknown_that_is_not_null(run: Any, name: str) -> None:
    assert run(name, SYMBOL) == Unknown("known after apply", nullable=False)


def test_indent_is_bounded(run: Any) -> None:
    assert "MAX_TEXT" in run("indent", 10**9, "a\nb").reason


@given(st.text(min_size=1), st.lists(st.text(), min_size=1))
def test_split_undoes_join(separator: str, parts: list[str]) -> None:
    joined = join(separator, parts)
    assert join(separator, split(separator, joined)) == joined
    if not any(separator in part for part in parts) and len(separator) == 1:
        assert split(separator, joined) == parts


@given(st.text(st.characters(max_codepoint=0x2FF)))
def test_strrev_twice_and_clusters(text: str) -> None:
    if "\r" not in text:
        assert strrev(strrev(text)) == "".join(graphemes(text))
    assert substr(text, 0, -1) == "".join(graphemes(text))


@given(st.text())
def test_trimming_twice_changes_nothing(text: str) -> None:
    assert trimspace(trimspace(text)) == trimspace(text)
    assert chomp(chomp(text)) == chomp(text)
