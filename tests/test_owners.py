"""Owners: by tag, by label, by CODEOWNERS."""

from dataclasses import replace

import pytest

from support import resource
from surplus.model import Location, Resource, Span, Unknown
from surplus.owners import Owners
from surplus.trees import MemoryTree

FILE = "*.tf @infra\n# a comment\n/stacks/ @stacks @others\n/stacks/fraud/ @fraud # why\n/stacks/none/\n[Section]\n"


def at(path: str, one: Resource) -> Resource:
    return replace(one, location=Location(path, Span(1, 1, 1, 2)))


@pytest.mark.parametrize(
    ("path", "owner"),
    [("main.tf", "@infra"), ("stacks/a.tf", "@stacks"), ("stacks/fraud/a.tf", "@fraud"), ("stacks/none/a.tf", None)],
)
def test_the_last_line_of_codeowners_that_matches_counts(path: str, owner: str | None) -> None:
    owners = Owners(MemoryTree({".github/CODEOWNERS": FILE}))
    assert owners.owner(at(path, resource("aws_instance")))[0] == owner


def test_a_tag_comes_first_unless_the_policy_says_otherwise() -> None:
    tree = MemoryTree({"CODEOWNERS": "* @all\n"})
    one = at("main.tf", resource("aws_instance", tags={"team": "core"}))
    assert Owners(tree).owner(one) == ("core", "tag team")
    assert Owners(tree, ("codeowners", "tag:team")).owner(one) == ("@all", "codeowners")
    assert Owners(tree, ("tag:cost-centre",)).owner(one) == (None, None)


def test_labels_and_unknown_tags() -> None:
    tree = MemoryTree({})
    pod = resource("Deployment", metadata={"labels": {"app.kubernetes.io/part-of": "shop"}})
    assert Owners(tree).owner(pod) == ("shop", "label app.kubernetes.io/part-of")
    assert Owners(tree).owner(resource("aws_instance", tags=Unknown("later"))) == (None, None)
