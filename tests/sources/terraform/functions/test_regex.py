import re
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surplus.model import Unknown
from surplus.sources.terraform.functions.re2 import compile_pattern
from surplus.sources.terraform.values import EvaluationError

EXAMPLES: list[tuple[str, list[Any], Any]] = [
    ("regex", ["[a-z]+", "53453453.345345aaabbbccc23454"], "aaabbbccc"),
    ("regex", [r"(\d\d\d\d)-(\d\d)-(\d\d)", "2019-02-01"], ["2019", "02", "01"]),
    (
        "regex",
        [r"^(?:(?P<scheme>[^:/?#]+):)?(?://(?P<authority>[^/?#]*))?", "https://terraform.io/docs/"],
        {"scheme": "https", "authority": "terraform.io"},
    ),
    ("regex", ["(a)|(b)", "b"], [None, "b"]),
    ("regex", ["(?<n>a)", "a"], {"n": "a"}),
    ("regex", [r"\pL+", "héé1"], "héé"),
    ("regex", [r"\PL", "a1"], "1"),
    ("regex", [r"\p{^L}", "a1"], "1"),
    ("regex", [r"[\p{Lu}\s]+", "aB C"], "B C"),
    ("regex", [r"\z", "a"], ""),
    ("regex", ["(?i)ABC", "abc"], "abc"),
    ("regex", ["(?i)É", "é"], "é"),
    ("regex", ["(?i)[^a-z]", "A1"], "1"),
    ("regex", ["(?i:A)b", "ab"], "ab"),
    ("regex", ["a(?i)B", "ab"], "ab"),
    ("regex", ["(?s).", "\n"], "\n"),
    ("regex", ["(?m)^b$", "a\nb\nc"], "b"),
    ("regex", ["(?U)a+", "aaa"], "a"),
    ("regex", ["(?ims-U:a.)", "A\n"], "A\n"),
    ("regex", ["[[:alpha:]]+", "1ab"], "ab"),
    ("regex", ["[[:^alpha:]]+", "1ab"], "1"),
    ("regex", ["[^[:alpha:]]+", "a12b"], "12"),
    ("regex", ["[[:word:]-]+", "a-b"], "a-b"),
    ("regex", [r"[\d\-x]+", "a12-x"], "12-x"),
    ("regex", ["[]a]", "]"], "]"),
    ("regex", ["[^]a]", "b"], "b"),
    ("regex", ["[[a]+", "[a"], "[a"),
    ("regex", ["[-a]+", "a-"], "a-"),
    ("regex", ["[a-b-c]+", "a-c"], "a-c"),
    ("regex", ["[a&&b]+", "a&&b"], "a&&b"),
    ("regex", [r"\Qa.b\E", "a.b"], "a.b"),
    ("regex", [r"a\Q+\E+", "a++"], "a++"),
    ("regex", [r"\x{41}\x42\103", "ABC"], "ABC"),
    ("regex", [r"\bfoo\b", "a foo b"], "foo"),
    ("regex", [r"\B", "ab"], ""),
    ("regex", ["a{,2}", "a{,2}"], "a{,2}"),
    ("regex", ["a{2,3}?", "aaa"], "aa"),
    ("regex", ["a{2,}", "aaa"], "aaa"),
    ("regex", ["a{0}", "a"], ""),
    ("regex", ["(a|ab)(c|bcd)(d*)", "abcd"], ["a", "bcd", ""]),
    ("regex", ["|a", "a"], ""),
    ("regex", ["()", "a"], [""]),
    ("regex", ["(a*)*", "b"], [""]),
    ("regex", ["(a*)+", "b"], [""]),
    ("regex", ["(a|b*)*", "ab"], ["b"]),
    ("regex", ["(|a)*", "aa"], [""]),
    ("regex", ["(|a)+", "aa"], [""]),
    ("regex", ["(?:a?)*?b", "aab"], "aab"),
    ("regex", ["(?s:.)(?m:$)", "\n"], "\n"),
    ("regex", [r"\_", "_"], "_"),
    ("regex", [r"\a|\07", "\a"], "\a"),
    ("regex", ["^*", "a"], ""),
    ("regex", ["(a+)+b", "aaab"], ["aaa"]),
    ("regexall", ["[a-z]+", "1234abcd5678efgh9"], ["abcd", "efgh"]),
    ("regexall", ["[a-z]+", "123456789"], []),
    ("regexall", ["(a)(b)?", "aab"], [["a", None], ["a", "b"]]),
    ("regexall", [r"(?P<k>\w)=(?P<v>\w)", "a=1,b=2"], [{"k": "a", "v": "1"}, {"k": "b", "v": "2"}]),
    ("regexall", ["a*", "baac"], ["", "aa", ""]),
    ("regexall", ["^", "abc"], [""]),
    ("replace", ["1 + 2 + 3", "+", "-"], "1 - 2 - 3"),
    ("replace", ["hello world", "/w.*d/", "everybody"], "hello everybody"),
    ("replace", ["a-b", r"/(\w)-(\w)/", "$2-$1"], "b-a"),
    ("replace", ["a-b", r"/(\w)-(\w)/", "${2}x $2x$$"], "bx $"),
    ("replace", ["hello", "/(?P<first>h)/", "${first}1$3"], "h1ello"),
    ("replace", ["hello", "/h/", "$$$ $x-$0"], "$$ -hello"),
    ("replace", ["abc", "", "-"], "-a-b-c-"),
    ("replace", ["abc", "//", "-"], "-a-b-c-"),
    ("replace", ["baaac", "/a*/", "x"], "xbxcx"),
    ("replace", ["é", "/x*/", "-"], "-é-"),
    ("replace", ["a/b", "/", "-"], "a-b"),
    ("replace", ["aa", "/^a/", "b"], "ba"),
]

