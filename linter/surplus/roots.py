"""Discovered roots to evaluated ones: a deployment once for each of its variable sets, plans, loose manifests."""

import posixpath
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, partial

from surplus.config import Configuration
from surplus.definitions import EnvironmentMatch
from surplus.discovery import AUTOMATIC, STANDARD, VARIABLES, Discovered, discover
from surplus.environments import var_file_matches
from surplus.model import Problem, Resource, Root
from surplus.piped import PipedTree
from surplus.selection import Selection
from surplus.sources.evaluated import Evaluated
from surplus.sources.terraform.modules import Folders
from surplus.trees import MemoryTree, Tree, UnreadableError, join


@dataclass(frozen=True, slots=True)
class Given:
    """What the command line gives every Terraform root: `TF_VAR_*`, variables, variables files (paths from the
    tree's top), the workspace.
    """

    environment: Mapping[str, str] = field(default_factory=dict)
    variables: Mapping[str, str] = field(default_factory=dict)
    var_files: tuple[str, ...] = ()
    workspace: str | None = None


def evaluate(
    tree: Tree,
    folders: Folders,
    discovered: Discovered,
    given: Given,
    configuration: Configuration,
    selection: Selection,
) -> list[Evaluated]:
    """Every discovered root with its resources: Terraform first, then plans, then the loose manifests."""
    found = _deployments(folders, discovered, given, configuration, selection)
    for path in discovered.plans:
        root = Root(posixpath.dirname(path) or ".", "plan", key=path, workspace=given.workspace)
        found += _plan(tree, folders, root, path, given)
    found += manifest_roots(tree, discovered, configuration, selection, found)

    def everything() -> tuple[Discovered, list[Evaluated]]:
        """What the selection leaves out and may make Kubernetes objects; plans count only where they are named."""
        rest = discover(tree, folders, Selection())
        rest = replace(rest, roots=tuple(root for root in rest.roots if root.path in rest.with_objects))
        others = _deployments(folders, rest, given, configuration, Selection())
        return rest, others + manifest_roots(tree, rest, configuration, Selection(), others)

    return _beside_each_other(tree, discovered, found, None if selection.everything else everything)


def _beside_each_other(
    tree: Tree,
    discovered: Discovered,
    found: Sequence[Evaluated],
    everything: Callable[[], tuple[Discovered, list[Evaluated]]] | None = None,
) -> list[Evaluated]:
    """The roots, each of which knows what those of the other kind, Terraform or manifests, make in a cluster.
    *everything* gives what is not among them, and is asked only where it matters.
    """
    if not found or (everything is None and not (discovered.with_objects and discovered.manifests)):
        return list(found)
    from surplus.sources.kinds.beside import Made, with_others

    @cache
    def rest() -> tuple[Discovered, list[Evaluated]]:
        return (discovered, []) if everything is None else everything()

    @cache
    def made(manifests: bool) -> Made:
        known, others = rest()
        roots = [one for one in (*found, *others) if (one.root.kind == "manifests") == manifests]
        return Made(roots, known.unread if manifests else (), tree.is_folder)

    return [with_others(one, partial(made, one.root.kind != "manifests")) for one in found]


def _deployments(
    folders: Folders, discovered: Discovered, given: Given, configuration: Configuration, selection: Selection
) -> list[Evaluated]:
    if not discovered.roots:
        return []
    from surplus.sources.terraform.source import Inputs
    from surplus.sources.terraform.source import evaluate as evaluate_terraform

    inputs = Inputs(given.environment, given.workspace, variables=given.variables)
    found = []
    for root in discovered.roots:
        environments = configuration.governing(root.path).policy.environments
        files = discovered.variables.get(root.path, ())
        for variables in _selected_sets(root, variable_sets(root, files, environments, given), selection):
            one = replace(root, variables=variables, workspace=given.workspace)
            found.append(_with_kinds(evaluate_terraform(one, folders, inputs)))
    return found


KUBERNETES_TYPES = ("kubernetes_", "kubectl_")


def _with_kinds(evaluated: Evaluated) -> Evaluated:
    """A Terraform root or plan with the Kubernetes objects in it as kinds; most have none."""
    if not any(one.type.startswith(KUBERNETES_TYPES) for one in evaluated.resources):
        return evaluated
    from surplus.sources.kinds.source import with_kinds

    return with_kinds(evaluated)


def variable_sets(
    root: Root, files: Sequence[str], environments: Sequence[EnvironmentMatch], given: Given
) -> Iterator[tuple[str, ...]]:
    """The variables files of each evaluation: the named ones, else each that the environment map names, else none."""
    if given.var_files:
        yield tuple(posixpath.relpath(path, root.path) for path in given.var_files)
        return
    mapped = [name for name in files if any(var_file_matches(root, name, one) for one in environments)]
    yield from ((name,) for name in mapped)
    if not mapped:
        yield ()


def _selected_sets(root: Root, sets: Iterable[tuple[str, ...]], selection: Selection) -> Iterator[tuple[str, ...]]:
    """Where only variables files are selected, the sets that read one of them; else all."""
    only_variables = bool(selection.files) and not selection.folders
    only_variables = only_variables and all(path.endswith(VARIABLES) for path in selection.files)
    for variables in sets:
        named = {join(root.path, name) for name in variables}
        if not only_variables or not named or named & selection.files or not _named_files(root, selection):
            yield variables


