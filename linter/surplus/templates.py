"""Messages of rules: texts with `{{ CEL }}`, and values as a reader sees them."""

from collections.abc import Collection
from typing import Any

from surplus.expression_text import HOLE
from surplus.expressions import Environment, Expression, Scope
from surplus.masking import MASK
from surplus.verdicts import Verdict

UNSET = "(unset)"


class Template:
    """Text with `{{ CEL }}`; it never fails: what is not known shows as `(unknown)`, what is not set as `(unset)`."""

    __slots__ = ("parts",)

    def __init__(self, text: str, environment: Environment, names: Collection[str] = ()) -> None:
        """Compile the expressions of *text*; raises `ExpressionError`."""
        pieces = HOLE.split(text)
        self.parts = [environment.compile(piece, names) if at % 2 else piece for at, piece in enumerate(pieces)]

    @property
    def single(self) -> Expression | None:
        """The one expression of a text that is nothing else: it gives a value, not text."""
        alone = len(self.parts) == 3 and not self.parts[0] and not self.parts[2]
        return self.parts[1] if alone and isinstance(self.parts[1], Expression) else None

    def render(self, environment: Environment, scope: Scope) -> str:
        """The text with every hole filled."""
        return "".join(
            _filled(part, environment, scope) if isinstance(part, Expression) else part for part in self.parts
        )


def _filled(expression: Expression, environment: Environment, scope: Scope) -> str:
    """One hole; what nothing is known of because its input is hidden says so."""
    text = show(environment.evaluate(expression, scope))
    if text == UNSET and any(scope.lookup(variable) == MASK for variable in expression.variables):
        return MASK
    return text


def show(verdict: Verdict) -> str:
    """A value in a message: numbers without needless digits, lists by their items."""
    if verdict.kind == "null" or (verdict.kind == "value" and verdict.value is None):
        return UNSET
    if verdict.kind == "unknown" and verdict.value:
        return " or ".join(dict.fromkeys(show_value(value) for value in verdict.value))
    return show_value(verdict.value) if verdict.kind == "value" else "(unknown)"


def show_value(value: Any) -> str:
    """A known value as a message writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return UNSET
    if isinstance(value, (int, float)):
        if abs(value) < 1 or abs(value) >= 1e21 or value != value:
            return f"{value:.3g}"
        return f"{value:,.2f}".rstrip("0").rstrip(".") if value % 1 else f"{value:,.0f}"
    if isinstance(value, list):
        return ", ".join(show_value(item) for item in value)
    if isinstance(value, dict):
        return ", ".join(f"{key}={show_value(value[key])}" for key in sorted(value))
    return str(value)
