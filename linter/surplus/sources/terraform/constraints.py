"""Type constraints of variables: read from their expression, and values converted to them.

Source: https://developer.hashicorp.com/terraform/language/expressions/type-constraints
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from surplus.model import Unknown
from surplus.sources.terraform.functions.conversion import unify
from surplus.sources.terraform.nodes import Node
from surplus.sources.terraform.values import (
    EvaluationError,
    Set,
    make_set,
    symbolic_key,
    to_bool,
    to_number,
    to_string,
    type_name,
)


@dataclass(frozen=True, slots=True)
class Constraint:
    """`kind` is any, string, number, bool, list, set, map, tuple or object.

    `element` is for list, set and map; `items` for tuple; `attributes` for object: name to constraint,
    whether it may be left out, and the node of its default.
    """

    kind: str
    element: "Constraint | None" = None
    items: tuple["Constraint", ...] = ()
    attributes: tuple[tuple[str, "Constraint", bool, Node | None], ...] = ()


ANY = Constraint("any")
PRIMITIVES: dict[str, Callable[[Any], Any]] = {"string": to_string, "number": to_number, "bool": to_bool}


def read(node: Node | None) -> Constraint:
    """The constraint that *node* spells; `ANY` where it is absent or spells none."""
    if node is None:
        return ANY
    if node[0] == "lit" and isinstance(node[3], str):  # the quoted form of Terraform 0.11: "string"
        return Constraint(node[3]) if node[3] in (*PRIMITIVES, "list", "map") else ANY
    if node[0] == "id":
        return Constraint(node[3]) if node[3] in (*PRIMITIVES, "list", "set", "map") else ANY
    if node[0] != "call" or len(node[4]) != 1:
        return ANY
    name, argument = node[3], node[4][0]
    if name in ("list", "set", "map"):
        return Constraint(name, element=read(argument))
    if name == "tuple" and argument[0] == "tup":
        return Constraint("tuple", items=tuple(read(item) for item in argument[3]))
    if name == "object" and argument[0] == "obj":
        return Constraint("object", attributes=tuple(_attribute(key, value) for key, value in argument[3]))
    return ANY


def _attribute(key: Node, value: Node) -> tuple[str, Constraint, bool, Node | None]:
    name = str(key[3])
    if value[0] == "call" and value[3] == "optional" and value[4]:
        return name, read(value[4][0]), True, value[4][1] if len(value[4]) > 1 else None
    return name, read(value), False, None


def convert(value: Any, constraint: Constraint, evaluate: Callable[[Node], Any]) -> Any:
    """*value* as Terraform would hand it to a variable of this type; *evaluate* gives an optional's default.

    Raises `EvaluationError` where the value does not fit.
    """
    kind = constraint.kind
    if value is None or kind == "any" or isinstance(value, Unknown):
        return value
    if kind in PRIMITIVES:
        return PRIMITIVES[kind](value)
    if kind in ("list", "set"):
        if not isinstance(value, list):
            raise EvaluationError(f"a {kind} is required, not {type_name(value)}")
        element = constraint.element or ANY
        items = _alike([convert(item, element, evaluate) for item in value], element)
        return make_set(items) if kind == "set" else items
    if kind == "tuple":
        if not isinstance(value, list) or isinstance(value, Set) or len(value) != len(constraint.items):
            raise EvaluationError(f"a tuple of {len(constraint.items)} is required")
        return [convert(item, want, evaluate) for item, want in zip(value, constraint.items, strict=True)]
    if not isinstance(value, dict):
        raise EvaluationError(f"{'an' if kind == 'object' else 'a'} {kind} is required, not {type_name(value)}")
    if kind == "map":
        element = constraint.element or ANY
        items = [convert(item, element, evaluate) for item in value.values()]
        return dict(zip(value, _alike(items, element), strict=True))
    return _object(value, constraint, evaluate)


def _alike(items: list[Any], element: Constraint) -> list[Any]:
    """Elements whose type holds `any` in one type: each `any` stands for one type over the whole collection."""
    if element.kind == "any":
        try:
            return unify(items)
        except EvaluationError:
            return items
    parts: list[Any] = [item for item in items if isinstance(item, dict if element.kind in ("map", "object") else list)]
    if element.kind in ("list", "set", "map"):
        inner = element.element or ANY
        flat = [each for part in parts for each in (part.values() if isinstance(part, dict) else part)]
        alike = iter(_alike(flat, inner))
        for part in parts:
            if isinstance(part, dict):
                part.update({key: next(alike) for key in part})
            else:
                part[:] = [next(alike) for _ in part]
    elif element.kind == "object":
        for name, want, _, _ in element.attributes:
            having = [part for part in parts if name in part]
            for part, each in zip(having, _alike([part[name] for part in having], want), strict=True):
                part[name] = each
    return items


def _object(value: dict[str, Any], constraint: Constraint, evaluate: Callable[[Node], Any]) -> dict[str, Any]:
    """Attributes that the type does not name are dropped, absent optional ones get their default."""
    result: dict[str, Any] = {}
    symbolic = symbolic_key(value)
    for name, want, optional, default in constraint.attributes:
        if name not in value and symbolic is not None:
            result[name] = Unknown(symbolic.reason)
            continue
        given = value.get(name)
        if given is None:
            if name not in value and not optional:
                raise EvaluationError(f'the object lacks the attribute "{name}"')
            given = evaluate(default) if optional and default is not None else None
        result[name] = convert(given, want, evaluate)
    return result
