"""Which variables' defaults a finding in a library module rests on: whoever calls the module may decide otherwise."""

from collections.abc import Iterable, Iterator
from typing import Any

from surplus.model import Route
from surplus.sources.terraform.evaluate import Module
from surplus.sources.terraform.instances import Instance
from surplus.sources.terraform.modules import Body, read_body
from surplus.sources.terraform.nodes import Node

Expression = tuple[Node, Module]
REPEATED = ("count", "for_each")


def default_behind(instance: Instance, routes: Iterable[Route], top: Module, around: frozenset[str] | None) -> str:
    """The first variable of the root whose default has a part in the values at *routes*, in there being this
    instance, or in how many resources there are of the types *around* (None: of any), as `var.name`; "" without.
    """
    start = [*_of_routes(instance, routes), *_of_existence(instance.body, instance.scope.module)]
    if around is None or around:
        start += _of_counts(top, around)[1]
    return _reached(start)


def _of_routes(instance: Instance, routes: Iterable[Route]) -> Iterator[Expression]:
    module = instance.scope.module
    names = {tuple(str(part) for part in route if not isinstance(part, int)) for route in routes if route}
    return ((node, module) for node in _in_body(instance.body, names))


def _in_body(body: Body, names: set[tuple[str, ...]]) -> Iterator[Node]:
    """The expressions that decide what is at these paths, without indexes, of a body."""
    heads = {path[0] for path in names}
    for name, placed in body.attributes.items():
        if name in heads:
            yield placed.node[4]
    for block in body.blocks:
        dynamic = block.node[3] == "dynamic"
        name = block.node[4][0] if dynamic and block.node[4] else block.node[3]
        if name not in heads:
            continue
        below = {path[1:] for path in names if path[0] == name}
        inner = read_body(block)
        content = [part for part in inner.blocks if part.node[3] == "content"] if dynamic else []
        if () in below or (dynamic and not content):
            yield block.node
            continue
        if dynamic:
            yield from (placed.node[4] for placed in inner.attributes.values())
            inner = read_body(content[0])
        yield from _in_body(inner, below)


def _of_existence(body: Body, module: Module) -> Iterator[Expression]:
    """What decides how many there are of a block, and of each module it is in."""
    inside: Module | None = module
    own: Body | None = body
    while own is not None and inside is not None:
        for name in REPEATED:
            placed = own.expression(name)
            if placed is not None:
                yield placed.node, inside
        own, inside = inside.call_body, inside.caller


def _of_counts(module: Module, types: frozenset[str] | None) -> tuple[bool, list[Expression]]:
    """Whether a module has resources of these types (None: any), and what decides how many. A module that cannot be
    read, or is not there, may have them.
    """
    found, expressions = False, []
    for (kind, *labels), body in module.folder.named.items():
        if kind == "module":
            inside = [_of_counts(child, types) for child in module.called(labels[0])]
            here = not inside or any(has for has, _ in inside)
            expressions += [one for _, deeper in inside for one in deeper]
        else:
            here = kind == "resource" and (types is None or labels[0] in types)
        if here:
            found = True
            placed = (body.expression(name) for name in REPEATED)
            expressions += [(one.node, module) for one in placed if one is not None]
    return found, expressions


def _reached(start: list[Expression]) -> str:
    """The first variable of the root without a given value that expressions lead to."""
    seen: set[tuple[str, str, str]] = set()
    pending = list(reversed(start))
    while pending:
        node, module = pending.pop()
        for head, name in module.evaluation.traversals(node):
            key = (module.address, head, name)
            if key in seen:
                continue
            seen.add(key)
            if head == "var":
                given = module.given(name)
                if given is not None and module.caller is not None:
                    pending.append((given[0].node, module.caller))
                elif given is None and module.caller is None and module.from_environment(name) is None:
                    return f"var.{name}"
            elif head == "local" and name in module.folder.locals:
                pending.append((module.folder.locals[name].node[4], module))
            elif head == "module":
                pending += module.behind_outputs(name)
            elif (body := module.folder.named.get(("resource", head, name))) is not None:
                seen.discard(key)  # each attribute counts by itself
                for argument in (*REPEATED, *_arguments(node, head, name)):
                    placed = body.expression(argument)
                    if placed is not None and (key := (module.address, f"{head}.{name}", argument)) not in seen:
                        seen.add(key)
                        pending.append((placed.node, module))
    return ""


def _arguments(node: Node, head: str, name: str) -> Iterator[str]:
    """The arguments of the resource `head.name` that an expression reads."""
    pending: list[Any] = [node]
    while pending:
        part = pending.pop()
        if len(part) > 4 and part[0] in ("get", "splat"):
            base = part[3]
            while base and base[0] == "idx":
                base = base[3]
            if base and base[0] == "get" and base[4] == name and base[3][0] == "id" and base[3][3] == head:
                yield from (step for step in ((part[4],) if part[0] == "get" else part[4][:1]) if isinstance(step, str))
        pending.extend(inner for inner in part if inner.__class__ is tuple)
