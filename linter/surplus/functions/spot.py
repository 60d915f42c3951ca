"""Whether the pods of a workload take Spot nodes: `capacity_type()`."""

from collections.abc import Iterator
from typing import Any

from surplus.expressions import FunctionTable, Overload, UnknownValueError
from surplus.functions.scope import RuleScope, reach
from surplus.model import Unknown, as_list, walk
from surplus.sources.kubernetes.scheduling import REQUIRED_TERMS

COMPUTE_CLASS = "cloud.google.com/compute-class"
BUILT_IN_CLASSES = ("Accelerator", "Balanced", "Performance", "Scale-Out", "autopilot", "general-purpose")
"""Classes of GKE that take Spot nodes only where the pods ask for them; `autopilot-spot` does by itself. Every other
is a ComputeClass with rules of its own. https://cloud.google.com/kubernetes-engine/docs/concepts/about-compute-classes
"""

LABELS = {
    COMPUTE_CLASS: ("autopilot-spot", ""),
    "cloud.google.com/gke-preemptible": ("true", ""),
    "cloud.google.com/gke-spot": ("true", ""),
    "eks.amazonaws.com/capacityType": ("SPOT", "ON_DEMAND"),
    "karpenter.sh/capacity-type": ("spot", "on-demand"),
    "kubernetes.azure.com/scalesetpriority": ("spot", ""),
    "node.kubernetes.io/lifecycle": ("spot", "normal"),
}
"""Labels and taints of nodes that tell how they are paid for: the value on Spot nodes, and on others."""

PREFERRED = ("affinity", "nodeAffinity", "preferredDuringSchedulingIgnoredDuringExecution")


def capacity_type(scope: RuleScope) -> str | None:
    """`spot` where the pods ask for Spot nodes, prefer or tolerate them; `on-demand` where they take no others; null
    where nothing is said. Not decided where a ComputeClass of GKE chooses the nodes.
    """
    pod = reach(scope.values, scope.pod, "")
    if isinstance(pod, Unknown):
        raise UnknownValueError(pod.reason)
    said = {LABELS[key].index(value) for key, value in _said(pod) if value and value in LABELS[key]}
    named = walk(pod, ("nodeSelector", COMPUTE_CLASS))
    if 0 not in said and named is not None and named not in BUILT_IN_CLASSES:
        raise UnknownValueError(f"whether ComputeClass {named} starts Spot nodes is not known")
    return "spot" if 0 in said else "on-demand" if 1 in said else None


def _said(pod: Any) -> Iterator[tuple[str, str]]:
    """The labels above that a pod spec speaks of, with each value it accepts."""
    selector = _known(pod, ("nodeSelector",))
    for key, value in selector.items() if isinstance(selector, dict) else ():
        if key in LABELS:
            yield key, str(value)
    preferred = _known(pod, PREFERRED)
    terms = [*as_list(_known(pod, REQUIRED_TERMS)), *(walk(one, ("preference",)) for one in as_list(preferred))]
    for one in (one for term in terms for one in as_list(walk(term, ("matchExpressions",)))):
        key, operator = walk(one, ("key",)), walk(one, ("operator",))
        if key in LABELS and operator == "In":
            yield from ((key, str(value)) for value in as_list(walk(one, ("values",))))
        elif key in LABELS and operator in ("Exists", "NotIn"):
            named = {str(value) for value in as_list(walk(one, ("values",)))}
            yield from ((key, value) for value in LABELS[key] if value not in named)
        elif key in LABELS and operator == "DoesNotExist":
            yield key, LABELS[key][1]
    for one in as_list(_known(pod, ("tolerations",))):
        key = walk(one, ("key",))
        if key in LABELS and walk(one, ("value",)) in (None, "", True, LABELS[key][0]):
            yield key, LABELS[key][0]


def _known(pod: Any, route: tuple[str, ...]) -> Any:
    value = walk(pod, route)
    if isinstance(value, Unknown):
        raise UnknownValueError(value.reason)
    return value


FUNCTIONS: FunctionTable = {"capacity_type": (Overload((), capacity_type),)}
