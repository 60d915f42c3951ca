import json
from collections.abc import Mapping
from typing import Any

import pytest

from surplus.fixes import apply
from surplus.model import Resource, Root, Route, walk
from surplus.sources.evaluated import Evaluated
from surplus.sources.kubernetes.source import evaluate
from surplus.trees import MemoryTree

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: api, namespace: shop}
spec:
  replicas: 3
  template:
    spec:
      containers:
        - name: api
          image: api
          resources:
            requests: {cpu: 100m}
"""


def root(files: Mapping[str, str]) -> Evaluated:
    return evaluate(Root(".", "manifests", key="."), MemoryTree(files), sorted(files))


def only(files: Mapping[str, str]) -> tuple[Evaluated, Resource]:
    evaluated = root(files)
    (resource,) = evaluated.resources
    return evaluated, resource


def test_resources_are_sorted_and_found_by_address() -> None:
    service = "apiVersion: v1\nkind: Service\nmetadata: {name: b}\n"
    evaluated = root({"b.yaml": service, "a.yaml": DEPLOYMENT, "notes.yaml": "just: text\n"})
    assert [one.address for one in evaluated.resources] == ["Deployment/shop/api", "Service/b"]
    assert evaluated.by_address["Service/b"].location.path == "b.yaml"
    assert evaluated.files == {"a.yaml", "b.yaml"}
    assert evaluated.problems == ()
    assert evaluated.open_because(evaluated.resources[0]) is None


def test_what_a_later_document_of_the_file_replaces_is_not_in_the_root() -> None:
    scaler = "---\napiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: api, namespace: shop}\n"
    scaler += "spec: {maxReplicas: 3, scaleTargetRef: {kind: Deployment, name: api}}\n"
    later = DEPLOYMENT.replace("replicas: 3", "replicas: 5")
    found = root({"a.yaml": f"{DEPLOYMENT}---\n{later}{scaler}", "b/a.yaml": DEPLOYMENT})
    replicas = [walk(one.values, ("spec", "replicas")) for one in found.resources if one.type == "Deployment"]
    assert replicas == [5, 3]
    assert [(one.path, one.note) for one in found.problems] == [("a.yaml", True)]
    # Everything was read: nothing else can belong to it.
    assert found.open_because(next(one for one in found.resources if one.location.path == "a.yaml")) is None


def test_documents_of_a_template_in_which_nothing_is_filled_in_are_judged() -> None:
    service = "apiVersion: v1\nkind: Service\nmetadata: {name: {{ .Values.name }}}\n"
    found = root({"a.yaml": f"{service}---\n{DEPLOYMENT}---\n{service}", "b.yaml": f"{DEPLOYMENT}---\n{service}"})
    first, second = found.resources
    assert (first.location.path, first.location.span.line) == ("a.yaml", 6)
    assert (second.location.path, second.location.span.line) == ("b.yaml", 2)
    assert [(one.path, one.message, one.span and one.span.line, one.note) for one in found.problems] == [
        (
            "a.yaml",
            "this document and 1 below it are templates, not YAML; they are left out: see what they render to",
            1,
            True,
        ),
        ("b.yaml", "this document is a template, not YAML; it is left out: check what it renders to", 14, True),
    ]
    assert found.open_because(first) == "a.yaml is not read and may hold what belongs to it"


def test_a_template_that_may_leave_out_a_document_is_left_out_as_a_whole() -> None:
    scaled = DEPLOYMENT.replace("replicas: 3", "replicas: {{ .x }}")
    for text in (f"{{{{ if .x }}}}\n---\n{DEPLOYMENT}---\n{{{{ end }}}}\n", scaled, f"{scaled}---\na: 1\n"):
        found = root({"a.yaml": text})
        assert found.resources == ()
        assert [one.message.partition(";")[0] for one in found.problems] == ["this is a template, not YAML"]


def test_a_route_becomes_a_place() -> None:
    evaluated, resource = only({"a.yaml": DEPLOYMENT})
    trace = evaluated.trace(resource, ("spec", "replicas"))
    assert (trace.location.span.line, trace.location.span.column, trace.exact) == (5, 13, True)
    missing = evaluated.trace(resource, ("spec", "template", "spec", "containers", 0, "resources", "limits"))
    assert (missing.location.span.line, missing.exact) == (11, False)


def test_items_go_by_their_names() -> None:
    evaluated, resource = only({"a.yaml": DEPLOYMENT})
    assert evaluated.item_key(resource, ("spec", "template", "spec", "containers")) == "name"


def test_a_template_is_left_out_with_a_note() -> None:
    template = (
        "apiVersion: v1\nkind: Service\nmetadata:\n  name: {{ .Release.Name }}\n{{- if .Values.x }}\n{{- end }}\n"
    )
    evaluated = root({"t.yaml": template, "a.yaml": DEPLOYMENT})
    assert [(problem.path, problem.note) for problem in evaluated.problems] == [("t.yaml", True)]
    assert len(evaluated.resources) == 1


def test_a_manifest_beside_texts_with_actions_is_judged() -> None:
    scraped = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\ndata:\n  a: "first\n    {{ .x }} second"\n---\n'
    evaluated = root({"a.yaml": scraped + DEPLOYMENT})
    assert [one.address for one in evaluated.resources] == ["ConfigMap/x", "Deployment/shop/api"]
    assert evaluated.problems == ()


@pytest.mark.parametrize("statement", ["{% if api %}", "%{ if api }"])
def test_templates_of_other_tools_are_left_out_too(statement: str) -> None:
    evaluated = root({"t.yaml": f"{DEPLOYMENT}  {statement}\n  paused: true\n", "a.yaml": DEPLOYMENT})
    (note,) = evaluated.problems
    assert note.note and note.path == "t.yaml" and note.message.startswith("this is a template, not YAML;")
    assert [one.location.path for one in evaluated.resources] == ["a.yaml"]


def test_a_file_that_does_not_parse_leaves_the_others_alone() -> None:
    evaluated = root({"bad.yaml": "apiVersion: v1\nkind: [\n", "a.yaml": DEPLOYMENT})
    assert [(problem.path, problem.note) for problem in evaluated.problems] == [("bad.yaml", False)]
    assert len(evaluated.resources) == 1


def test_a_file_that_cannot_be_read_is_a_problem() -> None:
    tree = MemoryTree({"a.yaml": DEPLOYMENT})
    evaluated = evaluate(Root(".", "manifests"), tree, ["a.yaml", "gone.yaml"])
    assert [(problem.path, problem.message) for problem in evaluated.problems] == [
        ("gone.yaml", "there is no such file")
    ]


def edited(route: Route, value: Any, text: str = DEPLOYMENT) -> str | None:
    evaluated, resource = only({"a.yaml": text})
    edit = evaluated.edit(resource, route, value)
    return None if edit is None else apply([edit], {"a.yaml": text})["a.yaml"]


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (2.0, "2"),
        (1_500_000.0, "1500000"),
        (0.25, "0.25"),
        (True, "true"),
        ("gp3", "gp3"),
        ("500m", '"500m"'),
        ("yes", '"yes"'),
        ("a: b", '"a: b"'),
        ("", '""'),
        ("é", '"é"'),
    ],
)
def test_a_scalar_is_replaced(value: Any, written: str) -> None:
    assert edited(("spec", "replicas"), value) == DEPLOYMENT.replace("replicas: 3", f"replicas: {written}")


def test_a_key_with_a_line_of_its_own_is_left_out() -> None:
    assert edited(("spec", "replicas"), None) == DEPLOYMENT.replace("  replicas: 3\n", "")


@pytest.mark.parametrize(
    ("route", "value"),
    [
        (("spec", "paused"), True),
        (("spec", "paused"), None),
        (("spec", "template"), "x"),
        (("spec", "template"), None),
    ],
)
def test_what_is_not_local_is_not_edited(route: Route, value: Any) -> None:
    assert edited(route, value) is None


def test_a_key_on_a_line_with_others_is_not_left_out() -> None:
    text = DEPLOYMENT.replace("spec:\n  replicas: 3\n", "spec:\n  selector: {a: 1, b: 2}\n")
    assert edited(("spec", "selector", "a"), None, text) is None


def test_the_only_key_of_a_mapping_is_not_left_out() -> None:
    text = DEPLOYMENT.replace("spec:\n  replicas: 3\n", "spec:\n  strategy:\n    type: Recreate\n")
    assert edited(("spec", "strategy", "type"), None, text) is None


def test_the_first_key_of_a_list_item_is_not_left_out() -> None:
    assert edited(("spec", "template", "spec", "containers", 0, "name"), None) is None


def test_a_comment_behind_the_value_goes_with_the_key() -> None:
    text = DEPLOYMENT.replace("replicas: 3", "replicas: 3  # why")
    assert edited(("spec", "replicas"), None, text) == DEPLOYMENT.replace("  replicas: 3\n", "")


def test_shared_text_is_not_edited() -> None:
    text = DEPLOYMENT.replace("replicas: 3", "replicas: &n 3\n  revisionHistoryLimit: *n")
    assert edited(("spec", "revisionHistoryLimit"), 5, text) is None
    assert edited(("spec", "replicas"), 5, text) is None
    assert edited(("spec", "replicas"), None, text) is None


IN_JSON = """\
{
\t"apiVersion": "apps\\/v1", "kind": "Deployment", "metadata": {"name": "\\ud83d\\ude00"},
\t"spec": {
\t\t"replicas": 3,
\t\t"strategy": {"type": "Recreate"},
\t\t"paused": false
\t}
}
"""


@pytest.mark.parametrize("name", ["a.json", "a.yaml"])
@pytest.mark.parametrize(
    ("route", "value", "old", "new"),
    [
        (("spec", "replicas"), 2.0, ": 3,", ": 2,"),
        (("spec", "paused"), True, ": false", ": true"),
        (("spec", "strategy", "type"), "RollingUpdate", '"Recreate"', '"RollingUpdate"'),
        (("spec", "replicas"), "2", ": 3,", ': "2",'),
        (("spec", "replicas"), None, '\t\t"replicas": 3,\n', ""),
    ],
)
def test_json_stays_json(name: str, route: Route, value: Any, old: str, new: str) -> None:
    evaluated, resource = only({name: IN_JSON})
    edit = evaluated.edit(resource, route, value)
    assert edit is not None
    after = apply([edit], {name: IN_JSON})[name]
    assert after == IN_JSON.replace(old, new) and json.loads(after)


def test_the_last_key_of_an_object_is_not_left_out() -> None:
    evaluated, resource = only({"a.json": IN_JSON})
    assert evaluated.edit(resource, ("spec", "paused"), None) is None


def test_a_byte_order_mark_hides_nothing() -> None:
    evaluated, resource = only({"a.yaml": "\ufeff" + DEPLOYMENT.replace("\n", "\r\n")})
    assert evaluated.trace(resource, ("apiVersion",)).location.span.column == 13
