"""LimitRanges that kustomizations put into namespaces: they give requests to containers far from their folder."""

from collections.abc import Iterator
from dataclasses import replace

from surplus.model import walk
from surplus.sources.kubernetes.kustomize import Kustomized
from surplus.sources.kubernetes.manifests import Manifest, ManifestFile, address_of, read_manifests
from surplus.trees import Tree, UnreadableError

_KIND = "LimitRange"


def changed_limits(tree: Tree, kustomized: Kustomized) -> Iterator[ManifestFile]:
    """The LimitRanges in files that kustomizations change. To what is not known, so each may not exist.

    Nothing else is told of such a file: that it is left out has been said.
    """
    for path in kustomized.changed:
        try:
            text = tree.read(path).text().removeprefix("\ufeff")
        except UnreadableError:
            continue
        if _KIND in text:
            found = [one for one in read_manifests(text, path).manifests if one.resource.type == _KIND]
            manifests = [replace(one, resource=replace(one.resource, optional=True)) for one in found]
            yield ManifestFile(path, tuple(manifests))


def placed_limits(file: ManifestFile, kustomized: Kustomized) -> ManifestFile:
    """The file with one more LimitRange for each namespace that a kustomization puts one of its own into. The one that
    is written stays: it may hold for what has no namespace written either.
    """
    namespaces = kustomized.namespaces.get(file.path, ())
    copies = [
        _in_namespace(one, namespace)
        for one in file.manifests
        for namespace in namespaces
        if one.resource.type == _KIND and walk(one.resource.values, ("metadata", "namespace")) is None
    ]
    return replace(file, manifests=(*file.manifests, *copies)) if copies else file


def _in_namespace(manifest: Manifest, namespace: str) -> Manifest:
    resource = manifest.resource
    metadata = resource.values.get("metadata")
    metadata = {**(metadata if isinstance(metadata, dict) else {}), "namespace": namespace}
    values = {**resource.values, "metadata": metadata}
    copy = replace(resource, values=values, address=address_of(resource.type, metadata))
    return replace(manifest, resource=copy)
