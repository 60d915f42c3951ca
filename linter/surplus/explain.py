"""Where a value of a resource comes from: the chain of places to the literal that sets it, or why it is unknown."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from surplus.findings import without_keys
from surplus.market import Market
from surplus.model import ConfigError, Resource, Root, Route, Trace
from surplus.pricing.costs import ResourceCost
from surplus.scan import Options, lines_of, scan, secrets_of

STEP = re.compile(r'\.?([^.\[\]"]+)|\[(\d+)\]|\["((?:[^"\\]|\\.)*)"\]')


@dataclass(frozen=True, slots=True)
class Explanation:
    """One value of one resource. Without a route it is the resource itself with its `cost`, and `trace` its block."""

    root: Root
    resource: Resource
    route: Route
    value: Any
    trace: Trace
    defaulted: bool = False
    cost: ResourceCost | None = None


@dataclass(frozen=True, slots=True)
class Explained:
    """What an address means, once for each root that has it; `lines` are those of the files that are shown."""

    explanations: tuple[Explanation, ...]
    lines: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def explain(options: Options, target: str) -> Explained:
    """Explain `ADDRESS` or `ADDRESS.attribute`; raises `ConfigError` where nothing selected has that address."""
    scanned = scan(options)
    market = Market(options, scanned)
    found: list[Explanation] = []
    known: list[Resource] = []
    for evaluated in scanned.roots:
        known += evaluated.resources
        for resource, route in _meant(evaluated.resources, target):
            value = _at(resource.values, route)
            trace = evaluated.trace(resource, route)
            policy = scanned.configuration.governing(evaluated.root.path).policy
            cost = None if route else market.costs(evaluated, policy).of(resource)
            found.append(Explanation(evaluated.root, resource, route, value, trace, route in resource.defaulted, cost))
    if not found:
        raise ConfigError(f"{target}: {_advice(target, known)}")
    places = [place for one in found for place in (one.trace.location, *(step.location for step in one.trace.causes))]
    return Explained(tuple(found), lines_of(scanned.tree, places, secrets_of(scanned.roots)))


def _meant(resources: tuple[Resource, ...], target: str) -> Iterator[tuple[Resource, Route]]:
    """The resources whose address begins *target*, the longest address; without instance keys the first instance."""
    exact = [one for one in resources if _begins(one.address, target)]
    longest = max((len(one.address) for one in exact), default=0)
    if longest:
        yield from ((one, _route(target[longest:])) for one in exact if len(one.address) == longest)
        return
    for one in resources:
        address = without_keys(one.address)
        if _begins(address, target):
            yield one, _route(target[len(address) :])
            return


def _begins(address: str, target: str) -> bool:
    return target.startswith(address) and (len(target) == len(address) or target[len(address)] in ".[")


def _route(text: str) -> Route:
    """Keys and indexes of `.root_block_device[0].volume_type`; `.0.` is an index too."""
    return tuple(
        int(match[2] or match[1]) if match[2] or (match[1] or "").isdigit() else match[1] or match[3]
        for match in STEP.finditer(text)
    )


def _at(values: Any, route: Route) -> Any:
    for key in route:
        if isinstance(values, dict):
            values = values.get(str(key))
        elif isinstance(values, list):
            values = values[key] if isinstance(key, int) and key < len(values) else None
        else:
            return values
    return values


def _advice(target: str, resources: list[Resource]) -> str:
    import difflib

    near = difflib.get_close_matches(target, {one.address for one in resources}, n=1)
    hint = f"; did you mean {near[0]}?" if near else "; `surplus inspect` lists the addresses"
    return f"no resource has this address{hint}"
