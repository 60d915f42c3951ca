"""`surplus cost`: the priced inventory, as a table or as JSON."""

import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from surplus.pricing.book import source_text
from surplus.pricing.components import Component
from surplus.pricing.costs import ResourceCost
from surplus.pricing.nodes import NODE_TYPES, NODES
from surplus.reporters.json import SCHEMA_VERSION, dumps, location, root
from surplus.reporters.style import Style, plural, printable
from surplus.run import Inventory, PricedResource

MAX_REASONS = 12
DIGITS = 4
"""Decimals of money in JSON."""

MODULE = re.compile(r'(?:module\.[\w-]+(?:\[(?:\d+|\*|"(?:[^"\\]|\\.)*")\])?\.)+')

GROUPS: dict[str, Callable[[PricedResource], str]] = {
    "type": lambda one: one.cost.resource.type,
    "module": lambda one: _module(one.cost.resource.address),
    "environment": lambda one: one.environment or "(none)",
    "owner": lambda one: one.owner or "(none)",
    "root": lambda one: _root_name(one),
    "path": lambda one: one.cost.resource.location.path,
}
"""What resources can be summed by."""


def as_json(inventory: Inventory, group_by: str | None = None) -> str:
    """The inventory as JSON text."""
    shared, share = _counted(inventory.resources)
    document: dict[str, Any] = {
        "schema_version": SCHEMA_VERSION,
        "currency": "USD",
        "total_monthly_usd": _money(total(inventory.resources, share)),
        "on_counted_nodes_usd": _money(shared),
        "prices_as_of": inventory.prices.as_of,
        "summary": dict(sorted(Counter(one.cost.status for one in inventory.resources).items())),
        "resources": [_resource(one) for one in inventory.resources],
    }
    if group_by:
        document["groups"] = [
            {"name": name, "monthly_usd": _money(whole), "resources": len(members)}
            for name, whole, members in _grouped(inventory.resources, group_by, share)
        ]
    return dumps(document)


def _resource(one: PricedResource) -> dict[str, Any]:
    cost, resource = one.cost, one.cost.resource
    return {
        "resource": resource.address,
        "resource_type": resource.type,
        "root": root(one.root),
        "location": location(resource.location),
        "rendered_from": resource.rendered_from,
        "instances": resource.instances,
        "environment": one.environment,
        "owner": one.owner,
        "status": cost.status,
        "monthly_usd": _money(cost.monthly_usd),
        "unpriced_parts": cost.unpriced_parts,
        "components": [_component(part) for part in cost.components],
        "assumptions": list(cost.assumptions),
        "reason": cost.reason,
    }


def _component(part: Component) -> dict[str, Any]:
    price = part.price
    return {
        "name": part.name,
        "quantity": part.quantity,
        "unit": part.unit,
        "unit_price_usd": price.usd if price else None,
        "monthly_usd": _money(part.monthly_usd),
        "usage_based": part.usage_based,
        "price": price.key if price else None,
        "region": price.region if price else None,
        "basis": (price.basis or None) if price else None,
        "source": source_text(price.source) if price else None,
        "as_of": price.as_of if price else None,
        "reason": part.reason,
    }


def _money(usd: float | None) -> float | None:
    return None if usd is None else round(usd, DIGITS)


def total(resources: Iterable[PricedResource], counted: float = 0.0) -> float | None:
    """The sum of what is priced; None where something bills and nothing is priced. What workloads ask of nodes that
    are in the scan themselves is left out, as far as those are paid for: *counted* is that share of it.
    """
    billed = [one.cost for one in resources if one.cost.status != "free"]
    known = [one.monthly_usd - counted * _on_nodes(one) for one in billed if one.monthly_usd is not None]
    return math.fsum(known) if known or not billed else None


def _on_nodes(cost: ResourceCost) -> float:
    """What of a workload's cost was priced by nodes of the scan."""
    return math.fsum(
        part.monthly_usd or 0.0 for part in cost.components if part.price and part.price.basis.startswith(NODES)
    )


def _counted(resources: Sequence[PricedResource]) -> tuple[float, float]:
    """What workloads take of nodes that are paid for in the same inventory, in USD, and as a share of what they ask."""
    asked = math.fsum(_on_nodes(one.cost) for one in resources)
    paid = math.fsum(one.cost.monthly_usd or 0.0 for one in resources if one.cost.resource.type in NODE_TYPES)
    taken = min(asked, paid)
    return taken, taken / asked if asked else 0.0


def as_text(inventory: Inventory, style: Style, group_by: str | None = None) -> str:
    """A table of what is priced, the dearest first; then the total, and what is not priced with the reasons."""
    shared, share = _counted(inventory.resources)
    rows = list(_group_rows(inventory.resources, group_by, share) if group_by else _resource_rows(inventory.resources))
    wide = max((len(money) for money, _, _ in rows), default=0)
    lines = [f"{money:>{wide}}  {printable(name)}{style.paint(note, 'dim')}" for money, name, note in rows]
    whole = total(inventory.resources, share)
    headline = f"total {'not known' if whole is None else f'${whole:,.2f}/mo'}"
    lines += ["", style.paint(headline, "bold") + f"  {_summary(inventory.resources)}"]
    if inventory.prices.as_of:
        lines.append(
            f"list prices of {inventory.prices.oldest} to {inventory.prices.as_of}, on demand, 730 hours a month"
        )
    if inventory.prices.usage_profile:
        lines.append(f"where no usage file says, use is that of the profile {inventory.prices.usage_profile}")
    if shared:
        lines.append(f"workloads take ${shared:,.2f}/mo of nodes that are counted; the total has it once")
    missing = list(_missing(inventory.resources))
    if missing:
        lines += ["", style.paint("not priced:", "bold"), *(printable(f"  {line}") for line in missing)]
    by_use = list(_by_use(inventory.resources))
    if by_use:
        lines += ["", style.paint("a usage file may give:", "bold"), *(printable(f"  {line}") for line in by_use)]
    return "\n".join(lines).lstrip("\n") + "\n"


