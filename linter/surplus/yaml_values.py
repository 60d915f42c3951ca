"""Events of the YAML parser to values with their places: keys, tags, anchors, aliases and merges.

What it refuses becomes a problem, and null or nothing stands in its place.
"""

import io
import re
from collections.abc import Callable, Iterator
from typing import Any

import yaml
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from surplus.model import Problem
from surplus.yaml_scalars import CONSTANTS, NUMBER_START, read_number, resolve
from surplus.yaml_spans import Place, Text, block_end, children_of, measure

MAX_ALIASED_NODES = 200_000
"""How many values aliases and merges may add to one file, so that a few lines cannot grow without end."""

MAX_DEPTH = 100
"""How deep mappings and lists may be nested, aliases followed."""

NO_TEXT_KEY = "a key must be text; quote it"

_PROPERTIES = re.compile(r"(?:[&!]\S*\s+)*")

_TAG = "tag:yaml.org,2002:"
_SCALAR_TAGS: dict[str, tuple[type, ...]] = {
    _TAG + "null": (type(None),),
    _TAG + "bool": (bool,),
    _TAG + "int": (int,),
    _TAG + "float": (int, float),
}

_LIST = object()  # stands for the key while a list is read
_SKIP = object()  # stands for a key that is not kept
_MERGE = object()  # stands for `<<`


# A collection that is being read: (start, anchor, whether its tag is refused, what `<<` merges into it), and
# what its parent waits with: values, places, key, start and end of the key.
_Open = tuple[Any, ...]


class DepthError(Exception):
    """Nesting beyond `MAX_DEPTH`, at an offset of the segment."""

    def __init__(self, offset: int) -> None:
        super().__init__(offset)
        self.offset = offset


