"""Which Karpenter pools a pod may run on."""

import pytest
import yaml

from surplus.sources.kubernetes.manifests import read_manifests
from surplus.sources.kubernetes.scheduling import may_run_on

POOL = """\
apiVersion: karpenter.sh/v1
kind: NodePool
metadata: {name: batch}
spec:
  template:
    metadata: {labels: {team: risk}}
    spec:
      requirements:
        - {key: kubernetes.io/arch, operator: In, values: [arm64]}
        - {key: karpenter.k8s.aws/instance-category, operator: NotIn, values: [t]}
        - {key: example.com/tier, operator: Exists}
      taints:
        - {key: batch, value: "true", effect: NoSchedule}
        - {key: slow, effect: PreferNoSchedule}
"""

TOLERATED = "tolerations: [{key: batch, operator: Exists}]"


@pytest.mark.parametrize(
    ("pod", "expected"),
    [
        ("{}", False),
        (TOLERATED, True),
        ("tolerations: [{operator: Exists}]", True),
        ('tolerations: [{key: batch, value: "true", effect: NoSchedule}]', True),
        ('tolerations: [{key: batch, value: "false"}]', False),
        ("tolerations: [{key: batch, operator: Exists, effect: NoExecute}]", False),
        (f"{TOLERATED}\nnodeSelector: {{team: risk}}", True),
        (f"{TOLERATED}\nnodeSelector: {{team: fraud}}", False),
        (f"{TOLERATED}\nnodeSelector: {{kubernetes.io/arch: amd64}}", False),
        (f"{TOLERATED}\nnodeSelector: {{kubernetes.io/arch: arm64}}", True),
        (f"{TOLERATED}\nnodeSelector: {{karpenter.k8s.aws/instance-category: t}}", False),
        (f"{TOLERATED}\nnodeSelector: {{karpenter.k8s.aws/instance-category: c}}", True),
        (f"{TOLERATED}\nnodeSelector: {{example.com/tier: gold}}", True),
        (f"{TOLERATED}\nnodeSelector: {{example.com/other: gold}}", False),
        (f"{TOLERATED}\nnodeSelector: {{topology.kubernetes.io/zone: eu-west-1a}}", True),
        (f"{TOLERATED}\nnodeSelector: {{karpenter.sh/nodepool: batch}}", True),
        (f"{TOLERATED}\nnodeSelector: {{karpenter.sh/nodepool: web}}", False),
        (f"{TOLERATED}\nnodeSelector: {{karpenter.sh/capacity-type: spot}}", True),
        (f"{TOLERATED}\nnodeSelector: {{karpenter.sh/capacity-type: on-demand}}", True),
        (f"{TOLERATED}\nnodeSelector: [wrong]", True),
    ],
)
def test_selectors_and_taints_decide(pod: str, expected: bool) -> None:
    pool = read_manifests(POOL, "pool.yaml").resources[0]
    assert may_run_on(yaml.safe_load(pod), pool) is expected


def affinity(*terms: str) -> str:
    inner = "\n".join(f"        - matchExpressions: [{term}]" for term in terms)
    where = "affinity:\n  nodeAffinity:\n    requiredDuringSchedulingIgnoredDuringExecution:\n      nodeSelectorTerms:"
    return f"{TOLERATED}\n{where}\n{inner}"


@pytest.mark.parametrize(
    ("terms", "expected"),
    [
        (["{key: kubernetes.io/arch, operator: In, values: [amd64, arm64]}"], True),
        (["{key: kubernetes.io/arch, operator: NotIn, values: [arm64]}"], False),
        (["{key: team, operator: NotIn, values: [risk]}", "{key: team, operator: Exists}"], True),
        (["{key: team, operator: DoesNotExist}"], False),
        (["{key: example.com/other, operator: DoesNotExist}"], True),
        (["{key: example.com/tier, operator: DoesNotExist}"], False),
    ],
)
def test_one_term_of_a_required_affinity_must_fit(terms: list[str], expected: bool) -> None:
    pool = read_manifests(POOL, "pool.yaml").resources[0]
    assert may_run_on(yaml.safe_load(affinity(*terms)), pool) is expected


def test_an_old_provisioner_has_labels_and_taints_of_its_own() -> None:
    text = (
        "apiVersion: karpenter.sh/v1alpha5\nkind: Provisioner\nmetadata: {name: default}\n"
        "spec: {labels: {team: risk}, taints: [{key: batch, effect: NoExecute}]}\n"
    )
    pool = read_manifests(text, "pool.yaml").resources[0]
    assert not may_run_on({}, pool)
    assert may_run_on({"tolerations": [{"key": "batch"}], "nodeSelector": {"team": "risk"}}, pool)


@pytest.mark.parametrize(("capacity", "expected"), [("spot", False), ("on-demand", True)])
def test_an_old_provisioner_that_does_not_name_the_capacity_buys_it_on_demand(capacity: str, expected: bool) -> None:
    text = "apiVersion: karpenter.sh/v1alpha5\nkind: Provisioner\nmetadata: {name: default}\nspec: {}\n"
    pool = read_manifests(text, "pool.yaml").resources[0]
    assert may_run_on({"nodeSelector": {"karpenter.sh/capacity-type": capacity}}, pool) is expected
