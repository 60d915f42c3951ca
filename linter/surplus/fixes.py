"""Edits to new text."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from surplus.results import Edit
from surplus.text import Lines


def apply(edits: Iterable[Edit], texts: Mapping[str, str]) -> dict[str, str]:
    """*texts* by path with the edits made; of two edits that overlap the later one in the text is left out."""
    by_path: dict[str, set[Edit]] = defaultdict(set)
    for edit in edits:
        by_path[edit.location.path].add(edit)
    result = dict(texts)
    for path, wanted in by_path.items():
        text, lines = texts[path], Lines(texts[path])
        pieces: list[str] = []
        done = 0
        for edit in sorted(wanted):
            span = edit.location.span
            start = lines.offset(span.line, span.column)
            end = lines.offset(span.end_line, span.end_column)
            if start < done:
                continue
            pieces += [text[done:start], edit.text]
            done = end
        result[path] = "".join([*pieces, text[done:]])
    return result
