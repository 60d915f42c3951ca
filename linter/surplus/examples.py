"""Runs the examples of rules: they are tests, documentation, and what `surplus rule ID` shows."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from surplus.definitions import ActiveRule, Example, Rule
from surplus.engine import Judge
from surplus.findings import findings_of, order
from surplus.fixes import apply
from surplus.functions.scope import NO_ENVIRONMENT, EnvironmentVerdict, World
from surplus.model import ConfigError, Problem
from surplus.policies import shipped_policy
from surplus.pricing.book import PriceBook, regions
from surplus.pricing.costs import Costs
from surplus.pricing.nodes import nodes_of, with_nodes
from surplus.pricing.usage import Usage
from surplus.results import Finding, Undecided
from surplus.roots import chosen_resources, evaluate_files
from surplus.rules import bundled_rules, parameter_error, read_rule
from surplus.savings import savings_of
from surplus.selection import Selection
from surplus.trees import named_text

HOME_REGIONS = {"aws": "us-east-1", "azure": "eastus", "gcp": "us-central1"}
"""Where the resources of an example are whose region nothing says, as in manifests."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What a rule made of an example's files."""

    findings: tuple[Finding, ...]
    undecided: tuple[Undecided, ...]
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class ExampleResult:
    """Whether an example gives what it says; `faults` are sentences."""

    rule: Rule
    example: Example
    faults: tuple[str, ...]

    @property
    def passed(self) -> bool:
        """Whether nothing is wrong."""
        return not self.faults


def load(paths: Sequence[str] | None) -> list[Rule]:
    """The rules of files and folders, the shipped ones without; raises `RuleError` or `ConfigError`."""
    if not paths:
        return list(bundled_rules().values())
    found: dict[str, Rule] = {}
    for name in paths:
        path = Path(name)
        files = sorted(path.rglob("*.yaml")) if path.is_dir() else [path]
        for file in files:
            rule = read_rule(named_text(file), file.as_posix())
            if rule.id in found:
                raise ConfigError(f"{rule.place('id')}: there is a rule {rule.id} already, in {found[rule.id].path}")
            found[rule.id] = rule
    if not found:
        raise ConfigError(f"{paths[0]}: holds no rule files")
    return list(found.values())


def run_all(rules: Iterable[Rule]) -> list[ExampleResult]:
    """Run every example of every rule, by rule and line."""
    rules = list(rules)
    judge = Judge(rules)
    return [run(rule, example, judge) for rule in rules for example in rule.examples]


def run(rule: Rule, example: Example, judge: Judge | None = None) -> ExampleResult:
    """Run one example: findings must agree line by line, both ways."""
    judge = judge or Judge([rule])
    judged = judge_files(rule, example, example.files, judge)
    faults = [f"problem: {problem.message}" for problem in judged.problems if not problem.note]
    faults += _parameter_faults(rule, example)
    faults += _compare(example, judged.findings)
    if example.undecided is not None and example.undecided != bool(judged.undecided):
        reasons = ", ".join(sorted({one.reason for one in judged.undecided})) or "nothing"
        faults.append(f"undecided should be {str(example.undecided).lower()}; undecided is {reasons}")
    if example.fixed:
        faults += _compare_fixed(rule, example, judged, judge)
    return ExampleResult(rule, example, tuple(faults))


