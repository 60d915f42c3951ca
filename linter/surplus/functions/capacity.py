"""What a workload takes of its cluster: requests of its pods, their number, the price keys of volumes and balancers."""

from collections.abc import Iterator
from typing import Any

from surplus.expressions import FunctionTable, Overload, UnknownValueError
from surplus.functions.kubernetes import autoscaler, limit_range
from surplus.functions.scope import RuleScope, reach
from surplus.model import Resource, Unknown
from surplus.sources.kubernetes.quantities import cpu_cores, gibibytes

READ = {"cpu": cpu_cores, "memory": gibibytes}

DEFAULT_CLASS = "storageclass.kubernetes.io/is-default-class"


def requests(scope: RuleScope, name: str) -> float:
    """What the scheduler sets aside for one pod: CPU in cores, memory in GiB; not decided where a container asks for
    nothing.

    The sum over containers and restartable init containers, or what one init container needs at its turn, whichever
    is more, plus the pod's overhead. A request that is not written is the limit, else the LimitRange's default.
    https://kubernetes.io/docs/concepts/workloads/pods/init-containers/#resource-sharing-within-containers
    """
    pod = reach(scope.values, scope.pod, "")
    if not isinstance(pod, dict):
        raise UnknownValueError(pod.reason if isinstance(pod, Unknown) else "it has no pod spec")
    overhead = _quantity(_entry(pod, "overhead"), name) or 0.0
    whole = _quantity(_entry(_entry(pod, "resources"), "requests"), name)
    if whole is not None:
        return whole + overhead
    default = limit_range(scope)[name]
    running, peak = 0.0, 0.0
    for container in _containers(pod, "initContainers"):
        needed = _asked(container, name, default) or 0.0
        peak = max(peak, running + needed)
        running += needed if container.get("restartPolicy") == "Always" else 0.0
    for container in _containers(pod, "containers"):
        asked = _asked(container, name, default)
        if asked is None:
            raise UnknownValueError(f"container {container.get('name')} has no {name} request")
        running += asked
    return max(running, peak) + overhead


def _containers(pod: dict[str, Any], name: str) -> Iterator[dict[str, Any]]:
    found = pod.get(name)
    if isinstance(found, Unknown):
        raise UnknownValueError(found.reason)
    for container in found if isinstance(found, list) else ():
        if isinstance(container, Unknown):
            raise UnknownValueError(container.reason)
        if isinstance(container, dict):
            yield container


def _asked(container: dict[str, Any], name: str, default: Any) -> float | None:
    resources = _entry(container, "resources")
    asked = _quantity(_entry(resources, "requests"), name)
    if asked is None:
        asked = _quantity(_entry(resources, "limits"), name)
    return _quantity({name: default}, name) if asked is None else asked


def _entry(values: Any, key: str) -> Any:
    return values.get(key) if isinstance(values, dict) else values if isinstance(values, Unknown) else None


def _quantity(values: Any, name: str) -> float | None:
    value = _entry(values, name)
    if isinstance(value, Unknown):
        raise UnknownValueError(value.reason)
    try:
        return READ[name](value)
    except ValueError as error:
        raise UnknownValueError(str(error)) from None


def replicas(scope: RuleScope) -> float:
    """How many pods there are at least: the autoscaler's floor, else `replicas`; 1 for a bare pod."""
    floor = autoscaler(scope)["min"]
    if isinstance(floor, float):
        return floor
    if scope.resource.type == "Pod":
        return 1.0
    if scope.resource.type == "DaemonSet":
        raise UnknownValueError("a DaemonSet runs on every node, and the number of nodes is not known")
    written = reach(scope.values, ("spec", "replicas"), "")
    if isinstance(written, Unknown):
        raise UnknownValueError(written.reason)
    if isinstance(written, bool) or not isinstance(written, int | float) or written < 0:
        raise UnknownValueError("spec.replicas is not a number")
    return float(written)


