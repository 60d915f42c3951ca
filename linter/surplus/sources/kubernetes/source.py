"""Loose manifests to resources: the entry of this source."""

from collections.abc import Iterable
from typing import Any

from surplus.model import Edit, Location, Problem, Resource, Root, Route, Span, Trace
from surplus.sources.evaluated import Evaluated
from surplus.sources.kubernetes.manifests import Manifest, is_template, may_hold_manifests, read_manifests
from surplus.sources.kubernetes.types import item_key
from surplus.trees import Tree, UnreadableError


def evaluate(root: Root, tree: Tree, paths: Iterable[str]) -> Evaluated:
    """The resources of the manifests in *paths*; a file that is none is passed over in silence."""
    manifests: dict[Resource, Manifest] = {}
    problems: dict[Problem, None] = {}
    files: set[str] = set()
    for path in paths:
        try:
            text = tree.read(path).text()
        except UnreadableError as error:
            problems[error.problem] = None
            continue
        if not may_hold_manifests(text):
            continue
        if is_template(text):
            message = "this is a template, not YAML; it is left out: check what it renders to"
            problems[Problem(message, path, Span(1, 1, 1, 1), note=True)] = None
            continue
        file = read_manifests(text, path)
        problems.update(dict.fromkeys(file.problems))
        if file.manifests:
            files.add(path)
        manifests.update((manifest.resource, manifest) for manifest in file.manifests)

    def trace(resource: Resource, route: Route) -> Trace:
        return manifests[resource].trace(route)

    def edit(resource: Resource, route: Route, value: Any) -> Edit | None:
        return _edit(manifests[resource], route, value)

    def key(resource: Resource, route: Route) -> str | None:
        return item_key(resource.type, route)

    resources = sorted(manifests, key=lambda one: (one.address, one.location))
    return Evaluated(
        root,
        tuple(resources),
        tuple(problems),
        trace,
        lambda _: None,
        edit,
        key,
        frozenset(files),
        {resource.address: resource for resource in resources},
    )


def _edit(manifest: Manifest, route: Route, value: Any) -> Edit | None:
    """Replace a scalar on one line; leave out a key that has a line of its own. Aliased text is shared: no edit."""
    trace = manifest.trace(route)
    span = trace.location.span
    if not trace.exact or trace.causes or span.line != span.end_line:
        return None
    if value is None:
        key = manifest.document.keys.get((*manifest.prefix, *route))
        if key is None or key.line != span.line:
            return None
        line = Span(span.line, 1, span.line + 1, 1)
        return Edit(Location(trace.location.path, line), "")
    return Edit(trace.location, _scalar(value))


def _scalar(value: Any) -> str:
    """A value as YAML writes it on one line."""
    import json

    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return f"{value:g}"
    text = str(value)
    plain = text.replace("-", "").replace(".", "").replace("_", "").isalnum() and not text[0].isdigit()
    return (
        text if plain and text.lower() not in ("true", "false", "null", "yes", "no", "on", "off") else json.dumps(text)
    )
