"""An instance and its surroundings to a `Resource`, as rules see it."""

from collections.abc import Iterator, Mapping
from typing import Any

from surplus.model import Resource, Route, Unknown
from surplus.sources.terraform.access import Lookup
from surplus.sources.terraform.blocks import META, body_values
from surplus.sources.terraform.evaluate import BOUNDS
from surplus.sources.terraform.instances import Instance
from surplus.sources.terraform.limits import exceeded
from surplus.sources.terraform.modules import Body, read_body
from surplus.sources.terraform.nodes import Node
from surplus.sources.terraform.providers import all_tags, in_force, provider_of, region_of
from surplus.sources.terraform.references import identities, symbolic_texts
from surplus.sources.terraform.sensitivity import has_sensitive_tags, sensitive_routes
from surplus.sources.terraform.types import complete, shape_of
from surplus.sources.terraform.values import excess


def resource_of(instance: Instance, one: bool, optional: bool, region: str | None) -> Resource:
    """The resource that *instance* is; *region* applies where no provider block does."""
    values, defaulted = resource_values(instance)
    provider = provider_of(instance, in_force(instance.scope.module))
    sensitive = sensitive_routes(instance, values)
    shape = shape_of(instance.type)
    has_tags = shape is None or "tags_all" in shape.attributes
    if instance.type.startswith("aws_") and has_tags and values.get("tags_all") is None:
        tags = all_tags(provider, values.get("tags"))
        if tags is not None:
            values["tags_all"] = tags
        if ("tags",) in sensitive or (provider and has_sensitive_tags(provider.body, provider.module.scope)):
            sensitive |= {("tags_all",)}
    return Resource(
        source="terraform",
        type=instance.type,
        address=instance.address,
        location=instance.body.header.location,
        values=values,
        defaulted=defaulted,
        sensitive=sensitive,
        references=_references(instance, values),
        region=region_of(instance, provider, values, region),
        instances=1 if one else None,
        optional=optional,
        ignored=_ignored(instance.body),
    )


def _ignored(body: Body) -> frozenset[str]:
    """The arguments under `lifecycle { ignore_changes = […] }`, as `root_block_device.tags`: names without indexes."""
    found: set[str] = set()
    for block in body.blocks:
        written = read_body(block).expression("ignore_changes") if block.node[3] == "lifecycle" else None
        for node in written.node[3] if written and written.node[0] == "tup" else (written.node,) if written else ():
            names: list[str] = []
            while node[0] in ("get", "idx"):
                key = node[4] if node[0] == "get" else node[4][3] if node[4][0] == "lit" else None
                names = [key, *names] if isinstance(key, str) else names
                node = node[3]
            found.add("*" if node[3] == "all" else ".".join((str(node[3]), *names)))
    return frozenset(found)


def resource_values(instance: Instance) -> tuple[dict[str, Any], frozenset[Route]]:
    """The values of a resource in the types table's shape, and the routes that hold a default."""
    values = body_values(instance.body, instance.scope)
    for name, value in values.items():
        if isinstance(value, (dict, list)):
            bound = excess(value)
            values[name] = exceeded(bound, BOUNDS[bound]) if bound else plain(value)
        elif isinstance(value, Lookup):
            values[name] = plain(value)
    shape = shape_of(instance.type)
    if shape is None:
        return values, frozenset()
    return values, frozenset(complete(values, shape))


def data_read(instance: Instance, attribute: str) -> dict[str, Any] | None:
    """The arguments of the data source that *attribute* is read from; None where it is written otherwise."""
    written = instance.body.expression(attribute)
    node = written.node if written else None
    while node is not None and node[0] in ("get", "idx", "par") and node[3][0] != "id":
        if node[0] == "get" and node[3][0] == "get" and node[3][3][0] == "id" and node[3][3][3] == "data":
            module = instance.scope.module
            body = module.folder.named.get(("data", node[3][4], node[4]))
            return {name: plain(value) for name, value in body_values(body, module.scope).items()} if body else None
        node = node[3]
    return None


def plain(value: Any) -> Any:
    """*value* without lookups: a resource or module as a whole is unknown, sets are lists, keys are texts."""
    if isinstance(value, Lookup):
        return Unknown(value.reason, value.text, value.nullable)
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value


def _references(instance: Instance, values: Mapping[str, Any]) -> tuple[str, ...]:
    """What this resource refers to: by identity in its values; as written also data sources and module calls."""
    found = {address for text in symbolic_texts(values) for address, _ in identities(text)}
    module = instance.scope.module
    for node in _expressions(instance.body):
        for head, name in module.evaluation.traversals(node):
            kind, _, type_ = head.partition(".")
            declared = ("data", type_, name) if kind == "data" else ("resource", head, name)
            if declared in module.folder.named or (head == "module" and (head, name) in module.folder.named):
                found.add(f"{module.prefix}{head}.{name}")
    found.discard(instance.address)
    return tuple(sorted(found))


def _expressions(body: Body) -> Iterator[Node]:
    """The expressions and nested blocks of a resource that set its arguments."""
    yield from (placed.node[4] for name, placed in body.attributes.items() if name not in META - {"for_each", "count"})
    yield from (placed.node for placed in body.blocks if placed.node[3] not in META)
