"""Functions about what an autoscaler moves: what stands beside it, what its pods request, what they cost."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from surplus.catalog.keda_queues import keda_queues
from surplus.catalog.quorum import needs_majority
from surplus.expressions import FunctionTable, Overload, UnknownValueError
from surplus.functions.admission import injected
from surplus.functions.containers import image_of, known_parts, running_pod, shown_name, staying_containers
from surplus.functions.kubernetes import namespace_limits, resized, scale_targets
from surplus.functions.lookups import agreed
from surplus.functions.relations import counts, records
from surplus.functions.scope import RuleScope, World, pod_of, reach
from surplus.model import Resource, Unknown
from surplus.sources.kubernetes.nearness import folders
from surplus.sources.kubernetes.references import TARGETS, WITH_PODS, metadata_text

ALIKE = ("Deployment", "ReplicaSet", "ReplicationController", "Rollout")
"""The kinds whose pods stand for each other."""

MOST_ALONGSIDE = 30
"""How many others are given at most, so that judging many that name one workload stays cheap."""

_COPIES = re.compile(
    r"replication[-_.]factor['\"]?(?:=|: |, )(?:'value': )?['\"]?(?:[2-9]|[1-9][0-9])\b", re.IGNORECASE
)
"""A setting by which members keep each other's data: `--receive.replication-factor=3`."""

_OF_MEMBERS = re.compile(
    r"peer|member|join|seed|quorum|voter|ensemble|initial[-_.]?cluster|replication|nodes|servers|hosts|brokers",
    re.IGNORECASE,
)
"""How settings are called that may name members or a number of copies; what others say does not matter."""

_FLAG = re.compile(r"--?\w[\w.-]+")
"""An argument that says what the next one is."""


def alongside(scope: RuleScope, kind: str) -> list[dict[str, Any]]:
    """The resources of a kind that belong to the workload which this autoscaler moves, sorted by address, at most the
    first thirty; of a workload that is not in the scan other autoscalers that name it.

    Of other autoscalers those in its own folder or in the workload's: `dev/` and `prod/` may each hold one for the same
    base, and are never applied together. One of the same kind and name is another version of itself.
    """
    targets = _targets(scope)
    if targets:
        return records(scope, agreed(targets, lambda one: _alongside(scope, one, kind)) or ())
    return records(scope, _alongside(scope, None, kind))


def _alongside(scope: RuleScope, target: Resource | None, kind: str) -> list[Resource]:
    own, relations = folders(scope.resource), scope.world.relations
    base = None if target is None else folders(target)
    if target is None:
        known = [one for one in relations.of_same_target(scope.resource) if one.type == kind]
    else:
        known = relations.related(target, kind)
    found = []
    for one in known:
        if one is scope.resource or (one.type == scope.resource.type and _name(one) == _name(scope.resource)):
            continue
        if one.type in TARGETS and own not in (base, folders(one)) and folders(one) != base:
            continue
        if counts(scope, one, True):
            found.append(one)
        if len(found) == MOST_ALONGSIDE:
            break
    return found


def unrequested(scope: RuleScope, name: str) -> list[str]:
    """The containers, of the workload that this autoscaler moves, that request nothing of a resource: `cpu`, `memory`.

    A limit alone, the pod's own request, a LimitRange's default or a VerticalPodAutoscaler that acts gives a request.
    Of a Rollout that runs a Deployment's template those of the Deployment. Empty where the workload is not in the scan.
    """
    return agreed(_targets(scope), lambda target: _unrequested(scope, target, name)) or []


def _unrequested(scope: RuleScope, target: Resource, name: str) -> list[str]:
    around = RuleScope(target, scope.world, include=scope.include, pod=pod_of(target))
    pod = running_pod(around)
    given = _asks(pod, name) or namespace_limits(around).get(name) is not None
    given = given or resized(around)
    found = [] if given else [shown_name(one) for one in staying_containers(pod) if not _asks(one, name)]
    found = [] if found and injected(around, name) else found
    scope.maybe = scope.maybe or around.maybe
    return found


