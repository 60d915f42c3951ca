"""Template files: text that `templatefile` and `templatestring` parse and evaluate."""

from collections.abc import Mapping
from typing import Any

from surplus.sources.terraform.expressions import visit
from surplus.sources.terraform.functions import Context
from surplus.sources.terraform.lexer import ParseError
from surplus.sources.terraform.parser import parse_string
from surplus.sources.terraform.scopes import Meter, NamedConstants
from surplus.sources.terraform.values import EvaluationError


def render_template(text: str, variables: Mapping[str, Any], context: Context, meter: Meter) -> Any:
    """What the template gives: a text, or where it is one `${ }` and nothing else, the value inside.

    Raises `EvaluationError` where it does not parse or needs a missing variable.
    """
    try:
        node = parse_string(text, 0, 0, template=True)
    except ParseError as error:
        raise EvaluationError(f"the template does not parse: {error}") from None
    return visit(node, NamedConstants(context, meter, variables))
