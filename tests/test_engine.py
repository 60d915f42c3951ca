from dataclasses import replace
from typing import Any

import pytest

from support import PLACE, evaluated, judge, resource, rule
from surplus.definitions import ActiveRule, Example
from surplus.engine import Judge
from surplus.examples import judge_files
from surplus.functions.scope import EnvironmentVerdict, World
from surplus.model import Resource, RuleError, Unknown
from surplus.rules import bundled_rules

GP2 = rule(when='resource.type == "gp2" && resource.size <= 100.0', message="{{ resource.size }} GiB")


def volume(name: str = "v", **values: Any) -> Resource:
    return resource("aws_ebs_volume", f"aws_ebs_volume.{name}", **values)


def test_true_is_a_hit_and_false_is_not() -> None:
    outcome = judge(GP2, volume("a", type="gp2", size=20), volume("b", type="gp3", size=20))
    assert [(hit.resource.address, hit.message) for hit in outcome.hits] == [("aws_ebs_volume.a", "20 GiB")]
    assert not outcome.undecided and not outcome.problems


def test_null_is_clean() -> None:
    outcome = judge(GP2, volume(type="gp2", size=None))
    assert not outcome.hits and not outcome.undecided and not outcome.problems


def test_unknown_is_undecided() -> None:
    outcome = judge(GP2, volume(type="gp2", size=Unknown("var.size has no value")))
    assert [(one.rule, one.resource, one.reason) for one in outcome.undecided] == [
        ("my-rule", "aws_ebs_volume.v", "var.size has no value")
    ]
    assert not outcome.hits


def test_a_wrong_type_is_undecided() -> None:
    outcome = judge(GP2, volume(type="gp2", size="many"))
    assert [one.reason for one in outcome.undecided] == ["size is text, not a number"]


def test_a_failing_rule_is_one_problem_however_often_it_fails() -> None:
    broken = rule(when="[1.0][5] == resource.size")
    outcome = judge(broken, *(volume(str(number), size=1) for number in range(20)))
    assert [(one.rule, one.path) for one in outcome.problems] == [("my-rule", "main.tf")]
    assert outcome.problems[0].message.startswith("rule my-rule failed on aws_ebs_volume.0: Index error")


def test_what_has_failed_in_one_root_is_not_told_of_the_next() -> None:
    broken = rule(when="[1.0][5] == resource.size")
    judging, told = Judge([broken]), set[tuple[str, str]]()
    active = [ActiveRule(broken, broken.severity, {})]
    found = [judging.judge(World(evaluated(volume(size=1))), active, broken=told).problems for _ in range(2)]
    assert [len(problems) for problems in found] == [1, 0]


def test_the_iteration_budget_is_a_problem_that_names_the_rule() -> None:
    each_with_each = (
        'linked("aws_eip", "tag").all(a, linked("aws_eip", "tag").all(b, a.address != "" && b.address != ""))'
    )
    eips = [resource("aws_eip", f"aws_eip.e{number:03}", tag="x") for number in range(200)]
    loop = rule(when=each_with_each.replace('"tag")', '"tag", "x")'))
    outcome = judge(loop, volume(), *eips)
    assert [one.message for one in outcome.problems] == [
        "rule my-rule failed on aws_ebs_volume.v: the expression loops more often than CEL allows (10,000 iterations)"
    ]


def test_one_failing_rule_leaves_the_others_alone() -> None:
    broken = rule("broken-rule", when="[1.0][5] == resource.size")
    active = [ActiveRule(one, one.severity, {}) for one in (broken, GP2)]
    outcome = Judge([broken, GP2]).judge(World(evaluated(volume(type="gp2", size=1))), active)
    assert len(outcome.hits) == len(outcome.problems) == 1


def test_when_gives_no_boolean() -> None:
    outcome = judge(rule(when="resource.size"), volume(size=1))
    assert [one.message for one in outcome.problems] == [
        "rule my-rule failed on aws_ebs_volume.v: `when` gave no true or false"
    ]


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ({"when": "1.0"}, "my-rule.yaml:10:7: `when` must be true or false; this is double"),
        ({"when": "resource.size >"}, "my-rule.yaml:10:7: Syntax error"),
        ({"when": 'resource.type.matches("(")'}, "my-rule.yaml:10:7: invalid regular expression"),
        ({"when": "has(resource.size)"}, "my-rule.yaml:10:7: `has"),
        ({"message": "{{ nothing }}"}, "my-rule.yaml:11:10: undeclared reference"),
        ({"rest": 'better: {set: {size: "{{ 1 + }}"}}'}, "my-rule.yaml:9:22: "),
    ],
)
def test_a_rule_that_does_not_compile_says_where(parts: dict[str, str], message: str) -> None:
    with pytest.raises(RuleError) as caught:
        judge(rule(**parts), volume(size=1))
    assert str(caught.value).startswith(message)


