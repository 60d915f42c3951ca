"""Every shipped rule. What a rule file may hold is tested with `rules.py` itself."""

from dataclasses import replace
from pathlib import Path

import pytest

from support import REPOSITORY
from surplus.definitions import Example, Rule
from surplus.engine import Judge
from surplus.examples import judge_files, run
from surplus.policies import active_rules, read_policy, shipped, shipped_names
from surplus.rules import bundled_rules, read_rule, source_of

FILES = sorted((REPOSITORY / "rules").rglob("*.yaml"))
RULES = bundled_rules()
EXAMPLES = [(one, example) for one in RULES.values() for example in one.examples]
JUDGE = Judge(list(RULES.values()))


def test_there_is_one_rule_for_each_file() -> None:
    assert sorted(path.stem for path in FILES) == sorted(RULES)
    assert len(FILES) >= 14


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_file_is_valid(path: Path) -> None:
    rule = read_rule(path.read_text("utf-8"), path.as_posix(), check=True)
    assert JUDGE.compiled(RULES[rule.id])


@pytest.mark.parametrize(("one", "example"), EXAMPLES, ids=[f"{one.id}:{example.line}" for one, example in EXAMPLES])
def test_the_example_gives_what_it_says(one: Rule, example: Example) -> None:
    assert run(one, example, JUDGE).faults == ()


@pytest.mark.parametrize("one", RULES.values(), ids=list(RULES))
def test_there_are_enough_examples(one: Rule) -> None:
    assert sum(example.fails for example in one.examples) >= 2
    assert sum(not example.fails for example in one.examples) >= 3
    assert any(example.undecided for example in one.examples), "one example with `undecided: true`"
    assert len({example.name for example in one.examples}) == len(one.examples)


@pytest.mark.parametrize("one", RULES.values(), ids=list(RULES))
def test_every_resource_type_of_a_rule_is_in_a_failing_example(one: Rule) -> None:
    for target in one.targets:
        alone = replace(one, targets=(target,))
        failing = [judge_files(alone, example, example.files, JUDGE) for example in one.examples if example.fails]
        found = {finding.resource_type for judged in failing for finding in judged.findings}
        missing = sorted(set(target.resources) - found)
        assert not missing, f"no failing example has a finding at {', '.join(missing)} ({target.each or 'itself'})"


@pytest.mark.parametrize("one", RULES.values(), ids=list(RULES))
def test_where_the_file_lies(one: Rule) -> None:
    folder = one.path.removesuffix(f"/{one.id}.yaml")
    source = source_of({"resources": one.targets[0].resources})
    assert folder.startswith(f"rules/{source}")
    if source == "terraform":
        assert folder == f"rules/terraform/{one.id.split('-')[0]}"
    assert all(target.resources[0].islower() == one.targets[0].resources[0].islower() for target in one.targets)


@pytest.mark.parametrize("one", RULES.values(), ids=list(RULES))
def test_a_page_is_worth_reading(one: Rule) -> None:
    assert one.docs.references and all(link.startswith("https://") for link in one.docs.references)
    assert not one.title.endswith(".") and not one.message.endswith(".")
    assert "$" not in one.docs.why + one.docs.how_to_fix + one.message, "a rule's text never contains a price"
    assert len(set(one.conflicts)) == len(one.conflicts)


def test_every_rule_is_in_a_policy_and_every_policy_loads() -> None:
    active: set[str] = set()
    for name in shipped_names():
        found = shipped(name)
        assert found is not None
        policy = read_policy(found[1], found[0], lambda _: "")
        assert policy.name == name and policy.title
        active.update(one.rule.id for one in active_rules(policy, RULES))
    assert set(RULES) - active == set()
