"""Whether pods may run on the nodes of a Karpenter pool: node selectors, required affinity, taints.

https://kubernetes.io/docs/concepts/scheduling-eviction/ and https://karpenter.sh/docs/concepts/scheduling/
"""

from collections.abc import Iterator, Mapping
from typing import Any

from surplus.model import Resource, as_list, as_mapping, mappings_in, walk

CAPACITY_TYPE = "karpenter.sh/capacity-type"

_WELL_KNOWN = ("kubernetes.io/", "node.kubernetes.io/", "topology.kubernetes.io/", "karpenter.", "topology.")
"""Beginnings of labels that nodes have by themselves: a pool that says nothing of them may have any value."""

_FIELDS = {
    "NodePool": (("spec", "template", "metadata", "labels"), ("spec", "template", "spec")),
    "Provisioner": (("spec", "labels"), ("spec",)),
}
"""Where a pool's labels are, and what holds its requirements and taints."""

REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"
REQUIRED_TERMS = ("affinity", "nodeAffinity", REQUIRED, "nodeSelectorTerms")
"""Where a pod spec says what its nodes must be: one of these terms must hold."""

HOLD_PODS_OFF = ("NoSchedule", "NoExecute")
"""The effects of a taint that keep a pod without a toleration away."""


def may_run_on(pod: Mapping[str, Any], pool: Resource) -> bool:
    """Whether a pod spec lets its pods be placed on a pool's nodes; what is not well-formed does not stop them."""
    labels, inner = (walk(pool.values, route) for route in _FIELDS[pool.type])
    fixed = {"karpenter.sh/nodepool": walk(pool.values, ("metadata", "name")), **as_mapping(labels)}
    requirements = mappings_in(as_mapping(inner).get("requirements"))
    # What a Provisioner does not say of the capacity is On-Demand; a NodePool takes any, Spot before On-Demand.
    if not any(one.get("key") == CAPACITY_TYPE for one in requirements) and pool.type == "Provisioner":
        requirements = [*requirements, {"key": CAPACITY_TYPE, "operator": "In", "values": ["on-demand"]}]
    for key, value in as_mapping(pod.get("nodeSelector")).items():
        if not _offers(fixed, requirements, {"key": key, "operator": "In", "values": [value]}):
            return False
    terms = list(_terms(pod))
    if terms and not any(all(_offers(fixed, requirements, one) for one in term) for term in terms):
        return False
    tolerations = mappings_in(pod.get("tolerations"))
    taints = mappings_in(as_mapping(inner).get("taints"))
    return all(
        one.get("effect") not in HOLD_PODS_OFF
        or any(tolerates(other, one.get("key"), one.get("value"), one["effect"]) for other in tolerations)
        for one in taints
    )


def _terms(pod: Mapping[str, Any]) -> Iterator[list[dict[str, Any]]]:
    """The alternatives of the required node affinity, each a list of expressions that must all hold."""
    for term in mappings_in(walk(pod, REQUIRED_TERMS)):
        yield mappings_in(term.get("matchExpressions"))


def _offers(fixed: Mapping[str, Any], requirements: list[dict[str, Any]], wanted: Mapping[str, Any]) -> bool:
    """Whether some node of the pool meets one expression of a pod."""
    key, operator = wanted.get("key"), wanted.get("operator")
    values = {str(value) for value in as_list(wanted.get("values"))}
    if not isinstance(key, str):
        return True
    if fixed.get(key) is not None:
        return _meets(str(fixed[key]), operator, values)
    about = [one for one in requirements if one.get("key") == key]
    if not about:
        known = key.startswith(_WELL_KNOWN)
        return known or operator in ("NotIn", "DoesNotExist")
    for one in about:
        allowed = {str(value) for value in as_list(one.get("values"))}
        match one.get("operator"), operator:
            case "In", _:
                if not any(_meets(value, operator, values) for value in allowed):
                    return False
            case "NotIn", "In":
                if values <= allowed:
                    return False
            case "Exists", "DoesNotExist":
                return False
            case "DoesNotExist", ("In" | "Exists" | "Gt" | "Lt"):
                return False
    return True


def _meets(value: str, operator: Any, values: set[str]) -> bool:
    match operator:
        case "In":
            return value in values
        case "NotIn":
            return value not in values
        case "DoesNotExist":
            return False
    return True


def tolerates(toleration: Mapping[str, Any], key: Any, value: Any, effect: Any) -> bool:
    """Whether a toleration of a pod is for a taint."""
    if toleration.get("effect") not in (None, "", effect):
        return False
    if toleration.get("operator") == "Exists":
        return toleration.get("key") in (None, "", key)
    return toleration.get("key") == key and str(toleration.get("value") or "") == str(value or "")
