"""The cost of a resource: components, unknowns, multiplicity, what refers to what."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from priced_roots import cost_of, costs_of
from surplus.pricing.book import Price, PriceBook
from surplus.pricing.costs import Changes

VOLUME = 'resource "aws_ebs_volume" "v" {{\n  availability_zone = "a"\n  size = {size}\n  type = "{type}"\n}}\n'
INSTANCE = 'resource "aws_instance" "i" {{\n  ami = "ami-1"\n  instance_type = {type}\n}}\n'
GROUP = """
resource "aws_launch_template" "t" {
  instance_type = "m5.large"
}
resource "aws_autoscaling_group" "g" {
  min_size = 2
  max_size = 9
  launch_template { id = aws_launch_template.t.id }
}
"""


@given(st.integers(1, 16_384), st.sampled_from(["gp2", "gp3", "st1", "sc1", "standard"]))
@settings(max_examples=30, deadline=None)
def test_a_volume_costs_its_size_times_its_price(size: int, kind: str) -> None:
    costs = costs_of(VOLUME.format(size=size, type=kind))
    price = costs.price(f"aws/ebs/{kind}/storage", "us-east-1")
    assert price is not None
    assert cost_of(costs, "aws_ebs_volume.v").monthly_usd == pytest.approx(size * price)


@given(st.integers(0, 12))
@settings(max_examples=8, deadline=None)
def test_the_cost_of_a_root_is_linear_in_count(count: int) -> None:
    text = VOLUME.format(size=100, type="gp3").replace("{\n", f"{{\n  count = {count}\n", 1)
    total = sum(one.monthly_usd or 0 for one in costs_of(text).all())
    assert total == pytest.approx(count * 8.0)


@given(st.floats(0.0001, 10))
@settings(max_examples=20, deadline=None)
def test_a_doubled_price_doubles_the_cost(usd: float) -> None:
    def cost(figure: float) -> float:
        key = "aws/ec2/m5.large/linux"
        book = PriceBook(overrides={key: {"*": Price(key, "*", "hour", figure, "undated", "test")}})
        found = cost_of(costs_of(INSTANCE.format(type='"m5.large"'), book), "aws_instance.i").monthly_usd
        assert found is not None
        return found

    assert cost(2 * usd) == pytest.approx(2 * cost(usd))


def test_equal_input_gives_equal_costs_whatever_the_order() -> None:
    text = VOLUME.format(size=100, type="gp3") + GROUP
    forwards, backwards = costs_of(text), costs_of(text)
    one = {cost.resource.address: cost.monthly_usd for cost in forwards.all()}
    other = {address: cost_of(backwards, address).monthly_usd for address in reversed(one)}
    assert one == other


@pytest.mark.parametrize(
    ("type_", "reason"),
    [
        ('"m5.lage"', "did you mean aws/ec2/m5.large/linux?"),
        ("var.type", "var.type has no value"),
        ("null", "instance_type is not set"),
    ],
)
def test_unknown_input_gives_no_price_and_a_reason(type_: str, reason: str) -> None:
    text = INSTANCE.format(type=type_) + 'variable "type" {}\n'
    found = cost_of(costs_of(text), "aws_instance.i")
    assert found.monthly_usd is None
    assert found.status == "unpriced"
    assert reason in (found.reason or "")


def test_an_unknown_region_prices_nothing_regional() -> None:
    provider = 'provider "aws" {\n  region = var.region\n}\nvariable "region" {}\n'
    costs = costs_of(provider + VOLUME.format(size=1, type="gp2"))
    assert cost_of(costs, "aws_ebs_volume.v").reason == "the region is not known"
    costs.book.regions = {"aws": "eu-west-1"}
    assert costs.price("aws/ebs/gp2/storage", None) == pytest.approx(0.1 * 1.1163, rel=1e-5)


def test_a_part_without_a_price_leaves_the_others() -> None:
    text = """
    resource "aws_instance" "i" {
      ami = "ami-1"
      instance_type = "m5.large"
      ebs_block_device {
        device_name = "/dev/sdf"
        volume_type = "gp3"
        volume_size = var.size
      }
    }
    variable "size" {}
    """
    found = cost_of(costs_of(text), "aws_instance.i")
    assert found.monthly_usd == pytest.approx(730 * 0.096)
    assert (found.unpriced_parts, found.status) == (2, "priced")  # the disk, and the root volume of the image


@pytest.mark.parametrize("size", ["-5", "1e30"])
def test_a_negative_or_absurd_size_is_not_priced(size: str) -> None:
    found = cost_of(costs_of(VOLUME.format(size=size, type="gp3")), "aws_ebs_volume.v")
    assert found.monthly_usd is None
    assert "no quantity that can be bought" in (found.reason or "")


def test_an_unknown_number_of_instances_is_told_with_the_price_of_one() -> None:
    text = VOLUME.format(size=100, type="gp2").replace("{\n", "{\n  count = var.n\n", 1) + 'variable "n" {}\n'
    (found,) = costs_of(text).all()
    assert found.monthly_usd is None
    assert found.one_usd == pytest.approx(10.0)
    assert "one costs $10.00/mo" in (found.reason or "")


def test_what_another_resource_pays_for() -> None:
    costs = costs_of(GROUP)
    template, group = cost_of(costs, "aws_launch_template.t"), cost_of(costs, "aws_autoscaling_group.g")
    assert (template.status, template.monthly_usd) == ("free", 0.0)
    assert group.monthly_usd == pytest.approx(2 * 730 * 0.096)
    assert costs.payers(template.resource) == [template.resource, group.resource]


def test_free_and_unmodelled_types_are_told_apart() -> None:
    costs = costs_of('resource "aws_iam_role" "r" {\n  name = "r"\n}\nresource "aws_nobody_knows" "n" {\n}\n')
    free, unknown = cost_of(costs, "aws_iam_role.r"), cost_of(costs, "aws_nobody_knows.n")
    assert (free.status, free.monthly_usd) == ("free", 0.0)
    assert (unknown.status, unknown.monthly_usd) == ("no-model", None)
    assert "aws_nobody_knows" in (unknown.reason or "")


def test_usage_gives_what_only_use_decides() -> None:
    text = 'resource "aws_ebs_snapshot" "s" {\n  volume_id = "vol-1"\n}\n'
    without = cost_of(costs_of(text), "aws_ebs_snapshot.s")
    assert (without.status, without.monthly_usd, without.unpriced_parts) == ("usage", None, 0)
    assert "storage_gib" in (without.reason or "")
    given_ = cost_of(costs_of(text, usage={"aws_ebs_snapshot.*": {"storage_gib": 10}}), "aws_ebs_snapshot.s")
    assert given_.monthly_usd == pytest.approx(0.5)


def test_changes_are_priced_without_touching_what_is_written() -> None:
    costs = costs_of(GROUP)
    template = costs.world.evaluated.by_address["aws_launch_template.t"]
    group = costs.world.evaluated.by_address["aws_autoscaling_group.g"]
    smaller = replace(template, values={**template.values, "instance_type": "m5.xlarge"})
    assert costs.of(group, Changes({template: smaller})).monthly_usd == pytest.approx(2 * 730 * 0.192)
    assert costs.of(group, Changes(hours_per_week={group: 84})).monthly_usd == pytest.approx(730 * 0.096)
    assert costs.of(group, Changes(removed=frozenset({group}))).monthly_usd == 0
    assert costs.of(group).monthly_usd == pytest.approx(2 * 730 * 0.096)


def test_what_is_sensitive_is_neither_priced_nor_told() -> None:
    text = """
    variable "type" {
      default   = "m5.large"
      sensitive = true
    }
    variable "size" {
      default   = 777
      sensitive = true
    }
    resource "aws_instance" "i" {
      ami           = "ami-1"
      instance_type = var.type
    }
    resource "aws_ebs_volume" "v" {
      availability_zone = "a"
      type              = "gp3"
      size              = var.size
    }
    """
    costs = costs_of(text)
    for address, reason in (
        ("aws_instance.i", "instance_type is sensitive"),
        ("aws_ebs_volume.v", "size is sensitive"),
    ):
        found = cost_of(costs, address)
        assert found.monthly_usd is None
        assert any(part.reason == reason for part in found.components)
        assert "777" not in repr(found.components)
        assert "m5.large" not in repr([part.reason for part in found.components])


def test_what_bills_nothing_as_it_is_configured_counts_as_free() -> None:
    text = 'resource "aws_vpc_endpoint" "s3" {\n  vpc_id = "vpc-1"\n  service_name = "com.amazonaws.us-east-1.s3"\n}\n'
    assert cost_of(costs_of(text), "aws_vpc_endpoint.s3").status == "free"
