"""Rule files: what is read from them, and that every mistake in one is told where it stands."""

from typing import Any

import pytest

from support import rule_text
from surplus.bundled import bundled_files
from surplus.definitions import Parameter
from surplus.model import RuleError, Severity
from surplus.rules import bundled_rules, parameter_error, read_rule, source_of, unknown_path

EXAMPLES = "[{pass: nothing, config: ''}, {pass: nothing else, config: ''}]"


def text(**parts: str) -> str:
    return rule_text(**{"examples": EXAMPLES, **parts})


def error(source: str, path: str = "rules/my-rule.yaml") -> str:
    with pytest.raises(RuleError) as caught:
        read_rule(source, path)
    return str(caught.value)


def line_of(source: str, start: str) -> int:
    return next(number for number, line in enumerate(source.splitlines(), 1) if line.startswith(start))


@pytest.mark.parametrize(("path", "source"), bundled_files("rules"))
def test_a_shipped_rule_passes_what_a_users_must_pass(path: str, source: str) -> None:
    assert read_rule(source, path).id == bundled_rules()[path.rsplit("/", 1)[1].removesuffix(".yaml")].id


def test_a_rule_has_what_its_file_says() -> None:
    (path, source), *_ = [entry for entry in bundled_files("rules") if entry[0].endswith("aws-ebs-gp2-volume.yaml")]
    rule = read_rule(source, path)
    assert (rule.id, rule.severity, rule.lever, rule.path) == ("aws-ebs-gp2-volume", Severity.ERROR, "reprice", path)
    assert rule.only_if_cheaper
    assert "aws_ebs_volume" in [type_ for target in rule.targets for type_ in target.resources]
    assert {one.fails for one in rule.examples} == {True, False}
    assert all(source.splitlines()[one.line - 1].lstrip(" -").startswith(("fail", "pass")) for one in rule.examples)


def test_a_place_is_that_of_the_part_else_of_what_holds_it() -> None:
    source = text()
    rule = read_rule(source, "my-rule.yaml")
    assert rule.place("when") == f"my-rule.yaml:{line_of(source, 'when')}:7"
    assert rule.place("docs", "nothing", "here") == f"my-rule.yaml:{line_of(source, 'docs')}:7"
    assert rule.place().startswith("my-rule.yaml:1:1")


def test_places_are_those_of_a_large_file_too() -> None:
    many = ", ".join(f"{{pass: number {number}, config: ''}}" for number in range(1500))
    source = text(examples=f"[{many}]")
    assert read_rule(source, "my-rule.yaml").place("when") == f"my-rule.yaml:{line_of(source, 'when')}:7"


def test_workload_stands_for_every_kind_with_a_pod_template() -> None:
    source = text(resources="[Workload]", when="pod.hostNetwork == true")
    (target,) = read_rule(source, "my-rule.yaml").targets
    assert {"Deployment", "CronJob", "Pod", "Rollout"} <= set(target.resources)


def test_a_rules_source_is_that_of_its_first_type() -> None:
    assert source_of({"resources": ["aws_eip"]}) == "terraform"
    assert source_of({"targets": [{"resources": ["Service"]}]}) == "kubernetes"


# Mistakes.


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("", "rules/my-rule.yaml:1:1: a rule file holds one mapping; this one holds 0 document(s)"),
        ("[a]\n", "rules/my-rule.yaml:1:1: a rule file holds one mapping"),
        (text() + "---\n" + text(), "rules/my-rule.yaml:1:1: a rule file holds one mapping; this one holds 2"),
        ("id: my-rule\n  x: 1\n", "rules/my-rule.yaml:2:"),
        ("id: my-rule\nid: my-rule\n", "rules/my-rule.yaml:2:1: duplicate key `id`"),
    ],
)
def test_a_file_that_is_no_rule_is_told(source: str, message: str) -> None:
    assert error(source).startswith(message)


