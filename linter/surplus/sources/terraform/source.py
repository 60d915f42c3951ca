"""A Terraform root to resources: the entry of this source."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from surplus.model import Edit, Resource, Root, Route, Trace, Unknown, unknowns
from surplus.sources.evaluated import Evaluated
from surplus.sources.terraform.edits import edit_of
from surplus.sources.terraform.evaluate import Evaluation, Instance, Module, resource_values
from surplus.sources.terraform.limits import MAX_RESOURCES
from surplus.sources.terraform.modules import Folders, Placed
from surplus.sources.terraform.providers import Provider, all_tags, in_force, provider_of, region_of
from surplus.sources.terraform.references import identities, mentioned
from surplus.sources.terraform.sensitivity import sensitive_routes
from surplus.sources.terraform.trace import trace
from surplus.sources.terraform.types import item_key, known_identity, shapes
from surplus.trees import join


@dataclass(frozen=True, slots=True)
class Inputs:
    """What is given from outside: `TF_VAR_*` of the environment, the workspace, the region without a provider's."""

    environment: Mapping[str, str] = field(default_factory=dict)
    workspace: str | None = None
    region: str | None = None


def evaluate(root: Root, folders: Folders, inputs: Inputs) -> Evaluated:
    """Every resource of the root and of the modules it calls, with its evaluated values."""
    evaluation = Evaluation(folders, root.path, environment=inputs.environment, workspace=inputs.workspace)
    evaluation.given = _given(root, folders, evaluation)
    top = Module(evaluation, evaluation.folder(root.path))
    _undeclared(evaluation, top)
    instances: dict[str, Instance] = {}
    resources: list[Resource] = []
    providers: dict[int, Mapping[str, Provider]] = {}
    for instance, repetition in top.resources():
        if len(resources) >= MAX_RESOURCES:
            message = f"more than {MAX_RESOURCES:,} resources (MAX_RESOURCES); the rest is not judged"
            evaluation.problem(message, instance.body.header, note=True)
            break
        module = instance.scope.module
        in_module = providers.get(id(module))
        if in_module is None:
            in_module = providers[id(module)] = in_force(module)
        instances[instance.address] = instance
        resource = _resource(instance, in_module, inputs.region)
        if repetition.kind == "unknown":
            resource = replace(resource, instances=None, optional=repetition.optional)
        resources.append(resource)
    resources.sort(key=lambda resource: resource.address)
    leaving = _Leaving(top)

    def place(resource: Resource, route: Route) -> Trace:
        return trace(instances[resource.address], route)

    def open_because(resource: Resource) -> str | None:
        if evaluation.unread_calls:
            return f"{evaluation.unread_calls[0]} could not be read and may refer to it"
        return leaving.reason(resource)

    def edit(resource: Resource, route: Route, value: Any) -> Edit | None:
        return edit_of(instances[resource.address], route, value)

    def key(resource: Resource, route: Route) -> str | None:
        return item_key(resource.type, tuple(part for part in route if not isinstance(part, int)))

    return Evaluated(
        root,
        tuple(resources),
        tuple(evaluation.problems),
        place,
        open_because,
        edit,
        key,
        frozenset(file.path for path in evaluation.read for file in folders.folder(path).files),
        {resource.address: resource for resource in resources},
    )


def _resource(instance: Instance, providers: Mapping[str, Provider], region: str | None) -> Resource:
    values, defaulted = resource_values(instance)
    provider = provider_of(instance, providers)
    if instance.type.startswith("aws_") and "tags_all" not in values:
        tags = all_tags(provider, values.get("tags"))
        if tags is not None:
            values["tags_all"] = tags
    return Resource(
        source="terraform",
        type=instance.type,
        address=instance.address,
        location=instance.body.header.location,
        values=values,
        defaulted=defaulted,
        sensitive=sensitive_routes(instance, values),
        references=_references(instance, values),
        region=region_of(instance, provider, values) or (None if provider else region),
    )


def _references(instance: Instance, values: Mapping[str, Any]) -> tuple[str, ...]:
    """Addresses this resource refers to: by identity in its values, and as written in its expressions."""
    found = {address for _, unknown in unknowns(values) for address, _ in identities(unknown.text or "")}
    prefix, evaluation = instance.scope.module.prefix, instance.scope.module.evaluation
    for placed in instance.body.attributes.values():
        for head, name in evaluation.traversals(placed.node[4]):
            if ("resource", head, name) in instance.scope.module.folder.named:
                found.add(f"{prefix}{head}.{name}")
    found.discard(instance.address)
    return tuple(sorted(found))


def _given(root: Root, folders: Folders, evaluation: Evaluation) -> dict[str, Placed]:
    """The values of variable files, the later ones winning: `terraform.tfvars`, `*.auto.tfvars`, named ones."""
    names = folders.tree.list(root.path)
    automatic = sorted(name for name in names if name.endswith((".auto.tfvars", ".auto.tfvars.json")))
    standard = [name for name in ("terraform.tfvars", "terraform.tfvars.json") if name in names]
    given: dict[str, Placed] = {}
    for name in (*standard, *automatic, *root.variables):
        file = folders.file(join(root.path, name))
        if file is None:
            problem = folders.problem(join(root.path, name))
            evaluation.problems.update({problem: None} if problem else {})
            continue
        evaluation.problems.update(dict.fromkeys(file.problems))
        for node in file.body:
            if node[0] == "attr":
                given[node[3]] = Placed(file, node[4])
    return given


def _undeclared(evaluation: Evaluation, top: Module) -> None:
    """Terraform warns of a value for a variable that no block declares: often a misspelling."""
    for name, placed in evaluation.given.items():
        if ("variable", name) not in top.folder.named:
            evaluation.problem(f"no variable block declares var.{name}; the value is not used", placed, note=True)


class _Leaving:
    """Which resources' identities the root hands out through its outputs."""

    def __init__(self, top: Module) -> None:
        self._top = top
        self._found: dict[str, str] | None = None
        self._texts: dict[str, str] = {}

    def reason(self, resource: Resource) -> str | None:
        """The output through which *resource* leaves the root, as a reason."""
        if self._found is None:
            self._found = self._collect()
        output = self._found.get(resource.address) or self._found.get(resource.address.partition("[")[0])
        shape = shapes().get(resource.type)
        if output is None and shape is not None:
            known = (self._texts.get(value) for value in known_identity(resource.values, shape))
            output = next((name for name in known if name), None)
        return f"output.{output} hands it to other configurations" if output else None

    def _collect(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for (name,), body in self._top.folder.of("output"):
            value = self._top.output(name)
            for unknown in (unknown for _, unknown in unknowns(value)):
                for address, _ in identities(unknown.text or ""):
                    found.setdefault(address, name)
                placed = body.expression("value")
                if unknown.text is None and placed is not None:
                    for address in mentioned(placed.node, self._top):
                        found.setdefault(address, name)
            for text in _texts(value):
                self._texts.setdefault(text, name)
        return found


def _texts(value: Any) -> Iterable[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, (dict, list)) and not isinstance(value, Unknown):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _texts(item)
