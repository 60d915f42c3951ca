"""The cause of a value: from the attribute, through locals, variables and arguments, to the literal that sets it.

Evaluation keeps no provenance; findings are few, so the one flagged attribute is followed again here.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from surplus.model import Cause, Location, Route, Trace, Unknown
from surplus.sources.terraform import constraints
from surplus.sources.terraform.access import elements
from surplus.sources.terraform.blocks import expand_blocks
from surplus.sources.terraform.evaluate import Module, nullable
from surplus.sources.terraform.expressions import Scope, visit
from surplus.sources.terraform.instances import Instance
from surplus.sources.terraform.limits import MAX_CAUSES, TooCostlyError
from surplus.sources.terraform.modules import Body, Placed
from surplus.sources.terraform.nodes import Node
from surplus.sources.terraform.scopes import ModuleScope, Origin
from surplus.sources.terraform.types import shape_of
from surplus.sources.terraform.values import EvaluationError

KEEPS = frozenset({"tostring", "tonumber", "tobool", "tolist", "toset", "tomap", "sensitive", "nonsensitive"})
"""Functions that give their argument back."""

DECODES = frozenset(
    {
        "jsondecode",
        "yamldecode",
        "csvdecode",
        "provider::kubernetes::manifest_decode",
        "provider::kubernetes::manifest_decode_multi",
    }
)
"""Functions that read a document, of which the file that holds it says more than the call."""


def trace(instance: Instance, route: Route) -> Trace:
    """Where the value at *route* is written and what sets it."""
    route = as_written(instance, route)
    placed, scope, rest, exact = find(instance.body, instance.scope, route, top=True)
    if not exact or placed.node[0] == "block":
        return Trace(placed.location, exact=exact)
    placed, rest = within(placed, scope, rest)
    steps = _Steps()
    steps.follow(placed, scope, rest)
    written = not rest or placed.node[0] not in ("obj", "tup")
    return Trace(placed.location, tuple(steps.causes), written)


def as_written(instance: Instance, route: Route) -> Route:
    """The route with the name by which the configuration sets the argument: the old one where that is written."""
    shape = shape_of(instance.type)
    if not shape or not route or route[0] in instance.body.attributes:
        return route
    written = {new: old for old, new in shape.renamed.items() if old in instance.body.attributes}
    return (written.get(str(route[0]), route[0]), *route[1:])


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


def within(placed: Placed, scope: Scope, rest: Route) -> tuple[Placed, Route]:
    """The part of an object or list, as far as it is written out, that *rest* leads to, and what is left of it."""
    while rest:
        node, key = placed.node, rest[0]
        inner: Node | None = None
        if node[0] == "obj" and isinstance(key, str):
            inner = next((value for name, value in reversed(node[3]) if _value(name, scope) == key), None)
        elif node[0] == "tup" and isinstance(key, int) and key < len(node[3]):
            inner = node[3][key]
        elif node[0] == "obj" and key == 0 and placed.file.is_json:  # one block may be written as an object
            inner = node
        if inner is None:
            break
        placed, rest = Placed(placed.file, inner), rest[1:]
    return placed, rest


@dataclass(slots=True)
class _Steps:
    """The causes met so far, and which part of what is set at each of them is meant."""

    causes: list[Cause] = field(default_factory=list)
    parts: list[Route] = field(default_factory=list)

    def follow(self, placed: Placed, scope: Scope, rest: Route) -> None:
        """Walk on from an expression as long as something else sets the value."""
        handler = HANDLERS.get(placed.node[0])
        if handler is not None and len(self.causes) < MAX_CAUSES:
            handler(self, placed, scope, rest)

    def step(self, text: str, placed: Placed, scope: Scope, rest: Route) -> None:
        """Record that *text* is set at *placed*, then go on from there."""
        location = Location(placed.file.path, placed.file.span(placed.node[1], placed.node[2]))
        self.causes.append(Cause(location, text))
        self.parts.append(rest)
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
    except (EvaluationError, TooCostlyError, RecursionError):
        return Unknown("")


def _par(steps: _Steps, at: Placed, scope: Scope, rest: Route) -> None:
    steps.inner(at, at.node[3], scope, rest)


def _template(steps: _Steps, at: Placed, scope: Scope, rest: Route) -> None:
    parts = at.node[3]
    if len(parts) == 1 and not isinstance(parts[0], str):
        steps.inner(at, parts[0], scope, rest)


def _conditional(steps: _Steps, at: Placed, scope: Scope, rest: Route) -> None:
    condition = _value(at.node[3], scope)
    if condition is True or condition == "true":
        steps.inner(at, at.node[4], scope, rest, show=True)
    elif condition is False or condition == "false":
        steps.inner(at, at.node[5], scope, rest, show=True)


def _object(steps: _Steps, at: Placed, scope: Scope, rest: Route) -> None:
    for key, value in at.node[3] if rest else ():
        if _value(key, scope) == rest[0]:
            if isinstance(rest[0], _Key):
                steps.inner(at, key, scope, (), show=True)
            else:
                steps.inner(at, value, scope, rest[1:], show=True)
            return


def _tuple(steps: _Steps, at: Placed, scope: Scope, rest: Route) -> None:
    items = at.node[3]
    if rest and isinstance(rest[0], int) and rest[0] < len(items):
        steps.inner(at, items[rest[0]], scope, rest[1:], show=True)
    elif rest and isinstance(rest[0], str):  # the element of a set is its own key
        for item in items:
            if _value(item, scope) == rest[0]:
                steps.inner(at, item, scope, rest[1:], show=True)
                return


def _for(steps: _Steps, at: Placed, scope: Scope, rest: Route) -> None:
    """The turn of a `for` that made the element at the head of the route."""
    if not rest or not isinstance(scope, ModuleScope):
        return
    is_list = at.node[0] == "forl"
    collection = _value(at.node[4], scope)
    condition = at.node[6] if is_list else at.node[8]
    if isinstance(collection, Unknown) or not isinstance(collection, (list, dict)) or (not is_list and at.node[7]):
        return
    made = 0
    for key, value in elements(collection):
        names = at.node[3]
        found = {names[0]: key, names[1]: value} if len(names) == 2 else {names[0]: value}
        origin = Origin(Placed(at.file, at.node[4]), scope, key, whole=True)
        inner = scope.child(found).with_origin(names[-1], origin)
        if condition is not None and _value(condition, inner) is not True:
            continue
        if (made if is_list else _value(at.node[5], inner)) == rest[0] and not isinstance(rest[0], _Key):
            steps.inner(at, at.node[5] if is_list else at.node[6], inner, rest[1:])
            return
        made += 1


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


def _name(steps: _Steps, at: Placed, scope: Scope, rest: Route) -> None:
    """A bare name: the variable of a `for`."""
    if isinstance(scope, ModuleScope) and (origin := scope.origins.get(at.node[3])) is not None and origin.whole:
        steps.step(at.node[3], origin.collection, origin.scope, (origin.key, *rest))


def _reference(steps: _Steps, head: str, name: str, scope: ModuleScope, rest: Route) -> None:
    module: Module = scope.module
    if head in scope.origins:
        origin = scope.origins[head]
        if origin.whole:
            steps.step(head, origin.collection, origin.scope, (origin.key, name, *rest))
        elif name == "value":
            steps.step(f"{head}.value", origin.collection, origin.scope, (origin.key, *rest))
        elif name == "key" and not rest:
            steps.step(f"{head}.key", origin.collection, origin.scope, (_Key(origin.key),))
    elif head in scope.names:
        return
    elif head == "local" and name in module.folder.locals:
        placed = module.folder.locals[name]
        steps.step(f"local.{name}", Placed(placed.file, placed.node[4]), module.scope, rest)
    elif head == "var":
        _variable(steps, name, module, rest)
    elif head == "module":
        _output(steps, name, module, rest)
    elif head == "resource" and rest:
        _resource(steps, name, str(rest[0]), module, rest[1:])
    elif head != "data":
        _resource(steps, head, name, module, rest)


class _Key(str):
    """A step of a route that means the key itself, not the value at it."""

    __slots__ = ()


def _variable(steps: _Steps, name: str, module: Module, rest: Route) -> None:
    given = module.given(name)
    body = module.folder.named.get(("variable", name))
    if body is None or (given is None and module.from_environment(name) is not None):
        return
    default = body.expression("default")
    value = _value(given[0].node, given[1]) if given is not None else None
    if given is not None and (value is not None or default is None or nullable(body)):
        if not _optional(steps, name, body, module, value, rest):
            steps.step(f"var.{name}", *given, rest)
    elif default is not None and not _optional(steps, name, body, module, _value(default.node, module.constants), rest):
        steps.step(f"var.{name}", default, module.constants, rest)


def _optional(steps: _Steps, name: str, body: Body, module: Module, value: Any, rest: Route) -> bool:
    """Record the default of an `optional()` attribute where *value* leaves it out; False where it does not."""
    kind = body.expression("type")
    constraint = constraints.read(kind.node if kind else None)
    for at, key in enumerate(rest):
        if constraint.kind in ("list", "set", "map") and constraint.element is not None:
            constraint = constraint.element
        else:
            found = next((one for one in constraint.attributes if one[0] == key), None)
            if kind is None or found is None:
                return False
            if isinstance(value, dict) and value.get(str(key)) is None and found[3] is not None:
                steps.step(f"var.{name}", Placed(kind.file, found[3]), module.constants, rest[at + 1 :])
                return True
            constraint = found[1]
        value = _item(value, key)
    return False


def _item(value: Any, key: str | int) -> Any:
    if isinstance(value, dict):
        return value.get(str(key))
    return value[key] if isinstance(value, list) and isinstance(key, int) and key < len(value) else None


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
    if at.node[5]:
        return
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
    elif name == "concat" and rest:
        _concat(steps, at, scope, rest)
    elif name in ("one", "values") and len(arguments) == 1:
        _only(steps, at, scope, rest)
    elif name in ("lookup", "element") and len(arguments) > 1:
        _lookup(steps, at, scope, rest)
    elif name in ("coalesce", "try"):
        _first(steps, at, scope, rest)
    elif name in DECODES and rest:
        _leave_document(steps, rest)


def _leave_document(steps: _Steps, part: Route) -> None:
    """Go back to where one value of a document is read: where all of it is read, or handed on, is the same place for
    all of its values.
    """
    while steps.parts and steps.parts[-1] == part:
        steps.causes.pop()
        steps.parts.pop()


def _concat(steps: _Steps, at: Placed, scope: Scope, rest: Route) -> None:
    position = rest[0]
    for argument in at.node[4]:
        value = _value(argument, scope)
        if not isinstance(value, list) or not isinstance(position, int):
            return
        if position < len(value):
            steps.inner(at, argument, scope, (position, *rest[1:]), show=True)
            return
        position -= len(value)


def _only(steps: _Steps, at: Placed, scope: Scope, rest: Route) -> None:
    value = _value(at.node[4][0], scope)
    if at.node[3] == "one" and isinstance(value, list) and len(value) == 1:
        steps.inner(at, at.node[4][0], scope, (0, *rest))
    elif at.node[3] == "values" and isinstance(value, dict) and rest and isinstance(rest[0], int):
        keys = sorted(value)
        if rest[0] < len(keys):
            steps.inner(at, at.node[4][0], scope, (keys[rest[0]], *rest[1:]))


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
        except (EvaluationError, TooCostlyError, RecursionError):
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
    "id": _name,
    "call": _call,
    "forl": _for,
    "foro": _for,
}
