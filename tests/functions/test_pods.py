"""How many pods a workload has, and the record of the nodes that they run on."""

import pytest

from manifests import scope_in, scope_of
from surplus.expressions import UnknownValueError
from surplus.functions.nodes import NodeGroup, Nodes, Taint
from surplus.functions.pods import node, replicas

DEPLOYMENT = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: d}
spec:
  replicas: REPLICAS
  selector: {matchLabels: {a: b}}
  template: {metadata: {labels: {a: b}}, spec: {containers: [{name: app}]}}
"""
SCALER = """
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: h}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: d}
  minReplicas: 5
  maxReplicas: 9
"""
SCALED = """
apiVersion: keda.sh/v1alpha1
kind: ScaledObject
metadata: {name: h}
spec: {scaleTargetRef: {name: d}, minReplicaCount: 3}
"""


def keda(annotations: str, more: str = "") -> str:
    """A ScaledObject that keeps three pods, with annotations and more in its spec."""
    return SCALED.replace("{name: h}", f"{{name: h, annotations: {{{annotations}}}}}").replace("3}", f"3{more}}}")


ROLLOUT = """
apiVersion: argoproj.io/v1alpha1
kind: Rollout
metadata: {name: r}
spec: {workloadRef: {apiVersion: apps/v1, kind: Deployment, name: d, scaleDown: DOWN}}
"""


@pytest.mark.parametrize(
    ("written", "more", "wanted"),
    [
        ("2", (), 2.0),
        ("2", (SCALER,), 5.0),
        ("0", (SCALER,), 0.0),  # the autoscaler of a workload that is scaled to nothing is off
        ("0", (SCALED,), 3.0),  # KEDA scales from nothing
        ("7", (keda("", ", idleReplicaCount: 0"),), 0.0),  # what there is while no trigger is active
        ("7", (keda("autoscaling.keda.sh/paused: 'false'"),), 3.0),
        ("7", (keda("autoscaling.keda.sh/paused: 'true'"),), 7.0),
        ("7", (keda("autoscaling.keda.sh/paused-replicas: '2'"),), 2.0),
        ("7", (keda("autoscaling.keda.sh/paused: 'true', autoscaling.keda.sh/paused-replicas: '0'"),), 0.0),
        ("4", (ROLLOUT.replace("DOWN", "never"),), 4.0),
        ("4", (ROLLOUT.replace("DOWN", "onsuccess"),), 0.0),
    ],
)
def test_replicas(written: str, more: tuple[str, ...], wanted: float) -> None:
    assert replicas(scope_of("Deployment/d", DEPLOYMENT.replace("REPLICAS", written), *more)) == wanted


@pytest.mark.parametrize(
    ("annotation", "reason"),
    [
        ("autoscaling.keda.sh/paused: 'true'", "ScaledObject/h is paused at the number of pods that there were"),
        ("autoscaling.keda.sh/paused-replicas: few", "paused-replicas is not a number"),
    ],
)
def test_what_a_pause_keeps_is_not_known(annotation: str, reason: str) -> None:
    with pytest.raises(UnknownValueError, match=reason):
        replicas(scope_of("Deployment/d", DEPLOYMENT.replace("  replicas: REPLICAS\n", ""), keda(annotation)))


@pytest.mark.parametrize(
    ("dev", "prod", "wanted"),
    [("5", "5", 5.0), ("2", "5", "dev/h.yaml:2 and prod/h.yaml:2 are equally near, and say different things")],
)
def test_autoscalers_that_are_equally_near_must_agree(dev: str, prod: str, wanted: float | str) -> None:
    scalers = {"dev/h.yaml": f"minReplicas: {dev}", "prod/h.yaml": f"minReplicas: {prod}"}
    files = {path: SCALER.lstrip().replace("minReplicas: 5", floor) for path, floor in scalers.items()}
    scope = scope_in({"base/d.yaml": DEPLOYMENT.replace("REPLICAS", "2"), **files}, "Deployment/d")
    if isinstance(wanted, str):
        with pytest.raises(UnknownValueError, match=wanted):
            replicas(scope)
    else:
        assert replicas(scope) == wanted


@pytest.mark.parametrize("wrong", ["three", "-1", "true"])
def test_a_number_of_replicas_that_is_none(wrong: str) -> None:
    with pytest.raises(UnknownValueError, match="replicas is "):
        replicas(scope_of("Deployment/d", DEPLOYMENT.replace("REPLICAS", wrong)))


KNATIVE = """
apiVersion: serving.knative.dev/v1
kind: Service
metadata: {name: s}
spec: {template: {metadata: {annotations: ANNOTATIONS}, spec: {containers: [{image: s}]}}}
"""


@pytest.mark.parametrize(
    ("annotations", "wanted"),
    [
        ("{}", 0.0),
        ('{autoscaling.knative.dev/min-scale: "2"}', 2.0),
        ('{autoscaling.knative.dev/minScale: "3"}', 3.0),
    ],
)
def test_a_knative_service_keeps_its_least_scale(annotations: str, wanted: float) -> None:
    text = KNATIVE.replace("ANNOTATIONS", annotations)
    assert replicas(scope_of("Service.serving.knative.dev/s", text)) == wanted


def test_what_cloud_run_charges_for_is_not_on_nodes() -> None:
    text = KNATIVE.replace("ANNOTATIONS", '{run.googleapis.com/cpu-throttling: "true"}')
    with pytest.raises(UnknownValueError, match="Cloud Run charges"):
        replicas(scope_of("Service.serving.knative.dev/s", text))


DAEMON = """
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: agent}
spec: {template: {spec: {containers: [{name: a}], MORE}}}
"""
GENERAL = NodeGroup("pool.general", "aws", ("m5.large",), "us-east-1", 3.0, labels={"tier": "web"})
ARM = NodeGroup("pool.arm", "aws", ("m6g.large",), "us-east-1", 2.0, labels={"tier": "batch"})
TAINTED = NodeGroup("pool.gpu", "aws", ("g5.xlarge",), "us-east-1", 4.0, taints=(Taint("gpu", "yes", "NoSchedule"),))
ALL = Nodes((GENERAL, ARM, TAINTED), incomplete="")


def daemons(more: str = "", nodes: Nodes = ALL) -> float:
    return replicas(scope_of("DaemonSet/agent", DAEMON.replace("MORE", more), nodes=nodes))


def expression(key: str, operator: str, values: str = "") -> str:
    """A required node affinity of one expression."""
    values = f", values: [{values}]" if values else ""
    return REQUIRED.replace("TERMS", f"{{matchExpressions: [{{key: {key}, operator: {operator}{values}}}]}}")


COMPUTE = "eks.amazonaws.com/compute-type"
CONTROL = "node-role.kubernetes.io/control-plane"
REQUIRED = "affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: [TERMS]}}}"


@pytest.mark.parametrize(
    ("more", "wanted"),
    [
        ("", 5.0),  # not on the nodes with a taint
        ("tolerations: [{operator: Exists}]", 9.0),
        ("tolerations: [{key: gpu, value: 'yes'}]", 9.0),
        ("tolerations: [{key: gpu, value: 'no'}]", 5.0),
        ("tolerations: [{key: gpu, operator: Exists, effect: NoExecute}]", 5.0),
        ("nodeSelector: {kubernetes.io/os: linux}", 5.0),
        ("nodeSelector: {kubernetes.io/os: windows}", 0.0),
        ("nodeSelector: {kubernetes.io/arch: arm64}", 2.0),
        ("nodeSelector: {node.kubernetes.io/instance-type: m5.large}", 3.0),
        (expression("kubernetes.io/arch", "In", "amd64"), 3.0),
        (expression("kubernetes.io/arch", "NotIn", "amd64"), 2.0),
        (expression("kubernetes.io/arch", "In", "amd64, arm64"), 5.0),
        (expression("beta.kubernetes.io/os", "In", "linux"), 5.0),
        (expression(COMPUTE, "NotIn", "fargate"), 5.0),
        (expression(COMPUTE, "NotIn", "fargate, auto, hybrid"), 5.0),
        (expression(COMPUTE, "In", "fargate"), 0.0),
        (f"nodeSelector: {{{COMPUTE}: fargate}}", 0.0),
        (expression("type", "NotIn", "virtual-kubelet"), 5.0),
        (expression(CONTROL, "DoesNotExist"), 5.0),
        (expression(CONTROL, "Exists"), 0.0),
    ],
)
def test_a_daemon_set_runs_on_every_node_that_lets_it_in(more: str, wanted: float) -> None:
    assert daemons(more) == wanted


@pytest.mark.parametrize(
    ("more", "nodes", "reason"),
    [
        ("nodeSelector: {disk: fast}", ALL, r"whether it runs on the nodes of pool\.general is not known"),
        (REQUIRED.replace("TERMS", "{matchFields: []}"), ALL, "whether it runs"),
        (expression(COMPUTE, "NotIn", "fargate, ec2"), ALL, "whether it runs"),
        (expression("disk", "Exists"), ALL, "whether it runs"),
        (expression("disk", "DoesNotExist"), ALL, "whether it runs"),
        (expression("kubernetes.io/arch", "In", "arm64"), Nodes(given=7.0), "it runs on some nodes only"),
        ("affinity: {podAffinity: {requiredDuringSchedulingIgnoredDuringExecution: [{}]}}", ALL, "whether it runs"),
        ("", Nodes(), r"the scan has no nodes; a policy may give it: prices\.kubernetes\.nodes"),
        ("", Nodes((GENERAL,), incomplete="Karpenter starts nodes as they are needed"), "Karpenter"),
        (
            "",
            Nodes((NodeGroup("pool.x", "aws", reason="it varies"),), incomplete=""),
            "it varies; a policy may give it",
        ),
        ("nodeSelector: {disk: fast}", Nodes(given=7.0), "it runs on some nodes only"),
    ],
)
def test_the_number_of_nodes_is_not_known(more: str, nodes: Nodes, reason: str) -> None:
    with pytest.raises(UnknownValueError, match=reason):
        daemons(more, nodes)


def test_the_policy_may_give_the_number_of_nodes() -> None:
    assert daemons(nodes=Nodes(given=7.0)) == 7.0
    assert daemons("nodeSelector: {kubernetes.io/os: linux}", Nodes((GENERAL,), given=7.0)) == 7.0
    assert daemons(expression(COMPUTE, "NotIn", "fargate"), Nodes(given=7.0)) == 7.0
    assert daemons(expression("kubernetes.io/arch", "In", "amd64, arm64"), Nodes(given=7.0)) == 7.0


def test_the_node_of_a_scan() -> None:
    scope = scope_of("DaemonSet/agent", DAEMON.replace("MORE", ""), nodes=Nodes((GENERAL,), incomplete="", hour=0.096))
    assert node(scope) == {"type": "m5.large", "vcpus": 2.0, "gib": 8.0, "gpus": 0.0, "count": 3.0, "hour": 0.096}


def test_what_nodes_have_in_common() -> None:
    both = Nodes((GENERAL, ARM), incomplete="").record()
    assert (both["type"], both["vcpus"], both["gib"], both["count"]) == (None, 2.0, 8.0, 5.0)
    unclear = Nodes((GENERAL, NodeGroup("pool.x", "aws"))).record()
    assert set(unclear.values()) == {None}
    assert Nodes().record()["gpus"] is None
    assert Nodes((NodeGroup("p", "gcp", ("n1-standard-4",), gpus=2.0),)).record()["gpus"] == 2.0
