"""Code frames: the lines around a place, with marks under what is meant."""

from collections.abc import Iterator, Mapping, Sequence

from surplus.masking import MASK
from surplus.model import Location
from surplus.reporters.style import Style, columns, printable, window

CONTEXT_LINES = 2


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
    line = lines[span.line - 1]
    before = columns(line[: span.column - 1])
    length = _length(line, place)
    room = style.width - gutter - 3
    start = 0 if before + min(length, room // 2) < room else before - room // 3
    yield f"{pad} {bar}"
    for number in range(max(1, span.line - CONTEXT_LINES), span.line + 1):
        text = window(lines[number - 1], start, room)
        yield f"{style.paint(str(number).rjust(gutter), 'place')} {bar} {text}".rstrip()
    marks = style.paint(mark * max(1, min(length, room - (before - start))), "error" if mark == "^" else "place")
    yield f"{pad} {bar} {' ' * (before - start)}{marks} {printable(note)}".rstrip()


def _length(line: str, place: Location) -> int:
    """How many columns of its first line a span takes; a masked value is as long as its mask."""
    span = place.span
    rest = line[span.column - 1 :]
    for masked in (MASK, f'"{MASK}"', f"'{MASK}'"):
        if rest.startswith(masked):
            return len(masked)
    end = span.end_column - 1 if span.end_line == span.line else len(line)
    return max(1, columns(line[span.column - 1 : end]))
