"""Standard input as something to judge: rendered manifests, or a plan, that no file of the tree holds."""

import hashlib
import posixpath
import select
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from surplus.model import ConfigError
from surplus.trees import MAX_FILE_BYTES, Blob, WorkingTree, find_top, join, relative

STDIN = "-"
"""The path that stands for standard input on the command line."""

SHOWN = "<stdin>"
"""Where what was piped is said to be: no file has this path, and its lines are those of the input."""

SUFFIXES = (".yaml", ".yml", ".json")
PIECE = 1024 * 1024
HINT = "pipe manifests into it, as in `helm template . | surplus check -`"


@dataclass(slots=True)
class PipedTree(WorkingTree):
    """The tree around the working directory, and beside its files what was piped, as if it were one at `path`.

    `folder` decides which policy governs it. `named` tells whether the user has said the path.
    """

    path: str = SHOWN
    folder: str = "."
    named: bool = False
    data: bytes = b""

    @property
    def key(self) -> str:
        """What names a plan on standard input: the path, in the folder it was piped in."""
        return self.path if self.named else join(self.folder, self.path)

    def read(self, path: str) -> Blob:
        """What was piped, or the file at *path*; raises `UnreadableError`."""
        if path != self.path:
            # Not `super()`: a slotted dataclass is made anew, and the cell of `super()` keeps the first one.
            return WorkingTree.read(self, path)
        what = "the file" if self.named else "standard input"
        return Blob(path, self.data, hashlib.sha256(self.data).hexdigest(), what)


def open_piped(stream: IO[str] | None, name: str | None, root: str | None, use_gitignore: bool) -> PipedTree:
    """Read *stream* to its end; *name* is the path to show it under. Raises `ConfigError`."""
    place = Path(name) if name else Path()
    if name is not None and (not name.endswith(SUFFIXES) or place.is_dir()):
        known = ", ".join(SUFFIXES)
        raise ConfigError(f"--stdin-filename {name}: standard input holds manifests or a plan; name a file ({known})")
    top = find_top([place], Path(root) if root else None)
    if name is not None:
        path = relative(place, top)
        folder = posixpath.dirname(path) or "."
    else:
        path, folder = SHOWN, _folder(place, top)
    return PipedTree(top, use_gitignore, path=path, folder=folder, named=name is not None, data=read_all(stream))


def _folder(place: Path, top: Path) -> str:
    """The working directory in the tree; the top where `--root` is elsewhere."""
    try:
        return relative(place, top)
    except ConfigError:
        return "."


def read_all(stream: IO[str] | None) -> bytes:
    """The bytes of a stream up to its end, at most `MAX_FILE_BYTES`; raises `ConfigError`."""
    if stream is None or stream.closed:
        raise ConfigError(f"-: standard input is closed; {HINT}")
    if stream.isatty():
        raise ConfigError(f"-: standard input is a terminal; {HINT}")
    pieces: list[bytes] = []
    size = 0
    try:
        while size <= MAX_FILE_BYTES:
            piece = stream.buffer.read(PIECE)  # type: ignore[attr-defined]
            if piece is None:  # whoever shares the pipe has made it non-blocking
                select.select([stream], [], [])
                continue
            if not piece:
                return b"".join(pieces)
            pieces.append(piece)
            size += len(piece)
    except OSError as error:
        raise ConfigError(f"-: standard input cannot be read: {error.strerror}") from None
    limit = f"{MAX_FILE_BYTES // 2**20} MiB (MAX_FILE_BYTES)"
    raise ConfigError(f"-: standard input is larger than {limit}; pipe less at a time")
