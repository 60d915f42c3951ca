"""Ignore files as git reads them: which paths of a walk are left out."""

import re
from collections.abc import Sequence

Patterns = tuple[tuple[bool, re.Pattern[str]], ...]
"""An ignore file's patterns in order: whether a match is ignored, and what matches."""

FOLDER_END = "(?P<ps_d>/)"
"""How pathspec writes the slash at which a match ends, if that is a folder's."""


def read_patterns(text: str) -> Patterns:
    """The patterns of an ignore file; git passes over those it cannot read, such as a lone `!`.

    pathspec's would match what is below a folder too, and its own order of precedence lets `*` win over `!/folder`.
    The walk has asked about every folder above, so a pattern need match only the path itself.
    """
    from pathspec import GitIgnoreSpec

    patterns: list[tuple[bool, re.Pattern[str]]] = []
    for line in text.split("\n"):
        # What is inside a folder, not the folder itself, as pathspec has it.
        line = re.sub(r"/\*\*(/?)$", r"/**/*\1", line.removesuffix("\r"))
        try:
            read = GitIgnoreSpec.from_lines([line]).patterns
        except ValueError:
            continue
        known = [(one.include, one.regex.pattern) for one in read if one.include is not None and one.regex]
        patterns += [(include, re.compile(regex.replace(FOLDER_END, r"/\Z"))) for include, regex in known]
    return tuple(patterns)


def ignored(path: str, ignores: Sequence[tuple[str, Patterns]]) -> bool:
    """Git's rule: the last pattern about *path* decides, of the deepest ignore file that has one."""
    for prefix, patterns in reversed(ignores):
        if path.startswith(prefix):
            below = path[len(prefix) :]
            for include, regex in reversed(patterns):
                if regex.search(below):
                    return include
    return False
