"""The price book: on-demand list prices in USD by key and region, each with its unit, date and source.

A key is `cloud/service/item` or `cloud/service/item/variant`: `aws/ebs/gp3/storage`. The shipped tables hold the
price of one home region for most keys; `*_regions.csv` has the ratio of other regions to it, the median over machine
types. NOTICE names where the figures come from.
"""

import csv
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.resources import files
from pathlib import Path

from surplus.catalog.machines import machine, not_sold
from surplus.model import ConfigError

HOURS_PER_MONTH = 730.0
"""What the providers' own calculators call a month."""

HOURS_PER_WEEK = 168.0

CLOUDS = ("aws", "azure", "gcp")
GLOBAL = "global"
"""The region of prices that are the same everywhere."""

OWN_TABLES = frozenset(
    {
        "aws/aurora-instance",
        "aws/ec2",
        "aws/elasticache-node",
        "aws/opensearch-instance",
        "aws/rds-instance",
        "azure/managed-disk",
        "azure/vm",
        "gcp/compute",
    }
)
"""Services that have a table of their own, so that it is read only when one of their prices is asked for."""

OF_MACHINES = OWN_TABLES - {"azure/managed-disk"}
"""The services whose items are machine types."""

_UNITS = """
hour vCPU-hour GiB-hour GPU-hour ACU-hour CU-hour DPU-hour DSU-hour LCU-hour RCU-hour WCU-hour IOPS-hour MiBps-hour
RPU-hour DBU-hour DWU-hour NCU-hour SU-hour TU-hour node-hour month day minute GiB TiB GiB-month IOPS-month
MiBps-month TiB-month GiB-second vCPU-second item million-requests 100k-events 10k-operations 10k-requests
1k-requests 1k-objects-month
"""
UNITS = frozenset(_UNITS.split())
"""Units of prices. One that ends in `hour` is paid for 730 hours a month."""


@dataclass(frozen=True, slots=True)
class Price:
    """USD for one unit. `as_of` is a date, YYYY-MM-DD; `basis` says how the figure was made where it is not the row.

    `discount` is the share taken off by the policy; `usd` has it taken off already.
    """

    key: str
    region: str
    unit: str
    usd: float
    as_of: str
    source: str
    basis: str = ""
    discount: float = 0.0

    @property
    def hourly(self) -> bool:
        """Whether it is paid for each hour that the thing exists."""
        return self.unit.endswith("hour")


Table = Mapping[str, Mapping[str, Price]]
"""Prices by key, then region."""


@dataclass(frozen=True, slots=True)
class NoPrice:
    """Why there is no price."""

    reason: str


def _nothing_made(_: str) -> None:
    """The prices that a book makes which has nothing but its tables."""


