"""What one evaluation of a rule speaks about: a resource, an item of it, and the root around it."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from copy import copy
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from surplus.expression_text import NO_FIELDS, Fields, parts_of
from surplus.functions.nodes import Nodes
from surplus.model import Kept, Resource, Route, Unknown
from surplus.sources.evaluated import Evaluated
from surplus.sources.kubernetes.clusters import Clusters
from surplus.sources.kubernetes.relations import Relations
from surplus.sources.kubernetes.types import WORKLOADS, pod_route
from surplus.sources.terraform.references import identities
from surplus.sources.terraform.types import known_identity, shape_of

Made = TypeVar("Made")


@dataclass(slots=True)
class Links:
    """The resources of one type by what one attribute names: addresses, texts, or something unknown."""

    by_address: dict[str, list[Resource]] = field(default_factory=lambda: defaultdict(list))
    by_text: dict[str, list[Resource]] = field(default_factory=lambda: defaultdict(list))
    unknown: list[tuple[Resource, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Record:
    """A resource as the expression with these fields reads it, and what was left out of it, and why."""

    fields: Fields
    block: dict[str, Any]
    dropped: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class EnvironmentVerdict:
    """The environment a resource belongs to: its name, what matched, or why that cannot be told."""

    name: str | None = None
    production: bool = True
    via: str | None = None
    unknown: str | None = None


NO_ENVIRONMENT = EnvironmentVerdict()


class Money(Protocol):
    """What functions may ask about money; `None` is a price, cost or quantity that is not known."""

    def price(self, key: str, region: str | None, type_: str = "") -> float | None:
        """USD for one unit of *key* in *region*, for a resource of *type_*."""

    def cost(self, resource: Resource) -> float | None:
        """USD a month of a resource as written."""

    def saved_by_hours(self, resource: Resource, hours_per_week: float) -> float | None:
        """USD a month that a resource costs less when it runs only so many hours of the week."""

    def usage(self, resource: Resource, key: str, assumed: float | None = None) -> float | None:
        """What the usage file says of a resource, else what is *assumed*."""


class World:
    """The resources of one root, indexed once for the functions that look around."""

    def __init__(
        self,
        evaluated: Evaluated,
        environment_of: Callable[[Resource], EnvironmentVerdict] = lambda _: NO_ENVIRONMENT,
    ) -> None:
        """Indexes are made, and environments told, when something first asks for them."""
        self.evaluated = evaluated
        self._environment_of = environment_of
        self._environments: dict[Resource, EnvironmentVerdict] = {}
        self.by_type: dict[str, list[Resource]] = defaultdict(list)
        for resource in evaluated.resources:
            self.by_type[resource.type].append(resource)
        self.money: Money | None = None
        self.nodes = Nodes()
        self.changed: Mapping[Resource, Resource] = {}
        self.read: set[Resource] | None = None
        self.vpcs: dict[Resource, str | Unknown | None] = {}
        self.records: dict[tuple[Resource, int, bool], Record] = {}
        self._indexes: dict[Hashable, Any] = {}

    def with_changes(self, changed: Mapping[Resource, Resource]) -> "World":
        """The same root with other values in some resources; relations stay those of the configuration as written."""
        world = copy(self)
        world.changed = changed
        return world

    def now(self, resource: Resource) -> Resource:
        """The resource with its changed values; a read is noted where someone wants to know."""
        if self.read is not None:
            self.read.add(resource)
        return self.changed.get(resource, resource)

    def environment(self, resource: Resource) -> EnvironmentVerdict:
        """The environment of a resource of this root."""
        found = self._environments.get(resource)
        if found is None:
            found = self._environments[resource] = self._environment_of(resource)
        return found

    def links(self, type_: str, attribute: str) -> Links:
        """What *attribute* (dotted, lists entered) of every resource of *type_* names."""
        return self.index(("links", type_, attribute), lambda world: _links(world.by_type.get(type_, ()), attribute))

    def index(self, key: Hashable, make: "Callable[[World], Made]") -> Made:
        """What *make* finds out of all resources as they are written: once, whoever asks for *key* and under whatever
        changes.
        """
        if key not in self._indexes:
            written = self.with_changes({})
            written.read = None
            self._indexes[key] = make(written)
        found: Made = self._indexes[key]
        return found

    @property
    def referrers(self) -> Mapping[str, set[str]]:
        """The addresses that refer to each address."""
        return self.index("referrers", lambda world: _referrers(world.evaluated.resources))

    @property
    def relations(self) -> Relations:
        """The relations among Kubernetes resources."""
        return self.index("relations", lambda world: Relations(world.evaluated.resources))

    @property
    def clusters(self) -> Clusters:
        """Which Kubernetes resources go into one cluster."""
        return self.index("clusters", _clusters)

    def named(self, value: Any, type_: str | None = None) -> list[Resource]:
        """The resources that a value names, of one type if it is given: by identity, or by one of their known
        identifying arguments, which several may share.
        """
        if isinstance(value, Unknown):
            named = (self.evaluated.by_address.get(address) for address, _ in identities(value.text or ""))
            return next(([one] for one in named if one is not None), [])
        identified = self.index("identity", lambda world: _identified(world.evaluated.resources))
        found = identified.get(value, []) if isinstance(value, str) else []
        return [one for one in found if type_ is None or one.type == type_]


def _referrers(resources: Iterable[Resource]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for resource in resources:
        for address in resource.references:
            found[address].add(resource.address)
    return found


def _identified(resources: Iterable[Resource]) -> dict[str, list[Resource]]:
    """The resources by their known identifying arguments."""
    found: dict[str, list[Resource]] = {}
    for resource in resources:
        shape = shape_of(resource.type)
        for text in known_identity(resource.values, shape) if shape else ():
            found.setdefault(text, []).append(resource)
    return found


def _clusters(world: World) -> Clusters:
    return Clusters(world.evaluated.resources, whole=world.evaluated.root.kind != "manifests")


def _links(resources: Iterable[Resource], attribute: str) -> Links:
    found = Links()
    for resource in resources:
        _index(found, resource, values_at(resource.values, attribute.split(".")))
    return found


def _index(links: Links, resource: Resource, values: Iterator[Any]) -> None:
    for value in values:
        if isinstance(value, Unknown):
            named = [address for address, _ in identities(value.text or "")]
            for form in dict.fromkeys(form for address in named for form in (address, base(address))):
                links.by_address[form].append(resource)
            if value.text is not None:
                links.by_text[value.text].append(resource)
            if not named:
                links.unknown.append((resource, value.reason))
        elif isinstance(value, str):
            links.by_text[value].append(resource)


def identity_values(resource: Resource) -> Iterator[Any]:
    """The values of the arguments that identify a resource, where they are set."""
    shape = shape_of(resource.type)
    for argument in dict.fromkeys(shape.identity.values()) if shape else ():
        value = resource.values.get(argument)
        if value is not None:
            yield value


def name_text(value: Any) -> str:
    """A name as text: a computed one by its symbolic text; "" where it has none."""
    if isinstance(value, Unknown):
        return value.text or ""
    return value if isinstance(value, str) else ""


def values_at(values: Any, path: list[str]) -> Iterator[Any]:
    """Every value at a dotted path, lists on the way entered."""
    if isinstance(values, Unknown):
        yield values
    elif isinstance(values, list):
        for item in values:
            yield from values_at(item, path)
    elif not path:
        if values is not None:
            yield values
    elif isinstance(values, dict):
        yield from values_at(values.get(path[0]), path[1:])


def base(address: str) -> str:
    """An address without its last instance key."""
    return address[: address.rfind("[")] if address.endswith("]") else address


SENSITIVE = "(sensitive)"
"""What messages show for a value that is never printed."""


def masked(resource: Resource, value: Any, route: Route = ()) -> Any:
    """*value*, found at *route* of the resource, with everything sensitive in it replaced."""
    if not resource.sensitive or value is None:
        return value
    if any(route[:end] in resource.sensitive for end in range(len(route) + 1)):
        return SENSITIVE
    if isinstance(value, dict):
        return {key: masked(resource, item, (*route, key)) for key, item in value.items()}
    if isinstance(value, list):
        return [masked(resource, item, (*route, index)) for index, item in enumerate(value)]
    return value


@dataclass(slots=True)
class RuleScope:
    """The scope of one evaluation. `names` gives short names their path; `pod` is the pod spec's route."""

    resource: Resource
    world: World
    parameters: Mapping[str, Any] = field(default_factory=dict)
    names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    item: Any = None
    item_route: Route = ()
    pod: Route = ()
    maybe: str | None = None
    include: bool = False
    hide_sensitive: bool = False
    fields: Fields = field(default_factory=lambda: NO_FIELDS)
    dropped: dict[str, str] = field(default_factory=dict)

    @property
    def values(self) -> dict[str, Any]:
        """The values of the resource, as changed."""
        return self.world.now(self.resource).values

    @property
    def environment(self) -> EnvironmentVerdict:
        """The environment of the resource."""
        return self.world.environment(self.resource)

    def lookup(self, variable: str) -> Any:
        """The value of a dotted variable or of a short name."""
        match variable:
            case "env":
                environment = self.environment
                return Unknown(environment.unknown) if environment.unknown else environment.name
            case "nonprod":
                environment = self.environment
                return Unknown(environment.unknown) if environment.unknown else not environment.production
            case "region":
                return self.resource.region or Unknown("the region is not known")
            case "address":
                return self.resource.address
        path = self.names.get(variable) or parts_of(variable)
        if path[0] == "params":
            return self.parameters.get(path[1])
        found = self._found(path)
        return masked(self.resource, found, self.route(path)) if self.hide_sensitive else found

    def _found(self, path: tuple[str, ...]) -> Any:
        if path[0] == "item":
            return reach(self.item, path[1:], "item")
        if path[0] == "pod":
            return reach(reach(self.values, self.pod, ""), path[1:], "pod")
        if path[0] != "resource":
            return None  # a short name that other targets of the rule have
        return reach(self.values, path[1:], "")

    def route(self, path: tuple[str, ...]) -> Route:
        """Where in the resource a path leads: `item.x` below the item, `pod.x` below the pod spec."""
        start: Route = {"item": self.item_route, "pod": self.pod}.get(path[0], ())
        return (*start, *path[1:])


