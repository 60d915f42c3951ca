"""Files, override files, variable files and module calls: developer.hashicorp.com/terraform/language."""

import json

import pytest

from surplus.model import Unknown
from surplus.sources.terraform.modules import configuration_files, is_override
from terraform_roots import evaluated, messages, shown, value


def test_override_files_win_by_attribute_and_by_type_of_block() -> None:
    texts = {
        "main.tf": """
resource "x_y" "it" {
  a = 1
  b = 2
  disk { size = 1 }
  disk { size = 2 }
  dynamic "nic" {
    for_each = [1, 2]
    content { n = nic.value }
  }
  other { keep = true }
}
locals {
  one = 1
  two = 2
}
variable "v" { default = "main" }
provider "aws" { region = "us-east-1" }
provider "aws" {
  alias  = "west"
  region = "us-west-2"
}
""",
        "override.tf": """
resource "x_y" "it" {
  b = local.two
  disk { size = 9 }
  nic { n = 7 }
}
locals { two = 22 }
variable "v" { default = "over" }
""",
        "z_override.tf": 'resource "x_y" "it" {\n  c = var.v\n}\n'
        'provider "aws" {\n  alias = "west"\n  region = "eu-west-1"\n}\n'
        'resource "aws_eip" "e" {\n  provider = aws.west\n}\n',
    }
    found = evaluated(texts)
    assert found.by_address["x_y.it"].values == {
        "a": 1,
        "b": 22,
        "c": "over",
        "disk": [{"size": 9}],
        "nic": [{"n": 7}],
        "other": [{"keep": True}],
    }
    assert found.by_address["aws_eip.e"].region == "eu-west-1"
    assert not found.problems


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("override.tf", True),
        ("a_override.tf", True),
        ("a.b_override.tf", True),
        ("override.tf.json", True),
        ("override.b.tf", False),
        ("overrides.tf", False),
        ("my-override.tofu", False),
    ],
)
def test_override_names(name: str, expected: bool) -> None:
    assert is_override(name) is expected


def test_which_files_are_read() -> None:
    names = ["a.tf", "a.tofu", "b.tf.json", "b.tofu.json", ".hidden.tf", "c.tf~", "#d.tf#", "e.txt", "x.tfoo.tf"]
    assert configuration_files(names) == ["a.tofu", "b.tofu.json", "x.tfoo.tf"]


def test_redeclared_blocks_count_once() -> None:
    found = evaluated({"a.tf": 'resource "x_y" "it" { a = 1 }\n', "b.tf": 'resource "x_y" "it" { a = 2 }\n'})
    assert found.by_address["x_y.it"].values == {"a": 1}
    assert "declared twice; the first is a.tf:1" in messages(found)[0]


@pytest.mark.parametrize(
    ("files", "named", "environment", "expected"),
    [
        ({}, (), {}, "default"),
        ({}, (), {"TF_VAR_v": "env"}, "env"),
        ({"terraform.tfvars": "v = 1"}, (), {"TF_VAR_v": "env"}, "1"),
        ({"terraform.tfvars": "v = 1", "terraform.tfvars.json": '{"v": 2}'}, (), {}, "2"),
        ({"terraform.tfvars.json": '{"v": 2}', "a.auto.tfvars": "v = 3"}, (), {}, "3"),
        ({"b.auto.tfvars": "v = 4", "a.auto.tfvars.json": '{"v": 3}'}, (), {}, "4"),
        ({"b.auto.tfvars": "v = 4", "env/x.tfvars": "v = 5"}, ("env/x.tfvars",), {}, "5"),
        ({"x.tfvars": "v = 5", "y.tfvars": "v = 6"}, ("y.tfvars", "x.tfvars"), {}, "5"),
        ({"x.tfvars": "v = 5"}, (), {}, "default"),
    ],
)
def test_precedence_of_variable_values(
    files: dict[str, str], named: tuple[str, ...], environment: dict[str, str], expected: str
) -> None:
    texts = {
        "main.tf": 'variable "v" {\n  type = string\n  default = "default"\n}\nresource "x_y" "it" {\n  v = var.v\n}\n'
    }
    found = evaluated(texts | files, variables=named, environment=environment)
    assert found.by_address["x_y.it"].values["v"] == expected


ENCRYPTED = "\0GITCRYPT\0xyz"


@pytest.mark.parametrize(
    ("files", "environment", "expected"),
    [
        ({"terraform.tfvars": ENCRYPTED}, {}, None),
        ({"terraform.tfvars": ENCRYPTED}, {"TF_VAR_v": "env"}, None),
        ({"terraform.tfvars": "v = 1", "a.auto.tfvars": ENCRYPTED}, {}, None),
        ({"terraform.tfvars": ENCRYPTED, "a.auto.tfvars": "v = 1"}, {}, "1"),
    ],
)
def test_a_variable_file_that_cannot_be_read_may_set_what_none_after_it_sets(
    files: dict[str, str], environment: dict[str, str], expected: str | None
) -> None:
    texts = {
        "main.tf": 'variable "v" {\n  type = string\n  default = "default"\n}\nresource "x_y" "it" {\n  v = var.v\n}\n'
    }
    found = evaluated(texts | files, environment=environment).by_address["x_y.it"].values["v"]
    if expected is None:
        assert isinstance(found, Unknown) and "may set var.v and cannot be read" in found.reason
    else:
        assert found == expected


