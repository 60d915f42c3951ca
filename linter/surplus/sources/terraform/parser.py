"""Runs the grammar's LALR table over the tokens of a file, and goes on behind what it cannot read.

Every line of a file that begins while nothing is open begins a new item, so each block is parsed by itself:
one that is wrong costs only itself.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from surplus.model import Problem, Span
from surplus.sources.terraform import grammar
from surplus.sources.terraform.builders import BUILDERS
from surplus.sources.terraform.lexer import Notes, ParseError, Token, found_at, tokens
from surplus.sources.terraform.nodes import MAX_CHAIN, Node, depth_exceeds
from surplus.text import Lines

Rule = tuple[int, str, Any, tuple[int, ...], bool]

MAX_FAULTS = 100
"""After this many syntax errors the rest of a file is not read."""

_TOP_LEVEL = re.compile(
    r"^(?:action|check|data|ephemeral|import|list|locals|module|moved|output|provider|removed|resource|run"
    r'|terraform|variable|variables|mock_provider)(?=[ \t]*\{|[ \t]*"|[ \t]+\w+[ \t]*["{])',
    re.MULTILINE,
)
_TOP_LEVEL_VALUE = re.compile(r"^[^\W\d][\w-]*(?=[ \t]*=[^=>])", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class ParsedFile:
    """A file's syntax tree: `body` holds its `attr` and `block` nodes, described in `nodes`.

    Offsets index into `text`, which is without a byte order mark. `comments` are the places of the comments.
    """

    path: str
    text: str
    body: tuple[Node, ...]
    comments: tuple[tuple[int, int], ...]
    problems: tuple[Problem, ...]
    is_json: bool
    _lines: Lines = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_lines", Lines(self.text))

    def span(self, start: int, end: int) -> Span:
        """The lines and columns of the text from offset *start* up to but without *end*."""
        return self._lines.span(start, end)


def parse(text: str, path: str) -> ParsedFile:
    """The syntax tree of a file in the native syntax; what cannot be read is among its problems."""
    text, faults = clean(text)
    body: list[Node] = []
    notes = Notes(text)
    resume = _TOP_LEVEL_VALUE if path.endswith(".tfvars") else _TOP_LEVEL
    position: int | None = 0
    read = 0
    while position is not None:
        try:
            for item in _items(tokens(notes, position), notes):
                body.extend(_checked(item, text, faults))
            break
        except ParseError as fault:
            faults.append(fault)
            # Finding where to go on may mean reading a stretch again, once for each thing never closed.
            read += notes.offset - position
            following = resume.search(text, fault.start + 1)
            position = following.start() if following else None
            if position is not None and (len(faults) > MAX_FAULTS or read > 4 * len(text) + 100_000):
                faults.append(ParseError(position, position + 1, "too much is wrong before this; the rest is not read"))
                break
            while position is not None and notes.comments and notes.comments[-1][0] >= position:
                notes.comments.pop()
    return parsed_file(path, text, body, notes.comments, faults, is_json=False)


def parsed_file(
    path: str,
    text: str,
    body: Iterable[Node],
    comments: Iterable[tuple[int, int]],
    faults: Iterable[ParseError],
    *,
    is_json: bool,
) -> ParsedFile:
    """The result of parsing: faults become problems, in the order of their places."""
    lines = Lines(text)
    problems = tuple(
        Problem(fault.message, path, lines.span(fault.start, max(fault.start, min(fault.end, len(text)))))
        for fault in sorted(faults, key=lambda fault: fault.start)
    )
    return ParsedFile(path, text, tuple(body), tuple(comments), problems, is_json)


def clean(text: str) -> tuple[str, list[ParseError]]:
    """*text* without a byte order mark, with U+FFFD for what is no character and a fault for the first."""
    text = text.removeprefix("\ufeff")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        fault = ParseError(error.start, error.start + 1, "this is not UTF-8; save the file as UTF-8")
        return re.sub("[\ud800-\udfff]", "\ufffd", text), [fault]
    return text, []


def parse_string(text: str, start: int, end: int, *, template: bool) -> Node:
    """The node of *text* as a template, its escapes resolved already, or else as an expression on one line.

    The text stands somewhere else in another form, so every node gets the one place from *start* to *end*.
    Raises `ParseError`, whose offsets mean nothing.
    """
    notes = Notes(text)
    found = tokens(notes, 0, "<<" if template else "")

    def attribute() -> Iterator[Token]:
        yield "NAME", ("id", start, end, "")
        yield "EQ", end
        yield from _placed(found, start, end)

    nodes = [node for item in _items(attribute(), notes) for node in item]
    if len(nodes) != 1 or nodes[0][0] != "attr":
        raise ParseError(0, 0, "expected one value")
    value: Node = nodes[0][4]
    return value


def _placed(found: Iterable[Token], start: int, end: int) -> Iterator[Token]:
    """The tokens with their offsets replaced by *start* and *end*."""
    for symbol, value in found:
        if value.__class__ is int:
            yield symbol, start if symbol in ("LBRACE", "LPAR", "LSQB") else end
        elif value.__class__ is not tuple:
            yield symbol, value
        elif symbol == "DBLQUOTE":
            yield symbol, (value[0], start)
        elif value[0].__class__ is int:
            yield symbol, (start, end, *value[2:])
        else:
            yield symbol, (value[0], start, end, *value[3:])


def _checked(item: tuple[Node, ...], text: str, faults: list[ParseError]) -> tuple[Node, ...]:
    """*item*, a body, without attributes that are there already; notes them, and items on one line."""
    names: set[str] = set()
    kept: list[Node] = []
    end = -1
    for node in item:
        if end >= 0 and text.find("\n", end, node[1]) < 0:
            faults.append(
                ParseError(node[1], node[1] + len(node[3]), "expected a new line before this; write it on one")
            )
        end = node[2]
        if node[0] == "block":
            body = _checked(node[5], text, faults)
            kept.append(node if body is node[5] else (*node[:5], body, node[6]))
        elif node[3] in names:
            message = f'"{node[3]}" is set twice here; the first one counts, remove one of them'
            faults.append(ParseError(node[1], node[1] + len(node[3]), message))
        else:
            names.add(node[3])
            kept.append(node)
    same = len(kept) == len(item) and all(map(lambda a, b: a is b, kept, item))
    return item if same else tuple(kept)


@cache
def _machine() -> tuple[list[dict[str, int]], list[Rule]]:
    """The table's states, and its rules as `(size, origin, builder or None for a list, spread, unit)`."""
    table = grammar.load_table(BUILDERS.keys())
    rules = [
        (size, origin, None if origin.startswith("__") or unit else BUILDERS[name], tuple(spread), unit)
        for origin, name, size, spread, unit in table["rules"]
    ]
    return table["states"], rules