def reach(value: Any, path: Route, start: str) -> Any:
    """Follow *path*: None where it is unset, unknown where the way leads through a value of the wrong type."""
    for at, key in enumerate(path):
        if value.__class__ is dict:
            value = value.get(key)
        elif value is None or isinstance(value, Unknown):
            return value
        else:
            shown = ".".join(str(part) for part in (start, *path[:at]) if part != "")
            kind = "a list" if isinstance(value, list) else "text" if isinstance(value, str) else "a scalar"
            return Unknown(f"{shown} is {kind}, not a mapping")
    return value


def items_of(values: Any, each: str, pod: Route) -> list[tuple[Route, Any]]:
    """Route and value of each item: `block_device_mappings[*].ebs[*]`. A null in a list counts as absent."""
    found: list[tuple[Route, Any]] = [((), values)]
    for part in each.split("."):
        name, is_list = part.removesuffix("[*]"), part.endswith("[*]")
        keys: Route = pod if name == "pod" and not is_list else (name,)
        further: list[tuple[Route, Any]] = []
        for route, value in found:
            inner = _below(value, keys)
            if not is_list:
                further.append(((*route, *keys), inner))
            elif isinstance(inner, list):
                places = inner.places if isinstance(inner, Kept) else range(len(inner))
                items = zip(places, inner, strict=True)
                further += [((*route, *keys, place), item) for place, item in items if item is not None]
            elif inner is not None:
                reason = inner if isinstance(inner, Unknown) else Unknown(f"{name} is not a list")
                further.append(((*route, *keys), reason))
        found = further
    return found


def _below(value: Any, keys: Route) -> Any:
    for key in keys:
        if value is None or isinstance(value, Unknown):
            return value
        if not isinstance(value, dict):
            return Unknown(f"what should hold {key} is not a mapping")
        value = value.get(key)
    return value


def paths_of(names: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """The paths that short names stand for, in parts."""
    return {name: parts_of(path) for name, path in names.items()}


def pod_of(resource: Resource) -> Route:
    """Where the pod spec of a workload is; the resource itself for anything else."""
    return (pod_route(resource.type) or ()) if resource.type in WORKLOADS else ()
