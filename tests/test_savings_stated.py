"""Savings that a rule states itself: by use, as a share of the cost, at most what the payers cost."""

import pytest

from priced_roots import REPRICE, SCHEDULE, advice, costs_of, findings, text
from surplus.definitions import ActiveRule
from surplus.engine import Judge
from surplus.findings import findings_of
from surplus.model import Severity
from surplus.savings import savings_of

BY_USE = advice(
    "e-retention", "resize", "{set: {resource.retention_in_days: 30}}", resources="[aws_cloudwatch_log_group]",
    rest='saving: usage("expired_gib") * price("aws/cloudwatch-logs/storage")', when="true",
)  # fmt: skip
GROUP_OF_LOGS = 'resource "aws_cloudwatch_log_group" "app" {\n  retention_in_days = 365\n}\n'


def test_without_a_figure_of_use_a_finding_drops_one_tier() -> None:
    (found,) = findings(costs_of(GROUP_OF_LOGS), BY_USE)
    assert (found.monthly_saving_usd, found.severity) == (None, Severity.WARNING)
    given = {"aws_cloudwatch_log_group": {"expired_gib": 40.0, "stored_gib": 100.0}}
    (found,) = findings(costs_of(GROUP_OF_LOGS, usage=given), BY_USE)
    assert found.monthly_saving_usd == pytest.approx(1.2)
    assert found.severity is Severity.ERROR
    assert found.saving_basis == "expired_gib 40 by the usage file; $0.03 a GiB-month (us-east-1, 2024-07-01)"


def test_a_saving_that_the_payers_limit_says_so_and_one_without_their_cost_asks_for_it() -> None:
    given = {"aws_cloudwatch_log_group": {"expired_gib": 400.0, "stored_gib": 100.0}}
    (found,) = findings(costs_of(GROUP_OF_LOGS, usage=given), BY_USE)
    assert found.monthly_saving_usd == pytest.approx(3.0)
    assert found.saving_basis == (
        "expired_gib 400 by the usage file; $0.03 a GiB-month (us-east-1, 2024-07-01); at most what the payers cost"
    )
    (found,) = findings(costs_of(GROUP_OF_LOGS, usage={"aws_cloudwatch_log_group": {"expired_gib": 40.0}}), BY_USE)
    assert (found.monthly_saving_usd, found.severity) == (None, Severity.WARNING)
    assert found.saving_basis == (
        "not priced: what aws_cloudwatch_log_group.app costs is not known: "
        "it depends on use; a usage file may give ingested_gib"
    )


def test_what_the_rule_assumes_of_use_stands_in_the_basis() -> None:
    of_rule = 'saving: usage("expired_gib", 7.5) * price("aws/cloudwatch-logs/storage")'
    better, types = "{set: {resource.retention_in_days: 30}}", "[aws_cloudwatch_log_group]"
    one = advice("a", "resize", better, resources=types, rest=of_rule, when="true")
    given = {"aws_cloudwatch_log_group": {"stored_gib": 100.0}}
    (found,) = findings(costs_of(GROUP_OF_LOGS, usage=given), one)
    assert found.monthly_saving_usd == pytest.approx(0.225)
    assert found.severity is Severity.ERROR
    assert found.saving_basis == "expired_gib 7.5 as the rule assumes; $0.03 a GiB-month (us-east-1, 2024-07-01)"
    (found,) = findings(costs_of(GROUP_OF_LOGS, profile="medium"), one)
    assert found.saving_basis == "expired_gib 15 by the usage profile medium; $0.03 a GiB-month (us-east-1, 2024-07-01)"


def test_a_basis_names_only_the_use_that_was_asked_for() -> None:
    either = "saving: >-\n  resource.retention_in_days > 90.0 ? usage('expired_gib') * 0.1 : usage('stored_gib') * 0.1"
    one = advice(
        "a",
        "resize",
        "{set: {resource.retention_in_days: 30}}",
        resources="[aws_cloudwatch_log_group]",
        rest=either,
        when="true",
    )
    given = {"aws_cloudwatch_log_group": {"expired_gib": 1.0, "stored_gib": 100.0}}
    (found,) = findings(costs_of(GROUP_OF_LOGS, usage=given), one)
    assert (found.monthly_saving_usd, found.saving_basis) == (0.1, "expired_gib 1 by the usage file")


