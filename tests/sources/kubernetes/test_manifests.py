"""Manifests to resources: https://kubernetes.io/docs/concepts/overview/working-with-objects/"""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surplus.model import Resource, Route, Span, Trace, Unknown, walk
from surplus.sources.kubernetes.manifests import may_hold_manifests, read_manifests

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: api
  namespace: shop
spec:
  template:
    spec:
      containers:
        - name: api
          resources: {requests: {cpu: 500m}}
          args:
"""


def only(text: str) -> Resource:
    file = read_manifests(text, "f.yaml")
    assert file.problems == ()
    assert len(file.resources) == 1
    return file.resources[0]


def spans(trace: Trace) -> list[Span]:
    return [trace.location.span, *(cause.location.span for cause in trace.causes)]


def test_a_resource() -> None:
    resource = only(DEPLOYMENT)
    assert resource.source == "kubernetes"
    assert resource.type == "Deployment"
    assert resource.address == "Deployment/shop/api"
    assert resource.location.path == "f.yaml"
    assert resource.location.span == Span(2, 7, 2, 17)
    assert walk(resource.values, ("spec", "template", "spec", "containers", 0)) == {
        "name": "api",
        "resources": {"requests": {"cpu": "500m"}},
    }


def test_defaults_are_filled_and_told() -> None:
    resource = only(DEPLOYMENT)
    assert walk(resource.values, ("spec", "replicas")) == 1
    assert ("spec", "replicas") in resource.defaulted
    written = only(DEPLOYMENT.replace("spec:\n  temp", "spec:\n  replicas: 3\n  temp"))
    assert walk(written.values, ("spec", "replicas")) == 3
    assert ("spec", "replicas") not in written.defaulted
    null = only(DEPLOYMENT.replace("spec:\n  temp", "spec:\n  replicas: null\n  temp"))
    assert ("spec", "replicas") in null.defaulted


def test_defaults_at_the_top_and_in_mappings_that_are_not_written() -> None:
    storage = only("apiVersion: storage.k8s.io/v1\nkind: StorageClass\nmetadata: {name: a}\n")
    assert storage.values["reclaimPolicy"] == "Delete"
    assert ("allowVolumeExpansion",) in storage.defaulted
    scaler = only("apiVersion: autoscaling.k8s.io/v1\nkind: VerticalPodAutoscaler\nspec: {}\n")
    assert walk(scaler.values, ("spec", "updatePolicy", "updateMode")) == "Auto"
    assert only("apiVersion: apps/v1\nkind: Deployment\n").values == {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
    }


@pytest.mark.parametrize(
    ("metadata", "address"),
    [
        ("{name: a}", "Pod/a"),
        ("{name: a, namespace: b}", "Pod/b/a"),
        ("{generateName: a-}", "Pod/a-*"),
        ("{namespace: b, generateName: a-}", "Pod/b/a-*"),
        ("{}", "Pod/(unnamed)"),
        ("x", "Pod/(unnamed)"),
        ("{name: 5}", "Pod/5"),
        ("{name: true}", "Pod/true"),
        ("{name: [a]}", "Pod/(unnamed)"),
        ("", "Pod/(unnamed)"),
    ],
)
def test_addresses(metadata: str, address: str) -> None:
    assert only(f"apiVersion: v1\nkind: Pod\nmetadata: {metadata}\n").address == address


def test_a_kind_of_another_group_is_another_type() -> None:
    resource = only("apiVersion: serving.knative.dev/v1\nkind: Service\nmetadata: {name: a, namespace: b}\n")
    assert resource.type == "Service.serving.knative.dev"
    assert resource.address == "Service.serving.knative.dev/b/a"
    assert resource.defaulted == frozenset()


def test_lists_are_unfolded() -> None:
    text = (
        "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Pod\n  metadata: {name: a}\n"
        "  spec: {nodeName: x}\n- 5\n- apiVersion: v1\n  kind: PodList\n  items:\n"
        "  - apiVersion: v1\n    kind: Pod\n    metadata: {name: b}\n"
    )
    file = read_manifests(text, "f.yaml")
    assert [resource.address for resource in file.resources] == ["Pod/a", "Pod/b"]
    assert [resource.location.span.line for resource in file.resources] == [5, 13]
    first, second = file.manifests
    assert first.locate(("spec", "nodeName")) == (Span(7, 20, 7, 21), True)
    assert first.locate(("spec", "containers")) == (Span(7, 3, 7, 7), False)
    assert second.locate(("metadata", "name"))[0].line == 14
    assert second.locate(("spec",)) == (Span(12, 5, 12, 19), False)


def test_a_list_of_one_kind_says_it_for_its_items() -> None:
    text = (
        "apiVersion: apps/v1\nkind: DeploymentList\nmetadata: {resourceVersion: '1'}\nitems:\n- metadata: {name: a}\n"
        "  spec: {replicas: 2}\n- {apiVersion: extensions/v1beta1, kind: null, metadata: {name: b}}\n- 5\n"
    )
    file = read_manifests(text, "f.yaml")
    assert file.problems == ()
    assert [(one.address, one.values["apiVersion"], one.location.span.line) for one in file.resources] == [
        ("Deployment/a", "apps/v1", 5),
        ("Deployment/b", "extensions/v1beta1", 7),
    ]
    assert file.manifests[0].locate(("spec", "replicas")) == (Span(6, 20, 6, 21), True)


def test_an_object_with_a_name_is_no_list() -> None:
    text = "apiVersion: example.com/v1\nkind: AllowList\nmetadata: {name: a}\nitems: [{cidr: 10.0.0.0/8}]\n"
    assert only(text).address == "AllowList/a"


@pytest.mark.parametrize(
    ("version", "kind", "known"),
    [
        ("apps/v9", "Deployment", "v1, v1beta1, v1beta2"),
        ("apps/V1", "StatefulSet", "v1, v1beta1, v1beta2"),
        ("v1beta3", "ReplicationController", "v1"),
        ("extensions/v1", "Ingress", "v1beta1"),
    ],
)
def test_a_version_that_is_not_known_is_left_out(version: str, kind: str, known: str) -> None:
    text = f"kind: {kind}\napiVersion: {version}\nmetadata: {{name: a}}\n---\napiVersion: v1\nkind: Pod\n"
    file = read_manifests(text, "f.yaml")
    assert [one.type for one in file.resources] == ["Pod"]
    (note,) = file.problems
    assert note.note and note.span == Span(2, 13, 2, 13 + len(version))
    assert note.message == f"{version} is not known ({known}), so this {kind} is left out"


@pytest.mark.parametrize(
    ("version", "kind"),
    [
        ("extensions/v1beta1", "Deployment"),
        ("apps/v1beta2", "DaemonSet"),
        ("batch/v2alpha1", "CronJob"),
        ("autoscaling/v2beta2", "HorizontalPodAutoscaler"),
        ("policy/v1beta1", "PodDisruptionBudget"),
        ("keda.sh/v9", "ScaledObject"),
        ("apps/v9", "ControllerRevision"),
        ("example.com/v9", "Deployment"),
    ],
)
def test_old_versions_and_those_of_others_are_read(version: str, kind: str) -> None:
    assert only(f"apiVersion: {version}\nkind: {kind}\nmetadata: {{name: a}}\n").values["kind"] == kind


NAMED = "---\napiVersion: {}\nkind: {}\nmetadata: {{name: {}}}\n"


def test_of_two_with_one_name_the_later_one_counts() -> None:
    first, again = NAMED.format("extensions/v1beta1", "Deployment", "a"), NAMED.format("apps/v1", "Deployment", "a")
    file = read_manifests(first + NAMED.format("v1", "Service", "a") + again + again, "f.yaml")
    assert [(one.address, one.location.span.line) for one in file.resources] == [
        ("Service/a", 7),
        ("Deployment/a", 15),
    ]
    assert [(one.message, one.span.line, one.note) for one in file.remarks if one.span] == [
        ("Deployment/a is defined already at line 3; the later one counts", 11, True),
        ("Deployment/a is defined already at line 11; the later one counts", 15, True),
    ]


@pytest.mark.parametrize(
    "metadata",
    [
        "{generateName: a-}",
        "{}",
        "null",
        "[]",
        "{namespace: shop}",
        "{name: ''}",
        "{name: a, annotations: {helm.sh/hook: pre-install}}",
        "{name: [a]}",
    ],
)
def test_what_has_no_name_of_its_own_is_not_there_twice(metadata: str) -> None:
    text = f"---\napiVersion: batch/v1\nkind: Job\nmetadata: {metadata}\n"
    file = read_manifests(text * 2, "f.yaml")
    assert (len(file.manifests), file.remarks) == (2, ())


def test_other_namespaces_groups_and_kinds_are_others() -> None:
    texts = [
        "---\napiVersion: v1\nkind: Service\nmetadata: {name: a}\n",
        "---\napiVersion: v1\nkind: Service\nmetadata: {name: a, namespace: b}\n",
        "---\napiVersion: serving.knative.dev/v1\nkind: Service\nmetadata: {name: a}\n",
        "---\napiVersion: v1\nkind: Pod\nmetadata: {name: a}\n",
        *["---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: a}\n"] * 2,
    ]
    file = read_manifests("".join(texts), "f.yaml")
    assert (len(file.manifests), file.remarks) == (len(texts), ())


def test_a_list_without_items_stays_a_resource() -> None:
    assert only("apiVersion: example.com/v1\nkind: AllowList\nmetadata: {name: a}\n").address == "AllowList/a"
    assert read_manifests("apiVersion: v1\nkind: List\nitems: []\n", "f.yaml").resources == ()


def test_traces() -> None:
    manifest = read_manifests(DEPLOYMENT, "f.yaml").manifests[0]
    trace = manifest.trace(("spec", "template", "spec", "containers", 0, "resources", "requests", "cpu"))
    assert trace.exact
    assert spans(trace) == [Span(11, 39, 11, 43)]
    missing = manifest.trace(("spec", "replicas"))
    assert not missing.exact
    assert spans(missing) == [Span(6, 1, 6, 5)]


def test_the_trace_of_an_alias_ends_at_the_anchor() -> None:
    text = "apiVersion: v1\nkind: Pod\nx: &a {cpu: 1}\nspec: {limits: *a, requests: {<<: *a}}\n"
    manifest = read_manifests(text, "f.yaml").manifests[0]
    for route, used in [
        (("spec", "limits", "cpu"), Span(4, 16, 4, 18)),
        (("spec", "requests", "cpu"), Span(4, 35, 4, 37)),
    ]:
        trace = manifest.trace(route)
        assert spans(trace) == [used, Span(3, 13, 3, 14)]
        assert trace.causes[0].text == "&a"


WRONG = {
    "null": (("spec",), None),
    "x": (("spec",), "spec is text, not a mapping"),
    "[]": (("spec",), "spec is a list, not a mapping"),
    "{replicas: three}": (("spec", "replicas"), "replicas is text, not a number"),
    '{replicas: "3"}': (("spec", "replicas"), "replicas is text, not a number"),
    "{replicas: true}": (("spec", "replicas"), "replicas is true or false, not a number"),
    "{replicas: 2.5}": (("spec", "replicas"), "replicas is 2.5, not a whole number"),
    "{replicas: -1}": (("spec", "replicas"), "replicas is -1, below 0"),
    "{replicas: 99999999999999999999}": (
        ("spec", "replicas"),
        "replicas is 100000000000000000000, above 2,147,483,647",
    ),
    "{replicas: .nan}": (("spec", "replicas"), "replicas is text, not a number"),
    "{paused: [x]}": (("spec", "paused"), "paused is a list, not a single value"),
    "{template: []}": (("spec", "template", "spec"), "template is a list, not a mapping"),
    "{template: {spec: x}}": (("spec", "template", "spec"), "spec is text, not a mapping"),
    "{template: {spec: {containers: {}}}}": (
        ("spec", "template", "spec", "containers"),
        "containers is a mapping, not a list",
    ),
    "{template: {spec: {containers: [null, 5]}}}": (
        ("spec", "template", "spec", "containers", 1),
        "an item of containers is a number, not a mapping",
    ),
    "{template: {spec: {containers: [{resources: 5}]}}}": (
        ("spec", "template", "spec", "containers", 0, "resources"),
        "resources is a number, not a mapping",
    ),
}


@pytest.mark.parametrize(("spec", "found"), WRONG.items(), ids=list(WRONG))
def test_what_has_the_wrong_type_is_unknown(spec: str, found: tuple[Route, str | None]) -> None:
    route, reason = found
    resource = only(f"apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: a}}\nspec: {spec}\n")
    value = walk(resource.values, route)
    assert value is None if reason is None else isinstance(value, Unknown) and value.reason == reason


@pytest.mark.parametrize("number", ["2.0", "0", "2147483647", "0x10"])
def test_whole_numbers(number: str) -> None:
    resource = only(f"apiVersion: apps/v1\nkind: Deployment\nspec: {{replicas: {number}}}\n")
    assert isinstance(resource.values["spec"]["replicas"], int | float)


@pytest.mark.parametrize("metadata", ["x", "5", "[a]", "{name: [a]}", "{name: {a: b}, namespace: [x]}", "{name: ''}"])
def test_metadata_of_the_wrong_type_give_no_name(metadata: str) -> None:
    assert only(f"apiVersion: apps/v1\nkind: Deployment\nmetadata: {metadata}\n").address == "Deployment/(unnamed)"
    assert only(f"apiVersion: a.io/v1\nkind: Thing\nmetadata: {metadata}\n").address == "Thing/(unnamed)"


NEARLY = {
    "apiVersion: v1\nkind: [x]": (2, 7, "kind must be text, not a list"),
    "apiVersion: v1\nkind: {}": (2, 7, "kind must be text, not a mapping"),
    "apiVersion: v1\nkind: 5": (2, 7, "kind must be text, not a number"),
    'apiVersion: v1\nkind: ""': (2, 7, "kind is empty"),
    "apiVersion: 5\nkind: Pod": (1, 13, "apiVersion must be text, not a number"),
    'apiVersion: ""\nkind: Pod': (1, 13, "apiVersion is empty"),
    "apiVersion: apps/\nkind: Pod": (1, 13, "apps/ is no API version as apps/v1 is"),
    "apiVersion: a/b/c\nkind: Pod": (1, 13, "a/b/c is no API version as apps/v1 is"),
    "apiVersion: v1\nkind: List\nitems: text": (3, 8, "items of a List must be a list, not text"),
    "apiVersion: v1\nkind: List\nitems: {}": (3, 8, "items of a List must be a list, not a mapping"),
    "apiVersion: v1\nkind: List\nitems: [5]": (3, 9, "an item of a List must be a manifest, not a number"),
    "apiVersion: v1\nkind: List\nitems: [{kind: Pod}]": (3, 9, "an item of a List must have apiVersion and kind"),
}


@pytest.mark.parametrize(("text", "problem"), NEARLY.items(), ids=list(NEARLY))
def test_what_is_nearly_a_manifest_is_a_problem(text: str, problem: tuple[int, int, str]) -> None:
    file = read_manifests(f"{text}\n---\napiVersion: v1\nkind: Pod\n", "f.yaml")
    line, column, message = problem
    assert [(one.span.line, one.span.column, one.message) for one in file.problems if one.span] == [
        (line, column, f"{message}, so this is left out; correct it")
    ]
    assert [one.type for one in file.resources] == ["Pod"]


@pytest.mark.parametrize(
    "text",
    [
        "apiVersion: v1\nkind: List\n",
        "apiVersion: v1\nkind: List\nitems: null\n",
        "apiVersion: v1\nkind: List\nitems: [null]\n",
        "apiVersion: v1\nkind:\n",
        "apiVersion:\nkind: Deployment\n",
        "apiVersion: a.io/v1\nkind: AllowList\nitems: [10.0.0.1]\n",
        "- apiVersion: v1\n  kind: Pod\n",
    ],
)
def test_what_has_nothing_of_a_manifest_is_passed_over(text: str) -> None:
    file = read_manifests(text, "f.yaml")
    assert (file.manifests, file.problems) == ((), ())


def test_nulls_are_dropped_from_mappings_only() -> None:
    values = only("apiVersion: v1\nkind: Pod\nspec: {a: null, b: [null, {c: ~}]}\n").values
    assert walk(values, ("spec", "b")) == [None, {}]
    assert "a" not in values["spec"]


def test_data_of_secrets_is_sensitive() -> None:
    secret = only("apiVersion: v1\nkind: Secret\nmetadata: {name: a}\nstringData: {b: c}\n")
    assert secret.sensitive == {("stringData",)}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a: 1\n",
        "services: [\n",
        "kind: x\nlist: [\n",
        "image:\n  apiVersion: v1\n  kind: [\n",
        "# apiVersion and kind\na: [\n",
        '{"kind": "x", "a": [}',
    ],
)
def test_what_is_no_manifest_is_not_read(text: str) -> None:
    file = read_manifests(text, "f.yaml")
    assert file.manifests == ()
    assert file.problems == ()


def test_json_is_read() -> None:
    for text in (
        '{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}}',
        '{\n  "kind": "Pod",\n  "apiVersion": "v1",\n  "metadata": {"name": "a"}\n}',
        '[1]\n---\n{"metadata": {"name": "a"}, "kind": "Pod", "apiVersion": "v1"}',
    ):
        assert may_hold_manifests(text)
        assert only(text).address == "Pod/a"


def test_documents_that_are_no_manifests_are_skipped() -> None:
    documents = [
        "a: 1",
        "kind: Pod",
        "apiVersion: v1\nkind: 5",
        "apiVersion: 1\nkind: Pod",
        "- apiVersion: v1",
    ]
    text = "\n---\n".join(documents)
    assert read_manifests(text, "f.yaml").manifests == ()


def test_problems_keep_the_rest_of_the_file() -> None:
    file = read_manifests(
        f"{DEPLOYMENT}---\napiVersion: v1\nkind: [\n---\n{DEPLOYMENT.replace('shop', 'other')}", "f.yaml"
    )
    assert len(file.resources) == 2
    assert len(file.problems) == 1


VALUES: st.SearchStrategy[Any] = st.recursive(
    st.sampled_from(["null", "x", "5", "true", "''", "500m"]),
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda items: f"[{', '.join(items)}]")
        | st.dictionaries(
            st.sampled_from(["name", "replicas", "template", "spec", "containers", "resources", "items"]),
            inner,
            max_size=3,
        ).map(lambda entries: "{" + ", ".join(f"{key}: {value}" for key, value in entries.items()) + "}")
    ),
    max_leaves=12,
)


@given(st.sampled_from(["Deployment", "Pod", "CronJob", "List", "StorageClass"]), VALUES, VALUES, VALUES)
def test_no_shape_raises(kind: str, metadata: str, spec: str, items: str) -> None:
    text = f"apiVersion: v1\nkind: {kind}\nmetadata: {metadata}\nspec: {spec}\nitems: {items}\n"
    file = read_manifests(text, "f.yaml")
    assert kind == "List" or file.problems == ()
    for manifest in file.manifests:
        for route in manifest.resource.defaulted:
            assert not manifest.trace(route).causes


@given(st.text(max_size=60))
def test_no_text_raises(text: str) -> None:
    read_manifests(f"apiVersion: v1\nkind: Pod\n{text}", "f.yaml")
