"""Which surplus.yaml governs, `--config`, and rules of one's own."""

import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from support import rule_text, write
from surplus.config import Configuration
from surplus.model import SurplusError
from surplus.rules import bundled_rules
from surplus.trees import MemoryTree, WorkingTree


def ruled(id_: str = "my-rule", /, **parts: str) -> str:
    return rule_text(id_, examples="[{pass: nothing, config: ''}, {pass: nothing else, config: ''}]", **parts)


def configured(files: Mapping[str, str]) -> Configuration:
    return Configuration(MemoryTree(files))


def error(configuration: Configuration, folder: str = ".") -> str:
    with pytest.raises(SurplusError) as caught:
        configuration.governing(folder)
    return str(caught.value)


NESTED = {
    "surplus.yaml": "fail_on: never\n",
    "infra/surplus.yaml": "fail_on: info\n",
    "infra/live/a/main.tf": "",
    "other/main.tf": "",
}


@pytest.mark.parametrize(
    ("folder", "path"),
    [
        ("infra/live/a", "infra/surplus.yaml"),
        ("infra", "infra/surplus.yaml"),
        ("other", "surplus.yaml"),
        (".", "surplus.yaml"),
        ("infrared", "surplus.yaml"),
    ],
)
def test_the_nearest_file_above_a_root_governs_it(folder: str, path: str) -> None:
    assert configured(NESTED).governing(folder).path == path


def test_the_file_nearest_the_top_governs_the_run() -> None:
    assert configured(NESTED).of_run(["infra/live/a"]).policy.fail_on == "never"
    below = {path: text for path, text in NESTED.items() if path != "surplus.yaml"}
    assert configured(below).of_run(["other", "infra/live/a"]).policy.fail_on == "info"
    assert configured(below).of_run(["other"]).policy.fail_on == "error"
    assert configured(below).of_run().policy.fail_on == "error"
    assert configured({"b/surplus.yaml": "", "a/surplus.yaml": ""}).of_run(["b", "a"]).path == "a/surplus.yaml"


def test_without_a_file_the_shipped_default_governs() -> None:
    governing = configured({"main.tf": ""}).governing(".")
    assert (governing.path, governing.policy.name, governing.rules) == ("", "default", bundled_rules())


def test_isolated_looks_for_nothing() -> None:
    assert Configuration(MemoryTree(NESTED), isolated=True).governing("infra").policy.name == "default"


def test_one_file_is_read_once() -> None:
    configuration = configured(NESTED)
    assert configuration.governing("infra/live/a") is configuration.governing("infra")


def test_active_rules_are_made_once_for_the_roots_of_one_scope() -> None:
    governing = configured({"surplus.yaml": "scopes: [{paths: ['a/**'], rules: {'*': {severity: info}}}]\n"}).governing(
        "."
    )
    assert governing.active("a/x") is governing.active("a/y")
    assert governing.active("b") is not governing.active("a/x")
    assert {one.severity.value for one in governing.active("a/x")} == {"info"}


# Bad files: one clear line with the place.


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"rules: [", "surplus.yaml:1:9: not valid YAML"),
        (b"- a\n", "surplus.yaml:1:1: a policy is one mapping"),
        (b"\x7fELF\0\xff\xff", "surplus.yaml:1:6: the file is binary, not text; save it as UTF-8"),
        (b"name: x\n# caf\xe9\n", "surplus.yaml:2:6: the file is not UTF-8"),
        (b"rules: {aws-nope: {}}\n", "surplus.yaml:1:9: there is no rule `aws-nope`"),
        (b"extends: [../../x.yaml]\n", "surplus.yaml:1:11: ../../x.yaml: lies outside the scanned tree"),
        (b"extends: [/etc/passwd.yaml]\n", "surplus.yaml:1:11: /etc/passwd.yaml: lies outside the scanned tree"),
    ],
)
def test_a_bad_surplus_yaml_is_one_line_with_its_place(tmp_path: Path, text: bytes, message: str) -> None:
    write(tmp_path, {"surplus.yaml": text})
    found = error(Configuration(WorkingTree(tmp_path)))
    assert found.startswith(message)
    assert len(found.splitlines()) == 1


def test_a_byte_order_mark_and_crlf_are_fine(tmp_path: Path) -> None:
    write(tmp_path, {"surplus.yaml": b"\xef\xbb\xbffail_on: info\r\nrules: {}\r\n"})
    assert Configuration(WorkingTree(tmp_path)).governing(".").policy.fail_on == "info"


def test_a_file_that_cannot_be_read_is_not_passed_over(tmp_path: Path) -> None:
    for name, target in (("a", "nowhere"), ("b", "/etc/hostname"), ("c", "surplus.yaml")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "surplus.yaml").symlink_to(target)
    (tmp_path / "d").mkdir()
    os.mkfifo(tmp_path / "d" / "surplus.yaml")
    (tmp_path / "e" / "surplus.yaml").mkdir(parents=True)
    configuration = Configuration(WorkingTree(tmp_path))
    assert error(configuration, "a").startswith("a/surplus.yaml:1:1: the link leads nowhere")
    assert error(configuration, "b").startswith("b/surplus.yaml:1:1: the path leaves the scanned tree")
    assert error(configuration, "c").startswith("c/surplus.yaml:1:1: the link leads nowhere, or in a circle")
    assert error(configuration, "d").startswith("d/surplus.yaml:1:1: this is not a regular file")
    assert configuration.governing("e").path == ""


# --config.


def explicit(tree: Path, config: str | Path) -> Configuration:
    return Configuration(WorkingTree(tree), str(config))


