"""Object storage: how long each storage class bills an object at least."""

from collections.abc import Mapping
from functools import cache

from surplus.catalog.tables import rows


@cache
def _classes() -> Mapping[tuple[str, str], float]:
    return {(row["cloud"], row["class"].upper()): float(row["minimum_days"]) for row in rows("storage_classes.csv")}


def minimum_days(cloud: str, class_: str) -> float | None:
    """For how many days an object in a class of *cloud* (aws, azure, gcp) is billed at least; None: not in the table.
    Upper and lower case are the same.
    """
    return _classes().get((cloud, class_.upper()))
