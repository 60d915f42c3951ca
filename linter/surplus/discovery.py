"""Paths and changed files to files to roots: what is judged, and what is left out with a note."""

import posixpath
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from surplus.model import Problem, Root, Span
from surplus.sources.kubernetes.kustomize import FILE_NAMES as KUSTOMIZATIONS
from surplus.sources.kubernetes.kustomize import NOT_KUSTOMIZED, Kustomized, incomplete, patched_files, set_namespaces
from surplus.sources.terraform.modules import SUFFIXES, Body, Folders, read_body
from surplus.trees import Tree, UnreadableError, join, leaves

CALL = rb'"?\bsource"?\s*[=:]\s*"(\.{1,2}(?:/[^"\n$]*)?)"'
CALLS = re.compile(CALL)
CODE = re.compile(CALL + rb'|"(?:\\.|[^"\\\n])*"|(?:#|//)[^\n]*|/\*.*?\*/', re.DOTALL)
"""A call, or what may hide one: a text, a comment."""

VARIABLES = (".tfvars", ".tfvars.json")
JSON_FILES = (".tf.json", ".tofu.json", ".tfvars.json")
STANDARD = ("terraform.tfvars", "terraform.tfvars.json")
AUTOMATIC = re.compile(r"[^/]*\.auto\.tfvars(?:\.json)?")
MANIFESTS = (".yaml", ".yml")
LOCK_FILE = ".terraform.lock.hcl"
NEVER_A_ROOT = ".terraform"
OF_INTEREST = (*SUFFIXES, *VARIABLES, *MANIFESTS, *KUSTOMIZATIONS, ".json")
START = Span(1, 1, 1, 1)

STATE: Mapping[str, tuple[str, ...]] = {
    "azurerm": ("storage_account_name", "container_name", "key"),
    "cloud": ("organization", "workspaces.name"),
    "consul": ("path",),
    "cos": ("bucket", "prefix", "key"),
    "gcs": ("bucket", "prefix"),
    "http": ("address",),
    "oss": ("bucket", "prefix", "key"),
    "remote": ("organization", "workspaces.name"),
    "s3": ("bucket", "key"),
}
"""What tells the states of a backend apart; where all of it is written, it names the root."""


@dataclass(frozen=True, slots=True)
class Selection:
    """What the command line names: files and folders relative to the tree's top. Empty: everything."""

    files: frozenset[str] = frozenset()
    folders: frozenset[str] = frozenset()

    def names(self, path: str) -> bool:
        """Whether a file is selected, by itself or by a folder above it."""
        return path in self.files or any(folder in self.folders for folder in _above(path))

    @property
    def everything(self) -> bool:
        """Whether nothing is left out."""
        return not self.files and not self.folders


@dataclass(frozen=True, slots=True)
class Discovered:
    """Terraform roots that the selection touches; all loose manifests of the tree; notes on what is left out.

    `variables` are the variables files below each root's folder that Terraform does not read by itself, relative
    to that folder. `plans` are the selected files that may be plans. `unread` are charts and kustomizations that may
    hold further manifests. `kustomized` is what kustomizations do to manifests.
    """

    roots: tuple[Root, ...]
    manifests: tuple[str, ...]
    problems: tuple[Problem, ...]
    variables: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    plans: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()
    kustomized: Kustomized = NOT_KUSTOMIZED


@dataclass(slots=True)
class _Found:
    files: tuple[str, ...]
    modules: set[str] = field(default_factory=set)
    calls: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    callers: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    deployed: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    problems: dict[Problem, None] = field(default_factory=dict)


def discover(tree: Tree, folders: Folders, selection: Selection) -> Discovered:
    """The roots and manifests of *tree* that *selection* touches."""
    files = set(tree.walk(".", _of_interest))
    for named in selection.folders:
        if named != ".":  # an ignored folder that is named is looked into
            files.update(tree.walk(named, _of_interest))
    files.update(path for path in selection.files if tree.exists(path))
    found = _Found(tuple(sorted(path for path in files if NEVER_A_ROOT not in path.split("/"))))
    _scan_calls(tree, found)
    _place_variables(found)
    roots = tuple(_root(tree, folders, found, path) for path in sorted(_roots(tree, folders, found, selection)))
    plans, in_json = _named_json(tree, found, selection)
    manifests, unread, kustomized = _manifests(tree, found, selection, in_json)
    problems = (*tree.problems(), *found.problems)
    variables = {root.path: _named_variables(root.path, found.deployed.get(root.path, ())) for root in roots}
    return Discovered(roots, manifests, problems, variables, plans, unread, kustomized)


def _named_variables(folder: str, paths: Iterable[str]) -> tuple[str, ...]:
    """The variables files that somebody must name, relative to the root's folder."""
    names = (posixpath.relpath(path, folder) for path in paths)
    return tuple(name for name in names if name not in STANDARD and not AUTOMATIC.fullmatch(name))


def _of_interest(name: str) -> bool:
    return name.endswith(OF_INTEREST)


