"""Functions about what else is in the cluster that a manifest goes into: `beside(kind, paths)`, `cloud_balancer()`."""

import json
import re
from collections import defaultdict
from typing import Any

from surplus.expressions import FunctionTable, Overload, UnknownValueError
from surplus.functions.relations import counts, records
from surplus.functions.scope import RuleScope, World, reach
from surplus.model import Resource, Unknown, walk

MOST = 100
"""How many others are given at most, so that judging a large group stays cheap."""


class Beside:
    """The resources of one kind by their cluster, environment and the values at some paths."""

    def __init__(self, world: World, kind: str, paths: tuple[str, ...]) -> None:
        self._world = world
        self._paths = paths
        self._alike: dict[Any, list[Resource]] = defaultdict(list)
        self.unsure: dict[Any, list[tuple[Resource, str]]] = defaultdict(list)
        for one in sorted(world.by_type.get(kind, ()), key=lambda one: (one.address, one.location)):
            try:
                self._alike[self._key(one)].append(one)
            except UnknownValueError as error:
                self.unsure[self.place(one)].append((one, str(error)))

    def place(self, resource: Resource) -> Any:
        """The cluster and environment of a resource."""
        return self._world.clusters.group(resource), self._world.environment(resource).name

    def alike(self, resource: Resource) -> list[Resource]:
        """Those in the same place with the same values; raises `UnknownValueError` where one of its own is unknown."""
        return self._alike.get(self._key(resource), [])

    def _key(self, resource: Resource) -> Any:
        return self.place(resource), tuple(_value(resource, path) for path in self._paths)


def beside(scope: RuleScope, kind: str, paths: list[Any] | None = None) -> list[dict[str, Any]]:
    """The other resources of a kind that go into the same cluster and environment and have the same values at all of
    some paths, sorted by address; at most the first hundred. A path is dotted, or the name of an annotation, which has
    a slash. What goes into one cluster is told by `sources.kubernetes.clusters`.
    """
    world, wanted = scope.world, tuple(str(path) for path in paths or ())
    index = world.beside.get((kind, wanted))
    if index is None:
        index = world.beside[kind, wanted] = Beside(world, kind, wanted)
    own, found = scope.resource, []
    for one in index.alike(own):
        if one.address != own.address and counts(scope, one, True):
            found.append(one)
        if len(found) == MOST:
            break
    for one, reason in index.unsure.get(index.place(own), ())[:MOST]:
        if one.address != own.address and counts(scope, one, Unknown(reason)):
            found.append(one)
    return records(scope, sorted(found, key=lambda one: (one.address, one.location)))


def _value(resource: Resource, path: str) -> str | None:
    route = ("metadata", "annotations", path) if "/" in path else tuple(path.split("."))
    value = reach(resource.values, route, "")
    if isinstance(value, Unknown):
        raise UnknownValueError(value.reason)
    return None if value is None else json.dumps(value, sort_keys=True, default=str)


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
    return not any(scope.world.by_type.get(kind) for kind in OWN_KINDS)


FUNCTIONS: FunctionTable = {
    "beside": (Overload(("string",), beside), Overload(("string", "list"), beside)),
    "cloud_balancer": (Overload((), cloud_balancer),),
}
