"""An evaluated Terraform root with the Kubernetes objects in it read as kinds: the entry of this package."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from surplus.documents import Document, read_documents
from surplus.model import Location, Resource, Route, Span, Trace, Unknown
from surplus.results import Edit
from surplus.sources.evaluated import Evaluated
from surplus.sources.kinds.ids import ids_of, with_ids
from surplus.sources.kinds.names import kind_of, types_of
from surplus.sources.kinds.values import manifest_names, manifest_route, manifest_values, terraform_route
from surplus.sources.kubernetes.closed_world import Openness
from surplus.sources.kubernetes.manifests import complete, hidden, without_nulls
from surplus.sources.kubernetes.types import item_key, other_versions, type_of

MANIFESTS = ("kubernetes_manifest", "kubectl_manifest")
YAML_BODY = "yaml_body"
RENDERED = ("helm_release", "kustomization_resource")
"""Types that make objects which are not read."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A resource of Terraform as the kind it declares. `terraform` gives the resource's route for one of the kind;
    `document` is the YAML that declares it, of so many `lines`.
    """

    resource: Resource
    kind: Resource
    terraform: Callable[[Route], Route]
    document: Document | None = None
    lines: int = 0


def with_kinds(evaluated: Evaluated) -> Evaluated:
    """The same root, in which each `kubernetes_*` resource that declares an object has the type and the values of its
    kind. Addresses, places, and what a trace or an edit names stay Terraform's.
    """
    ids = ids_of(evaluated.resources)
    found = (_reading(one, evaluated, ids) for one in evaluated.resources)
    readings = {reading.kind.address: reading for reading in found if reading is not None}
    if not readings:
        return evaluated

    def meant(resource: Resource, route: Route) -> tuple[Resource, Route]:
        reading = readings.get(resource.address)
        return (reading.resource, reading.terraform(route)) if reading else (resource, route)

    def own(resource: Resource) -> Resource:
        return meant(resource, ())[0]

    def trace(resource: Resource, route: Route) -> Trace:
        found = evaluated.trace(*meant(resource, route))
        reading = readings.get(resource.address)
        return _in_heredoc(found, reading.document, reading.lines, route) if reading and reading.document else found

    def edit(resource: Resource, route: Route, value: Any) -> Edit | None:
        return evaluated.edit(*meant(resource, route), value)

    def key(resource: Resource, route: Route) -> str | None:
        if resource.address in readings:
            return item_key(resource.type, route)
        return evaluated.item_key(resource, route)

    def default_behind(resource: Resource, routes: Iterable[Route], around: frozenset[str] | None) -> str:
        types = None if around is None else types_of(around)
        return evaluated.default_behind(own(resource), [meant(resource, route)[1] for route in routes], types)

    def spelled(resource: Resource, route: Route) -> str:
        reading = readings.get(resource.address)
        return str(route[-1]) if reading and reading.document else evaluated.spelled(*meant(resource, route))

    resources = tuple(_kind(one, readings) for one in evaluated.resources)
    made_elsewhere = [one.address for one in resources if one.type in (*MANIFESTS, *RENDERED)]
    openness = Openness(resources, made_elsewhere, lambda _: False)

    def open_because(resource: Resource) -> str | None:
        reason = evaluated.open_because(own(resource))
        return openness.reason(resource) if reason is None and resource.address in readings else reason

    return replace(
        evaluated,
        resources=resources,
        trace=trace,
        open_because=open_because,
        edit=edit,
        item_key=key,
        by_address={**evaluated.by_address, **{one.address: one for one in resources}},
        mentioned=lambda resource: evaluated.mentioned(own(resource)),
        read_from=lambda resource, attribute: evaluated.read_from(own(resource), attribute),
        default_behind=default_behind,
        literal=lambda resource, route: evaluated.literal(*meant(resource, route)),
        spelled=spelled,
    )


def _kind(resource: Resource, readings: dict[str, Reading]) -> Resource:
    reading = readings.get(resource.address)
    return reading.kind if reading else resource


def _reading(resource: Resource, evaluated: Evaluated, ids: Mapping[str, Any]) -> Reading | None:
    """How a resource reads as a kind; None for one that declares none, or that is not known well enough."""
    if resource.type in MANIFESTS:
        return _manifest(resource, ids)
    kind = kind_of(resource.type)
    if kind is None:
        return None
    values = {"apiVersion": kind.api_version, "kind": kind.kind, **manifest_values(with_ids(resource.values, ids))}
    metadata = values.get("metadata")
    defaults = dict(kind.defaults)
    if kind.namespaced:
        defaults["metadata", "namespace"] = "default"
        if isinstance(metadata, dict) and metadata.get("namespace") == "":
            del metadata["namespace"]
    name = metadata.get("name") if isinstance(metadata, dict) else None
    if isinstance(metadata, dict) and isinstance(name, Unknown) and name.text is None and evaluated.mentioned(resource):
        # By this text an autoscaler names it, and whatever else refers to it.
        metadata["name"] = replace(name, text=f"⟨{resource.address}.metadata[0].name⟩")
    routes = (manifest_route(resource.values, route) for route in resource.sensitive)
    ignored = {"*" if one == "*" else manifest_names(one) for one in resource.ignored}
    sensitive = frozenset(route for route in routes if route is not None)

    def terraform(route: Route) -> Route:
        return terraform_route(resource.values, route)

    return Reading(resource, _as_kind(resource, values, sensitive, ignored, defaults), terraform)


def _manifest(resource: Resource, ids: Mapping[str, Any]) -> Reading | None:
    """A manifest that is the value of `manifest`, or the one document of the text `yaml_body`."""
    document, lines = None, 0
    name = "manifest"
    values: Any = with_ids(resource.values.get(name), ids)
    if resource.type == "kubectl_manifest":
        name = YAML_BODY
        text = with_ids(resource.values.get(name), ids)
        documents, problems = read_documents(text, "") if isinstance(text, str) else ([], [])
        lines = text.count("\n") if isinstance(text, str) else 0
        if problems or len(documents) != 1:
            return None
        document, values = documents[0], documents[0].value
    if not isinstance(values, dict) or not all(isinstance(values.get(key), str) for key in ("apiVersion", "kind")):
        return None
    if other_versions(values["apiVersion"], values["kind"]):
        return None
    routes = (route[1:] for route in resource.sensitive if route and route[0] == name)
    sensitive = frozenset(() if document else route for route in routes)
    ignored = {one.removeprefix(f"{name}.") for one in resource.ignored if one.startswith(f"{name}.")}
    ignored |= {"*" for one in resource.ignored if one in ("*", name)}
    ignored |= set(_left_to_the_cluster(resource))

    def terraform(route: Route) -> Route:
        return (name,) if document else (name, *route)

    kind = _as_kind(resource, without_nulls(values), sensitive, ignored, {})
    return Reading(resource, kind, terraform, document, lines)


def _left_to_the_cluster(resource: Resource) -> Iterable[str]:
    """The fields whose changes in the cluster the provider accepts."""
    for name in ("computed_fields", "ignore_fields"):
        fields = resource.values.get(name)
        yield from (one for one in fields if isinstance(one, str)) if isinstance(fields, list) else ()


def _as_kind(
    resource: Resource, values: dict[str, Any], sensitive: frozenset[Route], ignored: set[str], own: dict[Route, Any]
) -> Resource:
    """The resource with the type and values of its kind; *own* are defaults before those of the kind."""
    type_ = type_of(values["apiVersion"], values["kind"])
    return replace(
        resource,
        type=type_,
        values=values,
        defaulted=complete(type_, values, own),
        sensitive=sensitive | hidden(type_, values),
        ignored=frozenset(ignored),
        region=None,
    )


def _in_heredoc(found: Trace, document: Document, lines: int, route: Route) -> Trace:
    """The line of a value in a text that is written on the lines between those of the heredoc's markers."""
    span = found.location.span
    if found.causes or span.end_line - span.line != lines + 1:
        return found
    place, exact = document.locate(route)
    line = span.line + place.line
    return Trace(Location(found.location.path, Span(line, 1, line + 1, 1)), exact=exact)