def _scan_calls(tree: Tree, found: _Found) -> None:
    """Who calls whom, by the `source =` lines: nothing is parsed for it."""
    real: dict[str, str] = {}
    for path in found.files:
        if not path.endswith(SUFFIXES):
            continue
        folder = _folder(path)
        found.modules.add(folder)
        try:
            data = tree.read(path).data
        except UnreadableError:
            continue  # whoever parses the folder reports it
        for source in _sources(data):
            called = join(folder, source)
            if leaves(called):
                continue
            if called not in real:
                real[called] = tree.real(called)
            called = real[called]
            if called != folder:
                found.calls[folder].add(called)
                found.callers[called].add(folder)


def _sources(data: bytes) -> Iterator[str]:
    """The local sources in a file, without those in comments and texts."""
    if CALLS.search(data):
        for match in CODE.finditer(data):
            if match[1] is not None:
                yield match[1].decode("utf-8", "replace")


def _place_variables(found: _Found) -> None:
    """Variables files make the nearest module folder above them a deployment."""
    for path in found.files:
        if path.endswith(VARIABLES):
            folder = next((one for one in _above(path) if one in found.modules), None)
            if folder is not None:
                found.deployed[folder].append(path)


def _folder(path: str) -> str:
    return posixpath.dirname(path) or "."


def _above(path: str) -> Iterator[str]:
    """The folders above *path*, the nearest first, down to the top."""
    while path != ".":
        path = _folder(path)
        yield path


def _roots(tree: Tree, folders: Folders, found: _Found, selection: Selection) -> set[str]:
    """Folders to be judged: those with resources or calls that nobody calls, or that hold a backend."""
    wanted = _closure(_touched(tree, found, selection), found.callers)
    roots = {path for path in wanted if path in found.modules and _is_root(folders, found, path)}
    reached = _closure(roots, found.calls)
    for path in sorted(wanted & found.modules):  # modules that only call one another
        if path not in reached and _is_first(folders, found, path):
            roots.add(path)
            reached |= _closure({path}, found.calls)
    return roots


def _is_first(folders: Folders, found: _Found, path: str) -> bool:
    """Whether all that lead to a folder, and declare anything, are also called from it: they form a circle."""
    if not folders.folder(path).declares:
        return False
    called = _closure({path}, found.calls)
    return all(one in called or not folders.folder(one).declares for one in _closure({path}, found.callers))


def _is_root(folders: Folders, found: _Found, path: str) -> bool:
    folder = folders.folder(path)
    if not folder.declares and not folder.problems:
        return False
    return not found.callers.get(path) or folder.backend is not None


def _closure(start: Iterable[str], edges: Mapping[str, set[str]]) -> set[str]:
    seen: set[str] = set()
    pending = list(start)
    while pending:
        path = pending.pop()
        if path not in seen:
            seen.add(path)
            pending.extend(edges.get(path, ()))
    return seen


def _touched(tree: Tree, found: _Found, selection: Selection) -> set[str]:
    """Module folders that the selection names: by themselves, by a file in them, by a file they read."""
    if selection.everything:
        return set(found.modules)
    touched = {path for path in found.modules if _below(path, selection.folders)}
    for path in selection.files:
        if path.endswith(SUFFIXES):
            touched.add(_folder(path))
        elif (folder := _reader(tree, found, path)) is not None:
            touched.add(folder)
        if not tree.exists(path):  # a folder that is gone may still be called
            touched.update(called for called in found.callers if _below(called, frozenset({path})))
    return touched


def _below(path: str, folders: frozenset[str]) -> bool:
    return any(folder in (".", path) or path.startswith(folder + "/") for folder in folders)


def _reader(tree: Tree, found: _Found, path: str) -> str | None:
    """The nearest module folder above a file that takes variables from it or mentions its name."""
    name = posixpath.basename(path).encode("utf-8", "surrogateescape")
    for folder in _above(path):
        if folder in found.modules and (path.endswith(VARIABLES) or _mentions(tree, folder, name)):
            return folder
    return None


def _mentions(tree: Tree, folder: str, name: bytes) -> bool:
    for entry in tree.list(folder):
        if entry.endswith(SUFFIXES):
            try:
                if name in tree.read(join(folder, entry)).data:
                    return True
            except UnreadableError:
                continue
    return False


def _root(tree: Tree, folders: Folders, found: _Found, path: str) -> Root:
    folder = folders.folder(path)
    names = set(tree.list(path))
    library = (
        folder.backend is None
        and not folder.providers
        and LOCK_FILE not in names
        and path not in found.deployed
        and not any(name.endswith(VARIABLES) for name in names)  # most are ignored by git, so not walked
    )
    return Root(path, "terraform", library=library, key=_key(folder.backend) or path)


