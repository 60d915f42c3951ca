"""Lines and columns of a text. Only a newline ends a line; a carriage return before it is not of the line."""

from bisect import bisect_right

from surplus.model import Span


class Lines:
    """Turns character offsets into lines and columns, both from 1 on, counted in code points."""

    __slots__ = ("_starts", "_text")

    def __init__(self, text: str) -> None:
        self._text = text
        self._starts: list[int] | None = None

    def span(self, start: int, end: int) -> Span:
        """The span from offset *start* up to but without *end*."""
        starts = self._table()
        line = bisect_right(starts, start)
        end_line = bisect_right(starts, end, lo=line - 1)
        return Span(line, start - starts[line - 1] + 1, end_line, end - starts[end_line - 1] + 1)

    def offset(self, line: int, column: int) -> int:
        """The offset of a place; the end of the text for one behind it."""
        starts = self._table()
        return min(starts[line - 1] + column - 1, len(self._text)) if line <= len(starts) else len(self._text)

    def line(self, number: int) -> str:
        """The text of line *number* without what ends it; "" where there is no such line."""
        starts = self._table()
        if not 1 <= number <= len(starts):
            return ""
        end = starts[number] - 1 if number < len(starts) else len(self._text)
        return self._text[starts[number - 1] : end].removesuffix("\r")

    def _table(self) -> list[int]:
        if self._starts is None:
            starts = [0]
            found = self._text.find("\n")
            while found >= 0:
                starts.append(found + 1)
                found = self._text.find("\n", found + 1)
            self._starts = starts
        return self._starts
