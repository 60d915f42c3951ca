"""The cause of a value: from the attribute, through locals, variables and arguments, to the literal that sets it.

Evaluation keeps no provenance; findings are few, so the one flagged attribute is followed again here.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from surplus.model import Cause, Location, Route, Trace, Unknown
from surplus.sources.terraform.evaluate import Instance, Module, expand_blocks
from surplus.sources.terraform.expressions import Scope, visit
from surplus.sources.terraform.modules import Body, Placed
from surplus.sources.terraform.nodes import Node
from surplus.sources.terraform.scopes import ModuleScope
from surplus.sources.terraform.types import shapes
from surplus.sources.terraform.values import EvaluationError

MAX_STEPS = 100
"""Longer chains end where they are: nobody reads more."""

KEEPS = frozenset({"tostring", "tonumber", "tobool", "tolist", "toset", "tomap", "sensitive", "nonsensitive"})
"""Functions that give their argument back."""


def trace(instance: Instance, route: Route) -> Trace:
    """Where the value at *route* is written and what sets it."""
    shape = shapes().get(instance.type)
    if shape and route:
        written = {new: old for old, new in shape.renamed.items() if old in instance.body.attributes}
        route = (written.get(str(route[0]), route[0]), *route[1:])
    placed, scope, rest, exact = find(instance.body, instance.scope, route, top=True)
    if not exact or placed.node[0] == "block":
        return Trace(placed.location, exact=exact)
    steps = _Steps()
    steps.follow(placed, scope, rest)
    return Trace(placed.location, tuple(steps.causes), True, steps.default)


def find(body: Body, scope: ModuleScope, route: Route, top: bool) -> tuple[Placed, ModuleScope, Route, bool]:
    """The attribute's value (or nested block) at *route*, its scope, the rest of the route, and whether it is there."""
    if not route:
        return body.header, scope, (), True
    name, rest = str(route[0]), route[1:]
    written = body.expression(name)
    if written is not None:
        return written, scope, rest, True
    blocks = [
        (block, inner)
        for kind, block, inner in expand_blocks(body, scope, top)
        if kind == name and isinstance(block, Body)
    ]
    position = rest[0] if rest and isinstance(rest[0], int) else 0
    if blocks and position < len(blocks):
        block, inner = blocks[position]
        return find(block, inner, rest[1:], top=False)
    return body.header, scope, (), False


@dataclass(slots=True)
class _Steps:
    """The causes met so far; `default` names the variable whose default was used last."""

    causes: list[Cause] = field(default_factory=list)
    default: str = ""

    def follow(self, placed: Placed, scope: Scope, rest: Route) -> None:
        """Walk on from an expression as long as something else sets the value."""
        file, node = placed.file, placed.node
        if len(self.causes) >= MAX_STEPS:
            return
        handler = HANDLERS.get(node[0])
        if handler is not None:
            handler(self, Placed(file, node), scope, rest)

    def step(self, text: str, placed: Placed, scope: Scope, rest: Route) -> None:
        """Record that *text* is set at *placed*, then go on from there."""
        location = Location(placed.file.path, placed.file.span(placed.node[1], placed.node[2]))
        self.causes.append(Cause(location, text))
        self.follow(placed, scope, rest)

    def inner(self, placed: Placed, node: Node, scope: Scope, rest: Route, show: bool = False) -> None:
        """Go on in a part of the same expression; *show* moves the place to it."""
        part = Placed(placed.file, node)
        if show and self.causes:
            last = self.causes.pop()
            location = Location(part.file.path, part.file.span(node[1], node[2]))
            self.causes.append(Cause(location, last.text))
        self.follow(part, scope, rest)


Handler = Callable[[_Steps, Placed, Scope, Route], None]


def _value(node: Node, scope: Scope) -> Any:
    try:
        return visit(node, scope)
    except (EvaluationError, RecursionError):
        return Unknown("")


def _par(steps: _Steps, at: Placed, scope: Scope, rest: Route) -> None:
    steps.inner(at, at.node[3], scope, rest)


def _template(steps: _Steps, at: Placed, scope: Scope, rest: Route) -> None:
    parts = at.node[3]
    if len(parts) == 1 and not isinstance(parts[0], str):
        steps.inner(at, parts[0], scope, rest)


def _conditional(steps: _Steps, at: Placed, scope: Scope, rest: Route) -> None:
    condition = _value(at.node[3], scope)
    if condition in (True, "true"):
        steps.inner(at, at.node[4], scope, rest, show=True)
    elif condition in (False, "false"):
        steps.inner(at, at.node[5], scope, rest, show=True)


def _object(steps: _Steps, at: Placed, scope: Scope, rest: Route) -> None:
    for key, value in at.node[3]:
        if rest and _value(key, scope) == rest[0]:
            steps.inner(at, value, scope, rest[1:], show=True)
            return


def _tuple(steps: _Steps, at: Placed, scope: Scope, rest: Route) -> None:
    if rest and isinstance(rest[0], int) and rest[0] < len(at.node[3]):
        steps.inner(at, at.node[3][rest[0]], scope, rest[1:], show=True)


