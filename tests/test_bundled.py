"""What ships: found in a clone and in a wheel, whole, and checked by what users' files are checked by."""

from pathlib import Path

import pytest

from surplus import bundled, policies, rules
from surplus.bundled import bundled_dir, bundled_files
from surplus.model import ConfigError, PolicyError, RuleError

REPOSITORY = Path(__file__).parents[1]


@pytest.mark.parametrize("name", ["rules", "policies"])
def test_every_file_of_the_repository_is_found_by_its_path(name: str) -> None:
    written = sorted(path.relative_to(REPOSITORY).as_posix() for path in (REPOSITORY / name).rglob("*.yaml"))
    assert [path for path, _ in bundled_files(name)] == written
    assert written


def test_texts_are_those_of_the_files() -> None:
    for path, text in bundled_files("policies"):
        assert (REPOSITORY / path).read_text("utf-8") == text


def test_a_wheels_own_copy_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "_bundled" / "rules").mkdir(parents=True)
    monkeypatch.setattr(bundled, "files", lambda package: tmp_path)
    assert bundled_dir("rules") == tmp_path / "_bundled" / "rules"
    assert bundled_dir("policies") == REPOSITORY / "policies"


def test_an_installation_that_is_not_whole_is_wrong_use(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundled, "bundled_dir", lambda name: tmp_path / name)
    with pytest.raises(ConfigError, match=r"rules: what ships with surplus cannot be read .* install it again"):
        bundled_files("rules")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("id: my-rule\n", "rules/my-rule.yaml:1:1: the file lacks `title`"),
        ("- a\n", "rules/my-rule.yaml:1:.*a rule file holds one mapping"),
        ("id: [", "rules/my-rule.yaml:1:"),
        ("", "rules/my-rule.yaml:1:1: a rule file holds one mapping"),
    ],
)
def test_a_broken_shipped_rule_is_one_line(text: str, message: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "bundled_files", lambda name: [("rules/my-rule.yaml", text)])
    with pytest.raises(RuleError, match=message):
        rules.bundled_rules.__wrapped__()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("environments: {a: {}}\n", "policies/default.yaml:1:16: `environments.a` lacks `class`"),
        ("rules: 3\n", "policies/default.yaml:1:1: `rules` is 3; it must be a mapping"),
        ("[1]\n", "policies/default.yaml:1:1: a policy is one mapping"),
        ("a: [", "policies/default.yaml:1:"),
    ],
)
def test_a_broken_shipped_policy_is_one_line(text: str, message: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(policies, "bundled_files", lambda name: [("policies/default.yaml", text)])
    with pytest.raises(PolicyError, match=message):
        policies.read_policy("extends: [default]\n", "surplus.yaml", lambda path: "")
