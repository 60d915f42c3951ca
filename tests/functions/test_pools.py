"""What Karpenter's pools may start."""

from dataclasses import replace
from typing import Any

import pytest

from support import evaluated
from surplus.catalog.machines import machines
from surplus.expressions import UnknownValueError
from surplus.functions.pools import pool
from surplus.functions.scope import RuleScope, World
from surplus.model import Unknown
from surplus.sources.kubernetes.manifests import read_manifests

HEAD = "apiVersion: karpenter.sh/v1\nkind: NodePool\nmetadata: {name: apps}\n"
OLD = "apiVersion: karpenter.sh/v1alpha5\nkind: Provisioner\nmetadata: {name: apps}\n"
TYPE = "{key: node.kubernetes.io/instance-type, operator: In, values: [m5.large, m5.xlarge, c5.large]}"


def spec(*requirements: str, kind: str = "EC2NodeClass") -> str:
    listed = ", ".join(requirements)
    return f"spec: {{template: {{spec: {{nodeClassRef: {{kind: {kind}}}, requirements: [{listed}]}}}}}}"


def found(text: str) -> dict[str, Any]:
    one = read_manifests(text, "pool.yaml").resources[0]
    return pool(RuleScope(one, World(evaluated(one))))


def aws(key: str, operator: str, *values: str) -> str:
    return f"{{key: karpenter.k8s.aws/{key}, operator: {operator}, values: {list(values)!r}}}"


def test_what_says_nothing_may_start_everything() -> None:
    assert found(HEAD + spec()) == {
        "capacity": ["on-demand", "reserved", "spot"],
        "types": float(len(machines())),
        "families": float(len({one.family for one in machines().values()})),
        "accelerated": False,
    }


@pytest.mark.parametrize(
    ("requirements", "names"),
    [
        ([TYPE], ["m5.large", "m5.xlarge", "c5.large"]),
        ([TYPE, aws("instance-family", "NotIn", "m5")], ["c5.large"]),
        ([TYPE, aws("instance-size", "In", "xlarge")], ["m5.xlarge"]),
        ([TYPE, aws("instance-cpu", "Gt", "2")], ["m5.xlarge"]),
        ([TYPE, aws("instance-cpu", "Lt", "4")], ["m5.large", "c5.large"]),
        ([TYPE, aws("instance-memory", "Gte", "8192")], ["m5.large", "m5.xlarge"]),
        ([TYPE, aws("instance-memory", "Lte", "8192")], ["m5.large", "c5.large"]),
        ([TYPE, aws("instance-category", "In", "c")], ["c5.large"]),
        ([TYPE, aws("instance-generation", "Gt", "5")], []),
        ([TYPE, aws("instance-gpu-count", "Exists")], []),
        ([TYPE, aws("instance-gpu-name", "DoesNotExist")], ["m5.large", "m5.xlarge", "c5.large"]),
        ([TYPE, "{key: kubernetes.io/arch, operator: In, values: [arm64]}"], []),
        ([TYPE, aws("instance-network-bandwidth", "Gt", "9000")], ["m5.large", "m5.xlarge", "c5.large"]),
        ([TYPE, "{key: eks.amazonaws.com/instance-family, operator: In, values: [c5]}"], ["c5.large"]),
        ([TYPE, aws("instance-cpu", "Gt", "many")], ["m5.large", "m5.xlarge", "c5.large"]),
    ],
)
def test_requirements_leave_types(requirements: list[str], names: list[str]) -> None:
    result = found(HEAD + spec(*requirements))
    assert result["types"] == float(len(names))
    assert result["families"] == float(len({name.partition(".")[0] for name in names}))


@pytest.mark.parametrize(
    ("requirement", "accelerated"),
    [
        (aws("instance-category", "In", "g", "p"), True),
        (aws("instance-category", "In", "g", "m"), False),
        (aws("instance-family", "In", "inf2", "trn1"), True),
        (aws("instance-gpu-count", "Gt", "0"), True),
        (aws("instance-gpu-manufacturer", "In", "nvidia"), True),
        (aws("instance-accelerator-count", "Exists"), True),
        ("{key: node.kubernetes.io/instance-type, operator: In, values: [g5.xlarge]}", True),
    ],
)
def test_a_pool_of_accelerated_machines(requirement: str, accelerated: bool) -> None:
    assert found(HEAD + spec(requirement))["accelerated"] is accelerated


def test_capacity_is_what_all_requirements_allow() -> None:
    key = "key: karpenter.sh/capacity-type, operator"
    assert found(HEAD + spec(f"{{{key}: In, values: [on-demand]}}"))["capacity"] == ["on-demand"]
    assert found(HEAD + spec(f"{{{key}: NotIn, values: [spot]}}"))["capacity"] == ["on-demand", "reserved"]
    both = spec(f"{{{key}: In, values: [spot, on-demand]}}", f"{{{key}: NotIn, values: [on-demand]}}")
    assert found(HEAD + both)["capacity"] == ["spot"]


def test_an_old_provisioner_has_defaults() -> None:
    result = found(OLD + "spec: {}")
    assert result["capacity"] == ["on-demand"]
    assert (
        result["types"]
        == found(
            OLD + f"spec: {{requirements: [{aws('instance-category', 'In', *'cmr')}, "
            f"{aws('instance-generation', 'Gt', '2')}]}}"
        )["types"]
    )
    arm = "{key: kubernetes.io/arch, operator: In, values: [arm64]}"
    spot = "{key: karpenter.sh/capacity-type, operator: In, values: [spot]}"
    named = aws("instance-family", "In", "t4g")
    result = found(OLD + f"spec: {{requirements: [{arm}, {spot}, {named}]}}")
    assert result == {"capacity": ["spot"], "types": 7.0, "families": 1.0, "accelerated": False}


def test_machines_of_azure() -> None:
    gpus = "{key: karpenter.azure.com/sku-family, operator: In, values: ['N']}"
    assert found(HEAD + spec(gpus, kind="AKSNodeClass"))["accelerated"] is True
    general = "{key: karpenter.azure.com/sku-family, operator: In, values: [D, E]}"
    small = "{key: karpenter.azure.com/sku-cpu, operator: Lt, values: ['9']}"
    result = found(HEAD + spec(general, small, kind="AKSNodeClass"))
    assert result["accelerated"] is False
    assert 0 < result["types"] < len(machines("azure"))


def test_machines_of_another_cloud() -> None:
    result = found(HEAD + spec(TYPE, kind="GCENodeClass"))
    assert result["types"] is result["families"] is result["accelerated"] is None
    assert result["capacity"] == ["on-demand", "reserved", "spot"]


def test_what_is_not_known() -> None:
    with pytest.raises(UnknownValueError, match="zz9 is not in the table"):
        found(HEAD + spec(aws("instance-family", "In", "zz9", "m5")))
    one = read_manifests(HEAD + spec(TYPE), "pool.yaml").resources[0]
    for requirements in (Unknown("no value"), [Unknown("no value")], [{"key": "a", "values": [Unknown("no value")]}]):
        values = {"spec": {"template": {"spec": {"requirements": requirements}}}}
        other = replace(one, values=values)
        with pytest.raises(UnknownValueError, match="no value"):
            pool(RuleScope(other, World(evaluated(other))))


def test_what_is_not_well_formed_is_not_decided() -> None:
    with pytest.raises(UnknownValueError, match="is a number, not a mapping"):
        found(HEAD + "spec: {template: {spec: {requirements: [1, {key: [a]}]}}}")
