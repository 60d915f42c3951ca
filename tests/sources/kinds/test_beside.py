"""Loose manifests and Terraform that make things in one cluster."""

from pathlib import Path

import pytest

from surplus.run import Options, check

SCALER = (
    "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {{name: risk{0}}}\n"
    "spec:\n  scaleTargetRef: {{apiVersion: apps/v1, kind: Deployment, name: risk}}\n  minReplicas: 2\n"
    "  maxReplicas: 6\n"
)
WORKLOAD = (
    "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: {1}{0}}}\n"
    "spec:\n  selector: {{matchLabels: {{app: {1}}}}}\n"
    "  template: {{metadata: {{labels: {{app: {1}}}}}, spec: {{containers: [{{name: a, image: a}}]}}}}\n"
)
SHOP = ", namespace: shop"
LOOSE = f"{SCALER}---\n{WORKLOAD}"
RELEASE = 'resource "helm_release" "a" {{\n  name = "a"\n  chart = "a"\n  {}\n}}\n'
DEPLOYMENT = (
    'resource "kubernetes_deployment" "{1}" {{\n  metadata {{\n    name = "{1}"\n    {0}\n  }}\n  spec {{\n'
    '    template {{\n      metadata {{\n        labels = {{app = "{1}"}}\n      }}\n'
    '      spec {{\n        container {{\n          name = "a"\n        }}\n      }}\n    }}\n  }}\n}}\n'
)
SCALER_OF_TERRAFORM = (
    'resource "kubernetes_horizontal_pod_autoscaler_v2" "risk" {\n  metadata {\n    name = "risk"\n'
    '    namespace = "shop"\n  }\n  spec {\n    min_replicas = 2\n    max_replicas = 6\n    scale_target_ref {\n'
    '      api_version = "apps/v1"\n      kind = "Deployment"\n      name = "risk"\n    }\n  }\n}\n'
)
INSIDE = 'namespace = "shop"'


def dangling(top: Path, files: dict[str, str], *paths: str) -> str:
    """What is said of the autoscaler without a target: `found`, or why it is not decided; "" where nothing is."""
    for name, text in files.items():
        (top / name).parent.mkdir(parents=True, exist_ok=True)
        (top / name).write_text(text)
    result = check(Options(paths=tuple(str(top / path) for path in paths or (".",)), root=str(top)))
    if any(one.rule.id == "k8s-hpa-dangling" for one in result.findings):
        return "found"
    return next((one.reason for one in result.undecided if one.rule == "k8s-hpa-dangling"), "")


def loose(top: Path, terraform: str, *paths: str, namespace: str = SHOP) -> str:
    return dangling(top, {"k8s/m.yaml": LOOSE.format(namespace, "other"), "tf/main.tf": terraform}, *paths)


@pytest.mark.parametrize(
    "terraform",
    [
        DEPLOYMENT.format(INSIDE, "risk"),
        RELEASE.format(INSIDE),
        RELEASE.format("namespace = var.where") + 'variable "where" {}\n',
        'resource "kustomization_resource" "a" {\n  manifest = "{}"\n}\n',
        'resource "kubectl_manifest" "a" {\n  yaml_body = var.body\n}\nvariable "body" {}\n',
    ],
)
def test_what_terraform_makes_in_the_namespace_may_belong_to_a_manifest(tmp_path: Path, terraform: str) -> None:
    assert " in tf/main.tf may be or make what belongs to it" in loose(tmp_path, terraform)


@pytest.mark.parametrize(
    "terraform",
    [
        'resource "aws_eks_cluster" "a" {}\n',
        RELEASE.format('namespace = "other"'),
        RELEASE.format(""),  # the provider takes `default`
        DEPLOYMENT.format('namespace = "other"', "risk"),
        'resource "kubernetes_config_map" "a" {\n  metadata {\n    name = "a"\n    namespace = "shop"\n  }\n}\n',
    ],
)
def test_what_terraform_makes_elsewhere_does_not_matter(tmp_path: Path, terraform: str) -> None:
    assert loose(tmp_path, terraform) == "found"


def test_an_unwritten_namespace_may_be_default_or_that_of_a_workload(tmp_path: Path) -> None:
    assert "helm_release.a" in loose(tmp_path / "1", RELEASE.format(""), namespace="")
    assert "kubernetes_deployment.risk" in loose(tmp_path / "2", DEPLOYMENT.format(INSIDE, "risk"), namespace="")
    assert loose(tmp_path / "3", RELEASE.format('namespace = "kube-system"'), namespace="") == "found"
    assert "helm_release.a" in loose(tmp_path / "4", RELEASE.format(""), namespace=", namespace: default")


@pytest.mark.parametrize("path", ["k8s/m.yaml", "k8s", "."])
def test_the_answer_is_the_same_where_only_some_paths_are_selected(tmp_path: Path, path: str) -> None:
    assert "kubernetes_deployment.risk" in loose(tmp_path, DEPLOYMENT.format(INSIDE, "risk"), path)


@pytest.mark.parametrize("path", [".", "tf"])
@pytest.mark.parametrize(
    ("namespace", "said"),
    [(SHOP, "Deployment"), ("", "Deployment"), (", namespace: cart", "found")],
)
def test_a_manifest_may_belong_to_what_terraform_declares(tmp_path: Path, namespace: str, said: str, path: str) -> None:
    terraform = SCALER_OF_TERRAFORM + DEPLOYMENT.format(INSIDE, "other")
    files = {"k8s/m.yaml": WORKLOAD.format(namespace, "risk"), "tf/main.tf": terraform}
    assert said in dangling(tmp_path, files, path)


def test_a_chart_beside_terraform_may_hold_what_belongs_to_it(tmp_path: Path) -> None:
    terraform = SCALER_OF_TERRAFORM + DEPLOYMENT.format(INSIDE, "other")
    files = {"c/Chart.yaml": "name: c\n", "c/templates/a.yaml": "a: {{ b }}\n", "tf/main.tf": terraform}
    assert "c/Chart.yaml is not read" in dangling(tmp_path, files | {"k8s/m.yaml": WORKLOAD.format(SHOP, "x")})
