"""How pods fill nodes: what init containers make a pod ask for, how many pods a budget is over, how pods
fill nodes that are alike.
"""

import math
from dataclasses import replace
from typing import Any

from surplus.expressions import FunctionTable, Overload, UnknownValueError
from surplus.functions.containers import is_sidecar
from surplus.functions.kubernetes import belonging
from surplus.functions.pods import replicas
from surplus.functions.requests import requests
from surplus.functions.scope import RuleScope, pod_of, reach
from surplus.model import Resource, Route, Unknown
from surplus.sources.kubernetes.references import WITH_PODS
from surplus.sources.kubernetes.selectors import selects as matches

NO_FILL = dict.fromkeys(("pods", "resource", "used", "others"))


def init_turn(scope: RuleScope, name: str) -> dict[str, float]:
    """What the pod asks for at the turn of this init container, where no other has one: by how much that is `over` what
    it asks for `after`, when it runs. CPU in cores, memory in GiB.
    """
    containers = reach(scope.values, (*scope.pod, "initContainers"), "")
    before = containers if isinstance(containers, list) else []
    turn = before[scope.item_route[-1]] if isinstance(scope.item_route[-1], int) else None
    after = requests(_with_init(scope, [one for one in before if is_sidecar(one)]), name)
    if is_sidecar(turn):
        return {"over": 0.0, "after": after}
    with_turn = [one for one in before if one is turn or is_sidecar(one)]
    return {"over": requests(_with_init(scope, with_turn), name) - after, "after": after}


def _with_init(scope: RuleScope, containers: list[Any]) -> RuleScope:
    """The same workload with other init containers."""
    values = _set(scope.values, (*scope.pod, "initContainers"), containers)
    changed = {**scope.world.changed, scope.resource: replace(scope.resource, values=values)}
    return replace(scope, world=scope.world.with_changes(changed))


def _set(values: Any, route: Route, value: Any) -> Any:
    return value if not route else {**values, route[0]: _set(values[route[0]], route[1:], value)}


def selected_replicas(scope: RuleScope) -> float:
    """How many pods the workloads have at least that a PodDisruptionBudget selects."""
    return math.fsum(_replicas_of(one, scope) for one in belonging(scope, "Workload"))


def _replicas_of(workload: Resource, scope: RuleScope) -> float:
    around = RuleScope(workload, scope.world, pod=pod_of(workload), include=scope.include)
    found = replicas(around)
    scope.maybe = scope.maybe or around.maybe
    return found


def selects(scope: RuleScope, selector: dict[str, Any]) -> bool:
    """Whether a label selector, as the expression has it, matches this workload's own pods."""
    labels = reach(scope.values, (*scope.pod[:-1], "metadata", "labels"), "")
    if isinstance(labels, Unknown):
        raise UnknownValueError(labels.reason)
    return matches(selector, labels if isinstance(labels, dict) else {})


def node_fill(scope: RuleScope) -> dict[str, Any]:
    """How this workload's pods fill nodes that are all alike: how many `pods` fit on one, the `resource` that lets no
    further one on (`cpu` or `memory`), what share of the node's they have `used`, and whether the `others` of the root
    ask for as much of it as is left on its nodes, by pods that fit there. Nulls where the nodes are not all alike, not
    all known, or too small.

    What the system takes of a node is not known, so that the pods are at most these.
    """
    node = scope.world.nodes.record()
    if scope.world.nodes.incomplete or None in (node["vcpus"], node["gib"], node["count"]):
        return NO_FILL
    size = {"cpu": node["vcpus"], "memory": node["gib"]}
    asked = {name: requests(scope, name) for name in size}
    fitting = {name: math.floor(size[name] / asked[name]) for name in size if asked[name] > 0}
    if not fitting or min(fitting.values()) < 1:
        return NO_FILL
    resource = min(fitting, key=lambda name: (fitting[name], -asked[name] / size[name]))
    pods = fitting[resource]
    left = {name: size[name] - pods * asked[name] for name in size}
    return {
        "pods": float(pods),
        "resource": resource,
        "used": pods * asked[resource] / size[resource],
        "others": _others_fill(scope, left, resource, left[resource] * math.ceil(replicas(scope) / pods)),
    }


def _others_fill(scope: RuleScope, left: dict[str, float], resource: str, wanted: float) -> bool:
    """Whether pods of other workloads that fit into what is *left* of a node ask for as much as is *wanted*; not
    decided where that hangs on pods of which it is not known.
    """
    unknown = None
    for one in (one for kind in sorted(WITH_PODS) for one in scope.world.by_type.get(kind, ())):
        around = RuleScope(one, scope.world, pod=pod_of(one))
        if one is scope.resource:
            continue
        try:
            asked = {name: requests(around, name) for name in left}
            if all(asked[name] <= left[name] for name in left):
                wanted -= asked[resource] * replicas(around)
        except UnknownValueError as error:
            unknown = unknown or f"{one.address}: {error}"
        if wanted <= 0:
            return True
    if unknown is not None:
        raise UnknownValueError(f"what else runs on its nodes is not known: {unknown}")
    return False


FUNCTIONS: FunctionTable = {
    "init_turn": (Overload(("string",), init_turn),),
    "node_fill": (Overload((), node_fill),),
    "selected_replicas": (Overload((), selected_replicas),),
    "selects": (Overload(("map",), selects), Overload(("null",), lambda _, __: False)),
}
