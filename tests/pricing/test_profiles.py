"""Usage profiles: assumptions by type, under what a usage file says, named wherever something rests on them."""

import csv
from importlib.resources import files

import pytest

from support import resource
from surplus.pricing.models import model_of
from surplus.pricing.profiles import PROFILES, profile
from surplus.pricing.usage import Usage
from surplus.rules import bundled_rules, usage_asked

NAT = resource("aws_nat_gateway", "aws_nat_gateway.a")


def test_a_profile_stands_where_no_usage_file_says() -> None:
    usage = Usage(entries={"aws_nat_gateway.a": {"data_processed_gib": 7}}, profile="medium")
    other = resource("aws_nat_gateway", "aws_nat_gateway.b")
    assert usage.quantity(NAT, "data_processed_gib") == 7
    assert usage.origin(NAT, "data_processed_gib") == "usage file"
    assert usage.quantity(other, "data_processed_gib") == 500
    assert usage.origin(other, "data_processed_gib") == "usage profile medium"
    assert usage.quantity(other, "no_such_key") is None
    assert Usage().quantity(other, "data_processed_gib") is None


def rows() -> list[dict[str, str]]:
    text = files("surplus.pricing").joinpath("tables", "usage_profiles.csv").read_text("utf-8")
    return list(csv.DictReader(text.splitlines()))


def test_a_larger_profile_never_assumes_less() -> None:
    assert set(PROFILES) < set(rows()[0])
    for row in rows():
        small, medium, large = (float(row[name]) for name in PROFILES)
        assert 0 < small <= medium <= large, row


def test_every_row_has_a_use_once() -> None:
    asked = {pair for rule in bundled_rules().values() for pair in usage_asked(rule)}
    for row in rows():
        model = model_of(row["type"])
        billed = {one.usage for one in model.components} if model else set()
        assert row["key"] in billed or (row["type"], row["key"]) in asked, row
    assert len({(row["type"], row["key"]) for row in rows()}) == len(rows())


@pytest.mark.parametrize("name", PROFILES)
def test_what_rules_ask_for_is_in_every_profile(name: str) -> None:
    known = profile(name)
    asked = {pair for rule in bundled_rules().values() for pair in usage_asked(rule)}
    assert {(type_, key) for type_, key in asked if key not in known.get(type_, {})} == set()
