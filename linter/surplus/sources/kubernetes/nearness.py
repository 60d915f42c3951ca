"""How near manifests are to each other: where a tree holds copies (dev/, prod/), the nearest counts.

That is the one whose path shares the most leading folders, then the one fewer folders away; several may be equally
near. Nothing belongs together across folders that stand beside each other in one called `clusters` or the like.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

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
    return alike(origin, in_nearest_file(origin, candidates))


def alike(origin: Resource, found: Sequence[Resource]) -> list[Resource]:
    """Those of some that are equally near whose namespace is written as that of *origin*, else all; by place."""
    if len(found) < 2:
        return list(found)
    namespace = namespace_of(origin)
    return sorted([one for one in found if namespace_of(one) == namespace] or found, key=_place)


def in_nearest_file(origin: Resource, candidates: Sequence[Resource]) -> Sequence[Resource]:
    """Those of the candidates whose file is nearest to that of *origin*, however many it holds of them."""
    if isinstance(candidates, Places) and len(candidates) > FEW:
        return candidates.nearest(origin.location.path, of_files=True)
    candidates = [one for one in candidates if not apart(origin.location.path, one.location.path)]
    if len(candidates) < 2:
        return candidates
    parts = origin.location.path.split("/")
    ranks = {path: rank(parts, path.split("/")) for path in {item.location.path for item in candidates}}
    best = min(ranks.values())
    return [item for item in candidates if ranks[item.location.path] == best]


def in_nearest_folder(origin: Resource, candidates: Sequence[Resource]) -> list[Resource]:
    """Those of the candidates whose folder is nearest to that of *origin*, however many a file holds of them."""
    if isinstance(candidates, Places) and len(candidates) > FEW:
        return candidates.nearest(folder(origin), of_files=False)
    candidates = [one for one in candidates if not apart(origin.location.path, one.location.path)]
    if len(candidates) < 2:
        return candidates
    own = folders(origin)
    ranks = {path: rank(own, path.split("/")[:-1]) for path in {item.location.path for item in candidates}}
    best = min(ranks.values())
    return [item for item in candidates if ranks[item.location.path] == best]


FEW = 8
"""So many candidates are looked at one by one."""

_Below = dict[int, dict[str, list[Resource]]]
"""What is below a folder: by how many parts a path has, and by the part behind the folder; "" is the path itself."""


class Places(list[Resource]):
    """Resources that are looked for together, in the order of the root. The first question about many of them makes an
    index of their paths; none may be added after it.
    """

    __slots__ = ("_trees",)

    def __init__(self, resources: Iterable[Resource] = ()) -> None:
        super().__init__(resources)
        self._trees: dict[bool, dict[str, _Below]] = {}

    def nearest(self, path: str, of_files: bool) -> list[Resource]:
        """Those that are equally near and nearest to the path of a file, or whose folder is to that of a folder."""
        tree = self._tree(of_files)
        parts = path.split("/") if path else []
        prefixes = list(_prefixes(parts))
        folders_above = len(parts) - of_files
        for common in range(len(parts), -1, -1):
            below = tree.get(prefixes[common], {})
            divided = 0 < common < folders_above and parts[common - 1] in OF_COPIES
            mine = parts[common] if common < len(parts) else None
            for depth in sorted(below):
                if divided and common < depth - of_files:
                    break
                found = [one for part, held in below[depth].items() if part != mine for one in held]
                if found:
                    return found
        return []

    def in_line(self, path: str) -> Iterator[Resource]:
        """Those in a folder, in one above it or in one below it."""
        tree = self._tree(of_files=False)
        parts = path.split("/") if path else []
        *above, own = _prefixes(parts)
        for depth, prefix in enumerate(above):
            yield from tree.get(prefix, {}).get(depth, {}).get("", ())
        for by_part in tree.get(own, {}).values():
            for held in by_part.values():
                yield from held

    def _tree(self, of_files: bool) -> dict[str, _Below]:
        tree = self._trees.get(of_files)
        if tree is None:
            tree = self._trees[of_files] = {}
            for one in self:
                path = one.location.path if of_files else folder(one)
                parts = path.split("/") if path else []
                for prefix, part in zip(_prefixes(parts), [*parts, ""], strict=True):
                    below = tree.setdefault(prefix, defaultdict(lambda: defaultdict(list)))
                    below[len(parts)][part].append(one)
        return tree


def _prefixes(parts: Sequence[str]) -> Iterator[str]:
    """The paths of the tree's top, of the folder in it, and so on."""
    prefix = ""
    yield prefix
    for at, part in enumerate(parts):
        prefix = f"{prefix}/{part}" if at else part
        yield prefix


def by_address(resources: Iterable[Resource]) -> list[Resource]:
    """Resources in the one order in which functions give them."""
    return sorted(resources, key=lambda item: (item.address, *_place(item)))


def _place(item: Resource) -> tuple[str, int, int, str]:
    """What orders resources by their place; quicker to compare than a location."""
    span = item.location.span
    return item.location.path, span.line, span.column, item.address
