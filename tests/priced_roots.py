"""Prices configurations in memory, for the tests of costs and savings."""

from collections.abc import Mapping
from dataclasses import replace

from support import rule
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


INSTANCE = """
resource "aws_instance" "i" {{
  count         = {count}
  ami           = "ami-1"
  instance_type = "{type}"
  root_block_device {{
    volume_type = "{volume}"
    volume_size = {size}
  }}
}}
"""


def advice(id_: str, lever: str, better: str, **parts: str) -> Rule:
    """A rule that fires on every instance, with a better configuration."""
    rest = f"better: {better}\n{parts.pop('rest', '')}"
    resources, when = parts.pop("resources", "[aws_instance]"), parts.pop("when", "true")
    found = rule(id_, resources=resources, when=when, rest=rest, **parts)
    return replace(found, lever=lever, only_if_cheaper=lever in ("resize", "reprice"))


DELETE = advice("a-delete", "delete", "{remove: true}")
SCHEDULE = advice("b-schedule", "schedule", "{hours_per_week: 84}")
RESIZE = advice("c-resize", "resize", "{set: {resource.instance_type: '{{ smaller(resource.instance_type) }}'}}")
REPRICE = advice("d-reprice", "reprice", "{set: {resource.instance_type: '{{ newer(resource.instance_type) }}'}}")
ALL = (DELETE, SCHEDULE, RESIZE, REPRICE)


def text(count: int = 1, type_: str = "m4.xlarge", volume: str = "gp2", size: int = 50) -> str:
    """An instance with a root volume."""
    return INSTANCE.format(count=count, type=type_, volume=volume, size=size)
