"""EBS volumes: what each type gives, and how much of it an instance type can use."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache

from surplus.catalog.tables import rows


@dataclass(frozen=True, slots=True)
class EbsVolume:
    """What the price of a GiB of a volume type includes, and the most that can be had. Throughput is in MiB/s.

    Of gp3 the limits are those of before AWS raised them in 2025; of io1 and io2 the throughput is that of a volume
    with at most 16,000 IOPS. None: not in the table.
    """

    included_iops: float | None
    included_throughput: float | None
    max_throughput: float | None
    iops_per_gib: float | None
    throughput_per_iops: float | None
    max_gib: float | None


@dataclass(frozen=True, slots=True)
class EbsLimits:
    """The most IOPS and MB/s that all volumes of an instance reach together; small types only for a while each day."""

    iops: float
    throughput: float


VOLUME_FIELDS = tuple(field.name for field in fields(EbsVolume))
LIMIT_FIELDS = tuple(field.name for field in fields(EbsLimits))


@cache
def _volumes() -> Mapping[str, EbsVolume]:
    return {
        row["type"]: EbsVolume(*(float(row[name]) if row[name] else None for name in VOLUME_FIELDS))
        for row in rows("aws_ebs_volumes.csv")
    }


@cache
def _limits() -> Mapping[str, EbsLimits]:
    return {row["type"]: EbsLimits(float(row["iops"]), float(row["throughput"])) for row in rows("aws_ebs_limits.csv")}


def ebs_volume(type_: str) -> EbsVolume | None:
    """What an EBS volume type gives; None for one whose performance is not bought apart."""
    return _volumes().get(type_)


def ebs_limits(type_: str) -> EbsLimits | None:
    """What an EC2 type can use; None for one that the table lacks, and for old ones not EBS-optimized by default."""
    return _limits().get(type_)
