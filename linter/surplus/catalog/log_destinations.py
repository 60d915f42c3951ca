"""Which arguments of which resource types name the S3 bucket that logs are delivered to."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class LogDestination:
    """An argument that names a bucket, as `form` of its name. `enabled` is the argument that turns delivery off, empty
    where none does; `kind` is log, or audit: a record that is kept for long.
    """

    type: str
    attribute: str
    enabled: str
    form: str
    kind: str


@cache
def log_destinations() -> Sequence[LogDestination]:
    """The whole table."""
    text = files("surplus.catalog").joinpath("log_destinations.csv").read_text("utf-8")
    return tuple(LogDestination(**row) for row in csv.DictReader(text.splitlines()))
