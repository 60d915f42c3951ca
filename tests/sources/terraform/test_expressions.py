"""Expressions, from https://developer.hashicorp.com/terraform/language/expressions and HCL's specification."""

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from surplus.model import Unknown
from surplus.sources.terraform.values import contains_unknown
from terraform_roots import ANY, UNKNOWN, evaluated, shown, value

RESOURCES = """
resource "aws_vpc" "one" {}
resource "aws_subnet" "counted" { count = 2 }
resource "aws_subnet" "none" { count = 0 }
resource "aws_subnet" "keyed" { for_each = { b = 1, a = 2 } }
resource "aws_subnet" "some" { count = var.any }
"""


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("1 + 2 * 3", 7),
        ("(1 + 2) * 3", 9),
        ("7 / 2", 3.5),
        ("6 / 2", 3),
        ("1 / 3 * 3", 1),
        ("0.1 + 0.2", 0.3),
        ("0.1 + 0.2 == 0.3", True),
        ("7 % 3", 1),
        ("-7 % 3", -1),
        ("7 % -3", 1),
        ("5.5 % 2", 1.5),
        ('"2" * 3', 6),
        ("-(1 + 1)", -2),
        ("1 == 1.0", True),
        ('1 == "1"', False),
        ("true == 1", False),
        ("null == null", True),
        ('"" == null', False),
        ("[1, 2] == [1, 3]", False),
        ("{ a = 1 } != { a = 2 }", True),
        ("!true || true && false", False),
        ('"true" && true', True),
        ("1 < 2 && 2 <= 2 && 3 > 2 && 3 >= 3", True),
        ('true ? 1 : "a"', "1"),
        ('false ? 1 : "a"', "a"),
        ("true ? 1 : null", 1),
        ('true ? [1] : ["a"]', ["1"]),
        ('true ? { a = 1 } : { a = "x" }', {"a": "1"}),
        ("true ? 1 : upper(2)", "1"),
        ('[for x in ["a", "b"] : upper(x)]', ["A", "B"]),
        ("[for i, x in [5, 6] : i * x]", [0, 6]),
        ("[for k, v in { b = 1, a = 2 } : k]", ["a", "b"]),
        ('[for x in toset(["b", "a", "b"]) : x]', ["a", "b"]),
        ("[for x in [1, 2, 3] : x if x != 2]", [1, 3]),
        ('{ for x in ["a", "b"] : x => 1 }', {"a": 1, "b": 1}),
        ('{ for x in ["a", "ab"] : substr(x, 0, 1) => x... }', {"a": ["a", "ab"]}),
        ("[[1, 2], [3]][0][1]", 2),
        ('{ a = { b = "c" } }.a["b"]', "c"),
        ("[[1], [2]][*][0]", [1, 2]),
        ("[{ a = 1 }, { a = 2 }].*.a", [1, 2]),
        ("{ a = 1 }[*].a", [1]),
        ("null[*].a", []),
        ('"x"[*]', ["x"]),
        ('"a${1 + 1}b"', "a2b"),
        ('"${true}"', True),
        ('"%{ if true }yes%{ else }no%{ endif }"', "yes"),
        ('"%{ for x in [1, 2] }<${x}>%{ endfor }"', "<1><2>"),
        ('"$${x} %%{y}"', "${x} %{y}"),
        ("max([1, 5, 3]...)", 5),
        ("try({}.a, 2)", 2),
        ("can({}.a)", False),
        ("can({ a = 1 }.a)", True),
        ("tobool(1) == null", None),
        ('{ (true ? "a" : "b") = 1 }', {"a": 1}),
    ],
)
def test_known(expression: str, expected: Any) -> None:
    found = value(expression)
    if expected is None:
        assert isinstance(found, Unknown)
    else:
        assert found == expected
        assert type(found) is type(expected)


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        ("1 / 0", "division by zero"),
        ("1 % 0", "division by zero"),
        ("{}.a", 'no attribute "a"'),
        ('{}["a"]', 'no key "a"'),
        ("[1][1]", "outside a list of 1"),
        ("[1][-1]", "outside a list of 1"),
        ("[1][0.5]", "outside a list of 1"),
        ('toset(["a"])[0]', "a set has no indexes"),
        ('"a" + 1', "a number is required"),
        ("true + 1", "a number is required, not bool"),
        ('!"maybe"', "a bool is required"),
        ('"a${[]}"', "a string is required"),
        ('"a${null}"', "a string is required, not null"),
        ("nothing", '"nothing" alone is no value'),
        ("each.key", "means nothing here"),
        ('{ for x in ["a", "a"] : x => 1 }', 'two elements have the key "a"'),
        ("[for x in 5 : x]", "cannot be iterated"),
        ("max(5...)", "only a list can be expanded"),
    ],
)
def test_errors_become_unknown_with_their_reason(expression: str, reason: str) -> None:
    found = value(expression)
    assert isinstance(found, Unknown)
    assert reason in found.reason


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        *(
            (f"var.any {operator} 1", UNKNOWN)
            for operator in ("+", "-", "*", "/", "%", "<", ">", "<=", ">=", "==", "!=")
        ),
        *(
            (f"1 {operator} var.any", UNKNOWN)
            for operator in ("+", "-", "*", "/", "%", "<", ">", "<=", ">=", "==", "!=")
        ),
        ("var.any && true", UNKNOWN),
        ("var.any && false", False),
        ("false && var.any", False),
        ("true && var.any", UNKNOWN),
        ("var.any || true", True),
        ("true || var.any", True),
        ("var.any || false", UNKNOWN),
        ("!var.any", UNKNOWN),
        ("-var.any", UNKNOWN),
        ("var.any ? 1 : 1", 1),
        ("var.any ? 1 : 2", UNKNOWN),
        ("true ? 1 : var.any", 1),
        ("false ? 1 : var.any", UNKNOWN),
        ("[var.any, 1]", [UNKNOWN, 1]),
        ("[var.any, 1][1]", 1),
        ("[1, 1][var.any]", 1),
        ("[1, 2][var.any]", UNKNOWN),
        ("{ a = var.any }.a", UNKNOWN),
        ("{ (var.any) = 1 }", UNKNOWN),
        ("[for x in var.any : x]", UNKNOWN),
        ("[for x in [1, var.any] : x]", [1, UNKNOWN]),
        ("[for x in [1, var.any] : x if x == 1]", UNKNOWN),
        ('"a${var.any}"', UNKNOWN),
        ("var.any[*].id", UNKNOWN),
        ("var.any.a.b[0]", UNKNOWN),
        ("length([var.any, 1])", 2),
        ("max(var.any...)", UNKNOWN),
        ("try(var.any.a, 1)", UNKNOWN),
        ("can(var.any.a)", UNKNOWN),
        ('"%{ if var.any }a%{ endif }"', UNKNOWN),
        ("[1, var.any] == [2, var.any]", False),
        ("[var.any] == [var.any, 1]", False),
    ],
)
def test_unknown_flows(expression: str, expected: Any) -> None:
    assert shown(value(expression, ANY)) == expected


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("aws_vpc.one.id", "⟨aws_vpc.one.id⟩"),
        ("resource.aws_vpc.one.id", "⟨aws_vpc.one.id⟩"),
        ('"x-${aws_vpc.one.id}"', "x-⟨aws_vpc.one.id⟩"),
        ("aws_vpc.one.id == aws_vpc.one.id", True),
        ("aws_vpc.one.id == null", False),
        ("aws_vpc.one.id == aws_subnet.counted[0].id", UNKNOWN),
        ("var.any ? aws_vpc.one.id : aws_vpc.one.id", "⟨aws_vpc.one.id⟩"),
        ("aws_subnet.counted[1].id", "⟨aws_subnet.counted[1].id⟩"),
        ("aws_subnet.counted[*].id", ["⟨aws_subnet.counted[0].id⟩", "⟨aws_subnet.counted[1].id⟩"]),
        ("aws_subnet.counted.*.id", ["⟨aws_subnet.counted[0].id⟩", "⟨aws_subnet.counted[1].id⟩"]),
        ("aws_subnet.counted.*.id[0]", "⟨aws_subnet.counted[0].id⟩"),
        ("aws_subnet.none[*].id", []),
        ("aws_vpc.one[*].id", ["⟨aws_vpc.one.id⟩"]),
        ('aws_subnet.keyed["a"].id', '⟨aws_subnet.keyed["a"].id⟩'),
        ("values(aws_subnet.keyed)[*].id", ['⟨aws_subnet.keyed["a"].id⟩', '⟨aws_subnet.keyed["b"].id⟩']),
        ("{ for k, s in aws_subnet.keyed : k => s.id }", {k: f'⟨aws_subnet.keyed["{k}"].id⟩' for k in "ab"}),
        ("aws_subnet.some[*].id", "⟨aws_subnet.some[*].id⟩"),
        ("aws_subnet.some[0].id", "⟨aws_subnet.some[0].id⟩"),
        ("length(aws_subnet.counted)", 2),
        ("tolist(aws_subnet.counted[*].id)[0]", "⟨aws_subnet.counted[0].id⟩"),
        ("concat(aws_subnet.counted[*].id, [])[1]", "⟨aws_subnet.counted[1].id⟩"),
        ("flatten([aws_subnet.counted[*].id])[1]", "⟨aws_subnet.counted[1].id⟩"),
        ("merge({ a = aws_vpc.one.id }, {}).a", "⟨aws_vpc.one.id⟩"),
        ("try(aws_subnet.none[0].id, 7)", 7),
        ("try(aws_subnet.counted[0].id, 7)", "⟨aws_subnet.counted[0].id⟩"),
        ("coalesce(aws_vpc.one.id, 1)", "⟨aws_vpc.one.id⟩"),
        ("{ (aws_vpc.one.id) = 1 }", {"⟨aws_vpc.one.id⟩": 1}),
        ("{ (aws_vpc.one.id) = 1 }.other", UNKNOWN),
        ('[for k, v in { (aws_vpc.one.id) = 1 } : k == "a"]', [UNKNOWN]),
        ("aws_vpc.one", "⟨aws_vpc.one⟩"),
        ("aws_vpc.missing.id", UNKNOWN),
    ],
)
def test_identities_survive(expression: str, expected: Any) -> None:
    assert shown(value(expression, ANY + RESOURCES)) == expected


