"""String functions. https://developer.hashicorp.com/terraform/language/functions/chomp and its neighbours.

Terraform counts a string in grapheme clusters. `graphemes` approximates them: combining marks, joiners,
variation selectors, emoji modifiers and pairs of regional indicators stay with the character before them.
"""

import unicodedata
from typing import Any

from surplus.model import Unknown
from surplus.sources.terraform import limits
from surplus.sources.terraform.values import EvaluationError, first_unknown, to_string

WHITE_SPACE = "\t\n\v\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))
JOINER = "\u200d"


def graphemes(text: str) -> list[str]:
    """The characters of *text* as a reader counts them."""
    if text.isascii() and "\r\n" not in text:
        return list(text)
    clusters: list[str] = []
    for char in unicodedata.normalize("NFC", text):
        if clusters and _continues(clusters[-1], char):
            clusters[-1] += char
        else:
            clusters.append(char)
    return clusters


def _continues(cluster: str, char: str) -> bool:
    if char == "\n" or cluster[-1] in "\r\n":
        return cluster == "\r" and char == "\n"
    if char == JOINER or unicodedata.category(char) in ("Mn", "Me", "Mc") or "\U0001f3fb" <= char <= "\U0001f3ff":
        return True
    if cluster[-1] == JOINER:
        return unicodedata.category(char) == "So"
    return len(cluster) == 1 and _regional(cluster) and _regional(char)


def _regional(char: str) -> bool:
    return "\U0001f1e6" <= char <= "\U0001f1ff"


def chomp(text: str) -> str:
    """*text* without the line ends at its end."""
    return text.rstrip("\r\n")


def endswith(text: str, suffix: str) -> bool:
    """Whether *text* ends with *suffix*."""
    return text.endswith(suffix)


def startswith(text: str, prefix: str) -> bool:
    """Whether *text* starts with *prefix*."""
    return text.startswith(prefix)


def strcontains(text: str, part: str) -> bool:
    """Whether *part* is in *text*."""
    return part in text


def indent(spaces: int, text: str) -> Any:
    """*text* with every line but the first moved to the right."""
    if spaces < 0:
        raise EvaluationError("the number of spaces must not be negative")
    if len(text) + spaces * text.count("\n") > limits.MAX_TEXT:
        return limits.exceeded("MAX_TEXT", limits.MAX_TEXT)
    return text.replace("\n", "\n" + " " * spaces)


def join(separator: Any, *lists: Any) -> Any:
    """The strings of all lists with *separator* between them; with parts that are symbolic, their text."""
    if not lists:
        raise EvaluationError("at least one list is required")
    parts: list[Any] = [separator]
    for items in lists:
        if isinstance(items, Unknown):
            return Unknown(items.reason, nullable=False)
        if not isinstance(items, list):
            raise EvaluationError("a list of strings is required")
        parts += items
    if any(part is None for part in parts):
        raise EvaluationError("a null cannot be joined")
    texts = [part.text if isinstance(part, Unknown) else to_string(part) for part in parts]
    missing = first_unknown(parts)
    if missing and any(text is None for text in texts):
        return Unknown(missing.reason, nullable=False)
    known = [str(text) for text in texts]
    if sum(map(len, known)) + len(known[0]) * len(known) > limits.MAX_TEXT:
        return limits.exceeded("MAX_TEXT", limits.MAX_TEXT)
    joined = known[0].join(known[1:])
    return Unknown(missing.reason, joined, nullable=False) if missing else joined


def lower(text: str) -> str:
    """*text* in lower case, one character at a time."""
    return "".join(char.lower()[0] for char in text)


def upper(text: str) -> str:
    """*text* in upper case, one character at a time: what grows (as ß would) stays."""
    return "".join(char if len(char.upper()) > 1 else char.upper() for char in text)


def split(separator: str, text: str) -> list[str]:
    """The parts of *text* between separators; every character where the separator is empty."""
    return text.split(separator) if separator else list(text)


def strrev(text: str) -> str:
    """*text* backwards, by grapheme cluster."""
    return "".join(reversed(graphemes(text)))


def substr(text: str, offset: int, length: int) -> str:
    """*length* clusters from *offset*, which counts from the end when negative; -1 takes the rest."""
    clusters = graphemes(text)
    # nothing is asked for; yet after a negative offset Terraform takes the rest
    if length == 0:
        length = -1 if offset < 0 else 0
    start = max(0, len(clusters) + offset) if offset < 0 else offset
    return "".join(clusters[start:] if length < 0 else clusters[start : start + length])


def title(text: str) -> str:
    """*text* with the first letter of every word as a capital."""
    result = []
    before = " "
    for char in text:
        capital = char.title() if _separates(before) else char
        result.append(capital if len(capital) == 1 else char)
        before = char
    return "".join(result)


def _separates(char: str) -> bool:
    if char.isascii():
        return not (char.isalnum() or char == "_")
    return char in WHITE_SPACE


def trim(text: str, characters: str) -> str:
    """*text* without any of *characters* at both ends."""
    return text.strip(characters) if characters else text


def trimprefix(text: str, prefix: str) -> str:
    """*text* without *prefix*, where it starts with it."""
    return text.removeprefix(prefix)


def trimsuffix(text: str, suffix: str) -> str:
    """*text* without *suffix*, where it ends with it."""
    return text.removesuffix(suffix)


def trimspace(text: str) -> str:
    """*text* without Unicode white space at both ends."""
    return text.strip(WHITE_SPACE)
