"""What findings save: the cost of the payers as written, less their cost with the better configuration.

Savings are taken one after the other (delete, schedule, resize, reprice; the larger first), each on the configuration
improved so far, so that what several findings save on one payer is never more than it costs.
"""

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from surplus.engine import Hit, Judge
from surplus.model import Kept, Resource, Route, Unknown, place_in, walk
from surplus.pricing.basis import made_of
from surplus.pricing.book import HOURS_PER_WEEK, Price
from surplus.pricing.components import Component
from surplus.pricing.costs import AS_WRITTEN, Changes, Costs
from surplus.pricing.format import amount, notes, unit_price
from surplus.rules import USAGE_KEY

LEVERS = {"delete": 0, "schedule": 1, "resize": 2, "reprice": 3, "none": 4}
"""The order in which savings are taken."""

SHARE_OF_COST = re.compile(r"\s*cost\(\)\s*\*")
"""A stated saving that is a part of what the resource costs."""

JOINTLY = "what is left to save once the others of its list are mended"
"""The basis of what several items save together only."""

MAX_SHOWN = 3
"""How many components a basis names."""


@dataclass(frozen=True, slots=True)
class Saving:
    """USD a month that one hit saves: as its step, and `alone`; None where that is not known, which `basis` explains.

    `payers` are the resources whose cost changes. `wants_usage` tells that only a figure of use is missing,
    `no_difference` that by itself it changes no cost.
    """

    step: float | None = None
    alone: float | None = None
    basis: str | None = None
    assumptions: tuple[str, ...] = ()
    payers: tuple[Resource, ...] = ()
    wants_usage: bool = False
    no_difference: bool = False


@dataclass(frozen=True, slots=True)
class _Difference:
    """What changes save on some payers, component by component."""

    usd: float | None
    basis: str
    assumptions: tuple[str, ...] = ()
    wants_usage: bool = False
    none: bool = False


def savings_of(hits: Sequence[Hit], costs: Costs, judge: Judge) -> dict[Hit, Saving]:
    """The saving of each hit; one that is known to save nothing is left out where its rule wants it cheaper."""
    alone = {hit: _alone(hit, costs, judge) for hit in hits}
    kept = [
        hit
        for hit in hits
        if not (hit.active.rule.only_if_cheaper and (usd := alone[hit].alone) is not None and usd <= 0)
    ]
    joint = _joint(kept, alone)
    steps: dict[Hit, float] = {}
    for group in _sharing([hit for hit in kept if (alone[hit].alone or 0) > 0 or hit in joint], alone):
        steps.update(_steps(group, alone, costs, judge))
    return {hit: _at_step(alone[hit], steps.get(hit), hit in joint) for hit in kept}


def _joint(hits: Iterable[Hit], alone: Mapping[Hit, Saving]) -> set[Hit]:
    """The items of one list that make no difference by themselves, but may once others of the list are mended: of two
    init containers the larger decides.
    """
    hits = [hit for hit in hits if hit.item_route]
    lists = Counter((hit.active.rule.id, hit.resource, hit.item_route[:-1]) for hit in hits)
    several = [hit for hit in hits if lists[hit.active.rule.id, hit.resource, hit.item_route[:-1]] > 1]
    return {hit for hit in several if alone[hit].no_difference}


def _at_step(saving: Saving, step: float | None, joint: bool) -> Saving:
    """A saving with what it is as a step of all; nothing is told of a joint one at those that go before the last."""
    if not joint:
        return replace(saving, step=saving.alone if step is None else step)
    return replace(saving, step=step, alone=0.0, basis=JOINTLY) if step else saving


def together(savings: Sequence[Saving]) -> Saving:
    """The saving of several instances of one finding: the sum of what is known, and of how many that is."""
    steps = [one.step for one in savings if one.step is not None]
    alone = [one for one in savings if one.alone is not None]
    bases = Counter(one.basis for one in alone or savings if one.basis)
    shown = [f"{basis}; {count} times" if count > 1 else str(basis) for basis, count in bases.items()]
    if len(shown) > MAX_SHOWN:
        shown = [*shown[: MAX_SHOWN - 1], f"and {len(shown) - MAX_SHOWN + 1} more"]
    if alone and len(alone) < len(savings):
        shown.append(f"{len(savings) - len(alone)} more not priced")
    return Saving(
        round(math.fsum(steps), 4) if steps else None,
        round(math.fsum(one.alone or 0.0 for one in alone), 4) if alone else None,
        "; ".join(shown) or None,
        tuple(dict.fromkeys(text for one in savings for text in one.assumptions)),
        wants_usage=all(one.wants_usage for one in savings),
    )