@pytest.mark.parametrize(
    ("parts", "start", "message"),
    [
        ({"rest": "whem: true"}, "whem", "unknown key `whem`; did you mean `when`?"),
        ({"severity": "high"}, "severity", '`severity` is "high"; it must be one of error, warning, info'),
        ({"when": "resource.siez == 1.0"}, "when", "`resource.siez`: the types table has no siez in aws_ebs_volume"),
        ({"when": "resource.size =="}, "when", "Syntax error"),
        ({"when": "sise == 1.0"}, "when", "undeclared reference to 'sise'"),
        ({"when": "nofunction(resource.size)"}, "when", "undeclared reference to 'nofunction'"),
        ({"when": "resource.size + 1 == 2.0"}, "when", "numbers are fractions here: write 2.0"),
        ({"when": "has(resource.size)"}, "when", "`has(…)` is not used"),
        ({"when": "resource == null"}, "when", "`resource` alone cannot be used"),
        ({"when": "'text'"}, "when", "`when` must be true or false; this is string"),
        ({"when": "resource.type.matches('(')"}, "when", "invalid regular expression: missing )"),
        ({"when": '"x".matches("[a")'}, "when", "invalid regular expression: missing ]"),
        ({"when": "resource.size > params.max"}, "when", "the rule has no parameter `max`"),
        ({"when": "item.size == 1.0"}, "when", "`item.size` needs `each`, which this target lacks"),
        ({"message": '"{{ resource.siez }} GiB of it"'}, "message", "`resource.siez`: the types table has no siez"),
        ({"message": '"{{ sise }} GiB of it"'}, "message", "undeclared reference to 'sise'"),
        ({"message": '"{{ resource.size } GiB of it"'}, "message", "`{{` and `}}` do not pair up"),
        ({"message": '"resource.size }} GiB of it"'}, "message", "`{{` and `}}` do not pair up"),
        ({"rest": "at: resource.siez"}, "at", "`resource.siez`: the types table has no siez"),
        ({"rest": "at: size"}, "at", "`size` is neither a short name nor a path such as resource.type"),
        ({"rest": "better: {set: {resource.siez: 1}}"}, "better", "`resource.siez`: the types table has no siez"),
        ({"rest": "better: {set: {resource.size: '{{ nope }}'}}"}, "better", "undeclared reference to 'nope'"),
        ({"rest": "better: {unset: [resource.nope]}"}, "better", "`resource.nope`: the types table has no nope"),
        ({"rest": "names: {vol: resource.nope}"}, "names", "`resource.nope`: the types table has no nope"),
        ({"rest": "names: {type: resource.type}"}, "names", "`type` is a word of CEL or a function"),
        ({"rest": "names: {region: resource.type}"}, "names", "`region` is a word of CEL or a function"),
        ({"rest": "names: {linked: resource.type}"}, "names", "`linked` is a word of CEL or a function"),
        ({"rest": "each: 'nope[*]'"}, "each", "the types table has no nope in aws_ebs_volume"),
        ({"resources": "[aws_nothing]"}, "resources", "the types table has no aws_nothing; add it"),
        (
            {"resources": "[Service]", "when": "resource.spec.nope == 1.0"},
            "when",
            "`resource.spec.nope`: Service has no spec.nope",
        ),
        (
            {"resources": "[Service]", "when": "pod.hostNetwork == true"},
            "when",
            "`pod.hostNetwork`: Service has no pod",
        ),
        (
            {"resources": "[aws_instance]", "when": "resource.ebs_block_device.volume_type == 'gp2'"},
            "when",
            "`resource.ebs_block_device.volume_type`: ebs_block_device is a list of blocks; use `each`",
        ),
    ],
)
def test_a_mistake_is_told_at_its_line(parts: dict[str, str], start: str, message: str) -> None:
    source = text(**parts)
    found = error(source)
    place, _, rest = found.partition(": ")
    assert rest.startswith(message)
    assert place.startswith(f"rules/my-rule.yaml:{line_of(source, start)}:")


def parameter(entry: str) -> str:
    return f"parameters:\n  size: {{{entry}, description: A size of something.}}\n"


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ("type: integer, default: big", 'the default of `size` must be of type integer, not "big"'),
        ("type: integer, default: 1.5", "the default of `size` must be of type integer, not 1.5"),
        ("type: integer, default: 0, minimum: 1", "the default of `size` must be at least 1, not 0"),
        ("type: number, default: 2, maximum: 1.5", "the default of `size` must be at most 1.5, not 2"),
        ("type: boolean, default: 1", "the default of `size` must be of type boolean, not 1"),
        ("type: string, default: a, minimum: 1", "`size` is a string, so it has no minimum or maximum"),
        ("type: boolean, default: true, maximum: 1", "`size` is a boolean, so it has no minimum or maximum"),
        (
            "type: text, default: a",
            '`parameters.size.type` is "text"; it must be one of integer, number, string, boolean',
        ),
        ("type: integer", "`parameters.size` lacks `default`; add it"),
        ("type: integer, default: 1, min: 0", "unknown key `min`"),
    ],
)
def test_a_wrong_parameter_is_told(entry: str, message: str) -> None:
    found = error(text(parameters=parameter(entry)))
    assert found.partition(": ")[2].startswith(message)
    assert found.startswith("rules/my-rule.yaml:8:")


def test_right_parameters_pass() -> None:
    for entry in (
        "type: integer, default: 1, minimum: 1, maximum: 1",
        "type: number, default: 1",
        "type: string, default: ''",
    ):
        assert read_rule(text(parameters=parameter(entry)), "my-rule.yaml").parameters.keys() == {"size"}


