"""A `RunResult` turned into text, one module per format."""

from surplus.model import unknowns
from surplus.results import RunResult


def fully_known(result: RunResult) -> int:
    """How many of the judged resources hold no unknown value."""
    return sum(1 for _, one in result.resources if not any(True for _ in unknowns(one.values)))
