"""CEL, run by the CEL project's own C++ runtime; the only module that knows that library.

Every attribute path that an expression reads is one variable with a dotted name. An unset attribute is null,
an unknown one is not bound: touching it is an error that names it, unless the expression is decided without
it. Functions are handed in as a table; during an evaluation they see one `scope`, set by the caller.
"""

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from surplus.model import Unknown

ROOTS = ("resource", "item", "pod", "params")
CONTEXT = ("env", "nonprod", "region", "address")
TEXT = re.compile(r'"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])*\'')
CHAIN = re.compile(r"(?<![\w.])(resource|item|pod|params)\b((?:\s*\.\s*[A-Za-z_]\w*)*)(\s*\()?")
WORD = re.compile(r"(?<![\w.])([A-Za-z_]\w*)\b(?!\s*\()")
FIELD = re.compile(r"\.([A-Za-z_]\w*)\b(?!\s*\()")
HOLE = re.compile(r"\{\{\s*(.*?)\s*\}\}", re.DOTALL)
TYPES = (
    "type",
    "string",
    "int",
    "uint",
    "double",
    "bytes",
    "bool",
    "list",
    "map",
    "null_type",
    "duration",
    "timestamp",
)
RESERVED = frozenset((*TYPES, "true", "false", "null", "in", *ROOTS, *CONTEXT))
"""Words that a short name may not be."""

REFUSED: Sequence[tuple[re.Pattern[str], str]] = (
    (re.compile(r"\bhas\s*\("), "`has(…)` is not used: an unset attribute reads null, write `x != null`"),
    (
        re.compile(r"\.\?|\[\?"),
        "optional syntax is not used: an unset attribute reads null, write `x == null`",
    ),
    (
        re.compile(r"(?<![\w.\]])\d+\s*[-+*/%](?!\d*\.)|[-+*/]\s*\d+(?![\d.])"),
        "numbers are fractions here: write 2.0 beside + - * /",
    ),
    (
        re.compile(r"!\s*(?:resource|item|pod|params)(?:\.\w+)+(?!\s*[\w.(])"),
        "`!x` fails on an unset attribute: write `x != true`",
    ),
)


class UnknownValueError(Exception):
    """A function met an unknown value; the text is its reason."""


class ExpressionError(Exception):
    """An expression that cannot be used, and what to write instead."""


class Scope(Protocol):
    """What an evaluation speaks about."""

    maybe: str | None
    """Set by a relation that met a resource with an unknown: it may be related."""
    include: bool
    """Whether such resources count as related in this evaluation."""
    fields: Collection[str]
    """The keys that the expression selects from list items and records."""

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


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome of an evaluation. `kind` is value, unknown, null, or broken; `reason` explains the others."""

    kind: str
    value: Any = None
    reason: str = ""


def without_texts(source: str) -> str:
    """The expression with its text literals emptied, so that patterns meet code only."""
    return TEXT.sub('""', source)


def paths_in(source: str) -> tuple[tuple[str, ...], ...]:
    """The attribute paths an expression reads, in order of appearance; raises `ExpressionError`."""
    found: dict[tuple[str, ...], None] = {}
    for match in CHAIN.finditer(without_texts(source)):
        parts = [match[1], *re.findall(r"\w+", match[2])]
        if match[3]:  # the last name is a method or a macro: `.startsWith(`
            parts.pop()
        if len(parts) < 2:
            raise ExpressionError(f"`{match[1]}` alone cannot be used; name one of its attributes")
        found[tuple(parts)] = None
    return tuple(found)


def words_in(source: str) -> frozenset[str]:
    """Bare words of an expression: short names are among them."""
    return frozenset(WORD.findall(without_texts(source)))


def refuse(source: str) -> None:
    """Raise `ExpressionError` for what CEL allows and rules do not, with what to write instead."""
    code = without_texts(source)
    for pattern, advice in REFUSED:
        if pattern.search(code):
            raise ExpressionError(advice)


def variables_of(source: str, names: Collection[str]) -> tuple[str, ...]:
    """The variables an expression binds: dotted paths, the short *names* it uses, context words."""
    words = words_in(source)
    dotted = [".".join(path) for path in paths_in(source)]
    return (*dotted, *sorted(words.intersection(names)), *(word for word in CONTEXT if word in words))


class Expression:
    """A compiled expression; evaluate it with `Environment.evaluate`."""

    __slots__ = ("fields", "program", "source", "variables")

    def __init__(self, source: str, variables: tuple[str, ...], program: Any) -> None:
        """*fields* are the keys it selects from list items and records: absent ones read null there."""
        self.source = source
        self.variables = variables
        self.program = program
        self.fields = frozenset(FIELD.findall(without_texts(source)))


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
            except BaseException as error:
                self._raised = self._raised or error
                raise

        return bridged

    def compile(self, source: str, names: Collection[str] = ()) -> Expression:
        """Compile an expression; raises `ExpressionError` with the compiler's first message."""
        refuse(source)
        try:
            program = self._environment.compile(source)
        except RuntimeError as error:
            raise ExpressionError(_compiler_message(str(error))) from None
        return Expression(source, variables_of(source, names), program)

    def evaluate(self, expression: Expression, scope: Scope) -> Verdict:
        """Evaluate in *scope*. Where a relation may hold, both ways must agree, else it is unknown."""
        scope.maybe, scope.include = None, False
        verdict = self._once(expression, scope)
        if scope.maybe is not None:
            reason = scope.maybe
            scope.include = True
            if self._once(expression, scope) != verdict:
                return Verdict("unknown", reason=reason)
        return verdict

    def _once(self, expression: Expression, scope: Scope) -> Verdict:
        data: dict[str, Any] = {}
        missing: dict[str, str] = {}
        for variable in expression.variables:
            try:
                data[variable] = to_cel(scope.lookup(variable), expression.fields, missing)
            except UnknownValueError as error:
                missing[variable] = str(error)
        self._scope, self._raised, scope.fields = scope, None, expression.fields
        try:
            result = expression.program.eval(data=data)
            failed = result.type().name() == "ERROR"
            value = result.value() if failed else result.plain_value()
        except RuntimeError as error:
            failed, value = True, str(error)
        except UnicodeError:
            failed, value = True, "a text holds a lone surrogate"
        if isinstance(self._raised, UnknownValueError):
            if failed:
                return Verdict("unknown", reason=str(self._raised))
        elif self._raised is not None:
            raise self._raised
        return _judge(str(value), data, missing) if failed else Verdict("value", value)


