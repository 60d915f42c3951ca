"""What several tests share: rules and roots from text, and the command in this process or in another."""

import contextlib
import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

from surplus import cli
from surplus.definitions import ActiveRule, Rule
from surplus.engine import Judge, Outcome
from surplus.functions.scope import EnvironmentVerdict, World
from surplus.model import Location, Resource, Root, Span, Trace
from surplus.rules import read_rule
from surplus.sources.evaluated import Evaluated

REPOSITORY = Path(__file__).resolve().parent.parent
PLACE = Location("main.tf", Span(1, 1, 1, 2))


def resource(type_: str, address: str = "", /, **values: Any) -> Resource:
    """A Terraform resource with these values."""
    return Resource("terraform", type_, address or f"{type_}.one", PLACE, values)


def evaluated(*resources: Resource, root: Root | None = None, open_because: str | None = None) -> Evaluated:
    """A root of these resources: every route is at the resource's own place."""
    return Evaluated(
        root=root or Root(".", "terraform", key="."),
        resources=tuple(resources),
        problems=(),
        trace=lambda one, route: Trace(one.location),
        open_because=lambda one: open_because,
        edit=lambda one, route, value: None,
        item_key=lambda one, route: None,
        files=frozenset({"main.tf"}),
        by_address={one.address: one for one in resources},
    )


def rule_text(id_: str = "my-rule", /, **parts: str) -> str:
    """A rule file; *parts* replace lines: `when`, `message`, `resources`, `rest`."""
    return f"""\
id: {id_}
title: A title that says what is wrong
severity: {parts.get("severity", "error")}
confidence: high
category: storage
since: 0.1.0
{parts.get("parameters", "")}
resources: {parts.get("resources", "[aws_ebs_volume]")}
{parts.get("rest", "")}
when: {json.dumps(parts.get("when", "resource.size == 1.0"))}
message: {json.dumps(parts.get("message", "what is wrong with it"))}
lever: none
docs: {{why: Because it costs money every month., how_to_fix: Write it in the other way., references: ["https://example.com"]}}
examples: {parts.get("examples", "[{pass: nothing, config: ''}]")}
"""


def rule(id_: str = "my-rule", /, **parts: str) -> Rule:
    """A rule that was not checked."""
    return read_rule(rule_text(id_, **parts), f"{id_}.yaml", check=False)


def judge(
    one: Rule,
    *resources: Resource,
    environment: EnvironmentVerdict = EnvironmentVerdict(),  # noqa: B008 - it is frozen
    parameters: Mapping[str, Any] | None = None,
    open_because: str | None = None,
) -> Outcome:
    """What a rule makes of resources."""
    active = ActiveRule(one, one.severity, parameters or {})
    world = World(evaluated(*resources, open_because=open_because), lambda _: environment)
    return Judge([one]).judge(world, [active])


def write(folder: Path, files: Mapping[str, str | bytes]) -> Path:
    """Write files below *folder*."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


@dataclass(frozen=True, slots=True)
class Output:
    """What the command wrote, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def findings(self) -> list[str]:
        """The lines of findings, where the output is concise."""
        return [line for line in self.out.splitlines() if re.match(r"\S+:\d+:\d+: ", line)]

    @property
    def problems(self) -> list[str]:
        """The lines that say what was wrong with the input."""
        return [line for line in self.err.splitlines() if line.startswith(("problem: ", "error: "))]

    @property
    def remarks(self) -> list[str]:
        """Those lines, and the notes; not what was left undecided."""
        return [line for line in self.err.splitlines() if not line.startswith("undecided: ")]


def surplus(
    *arguments: str | Path,
    cwd: Path | None = None,
    timeout: float = 120,
    python: Sequence[str] = (),
    **environment: str,
) -> subprocess.CompletedProcess[str]:
    """Run the command in a process of its own, as a user would, away from this repository's git tree."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("TF_", "SURPLUS", "FORCE_"))}
    return subprocess.run(
        [sys.executable, *python, "-m", "surplus", *map(str, arguments)],
        capture_output=True,
        encoding="utf-8",
        cwd=cwd,
        timeout=timeout,
        check=False,
        env={**kept, "PYTHONPATH": str(REPOSITORY / "linter"), **environment},
    )


def here(*arguments: str | Path, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command in this process, from another folder: quicker, and counted by the coverage."""
    given = [str(one) for one in arguments]
    with (
        contextlib.chdir(cwd),
        patch.dict(os.environ, environment),
        contextlib.redirect_stdout(io.StringIO()) as out,
        contextlib.redirect_stderr(io.StringIO()) as err,
    ):
        code = cli.run(given)
    return subprocess.CompletedProcess(given, code, out.getvalue(), err.getvalue())
