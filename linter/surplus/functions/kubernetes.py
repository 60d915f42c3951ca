"""Functions about what belongs to a Kubernetes resource: `related(kind)`, and the records of those asked for most."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from surplus.expressions import FunctionTable, Overload, UnknownValueError, to_cel
from surplus.functions.lookups import agreed, agreed_record
from surplus.functions.relations import counts, records
from surplus.functions.scope import RuleScope, reach
from surplus.model import Resource, Route, Unknown
from surplus.sources.kubernetes.fit import kind_of
from surplus.sources.kubernetes.nearness import all_nearest, by_address, folder
from surplus.sources.kubernetes.references import AUTOSCALERS, WITH_PODS, is_kind, same_namespace

NO_AUTOSCALER = {"name": None, "kind": None, "min": None, "max": None, "paused": None}
PAUSED = "autoscaling.keda.sh/paused"
PAUSED_AT = "autoscaling.keda.sh/paused-replicas"
LIMIT_FIELDS = ("cpu", "memory", "cpu_limit", "memory_limit", "max_cpu_ratio", "max_memory_ratio")
UPDATE_MODE = ("spec", "updatePolicy", "updateMode")
STOPPED_BY = ("downscaler/", "sablier.")
"""How annotations and labels begin of tools that stop workloads and start them again."""

LIMIT_PARTS = ("defaultRequest", "default", "max", "min")
"""What the API server takes a container's default request from, in this order."""

RANGES: Mapping[str, tuple[Route, Route]] = {
    "HorizontalPodAutoscaler": (("spec", "minReplicas"), ("spec", "maxReplicas")),
    "HTTPScaledObject": (("spec", "replicas", "min"), ("spec", "replicas", "max")),
    "ScaledObject": (("spec", "minReplicaCount"), ("spec", "maxReplicaCount")),
}
"""Where autoscalers say the least and the most pods."""


def related(scope: RuleScope, kind: str) -> list[dict[str, Any]]:
    """The resources of a kind that belong to this one, sorted by address; `Workload` stands for every kind with pods.

    An autoscaler and its target; a PodDisruptionBudget or Service and the workloads it selects; a claim and the
    workloads that mount it; a claim or StatefulSet and its StorageClass; a workload and its PriorityClass,
    RuntimeClass and the Karpenter pools it may run on; an Ingress or Gateway and its class; a namespace, its
    LimitRanges and ResourceQuotas, and what they hold for.
    """
    return records(scope, belonging(scope, kind))


def belonging(scope: RuleScope, *kinds: str) -> list[Resource]:
    """The resources of some kinds that belong to this one. One of which that is not known may: the engine judges
    without and with it.
    """
    relations = scope.world.relations
    reason = relations.unsure.get(scope.resource) or relations.crowded(scope.resource, kinds)
    if reason is not None:
        raise UnknownValueError(reason)
    found = [one for kind in kinds for one in relations.related(scope.resource, kind)]
    found = [one for one in found if counts(scope, one, True)]
    doubtful = {**relations.unsure_of(kinds), **relations.perhaps(scope.resource)}
    for other, why in doubtful.items():
        if any(is_kind(other, kind) for kind in kinds) and counts(scope, other, Unknown(why)):
            found.append(other)
    return found


def autoscaler(scope: RuleScope) -> dict[str, Any]:
    """The HPA, ScaledObject or HTTPScaledObject that targets this workload: name, kind, min (KEDA's idleReplicaCount
    where it has one), max, paused; all null without one. Of several that are equally near only what they agree on is
    known.
    """

    def read(one: Resource) -> dict[str, Any]:
        return {
            "name": _value(one, "metadata", "name"),
            "kind": one.type,
            "min": fewest(one),
            "max": _value(one, *RANGES[one.type][1]),
            "paused": _pause(one),
        }

    return _shown(scope, agreed_record(scalers(scope), read) or NO_AUTOSCALER)


def scalers(scope: RuleScope) -> list[Resource]:
    """The autoscaler that sets the number of this workload's pods, as changed; all that may stand in its place."""
    return [scope.world.now(one) for one in _alternatives(scope, *AUTOSCALERS)]


def _alternatives(scope: RuleScope, *kinds: str) -> list[Resource]:
    """The nearest resource of some kinds that belongs to this one, and what may stand in its place: what is in another
    folder, equally near, or has its name. Of others in one folder, which act together, the first counts.
    """
    first: dict[str, str] = {}
    found = all_nearest(scope.resource, belonging(scope, *kinds))
    return [one for one in found if first.setdefault(folder(one), one.address) == one.address]


