"""Evaluates expressions: a visitor over the parser's tuples.

`visit(node, scope)` gives the value of an expression. Unknown values flow through operators as Terraform
lets them; an error of the expression raises `EvaluationError`, which the caller turns into an unknown value
with that reason. Source: https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md
"""

import posixpath
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from surplus.model import Unknown
from surplus.sources.terraform import functions
from surplus.sources.terraform.access import Lookup, attribute, below, elements, index
from surplus.sources.terraform.arithmetic import ARITHMETIC
from surplus.sources.terraform.functions.conversion import unify
from surplus.sources.terraform.limits import MAX_CHOICES, MAX_ITEMS, MAX_TEXT, TooCostlyError
from surplus.sources.terraform.nodes import Node
from surplus.sources.terraform.values import (
    EvaluationError,
    Set,
    SymbolicKey,
    equal,
    make_set,
    to_bool,
    to_number,
    to_string,
    type_name,
)


@dataclass(frozen=True, slots=True)
class AbsolutePath(Unknown):
    """The path of a folder on the machine Terraform runs on: only its last part is known, `name`, or not even that."""

    name: str = ""


class Scope(Protocol):
    """What names mean where an expression stands."""

    @property
    def context(self) -> functions.Context:
        """What functions may see."""

    def root(self, name: str) -> Any:
        """The value of a bare name (an iteration variable); raises `EvaluationError` for others."""

    def reference(self, name: str, attribute: str) -> Any:
        """The value of `name.attribute`: `var.size`, `aws_vpc.main`."""

    def child(self, names: Mapping[str, Any]) -> "Scope":
        """This scope with iteration variables added."""

    def working_folder(self) -> AbsolutePath:
        """The folder that Terraform runs in."""

    def spend(self) -> None:
        """Count one turn of a loop; raises `TooCostlyError` after too many."""


def visit(node: Node, scope: Scope) -> Any:
    """The value of *node* in *scope*; raises `EvaluationError` where Terraform reports an error."""
    return VISIT[node[0]](node, scope)


def _literal(node: Node, _: Scope) -> Any:
    return node[3]


def _inner(node: Node, scope: Scope) -> Any:
    return visit(node[3], scope)


def _name(node: Node, scope: Scope) -> Any:
    return scope.root(node[3])


def _get(node: Node, scope: Scope) -> Any:
    target = node[3]
    if target[0] == "id":
        return scope.reference(target[3], node[4])
    return attribute(visit(target, scope), node[4])


def _index(node: Node, scope: Scope) -> Any:
    return index(visit(node[3], scope), visit(node[4], scope))


def _splat(node: Node, scope: Scope) -> Any:
    return _spread(visit(node[3], scope), node[4], scope)


def _spread(value: Any, steps: tuple[Any, ...], scope: Scope) -> Any:
    """The steps from each element; null has none, anything that is no list is the only one."""
    if value is None:
        return []
    if isinstance(value, Unknown) and not isinstance(value, Lookup):
        return _steps(below(value, "[*]"), steps, scope)
    return [_steps(item, steps, scope) for item in (value if isinstance(value, list) else [value])]


def _steps(value: Any, steps: tuple[Any, ...], scope: Scope) -> Any:
    for step in steps:
        if isinstance(step, str):
            value = attribute(value, step)
        elif step[0] == "splat" and step[3] is None:  # a further splat, inside the first
            value = _spread(value, step[4], scope)
        else:
            value = index(value, visit(step, scope))
    return value


def _call(node: Node, scope: Scope) -> Any:
    name: str = node[3]
    if name in LAZY:
        return LAZY[name](node, scope)
    arguments = [visit(argument, scope) for argument in node[4]]
    if node[5] and arguments:
        last = arguments.pop()
        if isinstance(last, Unknown):
            return Unknown(last.reason)
        if not isinstance(last, list):
            raise EvaluationError(f"only a list can be expanded by ..., not {type_name(last)}")
        arguments.extend(last)
    if name in ("basename", "abspath") and len(arguments) == 1:
        found = _last_part(name, arguments[0], scope)
        if found is not None:
            return found
    try:
        return functions.call(name, arguments, scope.context)
    except TooCostlyError as error:
        return Unknown(f"{name}: {error}", nullable=False)


def _last_part(name: str, path: Any, scope: Scope) -> Any:
    """`basename` and `abspath` where the last part of a path on Terraform's machine is known, else None."""
    if isinstance(path, AbsolutePath):
        return path if name == "abspath" else path.name or None
    if name == "abspath" and isinstance(path, str) and path and not path.startswith("/"):
        last = posixpath.basename(posixpath.normpath(path))
        if last == ".":
            return scope.working_folder()
        return AbsolutePath(
            "an absolute path depends on where Terraform runs", None, False, "" if last == ".." else last
        )
    return None


