"""Object storage: how long each storage class bills an object at least."""

import csv
from collections.abc import Mapping
from functools import cache
from importlib.resources import files


@cache
def _classes() -> Mapping[tuple[str, str], float]:
    text = files("surplus.catalog").joinpath("storage_classes.csv").read_text("utf-8")
    rows = csv.DictReader(text.splitlines())
    return {(row["cloud"], row["class"].upper()): float(row["minimum_days"]) for row in rows}


def minimum_days(cloud: str, class_: str) -> float | None:
    """For how many days an object in a class of *cloud* (aws, azure, gcp) is billed at least; None: not in the table.
    Upper and lower case are the same.
    """
    return _classes().get((cloud, class_.upper()))
