"""What a Karpenter pool may start, by its requirements: `pool()`.

https://karpenter.sh/docs/concepts/nodepools/ and https://karpenter.sh/docs/concepts/scheduling/#well-known-labels
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache, lru_cache
from typing import Any

from surplus.catalog.machines import Machine, machines
from surplus.expressions import FunctionTable, Overload, UnknownValueError
from surplus.functions.scope import RuleScope, reach
from surplus.model import Route, Unknown
from surplus.sources.kubernetes.scheduling import CAPACITY_TYPE

CAPACITY = ("on-demand", "reserved", "spot")

_INNER: Mapping[str, Route] = {"NodePool": ("spec", "template", "spec"), "Provisioner": ("spec",)}
"""What holds a pool's requirements."""

_CLOUDS = {None: "aws", "EC2NodeClass": "aws", "NodeClass": "aws", "AWSNodeTemplate": "aws", "AKSNodeClass": "azure"}
"""The cloud of a pool, by the kind of its node class; without one it is an old pool of AWS."""

_PREFIXES = ("karpenter.k8s.aws/", "eks.amazonaws.com/", "karpenter.azure.com/")
"""The beginnings of the labels of machine types: the rest means the same in EKS Auto Mode."""

_AWS_FAMILY = re.compile(r"(?P<category>[a-z]+)[-a-z]*?(?:[0-9]+tb)?(?P<generation>[0-9]+)")
_ACCELERATED = frozenset(("dl", "f", "g", "gr", "inf", "p", "trn", "vt"))
"""The categories of AWS whose machines have GPUs, inference or training chips, FPGAs or video cards."""


def pool(scope: RuleScope) -> dict[str, Any]:
    """What a NodePool or Provisioner may start: `capacity`, of on-demand, reserved and spot, sorted; how many machine
    `types` of how many `families`; whether every one of them is `accelerated` by a GPU or a like chip. The last three
    are null where the machines are neither those of AWS nor of Azure.

    Labels that the machine table does not tell, such as the network bandwidth, leave out no type.
    """
    inner = reach(scope.values, _INNER[scope.resource.type], "")
    requirements = [*_requirements(reach(inner, ("requirements",), "")), *_defaults(scope, inner)]
    capacity = [one for one in CAPACITY if _allowed(one, requirements, CAPACITY_TYPE)]
    cloud = _CLOUDS.get(_node_class(inner))
    if cloud is None:
        return {"capacity": capacity, "types": None, "families": None, "accelerated": None}
    wanted = [(_label(key), operator, values) for key, operator, values in requirements]
    for label, operator, values in wanted:
        known = _known(cloud).get(label, values)
        if operator == "In" and (missing := values - known):
            raise UnknownValueError(f"{min(missing)} is not in the table of machine types")
    table = _labelled(cloud)
    meeting = frozenset(range(len(table))).intersection(*(_meeting(cloud, *one) for one in wanted))
    found = [table[at][0] for at in sorted(meeting)]
    return {
        "capacity": capacity,
        "types": float(len(found)),
        "families": float(len({one.family for one in found})),
        "accelerated": bool(found) and all(_accelerated(one) for one in found),
    }


Requirement = tuple[str, str, frozenset[str]]
"""The key of a label, an operator, values."""


def _requirements(written: Any) -> Iterator[Requirement]:
    for one in _known_items(written):
        if isinstance(one, dict):
            key, operator = _known_value(one.get("key")), _known_value(one.get("operator"))
            values = frozenset(str(value) for value in _known_items(one.get("values")))
            yield str(key), str(operator), values


def _known_items(value: Any) -> list[Any]:
    found = _known_value(value)
    return [_known_value(one) for one in found] if isinstance(found, list) else []


def _known_value(value: Any) -> Any:
    if isinstance(value, Unknown):
        raise UnknownValueError(value.reason)
    return value


def _defaults(scope: RuleScope, inner: Any) -> Iterator[Requirement]:
    """What a Provisioner asks for that does not say it; a NodePool asks for nothing by itself.

    https://karpenter.sh/v1.0/upgrading/v1beta1-migration/#spectemplatespecrequirements-defaults-dropped
    """
    if scope.resource.type != "Provisioner":
        return
    keys = {key for key, _, _ in _requirements(reach(inner, ("requirements",), ""))}
    if CAPACITY_TYPE not in keys:
        yield CAPACITY_TYPE, "In", frozenset(("on-demand",))
    if "kubernetes.io/arch" not in keys:
        yield "kubernetes.io/arch", "In", frozenset(("amd64",))
    if not any(_label(key).startswith("instance-") for key in keys):
        yield "karpenter.k8s.aws/instance-category", "In", frozenset("cmr")
        yield "karpenter.k8s.aws/instance-generation", "Gt", frozenset("2")