def _try(node: Node, scope: Scope) -> Any:
    reason = "try() needs an argument"
    for argument in node[4]:
        try:
            return visit(argument, scope)
        except EvaluationError as error:
            reason = str(error)
    raise EvaluationError(reason)


def _can(node: Node, scope: Scope) -> Any:
    if len(node[4]) != 1:
        raise EvaluationError("can() takes one argument")
    try:
        value = visit(node[4][0], scope)
    except EvaluationError:
        return False
    unknown = value if isinstance(value, Unknown) else _without_text(value)
    return True if unknown is None else Unknown(unknown.reason, nullable=False)


def _without_text(value: Any) -> Unknown | None:
    """The first unknown inside *value* that has no identity: whether a step below it fails is not known."""
    children = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    found = (child if isinstance(child, Unknown) else _without_text(child) for child in children)
    return next((one for one in found if one is not None and one.text is None), None)


LAZY: dict[str, Callable[[Node, Scope], Any]] = {"try": _try, "can": _can, "core::try": _try, "core::can": _can}
"""Functions whose arguments are expressions."""


def _object(node: Node, scope: Scope) -> Any:
    result: dict[str, Any] = {}
    for key_node, value_node in node[3]:
        key = visit(key_node, scope)
        if isinstance(key, Unknown):
            if key.text is None:
                return Unknown(key.reason, nullable=False)
            key = SymbolicKey.of(key)
        else:
            key = to_string(key)
        result[key] = visit(value_node, scope)
    return result


def _tuple(node: Node, scope: Scope) -> Any:
    return [visit(item, scope) for item in node[3]]


def _conditional(node: Node, scope: Scope) -> Any:
    condition = visit(node[3], scope)
    if isinstance(condition, Unknown):
        return _either(node, scope, condition)
    chosen, other = (node[4], node[5]) if to_bool(condition) else (node[5], node[4])
    return _unified(visit(chosen, scope), other, scope)


def _unified(value: Any, other: Node, scope: Scope) -> Any:
    """*value* in the type that both arms convert to: a number beside a text becomes text, a list beside a set a set."""
    if (
        value is None
        or isinstance(value, (str, Unknown))
        or (other[0] == "lit" and other[3].__class__ is value.__class__)
    ):
        return value
    try:
        beside = visit(other, scope)
        if isinstance(value, list) and isinstance(beside, Set) and not isinstance(value, Set):
            return make_set(value)
        return value if beside is None or isinstance(beside, Unknown) else unify([value, beside])[0]
    except EvaluationError:
        return value  # Terraform refuses arms of no common type; which is the reader's own concern


def _either(node: Node, scope: Scope, condition: Unknown) -> Any:
    """An unknown condition: known where both arms give the same."""
    arms = []
    for arm in (node[4], node[5]):
        try:
            arms.append(visit(arm, scope))
        except EvaluationError:
            return Unknown(condition.reason)
    if equal(*arms) is True:
        return arms[0]
    nullable = any(arm is None or (isinstance(arm, Unknown) and arm.nullable) for arm in arms)
    return Unknown(condition.reason, nullable=nullable, choices=_choices(arms))


def _choices(arms: list[Any]) -> tuple[Any, ...]:
    """The scalars that any arm may have; none where one is no scalar, or there are more than `MAX_CHOICES`."""
    found: dict[tuple[str, Any], Any] = {}
    for arm in arms:
        values = arm.choices if isinstance(arm, Unknown) else (arm,)
        if not values or isinstance(arm, (list, dict)):
            return ()
        found.update(((type(value).__name__, value), value) for value in values)
    if len(found) > MAX_CHOICES:
        return ()
    try:
        return tuple(unify(list(found.values())))
    except EvaluationError:  # Terraform refuses arms of no common type
        return ()


def _binary(node: Node, scope: Scope) -> Any:
    operator: str = node[3]
    left = visit(node[4], scope)
    if operator in ("&&", "||"):
        return _logical(operator, left, node[5], scope)
    right = visit(node[5], scope)
    if operator in ("==", "!="):
        same = _same(left, right)
        return same if isinstance(same, Unknown) else same is (operator == "==")
    for side in (left, right):
        if isinstance(side, Unknown):
            return Unknown(side.reason, nullable=False)
    return ARITHMETIC[operator](to_number(left), to_number(right))


def _same(left: Any, right: Any) -> bool | Unknown:
    """`==`. A list never equals a tuple, nor a map an object, and values do not tell which of the two they are."""
    same = equal(left, right)
    if same is True and left is not right and isinstance(left, (list, dict)) and not isinstance(left, Set):
        return Unknown("whether both have the same type is not tracked", nullable=False)
    return same


