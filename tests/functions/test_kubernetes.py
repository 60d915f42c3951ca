from typing import Any

import pytest

from manifests import scope_in
from support import evaluated
from surplus.expressions import UnknownValueError
from surplus.functions.kubernetes import (
    NO_AUTOSCALER,
    autoscaler,
    autosized,
    budget,
    limit_range,
    namespace_limits,
    paused,
    related,
    scale_target,
    stopped,
    vertical_autoscaler,
)
from surplus.functions.scope import RuleScope, World
from surplus.model import Resource, Unknown
from surplus.sources.kubernetes.manifests import read_manifests

TEXT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: api, namespace: shop}
spec:
  selector: {matchLabels: {app: api}}
  template:
    metadata: {labels: {app: api}}
    spec: {containers: [{name: api, image: api}]}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: api-hpa, namespace: shop}
spec: {scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: api}, minReplicas: 2, maxReplicas: 9}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: api-pdb, namespace: shop}
spec: {minAvailable: 50%, selector: {matchLabels: {app: api}}}
---
apiVersion: v1
kind: LimitRange
metadata: {name: limits, namespace: shop}
spec:
  limits:
    - {type: Pod, default: {cpu: 9}}
    - type: Container
      default: {cpu: 500m, memory: 1Gi}
      defaultRequest: {cpu: 100m}
      maxLimitRequestRatio: {memory: 4}