_climbed: dict[tuple[int, int, str], int] = {}
"""Where a series of units (a literal is a term is a sum is an expression) leads: a property of the table."""


def _items(found: Iterable[Token], notes: Notes) -> Iterator[tuple[Node, ...]]:
    """The nodes between one `$END` token and the next; raises `ParseError` at a token that has no place."""
    act, rules = _machine()
    states = [0]
    values: list[Any] = []
    for symbol, value in found:
        if symbol == grammar.END and not values:
            continue
        while True:
            state = states[-1]
            action = act[state].get(symbol)
            if action is None:
                raise _misplaced(symbol, act[state], notes)
            if action >= 0:
                states.append(action)
                values.append(value)
                break
            size, origin, build, spread, unit = rules[~action]
            if unit:
                if origin == "start":
                    item = values[0]
                    if notes.long:
                        _check_depth(item)
                        notes.long = False
                    yield item
                    states = [0]
                    values = []
                    break
                below = states[-2]
                key = (below, state, symbol)
                above = _climbed.get(key)
                if above is None:
                    above = _climb(act, rules, key, act[below][origin])
                states[-1] = above
                continue
            children = values[-size:] if size else []
            if size:
                del values[-size:], states[-size:]
            if spread:
                children = _spread(children, spread)
            values.append(build(children) if build else children)
            states.append(act[states[-1]][origin])


def _climb(act: list[dict[str, int]], rules: list[Rule], key: tuple[int, int, str], above: int) -> int:
    """The state where *above* leads without a child of more than one part; remembered under *key*."""
    below, _, symbol = key
    while True:
        action = act[above].get(symbol, 0)
        if action >= 0 or not rules[~action][4] or rules[~action][1] == "start":
            break
        above = act[below][rules[~action][1]]
    _climbed[key] = above
    return above


def _spread(children: list[Any], places: tuple[int, ...]) -> list[Any]:
    """*children* with the lists at *places* replaced by what they hold."""
    if places == (0,):
        first: list[Any] = children[0]
        first.extend(children[1:])
        return first
    flat: list[Any] = []
    for place, child in enumerate(children):
        if place in places:
            flat.extend(child)
        else:
            flat.append(child)
    return flat


def _check_depth(item: tuple[Node, ...]) -> None:
    for node in item:
        if depth_exceeds(node, MAX_CHAIN):
            raise ParseError(
                node[1],
                node[1] + len(node[3]),
                f"operators, attributes and brackets in a row go more than {MAX_CHAIN} deep in this, "
                "which is not read; split the expression",
            )


def _misplaced(symbol: str, expected: dict[str, int], notes: Notes) -> ParseError:
    """The fault of a token with *symbol*, where the grammar has no action but the *expected* ones."""
    start = notes.offset
    end, found = found_at(notes.text, start)
    around = notes.closed if symbol in ("RBRACE", "RPAR", "RSQB") else notes.open[-1] if notes.open else None
    opener = notes.text[around[1]] if around and around[0] else ""
    if "PLUS" in expected:  # a value is complete
        wanted = _AFTER_VALUE[opener]
        advice = "add what is missing, or remove this"
    elif "LPAR" in expected and "LSQB" in expected:
        wanted, advice = "a value", "write one here"
    elif "EQ" in expected and "LBRACE" in expected:
        wanted, advice = '"=" or "{"', "write name = value, or name { }"
    elif "EQ" in expected:
        wanted, advice = '"="', "write key = value"
    elif "LBRACE" in expected:
        wanted, advice = '"{"', "begin the block on the line of its name"
    elif "NAME" in expected and "RBRACE" in expected:
        line = notes.text[notes.text.rfind("\n", 0, start) + 1 : start]
        wanted = 'a new line or "}"' if line.strip() else 'a name or "}"'
        advice = "write each name = value on a line of its own"
    elif "NAME" in expected:
        wanted, advice = "a name", "write one here"
    else:
        words = [word for name, word in _WORDS.items() if name in expected]
        wanted, advice = " or ".join(words) or "the end of the line", "add what is missing, or remove this"
    return ParseError(start, end, f"expected {wanted}, found {found}; {advice}")


_AFTER_VALUE = {
    "": "the end of the line",
    "{": 'a new line or "}"',
    "(": '"," or ")"',
    "[": '"," or "]"',
    "$": '"}"',
    "%": '"}"',
}
_WORDS = {
    "COMMA": '","',
    "RSQB": '"]"',
    "RPAR": '")"',
    "RBRACE": '"}"',
    "COLON": '":"',
    "FOR_OBJECT_ARROW": '"=>"',
    "IN": '"in"',
}
