"""Which texts are templates: not YAML before somebody fills them in, and which documents of them need none of that."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from surplus.documents import NOT_VALID
from surplus.model import Problem, Span
from surplus.text import Lines
from surplus.yaml_values import NO_TEXT_KEY

ADVICE = "check what it renders to"
START = Span(1, 1, 1, 1)

_ACTIONS: Mapping[str, re.Pattern[str]] = {
    "{{": re.compile(r"\{\{-?\s*(?:(if|range|with|define|block)\b|(end)\b)?.*?(?:\}\}|(\Z))", re.DOTALL),
    "{%": re.compile(
        r"\{%[-+]?\s*(?:(autoescape|block|call|filter|for|if|macro|raw|trans|with|set(?![^%]*=))\b|(end)\w*)?"
        r".*?(?:%\}|(\Z))",
        re.DOTALL,
    ),
    "%{": re.compile(r"%\{~?\s*(?:(for|if)\b|(end)\w*)?.*?(?:\}|(\Z))", re.DOTALL),
}
"""Actions of Go and Jinja, statements of Jinja, directives of Terraform, by what they begin with. Their groups: what
opens a part of the text, what closes it, what has no end.
"""

# A quote that is not closed on its line goes on to the line's end; one inside a word is none.
_QUOTED = re.compile(r"(?<!\w)(?:\"(?:[^\"\\]|\\.)*\"?|'(?:[^']|'')*'?)")
_COMMENT = re.compile(r"(?:^|\s)#.*")
_BLOCK_SCALAR = re.compile(r"(?:^|[:\-]\s+)(?:[&!]\S+\s+)*[|>][-+0-9]*\s*$")
_ACTION_AS_VALUE = re.compile(r"(?:^|[:\-]\s|\[)\s*(?:\{[{%]|%\{)")
_DOCUMENT = re.compile(r"^---(?=[ \t\r]|$)", re.MULTILINE)
_FILLED_IN = re.compile(r"\{[{%#]|%\{")
_FILLED_IN_BY_TERRAFORM = re.compile(r"[%$]\{")
_NO_LINE_END = re.compile(r"[^\r\n]")
_EATS_WHAT_FOLLOWS = re.compile(r"(?:-[}%]|~)\}\s*\Z")
_HELM_ACTION = re.compile(
    r"\{\{-?\s*(?:\.(?:Values|Release|Chart|Capabilities|Template|Files)\b"
    r"|(?:include|template|define|block|if|else|range|with|end|tpl|toYaml|default|required)\b)"
)


def is_template(text: str, problems: Iterable[Problem]) -> bool:
    """Whether actions make *text* something other than YAML; *problems* are those of reading it as YAML.

    What reads without a fault is none, whatever actions it carries: alert rules, workflows and Helm releases have
    them in texts. An action in place of a value reads as a mapping with a mapping for its key.
    """
    if not any(opening in text for opening in _ACTIONS):
        return False
    lines = Lines(text)
    for problem in problems:
        if problem.message.startswith(NOT_VALID):
            return _has_action(text)
        if problem.message == NO_TEXT_KEY and problem.span is not None:
            at = lines.offset(problem.span.line, problem.span.column)
            if "{{" in text[max(at - 1, 0) : at + 2]:
                return True
    return False


def left_out(path: str, places: Sequence[Span] = ()) -> Problem:
    """The note that the file at *path* is a template, so that nothing in it is judged; or that only the documents are
    which begin at *places*.
    """
    if not places:
        return Problem(f"this is a template, not YAML; it is left out: {ADVICE}", path, START, note=True)
    more = len(places) - 1
    message = f"this document is a template, not YAML; it is left out: {ADVICE}"
    if more:
        message = (
            f"this document and {more} below it are templates, not YAML; they are left out: see what they render to"
        )
    return Problem(message, path, places[0], note=True)


def without_templates(text: str, by_terraform: bool = False) -> tuple[str, list[Span]] | None:
    """*text*, a template, with spaces in place of the documents that are to be filled in, and where those begin; None
    where they cannot be told from the others: something that is opened in one document is closed in another.
    *by_terraform* tells that it is Terraform that fills it in; a directive of Terraform tells that too.
    """
    filled_in = _FILLED_IN_BY_TERRAFORM if by_terraform or "%{" in text else _FILLED_IN
    lines, pieces, places = Lines(text), [], []
    for start, part in _documents(text):
        if not filled_in.search(part):
            pieces.append(part)
            continue
        if not _complete(part) or (start + len(part) < len(text) and _EATS_WHAT_FOLLOWS.search(part)):
            return None
        mark = 3 if part.startswith("---") else 0
        pieces.append(part[:mark] + _NO_LINE_END.sub(" ", part[mark:]))
        first = start + len(part) - len(part[mark:].lstrip())
        places.append(lines.span(first, first + 1))
    return "".join(pieces), places


def _documents(text: str) -> Iterator[tuple[int, str]]:
    """The documents of a text with their offsets, each from its line `---` on."""
    starts = sorted({0, *(match.start() for match in _DOCUMENT.finditer(text))})
    for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
        yield start, text[start:end]


def _complete(part: str) -> bool:
    """Whether all that is opened in a part of a template is closed in it, and nothing else is."""
    for action in _ACTIONS.values():
        depth = 0
        for opens, closes, endless in (match.groups() for match in action.finditer(part)):
            depth += (opens is not None) - (closes is not None)
            if depth < 0 or endless is not None:
                return False
        if depth:
            return False
    return True


def _has_action(text: str) -> bool:
    """Whether a value or a line begins with an action, or one is Helm's own, outside of quotes, comments and block
    scalars: what stands in those has not kept the text from being YAML.
    """
    block_indent = -1
    for line in text.splitlines():
        bare = line.lstrip()
        if not bare:
            continue
        indent = len(line) - len(bare)
        if 0 <= block_indent < indent:
            continue
        bare = _COMMENT.sub("", _QUOTED.sub("", bare)).rstrip()
        block_indent = indent if _BLOCK_SCALAR.search(bare) else -1
        if _ACTION_AS_VALUE.search(bare) or ("{{" in bare and _HELM_ACTION.search(bare)):
            return True
    return False
