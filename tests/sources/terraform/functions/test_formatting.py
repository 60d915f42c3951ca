from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surplus.model import Unknown
from surplus.sources.terraform.functions.formatting import format_text
from surplus.sources.terraform.values import EvaluationError

EXAMPLES: list[tuple[str, list[Any], Any]] = [
    ("format", ["Hello, %s!", "Ander"], "Hello, Ander!"),
    ("format", ["There are %d lights", 4], "There are 4 lights"),
    ("format", ["%v", [1, 1000000, "<a>", None]], '[1,1000000,"\\u003ca\\u003e",null]'),
    ("format", ["%v", {"b": 1, "a": True}], '{"a":true,"b":1}'),
    ("format", ["%v %v %v", "a", 1, True], "a 1 true"),
    ("format", ["%v", 1000000], "1e+06"),
    ("format", ["%v", 12345678], "1.2345678e+07"),
    ("format", ["%v", 123456], "123456"),
    ("format", ["%v", 0.00001], "1e-05"),
    ("format", ["%v", 0.1], "0.1"),
    ("format", ["%#v %#v", "a", {"a": 1}], '"a" {"a":1}'),
    ("format", ["%t %t", True, "false"], "true false"),
    ("format", ["%b %d %o %x %X", 5, 5, 8, 255, 255], "101 5 10 ff FF"),
    ("format", ["%#o %#b %#X %#x", 8, 5, 255, 255], "010 0b101 0XFF 0xff"),
    ("format", ["%x", -255], "-ff"),
    ("format", ["%d", "12"], "12"),
    ("format", ["%d", 1e20], "100000000000000000000"),
    ("format", ["%e %E", 1.5, 12345.678], "1.500000e+00 1.234568E+04"),
    ("format", ["%e", 0], "0.000000e+00"),
    ("format", ["%f %f", 1, "1.5"], "1.000000 1.500000"),
    ("format", ["%g %g %g %G", 100000, 1e21, 0.00001234, 1e-7], "100000 1e+21 1.234e-05 1E-07"),
    ("format", ["%+.3g|%8.2e", 1234567, 123.456], "+1.23e+06|1.23e+02"),
    ("format", ["%.2f %.1f %.1f %.1f %.0f", 2.675, 0.25, 0.35, 0.45, 2.5], "2.67 0.2 0.3 0.4 2"),
    ("format", ["%05.2f|%08.3f|%+.2e", 3.14159, -3.14159, 123456.789], "03.14|-003.142|+1.23e+05"),
    ("format", ["%-8s|%8s|%05s", "ab", "cd", "é"], "ab      |      cd|0000é"),
    ("format", ["%.3s|%5.1s|%.0s", "abcdef", "xyz", "abc"], "abc|    x|abc"),
    ("format", ["%6.3v|%5v|%08v|%-08v", "abcdef", 12, "a", "a"], "abcdef|   12|0000000a|a0000000"),
    ("format", ["%q|%.2q|%8q", 'a"b\n', "abc", "<"], '"a\\"b\\n"|"ab"|"\\u003c"'),
    ("format", ["%+d|% d|%+5d|% 5d|%08d|%-6d|", 5, 7, 3, 3, -42, 7], "+5| 7|   +3|    3|-0000042|7     |"),
    ("format", ["%5.3d|%+.3d", 7, 7], "  007|+007"),
    ("format", ["%-03.0f|%-03d|", 1, 1], "001|1  |"),
    ("format", ["%g %.3g %.3g %g %g", 0, 1000, 100, 150.5, -2], "0 1e+03 100 150.5 -2"),
    ("format", ["%.2e %.0e", 0, 15], "0.00e+00 2e+01"),
    ("format", ["%[2]s %[1]s %s", "a", "b"], "b a b"),
    ("format", ["%[1]d %[1]x", 255], "255 ff"),
    ("format", ["100%% of %s", "it"], "100% of it"),
    ("format", ["%s", True], "true"),
    ("format", ["%s", 10**30], "1000000000000000000000000000000"),
    ("formatlist", ["Hello, %s!", ["Valentina", "Ander"]], ["Hello, Valentina!", "Hello, Ander!"]),
    (
        "formatlist",
        ["%s, %s!", "Salutations", ["Olivia", "Sam"]],
        ["Salutations, Olivia!", "Salutations, Sam!"],
    ),
    ("formatlist", ["%s-%d", ["a", "b"], [1, 2]], ["a-1", "b-2"]),
    ("formatlist", ["%s", []], []),
    ("formatlist", ["x"], ["x"]),
    ("formatlist", ["%v", [["a"]]], ['["a"]']),
]