def fewest(found: Resource) -> Any:
    """The fewest pods that an autoscaler keeps; None where nothing says it. KEDA goes below its minimum, to the
    idleReplicaCount, while no trigger is active: https://keda.sh/docs/latest/reference/scaledobject-spec/
    """
    idle = _value(found, "spec", "idleReplicaCount") if found.type == "ScaledObject" else None
    return _value(found, *RANGES[found.type][0]) if idle is None else idle


def paused(found: Resource) -> bool:
    """Whether KEDA's annotations keep an autoscaler from scaling; raises `UnknownValueError` where they may."""
    return bool(_known(_pause(found)))


def _pause(found: Resource) -> bool | Unknown:
    if found.type == "HorizontalPodAutoscaler":
        return False  # which KEDA's annotations do not concern
    written = reach(found.values, ("metadata", "annotations"), "")
    entries = dict(written.entries) if isinstance(written, Unknown) else written if isinstance(written, dict) else {}
    at, flag = entries.get(PAUSED_AT), entries.get(PAUSED)
    if any(one is not None and not isinstance(one, Unknown) for one in (at, None if flag == "false" else flag)):
        return True
    return next((one for one in (at, flag, written) if isinstance(one, Unknown)), False)


def stopped(scope: RuleScope) -> bool:
    """Whether this workload, or every workload that belongs to this resource, is written with 0 replicas and nothing is
    seen that would start it: no autoscaler, no Rollout that runs its pods, no tool that stops workloads by the clock.
    """
    own = scope.resource.type in WITH_PODS
    workloads = [scope.resource] if own else belonging(scope, "Workload")
    return bool(workloads) and all(_stopped(scope, one) for one in workloads)


def _stopped(scope: RuleScope, workload: Resource) -> bool:
    written = _value(scope.world.now(workload), "spec", "replicas")
    if isinstance(written, bool) or written != 0:
        return False
    relations, around = scope.world.relations, RuleScope(workload, scope.world, include=True)
    if belonging(around, *AUTOSCALERS) or relations.related(workload, "Rollout"):
        return False
    for part in ("annotations", "labels"):
        marks = _value(workload, "metadata", part)
        if isinstance(marks, dict) and any(str(name).startswith(STOPPED_BY) for name in marks):
            return False
    sleeping = scope.world.by_type.get("SleepInfo", ())
    return not any(same_namespace(workload, one) for one in sleeping)


def vertical_autoscaler(scope: RuleScope) -> dict[str, Any]:
    """The VerticalPodAutoscaler of this workload: name and update mode (Auto where unset); both null without one.
    An `Off` without quotes is false in YAML, which is no mode: then it is not decided.
    """

    def read(one: Resource) -> dict[str, Any]:
        mode = _value(one, *UPDATE_MODE)
        return {"name": _value(one, "metadata", "name"), "mode": "Auto" if mode is None else mode}

    return _shown(scope, agreed_record(_vertical(scope), read) or {"name": None, "mode": None})


def resized(scope: RuleScope) -> bool:
    """Whether a VerticalPodAutoscaler acts on this workload."""
    return bool(agreed(_vertical(scope), lambda one: _value(one, *UPDATE_MODE) != "Off"))


def _vertical(scope: RuleScope) -> list[Resource]:
    return _alternatives(scope, "VerticalPodAutoscaler")


def autosized(scope: RuleScope, container: str | None, name: str) -> bool:
    """Whether a VerticalPodAutoscaler sets the request of a container of this workload for `cpu` or `memory`: one whose
    mode is not Off, with the policy for that container or else that for `*`, if any, leaving neither out.
    """
    return bool(agreed(_vertical(scope), lambda one: _sets(one, container, name)))


def _sets(found: Resource, container: str | None, name: str) -> bool:
    if _value(found, *UPDATE_MODE) == "Off":
        return False
    policies = _items(reach(found.values, ("spec", "resourcePolicy", "containerPolicies"), ""))
    names = [_known(reach(one, ("containerName",), "containerPolicies")) for one in policies]
    wanted = next((one for one in (container, "*") if one in names), None)
    if wanted is None:
        return True
    policy = policies[names.index(wanted)]
    if _known(reach(policy, ("mode",), "containerPolicies")) == "Off":
        return False
    return name in (_items(reach(policy, ("controlledResources",), "containerPolicies")) or ("cpu", "memory"))


def scale_target(scope: RuleScope) -> dict[str, Any]:
    """The workload this autoscaler moves: kind and name; both null where it is not in the scan."""
    found = scale_targets(scope)
    if not found:
        return {"kind": None, "name": None}
    return {"kind": found[0].type, "name": _value(found[0], "metadata", "name")}


