"""A Terraform root to resources: the entry of this source."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from surplus.model import Resource, Root, Route, Trace
from surplus.results import Edit
from surplus.sources.evaluated import Evaluated
from surplus.sources.terraform.closed_world import Leaving, Mentions
from surplus.sources.terraform.defaults import default_behind
from surplus.sources.terraform.edits import edit_of, is_literal
from surplus.sources.terraform.evaluate import Evaluation, Module
from surplus.sources.terraform.inputs import Inputs, given_values, note_undeclared, variable_files
from surplus.sources.terraform.instances import Instance
from surplus.sources.terraform.limits import MAX_RESOURCES
from surplus.sources.terraform.modules import Folders
from surplus.sources.terraform.resources import data_read, resource_of
from surplus.sources.terraform.sensitivity import secret_texts
from surplus.sources.terraform.trace import trace
from surplus.sources.terraform.types import item_key

__all__ = ["Inputs", "evaluate"]


def evaluate(root: Root, folders: Folders, inputs: Inputs) -> Evaluated:
    """Every resource of the root and of the modules it calls, with its evaluated values."""
    workspace = root.workspace if root.workspace is not None else inputs.workspace
    evaluation = Evaluation(
        folders, root.path, environment=inputs.environment, variables=inputs.variables, workspace=workspace
    )
    evaluation.given = given_values(root, folders, evaluation)
    top = Module(evaluation, evaluation.folder(root.path))
    note_undeclared(root, evaluation, top)
    instances: dict[str, Instance] = {}
    written: dict[int, list[Instance]] = defaultdict(list)
    resources: list[Resource] = []
    read_for: dict[str, frozenset[str]] = {}
    for instance, one, optional in top.resources():
        if len(resources) >= MAX_RESOURCES:
            message = f"more than {MAX_RESOURCES:,} resources (MAX_RESOURCES); the rest is not judged"
            evaluation.problem(message, instance.body.header, note=True)
            break
        instances[instance.address] = instance
        written[id(instance.body.header.node)].append(instance)
        evaluation.reading.files = set()
        resources.append(resource_of(instance, one, optional, inputs.region))
        if evaluation.reading.files:
            read_for[instance.address] = frozenset(evaluation.reading.files)
    resources.sort(key=lambda resource: resource.address)
    leaving, mentions = Leaving(top), Mentions(top)

    def place(resource: Resource, route: Route) -> Trace:
        return trace(instances[resource.address], route)

    def open_because(resource: Resource) -> str | None:
        for call in evaluation.unread_calls:
            return f"{call} could not be read and may refer to it"
        return leaving.reason(resource)

    def edit(resource: Resource, route: Route, value: Any) -> Edit | None:
        instance = instances[resource.address]
        return edit_of(instance, route, value, written[id(instance.body.header.node)])

    def key(resource: Resource, route: Route) -> str | None:
        return item_key(resource.type, tuple(part for part in route if not isinstance(part, int)))

    def read_from(resource: Resource, attribute: str) -> dict[str, Any] | None:
        return data_read(instances[resource.address], attribute)

    def default_of(resource: Resource, routes: Iterable[Route], around: frozenset[str] | None) -> str:
        return default_behind(instances[resource.address], routes, top, around)

    def literal(resource: Resource, route: Route) -> bool:
        return is_literal(instances[resource.address], route)

    files = {file.path for path in evaluation.read for file in folders.folder(path).files}
    files.update(path for path in variable_files(root, folders) if folders.file(path) is not None)
    return Evaluated(
        root,
        tuple(resources),
        tuple(evaluation.problems),
        place,
        open_because,
        edit,
        key,
        frozenset(files),
        {resource.address: resource for resource in resources},
        mentions.of,
        read_from,
        default_of,
        lambda: secret_texts(top),
        literal,
        read_for=read_for,
        templates=frozenset(evaluation.reading.templates),
    )
