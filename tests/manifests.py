"""Roots of manifests for tests, and the scope of one of their resources."""

from surplus.functions.nodes import Nodes
from surplus.functions.scope import RuleScope, World, pod_of
from surplus.model import Root
from surplus.sources.kubernetes.source import evaluate
from surplus.trees import MemoryTree


def scope_of(address: str, *texts: str, nodes: Nodes | None = None) -> RuleScope:
    """The scope of the resource at *address*, in a root of files with these texts."""
    files = {f"{at}.yaml": text for at, text in enumerate(texts)}
    root = evaluate(Root(".", "manifests", key="."), MemoryTree(files), list(files))
    assert not root.problems
    world = World(root)
    world.nodes = nodes or Nodes()
    one = root.by_address[address]
    return RuleScope(one, world, pod=pod_of(one))
