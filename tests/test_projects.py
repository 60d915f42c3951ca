"""Whole repositories in `tests/projects`, checked as their owners would: a finding there must be right where it stands.

A folder's `findings.txt` holds what is found in it, read one by one: place, rule, severity, saving, resource, root.
"""

from difflib import unified_diff
from functools import cache
from pathlib import Path

import pytest

from support import REPOSITORY
from surplus.results import Finding, RunResult
from surplus.run import Options, check

PROJECTS = sorted(path for path in (REPOSITORY / "tests" / "projects").iterdir() if path.is_dir())
GOLDEN = "findings.txt"


@cache
def checked(project: Path) -> RunResult:
    folder = str(project)
    return check(Options(paths=(folder,), root=folder, isolated=True, config="strict", fail_on="never"))


def line(finding: Finding) -> str:
    place = f"{finding.location.path}:{finding.location.span.line}"
    saving = finding.monthly_saving_usd
    money = "unpriced" if saving is None else f"${saving:,.2f}"
    root = " ".join((finding.root.path, *finding.root.variables))
    return f"{place} {finding.rule.id} {finding.severity.value} {money} {finding.resource} ({root})"


@pytest.mark.parametrize("project", PROJECTS, ids=lambda path: path.name)
def test_everything_is_read(project: Path) -> None:
    result = checked(project)
    assert result.resources
    assert [(one.path, one.message) for one in result.problems if not one.note] == []


@pytest.mark.parametrize("project", [path for path in PROJECTS if path.name != "plan"], ids=lambda path: path.name)
def test_what_is_found_was_read(project: Path) -> None:
    written = (project / GOLDEN).read_text("utf-8").splitlines()
    found = sorted(line(one) for one in checked(project).findings)
    difference = "\n".join(unified_diff(written, found, GOLDEN, "found", lineterm="", n=0))
    assert not difference, (
        f"{project.name}: read each of these at its place, then write it into {GOLDEN} or mend the rule\n{difference}"
    )
