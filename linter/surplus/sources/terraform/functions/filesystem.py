"""Filesystem functions. https://developer.hashicorp.com/terraform/language/functions/file and its neighbours.

They read through what the evaluator hands in, which keeps them inside the scanned tree.
"""

import base64
import posixpath
import re
from collections.abc import Callable, Mapping
from typing import Any

from surplus.model import Unknown
from surplus.sources.terraform.values import EvaluationError, Set, make_set

VARIABLE_NAME = re.compile(r"[^\W\d][\w-]*")


def abspath(path: str) -> Any:
    """An absolute path cleaned; a relative one depends on where Terraform runs."""
    if not path.startswith("/"):
        return Unknown("an absolute path depends on where Terraform runs", nullable=False)
    return clean(path)


def basename(path: str) -> str:
    """The last part of a path."""
    return "." if not path else posixpath.basename(path.rstrip("/")) or "/"


def dirname(path: str) -> str:
    """All but the last part of a path, cleaned."""
    return clean(path[: path.rfind("/") + 1])


def clean(path: str) -> str:
    """The shortest equal path."""
    return re.sub(r"^//+", "/", posixpath.normpath(path or "."))


def pathexpand(path: str) -> Any:
    """The path itself, unless it begins in a home directory, which depends on who runs Terraform."""
    if not path.startswith("~"):
        return path
    if path == "~" or path.startswith("~/"):
        return Unknown("a home directory depends on who runs Terraform", nullable=False)
    raise EvaluationError("the home directory of another user cannot be expanded")


def filebase64(read: Callable[[str], bytes], path: str) -> str:
    """A file's bytes in Base64."""
    return base64.b64encode(read(path)).decode()


def fileset(find: Callable[[str, str], list[str]], path: str, pattern: str) -> Set:
    """The files below a folder whose relative path matches a pattern."""
    return make_set(find(path, pattern))


def templatefile(
    read: Callable[[str], str], render: Callable[[str, Mapping[str, Any]], Any], path: str | Unknown, variables: Any
) -> Any:
    """A file rendered as a template; its variables may hold unknowns. It is read although all of them are unknown:
    that it is a template is known by then.
    """
    if isinstance(path, Unknown):
        return Unknown(path.reason)
    text = read(path)
    if isinstance(variables, Unknown):
        return Unknown(variables.reason)
    check_variables(variables)
    return render(text, variables)


def templatestring(render: Callable[[str, Mapping[str, Any]], Any], template: str, variables: Any) -> Any:
    """A string rendered as a template; its variables may hold unknowns."""
    check_variables(variables)
    return render(template, variables)


def check_variables(variables: Any) -> None:
    """Raise `EvaluationError` unless *variables* is a map of valid names."""
    if not isinstance(variables, dict):
        raise EvaluationError("the variables must be a map or object")
    for name in variables:
        if not VARIABLE_NAME.fullmatch(name):
            raise EvaluationError(f'"{name}" is not a valid name of a template variable')
