"""Hits to findings: the engine's stamp of place, cause, fix, environment and identity."""

import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from surplus.definitions import Better
from surplus.engine import Hit
from surplus.functions import types_around
from surplus.functions.context import TAGS
from surplus.model import Location, Resource, Route, Severity, Trace, Unknown, walk
from surplus.results import Edit, Finding, Fix
from surplus.savings import Saving, together
from surplus.sources.evaluated import Evaluated
from surplus.version import HELP_URL

MAX_ADDRESSES = 20
INSTANCE_KEY = re.compile(r'\[(?:\d+|\*|"(?:[^"\\]|\\.)*")\]')


OwnerOf = Callable[[Resource], tuple[str | None, str | None]]
"""The owner of a resource, and where that was found."""


def findings_of(
    evaluated: Evaluated, savings: Mapping[Hit, Saving], owner_of: OwnerOf = lambda _: (None, None)
) -> list[Finding]:
    """One finding for each rule, place and message; instances of one block are counted together."""
    groups: dict[tuple[Any, ...], list[tuple[Hit, Trace]]] = defaultdict(list)
    for hit in savings:
        trace = evaluated.trace(hit.resource, hit.route)
        place = trace.causes[-1].location if trace.causes else trace.location
        block = without_keys(hit.resource.address)
        key = (hit.active.rule.id, hit.resource.location, block, place, trace.location, hit.message)
        groups[key].append((hit, trace))
    found = [_finding(evaluated, group, [savings[hit] for hit, _ in group], owner_of) for group in groups.values()]
    payers = [{one for hit, _ in group for one in savings[hit].payers} for group in groups.values()]
    return _numbered(_naming_each_other(found, payers))


def _naming_each_other(findings: Sequence[Finding], payers: Sequence[set[Resource]]) -> list[Finding]:
    """Findings that share a payer name each other, by rule and place."""
    by_payer: dict[Resource, list[int]] = defaultdict(list)
    for at, paying in enumerate(payers):
        for one in paying:
            by_payer[one].append(at)
    result = []
    for at, finding in enumerate(findings):
        others = {other for one in payers[at] for other in by_payer[one]} - {at}
        names = sorted(_named_place(findings[other]) for other in others)
        result.append(replace(finding, shared_with=tuple(names[:MAX_ADDRESSES])))
    return result


def _named_place(finding: Finding) -> str:
    return f"{finding.rule.id} at {finding.location.path}:{finding.location.span.line}"


def without_keys(address: str) -> str:
    """An address without instance keys."""
    return INSTANCE_KEY.sub("", address)


def _finding(
    evaluated: Evaluated, group: Sequence[tuple[Hit, Trace]], savings: Sequence[Saving], owner_of: OwnerOf
) -> Finding:
    hit, trace = group[0]
    rule, resource = hit.active.rule, hit.resource
    location = trace.causes[-1].location if trace.causes else trace.location
    related: list[tuple[Location, str]] = []
    if trace.causes and trace.location != location:
        related.append((trace.location, f"used here, by {resource.address}"))
    severity, message, may_fail = hit.active.severity, hit.message, True
    default = _rests_on_default(evaluated, hit) if evaluated.root.library else ""
    if default:
        severity, may_fail = Severity.INFO, False
        message = f"{message} (a caller may override {default})"
    owner, owner_via = owner_of(resource)
    saving = together(savings)
    if saving.wants_usage and not hit.active.severity_said:
        severity = severity.below
    instances = list({one.resource: None for one, _ in group})
    counts = [one.instances for one in instances]
    return Finding(
        rule=rule,
        severity=severity,
        message=message,
        source=resource.source,
        resource=resource.address,
        resource_type=resource.type,
        root=evaluated.root,
        route=hit.route,
        location=location,
        related=tuple(related),
        cause=trace.causes,
        addresses=tuple(one.address for one in instances[:MAX_ADDRESSES]),
        instances=None if None in counts else sum(count for count in counts if count is not None),
        monthly_saving_usd=saving.step,
        saving_alone_usd=saving.alone,
        saving_basis=saving.basis,
        assumptions=saving.assumptions,
        fix=_fix(evaluated, hit, instances),
        owner=owner,
        owner_via=owner_via,
        environment=hit.environment.name,
        environment_via=hit.environment.via,
        fingerprint=_fingerprint(evaluated, hit),
        help_url=f"{HELP_URL}{rule.id}",
        ignorable=hit.active.ignorable,
        may_fail=may_fail,
        rendered_from=resource.rendered_from,
    )


ASKS_ENVIRONMENT = re.compile(r"\b(?:nonprod|env)\b")


def _rests_on_default(evaluated: Evaluated, hit: Hit) -> str:
    """A variable whose default has a part in what the rule saw; "" where none has."""
    routes = [route for route in (hit.route, *hit.read) if route]
    if (hit.environment.via or "").startswith("tag ") and ASKS_ENVIRONMENT.search(hit.active.rule.when):
        routes += [(name,) for name in TAGS]
    return evaluated.default_behind(hit.resource, routes, types_around(hit.active.rule.when, hit.resource.type))


