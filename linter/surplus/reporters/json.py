"""The JSON report: `schemas/report.schema.json` describes it."""

import json
import re
from typing import Any

from surplus.model import Location, Problem, Span
from surplus.reporters import fully_known
from surplus.results import Finding, RunResult, Undecided
from surplus.version import __version__

SCHEMA_VERSION = 1
CONTROLS = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def report(result: RunResult) -> str:
    """The whole result as JSON text, the same bytes for the same input."""
    return dumps(document(result))


def dumps(value: Any) -> str:
    """JSON text. A terminal may show it, so what JSON would not escape and a terminal obeys is escaped too."""
    return CONTROLS.sub(_escaped, json.dumps(value, indent=1, ensure_ascii=False)) + "\n"


def _escaped(match: re.Match[str]) -> str:
    return f"\\u{ord(match[0]):04x}"


def document(result: RunResult) -> dict[str, Any]:
    """The report as plain values."""
    savings = [one.monthly_saving_usd for one in result.findings if one.monthly_saving_usd is not None]
    return {
        "schema_version": SCHEMA_VERSION,
        "tool": {"name": "surplus", "version": __version__},
        "summary": {
            "findings": len(result.findings),
            "suppressed": len(result.suppressed),
            "baselined": len(result.baselined),
            "undecided": len(result.undecided),
            "problems": len(result.problems),
            "monthly_saving_usd": round(sum(savings), 2) if savings else None,
            "roots": len(result.roots),
            "files": result.files,
            "resources": len(result.resources),
            "resources_fully_known": fully_known(result),
            "prices_as_of": result.prices.as_of if result.prices else None,
        },
        "findings": [_finding(one) for one in result.findings],
        "suppressed": [_finding(one) for one in result.suppressed],
        "baselined": [_finding(one) for one in result.baselined],
        "undecided": [_undecided(one) for one in result.undecided],
        "problems": [_problem(one) for one in result.problems],
    }


def span(place: Span) -> dict[str, int]:
    """A span's fields: 1-based, the end exclusive."""
    return {
        "line": place.line,
        "column": place.column,
        "end_line": place.end_line,
        "end_column": place.end_column,
    }


def location(place: Location) -> dict[str, Any]:
    """A location's fields."""
    return {"path": place.path, **span(place.span)}


def root(one: Any) -> dict[str, Any]:
    """The root a finding or resource belongs to."""
    return {"path": one.path, "kind": one.kind, "variables": list(one.variables), "workspace": one.workspace}


def _finding(one: Finding) -> dict[str, Any]:
    fix = one.fix
    return {
        "rule": one.rule.id,
        "severity": one.severity.value,
        "confidence": one.rule.confidence,
        "category": one.rule.category,
        "message": one.message,
        "source": one.source,
        "resource": one.resource,
        "resource_type": one.resource_type,
        "root": root(one.root),
        "route": list(one.route),
        "instances": one.instances,
        "addresses": list(one.addresses),
        "location": location(one.location),
        "rendered_from": one.rendered_from,
        "related": [{"location": location(place), "message": text} for place, text in one.related],
        "cause": [{"location": location(step.location), "text": step.text} for step in one.cause],
        "lever": one.rule.lever,
        "monthly_saving_usd": one.monthly_saving_usd,
        "saving_alone_usd": one.saving_alone_usd,
        "saving_basis": one.saving_basis,
        "assumptions": list(one.assumptions),
        "shared_with": list(one.shared_with),
        "fix": None
        if fix is None
        else {
            "safe": fix.safe,
            "impact": fix.impact,
            "edits": [{**location(edit.location), "text": edit.text} for edit in fix.edits],
        },
        "owner": one.owner,
        "owner_via": one.owner_via,
        "environment": one.environment,
        "environment_via": one.environment_via,
        "fingerprint": one.fingerprint,
        "help_url": one.help_url,
    }


def _undecided(one: Undecided) -> dict[str, Any]:
    return {
        "rule": one.rule,
        "resource": one.resource,
        "location": location(one.location),
        "reason": one.reason,
    }


def _problem(one: Problem) -> dict[str, Any]:
    return {
        "path": one.path,
        "line": one.span.line if one.span else None,
        "column": one.span.column if one.span else None,
        "message": one.message,
        "rule": one.rule,
    }
