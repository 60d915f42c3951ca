from dataclasses import replace
from typing import Any

import pytest

from support import PLACE, evaluated, resource
from surplus.expressions import UnknownValueError
from surplus.functions.relations import (
    closed,
    joined,
    linked,
    log_sources,
    referenced,
    same,
    siblings,
    target,
)
from surplus.functions.scope import RuleScope, World
from surplus.model import Resource, Unknown

BUCKET = resource("aws_s3_bucket", "aws_s3_bucket.b", bucket="logs")
LIFECYCLE = "aws_s3_bucket_lifecycle_configuration"


def computed(address: str, attribute: str = "id") -> Unknown:
    return Unknown("known after apply", f"⟨{address}.{attribute}⟩", nullable=False)


def scope_of(one: Resource, *others: Resource, include: bool = False, open_because: str | None = None) -> RuleScope:
    scope = RuleScope(one, World(evaluated(one, *others, open_because=open_because)))
    scope.include = include
    return scope


def addresses(records: list[dict[str, Any]]) -> list[str]:
    return [record["address"] for record in records]


def lifecycle(name: str, bucket: Any, **more: Any) -> Resource:
    return resource(LIFECYCLE, f"{LIFECYCLE}.{name}", bucket=bucket, **more)


def both_ways(one: Resource, *others: Resource) -> tuple[list[str], list[str], str | None]:
    without = scope_of(one, *others)
    first = addresses(linked(without, LIFECYCLE, "bucket"))
    with_maybe = scope_of(one, *others, include=True)
    return first, addresses(linked(with_maybe, LIFECYCLE, "bucket")), without.maybe


def test_linked_by_identity_by_name_and_by_text() -> None:
    by_identity = lifecycle("a", computed("aws_s3_bucket.b"))
    by_name = lifecycle("c", "logs")
    other = lifecycle("d", "elsewhere")
    scope = scope_of(BUCKET, by_name, other, by_identity)
    assert addresses(linked(scope, LIFECYCLE, "bucket")) == [by_identity.address, by_name.address]
    assert addresses(linked(scope, LIFECYCLE, "bucket", "elsewhere")) == [
        by_identity.address,
        by_name.address,
        other.address,
    ]
    assert scope.maybe is None


def attachment(name: str, volume: Any, instance: Any) -> Resource:
    type_ = "aws_volume_attachment"
    return resource(type_, f"{type_}.{name}", volume_id=volume, instance_id=instance)


def test_joined_gives_the_other_end() -> None:
    volume = resource("aws_ebs_volume", "aws_ebs_volume.v")
    web, db = resource("aws_instance", "aws_instance.web"), resource("aws_instance", "aws_instance.db")
    ours = [
        attachment("a", computed(volume.address), computed(web.address)),
        attachment("b", computed(volume.address), computed(db.address)),
        attachment("c", computed("aws_ebs_volume.other"), "i-0abc1234"),
    ]
    scope = scope_of(volume, web, db, *ours)
    found = joined(scope, "aws_volume_attachment", "volume_id", "instance_id")
    assert addresses(found) == ["aws_instance.db", "aws_instance.web"]
    assert scope.maybe is None
    assert joined(scope_of(web, volume), "aws_volume_attachment", "instance_id", "volume_id") == []


@pytest.mark.parametrize(
    ("instance", "reason"),
    [
        ("i-0abc1234", "aws_volume_attachment.a.instance_id names is not in this root"),
        (Unknown("var.instance has no value"), "var.instance has no value"),
    ],
)
def test_joined_to_what_is_elsewhere_is_not_decided(instance: Any, reason: str) -> None:
    volume = resource("aws_ebs_volume", "aws_ebs_volume.v")
    scope = scope_of(volume, attachment("a", computed(volume.address), instance))
    with pytest.raises(UnknownValueError, match=reason):
        joined(scope, "aws_volume_attachment", "volume_id", "instance_id")


def test_linked_enters_lists() -> None:
    distribution = resource("aws_cloudfront_distribution", origin=[{"domain_name": computed("aws_s3_bucket.b", "arn")}])
    assert addresses(linked(scope_of(BUCKET, distribution), "aws_cloudfront_distribution", "origin.domain_name"))


def test_linked_by_another_instance_of_the_same_block_is_not_ours() -> None:
    first = resource("aws_s3_bucket", "aws_s3_bucket.b[0]")
    other = lifecycle("a", computed("aws_s3_bucket.b[1]"))
    assert both_ways(first, other) == ([], [], None)


