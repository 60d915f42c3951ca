"""How many pods a workload has, and on what nodes: `replicas()`, `from_zero()`, `node()`."""

from typing import Any

from surplus.expressions import FunctionTable, Overload, UnknownValueError
from surplus.functions.kubernetes import PAUSED_AT, fewest, paused, scalers
from surplus.functions.lookups import agreed
from surplus.functions.placement import LINUX, runs_on
from surplus.functions.scope import RuleScope, reach
from surplus.model import Resource, Unknown, walk
from surplus.sources.kubernetes.nearness import all_nearest

CLOUD_RUN = "run.googleapis.com/"
"""How the annotations begin that only Cloud Run has a use for."""

GIVE_NODES = "a policy may give it: prices.kubernetes.nodes"
MIN_SCALE = ("autoscaling.knative.dev/min-scale", "autoscaling.knative.dev/minScale")
REPLICAS = ("spec", "replicas")
SCALED_DOWN = ("onsuccess", "progressively")
"""When an Argo Rollout takes the pods of the Deployment whose template it runs away; else they go on beside its own."""


def node(scope: RuleScope) -> dict[str, Any]:
    """The node that pods run on: type, vcpus, gib, gpus, count of nodes, USD an hour; each null where the scan does not
    tell it, or where it is not the same for all nodes.
    """
    return scope.world.nodes.record()


def replicas(scope: RuleScope) -> float:
    """How many pods there are at least: the autoscaler's floor, or what KEDA is paused at, else `replicas`; 1 for a
    bare pod, the number of nodes for a DaemonSet, the least scale of a Knative Service.
    """
    match scope.resource.type:
        case "DaemonSet":
            return _on_every_node(scope)
        case "Service.serving.knative.dev":
            return _least_scale(scope)
        case "Pod":
            return 1.0
    written = _number(reach(scope.values, REPLICAS, ""))
    if _handed_over(scope):
        return 0.0
    found = agreed(scalers(scope), lambda one: _scaled(scope, one, written))
    return written if found is None else found


def _scaled(scope: RuleScope, found: Resource, written: float) -> float:
    """The fewest pods under an autoscaler."""
    if found.type == "HorizontalPodAutoscaler":
        if written == 0:
            return 0.0  # at zero replicas the autoscaler is switched off
    elif paused(found):
        return _paused_at(scope, found, written)
    least = fewest(found)
    return written if least is None else _number(least, "the least number of pods")


def from_zero(scope: RuleScope) -> bool:
    """Whether an autoscaler takes the last pod of this workload away while there is nothing to do, so that only use
    decides how long its pods run.
    """

    def may_be_none(found: Resource) -> bool:
        if found.type == "HorizontalPodAutoscaler":
            return fewest(found) == 0 and _number(reach(scope.values, REPLICAS, "")) > 0
        return not paused(found) and fewest(found) == 0

    return bool(agreed(scalers(scope), may_be_none))


def _paused_at(scope: RuleScope, found: Resource, written: float) -> float:
    """How many pods there are while KEDA is paused: as many as its annotation says, else as there were, which only a
    number that every apply writes again tells.

    https://keda.sh/docs/latest/concepts/scaling-deployments/#pausing-autoscaling
    """
    given = walk(found.values, ("metadata", "annotations", PAUSED_AT))
    if isinstance(given, Unknown):
        raise UnknownValueError(given.reason)
    if given is None and REPLICAS in scope.resource.defaulted:
        raise UnknownValueError(f"{found.address} is paused at the number of pods that there were, which is not known")
    if given is not None and not str(given).isdecimal():
        raise UnknownValueError(f"{PAUSED_AT} is not a number")
    return written if given is None else float(str(given))


def _number(written: Any, what: str = "spec.replicas") -> float:
    if isinstance(written, Unknown):
        raise UnknownValueError(written.reason)
    if isinstance(written, bool) or not isinstance(written, int | float) or written < 0:
        raise UnknownValueError(f"{what} is not a number")
    return float(written)


def _on_every_node(scope: RuleScope) -> float:
    nodes = scope.world.nodes
    pod = reach(scope.values, scope.pod, "")
    if nodes.given is not None:
        if runs_on(pod, LINUX):
            return nodes.given
        raise UnknownValueError("it runs on some nodes only, and how many those are is not known")
    if nodes.incomplete:
        raise UnknownValueError(f"how many nodes it runs on is not known, as {nodes.incomplete}; {GIVE_NODES}")
    total = 0.0
    for group in nodes.groups:
        runs = runs_on(pod, group)
        if runs is None:
            raise UnknownValueError(f"whether it runs on the nodes of {group.address} is not known")
        if runs and group.count is None:
            raise UnknownValueError(f"{group.reason}; {GIVE_NODES}")
        total += (group.count or 0.0) if runs else 0.0
    return total


def _least_scale(scope: RuleScope) -> float:
    """https://knative.dev/docs/serving/autoscaling/scale-bounds/; zero where nothing is written."""
    annotations = reach(scope.values, ("spec", "template", "metadata", "annotations"), "")
    if isinstance(annotations, Unknown):
        raise UnknownValueError(annotations.reason)
    of_service = reach(scope.values, ("metadata", "annotations"), "")
    if any(str(key).startswith(CLOUD_RUN) for one in (annotations, of_service) if isinstance(one, dict) for key in one):
        raise UnknownValueError("Cloud Run charges for its pods, not the nodes of a cluster")
    written = next(filter(None, (walk(annotations, (one,)) for one in MIN_SCALE)), None)
    if written is None:
        return 0.0
    if not str(written).isdecimal():
        raise UnknownValueError("the least scale is not a number")
    return float(str(written))


def _handed_over(scope: RuleScope) -> bool:
    """Whether an Argo Rollout runs this Deployment's template in its place, and scales it down itself.

    https://argo-rollouts.readthedocs.io/en/stable/migrating/#reference-an-existing-deployment
    """

    def scaled_down(rollout: Resource) -> bool:
        return walk(scope.world.now(rollout).values, ("spec", "workloadRef", "scaleDown")) in SCALED_DOWN

    rollouts = scope.world.relations.related(scope.resource, "Rollout")
    return bool(agreed(all_nearest(scope.resource, rollouts), scaled_down))


FUNCTIONS: FunctionTable = {
    "from_zero": (Overload((), from_zero),),
    "node": (Overload((), node),),
    "replicas": (Overload((), replicas),),
}
