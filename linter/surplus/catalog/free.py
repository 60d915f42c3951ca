"""Resource types that bill nothing by themselves, each with the provider's page that says so."""

from collections.abc import Mapping
from functools import cache

from surplus.catalog.tables import rows


@cache
def free_types() -> Mapping[str, str]:
    """The page of each type that bills nothing by itself."""
    return {row["type"]: row["page"] for row in rows("free.csv")}
