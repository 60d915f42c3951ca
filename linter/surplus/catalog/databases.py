"""Database and cache classes of AWS: which engine versions run on which, and what gp3 storage of RDS gives.

From the provider's pages "Supported DB engines for DB instance classes" (RDS, Aurora), "Managing instance classes"
(DocumentDB), "Supported node types" (ElastiCache) and "Amazon RDS DB instance storage". An engine or family that they
do not give versions for is not in the tables.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from surplus.catalog import machines
from surplus.catalog.tables import rows

AURORA_MYSQL = {"5.6": 1.0, "5.7": 2.0, "8.0": 3.0}
"""The major versions of Aurora MySQL by the version of MySQL that they are compatible with."""

Numbers = tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Support:
    """The versions of an engine that run on a family: from `least` on, and of older major versions those from each of
    `older` on, in that major version only.
    """

    sizes: frozenset[str]
    least: Numbers
    older: tuple[Numbers, ...]


@dataclass(frozen=True, slots=True)
class Gp3:
    """What RDS storage of type gp3 gives an engine between two sizes in GiB: IOPS included, and at most."""

    engine: str
    from_gib: float
    to_gib: float
    included_iops: float
    max_iops: float


def _numbers(text: str) -> Numbers:
    return tuple(float(part) for part in text.split("."))


@cache
def _support() -> Mapping[tuple[str, str], Support]:
    """By engine and family."""
    return {
        (row["engine"], row["family"]): Support(
            frozenset(row["sizes"].split()), _numbers(row["least"]), tuple(map(_numbers, row["older"].split()))
        )
        for row in rows("aws_database_classes.csv")
    }


@cache
def _previous() -> Mapping[str, frozenset[str]]:
    """The families of an earlier generation, by service."""
    return {f"aws/{row['service']}": frozenset(row["families"].split()) for row in rows("aws_previous_generation.csv")}


@cache
def _gp3() -> tuple[Gp3, ...]:
    sizes = ("from_gib", "to_gib", "included_iops", "max_iops")
    return tuple(Gp3(row["engine"], *(float(row[name]) for name in sizes)) for row in rows("aws_rds_gp3.csv"))


def gp3(engine: str, gib: float) -> Gp3 | None:
    """What gp3 gives a database of so many GiB; `oracle-se2` is oracle. None where that is not known."""
    name = engine.partition("-")[0]
    return next((one for one in _gp3() if one.engine == name and one.from_gib <= gib < one.to_gib + 1), None)


def version_numbers(engine: str, version: str) -> Numbers:
    """The numbers of an engine's version, Aurora MySQL's own where it is one: `5.7.mysql_aurora.2.11.2` is 2.11.2.
    What is left open is the newest: 13 is the newest 13. Empty where there are none.
    """
    own = version.rpartition("mysql_aurora.")[2]
    match = re.match(r"\d+(\.\d+)*", own)
    if match is None:
        return ()
    if engine == "aurora-mysql" and own == version:
        major = AURORA_MYSQL.get(".".join(version.split(".")[:2]))
        return (major, math.inf) if major else ()
    return (*_numbers(match[0]), math.inf)


def runs_on(type_: str, engine: str, version: str) -> bool:
    """Whether a class is documented to run an engine's version: `db.m6g.large` runs mysql 8.0.36."""
    name = machines.bare(type_)[0]
    family, _, size = name.partition(".")
    found, numbers = _support().get((engine, family)), version_numbers(engine, version)
    if found is None or size not in found.sizes or not numbers:
        return False
    return numbers >= found.least or any(numbers[: len(one) - 1] == one[:-1] and numbers >= one for one in found.older)


def is_previous(type_: str) -> bool:
    """Whether a database or cache class is of a family of an earlier generation."""
    name, prefix, _ = machines.bare(type_)
    return name.partition(".")[0] in _previous().get(machines.SERVICES.get(prefix, ""), frozenset())


def cheaper_class(type_: str, engine: str, version: str, region: str | None) -> str | None:
    """The cheapest class of the same size that follows *type_*, runs the engine's version and is of arm64; where there
    is none and *type_* is of an earlier generation, one of x86-64. A later generation never costs less than the one
    before it. None where there is none, or *region* is known not to sell it.
    """
    for kind in ("arm", "newer") if is_previous(type_) else ("arm",):
        found = [
            one
            for one in machines.followers(type_, kind)
            if runs_on(one, engine, version)
            and not (region is not None and machines.not_sold(machines.bare(one)[0], region))
        ]
        if found:
            return min(found, key=_generation)
    return None


def _generation(type_: str) -> float:
    found = machines.machine(type_)
    return (found.generation or math.inf) if found else math.inf
