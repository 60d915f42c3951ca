"""Extended support: the dates between which a provider charges more for a version past its standard support."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache

from surplus.catalog.tables import rows

AS_OF = "2026-08-17"
"""The day the calendar is of. Extended support is judged by it, so that a report does not change overnight."""


@dataclass(frozen=True, slots=True)
class Support:
    """When a version is in extended support (dates, YYYY-MM-DD), and what that adds: USD by `unit`, in the third year
    `usd_year_3`; None where the price is not known or is the same.
    """

    version: str
    start: str
    end: str
    usd: float | None
    usd_year_3: float | None
    unit: str

    @property
    def stage(self) -> str | None:
        """Where the calendar's day falls: `year-1-2`, `year-3`, or None before extended support. What runs past its
        end pays on: the provider moves it to a version that is as old as can be.
        """
        if self.start > AS_OF:
            return None
        third = f"{int(self.start[:4]) + 2}{self.start[4:]}"
        return "year-3" if third <= AS_OF else "year-1-2"

    @property
    def days(self) -> float:
        """Days of standard support left on the calendar's day; 0 or less in extended support."""
        return float((date.fromisoformat(self.start) - date.fromisoformat(AS_OF)).days)


YEAR = 365
"""A version to move to has standard support for more days than this."""


@cache
def _calendar() -> Mapping[tuple[str, str, str], tuple[Support, ...]]:
    found: dict[tuple[str, str, str], tuple[Support, ...]] = {}
    for row in rows("extended_support.csv"):
        key = (row["cloud"], row["service"], row["engine"])
        usd, later = (float(row[name]) if row[name] else None for name in ("usd", "usd_year_3"))
        one = Support(row["version"], row["start"], row["end"], usd, later, row["unit"])
        found[key] = (*found.get(key, ()), one)
    return found


def support_of(cloud: str, service: str, engine: str, version: str) -> Support | None:
    """The calendar of an engine's version, which may be finer than the calendar's: 8.0.36 is 8.0. None: not in it."""
    matching = (
        one
        for one in _calendar().get((cloud, service, engine), ())
        if re.match(rf"{re.escape(one.version)}(?![\d])", version)
    )
    return max(matching, key=lambda one: len(one.version), default=None)


def next_version(cloud: str, service: str, engine: str, version: str) -> str | None:
    """The version next after *version*, by the end of standard support, that has more than a year of it left."""
    own = support_of(cloud, service, engine, version)
    later = [one for one in _calendar().get((cloud, service, engine), ()) if one.days > YEAR]
    found = min((one for one in later if own and one.start > own.start), key=lambda one: one.start, default=None)
    return found.version if found else None
