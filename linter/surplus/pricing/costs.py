"""What resources cost a month, by their cost models and the price book: component by component, or why not."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from surplus.catalog.free import free_types
from surplus.expression_text import HOLE
from surplus.expressions import Environment, Expression
from surplus.functions.scope import RuleScope, World, items_of
from surplus.model import Resource, Route, Unknown
from surplus.pricing.book import HOURS_PER_MONTH, HOURS_PER_WEEK, NoPrice, Price, PriceBook
from surplus.pricing.functions import FUNCTIONS
from surplus.pricing.models import ComponentSpec, CostModel, model_of
from surplus.pricing.usage import Usage
from surplus.sources.kubernetes.types import WORKLOADS, pod_route
from surplus.templates import show_value
from surplus.verdicts import Verdict

MAX_DEPTH = 4
"""How far a component may lead to another resource's: a service to its task, a group to its template."""


@dataclass(frozen=True, slots=True)
class Component:
    """One thing a resource is billed for. `quantity` is what a month takes of the price's unit, for all that one
    entry of the resource stands for; money is USD a month, None with a `reason` where it cannot be told.
    """

    name: str
    unit: str
    quantity: float | None = None
    price: Price | None = None
    reason: str | None = None
    usage_based: bool = False

    @property
    def monthly_usd(self) -> float | None:
        """Quantity times unit price."""
        if self.price is None or self.quantity is None:
            return None
        return self.quantity * self.price.usd

    def times(self, factor: float) -> "Component":
        """The same, *factor* times."""
        quantity = None if self.quantity is None else self.quantity * factor
        return Component(self.name, self.unit, quantity, self.price, self.reason, self.usage_based)

    def equals(self, other: "Component") -> bool:
        """Whether the two bill the same, priced or not: what is equal on both sides of a comparison cancels."""
        return (self.quantity, self.unit, self.price, self.reason) == (
            other.quantity,
            other.unit,
            other.price,
            other.reason,
        )


@dataclass(frozen=True, slots=True)
class ResourceCost:
    """What a resource costs a month. `monthly_usd` is the sum of the priced components, None where none is priced.

    `status` is priced, usage (only usage decides), free (bills nothing by itself), unpriced, or no-model.
    `one_usd` is the price of one where the number is not known.
    """

    resource: Resource
    status: str
    components: tuple[Component, ...] = ()
    monthly_usd: float | None = None
    reason: str | None = None
    assumptions: tuple[str, ...] = ()
    one_usd: float | None = None

    @property
    def unpriced_parts(self) -> int:
        """How many components are not priced, those that only usage decides not counted."""
        return sum(1 for one in self.components if one.monthly_usd is None and not one.usage_based)


@dataclass(frozen=True, slots=True)
class Changes:
    """A configuration improved so far: other values in some resources, some gone, some run for fewer hours."""

    values: Mapping[Resource, Resource] = field(default_factory=dict)
    removed: frozenset[Resource] = frozenset()
    hours_per_week: Mapping[Resource, float] = field(default_factory=dict)


AS_WRITTEN = Changes()


class Compiled:
    """A cost model's expressions, compiled with an environment of their own."""

    def __init__(self, model: CostModel) -> None:
        self.model = model
        self.environment = Environment(FUNCTIONS, model.variables())
        self._expressions: dict[tuple[str, frozenset[str]], Expression] = {}

    def value(self, text: str, scope: RuleScope) -> Verdict:
        """The outcome of one of the model's texts."""
        names = frozenset(scope.names)
        expression = self._expressions.get((text, names))
        if expression is None:
            expression = self._expressions[text, names] = self.environment.compile(text, names)
        verdict = self.environment.evaluate(expression, scope)
        if verdict.kind == "null" or (verdict.kind == "value" and verdict.value is None):
            return Verdict("null", reason=_unset(expression, scope))
        return verdict


def _unset(expression: Expression, scope: RuleScope) -> str:
    """Which of the things that an expression reads is not set."""
    for variable in expression.variables:
        if scope.lookup(variable) is None:
            path = scope.names.get(variable) or tuple(variable.split("."))
            return f"{'.'.join(str(part) for part in path[1:]) or variable} is not set"
    return "what decides it is not set"


_COMPILED: dict[int, Compiled] = {}


