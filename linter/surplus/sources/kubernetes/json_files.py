"""Which JSON files hold manifests, told by their first bytes: most JSON of a repository is something else."""

import re

HEAD_BYTES = 64 * 1024
"""How much of a file is looked at. `kubectl get -o json` writes the kind of a List behind its items, so that it may lie
further on.
"""

_TEXT = rb'"(?:[^"\\]++|\\.)*+"'
_INNER = re.compile(rb'(?:[^"{}\[\]]++|%s)*+([{}\[\]])' % _TEXT, re.DOTALL)
"""Up to the next bracket; texts are passed over."""

_OUTER = re.compile(rb'(?:[^"{}\[\]]++|%s(?!\s*:))*+(?:(%s)\s*:|([{}\[\]]))' % (_TEXT, _TEXT), re.DOTALL)
"""Up to the next key or bracket."""

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
    missing = {b'"apiVersion"', b'"kind"'}
    depth, at = 0, 0
    while found := (_OUTER if depth == 1 else _INNER).match(head, at):
        at = found.end()
        bracket = found[found.re.groups]
        if bracket is None:
            missing.discard(found[1])
        else:
            depth += 1 if bracket in b"{[" else -1
        if not missing or not depth:
            return not missing
    return b'"apiVersion"' not in missing
