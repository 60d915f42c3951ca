"""YAML text to values, with the place of every key and value.

Values are what `kubectl` would see: its reader (sigs.k8s.io/yaml on go-yaml v2, resolve.go) decides how a
plain scalar reads. `yes`, `no`, `on`, `off`, `y`, `n` are booleans; `0x1f`, `0o17`, `017`, `0b11`, `1_000`
and `1e3` are numbers; dates, `12:30:45`, `.inf` and `.nan` are text; keys are text as they are spelt.
"""

import io
import math
import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
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
from yaml.reader import ReaderError

from surplus.model import Problem, Route, Span

MAX_ALIASED_NODES = 200_000
"""How many values aliases and merges may add to one file, so that a few lines cannot grow without end."""

MAX_DEPTH = 100
"""How deep mappings and lists may be nested, aliases followed."""

MAX_SYNTAX_ERRORS = 100
"""How many syntax errors of one file are told; what follows the last of them is not read."""

# The place of a value is a tuple: start and end of its key (-1 where it has none), start and end of the
# value; for a collection its children (a list of places, or {key: place}); behind an alias an `_Alias`.
# Offsets count code points from the start of the segment that was read; lines are made when asked for.
_Place = tuple[Any, ...]

_Alias = tuple[int, int, str, int, int]
"""Start and end of the text of an alias, the anchor's name, and how many values and levels it adds."""

