from dataclasses import replace

import pytest

from support import evaluated, resource
from surplus.expressions import UnknownValueError
from surplus.functions.databases import FUNCTIONS, database_class, engine, rds_gp3
from surplus.functions.scope import RuleScope, World
from surplus.model import Resource, Unknown


def scope(one: Resource, *others: Resource) -> RuleScope:
    return RuleScope(one, World(evaluated(one, *others)))


MAIN = resource("aws_db_instance", "aws_db_instance.main", identifier="main", engine="mysql", engine_version="8.0.36")
REPLICA = resource("aws_db_instance", "aws_db_instance.replica", replicate_source_db="main")


def test_an_engine_of_its_own() -> None:
    assert engine(scope(MAIN)) == {"name": "mysql", "version": "8.0.36"}


def test_the_engine_of_what_it_belongs_to() -> None:
    assert engine(scope(REPLICA, MAIN)) == {"name": "mysql", "version": "8.0.36"}
    second = resource("aws_db_instance", "aws_db_instance.second", replicate_source_db="main", engine_version="8.4")
    assert engine(scope(second, MAIN)) == {"name": "mysql", "version": "8.4"}


def test_the_version_of_a_global_cluster() -> None:
    whole = resource("aws_rds_global_cluster", global_cluster_identifier="all", engine_version="15.4")
    cluster = resource(
        "aws_rds_cluster", cluster_identifier="main", engine="aurora-postgresql", global_cluster_identifier="all"
    )
    member = resource("aws_rds_cluster_instance", cluster_identifier="main", engine="aurora-postgresql")
    assert engine(scope(member, cluster, whole)) == {"name": "aurora-postgresql", "version": "15.4"}


def test_nothing_says_it() -> None:
    assert engine(scope(REPLICA)) == {"name": None, "version": None}
    assert database_class(scope(REPLICA), "db.m5.large") == {"name": None, "previous": None}


def test_what_is_not_known_is_not_decided() -> None:
    with pytest.raises(UnknownValueError, match="a variable"):
        engine(scope(resource("aws_db_instance", engine="mysql", engine_version=Unknown("a variable"))))
    with pytest.raises(UnknownValueError, match="a variable"):
        engine(scope(resource("aws_db_instance", replicate_source_db=Unknown("a variable"))))
    twin = replace(MAIN, address="aws_db_instance.twin")
    with pytest.raises(UnknownValueError, match="may be"):
        engine(scope(REPLICA, MAIN, twin))


def test_sources_in_a_ring_end() -> None:
    ring = resource("aws_db_instance", identifier="ring", replicate_source_db="ring")
    assert engine(scope(ring)) == {"name": None, "version": None}


def test_a_cheaper_class() -> None:
    assert database_class(scope(MAIN), "db.m5.large") == {"name": "db.m6g.large", "previous": False}
    assert database_class(scope(MAIN), "db.m4.large") == {"name": "db.m6g.large", "previous": True}
    assert database_class(scope(MAIN), "db.m6g.large") == {"name": None, "previous": False}


def test_gp3() -> None:
    assert rds_gp3(scope(MAIN), "mysql", 400.0) == {"included_iops": 12000.0, "max_iops": 64000.0}
    assert rds_gp3(scope(MAIN), "aurora-mysql", 400.0) == {"included_iops": None, "max_iops": None}


def test_nothing_comes_of_null() -> None:
    for overloads in FUNCTIONS.values():
        for one in overloads:
            if "null" in one.parameters:
                assert set(one.call(scope(MAIN), *(None for _ in one.parameters)).values()) == {None}
