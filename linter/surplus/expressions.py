"""CEL, run by the CEL project's own C++ runtime; the only module that knows that library.

Every attribute path that an expression reads is one variable with a dotted name. An unset attribute is null,
an unknown one is not bound: touching it is an error that names it, unless the expression is decided without
it. Functions are handed in as a table; during an evaluation they see one `scope`, set by the caller.
"""

import itertools
import math
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from surplus.model import Unknown

MAX_COMBINATIONS = 16
"""How many combinations of values, between which unknown conditions decide, a rule is judged for."""

ROOTS = ("resource", "item", "pod", "params")
CONTEXT = ("env", "nonprod", "region", "address")
TEXT = re.compile(r'"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])*\'')
CHAIN = re.compile(r"(?<![\w.])(resource|item|pod|params)\b((?:\s*\.\s*[A-Za-z_]\w*)*)(\s*\()?")
WORD = re.compile(r"(?<![\w.])([A-Za-z_]\w*)\b(?!\s*\()")
FIELDS = re.compile(r"(?:\s*\.\s*[A-Za-z_]\w*\b(?!\s*\())+")
MATCHES = re.compile(r"""\bmatches\s*\(\s*(?:[^()"']*,\s*)?(r?"(?:\\.|[^"\\])*"|r?'(?:\\.|[^'\\])*')\s*\)""")
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

Fields = Mapping[str, frozenset[str]]
"""The keys that an expression selects, each with those it selects below it."""

NO_FIELDS: Fields = {}


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


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome of an evaluation. `kind` is value, unknown, null, or broken; `reason` explains the others.

    An unknown verdict's `value` lists the values it may be, where those are known.
    """

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


def refuse(source: str, names: Collection[str] = ()) -> None:
    """Raise `ExpressionError` for what CEL allows and rules do not, with what to write instead."""
    code = without_texts(source)
    for pattern, advice in REFUSED:
        if pattern.search(code):
            raise ExpressionError(advice)
    for match in re.finditer(r"!\s*([A-Za-z_]\w*)\b(?!\s*[.(\[])", code):
        if match[1] in names:
            raise ExpressionError(f"`!{match[1]}` fails on an unset attribute: write `{match[1]} != true`")


def fields_of(source: str) -> Fields:
    """What an expression selects: `c.resources.limits.cpu` gives resources, limits and cpu, each below the other."""
    found: dict[str, set[str]] = {}
    for match in FIELDS.finditer(without_texts(source)):
        parts = re.findall(r"\w+", match[0])
        for at, part in enumerate(parts):
            found.setdefault(part, set()).update(parts[at + 1 : at + 2])
    return {name: frozenset(below) for name, below in found.items()}


def variables_of(source: str, names: Collection[str]) -> tuple[str, ...]:
    """The variables an expression binds: dotted paths, the short *names* it uses, context words."""
    words = words_in(source)
    dotted = [".".join(path) for path in paths_in(source)]
    return (*dotted, *sorted(words.intersection(names)), *(word for word in CONTEXT if word in words))


class Expression:
    """A compiled expression; evaluate it with `Environment.evaluate`."""

    __slots__ = ("fields", "program", "source", "variables")

    def __init__(self, source: str, variables: tuple[str, ...], program: Any) -> None:
        """The keys it selects from list items and records, its `fields`, read null where they are absent."""
        self.source = source
        self.variables = variables
        self.program = program
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
            raise ExpressionError(_compiler_message(str(error))) from None
        for match in MATCHES.finditer(source):
            self._check_pattern(match[1])
        return Expression(source, variables_of(source, names), program)

    def _check_pattern(self, literal: str) -> None:
        """The runtime looks at a regular expression only when it meets a text; a rule should fail when it loads."""
        result = self._environment.compile(f'"".matches({literal})').eval(data={})
        if result.type().name() == "ERROR":
            raise ExpressionError(_plain_message(str(result.value())))

    def evaluate(self, expression: Expression, scope: Scope) -> Verdict:
        """Evaluate in *scope*. Where a value is one of a few, the outcome must be the same for each, else it is
        unknown; so it is where a relation may hold or not.
        """
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
        return _judge(str(value), expression.source, data, missing, scope.dropped)


def _outcome(verdict: Verdict) -> tuple[str, Any]:
    """What a verdict comes to: an operand that is null decides as false does."""
    return ("value", False) if verdict.kind == "null" else (verdict.kind, verdict.value)


def _judge(
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
    return Verdict("broken", reason=_plain_message(text))


WRONG_VALUES = ("Invalid container type", "expected integer type, got", "cannot convert", "conversion failed")
"""Errors that come from a scanned value, not from the rule."""


TYPE_WORDS = {
    "string": "text",
    "double": "a number",
    "bool": "true or false",
    "list": "a list",
    "map": "a mapping",
}


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


def _plain_message(text: str) -> str:
    if "iteration" in text.lower():
        return "the expression loops more often than CEL allows (10,000 iterations)"
    return re.sub(r" \[[A-Z_]+\]$", "", _plain(text))


def _compiler_message(text: str) -> str:
    """The first line of a compiler's message, with its column in the expression."""
    first = re.sub(r"^[A-Z_]+: ERROR: ", "", text).split("\n")[0]
    match = re.match(r"<input>:(\d+):(\d+): (.*)", first)
    if match:
        return f"{match[3]} (line {match[1]}, column {match[2]} of the expression)"
    if "recursion limit" in first:
        return "the expression is nested more than 32 deep; make it flatter"
    return _plain_message(first)


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
    if verdict.kind == "unknown" and verdict.value:
        return " or ".join(dict.fromkeys(show_value(value) for value in verdict.value))
    return show_value(verdict.value) if verdict.kind == "value" else "(unknown)"


def show_value(value: Any) -> str:
    """A known value as a message writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return "(unset)"
    if isinstance(value, (int, float)):
        if abs(value) < 1 or abs(value) >= 1e21 or value != value:
            return f"{value:.3g}"
        return f"{value:,.2f}".rstrip("0").rstrip(".") if value % 1 else f"{value:,.0f}"
    if isinstance(value, list):
        return ", ".join(show_value(item) for item in value)
    if isinstance(value, dict):
        return ", ".join(f"{key}={show_value(value[key])}" for key in sorted(value))
    return str(value)
