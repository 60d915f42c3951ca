import re

import pytest

from support import REPOSITORY, rule
from surplus.docs import (
    FUNCTIONS_PAGE,
    find,
    functions_page,
    markdown_pages,
    resource_types,
    terminal_catalogue,
    terminal_page,
)
from surplus.model import ConfigError
from surplus.rules import bundled_rules

RULES = bundled_rules()


@pytest.mark.parametrize("id_", RULES)
def test_a_page_has_everything_and_fits_80_columns(id_: str) -> None:
    page = terminal_page(RULES[id_])
    text = re.split("\n(?:To add|Flagged)", page, maxsplit=1)[0]  # configuration keeps its own lines
    assert [line for line in text.splitlines() if len(line) > 80] == []
    assert all(f"\n{title}\n" in page for title in ("Why", "How to fix", "References"))
    assert re.search(r"\nFlagged(, in \w+)?: ", page) and re.search(r"\nAccepted(, in \w+)?: ", page)
    assert page.startswith(id_ + "\n") and page.endswith("\n") and not page.endswith("\n\n")
    assert [line for line in page.splitlines() if line != line.rstrip()] == []


def test_a_page_does_not_break_ids() -> None:
    page = terminal_page(rule(rest="conflicts: [" + ", ".join(f"aws-other-rule-{n:03}-long" for n in range(9)) + "]"))
    assert all(f"aws-other-rule-{n:03}-long" in page for n in range(9))


def test_examples_name_their_environment_on_both_pages() -> None:
    one = RULES["k8s-nonprod-no-downscale"]
    for page in (terminal_page(one), markdown_pages({one.id: one})["rules/kubernetes/README.md"]):
        assert "\nFlagged, in dev: " in page and "\nAccepted, in prod: " in page


def test_the_block_to_add_is_on_both_pages() -> None:
    one = RULES["k8s-nonprod-no-downscale"]
    assert "\nTo add\n  # kube-green" in terminal_page(one) and "\n  kind: SleepInfo\n" in terminal_page(one)
    page = markdown_pages({one.id: one})["rules/kubernetes/README.md"]
    assert "\nTo add:\n\n```yaml\n# kube-green" in page and "\nkind: SleepInfo\n" in page


def test_the_catalogue_has_every_rule() -> None:
    catalogue = terminal_catalogue(RULES)
    assert [id_ for id_ in RULES if f"  {id_} " not in catalogue] == []
    assert catalogue.endswith(f"{len(RULES)} rules; `surplus rule ID` explains one\n")


def test_the_catalogue_fits_80_columns_and_shows_titles_where_there_is_room() -> None:
    assert max(len(line) for line in terminal_catalogue(RULES, 80).splitlines()) <= 80
    wide = terminal_catalogue(RULES, 200)
    assert [one.id for one in RULES.values() if one.title not in wide] == []
    assert any(line.endswith("…") for line in terminal_catalogue(RULES, 110).splitlines())


def test_every_kind_with_a_pod_is_a_workload() -> None:
    assert resource_types(RULES["k8s-container-no-cpu-request"]) == ["Workload"]


def test_an_unknown_rule_names_the_nearest() -> None:
    with pytest.raises(ConfigError, match=r"there is no rule `aws-ebs-gp2`; did you mean `aws-ebs-gp2-volume`\?"):
        find(RULES, "aws-ebs-gp2")


def test_a_bar_does_not_break_the_tables() -> None:
    parameters = "parameters: {a: {type: string, default: 'x|y', description: 'one | two'}}"
    page = markdown_pages({"my-rule": rule(parameters=parameters)})["rules/terraform/README.md"]
    assert "| `a` | string | x\\|y | one \\| two |" in page


@pytest.mark.parametrize("path", markdown_pages(RULES))
def test_the_generated_pages_are_fresh(path: str) -> None:
    page = REPOSITORY / path
    fresh = page.is_file() and page.read_text("utf-8") == markdown_pages(RULES)[path]
    assert fresh, f"{path} is not what the rule files say: run `make docs`"


def test_the_table_of_functions_is_fresh() -> None:
    page = REPOSITORY / FUNCTIONS_PAGE
    assert page.is_file() and page.read_text("utf-8") == functions_page(), "run `make docs`"