def test_a_resource_is_not_linked_to_itself() -> None:
    one = resource("aws_s3_bucket", "aws_s3_bucket.b", bucket="logs", logging="logs")
    assert linked(scope_of(one), "aws_s3_bucket", "logging") == []


def test_an_unknown_may_be_ours() -> None:
    without, including, maybe = both_ways(BUCKET, lifecycle("a", Unknown("var.bucket has no value")))
    assert (without, including) == ([], [f"{LIFECYCLE}.a"])
    assert maybe == f"{LIFECYCLE}.a.bucket: var.bucket has no value"


def test_an_instance_that_is_not_known_may_be_ours() -> None:
    one = resource("aws_s3_bucket", "aws_s3_bucket.b[0]")
    without, including, maybe = both_ways(one, lifecycle("a", computed("aws_s3_bucket.b[*]")))
    assert (without, including) == ([], [f"{LIFECYCLE}.a"])
    assert maybe


def test_a_resource_that_may_not_exist_may_be_ours() -> None:
    perhaps = Resource(
        "terraform", LIFECYCLE, f"{LIFECYCLE}.a", PLACE, {"bucket": "logs"}, instances=None, optional=True
    )
    without, including, maybe = both_ways(BUCKET, perhaps)
    assert (without, including) == ([], [f"{LIFECYCLE}.a"])
    assert maybe and "may not exist" in maybe


def test_a_name_that_both_take_from_one_computed_text() -> None:
    name = Unknown("known after apply", "logs-⟨random_id.r.hex⟩", nullable=False)
    one = resource("aws_s3_bucket", "aws_s3_bucket.b", bucket=name)
    assert both_ways(one, lifecycle("a", name)) == ([f"{LIFECYCLE}.a"], [f"{LIFECYCLE}.a"], None)


def test_a_plain_name_may_be_that_of_a_resource_with_an_unknown_name() -> None:
    one = resource("aws_s3_bucket", "aws_s3_bucket.b", bucket=Unknown("var.name has no value"))
    known = resource("aws_s3_bucket", "aws_s3_bucket.known", bucket="theirs")
    without, including, maybe = both_ways(one, known, lifecycle("a", "perhaps"), lifecycle("c", "theirs"))
    assert (without, including) == ([], [f"{LIFECYCLE}.a"])
    assert maybe == f"{LIFECYCLE}.a may name aws_s3_bucket.b: var.name has no value"


def test_records_hold_what_is_selected_and_say_why_what_is_unknown_is_left_out() -> None:
    scope = scope_of(BUCKET, lifecycle("a", "logs", rule=Unknown("var.rules has no value"), status="x"))
    scope.fields = {"rule": frozenset(), "status": frozenset(), "unset": frozenset()}
    assert linked(scope, LIFECYCLE, "bucket") == [
        {"status": "x", "unset": None, "address": f"{LIFECYCLE}.a", "type": LIFECYCLE}
    ]
    assert scope.dropped == {"rule": "var.rules has no value"}


def test_what_is_left_out_of_one_record_is_not_missing_in_the_next() -> None:
    first = lifecycle("a", "logs", type=Unknown("no default"))
    second = lifecycle("c", "logs")
    scope = scope_of(BUCKET, first, second)
    one, other = linked(scope, LIFECYCLE, "bucket")
    assert "type" not in one and other["type"] == LIFECYCLE


def test_a_record_is_made_once_and_says_each_time_what_it_leaves_out() -> None:
    world = World(evaluated(BUCKET, one := lifecycle("a", "logs", rule=Unknown("no default"))))
    fields = {"rule": frozenset[str]()}
    first, second = RuleScope(BUCKET, world, fields=fields), RuleScope(BUCKET, world, fields=fields)
    (record,) = linked(first, LIFECYCLE, "bucket")
    assert linked(second, LIFECYCLE, "bucket")[0] is record
    assert first.dropped == second.dropped == {"rule": "no default"}
    changed = world.with_changes({one: replace(one, values={"bucket": "logs", "rule": [{"id": "new"}]})})
    (after,) = linked(RuleScope(BUCKET, changed, fields=fields), LIFECYCLE, "bucket")
    assert (after["rule"][0]["id"], "rule" in record) == ("new", False)


def test_records_in_messages_hide_what_is_sensitive() -> None:
    secret = Resource(
        "terraform",
        LIFECYCLE,
        f"{LIFECYCLE}.a",
        PLACE,
        {"bucket": "logs", "rule": [{"token": "hunter2"}]},
        sensitive=frozenset({("rule", 0, "token")}),
    )
    scope = scope_of(BUCKET, secret)
    scope.hide_sensitive = True
    assert linked(scope, LIFECYCLE, "bucket")[0]["rule"] == [{"token": "(sensitive)"}]


