"""Locals, count, for_each, dynamic blocks, paths: developer.hashicorp.com/terraform/language/meta-arguments."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surplus.model import Unknown
from surplus.sources.evaluated import Evaluated
from terraform_roots import ANY, UNKNOWN, evaluated, messages, shown, value


def instances(found: Evaluated) -> dict[str, tuple[int | None, bool]]:
    return {address: (one.instances, one.optional) for address, one in found.by_address.items()}


@given(st.permutations(range(6)))
def test_the_order_of_locals_does_not_matter(order: list[int]) -> None:
    lines = "".join(f"  l{n} = {'1' if n == 5 else f'local.l{n + 1} + 1'}\n" for n in order)
    assert value("local.l0", f"locals {{\n{lines}}}\n") == 6


def test_a_cycle_of_locals_is_reported_once() -> None:
    found = evaluated(
        "locals {\n  a = local.b\n  b = local.c\n  c = local.a\n  d = 1\n}\n"
        'resource "x_y" "it" {\n  a = local.a\n  b = local.b\n  d = local.d\n}\n'
    )
    assert messages(found) == ["local.a depends on itself, through local.b, local.c"]
    assert shown(found.by_address["x_y.it"].values) == {"a": UNKNOWN, "b": UNKNOWN, "d": 1}


def test_circles_of_locals_that_nothing_uses_are_reported_each_once() -> None:
    found = evaluated(
        "locals {\n  a = local.a\n  x = local.y\n  y = [local.x, local.z]\n  z = 1\n  user = local.x\n}\n"
    )
    assert messages(found) == ["local.a depends on itself", "local.x depends on itself, through local.y"]


def test_a_local_between_two_circles_is_in_neither() -> None:
    found = evaluated('locals {\n  m = local.a\n  a = local.a\n  c = "${local.m}${local.c}"\n}\n')
    assert messages(found) == ["local.a depends on itself", "local.c depends on itself"]


@pytest.mark.parametrize(
    ("meta", "expected"),
    [
        ("count = 2", {"x_y.it[0]": (1, False), "x_y.it[1]": (1, False)}),
        ("count = 0", {}),
        ('count = "1"', {"x_y.it[0]": (1, False)}),
        ("count = true ? 1 : 0", {"x_y.it[0]": (1, False)}),
        ("count = var.any ? 1 : 0", {"x_y.it[*]": (None, True)}),
        ("count = var.any", {"x_y.it[*]": (None, True)}),
        ("count = 1 / 0", {"x_y.it[*]": (None, True)}),
        ('for_each = toset(["b", "a"])', {'x_y.it["a"]': (1, False), 'x_y.it["b"]': (1, False)}),
        ("for_each = { a = var.any }", {'x_y.it["a"]': (1, False)}),
        ("for_each = { a = var.any, b = 1 }", {'x_y.it["a"]': (1, False), 'x_y.it["b"]': (1, False)}),
        ("for_each = {}", {}),
        ("for_each = toset([])", {}),
        ("for_each = true ? [] : toset([])", {}),
        ("for_each = var.any", {"x_y.it[*]": (None, True)}),
        ("for_each = toset([var.any])", {"x_y.it[*]": (None, False)}),
        ("for_each = toset([a_b.c.id])", {"x_y.it[*]": (None, False)}),
        ("for_each = { (a_b.c.id) = 1 }", {"x_y.it[*]": (None, False)}),
        ('for_each = { "a\\"b" = 1 }', {'x_y.it["a\\"b"]': (1, False)}),
    ],
)
def test_repetition(meta: str, expected: dict[str, tuple[int | None, bool]]) -> None:
    found = evaluated(f'resource "x_y" "it" {{\n  {meta}\n}}\nresource "a_b" "c" {{}}\n{ANY}')
    assert {name: one for name, one in instances(found).items() if name != "a_b.c"} == expected
    assert not found.problems


@pytest.mark.parametrize(
    ("meta", "message"),
    [
        ("count = -1", "count must be a whole number, 0 or more; this is -1"),
        ("count = 1.5", "count must be a whole number, 0 or more; this is 1.5"),
        ("count = null", "count must be a whole number, 0 or more; this is null"),
        ("count = true", "count must be a whole number, 0 or more; this is true"),
        ('count = "secret"', "count must be a whole number, 0 or more; this is a string"),
        ("count = 30000", "only the first 20,000 (MAX_INSTANCES) are judged"),
        ('for_each = ["a"]', "for_each needs a map or a set of strings, not a list"),
        ("for_each = null", "for_each needs a map or a set of strings, not null"),
        ("for_each = toset([1])", "for_each needs a set of strings; one element is 1"),
    ],
)
def test_wrong_repetition(meta: str, message: str) -> None:
    found = evaluated(f'resource "x_y" "it" {{\n  {meta}\n}}\n')
    assert message in messages(found)[0]
    assert len(found.resources) == (20_000 if "30000" in meta else 0)


@pytest.mark.parametrize(
    ("outer", "inner", "expected"),
    [
        ("", "", (1, False)),
        ("count = var.any", "", (None, True)),
        ("count = var.any", "count = 1", (None, True)),
        ("", "count = var.any", (None, True)),
        ("for_each = toset([var.any])", "", (None, False)),
        ("for_each = toset([var.any])", "count = var.any", (None, True)),
        ("count = 1", "", (1, False)),
    ],
)
def test_what_is_in_a_module_that_may_not_exist_may_not_exist(
    outer: str, inner: str, expected: tuple[int | None, bool]
) -> None:
    texts = {
        "main.tf": f'module "m" {{\n  source = "./m"\n  {outer}\n}}\nvariable "any" {{}}\n',
        "m/main.tf": 'module "deep" { source = "../deep" }\n',
        "deep/main.tf": f'resource "x_y" "it" {{\n  {inner}\n}}\nvariable "any" {{}}\n',
    }
    assert list(instances(evaluated(texts)).values()) == [expected]


def test_each_and_count_in_a_representative_are_unknown() -> None:
    found = evaluated(
        f'resource "x_y" "a" {{\n  for_each = var.any\n  k = each.key\n  v = each.value.size\n}}\n'
        f'resource "x_y" "b" {{\n  count = var.any\n  i = count.index\n}}\n{ANY}'
    )
    assert shown(found.by_address["x_y.a[*]"].values) == {"k": UNKNOWN, "v": UNKNOWN}
    assert shown(found.by_address["x_y.b[*]"].values) == {"i": UNKNOWN}


def blocks(body: str, more: str = "") -> Any:
    found = evaluated(f'resource "x_y" "it" {{\n{body}\n}}\n{more}')
    return shown(found.by_address["x_y.it"].values)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("b { n = 1 }\nb { n = 2 }", {"b": [{"n": 1}, {"n": 2}]}),
        (
            'dynamic "b" {\n for_each = [5, 6]\n content {\n n = b.value\n k = b.key\n }\n}',
            {"b": [{"n": 5, "k": 0}, {"n": 6, "k": 1}]},
        ),
        ('dynamic "b" {\n for_each = { y = 1, x = 2 }\n content { n = b.key }\n}', {"b": [{"n": "x"}, {"n": "y"}]}),
        ('dynamic "b" {\n for_each = toset(["z"])\n content { n = "${b.key}${b.value}" }\n}', {"b": [{"n": "zz"}]}),
        ('dynamic "b" {\n for_each = [1]\n iterator = it\n content { n = it.value }\n}', {"b": [{"n": 1}]}),
        (
            'dynamic "b" {\n for_each = { x = [1, 2] }\n content {\n dynamic "c" {\n for_each = b.value\n'
            ' content { n = "${b.key}${c.value}" }\n }\n }\n}',
            {"b": [{"c": [{"n": "x1"}, {"n": "x2"}]}]},
        ),
        ('dynamic "b" {\n for_each = var.any\n content { n = 1 }\n}', {"b": UNKNOWN}),
        ('b { n = 1 }\ndynamic "b" {\n for_each = var.any\n content { n = 1 }\n}', {"b": UNKNOWN}),
        ('dynamic "b" {\n for_each = [var.any]\n content { n = b.value }\n}', {"b": [{"n": UNKNOWN}]}),
        ('dynamic "b" {\n for_each = []\n content { n = b.value }\n}', {}),
        ('dynamic "b" {\n for_each = [1]\n}', {"b": UNKNOWN}),
        ('dynamic "b" {\n for_each = 5\n content {}\n}', {"b": UNKNOWN}),
        ("lifecycle {\n ignore_changes = [a]\n}\ntimeouts {}\ndepends_on = [a_b.c]\nprovider = a.b\nn = 1", {"n": 1}),
        ("b { timeouts { n = 1 } }", {"b": [{"timeouts": [{"n": 1}]}]}),
        ("b = [{ n = 1 }, { n = var.any }]", {"b": [{"n": 1}, {"n": UNKNOWN}]}),
    ],
)
def test_nested_blocks(body: str, expected: Any) -> None:
    assert blocks(body, ANY) == expected


def test_too_many_dynamic_blocks_name_the_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("surplus.sources.terraform.blocks.MAX_INSTANCES", 3)
    found = evaluated(
        'resource "x_y" "it" {\n  dynamic "b" {\n    for_each = range(5)\n    content { n = 1 }\n  }\n}\n'
    )
    assert len(found.by_address["x_y.it"].values["b"]) == 3
    assert "MAX_INSTANCES" in messages(found)[0]


OTHER = """
resource "aws_instance" "o" {
  ami   = "a"
  empty = null
  later = var.any
  root_block_device { volume_size = 8 }
  dynamic "ebs_block_device" {
    for_each = [1, 2]
    content { volume_size = ebs_block_device.value }
  }
  dynamic "network_interface" {
    for_each = var.any
    content {}
  }
}
variable "any" {}
data "aws_ami" "x" { owners = ["self"] }
data "aws_ami" "none" { count = 0 }
data "aws_ami" "two" { count = 2 }
"""


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("aws_instance.o.ami", "a"),
        ("aws_instance.o.empty", "⟨aws_instance.o.empty⟩"),
        ("aws_instance.o.later", "⟨aws_instance.o.later⟩"),
        ("aws_instance.o.public_ip", "⟨aws_instance.o.public_ip⟩"),
        ("aws_instance.o.root_block_device[0].volume_size", 8),
        ("aws_instance.o.root_block_device[0].volume_id", "⟨aws_instance.o.root_block_device[0].volume_id⟩"),
        ("aws_instance.o.ebs_block_device[*].volume_size", [1, 2]),
        ("length(aws_instance.o.ebs_block_device)", 2),
        ("aws_instance.o.network_interface", "⟨aws_instance.o.network_interface⟩"),
        ("try(aws_instance.o.root_block_device[0].iops, 5)", "⟨aws_instance.o.root_block_device[0].iops⟩"),
        ("data.aws_ami.x.owners", ["self"]),
        ("data.aws_ami.x.id", UNKNOWN),
        ("data.aws_ami.none[*].id", []),
        ('try(data.aws_ami.none[0].id, "none")', "none"),
        ("data.aws_ami.two[*].id", [UNKNOWN, UNKNOWN]),
        ("data.aws_ami.missing.id", UNKNOWN),
    ],
)
def test_attributes_of_resources_and_data_sources(expression: str, expected: Any) -> None:
    assert shown(value(expression, OTHER)) == expected


def test_only_what_is_always_set_is_known_not_to_be_null() -> None:
    assert value("aws_instance.o.id", OTHER).nullable is False
    assert value("aws_instance.o.arn", OTHER).nullable is False
    assert value("aws_instance.o.cpu_core_count", OTHER).nullable is True


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("path.root", "."),
        ("path.module", "."),
        ("basename(path.cwd)", "app"),
        ("basename(abspath(path.root))", "app"),
        ("basename(abspath(path.cwd))", "app"),
        ('basename(abspath("x/y/../z"))', "z"),
        ('basename(abspath(".."))', UNKNOWN),
        ("path.cwd", UNKNOWN),
        ("path.other", UNKNOWN),
        ("terraform.workspace", "prod"),
        ("terraform.applying", UNKNOWN),
        ("self.id", UNKNOWN),
        ("ephemeral.x_y.z.id", UNKNOWN),
        ("local.missing", UNKNOWN),
        ("var.missing", UNKNOWN),
        ("provider::aws::arn_parse(1)", UNKNOWN),
    ],
)
def test_names_of_the_language(expression: str, expected: Any) -> None:
    texts = {"live/app/main.tf": f'resource "x_y" "it" {{\n  v = {expression}\n}}\n'}
    found = evaluated(texts, path="live/app", workspace="prod")
    assert shown(found.by_address["x_y.it"].values["v"]) == expected


@pytest.mark.parametrize(
    ("source", "folder", "expected"),
    [("./m", "live/app/m", "m"), ("../m", "live/m", "../m"), ("../../modules/m", "modules/m", "../../modules/m")],
)
def test_the_path_of_a_module_is_relative_to_the_root(source: str, folder: str, expected: str) -> None:
    texts = {
        "live/app/main.tf": f'module "m" {{ source = "{source}" }}\n',
        f"{folder}/main.tf": 'resource "x_y" "it" {\n  p = path.module\n  f = file("${path.module}/x.txt")\n}\n',
        f"{folder}/x.txt": "content",
        "x.txt": "not this",
    }
    found = evaluated(texts, path="live/app")
    assert found.by_address["module.m.x_y.it"].values == {"p": expected, "f": "content"}


def test_variables_without_a_value_say_so() -> None:
    found = value("var.any", ANY)
    assert isinstance(found, Unknown)
    assert found.reason == "var.any has no value"
    assert "terraform.workspace is not given" in value("terraform.workspace").reason
