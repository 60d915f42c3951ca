"""The table of functions and the way one is called."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surplus.model import Unknown
from surplus.sources.terraform import limits
from surplus.sources.terraform.functions import (
    CONVERSIONS,
    FUNCTIONS,
    LANGUAGE_FUNCTIONS,
    SPECIAL,
    Context,
    call,
)
from surplus.sources.terraform.values import EvaluationError

# Written from the indexes of functions in Terraform's and OpenTofu's documentation.
DOCUMENTED = re.findall(
    r"\w+",
    """
abs ceil floor log max min parseint pow signum
chomp endswith format formatlist indent join lower regex regexall replace split startswith strcontains strrev
substr templatestring title trim trimprefix trimspace trimsuffix upper
alltrue anytrue chunklist coalesce coalescelist compact concat contains distinct element flatten index keys
length list lookup map matchkeys merge one range reverse setintersection setproduct setsubtract setunion slice
sort sum transpose values zipmap
base64decode base64encode base64gunzip base64gzip csvdecode jsondecode jsonencode textdecodebase64
textencodebase64 urldecode urlencode yamldecode yamlencode
abspath basename dirname file fileexists fileset filebase64 pathexpand templatefile
formatdate plantimestamp timeadd timecmp timestamp
base64sha256 base64sha512 bcrypt filebase64sha256 filebase64sha512 filemd5 filesha1 filesha256 filesha512 md5
rsadecrypt sha1 sha256 sha512 uuid uuidv5
cidrcontains cidrhost cidrnetmask cidrsubnet cidrsubnets
can convert ephemeralasnull issensitive nonsensitive sensitive tobool tolist tomap tonumber toset tostring try
type
""",
)

UNKNOWN_ON_PURPOSE = re.findall(
    r"\w+", "base64gzip bcrypt convert issensitive plantimestamp rsadecrypt timestamp type uuid"
)


def test_every_function_of_the_language_is_in_the_table() -> None:
    names = [name for name, _ in LANGUAGE_FUNCTIONS]
    assert names == sorted(DOCUMENTED)
    assert set(FUNCTIONS) & set(SPECIAL) == set()


def test_the_table_says_what_is_unknown_and_why() -> None:
    unknown = [name for name, note in LANGUAGE_FUNCTIONS if note.startswith("unknown: ")]
    assert unknown == sorted(UNKNOWN_ON_PURPOSE)
    assert {name for name, note in LANGUAGE_FUNCTIONS if "by the evaluator" in note} == {"try", "can"}
    assert all((row.run is None) == bool(row.why) for row in FUNCTIONS.values())


def test_the_table_uses_known_words() -> None:
    for row in FUNCTIONS.values():
        assert row.unknown in ("deep", "shallow", "own")
        assert {kind.rstrip("*?") for kind in row.parameters.split()} <= set(CONVERSIONS)
        assert not any(kind.endswith("*") for kind in row.parameters.split()[:-1])
        assert set(row.context) <= set(Context.__dataclass_fields__)


def test_names(run: Any) -> None:
    assert run("core::upper", "a") == "A"
    assert run("provider::aws::arn_parse", "a").reason == "provider::aws::arn_parse is a provider's function"
    with pytest.raises(EvaluationError, match='there is no function named "uper", did you mean "upper"'):
        run("uper", "a")
    with pytest.raises(EvaluationError, match=r'there is no function named "qqqqqq"$'):
        run("qqqqqq")


@pytest.mark.parametrize(
    ("name", "args", "message"),
    [
        ("upper", [], "1 argument required, not 0"),
        ("upper", ["a", "b"], "1 argument required, not 2"),
        ("replace", ["a"], "3 arguments required, not 1"),
        ("join", [], "at least 1 argument required, not 0"),
        ("upper", [None], "argument 1 must not be null"),
        ("trim", ["a", None], "argument 2 must not be null"),
        ("max", [1, None], "argument 2 must not be null"),
        ("upper", [{}], "a string is required, not map"),
        ("setunion", ["a"], "a list is required, not string"),
        ("sort", ["a"], "a list of strings is required, not string"),
        ("alltrue", ["a"], "a list of bools is required, not string"),
        ("substr", ["a", 0.5, 1], "a whole number is required, not 0.5"),
        ("uuid", [1], "0 arguments required, not 1"),
    ],
)
def test_arguments(run: Any, name: str, args: list[Any], message: str) -> None:
    with pytest.raises(EvaluationError, match=f"^{name}: {message}"):
        run(name, *args)


def test_a_float_without_a_fraction_is_a_whole_number(run: Any) -> None:
    assert run("element", ["a", "b"], 1.0) == "b"


def test_a_result_of_absurd_size_is_unknown_with_the_bound(run: Any) -> None:
    many, long = "a" * 2_000, "b" * 2_000
    calls: list[tuple[str, list[Any]]] = [
        ("replace", [many, "a", long]),
        ("replace", [many, "/a/", long]),
        ("join", [long, list(many)]),
        ("format", ["%[1]s" * 2_000, long]),
        ("formatlist", ["%s%s", list(many), long]),
        ("base64encode", ["a" * 999_999]),
    ]
    for name, args in calls:
        assert "MAX_TEXT" in run(name, *args).reason
    assert "MAX_ITEMS" in run("split", "", "a" * (limits.MAX_ITEMS + 1)).reason


def test_what_python_cannot_carry_out_is_an_error(run: Any) -> None:
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    with pytest.raises(EvaluationError, match="too deep"):
        run("tolist", [deep, deep])
    with pytest.raises(EvaluationError, match="too large"):
        run("tostring", 10**5_000)
    with pytest.raises(EvaluationError, match="too large"):
        run("ceil", float("inf"))


SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
ARGUMENTS = st.recursive(
    SCALARS | st.builds(Unknown, st.just("r"), st.none() | st.just("⟨a.b.c⟩"), st.booleans()),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
)
NOTHING = Context(
    read=lambda path: "",
    read_template=lambda path: "",
    read_bytes=lambda path: b"",
    exists=lambda path: False,
    fileset=lambda path, pattern: [],
    render=lambda text, variables: text,
)


@given(st.sampled_from(sorted(FUNCTIONS)), st.lists(ARGUMENTS, max_size=3))
def test_nothing_but_an_evaluation_error_is_raised(name: str, args: list[Any]) -> None:
    try:
        call(name, args, NOTHING)
    except EvaluationError as error:
        assert str(error).startswith(f"{name}: ")