"""


def scopes(text: str) -> dict[str, RuleScope]:
    resources = read_manifests(text, "all.yaml").resources
    world = World(evaluated(*resources))
    return {one.type: RuleScope(one, world) for one in resources}


def test_surroundings_of_a_workload() -> None:
    workload = scopes(TEXT)["Deployment"]
    assert autoscaler(workload) == {
        "name": "api-hpa",
        "kind": "HorizontalPodAutoscaler",
        "min": 2.0,
        "max": 9.0,
        "paused": False,
    }
    assert budget(workload) == {"name": "api-pdb", "minAvailable": "50%", "maxUnavailable": None}
    found = limit_range(workload)
    assert [found[key] for key in ("cpu", "memory", "cpu_limit", "memory_limit")] == ["100m", "1Gi", "500m", "1Gi"]
    assert [found[key] for key in ("max_cpu_ratio", "max_memory_ratio")] == [None, "4"]


LIMITS = """
apiVersion: v1
kind: LimitRange
metadata: {name: NAME, namespace: shop}
spec: {limits: [{type: Container, defaultRequest: {cpu: CPU, memory: 1Gi}}]}
---
"""


def test_requests_that_two_limit_ranges_give_differently_are_not_known() -> None:
    both = LIMITS.replace("NAME", "a").replace("CPU", "100m") + LIMITS.replace("NAME", "b").replace("CPU", "700m")
    workload = scopes(both + TEXT.split("---")[0])["Deployment"]
    found = namespace_limits(workload)
    assert isinstance(found["cpu"], Unknown) and "LimitRange/shop/a and LimitRange/shop/b" in found["cpu"].reason
    assert found["memory"] == "1Gi"


def test_the_target_of_an_autoscaler() -> None:
    assert scale_target(scopes(TEXT)["HorizontalPodAutoscaler"]) == {"kind": "Deployment", "name": "api"}


def test_alone() -> None:
    alone = scopes(TEXT.split("---")[0])["Deployment"]
    assert autoscaler(alone) == NO_AUTOSCALER
    assert set(budget(alone).values()) == set(limit_range(alone).values()) == {None}
    assert scale_target(scopes(TEXT.split("---")[1])["HorizontalPodAutoscaler"]) == {"kind": None, "name": None}


def test_an_unknown_on_the_way() -> None:
    workload, scaler, *_ = read_manifests(TEXT, "all.yaml").resources
    values: dict[str, Any] = {**scaler.values, "spec": {**scaler.values["spec"], "minReplicas": Unknown("no value")}}
    other = Resource("kubernetes", scaler.type, scaler.address, scaler.location, values)
    with pytest.raises(UnknownValueError, match="no value"):
        autoscaler(RuleScope(workload, World(evaluated(workload, other))))


def test_of_several_that_are_equally_near_what_they_agree_on_is_known() -> None:
    workload, scaler, pdb, *_ = TEXT.split("---\n")
    vpa = "apiVersion: autoscaling.k8s.io/v1\nkind: VerticalPodAutoscaler\nmetadata: {name: v, namespace: shop}\n"
    vpa += "spec: {targetRef: {apiVersion: apps/v1, kind: Deployment, name: api}, updatePolicy: {updateMode: Off}}\n"
    dev = "---\n".join((scaler, pdb, vpa.replace("Off", '"Off"')))
    prod = dev.replace("minReplicas: 2", "minReplicas: 4").replace("50%", "1").replace('"Off"', "Recreate")
    scope = scope_in({"base/w.yaml": workload, "dev/all.yaml": dev, "prod/all.yaml": prod}, "Deployment/shop/api")
    assert {key: autoscaler(scope).get(key, "?") for key in NO_AUTOSCALER} == {
        "name": "api-hpa",
        "kind": "HorizontalPodAutoscaler",
        "min": "?",
        "max": 9.0,
        "paused": False,
    }
    assert budget(scope) == {"name": "api-pdb", "maxUnavailable": None}
    assert vertical_autoscaler(scope) == {"name": "v"}
    assert "are equally near" in scope.dropped["mode"]
    with pytest.raises(UnknownValueError, match="are equally near"):
        autosized(scope, "api", "cpu")


@pytest.mark.parametrize(("name", "known"), [("other", True), ("api-hpa", False)])
def test_autoscalers_of_one_folder_act_together_unless_they_are_copies(name: str, known: bool) -> None:
    workload, scaler, *_ = TEXT.split("---\n")
    other = scaler.replace("minReplicas: 2", "minReplicas: 4").replace("api-hpa", name)
    files = {"w.yaml": workload, "scaling/a.yaml": scaler, "scaling/b.yaml": other}
    assert ("min" in autoscaler(scope_in(files, "Deployment/shop/api"))) is known


def test_the_target_of_an_autoscaler_that_may_be_of_another_namespace() -> None:
    scope = scopes(TEXT.replace("{name: api-hpa, namespace: shop}", "{name: api-hpa}"))["HorizontalPodAutoscaler"]
    assert scale_target(scope) == {"kind": None, "name": None}
    assert "namespace of one is written" in (scope.maybe or "")
    scope.include = True
    assert scale_target(scope) == {"kind": "Deployment", "name": "api"}


def test_what_is_related_is_given_by_kind() -> None:
    workload = scopes(TEXT)["Deployment"]
    assert [one["address"] for one in related(workload, "PodDisruptionBudget")] == ["PodDisruptionBudget/shop/api-pdb"]
    assert related(workload, "Service") == []
    autoscaled = related(scopes(TEXT)["HorizontalPodAutoscaler"], "Workload")
    assert [one["address"] for one in autoscaled] == ["Deployment/shop/api"]


def test_what_may_be_related_is_judged_without_and_with_it() -> None:
    resources = read_manifests(TEXT, "all.yaml").resources
    next(one for one in resources if one.type == "HorizontalPodAutoscaler").values["spec"]["scaleTargetRef"] = Unknown(
        "var.target has no value"
    )
    scope = RuleScope(resources[0], World(evaluated(*resources)))
    assert autoscaler(scope) == NO_AUTOSCALER
    assert scope.maybe == "HorizontalPodAutoscaler/shop/api-hpa: var.target has no value"
    scope.include = True
    assert autoscaler(scope)["name"] == "api-hpa"


def test_a_resource_that_names_something_unknown_is_not_decided() -> None:
    resources = read_manifests(TEXT, "all.yaml").resources
    scaler = resources[1]
    scaler.values["spec"]["scaleTargetRef"]["name"] = Unknown("var.target has no value")
    with pytest.raises(UnknownValueError, match="target has no value"):
        scale_target(RuleScope(scaler, World(evaluated(*resources))))


OFF = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: api, namespace: shop}
spec:
  replicas: 0
  selector: {matchLabels: {app: api}}
  template: {metadata: {labels: {app: api}}, spec: {containers: [{name: api, image: api}]}}
---
apiVersion: v1
kind: Service
metadata: {name: api, namespace: shop}
spec: {type: LoadBalancer, selector: {app: api}}
"""
SCALER = """\
---
apiVersion: keda.sh/v1alpha1
kind: ScaledObject
metadata: {name: api, namespace: shop}
spec: {scaleTargetRef: {name: api}}
"""
ROLLOUT = """\
---
apiVersion: argoproj.io/v1alpha1
kind: Rollout
metadata: {name: api, namespace: shop}
spec: {workloadRef: {apiVersion: apps/v1, kind: Deployment, name: api}}
"""
SLEEP = "---\napiVersion: kube-green.com/v1alpha1\nkind: SleepInfo\nmetadata: {{name: night, namespace: {}}}\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (OFF, True),
        (OFF + SLEEP.format("other"), True),
        (OFF.replace("replicas: 0", "replicas: 1"), False),
        (OFF.replace("replicas: 0", "replicas: null"), False),
        (OFF + SCALER, False),
        (OFF + ROLLOUT, False),
        (OFF + SLEEP.format("shop"), False),
        (OFF.replace("namespace: shop", "namespace: shop, annotations: {downscaler/uptime: always}", 1), False),
        (OFF.replace("namespace: shop", "namespace: shop, labels: {sablier.enable: 'true'}", 1), False),
    ],
)
def test_a_workload_that_is_switched_off(text: str, expected: bool) -> None:
    found = scopes(text)
    assert stopped(found["Deployment"]) is stopped(found["Service"]) is expected