@pytest.mark.parametrize(
    ("type_", "text", "expected"),
    [
        ("", "[1]", "[1]"),
        ("type = string", "5", "5"),
        ("type = number", "5", 5),
        ("type = bool", "true", True),
        ("type = list(string)", '["a", "b"]', ["a", "b"]),
        ("type = map(number)", "{ a = 1 }", {"a": 1}),
        ("type = any", '{\n a = "b" }', {"a": "b"}),
        ("type = list(number)", '{"a"', None),
    ],
)
def test_variables_of_the_environment(type_: str, text: str, expected: object) -> None:
    found = value("var.v", f'variable "v" {{\n  {type_}\n}}\n', environment={"TF_VAR_v": text})
    assert isinstance(found, Unknown) if expected is None else found == expected


def test_only_the_root_reads_the_environment() -> None:
    texts = {
        "main.tf": 'module "m" { source = "./m" }\n',
        "m/main.tf": 'variable "v" { default = 1 }\nresource "x_y" "it" { v = var.v }\n',
    }
    found = evaluated(texts, environment={"TF_VAR_v": "2"})
    assert found.by_address["module.m.x_y.it"].values["v"] == 1


def test_undeclared_values_are_noted_for_named_files_only() -> None:
    texts = {"main.tf": "", "terraform.tfvars": "shared = 1\n", "x.tfvars": "typo = 1\n"}
    assert messages(evaluated(texts)) == []
    assert messages(evaluated(texts, variables=("x.tfvars",))) == [
        "no variable block declares var.typo; the value is not used"
    ]
    (problem,) = evaluated(texts, variables=("gone.tfvars",)).problems
    assert problem.path == "gone.tfvars"


MODULE = """
variable "n" { default = 1 }
output "n" { value = var.n }
output "id" { value = x_y.it.id }
resource "x_y" "it" { n = var.n }
"""


def called(arguments: str, use: str) -> object:
    texts = {
        "main.tf": f'module "m" {{\n  source = "./m"\n  {arguments}\n}}\n'
        f'resource "a_b" "use" {{\n  v = {use}\n}}\nvariable "any" {{}}\n',
        "m/main.tf": MODULE,
    }
    return shown(evaluated(texts).by_address["a_b.use"].values["v"])


@pytest.mark.parametrize(
    ("arguments", "use", "expected"),
    [
        ("n = 5", "module.m.n", 5),
        ("", "module.m.n", 1),
        ("", "module.m.id", "⟨module.m.x_y.it.id⟩"),
        ("count = 2\n n = count.index", "module.m[1].n", 1),
        ("count = 2\n n = count.index", "module.m[*].n", [0, 1]),
        ("count = 0", "module.m[*].n", []),
        ("count = 2", "length(module.m)", 2),
        ("for_each = { a = 3, b = 4 }\n n = each.value", 'module.m["b"].n', 4),
        ("for_each = { a = 3, b = 4 }\n n = each.value", "[for k, o in module.m : o.n]", [3, 4]),
        ('for_each = toset(["a"])', 'module.m["a"].id', '⟨module.m["a"].x_y.it.id⟩'),
        ("count = var.any", "module.m[0].n", "unknown"),
        ("", "try(module.m.missing, 7)", 7),
        ("", "module.m", "unknown"),
        ("n = null", "module.m.n", None),
    ],
)
def test_outputs(arguments: str, use: str, expected: object) -> None:
    assert called(arguments, use) == expected


def test_a_module_passed_whole() -> None:
    texts = {
        "main.tf": 'module "a" { source = "./a" }\nmodule "b" {\n  source = "./b"\n  all = module.a\n}\n',
        "a/main.tf": 'output "x" { value = 3 }\n',
        "b/main.tf": 'variable "all" {}\nresource "x_y" "it" { v = var.all.x }\n',
    }
    assert evaluated(texts).by_address["module.b.x_y.it"].values["v"] == 3


