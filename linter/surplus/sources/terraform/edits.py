"""Edits of configuration: a literal replaced, or an argument added to a block, where nothing else shares the text."""

import json
from typing import Any

from surplus.model import Edit, Location, Route
from surplus.sources.terraform.evaluate import Instance
from surplus.sources.terraform.modules import Placed
from surplus.sources.terraform.trace import find


def edit_of(instance: Instance, route: Route, value: Any) -> Edit | None:
    """The edit that gives the argument at *route* a value; None where it is not a literal of this block."""
    if not route or value is None or isinstance(value, (dict, list)) or instance.body.header.file.is_json:
        return None
    placed, _, rest, exact = find(instance.body, instance.scope, route, top=True)
    if exact:
        literal = placed.node[0] == "lit" and not rest
        return Edit(placed.location, literal_text(value)) if literal else None
    block, _, left, found = find(instance.body, instance.scope, route[:-1], top=True)
    if not found or left or block.node[0] != "block":
        return None
    return _insert(block, str(route[-1]), value)


def _insert(block: Placed, name: str, value: Any) -> Edit | None:
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
    return Edit(Location(block.file.path, block.file.span(at, at)), f"{' ' * indent}{name} = {literal_text(value)}\n")


def literal_text(value: Any) -> str:
    """A value as Terraform writes it."""
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("${", "$${").replace("%{", "%%{")
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:g}" if isinstance(value, float) else str(value)