def test_what_belongs_to_no_workload_is_not_switched_off() -> None:
    assert not stopped(scopes(OFF.split("---")[1])["Service"])


VERTICAL = """\
---
apiVersion: autoscaling.k8s.io/v1
kind: VerticalPodAutoscaler
metadata: {name: api, namespace: shop}
spec:
  targetRef: {apiVersion: apps/v1, kind: Deployment, name: api}
  resourcePolicy: {containerPolicies: %s}
"""


@pytest.mark.parametrize(
    ("policies", "cpu", "memory"),
    [
        ("[]", True, True),
        ("[{containerName: '*', controlledResources: [memory]}]", False, True),
        ("[{containerName: other, mode: 'Off'}]", True, True),
        ("[{containerName: '*', mode: 'Off'}, {containerName: api, controlledResources: [cpu]}]", True, False),
    ],
)
def test_what_a_vertical_autoscaler_sets(policies: str, cpu: bool, memory: bool) -> None:
    workload = scopes(TEXT + VERTICAL % policies)["Deployment"]
    assert (autosized(workload, "api", "cpu"), autosized(workload, "api", "memory")) == (cpu, memory)


@pytest.mark.parametrize(
    "policies", ["all", "7", "{a: b}", "[all]", "[{containerName: api, controlledResources: cpu}]"]
)
def test_policies_that_are_no_list_of_mappings_are_not_decided(policies: str) -> None:
    with pytest.raises(UnknownValueError):
        autosized(scopes(TEXT + VERTICAL % policies)["Deployment"], "api", "cpu")


PAUSED = "autoscaling.keda.sh/paused"


@pytest.mark.parametrize(
    ("annotations", "expected"),
    [
        (Unknown("no value"), None),
        ({PAUSED: Unknown("no value")}, None),
        ({f"{PAUSED}-replicas": Unknown("no value")}, None),
        ({PAUSED: Unknown("no value"), f"{PAUSED}-replicas": "3"}, True),
        ({PAUSED: "false", "team": Unknown("no value")}, False),
        (Unknown("no value", entries=((PAUSED, "true"),)), True),
        (Unknown("no value", entries=((PAUSED, "false"),)), None),
    ],
)
def test_whether_keda_is_paused_is_not_known(annotations: Any, expected: bool | None) -> None:
    text = "apiVersion: keda.sh/v1alpha1\nkind: ScaledObject\nmetadata: {name: a}\nspec: {}\n"
    one: Resource = read_manifests(text, "a.yaml").resources[0]
    one.values["metadata"]["annotations"] = annotations
    if expected is None:
        with pytest.raises(UnknownValueError, match="no value"):
            paused(one)
    else:
        assert paused(one) is expected