def _alone(hit: Hit, costs: Costs, judge: Judge) -> Saving:
    """What a hit would save if nothing else were mended."""
    rule = hit.active.rule
    if rule.lever == "none" or rule.better is None:
        return Saving(basis="not priced: the rule proposes no configuration that could be priced")
    payers = tuple(costs.payers(hit.resource))
    if rule.saving is not None or rule.better.add is not None:
        return _stated(hit, payers, costs, judge)
    changes = _applied(hit, AS_WRITTEN, costs, judge)
    if isinstance(changes, Unknown):
        return Saving(None, None, f"not priced: {changes.reason}", (), payers)
    found = _difference(payers, AS_WRITTEN, changes, costs)
    if found.usd is None:
        basis = f"not priced: {found.basis}"
        return Saving(None, None, basis, found.assumptions, payers, found.wants_usage, found.none)
    usd, basis = found.usd, found.basis
    if usd < 0 and not rule.only_if_cheaper:
        usd, basis = 0.0, f"{basis}; it costs ${-usd:,.2f} a month more"
    return Saving(usd, usd, basis, found.assumptions, payers)


def _stated(hit: Hit, payers: tuple[Resource, ...], costs: Costs, judge: Judge) -> Saving:
    """What the rule says is saved: at most what the payers cost, and the resources that its saving looks at or asks the
    use of.
    """
    if hit.active.rule.saving is None:
        return Saving(None, None, "not priced: what it saves depends on use", (), payers)
    costs.forget()
    world = costs.world.with_changes({})
    world.read = set()
    verdict = judge.saving(hit, world)
    asked, assumed, prices = dict(costs.asked), dict(costs.assumed), list(costs.priced.values())
    parts = made_of(costs)
    looked_at = sorted({*world.read, *asked.values()}, key=lambda one: one.address)
    payers = tuple(dict.fromkeys((*payers, *(payer for one in looked_at for payer in costs.payers(one)))))
    keys = {key: asked.get(key, hit.resource) for key in USAGE_KEY.findall(hit.active.rule.saving)}
    if verdict.kind != "value" or isinstance(verdict.value, bool) or not isinstance(verdict.value, int | float):
        why = verdict.reason or "what it saves depends on use"
        why = "a value that the saving is made of is not set" if verdict.kind == "null" else why
        wants_usage = any(costs.usage(whose, key) is None for key, whose in keys.items())
        return Saving(None, None, f"not priced: {why}", (), payers, wants_usage)
    bills = [bill for bill in map(costs.of, payers) if bill.status != "free"]
    paid = [bill.monthly_usd for bill in bills if bill.monthly_usd is not None]
    if not paid:
        unknown = bills[-1].resource if bills else hit.resource
        by_use = [bill for bill in bills if bill.status == "usage"]
        why = f": {by_use[-1].reason}" if by_use and by_use[-1] is bills[-1] else ""
        text = f"not priced: what {unknown.address} costs is not known{why}"
        return Saving(None, None, text, (), payers, wants_usage=bool(bills) and len(by_use) == len(bills))
    most = math.fsum(paid)
    usd = min(max(float(verdict.value), 0.0), most)
    given = []
    for key, whose in keys.items():
        quantity = costs.usage(whose, key) if key in asked else None
        if quantity is not None:
            given.append(f"{key} {amount(quantity)} by the {costs.usage_origin(whose, key)}")
        elif key in assumed:
            given.append(f"{key} {amount(assumed[key])} as the rule assumes")
    given += parts
    given += [f"{unit_price(one.usd)} a {one.unit} ({notes(one)})" for one in prices[:MAX_SHOWN]]
    if float(verdict.value) > most:
        given.append("at most what the payers cost")
    return Saving(usd, usd, "; ".join(given) or "by the price book", (), payers)


def _sharing(hits: Iterable[Hit], alone: Mapping[Hit, Saving]) -> list[list[Hit]]:
    """The hits that share a payer, directly or through others, together; a hit that shares none needs no steps."""
    group_of: dict[Resource, list[Hit]] = {}
    for hit in hits:
        met = {id(group): group for payer in alone[hit].payers if (group := group_of.get(payer))}
        joined = [*(one for group in met.values() for one in group), hit]
        for one in joined:
            group_of.update(dict.fromkeys(alone[one].payers, joined))
    groups = {id(group): group for group in group_of.values()}
    return [group for group in groups.values() if len(group) > 1]


