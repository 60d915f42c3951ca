"""Environments: what tells them, in which order, and when that cannot be told."""

from dataclasses import replace
from typing import Any

import pytest

from surplus import environments as module
from surplus.bundled import bundled_files
from surplus.definitions import EnvironmentMatch
from surplus.environments import environment_of
from surplus.functions.scope import EnvironmentVerdict
from surplus.model import Location, Resource, Root, Span, Unknown
from surplus.policies import read_policy

PLACE = Span(1, 1, 1, 2)
PROD = EnvironmentMatch(
    "prod", True, ("**/prod/**",), ("**/prod*.tfvars",), (), ("prod*",), {"env": ("prod",)}, ("prod-*",)
)
DEV = EnvironmentMatch(
    "dev", False, ("**/dev/**",), ("**/dev*.tfvars",), (), ("dev*",), {"env": ("dev", "Develop")}, ("dev",)
)
BOTH = (PROD, DEV)


def terraform(**values: Any) -> Resource:
    return Resource("terraform", "aws_eip", "aws_eip.a", Location("m/main.tf", PLACE), values)


def manifest(path: str = "k/a.yaml", namespace: Any = None, labels: Any = None) -> Resource:
    metadata = {"name": "a", "namespace": namespace, "labels": labels}
    return Resource("kubernetes", "Service", "Service/a", Location(path, PLACE), {"metadata": metadata})


def namespace(name: str, **labels: Any) -> Resource:
    metadata = {"name": name, "labels": labels}
    return Resource("kubernetes", "Namespace", f"Namespace/{name}", Location("ns.yaml", PLACE), {"metadata": metadata})


def verdict(
    resource: Resource, path: str = "live", given: tuple[EnvironmentMatch, ...] = BOTH, **root: Any
) -> EnvironmentVerdict:
    return environment_of(resource, Root(path, resource.source, **root), given)


def test_nothing_that_matches_means_production() -> None:
    assert verdict(terraform()) == EnvironmentVerdict(None, True, None, None)
    assert verdict(terraform(), given=()) == EnvironmentVerdict()


@pytest.mark.parametrize(
    ("resource", "path", "root", "name", "via"),
    [
        (terraform(), "stacks/dev", {}, "dev", "path stacks/dev matches **/dev/**"),
        (terraform(), "dev/eu/db", {}, "dev", "path dev/eu/db matches **/dev/**"),
        (terraform(), "live", {"workspace": "dev-1"}, "dev", "workspace dev-1 matches dev*"),
        (
            terraform(),
            "live",
            {"variables": ("a.tfvars", "env/dev.tfvars")},
            "dev",
            "variable file env/dev.tfvars matches **/dev*.tfvars",
        ),
        (terraform(tags={"env": "DEVELOP"}), "live", {}, "dev", "tag env is DEVELOP"),
        (terraform(tags_all={"env": "dev"}), "live", {}, "dev", "tag env is dev"),
        (manifest("k/dev/a.yaml"), ".", {}, "dev", "path k/dev/a.yaml matches **/dev/**"),
        (manifest(namespace="dev"), ".", {}, "dev", "namespace dev matches dev"),
        (manifest(labels={"env": "dev"}), ".", {}, "dev", "label env is dev"),
        (namespace("dev"), ".", {}, "dev", "namespace dev matches dev"),
        (terraform(), "prod", {}, "prod", "path prod matches **/prod/**"),
    ],
)
def test_a_match_says_what_told(resource: Resource, path: str, root: dict[str, Any], name: str, via: str) -> None:
    assert verdict(resource, path, **root) == EnvironmentVerdict(name, name == "prod", via)


@pytest.mark.parametrize(
    ("resource", "path"),
    [
        (terraform(), "development"),
        (terraform(tags={"Env": "dev"}), "live"),
        (terraform(tags={"env": "developer"}), "live"),
        (terraform(metadata={"namespace": "dev"}), "live"),
        (manifest(), "dev"),
        (manifest(namespace=7, labels=["env"]), "."),
        (manifest(namespace="dev2"), "."),
    ],
)
def test_what_does_not_match_is_production(resource: Resource, path: str) -> None:
    assert verdict(resource, path).production
    assert verdict(resource, path).name is None


def test_the_first_that_matches_wins_by_tag_as_by_place() -> None:
    assert verdict(terraform(tags={"env": "prod"}), "dev").name == "prod"
    assert verdict(terraform(tags={"env": "prod"}), "dev", (DEV, PROD)).name == "dev"
    assert verdict(terraform(), "dev/prod").name == "prod"


UNKNOWN = terraform(tags=Unknown("var.tags has no value"))


def test_a_tag_that_is_not_known_makes_the_environment_unknown() -> None:
    found = verdict(UNKNOWN)
    assert found.unknown == "the environment is not known: var.tags has no value"
    assert verdict(terraform(tags={"env": Unknown("why")})).unknown == "the environment is not known: why"
    assert verdict(manifest(labels={"env": Unknown("why")})).unknown == "the environment is not known: why"


def test_an_unknown_tag_that_could_decide_before_the_place_does_is_not_guessed() -> None:
    assert verdict(UNKNOWN, "dev").unknown is not None


def test_a_sensitive_tag_decides_without_being_shown() -> None:
    tags = replace(terraform(tags={"env": "prod"}), sensitive=frozenset({("tags",)}))
    assert verdict(tags).via == "tag env is (sensitive)"


def test_an_unknown_tag_that_nobody_asks_for_does_not_matter() -> None:
    other = terraform(tags={"env": None, "owner": Unknown("why")})
    assert verdict(other).unknown is None


def test_a_tag_is_looked_up_once_for_a_resource(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(module, "tag_of", lambda resource, key: asked.append(key))
    verdict(terraform(tags={}))
    assert asked == ["env"]


def test_the_labels_of_the_namespace_count_behind_those_of_its_own() -> None:
    around = {"shop": [namespace("shop", env="dev")], "bank": [namespace("bank", env="prod")]}

    def found(resource: Resource) -> EnvironmentVerdict:
        root = Root(".", resource.source)
        return environment_of(resource, root, BOTH, lambda one: around.get(one.values["metadata"]["namespace"], []))

    assert found(manifest(namespace="shop")) == EnvironmentVerdict("dev", False, "label env is dev in Namespace/shop")
    assert found(manifest(namespace="shop", labels={"env": "dev"})).via == "label env is dev"
    assert found(manifest(namespace="bank", labels={"env": "dev"})).production
    assert found(manifest(namespace="other")) == EnvironmentVerdict()
    around["shop"] = [namespace("shop", env=Unknown("why"))]
    assert found(manifest(namespace="shop")).unknown == "the environment is not known: why"


def shipped() -> tuple[EnvironmentMatch, ...]:
    text = dict(bundled_files("policies"))["policies/default.yaml"]
    return read_policy(text, "policies/default.yaml", lambda path: "", trusted=True).environments


@pytest.mark.parametrize(
    ("path", "name", "production"),
    [
        ("environments/prod", "prod", True),
        ("live/eu", "prod", True),
        ("environments/staging", "staging", False),
        ("uat/db", "staging", False),
        ("qa", "test", False),
        ("sandbox/me", "test", False),
        ("environments/dev", "dev", False),
        ("stacks/payments", None, True),
        ("device", None, True),
    ],
)
def test_the_shipped_map_knows_the_usual_names(path: str, name: str | None, production: bool) -> None:
    found = verdict(terraform(), path, shipped())
    assert (found.name, found.production) == (name, production)
