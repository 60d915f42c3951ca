"""Which engine versions run on which database classes, and what gp3 gives."""

import pytest

from surplus.catalog.databases import cheaper_class, gp3, is_previous, runs_on


@pytest.mark.parametrize(
    ("type_", "engine", "version", "runs"),
    [
        ("db.m6g.large", "mysql", "8.0.23", True),
        ("db.m6g.large", "mysql", "8.0.22", False),
        ("db.m6g.large", "mysql", "8.0", True),
        ("db.m6g.large", "mysql", "8.4.3", True),
        ("db.m6g.large", "mysql", "5.7.44", False),
        ("db.m6g.large", "postgres", "12.7", True),
        ("db.m6g.large", "postgres", "12.6", False),
        ("db.m6g.large", "postgres", "12", True),
        ("db.m6g.large", "postgres", "11.22", False),
        ("db.m6g.large", "postgres", "17", True),
        ("db.m6g.large", "oracle-se2", "19", False),
        ("db.m6g.medium", "postgres", "17", False),
        ("db.r6g.large", "aurora-postgresql", "14.2", False),
        ("db.r6g.large", "aurora-postgresql", "13.3", True),
        ("db.r6g.large", "aurora-mysql", "8.0.mysql_aurora.3.02.0", True),
        ("db.r6g.large", "aurora-mysql", "5.7.mysql_aurora.2.09.1", False),
        ("db.r6g.large", "aurora-mysql", "5.7", True),
        ("db.r6g.large", "aurora-mysql", "5.6.10a", False),
        ("db.t4g.small", "aurora-mysql", "8.0", False),
        ("cache.r6g.large", "redis", "5.0.6", True),
        ("cache.r6g.large", "redis", "5.0.5", False),
        ("cache.r6g.large", "redis", "6.x", True),
        ("db.m6g.large", "mysql", "latest", False),
    ],
)
def test_a_class_runs_a_version(type_: str, engine: str, version: str, runs: bool) -> None:
    assert runs_on(type_, engine, version) == runs


@pytest.mark.parametrize(
    ("type_", "engine", "version", "region", "better"),
    [
        ("db.m5.large", "postgres", "15.4", "us-east-1", "db.m6g.large"),
        ("db.m4.large", "mysql", "5.7.44", "us-east-1", "db.m5.large"),
        ("db.m5.large", "mysql", "5.7.44", "us-east-1", None),
        ("db.m4.10xlarge", "mysql", "8.0.36", None, None),
        ("db.m6g.large", "postgres", "15.4", None, None),
        ("cache.t3.small", "redis", "7.1", None, "cache.t4g.small"),
        ("db.serverless", "aurora-mysql", "8.0", None, None),
    ],
)
def test_the_cheapest_class_that_runs_it(
    type_: str, engine: str, version: str, region: str | None, better: str | None
) -> None:
    assert cheaper_class(type_, engine, version, region) == better


def test_a_region_that_lacks_the_family(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("surplus.catalog.machines.not_sold", lambda type_, region: type_.startswith("m6g"))
    assert cheaper_class("db.m5.large", "postgres", "15.4", "us-east-1") is None
    assert cheaper_class("db.m5.large", "postgres", "15.4", None) == "db.m6g.large"


def test_earlier_generations() -> None:
    assert is_previous("db.r4.large")
    assert is_previous("cache.t2.micro")
    assert not is_previous("db.r5.large")
    assert not is_previous("m4.large")


@pytest.mark.parametrize(
    ("engine", "gib", "iops"),
    [
        ("mysql", 399, (3000, 3000)),
        ("postgres", 400, (12000, 64000)),
        ("oracle-se2-cdb", 200, (12000, 64000)),
        ("sqlserver-ee", 1000, (3000, 16000)),
    ],
)
def test_gp3(engine: str, gib: float, iops: tuple[float, float]) -> None:
    found = gp3(engine, gib)
    assert found is not None
    assert (found.included_iops, found.max_iops) == iops


def test_gp3_that_is_not_known() -> None:
    assert gp3("sqlserver-ee", 16385) is None
    assert gp3("aurora-mysql", 100) is None
    assert gp3("mysql", 10) is None
