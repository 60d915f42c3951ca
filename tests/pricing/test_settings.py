"""What policies say of prices, over one another; where imported prices are kept; figures as text."""

from pathlib import Path

import pytest

from surplus.definitions import PriceSettings
from surplus.model import PolicyError
from surplus.policies import read_policy
from surplus.pricing.book import Price
from surplus.pricing.folder import price_folder
from surplus.pricing.format import amount, notes, unit_price
from surplus.pricing.settings import book_of

BASE = """extends: []
prices:
  {usage_profile: small, discounts: {aws: 0.1, gcp: 0.2}, overrides: base.csv, kubernetes: {vcpu_hour: 0.03}}
"""
OWN = "extends: [./base.yaml]\nprices: {discounts: {aws: 0.3}, regions: {aws: eu-west-1}, usage_file: usage.yaml}\n"


def test_a_policy_is_merged_over_what_it_extends() -> None:
    policy = read_policy(OWN, "team/surplus.yaml", lambda _: BASE)
    assert policy.prices == PriceSettings(
        discounts={"aws": 0.3, "gcp": 0.2},
        overrides="team/base.csv",
        regions={"aws": "eu-west-1"},
        vcpu_hour=0.03,
        usage_file="team/usage.yaml",
        usage_profile="small",
    )


def test_owners_of_the_nearest_policy_count() -> None:
    base = "extends: []\nowners: {from: [codeowners]}\n"
    assert read_policy("extends: [./b.yaml]\n", "surplus.yaml", lambda _: base).owners == ("codeowners",)
    own = "extends: [./b.yaml]\nowners: {from: ['tag:team']}\n"
    assert read_policy(own, "surplus.yaml", lambda _: base).owners == ("tag:team",)


def test_the_price_of_a_node_may_be_given() -> None:
    book, problems = book_of(PriceSettings(vcpu_hour=0.05, gib_hour=0.006), lambda _: "", None)
    found = book.price("kubernetes/node/vcpu", None)
    assert problems == []
    assert isinstance(found, Price)
    assert (found.usd, found.source) == (0.05, "the policy")
    assert book.as_of() is None


def test_gpus_and_the_number_of_nodes_may_be_given() -> None:
    given = "extends: []\nprices: {kubernetes: {gpu_hour: 0.4, nodes: 12}}\n"
    own = "extends: [./b.yaml]\nprices: {kubernetes: {nodes: 3}}\n"
    settings = read_policy(own, "surplus.yaml", lambda _: given).prices
    assert (settings.gpu_hour, settings.nodes) == (0.4, 3.0)
    found = book_of(settings, lambda _: "", None)[0].price("kubernetes/node/gpu", None)
    assert isinstance(found, Price)
    assert (found.usd, found.unit) == (0.4, "GPU-hour")


@pytest.mark.parametrize("wrong", ["{nodes: -1}", "{nodes: many}", "{gpu_hour: -0.1}", "{gpus_hour: 1}"])
def test_what_a_policy_says_of_nodes_is_checked(wrong: str) -> None:
    with pytest.raises(PolicyError, match=r"surplus\.yaml:2:"):
        read_policy(f"extends: []\nprices: {{kubernetes: {wrong}}}\n", "surplus.yaml", lambda _: "")


def test_where_imported_prices_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    assert price_folder({"SURPLUS_PRICES": "/a/b"}) == Path("/a/b")
    for platform, name, part in (
        ("linux", "XDG_DATA_HOME", "data/surplus/prices"),
        ("win32", "LOCALAPPDATA", "data/surplus/prices"),
        ("darwin", "", "Library/Application Support/surplus/prices"),
    ):
        monkeypatch.setattr("sys.platform", platform)
        assert price_folder({name: "data"} if name else {}).as_posix().endswith(part)


@pytest.mark.parametrize(
    ("usd", "text"),
    [(0.1, "$0.10"), (3, "$3.00"), (0.0000166667, "$0.0000166667"), (0.1071648, "$0.107165"), (400.0, "$400.00")],
)
def test_unit_prices(usd: float, text: str) -> None:
    assert unit_price(usd) == text


def test_quantities_and_notes() -> None:
    assert [amount(one) for one in (730.0, 0.5, 1234.5678, 2_000_000.0)] == ["730", "0.5", "1,234.57", "2,000,000"]
    price = Price("a/b/c", "global", "hour", 1.0, "2026-01-01", "X", "made", 0.25)
    assert notes(price) == "2026-01-01, made, less 0.25 discount"
