"""Policies that write requests into pods when they are created."""

import pytest

from support import evaluated
from surplus.expressions import UnknownValueError
from surplus.functions.admission import injected
from surplus.functions.scope import RuleScope, World
from surplus.sources.kubernetes.manifests import read_manifests

WORKLOAD = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: api, namespace: shop, labels: {tier: web}}
spec:
  template:
    metadata: {labels: {app: api}}
    spec: {containers: [{name: api, image: api}]}
---
"""
NATIVE = """\
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingAdmissionPolicy
metadata: {name: floor}
spec:
  matchConstraints: {resourceRules: [{resources: [RESOURCE]}]}
  mutations: [{applyConfiguration: {expression: 'WHAT: {"memory": "64Mi"}'}}]
"""
KYVERNO = """\
apiVersion: kyverno.io/v1
kind: ClusterPolicy
metadata: {name: floor, namespace: shop}
spec:
  rules:
    - match: MATCH
      mutate: {patchStrategicMerge: {spec: {containers: [{resources: {requests: {+(memory): 64Mi}}}]}}}
"""


def decided(policy: str, name: str = "memory") -> bool:
    resources = read_manifests(WORKLOAD + policy, "all.yaml").resources
    scope = RuleScope(resources[0], World(evaluated(*resources)))
    try:
        assert injected(scope, name) is False
    except UnknownValueError as error:
        assert "/floor may set it" in str(error)
        return False
    return True


@pytest.mark.parametrize(
    ("resource", "what", "expected"),
    [
        ("pods", "requests", False),
        ("pods", "limits", False),
        ("pods", "labels", True),
        ("deployments", "requests", False),
        ('"*"', "requests", False),
        ("statefulsets", "requests", True),
    ],
)
def test_admission_policies(resource: str, what: str, expected: bool) -> None:
    policy = NATIVE.replace("RESOURCE", resource).replace("WHAT", what)
    assert decided(policy) is expected
    assert decided(policy, "cpu")


@pytest.mark.parametrize(
    ("match", "expected"),
    [
        ("{resources: {kinds: [Pod]}}", False),
        ("{any: [{resources: {kinds: [Secret]}}, {resources: {kinds: [apps/v1/Deployment]}}]}", False),
        ("{all: [{resources: {kinds: ['*'], namespaces: ['sh*']}}]}", False),
        ("{resources: {kinds: [Pod], namespaces: [other]}}", True),
        ("{resources: {kinds: [StatefulSet]}}", True),
        ("{resources: {kinds: [Pod], selector: {matchLabels: {app: api, tier: web}}}}", False),
        ("{resources: {kinds: [Pod], selector: {matchLabels: {app: other}}}}", True),
        ("{resources: [Pod]}", True),
        ("later", True),
    ],
)
def test_policies_of_kyverno(match: str, expected: bool) -> None:
    policy = KYVERNO.replace("MATCH", match)
    assert decided(policy) is expected
    assert decided(policy.replace("ClusterPolicy", "Policy")) is expected
    assert decided(policy.replace("ClusterPolicy", "Policy").replace("namespace: shop", "namespace: other"))
    assert decided(policy.replace("kyverno.io/v1", "example.com/v1"))
    assert decided(policy, "cpu")
