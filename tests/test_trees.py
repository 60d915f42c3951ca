"""Trees: what may be read, what is refused, what a walk looks at."""

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support import write
from surplus import trees
from surplus.model import ConfigError
from surplus.trees import MemoryTree, UnreadableError, WorkingTree, find_top, join, leaves, printable, relative

Make = Callable[..., Path]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Writes files below the tree's top, `top`; what lies beside it is outside."""

    def below(**files: str | bytes) -> Path:
        return write(tmp_path / "top", files)

    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "secret.tf").write_text("secret")
    return below


def message(tree: WorkingTree | MemoryTree, path: str) -> str:
    with pytest.raises(UnreadableError) as caught:
        tree.read(path).text()
    return caught.value.problem.message


def test_a_file_is_read_with_its_digest(make: Make) -> None:
    tree = WorkingTree(make(**{"a b/ü.tf": "x = 1"}))
    blob = tree.read("a b/ü.tf")
    assert (blob.path, blob.text()) == ("a b/ü.tf", "x = 1")
    assert blob.digest == hashlib.sha256(b"x = 1").hexdigest()


def test_the_head_of_a_file_is_read_however_large_it_is(make: Make) -> None:
    top = make(**{"a.json": '{"ü": 1}'})
    assert WorkingTree(top).head("a.json", 4) == MemoryTree({"a.json": '{"ü": 1}'}).head("a.json", 4) == '{"ü'.encode()
    os.truncate(top / "a.json", 50 * 2**20)
    assert WorkingTree(top).head("a.json", 2) == b'{"'
    with pytest.raises(UnreadableError):
        WorkingTree(top).head("gone.json", 2)


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
        write(base, {"outside/secret.tf": "secret"})
        write(base / "top", {"main.tf": "fine", "a/main.tf": "fine", "a/secret.tf": "fine"})
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


def test_some_folders_are_never_walked(make: Make) -> None:
    top = make(**{".terraform/modules/x/main.tf": "", "node_modules/a.yaml": "", ".git/config.yaml": "", "main.tf": ""})
    assert list(WorkingTree(top).walk()) == ["main.tf"]
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
