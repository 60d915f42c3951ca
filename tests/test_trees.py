"""Trees: what may be read, what is refused, what a walk looks at."""

import hashlib
import os
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surplus import trees
from surplus.model import ConfigError
from surplus.trees import MemoryTree, UnreadableError, WorkingTree, find_top, join, leaves, printable, relative

Make = Callable[..., Path]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Writes files below the tree's top, `top`; what lies beside it is outside."""

    def write(**files: str | bytes) -> Path:
        return fill(tmp_path / "top", files)

    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "secret.tf").write_text("secret")
    return write


def fill(top: Path, files: dict[str, str | bytes]) -> Path:
    top.mkdir(exist_ok=True)
    for name, text in files.items():
        path = top / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode() if isinstance(text, str) else text)
    return top


def message(tree: WorkingTree | MemoryTree, path: str) -> str:
    with pytest.raises(UnreadableError) as caught:
        tree.read(path).text()
    return caught.value.problem.message


def test_a_file_is_read_with_its_digest(make: Make) -> None:
    tree = WorkingTree(make(**{"a b/ü.tf": "x = 1"}))
    blob = tree.read("a b/ü.tf")
    assert (blob.path, blob.text()) == ("a b/ü.tf", "x = 1")
    assert blob.digest == hashlib.sha256(b"x = 1").hexdigest()


@pytest.mark.parametrize("path", ["../outside/secret.tf", "/etc/passwd", "a/../../outside/secret.tf", "nul\0byte"])
def test_a_path_that_leaves_the_tree_is_refused(make: Make, path: str) -> None:
    tree = WorkingTree(make(**{"a/main.tf": ""}))
    path = join(".", path) if "\0" not in path else path
    assert "leaves the scanned tree" in message(tree, path)
    assert not tree.is_file(path)
    assert not tree.is_folder(path)
    assert list(tree.list(path)) == []


def test_a_link_that_stays_inside_is_followed(make: Make) -> None:
    top = make(**{"real/main.tf": "one"})
    (top / "link.tf").symlink_to("real/main.tf")
    (top / "folder").symlink_to("real")
    tree = WorkingTree(top)
    assert tree.read("link.tf").text() == tree.read("folder/main.tf").text() == "one"
    assert list(tree.walk()) == ["link.tf", "real/main.tf"]
    assert tree.real("folder") == "real"


def test_a_link_out_of_the_tree_is_refused(make: Make) -> None:
    top = make(**{"main.tf": ""})
    (top / "out.tf").symlink_to(top.parent / "outside" / "secret.tf")
    (top / "out").symlink_to(top.parent / "outside")
    tree = WorkingTree(top)
    assert "out.tf" in list(tree.walk())
    for path in ("out.tf", "out/secret.tf"):
        assert "leaves the scanned tree" in message(tree, path)
    assert list(tree.walk("out")) == []
    assert list(tree.list("out")) == []
    assert tree.real("out") == "out"


def test_a_walk_that_starts_at_a_link_names_the_real_folder(make: Make) -> None:
    top = make(**{"real/main.tf": ""})
    (top / "link").symlink_to("real")
    assert list(WorkingTree(top).walk("link")) == ["real/main.tf"]


def test_a_dangling_link_is_one_problem(make: Make) -> None:
    top = make(**{"main.tf": ""})
    (top / "gone.tf").symlink_to("nowhere.tf")
    tree = WorkingTree(top)
    assert list(tree.walk()) == ["gone.tf", "main.tf"]
    assert "leads nowhere" in message(tree, "gone.tf")
    assert tree.exists("gone.tf")
    assert not tree.is_file("gone.tf")


def test_a_link_loop_harms_nothing_else(make: Make) -> None:
    top = make(**{"a/main.tf": ""})
    (top / "a" / "loop.tf").symlink_to("loop.tf")
    (top / "a" / "up").symlink_to("..")
    tree = WorkingTree(top)
    assert list(tree.walk()) == ["a/loop.tf", "a/main.tf"]
    assert list(tree.list("a")) == ["loop.tf", "main.tf"]
    assert "in a circle" in message(tree, "a/loop.tf")


