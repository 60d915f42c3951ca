"""Functions about the load balancers of Services: `cloud_balancer()`, `http_balancers(paths)`."""

import re
from typing import Any

from surplus.expressions import FunctionTable, Overload, UnknownValueError
from surplus.functions.clusters import Beside, others, value_at
from surplus.functions.scope import RuleScope, reach
from surplus.model import Resource, Unknown, walk

OWN_CLASS = re.compile(r"tailscale|kube-vip\.io/|metallb|purelb\.io/|io\.cilium/|openelb|bgp|servicelb|klipper")
OWN_ANNOTATION = re.compile(
    r"(?:metallb\.(?:io|universe\.tf)|(?:lbipam\.cilium|io\.cilium|kube-vip|tailscale|purelb)\.(?:io|com)"
    r"|(?:lb|eip|protocol)\.(?:kubesphere|openelb)\.io)/"
)
OWN_KINDS = (
    "AddressPool",
    "BGPPeer",
    "CiliumL2AnnouncementPolicy",
    "CiliumLoadBalancerIPPool",
    "IPAddressPool",
    "L2Advertisement",
)
"""What tells that a cluster's own nodes announce the address of a Service: a class, an annotation, other resources.

https://metallb.io/configuration/, https://docs.cilium.io/en/stable/network/lb-ipam/,
https://kube-vip.io/docs/usage/kubernetes-services/, https://tailscale.com/kb/1439/kubernetes-operator-cluster-ingress,
https://purelb.gitlab.io/purelb/, https://openelb.io/docs/
"""


def cloud_balancer(scope: RuleScope) -> bool:
    """Whether a Service is of type LoadBalancer and, as far as can be seen, a cloud makes and bills what balances it:
    not MetalLB, Cilium, kube-vip, PureLB, OpenELB or Tailscale.
    """
    spec = reach(scope.values, ("spec",), "")
    kind, chosen = walk(spec, ("type",)), walk(spec, ("loadBalancerClass",))
    for value in (spec, kind, chosen):
        if isinstance(value, Unknown):
            raise UnknownValueError(value.reason)
    if kind != "LoadBalancer" or OWN_CLASS.search(str(chosen or "")):
        return False
    annotations = reach(scope.values, ("metadata", "annotations"), "")
    entries = dict(annotations.entries) if isinstance(annotations, Unknown) else annotations
    if isinstance(entries, dict) and any(OWN_ANNOTATION.match(str(name)) for name in entries):
        return False
    if any(scope.world.by_type.get(kind) for kind in OWN_KINDS):
        return False
    if isinstance(annotations, Unknown) and not chosen:
        raise UnknownValueError(annotations.reason)  # with a class, what announces addresses leaves the Service alone
    return True


AWS, AZURE = "service.beta.kubernetes.io/aws-load-balancer-", "service.beta.kubernetes.io/azure-"
ADDRESSES = (
    "spec.loadBalancerIP",
    f"{AWS}eip-allocations",
    f"{AZURE}load-balancer-ipv4",
    f"{AZURE}pip-name",
    "networking.gke.io/load-balancer-ip-addresses",
)
"""Where a Service asks for an address of its own."""

REACHED_BY = (
    *ADDRESSES,
    "spec.loadBalancerClass",
    "spec.loadBalancerSourceRanges",
    *(AWS + name for name in ("internal", "scheme", "security-groups", "subnets")),
    f"{AZURE}load-balancer-internal",
    "cloud.google.com/load-balancer-type",
    "networking.gke.io/load-balancer-type",
)
"""What Services must have in common before one balancer can stand for all: from where, and at which addresses, they
are reached.
"""

HTTP_PORTS = (80, 443, 8080, 8443)
HTTP_NAMES = re.compile(r"https?(?:-|$)")
HTTP_PROTOCOLS = re.compile(r"(?:kubernetes\.io/)?(?:https?|http2|h2c|ws|wss)")


def http_balancers(scope: RuleScope, paths: list[Any]) -> list[dict[str, Any]]:
    """The other Services beside this one with a load balancer that speaks nothing but HTTP, as this one's does, is
    reached from the same side, at no address of its own, and has the same values at *paths*; none where this one's is
    no such balancer.
    """
    own = scope.resource
    if value_at(own, "spec.ports") is None or not _speaks_http(own) or any(value_at(own, path) for path in ADDRESSES):
        return []
    wanted = tuple(str(path) for path in paths)
    paths_of_http = (*REACHED_BY, *wanted)
    index = scope.world.index(("http", wanted), lambda world: Beside(world, "Service", paths_of_http, _speaks_http))
    return others(scope, index)


def _speaks_http(service: Resource) -> bool:
    """Whether a Service is of type LoadBalancer and all its ports are for HTTP, as far as they tell."""
    ports = walk(service.values, ("spec", "ports"))
    if walk(service.values, ("spec", "type")) != "LoadBalancer" or not isinstance(ports, list) or not ports:
        return False
    return all(isinstance(port, dict) and _is_http(port) for port in ports)


def _is_http(port: dict[str, Any]) -> bool:
    if port.get("protocol") not in (None, "TCP"):
        return False
    if port.get("appProtocol") is not None:
        return HTTP_PROTOCOLS.fullmatch(str(port["appProtocol"])) is not None
    return port.get("port") in HTTP_PORTS or HTTP_NAMES.match(str(port.get("name"))) is not None


FUNCTIONS: FunctionTable = {
    "cloud_balancer": (Overload((), cloud_balancer),),
    "http_balancers": (Overload(("list",), http_balancers),),
}
