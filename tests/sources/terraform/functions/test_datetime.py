from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surplus.model import Unknown
from surplus.sources.terraform.functions.datetime import formatdate, timeadd, timecmp
from surplus.sources.terraform.values import EvaluationError

NOON = "2018-01-02T13:12:01Z"

EXAMPLES: list[tuple[str, list[Any], Any]] = [
    ("formatdate", ["DD MMM YYYY hh:mm ZZZ", "2018-01-02T23:12:01Z"], "02 Jan 2018 23:12 UTC"),
    (
        "formatdate",
        ["EEEE, DD-MMM-YY hh:mm:ss ZZZ", "2018-01-02T23:12:01Z"],
        "Tuesday, 02-Jan-18 23:12:01 UTC",
    ),
    (
        "formatdate",
        ["EEE, DD MMM YYYY hh:mm:ss ZZZ", "2018-01-02T23:12:01-08:00"],
        "Tue, 02 Jan 2018 23:12:01 -0800",
    ),
    ("formatdate", ["MMM DD, YYYY", "2018-01-02T23:12:01Z"], "Jan 02, 2018"),
    ("formatdate", ["HH:mmaa", "2018-01-02T23:12:01Z"], "11:12pm"),
    ("formatdate", ["H AA Z ZZZZ ZZZZZ", "2018-01-02T13:12:01+05:30"], "1 PM +05:30 +0530 +05:30"),
    ("formatdate", ["Z ZZZ ZZZZ ZZZZZ", "2018-01-02T13:12:01+00:00"], "Z UTC +0000 +00:00"),
    ("formatdate", ["'It''s' D", NOON], "It's 2"),
    ("formatdate", ["hh'h' é", NOON], "13h é"),
    ("formatdate", ["MMMM M MM s m h", "2018-09-02T00:02:01Z"], "September 9 09 1 2 0"),
    ("formatdate", ["HH hh", "2018-09-02T00:02:01Z"], "12 00"),
    ("formatdate", ["YYYY", "0001-01-02T13:12:01Z"], "0001"),
    ("formatdate", ["ss", "2018-01-02T13:12:01.5Z"], "01"),
    ("timeadd", ["2017-11-22T00:00:00Z", "10m"], "2017-11-22T00:10:00Z"),
    ("timeadd", ["2017-11-22T00:00:00Z", "-1h30.5s"], "2017-11-21T22:59:29Z"),
    ("timeadd", ["2017-11-22T00:00:00+05:00", "1ms"], "2017-11-22T00:00:00+05:00"),
    ("timeadd", ["2017-11-22T00:00:00+00:00", "+5m"], "2017-11-22T00:05:00Z"),
    ("timeadd", ["2017-11-22T00:00:00Z", "1.5h"], "2017-11-22T01:30:00Z"),
    ("timeadd", ["2017-11-22T00:00:00.9Z", "100ms"], "2017-11-22T00:00:01Z"),
    ("timeadd", ["2017-11-22T00:00:00Z", "0"], "2017-11-22T00:00:00Z"),
    ("timecmp", ["2017-11-22T00:00:00Z", "2017-11-22T00:00:00Z"], 0),
    ("timecmp", ["2017-11-22T00:00:00Z", "2017-11-22T01:00:00Z"], -1),
    ("timecmp", ["2017-11-22T01:00:00Z", "2017-11-22T00:59:00Z"], 1),
    ("timecmp", ["2017-11-22T00:00:00Z", "2017-11-22T01:00:00+01:00"], 0),
    ("timecmp", ["2017-11-22T00:00:00Z", "2017-11-22T00:00:00.001Z"], -1),
]

ERRORS: list[tuple[str, list[Any]]] = [
    ("formatdate", ["'x", NOON]),
    ("formatdate", ["YYY", NOON]),
    ("formatdate", ["x", NOON]),
    ("formatdate", ["ZZ", NOON]),
    ("formatdate", ["EE", NOON]),
    ("formatdate", ["DDD", NOON]),
    ("formatdate", ["aA", NOON]),
    ("formatdate", ["YYYY", "2018-01-02"]),
    ("formatdate", ["YYYY", "2018-01-02 13:12:01Z"]),
    ("formatdate", ["YYYY", "2018-02-30T13:12:01Z"]),
    ("formatdate", ["YYYY", "2018-01-02t13:12:01z"]),
    ("formatdate", ["YYYY", "2018-01-02T13:12:01+24:00"]),
    ("timeadd", ["2017-11-22T00:00:00Z", "10d"]),
    ("timeadd", ["2017-11-22T00:00:00Z", ""]),
    ("timeadd", ["2017-11-22T00:00:00Z", "5"]),
    ("timeadd", ["2017-11-22T00:00:00Z", "1h 5m"]),
    ("timeadd", ["2017-11-22T00:00:00Z", "10000000h"]),
    ("timeadd", ["x", "1s"]),
    ("timecmp", ["x", "x"]),
    ("timestamp", [1]),
]


@pytest.mark.parametrize(("name", "args", "expected"), EXAMPLES)
def test_examples(run: Any, name: str, args: list[Any], expected: Any) -> None:
    assert run(name, *args) == expected


@pytest.mark.parametrize(("name", "args"), ERRORS)
def test_errors(run: Any, name: str, args: list[Any]) -> None:
    with pytest.raises(EvaluationError, match=f"^{name}: "):
        run(name, *args)


def test_a_year_that_cannot_be_kept_is_an_error(run: Any) -> None:
    with pytest.raises(EvaluationError, match="9999"):
        run("timeadd", "9999-11-22T00:00:00Z", "100000h")


@pytest.mark.parametrize("name", ["timestamp", "plantimestamp"])
def test_the_present_is_unknown(run: Any, name: str) -> None:
    assert "time of the" in run(name).reason
    assert run("formatdate", "YYYY", run(name)).reason == run(name).reason


def test_an_unknown_moment(run: Any) -> None:
    assert run("timeadd", Unknown("r"), "1h") == Unknown("r", nullable=False)


@given(st.datetimes(datetime(1000, 1, 1), datetime(9000, 1, 1)), st.integers(-(10**8), 10**8))
def test_timeadd_as_pythons_clock(moment: datetime, seconds: int) -> None:
    moment = moment.replace(microsecond=0)
    written = f"{moment.isoformat()}Z"
    result = timeadd(written, f"{seconds}s")
    assert result == f"{(moment + timedelta(seconds=seconds)).isoformat()}Z"
    assert timecmp(result, written) == (seconds > 0) - (seconds < 0)
    assert formatdate("YYYY-MM-DD'T'hh:mm:ss'Z'", written) == written
