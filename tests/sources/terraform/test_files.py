"""File functions read inside the tree only: developer.hashicorp.com/terraform/language/functions/file and fileset."""

from pathlib import Path
from typing import Any

import pytest

from surplus.model import Root, Unknown
from surplus.sources.terraform.files import choices
from surplus.sources.terraform.limits import TooCostlyError
from surplus.sources.terraform.modules import Folders
from surplus.sources.terraform.source import Inputs, evaluate
from surplus.trees import WorkingTree
from terraform_roots import value


def on_disk(top: Path, root: str, expression: str) -> Any:
    folder = top / root
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "main.tf").write_text(f'resource "x_y" "it" {{\n  v = {expression}\n}}\n')
    found = evaluate(Root(root, "terraform"), Folders(WorkingTree(top)), Inputs())
    return found.by_address["x_y.it"].values["v"]


@pytest.fixture
def top(tmp_path: Path) -> Path:
    tree = tmp_path / "tree"
    for name, text in {
        "live/a.txt": "A",
        "shared/b.txt": "B",
        "live/conf/x.yaml": "x",
        "live/conf/sub/y.yml": "y",
        "live/conf/.hidden": "h",
        "live/a.tftpl": "${name}!",
    }.items():
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        (tree / name).write_text(text)
    (tmp_path / "outside.txt").write_text("secret")
    (tree / "live" / "link.txt").symlink_to(tmp_path / "outside.txt")
    (tree / "live" / "inner.txt").symlink_to(tree / "shared" / "b.txt")
    (tree / "live" / "binary").write_bytes(b"\xff\xfe")
    return tree


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ('file("a.txt")', "A"),
        ('file("./a.txt")', "A"),
        ('file("../shared/b.txt")', "B"),
        ('file("${path.module}/a.txt")', "A"),
        ('file("${path.root}/inner.txt")', "B"),
        ('fileexists("a.txt")', True),
        ('fileexists("gone.txt")', False),
        ('try(file("gone.txt"), "none")', "none"),
        ('templatefile("a.tftpl", { name = "n" })', "n!"),
        ('fileset("conf", "*")', [".hidden", "x.yaml"]),
        ('fileset("conf", "**")', [".hidden", "sub/y.yml", "x.yaml"]),
        ('fileset("conf", "**/*.{yaml,yml}")', ["sub/y.yml", "x.yaml"]),
        ('fileset("conf", "[x-z].y?ml")', ["x.yaml"]),
        ('fileset("conf", "[^x].*")', []),
        ('fileset("conf", "sub/*")', ["sub/y.yml"]),
        ('fileset("gone", "*")', []),
    ],
)
def test_what_is_read(top: Path, expression: str, expected: Any) -> None:
    assert on_disk(top, "live", expression) == expected


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        ('file("/etc/passwd")', "/etc/passwd lies outside the scanned tree"),
        ('file("../../outside.txt")', "lies outside the scanned tree"),
        ('try(file("../../outside.txt"), "none")', "lies outside the scanned tree"),
        ('fileexists("../../outside.txt")', "lies outside the scanned tree"),
        ('file("link.txt")', "leaves the scanned tree"),
        ('try(file("link.txt"), "none")', "leaves the scanned tree"),
        ('templatefile("../../outside.txt", {})', "lies outside the scanned tree"),
        ('fileexists("link.txt")', "is no file of the scanned tree"),
        ('fileset("..", "../*")', "leads out of its folder"),
        ('fileset("../..", "*")', "lies outside the scanned tree"),
        ('file("gone.txt")', "there is no file gone.txt"),
        ('file("binary")', "not UTF-8"),
        ('fileexists("conf")', "conf is a folder"),
        ('filebase64sha256("/dev/zero")', "lies outside the scanned tree"),
    ],
)
def test_what_is_refused_is_unknown_with_a_reason(top: Path, expression: str, reason: str) -> None:
    found = on_disk(top, "live", expression)
    assert isinstance(found, Unknown)
    assert reason in found.reason


def test_one_refused_file_leaves_the_rest_of_a_value_known() -> None:
    found = value('{ a = file("/etc/passwd"), b = 1 }')
    assert isinstance(found["a"], Unknown)
    assert found["b"] == 1


def test_braces_are_spelt_out_up_to_a_bound() -> None:
    assert sorted(choices("{a,b}.{c,d}")) == ["a.c", "a.d", "b.c", "b.d"]
    assert sorted(set(choices("{a,{b,c}}"))) == ["a", "b", "c"]
    with pytest.raises(TooCostlyError, match="MAX_GLOB_CHOICES"):
        choices("{a,b}" * 30)
    with pytest.raises(TooCostlyError, match="MAX_REGEX_PATTERN"):
        choices("a" * 5000)


def test_a_pattern_of_many_stars_takes_no_long_time(top: Path) -> None:
    (top / "live" / ("a" * 200)).write_text("")
    assert on_disk(top, "live", f'fileset(".", "{"*a" * 50}b")') == []
    assert on_disk(top, "live", f'fileset(".", "{"**/" * 200}nothing")') == []
