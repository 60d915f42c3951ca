"""Usage profiles: what things are used for in a month where nobody has measured it. Assumptions, in round figures;
whatever rests on one says so.
"""

from collections.abc import Mapping
from functools import cache

from surplus.pricing.book import read_table

PROFILES = ("small", "medium", "large")
"""A side project, a company of a few teams, a company of many."""


@cache
def profile(name: str) -> Mapping[str, Mapping[str, float]]:
    """The quantities of a profile by resource type and key, for one resource of the type."""
    found: dict[str, dict[str, float]] = {}
    for row in read_table("usage_profiles.csv"):
        found.setdefault(row["type"], {})[row["key"]] = float(row[name])
    return found
