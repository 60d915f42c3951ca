"""What runs through nights and weekends outside of production: `awake()`, `asleep_saving(60.0)`.

Told once for each namespace and environment: at the Namespace where the scan has it, else at the first workload.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from surplus.expressions import FunctionTable, Overload, UnknownValueError
from surplus.functions.containers import known_parts
from surplus.functions.kubernetes import fewest, paused, scalers
from surplus.functions.lookups import agreed
from surplus.functions.pods import replicas
from surplus.functions.scope import RuleScope, World, pod_of, reach
from surplus.model import Resource, Unknown, unknowns, walk
from surplus.sources.kubernetes.references import metadata_text, namespace_of, same_namespace

SLEEPERS = ("Deployment", "ReplicaSet", "ReplicationController", "Rollout", "StatefulSet")
"""The kinds that can be scaled to zero and back."""

DOWNSCALER = "downscaler/"
"""How the annotations of kube-downscaler begin, on a Namespace or a workload."""


def awake(scope: RuleScope) -> list[str]:
    """The addresses of the workloads of this namespace that nothing takes away at night; none where another resource of
    the namespace tells of them. Not decided where what takes them away may be outside of the scan.
    """
    return [one.address for one in _awake(scope)]


def asleep_saving(scope: RuleScope, hours_per_week: float) -> float:
    """USD a month that those workloads cost less when they run only so many hours of the week: of those whose price is
    known. Not decided where none is.
    """
    money = scope.world.money
    found = [money.saved_by_hours(one, hours_per_week) for one in _awake(scope)] if money else []
    known = [one for one in found if one is not None]
    if not known:
        raise UnknownValueError("what its workloads request is not known")
    return sum(known)


def _awake(scope: RuleScope) -> list[Resource]:
    world, resource = scope.world, scope.resource
    if resource.type == "Namespace":
        spaces = [resource]
        workloads = [one for one in world.relations.related(resource, "Workload") if one.type in SLEEPERS]
    else:
        spaces, workloads = world.relations.related(resource, "Namespace"), _group(world, resource)
        if workloads[:1] != [resource] or any(_together(world, resource, one) for one in spaces):
            return []
    workloads = _once(one for one in workloads if _together(world, resource, one))
    clockwork = world.index("clockwork", _scheduled)
    if not workloads or clockwork is True or any(_told(world, one) for one in spaces):
        return []
    if any(same_namespace(workloads[0], one) for one in world.by_type.get("SleepInfo", ())):
        return []
    found = [one for one in workloads if _runs_on(world, one)]
    if found and isinstance(clockwork, Unknown):
        raise UnknownValueError(clockwork.reason)
    reason = world.evaluated.open_because(workloads[0]) if found else None
    if reason is not None:
        raise UnknownValueError(reason)
    return found


def _together(world: World, one: Resource, other: Resource) -> bool:
    """Whether two resources are of one environment."""
    verdicts = world.environment(one), world.environment(other)
    return verdicts[0].name == verdicts[1].name and not any(verdict.unknown for verdict in verdicts)


def _group(world: World, resource: Resource) -> list[Resource]:
    """The workloads that share the resource's namespace and environment, by place. Where no namespace is written, what
    is in one folder goes together.
    """
    return world.index("sleepers", _groups).get(_key(world, resource), [])


def _groups(world: World) -> dict[tuple[str, str], list[Resource]]:
    groups: dict[tuple[str, str], list[Resource]] = defaultdict(list)
    for one in (one for type_ in SLEEPERS for one in world.by_type.get(type_, ())):
        groups[_key(world, one)].append(one)
    return {key: _once(group) for key, group in groups.items()}


def _once(workloads: Iterable[Resource]) -> list[Resource]:
    """Sorted by place; of those with one kind and name, of which a namespace can hold but one, the first."""
    found: dict[tuple[str, str], Resource] = {}
    for one in sorted(workloads, key=lambda one: (one.location, one.address)):
        found.setdefault((one.type, metadata_text(one, "name")), one)
    return list(found.values())


def _key(world: World, resource: Resource) -> tuple[str, str]:
    place = namespace_of(resource) or f"{resource.location.path.rpartition('/')[0]}/"
    return place, world.environment(resource).name or ""


def _told(world: World, resource: Resource) -> bool:
    """Whether annotations tell kube-downscaler what to do with it, which may be nothing."""
    written = walk(world.now(resource).values, ("metadata", "annotations"))
    if isinstance(written, Unknown):
        raise UnknownValueError(written.reason)
    return isinstance(written, dict) and any(str(key).startswith(DOWNSCALER) for key in written)


def _scheduled(world: World) -> bool | Unknown:
    """Whether something in the root scales workloads by the clock: kube-downscaler, or a CronJob that runs kubectl. Of
    such a CronJob either may be known alone: that it runs kubectl, or that it scales.
    """
    jobs = [(repr(known_parts(parts)), parts) for parts in _started(world, "CronJob")]
    if any("downscaler" in repr(known_parts(parts)) for parts in _started(world, "Deployment")):
        return True
    if any("kubectl" in text and "scale" in text for text, _ in jobs):
        return True
    for text, (image, *arguments) in jobs:
        missing = [image] if "scale" in text else [one for _, one in unknowns(arguments)] if "kubectl" in text else []
        doubt = next((one for one in missing if isinstance(one, Unknown)), None)
        if doubt is not None:
            return doubt
    return False


def _started(world: World, type_: str) -> Iterator[list[Any]]:
    """Image, command and arguments of each container of a kind's workloads."""
    for one in world.by_type.get(type_, ()):
        containers = reach(one.values, (*pod_of(one), "containers"), "")
        for container in containers if isinstance(containers, list) else ():
            if isinstance(container, dict):
                yield [container.get(key) for key in ("image", "command", "args")]


def _runs_on(world: World, workload: Resource) -> bool:
    """Whether it has pods at night: not at zero, not told otherwise, no autoscaler takes the last away."""
    around = RuleScope(workload, world, pod=pod_of(workload))
    if agreed(scalers(around), _takes_all_away):
        return False
    return not _told(world, workload) and replicas(around) > 0


def _takes_all_away(autoscaler: Resource) -> bool:
    """Whether an autoscaler may leave no pod, or goes by the clock."""
    if autoscaler.type == "HorizontalPodAutoscaler":
        return False
    triggers = walk(autoscaler.values, ("spec", "triggers"))
    types = [walk(one, ("type",)) for one in (triggers if isinstance(triggers, list) else [triggers])]
    takes = fewest(autoscaler) == 0 or "cron" in types
    doubt = None if takes else next((one for one in types if isinstance(one, Unknown)), None)
    if not (takes or doubt) or paused(autoscaler):
        return False
    if doubt:
        raise UnknownValueError(doubt.reason)
    return True


FUNCTIONS: FunctionTable = {
    "asleep_saving": (Overload(("double",), asleep_saving),),
    "awake": (Overload((), awake),),
}
