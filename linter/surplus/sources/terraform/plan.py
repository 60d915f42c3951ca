"""Plan JSON (`terraform show -json`, `tofu show -json`): planned values, with what only apply will tell unknown.

Format: https://developer.hashicorp.com/terraform/internals/json-format, version 1.x. References come from the
plan's `configuration`; places from the configuration's files, where they are in reach.
"""

import json
import re
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from surplus.model import Location, Problem, Resource, Root, Route, Span, Trace, Unknown, unknowns
from surplus.results import Edit
from surplus.sources.evaluated import Evaluated
from surplus.sources.terraform.references import NO_RESOURCE, identities
from surplus.sources.terraform.types import Shape, complete, item_key, shape_of
from surplus.trees import Blob

START = Span(1, 1, 1, 1)
MAX_CALLS = 30
"""How many module calls a reference is followed through."""


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
        self._configuration = _Configuration(plan)
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


INDEX = re.compile(r'\[(?:\d+|"(?:[^"\\]|\\.)*")\]')
STEP = re.compile(r'module\.([\w-]+)((?:\[(?:\d+|"(?:[^"\\]|\\.)*")\])?)\.')


@dataclass(slots=True)
class _Configuration:
    """The plan's `configuration`: expressions by address, and what references mean across modules."""

    plan: Mapping[str, Any]
    _entries: dict[tuple[str, ...], dict[str, Mapping[str, Any]]] = field(default_factory=dict)

    def module(self, names: tuple[str, ...]) -> Mapping[str, Any]:
        """The configuration of the module that calls *names* lead to; empty where there is none."""
        module: Mapping[str, Any] = (self.plan.get("configuration") or {}).get("root_module") or {}
        for name in names:
            module = ((module.get("module_calls") or {}).get(name) or {}).get("module") or {}
        return module

    def has(self, address: str) -> bool:
        """Whether the plan holds the configuration of a resource."""
        return self._entry(address) is not None

    def expressions(self, address: str) -> Mapping[str, Any]:
        """The expressions of a resource's arguments."""
        entry = self._entry(address)
        found = entry.get("expressions") if entry else None
        return found if isinstance(found, dict) else {}

    def _entry(self, address: str) -> Mapping[str, Any] | None:
        names, inner = split(address)
        found = self._entries.get(names)
        if found is None:
            entries = self.module(names).get("resources") or ()
            found = self._entries[names] = {str(entry.get("address")): entry for entry in entries}
        return found.get(INDEX.sub("", inner))

    def identities(self, expression: Any, address: str, depth: int = 0) -> Iterator[str]:
        """The computed attributes an expression refers to, as `aws_subnet.a.id` with the module's prefix."""
        names, _ = split(address)
        prefix = address[: len(address) - len(split(address)[1])]
        references = _references(expression)
        for at, reference in enumerate(references):
            if any(other.startswith((reference + ".", reference + "[")) for other in references[:at]):
                continue  # the plan lists every prefix of a reference after it
            head, _, rest = reference.partition(".")
            if head == "var" and names and depth < MAX_CALLS:
                call = (self.module(names[:-1]).get("module_calls") or {}).get(names[-1]) or {}
                passed = (call.get("expressions") or {}).get(rest.split(".")[0].split("[")[0])
                outer = prefix[: len(prefix) - len(_last_step(prefix))]
                yield from self.identities(passed or {}, f"{outer}x.x", depth + 1)
            elif head == "module" and depth < MAX_CALLS:
                yield from self._outputs(names, prefix, reference, depth)
            elif head not in NO_RESOURCE and rest:
                yield self._identity(prefix, reference)

    def _identity(self, prefix: str, reference: str) -> str:
        """A reference with `[*]` where the block has instances and none is named."""
        parts = reference.split(".")
        block = ".".join(INDEX.sub("", part) for part in parts[:2])
        entry = self._entry(f"{prefix}{block}")
        many = entry is not None and ("count_expression" in entry or "for_each_expression" in entry)
        if many and "[" not in parts[1]:
            parts[1] += "[*]"
        return prefix + ".".join(parts)

    def _outputs(self, names: tuple[str, ...], prefix: str, reference: str, depth: int) -> Iterator[str]:
        match = re.fullmatch(r"module\.([\w-]+)(\[[^\]]*\])?\.([\w-]+).*", reference)
        if match is None:
            return
        output = (self.module((*names, match[1])).get("outputs") or {}).get(match[3]) or {}
        inner = f"{prefix}module.{match[1]}{match[2] or ''}."
        yield from self.identities(output.get("expression") or {}, f"{inner}x.x", depth + 1)

    def region(self, address: str) -> str | None:
        """The region of the provider block in force, where the plan tells it."""
        entry = self._entry(address)
        providers = (self.plan.get("configuration") or {}).get("provider_config") or {}
        provider = providers.get(entry.get("provider_config_key")) if entry else None
        expression = ((provider or {}).get("expressions") or {}).get("region") or {}
        constant = expression.get("constant_value")
        if isinstance(constant, str):
            return constant
        names = [name.removeprefix("var.") for name in _references(expression) if name.startswith("var.")]
        variable = (self.plan.get("variables") or {}).get(names[0]) if len(names) == 1 else None
        value = variable.get("value") if isinstance(variable, dict) else None
        return value if isinstance(value, str) else None


def _references(expression: Any) -> list[str]:
    """Every reference in an expression of the configuration, nested blocks included."""
    if isinstance(expression, dict):
        own = expression.get("references")
        if isinstance(own, list):
            return [reference for reference in own if isinstance(reference, str)]
        return [reference for inner in expression.values() for reference in _references(inner)]
    if isinstance(expression, list):
        return [reference for inner in expression for reference in _references(inner)]
    return []


def split(address: str) -> tuple[tuple[str, ...], str]:
    """The names of the module calls that lead to an address, and the address inside the last module."""
    names: list[str] = []
    position = 0
    while match := STEP.match(address, position):
        names.append(match[1])
        position = match.end()
    return tuple(names), address[position:]


def _last_step(prefix: str) -> str:
    """The last `module.x[…].` of a prefix."""
    steps = list(STEP.finditer(prefix))
    return steps[-1][0] if steps else ""


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
