"""Membership of an AWS VPC: `vpc()` and `in_vpc(type)`, by identity and by known ids.

A resource says its VPC itself, or through a subnet or a route table of the same root.
"""

from collections.abc import Iterator
from typing import Any

from surplus.expressions import FunctionTable, Overload, UnknownValueError
from surplus.functions.relations import counts, records
from surplus.functions.scope import RuleScope, World, values_at
from surplus.model import Resource, Unknown
from surplus.sources.terraform.references import identities
from surplus.sources.terraform.values import equal

DIRECT = ("vpc_id", "vpc_config.vpc_id", "vpc.vpc_id", "default_route_table_id")
"""Where resources name their VPC. A default route table has no other id than the one its VPC gives it."""

THROUGH = (
    ("subnet_id", "aws_subnet"),
    ("subnet_ids", "aws_subnet"),
    ("subnets", "aws_subnet"),
    ("subnet_mapping.subnet_id", "aws_subnet"),
    ("subnet_configuration.subnet_id", "aws_subnet"),
    ("vpc_zone_identifier", "aws_subnet"),
    ("vpc_config.subnet_ids", "aws_subnet"),
    ("vpc_options.subnet_ids", "aws_subnet"),
    ("network_configuration.subnets", "aws_subnet"),
    ("network_interfaces.subnet_id", "aws_subnet"),
    ("route_table_id", "aws_route_table"),
    ("eni_id", "aws_network_interface"),
)
"""Where they name something that is in it."""


def vpc(scope: RuleScope) -> str | None:
    """The VPC that this resource is in, as a text: a known id, or `⟨aws_vpc.main.id⟩`. Null where it names none; not
    decided where that is not known.
    """
    found = vpc_of(scope.world, scope.resource)
    if isinstance(found, Unknown):
        if found.text is None:
            raise UnknownValueError(found.reason)
        return found.text
    return found


def in_vpc(scope: RuleScope, type_: str) -> list[dict[str, Any]]:
    """The other resources of *type_* in the VPC of this resource (in this VPC), sorted by address. One whose VPC is not
    known may be in it: the engine judges without and with it.
    """
    own = vpc_of(scope.world, scope.resource)
    if own is None:
        return []
    if isinstance(own, Unknown) and own.text is None:
        raise UnknownValueError(own.reason)
    others = [one for one in scope.world.by_type.get(type_, ()) if one is not scope.resource]
    found = [
        one for one in others if counts(scope, one, same_vpc(own, vpc_of(scope.world, one)), " may be in the same VPC")
    ]
    return records(scope, sorted(found, key=lambda one: one.address))


def vpc_of(world: World, resource: Resource) -> str | Unknown | None:
    """The VPC of a resource as written: a known id, an unknown one (with a text where it is a resource of the root),
    or None where the resource names neither a VPC nor a part of one.
    """
    if resource not in world.vpcs:
        world.vpcs[resource] = None  # what names itself, in a circle, is in none
        world.vpcs[resource] = _found(world, resource)
    return world.vpcs[resource]


def _found(world: World, resource: Resource) -> str | Unknown | None:
    if resource.type == "aws_vpc":
        return _identity(resource.address)
    for path in DIRECT:
        for value in values_at(resource.values, path.split(".")):
            return _named_vpc(world, value)
    parts = [(value, type_) for path, type_ in THROUGH for value in values_at(resource.values, path.split("."))]
    unknown: Unknown | None = None
    for value, type_ in parts:
        for part in _named(world, value, type_):
            found = vpc_of(world, part)
            if found is not None and (not isinstance(found, Unknown) or found.text is not None):
                return found
        reason = value.reason if isinstance(value, Unknown) else f"{value} is not in this root"
        unknown = unknown or Unknown(reason)
    return unknown


def _named_vpc(world: World, value: Any) -> str | Unknown | None:
    """The VPC that a value names; any attribute of an aws_vpc stands for it."""
    if isinstance(value, Unknown):
        own = next((address for address, _ in identities(value.text or "") if _is_vpc(world, address)), None)
        return _identity(own) if own is not None else Unknown(value.reason)
    return value if isinstance(value, str) else None


def _named(world: World, value: Any, type_: str) -> Iterator[Resource]:
    """The resources that a value names; one of unknown instances is as good as any, for all are in one VPC."""
    found = world.named(value, type_)
    if found:
        yield from (one for one in found if one.type == type_)
    elif isinstance(value, Unknown):
        for address, _ in identities(value.text or ""):
            yield from (one for one in world.by_type.get(type_, ()) if one.address == address)


def _is_vpc(world: World, address: str) -> bool:
    found = world.evaluated.by_address.get(address)
    return found is not None and found.type == "aws_vpc"


def _identity(address: str) -> Unknown:
    return Unknown(f"the id of {address} is known after apply", f"⟨{address}.id⟩", nullable=False)


def same_vpc(one: str | Unknown, other: str | Unknown | None) -> bool | Unknown:
    """Whether two VPCs are one. Two that the root declares are not."""
    if other is None:
        return False
    if isinstance(one, Unknown) and isinstance(other, Unknown) and one.text and other.text:
        instances_known = "[*]" not in one.text + other.text
        return one.text == other.text if instances_known else equal(one, other)
    return equal(one, other)


FUNCTIONS: FunctionTable = {
    "in_vpc": (Overload(("string",), in_vpc),),
    "vpc": (Overload((), vpc),),
}
