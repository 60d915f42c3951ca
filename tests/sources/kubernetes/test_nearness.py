"""Which of several manifests is nearest: the index of many tells the same as a look at each."""

from collections.abc import Callable, Sequence

from hypothesis import given
from hypothesis import strategies as st

from surplus.model import Location, Resource, Span
from surplus.sources.kubernetes.nearness import FEW, Places, all_nearest, folder, in_line, in_nearest_folder

FOLDERS = st.lists(st.sampled_from(["a", "b", "dev", "envs"]), max_size=4)
PATHS = st.builds(lambda above, name: "/".join([*above, name]), FOLDERS, st.sampled_from(["x.yaml", "y.yaml"]))
ASK: tuple[Callable[[Resource, Sequence[Resource]], list[Resource]], ...] = (
    all_nearest,
    lambda origin, candidates: list(in_nearest_folder(origin, candidates)),
)


def resource(path: str) -> Resource:
    return Resource(path, "Deployment", "Deployment/api", Location(path, Span(1, 1, 1, 2)), {})


def paths(resources: Sequence[Resource]) -> list[str]:
    return sorted(one.location.path for one in resources)


@given(PATHS, st.lists(PATHS, min_size=FEW + 1, max_size=FEW * 3))
def test_an_index_finds_what_a_look_at_each_finds(origin: str, others: list[str]) -> None:
    own, candidates = resource(origin), [resource(path) for path in others]
    for nearest in ASK:
        assert paths(nearest(own, Places(candidates))) == paths(nearest(own, candidates))


@given(PATHS, st.lists(PATHS, max_size=FEW * 3))
def test_what_is_in_line(origin: str, others: list[str]) -> None:
    own, candidates = folder(resource(origin)), [resource(path) for path in others]
    found = [one for one in candidates if in_line(own, folder(one))]
    assert paths(list(Places(candidates).in_line(own))) == paths(found)
