"""Terraform's JSON syntax, turned into the nodes of the native one.

https://developer.hashicorp.com/terraform/language/syntax/json

Known top-level keys become blocks. Inside a block every property is an attribute, nested blocks included:
only a resource type's schema tells them apart. Exceptions are in `_NESTED`. Strings are templates; all nodes
inside one have the place of the whole string.
"""

import json
import math
import re
from collections.abc import Iterator

from surplus.sources.terraform.lexer import MAX_DEPTH, ParseError
from surplus.sources.terraform.nodes import Node
from surplus.sources.terraform.parser import ParsedFile, clean, parse_string, parsed_file

_LABELS = {
    **dict.fromkeys(("resource", "data", "ephemeral", "action", "list"), 2),
    **dict.fromkeys(("module", "provider", "variable", "output", "check", "run", "mock_provider"), 1),
    **dict.fromkeys(("locals", "terraform", "moved", "import", "removed"), 0),
}
_NESTED = {
    "terraform": {"backend": 1, "cloud": 0, "required_providers": 0},
    "resource": {"lifecycle": 0},
    "data": {"lifecycle": 0},
}
_LITERAL = {"variable": ("default", "description")}
"""Attributes whose strings are taken as they are."""

_SPACE = re.compile(r"[ \t\r\n]*").match
_STRING = re.compile(r'"[^"\\\x00-\x1f]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\x00-\x1f]*)*"').match
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?").match
_WORD = re.compile(r"true|false|null").match
_WORDS = {"true": True, "false": False, "null": None}
_MAX_DIGITS = 1000


def parse_json(text: str, path: str) -> ParsedFile:
    """The syntax tree of a .tf.json or .tfvars.json file; what cannot be read is among its problems."""
    text, faults = clean(text)
    comments: list[tuple[int, int]] = []
    body: list[Node] = []
    converter = _Converter(faults, comments)
    try:
        top = _Reader(text).document()
        if path.endswith(".tfvars.json"):
            body.extend(converter.attributes(top, "", literal=True))
        else:
            body.extend(converter.blocks(top))
    except ParseError as fault:
        faults.append(fault)
    return parsed_file(path, text, body, comments, faults, is_json=True)