def test_what_is_no_regular_file_is_refused_without_waiting(make: Make) -> None:
    top = make(**{"main.tf": ""})
    os.mkfifo(top / "pipe.tf")
    assert "not a regular file" in message(WorkingTree(top), "pipe.tf")


def test_a_folder_named_like_a_file_is_a_folder(make: Make) -> None:
    tree = WorkingTree(make(**{"x.tf/main.tf": ""}))
    assert list(tree.walk()) == ["x.tf/main.tf"]
    assert list(tree.list(".")) == []
    assert "cannot be read" in message(tree, "x.tf") or "not a regular file" in message(tree, "x.tf")


def test_a_file_that_is_too_large_is_refused(make: Make) -> None:
    top = make(**{"main.tf": ""})
    with (top / "big.tf").open("wb") as file:
        file.truncate(50 * 2**20)
    assert (
        message(WorkingTree(top), "big.tf")
        == "the file is too large to be read: 50.0 MiB is above 16 MiB (MAX_FILE_BYTES)"
    )


def test_a_file_that_is_not_there_says_so(make: Make) -> None:
    assert message(WorkingTree(make(a="")), "b.tf") == message(MemoryTree({}), "b.tf") == "there is no such file"


@pytest.mark.parametrize(
    ("data", "kind", "line", "column"),
    [
        (b"a = 1\nb = \xff\n", "not UTF-8", 2, 5),
        (b"\x7fELF\0\xff", "binary, not text", 1, 6),
        ("ü\n".encode("utf-16"), "UTF-16, not UTF-8", 1, 1),
    ],
)
def test_what_is_not_utf8_is_told_with_its_place(make: Make, data: bytes, kind: str, line: int, column: int) -> None:
    tree = WorkingTree(make(**{"x.tf": data}))
    with pytest.raises(UnreadableError) as caught:
        tree.read("x.tf").text()
    span = caught.value.problem.span
    assert kind in caught.value.problem.message
    assert span is not None
    assert (span.line, span.column) == (line, column)


def test_an_encrypted_file_is_a_note(make: Make) -> None:
    tree = WorkingTree(make(**{"x.yaml": b"\0GITCRYPT\0\x8f\xff\0\0"}))
    with pytest.raises(UnreadableError, match="encrypted by git-crypt") as caught:
        tree.read("x.yaml").text()
    assert caught.value.problem.note


def test_a_name_that_is_no_utf8_is_a_problem_that_can_be_printed(make: Make) -> None:
    top = make(**{"main.tf": ""})
    (top / os.fsdecode(b"\xff.tf")).write_text("x")
    (top / os.fsdecode(b"\xfe")).mkdir()
    (top / os.fsdecode(b"\xfe") / "main.tf").write_text("x")
    tree = WorkingTree(top)
    (odd,) = [path for path in tree.walk() if path != "main.tf"]
    with pytest.raises(UnreadableError) as caught:
        tree.read(odd)
    paths = [caught.value.problem.path, *(problem.path for problem in tree.problems())]
    assert paths == ["\ufffd.tf", "\ufffd"]
    assert list(tree.walk(os.fsdecode(b"\xfe"))) == []


def test_a_lone_surrogate_in_a_path_is_refused() -> None:
    assert "not UTF-8" in message(WorkingTree(Path()), "\ud800")
    assert not WorkingTree(Path()).is_file("\ud800")
    assert printable("a\udcffb") == "a\ufffdb"


@given(st.lists(st.sampled_from(["..", ".", "a", "out", "link", "b", "", "secret.tf", "main.tf"]), max_size=6))
def test_no_relative_path_reads_outside(tmp_path_factory: pytest.TempPathFactory, parts: list[str]) -> None:
    base = tmp_path_factory.getbasetemp() / "containment"
    if not base.exists():
        fill(base, {"outside/secret.tf": "secret"})
        fill(base / "top", {"main.tf": "fine", "a/main.tf": "fine", "a/secret.tf": "fine"})
        (base / "top" / "out").symlink_to(base / "outside")
        (base / "top" / "a" / "link").symlink_to("..")
        (base / "top" / "b").symlink_to("a/../../outside")
    tree = WorkingTree(base / "top")
    list(tree.walk())
    for path in ("/".join(parts), join("a", "/".join(parts))):
        try:
            text = tree.read(path).text()
        except UnreadableError:
            text = ""
        assert "secret" not in text
        assert "outside" not in tree.real(path) or leaves(tree.real(path))
        assert list(tree.walk(path)) == [] or not leaves(join(".", path))


