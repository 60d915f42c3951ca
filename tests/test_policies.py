"""Policies: reading, extending, checking names, and which rules they turn on."""

import re
from collections.abc import Mapping

import pytest

from support import rule
from surplus.bundled import bundled_files
from surplus.definitions import ActiveRule, Policy, Rule
from surplus.model import PolicyError, Severity
from surplus.policies import (
    MAX_EXTENDS,
    Reader,
    active_rules,
    check_names,
    shipped,
    shipped_names,
    shipped_policy,
)
from surplus.rules import bundled_rules


def read(text: str, files: Mapping[str, str] | None = None, path: str = "surplus.yaml") -> Policy:
    return reader(files).policy(text, path)


def reader(files: Mapping[str, str] | None = None) -> Reader:
    def read_file(path: str) -> str:
        if path not in (files or {}):
            raise PolicyError(f"{path}: there is no such file")
        return (files or {})[path]

    return Reader(read_file)


def error(text: str, files: Mapping[str, str] | None = None, path: str = "surplus.yaml") -> str:
    with pytest.raises(PolicyError) as caught:
        read(text, files, path)
    return str(caught.value)


RULES: Mapping[str, Rule] = {
    one.id: one
    for one in (
        rule(
            "aws-one",
            parameters="parameters: {size: {type: integer, default: 5, minimum: 1, maximum: 9, description: A size.}}",
        ),
        rule("aws-two", severity="warning"),
        rule("aws-three", severity="info"),
        rule("k8s-one"),
    )
}


def active(text: str, path: str = ".", files: Mapping[str, str] | None = None) -> dict[str, ActiveRule]:
    return {one.rule.id: one for one in active_rules(read(text, files), RULES, path)}


def names(text: str) -> None:
    one = reader()
    one.policy(text, "surplus.yaml")
    check_names(one.written, RULES)


# What ships.


def test_shipped_policies_are_named_after_their_files() -> None:
    assert shipped_names() == ["default", "nonprod", "pr", "strict"]
    for name in shipped_names():
        assert shipped_policy(name).name == name
    assert shipped("none") is None


def turned_on(name: str) -> list[Rule]:
    return [one.rule for one in active_rules(shipped_policy(name), bundled_rules())]


def test_strict_has_every_rule_and_default_those_that_may_fail() -> None:
    assert turned_on("strict") == sorted(bundled_rules().values(), key=lambda one: one.id)
    assert {one.severity for one in turned_on("default")} == {Severity.ERROR, Severity.WARNING}


def test_nonprod_has_only_rules_that_ask_for_the_environment() -> None:
    chosen = turned_on("nonprod")
    assert chosen and all("nonprod" in one.when for one in chosen)
    assert all(one in chosen for one in bundled_rules().values() if re.search(r"^nonprod\b", one.when))
    assert shipped_policy("nonprod").environments == shipped_policy("default").environments


def test_pr_has_only_what_is_applied_in_place() -> None:
    chosen = active_rules(shipped_policy("pr"), bundled_rules())
    assert chosen and all(one.targets and one.severity is not Severity.INFO for one in chosen)
    assert {one.rule.impact_of(target) for one in chosen for target in one.targets} == {"in-place"}
    fewer = {one.rule.id for one in chosen if len(one.targets) < len(one.rule.targets)}
    assert "aws-ebs-gp2-volume" in fewer  # a launch configuration is replaced


def test_default_leaves_info_out_and_strict_has_everything() -> None:
    assert [one.rule.id for one in active_rules(shipped_policy("default"), RULES)] == ["aws-one", "aws-two", "k8s-one"]
    assert {one.rule.id for one in active_rules(shipped_policy("strict"), RULES)} == RULES.keys()


def test_default_fails_on_errors_and_strict_on_warnings() -> None:
    assert (shipped_policy("default").fail_on, shipped_policy("strict").fail_on) == ("error", "warning")


@pytest.mark.parametrize(("path", "text"), bundled_files("policies"))
def test_a_shipped_policy_passes_what_a_users_must_pass(path: str, text: str) -> None:
    one = reader()
    one.policy(text, path)
    check_names(one.written, bundled_rules())


