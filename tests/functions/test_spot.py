"""Whether pods ask for Spot nodes."""

import pytest
import yaml

from support import evaluated
from surplus.expressions import UnknownValueError
from surplus.functions.scope import RuleScope, World, pod_of
from surplus.functions.spot import capacity_type
from surplus.model import Resource, Unknown
from surplus.sources.kubernetes.manifests import read_manifests

POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: []}\n"
AFFINITY = (
    "affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: "
    "{nodeSelectorTerms: [{matchExpressions: [%s]}]}}}"
)
PREFERRED = (
    "affinity: {nodeAffinity: {preferredDuringSchedulingIgnoredDuringExecution: "
    "[{weight: 1, preference: {matchExpressions: [%s]}}]}}"
)
KARPENTER = "karpenter.sh/capacity-type"


def scope(spec: dict[str, object]) -> RuleScope:
    resource: Resource = read_manifests(POD, "pod.yaml").resources[0]
    resource.values["spec"].update(spec)
    return RuleScope(resource, World(evaluated(resource)), pod=pod_of(resource))


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ("{}", None),
        (f"nodeSelector: {{{KARPENTER}: spot}}", "spot"),
        (f"nodeSelector: {{{KARPENTER}: on-demand}}", "on-demand"),
        ("nodeSelector: {eks.amazonaws.com/capacityType: SPOT}", "spot"),
        ("nodeSelector: {eks.amazonaws.com/capacityType: ON_DEMAND}", "on-demand"),
        ('nodeSelector: {cloud.google.com/gke-spot: "true"}', "spot"),
        ("nodeSelector: {pool: batch}", None),
        ("nodeSelector: {cloud.google.com/compute-class: autopilot-spot}", "spot"),
        ("nodeSelector: {cloud.google.com/compute-class: Accelerator}", None),
        ('nodeSelector: {cloud.google.com/compute-class: own, cloud.google.com/gke-spot: "true"}', "spot"),
        ("nodeSelector: [wrong]", None),
        ("tolerations: [{key: kubernetes.azure.com/scalesetpriority, operator: Equal, value: spot}]", "spot"),
        ("tolerations: [{key: cloud.google.com/gke-spot, operator: Exists}]", "spot"),
        ("tolerations: [{key: batch, operator: Exists}]", None),
        ("tolerations: [{operator: Exists}]", "spot"),
        ("tolerations: [{operator: Exists, effect: NoSchedule}]", "spot"),
        ("tolerations: [{operator: Exists, effect: NoExecute}]", None),
        (f"nodeSelector: {{{KARPENTER}: on-demand}}\ntolerations: [{{operator: Exists}}]", "on-demand"),
        (AFFINITY % f"{{key: {KARPENTER}, operator: In, values: [on-demand]}}", "on-demand"),
        (AFFINITY % f"{{key: {KARPENTER}, operator: In, values: [spot, on-demand]}}", "spot"),
        (AFFINITY % f"{{key: {KARPENTER}, operator: NotIn, values: [spot]}}", "on-demand"),
        (AFFINITY % "{key: cloud.google.com/gke-spot, operator: DoesNotExist}", None),
        (AFFINITY % f"{{key: {KARPENTER}, operator: Exists}}", "spot"),
        (PREFERRED % f"{{key: {KARPENTER}, operator: In, values: [spot]}}", "spot"),
    ],
)
def test_what_pods_ask_for(spec: str, expected: str | None) -> None:
    assert capacity_type(scope(yaml.safe_load(spec))) == expected


UNTOLD = Unknown("var.selector has no value")


def affinity(expression: object) -> dict[str, object]:
    terms = {"nodeSelectorTerms": [{"matchExpressions": expression}]}
    return {"affinity": {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": terms}}}


@pytest.mark.parametrize(
    "spec",
    [
        {"nodeSelector": UNTOLD},
        {"nodeSelector": {KARPENTER: UNTOLD}},
        {"tolerations": UNTOLD},
        {"tolerations": [UNTOLD]},
        {"tolerations": [{"key": UNTOLD, "operator": "Exists"}]},
        {"tolerations": [{"key": KARPENTER, "value": UNTOLD}]},
        affinity(UNTOLD),
        affinity([UNTOLD]),
        affinity([{"key": UNTOLD, "operator": "Exists"}]),
        affinity([{"key": KARPENTER, "operator": "In", "values": [UNTOLD]}]),
    ],
)
def test_what_is_not_known_is_not_decided(spec: dict[str, object]) -> None:
    with pytest.raises(UnknownValueError):
        capacity_type(scope(spec))


def test_what_is_not_known_does_not_matter_beside_what_is() -> None:
    spot = {"key": KARPENTER, "value": "spot"}
    assert capacity_type(scope({"tolerations": [{"key": UNTOLD, "operator": "Exists"}, spot]})) == "spot"
    assert capacity_type(scope({"nodeSelector": {"pool": UNTOLD}})) is None
