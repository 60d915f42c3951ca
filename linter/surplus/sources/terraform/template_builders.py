"""Builds the nodes of quoted texts and heredocs: strip markers, indentation, directives inside one another."""

import re
from typing import Any

from surplus.sources.terraform.lexer import MAX_DEPTH, ParseError
from surplus.sources.terraform.nodes import Node

Children = list[Any]


def string_node(children: Children) -> Node:
    """A quoted text or a heredoc: `lit` where nothing in it is a template, else `tmpl`."""
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
