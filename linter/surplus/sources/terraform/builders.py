"""Builds the nodes of the syntax tree: what the parser calls for each rule of the grammar.

A builder gets the children of its rule: nodes, tokens as `lexer` describes them, and None for newlines.
"""

from collections.abc import Callable
from typing import Any

from surplus.sources.terraform.lexer import MAX_DEPTH, ParseError
from surplus.sources.terraform.nodes import Node
from surplus.sources.terraform.template_builders import Children, string_node

_WORDS = {True: "true", False: "false", None: "null"}


def _name(node: Node) -> str:
    """The text of a name; the grammar lets true, false and null be names."""
    name: str = node[3] if node[0] == "id" else _WORDS[node[3]]
    return name


def _nodes(children: Children) -> list[Node]:
    return [child for child in children if child.__class__ is tuple]


def _body(children: Children) -> tuple[Node, ...]:
    return tuple(_nodes(children))


def _attribute(children: Children) -> Node:
    name, _, value = children
    return "attr", name[1], value[2], _name(name), value


def _block(children: Children) -> Node:
    header = _nodes(children[:-3])
    labels = tuple([_label(child) for child in header[1:]])
    return "block", header[0][1], children[-1], _name(header[0]), labels, children[-2], header[-1][2]


def _label(node: Node) -> str:
    if node[0] == "tmpl":
        raise ParseError(node[1], node[2], "found a template as a label; write the label as a plain string")
    return node[3] if isinstance(node[3], str) else _name(node)


def _conditional(children: Children) -> Node:
    condition, yes, no = _nodes(children)
    return "cond", condition[1], no[2], condition, yes, no


def _binary_term(children: Children) -> Children:
    return [children[0][0], children[-1]]


def _binary(children: Children) -> Node:
    left = children[0]
    operator, right = children[1]
    return "bin", left[1], right[2], operator, left, right


def _unary(children: Children) -> Node:
    operator, operand = children
    return "un", operator[1], operand[2], operator[0], operand


def _parentheses(children: Children) -> Node:
    return "par", children[0], children[-1], _nodes(children)[0]


def _tuple(children: Children) -> Node:
    return "tup", children[0], children[-1], tuple(_nodes(children))


def _object(children: Children) -> Node:
    return "obj", children[0], children[-1], tuple(_nodes(children))


def _object_item(children: Children) -> tuple[Node, Node]:
    key, _, value = children
    if key[0] == "id":
        key = ("lit", key[1], key[2], key[3])
    return key, value


def _call(children: Children) -> Node:
    name = children[0]
    arguments: tuple[Node, ...] = ()
    expand = False
    for child in _nodes(children[2:-1]):
        arguments, expand = child
    return "call", name[1], children[-1], name[3], arguments, expand


def _arguments(children: Children) -> tuple[tuple[Node, ...], bool]:
    return tuple(_nodes(children)), "..." in children


def _get(children: Children) -> Node:
    target, name = children
    return "get", target[1], name[2], target, _name(name)


def _attribute_step(children: Children) -> Node:
    return children[1]  # type: ignore[no-any-return]


def _bracket_step(children: Children) -> Children:
    return [_nodes(children)[0], children[-1], True]


def _legacy_step(children: Children) -> Children:
    return [children[1], children[1][2], False]


def _index(children: Children) -> Node:
    target, (key, end, _) = children
    return "idx", target[1], end, target, key


def _same(children: Children) -> Children:
    return children


def _attribute_splat(children: Children) -> Node:
    target, (marker, *steps) = children
    node, steps = _attribute_only(target, target[1], marker, steps)
    for step in steps:
        if step.__class__ is tuple:
            node = ("get", node[1], step[2], node, _name(step))
        else:
            node = ("idx", node[1], step[1], node, step[0])
    return node


def _attribute_only(target: Node | None, start: int, end: int, steps: Children) -> tuple[Node, Children]:
    """The splat of `.*` with those of *steps* that belong to it, and the other steps."""
    taken: list[str | Node] = []
    for step in steps:
        if step.__class__ is tuple and step[0] != "[*]":
            taken.append(_name(step))
            end = step[2]
        elif step.__class__ is list and not step[2]:
            taken.append(step[0])
            end = step[1]
        else:
            break
    return ("splat", start, end, target, tuple(taken)), steps[len(taken) :]


def _full_splat(children: Children) -> Node:
    target, (marker, *steps) = children
    return _full(target, target[1], marker[2], steps)


def _full(target: Node | None, start: int, end: int, steps: Children, depth: int = 0) -> Node:
    if depth == MAX_DEPTH:
        raise ParseError(start, end, f"more than {MAX_DEPTH} splats in a row, which are not read")
    taken: list[str | Node] = []
    while steps:
        step, *steps = steps
        if step.__class__ is int:
            nested, steps = _attribute_only(None, step - 2, step, steps)
            taken.append(nested)
            end = nested[2]
        elif step.__class__ is list:
            taken.append(step[0])
            end = step[1]
        elif step[0] == "[*]":
            nested = _full(None, step[1], step[2], steps, depth + 1)
            taken.append(nested)
            end = nested[2]
            break
        else:
            taken.append(_name(step))
            end = step[2]
    return "splat", start, end, target, tuple(taken)


def _for_intro(children: Children) -> tuple[tuple[str, ...], Node]:
    _, *names, _, collection = _nodes(children)
    return tuple([name[3] for name in names]), collection


def _for_condition(children: Children) -> Node:
    return _nodes(children)[1]


def _for_list(children: Children) -> Node:
    (names, collection), value, *condition = _nodes(children)
    return "forl", children[0], children[-1], names, collection, value, condition[0] if condition else None


def _for_object(children: Children) -> Node:
    (names, collection), key, value, *condition = _nodes(children)
    test = condition[0] if condition else None
    return "foro", children[0], children[-1], names, collection, key, value, "..." in children, test


def _sequence(kind: str) -> Callable[[Children], Node]:
    """A builder of `(kind, start, end, strips left, strips right, nodes)`, for one `${ }` or `%{ }`."""

    def build(children: Children) -> Node:
        opening, *inner, closing = children
        return kind, opening[0], closing[1], opening[2], closing[2], _nodes(inner)

    return build


BUILDERS: dict[str, Callable[[Children], Any]] = {
    "arguments": _arguments,
    "attr_splat": _same,
    "attr_splat_expr_term": _attribute_splat,
    "attribute": _attribute,
    "binary_op": _binary,
    "binary_term": _binary_term,
    "block": _block,
    "body": _body,
    "braces_index": _bracket_step,
    "conditional": _conditional,
    "expr_term": _parentheses,
    "for_cond": _for_condition,
    "for_intro": _for_intro,
    "for_object_expr": _for_object,
    "for_tuple_expr": _for_list,
    "full_splat": _same,
    "full_splat_expr_term": _full_splat,
    "function_call": _call,
    "get_attr": _attribute_step,
    "get_attr_expr_term": _get,
    "index_expr_term": _index,
    "interpolation": _sequence("${"),
    "object": _object,
    "object_elem": _object_item,
    "short_index": _legacy_step,
    "string": string_node,
    "template_else": _sequence("else"),
    "template_endfor": _sequence("endfor"),
    "template_endif": _sequence("endif"),
    "template_for_start": _sequence("for"),
    "template_if_start": _sequence("if"),
    "tuple": _tuple,
    "unary_op": _unary,
}
"""For each rule of the grammar that makes a node, by its name, what makes it."""
