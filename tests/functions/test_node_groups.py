"""The groups of nodes that Terraform declares."""

import pytest

from surplus.functions.node_groups import incomplete, node_groups
from surplus.functions.nodes import Taint
from surplus.roots import evaluate_files

EKS = """
resource "aws_eks_cluster" "main" {
  name = "main"
}
resource "aws_eks_node_group" "a" {
  cluster_name   = aws_eks_cluster.main.name
  REST
}
"""
AKS = """
resource "azurerm_kubernetes_cluster" "main" {
  name     = "main"
  location = "eastus"
  default_node_pool {
    name                         = "system"
    vm_size                      = "Standard_D4s_v5"
    node_count                   = 2
    only_critical_addons_enabled = true
  }
}
resource "azurerm_kubernetes_cluster_node_pool" "spot" {
  name                  = "spot"
  kubernetes_cluster_id = azurerm_kubernetes_cluster.main.id
  vm_size               = "Standard_D2s_v3"
  priority              = "Spot"
  min_count             = 1
  node_taints           = ["team=data:NoExecute"]
  node_labels           = { team = "data" }
}
"""
GKE = """
resource "google_container_cluster" "main" {
  name                     = "main"
  location                 = "LOCATION"
  remove_default_node_pool = REMOVE
  initial_node_count       = 1
}
resource "google_container_node_pool" "a" {
  cluster = google_container_cluster.main.id
  REST
}
"""


def test_eks() -> None:
    rest = 'instance_types = ["m5.large"]\n labels = { tier = "web" }\n'
    rest += "scaling_config {\n desired_size = 3\n min_size = 1\n}"
    rest += '\n taint {\n key = "a"\n effect = "NO_SCHEDULE"\n}'
    (group,) = node_groups(evaluate_files({"main.tf": EKS.replace("REST", rest)}, None))
    assert (group.types, group.count, group.region, group.cloud) == (("m5.large",), 3.0, "us-east-1", "aws")
    assert group.taints == (Taint("a", "", "NoSchedule"),)
    assert group.label("tier") == frozenset(("web",))
    assert group.label("eks.amazonaws.com/capacityType") == frozenset(("ON_DEMAND",))
    assert group.label("eks.amazonaws.com/nodegroup") is None


@pytest.mark.parametrize(
    ("rest", "types", "count"),
    [
        ("scaling_config {\n min_size = 2\n}", ("t3.medium",), 2.0),
        ("instance_types = var.types\n scaling_config {\n desired_size = var.n\n min_size = 2\n}", (), None),
        ("launch_template {\n id = aws_launch_template.node.id\n}", ("c5.xlarge",), None),
        ('launch_template {\n id = "lt-0"\n}', (), None),
    ],
)
def test_what_eks_takes_where_little_is_written(rest: str, types: tuple[str, ...], count: float | None) -> None:
    more = 'variable "types" {}\nvariable "n" {}\n'
    more += 'resource "aws_launch_template" "node" {\n instance_type = "c5.xlarge"\n}\n'
    (group,) = node_groups(evaluate_files({"main.tf": EKS.replace("REST", rest) + more}, None))
    assert (group.types, group.count) == (types, count)
    assert group.count is not None or "number of nodes of aws_eks_node_group.a" in group.reason


@pytest.mark.parametrize(
    ("capacity", "spot"), [('"SPOT"', True), ('"ON_DEMAND"', False), ('"CAPACITY_BLOCK"', None), ("var.c", None)]
)
def test_whether_nodes_are_spot_nodes(capacity: str, spot: bool | None) -> None:
    text = EKS.replace("REST", f"capacity_type = {capacity}") + 'variable "c" {}\n'
    (group,) = node_groups(evaluate_files({"main.tf": text}, None))
    assert group.spot is spot


@pytest.mark.parametrize(
    ("config", "spot", "label"),
    [
        ("spot = true", True, "cloud.google.com/gke-spot"),
        ("preemptible = true", True, "cloud.google.com/gke-preemptible"),
        ("spot = var.s", None, None),
        ("", False, None),
    ],
)
def test_gke_labels_its_spot_nodes(config: str, spot: bool | None, label: str | None) -> None:
    text = GKE.replace("LOCATION", "us-central1-a").replace("REMOVE", "true")
    text = text.replace("REST", f"node_config {{\n {config}\n }}") + 'variable "s" {}\n'
    (group,) = node_groups(evaluate_files({"main.tf": text}, None))
    assert group.spot is spot
    assert label is None or group.label(label) == frozenset(("true",))


def test_labels_are_texts_or_not_known() -> None:
    text = EKS.replace("REST", "labels = { gpu = true, size = 2, team = var.team }") + 'variable "team" {}\n'
    (group,) = node_groups(evaluate_files({"main.tf": text}, None))
    found = [group.label(one) for one in ("gpu", "size", "team", "other")]
    assert found == [frozenset(("true",)), frozenset(("2",)), None, None]