def _steps(hits: Iterable[Hit], alone: Mapping[Hit, Saving], costs: Costs, judge: Judge) -> dict[Hit, float]:
    """What each hit saves on the configuration that those before it have improved."""

    def rank(hit: Hit) -> tuple[Any, ...]:
        rule = hit.active.rule
        return (LEVERS[rule.lever], -(alone[hit].alone or 0.0), rule.id, hit.resource.address, str(hit.route))

    steps: dict[Hit, float] = {}
    changes = AS_WRITTEN
    spent: dict[Resource, float] = {}
    for hit in sorted(hits, key=rank):
        payers = alone[hit].payers
        rests = {one: (costs.of(one, changes).monthly_usd or 0.0) - spent.get(one, 0.0) for one in payers}
        rest = math.fsum(rests.values())
        if hit.active.rule.saving is not None and hit.active.rule.lever == "schedule":
            steps[hit], changes = _scheduled(alone[hit], costs, changes)
            continue
        if hit.active.rule.saving is not None:
            steps[hit] = min(_stated_step(hit, alone[hit], costs, changes, spent), max(rest, 0.0))
            left = steps[hit]
            for one in payers:
                taken = min(left, max(rests[one], 0.0))
                spent[one] = spent.get(one, 0.0) + taken
                left -= taken
            if (better := hit.active.rule.better) and better.remove and not hit.item_route and steps[hit] > 0:
                changes = replace(changes, removed=changes.removed | {hit.resource})
                spent.pop(hit.resource, None)
            continue
        further = _applied(hit, changes, costs, judge)
        found = _Difference(None, "") if isinstance(further, Unknown) else _difference(payers, changes, further, costs)
        steps[hit] = min(max(found.usd or 0.0, 0.0), max(rest, 0.0))
        if isinstance(further, Changes) and (steps[hit] > 0 or (found.none and alone[hit].no_difference)):
            changes = further
    return steps


def _scheduled(saving: Saving, costs: Costs, changes: Changes) -> tuple[float, Changes]:
    """What a stated saving by running less is after *changes*, and these with the payers run for as many hours less:
    what is mended later is worth less in the hours that are left.
    """
    before = math.fsum(costs.of(one).hourly_usd for one in saving.payers)
    now = {one: costs.of(one, changes).hourly_usd for one in saving.payers}
    rest = math.fsum(now.values())
    if before <= 0 or rest <= 0:
        return 0.0, changes
    step = min((saving.alone or 0.0) * min(rest / before, 1.0), rest)
    left = 1 - step / rest
    hours = {one: changes.hours_per_week.get(one, HOURS_PER_WEEK) * left for one, usd in now.items() if usd > 0}
    return step, replace(changes, hours_per_week={**changes.hours_per_week, **hours})


def _stated_step(hit: Hit, saving: Saving, costs: Costs, changes: Changes, spent: Mapping[Resource, float]) -> float:
    """What is left of a stated saving: in proportion to what its payers cost by now; where it is a part of `cost()`,
    to what is left of that.
    """
    share = SHARE_OF_COST.match(hit.active.rule.saving or "")
    payers = (hit.resource,) if share else saving.payers
    before = math.fsum(costs.of(one).monthly_usd or 0.0 for one in payers)
    now = math.fsum(costs.of(one, changes).monthly_usd or 0.0 for one in payers)
    now -= spent.get(hit.resource, 0.0) if share else 0.0
    return (saving.alone or 0.0) * (min(max(now, 0.0) / before, 1.0) if before > 0 else 1.0)


def _applied(hit: Hit, changes: Changes, costs: Costs, judge: Judge) -> Changes | Unknown:
    """*changes* with the better configuration of a hit on top, or why that cannot be told."""
    better = hit.active.rule.better
    assert better is not None
    world = costs.world.with_changes(changes.values)
    resource = world.now(hit.resource)
    values: Any = resource.values
    shown = {**hit.better, **dict.fromkeys(hit.unset)}
    wanted = shown if changes is AS_WRITTEN else judge.better(hit, world)
    for route, now in wanted.items():
        # What the finding proposes, as long as nothing else has changed that argument.
        kept = route in shown and walk(resource.values, route) == walk(hit.resource.values, route)
        value = shown[route] if kept else now
        if isinstance(value, Unknown):
            return value
        values = _with(values, route, value)
    if better.remove and hit.item_route:
        values = _without(values, hit.item_route)
    removed = changes.removed | {hit.resource} if better.remove and not hit.item_route else changes.removed
    hours = dict(changes.hours_per_week)
    if better.hours_per_week is not None:
        hours[hit.resource] = better.hours_per_week
    changed = {**changes.values, hit.resource: replace(resource, values=values)}
    return Changes(changed, removed, hours)


