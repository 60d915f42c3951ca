"""One resource to the components it is billed for, by its cost model and the price book."""

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from surplus.expression_text import HOLE
from surplus.expressions import Environment, Expression
from surplus.functions import LOOKS_AROUND
from surplus.functions.scope import SENSITIVE, RuleScope, World, items_of, paths_of, pod_of
from surplus.model import Resource, Route, Unknown
from surplus.pricing.book import HOURS_PER_MONTH, HOURS_PER_WEEK, NoPrice, Price, PriceBook
from surplus.pricing.functions import FUNCTIONS
from surplus.pricing.models import ComponentSpec, CostModel, model_of
from surplus.pricing.usage import Usage
from surplus.templates import show_value
from surplus.verdicts import Verdict

MAX_DEPTH = 4
"""How far a component may lead to another resource's: a service to its task, a group to its template."""

MISTAKES = re.compile("did you mean|is not sold in|is no quantity that can be bought|is above ")
"""Reasons that say the configuration itself is wrong."""

MAX_QUANTITY = 1e8
"""More of anything is a mistake in the configuration."""


@dataclass(frozen=True, slots=True)
class Component:
    """One thing a resource is billed for. `quantity` is what a month takes of the price's unit, for all that one
    entry of the resource stands for; money is USD a month, None with a `reason` where it cannot be told. `key` is
    the price's key where that is known, `inputs` what a component without a price was made of, `given` what gave a
    quantity that only use decides.
    """

    name: str
    unit: str
    quantity: float | None = None
    price: Price | None = None
    reason: str | None = None
    usage: str | None = None
    key: str | None = None
    inputs: tuple[str, ...] = ()
    given: str | None = None

    @property
    def usage_based(self) -> bool:
        """Whether only use decides the quantity, which a usage file may give under the key `usage`."""
        return self.usage is not None

    @property
    def mistaken(self) -> bool:
        """Whether it has no price because of what is written: a type that does not exist, an absurd size."""
        return self.monthly_usd is None and MISTAKES.search(self.reason or "") is not None

    @property
    def monthly_usd(self) -> float | None:
        """Quantity times unit price; nothing of what has no price costs nothing."""
        if self.quantity == 0:
            return 0.0
        if self.price is None or self.quantity is None:
            return None
        return self.quantity * self.price.usd

    def times(self, factor: float) -> "Component":
        """The same, *factor* times."""
        quantity = None if self.quantity is None else self.quantity * factor
        return replace(self, quantity=quantity)

    def equals(self, other: "Component") -> bool:
        """Whether the two bill the same, priced or not: what is equal on both sides of a comparison cancels. Two that
        are not known are the same only where they were made of the same.
        """
        known = self.key is not None and self.quantity is not None
        return (self.unit, self.key, self.quantity, self.price) == (
            other.unit,
            other.key,
            other.quantity,
            other.price,
        ) and (known or (self.reason, self.inputs) == (other.reason, other.inputs))


@dataclass(frozen=True, slots=True)
class Bill:
    """What a resource is billed under: its root, the prices, and the share of the week it runs: by `hours_per_week`,
    and by that of the resource that pays for it.

    `region` stands for that of a resource which has none of its own: the payer's.
    """

    world: World
    book: PriceBook
    usage: Usage
    hours_per_week: Mapping[Resource, float] = field(default_factory=dict)
    share: float = 1.0
    region: str | None = None
    depth: int = 0


