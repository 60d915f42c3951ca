"""Where a command's output goes: standard output or a file, and remarks on standard error."""

import os
import sys
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from surplus.model import Problem, SurplusError
from surplus.reporters.style import printable
from surplus.results import PricesUsed, Undecided

if TYPE_CHECKING:
    from surplus.reporters.style import Style

MIN_WIDTH = 60
STALE_DAYS = 180
"""Prices that are older are told."""


class Colour(StrEnum):
    """When text is coloured."""

    AUTO = "auto"
    ALWAYS = "always"
    NEVER = "never"


def lines(text: str) -> str:
    """Text that quotes a user's rules, without what would move the cursor of a terminal."""
    return "\n".join(printable(line) for line in text.split("\n"))


def coloured(colour: Colour, stream: object) -> bool:
    """Colour on a terminal, unless the environment or an option says otherwise."""
    if colour is not Colour.AUTO:
        return colour is Colour.ALWAYS
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR") or os.environ.get("CLICOLOR_FORCE"):
        return True
    return bool(getattr(stream, "isatty", lambda: False)()) and os.environ.get("TERM") != "dumb"


def width(output_file: Path | None) -> int:
    """The columns of the terminal; elsewhere always the same, so that the same input gives the same bytes."""
    from surplus.reporters.style import WIDTH

    if output_file is not None or not sys.stdout.isatty():
        return WIDTH
    import shutil

    return max(shutil.get_terminal_size((WIDTH, 24)).columns, MIN_WIDTH)


def write(text: str, output_file: Path | None) -> None:
    """To standard output, or to a file that is replaced in one step."""
    if output_file is None:
        try:
            sys.stdout.write(text)
            sys.stdout.flush()
        except BrokenPipeError:  # whoever reads has seen enough; what was found still decides the exit code
            _silence_stdout()
        except OSError as error:
            _silence_stdout()
            raise SurplusError(f"standard output cannot be written: {error.strerror}") from None
        return
    target = Path(os.path.realpath(output_file))
    data = text.encode("utf-8", "replace")
    if target.exists() and not target.is_file():
        part = target  # a device or a pipe is written, never replaced
    else:
        part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        try:
            part.write_bytes(data)
            if part != target:
                part.replace(target)
        except BaseException:
            if part != target:
                part.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise SurplusError(f"{output_file}: cannot be written: {error.strerror}") from None


def _silence_stdout() -> None:
    """Nobody reads it any more: what is still buffered must not fail when the interpreter ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def price_remarks(used: PricesUsed | None) -> None:
    """Old prices and regions without prices, once each; on standard error, as they depend on the day."""
    if used is None:
        return
    if used.oldest is not None:
        from datetime import UTC, datetime

        days = (datetime.now(UTC) - datetime.strptime(used.oldest, "%Y-%m-%d").replace(tzinfo=UTC)).days
        if days > STALE_DAYS:
            age = f"the oldest price used is of {used.oldest}, {days:,} days ago"
            sys.stderr.write(f"note: {age}; `surplus prices update` takes newer\n")
    if used.missing_regions:
        names = ", ".join(printable(one) for one in used.missing_regions[:5])
        sys.stderr.write(f"note: the price book has no region {names}; what is there is not priced\n")


def remarks(problems: Sequence[Problem], undecided: Sequence[Undecided], style: "Style", everything: bool) -> None:
    """Problems and what was undecided, on standard error."""
    from surplus.reporters.text import problem_lines, undecided_lines

    for line in (*problem_lines(problems, style, everything), *undecided_lines(undecided, style, everything)):
        sys.stderr.write(line + "\n")
