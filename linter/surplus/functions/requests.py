"""What the scheduler sets aside for one pod: `requests(name)`, `gpus()`; in words: `reservation(pods)`.

The sum follows https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/#resource-sharing-within-containers
and https://kubernetes.io/docs/concepts/scheduling-eviction/pod-overhead/; the defaults
https://kubernetes.io/docs/concepts/policy/limit-range/ and
https://kubernetes.io/docs/tasks/configure-pod-container/assign-pod-level-resources/.
"""

from typing import Any

from surplus.expressions import FunctionTable, Overload, UnknownValueError
from surplus.functions.containers import containers_of, is_sidecar, running_pod, shown_name
from surplus.functions.kubernetes import namespace_limits
from surplus.functions.lookups import named
from surplus.functions.scope import RuleScope, reach
from surplus.model import Unknown
from surplus.sources.kubernetes.quantities import cpu_cores, gibibytes, parse_quantity

READ = {"cpu": cpu_cores, "memory": gibibytes, "ephemeral-storage": gibibytes}
NEEDED = ("cpu", "memory")
"""What every container takes of, so that a missing request says nothing; of anything else it is none."""

GPUS = ("nvidia.com/gpu", "amd.com/gpu", "gpu.intel.com/i915", "gpu.intel.com/xe")
"""Resources of which one is a whole GPU."""

SLICES = ("nvidia.com/mig-", "nvidia.com/gpu.shared", "gpu.intel.com/i915_")
"""How resources begin that are parts of a GPU."""


def requests(scope: RuleScope, name: str) -> float:
    """What one pod requests of a resource: CPU in cores, memory and ephemeral storage in GiB, else a number; not
    decided where a container asks for no CPU or memory.
    """
    pod = _pod(scope)
    overhead = _quantity(_overhead(scope, pod), name) or 0.0
    whole = _entry(pod, "resources")
    asked = _quantity(_entry(whole, "requests"), name)
    if asked is not None:
        return asked + overhead
    limit = _quantity(_entry(whole, "limits"), name)
    if limit is None:
        default = namespace_limits(scope)[name] if name in NEEDED else None
        return _containers_request(pod, name, default, strict=name in NEEDED) + overhead
    # Of a pod with a limit of its own the containers' requests count where one has any, else the limit; that is decided
    # before the LimitRange is looked at.
    anything = any(_asked(one, name, None) is not None for one in containers_of(pod))
    return (_containers_request(pod, name, None, strict=False) if anything else limit) + overhead


def reservation(scope: RuleScope, pods: float) -> str:
    """What so many pods request of CPU and memory, in words: `4.5 CPU and 18 GiB`. One of which nothing is known is
    left out; not decided where that is both.
    """
    words, reason = [], ""
    for name, unit in (("cpu", "CPU"), ("memory", "GiB")):
        try:
            words.append(f"{round(requests(scope, name) * pods, 3):,g} {unit}")
        except UnknownValueError as error:
            reason = str(error)
    if not words:
        raise UnknownValueError(reason)
    return " and ".join(words)


def gpus(scope: RuleScope) -> float:
    """How many whole GPUs one pod asks for; not decided where it asks for parts of one, or by a claim."""
    pod = _pod(scope)
    if _entry(pod, "resourceClaims"):
        raise UnknownValueError("what its resource claims take of devices is not known")
    for container in containers_of(pod):
        limits = _entry(_entry(container, "resources"), "limits")
        for name in limits if isinstance(limits, dict) else ():
            if name.startswith(SLICES):
                raise UnknownValueError(f"what {name} is of a GPU is not known")
    return sum(requests(scope, name) for name in GPUS)


def _pod(scope: RuleScope) -> dict[str, Any]:
    pod = running_pod(scope)
    if not pod.get("containers"):
        raise UnknownValueError("its pod spec has no containers")
    return pod


def _overhead(scope: RuleScope, pod: dict[str, Any]) -> Any:
    """What the sandbox takes: as written, else as the RuntimeClass says, whose admission writes it."""
    written = _entry(pod, "overhead")
    runtime = _entry(pod, "runtimeClassName")
    if written is not None or runtime is None:
        return written
    if isinstance(runtime, Unknown):
        raise UnknownValueError(runtime.reason)
    found = named(scope, "RuntimeClass", runtime)
    return None if found is None else reach(found.values, ("overhead", "podFixed"), "")


def _containers_request(pod: dict[str, Any], name: str, default: Any, strict: bool) -> float:
    """The sum over containers and sidecars, or what one init container needs at its turn beside the sidecars before
    it, whichever is more. Where it is *strict*, every container and sidecar must ask for something.
    """
    running, peak = 0.0, 0.0
    for container in containers_of(pod, "initContainers"):
        stays = is_sidecar(container)
        needed = _needed(container, name, default, strict and stays)
        peak = max(peak, running + needed)
        running += needed if stays else 0.0
    for container in containers_of(pod, "containers"):
        running += _needed(container, name, default, strict)
    return max(running, peak)


def _needed(container: dict[str, Any], name: str, default: Any, strict: bool) -> float:
    asked = _asked(container, name, default)
    if asked is None and strict:
        raise UnknownValueError(f"container {shown_name(container)} has no {name} request")
    return asked or 0.0


def _asked(container: dict[str, Any], name: str, default: Any) -> float | None:
    """The request, else the limit, which the API server takes for it first, else the default of the namespace."""
    resources = _entry(container, "resources")
    for part in ("requests", "limits"):
        asked = _quantity(_entry(resources, part), name)
        if asked is not None:
            return asked
    return _quantity({name: default}, name)


def _entry(values: Any, key: str) -> Any:
    return values.get(key) if isinstance(values, dict) else values if isinstance(values, Unknown) else None


def _quantity(values: Any, name: str) -> float | None:
    value = _entry(values, name)
    if isinstance(value, Unknown):
        raise UnknownValueError(value.reason)
    if value is None:
        return None
    try:
        return READ[name](value) if name in READ else float(parse_quantity(value))
    except ValueError as error:
        raise UnknownValueError(str(error)) from None


FUNCTIONS: FunctionTable = {
    "gpus": (Overload((), gpus),),
    "requests": (Overload(("string",), requests),),
    "reservation": (Overload(("double",), reservation),),
}
