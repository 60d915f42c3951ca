"""Why resources that are not in the scan may belong to one that is.

Manifests are rarely all there is: charts and patched kustomizations are not read, operators and GitOps controllers
make resources from others. A rule that fires because something is missing asks this first.
"""

from collections.abc import Callable, Iterable, Sequence

from surplus.model import Resource, Unknown, walk
from surplus.sources.kubernetes.nearness import folder, in_line
from surplus.sources.kubernetes.references import CLUSTER_WIDE, WITH_PODS, namespace_of, spellings
from surplus.sources.kubernetes.types import knows_type

_BUILT_IN = ("apps", "autoscaling", "batch", "extensions", "policy")
_NOT_BUILT_IN = ("flinkoperator.k8s.io", "sparkoperator.k8s.io")
"""Groups of operators that start pods, with names as the API's own groups have them."""

_QUIET = frozenset(
    (
        "acme.cert-manager.io",
        "admissionregistration.k8s.io",
        "bitnami.com",
        "caching.internal.knative.dev",
        "cert-manager.io",
        "cilium.io",
        "cloud.google.com",
        "constraints.gatekeeper.sh",
        "crd.projectcalico.org",
        "crd.k8s.amazonaws.com",
        "dashboard.grafana.app",
        "external-secrets.io",
        "generators.external-secrets.io",
        "getambassador.io",
        "image.toolkit.fluxcd.io",
        "k8s.cni.cncf.io",
        "kyverno.io",
        "metallb.io",
        "monitoring.googleapis.com",
        "mutations.gatekeeper.sh",
        "networking.gke.io",
        "networking.internal.knative.dev",
        "networking.istio.io",
        "notification.toolkit.fluxcd.io",
        "projectcontour.io",
        "route.openshift.io",
        "security.istio.io",
        "source.toolkit.fluxcd.io",
        "telemetry.istio.io",
        "templates.gatekeeper.sh",
        "traefik.containo.us",
        "traefik.io",
    )
)
"""API groups whose controllers make no workloads, claims or autoscalers."""

_QUIET_KINDS = frozenset(("AppProject", "PodMonitor", "Probe", "PrometheusRule", "ScrapeConfig", "ServiceMonitor"))
"""Such kinds in groups that have others too."""

_DEPLOYERS = {
    "Application": (("spec", "destination", "namespace"), ("spec", "source", "path")),
    "ApplicationSet": ((), ()),
    "HelmChart": (("spec", "targetNamespace"), ()),
    "HelmRelease": (("spec", "targetNamespace"), ()),
    "Kustomization": (("spec", "targetNamespace"), ("spec", "path")),
}
"""Kinds by which GitOps controllers deploy: where they say into which namespace, and from which folder."""

EVERYWHERE = "*"


class Openness:
    """What in a root may stand for resources that are not in it.

    `unread` are paths of the root that could hold manifests and were not read; `is_folder` tells whether a path of
    the tree is a folder: what is deployed from there is in the scan.
    """

    def __init__(self, resources: Sequence[Resource], unread: Iterable[str], is_folder: Callable[[str], bool]) -> None:
        self._unread = min(unread, default=None)
        self._makers: dict[str, Resource] = {}
        self._folders: dict[str, set[str]] = {}
        for resource in resources:
            if resource.type in WITH_PODS:
                self._folders.setdefault(namespace_of(resource), set()).add(folder(resource))
            elif (namespace := made_in(resource, is_folder)) is not None:
                self._makers.setdefault(namespace, resource)

    def reason(self, resource: Resource) -> str | None:
        """Why something that is not in the root may belong to a resource; None where the root is all there is."""
        if self._unread is not None:
            return f"{self._unread} is not read and may hold what belongs to it"
        names = spellings(namespace_of(resource))
        for place in (EVERYWHERE, *names):
            if place in self._makers:
                return f"{self._makers[place].address} may make what belongs to it"
        if resource.type in CLUSTER_WIDE:
            return None
        own = folder(resource)
        for name in names:
            folders = self._folders.get(name, ())
            # Where a namespace is not written, what is applied with a folder goes together.
            if (folders and names[0] and name) or any(in_line(own, other) for other in folders):
                return None
        return "no workload of its namespace is in the scan"


def made_in(resource: Resource, is_folder: Callable[[str], bool]) -> str | None:
    """The namespace in which a resource's controller may make others; None where it makes none that rules look for."""
    kind = str(resource.values.get("kind"))
    group = str(resource.values.get("apiVersion")).rpartition("/")[0]
    own = group in _BUILT_IN or (group.endswith(".k8s.io") and group not in _NOT_BUILT_IN)
    if not group or own or group in _QUIET:
        return None
    if kind in _QUIET_KINDS or (knows_type(resource.type) and resource.type != "InferenceService"):
        return None
    if kind not in _DEPLOYERS:
        return namespace_of(resource)
    target, path = _DEPLOYERS[kind]
    deployed = walk(resource.values, path) if path else None
    if isinstance(deployed, str) and is_folder(deployed.removeprefix("./").rstrip("/") or "."):
        return None
    namespace = walk(resource.values, target) if target else EVERYWHERE
    if namespace is None and kind in ("HelmChart", "HelmRelease"):
        return namespace_of(resource)
    return EVERYWHERE if namespace is None or isinstance(namespace, Unknown) else str(namespace)
