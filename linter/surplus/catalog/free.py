"""Resource types that bill nothing by themselves, each with the provider's page that says so."""

import csv
from collections.abc import Mapping
from functools import cache
from importlib.resources import files


@cache
def free_types() -> Mapping[str, str]:
    """The page of each type that bills nothing by itself."""
    text = files("surplus.catalog").joinpath("free.csv").read_text("utf-8")
    return {row["type"]: row["page"] for row in csv.DictReader(text.splitlines())}
