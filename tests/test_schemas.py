"""The JSON Schemas, and the sentences that tell what is wrong with a file."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from support import rule
from surplus.bundled import bundled_files
from surplus.documents import read_documents
from surplus.model import Cause, Location, Problem, Root, Severity, Span
from surplus.reporters.json import document
from surplus.results import Edit, Finding, Fix, RunResult, Undecided
from surplus.schemas import check, did_you_mean, schema

NAMES = ["rule", "policy", "report"]


def objects(node: Any, route: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every mapping of a schema with its route."""
    if isinstance(node, dict):
        yield route, node
        for key, value in node.items():
            yield from objects(value, f"{route}/{key}")
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from objects(value, f"{route}/{index}")


@pytest.mark.parametrize("name", NAMES)
def test_a_schema_is_json_schema_2020_12(name: str) -> None:
    Draft202012Validator.check_schema(schema(name))
    assert schema(name)["$schema"] == "https://json-schema.org/draft/2020-12/schema"


@pytest.mark.parametrize("name", NAMES)
def test_every_property_has_a_description(name: str) -> None:
    lacking = [
        f"{route}/{key}"
        for route, node in objects(schema(name))
        if isinstance(node.get("properties"), dict)
        for key, value in node["properties"].items()
        if not value.get("description") and "description" not in referred(name, value)
    ]
    assert not lacking


def referred(name: str, node: dict[str, Any]) -> dict[str, Any]:
    found = schema(name)
    for part in str(node.get("$ref", "")).removeprefix("#/").split("/"):
        found = found.get(part, {})
    return found


def test_every_property_of_a_report_has_its_own_description() -> None:
    for route, node in objects(schema("report")):
        for key, value in node.get("properties", {}).items() if not route.endswith("/properties") else ():
            assert "description" in value, f"{route}/{key}"


@pytest.mark.parametrize("name", NAMES)
def test_no_object_takes_unknown_keys(name: str) -> None:
    free = [
        route
        for route, node in objects(schema(name))
        if "properties" in node and "type" in node and node.get("additionalProperties") is not False
    ]
    assert not free


def errors(text: str, name: str = "policy") -> list[str]:
    (one,), problems = read_documents(text, "f.yaml")
    assert not problems
    return check(one, name, "f.yaml")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("rulez: {}", "f.yaml:1:1: unknown key `rulez`; did you mean `rules`?"),
        ("rules:\n  a-b: {sevrity: error}", "f.yaml:2:9: unknown key `sevrity`; did you mean `severity`?"),
        (
            "rules:\n  a-b: {severity: high}",
            'f.yaml:2:9: `rules.a-b.severity` is "high"; it must be one of error, warning, info',
        ),
        ("rules: [a-b]", "f.yaml:1:1: `rules` is a list; it must be a mapping"),
        ("fail_on: 3", "f.yaml:1:1: `fail_on` is 3; it must be one of error, warning, info, never"),
        ("environments: {prod: {}}", "f.yaml:1:16: `environments.prod` lacks `class`; add it"),
        ("scopes:\n- {}", "f.yaml:2:3: `scopes.0` lacks `paths`, `rules`; add it"),
        (
            "environments: {p: {class: production, tags: {e: 3}}}",
            "f.yaml:1:46: `environments.p.tags.e` is 3; it must be text or a list",
        ),
        ("name: Über", 'f.yaml:1:1: `name` is "Über"; it must match ^[a-z][a-z0-9-]*$'),
        ("extends: default", 'f.yaml:1:1: `extends` is "default"; it must be a list'),
        ("extends: ['']", "f.yaml:1:11: `extends.0` has 0 characters; it must have at least 1"),
        ("rules: {a: {enabled: maybe}}", 'f.yaml:1:13: `rules.a.enabled` is "maybe"; it must be true or false'),
    ],
)
def test_what_is_wrong_is_told_with_its_place_and_the_nearest_word(text: str, message: str) -> None:
    assert errors(text) == [message]


def test_everything_wrong_is_told_in_the_order_of_the_file() -> None:
    found = errors("zeta: 1\nfail_on: no\nalpha: 2\nrules: {a: {b: 1, c: 2}}\n")
    assert [line.split(":")[1] for line in found] == ["1", "2", "3", "4", "4"]


def test_a_wrong_name_is_told_at_its_key() -> None:
    text = "parameters:\n  Max: {type: integer, default: 1, description: How many of them.}\n"
    assert any(line.startswith('f.yaml:2:3: the name "Max" must match') for line in errors(text, "rule"))


def test_a_long_value_is_cut() -> None:
    (line,) = errors(f"name: {'A' * 500}")
    assert len(line) < 200


def test_exclusive_keys_are_named() -> None:
    found = errors("resources: [a_b]\ntargets: [{resources: [a_b]}]\n", "rule")
    assert "the file has keys that exclude each other, or lacks one: resources | targets" in " ".join(found)


def test_a_list_that_is_too_short_is_told() -> None:
    assert "f.yaml:1:1: `resources` has 0 entries; it must have at least 1" in errors("resources: []\n", "rule")


