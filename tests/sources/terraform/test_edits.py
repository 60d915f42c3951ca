"""Edits of literals, where nothing else shares the text."""

from typing import Any

import pytest

from surplus.model import Route
from surplus.sources.terraform.edits import literal_text
from terraform_roots import evaluated


def edited(text: str, address: str, route: Route, value: Any, name: str = "main.tf", **files: str) -> str | None:
    found = evaluated({name: text, **files})
    edit = found.edit(found.by_address[address], route, value)
    if edit is None:
        return None
    lines = text.splitlines(keepends=True)
    span = edit.location.span
    start = sum(map(len, lines[: span.line - 1])) + span.column - 1
    end = sum(map(len, lines[: span.end_line - 1])) + span.end_column - 1
    return text[:start] + edit.text + text[end:]


def block(body: str) -> str:
    return f'resource "x_y" "it" {{\n{body}\n}}\n'


@pytest.mark.parametrize(
    ("before", "route", "after"),
    [
        ('  t = "gp2" # why', ("t",), '  t = "gp3" # why'),
        ("  d {\n    t = 1\n  }", ("d", 0, "t"), '  d {\n    t = "gp3"\n  }'),
        ("  d {\n    s = 1\n  }", ("d", 0, "t"), '  d {\n    t = "gp3"\n    s = 1\n  }'),
        ("    s = 1", ("t",), '    t = "gp3"\n    s = 1'),
        ("  count = 2\n  t = 1", ("t",), '  count = 2\n  t = "gp3"'),
        (
            '  dynamic "d" {\n    for_each = [1]\n    content {\n      t = 1\n    }\n  }',
            ("d", 0, "t"),
            '  dynamic "d" {\n    for_each = [1]\n    content {\n      t = "gp3"\n    }\n  }',
        ),
    ],
)
def test_edits(before: str, route: Route, after: str) -> None:
    address = "x_y.it[0]" if "count" in before else "x_y.it"
    assert edited(block(before), address, route, "gp3") == block(after)


def test_an_argument_is_edited_under_the_old_name_that_is_written() -> None:
    text = 'resource "aws_elasticache_replication_group" "it" {\n  number_cache_clusters = 3\n}\n'
    after = edited(text, "aws_elasticache_replication_group.it", ("num_cache_clusters",), 1)
    assert after == text.replace("= 3", "= 1")


@pytest.mark.parametrize(
    ("body", "address", "route"),
    [
        ("  t = local.t", "x_y.it", ("t",)),
        ('  t = "${1}x"', "x_y.it", ("t",)),
        ("  t = <<-E\n    gp2\n  E", "x_y.it", ("t",)),
        ('  for_each = toset(["a", "b"])\n  t = "gp2"', 'x_y.it["a"]', ("t",)),
        ('  dynamic "d" {\n    for_each = [1, 2]\n    content {\n      t = 1\n    }\n  }', "x_y.it", ("d", 0, "t")),
        ("  t = { a = local.a }", "x_y.it", ("t", "a")),
        ("  t = { a = 1 }", "x_y.it", ("t", "b")),
        ("  t = merge({ a = 1 }, {})", "x_y.it", ("t", "a")),
        ("  s = 1", "x_y.it", ("gone", 0, "t")),
        ("  s = 1", "x_y.it", ()),
    ],
)
def test_what_is_not_edited(body: str, address: str, route: Route) -> None:
    assert edited(block(body), address, route, "gp3") is None


def test_a_module_called_twice_is_not_edited() -> None:
    inner = block('  t = "gp2"')
    one = {"main.tf": 'module "a" { source = "./m" }\n', "m/main.tf": inner}
    found = evaluated(one)
    assert found.edit(found.by_address["module.a.x_y.it"], ("t",), "gp3") is not None
    one["main.tf"] += 'module "b" { source = "./m" }\n'
    found = evaluated(one)
    assert found.edit(found.by_address["module.a.x_y.it"], ("t",), "gp3") is None


def test_json_is_not_edited() -> None:
    text = '{"resource": {"x_y": {"it": {"t": "gp2"}}}}'
    assert edited(text, "x_y.it", ("t",), "gp3", name="main.tf.json") is None


@pytest.mark.parametrize("value", [None, [1], {"a": 1}, float("inf")])
def test_only_scalars_are_set(value: Any) -> None:
    assert edited(block("  t = 1"), "x_y.it", ("t",), value) is None


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a", '"a"'),
        ('"\\', '"\\"\\\\"'),
        ("${x} %{y}", '"$${x} %%{y}"'),
        ("a\nb\f", '"a\\nb\\u000c"'),
        (True, "true"),
        (5, "5"),
        (5.0, "5"),
        (1234567.5, "1234567.5"),
        (float("nan"), None),
    ],
)
def test_literals(value: Any, text: str | None) -> None:
    assert literal_text(value) == text
    if text is not None:
        found = evaluated(block(f"  t = {text}")).by_address["x_y.it"].values["t"]
        assert found == value


def test_what_is_a_literal() -> None:
    text = """
    variable "size" { default = 1 }
    resource "a" "b" {
      plain  = "text"
      number = 7
      quoted = "${var.size}"
      chosen = var.size == 1 ? "a" : "b"
      block {
        inner = true
        from  = var.size
      }
      dynamic "rule" {
        for_each = [1]
        content { of = rule.value }
      }
    }
    """
    found = evaluated({"main.tf": text})
    one = found.by_address["a.b"]
    routes: dict[Route, bool] = {
        ("plain",): True,
        ("number",): True,
        ("quoted",): False,
        ("chosen",): False,
        ("absent",): False,
        ("block", 0, "inner"): True,
        ("block", 0, "from"): False,
        ("rule", 0, "of"): False,
    }
    assert {route: found.literal(one, route) for route in routes} == routes
