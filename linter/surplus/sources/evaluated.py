"""What a source makes of a root: its resources, and how a route of one is turned into a place."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from surplus.model import Problem, Resource, Root, Route, Trace
from surplus.results import Edit


@dataclass(frozen=True, slots=True, eq=False)
class Evaluated:
    """One evaluated root.

    `trace` turns a route of a resource into its place and causes. `open_because` tells why resources
    elsewhere may refer to a resource (None where the root is all there is). `edit` gives the edit that sets a
    value (None: leaves it out) where it is local, else None. `item_key` names what tells the items of the list
    at a route apart. `files` were read. `mentioned` tells whether anything in the root mentions a resource,
    `read_from` gives the arguments of the data source that an attribute is read from. `default_behind` names a
    variable whose default has a part in the values at some routes, or in how many there are of resources of some
    types (None: of any), "" without. `secrets` are texts never shown.
    `literal` tells whether a value is written where it is, not taken from elsewhere or chosen by a condition.
    `spelled` is how the source names the argument at a route. `read_for` are the files whose text the values of the
    resource at an address are made from, `templates` the files that the root fills in. `elsewhere` are resources that
    another root judges: here they only stand in relation to others.
    """

    root: Root
    resources: tuple[Resource, ...]
    problems: tuple[Problem, ...]
    trace: Callable[[Resource, Route], Trace]
    open_because: Callable[[Resource], str | None]
    edit: Callable[[Resource, Route, Any], Edit | None]
    item_key: Callable[[Resource, Route], str | None]
    files: frozenset[str] = frozenset()
    by_address: Mapping[str, Resource] = field(default_factory=dict)
    mentioned: Callable[[Resource], bool] = lambda _: False
    read_from: Callable[[Resource, str], dict[str, Any] | None] = lambda *_: None
    default_behind: Callable[[Resource, Iterable[Route], frozenset[str] | None], str] = lambda *_: ""
    secrets: Callable[[], frozenset[str]] = frozenset
    literal: Callable[[Resource, Route], bool] = lambda *_: True
    spelled: Callable[[Resource, Route], str] = lambda _, route: str(route[-1])
    read_for: Mapping[str, frozenset[str]] = field(default_factory=dict)
    templates: frozenset[str] = frozenset()
    elsewhere: frozenset[Resource] = frozenset()
