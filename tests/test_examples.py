from pathlib import Path
from typing import Any

import pytest

from support import rule_text, write
from surplus.definitions import Example, Rule
from surplus.examples import ExampleResult, load, report, run, run_all
from surplus.model import ConfigError, RuleError
from surplus.rules import read_rule

GP2 = {
    "when": 'resource.type == "gp2"',
    "message": "{{ resource.size }} GiB of gp2",
    "rest": "at: resource.type\nbetter: {set: {resource.type: gp3}}\nfix: {safe: true, impact: in-place}",
}
CONFIG = 'resource "aws_ebs_volume" "v" {\n  tags = {attached-by = "a"}\n  size = 8\n  type = "gp2"\n}\n'


def rule(**parts: str) -> Rule:
    return read_rule(rule_text(**{**GP2, **parts}), "my-rule.yaml", check=False)


def example(fails: bool = True, config: str = CONFIG, **parts: Any) -> Example:
    parts.setdefault("findings", ({"line": 4},) if fails else ())
    parts.setdefault("files", {"main.tf": config})
    return Example(name="one", fails=fails, line=20, **parts)


def faults(one: Example, **parts: str) -> tuple[str, ...]:
    return run(rule(**parts), one).faults


def test_what_it_says_is_what_it_gives() -> None:
    assert faults(example()) == ()
    assert faults(example(fails=False, config=CONFIG.replace("gp2", "gp3"))) == ()


def test_a_missing_finding() -> None:
    assert faults(example(findings=({"line": 4}, {"line": 9}))) == ("expected a finding at main.tf:9",)


def test_a_wrong_line_fails_both_ways() -> None:
    assert faults(example(findings=({"line": 3},))) == (
        "expected a finding at main.tf:3",
        "found at main.tf:4, not expected: 8 GiB of gp2",
    )


def test_a_finding_where_none_should_be() -> None:
    assert faults(example(fails=False)) == ("found at main.tf:4, not expected: 8 GiB of gp2",)


def test_the_number_of_findings_at_one_line_counts() -> None:
    assert faults(example(findings=({"line": 4}, {"line": 4}))) == ("expected 2 findings, found 1",)


def test_messages_and_savings_are_compared_where_given() -> None:
    assert faults(example(findings=({"line": 4, "message": "8 GiB of gp2", "saving": None},))) == ()
    assert faults(example(findings=({"line": 4, "message": "9 GiB", "saving": 1.0},))) == (
        "line 4: the message is '8 GiB of gp2'",
        "line 4: the saving is None",
    )


def test_undecided() -> None:
    unknown = 'variable "t" {}\n' + CONFIG.replace('"gp2"', "var.t")
    assert faults(example(fails=False, config=unknown, undecided=True)) == ()
    (fault,) = faults(example(fails=False, config=unknown, undecided=False))
    assert fault.startswith("undecided should be false; undecided is ") and "var.t" in fault
    assert faults(example(fails=False, config="", undecided=True)) == (
        "undecided should be true; undecided is nothing",
    )


def test_the_fixed_text_is_compared() -> None:
    assert faults(example(fixed={"main.tf": CONFIG.replace("gp2", "gp3")})) == ()
    (fault,) = faults(example(fixed={"main.tf": CONFIG}))
    assert fault == "after the fix, main.tf is\n" + CONFIG.replace("gp2", "gp3")


def test_a_fix_that_does_not_mend_it() -> None:
    still = rule(rest=GP2["rest"].replace("gp3", "gp2"))
    assert run(still, example(fixed={"main.tf": CONFIG})).faults == ("the fixed text still has findings",)


def test_problems_are_faults() -> None:
    found = faults(example(fails=False, config='resource "a" {'))
    assert found and all(one.startswith("problem: ") for one in found)
    assert faults(example(), when="[1.0][3] == resource.size")[0].startswith("problem: rule my-rule failed")


def test_parameters_are_given_and_checked() -> None:
    parts = {
        "parameters": "parameters: {limit: {type: integer, default: 3, description: x}}",
        "when": "resource.size > params.limit",
    }
    assert faults(example(), **parts) == ()
    assert faults(example(fails=False, parameters={"limit": 8}), **parts) == ()
    assert faults(example(parameters={"limit": "x", "no": 1}), **parts)[:2] == (
        'parameter `limit` must be of type integer, not "x"',
        "parameter `no` does not exist",
    )


def test_environments_are_those_of_the_shipped_policy() -> None:
    assert faults(example(environment="staging"), when="nonprod && env == 'staging'") == ()
    assert faults(example(fails=False), when="nonprod") == ()
    with pytest.raises(ConfigError, match=r"my-rule.yaml:20: the shipped policy has no environment `moon`; it has "):
        faults(example(environment="moon"))


def test_the_region() -> None:
    assert faults(example(), when="region == 'us-east-1'") == ()
    assert faults(example(region="eu-west-1"), when="region == 'eu-west-1'") == ()


def test_the_report_names_the_place() -> None:
    one = rule()
    results = [ExampleResult(one, example(), ()), ExampleResult(one, example(), ("this", "that"))]
    assert report(results) == ("my-rule.yaml:20: one: this\nmy-rule.yaml:20: one: that\n1 passed, 1 failed (1 rules)\n")


def test_run_all() -> None:
    assert [result.passed for result in run_all([rule()])] == [True]


def test_load_reads_files_and_folders(tmp_path: Path) -> None:
    texts = {f"rules/{name}.yaml": rule_text(name, examples=EXAMPLES) for name in ("a-rule", "b-rule")}
    write(tmp_path, {**texts, "rules/README.md": "x"})
    assert [one.id for one in load([str(tmp_path / "rules")])] == ["a-rule", "b-rule"]
    assert [one.id for one in load([str(tmp_path / "rules/b-rule.yaml")])] == ["b-rule"]


EXAMPLES = """
  - {fail: the first one, config: "", findings: [{line: 1}]}
  - {fail: the second one, config: "", findings: [{line: 1}]}
  - {pass: nothing at all, config: ""}
  - {pass: nothing again, config: ""}
  - {pass: nothing whatever, config: ""}"""


@pytest.mark.parametrize(
    ("files", "path", "message"),
    [
        ({}, "none.yaml", "cannot be read: No such file"),
        ({"empty/x.txt": ""}, "empty", "holds no rule files"),
        ({"bin.yaml": b"\xff\xfe"}, "bin.yaml", "cannot be read: it is not UTF-8"),
    ],
)
def test_what_cannot_be_loaded(tmp_path: Path, files: dict[str, str | bytes], path: str, message: str) -> None:
    write(tmp_path, files)
    with pytest.raises(ConfigError, match=message):
        load([str(tmp_path / path)])


def test_a_rule_twice(tmp_path: Path) -> None:
    write(tmp_path, {f"{folder}/a-rule.yaml": rule_text("a-rule", examples=EXAMPLES) for folder in ("one", "two")})
    with pytest.raises(ConfigError, match="there is a rule a-rule already, in"):
        load([str(tmp_path)])


@pytest.mark.parametrize("text", ["", "[]", "id: 5", "a: [", rule_text("other-id", examples=EXAMPLES)])
def test_a_file_that_is_no_rule(tmp_path: Path, text: str) -> None:
    write(tmp_path, {"a-rule.yaml": text})
    with pytest.raises(RuleError, match=r"a-rule\.yaml:\d+:\d+: "):
        load([str(tmp_path)])
