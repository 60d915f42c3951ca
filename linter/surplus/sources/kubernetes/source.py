"""Loose manifests to resources: the entry of this source."""

import json
import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from surplus.documents import SOURCE_COMMENT
from surplus.model import Location, Problem, Resource, Root, Route, Span, Trace, walk
from surplus.results import Edit
from surplus.sources.evaluated import Evaluated
from surplus.sources.kubernetes.applied import NOTHING_APPLIED, Applied, elsewhere
from surplus.sources.kubernetes.closed_world import Openness
from surplus.sources.kubernetes.kustomize import NOT_KUSTOMIZED, Kustomized
from surplus.sources.kubernetes.limits import changed_limits, placed_limits
from surplus.sources.kubernetes.manifests import Manifest, ManifestFile, may_hold_manifests, read_manifests
from surplus.sources.kubernetes.templates import ADVICE, START, is_template, left_out, without_templates
from surplus.sources.kubernetes.types import item_key
from surplus.text import Lines
from surplus.trees import Tree, UnreadableError


def evaluate(
    root: Root,
    tree: Tree,
    paths: Iterable[str],
    unread: Iterable[str] = (),
    kustomized: Kustomized = NOT_KUSTOMIZED,
    applied: Applied = NOTHING_APPLIED,
) -> Evaluated:
    """The resources of the manifests in *paths*; a file that is none is passed over in silence. In *unread* are other
    paths of the root that may hold manifests. Of what is *kustomized* only LimitRanges are read: they may hold for all.
    What is *applied* by Terraform is judged there, and here only stands in relation to the rest.
    """
    files: list[ManifestFile] = []
    made_from = applied.files
    texts: dict[str, str] = {}
    for path in paths:
        try:
            text = tree.read(path).text().removeprefix("\ufeff")
        except UnreadableError as error:
            files.append(ManifestFile(path, problems=(error.problem,)))
            continue
        if not may_hold_manifests(text):
            continue
        file = read_manifests(text, path)
        filled_in = path in applied.templates
        if (filled_in and file.problems) or is_template(text, file.problems):
            if path in made_from:
                continue
            file = _without_templates(text, path, filled_in)
        files.append(file)
        texts[path] = text
    files = [placed_limits(file, kustomized) for file in (*files, *changed_limits(tree, kustomized))]
    evaluated = _evaluated(root, files, texts, unread, tree.is_folder)
    return replace(evaluated, elsewhere=elsewhere(evaluated.resources, applied))


def _without_templates(text: str, path: str, by_terraform: bool) -> ManifestFile:
    """What a template holds as it will be applied: the documents in which nothing is to be filled in."""
    rest = without_templates(text, by_terraform)
    file = read_manifests(rest[0], path) if rest else ManifestFile(path)
    if rest is None or not file.manifests:
        return ManifestFile(path, problems=(left_out(path),))
    return replace(file, problems=(left_out(path, rest[1]), *file.problems))


def evaluate_rendered(root: Root, tree: Tree, path: str, editable: bool) -> Evaluated:
    """The resources of what a renderer wrote. It is judged whatever it looks like, and that there is nothing in it is
    told: then mostly the renderer has failed.
    """
    try:
        text = tree.read(path).text().removeprefix("\ufeff")
    except UnreadableError as error:
        return _evaluated(root, [ManifestFile(path, problems=(error.problem,))], {})
    file = read_manifests(text, path)
    problems = list(_in_templates(file.problems, text))
    if is_template(text, file.problems):
        problems.insert(0, Problem(f"this is a template, not YAML: {ADVICE}", path, START, note=True))
    if not file.manifests and not problems:
        what = "there is no manifest (a mapping with apiVersion and kind)" if text.strip() else "the input is empty"
        problems.append(Problem(f"{what}, so nothing was judged; see whether what writes it has failed", path, START))
    file = replace(file, problems=tuple(problems), remarks=tuple(_in_templates(file.remarks, text)))
    return _evaluated(root, [file], {path: text} if editable else {})


SOURCE = re.compile(rf"^(?:---(?:\s|$)|{SOURCE_COMMENT})", re.MULTILINE)
"""The line where a document begins, or Helm's comment below it."""


