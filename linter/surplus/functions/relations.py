"""Functions that look around in the root: `linked`, `joined`, `target`, `same`, `closed`, `log_sources`."""

from collections.abc import Iterable, Iterator
from typing import Any

from surplus.catalog.log_destinations import log_destinations
from surplus.expression_text import NO_FIELDS
from surplus.expressions import FunctionTable, Overload, UnknownValueError, to_cel
from surplus.functions.scope import Links, Record, RuleScope, base, identity_values, masked, name_text, reach, values_at
from surplus.model import Resource, Unknown
from surplus.sources.terraform.values import equal


def linked(scope: RuleScope, type_: str, attribute: str, text: str | None = None) -> list[dict[str, Any]]:
    """The resources of *type_* whose *attribute* names this one, or equals *text*, sorted by address.

    When one of them has an unknown there it may be ours: the engine judges without and with it.
    """
    return records(scope, _linked(scope, type_, attribute, text))


def _linked(scope: RuleScope, type_: str, attribute: str, text: str | None) -> list[Resource]:
    links = scope.world.links(type_, attribute)
    address = scope.resource.address
    found = {resource.address: resource for resource in links.by_address.get(address, ())}
    if scope.resource.instances is None:
        found.update((resource.address, resource) for resource in links.by_address.get(base(address), ()))
    names = list(identity_values(scope.resource))
    for known in {*(name_text(name) for name in names), text or ""} - {""}:
        found.update((resource.address, resource) for resource in links.by_text.get(known, ()))
    unknown_name = next((name for name in names if isinstance(name, Unknown)), None)
    if unknown_name is not None:
        for resource in _nameless(scope, links):
            if resource.address not in found:
                scope.maybe = scope.maybe or f"{resource.address} may name {address}: {unknown_name.reason}"
                if scope.include:
                    found[resource.address] = resource
    if "[*]" not in address and links.by_address:
        some = base(address) + "[*]"
        for resource in links.by_address.get(some, ()):
            scope.maybe = scope.maybe or f"which instance {resource.address} refers to is not known"
            if scope.include:
                found[resource.address] = resource
    for resource, reason in links.unknown:
        if resource.address != address:
            scope.maybe = scope.maybe or f"{resource.address}.{attribute}: {reason}"
            if scope.include:
                found[resource.address] = resource
    for resource in found.values():
        if resource.optional:
            scope.maybe = scope.maybe or f"{resource.address} may not exist: its count is not known"
    if not scope.include:
        found = {name: resource for name, resource in found.items() if not resource.optional}
    return [found[name] for name in sorted(found) if name != address]


def _nameless(scope: RuleScope, links: Links) -> Iterator[Resource]:
    """The resources whose attribute holds a plain text that no resource of the root is known to have as name."""
    for text, resources in links.by_text.items():
        if "⟨" not in text and not scope.world.named(text):
            yield from resources


def joined(scope: RuleScope, type_: str, attribute: str, other: str) -> list[dict[str, Any]]:
    """The resources at the other end of those that join two, sorted by address: *other* of each resource of *type_*
    whose *attribute* names this one. Not decided where one of them is not in this root.
    """
    found: dict[str, Resource] = {}
    for link in _linked(scope, type_, attribute, None):
        for value in values_at(scope.world.now(link).values, other.split(".")):
            named = scope.world.named(value)
            if len(named) != 1:
                known = f"what {link.address}.{other} names is not in this root"
                raise UnknownValueError(value.reason if isinstance(value, Unknown) else known)
            found[named[0].address] = named[0]
    return records(scope, (found[name] for name in sorted(found)))


def target(scope: RuleScope, attribute: str, type_: str | None = None) -> dict[str, Any] | None:
    """The resource that *attribute* of this one (dotted, lists entered) names; null where it is unset or names none
    in this root. *type_* says of which type it is, where resources of several may have the same name.
    """
    value = next(values_at(scope.values, attribute.split(".")), None)
    if value is None:
        return None
    found = scope.world.named(value, type_)
    if not found and isinstance(value, Unknown):
        raise UnknownValueError(value.reason)
    if len(found) > 1:
        raise UnknownValueError(f"{attribute} may be {found[0].address} or {found[1].address}")
    return _record(scope, found[0]) if found else None


def log_sources(scope: RuleScope, attribute: str | None = None) -> list[dict[str, Any]]:
    """The resources that certainly deliver logs to this bucket, or to the one that *attribute* names, by address:
    `address`, `type`, and `kind`, which is `log` or `audit`.
    """
    own, names = [scope.resource], list(identity_values(scope.resource))
    if attribute is not None:
        names = list(values_at(scope.values, attribute.split(".")))
        own = [one for name in names for one in scope.world.named(name, "aws_s3_bucket")]
        names += [name for one in own for name in identity_values(one)]
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for row in log_destinations():
        links = scope.world.links(row.type, row.attribute)
        sources = [one for bucket in own for one in links.by_address.get(bucket.address, ())]
        for text in [row.form.format(name) for name in map(name_text, names) if name]:
            sources += links.by_text.get(text, ())
        for one in sources:
            on = list(values_at(one.values, row.enabled.split("."))) if row.enabled else []
            if one not in own and not one.optional and all(value is True for value in on):
                found[one.address, row.kind] = {"address": one.address, "type": one.type, "kind": row.kind}
    return [found[key] for key in sorted(found)]


