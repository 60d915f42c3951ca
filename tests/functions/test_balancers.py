"""What load balancers a cluster's controllers make."""

from typing import Any

import pytest

from manifests import scope_of
from surplus.functions import balancers
from surplus.functions.balancers import APPLICATION, CLASSIC, NETWORK, load_balancer
from surplus.functions.nodes import Nodes
from surplus.functions.scope import RuleScope
from surplus.model import Unknown

AWS = "service.beta.kubernetes.io/aws-load-balancer"
AZURE = "service.beta.kubernetes.io/azure-load-balancer"


def service(name: str = "s", annotations: str = "{}", spec: str = "ports: [{port: 80}]") -> str:
    head = f"apiVersion: v1\nkind: Service\nmetadata: {{name: {name}, annotations: {annotations}}}\n"
    return f"{head}spec: {{type: LoadBalancer, {spec}}}\n"


def made(address: str, *texts: str, cloud: str | None = None) -> dict[str, Any]:
    nodes = Nodes(clouds=frozenset((cloud,)) if cloud else frozenset())
    return {key: value for key, value in load_balancer(scope_of(address, *texts, nodes=nodes)).items() if value}


@pytest.mark.parametrize(
    ("annotations", "cloud", "price"),
    [
        (f"{{{AWS}-type: nlb}}", None, NETWORK),
        (f"{{{AWS}-type: external}}", "gcp", NETWORK),
        (f"{{{AWS}-scheme: internal}}", None, NETWORK),
        (f'{{{AWS}-internal: "true"}}', None, CLASSIC),
        ("{}", "aws", CLASSIC),
    ],
)
def test_balancers_of_aws(annotations: str, cloud: str | None, price: str) -> None:
    assert made("Service/s", service(annotations=annotations), cloud=cloud) == {"price": price, "quantity": 1.0}


@pytest.mark.parametrize(
    ("spec", "price"),
    [
        ("loadBalancerClass: service.k8s.aws/nlb", NETWORK),
        ("loadBalancerClass: eks.amazonaws.com/nlb", NETWORK),
        ("loadBalancerClass: example.com/mine", None),
    ],
)
def test_the_class_decides(spec: str, price: str | None) -> None:
    found = made("Service/s", service(spec=spec), cloud="gcp")
    assert (found.get("price"), "reason" in found) == (price, price is None)


def test_nothing_says_whose_it_is() -> None:
    assert "which cloud" in made("Service/s", service())["reason"]
    assert made("Service/s", service(annotations="{metallb.io/address-pool: a}")) == {}
    assert made("Service/s", service(annotations="{io.cilium/lb-ipam-ips: 10.0.0.7}"), cloud="aws") == {}
    assert made("Service/s", service().replace("LoadBalancer", "ClusterIP")) == {}


@pytest.mark.parametrize(
    "annotation",
    [
        "load-balancer.hetzner.cloud/location: fsn1",
        "oci.oraclecloud.com/load-balancer-type: lb",
        "service.beta.kubernetes.io/do-loadbalancer-name: shop",
        "service.beta.kubernetes.io/linode-loadbalancer-throttle: '4'",
    ],
)
def test_a_cloud_without_prices(annotation: str) -> None:
    found = made("Service/s", service(annotations=f"{{{annotation}}}"), cloud="aws")
    assert "not in the price book" in found.pop("reason")
    assert found == {}


INGRESS = """
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: i}
spec: {ingressClassName: CLASS, defaultBackend: {service: {name: api, port: {number: 80}}}}
"""
CLASS = """
apiVersion: networking.k8s.io/v1
kind: IngressClass
metadata: {name: edge}
spec: {controller: CONTROLLER}
"""


@pytest.mark.parametrize("name", ["nginx", "nginx-internal", "traefik.public", "public"])
def test_classes_that_serve_from_pods_by_their_names(name: str) -> None:
    assert made("Ingress/i", INGRESS.replace("CLASS", name)) == {}


@pytest.mark.parametrize("name", ["public-alb", "cilium", "edge"])
def test_classes_whose_names_tell_nothing(name: str) -> None:
    assert made("Ingress/i", INGRESS.replace("CLASS", name))["reason"] == f"IngressClass {name} is not in the scan"


@pytest.mark.parametrize("controller", ["k8s.io/ingress-nginx", "ingress-controllers.konghq.com/kong"])
def test_controllers_that_serve_from_pods(controller: str) -> None:
    assert made("Ingress/i", INGRESS.replace("CLASS", "edge"), CLASS.replace("CONTROLLER", controller)) == {}


