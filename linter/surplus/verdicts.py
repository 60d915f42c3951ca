"""The outcome of an evaluation, and what an error of the CEL runtime means for it, read off the error's text."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from surplus.expression_text import without_texts

WRONG_VALUES = ("Invalid container type", "expected integer type, got", "cannot convert", "conversion failed")
"""Errors that come from a scanned value, not from the rule."""

TYPE_WORDS = {
    "string": "text",
    "double": "a number",
    "bool": "true or false",
    "list": "a list",
    "map": "a mapping",
}

EXPECTED = {
    "&&": "bool",
    "||": "bool",
    "!": "bool",
    "<jump_condition>": "bool",
    "<iter_range>": "list",
    "in": "list",
    "startsWith": "string",
    "endsWith": "string",
    "contains": "string",
    "matches": "string",
}
"""The type that an operator or method works on."""

MACROS = r"\s*\.\s*(?:all|exists|exists_one|filter|map)\s*\("


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome of an evaluation. `kind` is value, unknown, null, or broken; `reason` explains the others.

    An unknown verdict's `value` lists the values it may be, where those are known.
    """

    kind: str
    value: Any = None
    reason: str = ""


def judge(
    text: str, source: str, data: Mapping[str, Any], missing: Mapping[str, str], dropped: Mapping[str, str]
) -> Verdict:
    """What an error of the runtime means, by its text."""
    if match := re.search(r'No value with name "(.+?)" found', text):
        return Verdict("unknown", reason=missing.get(match[1], f"{match[1]} is not known"))
    if match := re.search(r'Key not found in map : "(.+?)"', text):
        reason = dropped.get(match[1])
        return Verdict("unknown", reason=reason) if reason else Verdict("null", reason=match[1])
    if "No matching overloads" in text:
        operands = text.split("found :", 1)[-1].strip()
        if "null_type" in operands or ("(" not in operands and any(value is None for value in data.values())):
            return Verdict("null", reason=text)
        return Verdict("unknown", reason=_wrong_type(operands, source, data))
    if "Invalid container type: 'null_type'" in text:
        return Verdict("null", reason=text)
    if "Applying SELECT to non-message type" in text:
        wrong = _not_a_mapping(data)
        return Verdict("unknown", reason=wrong) if wrong else Verdict("null", reason=text)
    if any(part in text for part in WRONG_VALUES):
        return Verdict("unknown", reason=f"a value has a type or form that the rule does not expect ({_plain(text)})")
    return Verdict("broken", reason=plain_message(text))


def _wrong_type(operands: str, source: str, data: Mapping[str, Any]) -> str:
    """A scanned value has a type the rule does not expect: name it where the expression shows which one it is.

    *operands* is what the runtime says: `_>_(string, double)`, `(double).startsWith(string)`, `@in`.
    """
    kinds = re.findall(r"[a-z]+", " ".join(re.findall(r"\(([^()]*)\)", operands)))
    function = re.sub(r"\([^()]*\)", "", operands).strip("_.@ ")
    expected = EXPECTED.get(function, "") if operands.startswith("(") or not kinds else ""
    order = ("string", "list", "map", "bool", "double")
    words = [word for word in order if word in (kinds or TYPE_WORDS) and word != expected]
    code = without_texts(source)
    for word in words:
        named = [name for name, value in data.items() if _kind(value) == word and not name.startswith("params.")]
        beside = [name for name in named if _beside(name, function, code)]
        if beside or (kinds and len(named) == 1):
            others = [expected, *(kind for kind in kinds if kind != word and kind in TYPE_WORDS)]
            wanted = next((kind for kind in others if kind), None)
            shown = (beside or named)[0].removeprefix("resource.")
            rest = f"not {TYPE_WORDS[wanted]}" if wanted else "which the rule does not expect"
            return f"{shown} is {TYPE_WORDS[word]}, {rest}"
    return "a value has a type that the rule does not expect"


def _kind(value: Any) -> str:
    kinds = ((str, "string"), (bool, "bool"), (float, "double"), (list, "list"), (dict, "map"))
    return next((word for python, word in kinds if type(value) is python), "")


def _beside(name: str, function: str, code: str) -> bool:
    """Whether the expression applies the operator, method or function to the variable itself."""
    word, operator = rf"(?<![\w.]){re.escape(name)}(?![\w.(])", re.escape(function)
    method = rf"(?<![\w.]){re.escape(name)}\s*\.\s*{operator}\s*\("
    if function == "<iter_range>":
        return re.search(rf"(?<![\w.]){re.escape(name)}{MACROS}", code) is not None
    if function == "<jump_condition>":
        return re.search(rf"{word}\s*\?", code) is not None
    if function.isidentifier() and function != "in":
        return re.search(rf"{method}|\b{operator}\s*\([^()]*{word}", code) is not None
    return re.search(rf"{word}\s*{operator}|{operator}\s*{word}", code) is not None


def _not_a_mapping(data: Mapping[str, Any]) -> str:
    """The first list item, or variable, that is a scalar where a mapping is wanted."""
    for name, value in data.items():
        for index, item in enumerate(value) if isinstance(value, list) else ():
            if item is not None and not isinstance(item, dict):
                return f"{name.removeprefix('resource.')}[{index}] is {TYPE_WORDS[_kind(item)]}, not a mapping"
    return ""


def _plain(text: str) -> str:
    return re.sub(r"^[A-Z_]+: ", "", text).split("\n")[0]


def plain_message(text: str) -> str:
    """The first line of an error of the runtime, without its codes."""
    if "iteration" in text.lower():
        return "the expression loops more often than CEL allows (10,000 iterations)"
    return re.sub(r" \[[A-Z_]+\]$", "", _plain(text))


def compiler_message(text: str) -> str:
    """The first line of a compiler's message, with its column in the expression."""
    first = re.sub(r"^[A-Z_]+: ERROR: ", "", text).split("\n")[0]
    match = re.match(r"<input>:(\d+):(\d+): (.*)", first)
    if match:
        return f"{match[3]} (line {match[1]}, column {match[2]} of the expression)"
    if "recursion limit" in first:
        return "the expression is nested more than 32 deep; make it flatter"
    return plain_message(first)