def same(scope: RuleScope, type_: str, attribute: str) -> list[dict[str, Any]]:
    """The other resources of *type_* whose *attribute* names the same resource of this root as this one's does, or
    has an equal, known value; sorted by address.
    """
    own = reach(scope.values, tuple(attribute.split(".")), "")
    if own is None:
        return []
    named = scope.world.named(own)
    if len(named) == 1:
        around = RuleScope(named[0], scope.world, include=scope.include)
        linked_too = _linked(around, type_, attribute, None)
        scope.maybe = scope.maybe or around.maybe
        return records(scope, [one for one in linked_too if one is not scope.resource])
    if isinstance(own, Unknown) and own.text is None:
        raise UnknownValueError(own.reason)
    path = tuple(attribute.split("."))
    others = [one for one in scope.world.by_type.get(type_, ()) if one is not scope.resource]
    found = [one for one in others if counts(scope, one, equal(own, reach(one.values, path, "")), f".{attribute}")]
    return records(scope, sorted(found, key=lambda resource: resource.address))


def counts(scope: RuleScope, other: Resource, matches: bool | Unknown, what: str = "") -> bool:
    """Whether another resource is among those asked for. Where that is not known, or whether there is such a resource,
    the engine judges without and with it; *what* goes behind its address in the reason.
    """
    if isinstance(matches, Unknown):
        scope.maybe = scope.maybe or f"{other.address}{what}: {matches.reason}"
        return scope.include
    if matches and other.optional:
        why = "a kustomization may change it" if other.source == "kubernetes" else "its count is not known"
        scope.maybe = scope.maybe or f"{other.address} may not exist: {why}"
        return scope.include
    return matches


def siblings(scope: RuleScope, attribute: str) -> list[dict[str, Any]]:
    """`same` among the resources of this one's own type."""
    return same(scope, scope.resource.type, attribute)


def of_type(scope: RuleScope, type_: str) -> list[dict[str, Any]]:
    """The other resources of *type_* in the root, sorted by address."""
    others = [one for one in scope.world.by_type.get(type_, ()) if one is not scope.resource]
    return records(scope, sorted((one for one in others if counts(scope, one, True)), key=lambda one: one.address))


def closed(scope: RuleScope, named: str | None = None) -> bool:
    """True where this root is all that can refer to the resource, or to the one that a text such as `vpc()` names;
    otherwise not decided.
    """
    resource = scope.resource
    if named is not None:
        found = scope.world.named(Unknown(f"{named} is known after apply", named) if "⟨" in named else named)
        if len(found) != 1:
            raise UnknownValueError(f"{named} is not of this root")
        resource = found[0]
    reason = scope.world.evaluated.open_because(resource)
    if reason is not None:
        raise UnknownValueError(reason)
    return True


def referenced(scope: RuleScope, type_: str | None = None) -> bool:
    """Whether anything else in the root refers to this resource: a resource, a provider, a count, a provisioner; with
    *type_*, whether a resource of that type does.
    """
    if type_ is None and scope.world.evaluated.mentioned(scope.resource):
        return True
    address = scope.resource.address
    named = {name for form in {address, base(address)} for name in scope.world.referrers.get(form, ())} - {address}
    by_address = scope.world.evaluated.by_address
    return any(type_ is None or (name in by_address and by_address[name].type == type_) for name in named)


def read_from(scope: RuleScope, attribute: str) -> dict[str, Any]:
    """The arguments of the data source that *attribute* is read from; all null where it is written otherwise."""
    found = scope.world.evaluated.read_from(scope.resource, attribute)
    block: dict[str, Any] = to_cel([found or {}], scope.fields, scope.dropped)[0]
    return block


def records(scope: RuleScope, resources: Iterable[Resource]) -> list[dict[str, Any]]:
    """Resources as CEL reads them, with their addresses."""
    return [_record(scope, resource) for resource in resources]


def _record(scope: RuleScope, resource: Resource) -> dict[str, Any]:
    """A resource as CEL reads it: those of its values that the expression selects, unknown ones left out, plus its
    address and type.

    It is made once for each expression that asks: many resources look at the same ones, and the runtime keeps what
    functions give it.
    """
    now, known, fields = scope.world.now(resource), scope.world.records, scope.fields
    key = (now, id(fields), scope.hide_sensitive)
    found = known.get(key)
    if found is None:
        dropped: dict[str, str] = {}
        values = masked(resource, now.values) if scope.hide_sensitive else now.values
        everything = fields is NO_FIELDS
        selected = {name: value for name, value in values.items() if everything or name in fields}
        block: dict[str, Any] = to_cel([selected], fields, dropped)[0]
        block["address"] = resource.address
        if block.get("type") is None and "type" not in dropped:
            block["type"] = resource.type
        found = Record(fields, block, dropped)
        if now is resource:
            known[key] = found
    scope.dropped.update(found.dropped)
    return found.block


FUNCTIONS: FunctionTable = {
    "closed": (Overload((), closed), Overload(("string",), closed), Overload(("null",), lambda _, __: None)),
    "joined": (Overload(("string",) * 3, joined),),
    "linked": (
        Overload(("string", "string"), linked),
        Overload(("string", "string", "string"), linked),
        Overload(("string", "string", "null"), linked),
    ),
    "of_type": (Overload(("string",), of_type),),
    "read_from": (Overload(("string",), read_from),),
    "log_sources": (Overload((), log_sources), Overload(("string",), log_sources)),
    "referenced": (Overload((), referenced), Overload(("string",), referenced)),
    "same": (Overload(("string", "string"), same), Overload(("string",), siblings)),
    "target": (Overload(("string",), target), Overload(("string", "string"), target)),
}