def test_collections_of_equal_elements_may_differ_in_type() -> None:
    """`[]` is a tuple: it never equals a list, and values do not tell them apart."""
    assert isinstance(value("[] == []"), Unknown)
    assert isinstance(value("{} != {}"), Unknown)
    assert value('toset(["a"]) == toset(["a"])') is True
    assert value('["a"] == toset(["a"])') is False


def test_a_list_beside_a_set_becomes_one() -> None:
    found = evaluated('resource "a_b" "c" {\n for_each = true ? ["x"] : toset([])\n}\n')
    assert list(found.by_address) == ['a_b.c["x"]']


@pytest.mark.parametrize(
    ("expression", "bound"),
    [
        ("[for a in range(1000) : [for b in range(1000) : [for c in range(1000) : c]]]", "MAX_ITERATIONS"),
        ("[for x in local.many : x]", "MAX_ITEMS"),
        ('"${local.long}${local.long}"', "MAX_TEXT"),
        ("local.big15 * local.big15", "MAX_DIGITS"),
        ("try([for x in local.many : x], 1)", "MAX_ITEMS"),
    ],
)
def test_bounds_are_named_and_no_error_for_try(expression: str, bound: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("surplus.sources.terraform.scopes.MAX_ITERATIONS", 20_000)
    monkeypatch.setattr("surplus.sources.terraform.expressions.MAX_ITEMS", 2_000)
    squares = "".join(f"  big{n} = local.big{n - 1} * local.big{n - 1}\n" for n in range(1, 16))
    long, many = "x" * 600_000, "setproduct(range(50), range(50))"
    more = f'locals {{\n  long = "{long}"\n  many = {many}\n  big0 = 9\n{squares}}}\n'
    found = value(expression, more)
    assert isinstance(found, Unknown)
    assert bound in found.reason


NUMBERS = st.integers(-1000, 1000) | st.integers(-100_000, 100_000).map(lambda number: number / 1000)


@given(NUMBERS, st.sampled_from("+-*/%"), NUMBERS)
def test_arithmetic_agrees_with_fractions(left: float, operator: str, right: float) -> None:
    one, other = Fraction(repr(left)), Fraction(repr(right))
    assume(other or operator not in "/%")
    if operator == "%":
        exact = one - other * int(one / other)
    else:
        exact = {"+": one + other, "-": one - other, "*": one * other, "/": one / other if other else one}[operator]
    found = value(f"({left}) {operator} ({right})")
    assert found == pytest.approx(float(exact), rel=1e-15)
    assert isinstance(found, int) == (exact.denominator == 1)


def test_deep_nesting_is_no_crash() -> None:
    lines = "\n".join(f"  l{n} = [local.l{n + 1}]" for n in range(3000))
    assert contains_unknown(value("local.l0", f"locals {{\n{lines}\n  l3000 = 1\n}}\n"))


def test_repeated_references_multiply_up_to_a_bound() -> None:
    lines = "\n".join(f"  l{n} = [local.l{n + 1}, local.l{n + 1}]" for n in range(60))
    found = value("local.l0", f"locals {{\n{lines}\n  l60 = 1\n}}\n")
    assert all("MAX_VALUE_PARTS" in reason for reason in shown_reasons(found))


def shown_reasons(found: Any) -> list[str]:
    if isinstance(found, Unknown):
        return [found.reason]
    return [reason for item in found for reason in shown_reasons(item)]


@pytest.mark.parametrize(
    ("expression", "choices"),
    [
        ('var.any ? "a" : "b"', ("a", "b")),
        ('var.any ? "a" : null', ("a", None)),
        ('var.any ? "10" : 20', ("10", "20")),
        ('var.any ? "a" : (var.any ? null : true)', ("a", None, "true")),
        ('var.any ? (var.any ? "a" : "b") : "c"', ("a", "b", "c")),
        ("var.any ? (var.any ? 1 : 2) : (var.any ? 1 : 3)", (1, 2, 3)),
        ("var.any ? (var.any ? 1 : 2) : (var.any ? 3 : (var.any ? 4 : 5))", ()),
        ('var.any ? "a" : var.any', ()),
        ('var.any ? ["a"] : ["b"]', ()),
    ],
)
def test_an_unknown_condition_leaves_a_few_values(expression: str, choices: tuple[object, ...]) -> None:
    found = value(expression, ANY)
    assert isinstance(found, Unknown)
    assert found.choices == choices


def test_what_no_choice_equals_is_not_equal() -> None:
    assert value('(var.any ? "a" : "b") == "c"', ANY) is False
    assert isinstance(value('(var.any ? "a" : "b") == "a"', ANY), Unknown)
