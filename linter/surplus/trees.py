"""Trees: everything that may be read. The only module that opens scanned files.

A path is relative to the tree's top, with forward slashes; "." is the top itself. Links are followed where
they stay inside the tree and refused where they leave it.
"""

import hashlib
import os
import posixpath
import stat
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from surplus.model import ConfigError, Problem, Span

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

MAX_FILE_BYTES = 16 * 1024 * 1024
"""Larger files are a problem: nobody writes 16 MiB of configuration by hand."""

MAX_FILES = 500_000
"""More entries than this in one tree end the walk with a problem."""

NEVER_WALKED = frozenset({".git", ".hg", ".svn", ".terraform", ".terragrunt-cache", "node_modules"})
START = Span(1, 1, 1, 1)


class UnreadableError(Exception):
    """A scanned file cannot be read; `problem` says why."""

    def __init__(self, path: str, message: str, span: Span = START) -> None:
        super().__init__(message)
        self.problem = Problem(message, path, span)


@dataclass(frozen=True, slots=True)
class Blob:
    """A file's bytes and their SHA-256."""

    path: str
    data: bytes
    digest: str

    def text(self) -> str:
        """The bytes as UTF-8; raises `UnreadableError` at the first byte that is not."""
        try:
            return self.data.decode("utf-8")
        except UnicodeDecodeError as error:
            before = self.data[: error.start]
            line = before.count(b"\n") + 1
            column = len(before[before.rfind(b"\n") + 1 :].decode("utf-8", "replace")) + 1
            kind = "binary, not text" if b"\0" in self.data[:8192] else "not UTF-8"
            place = Span(line, column, line, column + 1)
            raise UnreadableError(self.path, f"the file is {kind}; save it as UTF-8", place) from None


class Tree(Protocol):
    """What every form of tree offers: a working tree, later a git revision or standard input."""

    def walk(self, folder: str = ".") -> Iterator[str]:
        """Paths of the files below *folder* that roots and manifests are looked for in, sorted."""

    def list(self, folder: str) -> Sequence[str]:
        """Names of the files directly in *folder*, ignored ones too, sorted; empty where it is no folder."""

    def read(self, path: str) -> Blob:
        """The file at *path*; raises `UnreadableError`."""

    def is_file(self, path: str) -> bool:
        """Whether *path* is a file inside the tree."""

    def is_folder(self, path: str) -> bool:
        """Whether *path* is a folder inside the tree."""

    def problems(self) -> Sequence[Problem]:
        """What the walks could not read."""


def join(folder: str, path: str) -> str:
    """*path*, written in *folder*, relative to the tree's top; begins with ".." where it leaves the tree."""
    return posixpath.normpath(posixpath.join(folder, path))


def leaves(path: str) -> bool:
    """Whether a normal path points outside the tree."""
    return path == ".." or path.startswith(("../", "/"))


