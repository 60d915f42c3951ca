"""Which manifests of a tree go into one cluster, as far as folders, names and namespaces tell.

A tree may hold many clusters: clusters/a and clusters/b, apps/api/dev and apps/api/prod. What two manifests with the
same kind, namespace and name are found in holds copies, and so does a folder called clusters, overlays, examples or
the like, and one with a folder in it that is called as a cloud's region, a part of the world or a cluster: nothing
reaches across it. Below that, one folder with all in it is applied together, and folders that write
the same namespace are of one cluster.
"""

import re
from collections import defaultdict
from collections.abc import Sequence
from functools import cache
from itertools import pairwise

from surplus.model import Resource
from surplus.sources.kubernetes.nearness import OF_COPIES, folders
from surplus.sources.kubernetes.references import UNSAID, namespace_of

GEOGRAPHIES = {"africa", "americas", "apac", "asia", "australia", "emea", "eu", "europe", "latam", "uk", "us"}
"""Words in names of folders that tell where on earth a cluster is."""

_REGION = re.compile(
    r"[a-z]{2,12}(?:-gov|-iso[a-z]?)?-(?:north|south|east|west|central)+[a-z]*-?\d{1,2}"  # AWS and Google Cloud
    r"|(?:australia|brazil|canada|china|france|germany|india|indonesia|israel|italy|japan|korea|malaysia|mexico|norway"
    r"|poland|qatar|southafrica|spain|sweden|switzerland|uae|uk)(?:north|south|east|west|central)+\d?"
    r"|(?:north|south|east|west|central)+(?:asia|europe|india|us)\d?"  # Azure
    r"|(?:ap|ca|eu|sa|us)[nsewc]{1,2}\d"
)
"""How the regions of the clouds are called, and how they are abbreviated."""

_CLUSTER = re.compile(r"(?:eks|gke|aks|live)(?:[-_].+)?|cluster[-_]?\d+|.+[-_](?:eks|gke|aks|cluster)")
"""How folders are called that are each for one cluster."""

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
        for end in range(len(parts)):
            of_copies = end > 0 and parts[end - 1] in OF_COPIES
            if of_copies or (end < len(parts) - 1 and _is_place(parts[end])):
                found.update(parts[:above] for above in range(end + 1))
    for copies in places.values():
        ordered = sorted(copies)
        for one, other in pairwise(ordered):
            common = 0
            while one[common] == other[common]:
                common += 1
            found.update(one[:above] for above in range(common + 1))
    return found


@cache
def _is_place(name: str) -> bool:
    """Whether a folder is called as a region, a part of the world or a cluster."""
    words = re.split(r"[-_.]", name.lower())
    return bool(GEOGRAPHIES & {*words} or _REGION.fullmatch(name.lower()) or _CLUSTER.fullmatch(name.lower()))


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
