"""Providers: https://developer.hashicorp.com/terraform/language/modules/develop/providers."""

from typing import Any

import pytest

from terraform_roots import UNKNOWN, evaluated, shown

PROVIDERS = """
provider "aws" {
  region = "us-east-1"
  default_tags {
    tags = { team = "core", env = var.env }
  }
}
provider "aws" {
  alias  = "west"
  region = local.west
}
locals { west = "us-west-2" }
variable "env" { default = "dev" }
"""


@pytest.mark.parametrize(
    ("body", "region"),
    [
        ("", "us-east-1"),
        ("provider = aws.west", "us-west-2"),
        ('provider = "aws.west"', "us-west-2"),
        ('region = "eu-west-1"', "eu-west-1"),
        ('provider = aws.west\nregion = "eu-west-1"', "eu-west-1"),
        ("region = var.missing", None),
        ("provider = aws.gone", "cli"),
    ],
)
def test_the_region_in_force(body: str, region: str | None) -> None:
    found = evaluated(f'{PROVIDERS}resource "aws_eip" "it" {{\n{body}\n}}\n', region="cli")
    assert found.by_address["aws_eip.it"].region == region


def test_a_region_that_is_not_known_is_not_guessed() -> None:
    text = 'provider "aws" {\n  region = var.r\n}\nvariable "r" {}\nresource "aws_eip" "it" {}\n'
    assert evaluated(text, region="cli").by_address["aws_eip.it"].region is None
    assert evaluated('resource "aws_eip" "it" {}\n', region="cli").by_address["aws_eip.it"].region == "cli"
    assert evaluated('resource "aws_eip" "it" {}\n').by_address["aws_eip.it"].region is None


@pytest.mark.parametrize(
    ("type_", "body", "region"),
    [
        ("google_compute_disk", 'zone = "europe-west1-b"', "europe-west1"),
        ("google_sql_database_instance", 'region = "europe-west3"', "europe-west3"),
        ("google_storage_bucket", 'location = "EU"', "EU"),
        ("google_compute_disk", "", "us-central1"),
        ("azurerm_managed_disk", 'location = "westeurope"', "westeurope"),
    ],
)
def test_the_region_of_other_clouds(type_: str, body: str, region: str) -> None:
    text = f'provider "google" {{\n  region = "us-central1"\n}}\nresource "{type_}" "it" {{\n{body}\n}}\n'
    assert evaluated(text).by_address[f"{type_}.it"].region == region


def modules(call: str, inner: str = "") -> dict[str, Any]:
    texts = {
        "main.tf": f'{PROVIDERS}module "m" {{\n  source = "./m"\n{call}\n}}\n',
        "m/main.tf": f'{inner}\nmodule "deep" {{\n  source = "./deep"\n}}\nresource "aws_eip" "it" {{}}\n'
        'resource "aws_eip" "other" {\n  provider = aws.other\n}\n',
        "m/deep/main.tf": 'resource "aws_eip" "it" {}\n',
    }
    return {address: one.region for address, one in evaluated(texts).by_address.items()}


@pytest.mark.parametrize(
    ("call", "inner", "own", "other", "deep"),
    [
        ("", "", "us-east-1", None, "us-east-1"),
        ("providers = { aws = aws.west }", "", "us-west-2", None, "us-west-2"),
        ("providers = { aws.other = aws.west }", "", "us-east-1", "us-west-2", "us-east-1"),
        ('providers = { "aws.other" = "aws.west" }', "", "us-east-1", "us-west-2", "us-east-1"),
        ("providers = { aws = aws.gone }", "", None, None, None),
        ("", 'provider "aws" { region = "eu-west-1" }', "eu-west-1", None, "eu-west-1"),
    ],
)
def test_providers_handed_down(call: str, inner: str, own: str | None, other: str | None, deep: str | None) -> None:
    found = modules(call, inner)
    assert (
        found["module.m.aws_eip.it"],
        found["module.m.aws_eip.other"],
        found["module.m.module.deep.aws_eip.it"],
    ) == (
        own,
        other,
        deep,
    )


def test_default_tags_lie_under_a_resources_own() -> None:
    texts = {
        "main.tf": f'{PROVIDERS}resource "aws_eip" "a" {{\n  tags = {{ env = "own" }}\n}}\n'
        'module "m" { source = "./m" }\n'
        'resource "aws_eip" "w" {\n  provider = aws.west\n}\n',
        "m/main.tf": 'resource "aws_eip" "b" {}\n',
    }
    found = evaluated(texts).by_address
    assert found["aws_eip.a"].values["tags_all"] == {"team": "core", "env": "own"}
    assert found["module.m.aws_eip.b"].values["tags_all"] == {"team": "core", "env": "dev"}
    assert found["aws_eip.w"].values.get("tags_all") is None


def test_unknown_default_tags_make_all_tags_unknown() -> None:
    text = 'provider "aws" {\n  default_tags {\n    tags = var.t\n  }\n}\nvariable "t" {}\n'
    text += 'resource "aws_eip" "a" {\n  tags = { a = 1 }\n}\n'
    assert shown(evaluated(text).by_address["aws_eip.a"].values["tags_all"]) == UNKNOWN
