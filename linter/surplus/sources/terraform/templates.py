"""Template files: text that `templatefile` and `templatestring` parse and evaluate."""

from collections.abc import Mapping
from typing import Any

from surplus.model import Unknown
from surplus.sources.terraform.expressions import visit
from surplus.sources.terraform.functions import Context
from surplus.sources.terraform.lexer import ParseError
from surplus.sources.terraform.parser import parse_string
from surplus.sources.terraform.scopes import NamedConstants
from surplus.sources.terraform.values import EvaluationError


def render_template(text: str, variables: Mapping[str, Any], context: Context) -> Any:
    """The template's text; raises `EvaluationError` where it does not parse or needs a missing variable."""
    try:
        node = parse_string(text, 0, 0, template=True)
    except ParseError as error:
        raise EvaluationError(f"the template does not parse: {error}") from None
    value = visit(node, NamedConstants(context, variables))
    return value if isinstance(value, (str, Unknown)) else str(value)
