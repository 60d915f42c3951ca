"""Regular expressions: `regex`, `regexall`, and the pattern form of `replace`.

https://developer.hashicorp.com/terraform/language/functions/regex
"""

import re
from typing import TYPE_CHECKING, Any

from surplus.model import Unknown
from surplus.sources.terraform import limits
from surplus.sources.terraform.limits import TooCostlyError
from surplus.sources.terraform.values import EvaluationError

if TYPE_CHECKING:
    from surplus.sources.terraform.functions.re2 import Groups, Regex

REFERENCE = re.compile(r"\$(?:(\$)|\{(\w+)\}|(\w+))")


def regex(pattern: str, text: str) -> Any:
    """The first match: text, or a list or map of its groups; an error when nothing matches."""
    try:
        compiled = _compile_plain(pattern)
        found = next(compiled.matches(text), None)
    except TooCostlyError as error:
        return Unknown(str(error), nullable=False)
    if found is None:
        raise EvaluationError(f'the pattern "{pattern}" matches no part of the string')
    return _result(compiled, found, text)


def regexall(pattern: str, text: str) -> Any:
    """A list of all matches, each as `regex` gives it."""
    try:
        compiled = _compile_plain(pattern)
        return [_result(compiled, found, text) for found in compiled.matches(text)]
    except TooCostlyError as error:
        return Unknown(str(error), nullable=False)


def replace(text: str, old: str, new: str) -> Any:
    """*text* with *old*, a substring or a pattern between slashes, replaced by *new*."""
    if len(old) < 2 or not (old.startswith("/") and old.endswith("/")):
        if len(text) + text.count(old) * len(new) > limits.MAX_TEXT:
            return limits.exceeded("MAX_TEXT", limits.MAX_TEXT)
        return text.replace(old, new)
    try:
        compiled = _compile(old[1:-1])
        pieces = []
        end = size = 0
        for found in compiled.matches(text):
            pieces += [text[end : found[0]], _expand(new, compiled, found, text)]
            end = found[1] or 0
            size += len(pieces[-1])
            if size > limits.MAX_TEXT:
                return limits.exceeded("MAX_TEXT", limits.MAX_TEXT)
        return "".join([*pieces, text[end:]])
    except TooCostlyError as error:
        return Unknown(str(error), nullable=False)


def _compile(pattern: str) -> "Regex":
    from surplus.sources.terraform.functions.re2 import compile_pattern  # most runs match no pattern

    return compile_pattern(pattern)


def _compile_plain(pattern: str) -> "Regex":
    compiled = _compile(pattern)
    if None in compiled.names and any(compiled.names):
        raise EvaluationError(f'"{pattern}" mixes named and unnamed groups')
    return compiled


def _result(compiled: "Regex", found: "Groups", text: str) -> Any:
    groups = [_group(found, index + 1, text) for index in range(len(compiled.names))]
    if not groups:
        return _group(found, 0, text)
    if compiled.names[0] is None:
        return groups
    return {str(name): group for name, group in zip(compiled.names, groups, strict=True)}


def _group(found: "Groups", index: int, text: str) -> str | None:
    start, end = found[index * 2], found[index * 2 + 1]
    return None if start is None or end is None else text[start:end]


def _expand(template: str, compiled: "Regex", found: "Groups", text: str) -> str:
    def value(reference: re.Match[str]) -> str:
        if reference[1]:
            return "$"
        name = reference[2] or reference[3]
        if name in compiled.names:
            return _group(found, compiled.names.index(name) + 1, text) or ""
        if name.isdecimal() and int(name[:6]) <= len(compiled.names):
            return _group(found, int(name[:6]), text) or ""
        return ""

    return REFERENCE.sub(value, template)