def scale_targets(scope: RuleScope) -> Sequence[Resource]:
    """The workload this autoscaler moves: the copies of it that are equally near. Of one that may be it the engine
    judges without and with it.
    """
    belonging(scope)  # what it names may not be known
    found = scope.world.relations.scale_targets(scope.resource)
    if found:
        return found
    perhaps = scope.world.relations.perhaps(scope.resource)
    return [one for one in by_address(perhaps) if one.type in WITH_PODS and counts(scope, one, Unknown(perhaps[one]))]


def budget(scope: RuleScope) -> dict[str, Any]:
    """The PodDisruptionBudget over this workload's pods: name, minAvailable, maxUnavailable; null without one."""

    def read(one: Resource) -> dict[str, Any]:
        return {
            "name": _value(one, "metadata", "name"),
            "minAvailable": _value(one, "spec", "minAvailable"),
            "maxUnavailable": _value(one, "spec", "maxUnavailable"),
        }

    found = _alternatives(scope, "PodDisruptionBudget")
    return _shown(scope, agreed_record(found, read) or dict.fromkeys(("name", "minAvailable", "maxUnavailable")))


def limit_range(scope: RuleScope) -> dict[str, Any]:
    """What LimitRanges of the namespace give a container that says nothing: request and limit of cpu and memory,
    and the largest ratio of limit to request they allow. A request that two of them give differently is not known.
    """
    return _shown(scope, namespace_limits(scope))


def namespace_limits(scope: RuleScope) -> dict[str, Any]:
    """The same record, with unknowns in it."""
    result: dict[str, Any] = dict.fromkeys(LIMIT_FIELDS)
    first: dict[str, Resource] = {}
    for resource in belonging(scope, "LimitRange"):
        for limit in _containers_limits(scope.world.now(resource)):
            for name in ("cpu", "memory"):
                given: str | Unknown | None = next(
                    filter(None, (_entry(limit, part, name) for part in LIMIT_PARTS)), None
                )
                if given is not None and result[name] not in (None, given):
                    both = f"{first[name].address} and {resource.address}"
                    given = Unknown(f"{both} give different {name} requests, and nothing says which is asked first")
                if isinstance(given, Unknown) or result[name] is None:
                    result[name] = given
                    first.setdefault(name, resource)
                limited = (_entry(limit, part, name) for part in ("default", "max"))
                result[f"{name}_limit"] = result[f"{name}_limit"] or next(filter(None, limited), None)
                ratio = _entry(limit, "maxLimitRequestRatio", name)
                result[f"max_{name}_ratio"] = result[f"max_{name}_ratio"] or ratio
    return result


def _containers_limits(resource: Resource) -> Iterator[dict[str, Any]]:
    """What a LimitRange says of containers; not decided where it is written in a way that the API refuses."""
    limits = _known(reach(resource.values, ("spec", "limits"), ""))
    for limit in limits or ():
        if _known(reach(limit, ("type",), "spec.limits")) == "Container":
            yield limit


def _entry(limit: dict[str, Any], part: str, name: str) -> str | None:
    value = _known(reach(limit, (part, name), "spec.limits"))
    if isinstance(value, bool) or not isinstance(value, str | int | float | None):
        raise UnknownValueError(f"{part}.{name} is {kind_of(value)}, not a quantity")
    return None if value is None else str(value)


def _known(value: Any) -> Any:
    if isinstance(value, Unknown):
        raise UnknownValueError(value.reason)
    return value


def _items(value: Any) -> list[Any]:
    """The items of a list, none where it is unset."""
    value = _known(value)
    if not isinstance(value, list | None):
        raise UnknownValueError(f"{kind_of(value)} stands where a list belongs")
    return value or []


def _value(resource: Resource, *route: str | int) -> Any:
    return to_cel(_known(reach(resource.values, route, resource.address)))


def _shown(scope: RuleScope, record: dict[str, Any]) -> dict[str, Any]:
    """A record as CEL takes it: what is not known in it is left out, and noted."""
    block: dict[str, Any] = to_cel([record], dropped=scope.dropped)[0]
    return block


FUNCTIONS: FunctionTable = {
    "autoscaler": (Overload((), autoscaler),),
    "autosized": (Overload(("string", "string"), autosized), Overload(("null", "string"), autosized)),
    "budget": (Overload((), budget),),
    "limit_range": (Overload((), limit_range),),
    "related": (Overload(("string",), related),),
    "scale_target": (Overload((), scale_target),),
    "stopped": (Overload((), stopped),),
    "vertical_autoscaler": (Overload((), vertical_autoscaler),),
}