def _asks(container: dict[str, Any], name: str) -> bool:
    """Whether a container, or a pod as a whole, has a request or a limit, which is one too."""
    for part in ("requests", "limits"):
        value = reach(container, ("resources", part, name), "")
        if isinstance(value, Unknown) and value.nullable:
            raise UnknownValueError(value.reason)
        if value is not None:
            return True
    return False


def quorum(scope: RuleScope) -> bool:
    """Whether the workload, or the one this autoscaler moves, is known to need several members: its image is of
    software whose members vote or share the data, or its configuration names its own pods one by one (`db-0.db`) or
    asks for several copies of the data. Not decided for a StatefulSet or custom resource that is not in the scan, and
    where nothing known says it but the image or a setting that may is unknown.
    """
    workloads = [scope.resource] if scope.resource.type in WITH_PODS else _targets(scope)
    if not workloads:
        kind = reach(scope.values, (*TARGETS.get(scope.resource.type, ()), "kind"), "")
        if kind not in (None, *ALIKE):
            raise UnknownValueError("the workload is not in the scan")
        return False
    return bool(agreed(workloads, lambda one: _votes(scope.world, scope.world.now(one))))


def _votes(world: World, workload: Resource) -> bool:
    pod, first = reach(workload.values, pod_of(workload), ""), f"{_name(workload)}-0"
    if isinstance(pod, Unknown):
        raise UnknownValueError(pod.reason)
    doubts: list[Unknown] = []
    for one in staying_containers(pod) if isinstance(pod, dict) else []:
        image = image_of(world, one)
        settings = repr(known_parts([one.get(key) for key in ("command", "args", "env")]))
        if first in settings or _COPIES.search(settings):
            return True
        if isinstance(image, Unknown):
            doubts.append(image)
        elif needs_majority(str(image)):
            return True
        doubts += _unknown_settings(one)
    if doubts:
        raise UnknownValueError(doubts[0].reason)
    return False


def _unknown_settings(container: dict[str, Any]) -> Iterator[Unknown]:
    """What is unknown of how a container is started and may be about members."""
    for key in ("command", "args"):
        before: Any = None
        written = container.get(key)
        for one in written if isinstance(written, list) else [written]:
            if isinstance(one, Unknown) and _of_members(before, one):
                yield one
            before = one
    env = container.get("env")
    for entry in env if isinstance(env, list) else [env]:
        name, value = (entry.get("name"), entry.get("value")) if isinstance(entry, dict) else (entry, entry)
        if isinstance(value, Unknown) and (isinstance(name, Unknown) or _OF_MEMBERS.search(str(name))):
            yield value


def _of_members(before: Any, argument: Unknown) -> bool:
    """Whether an argument may be about members: what is known of it and the flag before it do not say otherwise."""
    flag = before if isinstance(before, str) and _FLAG.fullmatch(before) else ""
    words = argument.begins.split(" ")
    said = words[-1] if len(words) > 1 else flag + words[0]
    return not said.strip("-") or _OF_MEMBERS.search(said) is not None


def queue(_: RuleScope, trigger: str) -> bool:
    """Whether a KEDA trigger type counts work that waits: a queue, a stream or the like."""
    return trigger in keda_queues()


def target_cost(scope: RuleScope) -> float:
    """USD a month of the workload that this autoscaler moves, as written; not decided where that is not known."""
    targets = _targets(scope)
    if not targets:
        raise UnknownValueError("the workload is not in the scan")
    for one in targets:
        scope.world.now(one)
    found = agreed(targets, scope.world.money.cost) if scope.world.money else None
    if found is None:
        raise UnknownValueError(f"what {targets[0].address} costs is not known")
    return found


def _targets(scope: RuleScope) -> Sequence[Resource]:
    reference = reach(scope.resource.values, (*TARGETS.get(scope.resource.type, ()), "name"), "")
    if isinstance(reference, Unknown) and reference.text is None:
        raise UnknownValueError(reference.reason)
    return scale_targets(scope)


def _name(resource: Resource) -> str:
    return metadata_text(resource, "name")


FUNCTIONS: FunctionTable = {
    "alongside": (Overload(("string",), alongside),),
    "queue": (Overload(("string",), queue), Overload(("null",), lambda *_: False)),
    "quorum": (Overload((), quorum),),
    "target_cost": (Overload((), target_cost),),
    "unrequested": (Overload(("string",), unrequested),),
}
