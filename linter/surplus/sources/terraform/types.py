"""The types table: what the rules may read of each resource type, its defaults and what identifies it."""

import re
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.resources import files
from typing import Any

from surplus.model import Route, Unknown
from surplus.sources.terraform.values import EvaluationError, number_text, to_bool, to_number

TEXTS = frozenset({"engine_version", "major_engine_version", "elasticsearch_version", "version"})
"""Attributes that providers keep as text, and that are often written as a number: `engine_version = 14`."""

DEFAULT_IDENTITY: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class Shape:
    """The shape of a block: `renamed` maps old argument names to new ones, `key` names a list's items.

    `numbers` and `booleans` are the attributes that the provider converts to that type.
    """

    attributes: frozenset[str] = frozenset()
    numbers: frozenset[str] = frozenset()
    booleans: frozenset[str] = frozenset()
    blocks: Mapping[str, "Shape"] = field(default_factory=dict)
    defaults: Mapping[str, Any] = field(default_factory=dict)
    renamed: Mapping[str, str] = field(default_factory=dict)
    sensitive: frozenset[str] = frozenset()
    identity: Mapping[str, str] = field(default_factory=dict)
    key: str | None = None

    def knows(self, path: Route) -> bool:
        """Whether the dotted *path* (without indexes) is an attribute, a block, or lies inside a map."""
        if not path:
            return True
        head, rest = str(path[0]), path[1:]
        if head in self.blocks:
            return self.blocks[head].knows(rest)
        if head in self.numbers or head in self.booleans:
            return not rest
        return head in self.attributes or head in self.identity


PROVIDERS = ("aws", "azurerm", "google")
"""The providers that have a table, by the prefix of their types."""


SECTION = re.compile(r"^(?=[a-z_]\w*:)", re.MULTILINE)
"""Where the entry of a type begins in a table's text."""


@cache
def shape_of(type_: str) -> Shape | None:
    """What the table of its provider says of a resource type; None where no table has it."""
    provider = type_.partition("_")[0]
    text = _sections(provider).get(type_) if provider in PROVIDERS else None
    if text is None:
        return None
    entry = _parsed(text)[type_]
    return shape_of(entry) if isinstance(entry, str) else _read(entry, _shared(provider))


def shapes() -> Mapping[str, Shape]:
    """Every type of every table."""
    names = (name for provider in PROVIDERS for name in _sections(provider) if name != "_shared")
    return {name: shape for name in names if (shape := shape_of(name)) is not None}


@cache
def _sections(provider: str) -> Mapping[str, str]:
    """The text of each entry of a provider's table: only what a run meets is parsed."""
    text = files("surplus.sources.terraform").joinpath(f"types_{provider}.yaml").read_text("utf-8")
    sections = SECTION.split(text)[1:]
    return {section.partition(":")[0]: section for section in sections}


@cache
def _shared(provider: str) -> Mapping[str, Any]:
    shared: Mapping[str, Any] = _parsed(_sections(provider).get("_shared", "_shared: {}"))["_shared"]
    return shared


def _parsed(text: str) -> dict[str, Any]:
    import yaml

    parsed: dict[str, Any] = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - safe
    return parsed


def _read(entry: Mapping[str, Any], shared: Mapping[str, Any]) -> Shape:
    """A shape; a text in place of a block names one of the shared blocks."""
    blocks = {
        name: _read(shared[block] if isinstance(block, str) else block, shared)
        for name, block in (entry.get("blocks") or {}).items()
    }
    return Shape(
        attributes=frozenset(entry.get("attributes", ())),
        numbers=frozenset(entry.get("numbers", ())),
        booleans=frozenset(entry.get("booleans", ())),
        blocks=blocks,
        defaults=entry.get("defaults", {}),
        renamed=entry.get("renamed", {}),
        sensitive=frozenset(entry.get("sensitive", ())),
        identity=entry.get("identity", DEFAULT_IDENTITY),
        key=entry.get("key"),
    )


def complete(values: dict[str, Any], shape: Shape, route: Route = ()) -> set[Route]:
    """Give *values* the table's shape, in place: absent blocks are [], one block is a list of one, unset
    attributes are None or their default. Returns the routes that hold a default.
    """
    defaulted: set[Route] = set()
    for old, new in shape.renamed.items():
        if old in values and values.get(new) is None:
            values[new] = values[old]
    for name, block in shape.blocks.items():
        found = values.get(name)
        if found is None:
            values[name] = []
            continue
        if isinstance(found, Unknown):
            continue
        if isinstance(found, dict):  # JSON syntax: one block is an object
            found = [found]
        if not isinstance(found, list):
            values[name] = Unknown(f"{name} is a block, and is set to something else")
            continue
        values[name] = found = [_block(item, name) for item in found if item is not None]
        for index, item in enumerate(found):
            if isinstance(item, dict):
                defaulted |= complete(item, block, (*route, name, index))
    for name in shape.attributes:
        value = values.get(name)
        if value is None:
            values[name] = deepcopy(shape.defaults.get(name))
            if values[name] is not None:
                defaulted.add((*route, name))
        elif isinstance(value, str) and (name in shape.numbers or name in shape.booleans):
            values[name] = _converted(value, name, shape)
        elif name in TEXTS and name not in shape.numbers and _is_number(value):
            values[name] = number_text(value)
        elif isinstance(value, Unknown) and value.choices:
            values[name] = _each_choice(value, name, shape)
    return defaulted


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _each_choice(value: Unknown, name: str, shape: Shape) -> Unknown:
    """The choices as the provider reads them: null is the default, texts are converted."""
    typed = name in shape.numbers or name in shape.booleans
    default = shape.defaults.get(name)
    choices = tuple(
        default if choice is None else _converted(choice, name, shape) if typed and isinstance(choice, str) else choice
        for choice in value.choices
    )
    if any(isinstance(choice, (Unknown, list, dict)) for choice in choices):
        return replace(value, choices=())
    return replace(value, nullable=None in choices, choices=choices)


def _converted(value: str, name: str, shape: Shape) -> Any:
    """The number or bool that a text spells, as the provider reads it; unknown where it spells none.

    An empty text counts as unset: that is how providers of the older generation read it.
    """
    if not value:
        return None
    try:
        return to_number(value) if name in shape.numbers else to_bool(value)
    except EvaluationError as error:
        return Unknown(f"{name}: {error}")


def _block(item: Any, name: str) -> Any:
    return item if isinstance(item, (dict, Unknown)) else Unknown(f"{name} is a block, and is set to something else")


def item_key(type_: str, route: Route) -> str | None:
    """The argument that tells items of the list at *route* (without indexes) apart, where the table has one."""
    shape = shape_of(type_)
    for name in route:
        shape = shape.blocks.get(str(name)) if shape else None
    return shape.key if shape else None


def known_identity(values: Mapping[str, Any], shape: Shape) -> set[str]:
    """The known values of the arguments that identify a resource."""
    found = (values.get(argument) for argument in shape.identity.values())
    return {value for value in found if isinstance(value, str) and value and not isinstance(value, Unknown)}
