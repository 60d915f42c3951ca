"""What must not be printed: https://developer.hashicorp.com/terraform/language/manage-sensitive-data."""

import pytest

from terraform_roots import evaluated, messages

MORE = """
variable "secret" {
  default   = "s"
  sensitive = true
}
variable "plain" { default = "p" }
locals {
  one = "x${local.two}"
  two = var.secret
  a   = local.b
  b   = local.a
  map = { k = { v = var.secret } }
}
module "m" {
  source = "./m"
  given  = local.one
}
"""
INNER = """
variable "given" {}
resource "x_y" "it" { v = var.given }
output "o" { value = "${var.given}" }
"""


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("v = var.secret\nw = var.plain", {("v",)}),
        ("v = local.one", {("v",)}),
        ("v = local.a", set()),
        ("v = module.m.o", {("v",)}),
        ('v = sensitive("x")', {("v",)}),
        ('v = [upper(sensitive("x"))]', {("v",)}),
        ("n {\n  v = var.secret\n  w = 1\n}", {("n", 0, "v")}),
        ("n {\n  w = 1\n}\nn {\n  v = local.one\n}", {("n", 1, "v")}),
        ('dynamic "n" {\n  for_each = [var.secret]\n  content {\n    v = n.value\n    w = 1\n  }\n}', {("n", 0, "v")}),
        ("for_each = local.map\nv = each.value.v", {("v",)}),
        ("v = 1", set()),
    ],
)
def test_sensitive_routes(body: str, expected: set[tuple[str | int, ...]]) -> None:
    found = evaluated({"main.tf": f'resource "x_y" "it" {{\n{body}\n}}\n{MORE}', "m/main.tf": INNER})
    address = 'x_y.it["k"]' if "for_each = local" in body else "x_y.it"
    assert found.by_address[address].sensitive == expected
    assert found.by_address["module.m.x_y.it"].sensitive == {("v",)}


def test_what_the_table_names_is_sensitive() -> None:
    found = evaluated('resource "aws_instance" "it" {\n  user_data = "x"\n}\n')
    assert ("user_data",) in found.by_address["aws_instance.it"].sensitive


def test_thousands_of_locals_in_a_row_are_no_crash() -> None:
    lines = "".join(f"  l{n} = local.l{n + 1}\n" for n in range(5000))
    text = f'locals {{\n{lines}  l5000 = var.secret\n}}\nresource "x_y" "it" {{\n  v = local.l0\n}}\n'
    text += 'variable "secret" {\n  sensitive = true\n}\n'
    assert evaluated(text).by_address["x_y.it"].sensitive == {("v",)}


@pytest.mark.parametrize("type_", ["number", "bool", "list(string)"])
def test_messages_do_not_print_the_value(type_: str) -> None:
    text = f'variable "v" {{\n  type = {type_}\n  default = "hunter2"\n}}\nresource "x_y" "it" {{\n  v = var.v\n}}\n'
    found = evaluated(text + 'resource "x_y" "n" { count = "hunter2" }\n')
    assert len(found.problems) == 2
    assert "hunter2" not in " ".join(messages(found)) + found.by_address["x_y.it"].values["v"].reason