@pytest.mark.parametrize(
    ("kind", "value", "fits"),
    [
        ("integer", 5, True),
        ("integer", True, False),
        ("integer", 5.0, False),
        ("integer", "5", False),
        ("integer", None, False),
        ("number", 5, True),
        ("number", 5.5, True),
        ("number", False, False),
        ("string", "x", True),
        ("string", ["x"], False),
        ("boolean", False, True),
        ("boolean", 0, False),
    ],
)
def test_a_parameter_takes_values_of_its_type(kind: str, value: Any, fits: bool) -> None:
    assert (parameter_error(Parameter(kind, None, ""), value) is None) == fits


@pytest.mark.parametrize(("value", "fits"), [(0, False), (1, True), (9, True), (10, False)])
def test_bounds_are_included(value: int, fits: bool) -> None:
    assert (parameter_error(Parameter("integer", 1, "", 1, 9), value) is None) == fits


def test_the_id_is_the_files_name() -> None:
    assert (
        error(text(), "rules/other.yaml")
        == "rules/other.yaml:1:5: the id is `my-rule`, the file's name `other`; make them equal"
    )
    assert read_rule(text(), "my-rule.yml").id == "my-rule"


TARGETS = """\
targets:
  - {resources: [aws_ebs_volume], names: {kind: resource.type}}
  - {resources: [aws_instance], each: "ebs_block_device[*]", names: {%s}}
"""


def with_targets(second: str) -> str:
    return text(when="kind == 'gp2'").replace("resources: [aws_ebs_volume]\n", TARGETS % second)


def test_what_is_marked_has_its_short_name_in_every_target() -> None:
    right = with_targets("kind: item.volume_type").replace("lever:", "at: kind\nlever:")
    assert len(read_rule(right, "my-rule.yaml").targets) == 2
    found = error(with_targets("sort: item.volume_type").replace("lever:", "at: kind\nlever:"))
    assert found == "rules/my-rule.yaml:10:5: this target lacks the short name `kind`, which `at` needs"


@pytest.mark.parametrize("use", ["better: {set: {kind: gp3}}", "better: {unset: [kind]}"])
def test_what_is_better_may_be_said_of_the_targets_that_have_the_name(use: str) -> None:
    rule = read_rule(with_targets("sort: item.volume_type").replace("lever:", f"{use}\nlever:"), "my-rule.yaml")
    assert len(rule.targets) == 2


def test_a_condition_may_read_a_name_that_a_target_lacks() -> None:
    assert len(read_rule(with_targets("sort: item.volume_type"), "my-rule.yaml").targets) == 2


def test_a_wrong_path_of_a_target_is_told_there() -> None:
    assert error(with_targets("kind: item.nope")).startswith("rules/my-rule.yaml:10:")


def test_a_condition_of_several_lines_is_told_at_its_first() -> None:
    source = text(when="PLACEHOLDER")
    (old,) = [line for line in source.splitlines() if line.startswith("when:")]
    source = source.replace(old, "when: |\n  resource.size == 1.0 &&\n  nope")
    assert error(source).startswith(f"rules/my-rule.yaml:{line_of(source, 'when')}:")
    assert "line 2, column" in error(source)


def test_every_wrong_key_is_told() -> None:
    assert len(error(text(rest="a: 1\nb: 2")).splitlines()) == 2


@pytest.mark.parametrize(
    ("type_", "path", "fits"),
    [
        ("aws_ebs_volume", ("size",), True),
        ("aws_ebs_volume", (), True),
        ("aws_instance", ("ebs_block_device", "volume_type"), False),
        ("Deployment", ("spec", "replicas"), True),
        ("Deployment", ("pod", "containers"), True),
        ("Deployment", ("spec", "replica"), False),
        ("Service", (), True),
        ("Nothing", (), False),
    ],
)
def test_the_types_tables_are_the_spelling_check(type_: str, path: tuple[str, ...], fits: bool) -> None:
    assert (unknown_path(type_, path) is None) == fits


def test_the_first_key_of_each_may_be_a_list() -> None:
    assert unknown_path("aws_instance", ("ebs_block_device", "volume_type"), list_ok=1) is None


@pytest.mark.parametrize("when", ["resource.size", "resource.type"])
def test_a_condition_that_is_no_truth_does_not_load(when: str) -> None:
    wrong = text(resources="[aws_ebs_volume]", when=when)
    with pytest.raises(RuleError, match="`when` must be true or false"):
        read_rule(wrong, "rules/my-rule.yaml")


def test_a_condition_may_be_an_attribute_that_is_true_or_false() -> None:
    right = text(resources="[aws_ebs_volume]", when="resource.encrypted")
    assert read_rule(right, "rules/my-rule.yaml").when == "resource.encrypted"
