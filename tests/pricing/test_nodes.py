"""What a vCPU and a GiB cost by the nodes of a scan."""

from dataclasses import replace

import pytest

from support import resource
from surplus.model import Resource
from surplus.pricing.book import PriceBook
from surplus.pricing.nodes import VCPU_AS_GIB, node_prices, node_regions


def nodes(type_: str, region: str | None = "us-east-1") -> Resource:
    return replace(resource("aws_eks_node_group", instance_types=[type_]), region=region)


def test_the_parts_of_a_machine_add_up_to_its_price() -> None:
    found = node_prices([nodes("m5.xlarge")], PriceBook())
    vcpu, memory = (found[f"kubernetes/node/{part}"]["global"] for part in ("vcpu", "memory"))
    assert 4 * vcpu.usd + 16 * memory.usd == pytest.approx(0.192, rel=1e-4)
    assert vcpu.usd / memory.usd == pytest.approx(VCPU_AS_GIB, rel=1e-4)
    assert vcpu.basis == "nodes of m5.xlarge in us-east-1"


def test_google_prices_the_parts_itself() -> None:
    pool = resource("google_container_node_pool", node_config=[{"machine_type": "n2-standard-4"}])
    pool = replace(pool, region="us-central1")
    found = node_prices([pool], PriceBook())
    assert found["kubernetes/node/vcpu"]["global"].usd == 0.031611
    assert node_regions([pool]) == {"gcp": "us-central1"}


@pytest.mark.parametrize(
    "several",
    [
        [],
        [nodes("m5.large"), nodes("r5.large")],
        [nodes("m5.lage")],
        [nodes("m5.large", None)],
        [resource("aws_instance", instance_type="m5.large")],
    ],
)
def test_nothing_is_told_where_nodes_differ_or_are_not_known(several: list[Resource]) -> None:
    assert node_prices(several, PriceBook()) == {}


def test_sizes_of_one_family_cost_the_same_a_part() -> None:
    assert node_prices([nodes("m5.large"), nodes("m5.4xlarge")], PriceBook())
    assert node_regions([nodes("m5.large"), nodes("m5.large", "eu-west-1")]) == {}
