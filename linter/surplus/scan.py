"""Paths and options to evaluated roots: the first half of every command."""

import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from surplus.config import Configuration, Governing
from surplus.discovery import discover
from surplus.masking import mask, secrets
from surplus.model import ConfigError, Location, Problem
from surplus.piped import STDIN, PipedTree, open_piped
from surplus.roots import Given, chosen_problems, evaluate, evaluate_piped
from surplus.selection import Selection
from surplus.sources.evaluated import Evaluated
from surplus.sources.terraform.modules import Folders
from surplus.trees import Tree, UnreadableError, WorkingTree, find_top, relative

RECURSION_LIMIT = 12_000
"""Locals that lead through hundreds of others are evaluated by recursion."""


@dataclass(frozen=True, slots=True)
class Options:
    """What a run is asked to do. `environment` holds the `TF_VAR_*` variables, `variables` texts
    `name=value`, `var_files` paths of variables files; `config` is a policy's file or name. `min_saving` is in USD a
    month; `price_folder` holds prices that the user has imported. The path `-` alone is standard input, which is
    shown under `stdin_filename`, and governed as a file there.
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
    usage_file: str | None = None
    usage_profile: str | None = None
    min_saving: float | None = None
    price_folder: str | None = None
    stdin_filename: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Scan:
    """What the paths select, evaluated; `of_run` is the policy that decides gates, prices and output."""

    tree: WorkingTree
    selection: Selection
    configuration: Configuration
    roots: Sequence[Evaluated]
    problems: Sequence[Problem]
    of_run: Governing

    def all_problems(self) -> set[Problem]:
        """What could not be read of what is selected."""
        return {*self.problems, *(one for root in self.roots for one in chosen_problems(root, self.selection))}


def scan(options: Options) -> Scan:
    """Evaluate what the paths select; raises `SurplusError` for wrong use."""
    sys.setrecursionlimit(max(sys.getrecursionlimit(), RECURSION_LIMIT))
    tree, selection = open_tree(options)
    configuration = Configuration(tree, options.config, options.isolated)
    configuration.of_run()  # what is wrong with it is told before anything is read
    folders = Folders(tree)
    given = given_by(options, tree)
    problems: Sequence[Problem] = ()
    if isinstance(tree, PipedTree):
        roots = evaluate_piped(tree, folders, given, configuration)
    else:
        discovered = discover(tree, folders, selection)
        roots = evaluate(tree, folders, discovered, given, configuration, selection)
        problems = discovered.problems
    of_run = configuration.of_run(evaluated.root.path for evaluated in roots)
    return Scan(tree, selection, configuration, roots, problems, of_run)


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


def open_tree(options: Options) -> tuple[WorkingTree, Selection]:
    """The tree around the paths, and what they select in it; raises `ConfigError` for a path that is nowhere."""
    if STDIN in options.paths:
        if len(options.paths) > 1:
            raise ConfigError("-: standard input is judged alone; name it, or files and folders (`./-` is a file)")
        return open_piped(sys.stdin, options.stdin_filename, options.root, options.use_gitignore), Selection()
    if options.stdin_filename is not None:
        raise ConfigError("--stdin-filename: nothing is read from standard input; add the path `-`")
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
