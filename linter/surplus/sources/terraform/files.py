"""What Terraform's functions may read: files inside the scanned tree, nothing else."""

import fnmatch
import re
from collections.abc import Mapping
from typing import Any

from surplus.sources.terraform.functions import Context
from surplus.sources.terraform.values import EvaluationError
from surplus.trees import Tree, UnreadableError, join, leaves


def file_context(tree: Tree, root: str, module: str) -> Context:
    """Reads for the functions of a module. Paths are relative to the root's folder, as Terraform runs there.

    `path.module` gives a path from the tree's top, so a path that exists from there is taken first.
    """

    def place(path: str) -> str:
        for base in (".", root, module):
            candidate = join(base, path)
            if not leaves(candidate) and tree.is_file(candidate):
                return candidate
        candidate = join(root, path)
        if leaves(candidate):
            raise EvaluationError(f"{path} lies outside the scanned tree, so it is not read")
        raise EvaluationError(f"there is no file {path}")

    def read_bytes(path: str) -> bytes:
        try:
            return tree.read(place(path)).data
        except UnreadableError as error:
            raise EvaluationError(f"{path}: {error.problem.message}") from None

    def read(path: str) -> str:
        try:
            return tree.read(place(path)).text()
        except UnreadableError as error:
            raise EvaluationError(f"{path}: {error.problem.message}") from None

    def exists(path: str) -> bool:
        try:
            place(path)
        except EvaluationError:
            return False
        return True

    def fileset(path: str, pattern: str) -> list[str]:
        folder = next((base for base in (join(".", path), join(root, path)) if tree.is_folder(base)), None)
        if folder is None or leaves(folder):
            return []
        expression = re.compile(glob_expression(pattern))
        start = "" if folder == "." else folder + "/"
        names = (found[len(start) :] for found in tree.walk(folder))
        return sorted(name for name in names if expression.fullmatch(name))

    def render(text: str, variables: Mapping[str, Any]) -> Any:
        from surplus.sources.terraform.templates import render_template

        return render_template(text, variables, context)

    context = Context(read=read, read_bytes=read_bytes, exists=exists, fileset=fileset, render=render)
    return context


def glob_expression(pattern: str) -> str:
    """A regular expression for `fileset`'s patterns: `*` stays in a folder, `**` crosses folders, `{a,b}` chooses."""
    out: list[str] = []
    position = 0
    while position < len(pattern):
        character = pattern[position]
        if pattern.startswith("**/", position):
            out.append("(?:[^/]+/)*")
            position += 3
            continue
        if pattern.startswith("**", position):
            out.append(".*")
            position += 2
            continue
        if character == "*":
            out.append("[^/]*")
        elif character == "?":
            out.append("[^/]")
        elif character == "{" and (end := pattern.find("}", position)) > 0:
            choices = (re.escape(choice) for choice in pattern[position + 1 : end].split(","))
            out.append(f"(?:{'|'.join(choices)})")
            position = end
        elif character == "[" and (end := pattern.find("]", position + 2)) > 0:
            out.append(fnmatch.translate(pattern[position : end + 1])[len("(?s:") : -len(r")\Z")])
            position = end
        else:
            out.append(re.escape(character))
        position += 1
    return "".join(out)
