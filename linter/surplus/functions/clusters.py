"""Functions about what else is in the cluster that a manifest goes into: `beside(kind, paths)`."""

import json
from collections import defaultdict
from collections.abc import Callable
from typing import Any

from surplus.expressions import FunctionTable, Overload, UnknownValueError
from surplus.functions.relations import counts, records
from surplus.functions.scope import RuleScope, World, reach
from surplus.model import Resource, Unknown

MOST = 200
"""How many others are given at most, so that judging a large group stays cheap."""


class Beside:
    """The resources of one kind by their cluster, environment and the values at some paths."""

    def __init__(
        self, world: World, kind: str, paths: tuple[str, ...], fits: Callable[[Resource], bool] = lambda _: True
    ) -> None:
        """Only resources that fit are kept."""
        self._world = world
        self._paths = paths
        self._alike: dict[Any, list[Resource]] = defaultdict(list)
        self.unsure: dict[Any, list[tuple[Resource, str]]] = defaultdict(list)
        for one in sorted(filter(fits, world.by_type.get(kind, ())), key=lambda one: (one.address, one.location)):
            try:
                self._alike[self._key(one)].append(one)
            except UnknownValueError as error:
                self.unsure[self.place(one)].append((one, str(error)))

    def place(self, resource: Resource) -> Any:
        """The cluster and environment of a resource."""
        return self._world.clusters.group(resource), self._world.environment(resource).name

    def alike(self, resource: Resource) -> list[Resource]:
        """Those in the same place with the same values; raises `UnknownValueError` where one of its own is unknown."""
        return self._alike.get(self._key(resource), [])

    def _key(self, resource: Resource) -> Any:
        return self.place(resource), tuple(value_at(resource, path) for path in self._paths)


def beside(scope: RuleScope, kind: str, paths: list[Any] | None = None) -> list[dict[str, Any]]:
    """The other resources of a kind that go into the same cluster and environment and have the same values at all of
    some paths, sorted by address; at most the first 200. A path is dotted, or the name of an annotation, which has
    a slash. What goes into one cluster is told by `sources.kubernetes.clusters`.
    """
    wanted = tuple(str(path) for path in paths or ())
    return others(scope, scope.world.index(("beside", kind, wanted), lambda world: Beside(world, kind, wanted)))


def others(scope: RuleScope, index: Beside) -> list[dict[str, Any]]:
    """The first 200 resources of an index that are alike to this one, itself left out."""
    own, found = scope.resource, []
    for one in index.alike(own):
        if one.address != own.address and counts(scope, one, True):
            found.append(one)
        if len(found) == MOST:
            break
    for one, reason in index.unsure.get(index.place(own), ())[:MOST]:
        if one.address != own.address and counts(scope, one, Unknown(reason)):
            found.append(one)
    return records(scope, sorted(found, key=lambda one: (one.address, one.location)))


def value_at(resource: Resource, path: str) -> str | None:
    """The value at a path as text that equal values share; None where it is unset, raises `UnknownValueError`."""
    route = ("metadata", "annotations", path) if "/" in path else tuple(path.split("."))
    value = reach(resource.values, route, "")
    if isinstance(value, Unknown):
        raise UnknownValueError(value.reason)
    return None if value is None else json.dumps(value, sort_keys=True, default=str)


FUNCTIONS: FunctionTable = {
    "beside": (Overload(("string",), beside), Overload(("string", "list"), beside)),
}
