"""Prices configurations in memory, for the tests of costs and savings."""

from collections.abc import Mapping

from surplus.definitions import ActiveRule, Rule
from surplus.engine import Judge
from surplus.findings import findings_of
from surplus.functions.scope import World
from surplus.pricing.book import PriceBook
from surplus.pricing.costs import Costs, ResourceCost
from surplus.pricing.usage import Usage
from surplus.results import Finding
from surplus.roots import evaluate_files
from surplus.savings import savings_of


def costs_of(
    texts: Mapping[str, str] | str,
    book: PriceBook | None = None,
    usage: Mapping[str, Mapping[str, float]] | None = None,
    region: str = "us-east-1",
    profile: str | None = None,
) -> Costs:
    """The costs of the only root of some files; one text is its `main.tf`."""
    files = {"main.tf": texts} if isinstance(texts, str) else texts
    (root,) = evaluate_files(files, region)
    return Costs(World(root), book or PriceBook(), Usage(entries=usage or {}, profile=profile))


def cost_of(costs: Costs, address: str) -> ResourceCost:
    """The cost of the resource at an address."""
    return costs.of(costs.world.evaluated.by_address[address])


def findings(costs: Costs, *rules: Rule, parameters: Mapping[str, float] | None = None) -> list[Finding]:
    """What the rules find in a root, with savings, in the order of places."""
    judge = Judge(rules)
    active = [
        ActiveRule(one, one.severity, {**{n: p.default for n, p in one.parameters.items()}, **(parameters or {})})
        for one in rules
    ]
    outcome = judge.judge(costs.world, active)
    assert [problem for problem in outcome.problems if not problem.note] == []
    return findings_of(costs.world.evaluated, savings_of(outcome.hits, costs, judge))