def test_a_saving_of_what_is_not_set_has_no_price_and_says_so_in_words() -> None:
    of_null = 'saving: resource.size * price("aws/ebs/gp3/storage")'
    one = advice("a", "resize", "{set: {resource.size: 1}}", resources="[aws_ebs_volume]", rest=of_null, when="true")
    (found,) = findings(costs_of('resource "aws_ebs_volume" "v" {}\n'), one)
    assert found.saving_basis == "not priced: a value that the saving is made of is not set"


def test_a_severity_that_the_policy_says_stays() -> None:
    costs = costs_of(GROUP_OF_LOGS)
    judge = Judge([BY_USE])
    outcome = judge.judge(costs.world, [ActiveRule(BY_USE, Severity.ERROR, {}, severity_said=True)])
    (found,) = findings_of(costs.world.evaluated, savings_of(outcome.hits, costs, judge))
    assert found.severity is Severity.ERROR


def test_what_rests_on_a_profile_says_so() -> None:
    costs = costs_of(GROUP_OF_LOGS, profile="medium")
    (found,) = findings(costs, BY_USE)
    assert found.saving_basis == "expired_gib 15 by the usage profile medium; $0.03 a GiB-month (us-east-1, 2024-07-01)"
    removed = advice("a-delete", "delete", "{remove: true}", resources="[aws_cloudwatch_log_group]")
    (found,) = findings(costs, removed)
    assert "by the usage profile medium" in (found.saving_basis or "")


def test_what_is_saved_is_paid_for_by_the_resource_whose_use_is_asked_for() -> None:
    bucket = """
    resource "aws_s3_bucket" "b" {
      bucket = "b"
    }
    resource "aws_s3_bucket_versioning" "b" {
      bucket = aws_s3_bucket.b.id
    }
    resource "aws_s3_bucket_versioning" "elsewhere" {
      bucket = "elsewhere"
    }
    """
    formula = "usage('old_gib', 'bucket', 'aws_s3_bucket') * price('aws/s3/STANDARD/storage')"
    on_both = "[aws_s3_bucket_versioning, aws_s3_bucket]"
    stated_ = advice("s", "resize", "{add: 'resource x'}", resources=on_both, rest=f"saving: {formula}")

    def saved(**usage: float) -> list[float | None]:
        found = findings(costs_of(bucket, usage={"aws_s3_bucket": usage}), stated_)
        return [one.monthly_saving_usd for one in sorted(found, key=lambda one: one.resource)]

    assert saved(standard_storage_gib=1000.0, old_gib=100.0) == [pytest.approx(2.3), pytest.approx(2.3), None]
    assert saved(standard_storage_gib=150.0, old_gib=100.0) == [pytest.approx(2.3), pytest.approx(1.15), None]
    assert saved(old_gib=100.0) == [None, None, None]


TWO = text() + text().replace('"i"', '"j"')
EACH = 730 * 0.2 + 50 * 0.1
BOTH = advice(
    "a-both",
    "delete",
    "{remove: true}",
    rest='saving: \'size(same("aws_instance", "ami")) > 0 ? 1000.0 : 0.0\'',
    when='address == "aws_instance.i[0]"',
)


def test_a_stated_saving_is_at_most_what_all_that_it_looks_at_costs() -> None:
    (found,) = findings(costs_of(TWO), BOTH)
    assert found.monthly_saving_usd == pytest.approx(2 * EACH)


def test_what_it_saves_on_others_they_cannot_save_again() -> None:
    first, *others = findings(costs_of(TWO), BOTH, REPRICE)
    assert first.monthly_saving_usd == pytest.approx(2 * EACH)
    assert [one.monthly_saving_usd for one in others] == [0.0, 0.0]


