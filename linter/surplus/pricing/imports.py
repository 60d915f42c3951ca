"""Prices from lists that the user has downloaded: AWS Price List offer files (EC2 and RDS, JSON or CSV) and pages of
the Azure Retail Prices API. Nothing is fetched.

https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/using-the-aws-price-list-bulk-api.html
https://learn.microsoft.com/rest/api/cost-management/retail-prices/azure-retail-prices
"""

import csv
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from surplus.model import ConfigError
from surplus.pricing.book import Price, read_imported, service_of

MAX_JSON_BYTES = 1 << 30
"""Larger JSON files are refused: they are read whole. The CSV form is read line by line."""

COLUMNS = ("key", "region", "unit", "usd", "as_of", "source")


@dataclass(slots=True)
class Imported:
    """What an import took over, and what it could not read."""

    prices: dict[tuple[str, str], Price] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    files: int = 0
    folder: Path = Path()

    def summary(self) -> str:
        """One line a service and what was written."""
        counts: dict[str, int] = {}
        for key, _ in self.prices:
            service = service_of(key)
            counts[service] = counts.get(service, 0) + 1
        lines = [f"{service}: {count:,} prices" for service, count in sorted(counts.items())]
        where = f"written to {self.folder}" if self.prices else "nothing is written"
        return "\n".join([*lines, f"{len(self.prices):,} prices from {self.files} files; {where}"]) + "\n"


def import_prices(sources: Iterable[Path], folder: Path) -> Imported:
    """Read every list and write the prices to *folder*, over those that were imported before.

    Raises `ConfigError` for a source that is not there, or a folder that cannot be written.
    """
    done = Imported(folder=folder)
    for path in _files(sources):
        done.files += 1
        try:
            before = len(done.prices)
            for price in _prices(path):
                done.prices[price.key, price.region] = price
            if len(done.prices) == before:
                done.problems.append(f"{path}: holds no price in USD that is used here: {USED}")
        except _FaultError as fault:
            done.problems.append(f"{path}: {fault}")
        except OSError as error:
            done.problems.append(f"{path}: cannot be read: {error.strerror}")
    if done.prices:
        _write(done.prices, folder)
    return done


USED = "EC2 Linux on demand, EBS storage, RDS and Aurora classes, Azure Linux machines and managed disks"
"""What is taken from a list."""


class _FaultError(Exception):
    """A list that cannot be used, in a sentence."""


def _files(sources: Iterable[Path]) -> Iterator[Path]:
    for source in sources:
        if source.is_dir():
            yield from sorted(path for path in source.rglob("*") if path.suffix in (".json", ".csv") and path.is_file())
        elif source.is_file():
            yield source
        else:
            raise ConfigError(f"{source}: there is no such file or folder")


