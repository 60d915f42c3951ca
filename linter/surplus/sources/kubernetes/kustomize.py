"""Which manifests a kustomization changes, so that they are not judged as they are written, and into which namespaces
it puts them.

The fields are those of https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/
"""

import posixpath
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

FILE_NAMES = ("kustomization.yaml", "kustomization.yml", "Kustomization")
"""The names under which `kustomize` looks for its file."""

_CHANGING = (
    "components",
    "generators",
    "patches",
    "patchesJson6902",
    "patchesStrategicMerge",
    "replacements",
    "replicas",
    "transformers",
)
"""Fields that can change what a pod asks for, or how many there are. Names, labels, images do not."""

_CHARTS = ("helmCharts", "helmChartInflationGenerator")

_LISTS_OF_PATHS = (
    "configurations",
    "crds",
    "generators",
    "patchesStrategicMerge",
    "transformers",
    "validators",
)
_LISTS_WITH_PATHS = {
    "patches": ("path",),
    "patchesJson6902": ("path",),
    "replacements": ("path",),
    "helmCharts": ("valuesFile", "additionalValuesFiles"),
    "helmChartInflationGenerator": ("values",),
    "configMapGenerator": ("files", "envs", "env"),
    "secretGenerator": ("files", "envs", "env"),
}


@dataclass(frozen=True, slots=True)
class Kustomized:
    """What kustomizations do to manifests: those that they change, and the namespaces that they put a file's into."""

    changed: tuple[str, ...]
    namespaces: Mapping[str, tuple[str, ...]]


NOT_KUSTOMIZED = Kustomized((), {})


def patched_files(kustomizations: Mapping[str, Any], is_file: Callable[[str], bool]) -> dict[str, str]:
    """The files that are not applied as they are written: path → folder of a kustomization that says so.

    *kustomizations* maps the path of each kustomization file of the tree to its content; paths are relative
    to the tree's top, and the top itself is ".". Two kinds of file are in the result: manifests that a
    kustomization with patches, components, replicas and the like reaches through `resources`, `bases` and
    `components`; and files that are no manifests of their own: patches, values, generators' input.
    Of several kustomizations the first in order of folder is named. Nothing outside the tree is followed.
    """
    folders = {_folder(path): content for path, content in sorted(kustomizations.items(), reverse=True)}
    found: dict[str, str] = {}
    for folder, content in sorted(folders.items()):
        if not isinstance(content, dict):
            continue
        for path in _inputs(content, folder):
            if is_file(path):
                found.setdefault(path, folder)
        if any(content.get(field) for field in _CHANGING):
            for path in _reached(folder, folders, is_file):
                found.setdefault(path, folder)
    return found


def incomplete(kustomizations: Mapping[str, Any], is_file: Callable[[str], bool]) -> list[str]:
    """The paths of the kustomizations that build from more than manifests which are read as they are written: those
    that change what they build from, render charts, or name what is not in the tree. Parameters as `patched_files`.
    """
    folders = {_folder(path): content for path, content in kustomizations.items()}
    found = []
    for path, content in sorted(kustomizations.items()):
        if isinstance(content, dict) and (
            any(content.get(field) for field in (*_CHANGING, *_CHARTS))
            or any(_is_elsewhere(entry, _folder(path), folders, is_file) for entry in _entries(content))
        ):
            found.append(path)
    return found


def set_namespaces(kustomizations: Mapping[str, Any], is_file: Callable[[str], bool]) -> dict[str, tuple[str, ...]]:
    """The namespaces that kustomizations put what is in a file into: path → the `namespace` of each that builds from
    it, sorted. Parameters as `patched_files`.
    """
    folders = {_folder(path): content for path, content in sorted(kustomizations.items(), reverse=True)}
    found: dict[str, set[str]] = defaultdict(set)
    for folder, content in folders.items():
        namespace = content.get("namespace") if isinstance(content, dict) else None
        if isinstance(namespace, str) and namespace:
            for path in _reached(folder, folders, is_file):
                found[path].add(namespace)
    return {path: tuple(sorted(namespaces)) for path, namespaces in sorted(found.items())}


def _entries(content: Mapping[str, Any]) -> Iterator[Any]:
    for field in ("resources", "bases"):
        yield from _list(content.get(field))


def _is_elsewhere(entry: Any, folder: str, folders: Mapping[str, Any], is_file: Callable[[str], bool]) -> bool:
    """Whether an entry of `resources` names neither a file of the tree nor a folder with a kustomization."""
    return not any(is_file(path) or path in folders for path in _paths(entry, folder))


def _reached(start: str, folders: Mapping[str, Any], is_file: Callable[[str], bool]) -> Iterator[str]:
    """The manifest files that the kustomization in the folder *start* builds from."""
    pending, seen = [start], {start}
    while pending:
        folder = pending.pop()
        content = folders[folder]
        if not isinstance(content, dict):
            continue
        for field in ("resources", "bases", "components"):
            for path in _paths(content.get(field), folder):
                if is_file(path):
                    yield path
                elif path in folders and path not in seen:
                    seen.add(path)
                    pending.append(path)


def _inputs(content: Mapping[str, Any], folder: str) -> Iterator[str]:
    """The files that a kustomization reads as something other than manifests."""
    for field in _LISTS_OF_PATHS:
        yield from _paths(content.get(field), folder)
    for field, names in _LISTS_WITH_PATHS.items():
        for item in _list(content.get(field)):
            if isinstance(item, dict):
                for name in names:
                    # An entry of `files` may be `key=path`.
                    entries = [str(entry).rpartition("=")[2] for entry in _list(item.get(name))]
                    yield from _paths(entries, folder)
    openapi = content.get("openapi")
    if isinstance(openapi, dict):
        yield from _paths(openapi.get("path"), folder)


def _paths(value: Any, folder: str) -> Iterator[str]:
    """The paths in a text or a list of texts, relative to the tree's top, without those that leave it."""
    for entry in _list(value):
        # Patches and generators may also stand inline.
        if not isinstance(entry, str) or not entry or "\n" in entry or entry.startswith("/"):
            continue
        path = posixpath.normpath(posixpath.join(folder, entry))
        if path != ".." and not path.startswith("../"):
            yield path


def _list(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _folder(path: str) -> str:
    return posixpath.normpath(posixpath.dirname(path))