@pytest.mark.parametrize("controller", ["alb.networking.azure.io/alb-controller", "ingress.k8s.alibabacloud/alb"])
def test_controllers_that_are_not_known(controller: str) -> None:
    found = made("Ingress/i", INGRESS.replace("CLASS", "edge"), CLASS.replace("CONTROLLER", controller))
    assert controller in found["reason"]


def test_five_rules_of_gke_cost_as_much_as_one() -> None:
    texts = [service(f"s{at}") for at in range(7)]
    first = made("Service/s0", *texts, cloud="gcp")
    assert (first["first"], first.get("further")) == ("gcp/load-balancing/first-five-rules", None)
    assert "first" not in made("Service/s4", *texts, cloud="gcp")
    assert [made(f"Service/s{at}", *texts, cloud="gcp").get("further") for at in (4, 5, 6)] == [None, 1.0, 1.0]
    internal = service("a", "{networking.gke.io/load-balancer-type: Internal}")
    assert "first" in made("Service/s0", internal, *texts, cloud="gcp")


def test_copies_for_other_clusters_are_not_counted() -> None:
    texts = {"dev/s.yaml": service("s"), "prod/s.yaml": service("s")}
    assert "first" in made("Service/s", *texts.values(), cloud="gcp")


def test_in_aks_each_port_is_a_rule() -> None:
    ports = "ports: [" + ", ".join(f"{{port: {port}}}" for port in range(1, 8)) + "]"
    found = made("Service/s", service(spec=ports), cloud="azure")
    assert (found["further"], found["address"]) == (2.0, "azure/public-ip/standard/regional")
    after = made("Service/t", service(spec=ports), service("t"), cloud="azure")
    assert (after.get("first"), after["further"]) == (None, 1.0)
    assert "address" not in made("Service/s", service(annotations=f'{{{AZURE}-internal: "true"}}'))
    assert "address" not in made("Service/s", service(annotations=f"{{{AZURE}-ipv4: 20.0.0.1}}"))
    assert "address" not in made("Service/s", service(spec="loadBalancerIP: 20.0.0.1"), cloud="azure")


def ingress(name: str = "i", annotations: str = "{}", spec: str = "rules: []") -> str:
    return (
        "apiVersion: networking.k8s.io/v1\nkind: Ingress\n"
        f"metadata: {{name: {name}, annotations: {annotations}}}\nspec: {{{spec}}}\n"
    )


def ingress_class(controller: str, name: str = "c", default: bool = False) -> str:
    marked = ', annotations: {ingressclass.kubernetes.io/is-default-class: "true"}' if default else ""
    head = f"apiVersion: networking.k8s.io/v1\nkind: IngressClass\nmetadata: {{name: {name}{marked}}}\n"
    return f"{head}spec: {{controller: {controller}}}\n"


@pytest.mark.parametrize(
    ("texts", "cloud", "wanted"),
    [
        ((ingress(spec="ingressClassName: alb"),), None, {"price": APPLICATION, "quantity": 1.0}),
        ((ingress(annotations="{kubernetes.io/ingress.class: alb}"),), None, {"price": APPLICATION, "quantity": 1.0}),
        (
            (ingress(spec="ingressClassName: c"), ingress_class("ingress.k8s.aws/alb")),
            None,
            {"price": APPLICATION, "quantity": 1.0},
        ),
        (
            (ingress(), ingress_class("eks.amazonaws.com/alb", default=True)),
            "gcp",
            {"price": APPLICATION, "quantity": 1.0},
        ),
        ((ingress(spec="ingressClassName: c"), ingress_class("k8s.io/ingress-nginx")), None, {}),
        ((ingress(spec="ingressClassName: nginx-internal"),), None, {}),
        ((ingress(spec="ingressClassName: azure-application-gateway"),), None, {}),
        ((ingress(spec="ingressClassName: c"),), None, {"reason": "IngressClass c is not in the scan"}),
        ((ingress(),), None, {"reason": "nothing says which controller serves it"}),
    ],
)
def test_ingresses(texts: tuple[str, ...], cloud: str | None, wanted: dict[str, Any]) -> None:
    assert made("Ingress/i", *texts, cloud=cloud) == wanted


def test_a_group_of_ingresses_shares_a_load_balancer() -> None:
    group = "{alb.ingress.kubernetes.io/group.name: g}"
    texts = [ingress(name, group, "ingressClassName: alb") for name in ("a", "b", "c")]
    assert made("Ingress/b", *texts, ingress("d", spec="ingressClassName: alb"))["quantity"] == pytest.approx(1 / 3)


GROUPED = "{alb.ingress.kubernetes.io/group.name: g}"


