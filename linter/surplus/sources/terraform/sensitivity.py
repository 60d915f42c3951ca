"""Which values are never printed: arguments the types table names, and what a sensitive variable or output sets."""

from collections.abc import Mapping
from typing import Any

from surplus.model import Route
from surplus.sources.terraform.evaluate import Instance, Module
from surplus.sources.terraform.modules import Body
from surplus.sources.terraform.references import traversals
from surplus.sources.terraform.types import shapes


def sensitive_routes(instance: Instance, values: Mapping[str, Any]) -> frozenset[Route]:
    """The attributes of a resource, as whole values, that must not be shown."""
    shape = shapes().get(instance.type)
    named = shape.sensitive if shape else frozenset()
    found: set[Route] = {(name,) for name in named if values.get(name) is not None}
    module = instance.scope.module
    for name, placed in instance.body.attributes.items():
        if any(_is_sensitive(head, attribute, module) for head, attribute in traversals(placed.node[4])):
            found.add((name,))
    return frozenset(found)


def _is_sensitive(head: str, name: str, module: Module, depth: int = 0) -> bool:
    """Whether `head.name` is, or is made from, something marked sensitive."""
    if depth > 20:
        return True
    if head == "var":
        body = module.folder.named.get(("variable", name))
        if _marked(body):
            return True
        given = module.given(name)
        if given is None or module.caller is None:
            return False
        return any(_is_sensitive(*found, module.caller, depth + 1) for found in traversals(given[0].node))
    if head == "local" and name in module.folder.locals:
        return any(
            _is_sensitive(*found, module, depth + 1) for found in traversals(module.folder.locals[name].node)
        )
    if head == "module":
        body = module.folder.named.get(("module", name))
        children = module.children(name, body) if body else ()
        return any(
            _marked(output)
            for child in children
            if isinstance(child, Module)
            for _, output in child.folder.of("output")
        )
    return False


def _marked(body: Body | None) -> bool:
    written = body.expression("sensitive") if body else None
    return written is not None and written.node[0] == "lit" and written.node[3] is True
