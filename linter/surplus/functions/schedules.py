"""Cron schedules: `schedule_gap(text)` and `schedule_pause(text)`, the fewest and the most minutes between two runs.

The fields are those of https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#writing-a-cronjob-spec
"""

import re

from surplus.expressions import FunctionTable, Overload, UnknownValueError
from surplus.functions.scope import RuleScope

_EVERY = re.compile(r"@every (?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?")
_NAMED = {
    "@annually": "0 0 1 1 *",
    "@daily": "0 0 * * *",
    "@hourly": "0 * * * *",
    "@midnight": "0 0 * * *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@yearly": "0 0 1 1 *",
}
_ZONE = re.compile(r"(?:CRON_)?TZ=\S+\s+")
_PART = re.compile(r"(?:\*|(\d+)(?:-(\d+))?)(?:/(\d+))?")
_WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
HOUR, DAY = 60, 24 * 60


def schedule_gap(_: RuleScope, text: str) -> float:
    """The fewest minutes between two runs of a cron schedule: 5 for `*/5 * * * *`, 1440 for once a day or less often.

    Not decided for a text that is no schedule.
    """
    every = _every(text)
    if every is not None:
        return every
    times = _times(_fields(text))
    # The last run of a day and the first of the next: at its nearest, where days follow one another.
    gaps = [later - earlier for earlier, later in zip(times, [*times[1:], times[0] + DAY], strict=True)]
    return float(min(gaps))


def schedule_pause(_: RuleScope, text: str) -> float:
    """The most minutes between two runs of a cron schedule: 1440 for `@daily`, 4320 for `0 9 * * mon-fri`; infinity
    where it leaves out months or days of the month.

    Not decided for a text that is no schedule.
    """
    every = _every(text)
    if every is not None:
        return every
    fields = _fields(text)
    times = _times(fields)
    if any(field not in ("*", "?") for field in fields[2:4]):
        return float("inf")
    names = "|".join(_WEEKDAYS)
    weekdays = re.sub(names, lambda name: str(_WEEKDAYS.index(name.group())), fields[4].lower())
    runs = [day * DAY + time for day in _values(weekdays, 0, 6) for time in times]
    gaps = [later - earlier for earlier, later in zip(runs, [*runs[1:], runs[0] + 7 * DAY], strict=True)]
    return float(max(gaps))


def _every(text: str) -> float | None:
    """The minutes of `@every 1h30m`; none for another schedule."""
    every = _EVERY.fullmatch(_ZONE.sub("", text.strip()))
    if every is None or not any(every.groups()):
        return None
    hours, minutes, seconds = (int(part or 0) for part in every.groups())
    return hours * HOUR + minutes + seconds / 60


def _fields(text: str) -> list[str]:
    text = _ZONE.sub("", text.strip())
    fields = _NAMED.get(text, text).split()
    if len(fields) != 5:
        raise UnknownValueError(f"{text} is not a cron schedule")
    return fields


def _times(fields: list[str]) -> list[int]:
    """The minutes of a day at which it runs, in order."""
    minutes_of, hours_of = _values(fields[0], 0, 59), _values(fields[1], 0, 23)
    return [hour * HOUR + minute for hour in hours_of for minute in minutes_of]


def _values(field: str, low: int, high: int) -> list[int]:
    """The numbers that one field of a schedule stands for, in order."""
    found: set[int] = set()
    for part in field.split(","):
        match = _PART.fullmatch(part.replace("?", "*"))
        if match is None:
            raise UnknownValueError(f"{field} is not a field of a cron schedule")
        first, last, step = (None if group is None else int(group) for group in match.groups())
        start = low if first is None else first
        stop = high if first is None or (last is None and step) else (start if last is None else last)
        if not low <= start <= stop <= high or step == 0:
            raise UnknownValueError(f"{field} is not a field of a cron schedule")
        found.update(range(start, stop + 1, step or 1))
    return sorted(found)


FUNCTIONS: FunctionTable = {
    "schedule_gap": (Overload(("string",), schedule_gap), Overload(("null",), lambda _, __: None)),
    "schedule_pause": (Overload(("string",), schedule_pause), Overload(("null",), lambda _, __: None)),
}
