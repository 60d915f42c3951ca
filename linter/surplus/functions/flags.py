"""The command line of the container that is judged: `flag(name)`."""

import shlex
from collections.abc import Iterator
from typing import Any

from surplus.expressions import FunctionTable, Overload, UnknownValueError
from surplus.functions.scope import RuleScope, reach
from surplus.model import Unknown


def flag(scope: RuleScope, name: str) -> str | None:
    """The value of a flag of the container that is judged: `--name=value` or `--name value`, also with one dash and in
    a shell's `-c`; "true" for one without a value, null where it is not there. Of several the last counts.
    """
    words = list(_words(scope.item))
    found = None
    for at, word in enumerate(words):
        key, equals, value = word.partition("=")
        if key not in (f"--{name}", f"-{name}"):
            continue
        if not equals:
            after = words[at + 1] if at + 1 < len(words) else "-"
            value = "true" if after.startswith("-") else after
        found = value
    if found is not None and "$" in found:
        raise UnknownValueError(f"{found} is filled in when the container starts")
    return found


def _words(container: Any) -> Iterator[str]:
    """The words of a container's command and arguments; a shell's script is split into its own."""
    script = False
    for name in ("command", "args"):
        listed = reach(container, (name,), "")
        if isinstance(listed, Unknown):
            raise UnknownValueError(listed.reason)
        for word in listed if isinstance(listed, list) else ():
            if isinstance(word, Unknown):
                raise UnknownValueError(word.reason)
            text = str(word)
            if script:
                yield from _split(text)
            else:
                yield text
            script = text.startswith("-") and not text.startswith("--") and text.endswith("c")


def _split(script: str) -> list[str]:
    try:
        return shlex.split(script, comments=True)
    except ValueError:
        return script.split()


FUNCTIONS: FunctionTable = {"flag": (Overload(("string",), flag),)}
