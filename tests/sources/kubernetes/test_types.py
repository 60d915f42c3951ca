"""The table of kinds agrees with the Kubernetes API reference and with itself."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from surplus.documents import read_documents
from surplus.model import Route
from surplus.sources.kubernetes import types
from surplus.sources.kubernetes.types import (
    WORKLOADS,
    defaults,
    item_key,
    knows_path,
    knows_type,
    pod_labels_route,
    pod_route,
    type_of,
)

FILE = Path(types.__file__).with_name("types.yaml")


def table() -> dict[str, Any]:
    documents, problems = read_documents(FILE.read_text("utf-8"), "types.yaml")
    assert problems == []
    content = documents[0].value
    assert isinstance(content, dict)
    return content


def test_workloads_are_the_types_with_a_pod() -> None:
    assert sorted(WORKLOADS) == sorted(name for name, entry in table()["types"].items() if "pod" in entry)


def test_defaults_and_keys_are_known_paths() -> None:
    for name, entry in table()["types"].items():
        for route in defaults(name):
            assert knows_path(name, route), (name, route)
        for dotted, key in entry.get("keys", {}).items():
            assert knows_path(name, (*dotted.split("."), *key.split("."))), (name, dotted)


def test_keys_of_the_pod_are_known_paths() -> None:
    for dotted, key in table()["pod"]["keys"].items():
        assert knows_path("Pod", ("spec", *dotted.split("."), key)) or key == "mountPath"


def words(shape: Any) -> Iterator[str]:
    if isinstance(shape, dict):
        for inner in shape.values():
            yield from words(inner)
    elif isinstance(shape, list):
        assert len(shape) == 1
        yield from words(shape[0])
    else:
        yield shape


def test_every_word_in_paths_is_a_shape() -> None:
    content = table()
    known = {"value", "text", "flag", "count", "any", *content["shapes"]}
    used = {word for shape in content["shapes"].values() for word in words(shape)}
    used |= {word for entry in content["types"].values() for word in words(entry["paths"])}
    assert used == known


@pytest.mark.parametrize(
    ("api_version", "kind", "type_"),
    [
        ("apps/v1", "Deployment", "Deployment"),
        ("extensions/v1beta1", "Deployment", "Deployment"),
        ("example.com/v1", "Deployment", "Deployment.example.com"),
        ("v1", "Deployment", "Deployment.core"),
        ("v1", "Service", "Service"),
        ("serving.knative.dev/v1", "Service", "Service.serving.knative.dev"),
        ("argoproj.io/v1alpha1", "Rollout", "Rollout"),
        ("autoscaling/v2beta2", "HorizontalPodAutoscaler", "HorizontalPodAutoscaler"),
        ("batch/v1beta1", "CronJob", "CronJob"),
        ("example.com/v1", "Widget", "Widget"),
    ],
)
def test_type_of(api_version: str, kind: str, type_: str) -> None:
    assert type_of(api_version, kind) == type_


def test_pod_routes() -> None:
    assert pod_route("Pod") == ("spec",)
    assert pod_route("Deployment") == ("spec", "template", "spec")
    assert pod_route("CronJob") == ("spec", "jobTemplate", "spec", "template", "spec")
    assert pod_route("Service") is None
    assert pod_route("Deployment.example.com") is None
    assert pod_labels_route("Pod") == ("metadata", "labels")
    assert pod_labels_route("Job") == ("spec", "template", "metadata", "labels")
    assert pod_labels_route("Service") is None


def test_defaults() -> None:
    assert defaults("HorizontalPodAutoscaler") == {("spec", "minReplicas"): 1}
    assert defaults("ScaledObject")["spec", "minReplicaCount"] == 0
    assert defaults("ScaledObject")["spec", "maxReplicaCount"] == 100
    assert defaults("StorageClass") == {
        ("reclaimPolicy",): "Delete",
        ("allowVolumeExpansion",): False,
        ("volumeBindingMode",): "Immediate",
    }
    assert defaults("Deployment")["spec", "replicas"] == 1
    assert defaults("Rollout")["spec", "template", "spec", "terminationGracePeriodSeconds"] == 30
    assert ("spec", "replicas") not in defaults("DaemonSet")
    assert defaults("Widget") == {}


def test_item_keys() -> None:
    assert item_key("Deployment", ("spec", "template", "spec", "containers")) == "name"
    assert item_key("Pod", ("spec", "containers", 0, "env")) == "name"
    assert item_key("StatefulSet", ("spec", "volumeClaimTemplates")) == "metadata.name"
    assert item_key("Deployment", ("spec", "template")) is None
    assert item_key("Widget", ("spec",)) is None


CONTAINERS: Route = ("spec", "template", "spec", "containers")


@pytest.mark.parametrize(
    ("type_", "path"),
    [
        ("Deployment", ("apiVersion",)),
        ("Deployment", ("metadata", "labels", "app.kubernetes.io/name")),
        ("Deployment", ("spec", "replicas")),
        ("Deployment", CONTAINERS),
        ("Deployment", (*CONTAINERS, "*", "resources", "limits", "nvidia.com/gpu")),
        ("Deployment", (*CONTAINERS, 0, "resources", "requests", "cpu")),
        ("Deployment", ("spec", "template", "metadata", "annotations", "x")),
        ("StatefulSet", ("spec", "volumeClaimTemplates", "spec", "resources", "requests", "storage")),
        ("HorizontalPodAutoscaler", ("spec", "metrics", 0, "resource", "target", "averageUtilization")),
        ("StorageClass", ("parameters", "type")),
        ("ResourceQuota", ("spec", "hard", "requests.cpu")),
        ("LimitRange", ("spec", "limits", "*", "defaultRequest", "cpu")),
        ("PersistentVolumeClaim", ("spec", "storageClassName")),
        ("Pod", ("spec", "nodeSelector", "kubernetes.io/arch")),
    ],
)
def test_known_paths(type_: str, path: Route) -> None:
    assert knows_path(type_, path)


@pytest.mark.parametrize(
    ("type_", "path"),
    [
        ("Deployment", ("spec", "replica")),
        ("Deployment", ("spec", "replicas", "x")),
        ("Deployment", (*CONTAINERS, "resource")),
        ("Deployment", (*CONTAINERS, "resources", "request", "cpu")),
        ("DaemonSet", ("spec", "replicas")),
        ("Widget", ("spec",)),
    ],
)
def test_misspelt_paths(type_: str, path: Route) -> None:
    assert not knows_path(type_, path)


def test_known_types() -> None:
    assert knows_type("Namespace")
    assert knows_type("Service.serving.knative.dev")
    assert not knows_type("Widget")