def compiled(model: CostModel) -> Compiled:
    """The compiled form of a model, made once for each process."""
    found = _COMPILED.get(id(model))
    if found is None:
        found = _COMPILED[id(model)] = Compiled(model)
    return found


class Costs:
    """The costs of the resources of one root."""

    def __init__(self, world: World, book: PriceBook, usage: Usage | None = None) -> None:
        """Makes itself the root's answer to what functions ask about money."""
        self.world = world
        self.book = book
        self._usage = usage or Usage()
        self._known: dict[Resource, ResourceCost] = {}
        self._payers: dict[Resource, list[Resource]] | None = None
        world.money = self

    def price(self, key: str, region: str | None) -> float | None:
        """USD for one unit, for the function `price`."""
        found = self.book.price(key, region)
        return found.usd if isinstance(found, Price) else None

    def cost(self, resource: Resource) -> float | None:
        """USD a month of a resource as written, for the function `cost`."""
        return self.of(resource).monthly_usd

    def usage(self, resource: Resource, key: str) -> float | None:
        """What the usage file says of a resource, for the function `usage`."""
        return self._usage.quantity(resource, key)

    def of(self, resource: Resource, changes: Changes = AS_WRITTEN) -> ResourceCost:
        """What a resource costs, as written or with *changes*."""
        if changes is not AS_WRITTEN:
            return self._cost(resource, changes)
        found = self._known.get(resource)
        if found is None:
            found = self._known[resource] = self._cost(resource, changes)
        return found

    def all(self) -> list[ResourceCost]:
        """Every resource of the root, in the root's order."""
        return [self.of(resource) for resource in self.world.evaluated.resources]

    def payers(self, resource: Resource) -> list[Resource]:
        """The resources whose cost a change of this one may change: itself, and those whose model read it."""
        if self._payers is None:
            self._payers = {}
            for other in self.world.evaluated.resources:
                model = model_of(other.type)
                if model is not None and model.billed and model.looks_around:
                    for read in self._reads(other):
                        self._payers.setdefault(read, []).append(other)
        return list(dict.fromkeys([resource, *self._payers.get(resource, ())]))

    def _reads(self, resource: Resource) -> Iterable[Resource]:
        """The resources that a resource's cost model reads, in the order of their addresses."""
        self.world.read = set()
        try:
            self._cost(resource, AS_WRITTEN)
            return sorted(self.world.read - {resource}, key=lambda one: one.address)
        finally:
            self.world.read = None

    def _cost(self, resource: Resource, changes: Changes) -> ResourceCost:
        model = model_of(resource.type)
        if resource in changes.removed:
            return ResourceCost(resource, "priced", monthly_usd=0.0)
        if model is None:
            if resource.type in free_types():
                return ResourceCost(resource, "free", monthly_usd=0.0)
            return ResourceCost(resource, "no-model", reason=f"there is no cost model for {resource.type}")
        if not model.billed:
            return ResourceCost(resource, "free", monthly_usd=0.0)
        world = self.world.with_changes(changes.values) if changes is not AS_WRITTEN else self.world
        share = changes.hours_per_week.get(resource, HOURS_PER_WEEK) / HOURS_PER_WEEK
        components = tuple(self._components(resource, model, world, share, changes))
        return _summed(resource, components, model.assumptions)

    def _components(
        self, resource: Resource, model: CostModel, world: World, share: float, changes: Changes, depth: int = 0
    ) -> Iterator[Component]:
        how = compiled(model)
        region = _region(how, resource, world)
        for spec in model.components:
            for at, scope in _scopes(spec, resource, world):
                name = f"{spec.name} {at + 1}" if at else spec.name
                if isinstance(scope, Unknown):
                    yield Component(name, spec.unit, reason=scope.reason)
                    continue
                billed = how.value(spec.when, scope) if spec.when else None
                if billed is not None and billed.kind in ("unknown", "broken"):
                    yield Component(name, spec.unit, reason=billed.reason)
                elif billed is None or billed.value is True:
                    if spec.of is None:
                        yield self._component(name, spec, how, scope, region, share)
                    elif depth < MAX_DEPTH:
                        yield from self._others(name, spec, how, scope, share, changes, depth)

    def _component(
        self, name: str, spec: ComponentSpec, how: Compiled, scope: RuleScope, region: str | None, share: float
    ) -> Component:
        quantity, reason = _number(how, spec.quantity, scope)
        if spec.usage is not None:
            given = self._usage.quantity(scope.resource, spec.usage)
            if given is None:
                reason = f"it depends on use; a usage file may give {spec.usage}"
                quantity = None
            elif quantity is not None:
                quantity *= given
        key = _key(how, spec.price, scope)
        price = NoPrice(key.reason) if isinstance(key, Unknown) else self.book.price(key, region)
        if isinstance(price, NoPrice):
            return Component(name, spec.unit, quantity, None, reason or price.reason, spec.usage is not None)
        if price.unit != spec.unit:
            reason = f"{price.key} is sold by the {price.unit}, not by the {spec.unit}"
            return Component(name, spec.unit, quantity, None, reason)
        if price.hourly and quantity is not None and spec.usage is None:
            quantity *= HOURS_PER_MONTH * share
        return Component(name, price.unit, quantity, price, reason, spec.usage is not None)

    def _others(
        self,
        name: str,
        spec: ComponentSpec,
        how: Compiled,
        scope: RuleScope,
        share: float,
        changes: Changes,
        depth: int,
    ) -> Iterator[Component]:
        """The components of the resource that a component leads to, as many times as it says."""
        assert spec.of is not None
        verdict = how.value(spec.of, scope)
        address = verdict.value.get("address") if isinstance(verdict.value, dict) else None
        other = self.world.evaluated.by_address.get(address) if isinstance(address, str) else None
        model = model_of(other.type) if other is not None else None
        times, reason = _number(how, spec.quantity, scope)
        if other is None or model is None:
            yield Component(name, spec.unit, reason=verdict.reason or reason or "what it refers to is not in this root")
            return
        if other in changes.removed:
            return
        for one in self._components(other, model, scope.world, share, changes, depth + 1):
            if times is None:
                yield Component(one.name, one.unit, None, one.price, reason, one.usage_based)
            else:
                yield one.times(times)


