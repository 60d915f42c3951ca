"""When a root of manifests is all there is."""

import pytest

from surplus.model import Resource
from surplus.sources.kubernetes.closed_world import Openness
from surplus.sources.kubernetes.manifests import read_manifests

WORKLOAD = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: api, namespace: shop}\nspec: {}\n"
SCALER = "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: api, namespace: shop}\nspec: {}\n"


def one(text: str, path: str = "apps/api.yaml") -> Resource:
    return read_manifests(text, path).resources[0]


def custom(group: str, kind: str, namespace: str = "shop", spec: str = "{}") -> Resource:
    where = f", namespace: {namespace}" if namespace else ""
    return one(f"apiVersion: {group}/v1\nkind: {kind}\nmetadata: {{name: c{where}}}\nspec: {spec}\n")


def reason(scaler: Resource, *others: Resource, unread: tuple[str, ...] = (), folders: tuple[str, ...] = ()) -> str:
    return Openness([scaler, *others], unread, lambda path: path in folders).reason(scaler) or ""


def test_a_namespace_with_workloads_is_closed() -> None:
    assert reason(one(SCALER), one(WORKLOAD)) == ""


def test_a_namespace_without_workloads_gets_them_from_elsewhere() -> None:
    assert "no workload of its namespace" in reason(one(SCALER))
    other = one(WORKLOAD.replace("shop", "other"))
    assert "no workload of its namespace" in reason(one(SCALER), other)


def test_without_a_namespace_a_workload_must_be_in_line() -> None:
    scaler, workload = SCALER.replace(", namespace: shop", ""), WORKLOAD.replace(", namespace: shop", "")
    assert reason(one(scaler, "a/hpa.yaml"), one(workload, "a/app/api.yaml")) == ""
    assert "no workload" in reason(one(scaler, "a/hpa.yaml"), one(workload, "b/api.yaml"))
    assert "no workload" in reason(one(scaler, "a/hpa.yaml"), one(workload, "ab/api.yaml"))


def test_what_is_not_read_is_named() -> None:
    found = reason(one(SCALER), one(WORKLOAD), unread=("z/Chart.yaml", "b/Chart.yaml"))
    assert found == "b/Chart.yaml is not read and may hold what belongs to it"


@pytest.mark.parametrize(
    ("group", "kind"),
    [
        ("cert-manager.io", "Certificate"),
        ("external-secrets.io", "ExternalSecret"),
        ("monitoring.coreos.com", "ServiceMonitor"),
        ("gateway.networking.k8s.io", "HTTPRoute"),
        ("keda.sh", "ScaledObject"),
        ("argoproj.io", "Rollout"),
        ("argoproj.io", "AppProject"),
        ("karpenter.sh", "NodePool"),
        ("networking.k8s.io", "NetworkPolicy"),
    ],
)
def test_controllers_that_make_no_workloads_leave_it_closed(group: str, kind: str) -> None:
    assert reason(one(SCALER), one(WORKLOAD), custom(group, kind)) == ""


def test_an_operator_makes_workloads_in_the_namespace_of_its_resource() -> None:
    assert "may make what belongs" in reason(one(SCALER), one(WORKLOAD), custom("kafka.strimzi.io", "Kafka"))
    assert reason(one(SCALER), one(WORKLOAD), custom("kafka.strimzi.io", "Kafka", "queues")) == ""


def test_an_operator_whose_group_looks_built_in() -> None:
    found = reason(one(SCALER), one(WORKLOAD), custom("sparkoperator.k8s.io", "SparkApplication"))
    assert found.startswith("SparkApplication/shop/c may make")


def test_a_release_deploys_into_its_target_namespace() -> None:
    flux = ("helm.toolkit.fluxcd.io", "HelmRelease")
    assert "HelmRelease" in reason(one(SCALER), one(WORKLOAD), custom(*flux))
    assert "HelmRelease" in reason(one(SCALER), one(WORKLOAD), custom(*flux, "flux", "{targetNamespace: shop}"))
    assert reason(one(SCALER), one(WORKLOAD), custom(*flux, "shop", "{targetNamespace: other}")) == ""


def test_what_is_deployed_from_a_folder_of_the_tree_is_in_the_scan() -> None:
    flux = custom("kustomize.toolkit.fluxcd.io", "Kustomization", "flux", "{path: ./apps}")
    assert reason(one(SCALER), one(WORKLOAD), flux, folders=("apps",)) == ""
    assert "may make what belongs" in reason(one(SCALER), one(WORKLOAD), flux)
    argo = custom("argoproj.io", "Application", "argocd", "{source: {path: apps}, destination: {namespace: shop}}")
    assert reason(one(SCALER), one(WORKLOAD), argo, folders=("apps",)) == ""
    assert "may make what belongs" in reason(one(SCALER), one(WORKLOAD), argo)
    assert "ApplicationSet" in reason(one(SCALER), one(WORKLOAD), custom("argoproj.io", "ApplicationSet", "argocd"))


def test_what_belongs_to_no_namespace_needs_no_workload() -> None:
    storage = "apiVersion: storage.k8s.io/v1\nkind: StorageClass\nmetadata: {name: fast}\nprovisioner: p\n"
    assert reason(one(storage)) == ""
