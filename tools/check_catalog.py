"""Compare the catalogue's EC2 types and prices with two packages of the index: `python tools/check_catalog.py`.

moto 5.2.5 carries AWS's DescribeInstanceTypes answer, Apache Libcloud 3.9.1 a price table. Libcloud's table mixes the
price of dedicated tenancy (+6 %, +10 % for some) into that of shared tenancy; both are undone here: within a family
the lowest price for a vCPU is the shared one. `tests/catalog/test_catalogue_sources.py` runs the same comparison.
"""

import gzip
import json
import sys
from collections.abc import Mapping
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "linter"))

from surplus.catalog.machines import machines
from surplus.pricing.book import table

DEDICATED = (1.06, 1.10)
"""What dedicated tenancy costs more."""

TOLERANCE = 0.005
MIB = 1024


def _file(package: str, path: str) -> Path:
    """A file of an installed package, which is not imported."""
    return Path(str(distribution(package).locate_file(path)))


def specs() -> dict[str, tuple[float, float, str]]:
    """vCPUs, GiB and architecture of each EC2 type, by moto."""
    packed = _file("moto", "moto/ec2/resources/instance_types.json.gz").read_bytes()
    types: Mapping[str, Any] = json.loads(gzip.decompress(packed))
    return {
        name: (
            float(one["VCpuInfo"]["DefaultVCpus"]),
            one["MemoryInfo"]["SizeInMiB"] / MIB,
            "arm64" if one["ProcessorInfo"]["SupportedArchitectures"][0].startswith("arm64") else "x86_64",
        )
        for name, one in types.items()
    }


def prices(region: str = "us-east-1") -> dict[str, float]:
    """USD an hour of each EC2 type on Linux, by Libcloud, dedicated tenancy undone."""
    text = _file("apache-libcloud", "libcloud/data/pricing.json").read_text("utf-8")
    listed: Mapping[str, Mapping[str, float]] = json.loads(text)["compute"]["ec2_linux"]
    raw = {name: float(by_region[region]) for name, by_region in listed.items() if by_region.get(region)}
    return {name: _shared(name, usd, raw) for name, usd in raw.items()}


def _shared(name: str, usd: float, raw: Mapping[str, float]) -> float:
    """The price for shared tenancy: the family's lowest unit price tells whether a price is the dedicated one."""
    family = name.partition(".")[0]
    known = machines()
    units = [raw[one] / known[one].vcpus for one in raw if one.partition(".")[0] == family and one in known]
    if name not in known or not units:
        return usd
    lowest = min(units) * known[name].vcpus
    for factor in DEDICATED:
        if abs(usd / factor - lowest) <= TOLERANCE * lowest:
            return usd / factor
    return usd


def compare() -> tuple[list[str], int, int]:
    """Types whose specs differ; how many prices both have, and how many of them agree within half a percent."""
    ours, theirs = machines(), specs()
    differing = [
        f"{name}: {(ours[name].vcpus, round(ours[name].gib, 2), ours[name].arch)} here, {spec} there"
        for name, spec in sorted(theirs.items())
        if name in ours and not _same(ours[name].vcpus, ours[name].gib, ours[name].arch, spec)
    ]
    listed = prices()
    common = [name for name in ours if f"aws/ec2/{name}/linux" in table("aws_ec2") and name in listed]
    ours_usd = {name: table("aws_ec2")[f"aws/ec2/{name}/linux"]["us-east-1"].usd for name in common}
    agreeing = sum(abs(ours_usd[name] / listed[name] - 1) <= TOLERANCE for name in common)
    return differing, len(common), agreeing


def _same(vcpus: float, gib: float, arch: str, spec: tuple[float, float, str]) -> bool:
    return vcpus == spec[0] and abs(gib - spec[1]) < 0.01 and arch == spec[2]


def main() -> int:
    """Print the comparison; the exit code is 1 where specs differ."""
    differing, common, agreeing = compare()
    print("\n".join(differing) or f"the specs of all {len(specs().keys() & machines().keys())} common types agree")
    print(f"{agreeing} of {common} prices agree within {TOLERANCE:.1%} ({agreeing / common:.1%})")
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main())
