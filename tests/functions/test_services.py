import json
from dataclasses import replace
from typing import Any

import pytest

from support import evaluated
from surplus.expressions import UnknownValueError
from surplus.functions.scope import RuleScope, World
from surplus.functions.services import cloud_balancer, http_balancers
from surplus.model import Resource, Root, Unknown
from surplus.sources.kubernetes.manifests import read_manifests

KEEP = "surplus.dev/keep"


def service(name: str, /, **spec: Any) -> Resource:
    annotations = spec.pop("annotations", {})
    spec = {"type": "LoadBalancer", "ports": [{"port": 80}], **spec}
    made = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name, "annotations": annotations}, "spec": spec}
    return read_manifests(json.dumps(made), "all.yaml").resources[0]


def untold(one: Resource) -> Resource:
    """The Service with a type that nothing tells."""
    return replace(one, values={**one.values, "spec": {"type": Unknown("no value")}})


@pytest.mark.parametrize(
    ("spec", "billed"),
    [
        ({}, True),
        ({"annotations": {"service.beta.kubernetes.io/aws-load-balancer-type": "nlb"}}, True),
        ({"loadBalancerClass": "service.k8s.aws/nlb"}, True),
        ({"type": "ClusterIP"}, False),
        ({"loadBalancerClass": "tailscale"}, False),
        ({"loadBalancerClass": "kube-vip.io/kube-vip-class"}, False),
        ({"annotations": {"metallb.universe.tf/loadBalancerIPs": "10.0.0.9"}}, False),
        ({"annotations": {"lbipam.cilium.io/ips": "10.0.0.9"}}, False),
    ],
)
def test_whether_a_cloud_balances(spec: dict[str, Any], billed: bool) -> None:
    one = service("a", **spec)
    assert cloud_balancer(RuleScope(one, World(evaluated(one)))) is billed


def test_a_cluster_that_announces_addresses_itself() -> None:
    one = service("a")
    pool = read_manifests(
        "apiVersion: metallb.io/v1beta1\nkind: IPAddressPool\nmetadata: {name: p}", "p.yaml"
    ).resources
    assert not cloud_balancer(RuleScope(one, World(evaluated(one, *pool))))


def test_a_type_that_is_not_known() -> None:
    one = untold(service("a"))
    with pytest.raises(UnknownValueError, match="no value"):
        cloud_balancer(RuleScope(one, World(evaluated(one))))


INTERNAL = {"service.beta.kubernetes.io/aws-load-balancer-scheme": "internal"}


@pytest.mark.parametrize(
    ("spec", "alike"),
    [
        ({}, True),
        ({"ports": [{"port": 443, "protocol": "TCP"}, {"port": 8080}]}, True),
        ({"ports": [{"port": 3000, "name": "http"}, {"port": 3001, "name": "https-admin"}]}, True),
        ({"ports": [{"port": 50051, "appProtocol": "kubernetes.io/h2c"}]}, True),
        ({"ports": [{"port": 80}, {"port": 9090}]}, False),
        ({"ports": [{"port": 80, "appProtocol": "redis"}]}, False),
        ({"ports": [{"port": 443, "protocol": "UDP"}]}, False),
        ({"ports": [{"port": 3000, "name": "httpd"}]}, False),
        ({"ports": []}, False),
        ({"ports": ["80"]}, False),
        ({"type": "NodePort"}, False),
        ({"annotations": INTERNAL}, False),
        ({"annotations": {KEEP: "yes"}}, False),
        ({"loadBalancerIP": "192.0.2.9"}, False),
        ({"loadBalancerSourceRanges": ["192.0.2.0/24"]}, False),
    ],
)
def test_which_services_one_balancer_could_stand_for(spec: dict[str, Any], alike: bool) -> None:
    one, other = service("a"), service("b", **spec)
    world = World(evaluated(one, other, root=Root(".", "manifests", key=".")))
    found = [record["metadata"]["name"] for record in http_balancers(RuleScope(one, world), [KEEP])]
    assert found == (["b"] if alike else [])
    assert bool(http_balancers(RuleScope(other, world), [KEEP])) is alike


def test_two_inside_may_share_as_well() -> None:
    one, other = service("a", annotations=INTERNAL), service("b", annotations=INTERNAL)
    assert http_balancers(RuleScope(one, World(evaluated(one, other))), [])


def test_an_address_of_their_own_is_not_shared() -> None:
    one, other = (service(name, loadBalancerIP="192.0.2.9") for name in "ab")
    assert http_balancers(RuleScope(one, World(evaluated(one, other))), []) == []


def test_ports_that_are_not_known() -> None:
    one = service("a")
    ports = {**one.values["spec"], "ports": Unknown("no value")}
    one = replace(one, values={**one.values, "spec": ports})
    with pytest.raises(UnknownValueError, match="no value"):
        http_balancers(RuleScope(one, World(evaluated(one))), [])


def test_annotations_that_are_not_known_may_say_who_announces_the_address() -> None:
    def told(annotations: Unknown, **spec: Any) -> bool:
        one = service("a", **spec)
        one = replace(one, values={**one.values, "metadata": {"name": "a", "annotations": annotations}})
        return cloud_balancer(RuleScope(one, World(evaluated(one))))

    with pytest.raises(UnknownValueError, match="no value"):
        told(Unknown("no value"))
    assert told(Unknown("no value"), loadBalancerClass="service.k8s.aws/nlb")
    assert not told(Unknown("no value"), type="ClusterIP")
    assert not told(Unknown("no value", entries=(("metallb.io/loadBalancerIPs", "10.0.0.9"),)))