SHARE = advice("c-share", "resize", "{add: 'resource x'}", rest="saving: cost() * 0.3")


def test_a_stated_share_is_of_what_is_left_by_then() -> None:
    schedule, share = sorted(findings(costs_of(text()), SCHEDULE, SHARE), key=lambda one: one.rule.id)
    left = 730 * 0.2 + 50 * 0.1 - (schedule.monthly_saving_usd or 0)
    assert (schedule.monthly_saving_usd or 0) > 0
    assert share.saving_alone_usd == pytest.approx((730 * 0.2 + 50 * 0.1) * 0.3)
    assert share.monthly_saving_usd == pytest.approx(left * 0.3, abs=1e-3)


def test_what_a_stated_saving_removes_saves_nothing_more() -> None:
    gone = advice("a-gone", "delete", "{remove: true}", rest="saving: '20.0'")
    removed, repriced = sorted(findings(costs_of(text()), gone, REPRICE), key=lambda one: one.rule.id)
    assert removed.monthly_saving_usd == 20.0
    assert repriced.monthly_saving_usd == 0.0


def test_a_step_prices_the_value_that_the_finding_shows() -> None:
    smaller_disk = advice("c-disk", "resize", "{set: {item.volume_size: 20}}", rest='each: "root_block_device[*]"')
    size = "resource.root_block_device.exists(b, b.volume_size < 50.0)"
    depends = advice(
        "d-type", "reprice", f"{{set: {{resource.instance_type: \"{{{{ {size} ? 'm6a.large' : 'm6a.xlarge' }}}}\"}}}}"
    )
    disk, machine = sorted(findings(costs_of(text()), smaller_disk, depends), key=lambda one: one.rule.id)
    assert (disk.monthly_saving_usd or 0) > 0
    assert "- $0.1728)" in (machine.saving_basis or "")  # m6a.xlarge
    assert machine.monthly_saving_usd == pytest.approx(machine.saving_alone_usd)


def test_the_basis_of_a_share_of_the_cost_says_what_it_is_made_of() -> None:
    (found,) = findings(costs_of(text()), SHARE)
    basis = found.saving_basis or ""
    assert "730 hour × $0.20 (us-east-1, " in basis and "50 GiB-month × $0.10 (us-east-1, " in basis


def test_the_basis_of_fewer_hours_says_how_many_and_of_what() -> None:
    pods = (
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: {0}, namespace: n}}\nspec:\n  replicas: 2\n"
        "  selector: {{matchLabels: {{app: a}}}}\n  template:\n    metadata: {{labels: {{app: a}}}}\n"
        "    spec: {{containers: [{{name: a, image: a, resources: {{requests: {{cpu: '1', memory: 2Gi}}}}}}]}}\n"
    )
    asleep = advice(
        "s", "schedule", "{add: 'x'}", resources="[Deployment]", when="awake().size() > 0",
        rest="saving: asleep_saving(60.0)",
    )  # fmt: skip
    (found,) = findings(costs_of({"a.yaml": pods.format("a"), "b.yaml": pods.format("b")}), asleep)
    # 4 vCPU and 8 GiB: 730 x (4 x 0.031611 + 8 x 0.004237) = 117.05
    assert (found.saving_basis or "").startswith("60 of 168 hours a week: $117.05 → $41.80; 2 resources: ")
    assert "CPU requests 2,920 vCPU-hour × $0.031611, memory" in (found.saving_basis or "")
    assert "5,840 GiB-hour × $0.004237 (" in (found.saving_basis or "")


def test_the_costs_of_others_in_a_basis_are_summed() -> None:
    one = advice("s", "delete", "{add: 'x'}", rest="saving: \"cost(same('aws_instance', 'ami'))\"")
    found = findings(costs_of(TWO + text().replace('"i"', '"k"')), one)
    assert all("2 resources: instance" in (each.saving_basis or "") for each in found)
    assert all("1,460 hour × $0.20" in (each.saving_basis or "") for each in found)
