"""Arguments and blocks of the Kubernetes provider as the fields of manifests."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surplus.model import Route, Unknown, walk
from surplus.sources.kinds.names import camel, kind_of, snake, types_of
from surplus.sources.kinds.source import with_kinds
from surplus.sources.kinds.tables import LISTS, NAMES
from surplus.sources.kinds.values import manifest_names, manifest_route, manifest_values, terraform_route
from terraform_roots import evaluated


@pytest.mark.parametrize(
    ("type_", "api_version", "kind", "namespaced"),
    [
        ("kubernetes_deployment", "apps/v1", "Deployment", True),
        ("kubernetes_deployment_v1", "apps/v1", "Deployment", True),
        ("kubernetes_daemonset", "apps/v1", "DaemonSet", True),
        ("kubernetes_daemon_set_v1", "apps/v1", "DaemonSet", True),
        ("kubernetes_cron_job", "batch/v1beta1", "CronJob", True),
        ("kubernetes_cron_job_v1", "batch/v1", "CronJob", True),
        ("kubernetes_horizontal_pod_autoscaler_v2beta2", "autoscaling/v2beta2", "HorizontalPodAutoscaler", True),
        ("kubernetes_storage_class", "storage.k8s.io/v1", "StorageClass", False),
        ("kubernetes_api_service_v1", "apiregistration.k8s.io/v1", "APIService", False),
        ("kubernetes_namespace_v1", "v1", "Namespace", False),
        ("kubernetes_service", "v1", "Service", True),
    ],
)
def test_the_kind_of_a_type(type_: str, api_version: str, kind: str, namespaced: bool) -> None:
    found = kind_of(type_)
    assert found is not None
    assert (found.api_version, found.kind, found.namespaced) == (api_version, kind, namespaced)


@pytest.mark.parametrize(
    "type_",
    [
        "kubernetes_annotations",
        "kubernetes_config_map_v1_data",
        "kubernetes_default_service_account",
        "kubernetes_env",
        "kubernetes_labels",
        "kubernetes_manifest",
        "kubernetes_node_taint",
        "kubernetes_something_new",
        "aws_instance",
    ],
)
def test_what_declares_no_object_has_no_kind(type_: str) -> None:
    assert kind_of(type_) is None


def test_the_types_that_may_declare_a_kind() -> None:
    found = types_of(frozenset({"HorizontalPodAutoscaler"}))
    assert {"kubernetes_horizontal_pod_autoscaler", "kubernetes_horizontal_pod_autoscaler_v2"} <= found
    assert {"kubernetes_manifest", "HorizontalPodAutoscaler"} <= found
    assert types_of(frozenset({"aws_instance"})) == {"aws_instance"}


@pytest.mark.parametrize(
    ("name", "called"),
    [
        ("cluster_ip", "clusterIP"),
        ("external_ips", "externalIPs"),
        ("host_ipc", "hostIPC"),
        ("storage_class_name", "storageClassName"),
        ("target_cpu_utilization_percentage", "targetCPUUtilizationPercentage"),
        ("insecure_skip_tls_verify", "insecureSkipTLSVerify"),
        ("load_balancer_source_ranges", "loadBalancerSourceRanges"),
        ("storage_provisioner", "provisioner"),
        ("downward_api", "downwardAPI"),
        ("fs_group", "fsGroup"),
        ("spec", "spec"),
    ],
)
def test_names_there_and_back(name: str, called: str) -> None:
    assert camel(name) == called
    assert snake("spec", called) == name


POD: dict[str, Any] = {
    "metadata": [{"labels": {"app_name": "a"}, "generation": 3, "uid": Unknown("after apply")}],
    "spec": [
        {
            "automount_service_account_token": None,
            "node_selector": {"node_pool": "x"},
            "affinity": [
                {
                    "node_affinity": [
                        {
                            "required_during_scheduling_ignored_during_execution": [
                                {"node_selector_term": [{"match_expressions": [{"key": "k", "operator": "Exists"}]}]}
                            ]
                        }
                    ],
                    "pod_affinity": [
                        {"required_during_scheduling_ignored_during_execution": [{"topology_key": "zone"}]}
                    ],
                }
            ],
            "container": [
                {"name": "a", "resources": [{"limits": {"cpu": 1}, "requests": [{"memory": "1Gi"}]}]},
                {
                    "name": "b",
                    "port": [{"container_port": "80"}],
                    "env": [{"name": "X", "value": "1"}],
                    "volume_mount": [],
                },
            ],
            "volume": [{"name": "v", "empty_dir": [{}]}, {"name": "s", "secret": [{"secret_name": "x"}]}],
            "toleration": Unknown("var.tolerations has no value"),
        }
    ],
    "wait_for_rollout": False,
    "timeouts": None,
}

MANIFEST: dict[str, Any] = {
    "metadata": {"labels": {"app_name": "a"}},
    "spec": {
        "nodeSelector": {"node_pool": "x"},
        "affinity": {
            "nodeAffinity": {
                "requiredDuringSchedulingIgnoredDuringExecution": {
                    "nodeSelectorTerms": [{"matchExpressions": [{"key": "k", "operator": "Exists"}]}]
                }
            },
            "podAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [{"topologyKey": "zone"}]},
        },
        "containers": [
            {"name": "a", "resources": {"limits": {"cpu": "1"}, "requests": {"memory": "1Gi"}}},
            {"name": "b", "ports": [{"containerPort": 80}], "env": [{"name": "X", "value": "1"}]},
        ],
        "volumes": [{"name": "v", "emptyDir": {}}, {"name": "s", "secret": {"secretName": "x"}}],
        "tolerations": Unknown("var.tolerations has no value"),
    },
}


def test_a_pod() -> None:
    assert manifest_values(POD) == MANIFEST


@pytest.mark.parametrize(
    ("terraform", "manifest"),
    [
        ((), ()),
        (("spec", 0, "container", 1, "name"), ("spec", "containers", 1, "name")),
        (("spec", 0, "container", 1), ("spec", "containers", 1)),
        (("spec", 0, "container"), ("spec", "containers")),
        (("spec", 0, "node_selector", "node_pool"), ("spec", "nodeSelector", "node_pool")),
        (
            ("spec", 0, "container", 0, "resources", 0, "limits", "cpu"),
            ("spec", "containers", 0, "resources", "limits", "cpu"),
        ),
        (
            ("spec", 0, "container", 0, "resources", 0, "requests", 0, "memory"),
            ("spec", "containers", 0, "resources", "requests", "memory"),
        ),
        (("spec", 0, "toleration"), ("spec", "tolerations")),
    ],
)
def test_routes_there_and_back(terraform: Route, manifest: Route) -> None:
    assert terraform_route(POD, manifest) == terraform
    assert manifest_route(POD, terraform) == manifest


def test_a_route_of_what_is_not_written_is_named_as_it_would_be() -> None:
    found = terraform_route(POD, ("spec", "containers", 0, "volumeMounts", 0, "mountPath"))
    assert found == ("spec", 0, "container", 0, "volume_mount", 0, "mount_path")
    limits = ("spec", "containers", 1, "resources", "limits", "cpu")
    assert terraform_route(POD, limits) == ("spec", 0, "container", 1, "resources", "limits", "cpu")
    assert manifest_route(POD, ("wait_for_rollout",)) is None
    assert manifest_route(POD, ("metadata", 0, "uid")) is None


def test_the_source_of_a_volume_stands_where_its_block_stands() -> None:
    values = {"spec": [{"capacity": {"storage": "2Gi"}, "persistent_volume_source": [{"host_path": [{"path": "/x"}]}]}]}
    assert manifest_values(values) == {"spec": {"capacity": {"storage": "2Gi"}, "hostPath": {"path": "/x"}}}
    route = ("spec", 0, "persistent_volume_source", 0, "host_path", 0, "path")
    assert terraform_route(values, ("spec", "hostPath", "path")) == route
    assert manifest_route(values, route) == ("spec", "hostPath", "path")


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        ({"app": "a"}, {"app": "a"}),
        ([{"match_labels": {"app": "a"}}], {"matchLabels": {"app": "a"}}),
        ({"match_labels": {"app": "a"}}, {"matchLabels": {"app": "a"}}),
        ([{}], {}),
    ],
)
def test_a_selector_is_a_map_or_a_block(selector: Any, expected: dict[str, Any]) -> None:
    assert manifest_values({"spec": [{"selector": selector}]}) == {"spec": {"selector": expected}}


@pytest.mark.parametrize(
    ("dotted", "expected"),
    [
        ("spec.replicas", "spec.replicas"),
        ("spec.template.spec.container.image", "spec.template.spec.containers.image"),
        ("metadata.annotations.some_key", "metadata.annotations.some_key"),
        ("spec.selector.match_labels", "spec.selector.matchLabels"),
        ("parameters", "parameters"),
    ],
)
def test_ignored_changes_in_the_words_of_kubernetes(dotted: str, expected: str) -> None:
    assert manifest_names(dotted) == expected


# Any manifest, written as Terraform: mappings are blocks, unless their keys are the user's.

WORDS = st.text("abcdefghij", min_size=1, max_size=5)
MAP = st.dictionaries(WORDS, WORDS, min_size=1, max_size=3)
CONTAINER = st.fixed_dictionaries(
    {"name": WORDS},
    optional={
        "image": WORDS,
        "command": st.lists(WORDS, min_size=1, max_size=2),
        "env": st.lists(st.fixed_dictionaries({"name": WORDS, "value": WORDS}), min_size=1, max_size=2),
        "ports": st.lists(st.fixed_dictionaries({"containerPort": st.integers(1, 999)}), min_size=1, max_size=2),
        "resources": st.fixed_dictionaries({}, optional={"limits": MAP, "requests": MAP}),
        "livenessProbe": st.fixed_dictionaries({"httpGet": st.fixed_dictionaries({"path": WORDS, "port": WORDS})}),
        "volumeMounts": st.lists(st.fixed_dictionaries({"mountPath": WORDS, "readOnly": st.booleans()}), min_size=1),
    },
)
DEPLOYMENT = st.fixed_dictionaries(
    {
        "metadata": st.fixed_dictionaries({"name": WORDS, "namespace": WORDS}, optional={"labels": MAP}),
        "spec": st.fixed_dictionaries(
            {
                "replicas": st.integers(0, 9),
                "selector": st.fixed_dictionaries({"matchLabels": MAP}),
                "template": st.fixed_dictionaries(
                    {
                        "metadata": st.fixed_dictionaries({"labels": MAP}),
                        "spec": st.fixed_dictionaries(
                            {
                                "terminationGracePeriodSeconds": st.integers(0, 99),
                                "containers": st.lists(CONTAINER, min_size=1, max_size=3),
                            },
                            optional={
                                "initContainers": st.lists(CONTAINER, min_size=1, max_size=2),
                                "nodeSelector": MAP,
                                "tolerations": st.lists(st.fixed_dictionaries({"key": WORDS}), min_size=1),
                                "volumes": st.lists(
                                    st.fixed_dictionaries({"name": WORDS, "emptyDir": st.just({})}), min_size=1
                                ),
                            },
                        ),
                    }
                ),
            }
        ),
    }
)
ONE = {target: source.rpartition(".")[2] for source, target in {**LISTS, **{v: k for k, v in NAMES.items()}}.items()}
MAPS = {"labels", "matchLabels", "limits", "requests", "nodeSelector"}


def terraform(name: str, value: Any, indent: int) -> str:
    """An argument, or the blocks, that set a field of a manifest."""
    space = "  " * indent
    if isinstance(value, dict) and name not in MAPS:
        return f"{space}{snake('', name)} {{\n{body(value, indent + 1)}{space}}}\n"
    if isinstance(value, list) and isinstance(value[0], dict):
        return "".join(f"{space}{ONE[name]} {{\n{body(item, indent + 1)}{space}}}\n" for item in value)
    return f"{space}{snake('', name)} = {json.dumps(value)}\n"


def body(values: dict[str, Any], indent: int) -> str:
    return "".join(terraform(name, value, indent) for name, value in values.items())


def routes(values: Any, route: Route = ()) -> list[Route]:
    """The routes of all scalars."""
    pairs = values.items() if isinstance(values, dict) else enumerate(values) if isinstance(values, list) else ()
    return [route] if not isinstance(values, dict | list) else [one for k, v in pairs for one in routes(v, (*route, k))]


@given(DEPLOYMENT)
def test_a_manifest_written_as_terraform_has_the_same_values(manifest: dict[str, Any]) -> None:
    text = f'resource "kubernetes_deployment_v1" "it" {{\n{body(manifest, 1)}}}\n'
    found = with_kinds(evaluated(text)).resources[0]
    assert found.values == {"apiVersion": "apps/v1", "kind": "Deployment", **manifest}
    assert found.defaulted == frozenset()


@given(DEPLOYMENT)
def test_every_value_is_found_on_its_own_place(manifest: dict[str, Any]) -> None:
    text = f'resource "kubernetes_deployment_v1" "it" {{\n{body(manifest, 1)}}}\n'
    root = with_kinds(evaluated(text))
    for route in routes(manifest):
        trace = root.trace(root.resources[0], route)
        span = trace.location.span
        written = text.splitlines()[span.line - 1][span.column - 1 : span.end_column - 1]
        assert trace.exact
        assert json.loads(written) == walk(manifest, route)
