"""Loose manifests to resources: the entry of this source."""

import json
import re
from collections.abc import Iterable
from typing import Any

from surplus.model import Location, Problem, Resource, Root, Route, Span, Trace, walk
from surplus.results import Edit
from surplus.sources.evaluated import Evaluated
from surplus.sources.kubernetes.closed_world import Openness
from surplus.sources.kubernetes.manifests import Manifest, is_template, may_hold_manifests, read_manifests
from surplus.sources.kubernetes.types import item_key
from surplus.text import Lines
from surplus.trees import Tree, UnreadableError


def evaluate(root: Root, tree: Tree, paths: Iterable[str], unread: Iterable[str] = ()) -> Evaluated:
    """The resources of the manifests in *paths*; a file that is none is passed over in silence. In *unread* are other
    paths of the root that may hold manifests.
    """
    not_read = set(unread)
    manifests: dict[Resource, Manifest] = {}
    problems: dict[Problem, None] = {}
    texts: dict[str, str] = {}
    for path in paths:
        try:
            text = tree.read(path).text().removeprefix("\ufeff")
        except UnreadableError as error:
            problems[error.problem] = None
            not_read.add(path)
            continue
        if not may_hold_manifests(text):
            continue
        if is_template(text):
            message = "this is a template, not YAML; it is left out: check what it renders to"
            problems[Problem(message, path, Span(1, 1, 1, 1), note=True)] = None
            not_read.add(path)
            continue
        file = read_manifests(text, path)
        problems.update(dict.fromkeys(file.problems))
        if file.problems:
            not_read.add(path)
        if file.manifests:
            texts[path] = text
        manifests.update((manifest.resource, manifest) for manifest in file.manifests)

    def trace(resource: Resource, route: Route) -> Trace:
        return manifests[resource].trace(route)

    def edit(resource: Resource, route: Route, value: Any) -> Edit | None:
        return _edit(manifests[resource], route, value, texts[resource.location.path])

    def key(resource: Resource, route: Route) -> str | None:
        return item_key(resource.type, route)

    resources = sorted(manifests, key=lambda one: (one.address, one.location))
    openness = Openness(resources, not_read, tree.is_folder)
    return Evaluated(
        root,
        tuple(resources),
        tuple(problems),
        trace,
        openness.reason,
        edit,
        key,
        frozenset(texts),
        {resource.address: resource for resource in resources},
    )


def _edit(manifest: Manifest, route: Route, value: Any, text: str) -> Edit | None:
    """Replace a scalar on one line; leave out a key that has a line of its own. What is shared is not edited."""
    trace = manifest.trace(route)
    span = trace.location.span
    if not trace.exact or trace.causes or span.line != span.end_line or isinstance(value, (dict, list)):
        return None
    line = Lines(text).line(span.line)
    if ANCHORED.search(line[: span.column - 1]) or isinstance(walk(manifest.resource.values, route), (dict, list)):
        return None
    if value is not None:
        return Edit(trace.location, _scalar(value))
    key = manifest.document.keys.get((*manifest.prefix, *route))
    above = walk(manifest.resource.values, route[:-1])
    after = line[span.end_column - 1 :].strip()
    alone = key is not None and key.line == span.line and not line[: key.column - 1].strip()
    if not alone or (after and not after.startswith("#")) or not isinstance(above, dict) or len(above) < 2:
        return None
    return Edit(Location(trace.location.path, Span(span.line, 1, span.line + 1, 1)), "")


ANCHORED = re.compile(r"[&!][^\s,\[\]{}]*\s*$")
"""An anchor or a tag before a value."""


def _scalar(value: Any) -> str:
    """A value as YAML writes it on one line."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, (int, float)):
        return repr(value)
    text = str(value)
    plain = re.fullmatch(r"[A-Za-z_][\w.-]*", text, re.ASCII) and text.lower() not in NOT_TEXT
    return text if plain else json.dumps(text, ensure_ascii=False)


NOT_TEXT = frozenset(("true", "false", "null", "yes", "no", "on", "off", "y", "n"))
"""Words that YAML's readers take for something else than text."""
