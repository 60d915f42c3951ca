"""Usage files: quantities by type and address glob, and what is wrong with them."""

import pytest

from support import resource
from surplus.model import ConfigError
from surplus.pricing.usage import Usage, matches, read_usage

TEXT = """\
aws_nat_gateway: {data_processed_gib: 100}
"module.vpc.aws_nat_gateway.*": {data_processed_gib: 500}
aws_s3_bucket.logs[0]: {storage_gib: 40}
"""


def test_the_last_pattern_with_the_key_counts() -> None:
    usage = read_usage(TEXT, "usage.yaml")
    one = resource("aws_nat_gateway", "aws_nat_gateway.a")
    other = resource("aws_nat_gateway", "module.vpc.aws_nat_gateway.this[0]")
    assert usage.quantity(one, "data_processed_gib") == 100
    assert usage.quantity(other, "data_processed_gib") == 500
    assert usage.quantity(one, "hours") is None


def test_brackets_stand_for_themselves() -> None:
    assert matches("aws_s3_bucket.logs[0]", resource("aws_s3_bucket", "aws_s3_bucket.logs[0]"))
    assert matches("aws_s3_bucket.logs[*]", resource("aws_s3_bucket", 'aws_s3_bucket.logs["a"]'))
    assert not matches("aws_s3_bucket.logs[0]", resource("aws_s3_bucket", "aws_s3_bucket.logs0"))


def test_patterns_that_no_resource_has_are_a_problem_each() -> None:
    usage = read_usage(TEXT, "usage.yaml")
    problems = usage.problems([resource("aws_nat_gateway", "aws_nat_gateway.a")], lambda _: {"data_processed_gib"})
    assert [(one.path, one.span.line if one.span else 0) for one in problems] == [("usage.yaml", 2), ("usage.yaml", 3)]
    assert "`module.vpc.aws_nat_gateway.*`, which no resource has" in problems[0].message


def test_keys_that_nothing_asks_for_are_a_problem_each() -> None:
    usage = read_usage("aws_nat_gateway: {data_procesed_gib: 1}\n", "usage.yaml")
    (problem,) = usage.problems([resource("aws_nat_gateway")], lambda _: {"data_processed_gib"})
    assert problem.message == "`data_procesed_gib` of `aws_nat_gateway` has no use here; known are data_processed_gib"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[1, 2]", "1:1: a usage file is one mapping"),
        ("a: {}\n---\nb: {}\n", "a usage file is one mapping"),
        ("aws_nat_gateway: 5", "1:1: `aws_nat_gateway` must hold quantities"),
        ("aws_nat_gateway:\n  gib: -1\n", "2:3: `gib` must be a number from 0 up"),
        ("aws_nat_gateway: {gib: many}", "`gib` must be a number"),
        ("aws_nat_gateway: {gib: true}", "`gib` must be a number"),
        ("a: {gib: 1}\na: {gib: 2}\n", "2:1:"),
        ("a: [\n", "usage.yaml:"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(text: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read_usage(text, "usage.yaml")
    assert str(caught.value).startswith("usage.yaml:")
    assert message in str(caught.value)


def test_an_empty_file_says_nothing() -> None:
    assert read_usage("", "usage.yaml") == Usage("usage.yaml")