@dataclass(slots=True)
class WorkingTree:
    """A folder on disk. `use_gitignore` limits walks only: any file inside may be read."""

    top: Path
    use_gitignore: bool = True
    _links: set[str] = field(default_factory=set)
    _walked: set[str] = field(default_factory=set)
    _problems: dict[Problem, None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.top = Path(os.path.realpath(self.top))

    def problems(self) -> Sequence[Problem]:
        """What the walks could not read."""
        return tuple(self._problems)

    def walk(self, folder: str = ".") -> Iterator[str]:
        """Files below *folder*, sorted by path. Folders behind a link are not entered."""
        found: list[str] = []
        pending = [(folder, self._ignore_above(folder))]
        while pending:
            here, ignores = pending.pop()
            entries = self._scan(here)
            if any(entry.name == ".gitignore" for entry in entries):
                ignores = [*ignores, *self._gitignore(here)]
            for entry in entries:
                path = entry.name if here == "." else f"{here}/{entry.name}"
                is_folder = entry.is_dir(follow_symlinks=False)
                if is_folder and entry.name in NEVER_WALKED:
                    continue
                if ignores and _ignored(path + "/" if is_folder else path, ignores):
                    continue
                if is_folder:
                    pending.append((path, ignores))
                    continue
                if entry.is_symlink():
                    self._links.add(path)
                    if self.is_folder(path):
                        continue
                found.append(path)
            if len(found) > MAX_FILES:
                message = f"more than {MAX_FILES:,} files (MAX_FILES); name a smaller folder"
                self._problems[Problem(message, folder, START)] = None
                break
        self._walked.update(found)
        return iter(sorted(found))

    def _scan(self, folder: str) -> list[os.DirEntry[str]]:
        try:
            with os.scandir(self.top / folder) as entries:
                return list(entries)
        except OSError as error:
            self._problems[Problem(f"the folder cannot be read: {error.strerror}", folder, START)] = None
            return []

    def _ignore_above(self, folder: str) -> "list[tuple[str, GitIgnoreSpec]]":
        """The ignore files above *folder*; none where *folder* is ignored itself: it was named on purpose."""
        ignores = self._gitignore(".git/info", "exclude", ".")
        above = "."
        for part in folder.split("/") if folder != "." else ():
            ignores += self._gitignore(above)
            above = join(above, part)
            if _ignored(above + "/", ignores):
                return []
        return ignores

    def _gitignore(
        self, folder: str, name: str = ".gitignore", base: str | None = None
    ) -> "list[tuple[str, GitIgnoreSpec]]":
        path = join(folder, name)
        if not self.use_gitignore or not self.is_file(path):
            return []
        from pathspec import GitIgnoreSpec

        try:
            lines = self.read(path).text().splitlines()
        except UnreadableError as error:
            self._problems[error.problem] = None
            return []
        spec = GitIgnoreSpec.from_lines(lines)
        base = folder if base is None else base
        return [("" if base == "." else base + "/", spec)]

    def list(self, folder: str) -> Sequence[str]:
        """Names of the files directly in *folder*, sorted."""
        target = self._inside(folder)
        if target is None:
            return []
        try:
            with os.scandir(target) as entries:
                return sorted(entry.name for entry in entries if not entry.is_dir())
        except OSError:
            return []

    def read(self, path: str) -> Blob:
        """The file at *path*; raises `UnreadableError` with a reason and what to do."""
        target = self._inside(path)
        if target is None:
            raise UnreadableError(
                path, "the path leaves the scanned tree, so it is not read; use --root to widen the tree"
            )
        try:
            descriptor = os.open(target, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
            with os.fdopen(descriptor, "rb") as file:
                status = os.fstat(descriptor)
                if not stat.S_ISREG(status.st_mode):
                    raise UnreadableError(path, "this is not a regular file, so it is not read")
                if status.st_size > MAX_FILE_BYTES:
                    size = f"{status.st_size / 2**20:,.0f} MiB is above {MAX_FILE_BYTES // 2**20} MiB (MAX_FILE_BYTES)"
                    raise UnreadableError(path, f"the file is too large to be read: {size}")
                data = file.read(MAX_FILE_BYTES + 1)
        except OSError as error:
            raise UnreadableError(path, self._why(path, error)) from None
        return Blob(path, data, hashlib.sha256(data).hexdigest())

    def _why(self, path: str, error: OSError) -> str:
        if (self.top / path).is_symlink():
            return "the link leads nowhere; mend or remove it"
        return f"the file cannot be read: {error.strerror}"

    def is_file(self, path: str) -> bool:
        """Whether *path* is a file inside the tree; a link to a file counts."""
        target = self._inside(path)
        return target is not None and os.path.isfile(target)  # noqa: PTH113 - hot: no Path made

    def is_folder(self, path: str) -> bool:
        """Whether *path* is a folder inside the tree; a link to a folder counts."""
        target = self._inside(path)
        return target is not None and os.path.isdir(target)  # noqa: PTH112 - hot: no Path made

    def _inside(self, path: str) -> str | None:
        """The place of *path* on disk, or None where it leaves the tree, by ".." or through links."""
        if leaves(path) or "\0" in path:
            return None
        top = str(self.top)
        target = f"{top}/{path}"
        if path in self._walked and path not in self._links:
            return target
        try:
            real = os.path.realpath(target)
        except OSError:
            return None
        return real if real == top or real.startswith(top.rstrip("/") + "/") else None


@dataclass(frozen=True, slots=True)
class MemoryTree:
    """Texts by path: a rule's example."""

    texts: Mapping[str, str]

    def problems(self) -> Sequence[Problem]:
        """Nothing can go wrong in memory."""
        return ()

    def walk(self, folder: str = ".") -> Iterator[str]:
        """The paths below *folder*, sorted."""
        return iter(sorted(path for path in self.texts if folder == "." or path.startswith(folder + "/")))

    def list(self, folder: str) -> Sequence[str]:
        """Names of the files directly in *folder*, sorted."""
        return sorted(posixpath.basename(path) for path in self.texts if (posixpath.dirname(path) or ".") == folder)

    def read(self, path: str) -> Blob:
        """The text at *path*; raises `UnreadableError`."""
        if path not in self.texts:
            raise UnreadableError(path, "there is no such file")
        data = self.texts[path].encode("utf-8", "surrogatepass")
        return Blob(path, data, hashlib.sha256(data).hexdigest())

    def is_file(self, path: str) -> bool:
        """Whether there is a text at *path*."""
        return path in self.texts

    def is_folder(self, path: str) -> bool:
        """Whether there is a text below *path*."""
        return path == "." or any(one.startswith(path + "/") for one in self.texts)


def _ignored(path: str, ignores: "list[tuple[str, GitIgnoreSpec]]") -> bool:
    """Git's rule: the deepest ignore file that says anything about *path* decides."""
    for prefix, spec in reversed(ignores):
        if path.startswith(prefix):
            verdict = spec.check_file(path[len(prefix) :]).include
            if verdict is not None:
                return verdict
    return False


def find_top(paths: Sequence[Path], root: Path | None) -> Path:
    """The top of the tree for *paths*: *root* if given, else the enclosing git work tree, else their common folder.

    Raises `ConfigError` where a path lies outside it.
    """
    places = [Path(os.path.abspath(path)) for path in paths]  # noqa: PTH100 - links stay as written
    if root is not None:
        top = Path(os.path.realpath(root))
        if not top.is_dir():
            raise ConfigError(f"{root}: --root is not a folder")
    else:
        tops = {_git_top(place) for place in places}
        only = tops.pop() if len(tops) == 1 else None
        folders = [str(place if place.is_dir() else place.parent) for place in places]
        top = only or Path(os.path.realpath(os.path.commonpath(folders)))
    return top


def _git_top(place: Path) -> Path | None:
    real = Path(os.path.realpath(place))
    return next((folder for folder in (real, *real.parents) if (folder / ".git").exists()), None)


def relative(path: Path, top: Path) -> str:
    """*path* relative to the tree's top; raises `ConfigError` where it lies outside."""
    absolute = Path(os.path.abspath(path))  # noqa: PTH100 - a link inside the tree keeps its own name
    place = Path(os.path.realpath(absolute.parent)) / absolute.name if absolute != absolute.parent else absolute
    for candidate in (place, Path(os.path.realpath(absolute))):
        if candidate == top or top in candidate.parents:
            return candidate.relative_to(top).as_posix()
    raise ConfigError(f"{path}: lies outside the tree {top}; use --root to widen it")
