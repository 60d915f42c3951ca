"""Machine types: `machine(t)`, `newer(t)`, `newer(t, engine, version)`, `arm(t)`, `amd(t)`, `flex(t)`, `smaller(t)`;
what versions support, and how long they are supported; storage: `minimum_days(cloud, class)`, `ebs_volume(t)`,
`ebs_limits(t)`; containers: `image_role(image)`. A look-up of what is not known gives null fields.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from itertools import product
from typing import Any

from surplus.catalog import engines, images, machines, storage, volumes
from surplus.catalog import support as calendar
from surplus.expressions import FunctionTable, Overload
from surplus.functions.scope import RuleScope

NO_MACHINE: dict[str, Any] = dict.fromkeys(machines.FIELDS)
NO_SUPPORT: dict[str, Any] = dict.fromkeys(("version", "end", "days", "next"))
NO_VOLUME: dict[str, Any] = dict.fromkeys(volumes.VOLUME_FIELDS)
NO_LIMITS: dict[str, Any] = dict.fromkeys(volumes.LIMIT_FIELDS)


def machine(_: RuleScope, type_: str) -> dict[str, Any]:
    """vCPU, GiB, architecture, family, size, generation, GPUs of a machine type; database and cache classes too."""
    found = machines.machine(type_)
    return found.record() if found else NO_MACHINE


def newer(scope: RuleScope, type_: str, engine: str | None = None, version: str | None = None) -> str | None:
    """The cheaper drop-in successor of a machine type of an old family, where the region sells it; else null.

    Of a cache or search node, with its engine and version, one that runs them: a version that is null runs on all.
    """
    return machines.newer(type_, scope.resource.region, engine, version)


def smaller(_: RuleScope, type_: str) -> str | None:
    """The next smaller size of the same family; null for the smallest and for types not in the table."""
    return machines.smaller(type_)


def extended_support(_: RuleScope, cloud: str, service: str, engine: str, version: str) -> str | None:
    """`year-1-2` or `year-3` where a version is in extended support on the calendar's day, else null."""
    found = calendar.support_of(cloud, service, engine, version)
    return found.stage if found else None


def support(_: RuleScope, cloud: str, service: str, engine: str, version: str) -> dict[str, Any]:
    """What the calendar has of an engine's version, else all null: `version`, as it writes it, `end`, the first day
    after standard support (YYYY-MM-DD), `days` until then, and `next`, a later version with a year of it left.
    """
    found = calendar.support_of(cloud, service, engine, version)
    if found is None:
        return NO_SUPPORT
    later = calendar.next_version(cloud, service, engine, version)
    return {"version": found.version, "end": found.start, "days": found.days, "next": later}


def supports(_: RuleScope, service: str, feature: str, engine: str, version: str | None) -> bool | None:
    """Whether an engine's version has a feature; null where the version is null, or does not tell."""
    return engines.supports(service, feature, engine, version)


def minimum_days(_: RuleScope, cloud: str, class_: str) -> float | None:
    """For how many days an object in a storage class is billed at least; null for a class not in the table."""
    return storage.minimum_days(cloud, class_)


def ebs_volume(_: RuleScope, type_: str) -> dict[str, Any]:
    """What an EBS volume type includes, and the most MiB/s, IOPS of a GiB, MiB/s of an IOPS and GiB it can have."""
    found = volumes.ebs_volume(type_)
    return asdict(found) if found else NO_VOLUME


def ebs_limits(_: RuleScope, type_: str) -> dict[str, Any]:
    """The most IOPS and MB/s of EBS that an EC2 type can use."""
    found = volumes.ebs_limits(type_)
    return asdict(found) if found else NO_LIMITS


def image_role(_: RuleScope, image: str) -> str | None:
    """What a container image is for: node, autoscaler, runner, game-server, pause; null where the table has it not."""
    return images.image_role(image)


def _follower(kind: str) -> Callable[[RuleScope, str], str | None]:
    """The newest family's type of the same size, of one kind; null where none is known or the region lacks it."""

    def follower(scope: RuleScope, type_: str) -> str | None:
        region = scope.resource.region
        sold = [one for one in machines.followers(type_, kind) if region is None or not machines.not_sold(one, region)]
        return max(sold, key=_generation, default=None)

    return follower


def _generation(type_: str) -> float:
    found = machines.machine(type_)
    return (found.generation or 0.0) if found else 0.0


def _text_or_null(call: Any, nothing: Any) -> Sequence[Overload]:
    return Overload(("string",), call), Overload(("null",), lambda _, __: nothing)


FUNCTIONS: FunctionTable = {
    "amd": _text_or_null(_follower("amd"), None),
    "arm": _text_or_null(_follower("arm"), None),
    "ebs_limits": _text_or_null(ebs_limits, NO_LIMITS),
    "ebs_volume": _text_or_null(ebs_volume, NO_VOLUME),
    "extended_support": (
        Overload(("string",) * 4, extended_support),
        Overload(("string", "string", "string", "null"), lambda *_: None),
    ),
    "flex": _text_or_null(_follower("flex"), None),
    "minimum_days": (
        Overload(("string", "string"), minimum_days),
        Overload(("string", "null"), lambda *_: None),
    ),
    "image_role": _text_or_null(image_role, None),
    "machine": _text_or_null(machine, NO_MACHINE),
    "newer": (
        *_text_or_null(newer, None),
        *(
            Overload((type_, engine, version), newer if type_ == "string" else lambda *_: None)
            for type_, engine, version in product(("string", "null"), repeat=3)
        ),
    ),
    "smaller": _text_or_null(smaller, None),
    "support": tuple(
        Overload(
            ("string", "string", engine, version), support if engine == version == "string" else lambda *_: NO_SUPPORT
        )
        for engine, version in product(("string", "null"), repeat=2)
    ),
    "supports": tuple(
        Overload(("string", "string", engine, version), supports if engine == "string" else lambda *_: None)
        for engine, version in product(("string", "null"), repeat=2)
    ),
}
