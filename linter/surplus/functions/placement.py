"""On which groups of nodes the pods of a DaemonSet run: node selectors, required affinity, taints and tolerations.

https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/,
https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/
"""

from collections.abc import Iterable
from typing import Any

from surplus.functions.nodes import NodeGroup
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


def runs_on(pod: Any, group: NodeGroup) -> bool | None:
    """Whether a DaemonSet's pods run on a group's nodes; None where that cannot be told."""
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
    """Whether the pod tolerates every taint that would keep it away. Those of a node's state are tolerated by every
    DaemonSet.
    """
    if group.taints is None:
        return None
    written = walk(pod, ("tolerations",))
    if written is not None and not isinstance(written, list):
        return None
    given = [one for one in written or () if isinstance(one, dict)]
    hold = [taint for taint in group.taints if taint.effect in HOLD_PODS_OFF]
    return all(any(tolerates(one, taint.key, taint.value, taint.effect) for one in given) for taint in hold)


def _all(verdicts: Iterable[bool | None]) -> bool | None:
    found = list(verdicts)
    return False if False in found else None if None in found else True


def _any(verdicts: Iterable[bool | None]) -> bool | None:
    found = list(verdicts)
    return True if True in found else None if None in found else False