def test_a_resource_passed_whole() -> None:
    texts = {
        "main.tf": 'resource "a_b" "c" {\n  size = 4\n}\nmodule "b" {\n  source = "./b"\n  it = a_b.c\n}\n',
        "b/main.tf": 'variable "it" {}\nresource "x_y" "it" {\n  v = var.it.size\n  id = var.it.id\n}\n',
    }
    assert shown(evaluated(texts).by_address["module.b.x_y.it"].values) == {"v": 4, "id": "⟨a_b.c.id⟩"}


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("./gone", "module.m is not judged: ./gone holds no configuration"),
        ("../../elsewhere", "module.m is not judged: ../../elsewhere lies outside the scanned tree"),
        ("terraform-aws-modules/vpc/aws", "module.m is not judged: terraform-aws-modules/vpc/aws is not downloaded"),
        ("git::https://e.com/x.git//sub?ref=v1", "module.m is not judged: git::https://e.com/x.git//sub?ref=v1 is not"),
        ("./", "module.m calls itself, through root"),
    ],
)
def test_calls_that_are_not_judged(source: str, message: str) -> None:
    texts = {
        "root/main.tf": f'module "m" {{\n  source = "{source}"\n}}\nresource "x_y" "it" {{\n  v = module.m.o\n}}\n'
    }
    found = evaluated(texts, path="root")
    assert messages(found)[0].startswith(message)
    assert len(found.problems) == 1
    assert isinstance(found.by_address["x_y.it"].values["v"], Unknown)
    assert found.open_because(found.by_address["x_y.it"]) == "module.m could not be read and may refer to it"


def test_modules_that_call_one_another_in_a_circle() -> None:
    texts = {
        "main.tf": 'module "a" { source = "./a" }\n',
        "a/main.tf": 'module "b" { source = "../b" }\nresource "x_y" "it" {}\n',
        "b/main.tf": 'module "a" { source = "../a" }\n',
    }
    found = evaluated(texts)
    assert messages(found) == ["module.a calls itself, through a"]
    assert list(found.by_address) == ["module.a.x_y.it"]


def test_module_bounds_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = {f"m{n}/main.tf": f'module "a" {{ source = "../m{n + 1}" }}\n' for n in range(40)}
    assert "MAX_MODULE_DEPTH" in messages(evaluated(texts, path="m0"))[0]
    monkeypatch.setattr("surplus.sources.terraform.calls.MAX_MODULES", 100)
    for n in range(12):
        texts[f"m{n}/main.tf"] = f'module "a" {{ source = "../m{n + 1}" }}\nmodule "b" {{ source = "../m{n + 1}" }}\n'
    texts["m12/main.tf"] = 'resource "x_y" "it" {}\n'
    assert any("MAX_MODULES" in message for message in messages(evaluated(texts, path="m0")))


def test_downloaded_modules_are_found_by_their_key() -> None:
    entries = [
        {"Key": "", "Source": "", "Dir": "."},
        {"Key": "vpc", "Source": "registry/vpc", "Dir": ".terraform/modules/vpc"},
        {"Key": "vpc.inner", "Source": "./inner", "Dir": ".terraform/modules/vpc/inner"},
    ]
    texts = {
        "live/main.tf": 'module "vpc" { source = "terraform-aws-modules/vpc/aws" }\n',
        "live/.terraform/modules/modules.json": json.dumps({"Modules": entries}),
        "live/.terraform/modules/vpc/main.tf": 'module "inner" { source = "./inner" }\n'
        'resource "x_y" "it" { p = path.module }\n',
        "live/.terraform/modules/vpc/inner/main.tf": 'resource "x_y" "it" {}\n',
    }
    found = evaluated(texts, path="live")
    assert list(found.by_address) == ["module.vpc.module.inner.x_y.it", "module.vpc.x_y.it"]
    assert found.by_address["module.vpc.x_y.it"].values["p"] == ".terraform/modules/vpc"
    for broken in ("{", "[]", '{"Modules": [{}]}'):
        texts["live/.terraform/modules/modules.json"] = broken
        assert "is not downloaded" in messages(evaluated(texts, path="live"))[0]


def test_json_syntax() -> None:
    body = {
        "count": "${1 + 1}",
        "size": "${local.size}",
        "disk": [{"n": 1}, {"n": "${count.index}"}],
        "one": {"a": "b"},
        "dynamic": {
            "nic": {
                "for_each": "${[5, 6]}",
                "iterator": "it",
                "content": {"v": "${it.value}", "dynamic": {"sub": {"for_each": [1], "content": {"w": "${sub.key}"}}}},
            }
        },
        "provider": "aws.west",
        "lifecycle": {"ignore_changes": ["size"]},
        "provisioner": {"local-exec": {"command": "x"}},
    }
    texts = {
        "main.tf.json": json.dumps(
            {
                "resource": {"aws_x": {"it": body, "each": {"for_each": {"a": "1"}, "v": "${each.key}"}}},
                "locals": {"size": 3},
                "provider": {
                    "aws": [{"region": "a"}, {"alias": "west", "region": "b", "default_tags": {"tags": {"t": "u"}}}]
                },
            }
        )
    }
    found = evaluated(texts)
    values = dict(found.by_address["aws_x.it[1]"].values)
    assert values.pop("tags_all") == {"t": "u"}
    nics = [{"v": 5, "sub": [{"w": 0}]}, {"v": 6, "sub": [{"w": 0}]}]
    assert values == {"size": 3, "disk": [{"n": 1}, {"n": 1}], "one": {"a": "b"}, "nic": nics}
    assert found.by_address["aws_x.it[1]"].region == "b"
    assert found.by_address['aws_x.each["a"]'].values["v"] == "a"
    assert not found.problems
