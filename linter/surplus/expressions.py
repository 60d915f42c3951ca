"""CEL, run by the CEL project's own C++ runtime; the only module that uses that library.

Every attribute path that an expression reads is one variable with a dotted name. An unset attribute is null,
an unknown one is not bound: touching it is an error that names it, unless the expression is decided without
it. Functions are handed in as a table; during an evaluation they see one `scope`, set by the caller.
"""

import itertools
import math
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from surplus.expression_text import (
    CONTEXT,
    MATCHES,
    NO_FIELDS,
    ExpressionError,
    Fields,
    conjuncts,
    fields_of,
    refuse,
    variables_of,
)
from surplus.model import Unknown
from surplus.verdicts import Verdict, compiler_message, judge, plain_message

MAX_COMBINATIONS = 16
"""How many combinations of values, between which unknown conditions decide, a rule is judged for."""


class UnknownValueError(Exception):
    """A function met an unknown value; the text is its reason."""


class Scope(Protocol):
    """What an evaluation speaks about."""

    maybe: str | None
    """Set by a relation that met a resource with an unknown: it may be related."""
    include: bool
    """Whether such resources count as related in this evaluation."""
    fields: Fields
    """The keys that the expression selects from list items and records."""
    dropped: dict[str, str]
    """Keys that a record lacks because they are not known there, with the reason."""

    def lookup(self, variable: str) -> Any:
        """The value of a dotted variable or of a short name; an `Unknown` where it is not known."""


@dataclass(frozen=True, slots=True)
class Overload:
    """One form of a function: parameter types (string, double, bool, map, list, null) and what it does.

    `call` gets the scope first; it returns None, bool, float, str, list or dict, or raises `UnknownValueError`.
    """

    parameters: tuple[str, ...]
    call: Callable[..., Any]


FunctionTable = Mapping[str, Sequence[Overload]]


class Expression:
    """A compiled expression; evaluate it with `Environment.evaluate`."""

    __slots__ = ("fields", "parts", "program", "source", "variables")

    def __init__(
        self, source: str, variables: tuple[str, ...], program: Any, parts: tuple["Expression", ...] = ()
    ) -> None:
        """The keys it selects from list items and records, its `fields`, read null where they are absent. `parts` are
        the conditions that it joins by `&&`.
        """
        self.source = source
        self.variables = variables
        self.program = program
        self.parts = parts
        self.fields = fields_of(source)


