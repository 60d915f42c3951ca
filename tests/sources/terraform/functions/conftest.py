"""What the tests of the functions share."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from surplus.sources.terraform.functions import Context, call
from surplus.sources.terraform.values import EvaluationError

Run = Callable[..., Any]
FILES = {"hello.txt": b"Hello World", "bad.bin": b"\xff\xfe", "motd.tpl": b"hi ${name}"}


def read_bytes(path: str) -> bytes:
    if path not in FILES:
        raise EvaluationError(f"there is no file {path}")
    return FILES[path]


def read(path: str) -> str:
    try:
        return read_bytes(path).decode()
    except UnicodeDecodeError:
        raise EvaluationError(f"{path} is not UTF-8") from None


def render(text: str, variables: Mapping[str, Any]) -> str:
    for name, value in variables.items():
        text = text.replace("${" + name + "}", str(value))
    return text


CONTEXT = Context(
    read=read,
    read_template=read,
    read_bytes=read_bytes,
    exists=lambda path: path in FILES,
    fileset=lambda path, pattern: ["b.txt", "a.txt"] if (path, pattern) == ("d", "*.txt") else [],
    render=render,
)


@pytest.fixture
def run() -> Run:
    """Calls a function of the language by its name."""
    return lambda name, *args: call(name, list(args), CONTEXT)