def _node_class(inner: Any) -> str | None:
    for name in ("nodeClassRef", "providerRef"):
        kind = _known_value(reach(inner, (name, "kind"), ""))
        if kind is not None:
            return str(kind)
    return None


def _label(key: str) -> str:
    """A label without what EKS, AKS and Kubernetes put before it; the instance type of all is `instance-type`."""
    for prefix in (*_PREFIXES, "node.kubernetes.io/", "kubernetes.io/"):
        if key.startswith(prefix):
            return key.removeprefix(prefix)
    return key


@cache
def _labelled(cloud: str) -> tuple[tuple[Machine, Mapping[str, str | None]], ...]:
    return tuple((one, _labels(one)) for one in machines(cloud).values())


@lru_cache(maxsize=1024)
def _meeting(cloud: str, label: str, operator: str, values: frozenset[str]) -> frozenset[int]:
    """The places in the table of the machine types that meet one requirement: many pools ask for the same."""
    return frozenset(at for at, (_, labels) in enumerate(_labelled(cloud)) if _meets(labels, label, operator, values))


@cache
def _known(cloud: str) -> Mapping[str, frozenset[str]]:
    """The values of the labels that name types and families."""
    named = ("instance-type", "instance-family", "instance-category", "sku-name", "sku-family")
    found = {name: frozenset(labels[name] or "" for _, labels in _labelled(cloud) if name in labels) for name in named}
    return {name: values for name, values in found.items() if values}


def _labels(one: Machine) -> dict[str, str | None]:
    """The labels of a machine type that the table tells; None for one that it does not have."""
    arch = "arm64" if one.arch == "arm64" else "amd64"
    sizes = {"cpu": f"{one.vcpus:g}", "memory": str(round(one.gib * 1024))}
    gpus = f"{one.gpus:g}" if one.gpus else None
    shared: dict[str, str | None] = {"instance-type": one.name, "arch": arch}
    if one.cloud == "azure":
        letter = one.name.removeprefix("Standard_")[:1]
        sku = {"name": one.name, "family": letter, "gpu-count": gpus, **sizes}
        return {**shared, **{f"sku-{name}": value for name, value in sku.items()}}
    match = _AWS_FAMILY.match(one.family)
    named = {"category": match["category"], "generation": match["generation"]} if match else {}
    rest = {"family": one.family, "size": one.size, "gpu-count": gpus, **sizes, **named}
    if gpus is None:
        rest.update(dict.fromkeys(("gpu-name", "gpu-manufacturer", "gpu-memory")))
    if named.get("category") not in _ACCELERATED:
        rest.update(dict.fromkeys(("accelerator-name", "accelerator-manufacturer", "accelerator-count")))
    return {**shared, **{f"instance-{name}": value for name, value in rest.items()}}


@cache
def _accelerated(one: Machine) -> bool:
    if one.cloud == "azure":
        return bool(one.gpus) or one.name.startswith("Standard_N")
    match = _AWS_FAMILY.match(one.family)
    return bool(one.gpus) or (match is not None and match["category"] in _ACCELERATED)


def _allowed(value: str, requirements: Iterable[Requirement], key: str) -> bool:
    return all(_meets({key: value}, *one) for one in requirements if one[0] == key)


def _meets(labels: Mapping[str, str | None], key: str, operator: str, values: frozenset[str]) -> bool:
    """Whether labels meet one requirement; one about a label that is not told does not count."""
    if key not in labels:
        return True
    value = labels[key]
    match operator:
        case "In":
            return value in values
        case "NotIn":
            return value not in values
        case "Exists":
            return value is not None
        case "DoesNotExist":
            return value is None
        case "Gt" | "Lt" | "Gte" | "Lte":
            return value is not None and _compares(value, operator, values)
    return True


def _compares(value: str, operator: str, values: frozenset[str]) -> bool:
    try:
        own, limit = float(value), float(next(iter(values)))
    except (ValueError, StopIteration):
        return True
    match operator:
        case "Gt":
            return own > limit
        case "Lt":
            return own < limit
        case "Gte":
            return own >= limit
    return own <= limit


FUNCTIONS: FunctionTable = {"pool": (Overload((), pool),)}
