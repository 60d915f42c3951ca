"""What is read off the text of an expression: the paths and names in it, and what rules may not write."""

import re
from collections.abc import Collection, Mapping, Sequence
from functools import cache

ROOTS = ("resource", "item", "pod", "params")
CONTEXT = ("env", "nonprod", "region", "address")
TEXT = re.compile(r'"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])*\'')
CHAIN = re.compile(r"(?<![\w.])(resource|item|pod|params)\b((?:\s*\.\s*[A-Za-z_]\w*)*)(\s*\()?")
WORD = re.compile(r"(?<![\w.])([A-Za-z_]\w*)\b(?!\s*\()")
FIELDS = re.compile(r"(?:\s*\.\s*[A-Za-z_]\w*\b(?!\s*\())+")
MATCHES = re.compile(r"""\bmatches\s*\(\s*(?:[^()"']*,\s*)?(r?"(?:\\.|[^"\\])*"|r?'(?:\\.|[^'\\])*')\s*\)""")
HOLE = re.compile(r"\{\{\s*(.*?)\s*\}\}", re.DOTALL)
TYPES = (
    "type",
    "string",
    "int",
    "uint",
    "double",
    "bytes",
    "bool",
    "list",
    "map",
    "null_type",
    "duration",
    "timestamp",
)
RESERVED = frozenset((*TYPES, "true", "false", "null", "in", *ROOTS, *CONTEXT))
"""Words that a short name may not be."""

REFUSED: Sequence[tuple[re.Pattern[str], str]] = (
    (re.compile(r"\bhas\s*\("), "`has(…)` is not used: an unset attribute reads null, write `x != null`"),
    (
        re.compile(r"\.\?|\[\?"),
        "optional syntax is not used: an unset attribute reads null, write `x == null`",
    ),
    (
        re.compile(r"(?<![\w.\]])\d+\s*[-+*/%](?!\d*\.)|[-+*/]\s*\d+(?![\d.])"),
        "numbers are fractions here: write 2.0 beside + - * /",
    ),
    (
        re.compile(r"!\s*(?:resource|item|pod|params)(?:\.\w+)+(?!\s*[\w.(])"),
        "`!x` fails on an unset attribute: write `x != true`",
    ),
)

Fields = Mapping[str, frozenset[str]]
"""The keys that an expression selects, each with those it selects below it."""

NO_FIELDS: Fields = {}


class ExpressionError(Exception):
    """An expression that cannot be used, and what to write instead."""


def without_texts(source: str) -> str:
    """The expression with its text literals emptied, so that patterns meet code only."""
    return TEXT.sub('""', source)


def paths_in(source: str) -> tuple[tuple[str, ...], ...]:
    """The attribute paths an expression reads, in order of appearance; raises `ExpressionError`."""
    found: dict[tuple[str, ...], None] = {}
    for match in CHAIN.finditer(without_texts(source)):
        parts = [match[1], *re.findall(r"\w+", match[2])]
        if match[3]:  # the last name is a method or a macro: `.startsWith(`
            parts.pop()
        if len(parts) < 2:
            raise ExpressionError(f"`{match[1]}` alone cannot be used; name one of its attributes")
        found[tuple(parts)] = None
    return tuple(found)


PART = re.compile(r"""\.?([^.\[]+)|\[["']([^"']*)["']\]""")


@cache
def parts_of(path: str) -> tuple[str, ...]:
    """The parts of a path outside of CEL; a key that is no word stands in brackets: `labels["example.com/env"]`."""
    return tuple(word or key for word, key in PART.findall(path))


def conjuncts(source: str) -> list[str]:
    """The conditions that an expression joins by `&&` on its top level, in order; one where it does not."""
    code = TEXT.sub(
        lambda match: "x" * len(match[0]), source
    )  # of the same length, so that offsets are those of *source*
    depth, start, found = 0, 0, []
    for match in re.finditer(r"[()\[\]{}?]|&&|\|\|", code):
        sign = match[0]
        if sign in ("(", "[", "{"):
            depth += 1
        elif sign in (")", "]", "}"):
            depth -= 1
        elif depth == 0 and sign == "&&":
            found.append(source[start : match.start()].strip())
            start = match.end()
        elif depth == 0:
            return [source]
    return [*found, source[start:].strip()]


def words_in(source: str) -> frozenset[str]:
    """Bare words of an expression: short names are among them."""
    return frozenset(WORD.findall(without_texts(source)))


def refuse(source: str, names: Collection[str] = ()) -> None:
    """Raise `ExpressionError` for what CEL allows and rules do not, with what to write instead."""
    code = without_texts(source)
    for pattern, advice in REFUSED:
        if pattern.search(code):
            raise ExpressionError(advice)
    for match in re.finditer(r"!\s*([A-Za-z_]\w*)\b(?!\s*[.(\[])", code):
        if match[1] in names:
            raise ExpressionError(f"`!{match[1]}` fails on an unset attribute: write `{match[1]} != true`")


def fields_of(source: str) -> Fields:
    """What an expression selects: `c.resources.limits.cpu` gives resources, limits and cpu, each below the other."""
    found: dict[str, set[str]] = {}
    for match in FIELDS.finditer(without_texts(source)):
        parts = re.findall(r"\w+", match[0])
        for at, part in enumerate(parts):
            found.setdefault(part, set()).update(parts[at + 1 : at + 2])
    return {name: frozenset(below) for name, below in found.items()}


def variables_of(source: str, names: Collection[str]) -> tuple[str, ...]:
    """The variables an expression binds: dotted paths, the short *names* it uses, context words."""
    words = words_in(source)
    dotted = [".".join(path) for path in paths_in(source)]
    return (*dotted, *sorted(words.intersection(names)), *(word for word in CONTEXT if word in words))


def holes(text: str) -> list[str]:
    """The expressions inside `{{ }}` of a text."""
    return HOLE.findall(text)