@pytest.mark.parametrize(("path", "text"), bundled_files("policies") + bundled_files("rules"))
def test_what_ships_is_valid(path: str, text: str) -> None:
    (one,), problems = read_documents(text, path)
    assert not problems
    assert check(one, "policy" if path.startswith("policies") else "rule", path) == []


def test_the_nearest_word_else_the_few_there_are() -> None:
    assert did_you_mean("severty", ["severity", "enabled"]) == "; did you mean `severity`?"
    assert did_you_mean("zzz", {"b", "a"}) == "; known are a, b"
    assert did_you_mean("zzz", [f"name-{number}" for number in range(20)]) == ""
    assert did_you_mean("zzz", ()) == ""


# The report.

SPAN = Span(1, 2, 1, 4)
PLACE = Location("a b/ü.tf", SPAN)


def finding(**parts: Any) -> Finding:
    filled: dict[str, Any] = {
        "rule": rule(),
        "severity": Severity.ERROR,
        "message": "It is wasteful.",
        "source": "terraform",
        "resource": "aws_eip.a[0]",
        "resource_type": "aws_eip",
        "root": Root("a b", "terraform", ("env/prod.tfvars",), "prod"),
        "route": ("ebs_block_device", 0, "volume_type"),
        "location": PLACE,
        "addresses": ("aws_eip.a[0]",),
        "fingerprint": "0" * 32,
        "help_url": "https://example.com/rule",
    }
    return Finding(**{**filled, **parts})


FULL = finding(
    related=((PLACE, "used here"),),
    cause=(Cause(PLACE, "var.x"),),
    instances=None,
    monthly_saving_usd=1.5,
    saving_alone_usd=2,
    saving_basis="a basis",
    assumptions=("one",),
    shared_with=("1" * 32,),
    fix=Fix(True, "in-place", "x = 1", (Edit(PLACE, ""),)),
    owner="@team",
    owner_via="CODEOWNERS",
    environment="prod",
    environment_via="path",
)
RESULT = RunResult(
    findings=(finding(), FULL),
    undecided=(Undecided(PLACE, "my-rule", "aws_eip.b", "var.x has no value"),),
    problems=(Problem("what", "p.tf", SPAN, "my-rule"), Problem("where")),
    resources=(),
    roots=(Root(".", "manifests"),),
    files=3,
    fail_on="error",
    baselined=(FULL,),
)


def complaints(report: Any) -> list[str]:
    return [error.message for error in Draft202012Validator(schema("report")).iter_errors(report)]


def test_a_report_fits_its_schema() -> None:
    assert complaints(document(RESULT)) == []


def test_a_report_has_exactly_the_properties_of_its_schema() -> None:
    report = document(RESULT)
    shape = schema("report")
    assert report.keys() == shape["properties"].keys()
    assert report["summary"].keys() == shape["properties"]["summary"]["properties"].keys()
    assert report["findings"][1].keys() == shape["$defs"]["finding"]["properties"].keys() - {"suppression"}
    assert report["undecided"][0].keys() == shape["properties"]["undecided"]["items"]["properties"].keys()
    assert report["problems"][0].keys() == shape["properties"]["problems"]["items"]["properties"].keys()


def changed(path: str, value: Any) -> Any:
    """The report with one value replaced, or added."""
    report = json.loads(json.dumps(document(RESULT)))
    *way, last = path.split(".")
    node: Any = report
    for part in way:
        node = node[int(part)] if part.isdigit() else node[part]
    node[last] = value
    return report


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("schema_version", 2),
        ("extra", 1),
        ("tool.name", "other"),
        ("summary.findings", -1),
        ("summary.extra", 0),
        ("findings.0.severity", "high"),
        ("findings.0.extra", 1),
        ("findings.0.instances", "1"),
        ("findings.0.route", [1.5]),
        ("findings.0.fingerprint", "short"),
        ("findings.0.location.line", 0),
        ("findings.0.addresses", []),
        ("findings.0.root.kind", "other"),
        ("findings.1.fix.edits", [{"path": "a"}]),
        ("findings.1.fix.impact", "none"),
        ("findings.1.related", [{"location": None, "message": "x"}]),
        ("findings.0.suppression", None),
        ("undecided.0.reason", ""),
        ("problems.0.line", 0),
        ("suppressed", [document(RESULT)["findings"][0]]),
    ],
)
def test_a_report_that_is_wrong_does_not_fit(path: str, value: Any) -> None:
    assert complaints(changed(path, value))


def test_a_suppressed_finding_tells_what_accepts_it() -> None:
    one = document(RESULT)["findings"][0]
    accepted = {
        "kind": "comment",
        "reason": "why",
        "until": "2027-03-31",
        "owner": None,
        "ticket": "FIN-1",
        "location": one["location"],
    }
    assert complaints(changed("suppressed", [{**one, "suppression": accepted}])) == []
    assert complaints(changed("suppressed", [{**one, "suppression": {**accepted, "kind": "other"}}]))


def test_the_words_of_rules_and_reports_agree() -> None:
    told, written = schema("report")["$defs"]["finding"]["properties"], schema("rule")["properties"]
    for name in ("severity", "confidence", "category", "lever"):
        assert told[name]["enum"] == written[name]["enum"]
