"""Options to what a command shows: the public Python API."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from surplus.config import Configuration, Governing
from surplus.definitions import ActiveRule, Rule
from surplus.engine import Hit, Judge
from surplus.findings import findings_of, order
from surplus.market import Market
from surplus.model import Location, Problem, Resource, Root
from surplus.owners import Owners
from surplus.pricing.costs import ResourceCost
from surplus.results import Finding, PricesUsed, RunResult, Undecided
from surplus.roots import chosen_problems, chosen_resources
from surplus.rules import bundled_rules
from surplus.savings import savings_of
from surplus.scan import Options, Scan, lines_of, open_tree, problem_order, scan, secrets_of
from surplus.sources.evaluated import Evaluated

__all__ = ["Inventory", "Options", "PricedResource", "check", "cost", "failed", "inspect", "known_rules"]


def check(options: Options) -> RunResult:
    """Run the rules over what the paths select; raises `SurplusError` for wrong use."""
    scanned = scan(options)
    roots = [(one, scanned.configuration.governing(one.root.path)) for one in scanned.roots]
    of_run = scanned.of_run
    rules = _all_rules([of_run, *(governing for _, governing in roots)])
    judge = Judge(rules)
    for rule in rules:
        if bundled_rules().get(rule.id) is not rule:
            judge.compiled(rule)  # a fault in a user's rule is told although nothing of its type is there
    market = Market(options, scanned)
    run = _Run(judge, scanned, market)
    for evaluated, governing in roots:
        run.judge_root(evaluated, governing)
    findings = [one for one in run.findings if not _small(one, options.min_saving)]
    return RunResult(
        findings=tuple(sorted(findings, key=by_money)),
        undecided=tuple(sorted(run.undecided)),
        problems=tuple(sorted({*scanned.problems, *run.problems, *market.problems()}, key=problem_order)),
        resources=tuple(run.resources),
        roots=tuple(evaluated.root for evaluated, _ in roots),
        files=len({path for evaluated, _ in roots for path in evaluated.files}),
        fail_on=options.fail_on or of_run.policy.fail_on or "error",
        lines=lines_of(scanned.tree, _places(findings), secrets_of(scanned.roots)),
        prices=market.used(),
    )


def inspect(options: Options) -> RunResult:
    """Evaluate what the paths select, without rules; raises `SurplusError` for wrong use."""
    scanned = scan(options)
    roots = scanned.roots
    return RunResult(
        findings=(),
        undecided=(),
        problems=tuple(sorted(scanned.all_problems(), key=problem_order)),
        resources=tuple((one.root, each) for one in roots for each in chosen_resources(one, scanned.selection)),
        roots=tuple(one.root for one in roots),
        files=len({path for one in roots for path in one.files}),
        fail_on="never",
    )


@dataclass(frozen=True, slots=True, eq=False)
class PricedResource:
    """A resource of a priced inventory: its root, cost, environment and owner."""

    root: Root
    cost: ResourceCost
    environment: str | None
    owner: str | None


@dataclass(frozen=True, slots=True, eq=False)
class Inventory:
    """What everything that the paths select costs."""

    resources: tuple[PricedResource, ...]
    problems: tuple[Problem, ...]
    prices: PricesUsed


def cost(options: Options) -> Inventory:
    """Price what the paths select; raises `SurplusError` for wrong use."""
    scanned = scan(options)
    market = Market(options, scanned)
    owners = Owners(scanned.tree, scanned.of_run.policy.owners)
    found: list[PricedResource] = []
    for evaluated in scanned.roots:
        policy = scanned.configuration.governing(evaluated.root.path).policy
        costs = market.costs(evaluated, policy)
        for resource in chosen_resources(evaluated, scanned.selection):
            environment = costs.world.environment(resource).name
            found.append(PricedResource(evaluated.root, costs.of(resource), environment, owners.owner(resource)[0]))
    problems = {*scanned.all_problems(), *market.problems(), *_mistakes(found)}
    return Inventory(tuple(found), tuple(sorted(problems, key=problem_order)), market.used())


def _mistakes(resources: Iterable[PricedResource]) -> Iterator[Problem]:
    """What is not priced because it is written wrongly, at the resource's place."""
    for one in resources:
        resource = one.cost.resource
        for part in one.cost.components:
            if part.mistaken:
                message = f"{resource.address}: {part.name}: {part.reason}; it is not priced"
                yield Problem(message, resource.location.path, resource.location.span)


