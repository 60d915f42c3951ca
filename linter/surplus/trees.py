"""Trees: everything that may be read. The only module that opens scanned files.

A path is relative to the tree's top, with forward slashes; "." is the top itself. Links are followed where
they stay inside the tree and refused where they leave it. A name that is no UTF-8 is refused too: no report
could show it.
"""

import hashlib
import os
import posixpath
import re
import stat
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from surplus.gitignore import Patterns, ignored, read_patterns
from surplus.model import ConfigError, Problem, Span

MAX_FILE_BYTES = 16 * 1024 * 1024
"""Larger files are a problem: nobody writes 16 MiB of configuration by hand."""

MAX_FILES = 500_000
"""More entries than this in one tree end the walk with a problem."""

NEVER_WALKED = frozenset({".git", ".hg", ".svn", ".terraform", ".terragrunt-cache", "node_modules"})
START = Span(1, 1, 1, 1)
NO_UTF8_FOLDER = "the folder's name is not UTF-8, so it is left out; rename it"
GIT_CRYPT = b"\0GITCRYPT\0"
"""What git-crypt writes before what it has encrypted."""

SURROGATE = re.compile("[\ud800-\udfff]")


class UnreadableError(Exception):
    """A scanned file cannot be read; `problem` says why, as a *note* where nothing is wrong with that."""

    def __init__(self, path: str, message: str, span: Span = START, note: bool = False) -> None:
        super().__init__(message)
        self.problem = Problem(message, printable(path), span, note=note)


@dataclass(frozen=True, slots=True)
class Blob:
    """A file's bytes and their SHA-256; `what` names it in messages."""

    path: str
    data: bytes
    digest: str
    what: str = "the file"

    def text(self) -> str:
        """The bytes as UTF-8; raises `UnreadableError` at the first byte that is not, and where git-crypt has
        encrypted them.
        """
        if self.data.startswith(GIT_CRYPT):
            message = f"{self.what} is encrypted by git-crypt, so it is left out; to have it read, `git-crypt unlock`"
            raise UnreadableError(self.path, message, note=True)
        try:
            return self.data.decode("utf-8")
        except UnicodeDecodeError as error:
            before = self.data[: error.start]
            line = before.count(b"\n") + 1
            column = len(before[before.rfind(b"\n") + 1 :].decode("utf-8", "replace")) + 1
            kind = "binary, not text" if b"\0" in self.data[:8192] else "not UTF-8"
            kind = "UTF-16, not UTF-8" if self.data.startswith((b"\xff\xfe", b"\xfe\xff")) else kind
            place = Span(line, column, line, column + 1)
            raise UnreadableError(self.path, f"{self.what} is {kind}; save it as UTF-8", place) from None


class Tree(Protocol):
    """What every form of tree offers: a working tree, later a git revision."""

    def walk(self, folder: str = ".", wanted: Callable[[str], bool] | None = None) -> Iterator[str]:
        """Paths of the files below *folder* that roots and manifests are looked for in, sorted.

        *wanted* says by its name whether a file is of interest.
        """

    def list(self, folder: str) -> Sequence[str]:
        """Names of the files directly in *folder*, ignored ones too, sorted; empty where it is no folder."""

    def read(self, path: str) -> Blob:
        """The file at *path*; raises `UnreadableError`."""

    def head(self, path: str, size: int) -> bytes:
        """The first *size* bytes of the file at *path*, however large it is; raises `UnreadableError`."""

    def real(self, path: str) -> str:
        """*path* behind links: one name for one thing; *path* itself where it leaves the tree."""

    def exists(self, path: str) -> bool:
        """Whether anything has this path, readable or not: a dangling link counts."""

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