PROVISIONERS = {
    "ebs.csi.aws.com": ("aws/ebs/{}/storage", "type", "gp3"),
    "kubernetes.io/aws-ebs": ("aws/ebs/{}/storage", "type", "gp2"),
    "pd.csi.storage.gke.io": ("gcp/disk/{}/storage", "type", "pd-standard"),
    "kubernetes.io/gce-pd": ("gcp/disk/{}/storage", "type", "pd-standard"),
    "efs.csi.aws.com": ("aws/efs/standard/storage", "", ""),
}
"""Price key of a provisioner's volumes, the parameter that decides the kind, and the provisioner's default for it."""

KNOWN_CLASSES = {
    "gp2": "aws/ebs/gp2/storage",
    "standard-rwo": "gcp/disk/pd-balanced/storage",
    "premium-rwo": "gcp/disk/pd-ssd/storage",
}
"""Classes that EKS and GKE make by themselves in a new cluster."""


def storage_key(scope: RuleScope, class_name: str | None) -> str:
    """The price key of a GiB of a claim of a StorageClass (null: the default class)."""
    found = _storage_class(scope, class_name)
    if found is None:
        if class_name in KNOWN_CLASSES:
            return KNOWN_CLASSES[class_name]
        raise UnknownValueError(f"StorageClass {class_name or '(the default)'} is not in the scan")
    values = scope.world.now(found).values
    provisioner = values.get("provisioner")
    if provisioner not in PROVISIONERS:
        raise UnknownValueError(f"the volumes of provisioner {provisioner} are not in the price book")
    key, parameter, default = PROVISIONERS[provisioner]
    written = reach(values, ("parameters", parameter), "") if parameter else ""
    if isinstance(written, Unknown):
        raise UnknownValueError(written.reason)
    return key.format(written or default)


def _storage_class(scope: RuleScope, name: str | None) -> Resource | None:
    classes = scope.world.by_type.get("StorageClass", ())
    if name is None:
        marked = (one for one in classes if _annotated(one, DEFAULT_CLASS))
        return next(marked, None)
    return next((one for one in classes if reach(one.values, ("metadata", "name"), "") == name), None)


def _annotated(resource: Resource, name: str) -> bool:
    annotations = reach(resource.values, ("metadata", "annotations"), "")
    return isinstance(annotations, dict) and str(annotations.get(name, "")).lower() == "true"


BALANCERS = (
    ("service.beta.kubernetes.io/aws-load-balancer-type", ("nlb", "nlb-ip", "external"), "aws/elb/network/hour"),
    ("networking.gke.io/load-balancer-type", None, "gcp/load-balancing/forwarding-rule"),
    ("cloud.google.com/load-balancer-type", None, "gcp/load-balancing/forwarding-rule"),
)
"""Annotations by which a cloud's controller is told what to make: name, values (None: any), price key."""

BALANCER_CLASSES = {"service.k8s.aws/nlb": "aws/elb/network/hour"}


def load_balancer_key(scope: RuleScope) -> str:
    """The price key of the load balancer that a Service of type LoadBalancer makes; not decided where nothing says
    whose it is.
    """
    chosen = reach(scope.values, ("spec", "loadBalancerClass"), "")
    if isinstance(chosen, str) and chosen in BALANCER_CLASSES:
        return BALANCER_CLASSES[chosen]
    annotations = reach(scope.values, ("metadata", "annotations"), "")
    for name, values, key in BALANCERS if isinstance(annotations, dict) else ():
        if name in annotations and (values is None or annotations[name] in values):
            return key
    raise UnknownValueError("nothing in the Service says which cloud's load balancer it makes")


FUNCTIONS: FunctionTable = {
    "load_balancer_key": (Overload((), load_balancer_key),),
    "replicas": (Overload((), replicas),),
    "requests": (Overload(("string",), requests),),
    "storage_key": (Overload(("string",), storage_key), Overload(("null",), storage_key)),
}
