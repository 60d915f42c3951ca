"""Causes: from an attribute to the literal that sets it."""

from collections.abc import Mapping
from typing import Any

import pytest

from surplus.model import Route, Trace
from terraform_roots import evaluated


def traced(texts: Mapping[str, str] | str, address: str, route: Route, **given: Any) -> Trace:
    found = evaluated(texts, **given)
    return found.trace(found.by_address[address], route)


def literal(texts: Mapping[str, str], trace: Trace) -> str:
    """The text at the last place of a trace."""
    place = trace.causes[-1].location if trace.causes else trace.location
    lines = texts[place.path].split("\n")
    assert place.span.line == place.span.end_line
    return lines[place.span.line - 1][place.span.column - 1 : place.span.end_column - 1]


def names(trace: Trace) -> list[str]:
    return [cause.text for cause in trace.causes]


@pytest.mark.parametrize(
    ("expression", "more", "expected", "through"),
    [
        ('"gp2"', "", '"gp2"', []),
        ('("gp2")', "", '("gp2")', []),
        ("local.t", 'locals {\n  t = "gp2"\n}', '"gp2"', ["local.t"]),
        ('"${local.t}"', 'locals {\n  t = "gp2"\n}', '"gp2"', ["local.t"]),
        ("var.t", 'variable "t" { default = "gp2" }', '"gp2"', ["var.t"]),
        ("local.m.t", 'locals {\n  m = { t = "gp2" }\n}', '"gp2"', ["local.m"]),
        ('local.m["t"]', 'locals {\n  m = { t = "gp2" }\n}', '"gp2"', ["local.m"]),
        ("local.l[1]", 'locals {\n  l = ["io1", "gp2"]\n}', '"gp2"', ["local.l"]),
        ("local.m.t", 'locals {\n  m = merge({ t = "io1" }, { t = "gp2" })\n}', '"gp2"', ["local.m"]),
        ("local.m.t", 'locals {\n  m = merge({ t = "gp2" }, { u = 1 })\n}', '"gp2"', ["local.m"]),
        ("local.t", 'locals {\n  t = true ? "gp2" : "io1"\n}', '"gp2"', ["local.t"]),
        ("local.t", 'locals {\n  t = false ? "io1" : "gp2"\n}', '"gp2"', ["local.t"]),
        ('lookup(local.m, "t", "io1")', 'locals {\n  m = { t = "gp2" }\n}', '"gp2"', ["local.m"]),
        ("local.t", 'locals {\n  t = lookup({}, "t", "gp2")\n}', '"gp2"', ["local.t"]),
        ("local.t", 'locals {\n  t = try({}.t, "gp2")\n}', '"gp2"', ["local.t"]),
        ("local.t", 'locals {\n  t = coalesce("", "gp2")\n}', '"gp2"', ["local.t"]),
        ("tostring(local.t)", 'locals {\n  t = "gp2"\n}', '"gp2"', ["local.t"]),
        ("element(local.l, 3)", 'locals {\n  l = ["io1", "gp2"]\n}', '"gp2"', ["local.l"]),
        ("local.l[1]", 'locals {\n  l = concat(["io1"], ["gp2"])\n}', '"gp2"', ["local.l"]),
        ("one(local.l)", 'locals {\n  l = ["gp2"]\n}', '"gp2"', ["local.l"]),
        ("values(local.m)[1]", 'locals {\n  m = { b = "gp2", a = "io1" }\n}', '"gp2"', ["local.m"]),
        ("a_b.c.t", 'resource "a_b" "c" {\n  t = "gp2"\n}', '"gp2"', ["a_b.c.t"]),
        ("resource.a_b.c.t", 'resource "a_b" "c" {\n  t = "gp2"\n}', '"gp2"', ["a_b.c.t"]),
        ("a_b.c[1].t", 'resource "a_b" "c" {\n  count = 2\n  t = "gp2"\n}', '"gp2"', ["a_b.c[1].t"]),
        ("a_b.c.d[0].t", 'resource "a_b" "c" {\n  d {\n    t = "gp2"\n  }\n}', '"gp2"', ["a_b.c.d"]),
        (
            "local.m.k.t",
            'locals {\n  l = { k = "gp2" }\n  m = { for k, v in local.l : k => { t = v } }\n}',
            '"gp2"',
            ["local.m", "v", "local.l"],
        ),
        (
            "local.m[1]",
            'locals {\n  l = ["io1", "no", "gp2"]\n  m = [for v in local.l : v if v != "no"]\n}',
            '"gp2"',
            ["local.m", "v", "local.l"],
        ),
        (
            "local.m[0]",
            'locals {\n  l = [{ t = "gp2" }]\n  m = [for v in local.l : v.t]\n}',
            '"gp2"',
            ["local.m", "v", "local.l"],
        ),
        ("local.a", "locals {\n  a = local.b\n  b = local.a\n}", "local.b", None),
        ("local.t", "locals {\n  t = 1 / 0\n}", "1 / 0", ["local.t"]),
        ("var.gone", "", "var.gone", []),
    ],
)
def test_through_one_file(expression: str, more: str, expected: str, through: list[str] | None) -> None:
    texts = {"main.tf": f'resource "x_y" "it" {{\n  type = {expression}\n}}\n{more}\n'}
    found = traced(texts, "x_y.it", ("type",))
    assert found.exact
    assert found.location.span.line == 2
    if through is not None:
        assert literal(texts, found) == expected
        assert names(found) == through