class _Reader:
    """Reads JSON into nodes `lit`, `tup` and `obj` whose keys are `lit` nodes; raises `ParseError`."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def document(self) -> Node:
        if not self._text.strip():
            raise ParseError(0, 0, "this file is empty; write at least {}")
        node = self._value(0)
        self._skip()
        if self._at < len(self._text):
            raise self._unexpected("the end of the file")
        return node

    def _skip(self) -> str:
        match = _SPACE(self._text, self._at)
        self._at = match.end() if match else self._at
        return self._text[self._at : self._at + 1]

    def _value(self, depth: int) -> Node:
        sign = self._skip()
        start = self._at
        if sign and sign in "{[":
            if depth == MAX_DEPTH:
                raise ParseError(start, start + 1, f"nested more than {MAX_DEPTH} deep, which is not read")
            self._at += 1
            items = tuple(self._members(depth + 1) if sign == "{" else self._elements(depth + 1))
            return "obj" if sign == "{" else "tup", start, self._at, items
        if sign == '"':
            return self._string()
        if match := _WORD(self._text, start):
            self._at = match.end()
            return "lit", start, self._at, _WORDS[match[0]]
        if match := _NUMBER(self._text, start):
            self._at = match.end()
            return "lit", start, self._at, self._number(match)
        raise self._unexpected("a value")

    def _number(self, match: re.Match[str]) -> int | float:
        if not match[1] and not match[2] and len(match[0]) <= _MAX_DIGITS:
            return int(match[0])
        value = float(match[0])
        if not math.isfinite(value) or not (match[1] or match[2]):
            raise ParseError(match.start(), match.end(), "this number is too large to be read")
        return value

    def _string(self) -> Node:
        start = self._at
        match = _STRING(self._text, start)
        if match is None:
            message = 'this string does not end, or has an escape or a character JSON does not have; end it with "'
            raise ParseError(start, start + 1, message)
        self._at = match.end()
        value = json.loads(match[0]) if "\\" in match[0] else match[0][1:-1]
        return "lit", start, self._at, re.sub("[\ud800-\udfff]", "\ufffd", value)

    def _elements(self, depth: int) -> Iterator[Node]:
        while self._more("]"):
            yield self._value(depth)
            self._separator("]")

    def _members(self, depth: int) -> Iterator[tuple[Node, Node]]:
        while self._more("}"):
            if self._skip() != '"':
                raise self._unexpected('a key in double quotes (") or }')
            key = self._string()
            if self._skip() != ":":
                raise self._unexpected('":"')
            self._at += 1
            yield key, self._value(depth)
            self._separator("}")

    def _more(self, closer: str) -> bool:
        if self._skip() == closer:
            self._at += 1
            return False
        return True

    def _separator(self, closer: str) -> None:
        sign = self._skip()
        if sign == ",":
            self._at += 1
            if self._skip() == closer:
                raise self._unexpected('more after the ","')
        elif sign != closer:
            raise self._unexpected(f'"," or "{closer}"')

    def _unexpected(self, expected: str) -> ParseError:
        found = self._skip()
        shown = f"the character U+{ord(found):04X}" if found and not found.isprintable() else found
        return ParseError(
            self._at, self._at + len(found), f"expected {expected}, found {shown or 'the end of the file'}"
        )


class _Converter:
    """Turns what was read into blocks, attributes and expressions; faults and comments go to its lists."""

    def __init__(self, faults: list[ParseError], comments: list[tuple[int, int]]) -> None:
        self._faults = faults
        self._comments = comments

    def blocks(self, top: Node) -> Iterator[Node]:
        """The blocks of the whole file."""
        for key, value in self._properties(top, "the file"):
            labels = _LABELS.get(key[3])
            if labels is None:
                self._fault(key, f'no block type "{key[3]}"; use one of {", ".join(_LABELS)}')
            else:
                yield from self._labelled(key, value, labels, (), key)

    def attributes(self, node: Node, block: str, *, literal: bool = False) -> Iterator[Node]:
        """What is in the body of a block of type *block*."""
        seen: set[str] = set()
        for key, value in self._properties(node, "a block"):
            name = key[3]
            nested = _NESTED.get(block, {})
            if name in nested:
                yield from self._labelled(key, value, nested[name], (), key)
            elif name in seen:
                self._fault(key, f'"{name}" is set twice here; the first one counts, remove one of them')
            else:
                seen.add(name)
                as_is = literal or name in _LITERAL.get(block, ())
                expression = self._type(value) if (block, name) == ("variable", "type") else None
                yield "attr", key[1], value[2], name, expression or self._expression(value, as_is)

    def _properties(self, node: Node, what: str) -> Iterator[tuple[Node, Node]]:
        """Keys and values of an object, or of each object in an array, without comments."""
        for item in node[3] if node[0] == "tup" else (node,):
            if item[0] != "obj":
                self._fault(item, f"{what} must be an object; put it in {{ }}")
                continue
            for key, value in item[3]:
                if key[3] == "//":
                    self._comments.append((key[1], value[2]))
                else:
                    yield key, value

    def _labelled(self, key: Node, value: Node, missing: int, labels: tuple[str, ...], last: Node) -> Iterator[Node]:
        if missing:
            for label, inner in self._properties(value, f'what is in "{last[3]}"'):
                yield from self._labelled(key, inner, missing - 1, (*labels, label[3]), label)
            return
        if value[0] == "lit" and value[3] is None:
            return
        for body in value[3] if value[0] == "tup" else (value,):
            attributes = tuple(self.attributes(body, key[3]))
            yield "block", key[1], body[2], key[3], labels, attributes, last[2]

    def _expression(self, node: Node, literal: bool) -> Node:
        kind, start, end, value = node
        if kind == "tup":
            return kind, start, end, tuple([self._expression(item, literal) for item in value])
        if kind == "lit":
            return node if literal or not isinstance(value, str) else self._template(node)
        items: dict[str, tuple[Node, Node]] = {}
        for key, item in value:
            if key[3] in items:
                self._fault(key, f'"{key[3]}" is set twice here; the first one counts, remove one of them')
            else:
                items[key[3]] = (key if literal else self._template(key)), self._expression(item, literal)
        return kind, start, end, tuple(items.values())

    def _template(self, node: Node) -> Node:
        text = node[3]
        if "${" not in text and "%{" not in text:
            return node
        try:
            return parse_string(text, node[1], node[2], template=True)
        except ParseError as fault:
            self._fault(node, f"in this string: {fault.message}")
            return node

    def _type(self, node: Node) -> Node | None:
        if node[0] != "lit" or not isinstance(node[3], str):
            return None
        try:
            return parse_string(" ".join(node[3].split("\n")), node[1], node[2], template=False)
        except ParseError as fault:
            self._fault(node, f"in this string: {fault.message}")
            return None

    def _fault(self, node: Node, message: str) -> None:
        self._faults.append(ParseError(node[1], node[2], message))
