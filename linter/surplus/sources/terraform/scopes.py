"""What names mean in a module, and where iteration variables come from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from surplus.model import Unknown
from surplus.sources.terraform import functions
from surplus.sources.terraform.access import Lookup, attribute
from surplus.sources.terraform.expressions import AbsolutePath
from surplus.sources.terraform.limits import MAX_ITERATIONS, TooCostlyError
from surplus.sources.terraform.modules import Placed
from surplus.sources.terraform.values import EvaluationError

if TYPE_CHECKING:
    from surplus.sources.terraform.evaluate import Module


@dataclass(frozen=True, slots=True)
class Origin:
    """The collection an iteration variable runs over, and the key it stands at.

    `whole` tells a `for` variable, which is the element itself, from `each` and iterators with `.value`. The elements
    come from the texts of `files`.
    """

    collection: Placed
    scope: "ModuleScope"
    key: Any
    whole: bool = False
    files: frozenset[str] = frozenset()


@dataclass(slots=True)
class Meter:
    """Counts the turns of all loops of one root."""

    spent: int = 0

    def spend(self) -> None:
        """One turn more; raises `TooCostlyError` after too many."""
        self.spent += 1
        if self.spent > MAX_ITERATIONS:
            raise TooCostlyError(f"more than {MAX_ITERATIONS:,} turns of loops in one root (MAX_ITERATIONS)")


NOWHERE: Mapping[str, Origin] = {}
NO_NAMES: Mapping[str, Any] = {}


@dataclass(frozen=True, slots=True)
class Types(Lookup):
    """`data` and `resource`, and those with a type: the objects of a module by type, then by name."""

    kind: str = ""
    module: "Module" = None  # type: ignore[assignment]
    type: str = ""

    def attribute(self, name: str) -> Any:
        """One step further."""
        if not self.type:
            return Types(self.reason, nullable=False, kind=self.kind, module=self.module, type=name)
        return self.module.data(self.type, name) if self.kind == "data" else self.module.resource(self.type, name)


@dataclass(frozen=True, slots=True)
class ModuleScope:
    """The scope of an expression in one module instance."""

    module: "Module"
    names: Mapping[str, Any] = field(default_factory=dict)
    origins: Mapping[str, Origin] = field(default_factory=dict)

    @property
    def context(self) -> functions.Context:
        """What functions may see: the files of the tree."""
        return self.module.context

    def child(self, names: Mapping[str, Any]) -> "ModuleScope":
        """This scope with the variables of a `for` added."""
        origins = self.origins
        if origins and not origins.keys().isdisjoint(names):
            origins = {name: origin for name, origin in origins.items() if name not in names}
        return ModuleScope(self.module, {**self.names, **names}, origins)

    def repeated(self, name: str, key: Any, value: Any, origin: Origin) -> "ModuleScope":
        """This scope with `each` or a dynamic block's iterator added."""
        item = {"key": key, "value": value}
        return ModuleScope(self.module, {**self.names, name: item}, {**self.origins, name: origin})

    def with_origin(self, name: str, origin: Origin) -> "ModuleScope":
        """This scope with the place that an iteration variable's value comes from."""
        return ModuleScope(self.module, self.names, {**self.origins, name: origin})

    def working_folder(self) -> AbsolutePath:
        """The root's folder."""
        return self.module.working_folder

    def spend(self) -> None:
        """Count one turn of a loop."""
        self.module.evaluation.meter.spend()

    def root(self, name: str) -> Any:
        """An iteration variable."""
        if name in self.names:
            return self.names[name]
        if name in ("data", "resource"):
            return Types(f"{name} alone is no value", nullable=False, kind=name, module=self.module)
        raise EvaluationError(f'"{name}" alone is no value')

    def reference(self, name: str, attribute_name: str) -> Any:
        """The value of `name.attribute_name`."""
        module = self.module
        if name in self.names:
            if (origin := self.origins.get(name)) is not None and origin.files:
                module.evaluation.reading.files |= origin.files
            return attribute(self.names[name], attribute_name)
        match name:
            case "var":
                return module.variable(attribute_name)
            case "local":
                return module.local(attribute_name)
            case "module":
                return module.call(attribute_name)
            case "data" | "resource":
                return attribute(self.root(name), attribute_name)
            case "path":
                return module.path(attribute_name)
            case "terraform" | "tofu":
                return module.workspace(attribute_name)
            case "self":
                return Unknown("self has a value only in provisioners, which are not judged")
            case "each" | "count":
                raise EvaluationError(f"{name}.{attribute_name} means nothing here")
            case "ephemeral":
                return Unknown("ephemeral values exist only while Terraform runs")
        return module.resource(name, attribute_name)


@dataclass(frozen=True, slots=True)
class ConstantScope:
    """Where only constants may stand: variable files and variable defaults."""

    context: functions.Context
    meter: Meter = field(default_factory=Meter)

    def working_folder(self) -> AbsolutePath:
        """Not known here by any part."""
        return AbsolutePath("path.cwd depends on the machine", nullable=False)

    def spend(self) -> None:
        """Count one turn of a loop."""
        self.meter.spend()

    def root(self, name: str) -> Any:
        """Always an error: names mean nothing here."""
        raise EvaluationError(f'"{name}" may not be used here, only constants')

    def reference(self, name: str, attribute_name: str) -> Any:
        """Always an error: names mean nothing here."""
        return self.root(f"{name}.{attribute_name}")

    def child(self, names: Mapping[str, Any]) -> "ConstantScope":
        """This scope with the variables of a `for`."""
        return NamedConstants(self.context, self.meter, names)


@dataclass(frozen=True, slots=True)
class NamedConstants(ConstantScope):
    """A constant scope with the variables of a `for`, or of a template file."""

    names: Mapping[str, Any] = field(default_factory=dict)

    def root(self, name: str) -> Any:
        """A variable of the template or of the `for` around."""
        if name in self.names:
            return self.names[name]
        raise EvaluationError(f'there is no variable "{name}" here')

    def reference(self, name: str, attribute_name: str) -> Any:
        """An attribute of such a variable."""
        return attribute(self.root(name), attribute_name)

    def child(self, names: Mapping[str, Any]) -> "NamedConstants":
        """This scope with more variables."""
        return NamedConstants(self.context, self.meter, {**self.names, **names})
