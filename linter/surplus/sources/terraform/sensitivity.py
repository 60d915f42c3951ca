"""Which values are never printed: arguments the types table names, and what a sensitive variable or output sets."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from surplus.masking import lines_in
from surplus.model import Route
from surplus.sources.terraform.blocks import META, expand_blocks
from surplus.sources.terraform.evaluate import Module
from surplus.sources.terraform.expressions import Scope
from surplus.sources.terraform.instances import Instance
from surplus.sources.terraform.modules import Body
from surplus.sources.terraform.nodes import Node
from surplus.sources.terraform.references import SENSITIVE_CALL
from surplus.sources.terraform.scopes import ModuleScope
from surplus.sources.terraform.types import Shape, shape_of

SECRET_NAMES = frozenset(
    (
        *("password", "master_password", "admin_password", "administrator_login_password", "root_password"),
        *("secret", "secret_string", "secret_key", "private_key", "client_secret", "auth_token", "api_key", "token"),
    )
)
"""Arguments that are secrets in whatever resource type."""


def sensitive_routes(instance: Instance, values: Mapping[str, Any]) -> frozenset[Route]:
    """The routes of a resource that must not be shown: arguments as whole values, those of nested blocks too."""
    found: set[Route] = set()
    _collect(instance.body, instance.scope, shape_of(instance.type), (), values, found)
    return frozenset(found)


def secret_texts(module: Module) -> frozenset[str]:
    """Every known text of a sensitive variable, and every literal inside `sensitive()`, here and in modules called."""
    found: set[str] = set()
    if not module.evaluation.speaks_of_secrets:
        return frozenset()
    for (name,), body in module.folder.of("variable"):
        if _marked(body):
            found |= lines_in(module.variable(name))
    for file in module.folder.files:
        if "sensitive(" in file.text:
            found |= lines_in(list(_literals(file.body)))
    for (name,), _ in module.folder.of("module"):
        for child in module.called(name):
            found |= secret_texts(child)
    return frozenset(found)


def _literals(body: tuple[Node, ...]) -> Iterator[str]:
    """The texts inside the calls of `sensitive`."""
    pending: list[tuple[Any, bool]] = [(body, False)]
    while pending:
        node, inside = pending.pop()
        if node and node[0] == "lit" and inside and isinstance(node[3], str):
            yield node[3]
        inside = inside or (len(node) > 4 and node[0] == "call" and node[3] == "sensitive")
        pending.extend((part, inside) for part in node if part.__class__ is tuple)


def has_sensitive_tags(provider: Body, scope: ModuleScope) -> bool:
    """Whether a provider's default tags hold something sensitive."""
    return any(block.node[3] == "default_tags" and _has_sensitive(block.node, scope) for block in provider.blocks)


def _collect(
    body: Body, scope: ModuleScope, shape: Shape | None, route: Route, values: Mapping[str, Any], found: set[Route]
) -> None:
    named = SECRET_NAMES | (shape.sensitive if shape else frozenset())
    found.update((*route, name) for name in named if values.get(name) is not None)
    for name, placed in body.attributes.items():
        if (route or name not in META) and _has_sensitive(placed.node[4], scope):
            found.add((*route, name))
            if shape is not None and name in shape.renamed:
                found.add((*route, shape.renamed[name]))
    if not any(_has_sensitive(block.node, scope) for block in body.blocks) and not _names_below(shape):
        return
    counted: Counter[str] = Counter()
    for kind, block, inner in expand_blocks(body, scope, top=not route):
        items, index = values.get(kind), counted[kind]
        counted[kind] += 1
        if (
            isinstance(block, Body)
            and isinstance(items, list)
            and index < len(items)
            and isinstance(items[index], dict)
        ):
            below = shape.blocks.get(kind) if shape else None
            _collect(block, inner, below, (*route, kind, index), items[index], found)


def _names_below(shape: Shape | None) -> bool:
    """Whether the table names something sensitive in a nested block."""
    return shape is not None and any(block.sensitive or _names_below(block) for block in shape.blocks.values())


def _has_sensitive(node: Node, scope: Scope) -> bool:
    """Whether an expression leads to something sensitive, through variables, locals, outputs and iteration.

    What was visited in vain is remembered: none of it leads there.
    """
    if isinstance(scope, ModuleScope) and not scope.module.evaluation.speaks_of_secrets:
        return False
    pending: list[tuple[Node, Scope]] = [(node, scope)]
    visited: dict[tuple[str, str, str], bool] = {}
    known: dict[tuple[str, str, str], bool] = {}
    while pending:
        expression, inside = pending.pop()
        if not isinstance(inside, ModuleScope):
            continue
        module = inside.module
        known = module.evaluation.sensitive
        for head, name in module.evaluation.traversals(expression):
            if (head, name) == SENSITIVE_CALL:
                return True
            if (origin := inside.origins.get(head)) is not None:
                pending.append((origin.collection.node, origin.scope))
            key = (module.address, head, name)
            if head not in SOURCES or key in visited or known.get(key) is False:
                continue
            marked, leads = (True, []) if known.get(key) else SOURCES[head](name, module)
            if marked:
                known[key] = True
                return True
            visited[key] = False
            pending += leads
    known.update(visited)
    return False


Sources = tuple[bool, list[tuple[Node, Scope]]]
"""Whether something is marked sensitive itself, and the expressions that set it."""


def _variable(name: str, module: Module) -> Sources:
    given = module.given(name)
    marked = _marked(module.folder.named.get(("variable", name)))
    return marked, [(given[0].node, given[1])] if given is not None else []


def _local(name: str, module: Module) -> Sources:
    placed = module.folder.locals.get(name)
    return False, [(placed.node[4], module.scope)] if placed is not None else []


def _outputs(name: str, module: Module) -> Sources:
    """Any sensitive output makes the whole call count: which one is used is not looked at."""
    child = next(module.called(name), None)
    outputs = [output for _, output in child.folder.of("output")] if child else []
    values = (output.expression("value") for output in outputs)
    return any(map(_marked, outputs)), [(value.node, child.scope) for value in values if value and child]


SOURCES = {"var": _variable, "local": _local, "module": _outputs}


def _marked(body: Body | None) -> bool:
    """Whether a variable or output is declared sensitive, or ephemeral: that is how credentials are passed."""
    written = [body.expression(name) for name in ("sensitive", "ephemeral")] if body else []
    return any(one is not None and one.node[0] == "lit" and one.node[3] is True for one in written)
