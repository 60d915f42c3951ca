"""Compares our parser with python-hcl2: its Lark tree, turned into our nodes, must equal what we make."""

import re
from typing import Any

import hcl2
from lark import Token, Tree
from lark.exceptions import LarkError

from surplus.sources.terraform.builders import BUILDERS
from surplus.sources.terraform.lexer import ParseError, unescape
from surplus.sources.terraform.nodes import Node
from surplus.sources.terraform.parser import parse

OPERATORS = {
    "DOUBLE_EQ": "==",
    "NEQ": "!=",
    "LT": "<",
    "GT": ">",
    "LEQ": "<=",
    "GEQ": ">=",
    "MINUS": "-",
    "ASTERISK": "*",
    "SLASH": "/",
    "PERCENT": "%",
    "DOUBLE_AMP": "&&",
    "DOUBLE_PIPE": "||",
    "PLUS": "+",
    "NOT": "!",
}
CONSTANTS = {"TRUE": True, "FALSE": False, "NULL": None}


class Rejected(Exception):  # noqa: N818 - it is no error of the test
    """One of the two does not accept the text; the argument says which: "surplus" or "hcl2"."""


def compare(text: str) -> list[str]:
    """The differences between the two trees, empty when they are equal. Raises `Rejected`."""
    ours = parse(text, "differential.tf")
    try:
        tree = hcl2.parses_to_tree(text)
    except (LarkError, RecursionError):
        raise Rejected("hcl2" if not ours.problems else "both") from None
    if ours.problems:
        raise Rejected(f"surplus: {ours.problems[0]}")
    try:
        reference = convert(tree)
    except ParseError as error:
        raise Rejected(f"surplus: {error.message}") from None
    return list(_differences(ours.body, reference, text))


def _differences(ours: Any, reference: Any, text: str) -> Any:
    if isinstance(reference, tuple) and reference and reference[0] == "heredoc":
        if not isinstance(ours, tuple) or ours[0] not in ("lit", "tmpl") or ours[1:3] != reference[1:3]:
            yield f"{ours!r} is not {reference!r}"
        elif reference[3] is not None and ours[3] != reference[3]:
            yield f"heredoc {ours[3]!r} is not {reference[3]!r}"
    elif isinstance(ours, tuple) and isinstance(reference, tuple) and len(ours) == len(reference):
        for one, other in zip(ours, reference, strict=True):
            yield from _differences(one, other, text)
    elif type(ours) is not type(reference) or ours != reference:
        yield f"{ours!r} is not {reference!r}"


def convert(tree: Tree[Token]) -> tuple[Node, ...]:
    """The Lark tree of a file as our nodes."""
    (body,) = tree.children
    assert isinstance(body, Tree)
    return _body(body)


def _body(tree: Tree[Token]) -> tuple[Node, ...]:
    return tuple(_convert(child) for child in _significant(tree))


def _significant(tree: Tree[Token]) -> list[Any]:
    return [
        child
        for child in tree.children
        if child is not None and not (isinstance(child, Tree) and child.data == "new_line_or_comment")
    ]


def _trees(tree: Tree[Token]) -> list[Any]:
    return [child for child in _significant(tree) if isinstance(child, Tree)]


def _start(token: Token) -> int:
    assert token.start_pos is not None
    return token.start_pos


def _end(token: Token) -> int:
    assert token.end_pos is not None
    return token.end_pos


def _word(tree: Any) -> Token:
    token = tree
    while isinstance(token, Tree):
        (token,) = token.children
    assert isinstance(token, Token)
    return token


def _convert(tree: Any) -> Any:
    children = _significant(tree)
    match str(tree.data):
        case "attribute":
            name, value = _word(children[0]), _convert(children[2])
            return "attr", _start(name), value[2], str(name), value
        case "block":
            return _block(children)
        case "identifier" | "keyword":
            token = _word(tree)
            return "id", _start(token), _end(token), str(token)
        case "literal_value":
            token = _word(tree)
            return "lit", _start(token), _end(token), CONSTANTS[token.type]
        case "int_lit" | "float_lit":
            return _number(_word(tree))
        case "string":
            return _string(children)
        case "heredoc_template" | "heredoc_template_trim":
            return _heredoc(_word(tree))
        case "expr_term":
            if len(children) == 1:
                return _convert(children[0])
            return "par", _start(children[0]), _end(children[-1]), _convert(children[1])
        case "conditional":
            condition, yes, no = (_convert(child) for child in _trees(tree))
            return "cond", condition[1], no[2], condition, yes, no
        case "binary_op":
            left = _convert(children[0])
            operator, right = _significant(children[1])
            right = _convert(right)
            return "bin", left[1], right[2], OPERATORS[_word(operator).type], left, right
        case "unary_op":
            operand = _convert(children[1])
            return "un", _start(children[0]), operand[2], OPERATORS[children[0].type], operand
        case "tuple":
            return "tup", _start(children[0]), _end(children[-1]), tuple(map(_convert, _trees(tree)))
        case "object":
            return "obj", _start(children[0]), _end(children[-1]), tuple(map(_item, _trees(tree)))
        case "function_call":
            return _call(children)
        case "get_attr_expr_term":
            target, name = _convert(children[0]), _word(children[1].children[1])
            return "get", target[1], _end(name), target, str(name)
        case "index_expr_term":
            target, (key, end, _) = _convert(children[0]), _index(children[1])
            return "idx", target[1], end, target, key
        case "attr_splat_expr_term" | "full_splat_expr_term":
            return _splat(tree)
        case "for_tuple_expr":
            names, collection = _intro(children[1])
            condition = _convert(children[3].children[-1]) if len(children) > 4 else None
            ends = _start(children[0]), _end(children[-1])
            return "forl", *ends, names, collection, _convert(children[2]), condition
        case "for_object_expr":
            names, collection = _intro(children[1])
            inner = [child for child in _trees(tree)[1:] if child.data != "for_cond"]
            conditions = [child for child in _trees(tree) if child.data == "for_cond"]
            key, value = map(_convert, inner)
            group = any(isinstance(child, Token) and child.type == "ELLIPSIS" for child in children)
            condition = _convert(_trees(conditions[0])[0]) if conditions else None
            ends = _start(children[0]), _end(children[-1])
            return "foro", *ends, names, collection, key, value, group, condition
    raise AssertionError(tree.data)