def test_through_two_modules_and_a_variable_file() -> None:
    texts = {
        "main.tf": 'module "a" {\n  source = "./a"\n  type = var.type\n}\nvariable "type" { default = "io1" }\n',
        "prod.tfvars": '# a comment\ntype = "gp2"\n',
        "a/main.tf": 'module "b" {\n  source = "./b"\n  kind = local.t\n}\n'
        'locals { t = var.type }\nvariable "type" {}\n',
        "a/b/main.tf": 'resource "x_y" "it" {\n  type = var.kind\n}\nvariable "kind" {}\n',
    }
    found = traced(texts, "module.a.module.b.x_y.it", ("type",), variables=("prod.tfvars",))
    assert found.location.path == "a/b/main.tf"
    assert names(found) == ["var.kind", "local.t", "var.type", "var.type"]
    assert found.causes[-1].location.path == "prod.tfvars"
    assert literal(texts, found) == '"gp2"'
    default = traced(texts, "module.a.module.b.x_y.it", ("type",))
    assert literal(texts, default) == '"io1"'


def test_a_variable_of_the_environment_is_no_default() -> None:
    text = {"main.tf": 'resource "x_y" "it" {\n  type = var.t\n}\nvariable "t" { default = "io1" }\n'}
    found = traced(text, "x_y.it", ("type",), environment={"TF_VAR_t": "gp2"})
    assert found.causes == ()


@pytest.mark.parametrize(
    ("type_", "given", "route", "expected"),
    [
        ('object({ t = optional(string, "gp2") })', "v = {}", ("t",), '"gp2"'),
        ('object({ t = optional(string, "io1") })', 'v = { t = "gp2" }', ("t",), '"gp2"'),
        ('map(object({ t = optional(string, "gp2") }))', "v = { k = {} }", ("k", "t"), '"gp2"'),
        ('object({ o = optional(object({ t = string }), { t = "gp2" }) })', "v = {}", ("o", "t"), '"gp2"'),
    ],
)
def test_defaults_of_optional_attributes(type_: str, given: str, route: Route, expected: str) -> None:
    texts = {
        "main.tf": f'resource "x_y" "it" {{\n  v = var.v\n}}\nvariable "v" {{\n  type = {type_}\n}}\n',
        "terraform.tfvars": given + "\n",
    }
    found = traced(texts, "x_y.it", ("v", *route))
    assert literal(texts, found) == expected


def test_null_for_a_variable_that_is_not_nullable_takes_the_default() -> None:
    texts = {
        "main.tf": 'module "a" {\n  source = "./a"\n  t = null\n}\n',
        "a/main.tf": 'resource "x_y" "it" {\n  t = var.t\n}\n'
        'variable "t" {\n  default = "gp2"\n  nullable = false\n}\n',
    }
    found = traced(texts, "module.a.x_y.it", ("t",))
    assert literal(texts, found) == '"gp2"'