def _index(steps: _Steps, at: Placed, scope: Scope, rest: Route) -> None:
    key = _value(at.node[4], scope)
    if isinstance(key, (str, int)) and not isinstance(key, bool):
        steps.inner(at, at.node[3], scope, (key, *rest))


def _get(steps: _Steps, at: Placed, scope: Scope, rest: Route) -> None:
    target, name = at.node[3], at.node[4]
    if target[0] != "id":
        steps.inner(at, target, scope, (name, *rest))
    elif isinstance(scope, ModuleScope):
        _reference(steps, target[3], name, scope, rest)


def _reference(steps: _Steps, head: str, name: str, scope: ModuleScope, rest: Route) -> None:
    module: Module = scope.module
    if head in scope.origins:
        origin = scope.origins[head]
        if name == "value":
            steps.step(f"{head}.value", origin.collection, origin.scope, (origin.key, *rest))
    elif head in scope.names:
        return
    elif head == "local" and name in module.folder.locals:
        placed = module.folder.locals[name]
        steps.step(f"local.{name}", Placed(placed.file, placed.node[4]), module.scope, rest)
    elif head == "var":
        _variable(steps, name, module, rest)
    elif head == "module":
        _output(steps, name, module, rest)
    else:
        _resource(steps, head, name, module, rest)


def _variable(steps: _Steps, name: str, module: Module, rest: Route) -> None:
    given = module.given(name)
    body = module.folder.named.get(("variable", name))
    if given is not None:
        steps.step(f"var.{name}", *given, rest)
    elif body is not None and (default := body.expression("default")) is not None:
        steps.default = f"var.{name}"
        steps.step(f"var.{name}", default, module.constants, rest)


def _output(steps: _Steps, name: str, module: Module, rest: Route) -> None:
    body = module.folder.named.get(("module", name))
    keyed = len(rest) > 1 and body is not None and (body.expression("count") or body.expression("for_each"))
    key, rest = (rest[0], rest[1:]) if keyed else (None, rest)
    if body is None or not rest:
        return
    for index, child in enumerate(module.children(name, body)):
        wanted = key is None or key == index or (isinstance(child, Module) and child.address.endswith(f'["{key}"]'))
        if wanted and isinstance(child, Module):
            output = child.folder.named.get(("output", str(rest[0])))
            value = output.expression("value") if output else None
            if value is not None:
                steps.step(f"module.{name}.{rest[0]}", value, child.scope, rest[1:])
            return


def _resource(steps: _Steps, head: str, name: str, module: Module, rest: Route) -> None:
    found = module.resource(head, name)
    while rest and isinstance(found, (list, dict)):
        key, rest = rest[0], rest[1:]
        try:
            found = found[key]  # type: ignore[index]
        except (LookupError, TypeError):
            return
    if isinstance(found, Instance) and rest:
        placed, scope, further, exact = find(found.body, found.scope, rest, top=True)
        if exact and placed.node[0] != "block":
            steps.step(f"{found.address}.{rest[0]}", placed, scope, further)


def _call(steps: _Steps, at: Placed, scope: Scope, rest: Route) -> None:
    name, arguments = at.node[3], at.node[4]
    if name in KEEPS and arguments:
        steps.inner(at, arguments[0], scope, rest)
    elif name == "merge" and rest:
        for argument in reversed(arguments):
            value = _value(argument, scope)
            if isinstance(value, Unknown):
                return
            if isinstance(value, dict) and rest[0] in value:
                steps.inner(at, argument, scope, rest, show=True)
                return
    elif name in ("lookup", "element") and len(arguments) > 1:
        _lookup(steps, at, scope, rest)
    elif name in ("coalesce", "try"):
        _first(steps, at, scope, rest)


def _lookup(steps: _Steps, at: Placed, scope: Scope, rest: Route) -> None:
    collection, key = (_value(argument, scope) for argument in at.node[4][:2])
    if isinstance(collection, dict) and isinstance(key, str):
        if key in collection:
            steps.inner(at, at.node[4][0], scope, (key, *rest))
        elif len(at.node[4]) > 2:
            steps.inner(at, at.node[4][2], scope, rest, show=True)
    elif isinstance(collection, list) and isinstance(key, int) and collection:
        steps.inner(at, at.node[4][0], scope, (key % len(collection), *rest))


def _first(steps: _Steps, at: Placed, scope: Scope, rest: Route) -> None:
    """`coalesce` takes the first that is neither null nor empty, `try` the first without an error."""
    for argument in at.node[4]:
        try:
            value = visit(argument, scope)
        except (EvaluationError, RecursionError):
            continue
        if at.node[3] == "try" or value not in (None, ""):
            if not isinstance(value, Unknown):
                steps.inner(at, argument, scope, rest, show=True)
            return


HANDLERS: dict[str, Handler] = {
    "par": _par,
    "tmpl": _template,
    "cond": _conditional,
    "obj": _object,
    "tup": _tuple,
    "idx": _index,
    "get": _get,
    "call": _call,
}
