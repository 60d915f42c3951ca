"""How near manifests are to each other: where a tree holds copies (dev/, prod/), the nearest counts.

That is the one whose path shares the most leading folders, then the one fewer folders away, then the first in order
of path.
"""

from collections.abc import Iterable, Sequence

from surplus.model import Resource


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


def all_nearest(origin: Resource, candidates: Sequence[Resource]) -> list[Resource]:
    """Those of the candidates that are equally near and nearest; in one file is nearer than in one folder."""
    if len(candidates) < 2:
        return list(candidates)
    parts = origin.location.path.split("/")
    ranks = {item: rank(parts, item.location.path.split("/")) for item in candidates}
    best = min(ranks.values())
    found = [item for item, one in ranks.items() if one == best]
    return sorted(found, key=lambda item: (item.location, item.address))


def nearest(origin: Resource, candidates: Sequence[Resource]) -> Resource | None:
    """The first of those that are nearest; None where there are no candidates."""
    found = all_nearest(origin, candidates)
    return found[0] if found else None


def in_nearest_folder(origin: Resource, candidates: Sequence[Resource]) -> list[Resource]:
    """Those of the candidates whose folder is nearest to that of *origin*, however many a file holds of them."""
    if len(candidates) < 2:
        return list(candidates)
    own = folders(origin)
    ranks = {item: rank(own, folders(item)) for item in candidates}
    best = min(ranks.values())
    return [item for item, one in ranks.items() if one == best]


def by_address(resources: Iterable[Resource]) -> list[Resource]:
    """Resources in the one order in which functions give them."""
    return sorted(resources, key=lambda item: (item.address, item.location))
