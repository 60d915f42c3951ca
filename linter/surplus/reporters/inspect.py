"""`surplus inspect`: the evaluated resources, as the rules see them."""

from typing import Any

from surplus.model import Resource, Root, Unknown
from surplus.reporters.json import SCHEMA_VERSION, dumps, location, root
from surplus.reporters.style import printable
from surplus.results import RunResult
from surplus.sources.terraform.references import IDENTITY


def as_json(result: RunResult) -> str:
    """Every resource with values, unknown routes and identities, as JSON text."""
    resources = [_resource(one, at) for at, one in result.resources]
    return dumps({"schema_version": SCHEMA_VERSION, "resources": resources})


def _resource(one: Resource, at: Root) -> dict[str, Any]:
    unknown: list[list[Any]] = []
    identities: list[list[Any]] = []
    values = _plain(one.values, one, (), unknown, identities)
    return {
        "resource": one.address,
        "resource_type": one.type,
        "source": one.source,
        "root": root(at),
        "location": location(one.location),
        "rendered_from": one.rendered_from,
        "values": values,
        "unknown": unknown,
        "defaulted": sorted((list(route) for route in one.defaulted), key=str),
        "sensitive": sorted((list(route) for route in one.sensitive), key=str),
        "identities": identities,
        "references": list(one.references),
        "region": one.region,
        "instances": one.instances,
    }


def _plain(value: Any, one: Resource, route: tuple[Any, ...], unknown: list[Any], identities: list[Any]) -> Any:
    """*value* for JSON: keys sorted; unknown ones are null and listed, symbolic ones are their text and listed."""
    if route in one.sensitive and value is not None:
        return "(sensitive)"
    if isinstance(value, Unknown):
        if value.text is None:
            unknown.append(list(route))
            return None
        identities.extend([list(route), name] for name in IDENTITY.findall(value.text))
        return value.text
    if isinstance(value, dict):
        return {key: _plain(value[key], one, (*route, key), unknown, identities) for key in sorted(value, key=str)}
    if isinstance(value, list):
        return [_plain(item, one, (*route, index), unknown, identities) for index, item in enumerate(value)]
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
        return str(value)
    return value


def as_text(result: RunResult) -> str:
    """One line a resource: address, type, place, and what is not known of it."""
    lines = []
    for _, one in result.resources:
        unknown: list[list[Any]] = []
        _plain(one.values, one, (), unknown, [])
        missing = ", ".join(".".join(str(part) for part in route) for route in unknown)
        place = f"{one.location.path}:{one.location.span.line}"
        lines.append(printable(f"{one.address}  {place}" + (f"  unknown: {missing}" if missing else "")))
    return "\n".join(lines) + ("\n" if lines else "")