@pytest.mark.parametrize(
    ("folder", "path", "result"),
    [
        (".", "a", "a"),
        ("a/b", "../c", "a/c"),
        ("a", "../..", ".."),
        ("a", "../../b", "../b"),
        ("a", ".", "a"),
        ("a", "..", "."),
        ("a", "/b", "/b"),
    ],
)
def test_join_is_relative_to_the_top(folder: str, path: str, result: str) -> None:
    assert join(folder, path) == result
    assert leaves(result) == (result.startswith(("/", "..")))


# Ignore files.


def walked(top: Path, folder: str = ".", use_gitignore: bool = True) -> list[str]:
    return [path for path in WorkingTree(top, use_gitignore).walk(folder) if not path.endswith(".gitignore")]


def test_gitignore_limits_walks_not_reads(make: Make) -> None:
    top = make(**{".gitignore": "*.tfvars\nout/\n", "main.tf": "", "a.tfvars": "x", "out/main.tf": "y"})
    assert walked(top) == ["main.tf"]
    assert walked(top, use_gitignore=False) == ["a.tfvars", "main.tf", "out/main.tf"]
    tree = WorkingTree(top)
    assert tree.read("a.tfvars").text() == "x"
    assert "a.tfvars" in tree.list(".")


def test_a_deeper_gitignore_wins(make: Make) -> None:
    top = make(
        **{".gitignore": "*.tf\n", "a/.gitignore": "!keep.tf\n", "a/keep.tf": "", "a/b/keep.tf": "", "c/keep.tf": ""}
    )
    assert walked(top) == ["a/b/keep.tf", "a/keep.tf"]


def test_an_ignored_folder_is_not_reopened_from_within(make: Make) -> None:
    assert walked(make(**{".gitignore": "a/\n", "a/.gitignore": "!main.tf\n", "a/main.tf": ""})) == []


def test_patterns_are_anchored_at_their_own_folder(make: Make) -> None:
    top = make(**{"a/.gitignore": "/x.tf\n", "a/x.tf": "", "a/b/x.tf": "", "x.tf": ""})
    assert walked(top) == ["a/b/x.tf", "x.tf"]


def test_info_exclude_counts_also_in_a_nested_repository(make: Make) -> None:
    top = make(
        **{".git/info/exclude": "a.tf\n", "a.tf": "", "sub/.git/info/exclude": "b.tf\n", "sub/b.tf": "", "b.tf": ""}
    )
    assert walked(top) == ["b.tf"]


def test_a_named_folder_is_walked_although_it_is_ignored(make: Make) -> None:
    top = make(**{".gitignore": "out/\n*.log\n", "out/main.tf": "", "in/a.log": "", "in/main.tf": ""})
    assert walked(top, "out") == ["out/main.tf"]
    assert walked(top, "in") == ["in/main.tf"]


def test_patterns_that_git_skips_are_skipped(make: Make) -> None:
    top = make(**{".gitignore": b"\xef\xbb\xbf*.a\r\n!\n\\\n# caf\xe9\n*.b\n", "x.a": "", "x.b": "", "x.tf": ""})
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
def test_walks_agree_with_git(make: Make, ignores: dict[str, str], names: str) -> None:
    files = [name.replace("\u00a0", " ") for name in names.split(" ")]
    top = make(**ignores, **dict.fromkeys(files, ""))
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
        top = fill(Path(folder), {**dict.fromkeys(names, ""), **ignores})
        assert walked(top) == listed_by_git(top)


def test_some_folders_are_never_walked(make: Make) -> None:
    top = make(**{".terraform/modules/x/main.tf": "", "node_modules/a.yaml": "", ".git/config.yaml": "", "main.tf": ""})
    assert walked(top) == ["main.tf"]
    assert WorkingTree(top).is_file(".terraform/modules/x/main.tf")


def test_a_walk_returns_only_what_is_wanted(make: Make) -> None:
    top = make(**{"a.tf": "", "b.md": "", "c/d.tf": ""})
    assert list(WorkingTree(top).walk(".", lambda name: name.endswith(".tf"))) == ["a.tf", "c/d.tf"]


