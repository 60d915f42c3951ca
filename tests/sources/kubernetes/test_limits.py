"""LimitRanges that reach a namespace by a kustomization: https://kubernetes.io/docs/concepts/policy/limit-range/"""

import pytest

from surplus.discovery import discover
from surplus.model import Resource, Root
from surplus.selection import Selection
from surplus.sources.kubernetes.kustomize import Kustomized
from surplus.sources.kubernetes.limits import changed_limits
from surplus.sources.kubernetes.source import evaluate
from surplus.sources.terraform.modules import Folders
from surplus.trees import MemoryTree

LIMITS = """\
apiVersion: v1
kind: LimitRange
metadata: {name: usual}
spec:
  limits:
    - type: Container
      defaultRequest: {cpu: 100m, memory: 128Mi}
"""
TEAM = "namespace: {name}\nresources: [namespace.yaml]\ncomponents: [../../parts/limits]\n"
NAMESPACE = "apiVersion: v1\nkind: Namespace\nmetadata: {name: {name}}\n"
FILES = {
    "parts/limits/kustomization.yaml": "kind: Component\nresources: [limits.yaml]\n",
    "parts/limits/limits.yaml": LIMITS,
    "teams/shop/kustomization.yaml": TEAM.replace("{name}", "shop"),
    "teams/shop/namespace.yaml": NAMESPACE.replace("{name}", "shop"),
}
PLAIN = {
    "shop/kustomization.yaml": "namespace: shop\nresources: [limits.yaml]\n",
    "shop/limits.yaml": LIMITS,
}


def limits(files: dict[str, str]) -> list[Resource]:
    tree = MemoryTree(files)
    found = discover(tree, Folders(tree), Selection())
    root = Root(".", "manifests")
    evaluated = evaluate(root, tree, found.manifests, found.unread, found.kustomized)
    return [one for one in evaluated.resources if one.type == "LimitRange"]


def test_what_is_only_put_into_a_namespace_is_there_too() -> None:
    found = limits(PLAIN)
    assert [(one.address, one.optional) for one in found] == [
        ("LimitRange/shop/usual", False),
        ("LimitRange/usual", False),
    ]
    assert found[0].location == found[1].location


def test_what_a_kustomization_changes_may_be_there() -> None:
    found = limits(FILES)
    assert [(one.address, one.optional) for one in found] == [
        ("LimitRange/shop/usual", True),
        ("LimitRange/usual", True),
    ]


def test_a_namespace_that_is_written_stays() -> None:
    written = LIMITS.replace("{name: usual}", "{name: usual, namespace: other}")
    assert [one.address for one in limits({**PLAIN, "shop/limits.yaml": written})] == ["LimitRange/other/usual"]


@pytest.mark.parametrize(
    "text", ["LimitRange: [", "kind: LimitRange", LIMITS.replace("kind: LimitRange", "kind: Other")]
)
def test_what_holds_none_is_passed_over(text: str) -> None:
    tree = MemoryTree({"a.yaml": text})
    found = changed_limits(tree, Kustomized(("a.yaml", "missing.yaml"), {}))
    assert [one for file in found for one in file.manifests] == []
