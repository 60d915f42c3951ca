"""Paths and options to a `RunResult`: the public Python API."""

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from surplus.config import Configuration, Governing
from surplus.discovery import Selection, discover
from surplus.engine import Hit, Judge
from surplus.environments import environment_of
from surplus.findings import findings_of, order
from surplus.functions.scope import World
from surplus.masking import mask, secrets
from surplus.model import (
    ActiveRule,
    ConfigError,
    Finding,
    Location,
    Problem,
    Resource,
    Root,
    Rule,
    RunResult,
    Undecided,
)
from surplus.roots import Given, chosen_problems, chosen_resources, evaluate
from surplus.rules import bundled_rules
from surplus.sources.evaluated import Evaluated
from surplus.sources.terraform.modules import Folders
from surplus.trees import Tree, UnreadableError, WorkingTree, find_top, relative

RECURSION_LIMIT = 12_000
"""Locals that lead through hundreds of others are evaluated by recursion."""


@dataclass(frozen=True, slots=True)
class Options:
    """What a run is asked to do. `environment` holds the `TF_VAR_*` variables, `variables` texts
    `name=value`, `var_files` paths of variables files; `config` is a policy's file or name.
    """

    paths: tuple[str, ...] = (".",)
    root: str | None = None
    config: str | None = None
    isolated: bool = False
    fail_on: str | None = None
    workspace: str | None = None
    use_gitignore: bool = True
    environment: Mapping[str, str] = field(default_factory=dict)
    var_files: tuple[str, ...] = ()
    variables: tuple[str, ...] = ()


def check(options: Options) -> RunResult:
    """Run the rules over what the paths select; raises `SurplusError` for wrong use."""
    sys.setrecursionlimit(max(sys.getrecursionlimit(), RECURSION_LIMIT))
    tree, selection = open_tree(options)
    configuration = Configuration(tree, options.config, options.isolated)
    configuration.of_run()  # what is wrong with it is told before anything is read
    folders = Folders(tree)
    discovered = discover(tree, folders, selection)
    roots = [
        (evaluated, configuration.governing(evaluated.root.path))
        for evaluated in evaluate(tree, folders, discovered, given_by(options, tree), configuration, selection)
    ]
    of_run = configuration.of_run(evaluated.root.path for evaluated, _ in roots)
    rules = _all_rules([of_run, *(governing for _, governing in roots)])
    judge = Judge(rules)
    for rule in rules:
        if bundled_rules().get(rule.id) is not rule:
            judge.compiled(rule)  # a fault in a user's rule is told although nothing of its type is there
    run = _Run(judge, selection)
    for evaluated, governing in roots:
        run.judge_root(evaluated, governing)
    problems = {*discovered.problems, *run.problems}
    return RunResult(
        findings=tuple(sorted(run.findings, key=order)),
        undecided=tuple(sorted(run.undecided)),
        problems=tuple(sorted(problems, key=problem_order)),
        resources=tuple(run.resources),
        roots=tuple(evaluated.root for evaluated, _ in roots),
        files=len({path for evaluated, _ in roots for path in evaluated.files}),
        fail_on=options.fail_on or of_run.policy.fail_on or "error",
        lines=lines_of(tree, _places(run.findings), secrets_of([root for root, _ in roots])),
    )


def inspect(options: Options) -> RunResult:
    """Evaluate what the paths select, without rules; raises `SurplusError` for wrong use."""
    sys.setrecursionlimit(max(sys.getrecursionlimit(), RECURSION_LIMIT))
    tree, selection = open_tree(options)
    folders = Folders(tree)
    discovered = discover(tree, folders, selection)
    configuration = Configuration(tree, options.config, options.isolated)
    roots = evaluate(tree, folders, discovered, given_by(options, tree), configuration, selection)
    problems = {*discovered.problems, *(problem for one in roots for problem in chosen_problems(one, selection))}
    shown = [(one.root, each) for one in roots for each in chosen_resources(one, selection)]
    return RunResult(
        findings=(),
        undecided=(),
        problems=tuple(sorted(problems, key=problem_order)),
        resources=tuple(shown),
        roots=tuple(one.root for one in roots),
        files=len({path for one in roots for path in one.files}),
        fail_on="never",
    )


def given_by(options: Options, tree: WorkingTree) -> Given:
    """What the options give every Terraform root; raises `ConfigError`."""
    files = tuple(relative(Path(path), tree.top) for path in options.var_files)
    for path, name in zip(options.var_files, files, strict=True):
        if not tree.is_file(name):
            raise ConfigError(f"{path}: there is no such variables file in the tree")
    variables: dict[str, str] = {}
    for text in options.variables:
        name, equals, value = text.partition("=")
        if not equals or not name.strip():
            raise ConfigError(f"--var {text}: write name=value")
        variables[name.strip()] = value
    return Given(options.environment, variables, files, options.workspace)