def test_too_many_files_end_the_walk_with_a_problem(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trees, "MAX_FILES", 2)
    tree = WorkingTree(make(a="", b="", c=""))
    list(tree.walk())
    assert ["MAX_FILES" in problem.message for problem in tree.problems()] == [True]


# The top of the tree, and paths in it.


def test_the_top_is_the_git_work_tree(make: Make) -> None:
    top = make(**{".git/HEAD": "", "a/b/main.tf": ""})
    assert find_top([top / "a" / "b"], None) == find_top([top / "a/b/main.tf"], None) == top.resolve()


def test_a_work_tree_may_have_a_git_file(make: Make) -> None:
    top = make(**{".git": "gitdir: elsewhere", "a/main.tf": ""})
    assert find_top([top / "a"], None) == top.resolve()


def test_without_git_the_top_is_the_common_folder(make: Make) -> None:
    top = make(**{"a/x/main.tf": "", "a/y/main.tf": ""})
    assert find_top([top / "a" / "x", top / "a" / "y" / "main.tf"], None) == (top / "a").resolve()


def test_two_repositories_have_their_common_folder(make: Make) -> None:
    top = make(**{"a/.git/HEAD": "", "b/.git/HEAD": ""})
    assert find_top([top / "a", top / "b"], None) == top.resolve()


def test_root_decides_and_must_be_a_folder(make: Make) -> None:
    top = make(**{".git/HEAD": "", "a/main.tf": ""})
    assert find_top([top], top / "a") == (top / "a").resolve()
    with pytest.raises(ConfigError, match="--root is not a folder"):
        find_top([top], top / "a" / "main.tf")


def test_a_path_is_named_from_the_top_wherever_one_stands(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    top = make(**{"a b/main.tf": ""}).resolve()
    names = set()
    for place, path in (
        (top, "a b/main.tf"),
        (top / "a b", "main.tf"),
        (top / "a b", "../a b/main.tf"),
        (Path("/"), top / "a b/main.tf"),
    ):
        monkeypatch.chdir(place)
        names.add(relative(Path(path), top))
    assert names == {"a b/main.tf"}


def test_a_linked_file_keeps_its_name_and_a_linked_folder_does_not(make: Make) -> None:
    top = make(**{"real/main.tf": ""}).resolve()
    (top / "file.tf").symlink_to("real/main.tf")
    (top / "folder").symlink_to("real")
    assert relative(top / "file.tf", top) == "file.tf"
    assert relative(top / "folder", top) == "real"
    assert relative(top / "folder" / "main.tf", top) == "real/main.tf"


def test_a_link_from_outside_leads_in(make: Make) -> None:
    top = make(**{"main.tf": ""}).resolve()
    (top.parent / "way.tf").symlink_to(top / "main.tf")
    assert relative(top.parent / "way.tf", top) == "main.tf"


def test_a_path_outside_is_wrong_use(make: Make) -> None:
    top = make(**{"main.tf": ""}).resolve()
    (top / "out").symlink_to(top.parent / "outside")
    for path in (top.parent / "outside", top / "out", top / ".."):
        with pytest.raises(ConfigError, match=r"lies outside the tree .*--root"):
            relative(path, top)


def test_a_memory_tree_offers_the_same() -> None:
    tree = MemoryTree({"a/main.tf": "x", "a/b/c.yaml": "y", "top.tf": "z"})
    assert list(tree.walk()) == ["a/b/c.yaml", "a/main.tf", "top.tf"]
    assert list(tree.walk("a", lambda name: name.endswith(".tf"))) == ["a/main.tf"]
    assert list(tree.list("a")) == ["main.tf"]
    assert list(tree.list(".")) == ["top.tf"]
    assert (tree.is_file("top.tf"), tree.is_folder("a/b"), tree.is_folder("."), tree.is_folder("x")) == (
        True,
        True,
        True,
        False,
    )
    assert (tree.exists("a"), tree.exists("top.tf"), tree.exists("x"), tree.real("a"), tree.problems()) == (
        True,
        True,
        False,
        "a",
        (),
    )
    assert tree.read("a/main.tf").text() == "x"
