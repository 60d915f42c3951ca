"""Machine types of AWS, Azure and Google: size, architecture, successors. Looked up in constant time, each cloud's
table loaded when a type of it is first asked for.
"""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from functools import cache

from surplus.catalog.engines import supports
from surplus.catalog.tables import rows


@dataclass(frozen=True, slots=True)
class Machine:
    """A machine type. `gib` is its memory in GiB, `arch` x86_64 or arm64, `size` its name without the family."""

    name: str
    cloud: str
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
CUSTOM = re.compile(r"(?:(?P<family>[a-z]\w*)-)?custom-(?P<vcpus>\d+)-(?P<mib>\d+)(?:-ext)?")
"""Google's custom machine types: `n2-custom-4-8192`; without a family it is n1."""


@cache
def machines(cloud: str = "aws") -> Mapping[str, Machine]:
    """Every machine type of a cloud (aws, azure, gcp) by name."""
    found: dict[str, Machine] = {}
    for row in rows(f"{cloud}_machines.csv"):
        name, family = row["type"], row["family"]
        found[name] = Machine(
            name=name,
            cloud=cloud,
            family=family,
            size=name if cloud == "azure" else name[len(family) + 1 :],
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
    """The successors of each type of an old family, cheapest first; of cache and search nodes, too."""
    found: dict[str, tuple[Successor, ...]] = {}
    for row in (*rows("aws_successors.csv"), *rows("aws_node_successors.csv")):
        successor = Successor(row["successor"], float(row["price_ratio"]), frozenset(row["missing_in"].split()))
        found[row["type"]] = (*found.get(row["type"], ()), successor)
    return found


@cache
def _followers() -> Mapping[tuple[str, str, str], tuple[str, ...]]:
    """The families that follow a family, by (service, kind, family)."""
    found: dict[tuple[str, str, str], tuple[str, ...]] = {}
    for row in rows("successors.csv"):
        key = (f"{row['cloud']}/{row['service']}", row["kind"], row["from_family"])
        found[key] = (*found.get(key, ()), row["to_family"])
    return found


@cache
def _families(cloud: str) -> Mapping[str, tuple[Machine, ...]]:
    """The sizes of each family, smallest first; bare metal is no size."""
    found: dict[str, list[Machine]] = {}
    for one in machines(cloud).values():
        if not one.size.startswith("metal"):
            found.setdefault(one.family, []).append(one)
    return {family: tuple(sorted(sizes, key=lambda m: (m.vcpus, m.gib))) for family, sizes in found.items()}


@cache
def _not_sold() -> Mapping[str, frozenset[str]]:
    """The regions that do not sell an AWS family, by family."""
    return {row["family"]: frozenset(row["regions"].split()) for row in rows("aws_not_sold.csv")}


def not_sold(type_: str, region: str) -> bool:
    """Whether AWS is known not to sell an EC2 type's family in a region."""
    return region in _not_sold().get(type_.partition(".")[0], frozenset())


def bare(type_: str) -> tuple[str, str, str]:
    """A type without what a service adds: `db.m5.large`, `cache.m5.large`, `m5.large.search`; and what it adds."""
    prefix = next((added for added in ("db.", "cache.", "ml.", "kafka.", "mq.") if type_.startswith(added)), "")
    suffix = next((added for added in (".search", ".elasticsearch") if type_.endswith(added)), "")
    return type_[len(prefix) : len(type_) - len(suffix)], prefix, suffix


def cloud_of(type_: str) -> str:
    """The cloud that names its types so: `Standard_D2s_v5` is Azure's, `n2-standard-4` Google's, `m5.large` AWS's."""
    if type_.lower().startswith(("standard_", "basic_")):
        return "azure"
    return "gcp" if "-" in type_ and "." not in type_ else "aws"


def machine(type_: str) -> Machine | None:
    """The machine behind a type; None where the table lacks it."""
    cloud = cloud_of(type_)
    if cloud == "azure":
        return machines(cloud).get(type_) or _azure().get(type_.lower())
    return machines(cloud).get(bare(type_)[0] if cloud == "aws" else type_) or _custom(type_)


@cache
def _azure() -> Mapping[str, Machine]:
    """Azure's sizes by their lower-case name: Azure takes any case."""
    return {name.lower(): one for name, one in machines("azure").items()}


def _custom(type_: str) -> Machine | None:
    """A custom type of Google, whose name holds its size."""
    match = CUSTOM.fullmatch(type_)
    if match is None:
        return None
    family = match["family"] or "n1"
    known = _families("gcp").get(family)
    if known is None:
        return None
    vcpus, gib = float(match["vcpus"]), int(match["mib"]) / 1024
    return replace(known[0], name=type_, size=type_[type_.index("custom") :], vcpus=vcpus, gib=gib, burstable=False)


def newer(type_: str, region: str | None, engine: str | None = None, version: str | None = None) -> str | None:
    """The cheapest drop-in successor of an old type that *region* sells.

    In an unknown region (None) only one that every region with the old type sells too. Of a managed node one that is
    not known to be too new for its *engine*, of that *version*.
    """
    elastic = type_.endswith(".elasticsearch")
    for successor in _successors().get(type_.replace(".elasticsearch", ".search"), ()):
        sold = region not in successor.not_sold_in if region else not successor.not_sold_in
        if sold and (engine is None or _runs(successor.name, engine, version) is not False):
            return successor.name.replace(".search", ".elasticsearch") if elastic else successor.name
    return None


def _runs(type_: str, engine: str, version: str | None) -> bool | None:
    """Whether a managed node of a type runs an engine's version; None where the version does not tell."""
    name, prefix, suffix = bare(type_)
    return supports(SERVICES[prefix or suffix].partition("/")[2], name.partition(".")[0], engine, version)


SERVICES = {
    "db.": "aws/rds",
    "cache.": "aws/elasticache",
    ".search": "aws/opensearch",
    ".elasticsearch": "aws/opensearch",
}
"""The service whose families a type is of, by what it adds to a machine's name."""

MACHINE_SERVICES = {"aws": "aws/ec2", "azure": "azure/vm", "gcp": "gcp/compute"}


def followers(type_: str, kind: str) -> tuple[str, ...]:
    """The types of the same size in the families that follow a type's: *kind* is newer, amd, arm or flex."""
    found = machine(type_)
    if found is None:
        return ()
    _, prefix, suffix = bare(type_) if found.cloud == "aws" else (type_, "", "")
    service = SERVICES.get(prefix or suffix, MACHINE_SERVICES[found.cloud])
    families = _followers().get((service, kind, found.family), ())
    same = (_same_size(found, family) for family in families)
    return tuple(f"{prefix}{one.name}{suffix}" for one in same if one is not None)


def _same_size(old: Machine, family: str) -> Machine | None:
    """The member of *family* with the size of *old*: of the same name, in Azure of the same vCPUs and memory."""
    if old.cloud == "azure":
        sizes = _families("azure").get(family, ())
        return next((one for one in sizes if (one.vcpus, one.gib) == (old.vcpus, old.gib)), None)
    mark = "-" if old.cloud == "gcp" else "."
    return machines(old.cloud).get(f"{family}{mark}{old.size}")


def smaller(type_: str) -> str | None:
    """The next smaller size of the same family with fewer vCPUs; None for the smallest."""
    found = machine(type_)
    if found is None or found.name not in machines(found.cloud):
        return None
    name, prefix, suffix = bare(type_) if found.cloud == "aws" else (type_, "", "")
    kind = name.split("-")[1] if found.cloud == "gcp" else ""
    below = [
        one
        for one in _families(found.cloud).get(found.family, ())
        if one.vcpus < found.vcpus and (not kind or one.name.split("-")[1] == kind)
    ]
    return f"{prefix}{below[-1].name}{suffix}" if below else None
