import csv
from importlib.resources import files

from surplus.catalog.log_destinations import log_destinations
from surplus.catalog.storage import minimum_days


def test_each_class_bills_so_many_days_at_least() -> None:
    assert minimum_days("aws", "STANDARD_IA") == 30
    assert minimum_days("aws", "DEEP_ARCHIVE") == 180
    assert minimum_days("aws", "INTELLIGENT_TIERING") == 0
    assert minimum_days("gcp", "ARCHIVE") == 365
    assert minimum_days("azure", "archive") == 180


def test_a_class_nobody_knows_has_no_minimum() -> None:
    assert minimum_days("aws", "OUTPOSTS") is None
    assert minimum_days("gcp", "GLACIER") is None


def test_every_class_has_its_page() -> None:
    text = files("surplus.catalog").joinpath("storage_classes.csv").read_text("utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    assert all(row["page"].startswith("https://") for row in rows)
    assert [(row["cloud"], row["class"]) for row in rows] == list(dict.fromkeys((r["cloud"], r["class"]) for r in rows))


def test_log_destinations_are_sorted_and_name_a_bucket() -> None:
    rows = log_destinations()
    assert [(row.type, row.attribute) for row in rows] == sorted({(row.type, row.attribute) for row in rows})
    assert all("{}" in row.form and row.kind in ("log", "audit") for row in rows)
