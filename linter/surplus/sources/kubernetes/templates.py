"""Which texts are templates: not YAML before somebody fills them in."""

import re
from collections.abc import Iterable

from surplus.documents import NOT_VALID
from surplus.model import Problem, Span
from surplus.text import Lines
from surplus.yaml_values import NO_TEXT_KEY

ADVICE = "check what it renders to"
START = Span(1, 1, 1, 1)

_OPENINGS = ("{{", "{%", "%{")
"""What actions of Go and Jinja begin with, statements of Jinja, directives of Terraform."""

# A quote that is not closed on its line goes on to the line's end; one inside a word is none.
_QUOTED = re.compile(r"(?<!\w)(?:\"(?:[^\"\\]|\\.)*\"?|'(?:[^']|'')*'?)")
_COMMENT = re.compile(r"(?:^|\s)#.*")
_BLOCK_SCALAR = re.compile(r"(?:^|[:\-]\s+)(?:[&!]\S+\s+)*[|>][-+0-9]*\s*$")
_ACTION_AS_VALUE = re.compile(r"(?:^|[:\-]\s|\[)\s*(?:\{[{%]|%\{)")
_HELM_ACTION = re.compile(
    r"\{\{-?\s*(?:\.(?:Values|Release|Chart|Capabilities|Template|Files)\b"
    r"|(?:include|template|define|block|if|else|range|with|end|tpl|toYaml|default|required)\b)"
)


def is_template(text: str, problems: Iterable[Problem]) -> bool:
    """Whether actions make *text* something other than YAML; *problems* are those of reading it as YAML.

    What reads without a fault is none, whatever actions it carries: alert rules, workflows and Helm releases have
    them in texts. An action in place of a value reads as a mapping with a mapping for its key.
    """
    if not any(opening in text for opening in _OPENINGS):
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


def left_out(path: str) -> Problem:
    """The note that the file at *path* is a template, so that nothing in it is judged."""
    return Problem(f"this is a template, not YAML; it is left out: {ADVICE}", path, START, note=True)


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
