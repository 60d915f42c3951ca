from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surplus.expression_text import NO_FIELDS, ExpressionError, Fields
from surplus.expressions import Environment, Expression, Overload, UnknownValueError, to_cel
from surplus.model import Unknown
from surplus.verdicts import Verdict


class Values:
    """A scope over a plain mapping of variables."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self.values = values
        self.maybe: str | None = None
        self.include = False
        self.fields: Fields = NO_FIELDS
        self.dropped: dict[str, str] = {}

    def lookup(self, variable: str) -> Any:
        return self.values.get(variable)


def _interrupted(_: Any) -> Any:
    raise KeyboardInterrupt


def _faulty(_: Any) -> Any:
    raise ZeroDivisionError("by nothing")


def _unknown(_: Any) -> Any:
    raise UnknownValueError("the function cannot tell")


def _perhaps(scope: Any) -> list[str]:
    scope.maybe = "x may be ours"
    return ["x"] if scope.include else []


FUNCTIONS = {
    "interrupted": [Overload((), _interrupted)],
    "faulty": [Overload((), _faulty)],
    "cannot_tell": [Overload((), _unknown)],
    "perhaps": [Overload((), _perhaps)],
    "texts": [Overload(("string",), lambda _, text: text)],
}
NAMES = ("resource.a", "resource.b", "resource.spec.replicas", "resource.list", "size_gib")


@pytest.fixture(scope="module")
def environment() -> Environment:
    return Environment(FUNCTIONS, NAMES)


def evaluate(environment: Environment, source: str, /, **values: Any) -> Verdict:
    scope = Values({name.replace("__", "."): value for name, value in values.items()})
    return environment.evaluate(environment.compile(source, ["size_gib"]), scope)


# The verdict table of design section 6.


@pytest.mark.parametrize(
    "source",
    [
        "resource.a > 1.0",
        "1.0 < resource.a",
        'resource.a.startsWith("x")',
        "resource.a && true",
        "resource.a ? true : false",
        "-resource.a == 1.0",
        "resource.a.exists(x, x > 1.0)",
        'resource.a["k"] == "x"',
        "resource.a[0] == 1.0",
        'resource.a.matches("x")',
        '"x" in resource.a',
        "size(resource.a) > 1",
        'texts(resource.a) == "x"',
        '"a" + resource.a == "ab"',
    ],
)
def test_a_null_operand_makes_it_clean(environment: Environment, source: str) -> None:
    assert evaluate(environment, source, resource__a=None).kind == "null"


def test_unset_equals_null(environment: Environment) -> None:
    assert evaluate(environment, "resource.a == null", resource__a=None) == Verdict("value", True)


def test_an_unknown_makes_it_undecided_with_its_reason(environment: Environment) -> None:
    verdict = evaluate(environment, "resource.a > 1.0", resource__a=Unknown("var.a has no value"))
    assert verdict == Verdict("unknown", reason="var.a has no value")


@pytest.mark.parametrize(("source", "value"), [("false && resource.a > 1.0", False), ("true || resource.a", True)])
def test_an_unknown_that_does_not_decide_does_not_matter(environment: Environment, source: str, value: bool) -> None:
    assert evaluate(environment, source, resource__a=Unknown("no value")) == Verdict("value", value)


def test_an_unknown_inside_a_map_makes_the_map_unknown(environment: Environment) -> None:
    value = {"k": Unknown("var.k has no value"), "l": "x"}
    assert evaluate(environment, "resource.a.size() == 2", resource__a=value).reason == "var.k has no value"


def test_a_function_that_meets_an_unknown(environment: Environment) -> None:
    assert evaluate(environment, "cannot_tell() == 1.0") == Verdict("unknown", reason="the function cannot tell")
    assert evaluate(environment, "true || cannot_tell()") == Verdict("value", True)


@pytest.mark.parametrize(
    ("source", "values", "reason"),
    [
        ("resource.spec.replicas > 2.0", {"resource.spec.replicas": "three"}, "spec.replicas is text, not a number"),
        (
            'resource.a == "x" && 2.0 < resource.spec.replicas',
            {"resource.a": "x", "resource.spec.replicas": "three"},
            "spec.replicas is text, not a number",
        ),
        ("size_gib * 2.0 > 1.0", {"size_gib": "big"}, "size_gib is text, not a number"),
        ('resource.a.startsWith("x")', {"resource.a": 1.0}, "a is a number, not text"),
        ("resource.list.exists(x, x == 1.0)", {"resource.list": "no", "resource.a": "x"}, "list is text, not a list"),
        ('"x" in resource.list', {"resource.list": True}, "list is true or false, not a list"),
        ("resource.a ? true : false", {"resource.a": "yes"}, "a is text, not true or false"),
        ("resource.a && true", {"resource.a": "yes"}, "a is text, not true or false"),
        ("texts(resource.a) == null", {"resource.a": 1.0}, "a is a number, which the rule does not expect"),
        ("size(resource.a) > 1", {"resource.a": 1.0}, "a is a number, which the rule does not expect"),
        ("resource.list.exists(x, x.k == 1.0)", {"resource.list": ["text"]}, "list[0] is text, not a mapping"),
    ],
)
def test_a_wrong_type_is_undecided_and_named(
    environment: Environment, source: str, values: dict[str, Any], reason: str
) -> None:
    scope = Values(values)
    verdict = environment.evaluate(environment.compile(source, ["size_gib"]), scope)
    assert verdict == Verdict("unknown", reason=reason)


@pytest.mark.parametrize("source", ["double(resource.a) > 1.0", 'resource.list["k"] == 1.0'])
def test_a_value_of_the_wrong_form_is_undecided(environment: Environment, source: str) -> None:
    assert evaluate(environment, source, resource__a="x", resource__list=[]).kind == "unknown"


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("[1.0][5] == 1.0", "Index error: index=5 size=1"),
        ("int(resource.a) == 1", "double out of int64 range"),
        ("resource.b.matches(resource.b)", "invalid regular expression: missing ): ("),
        (
            "resource.list.all(x, resource.list.all(y, x == y || true))",
            "the expression loops more often than CEL allows (10,000 iterations)",
        ),
    ],
)
def test_everything_else_is_broken(environment: Environment, source: str, reason: str) -> None:
    values = {"resource__a": 1e300, "resource__b": "(", "resource__list": [1.0] * 200}
    assert evaluate(environment, source, **values) == Verdict("broken", reason=reason)


def test_an_error_inside_a_function_is_broken(environment: Environment) -> None:
    verdict = evaluate(environment, "faulty() == 1.0")
    assert verdict.kind == "broken"
    assert "ZeroDivisionError: by nothing" in verdict.reason


@pytest.mark.parametrize("source", ["interrupted()", "cannot_tell() && interrupted()"])
def test_an_interrupt_inside_a_function_is_not_swallowed(environment: Environment, source: str) -> None:
    with pytest.raises(KeyboardInterrupt):
        evaluate(environment, source)
    assert evaluate(environment, "1.0 == 1.0").value is True


# Relations that may hold.


def test_a_maybe_is_unknown_where_it_decides(environment: Environment) -> None:
    assert evaluate(environment, "perhaps().size() == 0") == Verdict("unknown", reason="x may be ours")


@pytest.mark.parametrize("source", ["perhaps().size() < 5", "perhaps().size() == 0 && resource.a > 1.0"])
def test_a_maybe_does_not_matter_where_both_ways_agree(environment: Environment, source: str) -> None:
    assert evaluate(environment, source, resource__a=None).kind in ("value", "null")


def test_null_and_false_agree(environment: Environment) -> None:
    source = "perhaps().size() == 0 ? resource.a > 1.0 : false"
    assert evaluate(environment, source, resource__a=None).kind == "null"


# Values on their way into CEL.


def test_integers_are_fractions_whatever_their_size(environment: Environment) -> None:
    assert evaluate(environment, "resource.a > 9.0e18", resource__a=2**64).value is True
    assert evaluate(environment, "resource.a < 0.0", resource__a=-(10**400)).value is True


@pytest.mark.parametrize("value", ["\ud800", {"\ud800": 1}, [{"k": "\udfff"}], Unknown("", "⟨\ud800⟩", False)])
def test_a_lone_surrogate_is_replaced(environment: Environment, value: Any) -> None:
    assert evaluate(environment, "resource.a != 1.0", resource__a=value).value is True


def test_a_computed_attribute_reads_as_its_text() -> None:
    assert to_cel(Unknown("computed", "⟨aws_subnet.a.id⟩", nullable=False)) == "⟨aws_subnet.a.id⟩"


def test_a_computed_attribute_that_may_be_null_is_unknown() -> None:
    with pytest.raises(UnknownValueError, match="computed"):
        to_cel(Unknown("computed", "⟨aws_subnet.a.arn⟩", nullable=True))


def test_blocks_read_null_where_unset_and_are_undecided_where_unknown(environment: Environment) -> None:
    blocks = [{"other": 1}, {"size": Unknown("var.size has no value")}]
    assert evaluate(environment, "resource.list[0].size == null", resource__list=blocks).value is True
    verdict = evaluate(environment, "resource.list[1].size == null", resource__list=blocks)
    assert verdict == Verdict("unknown", reason="var.size has no value")


def test_mappings_inside_blocks_read_null_along_the_path_only(environment: Environment) -> None:
    blocks: list[Any] = [{"resources": {"limits": {}}, "labels": {}}]
    source = "resource.list.all(c, c.resources.limits.cpu == null && c.resources.requests == null)"
    assert evaluate(environment, source, resource__list=blocks).value is True
    assert evaluate(environment, "resource.list.all(c, c.labels.size() == 0)", resource__list=blocks).value is True


def test_a_list_with_an_unknown_has_a_known_length_only_in_count(environment: Environment) -> None:
    verdict = evaluate(environment, "size(resource.list) == 2", resource__list=["a", Unknown("not known")])
    assert verdict == Verdict("unknown", reason="not known")


# What cannot be used.


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("resource.a >", "line 1, column"),
        ("nothing.known == 1.0", "undeclared reference"),
        ("[" * 40 + "1.0" + "]" * 40 + " == 1.0", "nested more than 32 deep"),
        ('resource.a.matches("(")', "invalid regular expression: missing"),
        ('matches(resource.a, r"[")', "invalid regular expression"),
        ("unheard_of()", "undeclared reference"),
    ],
)
def test_what_does_not_compile_says_why(environment: Environment, source: str, message: str) -> None:
    with pytest.raises(ExpressionError, match=message.replace("(", r"\(")):
        environment.compile(source)


JSON = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(JSON)
def test_every_known_value_can_be_handed_to_cel(value: Any) -> None:
    environment = Environment({}, ["resource.a"])
    expression = environment.compile("resource.a == resource.a || true")
    assert environment.evaluate(expression, Values({"resource.a": value})).value is True


CONDITIONS = ("resource.a == 1.0", "resource.b > 2.0", "cannot_tell()", "size(perhaps()) == 0", "resource.list == null")
VALUES = st.sampled_from([None, True, 1.0, 5.0, "x", Unknown("no default")])


@given(st.lists(st.sampled_from(CONDITIONS), min_size=2, max_size=4), VALUES, VALUES)
def test_joined_conditions_one_by_one_decide_at_least_as_much(conditions: list[str], a: Any, b: Any) -> None:
    environment = Environment(FUNCTIONS, NAMES)
    whole = environment.compile(" && ".join(conditions))
    together = Expression(whole.source, whole.variables, whole.program)
    values = {"resource.a": a, "resource.b": b}
    one, other = (_outcome(environment.evaluate(each, Values(values))) for each in (whole, together))
    # A condition on something that is not set is not met, whatever the others come to.
    assert one == other or (other == "unknown" and one is False)


def _outcome(verdict: Verdict) -> Any:
    return {"null": False, "value": verdict.value}.get(verdict.kind, verdict.kind)
