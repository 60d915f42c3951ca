"""Kubernetes manifests to resources, each with a way back to the text."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from surplus.documents import Document, read_documents
from surplus.model import Cause, Location, Problem, Resource, Route, Span, Trace, Unknown, walk
from surplus.sources.kubernetes.fit import fit, kind_of
from surplus.sources.kubernetes.sops import ENCRYPTED, is_encrypted, veiled
from surplus.sources.kubernetes.types import defaults, knows_type, other_versions, type_of

_API_VERSION_LINE = re.compile(r"^(?:[ \t{]*[\"']|\{? ?)apiVersion[\"']?[ \t]*:", re.MULTILINE)
_KIND_LINE = re.compile(r"^(?:[ \t{]*[\"']|\{? ?)kind[\"']?[ \t]*:", re.MULTILINE)
_JSON_FIELD = re.compile(r"[{,]\s*\"(?:apiVersion|kind)\"\s*:")

NO_DEFAULTS: Mapping[Route, Any] = {}


@dataclass(frozen=True, slots=True)
class Manifest:
    """A resource and the document it is in; `prefix` leads from the document's top to the resource."""

    resource: Resource
    document: Document
    prefix: Route = ()

    def locate(self, route: Route) -> tuple[Span, bool]:
        """The span of the value at *route* of the resource, and whether it is written: `Document.locate`."""
        return self.document.locate((*self.prefix, *route))

    def trace(self, route: Route) -> Trace:
        """Where the value at *route* is written. Behind an alias the cause is the anchored text."""
        path = self.resource.location.path
        full = (*self.prefix, *route)
        span, exact = self.document.locate(full)
        alias = self.document.alias(full)
        if alias is None:
            return Trace(Location(path, span), exact=exact)
        used, name = alias
        return Trace(Location(path, used), (Cause(Location(path, span), f"&{name}"),), exact)


@dataclass(frozen=True, slots=True)
class ManifestFile:
    """What one file holds: its manifests in order, what could not be read, and remarks on what was."""

    path: str
    manifests: tuple[Manifest, ...] = ()
    problems: tuple[Problem, ...] = ()
    remarks: tuple[Problem, ...] = ()

    @property
    def resources(self) -> tuple[Resource, ...]:
        """The resources of all manifests, in the order of the file."""
        return tuple(manifest.resource for manifest in self.manifests)


def read_manifests(text: str, path: str) -> ManifestFile:
    """Every manifest of a YAML or JSON text; never raises.

    A manifest is a mapping with text `apiVersion` and `kind`; the items of a `List` are manifests of their own, those
    of a `DeploymentList` are Deployments. A text without both words where a manifest has them is none of ours: it is
    not parsed, and what may be wrong with it is not told.
    """
    if not may_hold_manifests(text):
        return ManifestFile(path)
    documents, problems = read_documents(text, path)
    manifests: list[Manifest] = []
    for document in documents:
        for value, prefix in _unfold(document, path, problems):
            manifests.append(Manifest(_resource(value, document, prefix, path), document, prefix))
    manifests, remarks = _latest(manifests)
    return ManifestFile(path, tuple(manifests), tuple(problems), tuple(remarks))


def may_hold_manifests(text: str) -> bool:
    """Whether `apiVersion` and `kind` begin a line (in JSON: stand as keys): cheap, without parsing."""
    if "apiVersion" not in text or "kind" not in text:
        return False
    if _API_VERSION_LINE.search(text) and _KIND_LINE.search(text):
        return True
    return len({found[0].split('"')[1] for found in _JSON_FIELD.finditer(text)}) == 2


def address_of(type_: str, metadata: Any) -> str:
    """`Kind/namespace/name`; without a namespace `Kind/name`; a generated name ends in `*`."""
    fields = metadata if isinstance(metadata, dict) else {}
    name = _text(fields.get("name"))
    if not name:
        prefix = _text(fields.get("generateName"))
        name = f"{prefix}*" if prefix else "(unnamed)"
    namespace = _text(fields.get("namespace"))
    return f"{type_}/{namespace}/{name}" if namespace else f"{type_}/{name}"


def _unfold(document: Document, path: str, problems: list[Problem]) -> Iterator[tuple[dict[str, Any], Route]]:
    """The manifests in a document with their routes, lists of them unfolded; what is nearly one is a problem."""
    whole = veiled(document.value) if is_encrypted(document.value) else document.value
    pending: list[tuple[Any, Route, bool]] = [(whole, (), False)]
    while pending:
        value, route, listed = pending.pop()
        if isinstance(value, dict) and ENCRYPTED in (value.get("apiVersion"), value.get("kind")):
            span, _ = document.locate((*route, "kind"))
            problems.append(
                Problem("apiVersion or kind is encrypted by SOPS, so this is left out", path, span, note=True)
            )
            continue
        fault = _fault(value, listed)
        if fault is not None:
            key, message = fault
            span, _ = document.locate((*route, key) if key else route)
            problems.append(Problem(f"{message}, so this is left out; correct it", path, span))
        elif isinstance(value, dict) and value.get("apiVersion") and value.get("kind"):
            items = value.get("items")
            if value["kind"].endswith("List") and isinstance(items, list) and not walk(value, ("metadata", "name")):
                of_manifests = _is_list(value)
                inner = [
                    (item if of_manifests else _of_list(value, item), (*route, "items", index), of_manifests)
                    for index, item in enumerate(items)
                ]
                pending.extend(reversed(inner))
            elif known := other_versions(value["apiVersion"], value["kind"]):
                span, _ = document.locate((*route, "apiVersion"))
                message = (
                    f"{value['apiVersion']} is not known ({', '.join(known)}), so this {value['kind']} is left out"
                )
                problems.append(Problem(message, path, span, note=True))
            elif not _is_list(value):
                yield value, route