class Compiled:
    """A cost model's expressions, compiled with an environment of their own."""

    def __init__(self, model: CostModel) -> None:
        self.model = model
        self.environment = Environment(FUNCTIONS, model.variables())
        self._expressions: dict[tuple[str, frozenset[str]], Expression] = {}

    def value(self, text: str, scope: RuleScope) -> Verdict:
        """The outcome of one of the model's texts; what rests on a sensitive value is not told."""
        expression = self._expression(text, scope)
        for variable in expression.variables if scope.resource.sensitive else ():
            if scope.lookup(variable) == SENSITIVE:
                return Verdict("unknown", reason=f"{_path(variable, scope)} is sensitive")
        verdict = self.environment.evaluate(expression, scope)
        if verdict.kind == "null" or (verdict.kind == "value" and verdict.value is None):
            return Verdict("null", reason=_unset(expression, scope))
        if verdict.kind == "broken":
            reason = f"it is written in a way that the cost model does not read ({verdict.reason})"
            return Verdict("unknown", reason=reason)
        if isinstance(verdict.value, str) and SENSITIVE in verdict.value:
            return Verdict("unknown", reason="it is sensitive")
        return verdict

    def inputs(self, spec: ComponentSpec, scope: RuleScope) -> tuple[str, ...]:
        """What a component's texts read, to tell whether it may have changed: its own values, and those that have
        changed of the resources that they lead to.
        """
        texts = [text for text in (spec.quantity, spec.when, spec.of, *HOLE.split(spec.price)[1::2]) if text]
        variables = {name for text in texts for name in self._expression(text, scope).variables}
        read = [repr(scope.lookup(name)) for name in sorted(variables)]
        if scope.world.changed and any(LOOKS_AROUND.search(text) for text in texts):
            read += [repr(scope.world.changed[one].values) for one in self._changed_others(texts, scope)]
        return tuple(read)

    def _changed_others(self, texts: list[str], scope: RuleScope) -> list[Resource]:
        world, before = scope.world, scope.world.read
        world.read = set()
        for text in texts:
            self.value(text, scope)
        others = sorted(world.read - {scope.resource}, key=lambda one: one.address)
        world.read = None if before is None else before | world.read
        return [one for one in others if one in world.changed]

    def _expression(self, text: str, scope: RuleScope) -> Expression:
        names = frozenset(scope.names)
        expression = self._expressions.get((text, names))
        if expression is None:
            expression = self._expressions[text, names] = self.environment.compile(text, names)
        return expression


def _path(variable: str, scope: RuleScope) -> str:
    path = scope.names.get(variable) or tuple(variable.split("."))
    return ".".join(str(part) for part in path[1:]) or variable


def _unset(expression: Expression, scope: RuleScope) -> str:
    """Which of the things that an expression reads is not set."""
    for variable in expression.variables:
        if scope.lookup(variable) is None:
            return f"{_path(variable, scope)} is not set"
    return "what decides it is not set"


@cache
def compiled(model: CostModel) -> Compiled:
    """The compiled form of a model, made once for each process."""
    return Compiled(model)


def components_of(resource: Resource, model: CostModel, bill: Bill) -> Iterator[Component]:
    """What *resource* is billed for; a component that cannot be told has a reason in place of a quantity or price."""
    how = compiled(model)
    share = bill.share * bill.hours_per_week.get(resource, HOURS_PER_WEEK) / HOURS_PER_WEEK
    bill = replace(bill, region=_region(how, resource, bill.world) or bill.region, share=share)
    for spec in model.components:
        for at, scope in _scopes(spec, resource, bill.world):
            name = f"{spec.name} {at + 1}" if at else spec.name
            if isinstance(scope, Unknown):
                yield _for(share, Component(name, spec.unit, reason=scope.reason, usage=spec.usage))
                continue
            billed = how.value(spec.when, scope) if spec.when else None
            if billed is not None and billed.kind == "unknown":
                found = Component(name, spec.unit, reason=billed.reason, usage=spec.usage)
                yield _for(share, replace(found, inputs=how.inputs(spec, scope)))
            elif billed is None or billed.value is True:
                if spec.of is None:
                    found = _component(name, spec, how, scope, bill)
                    if found.monthly_usd is None:  # it is billed for sure: what `when` reads makes no difference
                        found = replace(found, inputs=how.inputs(replace(spec, when=None), scope))
                    yield _for(share, found)
                elif bill.depth < MAX_DEPTH:
                    yield from _others(name, spec, how, scope, bill)


def _for(share: float, one: Component) -> Component:
    """A component, such that one without a price does not cancel where it is billed for fewer hours of the week."""
    by_use_or_month = one.usage_based or not (one.unit == "" or one.unit.endswith("hour"))
    if share == 1.0 or one.monthly_usd is not None or by_use_or_month:
        return one
    quantity = None if one.quantity is None else one.quantity * share
    return replace(one, quantity=quantity, inputs=(*one.inputs, f"{share} of the week"))


