"""The load balancers that a cluster's controllers make in the cloud: `load_balancer()` of a Service, an Ingress, a
Gateway.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any

from surplus.expressions import FunctionTable, Overload, UnknownValueError
from surplus.functions.lookups import named, near
from surplus.functions.scope import RuleScope, World, reach
from surplus.model import Resource, Unknown, walk

CLASSIC, NETWORK, APPLICATION = (f"aws/elb/{kind}/hour" for kind in ("classic", "network", "application"))

AWS = "service.beta.kubernetes.io/aws-load-balancer-"
"""How the annotations begin that AWS's controllers read: https://kubernetes-sigs.github.io/aws-load-balancer-controller/."""

NETWORK_TYPES = ("nlb", "nlb-ip", "external")
OF_NETWORK_ONLY = ("nlb-target-type", "scheme", "name", "eip-allocations", "private-ipv4-addresses", "ip-address-type")
"""Annotations, without their prefix, that only a network load balancer has."""

AZURE = "service.beta.kubernetes.io/azure-"
AZURE_ADDRESSES = ("pip-name", "pip-prefix-id", "load-balancer-ipv4", "load-balancer-ipv6")
GOOGLE = ("networking.gke.io/", "cloud.google.com/")
ON_PREMISES = ("io.cilium/lb-ipam", "kube-vip.io/", "lbipam.cilium.io/", "metallb.")
"""How annotations begin of what announces an address by itself, without anything from a cloud."""

OTHER_CLOUDS = (
    "digitalocean.com/",
    "kubernetes.civo.com/",
    "load-balancer.hetzner.cloud/",
    "loadbalancer.openstack.org/",
    "oci-network-load-balancer.oraclecloud.com/",
    "oci.oraclecloud.com/",
    *(
        f"service.beta.kubernetes.io/{name}"
        for name in ("alibaba-cloud-", "do-", "exoscale-", "linode-", "oci-", "ovh-", "scw-", "vultr-")
    ),
    "service.kubernetes.io/ibm-",
    "service.kubernetes.io/qcloud-",
)
"""How annotations begin that controllers of clouds without prices here read."""

CLASSES = {
    "eks.amazonaws.com/nlb": "aws-network",
    "networking.gke.io/l4-regional-external": "gcp",
    "networking.gke.io/l4-regional-internal": "gcp",
    "service.k8s.aws/nlb": "aws-network",
}
"""What a Service's loadBalancerClass makes."""

INGRESS_CLASS, DEFAULT_INGRESS_CLASS = "kubernetes.io/ingress.class", "ingressclass.kubernetes.io/is-default-class"
CONTROLLERS = {
    "azure/application-gateway": "elsewhere",
    "eks.amazonaws.com/alb": "aws-application",
    "ingress.k8s.aws/alb": "aws-application",
}
"""What an IngressClass's controller makes in the cloud."""

INGRESS_CLASSES = {
    "alb": "aws-application",
    "azure-application-gateway": "elsewhere",
    "azure/application-gateway": "elsewhere",
    "gce": "gcp-global",
    "gce-internal": "gcp-internal",
}
FROM_PODS = ("contour", "haproxy", "istio", "kong", "nginx", "openshift", "traefik", "webapprouting")
"""Controllers that serve from pods, behind a Service that is paid for: what their names have in them, and how those of
their classes begin.
"""

MICROK8S = "public"
"""What MicroK8s calls the class of its nginx: https://microk8s.io/docs/ingress."""

GATEWAY_CONTROLLERS = {"gateway.k8s.aws/alb": "aws-application", "gateway.k8s.aws/nlb": "aws-network"}
GKE_GATEWAYS = "gke-l7-"

AWS_PRICES = {"aws-classic": CLASSIC, "aws-network": NETWORK, "aws-application": APPLICATION}
RULES = {
    "azure": ("azure/load-balancer/standard/first-5-rules", "azure/load-balancer/standard/additional-rule"),
    "gcp": ("gcp/load-balancing/first-five-rules", "gcp/load-balancing/forwarding-rule"),
}
"""The prices of the first five rules together, and of each further rule."""

SHARED, GROUP = "aws-application", "alb.ingress.kubernetes.io/group.name"
"""What Ingresses of one group share, and the annotation that names it."""

MOST_LOOKED_AT = 30
"""In a cluster with more balancers each is billed beyond the rules that the first ones share."""

INCLUDED_RULES = 5.0


