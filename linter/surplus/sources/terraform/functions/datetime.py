"""Date and time functions. https://developer.hashicorp.com/terraform/language/functions/formatdate

A timestamp is RFC 3339 text; a fraction of a second counts and is not written.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from surplus.sources.terraform.values import EvaluationError

TIMESTAMP = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:[.,](\d+))?(?:Z|([+-])(\d\d):(\d\d))", re.ASCII)
DURATION = re.compile(r"(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)", re.ASCII)
NANOSECONDS = {
    "ns": 1,
    "us": 1_000,
    "µs": 1_000,
    "μs": 1_000,
    "ms": 1_000_000,
    "s": 10**9,
    "m": 60 * 10**9,
    "h": 3600 * 10**9,
}
MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]


@dataclass(frozen=True, slots=True)
class Moment:
    """A timestamp: its own clock's date and time, the nanoseconds, and the offset from UTC in minutes."""

    clock: datetime
    nanoseconds: int
    offset: int

    @property
    def order(self) -> tuple[datetime, int]:
        """What sorts moments."""
        return self.clock - timedelta(minutes=self.offset), self.nanoseconds

    def zone(self, colon: str) -> str:
        """The offset as ±hhmm, with *colon* inside."""
        hours, minutes = divmod(abs(self.offset), 60)
        return f"{'-' if self.offset < 0 else '+'}{hours:02}{colon}{minutes:02}"


def parse_moment(text: str) -> Moment:
    """Read an RFC 3339 timestamp; raises `EvaluationError` for anything else."""
    found = TIMESTAMP.fullmatch(text)
    if found is None:
        raise EvaluationError(f'"{text}" is not an RFC 3339 timestamp, like 2006-01-02T15:04:05Z')
    hours, minutes = int(found[4] or 0), int(found[5] or 0)
    try:
        clock = datetime.fromisoformat(found[1])
    except ValueError:
        raise EvaluationError(f'"{text}" is not a date and time that exists') from None
    if hours > 23 or minutes > 59:
        raise EvaluationError(f'"{text}" has an offset that does not exist')
    offset = (hours * 60 + minutes) * (-1 if found[3] == "-" else 1)
    return Moment(clock, int((found[2] or "0")[:9].ljust(9, "0")), offset)


def timeadd(timestamp: str, duration: str) -> str:
    """A timestamp moved by a duration such as "1h30m", which may be negative."""
    moment = parse_moment(timestamp)
    seconds = (moment.nanoseconds + _duration(duration)) // 10**9
    try:
        clock = moment.clock + timedelta(seconds=seconds)
    except OverflowError:
        raise EvaluationError("the result is not within the years 1 to 9999") from None
    return clock.isoformat() + (Moment(clock, 0, moment.offset).zone(":") if moment.offset else "Z")


def _duration(text: str) -> int:
    body = text[1:] if text[:1] in ("+", "-") else text
    if body == "0":
        return 0
    parts = list(DURATION.finditer(body))
    if not parts or "".join(part[0] for part in parts) != body or len(body) > 100:
        raise EvaluationError(f'"{text}" is not a duration, like "1h30m"')
    total = 0
    for part in parts:
        whole, _, fraction = part[1].partition(".")
        unit = NANOSECONDS[part[2]]
        total += int(whole or "0") * unit + int(fraction or "0") * unit // 10 ** len(fraction)
    if total >= 1 << 63:
        raise EvaluationError(f'"{text}" is longer than a duration can be')
    return -total if text.startswith("-") else total


def timecmp(left: str, right: str) -> int:
    """-1, 0 or 1: whether the first moment is before, at or after the second."""
    first, second = parse_moment(left).order, parse_moment(right).order
    return (first > second) - (first < second)


def _two(value: int) -> str:
    return f"{value:02}"


VERBS: dict[str, Callable[[Moment], str]] = {
    "YYYY": lambda at: f"{at.clock.year:04}",
    "YY": lambda at: _two(at.clock.year % 100),
    "MMMM": lambda at: MONTHS[at.clock.month - 1],
    "MMM": lambda at: MONTHS[at.clock.month - 1][:3],
    "MM": lambda at: _two(at.clock.month),
    "M": lambda at: str(at.clock.month),
    "DD": lambda at: _two(at.clock.day),
    "D": lambda at: str(at.clock.day),
    "EEEE": lambda at: DAYS[at.clock.weekday()],
    "EEE": lambda at: DAYS[at.clock.weekday()][:3],
    "hh": lambda at: _two(at.clock.hour),
    "h": lambda at: str(at.clock.hour),
    "HH": lambda at: _two((at.clock.hour - 1) % 12 + 1),
    "H": lambda at: str((at.clock.hour - 1) % 12 + 1),
    "AA": lambda at: "AM" if at.clock.hour < 12 else "PM",
    "aa": lambda at: "am" if at.clock.hour < 12 else "pm",
    "mm": lambda at: _two(at.clock.minute),
    "m": lambda at: str(at.clock.minute),
    "ss": lambda at: _two(at.clock.second),
    "s": lambda at: str(at.clock.second),
    "ZZZZZ": lambda at: at.zone(":"),
    "ZZZZ": lambda at: at.zone(""),
    "ZZZ": lambda at: at.zone("") if at.offset else "UTC",
    "Z": lambda at: at.zone(":") if at.offset else "Z",
}
"""Each verb of `formatdate` and what it writes."""


def formatdate(specification: str, timestamp: str) -> str:
    """A timestamp written by verbs such as YYYY and hh; text between quotes and all but letters stays."""
    moment = parse_moment(timestamp)
    return "".join(_written(piece, moment) for piece in _pieces(specification))


def _pieces(specification: str) -> list[str]:
    """*specification* cut into verbs and literals; a literal begins with a quote."""
    pieces: list[str] = []
    rest = specification
    while rest:
        if rest[0] == "'":
            found = re.match(r"'((?:[^']|'')*)'", rest)
            if found is None:
                raise EvaluationError("a quote in the format is not closed")
            pieces.append("'" + found[1].replace("''", "'"))
            rest = rest[found.end() :]
            continue
        letter, run = next(groupby(rest))
        verb = "".join(run)
        pieces.append(verb if letter.isascii() and letter.isalpha() else "'" + verb)
        rest = rest[len(verb) :]
    return pieces


def _written(piece: str, moment: Moment) -> str:
    if piece.startswith("'"):
        return piece[1:]
    if piece not in VERBS:
        near = [verb for verb in VERBS if verb[0] == piece[0]]
        hint = f"; there are {', '.join(near)}" if near else ""
        raise EvaluationError(f'"{piece}" is not a date format verb{hint}')
    return VERBS[piece](moment)
