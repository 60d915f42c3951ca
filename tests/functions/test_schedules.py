"""How often a cron schedule runs at most and at least."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support import evaluated
from surplus.expressions import UnknownValueError
from surplus.functions.schedules import schedule_gap, schedule_pause
from surplus.functions.scope import RuleScope, World
from surplus.sources.kubernetes.manifests import read_manifests

JOB = read_manifests("apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: j}\nspec: {}\n", "j.yaml").resources[0]
SCOPE = RuleScope(JOB, World(evaluated(JOB)))


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("* * * * *", 1),
        ("*/5 * * * *", 5),
        ("*/7 * * * *", 4),
        ("0/15 * * * *", 15),
        ("10,40 * * * *", 30),
        ("5,10-20/5 * * * *", 5),
        ("55,5 * * * *", 10),
        ("55,5 3 * * *", 50),
        ("0 * * * *", 60),
        ("0 */6 * * *", 360),
        ("30 9-17 * * 1-5", 60),
        ("0 23,0 * * *", 60),
        ("0 3 * * *", 1440),
        ("0 3 1 * *", 1440),
        ("@hourly", 60),
        ("@daily", 1440),
        ("@every 1h30m", 90),
        ("@every 90s", 1.5),
        ("TZ=Europe/Berlin */10 * * * *", 10),
        ("CRON_TZ=UTC */10 * * ? *", 10),
    ],
)
def test_the_fewest_minutes_between_two_runs(text: str, minutes: float) -> None:
    assert schedule_gap(SCOPE, text) == minutes


@pytest.mark.parametrize(
    "text", ["", "often", "* * * *", "60 * * * *", "*/0 * * * *", "5-2 * * * *", "a * * * *", "@every", "0 24 * * *"]
)
def test_what_is_no_schedule_is_not_decided(text: str) -> None:
    with pytest.raises(UnknownValueError):
        schedule_gap(SCOPE, text)
    with pytest.raises(UnknownValueError):
        schedule_pause(SCOPE, text)


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("* * * * *", 1),
        ("55,5 3 * * *", 1390),
        ("0 0 * * *", 1440),
        ("0 0 ? * ?", 1440),
        ("@daily", 1440),
        ("0 9 * * mon-fri", 4320),
        ("0 9 * * SUN,3", 5760),
        ("0 9 * * 1", 10080),
        ("@weekly", 10080),
        ("0 0 1 * *", float("inf")),
        ("0 0 * 12 *", float("inf")),
        ("@every 1h30m", 90),
    ],
)
def test_the_most_minutes_between_two_runs(text: str, minutes: float) -> None:
    assert schedule_pause(SCOPE, text) == minutes


@pytest.mark.parametrize("text", ["0 0 * * weekdays", "0 0 * * 8"])
def test_a_day_of_the_week_that_there_is_not_is_not_decided(text: str) -> None:
    with pytest.raises(UnknownValueError):
        schedule_pause(SCOPE, text)


@given(st.sets(st.integers(0, 59), min_size=1), st.sets(st.integers(0, 23), min_size=1))
def test_the_gap_is_the_least_that_any_two_days_show(minutes: set[int], hours: set[int]) -> None:
    text = f"{','.join(map(str, minutes))} {','.join(map(str, hours))} * * *"
    times = sorted(day * 1440 + hour * 60 + minute for day in (0, 1) for hour in hours for minute in minutes)
    assert schedule_gap(SCOPE, text) == min(later - earlier for earlier, later in itertools.pairwise(times))
