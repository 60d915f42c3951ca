from dataclasses import replace
from typing import Any

import pytest

from support import evaluated, resource
from surplus.expressions import UnknownValueError
from surplus.functions.relations import of_type
from surplus.functions.scope import RuleScope, World
from surplus.functions.vpc_endpoints import serves, without_endpoint
from surplus.model import Resource, Unknown


def computed(address: str, attribute: str = "id") -> Unknown:
    return Unknown("known after apply", f"⟨{address}.{attribute}⟩", nullable=False)


MAIN = resource("aws_vpc", "aws_vpc.main")
OTHER = resource("aws_vpc", "aws_vpc.other")
OURS = computed("aws_vpc.main")
SUBNET = resource("aws_subnet", "aws_subnet.a", vpc_id=OURS)
GATEWAY = resource(
    "aws_nat_gateway", "aws_nat_gateway.a", subnet_id=computed("aws_subnet.a"), connectivity_type="public"
)
PRIVATE = resource(
    "aws_nat_gateway", "aws_nat_gateway.p", subnet_id=computed("aws_subnet.a"), connectivity_type="private"
)
SOMEWHERE = Unknown("data.aws_vpc.main is read when Terraform runs")
TABLE = "aws_route_table.p"
DEFAULT = computed("aws_vpc.main", "default_route_table_id")


def table(nat: Any, cidr_block: Any = "0.0.0.0/0", address: str = TABLE) -> Resource:
    route = {"cidr_block": cidr_block, "nat_gateway_id": nat}
    return resource(address.split(".")[0], address, vpc_id=OURS, route=[route])


def endpoint(**values: Any) -> Resource:
    usual = {"vpc_id": OURS, "service_name": "com.amazonaws.us-east-1.s3", "vpc_endpoint_type": "Gateway"}
    return resource("aws_vpc_endpoint", "aws_vpc_endpoint.s3", **{**usual, **values})


BEHIND = table(computed("aws_nat_gateway.a"))


def scope_of(*others: Resource, include: bool = False, open_because: str | None = None) -> RuleScope:
    world = World(evaluated(MAIN, SUBNET, GATEWAY, PRIVATE, *others, open_because=open_because))
    return RuleScope(GATEWAY, world, include=include)


def tables(*others: Resource) -> list[str]:
    scope = scope_of(*others)
    found = without_endpoint(scope, "s3")
    assert scope.maybe is None
    return found


def test_tables_with_a_default_route_to_a_public_gateway() -> None:
    split = resource("aws_route_table", "aws_route_table.split", vpc_id=OURS)
    route = resource(
        "aws_route",
        "aws_route.r",
        route_table_id=computed("aws_route_table.split"),
        destination_cidr_block="0.0.0.0/0",
        nat_gateway_id=computed("aws_nat_gateway.a"),
    )
    assert tables(BEHIND, split, route) == [TABLE, "aws_route_table.split"]


@pytest.mark.parametrize(
    "other",
    [table(None), table(computed("aws_nat_gateway.p")), table(computed("aws_nat_gateway.a"), "203.0.113.0/24")],
    ids=["no gateway", "a private gateway", "some addresses"],
)
def test_other_tables_are_left_out(other: Resource) -> None:
    assert tables(other) == []


@pytest.mark.parametrize("nat, cidr", [(SOMEWHERE, "0.0.0.0/0"), (computed("aws_nat_gateway.a"), SOMEWHERE)])
def test_a_route_that_is_not_known_decides_nothing(nat: Any, cidr: Any) -> None:
    with pytest.raises(UnknownValueError):
        without_endpoint(scope_of(table(nat, cidr)), "s3")


def association(one: str) -> Resource:
    return resource(
        "aws_vpc_endpoint_route_table_association",
        vpc_endpoint_id=computed(one),
        route_table_id=computed(TABLE),
    )


@pytest.mark.parametrize(
    "others",
    [
        [endpoint(route_table_ids=[computed(TABLE)])],
        [endpoint(), association("aws_vpc_endpoint.s3")],
        [endpoint(vpc_endpoint_type="Interface")],
    ],
    ids=["named", "associated", "an interface for all"],
)
def test_an_endpoint_serves_a_table(others: list[Resource]) -> None:
    assert tables(BEHIND, *others) == []


@pytest.mark.parametrize(
    "others",
    [
        [],
        [endpoint()],
        [endpoint(route_table_ids=[computed("aws_route_table.q")])],
        [endpoint(route_table_ids=[computed(TABLE)], service_name="com.amazonaws.us-east-1.dynamodb")],
        [endpoint(route_table_ids=[computed(TABLE)], service_name="com.amazonaws.us-east-1.s3express")],
        [endpoint(vpc_endpoint_type="Interface", vpc_id=computed("aws_vpc.other")), OTHER],
    ],
)
def test_none_serves_it(others: list[Resource]) -> None:
    assert tables(BEHIND, *others) == [TABLE]


