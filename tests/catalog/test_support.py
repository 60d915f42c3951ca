"""The extended-support calendar."""

import pytest

from surplus.catalog.support import AS_OF, Support, next_version, support_of


@pytest.mark.parametrize(
    ("service", "engine", "version", "known"),
    [
        ("eks", "kubernetes", "1.30", "1.30"),
        ("rds", "mysql", "8.0.36", "8.0"),
        ("rds", "postgres", "13", "13"),
        ("rds", "postgres", "13.7", "13"),
        ("rds", "postgres", "130", None),
        ("rds", "oracle", "19", None),
        ("eks", "kubernetes", "1.3", None),
    ],
)
def test_a_version_may_be_finer_than_the_calendar(service: str, engine: str, version: str, known: str | None) -> None:
    found = support_of("aws", service, engine, version)
    assert (found.version if found else None) == known


@pytest.mark.parametrize(
    ("start", "end", "stage"),
    [
        ("2026-01-01", "2029-01-01", "year-1-2"),
        (AS_OF, AS_OF, "year-1-2"),
        ("2024-01-01", "2027-01-01", "year-3"),
        ("2027-01-01", "2030-01-01", None),
        ("2020-01-01", "2023-01-01", "year-3"),
    ],
)
def test_the_stage_by_the_calendars_day(start: str, end: str, stage: str | None) -> None:
    assert Support("1", start, end, 0.1, 0.2, "hour").stage == stage


def test_the_days_of_standard_support_left() -> None:
    assert Support("1", AS_OF, AS_OF, 0.1, 0.2, "hour").days == 0
    assert Support("1", "2027-08-17", "2030-01-01", 0.1, 0.2, "hour").days == 365


@pytest.mark.parametrize(
    ("engine", "version", "later"),
    [("mysql", "5.7.44", "8.4"), ("postgres", "13", "15"), ("postgres", "16.3", "17"), ("postgres", "9.6", None)],
)
def test_a_later_version_with_more_than_a_year(engine: str, version: str, later: str | None) -> None:
    assert next_version("aws", "rds", engine, version) == later