@dataclass(slots=True)
class PriceBook:
    """The shipped prices under a user's imported ones, under overrides, less discounts.

    `discounts` are shares from 0 to below 1, by cloud (`aws`) or service (`aws/ec2`); `regions` is what to take, by
    cloud, where a resource's region is not known. `made` gives the prices of keys that no table holds. `dates` and
    `missing_regions` note what was used and asked for.
    """

    imported: Table = field(default_factory=dict)
    overrides: Table = field(default_factory=dict)
    discounts: Mapping[str, float] = field(default_factory=dict)
    regions: Mapping[str, str] = field(default_factory=dict)
    made: "Callable[[str], Price | NoPrice | None]" = _nothing_made
    dates: set[str] = field(default_factory=set)
    missing_regions: set[str] = field(default_factory=set)

    def price(self, key: str, region: str | None) -> Price | NoPrice:
        """The price of *key* in *region*; None is a region that is not known."""
        cloud = key.partition("/")[0]
        given = region or self.regions.get(cloud)
        key = spelt(key)
        found = self.made(key) or self._row(key, region_name(cloud, given) if given else None, cloud)
        if isinstance(found, Price):
            self.dates.add(found.as_of)
        return found

    def _row(self, key: str, region: str | None, cloud: str) -> Price | NoPrice:
        for table in (self.overrides, self.imported):
            rows = table.get(key, {})
            own = rows.get(region or "") or rows.get("*") or rows.get(GLOBAL)
            if own is not None:
                return own if table is self.overrides else self._discounted(own)
        rows = {**_shipped(key).get(key, {}), **self.imported.get(key, {})}
        if not rows:
            reasons = (UNPRICEABLE.get(part.rpartition("-")[2]) for part in key.split("/"))
            return NoPrice(next(filter(None, reasons), None) or f"the price book has no {key}{_did_you_mean(key)}")
        if GLOBAL in rows:
            return self._discounted(rows[GLOBAL])
        if region is None:
            return NoPrice("the region is not known")
        if region in rows:
            return self._discounted(rows[region])
        ratios = regions(cloud)
        home = min(rows.values(), key=lambda one: (ratios.get(one.region) != 1.0, one.region not in ratios, one.region))
        return self._elsewhere(home, region, cloud)

    def _elsewhere(self, home: Price, region: str, cloud: str) -> Price | NoPrice:
        """The price of another region, by the ratio of the two regions."""
        ratios = regions(cloud)
        if region not in ratios or home.region not in ratios:
            self.missing_regions.add(region)
            return NoPrice(f"the price book has no region {region}")
        ratio = ratios[region] / ratios[home.region]
        if home.key.startswith("aws/ec2/") and not_sold(home.key.split("/")[2], region):
            return NoPrice(f"{home.key.split('/')[2]} is not sold in {region}")
        if ratio == 1:
            return self._discounted(replace(home, region=region, basis=f"price of {home.region}"))
        basis = f"price of {home.region} × {ratio:.4g}, the regions' median ratio"
        return self._discounted(replace(home, region=region, usd=_rounded(home.usd * ratio), basis=basis))

    def _discounted(self, price: Price) -> Price:
        cloud = price.key.partition("/")[0]
        share = self.discounts.get(service_of(price.key), self.discounts.get(cloud, 0.0))
        return replace(price, usd=_rounded(price.usd * (1 - share)), discount=share) if share else price

    def as_of(self) -> str | None:
        """The newest date among the prices that were used."""
        return max(self._dated(), default=None)

    def oldest(self) -> str | None:
        """The oldest date among the prices that were used."""
        return min(self._dated(), default=None)

    def _dated(self) -> set[str]:
        return {day for day in self.dates if DAY.fullmatch(day)}


def _rounded(usd: float) -> float:
    """Six digits: a made price is no more exact than that."""
    return float(f"{usd:.6g}")


UNPRICEABLE = {
    "spot": "Spot prices vary with the hour and the zone",
    "gpu": "a policy may give the price of a GPU: prices.kubernetes.gpu_hour",
    "dedicated": "dedicated tenancy is not in the price book",
    "windows": "Windows is not in the price book",
    "mixed": "which of several machine types run is decided when they start",
}
"""How the parts of keys end that have no list price, and why."""

DAY = re.compile(r"20\d\d-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])")
ZONE = re.compile(r"^([a-z]+-[a-z]+\d+)-[a-z]$|^([a-z]{2}(?:-gov)?-[a-z]+-\d)[a-z]$")


def region_name(cloud: str, text: str) -> str:
    """A region as the tables write it: `East US` is eastus, a zone such as us-central1-a is its region."""
    if cloud == "azure":
        return text.replace(" ", "").lower()
    match = ZONE.match(text)
    return (match[1] or match[2]) if match else text


@cache
def regions(cloud: str) -> Mapping[str, float]:
    """The ratio of each region's prices to the home region's, median over machine types."""
    if cloud not in CLOUDS:
        return {}
    return {row["region"]: float(row["multiplier"]) for row in read_table(f"{cloud}_regions.csv")}


@cache
def table(name: str) -> Table:
    """A shipped table: `aws`, or one of `OWN_TABLES` as `aws_ec2`."""
    return _prices(read_table(f"{name}.csv"), f"{name.partition('_')[0]}/")


def _prices(rows: Iterable[Mapping[str, str]], before: str = "") -> Table:
    """The prices of a table's rows; *before* goes before their keys."""
    found: dict[str, dict[str, Price]] = {}
    for row in rows:
        key = before + row["key"]
        price = Price(key, row["region"], row["unit"], float(row["usd"]), row["as_of"], row["source"])
        found.setdefault(key, {})[price.region] = price
    return found


