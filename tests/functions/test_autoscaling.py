"""What an autoscaler moves: what stands beside it, what its pods request, what they cost."""

from collections.abc import Mapping

import pytest

from support import evaluated
from surplus.catalog.quorum import needs_majority
from surplus.expressions import UnknownValueError
from surplus.functions.autoscaling import alongside, queue, quorum, target_cost, unrequested
from surplus.functions.scope import RuleScope, World
from surplus.pricing.book import PriceBook
from surplus.pricing.costs import Costs
from surplus.sources.kinds.source import with_kinds
from surplus.sources.kubernetes.manifests import read_manifests
from terraform_roots import evaluated as terraform

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: api, namespace: shop}
spec:
  replicas: 2
  template:
    metadata: {labels: {app: api}}
    spec:
      containers:
        - {name: api, image: api, resources: {requests: {cpu: 1, memory: 1Gi}}}
"""
HPA = """\
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: NAME, namespace: shop}
spec: {scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: api}, minReplicas: 2, maxReplicas: 9}
"""
VPA = """\
apiVersion: autoscaling.k8s.io/v1
kind: VerticalPodAutoscaler
metadata: {name: api, namespace: shop}
spec: {targetRef: {apiVersion: apps/v1, kind: Deployment, name: api}, updatePolicy: {updateMode: MODE}}
"""
LIMITS = """\
apiVersion: v1
kind: LimitRange
metadata: {name: limits, namespace: shop}
spec: {limits: [{type: Container, defaultRequest: {cpu: 100m}}]}
"""


def scopes(files: Mapping[str, str]) -> dict[str, RuleScope]:
    """A scope for each resource, by its path and kind."""
    resources = [one for path, text in files.items() for one in read_manifests(text, path).resources]
    world = World(evaluated(*resources))
    Costs(world, PriceBook())
    return {f"{one.location.path}:{one.type}": RuleScope(one, world) for one in resources}


def of(path: str, **files: str) -> RuleScope:
    """The scope of the HPA in a folder; files by folder."""
    return scopes({f"{folder}/all.yaml": text for folder, text in files.items()})[
        f"{path}/all.yaml:HorizontalPodAutoscaler"
    ]


def names(scope: RuleScope, kind: str) -> list[str]:
    return [one["address"].rpartition("/")[2] for one in alongside(scope, kind)]


def hpa(name: str) -> str:
    return HPA.replace("NAME", name)


def test_what_stands_beside_an_autoscaler() -> None:
    one = scopes({"a.yaml": DEPLOYMENT + "---\n" + hpa("cpu"), "b.yaml": hpa("memory"), "c.yaml": VPA})
    scope = one["a.yaml:HorizontalPodAutoscaler"]
    assert names(scope, "HorizontalPodAutoscaler") == ["memory"]
    assert names(scope, "VerticalPodAutoscaler") == ["api"]
    assert names(scope, "Service") == []


@pytest.mark.parametrize(
    ("base", "dev", "prod", "found"),
    [
        (DEPLOYMENT, hpa("a"), hpa("b"), []),
        (DEPLOYMENT + "---\n" + hpa("b"), hpa("a"), "", ["b"]),
        (DEPLOYMENT, hpa("a"), VPA, []),
        (DEPLOYMENT, hpa("a") + "---\n" + hpa("a"), "", []),
        ("", hpa("a") + "---\n" + hpa("b"), "", ["a"]),
        ("", hpa("a") + "---\n" + VPA, "", ["api"]),
        ("", hpa("a") + "---\n" + VPA.replace("name: api}, u", "name: web}, u"), "", []),
        ("", hpa("a") + "---\n" + VPA.replace("namespace: shop", "namespace: other"), "", []),
        ("", hpa("a"), VPA, []),
        (VPA, hpa("a"), "", []),
    ],
)
def test_folders_apart_are_never_applied_together(base: str, dev: str, prod: str, found: list[str]) -> None:
    scope = of("dev", base=base, dev=dev, prod=prod)
    assert [one for kind in ("HorizontalPodAutoscaler", "VerticalPodAutoscaler") for one in names(scope, kind)] == found


@pytest.mark.parametrize(
    ("pod", "around", "found"),
    [
        ("containers: [{name: a}]", "", ["a"]),
        ("containers: [{image: shop/a}, {env: []}]", "", ["shop/a", "without a name"]),
        ("containers: [{name: a, resources: {limits: {cpu: 1}}}, {name: b}]", "", ["b"]),
        ("containers: [{name: a}]\n      resources: {requests: {cpu: 1}}", "", []),
        ("initContainers: [{name: i}, {name: s, restartPolicy: Always}]\n      containers: []", "", ["s"]),
        ("containers: [{name: a}]", LIMITS, []),
        ("containers: [{name: a}]", VPA.replace("MODE", "Auto"), []),
        ("containers: [{name: a}]", VPA.replace("MODE", '"Off"'), ["a"]),
    ],
)
def test_containers_without_a_request(pod: str, around: str, found: list[str]) -> None:
    deployment = DEPLOYMENT[: DEPLOYMENT.index("containers:")] + pod + "\n"
    scope = of("k", k="---\n".join([deployment, hpa("a"), around]))
    assert unrequested(scope, "cpu") == found


def test_the_limit_range_of_one_resource_is_not_that_of_another() -> None:
    scope = of("k", k=f"{DEPLOYMENT.replace(', memory: 1Gi', '')}---\n{hpa('a')}---\n{LIMITS}")
    assert unrequested(scope, "memory") == ["api"]
    assert unrequested(scope, "ephemeral-storage") == ["api"]


def test_without_the_workload_nothing_is_told() -> None:
    scope = of("k", k=hpa("a"))
    assert unrequested(scope, "cpu") == []
    assert not quorum(scope)
    with pytest.raises(UnknownValueError, match="the workload is not in the scan"):
        target_cost(scope)


def test_the_cost_of_what_it_moves() -> None:
    scope = of("k", k=f"{DEPLOYMENT}---\n{hpa('a')}")
    assert target_cost(scope) == pytest.approx(2 * 730 * (0.031611 + 0.004237))
    with pytest.raises(UnknownValueError, match="what Deployment/shop/api costs is not known"):
        target_cost(of("k", k=f"{DEPLOYMENT.replace('cpu: 1, memory: 1Gi', '')}---\n{hpa('a')}"))


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        ("etcd", True),
        ("quay.io/coreos/etcd:v3.5.9", True),
        ("localhost:5000/mirror/Mongo@sha256:abc", True),
        ("registry.example.com/bitnami/kafka:3.7", True),
        ("openshift/mongodb-36-centos7:1", True),
        ("registry.example.com/rhel8/redis-6-c9s", True),
        ("kafka-exporter:1", False),
        ("registry.example.com/etcd/api", False),
        ("", False),
    ],
)
def test_images_of_software_whose_members_vote(image: str, expected: bool) -> None:
    assert needs_majority(image) is expected


def test_a_workload_that_names_its_own_pods_needs_several() -> None:
    text = DEPLOYMENT.replace("image: api", "image: api, args: [--join=api-0.api]")
    found = scopes({"a.yaml": f"{text}---\n{hpa('a')}"})
    assert quorum(found["a.yaml:HorizontalPodAutoscaler"])
    assert quorum(RuleScope(found["a.yaml:Deployment"].resource, found["a.yaml:Deployment"].world))
    assert not quorum(of("k", k=f"{DEPLOYMENT}---\n{hpa('a')}"))


@pytest.mark.parametrize(
    ("setting", "expected"),
    [
        ("args: [--receive.replication-factor=3]", True),
        ("args: [--replication-factor, '2']", True),
        ("env: [{name: REPLICATION_FACTOR, value: '3'}]", True),
        ("args: [--receive.replication-factor=1]", False),
        ("env: [{name: REPLICATION_FACTOR, value: '1'}, {name: PORT, value: '8'}]", False),
        ("args: [--replication-factor-file=3]", False),
    ],
)
def test_a_workload_that_keeps_copies_needs_several(setting: str, expected: bool) -> None:
    text = DEPLOYMENT.replace("image: api", f"image: api, {setting}")
    assert quorum(of("k", k=f"{text}---\n{hpa('a')}")) is expected


def test_triggers_that_count_waiting_work() -> None:
    scope = of("k", k=hpa("a"))
    assert queue(scope, "aws-sqs-queue")
    assert not queue(scope, "cpu")
    assert not queue(scope, "prometheus")


def test_a_request_that_an_admission_policy_writes_is_not_missing() -> None:
    policy = """\
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingAdmissionPolicy
metadata: {name: floor}
spec:
  matchConstraints: {resourceRules: [{resources: [pods]}]}
  mutations: [{applyConfiguration: {expression: 'requests: {"memory": "64Mi"}'}}]
