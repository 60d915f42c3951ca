"""YAML text to values, with the place of every key and value.

Values are what `kubectl` would see: `yaml_scalars` says how a plain scalar reads. Keys are text as they are spelt.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import yaml
from yaml.reader import ReaderError

from surplus.model import Problem, Route, Span
from surplus.yaml_spans import Place, Spans, Text, child_at, children_of
from surplus.yaml_values import MAX_DEPTH, Builder, DepthError

BYTE_ORDER_MARK = "\ufeff"
NOT_VALID = ("not valid YAML", "not valid JSON")
"""How the message of every syntax error begins; the latter in files with JSON's suffix."""

MARK_INSIDE = "a byte order mark (U+FEFF) inside the text; remove it"

MAX_PARTS = 100
"""How many syntax errors of one file are told, and JSON objects without a List read; what follows is not read."""

SOURCE_COMMENT = r"# Source: ([^\s:]+/(?:templates|crds)/[^\r\n]*[^\s])[ \t\r]*$"
"""What Helm writes above each document that it rendered: the template, with the names of the charts it is in."""

_NO_START = "did not find expected <document start>"
_UNREADABLE = re.compile("[^\t\n\r -~\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F][0-9a-fA-F]{2}")
_DOCUMENT_LINE = re.compile(r"^---[ \t]*\r?$", re.MULTILINE)
_SOURCE = re.compile(rf"^{SOURCE_COMMENT}", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Document:
    """One document of a YAML text.

    `value` holds dict (text keys), list, str, int, float, bool and None. `spans` gives the span of each value
    by route, `()` the whole document; `keys` the span of the key that introduces an entry of a mapping, by
    the entry's route. What stands behind an alias or a merge has the spans of the anchored text. `source` is
    the template in a `# Source: ` comment before the content, as `helm template` writes it.
    """

    value: Any
    spans: Mapping[Route, Span]
    keys: Mapping[Route, Span]
    source: str | None
    _text: Text
    _top: Place

    def locate(self, route: Route) -> tuple[Span, bool]:
        """The span of the value at *route* and True; where it is not written, a span to show and False.

        That span is the key of the nearest written ancestor; the first line of a list item; and for the
        document itself its first key.
        """
        place = self._top
        for key in route:
            child = child_at(place, key)
            if child is None:
                break
            place = child
        else:
            if place[2] < place[3]:
                return self._text.span(place[2], place[3]), True
        children = children_of(place)
        if place is self._top and isinstance(children, dict) and children:
            place = next(iter(children.values()))
        if place[0] >= 0:
            return self._text.span(place[0], place[1]), False
        return self._text.first_line(place[2], place[3]), False

    def alias(self, route: Route) -> tuple[Span, str] | None:
        """The alias (or merge) through which *route* first leads, and the name of its anchor."""
        place = self._top
        for key in route:
            child = child_at(place, key)
            if child is None:
                return None
            place = child
            if len(place) == 6:
                start, end, name, _, _ = place[5]
                return self._text.span(start, end), name
        return None


def read_documents(text: str, path: str) -> tuple[list[Document], list[Problem]]:
    """Every document of *text* that is not empty, and what is wrong, each with its place in *path*.

    After a syntax error reading goes on at the next line that is `---`. Of two equal keys the first is kept. JSON
    objects may follow each other with nothing between them, as `kubectl` reads them. Never raises.
    """
    text = text.removeprefix(BYTE_ORDER_MARK)
    if text.lstrip().startswith(("{", "[")):
        # JSON writes one sign as two escapes, which YAML refuses; a sign of the same length stands for each.
        text = _SURROGATE.sub(r"\\ufffd", text)
    try:
        return _read(text, path)
    except (ReaderError, UnicodeEncodeError):
        # Replaced by a sign of the same length, the rest of the file can be read with its places.
        documents, problems = _read(_UNREADABLE.sub("\ufffd", text), path)
        found = _UNREADABLE.search(text)
        if found is not None:
            span = Text(text, 0).span(found.start(), found.end())
            character = f"character U+{ord(found[0]):04X}"
            problem = Problem(f"{character} is not allowed in YAML; remove it or write an escape", path, span)
            problems.insert(0, problem)
        return documents, problems


def _read(text: str, path: str) -> tuple[list[Document], list[Problem]]:
    reader = _Reader(text, path)
    base = 0
    for _ in range(MAX_PARTS):
        stop = reader.read(base)
        if stop is None:
            break
        if reader.next_object:
            base = stop
            continue
        resume = _DOCUMENT_LINE.search(text, stop)
        if resume is not None and resume.start() <= base:
            # The `---` that begins the broken segment: from there it would be read again for ever.
            resume = _DOCUMENT_LINE.search(text, base + 3)
        if resume is None:
            break
        base = resume.start()
    else:
        if reader.next_object:
            limit = f"more than {MAX_PARTS} JSON objects follow each other (MAX_PARTS); put them into a List"
            start = base - reader.builder.at.base
            reader.builder.problem(limit, start, start + 1)
    problems = sorted(reader.builder.problems, key=lambda problem: problem.span or Span(1, 1, 1, 1))
    return reader.documents, problems


class _Reader:
    """Reads a text in segments, from one syntax error to the next."""

    def __init__(self, text: str, path: str) -> None:
        self.builder = Builder(text, path)
        self.documents: list[Document] = []
        self.next_object = False
        # Most files have none: they need no further look.
        self.has_sources = "# Source: " in text

    def read(self, base: int) -> int | None:
        """Read from *base* to the end (None), or to the offset of a syntax error, or of the JSON object that follows
        another: then `next_object` is set.
        """
        builder = self.builder
        previous = 0
        self.next_object = False
        try:
            for value, place in builder.documents(base):
                at = builder.at
                if value is not None:
                    spans, keys = Spans(at, place, of_keys=False), Spans(at, place, of_keys=True)
                    source = self.source(previous, place[2])
                    self.documents.append(Document(value, spans, keys, source, at, place))
                previous = place[3]
        except DepthError as error:
            builder.problem(f"nested deeper than {MAX_DEPTH} levels; flatten it", error.offset, error.offset + 1)
            return base + error.offset
        except yaml.MarkedYAMLError as error:
            mark, context = error.problem_mark, error.context_mark
            stop = 0 if mark is None else mark.index
            if error.problem == _NO_START and self.between_objects(base, stop):
                self.next_object = True
                return base + stop
            # What was opened and not closed is shown where it begins, not where its end was missed.
            opened = (error.context or "").endswith(("simple key", "quoted scalar"))
            shown = context.index if context is not None and (opened or self.is_end(stop)) else stop
            inside = self.mark_inside(stop)
            what = _explain(error)
            if inside >= 0:
                what, shown = MARK_INSIDE, inside
            builder.problem(f"{NOT_VALID[builder.path.endswith('.json')]}: {what}", shown, shown + 1)
            return base + stop
        return None

    def between_objects(self, base: int, offset: int) -> bool:
        """Whether an object of JSON begins at *offset* of the segment from *base* on, and one has just ended."""
        text, end = self.builder.at.text, base + offset
        return offset > 0 and text.startswith("{", end) and text[base:end].rstrip().endswith("}")

    def mark_inside(self, stop: int) -> int:
        """The offset of a byte order mark that begins a line of the document which ends at *stop*; -1 without one.

        Files that were put one after the other have them; the parser takes them for indentation.
        """
        before = self.builder.at.slice(0, stop)
        found = before.rfind(f"\n{BYTE_ORDER_MARK}")
        return found + 1 if found >= 0 and before.rfind("\n---") <= found else -1

    def is_end(self, offset: int) -> bool:
        return self.builder.at.base + offset >= len(self.builder.at.text.rstrip())

    def source(self, start: int, end: int) -> str | None:
        """The path in the last `# Source: ` comment between two offsets."""
        if not self.has_sources:
            return None
        found = _SOURCE.findall(self.builder.at.text, self.builder.at.base + start, self.builder.at.base + end)
        return found[-1] if found else None


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
    (_NO_START, "a document begins without a line `---` before it; add it"),
    ("unexpected end of stream", "a quote or a bracket is not closed; close it"),
    ("unexpected document indicator", "a quote is not closed before the next document; close it"),
    ("escape", "an escape that YAML does not have; double the backslash or use single quotes"),
)


def _explain(error: yaml.MarkedYAMLError) -> str:
    problem = " ".join(part for part in (error.problem, error.context) if part)
    for text, explanation in _EXPLANATIONS:
        if text in problem:
            return explanation
    return f"{problem}; correct it here"