_CONSTANTS: dict[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON", "y", "Y"), True),
    **dict.fromkeys(("false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF", "n", "N"), False),
}
_NUMBER_START = frozenset("0123456789+-.")
_INTEGER = re.compile(r"([-+]?)(?:0[xX]([0-9a-fA-F]+)|0[oO]?([0-7]+)|0[bB]([01]+)|(0|[1-9][0-9]*))")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_PROPERTIES = re.compile(r"(?:[&!]\S*\s+)*")
_UNREADABLE = re.compile("[^\t\n\r -~\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_DOCUMENT_LINE = re.compile(r"^---[ \t]*\r?$", re.MULTILINE)
_SOURCE = re.compile(r"^# Source: (\S.*?)[ \t\r]*$", re.MULTILINE)

_TAG = "tag:yaml.org,2002:"
_SCALAR_TAGS: dict[str, tuple[type, ...]] = {
    _TAG + "null": (type(None),),
    _TAG + "bool": (bool,),
    _TAG + "int": (int,),
    _TAG + "float": (int, float),
}


class _DepthError(Exception):
    """Nesting beyond `MAX_DEPTH`, at an offset of the segment."""

    def __init__(self, offset: int) -> None:
        super().__init__(offset)
        self.offset = offset


class _Text:
    """A text from *base* on; turns offsets counted from there into lines and columns of the whole text."""

    def __init__(self, text: str, base: int) -> None:
        self.text = text
        self.base = base

    @cached_property
    def _lines(self) -> list[int]:
        return [0, *(match.end() for match in re.finditer("\n", self.text))]

    def span(self, start: int, end: int) -> Span:
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
        return self.text[self.base + start : self.base + end]


def _children(place: _Place) -> Any:
    return place[4] if len(place) > 4 else None


def _child(place: _Place, key: str | int) -> _Place | None:
    children = _children(place)
    found: _Place | None = None
    if isinstance(children, dict):
        found = children.get(key)
    elif isinstance(children, list) and isinstance(key, int) and 0 <= key < len(children):
        found = children[key]
    return found


class _Spans(Mapping[Route, Span]):
    """The span of every value, or of every key, by route; made when it is asked for."""

    def __init__(self, text: _Text, top: _Place, *, of_keys: bool) -> None:
        self._text = text
        self._top = top
        self._of_keys = of_keys

    def __getitem__(self, route: Route) -> Span:
        place: _Place | None = self._top
        for key in route:
            place = _child(place, key) if place is not None else None
        if place is None or (self._of_keys and place[0] < 0):
            raise KeyError(route)
        return self._text.span(*(place[:2] if self._of_keys else place[2:4]))

    def __iter__(self) -> Iterator[Route]:
        pending: list[tuple[Route, _Place]] = [((), self._top)]
        while pending:
            route, place = pending.pop()
            if place[0] >= 0 or not self._of_keys:
                yield route
            children = _children(place)
            if children is not None:
                pairs = children.items() if isinstance(children, dict) else enumerate(children)
                pending.extend(((*route, key), child) for key, child in reversed(list(pairs)))

    def __len__(self) -> int:
        return sum(1 for _ in self)


@dataclass(frozen=True, slots=True)
class Document:
    """One document of a YAML text.

    `value` holds dict (text keys), list, str, int, float, bool and None. `spans` gives the span of each value
    by route, `()` the whole document; `keys` the span of the key that introduces an entry of a mapping, by
    the entry's route. What stands behind an alias or a merge has the spans of the anchored text. `source` is
    the path in a `# Source: ` comment before the content, as `helm template` writes it.
    """

    value: Any
    spans: Mapping[Route, Span]
    keys: Mapping[Route, Span]
    source: str | None
    _text: _Text
    _top: _Place

    def locate(self, route: Route) -> tuple[Span, bool]:
        """The span of the value at *route* and True; where it is not written, a span to show and False.

        That span is the key of the nearest written ancestor; the first line of a list item; and for the
        document itself its first key.
        """
        place = self._top
        for key in route:
            child = _child(place, key)
            if child is None:
                break
            place = child
        else:
            if place[2] < place[3]:
                return self._text.span(place[2], place[3]), True
        children = _children(place)
        if place is self._top and isinstance(children, dict) and children:
            place = next(iter(children.values()))
        if place[0] >= 0:
            return self._text.span(place[0], place[1]), False
        return self._text.first_line(place[2], place[3]), False

    def alias(self, route: Route) -> tuple[Span, str] | None:
        """The alias (or merge) through which *route* first leads, and the name of its anchor."""
        place = self._top
        for key in route:
            child = _child(place, key)
            if child is None:
                return None
            place = child
            if len(place) == 6:
                start, end, name, _, _ = place[5]
                return self._text.span(start, end), name
        return None


def read_documents(text: str, path: str) -> tuple[list[Document], list[Problem]]:
    """Every document of *text* that is not empty, and what is wrong, each with its place in *path*.

    After a syntax error reading goes on at the next line that is `---`. Of two equal keys the first is kept.
    Never raises.
    """
    text = text.removeprefix("\ufeff")
    try:
        return _read(text, path)
    except (ReaderError, UnicodeEncodeError):
        # Replaced by a sign of the same length, the rest of the file can be read with its places.
        documents, problems = _read(_UNREADABLE.sub("\ufffd", text), path)
        found = _UNREADABLE.search(text)
        if found is not None:
            span = _Text(text, 0).span(found.start(), found.end())
            character = f"character U+{ord(found[0]):04X}"
            problem = Problem(f"{character} is not allowed in YAML; remove it or write an escape", path, span)
            problems.insert(0, problem)
        return documents, problems


def _read(text: str, path: str) -> tuple[list[Document], list[Problem]]:
    documents: list[Document] = []
    builder = _Builder(text, path)
    base = 0
    for _ in range(MAX_SYNTAX_ERRORS):
        stop = builder.read(base, documents)
        if stop is None:
            break
        resume = _DOCUMENT_LINE.search(text, stop)
        if resume is not None and resume.start() <= base:
            # The `---` that begins the broken segment: from there it would be read again for ever.
            resume = _DOCUMENT_LINE.search(text, base + 3)
        if resume is None:
            break
        base = resume.start()
    builder.problems.sort(key=lambda problem: problem.span or Span(1, 1, 1, 1))
    return documents, builder.problems


_LIST = object()  # stands for the key while a list is read
_SKIP = object()  # stands for a key that is not kept
_MERGE = object()  # stands for `<<`


# A collection that is being read: (start, anchor, whether its tag is refused, what `<<` merges into it), and
# what its parent waits with: values, places, key, start and end of the key.
_Open = tuple[Any, ...]


class _Builder:
    """Reads documents from parser events; what it refuses becomes a problem."""

    def __init__(self, text: str, path: str) -> None:
        self.path = path
        self.problems: list[Problem] = []
        self.at = _Text(text, 0)
        self.anchors: dict[str, tuple[Any, _Place, int, int]] = {}
        self.budget = MAX_ALIASED_NODES
        self.tags: set[str] = set()
        # Most files have none of these: their scalars need no further look.
        self.has_properties = "&" in text or "!" in text
        self.has_merges = "<<" in text
        self.has_sources = "# Source: " in text

    def problem(self, message: str, start: int, end: int) -> None:
        self.problems.append(Problem(message, self.path, self.at.span(start, end)))

    def read(self, base: int, documents: list[Document]) -> int | None:
        """Read from *base* to the end (None), or to the offset of a syntax error."""
        at = self.at = _Text(self.at.text, base)
        events = iter(_events(at.text, base), None)
        previous = 0
        try:
            for event in events:
                if event.__class__ is not DocumentStartEvent:
                    continue
                value, place = self.document(events)
                if value is not None:
                    spans, keys = _Spans(at, place, of_keys=False), _Spans(at, place, of_keys=True)
                    source = self.source(previous, place[2])
                    documents.append(Document(value, spans, keys, source, at, place))
                previous = place[3]
        except _DepthError as error:
            self.problem(f"nested deeper than {MAX_DEPTH} levels; flatten it", error.offset, error.offset + 1)
            return base + error.offset
        except yaml.MarkedYAMLError as error:
            mark, context = error.problem_mark, error.context_mark
            stop = 0 if mark is None else mark.index
            # What was opened and not closed is shown where it begins, not where its end was missed.
            opened = (error.context or "").endswith(("simple key", "quoted scalar"))
            shown = context.index if context is not None and (opened or self.is_end(stop)) else stop
            self.problem(_explain(error), shown, shown + 1)
            return base + stop
        return None

    def is_end(self, offset: int) -> bool:
        return self.at.base + offset >= len(self.at.text.rstrip())

    def source(self, start: int, end: int) -> str | None:
        """The path in the last `# Source: ` comment between two offsets."""
        if not self.has_sources:
            return None
        found = _SOURCE.findall(self.at.text, self.at.base + start, self.at.base + end)
        return found[-1] if found else None

    def document(self, events: Iterator[Any]) -> tuple[Any, _Place]:
        """Read one document, from behind its start event to its end event."""
        self.anchors.clear()
        stack: list[_Open] = []
        values: Any = []
        places: Any = []
        key: Any = _LIST
        key_start = key_end = -1
        has_properties = self.has_properties
        value: Any
        place: _Place
        for event in events:
            kind = event.__class__
            if kind is ScalarEvent:
                value = event.value
                start = event.start_mark.index
                end = event.end_mark.index
                if event.style or has_properties:
                    value, start, end = self.marked_scalar(event, start, end)
                elif value in _CONSTANTS:
                    value = _CONSTANTS[value]
                elif value[0] in _NUMBER_START:
                    value = _number(value)
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
                    raise _DepthError(start)
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
                    end = _block_end(start, children)
                if merges:
                    _merge(value, children, merges)
                if refused:
                    value = None
                place = key_start, key_end, start, end, children
                if anchor is not None:
                    self.anchors[anchor] = (value, place, *_measure(place))
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
                key_start, key_end = event.start_mark.index, event.end_mark.index
                key = self.odd_key(places, value, key_start, key_end, False)
                continue
            key = None
        return values[0], places[0]

    def odd_key(self, places: dict[str, _Place], key: Any, start: int, end: int, plain: bool) -> Any:
        """The key for what is not plainly new text; `_MERGE` for `<<`, `_SKIP` after a problem.

        Numbers and booleans keep their spelling: `1`, `on`.
        """
        if key == "<<" and plain:
            return _MERGE
        if not isinstance(key, str):
            self.problem("a key must be text; quote it", start, end)
            return _SKIP
        if key in places:
            line = self.at.span(*places[key][:2]).line
            self.problem(f"duplicate key `{_short(key)}`, first at line {line}; keep one", start, end)
            return _SKIP
        return key

    def merged(self, value: Any, place: _Place) -> Iterator[tuple[dict[str, Any], _Place]]:
        """The mappings that the value of `<<` names."""
        sources = [(value, place)]
        if isinstance(value, list):
            sources = list(zip(value, place[4], strict=True))
        for source, where in sources:
            if isinstance(source, dict):
                yield source, where if len(where) == 6 else (*where, *place[5:])
            elif source is not None:
                self.problem("`<<` takes a mapping or a list of mappings", place[2], place[3])

    def follow(self, event: Any, stack: list[_Open]) -> tuple[Any, _Place]:
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
                return value, (*place[2:4], _children(place), (start, end, name, nodes, levels))
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


def resolve(text: str) -> bool | int | float | str | None:
    """What the plain scalar *text* means: null, a boolean, a number, else the text itself."""
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    return _number(text) if text[0] in _NUMBER_START else text


def _number(text: str) -> int | float | str:
    digits = text if text[0] == "." else text.replace("_", "")
    number = _INTEGER.fullmatch(digits)
    if number is not None:
        sign, hexadecimal, octal, binary, decimal = number.groups()
        raw = hexadecimal or octal or binary or decimal
        # 64 bits, as in Go; beyond them a decimal number becomes a float.
        if len(raw) <= 64:
            value = int(raw, 16 if hexadecimal else 8 if octal else 2 if binary else 10)
            if value < 1 << 63 or (value < 1 << 64 and sign != "-"):
                return -value if sign == "-" else value
    if _FLOAT.fullmatch(digits) and math.isfinite(approximate := float(digits)):
        return approximate
    return text


def _block_end(start: int, children: Any) -> int:
    """Where a collection in block style ends: with its last child."""
    if not children:
        return start
    last = children[-1] if children.__class__ is list else children[next(reversed(children))]
    end: int = last[5][1] if len(last) == 6 else last[3]
    return max(start, end)


def _merge(values: dict[str, Any], places: dict[str, _Place], merges: list[tuple[Any, _Place]]) -> None:
    """Add what `<<` names; keys that are there stay, and an earlier merge wins."""
    for source, where in merges:
        for key, value in source.items():
            if key not in places:
                values[key] = value
                place = where[4][key]
                if len(where) == 6 and len(place) < 6:
                    place = (*place[:4], _children(place), (*where[5][:3], 0, 0))
                places[key] = place


def _measure(place: _Place) -> tuple[int, int]:
    """How many values a place holds, and how many levels, aliases followed."""
    if len(place) == 6 and place[5][3]:
        return place[5][3], place[5][4]
    children = _children(place)
    if children is None:
        return 1, 0
    nodes, levels = 1, 0
    for child in children.values() if isinstance(children, dict) else children:
        more, deeper = _measure(child)
        nodes += more
        levels = max(levels, deeper)
    return nodes, levels + 1


# Part of libyaml's words, then ours.
_EXPLANATIONS = (
    (
        "cannot start any token",
        "a tab or a reserved character starts a value; indent with spaces or quote it",
    ),
    (
        "mapping values are not allowed",
        "a `:` where no key can be; correct the indentation or quote the value",
    ),
    ("could not find expected ':'", "a key without `:`; add it, or indent a line that goes on"),
    ("did not find expected key", "the indentation does not fit, or a `:` is missing; align it"),
    ("did not find expected '-' indicator", "the indentation does not fit the list above; align it"),
    ("did not find expected ',' or", "a `,` or a closing bracket is missing; add it"),
    ("block sequence entries are not allowed", "a list item where none can be; start it on its own line"),
    ("unexpected end of stream", "a quote or a bracket is not closed; close it"),
    ("unexpected document indicator", "a quote is not closed before the next document; close it"),
    ("escape", "an escape that YAML does not have; double the backslash or use single quotes"),
)


def _explain(error: yaml.MarkedYAMLError) -> str:
    problem = " ".join(part for part in (error.problem, error.context) if part)
    for text, explanation in _EXPLANATIONS:
        if text in problem:
            return f"not valid YAML: {explanation}"
    return f"not valid YAML: {problem}; correct it here"


def _short(text: str) -> str:
    return text if len(text) <= 40 else text[:39] + "…"
