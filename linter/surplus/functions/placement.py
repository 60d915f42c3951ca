"""On which groups of nodes pods may run: node selectors, required affinity, taints and tolerations; `node_key(part)`.

https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/,
https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from surplus.expressions import FunctionTable, Overload, UnknownValueError
from surplus.functions.containers import running_pod
from surplus.functions.nodes import NODE_PRICES, NodeGroup
from surplus.functions.requests import GPUS, gpus
from surplus.functions.scope import RuleScope, World
from surplus.model import walk
from surplus.sources.kubernetes.scheduling import HOLD_PODS_OFF, REQUIRED, tolerates

LINUX = NodeGroup("policy", "")
"""What the number of nodes in a policy counts: Linux nodes; of their labels nothing else is known."""

ELSEWHERE = {
    "eks.amazonaws.com/compute-type": frozenset(("auto", "fargate", "hybrid")),
    "type": frozenset(("virtual-kubelet",)),
}
"""Values of labels that tell nodes which are none of a group: those that Fargate and EKS Auto Mode start, hybrid ones,
and those of Azure Container Instances.

https://docs.aws.amazon.com/eks/latest/userguide/, https://learn.microsoft.com/azure/aks/virtual-nodes
"""

OF_EVERY_NODE = ("kubernetes.io/", "node.kubernetes.io/", "topology.", "failure-domain.")
"""Beginnings of labels that nodes have by themselves, whatever is declared."""

AT_START = ("/agent-not-ready", "/uninitialized")
"""How the keys of taints end that an agent of the node or the cloud takes away once it runs:
https://docs.cilium.io/en/stable/installation/taints/.
"""

STARTUP = "startup-taint.cluster-autoscaler.kubernetes.io/"
"""How the keys of others begin: https://github.com/kubernetes/autoscaler/blob/master/cluster-autoscaler/FAQ.md."""


def node_key(scope: RuleScope, part: str) -> str:
    """The key of the price of a node's `vcpu`, `memory` or `gpu` to these pods: `kubernetes/node/vcpu/0+2`, where they
    may run on the first and the third group of the scan's nodes; `…/none` where none lets them in. Without groups it
    is `kubernetes/node/vcpu`. Pods that ask for GPUs run where there are some, if the scan has such nodes.
    """
    groups = scope.world.index("groups with labels of their own", _told_apart)
    if not groups:
        return f"{NODE_PRICES}{part}"
    pod, with_gpu = running_pod(scope), _takes_gpus(scope)
    places = [at for at, group in enumerate(groups) if _may_run_on(pod, group, with_gpu)]
    if with_gpu:
        places = [at for at in places if groups[at].has_gpus()] or places
    return f"{NODE_PRICES}{part}/{'+'.join(map(str, places)) or 'none'}"


def _told_apart(world: World) -> list[NodeGroup]:
    """The groups of the scan's nodes, where a label that one declares is one that the others do not have."""
    declared = {key for group in world.nodes.groups for key in group.labels or () if not key.startswith(OF_EVERY_NODE)}
    lacking = dict.fromkeys(sorted(declared))
    return [
        group if group.labels is None else replace(group, labels={**lacking, **group.labels})
        for group in world.nodes.groups
    ]


def _takes_gpus(scope: RuleScope) -> bool:
    try:
        return gpus(scope) > 0
    except UnknownValueError:
        return False


def _may_run_on(pod: Any, group: NodeGroup, with_gpu: bool) -> bool:
    """Whether nothing keeps pods off a group's nodes; those that ask for GPUs are given a toleration of their taint.

    https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#extendedresourcetoleration
    """
    if with_gpu and group.taints:
        group = replace(group, taints=tuple(taint for taint in group.taints if taint.key not in GPUS))
    return runs_on(pod, group) is not False


def runs_on(pod: Any, group: NodeGroup) -> bool | None:
    """Whether pods that run on every node that lets them in run on a group's nodes; None where that cannot be told."""
    return _all([_selected(pod, group), _near_nodes(pod, group), _tolerated(pod, group)])


def _selected(pod: Any, group: NodeGroup) -> bool | None:
    selector = walk(pod, ("nodeSelector",))
    if selector is None:
        return True
    if not isinstance(selector, dict):
        return None
    return _all(_one_of(group, key, [value]) for key, value in selector.items())


def _near_nodes(pod: Any, group: NodeGroup) -> bool | None:
    """What affinity requires: of node selector terms one must hold; relations to other pods are not decided."""
    affinity = walk(pod, ("affinity",))
    if affinity is None:
        return True
    if not isinstance(affinity, dict):
        return None
    if any(walk(affinity, (kind, REQUIRED)) for kind in ("podAffinity", "podAntiAffinity")):
        return None
    required = walk(affinity, ("nodeAffinity", REQUIRED))
    if required is None:
        return True
    terms = walk(required, ("nodeSelectorTerms",))
    return _any(_term(term, group) for term in terms) if isinstance(terms, list) else None


def _term(term: Any, group: NodeGroup) -> bool | None:
    if not isinstance(term, dict) or term.get("matchFields"):
        return None
    expressions = term.get("matchExpressions")
    return _all(_expression(one, group) for one in expressions) if isinstance(expressions, list) else None


def _expression(one: Any, group: NodeGroup) -> bool | None:
    key, operator = walk(one, ("key",)), walk(one, ("operator",))
    values = walk(one, ("values",))
    if not isinstance(key, str):
        return None
    match operator:
        case "In" | "NotIn":
            inside = _one_of(group, key, values if isinstance(values, list) else [])
            return inside if operator == "In" or inside is None else not inside
        case "Exists" | "DoesNotExist":
            found = group.label(key)
            if found is None or len({one is None for one in found}) != 1:
                return None
            return (None in found) is (operator == "DoesNotExist")
    return None


def _one_of(group: NodeGroup, key: str, values: Iterable[Any]) -> bool | None:
    """Whether a label is one of the wanted values; None where its value is not known, or may be one or another."""
    wanted, found = {str(value) for value in values}, group.label(key)
    if not wanted or found is None:
        return False if wanted and wanted <= ELSEWHERE.get(key, frozenset()) else None
    inside = found & wanted
    return True if inside == found else False if not inside else None


def _tolerated(pod: Any, group: NodeGroup) -> bool | None:
    """Whether the pod tolerates every taint that would keep it away: those that are declared, without those that only
    hold until a node is ready.
    """
    if group.taints is None:
        return None
    written = walk(pod, ("tolerations",))
    if written is not None and not isinstance(written, list):
        return None
    given = [one for one in written or () if isinstance(one, dict)]
    stay = [one for one in group.taints if not (one.key.endswith(AT_START) or one.key.startswith(STARTUP))]
    hold = [taint for taint in stay if taint.effect in HOLD_PODS_OFF]
    return all(any(tolerates(one, taint.key, taint.value, taint.effect) for one in given) for taint in hold)


def _all(verdicts: Iterable[bool | None]) -> bool | None:
    found = list(verdicts)
    return False if False in found else None if None in found else True


def _any(verdicts: Iterable[bool | None]) -> bool | None:
    found = list(verdicts)
    return True if True in found else None if None in found else False


FUNCTIONS: FunctionTable = {"node_key": (Overload(("string",), node_key),)}
