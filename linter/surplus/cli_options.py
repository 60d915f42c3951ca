"""The options that several commands share: their names, values and help; and what they ask of a scan."""

import os
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from surplus.scan import Options


class OutputFormat(StrEnum):
    """How `check` writes its findings."""

    TEXT = "text"
    CONCISE = "concise"
    JSON = "json"


class ReportFormat(StrEnum):
    """How `inspect` and `cost` write resources."""

    TEXT = "text"
    JSON = "json"


class GroupBy(StrEnum):
    """What `cost` sums by."""

    TYPE = "type"
    MODULE = "module"
    ENVIRONMENT = "environment"
    OWNER = "owner"
    ROOT = "root"
    PATH = "path"


class UsageProfiles(StrEnum):
    """What is assumed of use."""

    SMALL = "small"
    MEDIUM = "medium"
    LARGE = "large"


class Level(StrEnum):
    """The least severity that fails a run."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"
    NEVER = "never"


Paths = Annotated[
    list[str] | None,
    typer.Argument(
        help="Files and folders to judge; the default is this folder. - alone reads rendered manifests or a plan from "
        "standard input."
    ),
]
StdinFilename = Annotated[
    str | None,
    typer.Option("--stdin-filename", help="With -: show the input as this file, governed by the policy of its folder."),
]
Root = Annotated[
    str | None, typer.Option("--root", help="The folder that may be read; the default is the git work tree.")
]
Config = Annotated[str | None, typer.Option("--config", help="A policy file or the name of a shipped policy.")]
Isolated = Annotated[bool, typer.Option("--isolated", help="Read no surplus.yaml; use the default policy.")]
VarFile = Annotated[list[str] | None, typer.Option("--var-file", help="A variables file for every Terraform root.")]
Var = Annotated[list[str] | None, typer.Option("--var", help="name=value: a variable for every Terraform root.")]
Workspace = Annotated[str | None, typer.Option("--workspace", help="The value of terraform.workspace.")]
NoGitignore = Annotated[bool, typer.Option("--no-respect-gitignore", help="Look into ignored folders too.")]
UsageFile = Annotated[
    str | None, typer.Option("--usage-file", help="A YAML file with quantities that only use decides.")
]
UsageProfile = Annotated[
    UsageProfiles | None, typer.Option("--usage-profile", help="What to assume of use where no usage file says.")
]
OutputFile = Annotated[
    Path | None, typer.Option("--output-file", "-o", help="Write here instead of to standard output.")
]


def scan_options(
    paths: list[str] | None,
    config: str | None,
    isolated: bool,
    root: str | None,
    no_respect_gitignore: bool = False,
    fail_on: Level | None = None,
    workspace: str | None = None,
    var_file: list[str] | None = None,
    var: list[str] | None = None,
    stdin_filename: str | None = None,
) -> "Options":
    """What the shared options ask of a scan, with what the environment's variables say."""
    from surplus.scan import Options

    return Options(
        paths=tuple(paths or (".",)),
        root=root,
        config=config,
        isolated=isolated,
        fail_on=fail_on.value if fail_on else None,
        workspace=workspace or os.environ.get("TF_WORKSPACE") or None,
        use_gitignore=not no_respect_gitignore,
        var_files=tuple(var_file or ()),
        variables=tuple(var or ()),
        environment={name: value for name, value in os.environ.items() if name.startswith("TF_VAR_")},
        price_folder=user_price_folder(),
        stdin_filename=stdin_filename,
    )


def user_price_folder() -> str:
    """Where imported prices are kept: `SURPLUS_PRICES`, else the user's data folder."""
    from surplus.pricing.folder import price_folder

    return str(price_folder(os.environ))