"""
    scope = of("k", k=f"{DEPLOYMENT.replace(', memory: 1Gi', '')}---\n{hpa('a')}---\n{policy}")
    with pytest.raises(UnknownValueError, match="MutatingAdmissionPolicy/floor may set it"):
        unrequested(scope, "memory")


TERRAFORM = """\
resource "aws_ecr_repository" "quotes" {
  name = "pricing/quotes"
}
resource "aws_ecr_repository" "kafka" {
  name = "mirror/kafka"
}
resource "kubernetes_stateful_set_v1" "api" {
  metadata {
    name = "api"
  }
  spec {
    service_name = "api"
    replicas     = 3
    selector { match_labels = { app = "api" } }
    template {
      metadata { labels = { app = "api" } }
      spec {
        container {
          name = "api"
          FIELDS
        }
      }
    }
  }
}
variable "x" {}
"""


def told(fields: str) -> bool:
    text = TERRAFORM.replace("FIELDS", fields.replace("; ", "\n"))
    world = World(with_kinds(terraform(text)))
    return quorum(RuleScope(world.by_type["StatefulSet"][0], world))


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ('image = "example.com/quotes:${var.x}"', False),
        ('image = "${var.x}/quotes:1"', False),
        ('image = "${aws_ecr_repository.quotes.repository_url}:1"', False),
        ('image = "example.com/kafka:${var.x}"', True),
        ('image = "${var.x}/kafka:1"', True),
        ('image = "${aws_ecr_repository.kafka.repository_url}:1"', True),
        ('image = "quotes"; args = ["--port", var.x, "--level=${var.x}"]', False),
        ('image = "quotes"; args = ["--join=api-0.api,${var.x}"]', True),
        ('image = var.x; args = ["--join=api-0.api"]', True),
        ('image = "quotes"; env {; name = "LOG_LEVEL"; value = var.x; }', False),
    ],
)
def test_unknown_values_that_tell_nothing_of_members(fields: str, expected: bool) -> None:
    assert told(fields) is expected


@pytest.mark.parametrize(
    "fields",
    [
        "image = var.x",
        'image = "example.com/${var.x}"',
        'image = "quotes"; args = var.x',
        'image = "quotes"; args = [var.x]',
        'image = "quotes"; command = ["sh", "-c", var.x]',
        'image = "quotes"; args = ["run ${var.x}"]',
        'image = "quotes"; args = ["--join=${var.x}"]',
        'image = "quotes"; args = ["--peers", var.x]',
        'image = "quotes"; env {; name = "SEED_NODES"; value = var.x; }',
        'image = "quotes"; env {; name = var.x; value = var.x; }',
    ],
)
def test_unknown_values_that_may_tell_of_members(fields: str) -> None:
    with pytest.raises(UnknownValueError, match=r"var\.x"):
        told(fields)
