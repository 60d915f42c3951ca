"""On which groups of nodes pods may run, as the keys of prices tell it."""

from dataclasses import replace

import pytest
import yaml

from support import evaluated
from surplus.expressions import UnknownValueError
from surplus.functions.nodes import NodeGroup, Nodes, Taint
from surplus.functions.placement import node_key
from surplus.functions.scope import RuleScope, World, pod_of
from surplus.model import Unknown
from surplus.sources.kubernetes.manifests import read_manifests

POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{name: a}]}\n"
GPU = "containers: [{name: a, resources: {limits: {nvidia.com/gpu: 1}}}]"

GENERAL = NodeGroup("pool.general", "aws", ("m6i.2xlarge",), "us-east-1", 3.0)
MEMORY = NodeGroup("pool.mem", "aws", ("r6i.2xlarge",), "us-east-1", 2.0, labels={"pool": "mem"})
APART = replace(MEMORY, taints=(Taint("pool", "mem", "NoSchedule"),))
WITH_GPU = NodeGroup("pool.gpu", "aws", ("g5.xlarge",), taints=(Taint("nvidia.com/gpu", "present", "NoSchedule"),))


def places(groups: list[NodeGroup], spec: str = "{}") -> str:
    """The places among the groups that the key of a vCPU's price names."""
    resource = read_manifests(POD, "pod.yaml").resources[0]
    resource.values["spec"].update(yaml.safe_load(spec))
    world = World(evaluated(resource))
    world.nodes = Nodes(tuple(groups))
    key = node_key(RuleScope(resource, world, pod=pod_of(resource)), "vcpu")
    assert key.startswith("kubernetes/node/vcpu")
    return key.removeprefix("kubernetes/node/vcpu").removeprefix("/")


@pytest.mark.parametrize(
    ("groups", "spec", "wanted"),
    [
        ([], "{}", ""),
        ([GENERAL, MEMORY], "{}", "0+1"),
        ([GENERAL, APART], "{}", "0"),
        ([GENERAL, APART], "tolerations: [{operator: Exists}]", "0+1"),
        ([GENERAL, MEMORY], "nodeSelector: {pool: mem}", "1"),  # what one group declares, the others do not have
        ([GENERAL], "nodeSelector: {pool: mem}", "0"),  # nothing is known of the label
        ([GENERAL, replace(MEMORY, labels=None)], "nodeSelector: {pool: mem}", "0+1"),
        ([replace(GENERAL, labels={"pool": Unknown("computed")}), MEMORY], "nodeSelector: {pool: mem}", "0+1"),
        ([GENERAL, replace(MEMORY, labels={"topology.kubernetes.io/zone": "b"})], "{}", "0+1"),
        ([GENERAL, APART], "nodeSelector: {pool: mem}", "none"),
        ([GENERAL, APART], "nodeSelector: {pool: web}", "none"),
        ([GENERAL, replace(APART, taints=None)], "{}", "0+1"),
        ([GENERAL], "affinity: {podAffinity: {requiredDuringSchedulingIgnoredDuringExecution: [{}]}}", "0"),
    ],
)
def test_pods_are_priced_by_the_nodes_that_they_may_run_on(groups: list[NodeGroup], spec: str, wanted: str) -> None:
    assert places(groups, spec) == wanted


def test_a_zone_that_one_group_declares_others_may_have_too() -> None:
    zoned = replace(MEMORY, labels={"topology.kubernetes.io/zone": "b"})
    assert places([GENERAL, zoned], "nodeSelector: {topology.kubernetes.io/zone: b}") == "0+1"
    assert places([GENERAL, zoned], "nodeSelector: {topology.kubernetes.io/zone: a}") == "0"


@pytest.mark.parametrize(
    "key",
    [
        "node.cilium.io/agent-not-ready",
        "ebs.csi.aws.com/agent-not-ready",
        "node.cloudprovider.kubernetes.io/uninitialized",
        "startup-taint.cluster-autoscaler.kubernetes.io/drivers",
    ],
)
def test_taints_that_go_when_a_node_is_ready_keep_nothing_off(key: str) -> None:
    assert places([replace(GENERAL, taints=(Taint(key, "true", "NoExecute"),))]) == "0"


def test_pods_with_gpus_run_where_there_are_some() -> None:
    assert places([GENERAL, WITH_GPU], GPU) == "1"
    assert places([GENERAL, WITH_GPU]) == "0"
    assert places([GENERAL], GPU) == "0"
    assert places([GENERAL, NodeGroup("pool.x", "aws")], GPU) == "1"  # of a type that is not known
    assert places([GENERAL, NodeGroup("pool.t4", "gcp", ("n1-standard-4",), gpus=1.0)], GPU) == "1"


def test_a_pod_spec_that_is_not_known_is_not_placed() -> None:
    resource = read_manifests(POD, "pod.yaml").resources[0]
    resource.values["spec"] = Unknown("it is computed")
    world = World(evaluated(resource))
    world.nodes = Nodes((GENERAL,))
    with pytest.raises(UnknownValueError, match="it is computed"):
        node_key(RuleScope(resource, world, pod=pod_of(resource)), "vcpu")
