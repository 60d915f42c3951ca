"""Globs over paths and names, as in a .gitignore: `*` and `?` stay within a folder, `**/` crosses folders."""

import re
from functools import cache, lru_cache

ANY_FOLDERS = None
"""A segment `**`: any number of folders, none too."""


@lru_cache(maxsize=65_536)
def matches(glob: str, path: str) -> bool:
    """Whether the whole *path* matches; a folder matches `folder/**` and `folder/` too."""
    names = path.split("/")
    # Nearly all that do not match lack a folder that the glob spells out.
    return all(name in names for name in _spelt_out(glob)) and _matches(_segments(glob), names)


@cache
def _spelt_out(glob: str) -> tuple[str, ...]:
    """The segments of a glob that stand for themselves."""
    return tuple(part for part in _parts(glob) if "*" not in part and "?" not in part)


def _parts(glob: str) -> list[str]:
    return glob.removeprefix("./").strip("/").split("/")


@cache
def _segments(glob: str) -> "tuple[re.Pattern[str] | None, ...]":
    return tuple(ANY_FOLDERS if part == "**" else _segment(part) for part in _parts(glob))


def _segment(part: str) -> re.Pattern[str]:
    """One name. What stands before a star is found once and for all: no glob takes long."""
    first, *rest = (_literal(piece) for piece in re.split(r"\*+", part))
    if not rest:
        return re.compile(first, re.DOTALL)
    *inner, last = rest
    return re.compile(f"{first}{''.join(f'(?>.*?{piece})' for piece in inner)}.*{last}", re.DOTALL)


def _literal(piece: str) -> str:
    return "".join("." if character == "?" else re.escape(character) for character in piece)


def _matches(segments: "tuple[re.Pattern[str] | None, ...]", names: list[str]) -> bool:
    """Which beginnings of *names* the segments so far match; no backtracking, so it is never slow."""
    reached = {0}
    for segment in segments:
        if segment is ANY_FOLDERS:
            reached = set(range(min(reached), len(names) + 1))
        else:
            reached = {at + 1 for at in reached if at < len(names) and segment.fullmatch(names[at])}
        if not reached:
            return False
    return len(names) in reached
