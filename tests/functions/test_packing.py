"""What init containers make a pod ask for, and how many pods a budget is over."""

from typing import Any

import pytest

from surplus.expressions import UnknownValueError
from surplus.functions.packing import NO_PEAK, init_peak, selected_replicas, selects
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
    ("first", "cpu", "found"),
    [
        (3, "500m", {"container": "first", "over": 1.5}),
        (3, "1750m", {"container": "first", "over": 0.25}),
        (3, "2", NO_PEAK),  # as much as runs afterwards
        (2, "500m", {"container": "second", "over": 1.0}),  # it and the third run beside the sidecar
    ],
)
def test_the_init_container_that_makes_a_pod_ask_for_the_most(first: int, cpu: str, found: dict[str, Any]) -> None:
    assert init_peak(scope(POD.format(first=first, cpu=cpu), "Pod/p"), "cpu") == found


def test_without_init_containers_nothing_asks_for_more() -> None:
    text = POD.format(first=3, cpu="{}").replace("initContainers", "containers_before")
    assert init_peak(scope(text, "Pod/p"), "cpu") == NO_PEAK


def test_what_runs_must_be_known() -> None:
    with pytest.raises(UnknownValueError, match="much"):
        init_peak(scope(POD.format(first=3, cpu="much"), "Pod/p"), "cpu")


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
