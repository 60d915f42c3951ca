"""Plan JSON (`terraform show -json`, `tofu show -json`): planned values, with what only apply will tell unknown.

Format: https://developer.hashicorp.com/terraform/internals/json-format, version 1.x. References come from the
plan's `configuration`; places from the configuration's files, where they are in reach.
"""

import json
import re
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from surplus.model import Location, Problem, Resource, Root, Route, Span, Trace, Unknown, unknowns
from surplus.results import Edit
from surplus.sources.evaluated import Evaluated
from surplus.sources.terraform.plan_configuration import INDEX, Configuration
from surplus.sources.terraform.references import identities
from surplus.sources.terraform.types import Shape, complete, item_key, shape_of
from surplus.trees import Blob

START = Span(1, 1, 1, 1)


def is_plan(text: str) -> bool:
    """Whether a JSON text is a plan, by the keys at its head: cheap, without parsing it all."""
    return '"format_version"' in text[:2_000] and '"planned_values"' in text


def text_of(blob: Blob) -> str:
    """A plan's text; PowerShell writes redirected output as UTF-16. Raises `UnreadableError`."""
    if blob.data.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        return blob.data.decode("utf-16", "replace")
    return blob.text().removeprefix("\ufeff")


def evaluate(root: Root, path: str, text: str, configuration: Evaluated | None) -> Evaluated:
    """The planned resources of the plan at *path*. *configuration* is its evaluated source, for the places."""
    try:
        plan = json.loads(text)
        version = str(plan["format_version"])
        if not version.startswith("1."):
            return nothing(root, Problem(f"this plan has format {version}; only 1.x is known", path, START))
        reader = _Reader(path, plan)
        values = plan["planned_values"].get("root_module", {})
        resources = sorted(reader.resources(values), key=lambda resource: resource.address)
        reader.read_outputs()
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        message = f"this plan cannot be read: {error}; write it with `terraform show -json`"
        return nothing(root, Problem(message, path, START))
    places = _Places(path, text, configuration)

    def key(resource: Resource, route: Route) -> str | None:
        return item_key(resource.type, tuple(part for part in route if not isinstance(part, int)))

    return Evaluated(
        root,
        tuple(places.put(resource) for resource in resources),
        (),
        places.trace,
        reader.open_because,
        places.edit,
        key,
        frozenset({path}),
        {resource.address: resource for resource in resources},
    )


def nothing(root: Root, problem: Problem) -> Evaluated:
    """A plan that cannot be read."""
    return Evaluated(
        root,
        (),
        (problem,),
        lambda resource, _: Trace(resource.location),
        lambda _: None,
        lambda *_: None,
        lambda *_: None,
    )


class _Reader:
    """Reads the resources out of one plan."""

    def __init__(self, path: str, plan: Mapping[str, Any]) -> None:
        self._path = path
        self._configuration = Configuration(plan)
        self._changes = {
            str(change.get("address")): change.get("change") or {} for change in plan.get("resource_changes") or ()
        }
        self._outputs = (plan.get("configuration") or {}).get("root_module", {}).get("outputs") or {}
        self._leaving: dict[str, str] = {}

    def resources(self, module: Mapping[str, Any]) -> Iterator[Resource]:
        """The managed resources of a module and of those below it."""
        for entry in module.get("resources") or ():
            if entry.get("mode") == "managed" and isinstance(entry.get("values"), dict):
                yield self._resource(entry)
        for child in module.get("child_modules") or ():
            yield from self.resources(child)

    def _resource(self, entry: Mapping[str, Any]) -> Resource:
        address, type_ = str(entry["address"]), str(entry["type"])
        change = self._changes.get(address, {})
        values = _merged(entry["values"], change.get("after_unknown"), f"{address} is known after apply")
        expressions = self._configuration.expressions(address)
        for name, expression in expressions.items():
            if name in values:
                values[name] = self._with_references(values[name], expression, address)
        shape = shape_of(type_)
        if shape and self._configuration.has(address):
            _unset(values, shape, expressions)
        elif type_.startswith("kubernetes_") and self._configuration.has(address):
            _unset_objects(values, expressions)
        defaulted = frozenset(complete(values, shape)) if shape else frozenset()
        references = {found for _, unknown in unknowns(values) for found, _ in identities(unknown.text or "")}
        references |= {named for expression in expressions.values() for named in self._named(expression, address)}
        region = values.get("region")
        return Resource(
            source="terraform",
            type=type_,
            address=address,
            location=Location(self._path, START),
            values=values,
            defaulted=defaulted,
            sensitive=frozenset(_marked(entry.get("sensitive_values"))),
            references=tuple(sorted(references - {address})),
            region=region if isinstance(region, str) else self._configuration.region(address),
        )

    def _named(self, expression: Any, address: str) -> Iterator[str]:
        for identity in self._configuration.identities(expression, address):
            yield from (found for found, _ in identities(f"⟨{identity}⟩"))

    def _with_references(self, value: Any, expression: Any, address: str) -> Any:
        """Unknowns of *value* with the identity that the configuration gives them, where it names one only."""
        if isinstance(value, Unknown):
            named = list(self._configuration.identities(expression, address))
            if len(named) == 1:  # what a resource computes is not null
                return Unknown(value.reason, f"⟨{named[0]}⟩", nullable=False)
            return Unknown(value.reason, "".join(f"⟨{one}⟩" for one in named) or None, value.nullable)
        if isinstance(value, list):
            return [
                self._with_references(item, expression[at] if _has(expression, at) else expression, address)
                for at, item in enumerate(value)
            ]
        if isinstance(value, dict):
            inner = expression if isinstance(expression, dict) and "references" not in expression else None
            return {
                name: self._with_references(item, inner.get(name, {}) if inner is not None else expression, address)
                for name, item in value.items()
            }
        return value

    def read_outputs(self) -> None:
        """Notes which resources the root's outputs name."""
        for name, output in self._outputs.items():
            for identity in self._configuration.identities(output.get("expression") or {}, ""):
                for found, _ in identities(f"⟨{identity}⟩"):
                    self._leaving.setdefault(found.partition("[")[0], name)

    def open_because(self, resource: Resource) -> str | None:
        """The output that hands a resource to other configurations."""
        name = self._leaving.get(resource.address.partition("[")[0])
        return f"output.{name} hands it to other configurations" if name else None