def test_rules_compile_when_a_resource_of_their_type_appears() -> None:
    assert not judge(rule(when="resource.size >"), resource("aws_eip")).problems


def test_each_judges_items_one_by_one() -> None:
    one = rule(rest='each: "ebs_block_device[*]"', when='item.volume_type == "gp2"', message="{{ item.volume_size }}")
    blocks = [
        {"volume_type": "gp2", "volume_size": 1},
        {"volume_type": "gp3"},
        {"volume_type": Unknown("no value")},
        {"volume_type": "gp2", "volume_size": Unknown("no value")},
    ]
    outcome = judge(one, resource("aws_ebs_volume", ebs_block_device=blocks))
    assert [(hit.route, hit.message) for hit in outcome.hits] == [
        (("ebs_block_device", 0), "1"),
        (("ebs_block_device", 3), "(unknown)"),
    ]
    assert [one.reason for one in outcome.undecided] == ["no value"]


@pytest.mark.parametrize(
    ("value", "reasons"),
    [
        (Unknown("no value"), ["no value"]),
        ({}, ["ebs_block_device is not a list"]),
        ("text", ["ebs_block_device is not a list"]),
        (None, []),
        ([], []),
    ],
)
def test_each_over_what_is_no_list(value: Any, reasons: list[str]) -> None:
    one = rule(rest='each: "ebs_block_device[*]"', when='item.volume_type == "gp2"')
    outcome = judge(one, resource("aws_ebs_volume", ebs_block_device=value))
    assert [one.reason for one in outcome.undecided] == reasons


def test_a_resource_that_may_not_exist_is_undecided() -> None:
    values = {"type": "gp2", "size": 1}
    perhaps = Resource("terraform", "aws_ebs_volume", "aws_ebs_volume.v", PLACE, values, instances=None, optional=True)
    outcome = judge(GP2, perhaps)
    assert not outcome.hits
    assert [one.reason for one in outcome.undecided] == [
        "aws_ebs_volume.v may not exist: its count or for_each is not known"
    ]


def test_at_and_better_become_routes() -> None:
    one = rule(
        rest='at: resource.type\nbetter: {set: {resource.type: gp3, resource.size: "{{ resource.size * 2.0 }}"}, '
        "unset: [resource.iops]}"
    )
    hit = judge(one, volume(size=1, iops=3000)).hits[0]
    assert (hit.route, dict(hit.better), hit.unset) == (("type",), {("type",): "gp3", ("size",): 2.0}, (("iops",),))
    assert hit.read == (("size",),)
    assert judge(one, volume(size=1)).hits[0].unset == ()  # what is not set cannot go


def test_what_cannot_be_computed_for_the_better_configuration_is_unknown() -> None:
    one = rule(rest='better: {set: {resource.type: "{{ resource.other }}"}}')
    hit = judge(one, volume(size=1, other=Unknown("no value"))).hits[0]
    assert hit.better == {("type",): Unknown("no value")}


def test_sensitive_values_are_judged_but_never_shown() -> None:
    one = rule(
        when='resource.type == "hunter2" && tag("k") == "hunter2"',
        message='{{ resource.type }} {{ resource.list }} {{ tag("k") }} {{ resource.type + "!" }}',
        rest='better: {set: {resource.size: "{{ resource.type }}"}}',
    )
    values = {"type": "hunter2", "list": ["hunter2", "x"], "tags": {"k": "hunter2"}}
    routes = frozenset({("type",), ("list", 0), ("tags", "k")})
    hit = judge(one, Resource("terraform", "aws_ebs_volume", "a.b", PLACE, values, sensitive=routes)).hits[0]
    assert hit.message == "(sensitive) (sensitive), x (sensitive) (sensitive)!"
    assert hit.better == {("size",): Unknown("it is sensitive")}


def test_parameters_and_environment() -> None:
    one = rule(
        parameters="parameters: {limit: {type: integer, default: 3, description: x}}",
        when="nonprod && resource.size > params.limit",
        message="{{ env }}: above {{ params.limit }}",
    )
    dev = EnvironmentVerdict("dev", False, "path dev")
    outcome = judge(one, volume(size=5), environment=dev, parameters={"limit": 4})
    assert [(hit.message, hit.environment) for hit in outcome.hits] == [("dev: above 4", dev)]
    assert not judge(one, volume(size=4), environment=dev, parameters={"limit": 4}).hits
    assert not judge(one, volume(size=5), parameters={"limit": 4}).hits
    undecided = judge(one, volume(size=5), environment=EnvironmentVerdict(unknown="why"), parameters={"limit": 4})
    assert [one.reason for one in undecided.undecided] == ["why"]