def test_target() -> None:
    one = lifecycle("a", computed("aws_s3_bucket.b"), by_name="logs", nothing=None, elsewhere="x")
    scope = scope_of(one, BUCKET)
    assert (target(scope, "bucket") or {})["address"] == BUCKET.address
    assert (target(scope, "by_name") or {})["address"] == BUCKET.address
    assert target(scope, "nothing") is None
    assert target(scope, "elsewhere") is None


def test_the_target_of_an_unknown_is_not_known() -> None:
    with pytest.raises(UnknownValueError, match="no value"):
        target(scope_of(lifecycle("a", Unknown("no value")), BUCKET), "bucket")


def test_same() -> None:
    one, two, three = (
        resource("aws_eip", f"aws_eip.{name}", vpc=vpc) for name, vpc in (("one", "v"), ("two", "v"), ("three", "w"))
    )
    assert addresses(same(scope_of(one, three, two), "aws_eip", "vpc")) == ["aws_eip.two"]


def test_siblings_are_of_the_same_type() -> None:
    one, two = resource("aws_eip", "aws_eip.one", vpc="v"), resource("aws_eip", "aws_eip.two", vpc="v")
    assert addresses(siblings(scope_of(one, two), "vpc")) == [two.address]
    assert siblings(scope_of(one, replace(two, type="aws_vpn")), "vpc") == []


def test_siblings_name_the_same_resource_in_one_way_or_another() -> None:
    cluster, other = (resource("aws_rds_cluster", f"aws_rds_cluster.{name}") for name in ("app", "shop"))
    members = [
        resource("aws_rds_cluster_instance", f"aws_rds_cluster_instance.{at}", cluster_identifier=value)
        for at, value in enumerate(
            (
                computed("aws_rds_cluster.app"),
                computed("aws_rds_cluster.app", "cluster_identifier"),
                computed("aws_rds_cluster.shop"),
            )
        )
    ]
    scope = scope_of(members[0], *members[1:], cluster, other)
    assert addresses(siblings(scope, "cluster_identifier")) == ["aws_rds_cluster_instance.1"]
    assert scope.maybe is None, "the other cluster is another one, though its id is not known"
    unknown = resource("aws_rds_cluster_instance", "aws_rds_cluster_instance.x", cluster_identifier=Unknown("no value"))
    scope = scope_of(members[0], unknown, cluster)
    assert siblings(scope, "cluster_identifier") == [] and scope.maybe is not None


def test_unset_values_are_not_the_same() -> None:
    one, two = resource("aws_eip", "aws_eip.one", vpc=None), resource("aws_eip", "aws_eip.two", vpc=None)
    assert same(scope_of(one, two), "aws_eip", "vpc") == []


def test_same_with_an_unknown_on_either_side() -> None:
    one = resource("aws_eip", "aws_eip.one", vpc="v")
    other = resource("aws_eip", "aws_eip.two", vpc=Unknown("no value"))
    scope = scope_of(one, other)
    assert same(scope, "aws_eip", "vpc") == []
    assert scope.maybe == "aws_eip.two.vpc: no value"
    assert addresses(same(scope_of(one, other, include=True), "aws_eip", "vpc")) == ["aws_eip.two"]
    with pytest.raises(UnknownValueError):
        same(scope_of(other, one), "aws_eip", "vpc")


def test_equal_computed_values_are_the_same() -> None:
    one = resource("aws_eip", "aws_eip.one", vpc=computed("aws_vpc.v"))
    two = resource("aws_eip", "aws_eip.two", vpc=computed("aws_vpc.v"))
    assert addresses(same(scope_of(one, two), "aws_eip", "vpc")) == ["aws_eip.two"]


def test_closed() -> None:
    assert closed(scope_of(BUCKET)) is True
    with pytest.raises(UnknownValueError, match=r"output\.bucket hands it on"):
        closed(scope_of(BUCKET, open_because="output.bucket hands it on"))


def test_referenced() -> None:
    user = Resource("terraform", "aws_eip", "aws_eip.e", PLACE, {}, references=("aws_s3_bucket.b",))
    itself = Resource("terraform", "aws_s3_bucket", "aws_s3_bucket.c", PLACE, {}, references=("aws_s3_bucket.c",))
    assert referenced(scope_of(BUCKET, user)) is True
    assert referenced(scope_of(itself)) is False


def test_referenced_by_a_resource_of_one_type() -> None:
    user = Resource("terraform", "aws_eip", "aws_eip.e", PLACE, {}, references=("aws_s3_bucket.b",))
    assert referenced(scope_of(BUCKET, user), "aws_eip") is True
    assert referenced(scope_of(BUCKET, user), "aws_lambda_function") is False


