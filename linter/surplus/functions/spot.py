"""Whether the pods of a workload take Spot nodes: `capacity_type()`."""

from collections.abc import Iterator
from typing import Any

from surplus.expressions import FunctionTable, Overload, UnknownValueError
from surplus.functions.scope import RuleScope, reach
from surplus.model import Unknown, as_list, unknowns, walk
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
    where nothing is said. Not decided where a ComputeClass of GKE chooses the nodes, and where what may tell is not
    known.
    """
    pod = reach(scope.values, scope.pod, "")
    if isinstance(pod, Unknown):
        raise UnknownValueError(pod.reason)
    given = list(_said(pod))
    texts = [(key, value) for key, value in given if isinstance(value, str) and value]
    said = {LABELS[key].index(value) for key, value in texts if value in LABELS[key]}
    tolerated = [_tolerates_spot(one, 1 in said) for one in as_list(_known(pod, ("tolerations",)))]
    if 0 in said or True in tolerated:
        return "spot"
    named = walk(pod, ("nodeSelector", COMPUTE_CLASS))
    if named is not None and named not in BUILT_IN_CLASSES:
        raise UnknownValueError(f"whether ComputeClass {named} starts Spot nodes is not known")
    doubt = next((one for one in (*(value for _, value in given), *tolerated) if isinstance(one, Unknown)), None)
    if doubt is not None:
        raise UnknownValueError(doubt.reason)
    return "on-demand" if 1 in said else None


def _said(pod: Any) -> Iterator[tuple[str, str | Unknown]]:
    """The labels above that a pod spec asks for, with each value it accepts; what is unknown and may be one of them."""
    selector = _known(pod, ("nodeSelector",))
    for key, value in selector.items() if isinstance(selector, dict) else ():
        if key in LABELS:
            yield key, value if isinstance(value, Unknown) else str(value)
    preferred = _known(pod, PREFERRED)
    terms = [*as_list(_known(pod, REQUIRED_TERMS)), *(walk(one, ("preference",)) for one in as_list(preferred))]
    expressions = [walk(term, ("matchExpressions",)) for term in terms]
    for one in (one for listed in expressions for one in (listed if isinstance(listed, list) else [listed])):
        key, operator, values = (walk(one, (name,)) for name in ("key", "operator", "values"))
        doubts = [unknown for _, unknown in unknowns(one)]
        if isinstance(key, Unknown) or (key in LABELS and doubts):
            yield from ((COMPUTE_CLASS, unknown) for unknown in doubts)
        elif key in LABELS and operator == "In":
            yield from ((key, str(value)) for value in as_list(values))
        elif key in LABELS and operator in ("Exists", "NotIn"):
            named = {str(value) for value in as_list(values)}
            yield from ((key, value) for value in LABELS[key] if value not in named)
        elif key in LABELS and operator == "DoesNotExist":
            yield key, LABELS[key][1]


def _tolerates_spot(toleration: Any, elsewhere: bool) -> bool | Unknown:
    """Whether a toleration lets pods onto Spot nodes; one for every taint does if they do not ask to be *elsewhere*."""
    key, value = walk(toleration, ("key",)), walk(toleration, ("value",))
    if isinstance(key, Unknown):
        return key
    if key in (None, ""):
        scheduling = walk(toleration, ("effect",)) in (None, "", "NoSchedule")
        return scheduling and walk(toleration, ("operator",)) == "Exists" and not elsewhere
    if not isinstance(key, str) or key not in LABELS:
        return False
    return value if isinstance(value, Unknown) else value in (None, "", True, LABELS[key][0])


def _known(pod: Any, route: tuple[str, ...]) -> Any:
    value = walk(pod, route)
    if isinstance(value, Unknown):
        raise UnknownValueError(value.reason)
    return value


FUNCTIONS: FunctionTable = {"capacity_type": (Overload((), capacity_type),)}
