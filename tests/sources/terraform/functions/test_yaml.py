from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surplus.model import Unknown
from surplus.sources.terraform.functions import yaml
from surplus.sources.terraform.functions.yaml import yamldecode, yamlencode
from surplus.sources.terraform.values import EvaluationError, Set

WORDS = ("yes", "YES", "On", "oN", "OFF", "n", "True", "tRue", "~", "NULL", "nULL")
NUMBERS = (
    "0x1F",
    "0o17",
    "017",
    "08",
    "1e3",
    "1.",
    ".5",
    "+1",
    "-0x1f",
    "0b11",
    "1_0",
    "1__0",
    "0o8",
    "12:30:45",
)
TIMES = (
    "2020-1-2",
    "2020-01-02 03:04:05",
    "2020-01-02T03:04:05.5+01:00",
    "2020-01-02t03:04:05z",
    "2020-02-30",
)

EXAMPLES: list[tuple[str, list[Any], Any]] = [
    ("yamldecode", ["hello: world"], {"hello": "world"}),
    ("yamldecode", ["true"], True),
    ("yamldecode", ["{a: &foo [1, 2, 3], b: *foo}"], {"a": [1, 2, 3], "b": [1, 2, 3]}),
    ("yamldecode", ["a: &x\n  b: 1\nc:\n  <<: *x\n  d: 2"], {"a": {"b": 1}, "c": {"b": 1, "d": 2}}),
    ("yamldecode", ["a: 9\n<<: {a: 1, b: 2}"], {"a": 1, "b": 2}),
    ("yamldecode", ["a: 1\na: 2"], {"a": 2}),
    ("yamldecode", ["- {}\n- []\n- ''\n- \"\"\n-"], [{}, [], "", "", None]),
    ("yamldecode", ["|\n  x\n  y\n"], "x\ny\n"),
    ("yamldecode", ["'1'"], "1"),
    ("yamldecode", ["|\n"], None),
    ("yamldecode", ["!!str |\n"], ""),
    ("yamldecode", ["---\n...\n"], None),
    ("yamldecode", ["1: a\ntrue: b\n1.50: c\n0x1F: d"], {"1": "a", "true": "b", "1.5": "c", "31": "d"}),
    (
        "yamldecode",
        ['a: !!str 1\nb: !!int "3"\nd: !!binary aGk=\nf: !!null ""\ng: !!float 3'],
        {"a": "1", "b": "3", "d": "aGk=", "f": "", "g": 3},
    ),
    (
        "yamldecode",
        [f"[{', '.join(WORDS)}]"],
        [True, True, True, "oN", False, False, True, "tRue", None, None, "nULL"],
    ),
    (
        "yamldecode",
        ["\n".join(f"- {number}" for number in NUMBERS)],
        [31, 15, 17, 8, 1000, 1, 0.5, 1, "-0x1f", "0b11", "1_0", "1__0", "0o8", "12:30:45"],
    ),
    (
        "yamldecode",
        ["\n".join(f"- {time}" for time in TIMES)],
        [
            "2020-01-02T00:00:00Z",
            "2020-01-02T03:04:05Z",
            "2020-01-02T03:04:05+01:00",
            "2020-01-02t03:04:05z",
            "2020-02-30",
        ],
    ),
    ("yamlencode", [{"a": "b", "c": "d"}], '"a": "b"\n"c": "d"\n'),
    ("yamlencode", [{"foo": [1, 2, 3], "bar": "baz"}], '"bar": "baz"\n"foo":\n- 1\n- 2\n- 3\n'),
    (
        "yamlencode",
        [{"foo": [1, {"a": "b", "c": "d"}, 3], "bar": "baz"}],
        '"bar": "baz"\n"foo":\n- 1\n- "a": "b"\n  "c": "d"\n- 3\n',
    ),
    (
        "yamlencode",
        [{"c": {"d": None}, "e": [], "f": {}, "g": [[1, 2], [[]], {"b": True}], "h": 1.5}],
        '"c":\n  "d": null\n"e": []\n"f": {}\n"g":\n- - 1\n  - 2\n- - []\n- "b": true\n"h": 1.5\n',
    ),
    (
        "yamlencode",
        [{"a": "multi\nline\n", "b": "line one\nline two", "e": "\n", "g": "  lead\nx\n"}],
        '"a": |\n  multi\n  line\n"b": |-\n  line one\n  line two\n"e": |2+\n\n"g": |2\n    lead\n  x\n',
    ),
    (
        "yamlencode",
        [{"c": "trail  \nx\n\n", "d": "tab\tx\ny", "e": "x\nz ", "f": "a\r\nb", "g": "😀\n\ufeffx"}],
        '"c": "trail  \\nx\\n\\n"\n"d": "tab\\tx\\ny"\n"e": "x\\nz "\n"f": "a\\r\\nb"\n"g": "\\U0001F600\\n\\uFEFFx"\n',
    ),
    ("yamlencode", [{"k k": 'q"\\é\u0007\u2028'}], '"k k": "q\\"\\\\é\\a\\L"\n'),
    ("yamlencode", [{"a\nb": 1, "x" * 140: 2}], f'? |-\n  a\n  b\n: 1\n? "{"x" * 140}"\n: 2\n'),
    ("yamlencode", [Set(["a", "b"])], '- "a"\n- "b"\n'),
    ("yamlencode", ["x " * 60], f'"{"x " * 40}x\n  {"x " * 19}"\n'),
    ("yamlencode", [5], "5\n...\n"),
    ("yamlencode", [None], "null\n...\n"),
    ("yamlencode", [0.00001], "0.00001\n...\n"),
    ("yamlencode", ["x"], '"x"\n'),
    ("yamlencode", [[]], "[]\n"),
]