def test_an_interrupt_in_a_function_ends_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_: Any) -> None:
        raise KeyboardInterrupt

    one = rule(when="closed()")
    world = World(evaluated(volume()))
    monkeypatch.setattr(type(world.evaluated), "open_because", property(interrupted), raising=False)
    with pytest.raises(KeyboardInterrupt):
        Judge([one]).judge(world, [ActiveRule(one, one.severity, {})])


def test_only_what_is_selected_is_reported_but_everything_is_seen() -> None:
    one = rule(when='linked("aws_ebs_volume", "snapshot").size() == 1')
    first, second = volume("a", snapshot="aws_ebs_volume.b"), volume("b")
    first.values["snapshot"] = Unknown("computed", "⟨aws_ebs_volume.b.id⟩", nullable=False)
    active = [ActiveRule(one, one.severity, {})]
    judging = Judge([one])
    found = judging.judge(World(evaluated(first, second)), active, frozenset({second}))
    assert [hit.resource for hit in found.hits] == [second]
    assert not judging.judge(World(evaluated(first, second)), active, frozenset({first})).hits


def test_ten_thousand_resources() -> None:
    outcome = judge(GP2, *(volume(f"v{number}", type="gp2", size=1) for number in range(10_000)))
    assert len(outcome.hits) == 10_000


def test_a_target_says_how_its_own_fix_goes() -> None:
    text = {
        "main.tf": 'resource "aws_ebs_volume" "a" {\n  size = 8\n  type = "gp2"\n}\n'
        'resource "aws_instance" "b" {\n  ebs_block_device {\n    volume_size = 8\n    volume_type = "gp2"\n  }\n}\n'
    }
    rule = bundled_rules()["aws-ebs-gp2-volume"]
    example = Example("", True, text, 1)
    found = judge_files(rule, example, text, Judge([rule])).findings
    assert [(one.resource_type, one.fix.safe, one.fix.impact) for one in found if one.fix] == [
        ("aws_ebs_volume", True, "in-place"),
        ("aws_instance", False, "replace"),
    ]


def test_a_rule_that_holds_for_every_possible_value_fires() -> None:
    kind = Unknown("var.c has no value", choices=("gp2",))
    size = Unknown("var.c has no value", choices=(10, 20))
    outcome = judge(GP2, volume(type=kind, size=size))
    assert [hit.message for hit in outcome.hits] == ["10 or 20 GiB"]


@pytest.mark.parametrize("choices", [("gp2", "gp3"), ("gp2", None), ("st1", "sc1", "gp2")])
def test_a_rule_that_holds_for_some_possible_values_is_undecided(choices: tuple[str | None, ...]) -> None:
    outcome = judge(GP2, volume(type=Unknown("var.c has no value", choices=choices), size=20))
    assert not outcome.hits
    assert [one.reason for one in outcome.undecided] == ["var.c has no value"]


def test_a_rule_that_no_possible_value_meets_is_clean() -> None:
    outcome = judge(GP2, volume(type=Unknown("var.c has no value", choices=("gp3", None)), size=20))
    assert not outcome.hits and not outcome.undecided


def test_more_combinations_than_the_bound_are_undecided() -> None:
    many = Unknown("var.c has no value", choices=tuple(range(17)))
    assert judge(GP2, volume(type="gp2", size=many)).undecided


@pytest.mark.parametrize("ignored", ["type", "size", "*"])
def test_what_the_lifecycle_leaves_to_others_is_undecided(ignored: str) -> None:
    one = replace(volume(type="gp2", size=20), ignored=frozenset({ignored}))
    outcome = judge(GP2, one)
    assert not outcome.hits
    assert "are ignored: something else sets it" in outcome.undecided[0].reason


@pytest.mark.parametrize(("ignored", "hits"), [("root", 0), ("root.kind", 0), ("root.kind.deep", 0), ("root.tags", 1)])
def test_only_the_ignored_part_of_a_block_counts(ignored: str, hits: int) -> None:
    root = rule(rest='each: "root[*]"', when='item.kind == "gp2"', message="old")
    one = replace(volume(root=[{"kind": "gp2"}]), ignored=frozenset({ignored}))
    assert len(judge(root, one).hits) == hits


def test_what_is_ignored_elsewhere_does_not_matter() -> None:
    assert judge(GP2, replace(volume(type="gp2", size=20), ignored=frozenset({"tags"}))).hits


def test_what_follows_from_something_sensitive_is_not_called_unset() -> None:
    named = rule(when='resource.type == "m4.large"', message="{{ resource.type }}: {{ smaller(resource.type) }}")
    one = replace(volume(type="m4.large"), sensitive=frozenset({("type",)}))
    assert [hit.message for hit in judge(named, one).hits] == ["(sensitive): (sensitive)"]
