"""What resources cost a month, as written or improved, and which resources pay for which."""

import math
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from surplus.catalog.free import free_types
from surplus.functions.scope import World
from surplus.model import Resource
from surplus.pricing.book import HOURS_PER_WEEK, Price, PriceBook
from surplus.pricing.components import Bill, Component, components_of
from surplus.pricing.models import model_of
from surplus.pricing.usage import Usage
from surplus.sources.kubernetes.types import in_cluster


@dataclass(frozen=True, slots=True)
class ResourceCost:
    """What a resource costs a month. `monthly_usd` is the sum of the priced components, None where none is priced.

    `status` is priced, usage (only usage decides), free (bills nothing by itself, or as it is configured), unpriced, or
    no-model.
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
    def by_the_hour(self) -> tuple[Component, ...]:
        """What is billed by the hours that it runs, and has a price."""
        return tuple(one for one in self.components if one.price and one.price.hourly and one.usage is None)

    @property
    def hourly_usd(self) -> float:
        """USD a month of what is billed by the hours that it runs, as far as it is priced."""
        return math.fsum(one.monthly_usd for one in self.by_the_hour if one.monthly_usd is not None)

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


class Costs:
    """The costs of the resources of one root."""

    def __init__(
        self, world: World, book: PriceBook, usage: Usage | None = None, of_nodes: Callable[[], PriceBook] | None = None
    ) -> None:
        """Makes itself the root's answer to what functions ask about money; `asked` are those whose usage they
        asked for, `assumed` what they took where nothing is given, `priced` the prices that they were given,
        `billed` whose cost they were told, `rested` what runs by the hour of those asked for fewer hours, in
        USD a month by the hours of a week. *of_nodes* gives the book for what runs in a cluster, where that is
        another.
        """
        self.world = world
        self.book = book
        self._of_nodes = of_nodes or (lambda: book)
        self.asked: dict[str, Resource] = {}
        self.priced: dict[str, Price] = {}
        self.assumed: dict[str, float] = {}
        self.billed: dict[Resource, tuple[Component, ...]] = {}
        self.rested: dict[float, float] = {}
        self._usage = usage or Usage()
        self._known: dict[Resource, ResourceCost] = {}
        self._changed: list[tuple[Changes, dict[Resource, ResourceCost]]] = []
        self._payers: dict[Resource, list[Resource]] | None = None
        self._around: dict[Resource, Sequence[Resource]] | None = None
        world.money = self

    def price(self, key: str, region: str | None, type_: str = "") -> float | None:
        """USD for one unit, for the function `price` on a resource of this type."""
        found = self._book_for(type_).price(key, region)
        if not isinstance(found, Price):
            return None
        self.priced[key] = found
        return found.usd

    def _book_for(self, type_: str) -> PriceBook:
        return self._of_nodes() if in_cluster(type_) else self.book

    def cost(self, resource: Resource) -> float | None:
        """USD a month of a resource as written, for the function `cost`."""
        found = self.of(resource)
        if found.monthly_usd is not None:
            self.billed[resource] = found.components
        return found.monthly_usd

    def forget(self) -> None:
        """Starts anew with what was asked for."""
        for told in (self.asked, self.assumed, self.priced, self.billed, self.rested):
            told.clear()

    def saved_by_hours(self, resource: Resource, hours_per_week: float) -> float | None:
        """USD a month that a resource costs less when it runs only so many hours of the week; None without a price."""
        found = self.of(resource)
        if found.monthly_usd is None:
            return None
        self.billed[resource] = found.by_the_hour
        self.rested[hours_per_week] = self.rested.get(hours_per_week, 0.0) + found.hourly_usd
        return found.hourly_usd * (1 - hours_per_week / HOURS_PER_WEEK)

    def usage(self, resource: Resource, key: str, assumed: float | None = None) -> float | None:
        """What the usage file or profile says of a resource, else what is *assumed*, for the function `usage`."""
        self.asked[key] = resource
        found = self._usage.quantity(resource, key)
        if found is None and assumed is not None:
            self.assumed[key] = assumed
            return assumed
        return found

    def usage_origin(self, resource: Resource, key: str) -> str:
        """What gave that quantity, in words."""
        return self._usage.origin(resource, key)

    def of(self, resource: Resource, changes: Changes = AS_WRITTEN) -> ResourceCost:
        """What a resource costs, as written or with *changes*."""
        if changes is not AS_WRITTEN and not self._concerned(resource, changes):
            changes = AS_WRITTEN
        known = self._known if changes is AS_WRITTEN else self._under(changes)
        found = known.get(resource)
        if found is None:
            found = known[resource] = self._cost(resource, changes)
        return found

    def _concerned(self, resource: Resource, changes: Changes) -> bool:
        """Whether *changes* are about a resource or what its cost model reads: else it costs what it did."""
        read = (resource, *self._read_by().get(resource, ()))
        return any(one in changes.values or one in changes.removed or one in changes.hours_per_week for one in read)

    def _under(self, changes: Changes) -> dict[Resource, ResourceCost]:
        """What is known already under *changes*; only the last ones are kept."""
        for held, known in self._changed:
            if held is changes:
                return known
        self._changed = [(changes, {}), *self._changed[:1]]
        return self._changed[0][1]

    def all(self) -> list[ResourceCost]:
        """Every resource of the root, in the root's order."""
        return [self.of(resource) for resource in self.world.evaluated.resources]

    def payers(self, resource: Resource) -> list[Resource]:
        """The resources whose cost a change of this one may change: itself, and those whose model read it."""
        if self._payers is None:
            self._payers = defaultdict(list)
            for other, read in self._read_by().items():
                for one in read:
                    self._payers[one].append(other)
        return list(dict.fromkeys([resource, *self._payers.get(resource, ())]))

    def _read_by(self) -> Mapping[Resource, Sequence[Resource]]:
        """The resources that the cost model of each reads, where it looks around."""
        if self._around is None:
            self._around = {}
            for one in self.world.evaluated.resources:
                model = model_of(one.type)
                if model is not None and model.billed and model.looks_around:
                    self._around[one] = self._reads(one)
        return self._around

    def _reads(self, resource: Resource) -> Sequence[Resource]:
        """The resources that a resource's cost model reads, in the order of their addresses."""
        self.world.read = set()
        try:
            self._known[resource] = self._cost(resource, AS_WRITTEN)
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
        bill = Bill(world, self._book_for(resource.type), self._usage, changes.hours_per_week)
        return _summed(resource, tuple(components_of(resource, model, bill)), model.assumptions)


def _summed(resource: Resource, components: tuple[Component, ...], assumptions: Sequence[str]) -> ResourceCost:
    priced = [one.monthly_usd for one in components if one.monthly_usd is not None]
    total = math.fsum(priced) if priced else None
    several = resource.instances is None or resource.optional
    if several and total is not None:
        reason = f"how many there are of {resource.address} is not known; one costs ${total:,.2f}/mo"
        return ResourceCost(resource, "unpriced", components, None, reason, tuple(assumptions), one_usd=total)
    if not components:
        return ResourceCost(resource, "free", (), 0.0, None, tuple(assumptions))
    if total is not None:
        return ResourceCost(resource, "priced", components, total, None, tuple(assumptions))
    missing = [one for one in components if not one.usage_based]
    why = (missing or components)[0].reason
    return ResourceCost(resource, "unpriced" if missing else "usage", components, None, why, tuple(assumptions))
