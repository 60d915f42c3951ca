"""Colour for a terminal: a few ANSI codes, or none."""

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


@dataclass(frozen=True, slots=True)
class Style:
    """Paints text where `colour` is on."""

    colour: bool = False

    def paint(self, text: str, name: str) -> str:
        """*text* in the colour of *name*."""
        return f"\033[{CODES[name]}m{text}\033[0m" if self.colour and text else text