# Bad files.


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("rules: [", "surplus.yaml:1:9: not valid YAML"),
        ("a: b: c\n", "surplus.yaml:1:5: "),
        ("- a\n", "surplus.yaml:1:1: a policy is one mapping"),
        ("just text\n", "surplus.yaml:1:1: a policy is one mapping"),
        ("rules: {}\n---\nrules: {}\n", "surplus.yaml:3:1: a policy is one mapping"),
        ("rules: {}\nrules: {}\n", "surplus.yaml:2:1: duplicate key `rules`"),
        ("environments:\n  a: {class: production}\n  a: {class: production}\n", "surplus.yaml:3:3: duplicate key `a`"),
        ("ruls: {}\n", "surplus.yaml:1:1: unknown key `ruls`; did you mean `rules`?"),
        ("extends: [defalt]\n", "surplus.yaml:1:11: there is no policy `defalt`; did you mean `default`?"),
        ("extends: [org.yaml]\n", "surplus.yaml:1:11: org.yaml: there is no such file"),
        ("a: \0\n", "surplus.yaml:1:4: "),
    ],
)
def test_a_bad_policy_is_told_with_its_place(text: str, message: str) -> None:
    assert error(text).startswith(message)


def test_a_bad_policy_that_is_extended_is_told_at_its_own_place() -> None:
    assert error("extends: [a/org.yaml]\n", {"a/org.yaml": "\nrulez: {}\n"}).startswith(
        "a/org.yaml:2:1: unknown key `rulez`"
    )


def test_every_error_of_a_file_is_told() -> None:
    assert len(error("a: 1\nb: 2\n").splitlines()) == 2


# Extending.


@pytest.mark.parametrize("text", ["", "# only a comment\n", "fail_on: never\n"])
def test_a_policy_that_does_not_say_what_it_extends_extends_default(text: str) -> None:
    assert active(text).keys() == {"aws-one", "aws-two", "k8s-one"}
    assert [one.name for one in read(text).environments] == ["prod", "staging", "test", "dev"]


def test_extending_nothing_starts_from_nothing() -> None:
    assert active("extends: []\n") == {}
    assert read("extends: []\n").environments == ()
    assert read("extends: []\n").fail_on is None


def test_what_is_extended_by_path_extends_nothing_unless_it_says_so() -> None:
    assert active("extends: [org.yaml]\n", files={"org.yaml": "rules: {k8s-one: {}}\n"}).keys() == {"k8s-one"}


def test_a_path_is_relative_to_the_file_that_names_it() -> None:
    files = {
        "policy/org.yaml": "extends: [sub/base.yaml]\n",
        "policy/sub/base.yaml": "extends: [../top.yaml]\n",
        "policy/top.yaml": "fail_on: info\n",
    }
    assert read("extends: [../policy/org.yaml]\n", files, "infra/surplus.yaml").fail_on == "info"


def test_a_later_policy_wins_and_the_file_itself_most() -> None:
    files = {
        "a.yaml": "fail_on: info\nrules: {k8s-one: {severity: info}}\n",
        "b.yaml": "fail_on: never\nrules: {k8s-one: {severity: warning}}\n",
    }
    assert read("extends: [a.yaml, b.yaml]\n", files).fail_on == "never"
    assert active("extends: [a.yaml, b.yaml]\n", files=files)["k8s-one"].severity is Severity.WARNING
    assert active("extends: [b.yaml, a.yaml]\n", files=files)["k8s-one"].severity is Severity.INFO
    own = "extends: [a.yaml, b.yaml]\nfail_on: error\nrules: {k8s-one: {severity: error}}\n"
    assert read(own, files).fail_on == "error"
    assert active(own, files=files)["k8s-one"].severity is Severity.ERROR


@pytest.mark.parametrize(
    ("files", "circle"),
    [
        ({"surplus.yaml": "extends: [./surplus.yaml]"}, "surplus.yaml:1:11: .*circle: surplus.yaml → surplus.yaml"),
        (
            {"surplus.yaml": "extends: [a.yaml]", "a.yaml": "extends: [b.yaml]", "b.yaml": "extends: [x/../a.yaml]"},
            "b.yaml:1:11: .*circle: a.yaml → b.yaml → a.yaml",
        ),
    ],
)
def test_a_circle_is_told_where_it_closes(files: dict[str, str], circle: str) -> None:
    with pytest.raises(PolicyError, match=circle):
        read(files["surplus.yaml"], files)