def _component(name: str, spec: ComponentSpec, how: Compiled, scope: RuleScope, bill: Bill) -> Component:
    quantity, reason = _number(how, spec.quantity, scope)
    origin = None
    if spec.usage is not None:
        given = bill.usage.quantity(scope.resource, spec.usage)
        if given is None:
            quantity, reason = None, f"it depends on use; a usage file may give {spec.usage}"
        elif quantity is not None:
            quantity *= given
            origin = bill.usage.origin(scope.resource, spec.usage)
    key = _key(how, spec.price, scope)
    if isinstance(key, Unknown):
        return Component(name, spec.unit, quantity, None, reason or key.reason, spec.usage)
    price = bill.book.price(key, bill.region)
    if isinstance(price, NoPrice):
        return Component(name, spec.unit, quantity, None, reason or price.reason, spec.usage, key)
    if price.unit != spec.unit:
        reason = f"{price.key} is sold by the {price.unit}, not by the {spec.unit}"
        return Component(name, spec.unit, quantity, None, reason, spec.usage, key)
    if price.hourly and quantity is not None and spec.usage is None:
        quantity *= HOURS_PER_MONTH * bill.share
    return Component(name, price.unit, quantity, price, reason, spec.usage, key, given=origin)


def _others(name: str, spec: ComponentSpec, how: Compiled, scope: RuleScope, bill: Bill) -> Iterator[Component]:
    """The components of the resource that a component leads to, as many times as it says."""
    assert spec.of is not None
    verdict = how.value(spec.of, scope)
    address = verdict.value.get("address") if isinstance(verdict.value, dict) else None
    other = bill.world.evaluated.by_address.get(address) if isinstance(address, str) else None
    model = model_of(other.type) if other is not None else None
    times, reason = _number(how, spec.quantity, scope)
    if other is None or model is None:
        why = verdict.reason or reason or "what it refers to is not in this root"
        yield _for(bill.share, Component(name, spec.unit, reason=why, inputs=how.inputs(spec, scope)))
    else:
        for one in components_of(other, model, replace(bill, depth=bill.depth + 1)):
            yield replace(one, quantity=None, reason=reason) if times is None else one.times(times)


def _scopes(spec: ComponentSpec, resource: Resource, world: World) -> Iterator[tuple[int, RuleScope | Unknown]]:
    pod, names = pod_of(resource), paths_of(spec.names)

    def scope(item: Any, route: Route) -> RuleScope:
        return RuleScope(resource, world, {}, names, item, route, pod, hide_sensitive=True)

    if spec.each is None:
        yield 0, scope(None, ())
        return
    for route, item in items_of(world.now(resource).values, spec.each, pod):
        place = next((part for part in reversed(route) if isinstance(part, int)), 0)
        yield place, item if isinstance(item, Unknown) else scope(item, route)


def _number(how: Compiled, text: str, scope: RuleScope) -> tuple[float | None, str | None]:
    """A quantity, or why there is none."""
    if text == "1.0":
        return 1.0, None
    verdict = how.value(text, scope)
    if verdict.kind != "value":
        return None, verdict.reason
    if isinstance(verdict.value, bool) or not isinstance(verdict.value, int | float):
        return None, f"{show_value(verdict.value)} is not a number"
    value = float(verdict.value)
    if not math.isfinite(value) or value < 0 or value > MAX_QUANTITY:
        return None, f"{show_value(value)} is no quantity that can be bought"
    return value, None


def _key(how: Compiled, text: str, scope: RuleScope) -> str | Unknown:
    """The price key with its holes filled, or why it is not known."""
    pieces = HOLE.split(text)
    for at in range(1, len(pieces), 2):
        verdict = how.value(pieces[at], scope)
        if verdict.kind != "value":
            return Unknown(verdict.reason)
        value = verdict.value
        pieces[at] = str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
    return "".join(pieces)


def _region(how: Compiled, resource: Resource, world: World) -> str | None:
    """The region whose prices count: the model's, else the resource's."""
    if how.model.region is None:
        return resource.region
    verdict = how.value(how.model.region, RuleScope(resource, world))
    return verdict.value if verdict.kind == "value" and isinstance(verdict.value, str) else None
