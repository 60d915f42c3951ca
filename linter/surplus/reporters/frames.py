"""Code frames: the lines around a place, with marks under what is meant."""

from collections.abc import Iterator, Mapping, Sequence

from surplus.masking import MASK
from surplus.model import Location
from surplus.reporters.style import Style, columns, printable, window

CONTEXT_LINES = 2
LONGEST = 2_000
"""Of a line of more characters those around the marks are looked at: a file in one line may hold many findings."""


def gutter_of(*places: Location) -> int:
    """The width of the line numbers of several frames that stand below one another."""
    return max(len(str(place.span.line)) for place in places)


def frame(
    place: Location, texts: Mapping[str, Sequence[str]], style: Style, gutter: int, arrow: str, note: str, mark: str
) -> Iterator[str]:
    """The lines around a span, marked; of long lines the part around the marks."""
    span = place.span
    pad = " " * gutter
    yield f"{pad}{style.paint(arrow, 'place')} {printable(place.path)}:{span.line}:{span.column}"
    lines = texts.get(place.path)
    if lines is None or span.line > len(lines):
        return
    bar = style.paint("|", "place")
    skipped = max(0, span.column - 1 - LONGEST // 2) if len(lines[span.line - 1]) > LONGEST else 0
    line, column = _part(lines[span.line - 1], skipped), span.column - skipped
    before = columns(line[: column - 1])
    length = _length(line, column, span.end_column - skipped if span.end_line == span.line else len(line) + 1)
    room = style.width - gutter - 3
    start = 0 if before + min(length, room // 2) < room else before - room // 3
    yield f"{pad} {bar}"
    for number in range(max(1, span.line - CONTEXT_LINES), span.line + 1):
        text = window(_part(lines[number - 1], skipped), start, room)
        yield f"{style.paint(str(number).rjust(gutter), 'place')} {bar} {text}".rstrip()
    marks = style.paint(mark * max(1, min(length, room - (before - start))), "error" if mark == "^" else "place")
    yield f"{pad} {bar} {' ' * (before - start)}{marks} {printable(note)}".rstrip()


def _part(line: str, skipped: int) -> str:
    """The characters of a line that are looked at, behind those *skipped*. An ellipsis stands for what is cut off, also
    where characters without width leave `window` nothing to cut.
    """
    part = line[skipped : skipped + LONGEST]
    if part.isascii():
        return part
    start, end = ("…" if skipped else ""), ("…" if len(line) > skipped + LONGEST else "")
    return f"{start}{part[len(start) : len(part) - len(end)]}{end}"


def _length(line: str, column: int, end_column: int) -> int:
    """How many columns a span takes from *column* of the line on; a masked value is as long as its mask."""
    for masked in (MASK, f'"{MASK}"', f"'{MASK}'"):
        if line.startswith(masked, column - 1):
            return len(masked)
    return max(1, columns(line[column - 1 : end_column - 1]))