def _resource_rows(resources: Sequence[PricedResource]) -> Iterator[tuple[str, str, str]]:
    """Money, address and a note of each resource that has a price of its own."""
    shown = [one for one in resources if one.cost.status == "priced" and (one.cost.components or one.cost.monthly_usd)]
    for one in sorted(shown, key=lambda one: (-(one.cost.monthly_usd or 0.0), one.cost.resource.address)):
        cost = one.cost
        place = f"{cost.resource.location.path}:{cost.resource.location.span.line}"
        parts = f"  ({plural(cost.unpriced_parts, 'part')} not priced)" if cost.unpriced_parts else ""
        yield f"${cost.monthly_usd or 0.0:,.2f}", f"{cost.resource.address}{_variant(one)}", f"  {place}{parts}"


def _variant(one: PricedResource) -> str:
    """The variables a root was evaluated with, where there is a choice of them."""
    given = [*one.root.variables, *([f"workspace {one.root.workspace}"] if one.root.workspace else [])]
    return f" [{', '.join(given)}]" if given else ""


def _group_rows(resources: Sequence[PricedResource], group_by: str, counted: float) -> Iterator[tuple[str, str, str]]:
    for name, whole, members in _grouped(resources, group_by, counted):
        unpriced = sum(1 for one in members if one.cost.status in ("unpriced", "no-model"))
        note = f"  {plural(len(members), 'resource')}" + (f", {unpriced:,} not priced" if unpriced else "")
        yield "?" if whole is None else f"${whole:,.2f}", name, note


def _grouped(
    resources: Sequence[PricedResource], group_by: str, counted: float
) -> list[tuple[str, float | None, list[PricedResource]]]:
    """The sum and the members of each group, the dearest group first; resources that bill nothing count nowhere."""
    groups: dict[str, list[PricedResource]] = {}
    for one in resources:
        if one.cost.status != "free":
            groups.setdefault(GROUPS[group_by](one), []).append(one)
    summed = [(name, total(members, counted), members) for name, members in groups.items()]
    return sorted(summed, key=lambda group: (-(group[1] or 0.0), group[0]))


def _module(address: str) -> str:
    match = MODULE.match(address)
    return match[0].rstrip(".") if match else "(root module)"


def _root_name(one: PricedResource) -> str:
    kind = "" if one.root.kind == "terraform" else f" ({one.root.kind})"
    return f"{one.root.path}{kind}{_variant(one)}"


def _summary(resources: Sequence[PricedResource]) -> str:
    counts = Counter(one.cost.status for one in resources)
    words = {
        "priced": "priced",
        "usage": "by use only",
        "unpriced": "not priced",
        "no-model": "of a type without a cost model",
        "free": "bill nothing by themselves",
    }
    parts = [f"{counts[status]:,} {text}" for status, text in words.items() if counts[status]]
    return f"{plural(len(resources), 'resource')}: {', '.join(parts)}" if parts else "no resources"


def _missing(resources: Sequence[PricedResource]) -> Iterator[str]:
    """What has no price, by reason, the commonest first."""
    reasons = Counter(reason for one in resources for reason in dict.fromkeys(_reasons(one.cost)))
    ordered = sorted(reasons.items(), key=lambda item: (-item[1], item[0]))
    for reason, count in ordered[:MAX_REASONS]:
        yield f"{count:,} × {reason}"
    if len(ordered) > MAX_REASONS:
        yield f"{plural(len(ordered) - MAX_REASONS, 'more reason')}; --output-format json lists everything"


def _by_use(resources: Sequence[PricedResource]) -> Iterator[str]:
    """The quantities that only use decides and no usage file gives, by type."""
    missing: dict[str, dict[str, None]] = {}
    counts: Counter[str] = Counter()
    for one in resources:
        keys = [part.usage for part in one.cost.components if part.usage_based and part.monthly_usd is None]
        if keys and one.cost.status == "usage":
            type_ = one.cost.resource.type
            counts[type_] += 1
            missing.setdefault(type_, {}).update(dict.fromkeys(key for key in keys if key))
    for type_, count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        yield f"{count:,} × {type_}: {', '.join(missing[type_])}"


def _reasons(cost: ResourceCost) -> Iterator[str]:
    if cost.status == "free":
        return
    if cost.monthly_usd is None and not cost.components and cost.reason:
        yield cost.reason
    for part in cost.components:
        if part.monthly_usd is None and part.reason and not part.usage_based:
            yield f"{cost.resource.type}, {part.name}: {part.reason}"
    if cost.one_usd is not None and cost.reason:
        yield f"{cost.resource.type}: how many there are is not known"
