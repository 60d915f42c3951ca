"""Paths and changed files to files to roots: what is judged, and what is left out with a note."""

import posixpath
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from surplus.manifest_files import MANIFESTS, manifest_files, named_json
from surplus.model import Problem, Root, Span
from surplus.selection import Selection, folder_of, folders_above
from surplus.sources.kubernetes.kustomize import FILE_NAMES as KUSTOMIZATIONS
from surplus.sources.kubernetes.kustomize import NOT_KUSTOMIZED, Kustomized
from surplus.sources.terraform.modules import SUFFIXES, Body, Folders, read_body
from surplus.trees import Tree, UnreadableError, join, leaves

CALL = rb'"?\bsource"?\s*[=:]\s*"(\.{1,2}(?:/[^"\n$]*)?)"'
CALLS = re.compile(CALL)
CODE = re.compile(CALL + rb'|"(?:\\.|[^"\\\n])*"|(?:#|//)[^\n]*|/\*.*?\*/', re.DOTALL)
"""A call, or what may hide one: a text, a comment."""

FILESET = re.compile(rb'\bfileset\(\s*(?:path\.module|"(?:\$\{path\.module\}/?)?([^"$]*)")\s*,\s*"([^"$]+)"\s*\)')
"""A set of files whose folder and pattern are written."""

OBJECTS = re.compile(rb'"(?:argocd|helm|k8s|kubectl|kubernetes|kustomization|rancher2)_')
"""Types of resources by which Terraform makes Kubernetes objects."""

VARIABLES = (".tfvars", ".tfvars.json")
STANDARD = ("terraform.tfvars", "terraform.tfvars.json")
AUTOMATIC = re.compile(r"[^/]*\.auto\.tfvars(?:\.json)?")
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
class Discovered:
    """Terraform roots that the selection touches; all loose manifests of the tree; notes on what is left out.

    `variables` are the variables files below each root's folder that Terraform does not read by itself, relative
    to that folder. `plans` are the selected files that may be plans. `unread` are charts and kustomizations that may
    hold further manifests. `kustomized` is what kustomizations do to manifests. `with_objects` are the folders of
    those roots that may make Kubernetes objects.
    """

    roots: tuple[Root, ...]
    manifests: tuple[str, ...]
    problems: tuple[Problem, ...]
    variables: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    plans: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()
    kustomized: Kustomized = NOT_KUSTOMIZED
    with_objects: frozenset[str] = frozenset()


@dataclass(slots=True)
class _Found:
    files: tuple[str, ...]
    modules: set[str] = field(default_factory=set)
    objects: set[str] = field(default_factory=set)
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
    plans, in_json = named_json(tree, found.problems, selection)
    manifests, unread, kustomized = manifest_files(tree, found.files, found.problems, selection, in_json)
    problems = (*tree.problems(), *found.problems)
    variables = {root.path: _named_variables(root.path, found.deployed.get(root.path, ())) for root in roots}
    with_objects = _closure(found.objects, found.callers).intersection(root.path for root in roots)
    return Discovered(roots, manifests, problems, variables, plans, unread, kustomized, frozenset(with_objects))


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
        folder = folder_of(path)
        found.modules.add(folder)
        try:
            data = tree.read(path).data
        except UnreadableError:
            continue  # whoever parses the folder reports it
        if OBJECTS.search(data):
            found.objects.add(folder)
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
            folder = next((one for one in folders_above(path) if one in found.modules), None)
            if folder is not None:
                found.deployed[folder].append(path)


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
            touched.add(folder_of(path))
        elif (folder := _reader(tree, found, path)) is not None:
            touched.add(folder)
        if not tree.exists(path):  # a folder that is gone may still be called
            touched.update(called for called in found.callers if _below(called, frozenset({path})))
    return touched


def _below(path: str, folders: frozenset[str]) -> bool:
    return any(folder in (".", path) or path.startswith(folder + "/") for folder in folders)


def _reader(tree: Tree, found: _Found, path: str) -> str | None:
    """The nearest module folder above a file that takes variables from it, mentions its name, or a set of files with
    it.
    """
    for folder in folders_above(path):
        if folder in found.modules and (path.endswith(VARIABLES) or _mentions(tree, folder, path)):
            return folder
    return None


def _mentions(tree: Tree, folder: str, path: str) -> bool:
    name = posixpath.basename(path).encode("utf-8", "surrogateescape")
    for entry in tree.list(folder):
        if entry.endswith(SUFFIXES):
            try:
                data = tree.read(join(folder, entry)).data
            except UnreadableError:
                continue
            if name in data or any(_in_set(folder, path, *found.groups()) for found in FILESET.finditer(data)):
                return True
    return False


def _in_set(folder: str, path: str, below: bytes | None, pattern: bytes) -> bool:
    """Whether a `fileset` that is written in a module's folder gives the file."""
    from surplus.sources.terraform.files import matching
    from surplus.sources.terraform.limits import TooCostlyError

    inner = posixpath.relpath(path, join(folder, (below or b".").decode("utf-8", "surrogateescape")))
    try:
        return bool(matching([inner], pattern.decode("utf-8", "surrogateescape")))
    except TooCostlyError:
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
