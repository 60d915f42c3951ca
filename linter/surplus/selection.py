"""What the command line names of a tree, and the folders above a path."""

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Selection:
    """What the command line names: files and folders relative to the tree's top. Empty: everything."""

    files: frozenset[str] = frozenset()
    folders: frozenset[str] = frozenset()

    def names(self, path: str) -> bool:
        """Whether a file is selected, by itself or by a folder above it."""
        return path in self.files or any(folder in self.folders for folder in folders_above(path))

    def selects(self, path: str) -> bool:
        """Whether a file is to be judged: where nothing is named, every file is."""
        return self.everything or self.names(path)

    @property
    def everything(self) -> bool:
        """Whether nothing is left out."""
        return "." in self.folders or not (self.files or self.folders)


def folder_of(path: str) -> str:
    """The folder that holds *path*, "." at the top."""
    return posixpath.dirname(path) or "."


def folders_above(path: str) -> Iterator[str]:
    """The folders above *path*, the nearest first, down to the top."""
    while path != ".":
        path = folder_of(path)
        yield path