def load_balancer(scope: RuleScope) -> dict[str, Any]:
    """What it makes: `price` of an hour and `quantity`, where it makes a load balancer of its own or shares one; where
    rules are billed `first`, the price of the first five, if it has the first, `further_price` and `further`, how many
    of its rules are beyond; `address`, the price of its address where that is billed. `reason` says why it is not
    known, mostly as nothing says which cloud's controller serves it.
    """
    record: dict[str, Any] = dict.fromkeys(("price", "reason", "first", "further_price", "address"))
    record |= {"quantity": 0.0, "further": 0.0}
    try:
        kind = MADE_BY[scope.resource.type](scope)
    except UnknownValueError as error:
        return {**record, "reason": str(error)}
    if kind in AWS_PRICES:
        record["price"] = AWS_PRICES[kind]
        try:
            return {**record, "quantity": 1.0 / _sharers(scope)}
        except UnknownValueError as error:
            return {**record, "reason": str(error)}
    cloud = kind.partition("-")[0]
    if cloud not in RULES:
        return record
    first, further = RULES[cloud]
    before, own = _rules_before(scope, kind), _rules(scope.world.now(scope.resource), kind)
    if not before and own:
        record["first"] = first
    record["further_price"] = further
    record["further"] = max(0.0, before + own - INCLUDED_RULES) - max(0.0, before - INCLUDED_RULES)
    if kind == "azure" and not _own_address(scope.world.now(scope.resource)):
        record["address"] = "azure/public-ip/standard/regional"
    return record


def _service(scope: RuleScope) -> str:
    values = scope.values
    if walk(values, ("spec", "type")) != "LoadBalancer":
        return ""
    chosen = reach(values, ("spec", "loadBalancerClass"), "")
    if chosen is not None:
        if str(chosen) in CLASSES:
            return CLASSES[str(chosen)]
        raise UnknownValueError(f"what load balancer the class {_shown(chosen)} makes is not known")
    written = _annotations(values)
    cloud = _cloud(written) or scope.world.nodes.cloud
    match cloud:
        case "aws":
            network = any(f"{AWS}{name}" in written for name in OF_NETWORK_ONLY)
            return "aws-network" if network or written.get(f"{AWS}type") in NETWORK_TYPES else "aws-classic"
        case "azure":
            internal = str(written.get(f"{AZURE}load-balancer-internal")).lower() == "true"
            return "azure-internal" if internal else "azure"
        case "gcp":
            internal = any("Internal" in str(written.get(f"{one}load-balancer-type")) for one in GOOGLE)
            return "gcp-internal" if internal else "gcp"
        case "none":
            return ""
    raise UnknownValueError("nothing in the Service says which cloud's load balancer it makes")


def _cloud(written: Mapping[str, Any]) -> str | None:
    """The cloud whose controller reads the annotations; `none` for an address without a cloud."""
    for name in written:
        if name.startswith((AWS, AZURE)):
            return "aws" if name.startswith(AWS) else "azure"
        if name.startswith(GOOGLE):
            return "gcp"
        if name.startswith(ON_PREMISES):
            return "none"
        if name.startswith(OTHER_CLOUDS):
            raise UnknownValueError(f"the load balancers of the cloud that reads {name} are not in the price book")
    return None


def _ingress(scope: RuleScope) -> str:
    name, found = _ingress_class(scope)
    if found is not None:
        return _controlled(walk(found.values, ("spec", "controller")))
    if not name and scope.world.nodes.cloud == "gcp":
        return "gcp-global"
    if not name:
        raise UnknownValueError("nothing says which controller serves it")
    if str(name) in INGRESS_CLASSES:
        return INGRESS_CLASSES[str(name)]
    if str(name) == MICROK8S or re.split(r"[-_.]", str(name))[0] in FROM_PODS:
        return ""
    raise UnknownValueError(f"IngressClass {name} is not in the scan")


def _controlled(controller: Any) -> str:
    name = str(controller)
    if name in CONTROLLERS:
        return CONTROLLERS[name]
    if any(one in name for one in FROM_PODS):
        return ""
    raise UnknownValueError(f"what the ingress controller {_shown(controller)} makes is not known")


def _ingress_class(scope: RuleScope) -> tuple[Any, Resource | None]:
    """The class that an Ingress names, and that class where it is in the scan; without a name the default one."""
    values = scope.values
    name = walk(values, ("spec", "ingressClassName")) or _annotations(values).get(INGRESS_CLASS)
    if isinstance(name, Unknown):
        raise UnknownValueError(name.reason)
    return name, named(scope, "IngressClass", name) if name else near(scope, _default_classes(scope))


def _default_classes(scope: RuleScope) -> list[Resource]:
    classes = scope.world.by_type.get("IngressClass", ())
    return [one for one in classes if str(_annotations(one.values).get(DEFAULT_INGRESS_CLASS)).lower() == "true"]


def _gateway(scope: RuleScope) -> str:
    name = walk(scope.values, ("spec", "gatewayClassName"))
    found = named(scope, "GatewayClass", name)
    controller = walk(found.values, ("spec", "controllerName")) if found is not None else None
    if str(controller) in GATEWAY_CONTROLLERS:
        return GATEWAY_CONTROLLERS[str(controller)]
    if isinstance(name, str) and name.startswith(GKE_GATEWAYS):
        return (
            "gcp-global" if "global" in name or "gxlb" in name else "gcp-internal" if "rilb" in name else "gcp-regional"
        )
    raise UnknownValueError(f"what the controller of the class {_shown(name)} makes is not known")