def _prices(path: Path) -> Iterator[Price]:
    """The prices of one file, by what it is."""
    if path.suffix == ".csv":
        yield from _aws_csv(path)
        return
    if path.stat().st_size > MAX_JSON_BYTES:
        raise _FaultError(f"larger than {MAX_JSON_BYTES >> 20:,} MiB; download the CSV form of the list")
    try:
        document = json.loads(path.read_text("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise _FaultError(f"no JSON, or cut off: {error}") from None
    if not isinstance(document, dict):
        raise _FaultError("neither an AWS offer file nor a page of Azure retail prices")
    if "Items" in document:
        yield from _azure(document)
    elif "products" in document and "terms" in document:
        yield from _aws_json(document)
    else:
        raise _FaultError("neither an AWS offer file (products, terms) nor a page of Azure retail prices (Items)")


def _aws_json(document: Mapping[str, Any]) -> Iterator[Price]:
    as_of = _date(document.get("publicationDate"))
    try:
        terms = document["terms"]["OnDemand"]
        for sku, product in document["products"].items():
            attributes = product["attributes"]
            for term in terms.get(sku, {}).values():
                for dimension in term["priceDimensions"].values():
                    row = {**attributes, "productFamily": product.get("productFamily", "")}
                    usd = dimension["pricePerUnit"].get("USD")
                    found = _aws(row, dimension["unit"], usd, dimension.get("beginRange", "0"), as_of)
                    if found:
                        yield found
    except (KeyError, TypeError, AttributeError) as error:
        raise _FaultError(f"the offer file lacks what such files have: {error!r}") from None


CSV_NAMES = {
    "Product Family": "productFamily",
    "Instance Type": "instanceType",
    "Region Code": "regionCode",
    "Operating System": "operatingSystem",
    "Pre Installed S/W": "preInstalledSw",
    "Tenancy": "tenancy",
    "CapacityStatus": "capacitystatus",
    "License Model": "licenseModel",
    "Database Engine": "databaseEngine",
    "Deployment Option": "deploymentOption",
    "Volume API Name": "volumeApiName",
    "serviceCode": "servicecode",
    "usageType": "usagetype",
}
"""Columns of the CSV form by the attribute of the JSON form."""


def _aws_csv(path: Path) -> Iterator[Price]:
    """The CSV form: some rows of its own about the file, then a header and a row for each price."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = csv.reader(file)
        as_of, header = "undated", None
        try:
            for row in rows:
                if row[:1] == ["Publication Date"] and len(row) > 1:
                    as_of = _date(row[1])
                if row[:1] == ["SKU"]:
                    header = [CSV_NAMES.get(name, name) for name in row]
                    break
            if header is None:
                raise _FaultError("no offer file of AWS: no row begins with SKU")
            for row in rows:
                if len(row) != len(header):
                    raise _FaultError(f"line {rows.line_num} is cut off: {len(row)} of {len(header)} fields")
                fields = dict(zip(header, row, strict=True))
                if fields.get("TermType") == "OnDemand":
                    usd = fields["PricePerUnit"] if fields.get("Currency") == "USD" else None
                    found = _aws(fields, fields.get("Unit", ""), usd, fields.get("StartingRange", "0"), as_of)
                    if found:
                        yield found
        except (csv.Error, UnicodeDecodeError, KeyError, IndexError) as error:
            raise _FaultError(f"line {rows.line_num}: {error!r}") from None


ENGINES = {"MySQL": "mysql", "PostgreSQL": "postgres", "MariaDB": "mariadb"}
AURORA = {"Aurora MySQL": "aurora-mysql", "Aurora PostgreSQL": "aurora-postgresql"}
DEPLOYMENTS = {"Single-AZ": "single-az", "Multi-AZ": "multi-az"}


def _aws(row: Mapping[str, str], unit: str, usd: str | None, begin: str, as_of: str) -> Price | None:
    """The price of one row of an offer file; None for what the book does not hold."""
    region = row.get("regionCode", "")
    figure = _number(usd)
    if not region or figure is None or begin not in ("", "0") or figure == 0:
        return None
    key = _aws_key(row, unit)
    if key is None:
        return None
    ours = "GiB-month" if unit in ("GB-Mo", "GB-month") else "hour"
    return Price(key, region, ours, figure, as_of, "AWS Price List, imported")


def _aws_key(row: Mapping[str, str], unit: str) -> str | None:
    """The key of a row: EC2 Linux on shared hardware, EBS storage, RDS classes without a licence."""
    type_, family = row.get("instanceType", ""), row.get("productFamily", "")
    if unit == "Hrs" and row.get("operatingSystem") == "Linux":
        plain = (row.get("tenancy"), row.get("preInstalledSw"), row.get("capacitystatus")) == ("Shared", "NA", "Used")
        return f"aws/ec2/{type_}/linux" if plain and type_ else None
    if family == "Storage" and unit == "GB-Mo" and row.get("volumeApiName"):
        return f"aws/ebs/{row['volumeApiName']}/storage"
    if family == "Database Instance" and unit == "Hrs" and row.get("licenseModel") == "No license required":
        engine, deployment = row.get("databaseEngine", ""), DEPLOYMENTS.get(row.get("deploymentOption", ""))
        if engine in ENGINES and deployment:
            return f"aws/rds-instance/{type_}/{ENGINES[engine]}-{deployment}"
        usage = row.get("usagetype") or row.get("usageType", "")
        if engine in AURORA and deployment == "single-az" and "IOOptimized" not in usage:
            return f"aws/aurora-instance/{type_}/{AURORA[engine]}"
    return None


def _azure(document: Mapping[str, Any]) -> Iterator[Price]:
    """A page of the Retail Prices API: virtual machines (Linux, pay as you go) and managed disks."""
    if not isinstance(document["Items"], list):
        raise _FaultError("`Items` is no list")
    currency = document.get("BillingCurrency", "USD")
    if currency != "USD":
        raise _FaultError(f"prices are in {currency}; ask the API for USD")
    for item in document["Items"]:
        if not isinstance(item, dict) or item.get("type") != "Consumption" or item.get("currencyCode") != "USD":
            continue
        found = _azure_price(item)
        if found:
            yield found


def _azure_price(item: Mapping[str, Any]) -> Price | None:
    figure, region = _number(item.get("retailPrice")), str(item.get("armRegionName") or "")
    product, sku, meter = (str(item.get(name) or "") for name in ("productName", "skuName", "meterName"))
    if not region or not figure or item.get("tierMinimumUnits", 0) not in (0, 0.0):
        return None
    as_of = _date(item.get("effectiveStartDate"))
    source = "Azure Retail Prices, imported"
    unit = item.get("unitOfMeasure")
    if item.get("serviceName") == "Virtual Machines" and unit == "1 Hour" and item.get("armSkuName"):
        if "Windows" in product or "Spot" in sku or "Low Priority" in sku:
            return None
        return Price(f"azure/vm/{item['armSkuName']}", region, "hour", figure, as_of, source)
    if item.get("serviceName") == "Storage" and unit == "1/Month" and meter.endswith(" Disk"):
        tier, _, redundancy = sku.partition(" ")
        return Price(f"azure/managed-disk/{tier}_{redundancy}", region, "month", figure, as_of, source)
    return None


def _date(value: Any) -> str:
    """A day as the tables write it; `undated` for anything else."""
    text = str(value or "")[:10]
    with suppress(ValueError):
        return date.fromisoformat(text).isoformat()
    return "undated"


def _number(value: Any) -> float | None:
    with suppress(TypeError, ValueError):
        figure = float(value)
        if 0 <= figure < 1e9:
            return figure
    return None


def _write(prices: Mapping[tuple[str, str], Price], folder: Path) -> None:
    """One table for each cloud, with what was imported before; each file is replaced in one step."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for cloud in sorted({key.partition("/")[0] for key, _ in prices}):
            target = folder / f"{cloud}.csv"
            rows = {(row["key"], row["region"]): row for row in _old(target)}
            for (key, region), price in prices.items():
                if key.startswith(f"{cloud}/"):
                    fields = (key, region, price.unit, repr(price.usd), price.as_of, price.source)
                    rows[key, region] = dict(zip(COLUMNS, fields, strict=True))
            part = target.with_name(f".{target.name}.{os.getpid()}.part")
            with part.open("w", encoding="utf-8", newline="") as file:
                writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
                writer.writeheader()
                writer.writerows(rows[name] for name in sorted(rows))
            part.replace(target)
    except OSError as error:
        raise ConfigError(f"{folder}: cannot be written: {error.strerror}") from None


def _old(target: Path) -> list[dict[str, str]]:
    """The rows that were imported before; raises `ConfigError` for a table that is damaged."""
    return [
        {**{name: getattr(price, name) for name in COLUMNS}, "usd": repr(price.usd)}
        for rows in (read_imported(target) if target.is_file() else {}).values()
        for price in rows.values()
    ]
