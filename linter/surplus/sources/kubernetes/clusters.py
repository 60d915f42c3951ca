"""Which manifests of a tree go into one cluster, as far as folders, names and namespaces tell.

A tree may hold many clusters: clusters/a and clusters/b, apps/api/dev and apps/api/prod. What two manifests with the
same kind, namespace and name are found in holds copies, and so does a folder called clusters, overlays, examples or
the like: nothing reaches across it. Below that, one folder with all in it is applied together, and folders that write
the same namespace are of one cluster.
"""

from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise

from surplus.model import Resource
from surplus.sources.kubernetes.nearness import OF_COPIES, folders
from surplus.sources.kubernetes.references import UNSAID, namespace_of

Node = tuple[str, str, str]
_Parts = tuple[str, ...]


class Clusters:
    """The groups of *resources*, all of one root, that go into one cluster. With *whole* that is all of them, as in a
    rendered chart or a Terraform deployment.
    """

    def __init__(self, resources: Sequence[Resource], whole: bool = False) -> None:
        self._above: dict[Node, Node] = {}
        self._group: dict[Resource, Node] = {}
        if whole:
            self._group = dict.fromkeys(resources, ("", "", ""))
            return
        divided, holding = _divided(resources), {tuple(folders(one)) for one in resources}
        for resource in resources:
            top, applied = _tops(resource, divided, holding)
            self._group[resource] = node = ("folder", top, applied)
            namespace = namespace_of(resource)
            if namespace not in UNSAID:
                self._join(node, ("namespace", top, namespace))

    def group(self, resource: Resource) -> Node:
        """What is equal for two resources of one cluster."""
        return self._find(self._group[resource])

    def _find(self, node: Node) -> Node:
        while (above := self._above.get(node, node)) != node:
            self._above[node] = node = self._above.get(above, above)
        return node

    def _join(self, one: Node, other: Node) -> None:
        first, second = sorted((self._find(one), self._find(other)))
        if first != second:
            self._above[second] = first


def _divided(resources: Sequence[Resource]) -> set[_Parts]:
    """The folders that hold several clusters, with all above them."""
    places: dict[str, set[_Parts]] = defaultdict(set)
    found: set[_Parts] = set()
    for resource in resources:
        parts = tuple(resource.location.path.split("/"))
        places[resource.address].add(parts)
        for end in range(1, len(parts)):
            if parts[end - 1] in OF_COPIES:
                found.update(parts[:above] for above in range(end + 1))
    for copies in places.values():
        ordered = sorted(copies)
        for one, other in pairwise(ordered):
            common = 0
            while one[common] == other[common]:
                common += 1
            found.update(one[:above] for above in range(common + 1))
    return found


def _tops(resource: Resource, divided: set[_Parts], holding: set[_Parts]) -> tuple[str, str]:
    """The highest folder above a resource that does not hold several clusters, and the highest below that which holds
    manifests itself: what is applied together. Both are the file where its own folder holds several.
    """
    top = applied = tuple(folders(resource))
    if top in divided:
        return resource.location.path, resource.location.path
    while top and top[:-1] not in divided:
        top = top[:-1]
        if top in holding and top:  # a stray manifest at the tree's top joins nothing
            applied = top
    return "/".join(top), "/".join(applied)
