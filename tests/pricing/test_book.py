"""The price book: its tables, regions, imports, overrides and discounts."""

import csv
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surplus.catalog.machines import machines
from surplus.pricing.book import (
    CLOUDS,
    GLOBAL,
    OWN_TABLES,
    UNITS,
    NoPrice,
    Price,
    PriceBook,
    read_folder,
    region_name,
    regions,
    services,
    source_text,
    source_titles,
    table,
    table_names,
)

MULTI_REGIONS = ("asia", "eu", "us")
"""Where Google keeps data in several regions at once."""

HOME = {"aws": "us-east-1", "azure": "eastus", "gcp": "us-central1"}


def shipped() -> Iterator[Price]:
    yield from (price for name in table_names() for rows in table(name).values() for price in rows.values())


def usd(book: PriceBook, key: str, region: str | None) -> float:
    found = book.price(key, region)
    assert isinstance(found, Price), found
    return found.usd


def test_every_row_has_a_unit_a_date_a_source_and_a_price_above_zero() -> None:
    for price in shipped():
        assert price.unit in UNITS, price
        assert re.fullmatch(r"20\d\d-\d\d-\d\d", price.as_of), price
        assert price.source.partition(":")[0] in source_titles(), price
        assert 0 < price.usd < 1e6, price
        assert 3 <= price.key.count("/") + 1 <= 4, price
        assert price.region in (GLOBAL, *MULTI_REGIONS, *regions(price.key.partition("/")[0])), price


def test_tables_are_sorted_and_hold_no_key_twice() -> None:
    folder = Path(__file__).parents[2] / "linter" / "surplus" / "pricing" / "tables"
    for name in table_names():
        with (folder / f"{name}.csv").open(newline="") as file:
            keys = [(row["key"], row["region"]) for row in csv.DictReader(file)]
        assert keys == sorted(set(keys)), name


def test_services_with_a_table_of_their_own_are_nowhere_else() -> None:
    for name in table_names():
        for key in table(name):
            service = "/".join(key.split("/")[:2])
            assert (service in OWN_TABLES) == ("_" in name), key


@pytest.mark.parametrize("cloud", CLOUDS)
def test_machine_prices_are_of_machines_in_the_catalogue(cloud: str) -> None:
    prices = table({"aws": "aws_ec2", "azure": "azure_vm", "gcp": "gcp_compute"}[cloud])
    assert {key.split("/")[2] for key in prices} <= machines(cloud).keys()


@pytest.mark.parametrize("cloud", CLOUDS)
def test_the_home_region_is_the_measure(cloud: str) -> None:
    assert regions(cloud)[HOME[cloud]] == 1
    assert all(0.8 < ratio < 2.2 for ratio in regions(cloud).values())


def test_prices_of_the_home_region_and_of_others() -> None:
    book = PriceBook()
    assert usd(book, "aws/ec2/m5.large/linux", "us-east-1") == 0.096
    elsewhere = book.price("aws/ec2/m5.large/linux", "eu-central-1")
    assert isinstance(elsewhere, Price)
    assert elsewhere.usd == pytest.approx(0.096 * 1.1979, rel=1e-5)
    assert "us-east-1 × 1.198" in elsewhere.basis


def test_a_global_price_needs_no_region() -> None:
    assert usd(PriceBook(), "aws/kms/key", None) == usd(PriceBook(), "aws/kms/key", "eu-west-1") == 1


@pytest.mark.parametrize(
    ("key", "region", "reason"),
    [
        ("aws/ec2/m5.lage/linux", "us-east-1", "no aws/ec2/m5.lage/linux; did you mean aws/ec2/m5.large/linux?"),
        ("aws/ec2/m5.large/linux", None, "the region is not known"),
        ("aws/ec2/m5.large/linux", "mars-north-1", "no region mars-north-1"),
        ("aws/ec2/m7a.large/linux", "sa-east-1", "m7a.large is not sold in sa-east-1"),
        ("nobody/knows/this", "us-east-1", "no nobody/knows/this"),
    ],
)
def test_what_has_no_price_says_why(key: str, region: str | None, reason: str) -> None:
    found = PriceBook().price(key, region)
    assert isinstance(found, NoPrice)
    assert reason in found.reason


