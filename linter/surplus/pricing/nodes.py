"""What the nodes of a scan cost, and with it what a vCPU, a GiB and a GPU of those that pods may run on do."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cache

from surplus.catalog.machines import Machine, machine
from surplus.functions.node_groups import DECLARE, incomplete, node_groups
from surplus.functions.nodes import NODE_PRICES, NodeGroup, Nodes
from surplus.pricing.book import GLOBAL, NoPrice, Price, PriceBook, Table
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

SETTINGS = {"vcpu": "vcpu_hour", "memory": "gib_hour", "gpu": "gpu_hour"}
"""What of `prices.kubernetes` in a policy gives the price of each."""

OF_PODS = re.compile(rf"({NODE_PRICES}({'|'.join(KEYS)}))/(none|\d+(?:\+\d+)*)")
"""The key of a part's price to pods that may run on some groups only, as the function `node_key` gives it."""


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
    found = machine(type_) if type_ and group.spot is False and not group.windows else None
    price = book.price(machine_key(type_), group.region) if found is not None else None
    apart = found is not None and group.gpus > (found.gpus or 0.0)
    return price.usd if isinstance(price, Price) and not apart else None


def with_nodes(book: PriceBook, nodes: Nodes) -> PriceBook:
    """The book for manifests: what the scan's nodes cost stands for a vCPU and a GiB, unless the policy says; where
    they do not come to one price, the default with a word about it. Of pods those nodes count that they may run on.
    """
    quiet = _quiet(book)
    rows = {**_defaults(quiet, nodes), **node_prices(nodes.groups, quiet)}
    regions = {**node_regions(nodes.groups), **book.regions}
    made = cache(lambda key: _to_pods(key, quiet, nodes))
    return replace(book, overrides={**rows, **book.overrides}, regions=regions, made=made)


def _to_pods(key: str, book: PriceBook, nodes: Nodes) -> Price | NoPrice | None:
    """The price of a part of a node to pods that may run on some of the groups; None for any other key."""
    match = OF_PODS.fullmatch(key)
    if match is None:
        return None
    own, part, places = match.groups()
    chosen = set() if places == "none" else {int(at) for at in places.split("+")}
    groups = [group for at, group in enumerate(nodes.groups) if at in chosen]
    if own in book.overrides:
        return book.price(own, None)
    if groups and all(group.spot for group in groups):
        given = f"a policy may give it: prices.kubernetes.{SETTINGS[part]}"
        return NoPrice(f"its nodes are Spot nodes, whose price varies; {given}")
    rows = node_prices(groups, book).get(own)
    return rows[GLOBAL] if rows else _default(book, own, _why(groups, book))


def _why(groups: list[NodeGroup], book: PriceBook) -> str:
    """Why there is no one price for pods that may run on some groups."""
    if not groups:
        return "none of the nodes of the scan lets it in"
    regions = {group.region for group in groups}
    kinds = {_named_kind(group, len(regions) > 1) for group in groups}
    known = any(node_prices([group], book) for group in groups)
    several = len(kinds) > 1 and known
    why = "it may run on nodes of several prices" if several else "the price of its nodes is not known"
    return f"{why}: {', '.join(sorted(kinds))}"


def _named_kind(group: NodeGroup, with_region: bool) -> str:
    """What nodes of a group are called: by the type that is started first, else by what declares them."""
    place = f" in {group.region}" if with_region and group.region else ""
    return (group.types[0] if group.types else group.address) + place + (" (Spot)" if group.spot else "")


def _default(book: PriceBook, key: str, why: str) -> Price | NoPrice:
    found = book.price(key, None)
    return replace(found, basis=f"default, as {why}") if isinstance(found, Price) else found


def _quiet(book: PriceBook) -> PriceBook:
    """The book without a note of what is looked up: not all of it is used."""
    return replace(book, dates=set(), missing_regions=set())


def _defaults(book: PriceBook, nodes: Nodes) -> Table:
    types, why = nodes.types, "the scan has no nodes with a price"
    if types:
        why = f"the nodes of the scan have no {'one' if len(types) > 1 else 'known'} price: {', '.join(types)}"
    found = {key: _default(book, key, why) for key in (f"{NODE_PRICES}vcpu", f"{NODE_PRICES}memory")}
    return {key: {GLOBAL: price} for key, price in found.items() if isinstance(price, Price)}


def node_prices(groups: Iterable[NodeGroup], book: PriceBook) -> Table:
    """Prices of `kubernetes/node/…` by groups of nodes, where all of them come to the same; else nothing. Of several
    types that a group names, EKS starts the first while it is to be had.
    """
    found: dict[tuple[str, ...], Mapping[str, Price]] = {}
    for group in groups:
        parts = _split(group.types[0], group.region, book) if group.types and group.spot is False else None
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
    vcpu, memory = (book.price(f"{NODE_PRICES}{part}", None) for part in ("vcpu", "memory"))
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
    return replace(price, key=f"{NODE_PRICES}{part}", region=GLOBAL, unit=KEYS[part], usd=figure, basis=basis)
