"""What init containers make a pod ask for, and how many pods a budget is over."""

from dataclasses import replace
from typing import Any

import pytest

from surplus.expressions import UnknownValueError
from surplus.functions.nodes import NodeGroup, Nodes
from surplus.functions.packing import NO_FILL, init_turn, node_fill, selected_replicas, selects
from surplus.functions.scope import RuleScope, World, pod_of
from surplus.model import Root
from surplus.sources.kubernetes.source import evaluate
from surplus.trees import MemoryTree


def scope(text: str, address: str) -> RuleScope:
    root = evaluate(Root(".", "manifests", key="."), MemoryTree({"a.yaml": text}), ["a.yaml"])
    one = root.by_address[address]
    return RuleScope(one, World(root), pod=pod_of(one))


POD = """
apiVersion: v1
kind: Pod
metadata: {{name: p}}
spec:
  overhead: {{cpu: 250m}}
  initContainers:
    - {{name: first, resources: {{requests: {{cpu: {first}}}}}}}
    - {{name: proxy, restartPolicy: Always, resources: {{requests: {{cpu: 1}}}}}}
    - {{name: second, resources: {{requests: {{cpu: 1500m}}}}}}
    - {{name: third, resources: {{requests: {{cpu: 1500m}}}}}}
  containers:
    - {{name: app, resources: {{requests: {{cpu: {cpu}}}}}}}
"""


@pytest.mark.parametrize(
    ("index", "cpu", "found"),
    [
        (0, "500m", {"over": 1.5, "after": 1.75}),
        (0, "1750m", {"over": 0.25, "after": 3.0}),
        (0, "2", {"over": 0.0, "after": 3.25}),  # as much as runs afterwards
        (1, "500m", {"over": 0.0, "after": 1.75}),  # it goes on running
        (2, "500m", {"over": 1.0, "after": 1.75}),  # beside the sidecar, whatever the first asks for
        (3, "500m", {"over": 1.0, "after": 1.75}),
    ],
)
def test_what_a_pod_asks_for_at_the_turn_of_an_init_container(index: int, cpu: str, found: dict[str, float]) -> None:
    assert init_turn(turn(POD.format(first=3, cpu=cpu), index), "cpu") == found


def turn(text: str, index: int) -> RuleScope:
    return replace(scope(text, "Pod/p"), item_route=("spec", "initContainers", index))


def test_what_runs_must_be_known() -> None:
    with pytest.raises(UnknownValueError, match="much"):
        init_turn(turn(POD.format(first=3, cpu="much"), 0), "cpu")


BUDGETED = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: d, namespace: shop}
spec:
  replicas: 2
  selector: {matchLabels: {a: b}}
  template: {metadata: {labels: {a: b}}, spec: {}}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: h, namespace: shop}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: d}
  minReplicas: 5
  maxReplicas: 9
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: s, namespace: shop}
spec:
  replicas: 2
  selector: {matchLabels: {a: b}}
  template: {metadata: {labels: {a: b, c: d}}, spec: {}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: other, namespace: shop}
spec:
  replicas: 9
  selector: {matchLabels: {a: c}}
  template: {metadata: {labels: {a: c}}, spec: {}}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: b, namespace: shop}
spec: {minAvailable: 1, selector: {matchLabels: {a: b}}}
"""


def test_a_budget_is_over_the_pods_of_all_it_selects() -> None:
    assert selected_replicas(scope(BUDGETED, "PodDisruptionBudget/shop/b")) == 7.0
    nothing = BUDGETED.replace("matchLabels: {a: b}}}", "matchLabels: {a: z}}}")
    assert selected_replicas(scope(nothing, "PodDisruptionBudget/shop/b")) == 0.0
    with pytest.raises(UnknownValueError):
        selected_replicas(scope(BUDGETED.replace("replicas: 2", "replicas: two"), "PodDisruptionBudget/shop/b"))


@pytest.mark.parametrize(
    ("selector", "found"),
    [
        ({"matchLabels": {"a": "b"}, "matchExpressions": None}, True),
        ({"matchLabels": {"a": "c"}}, False),
        ({"matchLabels": None, "matchExpressions": [{"key": "a", "operator": "In", "values": ["b", "z"]}]}, True),
        ({}, True),
    ],
)
def test_whether_a_selector_matches_the_pods_of_the_workload(selector: dict[str, Any], found: bool) -> None:
    assert selects(scope(BUDGETED, "Deployment/shop/d"), selector) is found


FOUR = Nodes((NodeGroup("g", "aws", ("m6i.xlarge",), count=6.0),), incomplete="")
"""Nodes of 4 vCPU and 16 GiB."""

WORKLOAD = """
apiVersion: apps/v1
kind: Deployment
metadata: {{name: {name}}}
spec:
  replicas: {replicas}
  selector: {{matchLabels: {{a: b}}}}
  template:
    metadata: {{labels: {{a: b}}}}
    spec:
      containers: [{{name: app, resources: {{requests: {requests}}}}}]
"""


def filled(requests: str, other: str = "{cpu: 3, memory: 1Gi}", nodes: Nodes = FOUR) -> dict[str, Any]:
    """How three such pods fill nodes, beside three pods of another workload."""
    text = WORKLOAD.format(name="d", replicas=3, requests=requests)
    one = scope(f"{text}---{WORKLOAD.format(name='other', replicas=3, requests=other)}", "Deployment/d")
    one.world.nodes = nodes
    return node_fill(one)


@pytest.mark.parametrize(
    ("requests", "pods", "resource", "used"),
    [
        ("{cpu: 2200m, memory: 1Gi}", 1.0, "cpu", 0.55),
        ("{cpu: 500m, memory: 10Gi}", 1.0, "memory", 0.625),
        ("{cpu: 2, memory: 6Gi}", 2.0, "cpu", 1.0),
        ("{cpu: 1, memory: 5Gi}", 3.0, "memory", 0.9375),
    ],
)
def test_how_many_pods_fit_on_a_node(requests: str, pods: float, resource: str, used: float) -> None:
    assert filled(requests) == {"pods": pods, "resource": resource, "used": used, "others": used == 1.0}


@pytest.mark.parametrize(
    ("other", "fill"),
    [
        ("{cpu: 1500m, memory: 1Gi}", True),
        ("{cpu: 1400m, memory: 1Gi}", False),  # 4.2 of 4.5 cores
        ("{cpu: 2, memory: 1Gi}", False),
        ("{cpu: 1500m, memory: 16Gi}", False),
    ],
)
def test_other_pods_fill_what_is_left_where_they_fit(other: str, fill: bool) -> None:
    assert filled("{cpu: 2500m, memory: 1Gi}", other)["others"] is fill  # 1.5 cores are left on each of 3 nodes


def test_pods_of_which_nothing_is_known_may_fill_it() -> None:
    with pytest.raises(UnknownValueError, match="Deployment/other: container app"):
        filled("{cpu: 2500m, memory: 1Gi}", "{}")


@pytest.mark.parametrize("nodes", [Nodes(), Nodes(FOUR.groups, incomplete="Karpenter starts more"), Nodes(given=3.0)])
def test_without_nodes_that_are_all_alike_nothing_is_known(nodes: Nodes) -> None:
    assert filled("{cpu: 1, memory: 1Gi}", nodes=nodes) == NO_FILL


def test_what_fits_on_no_node() -> None:
    assert filled("{cpu: 5, memory: 1Gi}") == NO_FILL