def _named_files(root: Root, selection: Selection) -> bool:
    """Whether none of the selected files below a root is one that Terraform reads by itself."""
    below = (posixpath.relpath(path, root.path) for path in selection.files)
    return not any(name in STANDARD or AUTOMATIC.fullmatch(name) for name in below)


def evaluate_piped(
    tree: PipedTree, folders: Folders, given: Given, configuration: Configuration
) -> Sequence[Evaluated]:
    """What was piped: a plan, else manifests, which are related to each other and to no file of the tree."""
    plan = Root(tree.folder, "plan", key=tree.key, workspace=given.workspace)
    if found := list(_plan(tree, folders, plan, tree.path, given)):
        return found
    from surplus.sources.kubernetes.source import evaluate_rendered

    folder = configuration.path_for(tree.folder).rpartition("/")[0] or "."
    return [evaluate_rendered(Root(folder, "manifests", key=folder), tree, tree.path, editable=tree.named)]


def _plan(tree: Tree, folders: Folders, root: Root, path: str, given: Given) -> Iterator[Evaluated]:
    """The plan at *path*, with the configuration of the root's folder for the places; nothing where it is none."""
    from surplus.sources.terraform import plan
    from surplus.sources.terraform.source import Inputs
    from surplus.sources.terraform.source import evaluate as evaluate_terraform

    try:
        text = plan.text_of(tree.read(path))
    except UnreadableError as error:
        yield plan.nothing(root, error.problem)
        return
    if not plan.is_plan(text):
        return
    configuration = None
    if folders.folder(root.path).declares:
        inputs = Inputs(given.environment, given.workspace, variables=given.variables)
        configuration = evaluate_terraform(Root(root.path, "terraform"), folders, inputs)
    found = plan.evaluate(root, path, text, configuration)
    if configuration is not None:
        found = replace(found, read_for=configuration.read_for, templates=configuration.templates)
    yield _with_kinds(found)


def manifest_roots(
    tree: Tree, discovered: Discovered, configuration: Configuration, selection: Selection, others: Sequence[Evaluated]
) -> list[Evaluated]:
    """The loose manifests, those under one policy together, where one of them is selected; what the *others* apply of
    them is judged there.
    """
    if not discovered.manifests:
        return []
    from surplus.sources.kubernetes.applied import applied_by
    from surplus.sources.kubernetes.source import evaluate as evaluate_manifests

    groups: dict[str, list[str]] = {}
    for path in discovered.manifests:
        governing = configuration.path_for(path.rpartition("/")[0] or ".")
        groups.setdefault(governing.rpartition("/")[0] or ".", []).append(path)
    kustomized, applied = discovered.kustomized, applied_by(others)
    found = (
        evaluate_manifests(
            Root(folder, "manifests", key=folder),
            tree,
            paths,
            _below(discovered.unread, folder),
            replace(kustomized, changed=tuple(_below(kustomized.changed, folder))),
            applied,
        )
        for folder, paths in sorted(groups.items())
        if any(selection.selects(path) for path in paths)
    )
    return [one for one in found if one.problems or len(one.resources) > len(one.elsewhere)]


def _below(paths: Iterable[str], folder: str) -> list[str]:
    return [path for path in paths if folder == "." or path.startswith(f"{folder}/")]


def chosen_resources(evaluated: Evaluated, selection: Selection) -> tuple[Resource, ...]:
    """Of loose manifests the named ones and those related to them, in order; of other roots all. What another root
    judges is none of them.
    """
    if evaluated.root.kind != "manifests" or selection.everything:
        if not evaluated.elsewhere:
            return evaluated.resources
        return tuple(one for one in evaluated.resources if one not in evaluated.elsewhere)
    from surplus.sources.kubernetes.relations import Relations

    relations = Relations(evaluated.resources)
    named = [one for one in evaluated.resources if selection.names(one.location.path)]
    chosen = {*named, *(other for one in named for other in relations.related(one))}
    return tuple(one for one in evaluated.resources if one in chosen and one not in evaluated.elsewhere)


def chosen_problems(evaluated: Evaluated, selection: Selection) -> tuple[Problem, ...]:
    """The problems of what is selected."""
    if evaluated.root.kind != "manifests" or selection.everything:
        return evaluated.problems
    return tuple(problem for problem in evaluated.problems if selection.names(problem.path or ""))


EXAMPLE_REGION = "us-east-1"
"""The region of examples that name none."""


def evaluate_files(files: Mapping[str, str], region: str | None) -> list[Evaluated]:
    """The roots of an example's files; each counts as a deployment, in *region* (None: us-east-1) where no provider
    says another.
    """
    from surplus.sources.kubernetes.applied import applied_by
    from surplus.sources.kubernetes.source import evaluate as evaluate_manifests
    from surplus.sources.terraform.source import Inputs
    from surplus.sources.terraform.source import evaluate as evaluate_terraform

    tree = MemoryTree(files)
    folders = Folders(tree)
    discovered = discover(tree, folders, Selection())
    inputs = Inputs(region=region or EXAMPLE_REGION)
    found = [
        _with_kinds(evaluate_terraform(replace(root, library=False), folders, inputs)) for root in discovered.roots
    ]
    if discovered.manifests:
        root = Root(".", "manifests", key=".")
        applied = applied_by(found)
        found.append(
            evaluate_manifests(root, tree, discovered.manifests, discovered.unread, discovered.kustomized, applied)
        )
    return _beside_each_other(tree, discovered, found)
