"""The syntax tree: plain tuples `(kind, start, end, ...)`, and the functions that build them.

`start` and `end` are character offsets into the file's text, the end exclusive.

| kind | then | remarks |
| --- | --- | --- |
| `attr` | name, expression | starts at the name; in JSON at the key's quote |
| `block` | type, labels, body, header end | the header ends behind the last label |
| `lit` | value | str, int, float, bool or None: a string without templates, a number, a constant |
| `tmpl` | parts | each a str or a node: an expression, `tif` or `tfor`; `"${x}"` has the one part x |
| `tif` | condition, parts, else parts | only among the parts of a template |
| `tfor` | names, collection, parts | only among the parts of a template |
| `id` | name | |
| `get` | object, name | `a.b` |
| `idx` | object, key | `a[0]`, and `a.0` with a literal |
| `splat` | object, steps | see below |
| `call` | name, arguments, expand | the name with its `::`; expand is True for `f(list...)` |
| `obj` | items | pairs of nodes; a bare word as key is a literal, `(a)` is a `par` |
| `tup` | items | |
| `par` | expression | parentheses |
| `cond` | condition, yes, no | |
| `bin` | operator, left, right | the operator as it is written |
| `un` | operator, operand | `-` or `!`; numbers carry no sign |
| `forl` | names, collection, value, condition | `[for ...]`; the condition may be None |
| `foro` | names, collection, key, value, group, condition | `{for ...}`; group is True for `...` |

Steps of a splat are applied to each element, one after the other: a str is an attribute, a node an index
key, and a `splat` node whose object is None a further splat over what the steps before it lead to. To `a[*]`
belongs everything after it. To `a.*` belong the attributes and legacy indexes after it (`a.*.b.0`); a bracket
or a further splat ends it and applies to its result, as in Terraform: `a.*.b[0]` is `(a.*.b)[0]`.

Binary operators group to the left and bind as in Terraform; the grammar yields that without correction.

A builder gets the children of its rule: nodes, tokens as `lexer` describes them, and None for newlines.
"""

import re
from collections.abc import Callable
from typing import Any

from surplus.sources.terraform.lexer import MAX_DEPTH, ParseError

Node = tuple[Any, ...]
Children = list[Any]

MAX_CHAIN = 500
"""How deep nodes may be nested in all, operators and attributes in a row included."""

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


def _string(children: Children) -> Node:
    opener, start = children[0]
    end = children[-1]
    parts = children[1:-1]
    if not parts:
        return "lit", start, end, ""
    if len(parts) == 1:
        part = parts[0]
        if part.__class__ is str:
            return "lit", start, end, part if opener[:3] != "<<-" else "".join(_dedented(_split_lines(parts)))
        if part[0] == "${":
            return "tmpl", start, end, (part[5][0],)
    if opener != '"':
        parts = _split_lines(parts)
    parts = _stripped(parts)
    if opener[:3] == "<<-":
        parts = _dedented(parts)
    parts = _joined(parts)
    if len(parts) == 1 and parts[0].__class__ is str:
        return "lit", start, end, parts[0]
    return "tmpl", start, end, _nested(parts)


def _split_lines(parts: Children) -> Children:
    """In a heredoc each line is a text of its own: strip markers reach no further, as in Terraform."""
    split: Children = []
    for part in parts:
        if part.__class__ is str:
            split.extend(line for line in re.split(r"(?<=\n)", part) if line)
        else:
            split.append(part)
    return split


def _stripped(parts: Children) -> Children:
    """The parts with the blanks gone that `~` takes from the text beside it."""
    result = list(parts)
    for place, part in enumerate(parts):
        if part.__class__ is str:
            continue
        if part[3] and place and result[place - 1].__class__ is str:
            result[place - 1] = result[place - 1].rstrip()
        if part[4] and place + 1 < len(parts) and result[place + 1].__class__ is str:
            result[place + 1] = result[place + 1].lstrip()
    return result


def _dedented(parts: Children) -> Children:
    """The parts without the indentation that all lines of a `<<-` heredoc share; blank lines do not count."""
    begins_line = True
    indented: list[int] = []
    smallest: int | None = None
    for place, part in enumerate(parts):
        is_text = part.__class__ is str
        if begins_line:
            begins_line = False
            content = part.lstrip() if is_text else part
            if not is_text or content or not part.endswith("\n"):
                indent = len(part) - len(content) if is_text else 0
                smallest = indent if smallest is None else min(smallest, indent)
                if is_text:
                    indented.append(place)
        if is_text and part.endswith("\n"):
            begins_line = True
    result = list(parts)
    for place in indented:
        result[place] = result[place][smallest:]
    return result


def _joined(parts: Children) -> Children:
    joined: Children = []
    for part in parts:
        if part.__class__ is str and joined and joined[-1].__class__ is str:
            joined[-1] += part
        else:
            joined.append(part)
    return joined


def _nested(parts: Children) -> tuple[str | Node, ...]:
    """The parts of a template with everything between `%{ if }` and `%{ endif }` inside one node."""
    root: Children = []
    current = root
    open_: list[tuple[Node, list[Children], Children]] = []  # directive, its branches, where it goes
    for part in parts:
        kind = part[0] if part.__class__ is tuple else ""
        if not kind:
            current.append(part)
        elif kind == "${":
            current.append(part[5][0])
        elif kind in ("if", "for"):
            if len(open_) == MAX_DEPTH:
                raise ParseError(part[1], part[2], f"template directives nested more than {MAX_DEPTH} deep")
            branch: Children = []
            open_.append((part, [branch], current))
            current = branch
        else:
            needed = "for" if kind == "endfor" else "if"
            if not open_ or open_[-1][0][0] != needed or (kind == "else" and len(open_[-1][1]) > 1):
                raise ParseError(part[1], part[2], f'found "{kind}" where no "{needed}" is open; remove one of them')
            if kind == "else":
                current = []
                open_[-1][1].append(current)
                continue
            directive, branches, current = open_.pop()
            current.append(_directive(directive, part[2], branches))
    if open_:
        part = open_[-1][0]
        raise ParseError(part[1], part[2], f'this "{part[0]}" never ends; write %{{ end{part[0]} }} after it')
    return tuple(root)


def _directive(directive: Node, end: int, branches: list[Children]) -> Node:
    words = directive[5]
    if directive[0] == "if":
        otherwise = tuple(branches[1]) if len(branches) > 1 else ()
        return "tif", directive[1], end, words[1], tuple(branches[0]), otherwise
    names = tuple([name[3] for name in words[1:-2]])
    return "tfor", directive[1], end, names, words[-1], tuple(branches[0])


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
    "string": _string,
    "template_else": _sequence("else"),
    "template_endfor": _sequence("endfor"),
    "template_endif": _sequence("endif"),
    "template_for_start": _sequence("for"),
    "template_if_start": _sequence("if"),
    "tuple": _tuple,
    "unary_op": _unary,
}
"""For each rule of the grammar that makes a node, by its name, what makes it."""


def depth_exceeds(node: Node, bound: int) -> bool:
    """Whether *node* holds nodes nested more than *bound* deep. Does not recurse."""
    level: list[Any] = [node]
    depth = 0
    while level:
        depth += 1
        if depth > bound:
            return True
        below: list[Any] = []
        while level:
            for part in level.pop():
                if part.__class__ is tuple:
                    (below if _is_node(part) else level).append(part)
        level = below
    return False


def _is_node(value: tuple[Any, ...]) -> bool:
    return len(value) > 3 and value[1].__class__ is int
