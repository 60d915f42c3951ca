"""What a terminal shows: colours, widths, and nothing that could move its cursor."""

import unicodedata
from dataclasses import dataclass

CODES = {
    "error": "1;31",
    "warning": "1;33",
    "info": "1;36",
    "bold": "1",
    "dim": "2",
    "place": "34",
    "good": "32",
}
WIDTH = 100
"""Columns where the output is no terminal."""

HIDDEN = frozenset(("Cc", "Cs", "Co", "Cn", "Zl", "Zp"))
DIRECTIONS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Characters that reorder a line: they can make code look like other code."""


@dataclass(frozen=True, slots=True)
class Style:
    """Paints text where `colour` is on; `width` is how many columns there are."""

    colour: bool = False
    width: int = WIDTH

    def paint(self, text: str, name: str) -> str:
        """*text* in the colour of *name*."""
        return f"\033[{CODES[name]}m{text}\033[0m" if self.colour and text else text


def printable(text: str) -> str:
    """Text as one line of a terminal can show it: no control characters; a tab becomes two spaces."""
    if text.isascii() and text.isprintable():
        return text
    return "".join("  " if character == "\t" else character if _shows(character) else "\ufffd" for character in text)


def _shows(character: str) -> bool:
    return unicodedata.category(character) not in HIDDEN and character not in DIRECTIONS


def columns(text: str) -> int:
    """How many columns a text takes on a terminal, a tab as two."""
    if text.isascii() and text.isprintable():
        return len(text)
    return sum(_columns(character) for character in text)


def _columns(character: str) -> int:
    if character == "\t" or unicodedata.east_asian_width(character) in "WF":
        return 2
    return 0 if unicodedata.category(character) in ("Mn", "Me", "Cf") and character not in DIRECTIONS else 1


def window(text: str, start: int, width: int) -> str:
    """What of a text stands in the columns from *start* on; an ellipsis stands for what is cut off."""
    text = printable(text)
    if start == 0 and len(text) <= width and columns(text) <= width:
        return text
    cells = text if text.isascii() else _cells(text)
    shown = list(cells[start : start + width])
    if start and shown:
        shown[0] = "…"
        if shown[1:] and not columns(shown[1]):
            shown[1] = " "
    if shown and len(cells) > start + width:
        if columns(shown[-1]):
            shown[-1] = "…"
        else:
            shown[-2:] = ["…", " "]
    return "".join(shown)


def _cells(text: str) -> list[str]:
    """A text by columns: a wide character is followed by a cell of no width, marks stand with what they are on."""
    cells: list[str] = []
    for character in text:
        size = _columns(character)
        if size:
            cells += [character, *[""] * (size - 1)]
        elif cells:
            cells[-1] += character
    return cells


def plural(number: int, word: str) -> str:
    """`1 root`, `2 roots`."""
    return f"{number:,} {word}{'' if number == 1 else 's'}"