def _is_list(value: dict[str, Any]) -> bool:
    return bool(value["apiVersion"] == "v1" and value["kind"] == "List")


def _of_list(value: dict[str, Any], item: Any) -> Any:
    """An item of a list such as DeploymentList, which says for all what they are."""
    if not isinstance(item, dict):
        return item
    item = {key: inner for key, inner in item.items() if inner is not None}
    return {"apiVersion": value["apiVersion"], "kind": value["kind"].removesuffix("List"), **item}


def _fault(value: Any, listed: bool) -> tuple[str, str] | None:
    """What keeps a value that is meant as a manifest from being one, with the key where that shows; None for a
    manifest, and for what has nothing to do with them. What is *listed* in a List is meant as one.
    """
    if not isinstance(value, dict):
        return (
            ("", f"an item of a List must be a manifest, not {kind_of(value)}")
            if listed and value is not None
            else None
        )
    version, kind = value.get("apiVersion"), value.get("kind")
    if version is None or kind is None:
        return ("", "an item of a List must have apiVersion and kind") if listed else None
    for key, found, other in (("apiVersion", version, kind), ("kind", kind, version)):
        if not isinstance(found, str):
            return key, f"{key} must be text, not {kind_of(found)}"
        if not found and other:
            return key, f"{key} is empty"
    group, slash, bare = version.rpartition("/")
    if "/" in group or (slash and not (group and bare)):
        return "apiVersion", f"{version} is no API version as apps/v1 is"
    items = value.get("items")
    if version == "v1" and kind == "List" and items is not None and not isinstance(items, list):
        return "items", f"items of a List must be a list, not {kind_of(items)}"
    return None


def _latest(manifests: Sequence[Manifest]) -> tuple[list[Manifest], list[Problem]]:
    """The *manifests* of one file without those that a later one replaces when the file is applied, with a note on each
    of the latter. Hooks of Helm may share a name: they do not exist at the same time.
    """
    last: dict[tuple[str, ...], Manifest] = {}
    replaced: set[Resource] = set()
    notes: list[Problem] = []
    for manifest in manifests:
        resource = manifest.resource
        identity = _identity(resource)
        if identity is None:
            continue
        earlier = last.get(identity)
        if earlier is not None:
            replaced.add(earlier.resource)
            line = earlier.resource.location.span.line
            message = f"{resource.address} is defined already at line {line}; the later one counts"
            notes.append(Problem(message, resource.location.path, resource.location.span, note=True))
        last[identity] = manifest
    return [one for one in manifests if one.resource not in replaced], notes


def _identity(resource: Resource) -> tuple[str, ...] | None:
    """What tells an object of a cluster from others; None where it has no name that is known, is a hook, or of a kind
    that nobody asks about.
    """
    metadata = resource.values.get("metadata")
    if not isinstance(metadata, dict) or not knows_type(resource.type):
        return None
    if walk(metadata, ("annotations", "helm.sh/hook")) is not None:
        return None
    name, namespace = metadata.get("name"), metadata.get("namespace", "")
    if not name or isinstance(name, Unknown) or isinstance(namespace, Unknown):
        return None
    return resource.type, _text(namespace), _text(name)


def _resource(value: dict[str, Any], document: Document, prefix: Route, path: str) -> Resource:
    type_ = type_of(value["apiVersion"], value["kind"])
    values = without_nulls(value)
    fit(type_, values)
    defaulted = complete(type_, values)
    span, _ = document.locate((*prefix, "kind"))
    return Resource(
        source="kubernetes",
        type=type_,
        address=address_of(type_, values.get("metadata")),
        location=Location(path, span),
        values=values,
        defaulted=defaulted,
        sensitive=hidden(type_, values),
        rendered_from=document.source,
    )


def hidden(type_: str, values: Mapping[str, Any]) -> frozenset[Route]:
    """The routes of what is never shown: the data of a Secret."""
    names = ("data", "stringData") if type_ == "Secret" else ()
    return frozenset((name,) for name in names if name in values)


def complete(type_: str, values: dict[str, Any], own: Mapping[Route, Any] = NO_DEFAULTS) -> frozenset[Route]:
    """Fill in, in place, what applies where nothing is written: *own*, then what the table says of the kind. Returns
    the routes that hold a default.
    """
    filled = [*own.items(), *defaults(type_).items()]
    return frozenset([route for route, default in filled if _fill(values, route, default)])


def without_nulls(value: Any) -> Any:
    """A copy without the keys that hold null; items of lists stay, so that indexes do."""
    if isinstance(value, dict):
        return {key: without_nulls(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [without_nulls(item) for item in value]
    return value


def _fill(values: dict[str, Any], route: Route, default: Any) -> bool:
    """Set a default where nothing is written.

    Mappings on the way are made, except the first: a manifest without `spec` is broken, not defaulted.
    """
    top = values
    for depth, key in enumerate(route[:-1]):
        inner = top.get(str(key))
        if inner is None and depth > 0:
            inner = top[str(key)] = {}
        if not isinstance(inner, dict):
            return False
        top = inner
    last = str(route[-1])
    if last in top:
        return False
    top[last] = default
    return True


def _text(value: Any) -> str:
    """The text of a scalar, "" for what is none; of an unknown its own text."""
    if isinstance(value, Unknown):
        return value.text or ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None or isinstance(value, Mapping | list) else str(value)