@pytest.mark.parametrize(
    "other",
    [
        ingress("b", GROUPED, "ingressClassName: nginx"),
        ingress("b", GROUPED, "ingressClassName: elsewhere"),
        ingress("b", "{alb.ingress.kubernetes.io/group.name: other}", "ingressClassName: alb"),
    ],
)
def test_what_makes_no_balancer_of_the_group_shares_none(other: str) -> None:
    assert made("Ingress/a", ingress("a", GROUPED, "ingressClassName: alb"), other)["quantity"] == 1.0


def of_class(parameters: str, name: str = "c") -> tuple[str, str]:
    """An IngressClass with parameters that say this."""
    head = f"apiVersion: elbv2.k8s.aws/v1beta1\nkind: IngressClassParams\nmetadata: {{name: {name}}}\n"
    class_ = ingress_class(f"ingress.k8s.aws/alb, parameters: {{kind: IngressClassParams, name: {name}}}", name)
    return class_, f"{head}spec: {parameters}\n"


def test_the_parameters_of_a_class_group_its_ingresses() -> None:
    texts = [ingress("a", spec="ingressClassName: c"), ingress("b", GROUPED, "ingressClassName: c")]
    by_annotation = ingress("d", "{kubernetes.io/ingress.class: alb, alb.ingress.kubernetes.io/group.name: g}")
    shared = (*texts, by_annotation, *of_class("{group: {name: all}}"))
    for address in ("Ingress/a", "Ingress/b"):
        assert made(address, *shared)["quantity"] == 0.5
    assert made("Ingress/d", *shared)["quantity"] == 1.0
    unshared = (*texts, by_annotation, *of_class("{scheme: internal}"))
    assert [made(f"Ingress/{name}", *unshared)["quantity"] for name in "abd"] == [1.0, 0.5, 0.5]
    auto = tuple(text.replace("elbv2.k8s.aws/v1beta1", "eks.amazonaws.com/v1") for text in shared)
    assert made("Ingress/a", *auto)["quantity"] == 0.5


def test_a_group_that_is_not_known_leaves_the_price_known_and_not_the_share() -> None:
    scope = scope_of("Ingress/a", ingress("a", GROUPED, "ingressClassName: alb"))
    scope.values["metadata"]["annotations"][balancers.GROUP] = Unknown("var.group has no value")
    found = load_balancer(scope)
    assert (found["price"], found["reason"]) == (APPLICATION, "var.group has no value")


def test_a_group_is_looked_through_once(monkeypatch: pytest.MonkeyPatch) -> None:
    scope = scope_of("Ingress/i0", *(ingress(f"i{at}", GROUPED, "ingressClassName: alb") for at in range(40)))
    asked: list[str] = []
    whole = balancers._ingress_class

    def counted(around: RuleScope) -> Any:
        asked.append(around.resource.address)
        return whole(around)

    monkeypatch.setattr(balancers, "_ingress_class", counted)
    for one in scope.world.by_type["Ingress"]:
        around = RuleScope(one, scope.world.with_changes({}))
        assert load_balancer(around)["quantity"] == pytest.approx(1 / 40)
    assert len(asked) < 5 * 40


@pytest.mark.parametrize(
    ("annotations", "spec", "before", "further"),
    [
        ("{}", "rules: []", 4, 0.0),
        ("{}", "tls: [{secretName: s}]", 4, 1.0),
        ("{networking.gke.io/managed-certificates: c}", "rules: []", 4, 1.0),
        ('{networking.gke.io/managed-certificates: c, kubernetes.io/ingress.allow-http: "false"}', "rules: []", 4, 0.0),
    ],
)
def test_an_ingress_of_gke_has_a_rule_for_each_protocol(
    annotations: str, spec: str, before: int, further: float
) -> None:
    texts = [ingress("z", annotations, spec), *(ingress(f"a{at}") for at in range(before))]
    assert made("Ingress/z", *texts, cloud="gcp").get("further", 0.0) == further


def gateway(class_: str) -> str:
    listeners = "[{name: a, port: 80, protocol: HTTP}, {name: b, port: 443, protocol: HTTPS}, {name: c, port: 443}]"
    return (
        "apiVersion: gateway.networking.k8s.io/v1\nkind: Gateway\nmetadata: {name: g}\n"
        f"spec: {{gatewayClassName: {class_}, listeners: {listeners}}}\n"
    )


def test_gateways() -> None:
    assert made("Gateway/g", gateway("gke-l7-rilb"))["first"] == "gcp/load-balancing/first-five-rules"
    assert "istio" in made("Gateway/g", gateway("istio"))["reason"]
    class_ = "apiVersion: gateway.networking.k8s.io/v1\nkind: GatewayClass\nmetadata: {name: c}\n"
    assert (
        made("Gateway/g", gateway("c"), f"{class_}spec: {{controllerName: gateway.k8s.aws/nlb}}\n")["price"] == NETWORK
    )