def test_config_may_name_a_shipped_policy(tmp_path: Path) -> None:
    write(tmp_path, {"surplus.yaml": "fail_on: never\n"})
    assert explicit(tmp_path, "strict").governing("any/where").policy.name == "strict"


def test_config_is_found_from_where_one_stands_and_read_in_the_tree(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = {"policy/org.yaml": "extends: [base.yaml]\nrule_paths: [rules]\n", "policy/base.yaml": "fail_on: info\n"}
    write(tmp_path, {**files, "policy/rules/my-rule.yaml": ruled(), "surplus.yaml": "fail_on: never\n"})
    monkeypatch.chdir(tmp_path / "policy")
    governing = explicit(tmp_path, "org.yaml").governing("any/where")
    assert (governing.path, governing.policy.fail_on) == ("policy/org.yaml", "info")
    assert governing.rules["my-rule"].path == "policy/rules/my-rule.yaml"


def test_config_may_lie_outside_of_what_is_scanned(tmp_path: Path) -> None:
    org = {"org/a.yaml": "extends: [../b.yaml]\nrule_paths: [rules]\n", "b.yaml": "fail_on: info\n", ".git/HEAD": ""}
    write(tmp_path / "org", {**org, "org/rules/my-rule.yaml": ruled()})
    write(tmp_path / "scanned", {"main.tf": ""})
    governing = explicit(tmp_path / "scanned", tmp_path / "org" / "org" / "a.yaml").governing(".")
    assert governing.policy.fail_on == "info"
    assert "my-rule" in governing.rules


def test_config_that_is_nowhere_names_the_nearest_policy(tmp_path: Path) -> None:
    assert (
        error(explicit(tmp_path, "strickt"))
        == "strickt: there is no such file, and no shipped policy; did you mean `strict`?"
    )


def test_config_that_is_a_folder_or_no_text_is_wrong_use(tmp_path: Path) -> None:
    write(tmp_path, {"folder/x": "", "bad.yaml": b"\xff"})
    assert "folder" in error(explicit(tmp_path, tmp_path / "folder"))
    assert error(explicit(tmp_path, tmp_path / "bad.yaml")).startswith("bad.yaml:1:1: the file is not UTF-8")


# Rules of one's own.


def test_rule_paths_add_rules(tmp_path: Path) -> None:
    text = "rule_paths: [rules, more/b-rule.yaml]\nrules: {a-rule: {}, b-rule: {}}\n"
    rules = {"infra/rules/deep/a-rule.yaml": ruled("a-rule"), "infra/more/b-rule.yaml": ruled("b-rule")}
    write(tmp_path, {"infra/surplus.yaml": text, **rules, "infra/rules/README.md": "x"})
    configuration = Configuration(WorkingTree(tmp_path))
    governing = configuration.governing("infra")
    assert {"a-rule", "b-rule"} <= governing.rules.keys()
    assert {"a-rule", "b-rule"} <= {one.rule.id for one in governing.active("infra")}
    assert "a-rule" not in configuration.governing(".").rules


def test_a_folder_that_is_named_twice_is_read_once() -> None:
    files = {"surplus.yaml": "rule_paths: [rules, rules/my-rule.yaml]\n", "rules/my-rule.yaml": ruled()}
    assert "my-rule" in configured(files).governing(".").rules


SHIPPED = "aws-ebs-gp2-volume"


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"surplus.yaml": "rule_paths: [rules]\n"}, "surplus.yaml:1:14: rules: there is no such file or folder"),
        ({"surplus.yaml": "rule_paths: [a]\n", "a/README.md": ""}, "surplus.yaml:1:14: a holds no rule files"),
        ({"surplus.yaml": "rule_paths: [../x]\n"}, "surplus.yaml:1:14: ../x lies outside the scanned tree"),
        ({"surplus.yaml": "rule_paths: [/x]\n"}, "surplus.yaml:1:14: /x lies outside the scanned tree"),
        (
            {"surplus.yaml": "rule_paths: [a, b]\n", "a/my-rule.yaml": ruled(), "b/my-rule.yaml": ruled()},
            "b/my-rule.yaml:1:5: there is a rule my-rule already, in a/my-rule.yaml",
        ),
        (
            {"surplus.yaml": "rule_paths: [a]\n", f"a/{SHIPPED}.yaml": ruled(SHIPPED)},
            f"a/{SHIPPED}.yaml:1:5: there is a rule {SHIPPED} already, in rules/terraform/aws/{SHIPPED}.yaml",
        ),
        ({"surplus.yaml": "rule_paths: [a]\n", "a/my-rule.yaml": "id: [\n"}, "a/my-rule.yaml:2:1: "),
        (
            {"surplus.yaml": "rule_paths: [a]\n", "a/my-rule.yaml": ruled(when="resource.siez == 1.0")},
            "a/my-rule.yaml:10:7: `resource.siez`: the types table has no siez in aws_ebs_volume",
        ),
    ],
)
def test_bad_rule_paths_and_rules_are_told_with_their_place(files: dict[str, str], message: str) -> None:
    assert error(configured(files)).startswith(message)


def test_a_rule_behind_a_link_out_of_the_tree_is_refused(tmp_path: Path) -> None:
    write(tmp_path, {"out/my-rule.yaml": ruled(), "top/surplus.yaml": "rule_paths: [rules]\n", "top/rules/x.md": ""})
    (tmp_path / "top" / "rules" / "my-rule.yaml").symlink_to(tmp_path / "out" / "my-rule.yaml")
    assert error(Configuration(WorkingTree(tmp_path / "top"))).startswith(
        "rules/my-rule.yaml:1:1: the path leaves the scanned tree"
    )
