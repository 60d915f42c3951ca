"""What one root makes in a cluster that may belong to what another declares: Terraform beside loose manifests.

A rule that fires because something is missing asks this too. Namespaces that are known and differ keep roots apart.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import cache

from surplus.model import Resource, Route, Unknown, walk
from surplus.sources.evaluated import Evaluated
from surplus.sources.kinds.source import MANIFESTS
from surplus.sources.kubernetes.closed_world import EVERYWHERE, made_in
from surplus.sources.kubernetes.references import AUTOSCALERS, CLUSTER_WIDE, WITH_PODS, namespace_of

_LOOKED_FOR = frozenset((*WITH_PODS, *AUTOSCALERS, "Endpoints", "EndpointSlice"))
"""The kinds whose absence rules look for."""

_UNREAD: Mapping[str, Route] = {
    **dict.fromkeys((*MANIFESTS, "k8s_manifest", "kustomization_resource"), ()),
    "argocd_application": ("spec", 0, "destination", 0, "namespace"),
    "argocd_application_set": (),
    "helm_release": ("namespace",),
    "rancher2_app_v2": ("namespace",),
}
"""Types of Terraform that make objects which are not read: where they say into which namespace."""

_DEPLOYED = {"argocd_application": ("spec", 0, "source", 0, "path")}
"""Where such a type says from which folder: what is in the scan is read there."""

_WITH_OWN_DEFAULT = frozenset(("helm_release",))
"""Those whose provider takes `default` where no namespace is written."""

_UNWRITTEN = ""


class Made:
    """What some roots make in a cluster, by namespace. In *unread* are paths that could hold manifests of theirs;
    *is_folder* tells whether a path of the tree is a folder.
    """

    def __init__(self, roots: Iterable[Evaluated], unread: Iterable[str], is_folder: Callable[[str], bool]) -> None:
        self._unread = min(unread, default=None)
        self._makers: dict[str, Resource] = {}
        resources = [one for root in roots for one in root.resources]
        for resource in sorted(resources, key=lambda one: (one.location, one.address)):
            for namespace in _namespaces(resource, is_folder):
                self._makers.setdefault(namespace, resource)

    def reason(self, resource: Resource) -> str | None:
        """Why something of these roots may belong to a resource of another; None where nothing does."""
        if self._unread is not None:
            return f"{self._unread} is not read and may hold what belongs to it"
        namespace = walk(resource.values, ("metadata", "namespace"))
        if isinstance(namespace, Unknown) or resource.type in CLUSTER_WIDE:
            places = sorted(self._makers)
        elif namespace is None and resource.source == "kubernetes":
            places = [EVERYWHERE, "default", _UNWRITTEN]
        else:
            places = [EVERYWHERE, str(namespace or "default")]
        for place in places:
            if (maker := self._makers.get(place)) is not None:
                return f"{maker.address} in {maker.location.path} may be or make what belongs to it"
        return None


def with_others(evaluated: Evaluated, others: Callable[[], Made]) -> Evaluated:
    """The same root, whose Kubernetes objects may have more that belongs to them in *others*. Those are made when
    first asked for.
    """

    def open_because(resource: Resource) -> str | None:
        reason = evaluated.open_because(resource)
        return others().reason(resource) if reason is None and _is_object(resource) else reason

    return replace(evaluated, open_because=cache(open_because))


def _is_object(resource: Resource) -> bool:
    return "apiVersion" in resource.values and "kind" in resource.values


def _namespaces(resource: Resource, is_folder: Callable[[str], bool]) -> list[str]:
    """Where a resource may be, or make, what belongs to others; nowhere for most."""
    if not _is_object(resource):
        place = _of_terraform(resource, is_folder)
        return [] if place is None else [place]
    if resource.type not in _LOOKED_FOR:
        place = made_in(resource, is_folder)
        return [] if place is None else [place or EVERYWHERE]
    namespace = walk(resource.values, ("metadata", "namespace"))
    if isinstance(namespace, Unknown) or (not namespace and resource.source == "kubernetes"):
        return [EVERYWHERE]
    # A workload's namespace may also be that into which somebody applies manifests that name none.
    return [namespace_of(resource) or "default", _UNWRITTEN]


def _of_terraform(resource: Resource, is_folder: Callable[[str], bool]) -> str | None:
    """The same for what Terraform makes without its being read."""
    if resource.type not in _UNREAD:
        return None
    path = walk(resource.values, _DEPLOYED.get(resource.type, ())) if resource.type in _DEPLOYED else None
    if isinstance(path, str) and is_folder(path.removeprefix("./").rstrip("/") or "."):
        return None
    route = _UNREAD[resource.type]
    namespace = walk(resource.values, route) if route else None
    if isinstance(namespace, str) and namespace:
        return namespace
    return "default" if namespace is None and resource.type in _WITH_OWN_DEFAULT else EVERYWHERE