def known_rules(options: Options) -> Mapping[str, Rule]:
    """The shipped rules and those of the policy that governs the run; raises `SurplusError`."""
    tree, _ = open_tree(options)
    return Configuration(tree, options.config, options.isolated).of_run().rules


def _all_rules(governing: Sequence[Governing]) -> list[Rule]:
    rules: dict[str, Rule] = {}
    for one in governing:
        rules.update(one.rules)
    return list(rules.values())


class _Run:
    """Collects what the roots give."""

    def __init__(self, judge: Judge, scanned: Scan, market: Market) -> None:
        self._judge = judge
        self._selection = scanned.selection
        self._market = market
        self._owners = Owners(scanned.tree, scanned.of_run.policy.owners)
        self.findings: list[Finding] = []
        self.undecided: set[Undecided] = set()
        self.problems: set[Problem] = set()
        self._broken: set[tuple[str, str]] = set()
        self.resources: list[tuple[Root, Resource]] = []

    def judge_root(self, evaluated: Evaluated, governing: Governing) -> None:
        """Run the governing policy's rules over one root."""
        policy = governing.policy
        costs = self._market.costs(evaluated, policy)
        shown = chosen_resources(evaluated, self._selection)
        selected = None if shown is evaluated.resources else frozenset(shown)
        hits: list[Hit] = []
        for active, chosen in self._portions(evaluated, governing, selected):
            outcome = self._judge.judge(costs.world, active, chosen, self._broken)
            hits += outcome.hits
            self.undecided.update(outcome.undecided)
            self.problems.update(outcome.problems)
        self.findings += findings_of(evaluated, savings_of(hits, costs, self._judge), self._owners.owner)
        self.problems.update(chosen_problems(evaluated, self._selection))
        self.resources += [(evaluated.root, one) for one in shown]

    @staticmethod
    def _portions(
        evaluated: Evaluated, governing: Governing, selected: frozenset[Resource] | None
    ) -> list[tuple[Sequence[ActiveRule], frozenset[Resource] | None]]:
        """Active rules and the resources they are for: a policy's scopes look at a root's folder, or at the
        file of a loose manifest.
        """
        if evaluated.root.kind != "manifests" or not governing.policy.scopes:
            return [(governing.active(evaluated.root.path), selected)]
        portions: dict[int, tuple[Sequence[ActiveRule], set[Resource]]] = {}
        for one in evaluated.resources if selected is None else selected:
            active = governing.active(one.location.path)
            portions.setdefault(id(active), (active, set()))[1].add(one)
        return [(active, frozenset(chosen)) for active, chosen in portions.values()]


def _places(findings: Sequence[Finding]) -> Iterator[Location]:
    """The places that findings show."""
    for finding in findings:
        yield finding.location
        yield from (location for location, _ in finding.related)


def _small(finding: Finding, min_saving: float | None) -> bool:
    """Whether a finding is known to save less than what is worth a look, be it alone."""
    step, alone = finding.monthly_saving_usd, finding.saving_alone_usd
    return min_saving is not None and step is not None and max(step, alone or 0.0) < min_saving


def by_money(finding: Finding) -> tuple[Any, ...]:
    """The order of findings in every report: the most severe first, then by money, then by place."""
    return (-finding.severity.rank, -(finding.monthly_saving_usd or 0.0), *order(finding))


def failed(result: RunResult) -> bool:
    """Whether a finding is at or above the level that fails the run."""
    levels = {"error": 3, "warning": 2, "info": 1, "never": 4}
    return any(one.may_fail and one.severity.rank >= levels[result.fail_on] for one in result.findings)
