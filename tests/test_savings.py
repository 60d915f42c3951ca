"""Savings: by component, over payers, stepwise, never more than the cost."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from priced_roots import ALL, DELETE, REPRICE, RESIZE, SCHEDULE, advice, cost_of, costs_of, findings, text
from surplus.definitions import Rule

MINE = "[aws_launch_template]"
M6A = "{set: {resource.instance_type: m6a.large}}"


def test_a_better_type_saves_the_difference_of_the_prices() -> None:
    (found,) = findings(costs_of(text()), REPRICE)
    assert found.monthly_saving_usd == found.saving_alone_usd
    assert found.monthly_saving_usd is not None
    assert found.monthly_saving_usd > 0
    assert "730 hour × ($0.20 - $0.1" in (found.saving_basis or "")
    assert "us-east-1, 2026-07-20" in (found.saving_basis or "")
    assert found.assumptions


def test_instances_of_one_block_save_together() -> None:
    (one,), (three,) = findings(costs_of(text(1)), REPRICE), findings(costs_of(text(3)), REPRICE)
    assert three.monthly_saving_usd == pytest.approx(3 * (one.monthly_saving_usd or 0), abs=1e-3)
    assert "3 times" in (three.saving_basis or "")


def test_later_findings_save_on_what_earlier_ones_left() -> None:
    costs = costs_of(text())
    found = {one.rule.id: one for one in findings(costs, SCHEDULE, RESIZE, REPRICE)}
    schedule, resize, reprice = (found[name] for name in ("b-schedule", "c-resize", "d-reprice"))
    assert schedule.monthly_saving_usd == schedule.saving_alone_usd == pytest.approx(365 * 0.2)
    assert resize.saving_alone_usd == pytest.approx(730 * 0.1)
    assert resize.monthly_saving_usd == pytest.approx(365 * 0.1)
    assert (reprice.monthly_saving_usd or 0) < (reprice.saving_alone_usd or 0)
    assert resize.shared_with == tuple(f"{name} at main.tf:2" for name in ("b-schedule", "d-reprice"))


@given(
    st.integers(1, 4),
    st.sampled_from(["m4.xlarge", "m4.large", "t2.nano", "m5.large", "c4.8xlarge", "nobody.knows"]),
    st.sampled_from(["gp2", "gp3", "zzz"]),
    st.integers(1, 2000),
    st.sets(st.sampled_from(ALL), min_size=1),
)
@settings(max_examples=60, deadline=None)
def test_savings_on_one_payer_never_add_up_to_more_than_it_costs(
    count: int, type_: str, volume: str, size: int, rules: set[Rule]
) -> None:
    costs = costs_of(text(count, type_, volume, size))
    found = findings(costs, *sorted(rules, key=lambda one: one.id))
    saved = sum(one.monthly_saving_usd or 0 for one in found)
    assert saved <= sum(cost.monthly_usd or 0 for cost in costs.all()) + 0.01
    assert all((one.monthly_saving_usd or 0) >= 0 for one in found)
    assert all((one.monthly_saving_usd or 0) <= (one.saving_alone_usd or 0) + 0.01 for one in found)


def test_the_order_of_rules_does_not_matter() -> None:
    one = [(f.rule.id, f.monthly_saving_usd) for f in findings(costs_of(text()), *ALL)]
    other = [(f.rule.id, f.monthly_saving_usd) for f in findings(costs_of(text()), *reversed(ALL))]
    assert sorted(one) == sorted(other)


def test_what_costs_more_is_no_finding() -> None:
    dearer = advice("dearer", "reprice", "{set: {resource.instance_type: m7i.xlarge}}")
    assert findings(costs_of(text(type_="m5.xlarge")), dearer) == []


def test_a_rule_may_insist_on_what_costs_more() -> None:
    dearer = replace(advice("dearer", "reprice", "{set: {resource.instance_type: m7i.xlarge}}"), only_if_cheaper=False)
    (found,) = findings(costs_of(text(type_="m5.xlarge")), dearer)
    assert found.monthly_saving_usd == 0
    assert "a month more" in (found.saving_basis or "")


def test_an_unknown_price_gives_no_saving_and_says_why() -> None:
    huge = advice("x", "reprice", "{set: {resource.instance_type: m99.huge}}")
    (found,) = findings(costs_of(text(type_="m4.xlarge")), huge)
    assert found.monthly_saving_usd is None
    assert "the price book has no aws/ec2/m99.huge/linux" in (found.saving_basis or "")


def test_components_that_stay_the_same_cancel_although_they_have_no_price() -> None:
    (found,) = findings(costs_of(text(volume="zzz")), REPRICE)
    assert (found.monthly_saving_usd or 0) > 0


def test_an_unknown_number_of_instances_gives_the_price_of_one() -> None:
    unknown = text().replace("count         = 1", "count = var.n") + 'variable "n" {}\n'
    found = findings(costs_of(unknown), REPRICE)
    assert [one.monthly_saving_usd for one in found] == [None] * len(found)
    assert all("one costs $" in (one.saving_basis or "") for one in found)


GROUP = """
resource "aws_launch_template" "t" {
  instance_type = "m4.large"
}
resource "aws_autoscaling_group" "g" {
  min_size = 4
  max_size = 9
  launch_template { id = aws_launch_template.t.id }
}
"""


def test_the_payers_of_a_template_are_its_groups() -> None:
    on_template = advice("t", "reprice", M6A, resources=MINE)
    costs = costs_of(GROUP)
    (found,) = findings(costs, on_template)
    assert found.monthly_saving_usd == pytest.approx(4 * 730 * (0.1 - 0.0864))
    assert (found.monthly_saving_usd or 0) <= (cost_of(costs, "aws_autoscaling_group.g").monthly_usd or 0)


def test_a_template_that_nothing_here_uses_has_no_known_saving() -> None:
    on_template = advice("t", "reprice", M6A, resources=MINE)
    (found,) = findings(costs_of(GROUP.split('resource "aws_autoscaling_group"')[0]), on_template)
    assert found.monthly_saving_usd is None
    assert "nothing in this root pays for it" in (found.saving_basis or "")


def test_an_item_that_goes() -> None:
    disk = """
    resource "aws_instance" "i" {
      ami = "ami-1"
      instance_type = "m5.large"
      ebs_block_device {
        device_name = "/dev/sdf"
        volume_type = "gp3"
        volume_size = 100
      }
      ebs_block_device {
        device_name = "/dev/sdg"
        volume_type = "gp3"
        volume_size = 10
      }
    }
    """
    each, when = 'each: "ebs_block_device[*]"', "item.volume_size == 100.0"
    gone = advice("gone", "delete", "{remove: true}", when=when, rest=each)
    (found,) = findings(costs_of(disk), gone)
    assert found.monthly_saving_usd == pytest.approx(8.0)


def stated(formula: str) -> Rule:
    return advice("s", "resize", "{add: 'resource x'}", rest=f"saving: {formula}")


def test_a_companion_saves_what_its_rule_says_at_most_the_cost() -> None:
    def saving(formula: str, **usage: float) -> float | None:
        (found,) = findings(costs_of(text(), usage={"aws_instance": usage} if usage else None), stated(formula))
        return found.monthly_saving_usd

    whole = 730 * 0.2 + 50 * 0.1
    assert saving("cost() * usage('idle_share')", idle_share=0.25) == pytest.approx(whole / 4)
    assert saving("cost() * usage('idle_share')") is None
    assert saving("cost() * usage('idle_share', 0.5)") == pytest.approx(whole / 2)
    assert saving("cost() * usage('idle_share', 0.5)", idle_share=0.25) == pytest.approx(whole / 4)
    assert saving("cost() * 5.0") == pytest.approx(whole)
    assert findings(costs_of(text()), stated("0.0 - 5.0")) == []
    assert saving("price('aws/ebs/gp2/storage') * 100.0") == pytest.approx(10)
    assert saving("ratio('m5.large', 'm4.large')") == pytest.approx(0.96)
    assert saving("price('aws/nobody/knows')") is None


def test_what_is_stated_counts_towards_the_cost_of_the_payer() -> None:
    costs = costs_of(text())
    found = findings(costs, DELETE, stated("cost()"))
    assert sum(one.monthly_saving_usd or 0 for one in found) == pytest.approx(730 * 0.2 + 50 * 0.1)


def test_what_is_not_known_cancels_only_where_nothing_it_read_has_changed() -> None:
    unknown = text().replace(
        'instance_type = "m4.xlarge"', 'instance_type = "m4.xlarge"\n  tenancy = var.t\n  monitoring = true'
    )
    both = "{set: {resource.instance_type: m4.16xlarge, resource.monitoring: false}}"
    (found,) = findings(costs_of(unknown + 'variable "t" {}\n'), advice("b", "resize", both))
    assert found.monthly_saving_usd is None
    assert "var.t has no value" in (found.saving_basis or "")
    only = advice("o", "delete", "{set: {resource.monitoring: false}}")
    (found,) = findings(costs_of(unknown + 'variable "t" {}\n'), only)
    assert found.monthly_saving_usd == pytest.approx(2.1)


def test_an_unknown_region_is_the_reason() -> None:
    provider = 'provider "aws" {\n  region = var.r\n}\nvariable "r" {}\n'
    (found,) = findings(
        costs_of(provider + text()), advice("x", "reprice", "{set: {resource.instance_type: m6a.xlarge}}")
    )
    assert found.monthly_saving_usd is None
    assert "the region is not known" in (found.saving_basis or "")


def test_the_items_that_stay_keep_their_names() -> None:
    disk = '  ebs_block_device {{\n    device_name = "{}"\n    volume_type = "gp2"\n    volume_size = {}\n  }}\n'
    disks = disk.format("/dev/sdf", "100") + disk.format("/dev/sdg", "var.s") + disk.format("/dev/sdh", "50")
    config = f'resource "aws_instance" "i" {{\n  ami = "a"\n  instance_type = "m5.large"\n{disks}}}\n'
    config += 'variable "s" {}\n'
    each, when = 'each: "ebs_block_device[*]"', "item.volume_size == 100.0"
    (found,) = findings(costs_of(config), advice("g", "delete", "{remove: true}", when=when, rest=each))
    assert found.monthly_saving_usd == pytest.approx(10.0)
    assert (found.saving_basis or "").startswith("volume storage: 100 GiB-month × $0.10 → nothing")


def test_what_refers_to_a_removed_thing_stays() -> None:
    (found,) = findings(costs_of(GROUP), advice("t", "delete", "{remove: true}", resources=MINE))
    assert found.monthly_saving_usd is None


def test_the_basis_adds_up_to_the_saving() -> None:
    volumes = """
    resource "aws_ebs_volume" "v" {
      for_each          = { a = 10, b = 1000 }
      availability_zone = "us-east-1a"
      size              = each.value
      type              = "gp2"
    }
    """
    gp3 = advice("g", "reprice", "{set: {resource.type: gp3}}", resources="[aws_ebs_volume]")
    (found,) = findings(costs_of(volumes), gp3)
    assert found.monthly_saving_usd == pytest.approx(20.2)
    assert "10 GiB-month" in (found.saving_basis or "")
    assert "1,000 GiB-month" in (found.saving_basis or "")


def test_each_payer_has_its_own_line() -> None:
    second = GROUP[GROUP.index('resource "aws_autoscaling_group"') :].replace('"g"', '"h"')
    on_template = advice("t", "reprice", M6A, resources=MINE)
    (found,) = findings(costs_of(GROUP + second), on_template)
    assert found.monthly_saving_usd == pytest.approx(8 * 730 * (0.1 - 0.0864))
    assert "aws_autoscaling_group.g: instances" not in (found.saving_basis or "")
    assert (found.saving_basis or "").count("2,920 hour") == 2


def test_a_schedule_is_for_the_thing_itself_and_what_pays_for_it() -> None:
    databases = """
    resource "aws_db_instance" "src" {
      engine            = "mysql"
      engine_version    = "8.4"
      instance_class    = "db.m5.large"
      allocated_storage = 20
      storage_type      = "gp2"
    }
    resource "aws_db_instance" "replica" {
      instance_class      = "db.m5.large"
      replicate_source_db = aws_db_instance.src.identifier
    }
    """
    half = advice(
        "h", "schedule", "{hours_per_week: 84}", resources="[aws_db_instance]", when="resource.engine != null"
    )
    (found,) = findings(costs_of(databases), half)
    price = costs_of(databases).price("aws/rds-instance/db.m5.large/mysql-single-az", "us-east-1")
    assert found.monthly_saving_usd == pytest.approx(365 * (price or 0))
    (group,) = findings(costs_of(GROUP), advice("t", "schedule", "{hours_per_week: 84}", resources=MINE))
    assert group.monthly_saving_usd == pytest.approx(4 * 365 * 0.1)


@pytest.mark.parametrize(
    ("type_", "why"),
    [('"m5.nothing"', "m5.nothing"), ("var.type", "var.type has no value")],
    ids=["no price", "no key"],
)
def test_a_schedule_for_a_machine_without_a_price_saves_what_is_not_known(type_: str, why: str) -> None:
    root = f"""
    variable "type" {{
    }}
    resource "aws_instance" "i" {{
      ami                         = "ami-1"
      instance_type               = {type_}
      associate_public_ip_address = true
    }}
    """
    (found,) = findings(costs_of(root), SCHEDULE)
    assert found.monthly_saving_usd is None  # not only what the address saves
    assert why in (found.saving_basis or "")


def test_a_schedule_for_a_group_of_another_roots_machines_saves_what_is_not_known() -> None:
    root = """
    resource "aws_autoscaling_group" "g" {
      min_size = 2
      max_size = 2
      launch_template {
        id = "lt-1"
      }
    }
    """
    half = advice("h", "schedule", "{hours_per_week: 84}", resources="[aws_autoscaling_group]")
    (found,) = findings(costs_of(root), half)
    assert found.monthly_saving_usd is None
    assert "not in this root" in (found.saving_basis or "")


def test_expressions_over_a_list_do_not_see_the_item_that_goes() -> None:
    root = text(type_="m5.large", volume="gp3", size=20)
    gone = advice("g", "delete", "{remove: true}", rest='each: "root_block_device[*]"')
    (found,) = findings(costs_of(root), gone)
    assert found.monthly_saving_usd is None  # without the block the image decides
    assert "root volume" in (found.saving_basis or "")


def test_two_items_that_go_one_after_the_other() -> None:
    disk = '  ebs_block_device {{\n    device_name = "{}"\n    volume_type = "gp2"\n    volume_size = {}\n  }}\n'
    disks = "".join(disk.format(f"/dev/sd{name}", size) for name, size in (("f", 100), ("g", 10), ("h", 50)))
    config = f'resource "aws_instance" "i" {{\n  ami = "a"\n  instance_type = "m5.large"\n{disks}}}\n'
    each = 'each: "ebs_block_device[*]"'
    first = advice("a", "delete", "{remove: true}", when="item.volume_size == 100.0", rest=each)
    second = advice("b", "delete", "{remove: true}", when="item.volume_size == 50.0", rest=each)
    third = advice("c", "reprice", "{set: {item.volume_type: gp3}}", when="item.volume_size == 50.0", rest=each)
    found = {one.rule.id: one.monthly_saving_usd for one in findings(costs_of(config), first, second, third)}
    assert found == {"a": 10.0, "b": 5.0, "c": 0.0}


def test_what_goes_with_its_use_saves_at_least_the_rest() -> None:
    gateway = 'resource "aws_nat_gateway" "n" {\n  subnet_id = "s"\n  allocation_id = "e"\n}\n'
    (found,) = findings(costs_of(gateway), advice("nat", "delete", "{remove: true}", resources="[aws_nat_gateway]"))
    assert found.monthly_saving_usd == pytest.approx(730 * 0.045)