def printable(path: str) -> str:
    """*path* as it can be written anywhere: what is no UTF-8 in it as U+FFFD."""
    return path if path.isascii() else SURROGATE.sub("\ufffd", path)


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

    def walk(self, folder: str = ".", wanted: Callable[[str], bool] | None = None) -> Iterator[str]:
        """Files below *folder*, sorted by path. Folders behind a link are not entered."""
        found: list[str] = []
        folder = self.real(folder)
        if printable(folder) != folder:
            self._problem(NO_UTF8_FOLDER, folder)
        pending = [(folder, self._ignore_above(folder))] if self.is_folder(folder) else []
        while pending:
            here, ignores = pending.pop()
            entries = self._scan(here)
            ignores = self._ignores_in(here, {entry.name for entry in entries}, ignores)
            for entry in entries:
                path = entry.name if here == "." else f"{here}/{entry.name}"
                is_folder = entry.is_dir(follow_symlinks=False)
                if is_folder and entry.name in NEVER_WALKED:
                    continue
                if not is_folder and wanted is not None and not wanted(entry.name):
                    continue
                if ignores and ignored(path + "/" if is_folder else path, ignores):
                    continue
                if is_folder:
                    if printable(entry.name) == entry.name:
                        pending.append((path, ignores))
                    else:
                        self._problem(NO_UTF8_FOLDER, path)
                    continue
                if entry.is_symlink():
                    self._links.add(path)
                    if self.is_folder(path):
                        continue
                found.append(path)
            if len(found) > MAX_FILES:
                self._problem(f"more than {MAX_FILES:,} files (MAX_FILES); name a smaller folder", folder)
                break
        self._walked.update(found)
        return iter(sorted(found))

    def _problem(self, message: str, path: str) -> None:
        self._problems[Problem(message, printable(path), START)] = None

    def _scan(self, folder: str) -> list[os.DirEntry[str]]:
        try:
            with os.scandir(self.top / folder) as entries:
                return list(entries)
        except OSError as error:
            self._problem(f"the folder cannot be read: {error.strerror}", folder)
            return []

    def _ignores_in(
        self, folder: str, names: set[str], above: list[tuple[str, Patterns]]
    ) -> list[tuple[str, Patterns]]:
        """The ignore files in force in *folder*, which has entries of these *names*."""
        found = [*above]
        if ".git" in names:
            found += self._gitignore(join(folder, ".git/info/exclude"), folder)
        if ".gitignore" in names:
            found += self._gitignore(join(folder, ".gitignore"), folder)
        return found

    def _ignore_above(self, folder: str) -> list[tuple[str, Patterns]]:
        """The ignore files above *folder*; none where *folder* is ignored itself: it was named on purpose."""
        ignores: list[tuple[str, Patterns]] = []
        above = "."
        for part in folder.split("/") if folder != "." else ():
            ignores = self._ignores_in(above, {".git", ".gitignore"}, ignores)
            above = join(above, part)
            if ignored(above + "/", ignores):
                return []
        return ignores

    def _gitignore(self, path: str, folder: str) -> list[tuple[str, Patterns]]:
        """One ignore file, whose patterns are about *folder*; patterns that git skips are skipped."""
        if not self.use_gitignore or not self.is_file(path):
            return []
        try:
            text = self.read(path).data.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "surrogateescape")
        except UnreadableError as error:
            self._problems[error.problem] = None
            return []
        return [("" if folder == "." else folder + "/", read_patterns(text))]

    def list(self, folder: str) -> Sequence[str]:
        """Names of the files directly in *folder*, sorted."""
        target = self._inside(folder)
        if target is None:
            return []
        try:
            with os.scandir(target) as entries:
                return sorted(entry.name for entry in entries if not _is_folder(entry))
        except OSError:
            return []

    def read(self, path: str) -> Blob:
        """The file at *path*; raises `UnreadableError` with a reason and what to do."""
        data = self._data(path, None)
        return Blob(path, data, hashlib.sha256(data).hexdigest())

    def head(self, path: str, size: int) -> bytes:
        """The first *size* bytes of the file at *path*; raises `UnreadableError`."""
        return self._data(path, size)

    def _data(self, path: str, size: int | None) -> bytes:
        """The bytes of a file: its first *size*, or all, at most `MAX_FILE_BYTES`."""
        if printable(path) != path:
            raise UnreadableError(path, "the name is not UTF-8, so the file is not read; rename it")
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
                if size is not None:
                    return file.read(size)
                data = file.read(status.st_size + 1) if status.st_size <= MAX_FILE_BYTES else None
        except OSError as error:
            raise UnreadableError(path, self._why(path, error)) from None
        if data is None or len(data) > MAX_FILE_BYTES:
            large = f"{max(status.st_size, MAX_FILE_BYTES + 1) / 2**20:,.1f} MiB is above {MAX_FILE_BYTES // 2**20} MiB"
            raise UnreadableError(path, f"the file is too large to be read: {large} (MAX_FILE_BYTES)")
        return data

    def _why(self, path: str, error: OSError) -> str:
        if (self.top / path).is_symlink():
            return "the link leads nowhere, or in a circle; mend or remove it"
        if isinstance(error, FileNotFoundError):
            return "there is no such file"
        return f"the file cannot be read: {error.strerror}"

    def real(self, path: str) -> str:
        """*path* behind links, where that is inside the tree."""
        target = self._inside(path)
        return path if target is None else os.path.relpath(target, self.top).replace(os.sep, "/")

    def exists(self, path: str) -> bool:
        """Whether anything has this path; a dangling link counts, and one that leaves the tree."""
        return not leaves(path) and "\0" not in path and os.path.lexists(self.top / path)

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
        if leaves(path) or "\0" in path or printable(path) != path:
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

    def walk(self, folder: str = ".", wanted: Callable[[str], bool] | None = None) -> Iterator[str]:
        """The paths below *folder*, sorted."""
        below = (path for path in self.texts if folder == "." or path.startswith(folder + "/"))
        return iter(sorted(path for path in below if wanted is None or wanted(posixpath.basename(path))))

    def list(self, folder: str) -> Sequence[str]:
        """Names of the files directly in *folder*, sorted."""
        return sorted(posixpath.basename(path) for path in self.texts if (posixpath.dirname(path) or ".") == folder)

    def read(self, path: str) -> Blob:
        """The text at *path*; raises `UnreadableError`."""
        if path not in self.texts:
            raise UnreadableError(path, "there is no such file")
        data = self.texts[path].encode("utf-8", "surrogatepass")
        return Blob(path, data, hashlib.sha256(data).hexdigest())

    def head(self, path: str, size: int) -> bytes:
        """The first *size* bytes of the text at *path*; raises `UnreadableError`."""
        return self.read(path).data[:size]

    def real(self, path: str) -> str:
        """*path* itself: there are no links."""
        return path

    def exists(self, path: str) -> bool:
        """Whether there is a text at *path* or below it."""
        return path in self.texts or self.is_folder(path)

    def is_file(self, path: str) -> bool:
        """Whether there is a text at *path*."""
        return path in self.texts

    def is_folder(self, path: str) -> bool:
        """Whether there is a text below *path*."""
        return path == "." or any(one.startswith(path + "/") for one in self.texts)


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link in a circle
        return False


