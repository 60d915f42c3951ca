"""What a workload takes of its cluster."""

from typing import Any

import pytest

from surplus.expressions import UnknownValueError
from surplus.functions.capacity import load_balancer_key, replicas, requests, storage_key
from surplus.functions.scope import RuleScope, World
from surplus.model import Root
from surplus.sources.kubernetes.source import evaluate
from surplus.sources.kubernetes.types import pod_route
from surplus.trees import MemoryTree


def scope(text: str, address: str) -> RuleScope:
    root = evaluate(Root(".", "manifests", key="."), MemoryTree({"a.yaml": text}), ["a.yaml"])
    one = root.by_address[address]
    return RuleScope(one, World(root), pod=pod_route(one.type) or ())


POD = """
apiVersion: v1
kind: Pod
metadata: {{name: p}}
spec:
  {more}
  initContainers:
    - {{name: first, resources: {{requests: {{cpu: 3}}}}}}
    - {{name: proxy, restartPolicy: Always, resources: {{requests: {{cpu: 1}}}}}}
    - {{name: second, resources: {{requests: {{cpu: 1500m}}}}}}
  containers:
    - {{name: app, resources: {{requests: {{cpu: {cpu}}}}}}}
"""


@pytest.mark.parametrize(
    ("cpu", "more", "wanted"),
    [
        ("500m", "{}", 3.0),  # the first init container needs the most
        ("4", "{}", 5.0),  # the app beside the sidecar
        ("4", "overhead: {cpu: 250m}", 5.25),
        ("4", "resources: {requests: {cpu: 2}}", 2.0),  # the pod's own request counts alone
    ],
)
def test_the_effective_request_of_a_pod(cpu: str, more: str, wanted: float) -> None:
    text = POD.format(cpu=cpu, more=more if more != "{}" else "restartPolicy: Always")
    assert requests(scope(text, "Pod/p"), "cpu") == wanted


DEPLOYMENT = """
apiVersion: apps/v1
kind: Deployment
metadata: {{name: d, namespace: shop}}
spec:
  replicas: {replicas}
  selector: {{matchLabels: {{a: b}}}}
  template:
    metadata: {{labels: {{a: b}}}}
    spec:
      containers:
        - {{name: app, resources: {resources}}}
"""


def deployment(resources: str = "{}", replicas_: str = "2", more: str = "") -> RuleScope:
    return scope(DEPLOYMENT.format(resources=resources, replicas=replicas_) + more, "Deployment/shop/d")


def test_limits_and_limit_ranges_stand_for_requests() -> None:
    assert requests(deployment("{limits: {memory: 1Gi}}"), "memory") == 1.0
    limits = "---\napiVersion: v1\nkind: LimitRange\nmetadata: {name: l, namespace: shop}\nspec:\n  limits:\n"
    limits += "    - {type: Container, defaultRequest: {cpu: 100m}}\n"
    assert requests(deployment(more=limits), "cpu") == 0.1


@pytest.mark.parametrize(
    ("resources", "reason"),
    [
        ("{}", "container app has no cpu request"),
        ("{requests: {cpu: 1.5.5}}", "1.5.5"),
        ("{requests: {cpu: [1]}}", "list"),
    ],
)
def test_without_a_request_nothing_is_known(resources: str, reason: str) -> None:
    with pytest.raises(UnknownValueError, match=reason):
        requests(deployment(resources), "cpu")


SCALER = """---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: h, namespace: shop}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: d}
  minReplicas: 5
  maxReplicas: 9
"""


def test_replicas() -> None:
    assert replicas(deployment()) == 2.0
    assert replicas(deployment(more=SCALER)) == 5.0
    assert replicas(scope(POD.format(cpu=1, more="restartPolicy: Always"), "Pod/p")) == 1.0
    for wrong in ("three", "-1", "true"):
        with pytest.raises(UnknownValueError):
            replicas(deployment(replicas_=wrong))
    daemon = "apiVersion: apps/v1\nkind: DaemonSet\nmetadata: {name: s}\nspec: {}\n"
    with pytest.raises(UnknownValueError, match="number of nodes"):
        replicas(scope(daemon, "DaemonSet/s"))


CLASSES = """
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: fast}
provisioner: ebs.csi.aws.com
---
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: slow, annotations: {storageclass.kubernetes.io/is-default-class: "true"}}
provisioner: pd.csi.storage.gke.io
parameters: {type: pd-ssd}
---
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: odd}
provisioner: example.com/disk
"""


def test_volumes_by_class() -> None:
    one = scope(CLASSES, "StorageClass/fast")
    assert storage_key(one, "fast") == "aws/ebs/gp3/storage"
    assert storage_key(one, None) == "gcp/disk/pd-ssd/storage"
    assert storage_key(one, "gp2") == "aws/ebs/gp2/storage"
    for name in ("odd", "nowhere"):
        with pytest.raises(UnknownValueError):
            storage_key(one, name)


@pytest.mark.parametrize(
    ("metadata", "spec", "key"),
    [
        ({"service.beta.kubernetes.io/aws-load-balancer-type": "nlb"}, "{}", "aws/elb/network/hour"),
        ({"networking.gke.io/load-balancer-type": "Internal"}, "{}", "gcp/load-balancing/forwarding-rule"),
        ({}, "{loadBalancerClass: service.k8s.aws/nlb}", "aws/elb/network/hour"),
        ({}, "{}", None),
    ],
)
def test_load_balancers_by_what_the_service_says(metadata: dict[str, Any], spec: str, key: str | None) -> None:
    text = f"apiVersion: v1\nkind: Service\nmetadata: {{name: s, annotations: {metadata}}}\nspec: {spec}\n"
    one = scope(text, "Service/s")
    if key is None:
        with pytest.raises(UnknownValueError):
            load_balancer_key(one)
    else:
        assert load_balancer_key(one) == key
