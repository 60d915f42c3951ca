"""References between resources: by identity in evaluated values, and as written in expressions."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from surplus.model import Unknown
from surplus.sources.terraform.nodes import Node
from surplus.sources.terraform.values import SymbolicKey

if TYPE_CHECKING:
    from surplus.sources.terraform.evaluate import Module


IDENTITY = re.compile(r"⟨([^⟨⟩]*)⟩")
ADDRESS = re.compile(
    r'((?:module\.[\w-]+(?:\[(?:"(?:[^"\\]|\\.)*"|[^\]"]*)\])?\.)*[\w-]+\.[\w-]+(?:\[(?:"(?:[^"\\]|\\.)*"|[^\]"]*)\])?)(?:\.(.*))?'
)
KEY = re.compile(r'\[(?:"(?:[^"\\]|\\.)*"|[^\]"]*)\]$')
NO_RESOURCE = frozenset(
    {"var", "local", "module", "data", "path", "terraform", "tofu", "each", "count", "self", "resource", "sensitive"}
)


SENSITIVE_CALL = ("sensitive", "()")
"""Stands among the traversals of an expression that calls `sensitive`."""


def identities(text: str) -> Iterator[tuple[str, str]]:
    """Address and attribute of each computed attribute in a symbolic text."""
    for inner in IDENTITY.findall(text):
        match = ADDRESS.fullmatch(inner)
        if match:
            yield match[1], match[2] or ""


def symbolic_texts(value: Any, known: bool = False) -> Iterator[str]:
    """The symbolic texts in *value*, in its keys too; with *known* also the texts that are known."""
    pending = [value]
    while pending:
        part = pending.pop()
        if isinstance(part, Unknown):
            if part.text is not None:
                yield part.text
        elif isinstance(part, str):
            if known:
                yield part
        elif isinstance(part, dict):
            yield from (key for key in part if isinstance(key, SymbolicKey))
            pending.extend(part.values())
        elif isinstance(part, list):
            pending.extend(part)


def without_key(address: str) -> str:
    """An address without its own instance key; those of modules stay."""
    match = KEY.search(address)
    return address[: match.start()] if match else address


def traversals(node: Node) -> tuple[tuple[str, str], ...]:
    """Each `name.attribute` at the head of a traversal in an expression or block, once, in order.

    A data source is `("data.TYPE", NAME)`.
    """
    found: dict[tuple[str, str], None] = {}
    pending: list[Any] = [node]
    while pending:
        part = pending.pop()
        if len(part) > 4 and part[0] == "get" and part[3][0] == "id":
            found[part[3][3], part[4]] = None
        elif len(part) > 4 and part[0] == "get" and part[3][0] == "get" and part[3][3][3:] == ("resource",):
            found[part[3][4], part[4]] = None
        elif len(part) > 4 and part[0] == "get" and part[3][0] == "get" and part[3][3][3:] == ("data",):
            found[f"data.{part[3][4]}", part[4]] = None
        elif len(part) > 4 and part[0] == "call" and part[3] == "sensitive":
            found[SENSITIVE_CALL] = None
            pending.append(part[4])
        else:
            pending.extend(inner for inner in reversed(part) if inner.__class__ is tuple)
    return tuple(found)


def mentioned(node: Node, module: "Module") -> set[str]:
    """Addresses (without instance keys) that an expression can reach, through locals and module outputs."""
    found: set[str] = set()
    seen: set[tuple[str, str, str]] = set()
    pending: list[tuple[Node, Module]] = [(node, module)]
    while pending:
        expression, inside = pending.pop()
        for head, name in inside.evaluation.traversals(expression):
            if (inside.address, head, name) in seen:
                continue
            seen.add((inside.address, head, name))
            if head == "local" and name in inside.folder.locals:
                pending.append((inside.folder.locals[name].node[4], inside))
            elif head == "module":
                pending += inside.behind_outputs(name)
            elif head not in NO_RESOURCE:
                found.add(f"{inside.prefix}{head}.{name}")
    return found
