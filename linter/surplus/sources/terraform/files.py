"""What Terraform's functions may read: files inside the scanned tree, nothing else.

Paths are relative to the root's folder, where Terraform runs. What lies outside the tree may well exist where
Terraform runs, so it is unknown rather than an error that `try` could see.
"""

import fnmatch
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from surplus.sources.terraform.functions import Context
from surplus.sources.terraform.limits import MAX_GLOB_CHOICES, MAX_REGEX_PATTERN, TooCostlyError
from surplus.sources.terraform.scopes import Meter
from surplus.sources.terraform.values import EvaluationError
from surplus.trees import Blob, Tree, UnreadableError, join, leaves


@dataclass(slots=True)
class Reading:
    """Files of the tree whose text functions take: `files` for what is being evaluated, values that were known before
    included; `templates` by `templatefile`, in all of the root.

    A hash of a file says nothing of what is in it, so `read_bytes` is not noted.
    """

    files: set[str] = field(default_factory=set)
    templates: set[str] = field(default_factory=set)


def file_context(tree: Tree, root: str, meter: Meter, reading: Reading) -> Context:
    """Reads for the functions of a root; *meter* counts the loops of the templates it renders, *reading* notes what is
    read.
    """

    def place(path: str) -> str:
        candidate = join(root, path)
        if leaves(candidate):
            raise TooCostlyError(f"{path} lies outside the scanned tree, so it is not read")
        return candidate

    def listed(path: str) -> bool:
        folder, _, name = path.rpartition("/")
        return name in tree.list(folder or ".")

    def blob(path: str) -> Blob:
        found = place(path)
        try:
            return tree.read(found)
        except UnreadableError as error:
            if listed(found):  # too large, or a link that leads out
                raise TooCostlyError(f"{path}: {error.problem.message}") from None
            raise EvaluationError(f"there is no file {path}") from None

    def read_bytes(path: str) -> bytes:
        return blob(path).data

    def read(path: str) -> str:
        try:
            text = blob(path).text()
        except UnreadableError as error:
            raise EvaluationError(f"{path}: {error.problem.message}") from None
        reading.files.add(place(path))
        return text

    def read_template(path: str) -> str:
        text = read(path)
        reading.templates.add(place(path))
        return text

    def exists(path: str) -> bool:
        found = place(path)
        if tree.is_folder(found):
            raise EvaluationError(f"{path} is a folder, not a file")
        if not tree.is_file(found) and listed(found):
            raise TooCostlyError(f"{path} is no file of the scanned tree, so whether it exists is not known")
        return tree.is_file(found)

    @cache
    def below(folder: str) -> tuple[str, ...]:
        start = "" if folder == "." else folder + "/"
        return tuple(found[len(start) :] for found in tree.walk(folder))

    def fileset(path: str, pattern: str) -> list[str]:
        folder = place(path)
        if ".." in pattern.split("/") or pattern.startswith("/"):
            raise TooCostlyError(f"the pattern {pattern} leads out of its folder, so it is not followed")
        if not tree.is_folder(folder):
            return []
        return matching(below(folder), pattern)

    def render(text: str, variables: Mapping[str, Any]) -> Any:
        from surplus.sources.terraform.templates import render_template

        return render_template(text, variables, inner, meter)

    def render_inside(_text: str, _variables: Mapping[str, Any]) -> Any:
        raise EvaluationError("a template may not render another one")

    inner = Context(read, read_template, read_bytes, exists, fileset, render_inside)
    return replace(inner, render=render)


def matching(names: Iterable[str], pattern: str) -> list[str]:
    """The paths below a folder that `fileset` gives for a pattern; raises `TooCostlyError` for one beyond bounds."""
    patterns = [one.split("/") for one in choices(pattern)]
    return [name for name in names if any(_matches(name.split("/"), one) for one in patterns)]


def choices(pattern: str) -> list[str]:
    """The patterns without braces that one with braces stands for: `*.{tf,json}` is `*.tf` and `*.json`."""
    if len(pattern) > MAX_REGEX_PATTERN:
        raise TooCostlyError(f"a pattern of more than {MAX_REGEX_PATTERN:,} characters (MAX_REGEX_PATTERN)")
    found: list[str] = []
    pending = [pattern]
    while pending:
        one = pending.pop()
        if len(found) + len(pending) > MAX_GLOB_CHOICES:
            raise TooCostlyError(f"a pattern with more than {MAX_GLOB_CHOICES:,} choices (MAX_GLOB_CHOICES)")
        match = re.search(r"\{([^{}]*)\}", one)
        if match is None:
            found.append(one)
        else:
            pending.extend(one[: match.start()] + choice + one[match.end() :] for choice in match[1].split(","))
    return found


def _matches(names: list[str], patterns: list[str]) -> bool:
    """Whether a path matches a pattern, each cut at its slashes; `**` stands for any number of folders."""
    reached = {0}
    for pattern in patterns:
        if pattern == "**":
            reached = set(range(min(reached), len(names) + 1))
        else:
            expression = _expression(pattern)
            reached = {at + 1 for at in reached if at < len(names) and expression.fullmatch(names[at])}
        if not reached:
            return False
    return len(names) in reached


@cache
def _expression(pattern: str) -> re.Pattern[str]:
    """`*`, `?` and `[a-z]` within one name; `fnmatch` makes an expression that takes linear time."""
    return re.compile(fnmatch.translate(pattern.replace("[^", "[!")))
