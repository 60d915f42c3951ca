"""Which files of a tree hold manifests that are applied as they are written, and what is left out with a note."""

import posixpath
from collections.abc import Collection, Iterable, Sequence

from surplus.model import Problem, Span
from surplus.selection import Selection, folder_of, folders_above
from surplus.sources.kubernetes.kustomize import FILE_NAMES as KUSTOMIZATIONS
from surplus.sources.kubernetes.kustomize import NOT_KUSTOMIZED, Kustomized, incomplete, patched_files, set_namespaces
from surplus.trees import Tree, UnreadableError, join

JSON_FILES = (".tf.json", ".tofu.json", ".tfvars.json")
MANIFESTS = (".yaml", ".yml")
START = Span(1, 1, 1, 1)

MEANT = ('"apiVersion"', '"format_version"', '"terraform_version"')
"""Keys by which a JSON file is known to be meant as a plan or a manifest; hooks name any other that has changed."""

NEITHER = "this is neither a plan (`terraform show -json`) nor a manifest, so it is left out"
CHART = "this Helm chart is not judged: its templates are no YAML before they are rendered"
KUSTOMIZATION = "what this kustomization changes is not judged: it is not applied as it is written"

Problems = dict[Problem, None]
"""What is told, in order, each once."""


def _is_json(path: str) -> bool:
    """Whether a name is that of JSON which Terraform does not read."""
    return path.endswith(".json") and not path.endswith(JSON_FILES)


def named_json(tree: Tree, problems: Problems, selection: Selection) -> tuple[tuple[str, ...], list[str]]:
    """Of the JSON files that are named those that may be plans, and those that hold manifests."""
    named = sorted(filter(_is_json, selection.files))
    if not named:
        return (), []
    from surplus.sources.kubernetes.json_files import holds_manifest
    from surplus.sources.terraform.plan import is_plan

    plans: list[str] = []
    manifests: list[str] = []
    for path in named:
        try:
            blob = tree.read(path)
            text = blob.text()
        except UnreadableError:  # whoever reads it as a plan reports it
            plans.append(path)
            continue
        if is_plan(text):
            plans.append(path)
        elif holds_manifest(blob.data):
            manifests.append(path)
        elif any(key in text for key in MEANT):
            problems[Problem(NEITHER, path, START, note=True)] = None
    return tuple(plans), manifests


def manifest_files(
    tree: Tree, files: Sequence[str], problems: Problems, selection: Selection, named: Iterable[str]
) -> tuple[tuple[str, ...], tuple[str, ...], Kustomized]:
    """The YAML files that are applied as they are written, with the JSON files that hold manifests; what else may hold
    some; and what kustomizations do to manifests. Charts and changed kustomizations get one note each.
    """
    candidates = [path for path in files if path.endswith(MANIFESTS)]
    in_json = [path for path in files if _is_json(path) and path not in selection.files]
    selected = [path for path in in_json if selection.selects(path)]
    holding, unreadable = _holding_manifests(tree, selected)
    if not any(map(selection.selects, (*candidates, *named, *holding))):
        return (), (), NOT_KUSTOMIZED
    others, unreadable_too = _holding_manifests(tree, sorted({*in_json} - {*selected}))
    charts = {folder_of(path) for path in files if posixpath.basename(path) == "Chart.yaml"}
    left_out, open_ended, namespaces = _patched(tree, files, problems, selection)
    loose: list[str] = []
    changed: list[str] = []
    for path in sorted((*candidates, *named, *holding, *others)):
        if posixpath.basename(path) in (*KUSTOMIZATIONS, "Chart.yaml", "surplus.yaml"):
            continue
        chart = _chart(path, charts)
        if chart is not None:
            _note(problems, selection, path, join(chart, "Chart.yaml"), CHART)
        elif path in left_out:
            _note(problems, selection, path, left_out[path], KUSTOMIZATION)
            changed.append(path)
        else:
            loose.append(path)
    unread = (*(join(chart, "Chart.yaml") for chart in charts), *open_ended, *unreadable, *unreadable_too)
    return tuple(loose), unread, Kustomized(tuple(changed), namespaces)


def _holding_manifests(tree: Tree, paths: Sequence[str]) -> tuple[list[str], list[str]]:
    """The JSON files that hold manifests, and those of which that cannot be told."""
    holding: list[str] = []
    unreadable: list[str] = []
    if not paths:
        return holding, unreadable
    from surplus.sources.kubernetes.json_files import HEAD_BYTES, holds_manifest

    for path in paths:
        try:
            if holds_manifest(tree.head(path, HEAD_BYTES)):
                holding.append(path)
        except UnreadableError:
            unreadable.append(path)
    return holding, unreadable


def _note(problems: Problems, selection: Selection, path: str, place: str, message: str) -> None:
    """What is left out is said once, and only where the selection names a part of it."""
    if selection.selects(path):
        problems[Problem(message, place, START, note=True)] = None


def _chart(path: str, charts: Collection[str]) -> str | None:
    """The chart of which *path* is a template."""
    for folder in folders_above(path):
        if posixpath.basename(folder) == "templates" and folder_of(folder) in charts:
            return folder_of(folder)
    return None


def _patched(
    tree: Tree, files: Sequence[str], problems: Problems, selection: Selection
) -> tuple[dict[str, str], list[str], dict[str, tuple[str, ...]]]:
    """Files that a kustomization changes, with the kustomization's own path; kustomizations that build from more than
    the manifests that are read; and the namespaces that they set.
    """
    paths = [path for path in files if posixpath.basename(path) in KUSTOMIZATIONS]
    if not paths:
        return {}, [], {}
    from surplus.documents import read_documents
    from surplus.sources.kubernetes.templates import is_template, left_out

    contents = {}
    for path in paths:
        here: Sequence[Problem] = ()
        try:
            text = tree.read(path).text()
            documents, here = read_documents(text, path)
            contents[path] = documents[0].value if documents else None
            if is_template(text, here):
                here = (left_out(path),)
        except UnreadableError as error:
            here = (error.problem,)
        if selection.selects(path):
            problems.update(dict.fromkeys(here))
    folder_file = {folder_of(path): path for path in paths}
    changed = patched_files(contents, tree.is_file)
    named = {path: folder_file.get(folder, folder) for path, folder in changed.items()}
    return named, incomplete(contents, tree.is_file), set_namespaces(contents, tree.is_file)
