"""Where kinds name other resources, and what identifies those: kind, namespace, name."""

from collections.abc import Iterator, Mapping
from typing import Any

from surplus.model import Resource, Route, Unknown, walk
from surplus.sources.kubernetes.types import WORKLOADS, pod_labels_route

WITH_PODS = frozenset(WORKLOADS)

TARGETS: Mapping[str, Route] = {
    "HorizontalPodAutoscaler": ("spec", "scaleTargetRef"),
    "HTTPScaledObject": ("spec", "scaleTargetRef"),
    "ScaledObject": ("spec", "scaleTargetRef"),
    "VerticalPodAutoscaler": ("spec", "targetRef"),
}
"""Where autoscalers name what they scale."""

AUTOSCALERS = ("HorizontalPodAutoscaler", "HTTPScaledObject", "ScaledObject")
"""The kinds that set the number of a workload's pods."""

POOLS = ("NodePool", "Provisioner")
"""The kinds by which Karpenter starts nodes."""

OF_NAMESPACE = ("LimitRange", "ResourceQuota")
"""The kinds that hold for a whole namespace."""

UNSAID = ("", "default")
"""How the namespace is written of what goes where nobody says."""

CLUSTER_WIDE = frozenset(
    (
        *POOLS,
        "AWSNodeTemplate",
        "EC2NodeClass",
        "GatewayClass",
        "IngressClass",
        "IngressClassParams",
        "Namespace",
        "PersistentVolume",
        "PriorityClass",
        "RuntimeClass",
        "StorageClass",
        "VolumeAttributesClass",
    )
)
"""The kinds without a namespace, of those in the types table."""

NAMED: Mapping[str, tuple[tuple[Route, str], ...]] = {
    "EndpointSlice": ((("metadata", "labels", "kubernetes.io/service-name"), "Service"),),
    "Endpoints": ((("metadata", "name"), "Service"),),
    "Gateway": ((("spec", "gatewayClassName"), "GatewayClass"),),
    "Ingress": ((("spec", "ingressClassName"), "IngressClass"),),
    "IngressClass": ((("spec", "parameters", "name"), "IngressClassParams"),),
    "NodePool": ((("spec", "template", "spec", "nodeClassRef", "name"), "EC2NodeClass"),),
    "PersistentVolume": (
        (("spec", "storageClassName"), "StorageClass"),
        (("spec", "claimRef", "name"), "PersistentVolumeClaim"),
    ),
    "PersistentVolumeClaim": ((("spec", "volumeName"), "PersistentVolume"),),
    "Provisioner": ((("spec", "providerRef", "name"), "AWSNodeTemplate"),),
    "Rollout": ((("spec", "workloadRef", "name"), "Deployment"),),
}
"""Where kinds name something else, and of which kind that is."""

NAMED_BY_PODS: tuple[tuple[Route, str], ...] = (
    (("priorityClassName",), "PriorityClass"),
    (("runtimeClassName",), "RuntimeClass"),
)
"""The same for pod specs."""

_DEFAULT_CLASS = (
    "storageclass.kubernetes.io/is-default-class",
    "storageclass.beta.kubernetes.io/is-default-class",
)


def is_kind(resource: Resource, kind: str) -> bool:
    """Whether a resource is of a kind; `Workload` stands for every kind with pods."""
    return resource.type in WITH_PODS if kind == "Workload" else resource.type == kind


def namespace_of(resource: Resource) -> str:
    """The namespace that is written, an unknown one by its symbolic text; "" without one."""
    return metadata_text(resource, "namespace")


def spellings(namespace: str) -> tuple[str, ...]:
    """How a namespace may be written, with its own text first. `default` may be left out: what is applied goes there
    where nothing is said. That something may be said is what `Relations.perhaps` tells.
    """
    return (namespace, *(one for one in UNSAID if one != namespace)) if namespace in UNSAID else (namespace,)


def space_of(namespace: str) -> str:
    """What is equal for every way to write a namespace: see `spellings`."""
    return "" if namespace in UNSAID else namespace


def same_namespace(one: Resource, other: Resource) -> bool:
    """Whether two resources are of one namespace, as far as nothing is said when they are applied."""
    return namespace_of(other) in spellings(namespace_of(one))


def metadata_text(resource: Resource, key: str) -> str:
    """A field of the metadata as text, an unknown one by its symbolic text; "" where there is none."""
    value = walk(resource.values, ("metadata", key))
    if isinstance(value, Unknown):
        return value.text or ""
    return "" if value is None else str(value)


def annotation_of(resource: Resource, name: str) -> str | None:
    """An annotation as text; None where it is unset or not known."""
    value = walk(resource.values, ("metadata", "annotations", name))
    return None if value is None or isinstance(value, Unknown) else str(value)


def pod_labels(workload: Resource) -> dict[str, Any]:
    """The labels of a workload's pods; empty where they are not well-formed or not known."""
    route = pod_labels_route(workload.type)
    labels = walk(workload.values, route) if route is not None else None
    return labels if isinstance(labels, dict) else {}


def claim_templates(resource: Resource) -> Iterator[tuple[str, Any]]:
    """Name and spec of the claims that a StatefulSet makes for each of its pods."""
    templates = walk(resource.values, ("spec", "volumeClaimTemplates"))
    for template in templates if isinstance(templates, list) else ():
        if isinstance(template, dict):
            yield str(walk(template, ("metadata", "name"))), template.get("spec")


def is_default_class(resource: Resource) -> bool:
    """Whether a StorageClass is marked as the one for claims that name none."""
    return any((annotation_of(resource, name) or "").lower() == "true" for name in _DEFAULT_CLASS)
