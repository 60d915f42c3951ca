"""The attributes and nested blocks of a body, evaluated; `dynamic` blocks expanded."""

from collections.abc import Iterator
from typing import Any

from surplus.model import Unknown
from surplus.sources.terraform.limits import MAX_INSTANCES
from surplus.sources.terraform.modules import Body, Placed, read_body
from surplus.sources.terraform.scopes import ModuleScope, Origin
from surplus.sources.terraform.values import Set, key_value, type_name

META_ATTRIBUTES = frozenset({"count", "for_each", "provider", "depends_on"})
META_BLOCKS = frozenset({"lifecycle", "provisioner", "connection", "timeouts"})
META = META_ATTRIBUTES | META_BLOCKS
"""Names of a resource that are not its arguments; in JSON the blocks among them look like attributes."""


def body_values(body: Body, scope: ModuleScope, top: bool = True) -> dict[str, Any]:
    """The evaluated attributes and nested blocks of a body; meta-arguments are left out at the top."""
    module = scope.module
    values = {
        name: module.evaluate(Placed(placed.file, placed.node[4]), scope, name)
        for name, placed in body.attributes.items()
        if not (top and name in META)
    }
    if body.blocks:
        values.update(block_values(body, scope, top))
    return values


def block_values(body: Body, scope: ModuleScope, top: bool = False) -> dict[str, Any]:
    """The nested blocks by type, each a list; unknown as a whole where a dynamic block's for_each is."""
    values: dict[str, Any] = {}
    for kind, block, inner in expand_blocks(body, scope, top):
        if isinstance(block, Unknown):
            values[kind] = Unknown(block.reason, nullable=False)
        elif isinstance(found := values.setdefault(kind, []), list):
            found.append(body_values(block, inner, top=False))
    return values


def expand_blocks(
    body: Body, scope: ModuleScope, top: bool = False
) -> Iterator[tuple[str, Body | Unknown, ModuleScope]]:
    """Type, body and scope of each nested block, dynamic ones expanded; an `Unknown` for those that cannot be."""
    for placed in body.blocks:
        kind = placed.node[3]
        if top and kind in META_BLOCKS:
            continue
        if kind != "dynamic":
            yield kind, read_body(placed), scope
        elif placed.node[4]:
            yield from _expand(placed, scope)


def _expand(placed: Placed, scope: ModuleScope) -> Iterator[tuple[str, Body | Unknown, ModuleScope]]:
    """The blocks that one `dynamic` block makes."""
    kind, dynamic = placed.node[4][0], read_body(placed)
    content = next((block for block in dynamic.blocks if block.node[3] == "content"), None)
    each = dynamic.expression("for_each")
    what = f'dynamic "{kind}"'
    if content is None or each is None:
        yield kind, Unknown(f"{what} lacks for_each or content"), scope
        return
    value = scope.module.evaluate(each, scope, what)
    if isinstance(value, Unknown):
        yield kind, value, scope
    elif isinstance(value, (dict, list)):
        name = _iterator(dynamic, kind)
        pairs = _pairs(value)
        if len(pairs) > MAX_INSTANCES:
            message = f"{what} makes {len(pairs):,} blocks; only the first {MAX_INSTANCES:,} (MAX_INSTANCES) are judged"
            scope.module.evaluation.problem(message, each)
        block = read_body(content)
        for key, item in pairs[:MAX_INSTANCES]:
            yield kind, block, scope.repeated(name, key_value(key), item, Origin(each, scope, key))
    else:
        yield kind, Unknown(f"{what}: {type_name(value)} cannot be iterated"), scope


def _iterator(dynamic: Body, kind: str) -> str:
    """The name of the iteration variable: a bare word, in JSON a string."""
    iterator = dynamic.expression("iterator")
    return str(iterator.node[3]) if iterator is not None and iterator.node[0] in ("id", "lit") else kind


def _pairs(value: dict[str, Any] | list[Any]) -> list[tuple[Any, Any]]:
    if isinstance(value, dict):
        return [(key, value[key]) for key in sorted(value)]
    return [(item, item) for item in value] if isinstance(value, Set) else list(enumerate(value))