def table_names() -> list[str]:
    """The shipped tables of prices."""
    return sorted([*(cloud for cloud in CLOUDS), "kubernetes", *(one.replace("/", "_") for one in OWN_TABLES)])


@cache
def _spellings(name: str) -> Mapping[str, str]:
    """The keys of a table by their lower-case form: Azure takes names of sizes in any case."""
    return {key.lower(): key for key in table(name)}


def shipped_units(key: str) -> frozenset[str]:
    """The units that the shipped tables sell a key by; empty for a key that they lack."""
    return frozenset(price.unit for price in _shipped(key).get(key, {}).values())


@cache
def services(cloud: str) -> frozenset[str]:
    """The services of a cloud that the shipped tables price: `aws/ebs`."""
    own = {one for one in OWN_TABLES if one.startswith(f"{cloud}/")}
    return frozenset(own | {service_of(key) for key in table(cloud)})


def service_of(key: str) -> str:
    """The service of a key: `aws/ebs` of `aws/ebs/gp3/storage`."""
    return "/".join(key.split("/")[:2])


def spelt(key: str) -> str:
    """A key in the spelling of the tables: Azure's sizes may be written in any case."""
    return _spellings(_table_name(key)).get(key.lower(), key) if key.startswith("azure/") else key


@cache
def known_regions(cloud: str) -> frozenset[str]:
    """The regions of a cloud that the shipped tables know, places of several regions among them."""
    if cloud not in CLOUDS:
        return frozenset()
    named = {region for prices in table(cloud).values() for region in prices}
    return frozenset(named | regions(cloud).keys())


def _table_name(key: str) -> str:
    """The shipped table that holds a key, "" for a cloud that has none."""
    service = service_of(key)
    if service in OWN_TABLES:
        return service.replace("/", "_")
    cloud = key.partition("/")[0]
    return cloud if cloud in (*CLOUDS, "kubernetes") else ""


def _shipped(key: str) -> Table:
    name = _table_name(key)
    return table(name) if name else {}


def _did_you_mean(key: str) -> str:
    """`; did you mean X?`, where the catalogue does not know the machine type and a known one is near: that the book
    lacks a type which exists is its own fault.
    """
    service = service_of(key)
    item = key.removeprefix(f"{service}/").partition("/")[0]
    if service not in OF_MACHINES or machine(item) is not None:
        return ""
    import difflib

    near = difflib.get_close_matches(key, list(_shipped(key)), n=1, cutoff=0.75)
    return f"; did you mean {near[0]}?" if near else ""


@cache
def source_titles() -> Mapping[str, str]:
    """What the source ids of the tables stand for."""
    return {row["id"]: row["title"] for row in read_table("sources.csv")}


def source_text(source: str) -> str:
    """A price's source in words: its title, and the part of it after the colon."""
    name, _, detail = source.partition(":")
    title = source_titles().get(name, name)
    return f"{title} ({detail})" if detail else title


def read_table(name: str) -> "Iterator[dict[str, str]]":
    """The rows of a shipped table."""
    text = files("surplus.pricing").joinpath("tables").joinpath(name).read_text("utf-8")
    yield from csv.DictReader(text.splitlines())


def read_folder(folder: Path) -> Table:
    """The prices that `surplus prices update` wrote into a folder; nothing where there is none.

    Raises `ConfigError` for a table that is damaged.
    """
    found: dict[str, Mapping[str, Price]] = {}
    for path in sorted(folder.glob("*.csv")) if folder.is_dir() else ():
        found.update(read_imported(path))
    return found


def read_imported(path: Path) -> Table:
    """One table of imported prices; raises `ConfigError` where it is damaged."""
    rows: csv.DictReader[str] | None = None
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = csv.DictReader(file)
            return _prices(rows)
    except (OSError, UnicodeDecodeError, csv.Error, KeyError, TypeError, ValueError):
        line = max(rows.line_num, 1) if rows else 1
        advice = "remove it, and run `surplus prices update` again"
        raise ConfigError(f"{path}:{line}:1: the table of imported prices is damaged; {advice}") from None