def test_a_policy_that_several_extend_is_read_once() -> None:
    deep = {f"p{at}.yaml": f"extends: [p{at + 1}.yaml, p{at + 1}.yaml]\n" for at in range(MAX_EXTENDS - 1)}
    opened: list[str] = []

    def read_file(path: str) -> str:
        opened.append(path)
        return deep.get(path, "extends: []\n")

    Reader(read_file).policy("extends: [p0.yaml, p0.yaml]\n", "surplus.yaml")
    assert len(opened) == len(set(opened)) == MAX_EXTENDS


def test_too_long_a_chain_is_refused() -> None:
    files = {f"p{at}.yaml": f"extends: [p{at + 1}.yaml]\n" for at in range(MAX_EXTENDS + 5)}
    assert "more than 20 deep" in error("extends: [p0.yaml]\n", files)


def test_own_environments_come_first_and_replace_those_of_their_name() -> None:
    policy = read("environments:\n  load: {class: nonproduction}\n  dev: {class: production, paths: [d]}\n")
    assert [one.name for one in policy.environments] == ["load", "dev", "prod", "staging", "test"]
    assert policy.environments[1].production
    assert policy.environments[1].paths == ("d",)


def test_one_value_or_several_tell_an_environment_by_tag() -> None:
    policy = read("extends: []\nenvironments: {a: {class: production, tags: {x: one, y: [two, three]}}}\n")
    assert policy.environments[0].tags == {"x": ("one",), "y": ("two", "three")}


def test_rule_paths_are_relative_to_the_file_that_names_them() -> None:
    files = {"org/base.yaml": "rule_paths: [rules, ../more]\n"}
    assert read("extends: [org/base.yaml]\nrule_paths: [own]\n", files).rule_paths == ("org/rules", "more", "own")


# Names.


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("rules:\n  aws-on: {}\n", "surplus.yaml:2:3: there is no rule `aws-on`; did you mean `aws-one`?"),
        ("rules: {'gcp-*': {}}\n", "surplus.yaml:1:9: no rule matches `gcp-*`"),
        (
            "rules: {'severity:hgih': {}}\n",
            "surplus.yaml:1:9: there is no severity `hgih`; known are error, info, warning",
        ),
        (
            "rules: {'category:storag': {}}\n",
            "surplus.yaml:1:9: there is no category `storag`; did you mean `storage`?",
        ),
        (
            "rules: {'severty:info': {}}\n",
            "surplus.yaml:1:9: rules are not selected by `severty`; did you mean `severity`?",
        ),
        (
            "rules: {aws-one: {parameters: {siz: 1}}}\n",
            "surplus.yaml:1:32: `aws-one` has no parameter `siz`; did you mean `size`?",
        ),
        (
            "rules: {aws-one: {parameters: {size: big}}}\n",
            'surplus.yaml:1:32: parameter `size` of aws-one must be of type integer, not "big"',
        ),
        (
            "rules: {aws-one: {parameters: {size: true}}}\n",
            "surplus.yaml:1:32: parameter `size` of aws-one must be of type integer, not true",
        ),
        (
            "rules: {aws-one: {parameters: {size: 0}}}\n",
            "surplus.yaml:1:32: parameter `size` of aws-one must be at least 1, not 0",
        ),
        (
            "rules: {'aws-*': {parameters: {size: 10}}}\n",
            "surplus.yaml:1:32: parameter `size` of aws-one must be at most 9, not 10",
        ),
        ("scopes:\n- paths: [a]\n  rules: {aws-on: {}}\n", "surplus.yaml:3:11: there is no rule `aws-on`"),
    ],
)
def test_a_name_that_names_nothing_is_told(text: str, message: str) -> None:
    with pytest.raises(PolicyError) as caught:
        names(text)
    assert str(caught.value).startswith(message)


