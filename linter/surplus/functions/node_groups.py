"""The groups of nodes that Terraform declares for EKS, AKS and GKE, and whether they are all nodes of one cluster."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from surplus.functions.nodes import NodeGroup, Taint
from surplus.functions.scope import World
from surplus.model import Resource, Unknown, walk
from surplus.sources.evaluated import Evaluated

CLUSTERS = ("aws_eks_cluster", "azurerm_kubernetes_cluster", "google_container_cluster")
KARPENTER = ("NodePool", "Provisioner")
EKS_DEFAULT_TYPE = "t3.medium"
"""https://docs.aws.amazon.com/eks/latest/APIReference/API_Nodegroup.html"""

EKS_SPOT = {"ON_DEMAND": False, "SPOT": True}
"""Whether nodes are Spot nodes, by their capacity type; blocks of capacity have no list price either."""

GKE_DEFAULT_TYPE = "e2-medium"
GKE_SPOT = {"preemptible": "cloud.google.com/gke-preemptible", "spot": "cloud.google.com/gke-spot"}
"""What makes nodes Spot nodes, and the label that they get for it."""

ZONES_OF_A_REGION = 3
"""How many zones a regional GKE cluster has nodes in where it does not say."""

ZONE = re.compile(r".*-[a-z]$")
MAKES_NODES = re.compile(r"^(module\.\S+) is not judged: .*(?:eks|aks|gke|kubernetes|karpenter|node)", re.IGNORECASE)
"""The note about a module that is not here and whose name says that it may start nodes."""

EFFECTS = {"NO_SCHEDULE": "NoSchedule", "NO_EXECUTE": "NoExecute", "PREFER_NO_SCHEDULE": "PreferNoSchedule"}


def node_groups(roots: Iterable[Evaluated]) -> list[NodeGroup]:
    """Every group of nodes in the roots, in their order."""
    found = []
    for root in roots:
        if any(one.type in DECLARE for one in root.resources):
            world = World(root)
            found += [group for one in root.resources if one.type in DECLARE for group in _of(one, world)]
    return found


def incomplete(roots: Iterable[Evaluated]) -> str:
    """Why the groups are not known to be all nodes of one cluster; "" where they are."""
    roots = list(roots)
    resources = [one for root in roots for one in root.resources]
    types = {one.type for one in resources}
    if not types & DECLARE.keys():
        return "the scan has no nodes"
    if types & set(KARPENTER) or any("karpenter" in str(one.values.get("chart")) for one in resources):
        return "Karpenter starts nodes as they are needed"
    clusters = [one for one in resources if one.type in CLUSTERS]
    names = {_text(one.values.get(key)) for one in resources if (key := CLUSTER_OF.get(one.type))}
    if len(clusters) > 1 or (not clusters and len(names) > 1):
        return "the scan has several clusters"
    for one in clusters:
        if walk(one.values, ("compute_config", 0, "enabled")) is True:
            return "EKS starts nodes as they are needed"
        if one.values.get("enable_autopilot") is True or walk(one.values, ("cluster_autoscaling", 0, "enabled")):
            return "GKE starts nodes as they are needed"
        if walk(one.values, ("node_provisioning_profile", 0, "mode")) == "Auto":
            return "AKS starts nodes as they are needed"
    notes = (MAKES_NODES.match(problem.message) for root in roots for problem in root.problems)
    module = next((match[1] for match in notes if match), None)
    return f"{module} is not in the scan, and may start nodes" if module else ""


def _of(one: Resource, world: World) -> Iterator[NodeGroup]:
    for group in DECLARE[one.type](one, world):
        if one.instances is None or one.optional:
            yield replace(group, count=None, reason=f"how many there are of {one.address} is not known")
        elif group.count is None:
            yield replace(group, reason=group.reason or f"the number of nodes of {one.address} is not known")
        else:
            yield group


def _eks(one: Resource, world: World) -> Iterator[NodeGroup]:
    values = one.values
    ami, capacity = values.get("ami_type"), values.get("capacity_type")
    names = {"eks.amazonaws.com/nodegroup": values.get("node_group_name"), "eks.amazonaws.com/capacityType": capacity}
    taints = [
        (walk(taint, ("key",)), walk(taint, ("value",)), walk(taint, ("effect",))) for taint in _list(values, "taint")
    ]
    sizes = walk(values, ("scaling_config", 0))
    yield NodeGroup(
        one.address,
        "aws",
        _eks_types(values, world),
        one.region,
        _first_number(walk(sizes, (name,)) for name in ("desired_size", "min_size")),
        labels=_labels(values.get("labels"), names),
        taints=_taints(taints),
        windows=isinstance(ami, str) and ami.startswith("WINDOWS"),
        spot=EKS_SPOT.get(str(capacity)),
    )