def _summed(resource: Resource, components: tuple[Component, ...], assumptions: Sequence[str]) -> ResourceCost:
    priced = [one.monthly_usd for one in components if one.monthly_usd is not None]
    total = math.fsum(priced) if priced else None
    several = resource.instances is None or resource.optional
    if several and total is not None:
        reason = f"how many there are of {resource.address} is not known; one costs ${total:,.2f}/mo"
        return ResourceCost(resource, "unpriced", components, None, reason, tuple(assumptions), one_usd=total)
    if total is not None or not components:
        return ResourceCost(resource, "priced", components, total or 0.0, None, tuple(assumptions))
    missing = [one for one in components if not one.usage_based]
    why = (missing or components)[0].reason
    return ResourceCost(resource, "unpriced" if missing else "usage", components, None, why, tuple(assumptions))


def _scopes(spec: ComponentSpec, resource: Resource, world: World) -> Iterator[tuple[int, RuleScope | Unknown]]:
    pod = (pod_route(resource.type) or ()) if resource.type in WORKLOADS else ()
    names = {name: tuple(path.split(".")) for name, path in spec.names.items()}

    def scope(item: Any, route: Route) -> RuleScope:
        return RuleScope(resource, world, {}, names, item, route, pod)

    if spec.each is None:
        yield 0, scope(None, ())
        return
    for at, (route, item) in enumerate(items_of(world.now(resource).values, spec.each, pod)):
        yield at, item if isinstance(item, Unknown) else scope(item, route)


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


MAX_QUANTITY = 1e12
"""More of anything is a mistake in the configuration."""


def _key(how: Compiled, text: str, scope: RuleScope) -> str | Unknown:
    """The price key with its holes filled, or why it is not known."""
    pieces = HOLE.split(text)
    for at in range(1, len(pieces), 2):
        verdict = how.value(pieces[at], scope)
        if verdict.kind != "value":
            return Unknown(verdict.reason)
        pieces[at] = show_value(verdict.value)
    return "".join(pieces)


def _region(how: Compiled, resource: Resource, world: World) -> str | None:
    """The region whose prices count: the model's, else the resource's."""
    if how.model.region is None:
        return resource.region
    verdict = how.value(how.model.region, RuleScope(resource, world))
    return verdict.value if verdict.kind == "value" and isinstance(verdict.value, str) else None
