"""Every example and error of the tests beside this file, evaluated by a real `tofu console`."""

import base64
import json
import os
import runpy
import shutil
import subprocess
import warnings
from pathlib import Path
from typing import Any

import pytest

from surplus.sources.terraform.functions.encoding import jsonencode
from surplus.sources.terraform.values import Set

CONSOLE = os.environ.get("SURPLUS_TOFU") or shutil.which("tofu")
"""The program to compare with; Terraform's own works as well, without OpenTofu's functions."""

TERRAFORM_ONLY = {"ephemeralasnull"}
"""Functions of Terraform that OpenTofu 1.10 lacks."""


def hcl(value: Any) -> str:
    """*value* as an expression of the language."""
    if value is None or isinstance(value, bool):
        return "null" if value is None else str(value).lower()
    if isinstance(value, str):
        text = "".join(char if char.isprintable() else f"\\U{ord(char):08x}" for char in value.replace("\\", "\\\\"))
        return '"' + text.replace('"', '\\"').replace("${", "$${").replace("%{", "%%{") + '"'
    if isinstance(value, Set):
        return f"toset([{', '.join(map(hcl, value))}])"
    if isinstance(value, list):
        return f"[{', '.join(map(hcl, value))}]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{hcl(key)} = {hcl(item)}" for key, item in value.items()) + "}"
    return repr(value)


def collected(table: str) -> list[tuple[Any, ...]]:
    """The rows of *table* in all tests of this folder."""
    rows: list[tuple[Any, ...]] = []
    for path in sorted(Path(__file__).parent.glob("test_*.py")):
        if path.name != Path(__file__).name:
            rows += runpy.run_path(str(path)).get(table, [])
    return [row for row in rows if row[0] not in TERRAFORM_ONLY]


def evaluated(calls: list[tuple[str, list[Any]]], folder: Path) -> list[str]:
    """The JSON of each call's result, "error" where it fails."""
    if CONSOLE is None:
        warnings.warn("no `tofu` on the PATH and no SURPLUS_TOFU: nothing is compared with it", stacklevel=2)
        pytest.skip("tofu is not installed")
    # a console that is not interactive prints the last line's value only, so all calls go into one
    parts = [f'try(jsonencode({name}({", ".join(map(hcl, args))})), "error")' for name, args in calls]
    line = f"base64encode(jsonencode([{', '.join(parts)}]))\n"
    done = subprocess.run([CONSOLE, "console"], input=line, capture_output=True, text=True, cwd=folder, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    answers: list[str] = json.loads(base64.b64decode(done.stdout.strip().strip('"')))
    return answers


@pytest.mark.filterwarnings("default")
def test_the_examples(tmp_path: Path) -> None:
    rows = collected("EXAMPLES")
    answers = evaluated([(name, args) for name, args, _ in rows], tmp_path)
    different = {
        f"{name}({', '.join(map(hcl, args))})": (answer, jsonencode(expected))
        for (name, args, expected), answer in zip(rows, answers, strict=True)
        if answer != jsonencode(expected)
    }
    assert different == {}


@pytest.mark.filterwarnings("default")
def test_the_errors(tmp_path: Path) -> None:
    rows = collected("ERRORS")
    answers = evaluated([(name, args) for name, args in rows], tmp_path)
    accepted = {
        f"{name}({', '.join(map(hcl, args))})": answer
        for (name, args), answer in zip(rows, answers, strict=True)
        if answer != "error"
    }
    assert accepted == {}
