"""References between resources: by identity in evaluated values, and as written in expressions."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from surplus.model import Unknown

if TYPE_CHECKING:
    from surplus.sources.terraform.evaluate import Module

Node = tuple[Any, ...]

IDENTITY = re.compile(r"⟨([^⟨⟩]*)⟩")
ADDRESS = re.compile(
    r'((?:module\.[\w-]+(?:\[(?:"(?:[^"\\]|\\.)*"|[^\]"]*)\])?\.)*[\w-]+\.[\w-]+(?:\[(?:"(?:[^"\\]|\\.)*"|[^\]"]*)\])?)(?:\.(.*))?'
)
NO_RESOURCE = frozenset(
    {"var", "local", "module", "data", "path", "terraform", "tofu", "each", "count", "self"}
)


def identities(text: str) -> Iterator[tuple[str, str]]:
    """Address and attribute of each computed attribute in a symbolic text."""
    for inner in IDENTITY.findall(text):
        match = ADDRESS.fullmatch(inner)
        if match:
            yield match[1], match[2] or ""


def traversals(node: Any) -> Iterator[tuple[str, str]]:
    """Each `name.attribute` at the head of a traversal in an expression."""
    if not isinstance(node, tuple):
        return
    if node and node[0] == "get" and isinstance(node[3], tuple) and node[3][0] == "id":
        yield node[3][3], node[4]
    for part in node:
        if isinstance(part, tuple):
            yield from traversals(part)


def mentions(node: Node) -> Iterator[tuple[str, str]]:
    """Type and name of each resource that an expression mentions."""
    return (found for found in traversals(node) if found[0] not in NO_RESOURCE)


def mentioned(node: Node, module: "Module", seen: set[tuple[str, str, str]] | None = None) -> set[str]:
    """Addresses (without instance keys) that an expression can reach, through locals and module outputs."""
    seen = set() if seen is None else seen
    found: set[str] = set()
    for head, name in traversals(node):
        if (module.address, head, name) in seen:
            continue
        seen.add((module.address, head, name))
        if head == "local" and name in module.folder.locals:
            found |= mentioned(module.folder.locals[name].node[4], module, seen)
        elif head == "module" and (body := module.folder.named.get(("module", name))) is not None:
            for child in module.children(name, body):
                if not isinstance(child, Unknown):
                    for _, output in child.folder.of("output"):
                        value = output.expression("value")
                        found |= mentioned(value.node, child, seen) if value else set()
        elif head not in NO_RESOURCE:
            found.add(f"{module.prefix}{head}.{name}")
    return found