@pytest.mark.parametrize(
    ("body", "address", "route", "expected"),
    [
        ('for_each = { a = { t = "io1" }, b = { t = "gp2" } }\n  t = each.value.t', 'x_y.it["b"]', ("t",), '"gp2"'),
        ("for_each = { a = 1, gp2 = 2 }\n  t = each.key", 'x_y.it["gp2"]', ("t",), "gp2"),
        ('for_each = toset(["io1", "gp2"])\n  t = each.value', 'x_y.it["gp2"]', ("t",), '"gp2"'),
        ('d {\n    t = "io1"\n  }\n  d {\n    t = "gp2"\n  }', "x_y.it", ("d", 1, "t"), '"gp2"'),
        (
            'dynamic "d" {\n    for_each = ["io1", "gp2"]\n    content {\n      t = d.value\n    }\n  }',
            "x_y.it",
            ("d", 1, "t"),
            '"gp2"',
        ),
        (
            'dynamic "d" {\n    for_each = [{ t = "gp2" }]\n    iterator = i\n'
            "    content {\n      t = i.value.t\n    }\n  }",
            "x_y.it",
            ("d", 0, "t"),
            '"gp2"',
        ),
        ('d = [{ t = "gp2" }]', "x_y.it", ("d", 0, "t"), '"gp2"'),
        ('t = {\n    a = "x"\n    b = "gp2"\n  }', "x_y.it", ("t", "b"), '"gp2"'),
        ('t = merge({ b = "gp2" }, {})', "x_y.it", ("t", "b"), 'merge({ b = "gp2" }, {})'),
    ],
)
def test_repetition_and_blocks(body: str, address: str, route: Route, expected: str) -> None:
    texts = {"main.tf": f'resource "x_y" "it" {{\n  {body}\n}}\n'}
    assert literal(texts, traced(texts, address, route)) == expected


def test_what_is_not_written_has_its_nearest_ancestor() -> None:
    texts = {"main.tf": 'resource "x_y" "it" {\n  d {\n  }\n}\n'}
    found = traced(texts, "x_y.it", ("d", 0, "t"))
    assert (found.exact, found.location.span.line) == (False, 2)
    assert traced(texts, "x_y.it", ("t",)).location.span.line == 1
    assert not traced(texts, "x_y.it", ("t",)).exact


def test_a_value_of_a_decoded_document_is_set_where_it_is_read() -> None:
    document = 'jsondecode("{\\"t\\": \\"gp2\\"}")'
    own = f"locals {{\n  data = true ? {document} : null\n  t = {document}.t\n  mine = local.data.t\n}}\n"
    volume = 'resource "aws_ebs_volume" "v" {\n  type = local.mine\n  size = local.data.t\n  iops = local.t\n}\n'
    texts = {"main.tf": own + volume}
    assert names(traced(texts, "aws_ebs_volume.v", ("type",))) == ["local.mine"]
    assert literal(texts, traced(texts, "aws_ebs_volume.v", ("type",))) == "local.data.t"
    assert names(traced(texts, "aws_ebs_volume.v", ("size",))) == []
    assert literal(texts, traced(texts, "aws_ebs_volume.v", ("size",))) == "local.data.t"
    assert names(traced(texts, "aws_ebs_volume.v", ("iops",))) == ["local.t"]


def test_a_document_that_is_handed_to_a_module_is_left_too() -> None:
    texts = {
        "main.tf": 'locals {\n  all = jsondecode("{\\"t\\": \\"gp2\\"}")\n}\n'
        'module "m" {\n  source = "./m"\n  data = local.all\n}\n',
        "m/main.tf": 'variable "data" {}\nresource "aws_ebs_volume" "v" {\n  type = var.data.t\n}\n',
    }
    trace = traced(texts, "module.m.aws_ebs_volume.v", ("type",))
    assert names(trace) == []
    assert literal(texts, trace) == "var.data.t"


def test_json_files() -> None:
    texts = {
        "main.tf.json": '{"resource": {"x_y": {"it": {"t": "${var.t}"}}},\n "variable": {"t": {"default":\n  "gp2"}}}',
    }
    found = traced(texts, "x_y.it", ("t",))
    assert literal(texts, found) == '"gp2"'


def test_long_chains_end() -> None:
    lines = "".join(f"  l{n} = local.l{n + 1}\n" for n in range(300))
    texts = {"main.tf": f'locals {{\n{lines}  l300 = 1\n}}\nresource "x_y" "it" {{\n  t = local.l0\n}}\n'}
    assert len(traced(texts, "x_y.it", ("t",)).causes) == 100
