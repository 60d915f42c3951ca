"""Which JSON files hold manifests, told by their first bytes: most JSON of a repository is something else."""

import re

HEAD_BYTES = 64 * 1024
"""How much of a file is looked at. `kubectl get -o json` writes the kind of a List behind its items, so that it may lie
further on.
"""

_TOKEN = re.compile(rb'"((?:[^"\\]++|\\.)*+)(?:"(?:\s*(:))?|\\?\Z)|[{}\[\]]', re.DOTALL)
"""A text, one that is cut off too, and the colon that makes it a key; a bracket."""

_BLANK = b" \t\r\n"
_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")


def holds_manifest(head: bytes) -> bool:
    """Whether JSON that begins with *head* is an object with `apiVersion` and `kind`, as far as can be told; UTF-16
    too, of which whoever reads it says what is to be done.

    Schemas, templates of other tools and API descriptions have both words deeper inside.
    """
    if head.startswith(_MARKS[1:]):
        head = head.replace(b"\0", b"")
    for mark in _MARKS:
        head = head.removeprefix(mark)
    if b'"apiVersion"' not in head or b'"kind"' not in head or not head.lstrip(_BLANK).startswith(b"{"):
        return False
    keys: set[bytes] = set()
    depth = 0
    for token in _TOKEN.finditer(head):
        sign = token[0][:1]
        if sign in b"{[":
            depth += 1
        elif sign in b"}]":
            depth -= 1
            if not depth:
                return b"apiVersion" in keys and b"kind" in keys
        elif depth == 1 and token[2]:
            keys.add(token[1])
    return b"apiVersion" in keys
