"""KEDA triggers that count waiting work, so that none needs no pod: https://keda.sh/docs/latest/scalers/."""

from collections.abc import Mapping
from functools import cache

from surplus.catalog.tables import rows


@cache
def keda_queues() -> Mapping[str, str]:
    """What such a trigger looks at, by trigger type."""
    return {row["trigger"]: row["queue"] for row in rows("keda_queues.csv")}