def _with(values: Any, route: Route, value: Any) -> Any:
    """*values* with another value at *route*; what is not on the way is shared, not copied."""
    if not route:
        return value
    key, rest = route[0], route[1:]
    if isinstance(values, list) and isinstance(key, int):
        place = place_in(values, key)
        inner = [_with(one, rest, value) if at == place else one for at, one in enumerate(values)]
        return Kept(inner, values.places) if isinstance(values, Kept) else inner
    if isinstance(values, dict):
        return {**values, str(key): _with(values.get(str(key)), rest, value)}
    return {str(key): _with(None, rest, value)} if values is None else values


def _without(values: Any, route: Route) -> Any:
    """*values* without the list item at *route*; the others keep their places in routes and names."""
    *way, last = route
    items = walk(values, tuple(way))
    if not isinstance(items, list) or not isinstance(last, int):
        return _with(values, route, None)
    places = items.places if isinstance(items, Kept) else tuple(range(len(items)))
    kept = [(one, place) for one, place in zip(items, places, strict=True) if place != last]
    return _with(values, tuple(way), Kept([one for one, _ in kept], tuple(place for _, place in kept)))


def _difference(payers: Iterable[Resource], before: Changes, after: Changes, costs: Costs) -> _Difference:
    """What the payers cost less, over the components that differ; unknown where one of those has no price."""
    total: list[float] = []
    shown: list[tuple[Resource, str]] = []
    assumptions: dict[str, None] = {}
    for payer in payers:
        old, new = costs.of(payer, before), costs.of(payer, after)
        pairs = [(a, b) for a, b in _paired(old.components, new.components) if not (a and b and a.equals(b))]
        if pairs and (payer.instances is None or payer.optional):
            return _Difference(None, (old if old.reason else new).reason or f"{payer.address} may not exist")
        if old.status == "no-model":
            return _Difference(None, old.reason or "")
        assumptions.update(dict.fromkeys(old.assumptions if pairs else ()))
        for a, b in pairs:
            if a is not None and b is None and a.usage_based and a.monthly_usd is None:
                continue  # what goes with its use saves that too: at least the rest is known
            for one in (a, b):
                if one is not None and one.monthly_usd is None:
                    wants_usage = one.usage_based and one.price is not None
                    why = f"{payer.address}: {one.name}: {one.reason}"
                    return _Difference(None, why, tuple(assumptions), wants_usage)
            total.append(((a.monthly_usd or 0.0) if a else 0.0) - ((b.monthly_usd or 0.0) if b else 0.0))
            shown.append((payer, _line(a, b)))
    if not shown:
        return _Difference(
            None, "the price does not depend on what changes, or nothing in this root pays for it", none=True
        )
    several = len({payer for payer, _ in shown}) > 1
    lines = [f"{payer.address}: {line}" if several else line for payer, line in shown[:MAX_SHOWN]]
    basis = "; ".join(lines) + (" …" if len(shown) > MAX_SHOWN else "")
    return _Difference(math.fsum(total), basis, tuple(assumptions))


def _paired(old: Sequence[Component], new: Sequence[Component]) -> list[tuple[Component | None, Component | None]]:
    """Components of both sides by name; of equal names the first with the first."""
    left: dict[str, list[Component]] = {}
    for one in new:
        left.setdefault(one.name, []).append(one)
    pairs: list[tuple[Component | None, Component | None]] = []
    for one in old:
        same = left.get(one.name)
        pairs.append((one, same.pop(0) if same else None))
    return [*pairs, *((None, one) for rest in left.values() for one in rest)]


def _line(old: Component | None, new: Component | None) -> str:
    """One component's part of the basis: quantity and unit prices on both sides, region and date."""
    one = old or new
    assert one is not None
    text = one.name + ": "
    if old and new and old.quantity == new.quantity and old.unit == new.unit:
        text += f"{_amount(old.quantity)} {old.unit} × ({_usd(old.price)} - {_usd(new.price)})"
    else:
        text += f"{_side(old)} → {_side(new)}"
    said = [notes(one.price)] if one.price else []
    said += [f"{one.usage} by the {one.given}"] if one.given else []
    return f"{text} ({', '.join(said)})" if said else text


def _side(one: Component | None) -> str:
    return f"{_amount(one.quantity)} {one.unit} × {_usd(one.price)}" if one else "nothing"


def _amount(quantity: float | None) -> str:
    return amount(quantity or 0.0)


def _usd(price: Price | None) -> str:
    return unit_price(price.usd) if price else "$?"
