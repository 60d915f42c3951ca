"""What README and CONTRIBUTING show is run here."""

import re
import subprocess
import sys
from pathlib import Path

import yaml

from surplus.examples import run
from surplus.functions import TABLE
from surplus.pricing.functions import FUNCTIONS
from surplus.rules import read_rule

TOP = Path(__file__).parents[1]


def blocks(page: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", (TOP / page).read_text("utf-8"), re.DOTALL | re.MULTILINE)


def test_the_rule_in_contributing_is_whole_and_passes_its_examples() -> None:
    text = blocks("CONTRIBUTING.md", "yaml")[0]
    rule = read_rule(text, "rules/terraform/aws/aws-kinesis-stream-long-retention.yaml")
    assert [result.faults for example in rule.examples if not (result := run(rule, example)).passed] == []


def test_contributing_names_every_function_of_rules_once_and_no_other() -> None:
    text = (TOP / "CONTRIBUTING.md").read_text("utf-8")
    listed = text[text.index("- **Functions**") : text.index("  What a rule cannot say with them")]
    named = re.findall(r"`(\w+)\(", listed)
    assert sorted({*named}) == sorted({*TABLE, *FUNCTIONS})
    # Some stand there with each of their forms, one behind the other.
    repeated = [name for at, name in enumerate(named) if name in named[:at] and name != named[at - 1]]
    assert repeated == []


def test_contributing_has_at_most_120_columns() -> None:
    lines = (TOP / "CONTRIBUTING.md").read_text("utf-8").splitlines()
    assert [line for line in lines if len(line) > 120] == []


def test_the_transcript_in_the_readme_is_what_the_command_prints() -> None:
    command = [sys.executable, str(TOP / "linter"), "check", "--exit-zero", "examples"]
    printed = subprocess.run(command, capture_output=True, text=True, check=True, cwd=TOP).stdout
    parts = blocks("README.md", "text")[0].strip("\n").split("\n\n")
    assert len(parts) == 4
    assert [part for part in parts if part not in printed] == []


def test_the_readme_names_every_command() -> None:
    command = [sys.executable, str(TOP / "linter"), "--help"]
    shown = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    commands = re.findall(r"^  (\w+) ", shown[shown.index("Commands") :], re.MULTILINE)
    readme = (TOP / "README.md").read_text("utf-8")
    assert commands and [name for name in commands if f"`surplus {name}" not in readme] == []


def test_the_configuration_in_the_readme_is_a_policy() -> None:
    from surplus.documents import read_documents
    from surplus.schemas import check

    text = next(block for block in blocks("README.md", "yaml") if block.startswith("extends:"))
    documents, problems = read_documents(text, "surplus.yaml")
    assert not problems
    assert check(documents[0], "policy", "surplus.yaml") == []


def test_the_hook_that_users_get_matches_the_files_it_should() -> None:
    hook = yaml.safe_load((TOP / ".pre-commit-hooks.yaml").read_text("utf-8"))[0]
    files, exclude = re.compile(hook["files"]), re.compile(hook["exclude"])
    wanted = [
        "main.tf",
        "a/b.tofu",
        "x.tf.json",
        "prod.tfvars",
        "prod.tfvars.json",
        "k8s/app.yaml",
        "k8s/app.json",
        "a.yml",
        "init.tpl",
    ]
    assert [path for path in wanted if not files.search(path)] == []
    assert [path for path in ("terragrunt.hcl", "a.py", "tf", "json") if files.search(path)] == []
    assert exclude.search("stack/.terraform/modules/x/main.tf")
    assert not exclude.search("stack.terraform/main.tf")
