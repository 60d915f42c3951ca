import json

import pytest

from support import evaluated
from surplus.expressions import UnknownValueError
from surplus.functions.clusters import beside
from surplus.functions.scope import RuleScope, World
from surplus.model import Resource, Root
from surplus.pricing.book import PriceBook
from surplus.pricing.costs import Costs
from surplus.pricing.functions import cost, cost_of
from surplus.sources.kubernetes.manifests import read_manifests


def service(name: str, path: str, kind: str | None = "nlb") -> Resource:
    annotations = {"service.beta.kubernetes.io/aws-load-balancer-type": kind} if kind else {}
    made = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name, "annotations": annotations}}
    made["spec"] = {"type": "LoadBalancer", "ports": [{"port": 443}]}
    return read_manifests(json.dumps(made), path).resources[0]


def scope_of(*resources: Resource) -> RuleScope:
    world = World(evaluated(*resources, root=Root(".", "manifests", key=".")))
    Costs(world, PriceBook(regions={"aws": "us-east-1"}))
    return RuleScope(resources[0], world)


def test_what_others_cost_together_of_copies_the_nearest() -> None:
    here = [service(name, "a/all.yaml") for name in ("one", "two", "three")]
    scope = scope_of(*here, service("two", "b/all.yaml", None))
    assert cost(scope) == pytest.approx(730 * 0.0225)
    assert cost_of(scope, beside(scope, "Service")) == pytest.approx(2 * 730 * 0.0225)
    assert cost_of(scope, []) == 0


def test_one_of_them_has_no_price() -> None:
    one, other = service("one", "all.yaml"), service("other", "all.yaml")
    values = {**other.values, "spec": {**other.values["spec"], "loadBalancerClass": "example.com/own"}}
    scope = scope_of(one, Resource("kubernetes", other.type, other.address, other.location, values))
    with pytest.raises(UnknownValueError, match="what Service/other costs is not known"):
        cost_of(scope, beside(scope, "Service"))