def _unset(values: dict[str, Any], shape: Shape, expressions: Mapping[str, Any]) -> None:
    """What nobody sets is not unknown: the provider fills in what the table calls the default."""
    for name in shape.attributes | shape.blocks.keys():
        written = expressions.get(name)
        if isinstance(values.get(name), Unknown) and written is None:
            values[name] = None
        items = values.get(name)
        if name in shape.blocks and isinstance(items, list) and isinstance(written, list):
            for item, inner in zip(items, written, strict=False):
                if isinstance(item, dict) and isinstance(inner, dict):
                    _unset(item, shape.blocks[name], inner)


LEFT_TO_THE_CLUSTER = frozenset(
    (
        *("active_deadline_seconds", "image_pull_policy", "limits", "node_name", "priority_class_name", "replicas"),
        *("requests", "resources", "restart_policy", "revision_history_limit", "scheduler_name", "storage_class_name"),
        *("target_cpu_utilization_percentage", "termination_grace_period_seconds", "volume_mode", "volume_name"),
    )
)
"""Arguments of the Kubernetes provider that are computed where nobody sets them, and that rules read."""


def _unset_objects(values: dict[str, Any], expressions: Mapping[str, Any]) -> None:
    """The same for the Kubernetes provider's types, which are in no table: the API server fills in the default."""
    for name, value in values.items():
        written = expressions.get(name)
        if isinstance(value, Unknown) and written is None and name in LEFT_TO_THE_CLUSTER:
            values[name] = None
        elif isinstance(value, list) and isinstance(written, list):
            for item, inner in zip(value, written, strict=False):
                if isinstance(item, dict) and isinstance(inner, dict):
                    _unset_objects(item, inner)


def _has(expression: Any, at: int) -> bool:
    return isinstance(expression, list) and at < len(expression)


def _merged(value: Any, unknown: Any, reason: str) -> Any:
    """Planned *value* with an `Unknown` wherever *unknown* (its `after_unknown`) says true."""
    if unknown is True:
        return Unknown(reason)
    if isinstance(unknown, dict) and (value is None or isinstance(value, dict)):
        known = value or {}
        names = {**known, **{name: None for name, inner in unknown.items() if inner}}
        return {name: _merged(known.get(name), unknown.get(name), reason) for name in names}
    if isinstance(unknown, list) and (value is None or isinstance(value, list)):
        items = value or []
        length = max(len(items), len(unknown))
        return [
            _merged(items[at] if at < len(items) else None, unknown[at] if at < len(unknown) else None, reason)
            for at in range(length)
        ]
    return value


def _marked(sensitive: Any, route: Route = ()) -> Iterator[Route]:
    """The routes that `sensitive_values` marks."""
    if sensitive is True:
        yield route
    elif isinstance(sensitive, dict):
        for name, inner in sensitive.items():
            yield from _marked(inner, (*route, name))
    elif isinstance(sensitive, list):
        for at, inner in enumerate(sensitive):
            yield from _marked(inner, (*route, at))


ADDRESS = re.compile(r'"address": ?("(?:[^"\\]|\\.)*")')


class _Places:
    """Finds planned resources in the configuration's files, or in the plan's own text."""

    def __init__(self, path: str, text: str, configuration: Evaluated | None) -> None:
        self._path = path
        self._text = text
        self._configuration = configuration
        self._sources: dict[str, Resource] = {}
        self._written: dict[str, int] | None = None

    def put(self, resource: Resource) -> Resource:
        """The resource with the place of its block, and with the `ignore_changes` that a plan does not hold."""
        source = self._source(resource.address)
        if source is None:
            return replace(resource, location=self._in_plan(resource.address))
        self._sources[resource.address] = source
        return replace(resource, location=source.location, ignored=source.ignored)

    def _source(self, address: str) -> Resource | None:
        """The configuration's resource with this address, or one for any instance of its block."""
        if self._configuration is None:
            return None
        found = self._configuration.by_address
        some = INDEX.sub("[*]", address)
        return found.get(address) or found.get(some) or found.get(address[: address.rfind("[")] + "[*]")

    def _in_plan(self, address: str) -> Location:
        if self._written is None:
            self._written = {}
            for match in ADDRESS.finditer(self._text):
                self._written.setdefault(match[1], match.start())
        at = self._written.get(json.dumps(address))
        if at is None:
            return Location(self._path, START)
        line = self._text.count("\n", 0, at) + 1
        column = at - self._text.rfind("\n", 0, at)
        return Location(self._path, Span(line, column, line, column + len(address)))

    def trace(self, resource: Resource, route: Route) -> Trace:
        """The place of a value in the configuration; the address in the plan where that is out of reach."""
        source = self._sources.get(resource.address)
        if source is None or self._configuration is None:
            return Trace(resource.location, exact=False)
        return self._configuration.trace(source, route)

    def edit(self, resource: Resource, route: Route, value: Any) -> Edit | None:
        """The edit of the configuration, where it is in reach."""
        source = self._sources.get(resource.address)
        return self._configuration.edit(source, route, value) if source and self._configuration else None
