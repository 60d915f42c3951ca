"""Evaluates configurations in memory, for the tests of the Terraform source."""

from collections.abc import Mapping
from typing import Any

from surplus.model import Resource, Root, Unknown
from surplus.sources.evaluated import Evaluated
from surplus.sources.terraform.modules import Folders
from surplus.sources.terraform.source import Inputs, evaluate
from surplus.trees import MemoryTree

UNKNOWN = "unknown"
ANY = 'variable "any" {}\nvariable "other" {}\n'
"""Two variables without a value."""


def evaluated(
    texts: Mapping[str, str] | str,
    path: str = ".",
    variables: tuple[str, ...] = (),
    environment: Mapping[str, str] | None = None,
    workspace: str | None = None,
    region: str | None = None,
) -> Evaluated:
    """The root at *path*; one text is its `main.tf`."""
    files = {"main.tf": texts} if isinstance(texts, str) else texts
    root = Root(path, "terraform", variables, workspace)
    return evaluate(root, Folders(MemoryTree(files)), Inputs(environment or {}, None, region))


def resource(found: Evaluated, address: str) -> Resource:
    """The resource at an address."""
    return found.by_address[address]


def value(expression: str, more: str = "", **given: Any) -> Any:
    """The value of an expression in a root that also holds *more*."""
    found = evaluated(f'resource "x_y" "it" {{\n  value = {expression}\n}}\n{more}', **given)
    return found.by_address["x_y.it"].values["value"]


def shown(found: Any) -> Any:
    """*found* with each unknown as its symbolic text, or as "unknown"."""
    if isinstance(found, Unknown):
        return found.text or UNKNOWN
    if isinstance(found, dict):
        return {str(key): shown(item) for key, item in found.items()}
    return [shown(item) for item in found] if isinstance(found, list) else found


def messages(found: Evaluated) -> list[str]:
    """The problems' messages."""
    return [problem.message for problem in found.problems]