class Builder:
    """Reads documents from parser events; what it refuses becomes a problem."""

    def __init__(self, text: str, path: str) -> None:
        self.path = path
        self.problems: list[Problem] = []
        self.at = Text(text, 0)
        self.anchors: dict[str, tuple[Any, Place, int, int]] = {}
        self.budget = MAX_ALIASED_NODES
        self.tags: set[str] = set()
        # Most files have none of these: their scalars need no further look.
        self.has_properties = "&" in text or "!" in text
        self.has_merges = "<<" in text

    def problem(self, message: str, start: int, end: int) -> None:
        """Note what is wrong between two offsets."""
        self.problems.append(Problem(message, self.path, self.at.span(start, end)))

    def documents(self, base: int) -> Iterator[tuple[Any, Place]]:
        """Every document from *base* on with its place, counted from there; raises `DepthError` and what the
        parser raises.
        """
        at = self.at = Text(self.at.text, base)
        events = iter(_events(at.text, base), None)
        for event in events:
            if event.__class__ is DocumentStartEvent:
                yield self.document(events)

    def document(self, events: Iterator[Any]) -> tuple[Any, Place]:
        """Read one document, from behind its start event to its end event."""
        self.anchors.clear()
        stack: list[_Open] = []
        values: Any = []
        places: Any = []
        key: Any = _LIST
        key_start = key_end = -1
        has_properties = self.has_properties
        value: Any
        place: Place
        for event in events:
            kind = event.__class__
            if kind is ScalarEvent:
                value = event.value
                start = event.start_mark.index
                end = event.end_mark.index
                if event.style or has_properties:
                    value, start, end = self.marked_scalar(event, start, end)
                elif value in CONSTANTS:
                    value = CONSTANTS[value]
                elif value[0] in NUMBER_START:
                    value = read_number(value)
                if key is None:
                    if value.__class__ is str and value != "<<" and value not in places:
                        key = value
                    else:
                        text = None if value is None else event.value
                        key = self.odd_key(places, text, start, end, event.implicit[0])
                    key_start = start
                    key_end = end
                    continue
                place = key_start, key_end, start, end
            elif kind is MappingStartEvent or kind is SequenceStartEvent:
                mapping = kind is MappingStartEvent
                start = event.start_mark.index
                if len(stack) >= MAX_DEPTH:
                    raise DepthError(start)
                refused = event.tag is not None and self.refuses(event, "map" if mapping else "seq")
                if event.anchor is not None or event.tag is not None:
                    start = self.after_properties(start)
                merges: list[Any] | None = [] if self.has_merges else None
                opened = start, event.anchor, refused, merges
                stack.append((opened, values, places, key, key_start, key_end))
                if mapping:
                    values, places, key = {}, {}, None
                else:
                    values, places, key = [], [], _LIST
                    key_start = key_end = -1
                continue
            elif kind is MappingEndEvent or kind is SequenceEndEvent:
                value, children = values, places
                (start, anchor, refused, merges), values, places, key, key_start, key_end = stack.pop()
                end = event.end_mark.index
                if end == event.start_mark.index:
                    end = block_end(start, children)
                if merges:
                    _merge(value, children, merges)
                if refused:
                    value = None
                place = key_start, key_end, start, end, children
                if anchor is not None:
                    self.anchors[anchor] = (value, place, *measure(place))
            elif kind is AliasEvent:
                value, found = self.follow(event, stack)
                place = key_start, key_end, *found
            else:  # the end of the document
                break

            if key.__class__ is str:
                values[key] = value
                places[key] = place
            elif key is _LIST:
                values.append(value)
                places.append(place)
                continue
            elif key is _MERGE:
                stack[-1][0][3].extend(self.merged(value, place))
            elif key is None:
                key_end = event.end_mark.index
                key_start = event.start_mark.index if kind is AliasEvent else start
                key = self.odd_key(places, value, key_start, key_end, False)
                continue
            key = None
        return values[0], places[0]

    def odd_key(self, places: dict[str, Place], key: Any, start: int, end: int, plain: bool) -> Any:
        """The key for what is not plainly new text; `_MERGE` for `<<`, `_SKIP` after a problem.

        Numbers and booleans keep their spelling: `1`, `on`.
        """
        if key == "<<" and plain:
            return _MERGE
        if not isinstance(key, str):
            self.problem(NO_TEXT_KEY, start, end)
            return _SKIP
        if key in places:
            line = self.at.span(*places[key][:2]).line
            self.problem(f"duplicate key `{_short(key)}`, first at line {line}; keep one", start, end)
            return _SKIP
        return key

    def merged(self, value: Any, place: Place) -> Iterator[tuple[dict[str, Any], Place]]:
        """The mappings that the value of `<<` names."""
        sources = [(value, place)]
        if isinstance(value, list):
            sources = list(zip(value, place[4], strict=True))
        for source, where in sources:
            if isinstance(source, dict):
                yield source, where if len(where) == 6 else (*where, *place[5:])
            elif source is not None:
                self.problem("`<<` takes a mapping or a list of mappings", place[2], place[3])

    def follow(self, event: Any, stack: list[_Open]) -> tuple[Any, Place]:
        """The value behind an alias and its place without a key; a problem and null where it is refused."""
        start, end, name = event.start_mark.index, event.end_mark.index, event.anchor
        found = self.anchors.get(name)
        if any(opened[0][1] == name for opened in stack):
            self.problem(f"alias `*{name}` stands inside its own anchor; write the value out", start, end)
        elif found is None:
            self.problem(f"alias `*{name}` has no anchor before it; define `&{name}`", start, end)
        else:
            value, place, nodes, levels = found
            if len(stack) + levels > MAX_DEPTH:
                self.problem(f"aliases nest deeper than {MAX_DEPTH} levels; flatten them", start, end)
            elif nodes <= self.budget:
                self.budget -= nodes
                return value, (*place[2:4], children_of(place), (start, end, name, nodes, levels))
            else:
                if self.budget >= 0:
                    message = f"aliases add more than {MAX_ALIASED_NODES:,} values to this file; use fewer"
                    self.problem(message, start, end)
                self.budget = -1
        return None, (start, end)

    def marked_scalar(self, event: Any, start: int, end: int) -> tuple[Any, int, int]:
        """Value, start and end of a scalar that is quoted or a block, or may have a tag or an anchor."""
        value: Any = event.value
        if event.style and event.style in "|>":
            end = start + len(self.at.slice(start, end).rstrip())
        if event.tag is not None or event.anchor is not None:
            start = min(self.after_properties(start), end)
        if event.tag is not None:
            value = self.tagged(event, start, end)
        elif event.implicit[0]:
            value = resolve(value)
        if event.anchor is not None:
            self.anchors[event.anchor] = value, (-1, -1, start, end), 1, 0
        return value, start, end

    def tagged(self, event: Any, start: int, end: int) -> Any:
        """The value of a scalar with a tag; null, with a problem, where the tag does not fit."""
        if self.refuses(event, "str", *_SCALAR_TAGS):
            return None
        allowed = _SCALAR_TAGS.get(event.tag)
        if allowed is None:
            return event.value
        value = resolve(event.value)
        if type(value) not in allowed:
            kind = event.tag.removeprefix(_TAG)
            self.problem(f"`{_short(event.value)}` cannot be read as `!!{kind}`", start, end)
            return None
        return float(value) if isinstance(value, int) and float in allowed else value

    def refuses(self, event: Any, *expected: str) -> bool:
        """Whether the tag of *event* is none of those *expected*; reported once for each tag."""
        tag: str = event.tag
        if tag == "!" or tag.removeprefix(_TAG) in expected or tag in expected:
            return False
        if tag not in self.tags:
            self.tags.add(tag)
            shown = "!!" + tag.removeprefix(_TAG) if tag.startswith(_TAG) else tag
            start = event.start_mark.index
            self.problem(f"tag `{_short(shown)}` is not supported; remove it", start, start + len(shown))
        return True

    def after_properties(self, start: int) -> int:
        """Where the value begins behind the anchor and the tag at *start*."""
        found = _PROPERTIES.match(self.at.text, self.at.base + start)
        return start if found is None else found.end() - self.at.base


def _events(text: str, base: int) -> Callable[[], Any]:
    """The function that gives the parser's next event for *text* from *base* on, None at the end."""
    # A stream is read in pieces, so that going on after an error does not copy the rest each time.
    stream: Any = text
    if base:
        stream = io.StringIO(text, newline="")
        stream.seek(base)
    parser: Any = yaml.CSafeLoader(stream) if yaml.__with_libyaml__ else yaml.SafeLoader(stream)
    get_event: Callable[[], Any] = parser.get_event
    return get_event


def _merge(values: dict[str, Any], places: dict[str, Place], merges: list[tuple[Any, Place]]) -> None:
    """Add what `<<` names; keys that are there stay, and an earlier merge wins."""
    for source, where in merges:
        for key, value in source.items():
            if key not in places:
                values[key] = value
                place = where[4][key]
                if len(where) == 6 and len(place) < 6:
                    place = (*place[:4], children_of(place), (*where[5][:3], 0, 0))
                places[key] = place


def _short(text: str) -> str:
    return text if len(text) <= 40 else text[:39] + "…"
