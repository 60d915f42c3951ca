"""Type constraints: https://developer.hashicorp.com/terraform/language/expressions/type-constraints."""

from typing import Any

import pytest

from surplus.model import Unknown
from terraform_roots import UNKNOWN, evaluated, messages, shown, value


def typed(type_: str, given: str, more: str = "") -> Any:
    """What a variable of a type makes of a value in terraform.tfvars."""
    texts = {
        "main.tf": f'variable "v" {{\n  type = {type_}\n{more}\n}}\nresource "x_y" "it" {{\n  value = var.v\n}}\n',
        "terraform.tfvars": f"v = {given}\n",
    }
    return evaluated(texts).by_address["x_y.it"].values["value"]


@pytest.mark.parametrize(
    ("type_", "given", "expected"),
    [
        ("string", "5", "5"),
        ("string", "true", "true"),
        ("number", '"5"', 5),
        ("bool", '"true"', True),
        ("bool", '"1"', True),
        ("any", "[1]", [1]),
        ("list(string)", '["a", 1]', ["a", "1"]),
        ("list(any)", '["a", 1]', ["a", "1"]),
        ("list", '["a", 1]', ["a", "1"]),
        ("set(string)", '["b", "a", "b"]', ["a", "b"]),
        ("set(number)", '["1", 1]', [1]),
        ("map(number)", '{ a = "1" }', {"a": 1}),
        ("map(any)", '{ a = 1, b = "x" }', {"a": "1", "b": "x"}),
        ("tuple([string, number])", "[1, 2]", ["1", 2]),
        ("object({ a = string })", "{ a = 1, b = 2 }", {"a": "1"}),
        ("object({ a = optional(string) })", "{}", {"a": None}),
        ('object({ a = optional(string, "x") })', "{}", {"a": "x"}),
        ('object({ a = optional(string, "x") })', "{ a = null }", {"a": "x"}),
        ("object({ a = optional(object({ b = optional(number, 3) }), {}) })", "{}", {"a": {"b": 3}}),
        ("map(object({ n = optional(number, 1) }))", "{ k = {} }", {"k": {"n": 1}}),
        ("list(object({ n = optional(list(string), []) }))", "[{}]", [{"n": []}]),
        ('"string"', "5", "5"),
        ("string", "null", None),
    ],
)
def test_conversions(type_: str, given: str, expected: Any) -> None:
    assert typed(type_, given) == expected


@pytest.mark.parametrize(
    ("type_", "given", "message"),
    [
        ("number", '"a"', "a number is required"),
        ("list(string)", '"a"', "a list is required, not string"),
        ("map(string)", '["a"]', "a map is required, not list"),
        ("object({ a = string })", "{}", 'the object lacks the attribute "a"'),
        ("tuple([string])", "[]", "a tuple of 1 is required"),
        ("string", "[]", "a string is required, not list"),
        ("bool", "1", "a bool is required, not number"),
    ],
)
def test_what_does_not_fit_is_unknown_and_a_problem_at_the_value(type_: str, given: str, message: str) -> None:
    texts = {"main.tf": f'variable "v" {{\n  type = {type_}\n}}\nresource "x_y" "it" {{\n  value = var.v\n}}\n'}
    texts["terraform.tfvars"] = f"\nv = {given}\n"
    found = evaluated(texts)
    outcome = found.by_address["x_y.it"].values["value"]
    assert isinstance(outcome, Unknown)
    assert message in outcome.reason
    (problem,) = found.problems
    assert (problem.path, problem.span.line if problem.span else 0) == ("terraform.tfvars", 2)
    assert message in problem.message


def test_unknown_parts_pass_through() -> None:
    more = 'variable "v" {\n  type = object({ a = number, b = list(string) })\n}\nvariable "w" {}\n'
    texts = {
        "main.tf": 'module "m" {\n  source = "./m"\n  v = { a = var.w, b = [var.w, 1] }\n}\nvariable "w" {}\n',
        "m/main.tf": more + 'resource "x_y" "it" {\n  value = var.v\n}\n',
    }
    assert shown(evaluated(texts).by_address["module.m.x_y.it"].values["value"]) == {"a": UNKNOWN, "b": [UNKNOWN, "1"]}


@pytest.mark.parametrize(("nullable", "expected"), [("", None), ("nullable = true", None), ("nullable = false", "d")])
def test_nullable(nullable: str, expected: str | None) -> None:
    assert typed("string", "null", f'  default = "d"\n  {nullable}') == expected


def test_defaults_are_converted_too() -> None:
    assert value("var.v", 'variable "v" {\n  type = list(string)\n  default = [1]\n}\n') == ["1"]
    assert not messages(evaluated('variable "v" {\n  type = number\n}\nresource "a_b" "c" {\n  v = var.v\n}\n'))


@pytest.mark.parametrize(
    ("type_", "given", "expected"),
    [
        ("map(list(any))", '{ a = [1], b = ["x"] }', {"a": ["1"], "b": ["x"]}),
        ("list(list(any))", '[[1, 2], ["a"], []]', [["1", "2"], ["a"], []]),
        (
            "map(object({ l = list(any) }))",
            '{ a = { l = [1] }, b = { l = ["x", true] } }',
            {"a": {"l": ["1"]}, "b": {"l": ["x", "true"]}},
        ),
        ("list(map(any))", "[{ a = 1 }, { b = 2 }]", [{"a": 1}, {"b": 2}]),
    ],
)
def test_any_is_one_type_over_the_whole_collection(type_: str, given: str, expected: object) -> None:
    more = f'variable "v" {{\n  type = {type_}\n  default = {given}\n}}\n'
    assert value("var.v", more) == expected
