"""What rule and policy files say, as data."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from surplus.model import Route, Severity, Span

BY_HAND = "by-hand"
"""The impact of what has no fix."""


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

    def impact_of(self, target: Target) -> str:
        """What applying the better configuration of a target does; `by-hand` where there is no fix."""
        fix = target.fix or self.fix
        return fix.impact if fix else BY_HAND


@dataclass(frozen=True, slots=True)
class RuleSetting:
    """What a policy says of a rule; None leaves what was said before. `impact` limits it to what is applied so."""

    enabled: bool | None = None
    impact: str | None = None
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
    where a resource's is not known, USD per vCPU-hour, GiB-hour and GPU-hour of a Kubernetes node, the number of its
    nodes, a usage file and a usage profile.
    """

    discounts: Mapping[str, float] = field(default_factory=dict)
    overrides: str | None = None
    regions: Mapping[str, str] = field(default_factory=dict)
    vcpu_hour: float | None = None
    gib_hour: float | None = None
    gpu_hour: float | None = None
    nodes: float | None = None
    usage_file: str | None = None
    usage_profile: str | None = None


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
    """A rule as a policy tunes it. `severity_said` tells that the policy, not the rule, decides the severity; with
    `impact` only those of its targets are judged whose better configuration is applied so.
    """

    rule: Rule
    severity: Severity
    parameters: Mapping[str, Any]
    ignorable: bool = True
    severity_said: bool = False
    impact: str | None = None

    @property
    def targets(self) -> tuple[Target, ...]:
        """The targets that are judged."""
        if self.impact is None:
            return self.rule.targets
        return tuple(one for one in self.rule.targets if self.rule.impact_of(one) == self.impact)
