"""A user's own prices: what is used, and what is refused with its line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surplus.pricing.overrides import read_overrides

HEADER = "key,region,unit,usd\n"


def test_rows_become_prices() -> None:
    text = HEADER + "aws/ec2/m5.large/linux,eu-west-1,hour,0.07\naws/eks/cluster/standard,,hour,0.08\n\n"
    found, problems = read_overrides(text, "prices.csv")
    assert problems == []
    assert found["aws/ec2/m5.large/linux"]["eu-west-1"].usd == 0.07
    assert found["aws/eks/cluster/standard"]["*"].source == "override prices.csv:3"


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("aws/ec2/m5.large/linux,us-east-1,month,1", "is sold by the hour, not by the month"),
        ("aws/ec2/m5.large/linux,us-east-1,fortnight,1", "`fortnight` is no unit of prices"),
        ("aws/ec2/m5.large/linux,us-east-1,hour,cheap", "`cheap` is no number"),
        ("aws/ec2/m5.large/linux,us-east-1,hour,-1", "-1 is no price"),
        ("aws/ec2/m5.large/linux,us-east-1,hour,nan", "nan is no price"),
        ("m5.large,us-east-1,hour,1", "`m5.large` is no key such as"),
        ("oracle/vm/x/y,us-east-1,hour,1", "is no key such as"),
        ("aws/ec2/m5.large/linux,us-east-1,hour", "the row has 3 fields, the header 4"),
    ],
)
def test_a_row_that_cannot_be_used_leaves_the_others(row: str, message: str) -> None:
    found, problems = read_overrides(HEADER + row + "\naws/kms/key,*,month,0.5\n", "prices.csv")
    assert list(found) == ["aws/kms/key"]
    (problem,) = problems
    assert message in problem.message
    assert (problem.path, problem.span.line if problem.span else 0) == ("prices.csv", 2)


def test_two_overrides_for_one_price() -> None:
    row = "aws/kms/key,*,month,0.5\n"
    found, (problem,) = read_overrides(HEADER + row + row, "prices.csv")
    assert found["aws/kms/key"]["*"].usd == 0.5
    assert "has an override already, in line 2" in problem.message


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ("key,unit,usd", "it lacks region"),
        ("", "it lacks key, region, unit, usd"),
        ("key,region,unit,usd,note", "there is no column `note`"),
        ("key,region,unit,usd,usd", "a column stands twice"),
    ],
)
def test_a_wrong_header_uses_nothing(header: str, message: str) -> None:
    found, (problem,) = read_overrides(f"{header}\naws/kms/key,*,month,0.5\n", "prices.csv")
    assert found == {}
    assert message in problem.message


def test_other_currencies_and_dates() -> None:
    header = "key,region,unit,usd,currency,as_of\n"
    text = (
        header + "aws/kms/key,*,month,0.5,EUR,\naws/kms/key,*,month,0.5,USD,soon\naws/kms/key,*,month,0.4,,2026-01-02\n"
    )
    found, problems = read_overrides(text, "prices.csv")
    assert ["in USD, not in EUR" in problems[0].message, "`soon` is no date" in problems[1].message] == [True, True]
    assert found["aws/kms/key"]["*"].as_of == "2026-01-02"


@given(st.text(max_size=200))
def test_no_text_raises(text: str) -> None:
    read_overrides(text, "prices.csv")
    read_overrides(HEADER + text, "prices.csv")
