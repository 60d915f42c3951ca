"""AWS machine types: size, architecture, successors. Looked up in constant time, loaded when first asked."""

import csv
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Machine:
    """A machine type. `gib` is its memory in GiB, `arch` x86_64 or arm64, `size` the part after the dot."""

    name: str
    family: str
    size: str
    vcpus: float
    gib: float
    arch: str
    generation: float | None
    burstable: bool | None
    gpus: float | None

    def record(self) -> dict[str, object]:
        """The fields by name."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Successor:
    """A cheaper type of the same shape: price ratio in us-east-1, and the regions that sell the old type but not it."""

    name: str
    price_ratio: float
    not_sold_in: frozenset[str]


FIELDS = tuple(field.name for field in fields(Machine))


def _rows(table: str) -> "csv.DictReader[str]":
    text = files("surplus.catalog").joinpath(table).read_text("utf-8")
    return csv.DictReader(text.splitlines())


@cache
def machines() -> Mapping[str, Machine]:
    """Every EC2 type by name."""
    found: dict[str, Machine] = {}
    for row in _rows("aws_machines.csv"):
        family, _, size = row["type"].partition(".")
        found[row["type"]] = Machine(
            name=row["type"],
            family=family,
            size=size,
            vcpus=float(row["vcpus"]),
            gib=float(row["gib"]),
            arch=row["arch"],
            generation=float(row["generation"]) if row["generation"] else None,
            burstable=row["burstable"] == "true" if row["burstable"] else None,
            gpus=float(row["gpus"]) if row["gpus"] else None,
        )
    return found


@cache
def _successors() -> Mapping[str, tuple[Successor, ...]]:
    """The successors of each type of an old family, cheapest first."""
    found: dict[str, tuple[Successor, ...]] = {}
    for row in _rows("aws_successors.csv"):
        successor = Successor(row["successor"], float(row["price_ratio"]), frozenset(row["missing_in"].split()))
        found[row["type"]] = (*found.get(row["type"], ()), successor)
    return found


@cache
def _families() -> Mapping[str, tuple[Machine, ...]]:
    """The sizes of each family, smallest first; bare metal is no size."""
    found: dict[str, list[Machine]] = {}
    for one in machines().values():
        if not one.size.startswith("metal"):
            found.setdefault(one.family, []).append(one)
    return {family: tuple(sorted(sizes, key=lambda m: (m.vcpus, m.gib))) for family, sizes in found.items()}


def bare(type_: str) -> tuple[str, str, str]:
    """A type without what a service adds: `db.m5.large`, `cache.m5.large`, `m5.large.search`; and what it adds."""
    prefix = next((added for added in ("db.", "cache.", "ml.") if type_.startswith(added)), "")
    suffix = next((added for added in (".search", ".elasticsearch") if type_.endswith(added)), "")
    return type_[len(prefix) : len(type_) - len(suffix)], prefix, suffix


def machine(type_: str) -> Machine | None:
    """The machine behind a type; None where the table lacks it."""
    return machines().get(bare(type_)[0])


def newer(type_: str, region: str | None) -> str | None:
    """The cheapest drop-in successor of an old type that *region* sells.

    In an unknown region (None) only one that every region with the old type sells too.
    """
    for successor in _successors().get(type_, ()):
        if region not in successor.not_sold_in if region else not successor.not_sold_in:
            return successor.name
    return None


def smaller(type_: str) -> str | None:
    """The next smaller size of the same family with fewer vCPUs; None for the smallest."""
    name, prefix, suffix = bare(type_)
    found = machines().get(name)
    if found is None:
        return None
    below = [one for one in _families().get(found.family, ()) if one.vcpus < found.vcpus]
    return f"{prefix}{below[-1].name}{suffix}" if below else None
