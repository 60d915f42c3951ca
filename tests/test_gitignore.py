"""Ignore files: a walk leaves out what git leaves out."""

import subprocess
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support import write
from surplus.trees import WorkingTree


def walked(top: Path, folder: str = ".", use_gitignore: bool = True) -> list[str]:
    return [path for path in WorkingTree(top, use_gitignore).walk(folder) if not path.endswith(".gitignore")]


def test_gitignore_limits_walks_not_reads(tmp_path: Path) -> None:
    top = write(tmp_path, {".gitignore": "*.tfvars\nout/\n", "main.tf": "", "a.tfvars": "x", "out/main.tf": "y"})
    assert walked(top) == ["main.tf"]
    assert walked(top, use_gitignore=False) == ["a.tfvars", "main.tf", "out/main.tf"]
    tree = WorkingTree(top)
    assert tree.read("a.tfvars").text() == "x"
    assert "a.tfvars" in tree.list(".")


def test_a_deeper_gitignore_wins(tmp_path: Path) -> None:
    top = write(
        tmp_path,
        {".gitignore": "*.tf\n", "a/.gitignore": "!keep.tf\n", "a/keep.tf": "", "a/b/keep.tf": "", "c/keep.tf": ""},
    )
    assert walked(top) == ["a/b/keep.tf", "a/keep.tf"]


def test_an_ignored_folder_is_not_reopened_from_within(tmp_path: Path) -> None:
    assert walked(write(tmp_path, {".gitignore": "a/\n", "a/.gitignore": "!main.tf\n", "a/main.tf": ""})) == []


def test_patterns_are_anchored_at_their_own_folder(tmp_path: Path) -> None:
    top = write(tmp_path, {"a/.gitignore": "/x.tf\n", "a/x.tf": "", "a/b/x.tf": "", "x.tf": ""})
    assert walked(top) == ["a/b/x.tf", "x.tf"]


def test_info_exclude_counts_also_in_a_nested_repository(tmp_path: Path) -> None:
    top = write(
        tmp_path,
        {".git/info/exclude": "a.tf\n", "a.tf": "", "sub/.git/info/exclude": "b.tf\n", "sub/b.tf": "", "b.tf": ""},
    )
    assert walked(top) == ["b.tf"]


def test_a_named_folder_is_walked_although_it_is_ignored(tmp_path: Path) -> None:
    top = write(tmp_path, {".gitignore": "out/\n*.log\n", "out/main.tf": "", "in/a.log": "", "in/main.tf": ""})
    assert walked(top, "out") == ["out/main.tf"]
    assert walked(top, "in") == ["in/main.tf"]


def test_patterns_that_git_skips_are_skipped(tmp_path: Path) -> None:
    top = write(
        tmp_path, {".gitignore": b"\xef\xbb\xbf*.a\r\n!\n\\\n# caf\xe9\n*.b\n", "x.a": "", "x.b": "", "x.tf": ""}
    )
    tree = WorkingTree(top)
    assert list(tree.walk()) == [".gitignore", "x.tf"]
    assert tree.problems() == ()


KEPT_AND_LEFT = (
    {
        ".gitignore": "/*\n!/keep/\n!/a*/\n*.log\n!important.log\nbuild\n**/tmp/*.tf\nspaced\\ \n[xy].tf\n",
        "abc/.gitignore": "!build/\n/deep/**\n!/deep/ok.tf\n",
    },
    "keep/m.tf keep/x.tf keep/tmp/a.tf keep/tmp/b/c.tf other/m.tf abc/build/m.tf abc/deep/ok.tf abc/deep/no.tf "
    "abc/a.log abc/important.log keep/build/m.tf top.tf keep/spaced\u00a0/m.tf abc/d/x.tf",
)
ALL_BUT_NAMED = (
    {
        ".gitignore": "*\n!/apps\n!/infra/\n!/flat\n!.gitignore\n",
        "apps/.gitignore": "!*/\n!*.yaml\n_*\n",
        "infra/.gitignore": "!*.tf\n!a/**/\n!a/*/*.md\n",
    },
    "apps/a.yaml apps/a.txt apps/b/c/d.yaml apps/b/_c/d.yaml apps/_a.yaml flat/a.yaml other/a.yaml infra/main.tf "
    "infra/a/main.tf infra/a/b/main.tf infra/a/b/x.md infra/c/main.tf top.yaml",
)
STARS = (
    {".gitignore": "a/**/\n**/b/\n/c/**\n!/c/d/\n", "e/.gitignore": "*/\n!/f\n", "g/.gitignore": "**\n!x.tf\n"},
    "a/m.tf a/b.tf a/c/m.tf b/m.tf x/b/m.tf x/b.tf c/m.tf c/d/m.tf c/e/m.tf e/m.tf e/f/m.tf e/g/m.tf g/x.tf g/h/x.tf",
)


@pytest.mark.parametrize(("ignores", "names"), [KEPT_AND_LEFT, ALL_BUT_NAMED, STARS])
def test_walks_agree_with_git(tmp_path: Path, ignores: dict[str, str], names: str) -> None:
    files = [name.replace("\u00a0", " ") for name in names.split(" ")]
    top = write(tmp_path, {**dict.fromkeys(files, ""), **ignores})
    assert walked(top) == listed_by_git(top)


def listed_by_git(top: Path) -> list[str]:
    git = ["git", "-c", "init.defaultBranch=main", "-C", str(top)]
    subprocess.run([*git, "init", "-q"], check=True)
    listed = subprocess.run(
        [*git, "ls-files", "-z", "--others", "--exclude-standard"], check=True, capture_output=True, text=True
    )
    return sorted(name for name in listed.stdout.split("\0") if name and not name.endswith(".gitignore"))


SEGMENTS = st.lists(st.sampled_from(["a", "b", "*", "**", "a*", "[ab]"]), min_size=1, max_size=3).map("/".join)
SLASH = st.sampled_from(["", "/"])
PATTERNS = st.lists(st.builds("{}{}{}{}".format, st.sampled_from(["", "!"]), SLASH, SEGMENTS, SLASH), max_size=4)


@given(PATTERNS, PATTERNS)
@settings(max_examples=25, deadline=None)
def test_walks_agree_with_git_on_any_patterns(above: list[str], below: list[str]) -> None:
    names = ["a/a", "a/b/a", "a/b/b", "b/a/a", "b/ab/a", "ab", "ba/a/b"]
    ignores = {".gitignore": "\n".join(above), "a/.gitignore": "\n".join(below)}
    with tempfile.TemporaryDirectory() as folder:
        top = write(Path(folder), {**dict.fromkeys(names, ""), **ignores})
        assert walked(top) == listed_by_git(top)
