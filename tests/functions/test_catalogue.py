from support import PLACE, evaluated, resource
from surplus.functions.catalogue import (
    FUNCTIONS,
    ebs_limits,
    ebs_volume,
    machine,
    minimum_days,
    newer,
    smaller,
    support,
    supports,
)
from surplus.functions.scope import RuleScope, World
from surplus.model import Resource

ONE = Resource("terraform", "aws_instance", "a.b", PLACE, {}, region="us-east-1")
SCOPE = RuleScope(ONE, World(evaluated(ONE)))


def test_a_machine_is_a_record() -> None:
    assert machine(SCOPE, "m5.xlarge")["vcpus"] == 4.0
    assert machine(SCOPE, "db.m5.xlarge")["gib"] == 16.0


def test_a_machine_nobody_knows_has_null_fields() -> None:
    assert set(machine(SCOPE, "m99.huge").values()) == {None}
    assert machine(SCOPE, "m99.huge").keys() == machine(SCOPE, "m5.xlarge").keys()


def test_volumes_are_records() -> None:
    assert ebs_limits(SCOPE, "m5.large") == {"iops": 18750.0, "throughput": 593.75}
    assert ebs_volume(SCOPE, "gp3")["included_iops"] == 3000.0
    assert set(ebs_limits(SCOPE, "m99.huge").values()) == set(ebs_volume(SCOPE, "gp9").values()) == {None}
    assert ebs_limits(SCOPE, "m99.huge").keys() == ebs_limits(SCOPE, "m5.large").keys()


def test_nothing_comes_of_null() -> None:
    for name in ("newer", "smaller"):
        null = next(one for one in FUNCTIONS[name] if one.parameters == ("null",))
        assert null.call(SCOPE, None) is None


def test_newer_and_smaller() -> None:
    assert newer(SCOPE, "m3.xlarge")
    assert newer(SCOPE, "m99.huge") is None
    assert smaller(SCOPE, "m5.2xlarge") == "m5.xlarge"
    assert resource("a").region is None


def test_the_support_of_a_version() -> None:
    found = support(SCOPE, "aws", "rds", "postgres", "13.9")
    assert (found["version"], found["end"], found["next"]) == ("13", "2026-03-01", "15")
    assert found["days"] < 0
    assert set(support(SCOPE, "aws", "rds", "oracle", "19").values()) == {None}
    for one in FUNCTIONS["support"][1:]:
        assert set(one.call(SCOPE).values()) == {None}


def test_newer_nodes_run_the_engine() -> None:
    assert newer(SCOPE, "cache.r4.large", "redis", "4.0.10") == "cache.r5.large"
    null = next(one for one in FUNCTIONS["newer"] if one.parameters == ("null", "string", "null"))
    assert null.call(SCOPE, None, "redis", None) is None


def test_supports() -> None:
    assert supports(SCOPE, "rds", "auto-pause", "aurora-postgresql", "16.4") is True
    assert supports(SCOPE, "rds", "auto-pause", "aurora-postgresql", None) is None
    null = next(one for one in FUNCTIONS["supports"] if one.parameters == ("string", "string", "null", "string"))
    assert null.call(SCOPE, "rds", "auto-pause", None, "16.4") is None


def test_minimum_days_of_a_storage_class() -> None:
    assert minimum_days(SCOPE, "aws", "GLACIER_IR") == 90
    assert minimum_days(SCOPE, "aws", "COLDLINE") is None