@pytest.mark.parametrize(
    "others",
    [
        [endpoint(route_table_ids=SOMEWHERE)],
        [endpoint(route_table_ids=[computed(TABLE)], service_name=SOMEWHERE)],
        [endpoint(route_table_ids=[computed(TABLE)], vpc_id=SOMEWHERE)],
        [endpoint(), association("data.aws_vpc_endpoint.s3")],
    ],
    ids=["tables", "service", "VPC", "association"],
)
def test_one_that_may_serve_it(others: list[Resource]) -> None:
    without, including = scope_of(BEHIND, *others), scope_of(BEHIND, *others, include=True)
    assert without_endpoint(without, "s3") == [TABLE]
    assert without.maybe is not None
    assert without_endpoint(including, "s3") == []


def test_a_table_that_leaves_the_root_may_have_its_endpoint_elsewhere() -> None:
    scope = scope_of(BEHIND, open_because="output.tables hands it to other configurations")
    assert without_endpoint(scope, "s3") == [TABLE]
    assert scope.maybe is not None


def test_the_default_table_has_several_names() -> None:
    default = computed("aws_vpc.main", "default_route_table_id")
    own = resource(
        "aws_default_route_table",
        "aws_default_route_table.d",
        default_route_table_id=default,
        route=[{"cidr_block": "0.0.0.0/0", "nat_gateway_id": computed("aws_nat_gateway.a")}],
    )
    assert tables(own, endpoint(route_table_ids=[default])) == []
    assert tables(own, endpoint(route_table_ids=[computed("aws_default_route_table.d")])) == []
    assert tables(own, endpoint()) == ["aws_vpc.main.default_route_table_id"]


def test_a_vpc_that_leaves_the_root_takes_its_default_table_along() -> None:
    default = table(computed("aws_nat_gateway.a"), address="aws_default_route_table.d")
    default = replace(default, values={**default.values, "default_route_table_id": DEFAULT})
    others = evaluated(MAIN, SUBNET, GATEWAY, default)
    world = World(replace(others, open_because=lambda one: "output.vpc hands it out" if one is MAIN else None))
    scope = RuleScope(GATEWAY, world)
    assert without_endpoint(scope, "s3") == ["aws_vpc.main.default_route_table_id"]
    assert scope.maybe is not None


def test_a_vpc_of_another_configuration_decides_nothing() -> None:
    one = resource("aws_nat_gateway", vpc_id="vpc-0abc1234")
    with pytest.raises(UnknownValueError, match="not of this root"):
        without_endpoint(RuleScope(one, World(evaluated(one))), "s3")


NO_REGION = "var.region has no value"


@pytest.mark.parametrize(
    "name, expected",
    [
        ("com.amazonaws.us-east-1.s3", True),
        ("com.amazonaws.us-east-1.sqs", False),
        (Unknown(NO_REGION, ends=".s3"), True),
        (Unknown(NO_REGION, ends=".ecr.api"), False),
    ],
)
def test_the_service_of_an_endpoint(name: Any, expected: bool) -> None:
    one = endpoint(service_name=name)
    assert serves(RuleScope(one, World(evaluated(one))), "s3") is expected


@pytest.mark.parametrize("name", [Unknown(NO_REGION), Unknown(NO_REGION, ends="s3")])
def test_a_service_that_is_not_known(name: Any) -> None:
    one = endpoint(service_name=name)
    with pytest.raises(UnknownValueError):
        serves(RuleScope(one, World(evaluated(one))), "s3")


def test_no_vpc_has_no_tables() -> None:
    bucket = resource("aws_s3_bucket")
    assert without_endpoint(RuleScope(bucket, World(evaluated(bucket))), "s3") == []


def test_a_vpc_that_is_not_known_decides_nothing() -> None:
    one = resource("aws_nat_gateway", subnet_id=SOMEWHERE)
    with pytest.raises(UnknownValueError):
        without_endpoint(RuleScope(one, World(evaluated(one))), "s3")


def test_all_of_a_type() -> None:
    scope = scope_of()
    assert [one["address"] for one in of_type(scope, "aws_nat_gateway")] == ["aws_nat_gateway.p"]
    assert of_type(scope, "aws_instance") == []


@pytest.mark.parametrize("include", [False, True])
def test_one_of_a_type_that_may_not_exist(include: bool) -> None:
    scope = scope_of(Resource("terraform", "aws_instance", "aws_instance.i", MAIN.location, {}, optional=True))
    scope.include = include
    assert len(of_type(scope, "aws_instance")) == include
    assert scope.maybe is not None
