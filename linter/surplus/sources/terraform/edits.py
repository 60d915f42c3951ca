"""Edits of configuration: a literal replaced, or an argument added to a block, where nothing else shares the text."""

import json
import math
from collections.abc import Sequence
from typing import Any

from surplus.model import Location, Route
from surplus.results import Edit
from surplus.sources.terraform.blocks import expand_blocks
from surplus.sources.terraform.instances import Instance
from surplus.sources.terraform.modules import Body, Placed
from surplus.sources.terraform.scopes import ModuleScope
from surplus.sources.terraform.trace import as_written, find, within
from surplus.sources.terraform.values import number_text


def edit_of(instance: Instance, route: Route, value: Any, siblings: Sequence[Instance] = ()) -> Edit | None:
    """The edit that gives the argument at *route* a value; None where it is not a literal of this block.

    *siblings* are all instances that the same text makes. Those of a `count` are edited together; a module that
    is called several times, and what a `for_each` or a `dynamic` block makes, may each need another value.
    """
    if not route or value is None or isinstance(value, (dict, list)) or instance.body.header.file.is_json:
        return None
    if _is_shared(instance, siblings) or _is_one_of_many(instance.body, instance.scope, route):
        return None
    text = literal_text(value)
    route = as_written(instance, route)
    placed, scope, rest, exact = find(instance.body, instance.scope, route, top=True)
    if exact:
        placed, rest = within(placed, scope, rest)
        return Edit(placed.location, text) if _is_literal(placed) and not rest and text is not None else None
    block, _, left, found = find(instance.body, instance.scope, route[:-1], top=True)
    if not found or left or block.node[0] != "block" or text is None:
        return None
    return _insert(block, str(route[-1]), text)


def is_literal(instance: Instance, route: Route) -> bool:
    """Whether the argument at *route* is written, and as a literal: not as a reference or a condition."""
    placed, scope, rest, exact = find(instance.body, instance.scope, as_written(instance, route), top=True)
    placed, rest = within(placed, scope, rest)
    return exact and not rest and placed.node[0] == "lit"


def _is_shared(instance: Instance, siblings: Sequence[Instance]) -> bool:
    if all(other is instance for other in siblings):
        return False
    one_module = all(other.scope.module is instance.scope.module for other in siblings)
    return not one_module or instance.body.expression("count") is None


def _is_one_of_many(body: Body, scope: ModuleScope, route: Route) -> bool:
    """Whether the block at *route* comes from a `dynamic` block that makes several."""
    while len(route) > 1 and isinstance(route[1], int):
        blocks = [
            (block, inner)
            for kind, block, inner in expand_blocks(body, scope)
            if kind == route[0] and isinstance(block, Body)
        ]
        if route[1] >= len(blocks):
            return False
        body, scope = blocks[route[1]]
        if sum(block.header.node is body.header.node for block, _ in blocks) > 1:
            return True
        route = route[2:]
    return False


def _is_literal(placed: Placed) -> bool:
    """A literal on one line: heredocs are rewritten by hand."""
    text = placed.file.text[placed.node[1] : placed.node[2]]
    return placed.node[0] == "lit" and not text.startswith("<<")


def _insert(block: Placed, name: str, value: str) -> Edit | None:
    """A new first line in a block that spans several lines, indented as its first attribute is."""
    text, header_end = block.file.text, block.node[6]
    brace = text.find("{", header_end)
    line_end = text.find("\n", brace)
    if brace < 0 or line_end < 0 or line_end >= block.node[2] or text[brace + 1 : line_end].strip():
        return None
    start = block.file.span(block.node[1], block.node[1]).column - 1
    first = block.node[5][0] if block.node[5] else None
    indent = block.file.span(first[1], first[1]).column - 1 if first else start + 2
    at = line_end + 1
    return Edit(Location(block.file.path, block.file.span(at, at)), f"{' ' * indent}{name} = {value}\n")


def literal_text(value: Any) -> str | None:
    """A value as Terraform writes it; None for what it has no literal for."""
    if isinstance(value, str):
        quoted = json.dumps(value, ensure_ascii=False).replace("${", "$${").replace("%{", "%%{")
        return quoted.replace("\\b", "\\u0008").replace("\\f", "\\u000c")
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)) and math.isfinite(value):
        return number_text(value)
    return None
