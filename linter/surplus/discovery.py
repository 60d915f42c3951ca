"""Paths and changed files to files to roots: what is judged, and what is left out with a note."""

import posixpath
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from surplus.model import Problem, Root, Span
from surplus.sources.terraform.modules import SUFFIXES, Folders
from surplus.trees import Tree, UnreadableError, join, leaves

CALL = re.compile(rb'\bsource"?\s*[=:]\s*"(\.{1,2}(?:/[^"\n$]*)?)"')
VARIABLES = (".tfvars", ".tfvars.json")
MANIFESTS = (".yaml", ".yml")
KUSTOMIZATIONS = ("kustomization.yaml", "kustomization.yml", "Kustomization")
START = Span(1, 1, 1, 1)


@dataclass(frozen=True, slots=True)
class Selection:
    """What the command line names: files and folders relative to the tree's top. Empty: everything."""

    files: frozenset[str] = frozenset()
    folders: frozenset[str] = frozenset()

    def names(self, path: str) -> bool:
        """Whether a file is selected, by itself or by a folder above it."""
        if path in self.files or "." in self.folders:
            return True
        above = posixpath.dirname(path)
        while above:
            if above in self.folders:
                return True
            above = posixpath.dirname(above)
        return False


@dataclass(frozen=True, slots=True)
class Discovered:
    """Terraform roots that the selection touches; all loose manifests of the tree; notes on what is left out."""

    roots: tuple[Root, ...]
    manifests: tuple[str, ...]
    problems: tuple[Problem, ...]


@dataclass(slots=True)
class _Found:
    files: tuple[str, ...]
    modules: set[str] = field(default_factory=set)
    calls: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    callers: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    problems: dict[Problem, None] = field(default_factory=dict)


def discover(tree: Tree, folders: Folders, selection: Selection) -> Discovered:
    """The roots and manifests of *tree* that *selection* touches."""
    files = set(tree.walk())
    for named in selection.folders:
        if named != ".":
            files.update(tree.walk(named))
    files.update(path for path in selection.files if tree.is_file(path))
    found = _Found(tuple(sorted(files)))
    _scan_calls(tree, found)
    roots = tuple(_root(tree, folders, found, path) for path in sorted(_roots(tree, folders, found, selection)))
    manifests = _manifests(tree, found, selection)
    problems = (*tree.problems(), *found.problems)
    return Discovered(roots, manifests, problems)


def _scan_calls(tree: Tree, found: _Found) -> None:
    """Who calls whom, by the `source =` lines: nothing is parsed for it."""
    for path in found.files:
        if not path.endswith(SUFFIXES):
            continue
        folder = posixpath.dirname(path) or "."
        found.modules.add(folder)
        try:
            data = tree.read(path).data
        except UnreadableError:
            continue  # whoever parses the folder reports it
        for match in CALL.finditer(data):
            called = join(folder, match[1].decode("utf-8", "replace"))
            if not leaves(called) and called != folder:
                found.calls[folder].add(called)
                found.callers[called].add(folder)


def _roots(tree: Tree, folders: Folders, found: _Found, selection: Selection) -> set[str]:
    """Folders to be judged: those with resources or calls that nobody calls, or that hold a backend."""
    wanted = _closure(_touched(tree, found, selection), found.callers)
    roots = {path for path in wanted if path in found.modules and _is_root(folders, found, path)}
    reached = _closure(roots, found.calls)
    for path in sorted(wanted & found.modules):  # modules that only call one another in a circle
        if path not in reached and folders.folder(path).declares and _circular(found, path):
            roots.add(path)
            reached |= _closure({path}, found.calls)
    return roots


def _is_root(folders: Folders, found: _Found, path: str) -> bool:
    folder = folders.folder(path)
    if not folder.declares and not folder.problems:
        return False
    return not found.callers.get(path) or folder.backend is not None


def _circular(found: _Found, path: str) -> bool:
    return path in _closure(found.calls.get(path, set()), found.calls)


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
    if not selection.files and not selection.folders:
        return set(found.modules)
    touched = {path for path in found.modules if _below(path, selection.folders)}
    for path in selection.files:
        if path.endswith(SUFFIXES):
            touched.add(posixpath.dirname(path) or ".")
        elif (folder := _reader(tree, found, path)) is not None:
            touched.add(folder)
    return touched


