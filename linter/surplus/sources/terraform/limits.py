"""Bounds on what evaluation may cost, in one place. Whatever meets one names it.

Where Terraform has the bound too, passing it is an error; where it is ours, the value becomes unknown.
"""

from surplus.model import Unknown

MAX_RANGE = 1024
"""Numbers that `range` may give; Terraform's own bound."""

MAX_TEXT = 1_000_000
"""Characters of a text that a function gives."""

MAX_ITEMS = 100_000
"""Items of a list, set or map that a function gives, and values in a decoded document."""

MAX_NESTING = 100
"""Levels of lists and maps in a decoded document."""

MAX_DIGITS = 1_000
"""Digits of a number that a function reads."""

MAX_REGEX_PATTERN = 2_000
"""Characters of a regular expression."""

MAX_REGEX_PROGRAM = 20_000
"""Steps that a regular expression compiles to, its counted repeats written out."""

MAX_REGEX_INPUT = 100_000
"""Characters that a regular expression is searched in."""

MAX_REGEX_WORK = 3_000_000
"""Steps that one call may spend on matching."""

MAX_INSTANCES = 20_000
"""Instances of one count or for_each that are judged, and items of one dynamic block."""

MAX_RESOURCES = 200_000
"""Resources of one root that are judged."""

MAX_MODULE_DEPTH = 30
"""Module calls inside one another."""


class TooCostlyError(Exception):
    """What is asked for is valid and not worked out; the message is the reason of the unknown it becomes."""


MAX_CHOICES = 4
"""Values between which an unknown condition decides, that are kept for one attribute."""


def exceeded(name: str, bound: int) -> Unknown:
    """The value of what would pass the bound *name* of this module."""
    return Unknown(f"it would pass surplus's limit {name} ({bound:,})", nullable=False)


MAX_MODULES = 5_000
"""Module instances of one root; a few calls inside one another multiply quickly."""

MAX_ITERATIONS = 500_000
"""Turns that all `for` expressions and template loops of one root may take together."""

MAX_VALUE_PARTS = 500_000
"""Values inside one value of a local, variable or output; repeated references multiply quickly."""

MAX_VALUE_DEPTH = 200
"""Levels of lists and maps in one value."""

MAX_GLOB_CHOICES = 1_000
"""Patterns that the braces of one `fileset` pattern may spell out."""

MAX_CAUSES = 100
"""Steps in the chain from a value to the literal that sets it; nobody reads more."""