def _eks_types(values: Mapping[str, Any], world: World) -> tuple[str, ...]:
    """The group's own types come first, then that of its launch template; without either EKS takes its default."""
    types = values.get("instance_types")
    if types:
        return _texts(types)
    template = walk(values, ("launch_template", 0))
    if template is None and types is None:
        return (EKS_DEFAULT_TYPE,)
    for key in ("id", "name"):
        named = world.named(walk(template, (key,)), "aws_launch_template")
        if len(named) == 1:
            return _texts([named[0].values.get("instance_type")])
    return ()


def _aks_cluster(one: Resource, _: World) -> Iterator[NodeGroup]:
    pools = [*_list(one.values, "default_node_pool"), *_list(one.values, "agent_pool_profile")]
    for pool in pools:
        yield _aks(one.address, pool, one.region)
    if not pools:
        yield NodeGroup(one.address, "azure", region=one.region, labels=None, taints=None)


def _aks_pool(one: Resource, world: World) -> Iterator[NodeGroup]:
    cluster = world.named(one.values.get("kubernetes_cluster_id"), "azurerm_kubernetes_cluster")
    yield _aks(one.address, one.values, cluster[0].region if len(cluster) == 1 else None)


def _aks(address: str, pool: Any, region: str | None) -> NodeGroup:
    spot = _any(walk(pool, ("priority",)), "Spot")
    name = walk(pool, ("name",))
    names = {
        "kubernetes.azure.com/agentpool": name,
        "agentpool": name,
        "kubernetes.azure.com/mode": walk(pool, ("mode",)),
    }
    written = walk(pool, ("node_taints",))
    taints: list[tuple[Any, Any, Any]] = []
    for text in written if isinstance(written, list) else ():
        match = re.fullmatch(r"([^=:]+)(?:=([^:]*))?:(\w+)", text) if isinstance(text, str) else None
        taints.append((match[1], match[2], match[3]) if match else (None, None, None))
    if spot:
        names["kubernetes.azure.com/scalesetpriority"] = "spot"
        taints.append(("kubernetes.azure.com/scalesetpriority", "spot", "NoSchedule"))
    if walk(pool, ("only_critical_addons_enabled",)):
        taints.append(("CriticalAddonsOnly", "true", "NoSchedule"))
    return NodeGroup(
        address,
        "azure",
        _texts([walk(pool, ("vm_size",))]),
        region,
        _first_number(walk(pool, (key,)) for key in ("node_count", "count", "min_count")),
        labels=_labels(walk(pool, ("node_labels",)), names),
        taints=None if isinstance(written, Unknown) else _taints(taints),
        windows=walk(pool, ("os_type",)) == "Windows",
        spot=spot,
    )


def _gke_cluster(one: Resource, _: World) -> Iterator[NodeGroup]:
    """The default pool, or the pools written inside; each in every zone of the cluster."""
    values = one.values
    if values.get("enable_autopilot") is True:
        return
    pools = _list(values, "node_pool")
    for pool in pools:
        yield _gke(one.address, pool, one.region, _zones(pool, _zones(values, None)))
    if not pools and values.get("remove_default_node_pool") is not True:
        yield _gke(one.address, values, one.region, _zones(values, None))


def _gke_pool(one: Resource, world: World) -> Iterator[NodeGroup]:
    values = one.values
    found = world.named(values.get("cluster"), "google_container_cluster")
    cluster = found[0] if len(found) == 1 else None
    placed = {"location": values.get("location") or (cluster.values.get("location") if cluster else None)}
    if cluster is not None:
        placed["node_locations"] = cluster.values.get("node_locations")
    region = one.region if values.get("location") is not None or cluster is None else cluster.region
    yield _gke(one.address, values, region, _zones(values, _zones(placed, None)))


def _zones(values: Any, otherwise: float | None) -> float | None:
    """In how many zones a pool, or a cluster, has nodes."""
    location, further = walk(values, ("location",)), walk(values, ("node_locations",))
    if isinstance(further, Unknown) or isinstance(location, Unknown):
        return None
    own = isinstance(location, str) and ZONE.match(location) is not None
    if isinstance(further, list) and further:
        return float(len({*map(str, further), location}) if own else len(further))
    if otherwise is not None:
        return otherwise
    return 1.0 if own else float(ZONES_OF_A_REGION) if location else None


