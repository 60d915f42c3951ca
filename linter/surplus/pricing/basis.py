"""What the costs that a stated saving asked for are made of, as text."""

import math
from collections.abc import Sequence
from dataclasses import replace

from surplus.pricing.book import HOURS_PER_WEEK, Price
from surplus.pricing.components import Component
from surplus.pricing.costs import Costs
from surplus.pricing.format import amount, notes, unit_price

MAX_SHOWN = 3
"""How many components are named."""


def made_of(costs: Costs) -> list[str]:
    """The hours and the costs asked for since `Costs.forget`: `60 of 168 hours a week: $104.68 → $37.39`, and the
    quantities and unit prices of all resources together, the dearest components first.
    """
    found = [
        f"{amount(hours)} of {amount(HOURS_PER_WEEK)} hours a week: ${usd:,.2f} → ${usd * hours / HOURS_PER_WEEK:,.2f}"
        for hours, usd in costs.rested.items()
    ]
    alike: dict[tuple[str, str, Price], list[Component]] = {}
    for one in (one for components in costs.billed.values() for one in components):
        if one.price is not None and one.monthly_usd:
            alike.setdefault((one.name, one.unit, one.price), []).append(one)
    summed = [replace(same[0], quantity=math.fsum(one.quantity or 0.0 for one in same)) for same in alike.values()]
    if summed:
        summed.sort(key=lambda one: (-(one.monthly_usd or 0.0), one.name))
        several = f"{len(costs.billed)} resources: " if len(costs.billed) > 1 else ""
        found.append(several + _lines(summed[:MAX_SHOWN]) + (" …" if len(summed) > MAX_SHOWN else ""))
    return found


def _lines(components: Sequence[Component]) -> str:
    """Quantities and unit prices; what is noted of prices stands once where all share it."""
    priced = [(one, one.price) for one in components if one.price is not None]
    parts = [f"{one.name} {amount(one.quantity or 0.0)} {one.unit} × {unit_price(price.usd)}" for one, price in priced]
    noted = [f" ({notes(price)})" for _, price in priced]
    if len(set(noted)) == 1:
        return ", ".join(parts) + noted[0]
    return ", ".join(part + note for part, note in zip(parts, noted, strict=True))
