"""Lines of scanned files as they may be shown: what is sensitive in them is replaced."""

import json
import re
from collections.abc import Container, Iterable, Iterator, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any

from surplus.model import Resource, walk

MASK = "(sensitive)"
PLAIN = re.compile(r"[\w .,:;=+@#!?*()-]*", re.ASCII)
"""A text that no format escapes."""
SHORTEST = 4
"""A shorter secret is looked for only between quotes: elsewhere it would match by chance."""

WORDS = r"(?:passwd|password|passphrase|secret|token|credentials?|(?:private|api|access|secret)[_-]?key)"
HINT = re.compile(rf"(?i){WORDS}")
ASSIGNED = re.compile(
    rf"""(?ix) (?P<key> (?<![\w.-]) [\w.-]* {WORDS} ["']? \s* [:=] \s* )
    (?: "(?P<double>(?:\\.|[^"\\])+)" | '(?P<single>[^']+)' | (?<=:\s)(?P<plain>[^\s"'{{\[|>&*!#,][^#,}}]*) )"""
)
"""A key whose name says that it holds a secret, with a literal."""

NAMED = re.compile(rf"""(?i)\bname["']?\s*[:=]\s*["']?[\w.-]*{WORDS}["']?\s*(?:[,}}]\s*)?$""")
PAIR = re.compile(
    rf"""(?i)(\bname["']?\s*:\s*["']?[\w.-]*{WORDS}[\w.-]*["']?\s*,\s*["']?value["']?\s*:\s*)"""
    r"""(?:"(?:\\.|[^"\\])+"|'[^']+'|[^\s"'{\[|>&*!#,}][^#,}]*)"""
)
"""`{name: DB_PASSWORD, value: …}` on one line."""

VALUE = re.compile(r"""(?i)(\bvalue["']?\s*[:=]\s*)(?:"(?:\\.|[^"\\])+"|'[^']+'|[^\s"'{\[|>&*!#,][^#,}]*)""")
NO_SECRET = re.compile(r"true|false|null|~|[\d.]+|\$\{[^{}]*\}|\$\([^()]*\)", re.IGNORECASE)


def secrets(resources: Iterable[Resource]) -> frozenset[str]:
    """Every known text that a sensitive route of a resource holds, line by line."""
    found: set[str] = set()
    for resource in resources:
        for route in resource.sensitive:
            found |= lines_in(walk(resource.values, route))
    return frozenset(found)


def lines_in(value: Any) -> set[str]:
    """Every line of the known texts and numbers in *value*, as files write them."""
    return {line.strip() for text in _texts(value) for line in text.splitlines()} - {""}


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        yield format(Decimal(repr(value)), "f").removesuffix(".0")
    elif isinstance(value, (list, dict)):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _texts(item)


def mask(lines: Sequence[str], known: frozenset[str], wanted: Container[int] | None = None) -> tuple[str, ...]:
    """The lines with the *known* secrets, and literals that a key calls a secret, replaced.

    Where *wanted* names line numbers, the others are left empty: nobody shows them.
    """
    shown_text = "\n".join(line for number, line in enumerate(lines, 1) if wanted is None or number in wanted)
    pattern = _pattern([spelling for spelling in _spelled(known) if spelling in shown_text])
    result: list[str] = []
    before = ""
    for number, line in enumerate(lines, 1):
        if wanted is not None and number not in wanted:
            result.append("")
            before = line
            continue
        shown = pattern.sub(_hidden, line) if pattern else line
        if HINT.search(line):
            shown = PAIR.sub(lambda match: match[1] + MASK, ASSIGNED.sub(_assigned, shown))
        if before and NAMED.search(before):
            shown = VALUE.sub(lambda match: match[1] + MASK, shown)
        result.append(shown)
        before = line if HINT.search(line) else ""
    return tuple(result)


@lru_cache(maxsize=4)
def _spelled(known: frozenset[str]) -> tuple[str, ...]:
    """Every spelling of every secret, longer ones first: one inside another must not leave the rest to be read."""
    spelled = {spelling for text in known for spelling in _spellings(text)}
    return tuple(sorted(spelled, key=lambda text: (-len(text), text)))


def _pattern(spelled: Sequence[str]) -> re.Pattern[str] | None:
    """What matches any of the secrets, the first that matches."""
    if not spelled:
        return None
    parts = [
        rf"(?<!\w){re.escape(text)}(?!\w)" if len(text) >= SHORTEST else rf"""(?<=["']){re.escape(text)}(?=["'])"""
        for text in spelled
    ]
    return re.compile("|".join(parts))


def _spellings(text: str) -> set[str]:
    """A text as files may hold it: as it is, between quotes in JSON and YAML, in Terraform."""
    if PLAIN.fullmatch(text):
        return {text}
    found = {text, text.replace("'", "''")}
    for escaped in (json.dumps(text)[1:-1], json.dumps(text, ensure_ascii=False)[1:-1]):
        found |= {escaped, escaped.replace("${", "$${").replace("%{", "%%{"), escaped.replace("/", "\\/")}
        for upper in (False, True):
            codes = {sign: f"\\u{ord(sign):04{'X' if upper else 'x'}}" for sign in "<>&'"}
            found.add("".join(codes.get(sign, sign) for sign in escaped))
    return found


def _hidden(_: re.Match[str]) -> str:
    return MASK


def _assigned(match: re.Match[str]) -> str:
    value = (match["double"] or match["single"] or match["plain"] or "").rstrip()
    if NO_SECRET.fullmatch(value) or value == MASK:
        return match[0]
    quote = '"' if match["double"] else "'" if match["single"] else ""
    return f"{match['key']}{quote}{MASK}{quote}"