MADE_BY: Mapping[str, Callable[[RuleScope], str]] = {
    "Gateway": _gateway,
    "Ingress": _ingress,
    "Service": _service,
}
"""What a manifest of each kind makes: a cloud and a kind, "" nothing that a cloud bills."""


def _rules(one: Resource, kind: str) -> float:
    """How many forwarding rules it has: in AKS one for each port, in GKE one for each Service, one for each port of a
    Gateway, one for HTTP and one for HTTPS of an Ingress.
    """
    ports = walk(one.values, ("spec", "ports" if one.type == "Service" else "listeners"))
    if one.type == "Ingress":
        written = _annotations(one.values)
        secure = walk(one.values, ("spec", "tls")) or any(
            "certificates" in key or "pre-shared-cert" in key for key in written
        )
        return float(str(written.get("kubernetes.io/ingress.allow-http")).lower() != "false") + float(bool(secure))
    if one.type == "Service" and not kind.startswith("azure"):
        return 1.0
    return float(len({str(walk(port, ("port",))) for port in ports})) if isinstance(ports, list) else 1.0


def _rules_before(scope: RuleScope, kind: str) -> float:
    """The rules of what goes into the same cluster, has an address before this one's and shares the five rules."""
    if _crowded(scope):
        return INCLUDED_RULES
    before = {}
    for one in _in_cluster(scope):
        if (
            one.address < scope.resource.address
            and one.address not in before
            and _kind(RuleScope(one, scope.world)) == kind
        ):
            before[one.address] = _rules(one, kind)
    return sum(before.values())


def _crowded(scope: RuleScope) -> bool:
    """Whether a cluster has so many of this type that each counts as beyond what the first share: to look at all for
    each of them would take too long.
    """
    return len(_in_cluster(scope)) > MOST_LOOKED_AT


def _sharers(scope: RuleScope) -> int:
    """How many Ingresses of its group in its cluster share an application load balancer with this one, and itself."""
    group = _group(scope) if scope.resource.type == "Ingress" else None
    if group is None:
        return 1
    cluster = scope.world.clusters.group(scope.resource)
    return len(scope.world.index("ALB groups", _alb_groups).get((cluster, group), set()) | {scope.resource.address})


def _alb_groups(world: World) -> dict[Any, set[str]]:
    """The addresses of the Ingresses in each group of each cluster."""
    groups: dict[Any, set[str]] = defaultdict(set)
    for one in world.by_type.get("Ingress", ()):
        around = RuleScope(one, world)
        try:
            group = _group(around) if _ingress(around) == SHARED else None
        except UnknownValueError:
            continue
        if group is not None:
            groups[world.clusters.group(one), group].add(one.address)
    return groups


def _group(scope: RuleScope) -> str | None:
    """The group of an Ingress: what its class says of all its Ingresses comes before the annotation.

    https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/ingress/ingress_class/
    """
    annotations = _annotations(scope.values)
    # A class that is named by an annotation has no parameters for the controller.
    class_ = None if annotations.get(INGRESS_CLASS) else _ingress_class(scope)[1]
    name = walk(class_.values, ("spec", "parameters", "name")) if class_ is not None else None
    parameters = named(scope, "IngressClassParams", name) if name else None
    group = walk(parameters.values, ("spec", "group", "name")) if parameters is not None else None
    group = annotations.get(GROUP) if group is None else group
    if isinstance(group, Unknown) and group.text is None:
        raise UnknownValueError(group.reason)
    return None if group is None else str(group.text if isinstance(group, Unknown) else group)


def _in_cluster(scope: RuleScope) -> list[Resource]:
    """The resources of this one's type that go into the same cluster and may make a balancer, this one too."""
    type_, cluster = scope.resource.type, scope.world.clusters.group(scope.resource)
    return scope.world.index(("balancers", type_), lambda world: _by_cluster(world, type_)).get(cluster, [])


def _by_cluster(world: World, type_: str) -> dict[Any, list[Resource]]:
    groups: dict[Any, list[Resource]] = defaultdict(list)
    for one in world.by_type[type_]:
        if type_ != "Service" or walk(one.values, ("spec", "type")) == "LoadBalancer":
            groups[world.clusters.group(one)].append(one)
    return groups


def _kind(around: RuleScope) -> str | None:
    try:
        return MADE_BY[around.resource.type](around)
    except UnknownValueError:
        return None


def _own_address(one: Resource) -> bool:
    """Whether a Service is given an address that is declared, and paid for, elsewhere."""
    written = _annotations(one.values)
    return walk(one.values, ("spec", "loadBalancerIP")) is not None or any(
        f"{AZURE}{name}" in written for name in AZURE_ADDRESSES
    )


def _annotations(values: Any) -> dict[str, Any]:
    found = reach(values, ("metadata", "annotations"), "")
    return found if isinstance(found, dict) else {}


def _shown(value: Any) -> str:
    return value.reason if isinstance(value, Unknown) else str(value)


FUNCTIONS: FunctionTable = {"load_balancer": (Overload((), load_balancer),)}
