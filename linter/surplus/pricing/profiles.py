"""Usage profiles: what things are used for in a month where nobody has measured it. Assumptions, in round figures;
whatever rests on one says so.
"""

import csv
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

PROFILES = ("small", "medium", "large")
"""A side project, a company of a few teams, a company of many."""


@cache
def profile(name: str) -> Mapping[str, Mapping[str, float]]:
    """The quantities of a profile by resource type and key, for one resource of the type."""
    found: dict[str, dict[str, float]] = {}
    text = files("surplus.pricing").joinpath("tables", "usage_profiles.csv").read_text("utf-8")
    for row in csv.DictReader(text.splitlines()):
        found.setdefault(row["type"], {})[row["key"]] = float(row[name])
    return found
