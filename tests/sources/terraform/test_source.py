"""A root as a whole: the closed world, files, bounds, bad input."""

import random
from typing import Any

import pytest

from surplus.model import unknowns
from surplus.sources.terraform import source
from terraform_roots import evaluated, messages

RESOURCES = """
resource "aws_s3_bucket" "one" { bucket = "name-${var.any}" }
resource "aws_s3_bucket" "named" { bucket = "fixed" }
resource "aws_s3_bucket" "many" { count = 2 }
resource "aws_s3_bucket" "each" { for_each = { k = 1 } }
resource "aws_s3_bucket" "some" { count = var.any }
variable "any" {}
locals { id = aws_s3_bucket.one.id }
module "m" { source = "./m" }
"""
INNER = 'resource "aws_s3_bucket" "in" {}\noutput "id" { value = aws_s3_bucket.in.id }\n'


@pytest.mark.parametrize(
    ("output", "address", "leaves"),
    [
        ("aws_s3_bucket.one.id", "aws_s3_bucket.one", True),
        ("local.id", "aws_s3_bucket.one", True),
        ('"arn:${aws_s3_bucket.one.id}"', "aws_s3_bucket.one", True),
        ("aws_s3_bucket.one", "aws_s3_bucket.one", True),
        ("{ all = [aws_s3_bucket.one] }", "aws_s3_bucket.one", True),
        ("aws_s3_bucket.one.id", "aws_s3_bucket.many[0]", False),
        ("[for b in aws_s3_bucket.many : b.id]", "aws_s3_bucket.many[1]", True),
        ("{ for k, b in aws_s3_bucket.each : k => b.arn }", 'aws_s3_bucket.each["k"]', True),
        ("{ for k, b in aws_s3_bucket.each : b.arn => k }", 'aws_s3_bucket.each["k"]', True),
        ("aws_s3_bucket.some[*].id", "aws_s3_bucket.some[*]", True),
        ("aws_s3_bucket.some[0].id", "aws_s3_bucket.some[*]", True),
        ("length(aws_s3_bucket.many)", "aws_s3_bucket.many[0]", False),
        ('var.any ? aws_s3_bucket.one.id : ""', "aws_s3_bucket.one", True),
        ('join(",", aws_s3_bucket.some[*].id)', "aws_s3_bucket.some[*]", True),
        ('"fixed"', "aws_s3_bucket.named", True),
        ("aws_s3_bucket.named.bucket", "aws_s3_bucket.named", True),
        ("module.m.id", "module.m.aws_s3_bucket.in", True),
        ("module.m", "module.m.aws_s3_bucket.in", True),
        ("1", "module.m.aws_s3_bucket.in", False),
        ("1", "aws_s3_bucket.one", False),
    ],
)
def test_what_outputs_hand_out(output: str, address: str, leaves: bool) -> None:
    texts = {
        "main.tf": f'{RESOURCES}output "o" {{\n  value     = {output}\n  sensitive = true\n}}\n',
        "m/main.tf": INNER,
    }
    found = evaluated(texts)
    reason = found.open_because(found.by_address[address])
    assert reason == ("output.o hands it to other configurations" if leaves else None)


def test_the_files_that_were_read() -> None:
    texts = {
        "main.tf": 'module "m" { source = "./m" }\n',
        "terraform.tfvars": "",
        "m/main.tf": "",
        "other/main.tf": "",
        "x.tfvars": "",
    }
    assert evaluated(texts).files == {"main.tf", "m/main.tf", "terraform.tfvars"}
    assert evaluated(texts, variables=("x.tfvars",)).files >= {"x.tfvars"}


def test_too_many_resources_name_the_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "MAX_RESOURCES", 3)
    found = evaluated('resource "x_y" "it" { count = 5 }\n')
    assert len(found.resources) == 3
    assert "MAX_RESOURCES" in messages(found)[0]


def test_ten_thousand_resources_are_quick_enough() -> None:
    found = evaluated('resource "aws_ebs_volume" "it" {\n  count = 10000\n  size = count.index\n}\n')
    assert len(found.resources) == 10_000


def test_the_same_root_gives_the_same_result_each_time() -> None:
    texts = {"main.tf": RESOURCES, "m/main.tf": INNER}
    first = [(one.address, one.values, one.references) for one in evaluated(texts).resources]
    assert first == [
        (one.address, one.values, one.references) for one in evaluated(dict(reversed(texts.items()))).resources
    ]


PIECES: tuple[str, ...] = (
    "local.a",
    "local.b",
    "var.v",
    "var.missing",
    "x_y.it.id",
    "x_y.many[0]",
    "x_y.many[*].id",
    "module.m.o",
    "module.m",
    "data.a_b.c.d",
    "each.key",
    "count.index",
    "path.module",
    "null",
    "1",
    '"a"',
    "[]",
    "{}",
    "1 / 0",
    "self",
    "terraform.workspace",
)


