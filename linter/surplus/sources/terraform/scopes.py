"""What names mean in a module, and where iteration variables come from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from surplus.model import Unknown
from surplus.sources.terraform import functions
from surplus.sources.terraform.expressions import Lookup, attribute
from surplus.sources.terraform.modules import Placed
from surplus.sources.terraform.values import EvaluationError

if TYPE_CHECKING:
    from surplus.sources.terraform.evaluate import Module


@dataclass(frozen=True, slots=True)
class Origin:
    """The collection an iteration variable runs over, and the key it stands at."""

    collection: Placed
    scope: "ModuleScope"
    key: Any


NOWHERE: Mapping[str, Origin] = {}
NO_NAMES: Mapping[str, Any] = {}


@dataclass(frozen=True, slots=True)
class DataSources(Lookup):
    """`data`, `data.aws_ami` and `data.aws_ami.x`: unknown, with the data source's name as the reason."""

    path: tuple[str, ...] = ()

    def attribute(self, name: str) -> Any:
        """One step further; below `data.TYPE.NAME` everything is unknown."""
        path = (*self.path, name)
        if len(path) < 2:
            return DataSources("", nullable=False, path=path)
        return Unknown(f"data.{'.'.join(path)} is read when Terraform plans")


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
        return ModuleScope(self.module, {**self.names, **names}, self.origins)

    def repeated(self, name: str, key: Any, value: Any, origin: Origin) -> "ModuleScope":
        """This scope with `each` or a dynamic block's iterator added."""
        item = {"key": key, "value": value}
        return ModuleScope(self.module, {**self.names, name: item}, {**self.origins, name: origin})

    def root(self, name: str) -> Any:
        """An iteration variable, or a type keyword's own name where none is meant."""
        if name in self.names:
            return self.names[name]
        if name == "data":
            return DataSources("", nullable=False)
        raise EvaluationError(f'"{name}" alone is no value')

    def reference(self, name: str, attribute_name: str) -> Any:
        """The value of `name.attribute_name`."""
        module = self.module
        if name in self.names:
            return attribute(self.names[name], attribute_name)
        match name:
            case "var":
                return module.variable(attribute_name)
            case "local":
                return module.local(attribute_name)
            case "module":
                return module.call(attribute_name)
            case "data":
                return DataSources("", nullable=False, path=(attribute_name,))
            case "path":
                return module.path(attribute_name)
            case "terraform" | "tofu":
                return module.workspace(attribute_name)
            case "each" | "count" | "self":
                raise EvaluationError(f"{name}.{attribute_name} means nothing here")
            case "ephemeral":
                return Unknown("ephemeral values exist only while Terraform runs")
        return module.resource(name, attribute_name)


@dataclass(frozen=True, slots=True)
class ConstantScope:
    """Where only constants may stand: variable files and variable defaults."""

    context: functions.Context

    def root(self, name: str) -> Any:
        """Always an error: names mean nothing here."""
        raise EvaluationError(f'"{name}" may not be used here, only constants')

    def reference(self, name: str, attribute_name: str) -> Any:
        """Always an error: names mean nothing here."""
        return self.root(f"{name}.{attribute_name}")

    def child(self, names: Mapping[str, Any]) -> "ConstantScope":
        """This scope: `for` in a constant sees its variables through `names`."""
        return NamedConstants(self.context, names)


@dataclass(frozen=True, slots=True)
class NamedConstants(ConstantScope):
    """A constant scope with the variables of a `for`, or of a template file."""

    names: Mapping[str, Any] = field(default_factory=dict)

    def root(self, name: str) -> Any:
        """A variable of the template or of the `for` around."""
        if name in self.names:
            return self.names[name]
        raise EvaluationError(f'the template has no variable "{name}"')

    def reference(self, name: str, attribute_name: str) -> Any:
        """An attribute of such a variable."""
        return attribute(self.root(name), attribute_name)

    def child(self, names: Mapping[str, Any]) -> "NamedConstants":
        """This scope with more variables."""
        return NamedConstants(self.context, {**self.names, **names})