def _gke(address: str, pool: Any, region: str | None, zones: float | None) -> NodeGroup:
    scaling, config = walk(pool, ("autoscaling", 0)), walk(pool, ("node_config", 0))
    count = _first_number([walk(pool, ("node_count",))])
    total = _first_number([walk(scaling, ("total_min_node_count",))]) if count is None else None
    if total is None:
        least = _first_number([walk(scaling, ("min_node_count",)) if scaling else walk(pool, ("initial_node_count",))])
        each = least if count is None else count
        total = None if each is None or zones is None else each * zones
    image = walk(config, ("image_type",))
    taints = [
        (walk(taint, ("key",)), walk(taint, ("value",)), walk(taint, ("effect",))) for taint in _list(config, "taint")
    ]
    attached = _list(config, "guest_accelerator")
    if attached:
        taints.append(("nvidia.com/gpu", "present", "NO_SCHEDULE"))
    names = {"cloud.google.com/gke-nodepool": walk(pool, ("name",))}
    names |= {label: "true" for key, label in GKE_SPOT.items() if walk(config, (key,)) is True}
    return NodeGroup(
        address,
        "gcp",
        (GKE_DEFAULT_TYPE,) if config is None else _texts([walk(config, ("machine_type",)) or GKE_DEFAULT_TYPE]),
        region,
        total,
        labels=_labels(walk(config, ("labels",)), names),
        taints=_taints(taints),
        gpus=sum(_first_number([walk(one, ("count",))]) or 0.0 for one in attached),
        windows=isinstance(image, str) and image.upper().startswith("WINDOWS"),
        spot=_any([walk(config, (key,)) for key in GKE_SPOT], True),
    )


DECLARE: Mapping[str, Callable[[Resource, World], Iterator[NodeGroup]]] = {
    "aws_eks_node_group": _eks,
    "azurerm_kubernetes_cluster": _aks_cluster,
    "azurerm_kubernetes_cluster_node_pool": _aks_pool,
    "google_container_cluster": _gke_cluster,
    "google_container_node_pool": _gke_pool,
}
"""The resources that start nodes."""

CLUSTER_OF = {
    "aws_eks_node_group": "cluster_name",
    "azurerm_kubernetes_cluster_node_pool": "kubernetes_cluster_id",
    "google_container_node_pool": "cluster",
}


def _list(values: Any, key: str) -> list[Any]:
    found = walk(values, (key,))
    return found if isinstance(found, list) else []


def _texts(values: Any) -> tuple[str, ...]:
    """The texts of a list, nothing where one of them is not known."""
    found = [one for one in values if isinstance(one, str)] if isinstance(values, list) else []
    return tuple(found) if found and len(found) == len(values) else ()


def _text(value: Any) -> str:
    return (value.text or value.reason) if isinstance(value, Unknown) else str(value)


def _first_number(values: Iterable[Any]) -> float | None:
    """The first that is set; None where that is not known."""
    found = next((one for one in values if one is not None), None)
    return float(found) if isinstance(found, int | float) and not isinstance(found, bool) and found >= 0 else None


def _any(values: Any, wanted: Any) -> bool | None:
    """Whether one of some values is the wanted one; None where that is not known."""
    found = values if isinstance(values, list) else [values]
    return True if wanted in found else None if any(isinstance(one, Unknown) for one in found) else False


def _labels(written: Any, own: Mapping[str, Any]) -> Mapping[str, str | Unknown] | None:
    """The declared labels and those that the cloud adds, whose values it chooses where they are not set."""
    if isinstance(written, Unknown):
        return None
    chosen = {key: Unknown("the cloud chooses it") if value is None else value for key, value in own.items()}
    both = {**(written if isinstance(written, dict) else {}), **chosen}
    return {key: _label(value) for key, value in both.items() if value is not None}


def _label(value: Any) -> str | Unknown:
    """The value of a label, as Terraform makes a text of it."""
    if isinstance(value, bool):
        return str(value).lower()
    return value if isinstance(value, Unknown) else f"{value:g}" if isinstance(value, float) else str(value)


def _taints(written: Iterable[tuple[Any, Any, Any]]) -> tuple[Taint, ...] | None:
    found = []
    for key, value, effect in written:
        if not isinstance(key, str) or not isinstance(effect, str) or isinstance(value, Unknown):
            return None
        found.append(Taint(key, "" if value is None else str(value), EFFECTS.get(effect, effect)))
    return tuple(found)