ERRORS: list[tuple[str, list[Any]]] = [
    ("yamldecode", [""]),
    ("yamldecode", ["# c"]),
    ("yamldecode", ["\t"]),
    ("yamldecode", ["a: ["]),
    ("yamldecode", ["a: 1\n---\nb: 2"]),
    ("yamldecode", ["a: !foo x"]),
    ("yamldecode", ["!!set {a, b}"]),
    ("yamldecode", ["!!map [a]"]),
    ("yamldecode", ["? [a]\n: b"]),
    ("yamldecode", ["null: a"]),
    ("yamldecode", ["a: &a [*a]"]),
    ("yamldecode", ["a: *b"]),
    ("yamldecode", ["<<: 5"]),
    ("yamldecode", ["<<: [{a: 1}]"]),
    ("yamldecode", [".nan"]),
]

SYMBOL = Unknown("later", text="⟨a.b.id⟩", nullable=False)


@pytest.mark.parametrize(("name", "args", "expected"), EXAMPLES)
def test_examples(run: Any, name: str, args: list[Any], expected: Any) -> None:
    assert run(name, *args) == expected


@pytest.mark.parametrize(("name", "args"), ERRORS)
def test_errors(run: Any, name: str, args: list[Any]) -> None:
    with pytest.raises(EvaluationError, match=f"^{name}: "):
        run(name, *args)


def test_unknowns(run: Any) -> None:
    assert run("yamlencode", {"a": SYMBOL}) == Unknown("later", '"a": "⟨a.b.id⟩"\n', nullable=False)
    assert run("yamlencode", [Unknown("r"), SYMBOL]) == Unknown("r", nullable=False)
    assert run("yamldecode", SYMBOL) == Unknown("later")
    assert isinstance(run("yamldecode", "a: .inf")["a"], Unknown)


def test_without_libyaml(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(yaml, "_dumper", lambda: None)
    assert "libyaml" in run("yamlencode", [1]).reason


def test_an_alias_bomb_is_bounded(run: Any) -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 10)]
    assert "MAX_ITEMS" in run("yamldecode", "\n".join(lines)).reason
    assert "MAX_NESTING" in run("yamldecode", "[" * 300 + "]" * 300).reason


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**15), 10**15) | st.text(st.characters(codec="utf-8")),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abc\n: -#", max_size=5), inner, max_size=4),
    max_leaves=10,
)


@given(VALUES)
def test_yamldecode_undoes_yamlencode(value: Any) -> None:
    assert yamldecode(yamlencode(value)) == value
