from typing import Any

import pytest

from support import evaluated, resource
from surplus.expressions import UnknownValueError
from surplus.functions.relations import closed
from surplus.functions.scope import RuleScope, World
from surplus.functions.vpc import in_vpc, vpc
from surplus.model import Resource, Unknown


def computed(address: str, attribute: str = "id") -> Unknown:
    return Unknown("known after apply", f"⟨{address}.{attribute}⟩", nullable=False)


MAIN = resource("aws_vpc", "aws_vpc.main")
OTHER = resource("aws_vpc", "aws_vpc.other")
SUBNET = resource("aws_subnet", "aws_subnet.a", vpc_id=computed("aws_vpc.main"))
GATEWAY = resource("aws_nat_gateway", "aws_nat_gateway.a", subnet_id=computed("aws_subnet.a"))
INTERFACE = resource("aws_network_interface", "aws_network_interface.n", subnet_id=computed("aws_subnet.a"))
SOMEWHERE = Unknown("data.aws_vpc.main is read when Terraform runs")


def scope_of(one: Resource, *others: Resource, include: bool = False, open_because: str | None = None) -> RuleScope:
    known = {one.address for one in others}
    world = World(evaluated(*others, *([] if one.address in known else [one]), open_because=open_because))
    return RuleScope(one, world, include=include)


def endpoint(name: str, vpc_id: Any) -> Resource:
    return resource("aws_vpc_endpoint", f"aws_vpc_endpoint.{name}", vpc_id=vpc_id, service_name="s3")


@pytest.mark.parametrize(
    "one",
    [
        MAIN,
        SUBNET,
        GATEWAY,
        resource("aws_route_table", "aws_route_table.p", vpc_id=computed("aws_vpc.main")),
        resource(
            "aws_default_route_table", "aws_default_route_table.d",
            default_route_table_id=computed("aws_vpc.main", "default_route_table_id"),
        ),
        resource("aws_lb", "aws_lb.w", subnet_mapping=[{"subnet_id": computed("aws_subnet.a")}]),
        resource("aws_lb", "aws_lb.s", subnets=[SOMEWHERE, computed("aws_subnet.a")]),
        resource("aws_flow_log", "aws_flow_log.f", eni_id=computed("aws_network_interface.n")),
        resource("aws_autoscaling_group", "aws_autoscaling_group.g", vpc_zone_identifier=[computed("aws_subnet.a")]),
    ],
    ids=lambda one: one.address,
)  # fmt: skip
def test_a_resource_is_in_the_vpc_that_it_or_its_subnet_names(one: Resource) -> None:
    others = [two for two in (MAIN, SUBNET, INTERFACE) if two is not one]
    assert vpc(scope_of(one, *others, one)) == "⟨aws_vpc.main.id⟩"


def test_a_known_id_is_the_vpc() -> None:
    assert vpc(scope_of(endpoint("e", "vpc-0abc1234"))) == "vpc-0abc1234"


def test_what_names_no_vpc_is_in_none() -> None:
    scope = scope_of(resource("aws_s3_bucket"), MAIN)
    assert vpc(scope) is None
    assert in_vpc(scope, "aws_vpc") == []


@pytest.mark.parametrize(
    "one",
    [
        endpoint("e", SOMEWHERE),
        resource("aws_nat_gateway", subnet_id=Unknown("var.subnet_id has no value")),
        resource("aws_nat_gateway", subnet_id="subnet-0abc1234"),
        resource("aws_subnet", vpc_id=computed("aws_ssm_parameter.vpc", "value")),
    ],
    ids=["data source", "unknown subnet", "subnet elsewhere", "computed elsewhere"],
)
def test_a_vpc_that_is_not_known_decides_nothing(one: Resource) -> None:
    for call in (vpc, lambda scope: in_vpc(scope, "aws_vpc_endpoint")):
        with pytest.raises(UnknownValueError):
            call(scope_of(one, MAIN))


def test_a_circle_of_names_ends() -> None:
    table = resource("aws_route_table", "aws_route_table.a", route_table_id=computed("aws_route_table.a"))
    with pytest.raises(UnknownValueError):
        vpc(scope_of(table))


def test_the_others_of_the_same_vpc() -> None:
    ours, theirs = endpoint("ours", computed("aws_vpc.main")), endpoint("theirs", computed("aws_vpc.other"))
    scope = scope_of(GATEWAY, MAIN, OTHER, SUBNET, theirs, ours)
    assert [one["address"] for one in in_vpc(scope, "aws_vpc_endpoint")] == [ours.address]
    assert scope.maybe is None
    assert [one["address"] for one in in_vpc(scope_of(MAIN, SUBNET, GATEWAY, OTHER), "aws_nat_gateway")] == [
        GATEWAY.address
    ]
    assert in_vpc(scope_of(OTHER, MAIN, SUBNET, GATEWAY), "aws_nat_gateway") == []


@pytest.mark.parametrize("vpc_id", [SOMEWHERE, "vpc-0abc1234"], ids=["unknown", "a known id beside a declared one"])
def test_one_whose_vpc_is_not_known_may_be_ours(vpc_id: Any) -> None:
    elsewhere = endpoint("e", vpc_id)
    without = scope_of(GATEWAY, MAIN, SUBNET, elsewhere)
    assert in_vpc(without, "aws_vpc_endpoint") == []
    assert without.maybe is not None
    including = scope_of(GATEWAY, MAIN, SUBNET, elsewhere, include=True)
    assert [one["address"] for one in in_vpc(including, "aws_vpc_endpoint")] == [elsewhere.address]


def test_whether_a_named_resource_is_closed() -> None:
    assert closed(scope_of(GATEWAY, MAIN, SUBNET), "⟨aws_vpc.main.id⟩") is True
    with pytest.raises(UnknownValueError, match="output"):
        closed(scope_of(GATEWAY, MAIN, SUBNET, open_because="output.vpc hands it out"), "⟨aws_vpc.main.id⟩")
    with pytest.raises(UnknownValueError, match="not of this root"):
        closed(scope_of(GATEWAY, MAIN, SUBNET), "vpc-0abc1234")
