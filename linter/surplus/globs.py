"""Globs over paths and names: `*` stays within a folder, `**` crosses folders."""

import re
from functools import cache


@cache
def pattern(glob: str) -> re.Pattern[str]:
    """A compiled pattern for a whole path."""
    out: list[str] = []
    position = 0
    while position < len(glob):
        if glob.startswith("**/", position):
            out.append("(?:[^/]+/)*")
            position += 3
        elif glob.startswith("**", position):
            out.append(".*")
            position += 2
        elif glob[position] == "*":
            out.append("[^/]*")
            position += 1
        elif glob[position] == "?":
            out.append("[^/]")
            position += 1
        else:
            out.append(re.escape(glob[position]))
            position += 1
    return re.compile("".join(out))


def matches(glob: str, path: str) -> bool:
    """Whether the whole *path* matches; a folder matches `folder/**` too."""
    compiled = pattern(glob)
    return bool(compiled.fullmatch(path)) or bool(compiled.fullmatch(path + "/"))
