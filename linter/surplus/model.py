"""The data types that every layer shares. This module imports nothing of ours.

Text positions are 1-based, count Unicode code points, and a span's end is exclusive.
"""

from collections.abc import Iterator, Mapping
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
    among them, where only an unknown condition decides between a few scalars; else it is empty.
    """

    reason: str
    text: str | None = None
    nullable: bool = True
    choices: tuple[str | int | float | bool | None, ...] = field(default=(), kw_only=True)


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
    arguments whose changes its lifecycle leaves to somebody else; "*" stands for all.
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


def walk(values: Any, route: Route) -> Any:
    """Follow *route*: None where anything on the way is unset, the `Unknown` where one is met."""
    for key in route:
        if isinstance(values, Unknown):
            return values
        if isinstance(values, dict):
            values = values.get(key)
        elif isinstance(values, list) and isinstance(key, int):
            values = values[key] if 0 <= key < len(values) else None
        else:
            return None
    return values


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


@dataclass(frozen=True, slots=True)
class Parameter:
    """A number, text or flag of a rule that a policy may set. `type` is integer, number, string or boolean."""

    type: str
    default: Any
    description: str
    minimum: float | None = None
    maximum: float | None = None


@dataclass(frozen=True, slots=True)
class Target:
    """What a rule looks at: resource types, the list whose items it judges one by one, and short names.

    `each` is a dotted path with `[*]` after each list; `names` gives paths as CEL writes them short names.
    `fix` is said where the better configuration goes otherwise here than elsewhere.
    """

    resources: tuple[str, ...]
    each: str | None = None
    names: Mapping[str, str] = field(default_factory=dict)
    fix: "FixSpec | None" = None


@dataclass(frozen=True, slots=True)
class Better:
    """The configuration a rule proposes: values to set, attributes to leave out, or the whole removed."""

    set: Mapping[str, Any] = field(default_factory=dict)
    unset: tuple[str, ...] = ()
    remove: bool = False
    hours_per_week: float | None = None
    add: str | None = None


@dataclass(frozen=True, slots=True)
class FixSpec:
    """How applying `better` would go: `impact` is in-place, restart, replace or move-data."""

    safe: bool
    impact: str


@dataclass(frozen=True, slots=True)
class Docs:
    """The text of a rule's page."""

    why: str
    how_to_fix: str
    ignore_when: str = ""
    references: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Example:
    """Configuration with the findings it must give: none for a `pass`. `line` is its place in the rule file."""

    name: str
    fails: bool
    files: Mapping[str, str]
    line: int
    findings: tuple[Mapping[str, Any], ...] = ()
    fixed: Mapping[str, str] = field(default_factory=dict)
    undecided: bool | None = None
    environment: str | None = None
    region: str | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict)
    usage: Mapping[str, Mapping[str, float]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    """What to look for, as its file says it."""

    id: str
    title: str
    severity: Severity
    confidence: str
    category: str
    since: str
    targets: tuple[Target, ...]
    when: str
    message: str
    at: str | None
    lever: str
    docs: Docs
    path: str
    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    better: Better | None = None
    saving: str | None = None
    only_if_cheaper: bool = False
    fix: FixSpec | None = None
    conflicts: tuple[str, ...] = ()
    examples: tuple[Example, ...] = ()
    places: Mapping[Route, Span] = field(default_factory=dict)

    def place(self, *route: str | int) -> str:
        """`path:line:column` of a part of the rule file, for messages."""
        span = next(
            (self.places[route[:end]] for end in range(len(route), -1, -1) if route[:end] in self.places),
            None,
        )
        return f"{self.path}:{span.line}:{span.column}" if span else self.path


@dataclass(frozen=True, slots=True)
class RuleSetting:
    """What a policy says of a rule; None leaves what was said before."""

    enabled: bool | None = None
    severity: Severity | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict)
    ignorable: bool | None = None