def test_aks() -> None:
    system, spot = node_groups(evaluate_files({"main.tf": AKS}, None))
    assert (system.types, system.count, system.region) == (("Standard_D4s_v5",), 2.0, "eastus")
    assert system.taints == (Taint("CriticalAddonsOnly", "true", "NoSchedule"),)
    assert (spot.count, spot.region, spot.spot) == (1.0, "eastus", True)
    assert spot.taints is not None
    assert Taint("team", "data", "NoExecute") in spot.taints
    assert spot.label("team") == frozenset(("data",))
    assert spot.label("agentpool") == frozenset(("spot",))
    assert spot.label("kubernetes.azure.com/scalesetpriority") == frozenset(("spot",))


@pytest.mark.parametrize(
    ("location", "rest", "count"),
    [
        ("us-central1", "node_count = 2", 6.0),
        ("us-central1-a", "node_count = 2", 2.0),
        ("us-central1", 'node_count = 2\n node_locations = ["us-central1-a", "us-central1-b"]', 4.0),
        ("us-central1-a", 'node_count = 2\n node_locations = ["us-central1-b"]', 2.0),
        ("us-central1", "autoscaling {\n min_node_count = 1\n}", 3.0),
        ("us-central1", "autoscaling {\n total_min_node_count = 4\n}", 4.0),
        ("us-central1", "initial_node_count = 1", 3.0),
        ("us-central1", "", None),
    ],
)
def test_gke_has_nodes_in_each_zone(location: str, rest: str, count: float | None) -> None:
    text = GKE.replace("LOCATION", location).replace("REMOVE", "true").replace("REST", rest)
    (group,) = node_groups(evaluate_files({"main.tf": text}, None))
    assert (group.types, group.count, group.region) == (("e2-medium",), count, location)


def test_gke_keeps_its_default_pool_unless_it_is_removed() -> None:
    text = GKE.replace("LOCATION", "us-central1-a").replace("REMOVE", "false").replace("REST", "node_count = 2")
    assert [one.count for one in node_groups(evaluate_files({"main.tf": text}, None))] == [1.0, 2.0]


def test_attached_gpus_bring_a_taint() -> None:
    gpus = 'guest_accelerator {\n type = "nvidia-tesla-t4"\n count = 2\n}'
    rest = f'node_config {{\n machine_type = "n1-standard-4"\n {gpus}\n}}'
    text = GKE.replace("LOCATION", "us-central1-a").replace("REMOVE", "true").replace("REST", rest)
    (group,) = node_groups(evaluate_files({"main.tf": text}, None))
    assert (group.gpus, group.taints) == (2.0, (Taint("nvidia.com/gpu", "present", "NoSchedule"),))


def test_how_many_groups_there_are_may_not_be_known() -> None:
    rest = "count = var.n\n scaling_config {\n desired_size = 3\n}"
    (group,) = node_groups(evaluate_files({"main.tf": EKS.replace("REST", rest) + 'variable "n" {}\n'}, None))
    assert group.count is None
    assert "how many there are of aws_eks_node_group.a" in group.reason


ONE = {"main.tf": EKS.replace("REST", "scaling_config {\n desired_size = 3\n}")}
POOL = "apiVersion: karpenter.sh/v1\nkind: NodePool\nmetadata: {name: general}\nspec: {}\n"


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({}, ""),
        ({"pool.yaml": POOL}, "Karpenter starts nodes as they are needed"),
        ({"k.tf": 'resource "helm_release" "k" {\n chart = "oci://example.com/karpenter"\n}\n'}, "Karpenter starts"),
        ({"b/main.tf": 'resource "aws_eks_cluster" "b" {\n name = "b"\n}\n'}, "the scan has several clusters"),
        ({"m.tf": 'module "eks" {\n source = "terraform-aws-modules/eks/aws"\n}\n'}, "module.eks is not in the scan"),
        ({"m.tf": 'module "vpc" {\n source = "terraform-aws-modules/vpc/aws"\n}\n'}, ""),
    ],
)
def test_whether_the_groups_are_all_nodes_of_one_cluster(more: dict[str, str], reason: str) -> None:
    found = incomplete(evaluate_files({**ONE, **more}, None))
    assert found.startswith(reason)
    assert bool(found) == bool(reason)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('resource "aws_eks_cluster" "m" {\n name = "m"\n compute_config {\n enabled = true\n}\n}', "EKS starts nodes"),
        (
            'resource "google_container_cluster" "m" {\n name = "m"\n enable_autopilot = true\n}',
            "GKE starts nodes",
        ),
        ('resource "aws_instance" "m" {\n}', "the scan has no nodes"),
    ],
)
def test_clouds_may_start_nodes_by_themselves(text: str, reason: str) -> None:
    node = 'resource "aws_eks_node_group" "n" {\n cluster_name = aws_eks_cluster.m.name\n}\n'
    files = {"main.tf": f"{text}\n" + (node if "eks" in text else "")}
    assert incomplete(evaluate_files(files, None)).startswith(reason)
