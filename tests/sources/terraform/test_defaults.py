from collections.abc import Mapping

import pytest

from terraform_roots import evaluated

NONE: Mapping[str, str] = {}
NOTHING: frozenset[str] = frozenset()
VARIABLES = 'variable "n" {\n  default = 1\n}\nvariable "kind" {\n  default = "gp2"\n}\nvariable "set" {}\n'


def behind(body: str, more: str = "", around: frozenset[str] | None = NOTHING, files: Mapping[str, str] = NONE) -> str:
    texts = {"main.tf": VARIABLES + f'resource "aws_ebs_volume" "a" {{\n{body}\n}}\n{more}', **files}
    found = evaluated(texts, variables=("given.tfvars",) if "given.tfvars" in texts else ())
    address = next(one for one in sorted(found.by_address) if "aws_ebs_volume.a" in one)
    return found.default_behind(found.by_address[address], [("type",), ("tags",)], around)


@pytest.mark.parametrize(
    ("body", "variable"),
    [
        ('type = "gp2"', ""),
        ("type = var.kind", "var.kind"),
        ('type = length(var.kind) > 3 ? "gp2" : "gp3"', "var.kind"),
        ("type = local.kind", "var.kind"),
        ("type = module.m.kind", "var.kind"),
        ("size = var.n", ""),
        ("type = aws_ebs_volume.b.type", "var.kind"),
        ("type = aws_ebs_volume.b.id", ""),
        ("type = length(aws_ebs_volume.many) > 0 ? 1 : 2", "var.n"),
        ('count = var.n\ntype = "gp2"', "var.n"),
        ('for_each = toset([var.kind])\ntype = "gp2"', "var.kind"),
    ],
)
def test_any_part_of_a_default_counts(body: str, variable: str) -> None:
    module = 'variable "kind" {}\noutput "kind" {\n  value = var.kind\n}\n'
    others = 'resource "aws_ebs_volume" "b" {\n  type = var.kind\n}\n'
    others += 'resource "aws_ebs_volume" "many" {\n  count = var.n\n}\n'
    more = others + 'locals {\n  kind = var.kind\n}\nmodule "m" {\n  source = "./m"\n  kind = var.kind\n}\n'
    assert behind(body, more, files={"m/main.tf": module}) == variable


def test_a_given_value_is_no_default() -> None:
    assert behind("type = var.kind", files={"given.tfvars": 'kind = "gp2"\n'}) == ""


def test_how_many_there_are_of_others_counts_for_rules_that_look_around() -> None:
    other = 'resource "aws_eip" "b" {\n  count = var.n\n}\n'
    assert behind('type = "gp2"', other) == ""
    assert behind('type = "gp2"', other, None) == "var.n"
    assert behind('type = "gp2"', other, frozenset({"aws_eip"})) == "var.n"
    assert behind('type = "gp2"', other, frozenset({"aws_volume_attachment"})) == ""


@pytest.mark.parametrize(
    ("inside", "variable"),
    [('resource "aws_eip" "b" {}\n', "var.n"), ('resource "aws_vpc" "b" {}\n', ""), (None, "var.n")],
)
def test_how_often_a_module_is_called_counts_where_it_may_have_what_is_looked_at(
    inside: str | None, variable: str
) -> None:
    call = 'module "m" {\n  count  = var.n\n  source = "./m"\n}\n'
    files = NONE if inside is None else {"m/main.tf": inside}
    assert behind('type = "gp2"', call, frozenset({"aws_eip"}), files) == variable


def test_the_count_of_the_module_around_counts() -> None:
    inner = 'resource "aws_ebs_volume" "a" {\n  type = "gp2"\n}\n'
    found = evaluated(
        {"main.tf": VARIABLES + 'module "m" {\n  count = var.n\n  source = "./m"\n}\n', "m/main.tf": inner}
    )
    one = found.by_address["module.m[0].aws_ebs_volume.a"]
    assert found.default_behind(one, [("type",)], NOTHING) == "var.n"
