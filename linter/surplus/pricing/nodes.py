"""What the nodes of a scan cost, and with it what a vCPU, a GiB and a GPU of them do."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from surplus.catalog.machines import Machine, machine
from surplus.functions.node_groups import DECLARE, incomplete, node_groups
from surplus.functions.nodes import NodeGroup, Nodes
from surplus.pricing.book import GLOBAL, Price, PriceBook, Table
from surplus.pricing.functions import machine_key
from surplus.sources.evaluated import Evaluated

NODE_TYPES = tuple(DECLARE)
"""The resources that start nodes."""

NODES = "nodes of "
"""How the basis of a price begins that was made from nodes of the scan."""

VCPU_AS_GIB = 0.04048 / 0.004445
"""How many GiB of memory one vCPU is worth where only the price of the whole machine is known: the ratio of AWS
Fargate's two list prices, https://aws.amazon.com/fargate/pricing/.
"""

KEYS = {"vcpu": "vCPU-hour", "memory": "GiB-hour", "gpu": "GPU-hour"}
"""The parts of a node, each with its unit; the key of a part's price is `kubernetes/node/…`."""


def nodes_of(
    roots: Iterable[Evaluated], book: PriceBook, number: float | None = None, regions: Iterable[str] = ()
) -> Nodes:
    """What a scan knows of its nodes. *number* is the policy's count of them, *regions* the clouds for which it gives
    one, which tell the cloud where the scan has no nodes.
    """
    roots, book = list(roots), _quiet(book)
    groups = tuple(node_groups(roots))
    clouds = frozenset(group.cloud for group in groups) or frozenset(regions)
    hours = {_hour(group, type_, book) for group in groups for type_ in group.types or ("",)}
    hour = next(iter(hours)) if len(hours) == 1 else None
    return Nodes(groups, number, incomplete(roots), clouds, hour)


def _hour(group: NodeGroup, type_: str, book: PriceBook) -> float | None:
    """The list price of a node; None where it has none, or where its GPUs are paid for apart."""
    found = machine(type_) if type_ and not group.spot and not group.windows else None
    price = book.price(machine_key(type_), group.region) if found is not None else None
    apart = found is not None and group.gpus > (found.gpus or 0.0)
    return price.usd if isinstance(price, Price) and not apart else None


def with_nodes(book: PriceBook, nodes: Nodes) -> PriceBook:
    """The book for manifests: what the scan's nodes cost stands for a vCPU and a GiB, unless the policy says; where
    they do not come to one price, the default with a word about it.
    """
    made = {**_defaults(_quiet(book), nodes), **node_prices(nodes.groups, _quiet(book))}
    regions = {**node_regions(nodes.groups), **book.regions}
    return replace(book, overrides={**made, **book.overrides}, regions=regions)


def _quiet(book: PriceBook) -> PriceBook:
    """The book without a note of what is looked up: not all of it is used."""
    return replace(book, dates=set(), missing_regions=set())


def _defaults(book: PriceBook, nodes: Nodes) -> Table:
    types = ", ".join(nodes.types)
    why = f"the nodes of the scan have no one price: {types}" if types else "the scan has no nodes with a price"
    found = {key: book.price(key, None) for key in ("kubernetes/node/vcpu", "kubernetes/node/memory")}
    return {
        key: {GLOBAL: replace(price, basis=f"default, as {why}")}
        for key, price in found.items()
        if isinstance(price, Price)
    }


def node_prices(groups: Iterable[NodeGroup], book: PriceBook) -> Table:
    """Prices of `kubernetes/node/…` by groups of nodes, where all of them come to the same; else nothing. Of several
    types that a group names, EKS starts the first while it is to be had.
    """
    found: dict[tuple[str, ...], Mapping[str, Price]] = {}
    for group in groups:
        parts = _split(group.types[0], group.region, book) if group.types and not group.spot else None
        if parts is None:
            return {}
        found[tuple(f"{part}={price.usd:.4g}" for part, price in parts.items())] = parts
    if len(found) != 1:
        return {}
    (parts,) = found.values()
    return {price.key: {GLOBAL: price} for price in parts.values()}


def node_regions(groups: Iterable[NodeGroup]) -> dict[str, str]:
    """The region of the nodes by cloud, where all nodes of that cloud share one."""
    regions: dict[str, set[str]] = {}
    for group in groups:
        regions.setdefault(group.cloud, set()).add(group.region or "")
    return {cloud: next(iter(names)) for cloud, names in regions.items() if len(names) == 1 and "" not in names}


def _split(type_: str, region: str | None, book: PriceBook) -> Mapping[str, Price] | None:
    """The prices of the parts of a machine type; they add up to the price of the whole."""
    found = machine(type_)
    if found is None or found.gpus is None:  # how much of the price is that of GPUs is not known
        return None
    if found.cloud == "gcp" and not found.gpus:
        keys = {part: f"gcp/compute-predefined/{found.family}/{part}" for part in ("vcpu", "memory")}
        own = {part: price for part, key in keys.items() if isinstance(price := book.price(key, region), Price)}
        if len(own) == len(keys):
            return {part: _named(price, part, type_, price.usd) for part, price in own.items()}
    whole = book.price(machine_key(type_), region)
    if not isinstance(whole, Price):
        return None
    if found.gpus:
        return _with_gpus(found, found.gpus, whole, book)
    gib = whole.usd / (found.vcpus * VCPU_AS_GIB + found.gib)
    return {part: _named(whole, part, type_, usd) for part, usd in (("vcpu", gib * VCPU_AS_GIB), ("memory", gib))}


def _with_gpus(found: Machine, gpus: float, whole: Price, book: PriceBook) -> Mapping[str, Price] | None:
    """Of a machine with GPUs the vCPUs and memory cost what they do elsewhere, and the GPUs the rest."""
    vcpu, memory = (book.price(f"kubernetes/node/{part}", None) for part in ("vcpu", "memory"))
    if not isinstance(vcpu, Price) or not isinstance(memory, Price):
        return None
    rest = whole.usd - found.vcpus * vcpu.usd - found.gib * memory.usd
    if rest <= 0:
        return None
    parts = {"vcpu": vcpu.usd, "memory": memory.usd, "gpu": rest / gpus}
    return {part: _named(whole, part, found.name, usd) for part, usd in parts.items()}


def _named(price: Price, part: str, type_: str, usd: float) -> Price:
    basis = f"{NODES}{type_} in {price.region}" + (f", {price.basis}" if price.basis else "")
    figure = float(f"{usd:.6g}")
    return replace(price, key=f"kubernetes/node/{part}", region=GLOBAL, unit=KEYS[part], usd=figure, basis=basis)