def judge_files(rule: Rule, example: Example, files: Mapping[str, str], judge: Judge) -> Judged:
    """What *rule* finds in *files*, under the example's environment, region and parameters."""
    defaults = {name: parameter.default for name, parameter in rule.parameters.items()}
    active = ActiveRule(rule, rule.severity, {**defaults, **example.parameters})
    environment = environment_for(rule, example)
    given = example.region or ""
    places = {cloud: given if given in regions(cloud) else home for cloud, home in HOME_REGIONS.items()}
    findings: list[Finding] = []
    undecided: set[Undecided] = set()
    problems: list[Problem] = []
    roots, book = evaluate_files(files, example.region), PriceBook(regions=places)
    nodes = nodes_of(roots, book)
    of_nodes = with_nodes(book, nodes)
    for evaluated in roots:
        world = World(evaluated, lambda _: environment)
        world.nodes = nodes
        costs = Costs(world, book, Usage(entries=example.usage), lambda: of_nodes)
        outcome = judge.judge(costs.world, [active], frozenset(chosen_resources(evaluated, Selection())))
        findings += findings_of(evaluated, savings_of(outcome.hits, costs, judge))
        undecided.update(outcome.undecided)
        problems += [*evaluated.problems, *outcome.problems]
    return Judged(tuple(sorted(findings, key=order)), tuple(sorted(undecided)), tuple(problems))


def environment_for(rule: Rule, example: Example) -> EnvironmentVerdict:
    """The environment an example names: one of the shipped policy's."""
    name = example.environment
    if name is None:
        return NO_ENVIRONMENT
    known = _environments()
    if name not in known:
        place = f"{rule.path}:{example.line}"
        raise ConfigError(f"{place}: the shipped policy has no environment `{name}`; it has {', '.join(known)}")
    return EnvironmentVerdict(name, known[name], "the example says so")


@cache
def _environments() -> Mapping[str, bool]:
    """The environments of the shipped policy: whether each is production."""
    return {one.name: one.production for one in shipped_policy("default").environments}


def _parameter_faults(rule: Rule, example: Example) -> list[str]:
    faults = []
    for name, value in example.parameters.items():
        parameter = rule.parameters.get(name)
        message = parameter_error(parameter, value) if parameter else "does not exist"
        if message:
            faults.append(f"parameter `{name}` {message}")
    return faults


def _compare(example: Example, findings: Sequence[Finding]) -> list[str]:
    only = next(iter(example.files))
    found = [(one.location.path, one.location.span.line) for one in findings]
    wanted = [(str(one.get("file", only)), int(one["line"])) for one in example.findings]
    faults = [f"expected a finding at {path}:{line}" for path, line in wanted if (path, line) not in found]
    faults += [
        f"found at {one.location.path}:{one.location.span.line}, not expected: {one.message}"
        for one, place in zip(findings, found, strict=True)
        if place not in wanted
    ]
    if not faults and len(found) != len(wanted):
        faults.append(f"expected {len(wanted)} findings, found {len(found)}")
    if not faults:
        for one, expected in zip(
            findings,
            sorted(example.findings, key=lambda e: (str(e.get("file", only)), e["line"])),
            strict=True,
        ):
            if "message" in expected and expected["message"] != one.message:
                faults.append(f"line {expected['line']}: the message is {one.message!r}")
            if "saving" in expected and expected["saving"] != one.monthly_saving_usd:
                faults.append(f"line {expected['line']}: the saving is {one.monthly_saving_usd}")
    return faults


def _compare_fixed(rule: Rule, example: Example, judged: Judged, judge: Judge) -> list[str]:
    edits = [edit for one in judged.findings if one.fix for edit in one.fix.edits]
    fixed = apply(edits, example.files)
    faults = [f"after the fix, {path} is\n{fixed[path]}" for path, text in example.fixed.items() if fixed[path] != text]
    if not faults and judge_files(rule, example, fixed, judge).findings:
        faults.append("the fixed text still has findings")
    return faults


def report(results: Sequence[ExampleResult]) -> str:
    """The faults, each with the place of its example, and a line that counts."""
    lines = []
    for result in results:
        place = f"{result.rule.path}:{result.example.line}: {result.example.name}"
        lines += [f"{place}: {fault}" for fault in result.faults]
    failed = sum(1 for result in results if not result.passed)
    rules = len({result.rule.id for result in results})
    lines.append(f"{len(results) - failed} passed, {failed} failed ({rules} rules)")
    return "\n".join(lines) + "\n"