def _logical(operator: str, left: Any, right_node: Node, scope: Scope) -> Any:
    """`&&` and `||`: a known operand that decides makes the result known."""
    decisive = operator == "||"
    if not isinstance(left, Unknown) and to_bool(left) is decisive:
        return decisive
    right = visit(right_node, scope)
    if not isinstance(right, Unknown) and to_bool(right) is decisive:
        return decisive
    for side in (left, right):
        if isinstance(side, Unknown):
            return Unknown(side.reason, nullable=False)
    return not decisive


def _unary(node: Node, scope: Scope) -> Any:
    value = visit(node[4], scope)
    if isinstance(value, Unknown):
        return Unknown(value.reason, nullable=False)
    return not to_bool(value) if node[3] == "!" else -to_number(value)


def _iterate(node: Node, scope: Scope, condition: Node | None) -> Iterator[tuple[Scope, Unknown | None]]:
    """The scope of each element that passes the condition, or once the unknown that hides them."""
    collection = visit(node[4], scope)
    if isinstance(collection, Unknown):
        yield scope, collection
        return
    names: tuple[str, ...] = node[3]
    for count, (key, value) in enumerate(elements(collection)):
        if count >= MAX_ITEMS:
            raise TooCostlyError(f"a for over more than {MAX_ITEMS:,} elements (MAX_ITEMS)")
        scope.spend()
        found = {names[0]: key, names[1]: value} if len(names) == 2 else {names[0]: value}
        inner = scope.child(found)
        if condition is not None:
            keep = visit(condition, inner)
            if isinstance(keep, Unknown):
                yield scope, keep
                return
            if not to_bool(keep):
                continue
        yield inner, None


def _for_list(node: Node, scope: Scope) -> Any:
    result: list[Any] = []
    for inner, unknown in _iterate(node, scope, node[6]):
        if unknown is not None:
            return Unknown(unknown.reason, nullable=False)
        result.append(visit(node[5], inner))
    return result


def _for_object(node: Node, scope: Scope) -> Any:
    result: dict[str, Any] = {}
    for inner, unknown in _iterate(node, scope, node[8]):
        if unknown is not None:
            return Unknown(unknown.reason, nullable=False)
        key = visit(node[5], inner)
        if isinstance(key, Unknown):
            if key.text is None or node[7]:
                return Unknown(key.reason, nullable=False)
            key = SymbolicKey.of(key)
        else:
            key = to_string(key)
        value = visit(node[6], inner)
        if node[7]:
            result.setdefault(key, []).append(value)
        elif key in result:
            raise EvaluationError(f'two elements have the key "{key}"')
        else:
            result[key] = value
    return result


def _template(node: Node, scope: Scope) -> Any:
    parts = node[3]
    if len(parts) == 1 and not isinstance(parts[0], str) and parts[0][0] not in ("tif", "tfor"):
        return visit(parts[0], scope)
    return render(parts, scope)


def render(parts: tuple[Any, ...], scope: Scope) -> Any:
    """The text of a template's parts; unknown, with beginning, end and, where all unknowns have one, symbolic text."""
    texts: list[str] = []
    begin, end = "", list[str]()
    unknown: Unknown | None = None
    opaque: Unknown | None = None
    for piece in _pieces(parts, scope):
        if isinstance(piece, Unknown):
            begin += piece.begins if unknown is None else ""
            unknown = unknown or piece
            end = [piece.ends]
            if piece.text is None:
                opaque = opaque or piece
            else:
                texts.append(piece.text)
        else:
            texts.append(to_string(piece))
            begin += texts[-1] if unknown is None else ""
            end.append(texts[-1])
    if opaque is not None:
        return Unknown(opaque.reason, nullable=False, begins=begin, ends="".join(end))
    text = "".join(texts)
    if len(text) > MAX_TEXT:
        raise TooCostlyError(f"a text of more than {MAX_TEXT:,} characters (MAX_TEXT)")
    return text if unknown is None else Unknown(unknown.reason, text, nullable=False, begins=begin, ends="".join(end))


def _pieces(parts: tuple[Any, ...], scope: Scope) -> Iterator[Any]:
    for part in parts:
        if isinstance(part, str):
            yield part
        elif part[0] == "tif":
            condition = visit(part[3], scope)
            if isinstance(condition, Unknown):
                yield Unknown(condition.reason)
            else:
                yield from _pieces(part[4] if to_bool(condition) else part[5], scope)
        elif part[0] == "tfor":
            for inner, unknown in _iterate(part, scope, None):
                if unknown is not None:
                    yield Unknown(unknown.reason)
                else:
                    yield from _pieces(part[5], inner)
        else:
            yield visit(part, scope)


VISIT: dict[str, Callable[[Node, Scope], Any]] = {
    "lit": _literal,
    "tmpl": _template,
    "par": _inner,
    "id": _name,
    "get": _get,
    "idx": _index,
    "splat": _splat,
    "call": _call,
    "obj": _object,
    "tup": _tuple,
    "cond": _conditional,
    "bin": _binary,
    "un": _unary,
    "forl": _for_list,
    "foro": _for_object,
}
