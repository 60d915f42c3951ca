"""What a vCPU and a GiB of a Kubernetes node cost, from the node types that a scan declares."""

from collections.abc import Iterable, Iterator
from typing import Any

from surplus.catalog.machines import machine
from surplus.model import Resource, Unknown, walk
from surplus.pricing.book import GLOBAL, Price, PriceBook, Table
from surplus.pricing.functions import machine_key

NODE_TYPES = {
    "aws_eks_node_group": ("instance_types", 0),
    "azurerm_kubernetes_cluster": ("default_node_pool", 0, "vm_size"),
    "azurerm_kubernetes_cluster_node_pool": ("vm_size",),
    "google_container_node_pool": ("node_config", 0, "machine_type"),
}
"""Where the resources that start nodes name their machine type."""

NODES = "nodes of "
"""How the basis of a price begins that was made from nodes of the scan."""

VCPU_AS_GIB = 0.04048 / 0.004445
"""How many GiB of memory one vCPU is worth where only the price of the whole machine is known: the ratio of AWS
Fargate's two list prices, https://aws.amazon.com/fargate/pricing/.
"""


def node_prices(resources: Iterable[Resource], book: PriceBook) -> Table:
    """Prices of `kubernetes/node/…` by the nodes of a scan, where all of them come to the same; else nothing."""
    found: dict[tuple[str, str], tuple[Price, Price]] = {}
    for type_, region in _declared(resources):
        parts = _split(type_, region, book)
        if parts is None:
            return {}
        found[f"{parts[0].usd:.4g}", f"{parts[1].usd:.4g}"] = parts
    if len(found) != 1:
        return {}
    ((vcpu, memory),) = found.values()
    return {"kubernetes/node/vcpu": {GLOBAL: vcpu}, "kubernetes/node/memory": {GLOBAL: memory}}


def node_regions(resources: Iterable[Resource]) -> dict[str, str]:
    """The region of the nodes by cloud, where all nodes of that cloud share one."""
    regions: dict[str, set[str]] = {}
    for type_, region in _declared(resources):
        regions.setdefault(machine_key(type_).partition("/")[0], set()).add(region or "")
    return {cloud: next(iter(names)) for cloud, names in regions.items() if len(names) == 1 and "" not in names}


def _declared(resources: Iterable[Resource]) -> Iterator[tuple[str, str | None]]:
    """The machine types of nodes, each with its region."""
    for resource in resources:
        route = NODE_TYPES.get(resource.type)
        value: Any = walk(resource.values, route) if route else None
        if isinstance(value, str) and not isinstance(value, Unknown):
            yield value, resource.region


def _split(type_: str, region: str | None, book: PriceBook) -> tuple[Price, Price] | None:
    """The price of a vCPU-hour and of a GiB-hour of a machine type."""
    found = machine(type_)
    if found is None:
        return None
    if found.cloud == "gcp":
        vcpu, memory = (
            book.price(f"gcp/compute-predefined/{found.family}/{part}", region) for part in ("vcpu", "memory")
        )
        if isinstance(vcpu, Price) and isinstance(memory, Price):
            return _named(vcpu, "vcpu", type_), _named(memory, "memory", type_)
    whole = book.price(machine_key(type_), region)
    if not isinstance(whole, Price):
        return None
    gib = whole.usd / (found.vcpus * VCPU_AS_GIB + found.gib)
    return _named(whole, "vcpu", type_, gib * VCPU_AS_GIB), _named(whole, "memory", type_, gib)


def _named(price: Price, part: str, type_: str, usd: float | None = None) -> Price:
    unit = "vCPU-hour" if part == "vcpu" else "GiB-hour"
    figure = price.usd if usd is None else float(f"{usd:.6g}")
    basis = f"{NODES}{type_} in {price.region}" + (f", {price.basis}" if price.basis else "")
    return Price(f"kubernetes/node/{part}", GLOBAL, unit, figure, price.as_of, price.source, basis, price.discount)
