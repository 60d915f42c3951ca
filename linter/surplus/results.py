"""What a run finds, as data: findings with their fixes, what was undecided, the whole result."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from surplus.definitions import Rule
from surplus.model import Cause, Location, Problem, Resource, Root, Route, Severity


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
    """One hit of a rule on a resource, with all that reporters say of it. Money is USD a month, None unknown.

    `rendered_from` is the template that the resource says it was rendered from; places are those of the rendered text.
    """

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
    rendered_from: str | None = None


@dataclass(frozen=True, slots=True, order=True)
class Undecided:
    """A rule that could not be judged on a resource, and the value that was missing."""

    location: Location
    rule: str
    resource: str
    reason: str


@dataclass(frozen=True, slots=True)
class PricesUsed:
    """The newest and the oldest date of the prices that a run used, the regions that it lacked prices for, and the
    usage profile that was assumed.
    """

    as_of: str | None = None
    oldest: str | None = None
    missing_regions: tuple[str, ...] = ()
    usage_profile: str | None = None


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
