"""What names mean where."""

from typing import Any

import pytest

from surplus.model import Unknown
from surplus.sources.terraform import scopes
from surplus.sources.terraform.limits import TooCostlyError
from surplus.sources.terraform.values import EvaluationError
from terraform_roots import UNKNOWN, evaluated, shown, value


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("[for v in [1] : [for v in [2] : v]]", [[2]]),
        ("[for var in [{ x = 1 }] : var.x]", [1]),
        ("[for each in [{ key = 1 }] : each.key]", [1]),
        ("{ for k, v in { a = { b = 1 } } : k => v.b }", {"a": 1}),
    ],
)
def test_iteration_variables_hide_what_is_outside(expression: str, expected: Any) -> None:
    assert value(expression) == expected


@pytest.mark.parametrize("expression", ["local.x", "var.v", "x_y.it.id", "each.key", "path.root", "nothing"])
def test_variable_files_hold_constants_only(expression: str) -> None:
    texts = {
        "main.tf": 'variable "v" {}\nresource "x_y" "it" { v = var.v }\n',
        "terraform.tfvars": f"v = {expression}\n",
    }
    found = evaluated(texts).by_address["x_y.it"].values["v"]
    assert isinstance(found, Unknown)
    assert "only constants" in found.reason


def test_constants_may_use_functions_and_loops() -> None:
    texts = {
        "main.tf": 'variable "v" {}\nresource "x_y" "it" { v = var.v }\n',
        "terraform.tfvars": 'v = [for x in ["a"] : [for y in ["b"] : upper("${x}${y}")]]\n',
    }
    assert evaluated(texts).by_address["x_y.it"].values["v"] == [["AB"]]


def test_each_in_a_nested_call_is_that_of_the_call() -> None:
    texts = {
        "main.tf": 'module "m" {\n  source = "./m"\n  for_each = { a = 1 }\n  v = each.key\n}\n',
        "m/main.tf": 'variable "v" {}\n'
        'resource "x_y" "it" {\n  for_each = toset(["z"])\n  v = "${var.v}${each.key}"\n}\n',
    }
    assert evaluated(texts).by_address['module.m["a"].x_y.it["z"]'].values == {"v": "az"}


def test_a_meter_stops_after_its_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scopes, "MAX_ITERATIONS", 2)
    meter = scopes.Meter()
    meter.spend()
    meter.spend()
    with pytest.raises(TooCostlyError, match="MAX_ITERATIONS"):
        meter.spend()


def test_types_alone_are_no_values() -> None:
    assert shown(value("data")) == UNKNOWN
    assert shown(value("data.aws_ami")) == UNKNOWN
    assert shown(value("resource.aws_vpc")) == UNKNOWN
    assert not issubclass(TooCostlyError, EvaluationError), "try() must not see it"