@dataclass(frozen=True, slots=True)
class EnvironmentMatch:
    """How an environment is recognised. `production` is its class; the first environment that matches wins."""

    name: str
    production: bool
    paths: tuple[str, ...] = ()
    var_files: tuple[str, ...] = ()
    values_files: tuple[str, ...] = ()
    workspaces: tuple[str, ...] = ()
    tags: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    namespaces: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PolicyScope:
    """Rule settings that hold below some paths only."""

    paths: tuple[str, ...]
    rules: tuple[tuple[str, RuleSetting], ...]


@dataclass(frozen=True, slots=True)
class PriceSettings:
    """What a policy says of prices: shares taken off by cloud or service, a file of overrides, the region by cloud
    where a resource's is not known, USD per vCPU-hour and GiB-hour of a Kubernetes node, a usage file.
    """

    discounts: Mapping[str, float] = field(default_factory=dict)
    overrides: str | None = None
    regions: Mapping[str, str] = field(default_factory=dict)
    vcpu_hour: float | None = None
    gib_hour: float | None = None
    usage_file: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Policy:
    """Which rules, how strict, with which parameters, where; `rules` are globs in the order they apply."""

    name: str
    title: str
    path: str
    description: str = ""
    fail_on: str | None = None
    rules: tuple[tuple[str, RuleSetting], ...] = ()
    environments: tuple[EnvironmentMatch, ...] = ()
    scopes: tuple[PolicyScope, ...] = ()
    rule_paths: tuple[str, ...] = ()
    prices: PriceSettings = field(default_factory=PriceSettings)
    owners: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class ActiveRule:
    """A rule as a policy tunes it."""

    rule: Rule
    severity: Severity
    parameters: Mapping[str, Any]
    ignorable: bool = True


@dataclass(frozen=True, slots=True, order=True)
class Edit:
    """Text to put in place of a span (an empty span inserts)."""

    location: Location
    text: str


@dataclass(frozen=True, slots=True)
class Fix:
    """How a finding is mended; `edits` is empty where only a person can write them. `hint` is one line."""

    safe: bool
    impact: str
    hint: str
    edits: tuple[Edit, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Finding:
    """One hit of a rule on a resource, with all that reporters say of it. Money is USD a month, None unknown."""

    rule: Rule
    severity: Severity
    message: str
    source: str
    resource: str
    resource_type: str
    root: Root
    route: Route
    location: Location
    related: tuple[tuple[Location, str], ...] = ()
    cause: tuple[Cause, ...] = ()
    addresses: tuple[str, ...] = ()
    instances: int | None = 1
    monthly_saving_usd: float | None = None
    saving_alone_usd: float | None = None
    saving_basis: str | None = None
    assumptions: tuple[str, ...] = ()
    shared_with: tuple[str, ...] = ()
    fix: Fix | None = None
    owner: str | None = None
    owner_via: str | None = None
    environment: str | None = None
    environment_via: str | None = None
    fingerprint: str = ""
    help_url: str = ""
    ignorable: bool = True
    may_fail: bool = True


@dataclass(frozen=True, slots=True, order=True)
class Undecided:
    """A rule that could not be judged on a resource, and the value that was missing."""

    location: Location
    rule: str
    resource: str
    reason: str


@dataclass(frozen=True, slots=True)
class PricesUsed:
    """The newest and the oldest date of the prices that a run used, and the regions that it lacked prices for."""

    as_of: str | None = None
    oldest: str | None = None
    missing_regions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class RunResult:
    """Everything a run found. `text_of` gives the lines of a scanned file, for code frames."""

    findings: tuple[Finding, ...]
    undecided: tuple[Undecided, ...]
    problems: tuple[Problem, ...]
    resources: tuple[tuple[Root, Resource], ...]
    roots: tuple[Root, ...]
    files: int
    fail_on: str
    suppressed: tuple[Finding, ...] = ()
    baselined: tuple[Finding, ...] = ()
    prices: PricesUsed | None = None
    lines: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