def find_top(paths: Sequence[Path], root: Path | None) -> Path:
    """The top of the tree for *paths*: *root* if given, else the enclosing git work tree, else their common folder.

    Raises `ConfigError` where *root* is no folder. `relative` tells whether a path lies inside.
    """
    if root is not None:
        top = Path(os.path.realpath(root))
        if not top.is_dir():
            raise ConfigError(f"{root}: --root is not a folder")
        return top
    places = [Path(os.path.abspath(path)) for path in paths]  # noqa: PTH100 - links stay as written
    tops = {_git_top(place) for place in places}
    only = tops.pop() if len(tops) == 1 else None
    folders = [os.path.realpath(place if place.is_dir() else place.parent) for place in places]
    try:
        return only or Path(os.path.commonpath(folders))
    except ValueError:
        raise ConfigError("the paths lie on different drives; check them one drive at a time") from None


def _git_top(place: Path) -> Path | None:
    real = Path(os.path.realpath(place))
    return next((folder for folder in (real, *real.parents) if (folder / ".git").exists()), None)


def relative(path: Path, top: Path) -> str:
    """*path* relative to the tree's top; raises `ConfigError` where it lies outside.

    A link to a file keeps its own name where that is inside; a link to a folder is the folder.
    """
    absolute = Path(os.path.abspath(path))  # noqa: PTH100 - a link's own name is tried first
    real = Path(os.path.realpath(absolute))
    place = real if real.is_dir() else Path(os.path.realpath(absolute.parent)) / absolute.name
    for candidate in (place, real):
        if candidate == top or top in candidate.parents:
            return candidate.relative_to(top).as_posix()
    raise ConfigError(f"{path}: lies outside the tree {top}; use --root to widen it")


def named_text(path: Path) -> str:
    """The text of a file that the command line names, wherever it is; raises `ConfigError`."""
    try:
        return path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise ConfigError(f"{path.as_posix()}: cannot be read: {reason}") from None
