"""How near manifests are to each other: where a tree holds copies (dev/, prod/), the nearest counts.

That is the one whose path shares the most leading folders, then the one fewer folders away; several may be equally
near. Nothing belongs together across folders that stand beside each other in one called `clusters` or the like.
"""

from collections.abc import Iterable, Sequence

from surplus.model import Resource
from surplus.sources.kubernetes.references import namespace_of

_COPIES = "clusters env envs environments overlays regions stages tenants variants docs examples samples tests testdata"
OF_COPIES = frozenset(_COPIES.split())
"""Names of folders whose files and folders stand beside each other without belonging together."""


def apart(one: str, other: str) -> bool:
    """Whether two paths lead into different folders of one that holds copies."""
    if one.rpartition("/")[0] == other.rpartition("/")[0]:
        return False
    first, second = one.split("/"), other.split("/")
    common = -rank(first, second)[0]
    return common > 0 and first[common - 1] in OF_COPIES and common < len(first) - 1 and common < len(second) - 1


def folder(resource: Resource) -> str:
    """The path of the folder that a resource's file is in; "" at the tree's top."""
    return resource.location.path.rpartition("/")[0]


def folders(resource: Resource) -> list[str]:
    """The folders above a resource's file, from the tree's top."""
    return resource.location.path.split("/")[:-1]


def rank(origin: Sequence[str], other: Sequence[str]) -> tuple[int, int]:
    """Smaller is nearer: the most common leading parts, then the fewest others."""
    common = 0
    for one, two in zip(origin, other, strict=False):
        if one != two:
            break
        common += 1
    return -common, len(other) - common


def in_line(one: str, other: str) -> bool:
    """Whether one of two folders, each a path, is the other or above it."""
    return one == other or not one or not other or one.startswith(f"{other}/") or other.startswith(f"{one}/")


def all_nearest(origin: Resource, candidates: Sequence[Resource]) -> list[Resource]:
    """Those of the candidates that are equally near and nearest, by place; in one file is nearer than in one folder,
    and of those that are equally near the ones whose namespace is written alike.
    """
    found = _in_nearest_files(origin, candidates)
    namespace = namespace_of(origin) if len(found) > 1 else ""
    alike = [one for one in found if namespace_of(one) == namespace] if len(found) > 1 else found
    return sorted(alike or found, key=_place)


def _in_nearest_files(origin: Resource, candidates: Sequence[Resource]) -> Sequence[Resource]:
    candidates = [one for one in candidates if not apart(origin.location.path, one.location.path)]
    if len(candidates) < 2:
        return candidates
    parts = origin.location.path.split("/")
    ranks = {path: rank(parts, path.split("/")) for path in {item.location.path for item in candidates}}
    best = min(ranks.values())
    return [item for item in candidates if ranks[item.location.path] == best]


def in_nearest_folder(origin: Resource, candidates: Sequence[Resource]) -> list[Resource]:
    """Those of the candidates whose folder is nearest to that of *origin*, however many a file holds of them."""
    candidates = [one for one in candidates if not apart(origin.location.path, one.location.path)]
    if len(candidates) < 2:
        return candidates
    own = folders(origin)
    ranks = {path: rank(own, path.split("/")[:-1]) for path in {item.location.path for item in candidates}}
    best = min(ranks.values())
    return [item for item in candidates if ranks[item.location.path] == best]


def by_address(resources: Iterable[Resource]) -> list[Resource]:
    """Resources in the one order in which functions give them."""
    return sorted(resources, key=lambda item: (item.address, *_place(item)))


def _place(item: Resource) -> tuple[str, int, int, str]:
    """What orders resources by their place; quicker to compare than a location."""
    span = item.location.span
    return item.location.path, span.line, span.column, item.address