def test_referenced_by_the_whole_block() -> None:
    instance = resource("aws_s3_bucket", 'aws_s3_bucket.b["x"]')
    user = Resource("terraform", "aws_eip", "aws_eip.e", PLACE, {}, references=("aws_s3_bucket.b",))
    assert referenced(scope_of(instance, user)) is True


def test_same_leaves_out_what_may_not_exist() -> None:
    one, other = volume("a"), replace(volume("b"), optional=True)
    scope = scope_of(one, other)
    assert addresses(same(scope, "aws_ebs_volume", "snapshot_id")) == []
    assert scope.maybe is not None
    assert addresses(same(scope_of(one, other, include=True), "aws_ebs_volume", "snapshot_id")) == [other.address]


def volume(name: str) -> Resource:
    return resource("aws_ebs_volume", f"aws_ebs_volume.{name}", snapshot_id="snap-1")


def test_log_sources_are_those_that_certainly_deliver_here() -> None:
    scope = scope_of(
        BUCKET,
        resource("aws_s3_bucket_logging", "aws_s3_bucket_logging.a", target_bucket=computed("aws_s3_bucket.b")),
        resource("aws_cloudtrail", "aws_cloudtrail.a", s3_bucket_name="logs", enable_logging=True),
        resource("aws_lb", "aws_lb.on", access_logs=[{"bucket": "logs", "enabled": True}]),
        resource("aws_lb", "aws_lb.off", access_logs=[{"bucket": "logs", "enabled": False}]),
        resource("aws_lb", "aws_lb.maybe", access_logs=[{"bucket": "logs", "enabled": Unknown("var.logs")}]),
        resource("aws_flow_log", "aws_flow_log.a", log_destination="arn:aws:s3:::logs"),
        resource("aws_flow_log", "aws_flow_log.other", log_destination=Unknown("var.destination")),
        replace(resource("aws_flow_log", "aws_flow_log.optional", log_destination="arn:aws:s3:::logs"), optional=True),
        replace(BUCKET, address="aws_s3_bucket.other", values={"bucket": "o", "logging": [{"target_bucket": "logs"}]}),
    )
    assert [(one["address"], one["kind"]) for one in log_sources(scope)] == [
        ("aws_cloudtrail.a", "audit"),
        ("aws_flow_log.a", "log"),
        ("aws_lb.on", "log"),
        ("aws_s3_bucket.other", "log"),
        ("aws_s3_bucket_logging.a", "log"),
    ]
    assert scope.maybe is None


def test_log_sources_of_the_bucket_that_an_attribute_names() -> None:
    trail = resource("aws_cloudtrail", "aws_cloudtrail.a", s3_bucket_name="logs")
    balancer = resource("aws_lb", "aws_lb.a", access_logs=[{"bucket": computed("aws_s3_bucket.b"), "enabled": True}])
    by_name, by_reference = lifecycle("a", "logs"), lifecycle("b", computed("aws_s3_bucket.b"))
    both = ["aws_cloudtrail.a", "aws_lb.a"]
    assert addresses(log_sources(scope_of(by_name, BUCKET, trail, balancer), "bucket")) == both
    assert addresses(log_sources(scope_of(by_reference, BUCKET, trail, balancer), "bucket")) == both
    assert addresses(log_sources(scope_of(by_name, trail, balancer), "bucket")) == ["aws_cloudtrail.a"]
    assert log_sources(scope_of(lifecycle("c", Unknown("var.b")), BUCKET, trail, balancer), "bucket") == []


def test_a_bucket_that_logs_to_itself_has_no_source() -> None:
    own = resource("aws_s3_bucket", "aws_s3_bucket.b", bucket="logs", logging=[{"target_bucket": "logs"}])
    assert log_sources(scope_of(own)) == []


def test_same_is_the_resource_that_is_named_not_the_text() -> None:
    bucket, other = resource("aws_s3_bucket", "aws_s3_bucket.a", bucket="a"), resource("aws_s3_bucket", bucket="b")
    by_identity = resource(LIFECYCLE, "l.1", bucket=computed("aws_s3_bucket.a"))
    by_name = resource("aws_s3_bucket_versioning", "v.1", bucket="a")
    elsewhere = resource("aws_s3_bucket_versioning", "v.2", bucket="b")
    scope = scope_of(by_identity, bucket, other, by_name, elsewhere)
    assert addresses(same(scope, "aws_s3_bucket_versioning", "bucket")) == ["v.1"]
    assert scope.maybe is None
