"""Where the values of a YAML text stand: offsets kept while reading, lines and columns made when asked for."""

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

from surplus.model import Route, Span

Place = tuple[Any, ...]
"""The place of a value: start and end of its key (-1 where it has none), start and end of the value; for a
collection its children (a list of places, or {key: place}); behind an alias an `Alias`.

Offsets count code points from the start of the segment that was read.
"""

Alias = tuple[int, int, str, int, int]
"""Start and end of the text of an alias, the anchor's name, and how many values and levels it adds."""


class Text:
    """A text from *base* on; turns offsets counted from there into lines and columns of the whole text."""

    def __init__(self, text: str, base: int) -> None:
        self.text = text
        self.base = base

    @cached_property
    def _lines(self) -> list[int]:
        return [0, *(match.end() for match in re.finditer("\n", self.text))]

    def span(self, start: int, end: int) -> Span:
        """The span from *start* to *end*."""
        line, column = self._position(start)
        end_line, end_column = self._position(max(start, end))
        return Span(line, column, end_line, end_column)

    def _position(self, offset: int) -> tuple[int, int]:
        offset = min(offset + self.base, len(self.text))
        line = bisect_right(self._lines, offset)
        return line, offset - self._lines[line - 1] + 1

    def first_line(self, start: int, end: int) -> Span:
        """The span from *start* to *end*, cut at the end of its first line."""
        line_end = self.text.find("\n", start + self.base)
        stop = end if line_end < 0 else min(end, line_end - self.base)
        return self.span(start, start + len(self.slice(start, stop).rstrip()))

    def slice(self, start: int, end: int) -> str:
        """The text from *start* to *end*."""
        return self.text[self.base + start : self.base + end]


def children_of(place: Place) -> Any:
    """The places in a collection, by index or by key; None for a scalar."""
    return place[4] if len(place) > 4 else None


def child_at(place: Place, key: str | int) -> Place | None:
    """The place of the value at *key*, None where there is none."""
    children = children_of(place)
    found: Place | None = None
    if isinstance(children, dict):
        found = children.get(key)
    elif isinstance(children, list) and isinstance(key, int) and 0 <= key < len(children):
        found = children[key]
    return found


class Spans(Mapping[Route, Span]):
    """The span of every value, or of every key, by route; made when it is asked for."""

    def __init__(self, text: Text, top: Place, *, of_keys: bool) -> None:
        self._text = text
        self._top = top
        self._of_keys = of_keys

    def __getitem__(self, route: Route) -> Span:
        place: Place | None = self._top
        for key in route:
            place = child_at(place, key) if place is not None else None
        if place is None or (self._of_keys and place[0] < 0):
            raise KeyError(route)
        return self._text.span(*(place[:2] if self._of_keys else place[2:4]))

    def __iter__(self) -> Iterator[Route]:
        pending: list[tuple[Route, Place]] = [((), self._top)]
        while pending:
            route, place = pending.pop()
            if place[0] >= 0 or not self._of_keys:
                yield route
            children = children_of(place)
            if children is not None:
                pairs = children.items() if isinstance(children, dict) else enumerate(children)
                pending.extend(((*route, key), child) for key, child in reversed(list(pairs)))

    def __len__(self) -> int:
        return sum(1 for _ in self)


def block_end(start: int, children: Any) -> int:
    """Where a collection in block style ends: with its last child."""
    if not children:
        return start
    last = children[-1] if children.__class__ is list else children[next(reversed(children))]
    end: int = last[5][1] if len(last) == 6 else last[3]
    return max(start, end)


def measure(place: Place) -> tuple[int, int]:
    """How many values a place holds, and how many levels, aliases followed."""
    if len(place) == 6 and place[5][3]:
        return place[5][3], place[5][4]
    children = children_of(place)
    if children is None:
        return 1, 0
    nodes, levels = 1, 0
    for child in children.values() if isinstance(children, dict) else children:
        more, deeper = measure(child)
        nodes += more
        levels = max(levels, deeper)
    return nodes, levels + 1