class Environment:
    """Compiles and evaluates expressions over one table of functions and one set of variables."""

    def __init__(self, functions: FunctionTable, variables: Iterable[str]) -> None:
        """*variables* are all dotted paths and short names that any expression will read."""
        from cel_expr_python import cel
        from cel_expr_python.ext import ext_math, ext_strings

        self._scope: Any = None
        self._raised: BaseException | None = None
        types = {
            "string": cel.Type.STRING,
            "double": cel.Type.DOUBLE,
            "bool": cel.Type.BOOL,
            "map": cel.Type.Map(cel.Type.STRING, cel.Type.DYN),
            "list": cel.Type.List(cel.Type.DYN),
            "null": cel.Type.NULL,
        }
        declared = [
            cel.FunctionDecl(
                name,
                [
                    cel.Overload(
                        "_".join((name, *overload.parameters)),
                        return_type=cel.Type.DYN,
                        parameters=[types[parameter] for parameter in overload.parameters],
                        impl=self._bridge(overload.call),
                    )
                    for overload in overloads
                ],
            )
            for name, overloads in functions.items()
        ]
        everything = dict.fromkeys((*CONTEXT, *variables), cel.Type.DYN)
        extensions = [ext_strings.ExtStrings(), ext_math.ExtMath()]
        self._environment = cel.NewEnv(variables=everything, functions=declared, extensions=extensions)

    def _bridge(self, call: Callable[..., Any]) -> Callable[..., Any]:
        """The runtime swallows every exception of a function, so it is kept and raised again afterwards."""

        def bridged(*arguments: Any) -> Any:
            try:
                return call(self._scope, *arguments)
            except Exception as error:
                self._raised = self._raised or error
                raise
            except BaseException as error:
                self._raised = error
                raise

        return bridged

    def compile(self, source: str, names: Collection[str] = ()) -> Expression:
        """Compile an expression; raises `ExpressionError` with the compiler's first message."""
        refuse(source, names)
        try:
            program = self._environment.compile(source)
        except (RuntimeError, UnicodeError) as error:
            raise ExpressionError(compiler_message(str(error))) from None
        for match in MATCHES.finditer(source):
            self._check_pattern(match[1])
        joined = conjuncts(source)
        parts = tuple(self.compile(one, names) for one in joined) if len(joined) > 1 else ()
        return Expression(source, variables_of(source, names), program, parts)

    def _check_pattern(self, literal: str) -> None:
        """The runtime looks at a regular expression only when it meets a text; a rule should fail when it loads."""
        result = self._environment.compile(f'"".matches({literal})').eval(data={})
        if result.type().name() == "ERROR":
            raise ExpressionError(plain_message(str(result.value())))

    def evaluate(self, expression: Expression, scope: Scope) -> Verdict:
        """Evaluate in *scope*. Where a value is one of a few, the outcome must be the same for each, else it is
        unknown; so it is where a relation may hold or not.
        """
        for part in expression.parts:
            # Most resources fail an early condition: what the later ones read is not even looked up.
            verdict = self._agreed(part, scope, {})
            if verdict.kind == "null" or (verdict.kind == "value" and verdict.value is False):
                return verdict
            if verdict.value is not True:
                break
        else:
            if expression.parts:
                return verdict
        verdict = self._agreed(expression, scope, {})
        if verdict.kind != "unknown":
            return verdict
        choices = {
            variable: value.choices
            for variable in expression.variables
            if isinstance(value := scope.lookup(variable), Unknown) and value.choices
        }
        if not choices or math.prod(map(len, choices.values())) > MAX_COMBINATIONS:
            return verdict
        outcomes = [
            self._agreed(expression, scope, dict(zip(choices, combination, strict=True)))
            for combination in itertools.product(*choices.values())
        ]
        if all(_outcome(outcome) == _outcome(outcomes[0]) for outcome in outcomes) and outcomes[0].kind != "unknown":
            return outcomes[0]
        known = all(outcome.kind == "value" for outcome in outcomes)
        return replace(verdict, value=[outcome.value for outcome in outcomes] if known else None)

    def _agreed(self, expression: Expression, scope: Scope, chosen: Mapping[str, Any]) -> Verdict:
        """Evaluate with *chosen* values in place of unknown ones; a relation that may hold must not matter."""
        scope.maybe, scope.include = None, False
        verdict = self._once(expression, scope, chosen)
        if scope.maybe is not None:
            reason = scope.maybe
            scope.include = True
            if _outcome(self._once(expression, scope, chosen)) != _outcome(verdict):
                return Verdict("unknown", reason=reason)
        return verdict

    def _once(self, expression: Expression, scope: Scope, chosen: Mapping[str, Any]) -> Verdict:
        data: dict[str, Any] = {}
        missing: dict[str, str] = {}
        self._scope, self._raised, scope.fields, scope.dropped = scope, None, expression.fields, {}
        for variable in expression.variables:
            try:
                value = chosen[variable] if variable in chosen else scope.lookup(variable)
                data[variable] = to_cel(value, expression.fields, scope.dropped)
            except UnknownValueError as error:
                missing[variable] = str(error)
        try:
            result = expression.program.eval(data=data)
            failed = result.type().name() == "ERROR"
            value = result.value() if failed else result.plain_value()
        except RuntimeError as error:
            failed, value = True, str(error)
        except UnicodeError:
            failed, value = True, "a text holds a lone surrogate"
        raised = self._raised
        self._scope = self._raised = None
        if raised is not None and not isinstance(raised, Exception):
            raise raised
        if not failed:
            return Verdict("value", value)
        if isinstance(raised, UnknownValueError):
            return Verdict("unknown", reason=str(raised))
        if raised is not None:
            detail = f"{type(raised).__name__}: {raised}".removesuffix(": ")
            return Verdict("broken", reason=f"internal error in a function ({detail}); please report it")
        return judge(str(value), expression.source, data, missing, scope.dropped)


def _outcome(verdict: Verdict) -> tuple[str, Any]:
    """What a verdict comes to: an operand that is null decides as false does."""
    return ("value", False) if verdict.kind == "null" else (verdict.kind, verdict.value)


def to_cel(value: Any, fields: Fields = NO_FIELDS, dropped: dict[str, str] | None = None) -> Any:
    """A value as CEL takes it; raises `UnknownValueError` where it, or a scalar inside it, is unknown.

    A computed attribute reads as its text. In a list of blocks an unknown key is left out (its reason goes
    into *dropped*) and an unset one, of *fields*, is null.
    """
    if value is None or isinstance(value, (bool, float)):
        return value
    if isinstance(value, str):
        return _utf8(value)
    if isinstance(value, int):
        return float(value) if abs(value) < 2**1000 else float("inf") if value > 0 else float("-inf")
    if isinstance(value, Unknown):
        if value.text is not None and not value.nullable:
            return _utf8(value.text)
        raise UnknownValueError(value.reason)
    if isinstance(value, list):
        return [
            _block(item, fields, dropped) if isinstance(item, dict) else to_cel(item, fields, dropped) for item in value
        ]
    return {_utf8(str(key)): to_cel(item, fields, dropped) for key, item in value.items()}


def _utf8(text: str) -> str:
    """The text without lone surrogates, which the runtime does not take."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def _block(block: dict[str, Any], fields: Fields, dropped: dict[str, str] | None) -> dict[str, Any]:
    result: dict[str, Any] = dict.fromkeys(fields)
    for key, value in block.items():
        name = _utf8(str(key))
        try:
            found = result[name] = to_cel(value, fields, dropped)
        except UnknownValueError as error:
            result.pop(name, None)
            if dropped is not None:
                dropped[name] = str(error)
            continue
        if isinstance(found, dict):
            _fill(found, fields.get(name, frozenset()), fields)
    return result


def _fill(mapping: dict[str, Any], below: frozenset[str], fields: Fields) -> None:
    """In a mapping inside a block, what the expression selects from it reads null where it is unset."""
    for key in below:
        found = mapping.setdefault(key, None)
        if isinstance(found, dict):
            _fill(found, fields.get(key, frozenset()), fields)
