from collections.abc import Mapping

import pytest

from surplus.model import Resource
from surplus.sources.kubernetes.clusters import Clusters
from surplus.sources.kubernetes.manifests import read_manifests

SERVICE = "apiVersion: v1\nkind: Service\nmetadata: {{name: {}{}}}\nspec: {{type: LoadBalancer}}\n"


def services(places: Mapping[str, str]) -> list[Resource]:
    """One Service for each path; `name` or `namespace/name` says what it is called."""
    found: list[Resource] = []
    for path, called in places.items():
        namespace, _, name = called.rpartition("/")
        text = SERVICE.format(name, f", namespace: {namespace}" if namespace else "")
        found += read_manifests(text, path).resources
    return found


def together(places: Mapping[str, str], whole: bool = False) -> list[set[str]]:
    """The paths in groups, in order."""
    resources = services(places)
    clusters = Clusters(resources, whole)
    groups: dict[object, set[str]] = {}
    for one in resources:
        groups.setdefault(clusters.group(one), set()).add(one.location.path)
    return list(groups.values())


@pytest.mark.parametrize(
    ("places", "groups"),
    [
        ({"k8s/a.yaml": "a", "k8s/b.yaml": "b"}, [{"k8s/a.yaml", "k8s/b.yaml"}]),
        ({"k8s/a.yaml": "a", "k8s/b/b.yaml": "b"}, [{"k8s/a.yaml", "k8s/b/b.yaml"}]),
        ({"k8s/a/s.yaml": "a", "k8s/b/s.yaml": "b"}, [{"k8s/a/s.yaml"}, {"k8s/b/s.yaml"}]),
        ({"k8s/a/s.yaml": "shop/a", "k8s/b/s.yaml": "shop/b"}, [{"k8s/a/s.yaml", "k8s/b/s.yaml"}]),
        ({"k8s/a/s.yaml": "default/a", "k8s/b/s.yaml": "default/b"}, [{"k8s/a/s.yaml"}, {"k8s/b/s.yaml"}]),
        # copies: in two folders, in two files of one folder
        ({"x/dev/a.yaml": "n/a", "x/prod/a.yaml": "n/a", "x/dev/b.yaml": "n/b"},
         [{"x/dev/a.yaml", "x/dev/b.yaml"}, {"x/prod/a.yaml"}]),
        ({"k8s/dev.yaml": "a", "k8s/prod.yaml": "a", "k8s/b.yaml": "b"},
         [{"k8s/dev.yaml"}, {"k8s/prod.yaml"}, {"k8s/b.yaml"}]),
        # folders that hold several, whatever is in them
        ({"clusters/x/a.yaml": "n/a", "clusters/y/b.yaml": "n/b"}, [{"clusters/x/a.yaml"}, {"clusters/y/b.yaml"}]),
        ({"examples/a.yaml": "n/a", "examples/b.yaml": "n/b"}, [{"examples/a.yaml"}, {"examples/b.yaml"}]),
        # a stray manifest at the top joins nothing; two there belong together
        ({"a.yaml": "a", "k8s/b.yaml": "b", "c.yaml": "c"}, [{"a.yaml", "c.yaml"}, {"k8s/b.yaml"}]),
        # what shares a namespace with either of two joins them
        ({"k8s/a/s.yaml": "shop/a", "k8s/b/s.yaml": "shop/b", "k8s/b/t.yaml": "pay/t", "k8s/c/s.yaml": "pay/c"},
         [{"k8s/a/s.yaml", "k8s/b/s.yaml", "k8s/b/t.yaml", "k8s/c/s.yaml"}]),
    ],
)  # fmt: skip
def test_what_goes_into_one_cluster(places: Mapping[str, str], groups: list[set[str]]) -> None:
    assert together(places) == groups


def test_a_rendered_root_is_one_cluster() -> None:
    places = {"clusters/x/a.yaml": "n/a", "clusters/y/a.yaml": "n/a"}
    assert together(places, whole=True) == [set(places)]


def test_many_namespaces_are_joined_in_passing() -> None:
    places = {f"k8s/{number}/s.yaml": f"n{number}/a" for number in range(300)}
    places |= {f"k8s/{number}/t.yaml": f"n{number + 1}/b" for number in range(299)}
    assert together(places) == [set(places)]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("eu-west-1", "us-east-1"),
        ("us-gov-west-1", "ap-northeast-2"),
        ("europe-west4", "us-central1"),
        ("westeurope", "eastus2"),
        ("uksouth", "germanywestcentral"),
        ("euw1", "use1"),
        ("live-eu", "live-us"),
        ("emea", "apac"),
        ("eks-shop", "gke-shop"),
        ("cluster1", "cluster2"),
        ("payments-cluster", "risk-cluster"),
    ],
)
def test_folders_of_regions_and_clusters_are_apart(one: str, other: str) -> None:
    places = {f"{one}/shop/a.yaml": "shop/a", f"{other}/shop/b.yaml": "shop/b"}
    assert together(places) == [{f"{one}/shop/a.yaml"}, {f"{other}/shop/b.yaml"}]
    below = {f"k8s/{path}": name for path, name in places.items()}
    assert together(below) == [{path} for path in below]


@pytest.mark.parametrize("name", ["cluster-autoscaler", "checkout", "west-wing", "business", "status", "central"])
def test_folders_of_applications_are_of_one_cluster(name: str) -> None:
    places = {f"{name}/a.yaml": "shop/a", "ledger/b.yaml": "shop/b"}
    assert together(places) == [{*places}]