@pytest.mark.parametrize("seed", range(150))
def test_random_expressions_never_crash(seed: int) -> None:
    """Every combination gives values or unknowns: nothing raises, whatever leads to whatever."""
    chance = random.Random(seed)

    def piece(depth: int = 3) -> str:
        forms = [
            "{} + {}",
            "{} ? {} : {}",
            "[{}, {}]",
            "{{ a = {}, (tostring({})) = 1 }}",
            "{}[{}]",
            "try({}, {})",
            "{} == {}",
        ]
        forms += [
            "[for k, v in {} : v if {} != k]",
            "{{ for v in {} : v => {}... }}",
            '"x${{{}}}"',
            "merge({}, {})",
            "flatten([{}])",
        ]
        forms += [
            "lookup({}, {}, {})",
            "({})[*].id",
            "length({})",
            "jsonencode({})",
            "{}.a",
            "toset([{}])",
            "coalesce({}, {})",
        ]
        if depth == 0:
            return chance.choice(PIECES)
        form = chance.choice(forms)
        blanks = form.replace("{{", "").replace("}}", "").count("{}")
        return form.format(*(piece(depth - chance.randint(1, depth)) for _ in range(blanks)))

    def text(variables: Any = None) -> str:
        meta = chance.choice(["", f"count = {piece()}", f"for_each = {piece()}"])
        return (
            f'locals {{\n a = {piece()}\n b = {piece()}\n}}\nresource "x_y" "it" {{\n {meta}\n v = {piece()}\n'
            f' dynamic "d" {{\n for_each = {piece()}\n content {{\n w = {piece()}\n }}\n }}\n}}\n'
            f'resource "x_y" "many" {{\n count = 2\n v = {piece()}\n}}\nvariable "v" {{\n default = 5\n}}\n'
            f'output "o" {{\n value = {piece()}\n}}\n{variables or ""}'
        )

    texts = {
        "main.tf": text(f'module "m" {{\n source = "./m"\n v = {piece()}\n count = {piece()}\n}}\n'),
        "m/main.tf": text(),
    }
    found = evaluated(texts)
    for one in found.resources:
        assert all(unknown.reason for _, unknown in unknowns(one.values))
        for name in one.values:
            found.trace(one, (name,))
            found.edit(one, (name,), 1)
        found.open_because(one)


@pytest.mark.parametrize(
    ("written", "ignored"),
    [
        ("[type]", {"type"}),
        ('[tags["a"], root_block_device[0].volume_type]', {"tags.a", "root_block_device.volume_type"}),
        ("all", {"*"}),
        ("[]", set()),
    ],
)
def test_ignored_changes(written: str, ignored: set[str]) -> None:
    text = f'resource "aws_ebs_volume" "a" {{\n  lifecycle {{\n    ignore_changes = {written}\n  }}\n}}\n'
    assert evaluated(text).by_address["aws_ebs_volume.a"].ignored == ignored


def test_texts_that_no_line_may_show() -> None:
    text = (
        'variable "a" {\n  sensitive = true\n  default = "one"\n}\nvariable "b" {\n  default = "open"\n}\n'
        'locals {\n  c = sensitive("two")\n}\nmodule "m" {\n  source = "./m"\n  inner = "three"\n}\n'
    )
    inner = 'variable "inner" {\n  sensitive = true\n}\n'
    assert evaluated({"main.tf": text, "m/main.tf": inner}).secrets() == {"one", "two", "three"}


def test_an_ephemeral_variable_is_never_shown() -> None:
    text = 'variable "a" {\n  ephemeral = true\n  default = "fleeting"\n}\n'
    assert evaluated({"main.tf": text}).secrets() == {"fleeting"}


def test_tags_that_are_not_written_are_none_and_tags_of_a_provider_are_no_tags_of_a_resource() -> None:
    text = (
        'provider "aws" {\n  default_tags {\n    tags = { team = "web" }\n  }\n}\n'
        'resource "aws_docdb_cluster" "a" {}\n'
        'resource "aws_docdb_cluster_instance" "b" {\n  tags = aws_docdb_cluster.a.tags\n}\n'
        'resource "aws_docdb_cluster_instance" "c" {\n  tags = aws_docdb_cluster.a.tags_all\n}\n'
    )
    found = evaluated(text).by_address
    assert found["aws_docdb_cluster_instance.b"].values["tags"] is None
    assert unknowns(found["aws_docdb_cluster_instance.c"].values["tags"])
