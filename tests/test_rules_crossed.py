"""Every rule against the examples that other rules accept: a finding there must be right on its own.

`rules_crossed.txt` holds what is found, read one by one: rule, the rule whose example it is, the example's name.
"""

from collections.abc import Iterator
from functools import cache

from support import REPOSITORY
from surplus.definitions import ActiveRule, Rule
from surplus.engine import Judge
from surplus.examples import environment_for
from surplus.functions.scope import World
from surplus.pricing.book import PriceBook
from surplus.pricing.costs import Costs
from surplus.pricing.usage import Usage
from surplus.roots import evaluate_files
from surplus.rules import bundled_rules
from surplus.savings import savings_of

NOT_SAID = ("k8s-container-no-cpu-request", "k8s-container-no-memory-request")
"""Examples about something else leave requests out, and nearly every one would be found by these."""

GOLDEN = REPOSITORY / "tests" / "rules_crossed.txt"


@cache
def active() -> tuple[ActiveRule, ...]:
    return tuple(
        ActiveRule(rule, rule.severity, {name: one.default for name, one in rule.parameters.items()})
        for rule in bundled_rules().values()
    )


def crossed(owner: Rule, judge: Judge) -> Iterator[str]:
    """What other rules find in the examples that *owner* accepts."""
    for example in owner.examples:
        if example.fails:
            continue
        environment = environment_for(owner, example)
        found = set()
        for evaluated in evaluate_files(example.files, example.region):
            world = World(evaluated, lambda _: environment)  # noqa: B023 - it is asked in this turn only
            costs = Costs(world, PriceBook(), Usage(entries=example.usage))
            outcome = judge.judge(costs.world, active())
            assert [problem.message for problem in outcome.problems if not problem.note] == []
            found |= {hit.active.rule.id for hit in savings_of(outcome.hits, costs, judge)}
        yield from (f"{rule} | {owner.id} | {example.name}" for rule in found - {owner.id, *NOT_SAID})


def test_rules_agree_on_what_is_right() -> None:
    rules = bundled_rules()
    judge = Judge(list(rules.values()))
    found = sorted(line for owner in rules.values() for line in crossed(owner, judge))
    golden = GOLDEN.read_text("utf-8").splitlines() if GOLDEN.exists() else []
    extra, missing = sorted(set(found) - set(golden)), sorted(set(golden) - set(found))
    assert (extra, missing) == ([], []), "read each of these, then write it into the table or mend the rule"
