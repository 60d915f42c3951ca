"""How pods fill nodes: what init containers make a pod ask for, how many pods a budget is over, which pods keep off
each other.
"""

import math
from dataclasses import replace
from typing import Any

from surplus.expressions import FunctionTable, Overload, UnknownValueError
from surplus.functions.kubernetes import belonging
from surplus.functions.pods import replicas
from surplus.functions.requests import requests
from surplus.functions.scope import RuleScope, pod_of, reach
from surplus.model import Resource, Route, Unknown
from surplus.sources.kubernetes.selectors import selects as matches

NO_PEAK = {"container": None, "over": 0.0}


def init_peak(scope: RuleScope, name: str) -> dict[str, Any]:
    """The init container at whose turn the pod asks for more than when it runs, of several the first of those that
    make it ask for the most: `container`, and by how much it is `over` what runs. CPU in cores, memory in GiB; null
    and 0 where no turn asks for more.
    """
    containers = reach(scope.values, (*scope.pod, "initContainers"), "")
    before = containers if isinstance(containers, list) else []
    staying = [one for one in before if _stays(one)]
    if len(staying) == len(before):
        return NO_PEAK
    whole = requests(scope, name)
    over = whole - requests(_with_init(scope, staying), name)
    for turn in before if over > 0 else ():
        if (
            not _stays(turn)
            and requests(_with_init(scope, [one for one in before if one is turn or _stays(one)]), name) == whole
        ):
            return {"container": turn.get("name"), "over": over}
    return NO_PEAK


def _stays(container: Any) -> bool:
    """Whether an init container goes on running beside the others."""
    return not isinstance(container, dict) or container.get("restartPolicy") == "Always"


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


FUNCTIONS: FunctionTable = {
    "init_peak": (Overload(("string",), init_peak),),
    "selected_replicas": (Overload((), selected_replicas),),
    "selects": (Overload(("map",), selects), Overload(("null",), lambda _, __: False)),
}