def _below(path: str, folders: frozenset[str]) -> bool:
    return any(folder in (".", path) or path.startswith(folder + "/") for folder in folders)


def _reader(tree: Tree, found: _Found, path: str) -> str | None:
    """The nearest module folder above a file that takes variables from it or mentions its name."""
    name = posixpath.basename(path).encode()
    folder = posixpath.dirname(path) or "."
    while True:
        if folder in found.modules and (path.endswith(VARIABLES) or _mentions(tree, folder, name)):
            return folder
        if folder == ".":
            return None
        folder = posixpath.dirname(folder) or "."


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
    backend = folder.backend
    key = path
    if backend is not None:
        parts = [str(backend.header.node[4][0]) if backend.header.node[4] else backend.header.node[3]]
        values = (backend.expression(name) for name in ("bucket", "key", "prefix", "path", "name"))
        parts += [str(value.node[3]) for value in values if value is not None and value.node[0] == "lit"]
        key = ":".join(parts) if len(parts) > 1 else path
    prefix = "" if path == "." else path + "/"
    names = set(tree.list(path))
    has_variables = any(name.endswith(VARIABLES) for name in names) or any(
        file.startswith(prefix) and file.endswith(VARIABLES) for file in found.files
    )
    library = backend is None and not folder.providers and ".terraform.lock.hcl" not in names and not has_variables
    return Root(path, "terraform", library=library, key=key)


def _manifests(tree: Tree, found: _Found, selection: Selection) -> tuple[str, ...]:
    """The YAML files that are applied as they are written; charts and changed kustomizations get one note each."""
    candidates = [path for path in found.files if path.endswith(MANIFESTS)]
    if not candidates or not _wants_manifests(selection, candidates):
        return ()
    charts = {posixpath.dirname(path) or "." for path in found.files if posixpath.basename(path) == "Chart.yaml"}
    left_out = _patched(tree, found)
    loose: list[str] = []
    for path in candidates:
        if posixpath.basename(path) in (*KUSTOMIZATIONS, "Chart.yaml", "surplus.yaml"):
            continue
        chart = next((chart for chart in charts if path.startswith(_templates(chart))), None)
        if chart is not None:
            if selection.names(path) or not (selection.files or selection.folders):
                message = "this Helm chart is not judged: its templates are no YAML before they are rendered"
                found.problems[Problem(message, join(chart, "Chart.yaml"), START, note=True)] = None
        elif path in left_out:
            if selection.names(path) or not (selection.files or selection.folders):
                message = "what this kustomization changes is not judged: it is not applied as it is written"
                found.problems[Problem(message, left_out[path], START, note=True)] = None
        else:
            loose.append(path)
    return tuple(loose)


def _wants_manifests(selection: Selection, candidates: Sequence[str]) -> bool:
    if not selection.files and not selection.folders:
        return True
    return any(selection.names(path) for path in candidates) or any(
        path.endswith(MANIFESTS) for path in selection.files
    )


def _templates(chart: str) -> str:
    return "templates/" if chart == "." else f"{chart}/templates/"


def _patched(tree: Tree, found: _Found) -> dict[str, str]:
    """Files that a kustomization changes, with the kustomization's own path."""
    paths = [path for path in found.files if posixpath.basename(path) in KUSTOMIZATIONS]
    if not paths:
        return {}
    from surplus.documents import read_documents
    from surplus.sources.kubernetes.kustomize import patched_files

    contents = {}
    for path in paths:
        try:
            documents, problems = read_documents(tree.read(path).text(), path)
        except UnreadableError as error:
            found.problems[error.problem] = None
            continue
        found.problems.update(dict.fromkeys(problems))
        contents[path] = documents[0].value if documents else None
    folder_file = {posixpath.dirname(path) or ".": path for path in paths}
    changed = patched_files(contents, tree.is_file)
    return {path: folder_file.get(folder, folder) for path, folder in changed.items()}
