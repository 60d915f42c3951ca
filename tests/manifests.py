"""Roots of manifests for tests, and the scope of one of their resources."""

from collections.abc import Mapping

from surplus.functions.nodes import Nodes
from surplus.functions.scope import RuleScope, World, pod_of
from surplus.model import Root
from surplus.sources.kubernetes.source import evaluate
from surplus.trees import MemoryTree


def scope_of(address: str, *texts: str, nodes: Nodes | None = None) -> RuleScope:
    """The scope of the resource at *address*, in a root of files with these texts."""
    return scope_in({f"{at}.yaml": text for at, text in enumerate(texts)}, address, nodes)


def scope_in(files: Mapping[str, str], address: str, nodes: Nodes | None = None) -> RuleScope:
    """The same of files at these paths."""
    root = evaluate(Root(".", "manifests", key="."), MemoryTree(files), list(files))
    assert not root.problems
    world = World(root)
    world.nodes = nodes or Nodes()
    one = root.by_address[address]
    return RuleScope(one, world, pod=pod_of(one))
