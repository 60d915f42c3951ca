"""Gateway and interface endpoints of an AWS VPC: `serves(service)`, which service one is of, and
`without_endpoint(service)`, the route tables behind NAT gateways that have none.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from surplus.expressions import FunctionTable, Overload, UnknownValueError
from surplus.functions.scope import RuleScope, World, values_at
from surplus.functions.vpc import same_vpc, vpc_of
from surplus.model import Resource, Unknown
from surplus.sources.terraform.references import identities


def without_endpoint(scope: RuleScope, service: str) -> list[str]:
    """The route tables of this VPC whose way to the internet is a public NAT gateway, and that have no endpoint of
    *service* (`s3`, `dynamodb`), sorted. An interface endpoint serves the whole VPC. Where an endpoint may serve a
    table, the engine judges without and with it: a gateway endpoint elsewhere needs a table that leaves the root, the
    id of the VPC is not enough. Not decided for a VPC that this root does not make.
    """
    own = vpc_of(scope.world, scope.resource)
    if own is None:
        return []
    if not isinstance(own, Unknown):
        raise UnknownValueError(f"{own} is not of this root")
    if own.text is None:
        raise UnknownValueError(own.reason)
    served, perhaps = _served(scope.world, own, service)
    found = []
    for table in sorted(_behind_nat(scope, own)):
        if table in served or ANY in served:
            continue
        resource = scope.world.evaluated.by_address.get(table.removesuffix(".default_route_table_id"))
        open_because = scope.world.evaluated.open_because(resource) if resource is not None else None
        reason = perhaps.get(table) or perhaps.get(ANY) or open_because
        if reason is not None:
            scope.maybe = scope.maybe or f"an endpoint may serve {table}: {reason}"
        if reason is None or not scope.include:
            found.append(table)
    return found


def serves(scope: RuleScope, service: str) -> bool:
    """Whether this endpoint is of a service (`s3`); not decided where that is not known."""
    found = _is_of(scope.world, scope.resource, service)
    if isinstance(found, Unknown):
        raise UnknownValueError(found.reason)
    return found


ANY = "*"
"""Every route table of the VPC."""


def _behind_nat(scope: RuleScope, own: str | Unknown) -> Iterator[str]:
    """The route tables of a VPC with a default route to a public NAT gateway."""
    world = scope.world
    for type_ in ("aws_route_table", "aws_default_route_table", "aws_route"):
        for one in world.by_type.get(type_, ()):
            inside = same_vpc(own, vpc_of(world, one))
            split = type_ == "aws_route"
            routes = [one.values] if split else values_at(one.values, ["route"])
            if inside is False or not any(_to_nat(world, route) for route in routes):
                continue
            table = _table(world, one.values.get("route_table_id")) if split else _own_table(world, one)
            if isinstance(inside, Unknown) or one.optional or table is None:
                scope.maybe = scope.maybe or f"{one.address} may be of the same VPC"
                inside = scope.include
            if inside:
                yield table or one.address


def _to_nat(world: World, route: Any) -> bool:
    """Whether a route sends what is for the internet to a public NAT gateway."""
    if isinstance(route, Unknown):
        raise UnknownValueError(route.reason)
    gateway = route.get("nat_gateway_id")
    to = route.get("destination_cidr_block", route.get("cidr_block"))
    if gateway in (None, "") or (to != "0.0.0.0/0" and not isinstance(to, Unknown)):
        return False
    for value in (gateway, to):
        if isinstance(value, Unknown) and value.nullable:
            raise UnknownValueError(value.reason)
    return all(one.values.get("connectivity_type") != "private" for one in world.named(gateway, "aws_nat_gateway"))


def _served(world: World, own: str | Unknown, service: str) -> tuple[set[str], dict[str, str]]:
    """The route tables that an endpoint of a service is known to serve, and those that one may serve, and why."""
    served: set[str] = set()
    perhaps: dict[str, str] = {}
    of_service: dict[str, str | None] = {}
    for one in world.by_type.get("aws_vpc_endpoint", ()):
        inside, is_it = same_vpc(own, vpc_of(world, one)), _is_of(world, one, service)
        if inside is False or is_it is False:
            continue
        reason = next((known.reason for known in (inside, is_it) if isinstance(known, Unknown)), None)
        if one.optional:
            reason = reason or f"{one.address} may not exist"
        of_service[one.address] = reason
        tables = [ANY] if one.values.get("vpc_endpoint_type") != "Gateway" else _tables(world, one, "route_table_ids")
        _note(tables, reason, served, perhaps)
    for one in world.by_type.get("aws_vpc_endpoint_route_table_association", ()):
        endpoints = world.named(one.values.get("vpc_endpoint_id"), "aws_vpc_endpoint")
        wanted = [endpoint.address for endpoint in endpoints if endpoint.address in of_service]
        if wanted or not endpoints:
            reason = of_service[wanted[0]] if wanted else f"{one.address} is of an endpoint that is not known"
            if one.optional:
                reason = reason or f"{one.address} may not exist"
            _note(_tables(world, one, "route_table_id"), reason, served, perhaps)
    return served, perhaps


def _note(tables: Iterable[str | None], reason: str | None, served: set[str], perhaps: dict[str, str]) -> None:
    for table in tables:
        if table is not None and reason is None:
            served.add(table)
        else:
            perhaps.setdefault(table or ANY, reason or "which route tables it has is not known")


def _is_of(world: World, endpoint: Resource, service: str) -> bool | Unknown:
    """Whether an endpoint is of a service, by its name or by the data source that looks the name up."""
    name = endpoint.values.get("service_name")
    if isinstance(name, Unknown):
        looked_up = world.evaluated.read_from(endpoint, "service_name") or {}
        name = looked_up.get("service") or looked_up.get("service_name") or name
    if isinstance(name, Unknown):  # often only the region is
        return name.ends.rsplit(".", 1)[-1] == service if "." in name.ends else name
    return str(name).rsplit(".", 1)[-1] == service


def _tables(world: World, one: Resource, path: str) -> Iterator[str | None]:
    """The route tables that a resource names; None for one that is not known."""
    for value in values_at(one.values, [path]):
        yield _table(world, value)


def _own_table(world: World, table: Resource) -> str:
    """The address of a route table, and of its VPC's default one for an aws_default_route_table."""
    default = table.values.get("default_route_table_id") if table.type == "aws_default_route_table" else None
    return _table(world, default) or table.address


def _table(world: World, value: Any) -> str | None:
    """The route table that a value names, in one text for all its names."""
    if not isinstance(value, Unknown):
        return value if isinstance(value, str) else None
    for address, _ in identities(value.text or ""):
        named = world.evaluated.by_address.get(address)
        if named is not None and named.type == "aws_default_route_table":
            return _own_table(world, named)
        if named is not None and named.type == "aws_vpc":
            return f"{address}.default_route_table_id"
        return address
    return None


FUNCTIONS: FunctionTable = {
    "serves": (Overload(("string",), serves),),
    "without_endpoint": (Overload(("string",), without_endpoint),),
}