def test_regions_that_are_lacking_are_noted() -> None:
    book = PriceBook()
    book.price("aws/ec2/m5.large/linux", "mars-north-1")
    book.price("aws/ec2/m5.large/linux", "us-east-1")
    assert book.missing_regions == {"mars-north-1"}
    assert book.as_of() == book.oldest() == "2026-07-20"


@pytest.mark.parametrize(
    ("cloud", "text", "name"),
    [
        ("azure", "East US", "eastus"),
        ("gcp", "us-central1-a", "us-central1"),
        ("gcp", "us-central1", "us-central1"),
        ("aws", "us-east-1a", "us-east-1"),
        ("aws", "us-gov-west-1", "us-gov-west-1"),
        ("aws", "us-west-2-lax-1", "us-west-2-lax-1"),
    ],
)
def test_region_names(cloud: str, text: str, name: str) -> None:
    assert region_name(cloud, text) == name


def own(key: str, usd: float, region: str = "us-east-1") -> dict[str, dict[str, Price]]:
    return {key: {region: Price(key, region, "hour", usd, "2026-11-01", "test")}}


def test_an_override_comes_before_an_import_and_both_before_the_shipped_price() -> None:
    key = "aws/ec2/m5.large/linux"
    assert usd(PriceBook(imported=own(key, 0.05)), key, "us-east-1") == 0.05
    assert usd(PriceBook(own(key, 0.05), own(key, 0.04)), key, "us-east-1") == 0.04
    assert usd(PriceBook(own(key, 0.05), own(key, 0.04, "*")), key, "eu-west-1") == 0.04
    assert usd(PriceBook(overrides=own(key, 0.04)), key, "us-east-2") == 0.096


def test_discounts_are_taken_off_list_prices_only() -> None:
    key = "aws/ec2/m5.large/linux"
    book = PriceBook(discounts={"aws": 0.5, "aws/ec2": 0.25}, overrides=own("aws/eks/cluster/standard", 0.08))
    assert usd(book, key, "us-east-1") == pytest.approx(0.096 * 0.75)
    assert usd(book, "aws/ebs/gp3/storage", "us-east-1") == pytest.approx(0.04)
    assert usd(book, "aws/eks/cluster/standard", "us-east-1") == 0.08


@given(st.sampled_from(sorted(table("aws_ec2"))), st.floats(0, 0.99))
def test_a_discount_never_makes_a_price_negative_or_higher(key: str, share: float) -> None:
    full, less = usd(PriceBook(), key, "us-east-1"), usd(PriceBook(discounts={"aws": share}), key, "us-east-1")
    assert 0 <= less <= full * (1 + 1e-5)


def test_the_region_of_a_policy_stands_for_one_that_is_not_known() -> None:
    assert usd(PriceBook(regions={"aws": "us-east-1"}), "aws/ebs/gp2/storage", None) == 0.1


def test_imported_tables_are_read_from_a_folder(tmp_path: Path) -> None:
    assert read_folder(tmp_path / "nowhere") == {}
    (tmp_path / "aws.csv").write_text(
        "key,region,unit,usd,as_of,source\naws/ec2/m5.large/linux,eu-west-1,hour,0.107,2026-11-01,AWS\n"
    )
    book = PriceBook(read_folder(tmp_path))
    assert usd(book, "aws/ec2/m5.large/linux", "eu-west-1") == 0.107
    assert usd(book, "aws/ec2/m5.large/linux", "us-east-1") == 0.096


def test_sources_and_services_in_words() -> None:
    assert source_text("KAWS:twin").startswith("AWS Price List")
    assert source_text("KAWS:twin").endswith("(twin)")
    assert source_text("anything else") == "anything else"
    assert {"aws/ec2", "aws/ebs"} <= services("aws")
