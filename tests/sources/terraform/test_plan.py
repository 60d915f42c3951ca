"""Plans: a real one (tests/projects/plan, made by Terraform 1.11.4 with the AWS provider 5.100.0), and small ones."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from surplus.model import Root, Unknown
from surplus.run import Options, check, inspect
from surplus.sources.evaluated import Evaluated
from surplus.sources.terraform.plan import evaluate, is_plan
from surplus.sources.terraform.plan_configuration import split
from terraform_roots import evaluated

PROJECT = Path(__file__).parents[2] / "projects" / "plan"
PLAN = (PROJECT / "plan.json").read_text("utf-8")


def planned(text: str = PLAN) -> Evaluated:
    return evaluate(Root(".", "plan"), "plan.json", text, None)


def small(resources: list[dict[str, Any]], **more: Any) -> str:
    return json.dumps({"format_version": "1.2", "planned_values": {"root_module": {"resources": resources}}, **more})


def found(path: Path) -> list[tuple[str, str, str, int]]:
    result = check(Options(paths=(str(path),), root=str(path if path.is_dir() else path.parent), isolated=True))
    return [(one.rule.id, one.resource, one.location.path, one.location.span.line) for one in result.findings]


def test_a_plan_and_its_configuration_give_the_same_findings(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(PROJECT, tmp_path / "stack"))
    of_plan = found(folder / "plan.json")
    assert of_plan == found(folder)
    assert ("aws-ebs-gp2-volume", 'module.disk["data"].aws_ebs_volume.this', "terraform.tfvars", 1) in of_plan
    assert not [one for one in of_plan if one[1] == "aws_eip.used"]
    assert not [one for one in of_plan if one[0] == "aws-s3-no-lifecycle"]


def test_without_its_configuration_a_finding_is_at_the_address_in_the_plan(tmp_path: Path) -> None:
    shutil.copy(PROJECT / "plan.json", tmp_path)
    places = {(rule, path) for rule, _, path, _ in found(tmp_path / "plan.json")}
    assert ("aws-ebs-gp2-volume", "plan.json") in places
    result = check(Options(paths=(str(tmp_path / "plan.json"),), root=str(tmp_path), isolated=True))
    gp2 = next(one for one in result.findings if one.rule.id == "aws-ebs-gp2-volume")
    assert PLAN[gp2.location.span.column - 1 :].startswith('"address":"module.disk')


def test_what_only_apply_tells_is_unknown_and_keeps_its_reference() -> None:
    gateway = planned().by_address["aws_nat_gateway.main"].values["allocation_id"]
    assert isinstance(gateway, Unknown)
    assert gateway.text == "⟨aws_eip.used.id⟩"


def test_the_region_comes_from_the_provider_through_a_variable() -> None:
    assert {one.region for one in planned().resources} == {"eu-west-1"}


def test_an_argument_that_nobody_sets_has_the_tables_default() -> None:
    group = planned().by_address["aws_cloudwatch_log_group.app"]
    assert group.values["retention_in_days"] == 0
    assert group.values["name"] == "/app/reports-of-the-month"


def test_sensitive_values_are_marked(tmp_path: Path) -> None:
    shutil.copy(PROJECT / "plan.json", tmp_path)
    shown = inspect(Options(paths=(str(tmp_path / "plan.json"),), root=str(tmp_path)))
    instance = next(one for _, one in shown.resources if one.address == "aws_instance.app")
    assert ("user_data",) in instance.sensitive


def test_addresses_are_taken_apart() -> None:
    assert split('module.a["x.y"].module.b[0].aws_eip.c["d"]') == (("a", "b"), 'aws_eip.c["d"]')
    assert split("aws_eip.c") == ((), "aws_eip.c")


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", '{"format_version": "1.2"}', '{"format_version": "1.2", "planned_values": 3}', PLAN[:5_000]],
)
def test_a_plan_that_cannot_be_read_is_one_problem(text: str) -> None:
    outcome = planned(text)
    assert not outcome.resources
    assert [problem.path for problem in outcome.problems] == ["plan.json"]
    assert "terraform show -json" in outcome.problems[0].message


NULL = {"root_module": None}


@pytest.mark.parametrize(
    "more",
    [
        {"planned_values": NULL},
        {"planned_values": {"root_module": {"resources": ["a"]}}},
        {"planned_values": {"root_module": {"resources": [{"mode": "managed", "values": {}}]}}},
        {"resource_changes": [None]},
        {"configuration": NULL},
        {"configuration": {"root_module": {"outputs": {"a": None}}}},
    ],
)
def test_a_plan_of_another_shape_is_one_problem(more: dict[str, Any]) -> None:
    test_a_plan_that_cannot_be_read_is_one_problem(small([], **more))


def test_ignored_changes_are_those_of_the_configuration() -> None:
    one = {"address": "aws_ebs_volume.a", "mode": "managed", "type": "aws_ebs_volume", "values": {"type": "gp2"}}
    text = 'resource "aws_ebs_volume" "a" {\n  lifecycle {\n    ignore_changes = [type]\n  }\n}\n'
    outcome = evaluate(Root(".", "plan"), "plan.json", small([one]), evaluated(text))
    assert [found.ignored for found in outcome.resources] == [{"type"}]


def test_an_unknown_format_is_one_problem() -> None:
    outcome = planned(small([]).replace("1.2", "2.0"))
    assert [problem.message for problem in outcome.problems] == ["this plan has format 2.0; only 1.x is known"]


def test_data_sources_are_no_resources() -> None:
    data = {"address": "data.aws_ami.a", "mode": "data", "type": "aws_ami", "name": "a", "values": {}}
    assert not planned(small([data])).resources


def test_wrong_types_inside_a_plan_are_no_crash() -> None:
    odd: dict[str, Any] = {"address": "aws_eip.a", "mode": "managed", "type": "aws_eip", "values": {"tags": 3}}
    change = {"address": "aws_eip.a", "change": {"after_unknown": {"tags": {"a": True}, "instance": True}}}
    outcome = planned(small([odd, {"mode": "managed", "values": None}], resource_changes=[change]))
    assert [one.address for one in outcome.resources] == ["aws_eip.a"]


def test_only_json_that_looks_like_a_plan_is_one() -> None:
    assert is_plan(PLAN)
    assert not is_plan('{"name": "package"}')


def test_json_that_seems_meant_as_a_plan_is_left_out_with_a_note(tmp_path: Path) -> None:
    (tmp_path / "state.json").write_text('{"format_version": "1.0", "values": {}}')
    (tmp_path / "package.json").write_text('{"name": "x"}')
    result = check(Options(paths=(str(tmp_path / "state.json"), str(tmp_path / "package.json")), root=str(tmp_path)))
    (note,) = result.problems
    assert note.path == "state.json"
    assert not result.roots and note.note and note.message.startswith("this is neither a plan ")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_plans_that_powershell_wrote_are_read(tmp_path: Path, encoding: str) -> None:
    folder = Path(shutil.copytree(PROJECT, tmp_path / "stack"))
    (folder / "plan.json").write_text(PLAN, encoding)
    assert found(folder / "plan.json") == found(folder)
