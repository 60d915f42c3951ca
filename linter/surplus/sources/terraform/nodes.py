"""The syntax tree: plain tuples `(kind, start, end, ...)`.

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
"""

from typing import Any

Node = tuple[Any, ...]

MAX_CHAIN = 500
"""How deep nodes may be nested in all, operators and attributes in a row included."""


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