ERRORS: list[tuple[str, list[Any]]] = [
    ("regex", ["[a-z]+", "53"]),
    ("regex", ["(?P<a>x)(y)", "xy"]),
    ("regex", ["(", "x"]),
    ("regex", ["a)", "x"]),
    ("regex", ["(?=a)", "a"]),
    ("regex", ["(?#x)", "a"]),
    ("regex", ["(?z)a", "a"]),
    ("regex", ["(?i", "a"]),
    ("regex", ["(?P<n", "a"]),
    ("regex", [r"\d", "٣"]),
    ("regex", [r"\w", "é"]),
    ("regex", [r"\s", "\v"]),
    ("regex", [r"\b", "é"]),
    ("regex", ["a$", "a\n"]),
    ("regex", [r"\Z", "a"]),
    ("regex", [r"\C", "a"]),
    ("regex", [r"\1", "a"]),
    ("regex", [r"\e", "a"]),
    ("regex", [r"\x4", "a"]),
    ("regex", [r"\pX", "a"]),
    ("regex", [r"\p{L", "a"]),
    ("regex", [r"\x{110000}", "a"]),
    ("regex", ["[a-", "a"]),
    ("regex", ["\\", "a"]),
    ("regex", ["a**", "a"]),
    ("regex", ["a++", "a"]),
    ("regex", ["*a", "a"]),
    ("regex", ["a|*", "a"]),
    ("regex", ["a{3,2}", "a"]),
    ("regex", ["a{1001}", "a"]),
    ("regex", ["(a{1000}){2}", "a"]),
    ("regex", ["[a", "a"]),
    ("regex", ["[z-a]", "a"]),
    ("regex", [r"[a-\d]", "a"]),
    ("regex", ["[[:foo:]]", "a"]),
    ("regexall", ["(", "x"]),
    ("replace", ["a", "/(/", "b"]),
]


@pytest.mark.parametrize(("name", "args", "expected"), EXAMPLES)
def test_examples(run: Any, name: str, args: list[Any], expected: Any) -> None:
    assert run(name, *args) == expected


@pytest.mark.parametrize(("name", "args"), ERRORS)
def test_errors(run: Any, name: str, args: list[Any]) -> None:
    with pytest.raises(EvaluationError, match=f"^{name}: "):
        run(name, *args)


def test_what_cannot_be_matched_is_unknown_with_the_bound(run: Any) -> None:
    assert "Greek" in run("regex", r"\p{Greek}", "α").reason
    assert "MAX_REGEX_INPUT" in run("regexall", "x", "a" * 200_000).reason
    assert "MAX_REGEX_PATTERN" in run("replace", "a", f"/{'a' * 3_000}/", "b").reason
    assert "MAX_REGEX_PROGRAM" in run("regex", "(?:abcdefghijklmnopqrstuvwxyz){1000}", "a").reason
    assert "MAX_REGEX_WORK" in run("regex", "(?:a|b|c|d|e|f|g){500}x", "abcdefg" * 10_000).reason


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|aa)+$", "(.*)*=(.*)*", "a*a*a*a*a*a*b"])
def test_no_pattern_explodes(run: Any, pattern: str) -> None:
    before = time.process_time()
    run("regexall", pattern, "a" * 2_000 + "!")
    assert time.process_time() - before < 20


def test_an_unknown_pattern_or_text(run: Any) -> None:
    assert run("regex", Unknown("r"), "a") == Unknown("r", nullable=False)
    assert run("replace", "a", "/a/", Unknown("r")) == Unknown("r", nullable=False)


PIECES = st.sampled_from(
    [
        "a",
        "b",
        "[ab]",
        "[^a]",
        ".",
        "(a)",
        "(b|a)",
        "a?",
        "b*",
        "(?:ab)+",
        "a{1,2}",
        "^",
        "$",
        r"\b",
        "|",
        "b*?",
    ]
)


@settings(max_examples=300)
@given(st.lists(PIECES, min_size=1, max_size=5), st.text("abc", max_size=8))
def test_leftmost_first_as_in_pythons_engine(pieces: list[str], text: str) -> None:
    pattern = "".join(pieces)
    found = next(compile_pattern(pattern).matches(text), None)
    expected = re.compile(pattern.replace("$", r"\Z"), re.ASCII).search(text)
    spans = expected and [place for group in expected.regs for place in group]
    assert (found and [-1 if place is None else place for place in found]) == spans