def _in_templates(problems: Sequence[Problem], text: str) -> Iterator[Problem]:
    """Problems of rendered text, each with the template that its document came from, where that is written."""
    lines = Lines(text)
    sources = [(lines.span(match.start(), match.end()), match[1]) for match in SOURCE.finditer(text)]
    for problem in problems:
        at = bisect_right(sources, problem.span, key=lambda source: source[0]) if problem.span else 0
        source = sources[at - 1][1] if at else None
        yield replace(problem, message=f"{problem.message} (rendered from {source})") if source else problem


def _evaluated(
    root: Root,
    files: Sequence[ManifestFile],
    texts: Mapping[str, str],
    unread: Iterable[str] = (),
    is_folder: Callable[[str], bool] = lambda _: False,
) -> Evaluated:
    """The manifests of all files as one root; *texts* are those that edits may be made in."""
    manifests = {manifest.resource: manifest for file in files for manifest in file.manifests}
    resources = sorted(manifests, key=lambda one: (one.address, one.location))
    openness = Openness(resources, {*unread, *(file.path for file in files if file.problems)}, is_folder)
    lines: dict[str, Lines] = {}

    def trace(resource: Resource, route: Route) -> Trace:
        return manifests[resource].trace(route)

    def edit(resource: Resource, route: Route, value: Any) -> Edit | None:
        path = resource.location.path
        # What was rendered is not edited: the next rendering would undo it.
        if path not in texts or resource.rendered_from is not None:
            return None
        if path not in lines:
            lines[path] = Lines(texts[path])
        return _edit(manifests[resource], route, value, lines[path])

    def key(resource: Resource, route: Route) -> str | None:
        return item_key(resource.type, route)

    return Evaluated(
        root,
        tuple(resources),
        tuple(dict.fromkeys(problem for file in files for problem in (*file.problems, *file.remarks))),
        trace,
        openness.reason,
        edit,
        key,
        frozenset(file.path for file in files if file.manifests),
        {resource.address: resource for resource in resources},
    )


def _edit(manifest: Manifest, route: Route, value: Any, lines: Lines) -> Edit | None:
    """Replace a scalar on one line; leave out a key that has a line of its own, in JSON not the last of its object.
    What is shared is not edited.
    """
    trace = manifest.trace(route)
    span = trace.location.span
    if not trace.exact or trace.causes or span.line != span.end_line or isinstance(value, (dict, list)):
        return None
    line = lines.line(span.line)
    if _anchored(line, span.column - 1) or isinstance(walk(manifest.resource.values, route), (dict, list)):
        return None
    top, _ = manifest.document.locate(())
    in_json = lines.line(top.line).startswith("{", top.column - 1)
    if value is not None:
        return Edit(trace.location, _scalar(value, in_json))
    key = manifest.document.keys.get((*manifest.prefix, *route))
    above = walk(manifest.resource.values, route[:-1])
    after = line[span.end_column - 1 :].strip()
    alone = key is not None and key.line == span.line and not line[: key.column - 1].strip()
    behind = after == "," if in_json else not after or after.startswith("#")
    if not alone or not behind or not isinstance(above, dict) or len(above) < 2:
        return None
    return Edit(Location(trace.location.path, Span(span.line, 1, span.line + 1, 1)), "")


def _anchored(line: str, end: int) -> bool:
    """Whether the last word before *end* is an anchor or a tag; a line may be all there is, so no more is looked at."""
    while end and line[end - 1].isspace():
        end -= 1
    start = end
    while start and line[start - 1] not in ",[]{}" and not line[start - 1].isspace():
        start -= 1
    return "&" in line[start:end] or "!" in line[start:end]


def _scalar(value: Any, in_json: bool) -> str:
    """A value as YAML, or JSON, writes it on one line."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, (int, float)):
        return repr(value)
    text = str(value)
    plain = not in_json and re.fullmatch(r"[A-Za-z_][\w.-]*", text, re.ASCII) and text.lower() not in NOT_TEXT
    return text if plain else json.dumps(text, ensure_ascii=False)


NOT_TEXT = frozenset(("true", "false", "null", "yes", "no", "on", "off", "y", "n"))
"""Words that YAML's readers take for something else than text."""
