"""The data types that every layer shares. This module imports nothing of ours.

Text positions are 1-based, count Unicode code points, and a span's end is exclusive.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

Route = tuple[str | int, ...]
"""Keys and indexes that lead from the top of a resource to one of its values."""


class SurplusError(Exception):
    """Wrong use: the message begins with `path:line:column:` where a place is known. Exit code 2."""


class ConfigError(SurplusError):
    """A wrong option or configuration file."""


class RuleError(SurplusError):
    """A rule file that cannot be used."""


class PolicyError(SurplusError):
    """A policy file that cannot be used."""


class Severity(StrEnum):
    """How much a finding matters; `fail_on` compares by `rank`."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"

    @property
    def rank(self) -> int:
        """3 for an error down to 1 for info."""
        return {"error": 3, "warning": 2, "info": 1}[self.value]

    @property
    def below(self) -> "Severity":
        """One tier down; info is the lowest."""
        return Severity.WARNING if self is Severity.ERROR else Severity.INFO


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A piece of text: 1-based lines and columns, the end exclusive."""

    line: int
    column: int
    end_line: int
    end_column: int


@dataclass(frozen=True, slots=True, order=True)
class Location:
    """A span in a file; the path is relative to the tree's top, with forward slashes."""

    path: str
    span: Span


@dataclass(frozen=True, slots=True)
class Unknown:
    """A value that only a plan or a missing input could tell.

    `text` is set where the value is, or contains, a computed attribute of a resource in the same root:
    `⟨aws_subnet.a[0].id⟩`, or `/aws/lambda/⟨aws_lambda_function.f.arn⟩`. Such a value equals itself.
    `nullable` is False where the value is certainly not null. `choices` are the values it may have, null
    among them, where only an unknown condition decides between a few scalars; else it is empty. `begins` and `ends` are
    what a text certainly begins with and ends in, `entries` are the scalars that a map certainly holds.
    """

    reason: str
    text: str | None = None
    nullable: bool = True
    choices: tuple[str | int | float | bool | None, ...] = field(default=(), kw_only=True)
    begins: str = field(default="", kw_only=True)
    ends: str = field(default="", kw_only=True)
    entries: tuple[tuple[str, Any], ...] = field(default=(), kw_only=True)


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in the scanned input that could not be read or judged; the rest of the scan goes on.

    `note` marks what is left out by design (a chart's templates, a module that is not downloaded).
    """

    message: str
    path: str | None = None
    span: Span | None = None
    rule: str | None = None
    note: bool = False


@dataclass(frozen=True, slots=True)
class Root:
    """What is evaluated together. `path` is the folder, relative to the tree's top ("." for the top).

    `kind` is `terraform` or `manifests`. `variables` are the variable files that were given beside those
    Terraform reads by itself. `key` names the root in fingerprints: it outlives a move where it can.
    """

    path: str
    kind: str
    variables: tuple[str, ...] = ()
    workspace: str | None = None
    library: bool = False
    key: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Resource:
    """One thing declared in a root, with its evaluated values.

    `values` holds None, bool, int, float, str, list, dict and `Unknown`, nested. `defaulted` are the routes
    that are not written and hold the provider's documented default. `instances` is how many of it one entry
    stands for: 1, or None where only a plan could tell; with `optional` it may be none at all. `ignored` are the
    arguments whose changes its lifecycle leaves to somebody else; "*" stands for all. `rendered_from` is the template
    that a renderer says it wrote this from, in the renderer's own words: not a path of the tree.
    """

    source: str
    type: str
    address: str
    location: Location
    values: dict[str, Any]
    defaulted: frozenset[Route] = frozenset()
    sensitive: frozenset[Route] = frozenset()
    references: tuple[str, ...] = ()
    region: str | None = None
    instances: int | None = 1
    optional: bool = False
    ignored: frozenset[str] = frozenset()
    rendered_from: str | None = None


@dataclass(frozen=True, slots=True)
class Cause:
    """One step from a value to the literal that sets it; `text` names it: `var.size`, `prod.tfvars`."""

    location: Location
    text: str


@dataclass(frozen=True, slots=True)
class Trace:
    """Where a value of a resource is written (`location`) and, from there to the literal, what sets it.

    `exact` is False when the value is not written and `location` is its nearest written ancestor.
    """

    location: Location
    causes: tuple[Cause, ...] = ()
    exact: bool = True


class Kept(list[Any]):
    """A list from which items were taken away: `places` are those that the others had, and have in routes."""

    __slots__ = ("places",)

    def __init__(self, items: Iterable[Any], places: tuple[int, ...]) -> None:
        super().__init__(items)
        self.places = places


def place_in(values: list[Any], key: int) -> int:
    """Where the item with the index *key* in routes is; -1 where it is gone."""
    if isinstance(values, Kept):
        return values.places.index(key) if key in values.places else -1
    return key if 0 <= key < len(values) else -1


def walk(values: Any, route: Route) -> Any:
    """Follow *route*: None where anything on the way is unset, the `Unknown` where one is met."""
    for key in route:
        if isinstance(values, Unknown):
            return values
        if isinstance(values, dict):
            values = values.get(key)
        elif isinstance(values, list) and isinstance(key, int):
            place = place_in(values, key)
            values = values[place] if place >= 0 else None
        else:
            return None
    return values


def as_list(value: Any) -> list[Any]:
    """*value* where it is a list, else an empty one."""
    return value if isinstance(value, list) else []


def as_mapping(value: Any) -> dict[str, Any]:
    """*value* where it is a mapping, else an empty one."""
    return value if isinstance(value, dict) else {}


def mappings_in(value: Any) -> list[dict[str, Any]]:
    """The mappings in a list; none where *value* is no list."""
    return [one for one in as_list(value) if isinstance(one, dict)]


def unknowns(values: Any, route: Route = ()) -> Iterator[tuple[Route, Unknown]]:
    """Every `Unknown` in *values* with its route, in the order of the values."""
    if isinstance(values, Unknown):
        yield route, values
    elif isinstance(values, dict):
        for key, value in values.items():
            yield from unknowns(value, (*route, key))
    elif isinstance(values, list):
        for index, value in enumerate(values):
            yield from unknowns(value, (*route, index))