def test_names_in_an_extended_policy_are_checked_too() -> None:
    one = reader({"org.yaml": "rules:\n  nope-x: {}\n"})
    one.policy("extends: [org.yaml]\n", "surplus.yaml")
    with pytest.raises(PolicyError, match=r"org\.yaml:2:3: there is no rule `nope-x`"):
        check_names(one.written, RULES)


@pytest.mark.parametrize(
    "text", ["rules: {'*': {}, 'aws-*': {parameters: {size: 2}}, 'category:network': {}, 'confidence:low': {}}\n", ""]
)
def test_right_names_pass(text: str) -> None:
    names(text)


# Which rules are on.


@pytest.mark.parametrize(
    ("rules", "on"),
    [
        ("{}", set()),
        ("{'*': {}}", {"aws-one", "aws-two", "aws-three", "k8s-one"}),
        ("{'aws-*': {}}", {"aws-one", "aws-two", "aws-three"}),
        ("{aws-one: {}}", {"aws-one"}),
        ("{aws-one: {severity: info}}", {"aws-one"}),
        ("{'*': {}, aws-one: {enabled: false}}", {"aws-two", "aws-three", "k8s-one"}),
        ("{aws-one: {enabled: false}, '*': {}}", {"aws-one", "aws-two", "aws-three", "k8s-one"}),
        ("{'*': {enabled: false}}", set()),
        ("{aws-one: {enabled: true}}", {"aws-one"}),
        ("{'severity:info': {}}", {"aws-three"}),
        ("{'category:storage': {}, 'severity:error': {enabled: false}}", {"aws-two", "aws-three"}),
        ("{'confidence:low': {}}", set()),
    ],
)
def test_an_entry_turns_rules_on_and_a_later_one_wins(rules: str, on: set[str]) -> None:
    assert active(f"extends: []\nrules: {rules}\n").keys() == on


def test_active_rules_come_in_the_order_of_their_ids() -> None:
    assert list(active("extends: [strict]\n")) == sorted(RULES)


def test_settings_override_one_by_one() -> None:
    text = "rules: {aws-one: {severity: info, parameters: {size: 7}}, 'aws-*': {ignorable: false}}\n"
    one = active(text)["aws-one"]
    assert (one.severity, one.parameters, one.ignorable) == (Severity.INFO, {"size": 7}, False)
    assert (active("")["aws-one"].severity, active("")["aws-one"].parameters) == (Severity.ERROR, {"size": 5})
    assert active("")["aws-one"].ignorable


def test_a_parameter_goes_only_to_rules_that_have_it() -> None:
    found = active("rules: {'aws-*': {parameters: {size: 2}}}\n")
    assert (found["aws-one"].parameters, found["aws-two"].parameters) == ({"size": 2}, {})


def test_a_trait_is_the_rules_own_not_what_a_policy_makes_of_it() -> None:
    assert "aws-one" in active("extends: []\nrules: {aws-one: {severity: info}, 'severity:info': {enabled: false}}\n")


SCOPED = "rules: {aws-one: {enabled: false}}\nscopes:\n- {paths: ['sandbox/**'], rules: {'*': {severity: info}}}\n"


@pytest.mark.parametrize("path", ["sandbox", "sandbox/a/b"])
def test_a_scope_tunes_what_is_on_below_its_paths_and_turns_nothing_on(path: str) -> None:
    found = active(SCOPED, path)
    assert found.keys() == {"aws-two", "k8s-one"}
    assert {one.severity for one in found.values()} == {Severity.INFO}


@pytest.mark.parametrize("path", [".", "live", "live/sandbox"])
def test_a_scope_does_not_hold_elsewhere(path: str) -> None:
    assert {one.severity for one in active(SCOPED, path).values()} == {Severity.ERROR, Severity.WARNING}


def test_a_scope_turns_on_and_off_where_it_says_so_and_a_later_scope_wins() -> None:
    text = "scopes:\n- {paths: ['a/**'], rules: {aws-three: {enabled: true}, k8s-one: {enabled: false}}}\n"
    assert active(text, "a").keys() == {"aws-one", "aws-two", "aws-three"}
    text += "- {paths: ['**/b'], rules: {k8s-one: {enabled: true}}}\n"
    assert active(text, "a/b").keys() == {"aws-one", "aws-two", "aws-three", "k8s-one"}