def _block(children: list[Any]) -> Node:
    header = children[:-3]
    labels = [_convert(label)[3] if label.data == "string" else str(_word(label)) for label in header[1:]]
    last = header[-1]
    end = _end(last.children[-1] if last.data == "string" else _word(last))
    word = _word(header[0])
    return "block", _start(word), _end(children[-1]), str(word), tuple(labels), _body(children[-2]), end


def _number(token: Token) -> Node:
    start, end = _start(token), _end(token)
    digits = token.removeprefix("-")
    value = int(digits) if digits.isdigit() else float(digits)
    if digits == token:
        return "lit", start, end, value
    return "un", start, end, "-", ("lit", start + 1, end, value)


def _heredoc(token: Token) -> Node:
    text = token.rstrip("\n").rstrip("\r")
    first, _, rest = text.partition("\n")
    content = rest[: rest.rfind("\n") + 1]
    exact = first.startswith("<<-") or any(sign in content for sign in ("${", "%{"))
    return "heredoc", _start(token), _start(token) + len(text), None if exact else content


def _item(tree: Any) -> tuple[Node, Node]:
    key, _, value = _significant(tree)
    node = _convert(_significant(key)[0])
    if node[0] == "id":
        node = ("lit", *node[1:])
    return node, _convert(value)


def _call(children: list[Any]) -> Node:
    name = "".join(str(_word(child)) for child in children[: [getattr(c, "type", "") for c in children].index("LPAR")])
    arguments: tuple[Node, ...] = ()
    expand = False
    for child in children:
        if isinstance(child, Tree) and child.data == "arguments":
            arguments = tuple(map(_convert, _trees(child)))
            expand = any(isinstance(part, Token) and part.type == "ELLIPSIS" for part in child.children)
    return "call", _start(_word(children[0])), _end(children[-1]), name, arguments, expand


def _index(tree: Any) -> tuple[Node, int, bool]:
    children = _significant(tree)
    if tree.data == "short_index":
        return _number(children[1]), _end(children[1]), False
    return _convert(children[1]), _end(children[2]), True


def _splat(tree: Any) -> Node:
    """Python-hcl2 nests further splats around the first one, for us they are among its steps."""
    target, steps = _splat_steps(tree)
    marker = steps[0]
    rule = "attr_splat_expr_term" if marker.__class__ is int else "full_splat_expr_term"
    node: Node = BUILDERS[rule]([target, steps])
    return node


def _splat_steps(tree: Any) -> tuple[Node, list[Any]]:
    term, splat = tree.children
    inner = term.children[0] if len(term.children) == 1 else None
    marker = splat.children[0]
    steps: list[Any] = [_end(marker) if marker.type == "ATTR_SPLAT" else ("[*]", _start(marker), _end(marker))]
    for step in splat.children[1:]:
        if step.data == "get_attr":
            name = _word(step.children[1])
            steps.append(("id", _start(name), _end(name), str(name)))
        else:
            steps.append(list(_index(step)))
    if isinstance(inner, Tree) and inner.data.endswith("_splat_expr_term"):
        target, before = _splat_steps(inner)
        if before[0].__class__ is tuple:
            return target, before + steps
    return _convert(term), steps


def _intro(tree: Any) -> tuple[tuple[str, ...], Node]:
    *names, collection = _trees(tree)
    return tuple(str(_word(name)) for name in names), _convert(collection)


def _string(children: list[Any]) -> Node:
    parts: list[Any] = []
    for part in children[1:-1]:
        (inner,) = part.children
        if isinstance(inner, Token):
            text = unescape(str(inner), 0)
            if parts and isinstance(parts[-1], str):
                parts[-1] += text
            else:
                parts.append(text)
        else:
            parts.append(_sequence(inner))
    node: Node = BUILDERS["string"]([('"', _start(children[0])), *parts, _end(children[-1])])
    return node


def _sequence(tree: Any) -> Node:
    kinds = {
        "interpolation": "${",
        "template_if_start": "if",
        "template_else": "else",
        "template_endif": "endif",
        "template_for_start": "for",
        "template_endfor": "endfor",
    }
    children = _significant(tree)
    strips = [isinstance(child, Token) and child.type == "STRIP_MARKER" for child in children]
    inner: list[Node] = []
    for child in children[1:-1]:
        if isinstance(child, Tree):
            inner.append(_convert(child))
        elif re.fullmatch(r"[a-z]+", child):
            inner.append(("id", _start(child), _end(child), str(child)))
    ends = _start(children[0]), _end(children[-1])
    return kinds[str(tree.data)], *ends, strips[1], strips[-2], inner