def known_rules(options: Options) -> Mapping[str, Rule]:
    """The shipped rules and those of the policy that governs the run; raises `SurplusError`."""
    tree, _ = open_tree(options)
    return Configuration(tree, options.config, options.isolated).of_run().rules


def open_tree(options: Options) -> tuple[WorkingTree, Selection]:
    """The tree around the paths, and what they select in it; raises `ConfigError` for a path that is nowhere."""
    if "-" in options.paths:
        raise ConfigError("-: standard input is not read yet; name files and folders")
    paths = [Path(path) for path in options.paths or (".",)]
    top = find_top(paths, Path(options.root) if options.root else None)
    tree = WorkingTree(top, options.use_gitignore)
    files: set[str] = set()
    folders: set[str] = set()
    for path in paths:
        name = relative(path, tree.top)
        if path.is_dir():
            folders.add(name)
        elif path.exists() or path.is_symlink() or _was_there(tree.top, name):
            files.add(name)
        else:
            raise ConfigError(f"{path}: there is no such file or folder")
    return tree, Selection(frozenset(files), frozenset(folders))


def _was_there(top: Path, name: str) -> bool:
    """Whether git's history has a file that is gone: a deleted file selects what used it."""
    import subprocess

    git = ["git", "--literal-pathspecs", "-c", "core.fsmonitor=false", "-C", str(top)]
    command = [*git, "rev-list", "-1", "HEAD", "--", name]
    try:
        found = subprocess.run(command, capture_output=True, timeout=20, check=False)  # noqa: S603
    except (OSError, subprocess.SubprocessError):
        return False
    return found.returncode == 0 and bool(found.stdout.strip())


def _all_rules(governing: Sequence[Governing]) -> list[Rule]:
    rules: dict[str, Rule] = {}
    for one in governing:
        rules.update(one.rules)
    return list(rules.values())


class _Run:
    """Collects what the roots give."""

    def __init__(self, judge: Judge, selection: Selection) -> None:
        self._judge = judge
        self._selection = selection
        self.findings: list[Finding] = []
        self.undecided: set[Undecided] = set()
        self.problems: set[Problem] = set()
        self._broken: set[tuple[str, str]] = set()
        self.resources: list[tuple[Root, Resource]] = []

    def judge_root(self, evaluated: Evaluated, governing: Governing) -> None:
        """Run the governing policy's rules over one root."""
        policy = governing.policy
        world = World(evaluated, lambda one: environment_of(one, evaluated.root, policy.environments))
        shown = chosen_resources(evaluated, self._selection)
        selected = None if shown is evaluated.resources else frozenset(shown)
        hits: list[Hit] = []
        for active, chosen in self._portions(evaluated, governing, selected):
            outcome = self._judge.judge(world, active, chosen, self._broken)
            hits += outcome.hits
            self.undecided.update(outcome.undecided)
            self.problems.update(outcome.problems)
        self.findings += findings_of(evaluated, hits)
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


def problem_order(problem: Problem) -> tuple[object, ...]:
    """The one order of problems: by place, then text."""
    span = problem.span
    return (problem.path or "", span.line if span else 0, span.column if span else 0, problem.message)


SHOWN_ABOVE = 3
"""Lines above a place that a code frame may show."""


def lines_of(tree: Tree, places: Iterable[Location], known: frozenset[str]) -> dict[str, tuple[str, ...]]:
    """The lines of files around *places*, for code frames, without what is sensitive; other lines are empty."""
    wanted: dict[str, set[int]] = {}
    for place in places:
        shown = range(place.span.line - SHOWN_ABOVE, place.span.line + 1)
        wanted.setdefault(place.path, set()).update(shown)
    found: dict[str, tuple[str, ...]] = {}
    for path, numbers in sorted(wanted.items()):
        try:
            text = tree.read(path).text()
        except UnreadableError:
            continue
        lines = [line.rstrip("\r") for line in text.removeprefix("\ufeff").split("\n")]
        found[path] = mask(lines, known, numbers)
    return found


def secrets_of(roots: Sequence[Evaluated]) -> frozenset[str]:
    """Texts that no line may show: of sensitive values, and of what else the sources call secret."""
    found = secrets(one for root in roots for one in root.resources)
    return found.union(*(root.secrets() for root in roots))


def _places(findings: Sequence[Finding]) -> Iterator[Location]:
    """The places that findings show."""
    for finding in findings:
        yield finding.location
        yield from (location for location, _ in finding.related)


def failed(result: RunResult) -> bool:
    """Whether a finding is at or above the level that fails the run."""
    levels = {"error": 3, "warning": 2, "info": 1, "never": 4}
    return any(one.may_fail and one.severity.rank >= levels[result.fail_on] for one in result.findings)