def _key(backend: Body | None) -> str | None:
    """Where a root's state is kept, if that is written: it names the root wherever its folder goes."""
    if backend is None:
        return None
    node = backend.header.node
    kind = str(node[4][0]) if node[4] else node[3]
    parts = [_literal(backend, name) for name in STATE.get(kind, ())]
    known = [part for part in parts if part]
    return ":".join((kind, *known)) if known and len(known) == len(parts) else None


def _literal(body: Body, name: str) -> str | None:
    """The text of an attribute, or of one in a nested block (`workspaces.name`), where it is a plain literal."""
    block, _, inner = name.rpartition(".")
    bodies = [read_body(placed) for placed in body.blocks if placed.node[3] == block] if block else [body]
    values = [value for one in bodies if (value := one.expression(inner)) is not None]
    return str(values[0].node[3]) if values and values[0].node[0] == "lit" else None


def _is_json(path: str) -> bool:
    """Whether a name is that of JSON which Terraform does not read."""
    return path.endswith(".json") and not path.endswith(JSON_FILES)


def _named_json(tree: Tree, found: _Found, selection: Selection) -> tuple[tuple[str, ...], list[str]]:
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
            found.problems[Problem(NEITHER, path, START, note=True)] = None
    return tuple(plans), manifests


MEANT = ('"apiVersion"', '"format_version"', '"terraform_version"')
"""Keys by which a JSON file is known to be meant as a plan or a manifest; hooks name any other that has changed."""

NEITHER = "this is neither a plan (`terraform show -json`) nor a manifest, so it is left out"


def _manifests(
    tree: Tree, found: _Found, selection: Selection, named: Iterable[str]
) -> tuple[tuple[str, ...], tuple[str, ...], Kustomized]:
    """The YAML files that are applied as they are written, with the JSON files that hold manifests; what else may hold
    some; and what kustomizations do to manifests. Charts and changed kustomizations get one note each.
    """
    candidates = [path for path in found.files if path.endswith(MANIFESTS)]
    in_json = [path for path in found.files if _is_json(path) and path not in selection.files]
    selected = [path for path in in_json if selection.everything or selection.names(path)]
    holding, unreadable = _holding_manifests(tree, selected)
    if not _wants_manifests(selection, [*candidates, *named, *holding]):
        return (), (), NOT_KUSTOMIZED
    others, unreadable_too = _holding_manifests(tree, sorted({*in_json} - {*selected}))
    charts = {_folder(path) for path in found.files if posixpath.basename(path) == "Chart.yaml"}
    left_out, open_ended, namespaces = _patched(tree, found, selection)
    loose: list[str] = []
    changed: list[str] = []
    for path in sorted((*candidates, *named, *holding, *others)):
        if posixpath.basename(path) in (*KUSTOMIZATIONS, "Chart.yaml", "surplus.yaml"):
            continue
        chart = _chart(path, charts)
        if chart is not None:
            _note(found, selection, path, join(chart, "Chart.yaml"), CHART)
        elif path in left_out:
            _note(found, selection, path, left_out[path], KUSTOMIZATION)
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


CHART = "this Helm chart is not judged: its templates are no YAML before they are rendered"
KUSTOMIZATION = "what this kustomization changes is not judged: it is not applied as it is written"


def _note(found: _Found, selection: Selection, path: str, place: str, message: str) -> None:
    """What is left out is said once, and only where the selection names a part of it."""
    if selection.everything or selection.names(path):
        found.problems[Problem(message, place, START, note=True)] = None


def _chart(path: str, charts: Collection[str]) -> str | None:
    """The chart of which *path* is a template."""
    for folder in _above(path):
        if posixpath.basename(folder) == "templates" and _folder(folder) in charts:
            return _folder(folder)
    return None


def _wants_manifests(selection: Selection, candidates: Sequence[str]) -> bool:
    if selection.everything:
        return bool(candidates)
    return any(selection.names(path) for path in candidates)


def _patched(
    tree: Tree, found: _Found, selection: Selection
) -> tuple[dict[str, str], list[str], dict[str, tuple[str, ...]]]:
    """Files that a kustomization changes, with the kustomization's own path; kustomizations that build from more than
    the manifests that are read; and the namespaces that they set.
    """
    paths = [path for path in found.files if posixpath.basename(path) in KUSTOMIZATIONS]
    if not paths:
        return {}, [], {}
    from surplus.documents import read_documents
    from surplus.sources.kubernetes.templates import is_template, left_out

    contents = {}
    for path in paths:
        problems: Sequence[Problem] = ()
        try:
            text = tree.read(path).text()
            documents, problems = read_documents(text, path)
            contents[path] = documents[0].value if documents else None
            if is_template(text, problems):
                problems = (left_out(path),)
        except UnreadableError as error:
            problems = (error.problem,)
        if selection.everything or selection.names(path):
            found.problems.update(dict.fromkeys(problems))
    folder_file = {_folder(path): path for path in paths}
    changed = patched_files(contents, tree.is_file)
    named = {path: folder_file.get(folder, folder) for path, folder in changed.items()}
    return named, incomplete(contents, tree.is_file), set_namespaces(contents, tree.is_file)