def _fix(evaluated: Evaluated, hit: Hit, instances: Sequence[Resource]) -> Fix | None:
    rule = hit.active.rule
    if hit.fix is None or rule.better is None:
        return None
    wanted: list[tuple[Route, Any]] = [*hit.better.items(), *((route, None) for route in hit.unset)]
    edits: list[Edit] = []
    for route, value in wanted:
        if not isinstance(value, Unknown) and walk(hit.resource.values, route) == value:
            continue  # it is so already, or is not set anyhow
        edit = None if isinstance(value, Unknown) else evaluated.edit(hit.resource, route, value)
        if edit is None:
            edits = []
            break
        edits.append(edit)
    removed = _removed(evaluated, hit, instances) if rule.better.remove else None
    return Fix(hit.fix.safe, hit.fix.impact, _hint(evaluated, hit, rule.better, removed), tuple(sorted(edits)))


def _removed(evaluated: Evaluated, hit: Hit, instances: Sequence[Resource]) -> str:
    """The item, or the block where all of its instances are in the finding, else the instances."""
    if hit.item_route:
        return "the item"
    found = set(instances)
    block = without_keys(instances[0].address)
    if block == instances[0].address:
        return block
    if all(one in found for one in evaluated.resources if without_keys(one.address) == block):
        return block
    more = len(instances) - 1
    return f"{instances[0].address} and {more} more" if more else instances[0].address


def _hint(evaluated: Evaluated, hit: Hit, better: Better, removed: str | None) -> str:
    """The better configuration in one line, in the source's own syntax."""
    sign = " = " if hit.resource.source == "terraform" else ": "
    named = {route: evaluated.spelled(hit.resource, route) for route in (*hit.better, *hit.unset)}
    parts = [
        f"{named[route]}{sign}{_literal(value, hit.resource)}"
        for route, value in hit.better.items()
        if value is not None and not isinstance(value, Unknown) and walk(hit.resource.values, route) != value
    ]
    parts += [f"leave out {named[route]}" for route, value in hit.better.items() if value is None]
    parts += [f"leave out {named[route]}" for route in hit.unset]
    if removed:
        parts.append(f"remove {removed}")
    if better.add:
        parts.append(_added(better.add, hit.active.rule.id))
    if better.hours_per_week:
        parts.append(f"run it {better.hours_per_week:g} hours a week")
    return ", ".join(parts)


KIND = re.compile(r"^kind: (\w+)", re.MULTILINE)


def _added(text: str, rule_id: str) -> str:
    """What a companion block adds, in one line: itself where it is one line, else what it is and where to read it."""
    lines = [line for line in text.strip().splitlines() if not line.lstrip().startswith("#")]
    if len(lines) == 1:
        return f"add {lines[0].strip().rstrip(' {')}"
    kind = KIND.search(text)
    if kind:
        article = "an" if kind[1][0] in "AEIO" else "a"
        what = f"{article} {kind[1]}"
    else:
        what = lines[0].strip().removeprefix("- ").removesuffix("{").rstrip(" :")
    return f"add {what}, as `surplus rule {rule_id}` shows"


def _literal(value: Any, resource: Resource) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return (
        json.dumps(value, ensure_ascii=False) if resource.source == "terraform" or not isinstance(value, str) else value
    )


def _fingerprint(evaluated: Evaluated, hit: Hit) -> str:
    """Identity that outlives lines and indexes: rule, root key, block, route with list items by their key."""
    resource, route = hit.resource, hit.route
    parts: list[str] = []
    values: Any = resource.values
    for at, part in enumerate(route):
        values = values[part] if _has(values, part) else None
        key = evaluated.item_key(resource, route[:at]) if isinstance(part, int) else None
        named = _named(values, key)
        parts.append(named if named is not None else str(part))
    root = evaluated.root
    identity = [
        hit.active.rule.id,
        root.key or root.path,
        *root.variables,
        root.workspace or "",
        without_keys(resource.address),
        ".".join(parts),
    ]
    return hashlib.sha256("\n".join(identity).encode("utf-8", "replace")).hexdigest()[:32]


def _has(values: Any, part: str | int) -> bool:
    if isinstance(values, dict):
        return part in values
    return isinstance(values, list) and isinstance(part, int) and part < len(values)


def _named(values: Any, key: str | None) -> str | None:
    for step in key.split(".") if key else ():
        values = values.get(step) if isinstance(values, dict) else None
    return values if isinstance(values, str) else None


def _numbered(findings: list[Finding]) -> list[Finding]:
    """Findings that are equal in all of that are told apart by their order in the file."""
    findings.sort(key=order)
    seen: dict[str, int] = defaultdict(int)
    result = []
    for finding in findings:
        ordinal = seen[finding.fingerprint]
        seen[finding.fingerprint] += 1
        if ordinal:
            text = f"{finding.fingerprint}\n{ordinal}"
            finding = replace(finding, fingerprint=hashlib.sha256(text.encode()).hexdigest()[:32])
        result.append(finding)
    return result


def order(finding: Finding) -> tuple[Any, ...]:
    """The one order of findings in every report: by place, then rule, resource, root."""
    return (finding.location, finding.rule.id, finding.resource, finding.root.path, finding.message)
