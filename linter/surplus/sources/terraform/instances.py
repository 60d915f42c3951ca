"""What expressions see of a resource, a data source, a nested block or a module: attributes found on demand."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from surplus.model import Unknown
from surplus.sources.terraform.access import Lookup
from surplus.sources.terraform.blocks import expand_blocks
from surplus.sources.terraform.expressions import visit
from surplus.sources.terraform.modules import Body, block_type
from surplus.sources.terraform.scopes import ModuleScope
from surplus.sources.terraform.types import shape_of

if TYPE_CHECKING:
    from surplus.sources.terraform.evaluate import Module

COMPUTED = frozenset({"id", "arn"})
"""Attributes that every resource has after apply, if it has them at all: never null."""


@dataclass(frozen=True, slots=True)
class ModuleInstance(Lookup):
    """`module.x`: its attributes are the module's outputs."""

    module: "Module" = None  # type: ignore[assignment]

    def attribute(self, name: str) -> Any:
        """One output."""
        return self.module.output(name)


@dataclass(frozen=True, slots=True)
class DataInstance(Lookup):
    """A data source: what it is asked by is known, what it answers is not."""

    body: Body = None  # type: ignore[assignment]
    scope: ModuleScope = None  # type: ignore[assignment]

    def attribute(self, name: str) -> Any:
        """An argument's value, else unknown."""
        placed = self.body.expression(name)
        value = self.scope.module.evaluate(placed, self.scope) if placed else None
        return Unknown(self.reason) if value is None or isinstance(value, Unknown) else value


@dataclass(frozen=True, slots=True)
class Instance(Lookup):
    """A resource instance as expressions see it: arguments have values, the rest its identity."""

    address: str = ""
    body: Body = None  # type: ignore[assignment]
    scope: ModuleScope = None  # type: ignore[assignment]

    @property
    def type(self) -> str:
        """The resource type."""
        return str(self.body.header.node[4][0])

    def attribute(self, name: str) -> Any:
        """An argument's value, a default of the types table, or a computed attribute."""
        value = _written(self, name)
        if value is not None:
            return value
        shape = shape_of(self.type)
        if shape and shape.defaults.get(name) is not None:
            return shape.defaults[name]
        if name == "tags" and shape is not None and "tags_all" in shape.attributes:
            return None  # what the provider adds is in tags_all
        never_null = name in COMPUTED or (shape is not None and name in shape.identity)
        return _after_apply(self.address, name, nullable=not never_null)


@dataclass(frozen=True, slots=True)
class NestedBlock(Lookup):
    """One nested block of a resource instance; *address* ends in its type and index."""

    address: str = ""
    body: Body = None  # type: ignore[assignment]
    scope: ModuleScope = None  # type: ignore[assignment]

    def attribute(self, name: str) -> Any:
        """An argument's value, or an attribute that is not written."""
        value = _written(self, name)
        return _after_apply(self.address, name) if value is None else value


def _after_apply(address: str, name: str, nullable: bool = True) -> Unknown:
    return Unknown(f"{address}.{name} is known after apply", f"⟨{address}.{name}⟩", nullable)


def _written(part: Instance | NestedBlock, name: str) -> Any:
    """The value of an argument or of the blocks of one type; None where unset, which the provider may compute."""
    module, what = part.scope.module, f"{part.address}.{name}"
    placed = part.body.expression(name)
    if placed is not None:
        value = module.once(("attribute", what), what, lambda: visit(placed.node, part.scope))
        if isinstance(value, Unknown) and value.text is None and not isinstance(value, Lookup):
            return Unknown(value.reason, f"⟨{what}⟩", value.nullable, choices=value.choices)
        return value
    if any(block_type(block.node) == name for block in part.body.blocks):
        return module.once(("blocks", what), what, _blocks(part, name))
    return None


def _blocks(part: Instance | NestedBlock, name: str) -> Callable[[], Any]:
    def compute() -> Any:
        found: list[NestedBlock] = []
        for kind, block, scope in expand_blocks(part.body, part.scope):
            if kind != name:
                continue
            what = f"{part.address}.{name}[{len(found)}]"
            if isinstance(block, Unknown):
                return Unknown(block.reason, f"⟨{part.address}.{name}⟩", nullable=False)
            found.append(NestedBlock(f"{what} is known after apply", f"⟨{what}⟩", False, what, block, scope))
        return found

    return compute
