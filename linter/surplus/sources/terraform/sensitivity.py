"""Which values are never printed: arguments the types table names, and what a sensitive variable or output sets."""

from collections.abc import Mapping
from typing import Any

from surplus.model import Route
from surplus.sources.terraform.evaluate import Instance, Module
from surplus.sources.terraform.modules import Body
from surplus.sources.terraform.nodes import Node
from surplus.sources.terraform.types import shapes


def sensitive_routes(instance: Instance, values: Mapping[str, Any]) -> frozenset[Route]:
    """The attributes of a resource, as whole values, that must not be shown."""
    shape = shapes().get(instance.type)
    named = shape.sensitive if shape else frozenset()
    found: set[Route] = {(name,) for name in named if values.get(name) is not None}
    module = instance.scope.module
    for name, placed in instance.body.attributes.items():
        if _has_sensitive(placed.node[4], module):
            found.add((name,))
    return frozenset(found)


def _has_sensitive(node: Node, module: Module) -> bool:
    return any(_is_sensitive(head, name, module) for head, name in module.evaluation.traversals(node))


def _is_sensitive(head: str, name: str, module: Module) -> bool:
    """Whether `head.name` is, or is made from, something marked sensitive."""
    if head not in ("var", "local", "module"):
        return False
    key = (module.address, head, name)
    known = module.evaluation.sensitive
    if key not in known:
        known[key] = False  # for what leads back here
        known[key] = SENSITIVE[head](name, module)
    return known[key]


def _variable(name: str, module: Module) -> bool:
    if _marked(module.folder.named.get(("variable", name))):
        return True
    given = module.given(name)
    return given is not None and module.caller is not None and _has_sensitive(given[0].node, module.caller)


def _local(name: str, module: Module) -> bool:
    placed = module.folder.locals.get(name)
    return placed is not None and _has_sensitive(placed.node[4], module)


def _outputs(name: str, module: Module) -> bool:
    """Any sensitive output makes the whole call count: which one is used is not looked at."""
    body = module.folder.named.get(("module", name))
    children = module.children(name, body) if body else ()
    return any(
        _marked(output) for child in children if isinstance(child, Module) for _, output in child.folder.of("output")
    )


SENSITIVE = {"var": _variable, "local": _local, "module": _outputs}


def _marked(body: Body | None) -> bool:
    written = body.expression("sensitive") if body else None
    return written is not None and written.node[0] == "lit" and written.node[3] is True
