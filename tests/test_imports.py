"""What a `check` may import: each of these costs more than the whole scan of a small root."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from support import REPOSITORY, write

NEVER = ("pydantic", "rich", "lark", "hcl2", "jsonschema", "asyncio", "importlib.metadata", "platformdirs", "pathspec")
CONFIG = 'resource "aws_ebs_volume" "v" {\n  tags = {attached-by = "a"}\n  size = 8\n  type = "gp2"\n}\n'
PROGRAM = """
import json, sys
from surplus.cli import run
code = run(sys.argv[1:])
print()
print(json.dumps([code, sorted(sys.modules)]))
"""


def modules(*arguments: str, cwd: Path) -> tuple[int, list[str]]:
    command = [sys.executable, "-c", PROGRAM, *arguments]
    environment = {"PYTHONPATH": str(REPOSITORY / "linter"), "PATH": ""}
    run = subprocess.run(command, capture_output=True, text=True, check=True, cwd=cwd, env=environment)
    code, found = json.loads(run.stdout.splitlines()[-1])
    return code, found


def imported(found: list[str], names: tuple[str, ...]) -> list[str]:
    return [name for name in names if any(one == name or one.startswith(name + ".") for one in found)]


@pytest.mark.parametrize("arguments", [(), ("--output-format", "json"), ("--output-format", "concise")])
def test_a_check_of_one_terraform_folder(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    code, found = modules("check", ".", *arguments, cwd=write(tmp_path, {"main.tf": CONFIG}))
    assert code == 1
    assert imported(found, NEVER) == []
    others = ("surplus.examples", "surplus.docs", "surplus.reporters.inspect", "surplus.sources.kubernetes.manifests")
    assert imported(found, others) == []


def test_a_check_of_manifests(tmp_path: Path) -> None:
    text = "apiVersion: v1\nkind: Service\nmetadata: {name: a}\n"
    code, found = modules("check", ".", cwd=write(tmp_path, {"a.yaml": text}))
    assert code == 0
    assert imported(found, (*NEVER, "surplus.sources.terraform.evaluate")) == []


def test_the_version(tmp_path: Path) -> None:
    code, found = modules("--version", cwd=tmp_path)
    assert code == 0
    assert imported(found, (*NEVER, "yaml", "cel_expr_python", "surplus.run")) == []


def test_the_schema_is_read_where_a_user_has_a_policy(tmp_path: Path) -> None:
    write(tmp_path, {"main.tf": CONFIG, "surplus.yaml": "extends: [default]\n"})
    code, found = modules("check", ".", cwd=tmp_path)
    assert code == 1
    assert imported(found, ("pydantic", "rich", "lark", "hcl2")) == []