def _judge(text: str, data: Mapping[str, Any], missing: Mapping[str, str]) -> Verdict:
    """What an error of the runtime means, by its text."""
    if match := re.search(r'No value with name "(.+?)" found', text):
        return Verdict("unknown", reason=missing.get(match[1], f"{match[1]} is not known"))
    if match := re.search(r'Key not found in map : "(.+?)"', text):
        reason = missing.get(match[1])
        return Verdict("unknown", reason=reason) if reason else Verdict("null", reason=match[1])
    if "No matching overloads" in text:
        operands = text.split("found :", 1)[-1]
        if "null_type" in operands or ("(" not in operands and any(value is None for value in data.values())):
            return Verdict("null", reason=text)
        return Verdict("unknown", reason=_wrong_type(operands, data))
    return Verdict("broken", reason=_plain_message(text))


TYPE_WORDS = {
    "string": "text",
    "double": "a number",
    "bool": "true or false",
    "list": "a list",
    "map": "a mapping",
}


def _wrong_type(operands: str, data: Mapping[str, Any]) -> str:
    """A scanned value has a type the rule does not expect: name the first such variable."""
    for word, python in (("string", str), ("list", list), ("map", dict), ("double", float), ("bool", bool)):
        if word in operands or "(" not in operands:
            for name, value in data.items():
                if type(value) is python and not name.startswith("params."):
                    return f"{name.removeprefix('resource.')} is {TYPE_WORDS[word]}, which the rule does not expect"
    return "a value has a type that the rule does not expect"


def _plain_message(text: str) -> str:
    if "iteration" in text.lower():
        return "the expression loops more often than CEL allows (10,000 iterations)"
    return re.sub(r"^[A-Z_]+: ", "", text).split("\n")[0].removesuffix(" [INVALID_ARGUMENT]")


def _compiler_message(text: str) -> str:
    """The first line of a compiler's message, with its column in the expression."""
    first = re.sub(r"^[A-Z_]+: ERROR: ", "", text).split("\n")[0]
    match = re.match(r"<input>:(\d+):(\d+): (.*)", first)
    return f"{match[3]} (line {match[1]}, column {match[2]} of the expression)" if match else first


def to_cel(value: Any, fields: Collection[str] = (), left_out: dict[str, str] | None = None) -> Any:
    """A value as CEL takes it; raises `UnknownValueError` where it, or a scalar inside it, is unknown.

    A computed attribute reads as its text. In a list of blocks an unknown key is left out (its reason goes
    into *left_out*) and an unset one, of *fields*, is null.
    """
    if value is None or isinstance(value, (bool, float)):
        return value
    if isinstance(value, str):
        return value if value.isascii() else value.encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, int):
        return float(value) if abs(value) < 2**1000 else float("inf")
    if isinstance(value, Unknown):
        if value.text is not None and not value.nullable:
            return value.text
        raise UnknownValueError(value.reason)
    if isinstance(value, list):
        return [
            _block(item, fields, left_out) if isinstance(item, dict) else to_cel(item, fields, left_out)
            for item in value
        ]
    return {str(key): to_cel(item, fields, left_out) for key, item in value.items()}


def _block(block: dict[str, Any], fields: Collection[str], left_out: dict[str, str] | None) -> dict[str, Any]:
    result: dict[str, Any] = dict.fromkeys(fields)
    for key, value in block.items():
        try:
            result[str(key)] = to_cel(value, fields, left_out)
        except UnknownValueError as error:
            result.pop(str(key), None)
            if left_out is not None:
                left_out[str(key)] = str(error)
    return result


def holes(text: str) -> list[str]:
    """The expressions inside `{{ }}` of a text."""
    return HOLE.findall(text)


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
            show(environment.evaluate(part, scope)) if isinstance(part, Expression) else part for part in self.parts
        )


def show(verdict: Verdict) -> str:
    """A value in a message: numbers without needless digits, lists by their items."""
    if verdict.kind == "null" or (verdict.kind == "value" and verdict.value is None):
        return "(unset)"
    return show_value(verdict.value) if verdict.kind == "value" else "(unknown)"


def show_value(value: Any) -> str:
    """A known value as a message writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return f"{value:,.2f}".rstrip("0").rstrip(".") if value % 1 else f"{value:,.0f}"
    if isinstance(value, list):
        return ", ".join(show_value(item) for item in value)
    if isinstance(value, dict):
        return ", ".join(f"{key}={show_value(value[key])}" for key in sorted(value))
    return str(value)
