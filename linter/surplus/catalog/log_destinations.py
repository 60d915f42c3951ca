"""Which arguments of which resource types name the S3 bucket that logs are delivered to."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from surplus.catalog.tables import rows


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
    return tuple(LogDestination(**row) for row in rows("log_destinations.csv"))
