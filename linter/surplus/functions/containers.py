"""The containers of a pod: which there are, which stay as long as the pod does, what messages call them."""

import re
from collections.abc import Iterator
from typing import Any

from surplus.expressions import FunctionTable, Overload, UnknownValueError
from surplus.functions.lookups import named
from surplus.functions.scope import RuleScope, World, reach
from surplus.model import Unknown
from surplus.sources.kubernetes.types import pod_route

_TAGGED = re.compile(r"[^/][:@][^/]*$")
"""The end of an image's name, where its tag or digest begins."""


def called(scope: RuleScope) -> str:
    """What messages call the container that is judged: its name, else its image, else "without a name"."""
    return shown_name(scope.item)


def shown_name(container: Any) -> str:
    """What messages call a container: by its name, else by its image; "without a name" where it has neither."""
    for key in ("name", "image"):
        found = container.get(key) if isinstance(container, dict) else None
        if isinstance(found, Unknown):
            return found.text or "(unknown)"
        if found:
            return str(found)
    return "without a name"


def image_of(world: World, container: dict[str, Any]) -> Any:
    """The image of a container, as far as its name is known: without a registry or tag that is not; the name of the ECR
    repository of the root where it is in one. An `Unknown` where the name is not known.
    """
    image = container.get("image")
    if not isinstance(image, Unknown):
        return image
    if "/" in image.ends:
        return image.ends
    if _TAGGED.search(image.begins):
        return image.begins
    name = next((one.values.get("name") for one in world.named(image) if one.type == "aws_ecr_repository"), None)
    return name if isinstance(name, str) else image


def known_parts(value: Any) -> Any:
    """A value with what is known of each unknown in its place: its symbolic text, or else its beginning and end."""
    if isinstance(value, Unknown):
        return value.begins + value.ends if value.text is None else value.text
    if isinstance(value, list):
        return [known_parts(one) for one in value]
    return {key: known_parts(one) for key, one in value.items()} if isinstance(value, dict) else value


def running_pod(scope: RuleScope) -> dict[str, Any]:
    """The pod spec; that of the Deployment whose template an Argo Rollout runs."""
    pod = reach(scope.values, scope.pod, "")
    name = reach(scope.values, ("spec", "workloadRef", "name"), "") if scope.resource.type == "Rollout" else None
    if name is not None:
        kind = str(reach(scope.values, ("spec", "workloadRef", "kind"), "") or "Deployment")
        other = named(scope, kind, name)
        if other is None:
            raise UnknownValueError(f"{kind} {name}, whose template it runs, is not in the scan")
        pod = reach(other.values, pod_route(kind) or (), "")
    if not isinstance(pod, dict):
        reason = pod.reason if isinstance(pod, Unknown) else f"{scope.resource.address} has no pod spec"
        raise UnknownValueError(reason)
    return pod


def containers_of(pod: dict[str, Any], *lists: str) -> Iterator[dict[str, Any]]:
    """The containers in some lists of a pod spec, in order; init containers and the others where none is named."""
    for name in lists or ("initContainers", "containers"):
        found = pod.get(name)
        for container in found if isinstance(found, list) else [found]:
            if isinstance(container, Unknown):
                raise UnknownValueError(container.reason)
            if isinstance(container, dict):
                yield container


def is_sidecar(init_container: Any) -> bool:
    """Whether an init container goes on running beside the others; one that is not known may.

    https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/
    """
    return not isinstance(init_container, dict) or init_container.get("restartPolicy") == "Always"


def staying_containers(pod: dict[str, Any]) -> list[dict[str, Any]]:
    """The containers that run as long as the pod does: sidecars among the init containers, and the others."""
    sidecars = filter(is_sidecar, containers_of(pod, "initContainers"))
    return [*sidecars, *containers_of(pod, "containers")]


FUNCTIONS: FunctionTable = {"called": (Overload((), called),)}
