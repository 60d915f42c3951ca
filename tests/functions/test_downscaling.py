"""What runs through the night: which workloads, told where, and what takes them away."""

from collections.abc import Mapping

import pytest

from support import evaluated
from surplus.expressions import UnknownValueError
from surplus.functions.downscaling import asleep_saving, awake
from surplus.functions.scope import EnvironmentVerdict, RuleScope, World
from surplus.model import Resource, Unknown
from surplus.pricing.book import PriceBook
from surplus.pricing.costs import Costs
from surplus.sources.kubernetes.manifests import read_manifests

NAMESPACE = """\
apiVersion: v1
kind: Namespace
metadata: {name: shop}
"""
WORKLOAD = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: NAME, namespace: shop}
spec:
  replicas: 2
  template:
    spec: {containers: [{name: a, image: IMAGE, resources: {requests: {cpu: 1, memory: 1Gi}}}]}
"""
SCALED = """\
apiVersion: keda.sh/v1alpha1
kind: ScaledObject
metadata: {name: one, namespace: shop}
spec: {scaleTargetRef: {name: one}, FIELDS}
"""


def workload(name: str, image: str = "a") -> str:
    return WORKLOAD.replace("NAME", name).replace("IMAGE", image)


def environment(resource: Resource) -> EnvironmentVerdict:
    """Everything is of dev, but what lies in prod/."""
    production = resource.location.path.startswith("prod/")
    return EnvironmentVerdict("prod" if production else "dev", production)


def told(*texts: str, more: Mapping[str, str] | None = None) -> dict[str, list[str]]:
    """What is told of which workloads, by the address that tells it; a file for each text."""
    files = {f"{at}.yaml": text for at, text in enumerate(texts)} | dict(more or {})
    resources = [one for path, text in files.items() for one in read_manifests(text, path).resources]
    world = World(evaluated(*resources), environment)
    Costs(world, PriceBook())
    found = {}
    for one in resources:
        if one.type in ("Namespace", "Deployment") and (names := awake(RuleScope(one, world))):
            found[f"{one.location.path}:{one.type}"] = [name.rpartition("/")[2] for name in names]
    return found


def test_a_namespace_tells_of_all_its_workloads() -> None:
    assert told(workload("one"), NAMESPACE, workload("two")) == {"1.yaml:Namespace": ["one", "two"]}


def test_without_it_the_first_workload_does() -> None:
    assert told(workload("two"), workload("one")) == {"0.yaml:Deployment": ["two", "one"]}


def test_copies_of_one_workload_count_once() -> None:
    bare = workload("one").replace(", namespace: shop", "")
    more = {"a/x.yaml": bare, "a/y.yaml": bare.replace("replicas: 2", "replicas: 600")}
    assert told(more=more) == {"a/x.yaml:Deployment": ["one"]}
    assert told(workload("one"), NAMESPACE, workload("one")) == {"1.yaml:Namespace": ["one"]}


def test_environments_and_folders_are_told_apart() -> None:
    more = {"prod/a.yaml": workload("three"), "prod/ns.yaml": NAMESPACE}
    assert told(workload("one"), more=more) == {"0.yaml:Deployment": ["one"], "prod/ns.yaml:Namespace": ["three"]}
    bare = workload("one").replace(", namespace: shop", "")
    found = told(more={"a/x.yaml": bare, "b/x.yaml": bare, "b/y.yaml": bare.replace("one", "two")})
    assert found == {"a/x.yaml:Deployment": ["one"], "b/x.yaml:Deployment": ["one", "two"]}


@pytest.mark.parametrize(
    "other",
    [
        NAMESPACE.replace("}", ", annotations: {downscaler/uptime: always}}"),
        "apiVersion: kube-green.com/v1alpha1\nkind: SleepInfo\nmetadata: {name: s, namespace: shop}\n",
        workload("d", "hjacobs/kube-downscaler:23").replace("namespace: shop", "namespace: kube"),
    ],
)
def test_what_takes_the_whole_namespace_away(other: str) -> None:
    assert not any("one" in names for names in told(workload("one"), other).values())


@pytest.mark.parametrize(
    ("fields", "sleeps"),
    [
        ("minReplicaCount: 0", True),
        ("minReplicaCount: 2", False),
        ("minReplicaCount: 2, idleReplicaCount: 0", True),
        ("minReplicaCount: 2, triggers: [{type: kafka}, {type: cron}]", True),
        ("minReplicaCount: 2, triggers: [{type: kafka}]", False),
    ],
)
def test_what_keda_takes_away(fields: str, sleeps: bool) -> None:
    assert told(workload("one"), SCALED.replace("FIELDS", fields)) == ({} if sleeps else {"0.yaml:Deployment": ["one"]})


def test_a_paused_scaled_object_takes_nothing_away() -> None:
    text = SCALED.replace("FIELDS", "triggers: [{type: cron}], minReplicaCount: 1")
    text = text.replace("namespace: shop", 'namespace: shop, annotations: {autoscaling.keda.sh/paused: "true"}')
    assert told(workload("one"), text) == {"0.yaml:Deployment": ["one"]}


def test_nothing_runs_at_zero_replicas_or_by_an_exception() -> None:
    assert told(workload("one").replace("replicas: 2", "replicas: 0")) == {}
    excluded = workload("one").replace("namespace: shop", 'namespace: shop, annotations: {downscaler/exclude: "true"}')
    assert told(workload("two"), excluded) == {"0.yaml:Deployment": ["two"]}
    assert told(excluded, workload("two")) == {"0.yaml:Deployment": ["two"]}


def test_what_is_saved_in_the_hours_off() -> None:
    resources = read_manifests(workload("one"), "a.yaml").resources
    world = World(evaluated(*resources), environment)
    Costs(world, PriceBook())
    scope = RuleScope(resources[0], world)
    assert asleep_saving(scope, 60.0) == pytest.approx(108 / 168 * 2 * 730 * (0.031611 + 0.004237))
    bare = read_manifests(workload("one").replace("cpu: 1, memory: 1Gi", ""), "a.yaml").resources
    world = World(evaluated(*bare), environment)
    Costs(world, PriceBook())
    with pytest.raises(UnknownValueError, match="not known"):
        asleep_saving(RuleScope(bare[0], world), 60.0)


UNTOLD = Unknown("no value")


def undecided(*resources: Resource) -> bool:
    world = World(evaluated(*resources), environment)
    try:
        return not awake(RuleScope(resources[0], world))
    except UnknownValueError as error:
        return str(error) == "no value"


@pytest.mark.parametrize("triggers", [UNTOLD, [UNTOLD], [{"type": UNTOLD}]])
def test_triggers_that_are_not_known_may_go_by_the_clock(triggers: object) -> None:
    text = f"{workload('one')}---\n{SCALED.replace('FIELDS', 'minReplicaCount: 2')}"
    one, scaled = read_manifests(text, "a.yaml").resources
    assert not undecided(one, scaled)
    scaled.values["spec"]["triggers"] = triggers
    assert undecided(one, scaled)
    scaled.values["metadata"]["annotations"] = {"autoscaling.keda.sh/paused": "true"}
    assert not undecided(one, scaled)


@pytest.mark.parametrize(
    ("container", "expected"),
    [
        ({"image": "kubectl:1", "args": UNTOLD}, True),
        ({"image": "kubectl:1", "command": ["sh", "-c", UNTOLD]}, True),
        ({"image": UNTOLD, "args": ["scale", "deployment", "one", "--replicas=0"]}, True),
        ({"image": "kubectl:1", "args": ["get", "pods"]}, False),
        ({"image": "report:1", "args": UNTOLD}, False),
        ({"image": UNTOLD, "args": ["--day=1"]}, False),
    ],
)
def test_a_job_of_which_half_is_known_may_scale(container: dict[str, object], expected: bool) -> None:
    job = "apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: night, namespace: shop}\n"
    one, night = read_manifests(f"{workload('one')}---\n{job}", "a.yaml").resources
    night.values["spec"] = {"jobTemplate": {"spec": {"template": {"spec": {"containers": [container]}}}}}
    assert undecided(one, night) is expected
