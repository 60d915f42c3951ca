import base64
from typing import Any

import pytest

from surplus.model import Unknown
from surplus.sources.terraform.values import EvaluationError, Set

EXAMPLES: list[tuple[str, list[Any], Any]] = [
    ("abspath", ["/a/../b"], "/b"),
    ("basename", ["foo/bar/baz.txt"], "baz.txt"),
    ("basename", [""], "."),
    ("basename", ["/"], "/"),
    ("basename", ["a/"], "a"),
    ("dirname", ["foo/bar/baz.txt"], "foo/bar"),
    ("dirname", ["a"], "."),
    ("dirname", ["/"], "/"),
    ("dirname", [""], "."),
    ("dirname", ["a/"], "a"),
    ("dirname", ["a//b"], "a"),
    ("dirname", ["a/../b/c"], "b"),
    ("dirname", ["./a/b"], "a"),
    ("pathexpand", ["/etc/resolv.conf"], "/etc/resolv.conf"),
]

FILE_EXAMPLES: list[tuple[str, list[Any], Any]] = [
    ("file", ["hello.txt"], "Hello World"),
    ("filebase64", ["hello.txt"], "SGVsbG8gV29ybGQ="),
    ("filebase64", ["bad.bin"], base64.b64encode(b"\xff\xfe").decode()),
    ("fileexists", ["hello.txt"], True),
    ("fileexists", ["nope"], False),
    ("fileset", ["d", "*.txt"], Set(["a.txt", "b.txt"])),
    ("templatefile", ["motd.tpl", {"name": "Ann"}], "hi Ann"),
    ("templatestring", ["${a}!", {"a": 1}], "1!"),
]

ERRORS: list[tuple[str, list[Any]]] = [
    ("file", ["nope"]),
    ("file", ["bad.bin"]),
    ("file", [None]),
    ("pathexpand", ["~someone/x"]),
    ("templatefile", ["nope", {}]),
    ("templatefile", ["motd.tpl", ["x"]]),
    ("templatefile", ["motd.tpl", None]),
    ("templatefile", ["motd.tpl", {"1a": 1}]),
    ("templatefile", ["motd.tpl", {"a.b": 1}]),
    ("templatestring", ["a", {"": 1}]),
]


@pytest.mark.parametrize(("name", "args", "expected"), EXAMPLES + FILE_EXAMPLES)
def test_examples(run: Any, name: str, args: list[Any], expected: Any) -> None:
    result = run(name, *args)
    assert result == expected
    assert type(result) is type(expected)


@pytest.mark.parametrize(("name", "args"), ERRORS)
def test_errors(run: Any, name: str, args: list[Any]) -> None:
    with pytest.raises(EvaluationError, match=f"^{name}: "):
        run(name, *args)


@pytest.mark.parametrize(("name", "path"), [("abspath", "x"), ("pathexpand", "~/.ssh/id_rsa"), ("pathexpand", "~")])
def test_what_depends_on_the_machine_is_unknown(run: Any, name: str, path: str) -> None:
    assert "depends on" in run(name, path).reason


@pytest.mark.parametrize("name", ["_a", "é", "a-b", "a1"])
def test_names_of_template_variables(run: Any, name: str) -> None:
    assert run("templatestring", "x", {name: 1}) == "x"


def test_unknowns_reach_the_template(run: Any) -> None:
    assert "why" in run("templatefile", "motd.tpl", {"name": Unknown("why")})
    assert run("templatefile", "motd.tpl", Unknown("why")) == Unknown("why")
    assert run("file", Unknown("why")) == Unknown("why", nullable=False)