ERRORS: list[tuple[str, list[Any]]] = [
    ("format", ["%s"]),
    ("format", ["%s %s", "a"]),
    ("format", ["%[3]s", "a"]),
    ("format", ["%[0]s", "a"]),
    ("format", ["%s", "a", "b"]),
    ("format", ["a", "b"]),
    ("format", ["%z", "a"]),
    ("format", ["%"]),
    ("format", ["%5%"]),
    ("format", ["%*d", 5, 3]),
    ("format", ["%d", 1.5]),
    ("format", ["%d", "x"]),
    ("format", ["%d", True]),
    ("format", ["%x", "hello"]),
    ("format", ["%s", ["a"]]),
    ("format", ["%t", "yes"]),
    ("format", [None]),
    ("format", []),
    ("formatlist", ["%s-%s", ["a", "b"], ["x"]]),
    ("formatlist", ["%s", ["a"], "extra"]),
    ("formatlist", ["%s", ["a", None]]),
]

SYMBOL = Unknown("later", text="⟨aws_lambda_function.f.arn⟩", nullable=False)


@pytest.mark.parametrize(("name", "args", "expected"), EXAMPLES)
def test_examples(run: Any, name: str, args: list[Any], expected: Any) -> None:
    assert run(name, *args) == expected


@pytest.mark.parametrize(("name", "args"), ERRORS)
def test_errors(run: Any, name: str, args: list[Any]) -> None:
    with pytest.raises(EvaluationError, match=f"^{name}: "):
        run(name, *args)


def test_a_null_has_a_form_only_for_v(run: Any) -> None:
    assert run("format", "%v", None) == "null"
    with pytest.raises(EvaluationError, match="null"):
        run("format", "%s", None)


@pytest.mark.parametrize("verb", ["%s", "%v"])
def test_a_symbol_stays_in_the_text(run: Any, verb: str) -> None:
    result = run("format", f"/aws/lambda/{verb}/%d", SYMBOL, 1)
    assert result == Unknown("later", "/aws/lambda/⟨aws_lambda_function.f.arn⟩/1", nullable=False)


@pytest.mark.parametrize("verb", ["%d", "%q", "%20s", "%.3s", "%#v"])
def test_other_verbs_lose_the_symbol(run: Any, verb: str) -> None:
    assert run("format", verb, SYMBOL) == Unknown("later", nullable=False)


def test_unknown_arguments(run: Any) -> None:
    assert run("format", "%s-%s", SYMBOL, Unknown("r")) == Unknown("later", nullable=False)
    assert run("format", Unknown("r"), 1) == Unknown("r", nullable=False)
    assert run("formatlist", "%s", Unknown("r")) == Unknown("r", nullable=False)
    assert run("formatlist", "x%s", [SYMBOL, "b", Unknown("r")]) == [
        Unknown("later", "x⟨aws_lambda_function.f.arn⟩", nullable=False),
        "xb",
        Unknown("r", nullable=False),
    ]


def test_an_absurd_width_is_bounded(run: Any) -> None:
    assert "MAX_TEXT" in run("format", "%999999999d", 1).reason


@given(st.integers())
def test_d_writes_whole_numbers(number: int) -> None:
    assert format_text("%d", number) == str(number)


@given(st.text(), st.text())
def test_s_keeps_strings(left: str, right: str) -> None:
    assert format_text("%s%%%s", left, right) == f"{left}%{right}"
