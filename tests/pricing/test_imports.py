"""Imported price lists: AWS offer files, Azure pages, and what is cut off or in another currency."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from surplus.model import ConfigError
from surplus.pricing.book import Price, PriceBook, read_folder
from surplus.pricing.imports import import_prices


def product(**attributes: str) -> dict[str, Any]:
    family = attributes.pop("family", "Compute Instance")
    return {"productFamily": family, "attributes": {"regionCode": "eu-west-1", **attributes}}


def on_demand(usd: str, unit: str = "Hrs", currency: str = "USD", begin: str = "0") -> dict[str, Any]:
    dimension = {"unit": unit, "beginRange": begin, "pricePerUnit": {currency: usd}}
    return {"T": {"priceDimensions": {"D": dimension}}}


LINUX = {"operatingSystem": "Linux", "tenancy": "Shared", "preInstalledSw": "NA", "capacitystatus": "Used"}
OFFER = {
    "publicationDate": "2026-11-01T00:00:00Z",
    "products": {
        "LINUX": product(instanceType="m5.large", **LINUX),
        "WINDOWS": product(instanceType="m5.large", **{**LINUX, "operatingSystem": "Windows"}),
        "DEDICATED": product(instanceType="m5.large", **{**LINUX, "tenancy": "Dedicated"}),
        "GP3": product(family="Storage", volumeApiName="gp3"),
        "DB": product(
            family="Database Instance",
            instanceType="db.m5.large",
            databaseEngine="PostgreSQL",
            deploymentOption="Multi-AZ",
            licenseModel="No license required",
        ),
        "CHINA": product(instanceType="c5.large", **LINUX),
    },
    "terms": {
        "OnDemand": {
            "LINUX": on_demand("0.1070000000"),
            "WINDOWS": on_demand("0.2"),
            "DEDICATED": on_demand("0.115"),
            "GP3": on_demand("0.088", "GB-Mo"),
            "DB": on_demand("0.4"),
            "CHINA": on_demand("0.6", currency="CNY"),
        }
    },
}
TAKEN = {
    "aws/ec2/m5.large/linux": 0.107,
    "aws/ebs/gp3/storage": 0.088,
    "aws/rds-instance/db.m5.large/postgres-multi-az": 0.4,
}


def test_an_aws_offer_file(tmp_path: Path) -> None:
    source = tmp_path / "ec2.json"
    source.write_text(json.dumps(OFFER))
    done = import_prices([source], tmp_path / "book")
    assert {key: price.usd for (key, _), price in done.prices.items()} == TAKEN
    assert done.problems == []
    book = PriceBook(read_folder(tmp_path / "book"))
    found = book.price("aws/ec2/m5.large/linux", "eu-west-1")
    assert isinstance(found, Price)
    assert (found.usd, found.as_of, found.source) == (0.107, "2026-11-01", "AWS Price List, imported")
    assert "3 prices from 1 files" in done.summary()


def as_csv(path: Path, currency: str = "USD", cut: bool = False) -> None:
    header = [
        "SKU", "TermType", "StartingRange", "Unit", "PricePerUnit", "Currency", "Product Family", "Region Code",
        "Instance Type", "Operating System", "Tenancy", "Pre Installed S/W", "CapacityStatus",
    ]  # fmt: skip
    row = [
        "A", "OnDemand", "0", "Hrs", "0.107", currency, "Compute Instance", "eu-west-1",
        "m5.large", "Linux", "Shared", "NA", "Used",
    ]  # fmt: skip
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerows([["FormatVersion", "v1.0"], ["Publication Date", "2026-11-02T00:00:00Z"], header, row])
        if cut:
            writer.writerow(row[:4])


def test_the_csv_form(tmp_path: Path) -> None:
    as_csv(tmp_path / "ec2.csv")
    done = import_prices([tmp_path], tmp_path / "book")
    assert {(key, price.usd, price.as_of) for (key, _), price in done.prices.items()} == {
        ("aws/ec2/m5.large/linux", 0.107, "2026-11-02")
    }


def azure(**item: Any) -> dict[str, Any]:
    return {
        "type": "Consumption",
        "currencyCode": "USD",
        "serviceName": "Virtual Machines",
        "armSkuName": "Standard_D2s_v5",
        "armRegionName": "westeurope",
        "productName": "Virtual Machines DSv5 Series",
        "skuName": "D2s v5",
        "meterName": "D2s v5",
        "unitOfMeasure": "1 Hour",
        "retailPrice": 0.115,
        "tierMinimumUnits": 0.0,
        "effectiveStartDate": "2026-10-01T00:00:00Z",
        **item,
    }


def test_a_page_of_azure_retail_prices(tmp_path: Path) -> None:
    items = [
        azure(),
        azure(productName="Virtual Machines DSv5 Series Windows", retailPrice=0.2),
        azure(skuName="D2s v5 Spot", retailPrice=0.02),
        azure(type="Reservation", retailPrice=500),
        azure(
            serviceName="Storage",
            skuName="P10 LRS",
            meterName="P10 LRS Disk",
            unitOfMeasure="1/Month",
            retailPrice=9,
        ),
    ]
    (tmp_path / "page.json").write_text(json.dumps({"BillingCurrency": "USD", "Items": items}))
    done = import_prices([tmp_path], tmp_path / "book")
    assert {key: price.usd for (key, _), price in done.prices.items()} == {
        "azure/vm/Standard_D2s_v5": 0.115,
        "azure/managed-disk/P10_LRS": 9,
    }


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("cut.json", json.dumps(OFFER)[:500], "no JSON, or cut off"),
        ("other.json", "{}", "neither an AWS offer file"),
        ("list.json", "[]", "neither an AWS offer file"),
        ("euro.json", '{"BillingCurrency": "EUR", "Items": []}', "prices are in EUR"),
        ("shape.json", '{"products": {"A": {}}, "terms": {"OnDemand": {}}}', "lacks what such files have"),
        ("text.csv", "a,b\n1,2\n", "no row begins with SKU"),
        ("deep.json", "[" * 100_000, "no JSON"),
    ],
)
def test_what_cannot_be_read_leaves_the_rest(tmp_path: Path, name: str, text: str, message: str) -> None:
    (tmp_path / name).write_text(text)
    as_csv(tmp_path / "good.csv")
    done = import_prices([tmp_path / name, tmp_path / "good.csv"], tmp_path / "book")
    assert len(done.prices) == 1
    (problem,) = done.problems
    assert name in problem
    assert message in problem


def test_a_cut_off_csv_keeps_what_came_before(tmp_path: Path) -> None:
    as_csv(tmp_path / "cut.csv", cut=True)
    done = import_prices([tmp_path / "cut.csv"], tmp_path / "book")
    assert len(done.prices) == 1
    assert "line 5 is cut off: 4 of 13 fields" in done.problems[0]


def test_other_currencies_are_left_out(tmp_path: Path) -> None:
    as_csv(tmp_path / "china.csv", currency="CNY")
    done = import_prices([tmp_path], tmp_path / "book")
    assert done.prices == {}
    assert not (tmp_path / "book").exists()
    assert "nothing is written" in done.summary()


def test_later_imports_go_over_earlier_ones(tmp_path: Path) -> None:
    as_csv(tmp_path / "one.csv")
    import_prices([tmp_path / "one.csv"], tmp_path / "book")
    (tmp_path / "two.json").write_text(json.dumps(OFFER))
    import_prices([tmp_path / "two.json"], tmp_path / "book")
    assert read_folder(tmp_path / "book").keys() == TAKEN.keys()


def test_a_source_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="there is no such file or folder"):
        import_prices([tmp_path / "nowhere"], tmp_path / "book")
