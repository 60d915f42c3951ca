import pytest

from surplus.catalog.engines import supports


@pytest.mark.parametrize(
    ("engine", "version", "answer"),
    [
        ("aurora-postgresql", "16.3", True),
        ("aurora-postgresql", "16.2", False),
        ("aurora-postgresql", "15.10", True),
        ("aurora-postgresql", "17.4", True),
        ("aurora-postgresql", "12.22", False),
        ("aurora-postgresql", "16", None),
        ("aurora-postgresql", None, None),
        ("aurora-postgresql", "", None),
        ("aurora-mysql", "8.0.mysql_aurora.3.08.0", True),
        ("aurora-mysql", "8.0.mysql_aurora.3.10.1", True),
        ("aurora-mysql", "8.0.mysql_aurora.3.04.1", False),
        ("aurora-mysql", "5.7.mysql_aurora.2.11.4", False),
        ("aurora-mysql", "8.0", None),
        ("mysql", "8.0.36", False),
    ],
)
def test_versions_of_several_branches(engine: str, version: str | None, answer: bool | None) -> None:
    assert supports("rds", "auto-pause", engine, version) is answer


def test_a_version_that_names_its_engine() -> None:
    assert supports("opensearch", "m5", "elasticsearch", "OpenSearch_2.11") is True
    assert supports("opensearch", "m5", "opensearch", "Elasticsearch_2.3") is False


def test_nothing_limits_what_the_table_lacks() -> None:
    assert supports("elasticache", "m5", "redis", "2.8.24") is True
