"""Evaluates a root: modules, variables, locals, outputs and resources, each on demand and once."""

import posixpath
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from surplus.model import Problem, Unknown
from surplus.sources.terraform import constraints
from surplus.sources.terraform.calls import called_folder
from surplus.sources.terraform.expressions import AbsolutePath, Scope, visit
from surplus.sources.terraform.files import Reading, file_context
from surplus.sources.terraform.functions import Context
from surplus.sources.terraform.inputs import environment_value
from surplus.sources.terraform.instances import DataInstance, Instance, ModuleInstance
from surplus.sources.terraform.limits import MAX_VALUE_DEPTH, MAX_VALUE_PARTS, TooCostlyError, exceeded
from surplus.sources.terraform.modules import Body, Folder, Folders, Placed, downloaded
from surplus.sources.terraform.nodes import Node
from surplus.sources.terraform.references import traversals
from surplus.sources.terraform.repetition import Repetition, key_text, repetition_of, unknown_number
from surplus.sources.terraform.scopes import ConstantScope, Meter, ModuleScope
from surplus.sources.terraform.values import EvaluationError, excess

BUSY = object()
BOUNDS = {"MAX_VALUE_DEPTH": MAX_VALUE_DEPTH, "MAX_VALUE_PARTS": MAX_VALUE_PARTS}


@dataclass(slots=True, eq=False)
class Evaluation:
    """What all module instances of one root share. `given` are the values of variable files, last wins.

    `unread_variables` is the path of a variable file that could not be read and may set what is not given.
    `unread_calls` are the addresses of the calls that could not be read; `modules` counts module instances.
    """

    folders: Folders
    root: str
    given: Mapping[str, Placed] = field(default_factory=dict)
    unread_variables: str | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    variables: Mapping[str, str] = field(default_factory=dict)
    workspace: str | None = None
    problems: dict[Problem, None] = field(default_factory=dict)
    unread_calls: dict[str, None] = field(default_factory=dict)
    read: set[str] = field(default_factory=set)
    sensitive: dict[tuple[str, str, str], bool] = field(default_factory=dict)
    meter: Meter = field(default_factory=Meter)
    reading: Reading = field(default_factory=Reading)
    modules: int = 0
    context: Context = field(init=False)
    constants: ConstantScope = field(init=False)
    _downloaded: dict[str, str] | None = None
    _asked: int = -1
    _secrets: bool = False
    _traversals: dict[int, tuple[Node, tuple[tuple[str, str], ...]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.context = file_context(self.folders.tree, self.root, self.meter, self.reading)
        self.constants = ConstantScope(self.context, self.meter)

    def problem(self, message: str, placed: Placed, note: bool = False) -> None:
        """Record a problem at a node, once."""
        place = placed.location
        self.problems[Problem(message, place.path, place.span, note=note)] = None

    def traversals(self, node: Node) -> tuple[tuple[str, str], ...]:
        """`references.traversals`, remembered: the instances of a module share its expressions."""
        found = self._traversals.get(id(node))
        if found is None:
            found = self._traversals[id(node)] = (node, traversals(node))
        return found[1]

    @property
    def speaks_of_secrets(self) -> bool:
        """Whether any file read so far speaks of what is sensitive or ephemeral: most roots do not."""
        if len(self.read) != self._asked:
            self._asked = len(self.read)
            files = (file for path in self.read for file in self.folders.folder(path).files)
            self._secrets = any("sensitive" in file.text or "ephemeral" in file.text for file in files)
        return self._secrets

    def downloaded(self, key: str) -> str | None:
        """The folder of a downloaded module."""
        if self._downloaded is None:
            self._downloaded = downloaded(self.folders.tree, self.root)
        return self._downloaded.get(key)

    def folder(self, path: str) -> Folder:
        """A module's configuration; its problems become the root's."""
        folder = self.folders.folder(path)
        if path not in self.read:
            self.read.add(path)
            self.problems.update(dict.fromkeys(folder.problems))
        return folder


class Module:
    """One instance of a module: the root (address "") or one instance of a call."""

    def __init__(
        self,
        evaluation: Evaluation,
        folder: Folder,
        address: str = "",
        caller: "Module | None" = None,
        call: Body | None = None,
        scope: ModuleScope | None = None,
        names: tuple[str, ...] = (),
    ) -> None:
        """*scope* is the caller's, with the call's own count or for_each; *names* leads here from the root."""
        self.evaluation = evaluation
        self.folder = folder
        self.address = address
        self.caller = caller
        self.call_body = call
        self.call_scope = scope
        self.names = names
        self.scope = ModuleScope(self)
        self.context = evaluation.context
        self.constants = evaluation.constants
        self._values: dict[tuple[str, ...], Any] = {}
        self._read_for: dict[tuple[str, ...], set[str]] = {}
        evaluation.modules += 1

    @property
    def prefix(self) -> str:
        """What stands before the address of everything inside."""
        return f"{self.address}." if self.address else ""

    def once(self, key: tuple[str, ...], what: str, compute: Callable[[], Any]) -> Any:
        """What *compute* gives, remembered by *key*; unknown, with *what* in the reason, where it fails."""
        value = self._values.get(key, self)
        if value is BUSY:
            return Unknown(f"{what} depends on itself")
        reading = self.evaluation.reading
        if value is self:
            self._values[key] = BUSY
            around, reading.files = reading.files, set()
            value = self._guarded(compute, what)
            if reading.files:
                self._read_for[key] = reading.files
                around |= reading.files
            reading.files = around
            if isinstance(value, (list, dict)) and (bound := excess(value)) is not None:
                value = exceeded(bound, BOUNDS[bound])
            self._values[key] = value
        elif key in self._read_for:
            reading.files |= self._read_for[key]
        return value

    def evaluate(self, placed: Placed, scope: Scope, what: str = "") -> Any:
        """The value of an expression; unknown, with the reason, where Terraform reports an error."""
        return self._guarded(lambda: visit(placed.node, scope), what)

    def _guarded(self, compute: Callable[[], Any], what: str) -> Any:
        try:
            return compute()
        except (EvaluationError, TooCostlyError) as error:
            return Unknown(f"{what}: {error}" if what else str(error))
        except RecursionError:
            return Unknown(f"{what or 'the expression'} is nested too deeply to be evaluated")

    # Values that have a name

    def local(self, name: str) -> Any:
        """`local.name`."""
        placed = self.folder.locals.get(name)
        if placed is None:
            return self._undeclared(f"local.{name}")
        return self.once(("local", name), f"local.{name}", lambda: visit(placed.node[4], self.scope))

    def _undeclared(self, what: str) -> Unknown:
        unread = " in what could be read of the module" if self.folder.problems else ""
        return Unknown(f"{what} is not declared{unread}")

    def variable(self, name: str) -> Any:
        """`var.name`, converted to its type."""
        return self.once(("var", name), f"var.{name}", lambda: self._variable(name))

    def _variable(self, name: str) -> Any:
        body = self.folder.named.get(("variable", name))
        if body is None:
            return self._undeclared(f"var.{name}")
        given, default = self.given(name), body.expression("default")
        value: Any = Unknown(f"var.{name} has no value")
        if given is not None:
            value = visit(given[0].node, given[1])
        elif self.may_be_given(name):
            return Unknown(f"{self.evaluation.unread_variables} may set var.{name} and cannot be read")
        elif (text := self.from_environment(name)) is not None:
            value = environment_value(text, body.expression("type"), self.constants)
        elif default is not None:
            value = visit(default.node, self.constants)
        if value is None and default is not None and not nullable(body):
            value, given = visit(default.node, self.constants), None
        kind = body.expression("type")
        constraint = constraints.read(kind.node if kind else None)
        try:
            return constraints.convert(value, constraint, lambda node: visit(node, self.constants))
        except EvaluationError as error:
            place = given[0] if given else default
            if place is not None:
                self.evaluation.problem(f"var.{name} cannot have this value: {error}", place)
            raise

    def given(self, name: str) -> tuple[Placed, Scope] | None:
        """The expression that sets a variable, and its scope: a variable file's or the call's argument."""
        if self.call_body is not None and self.call_scope is not None:
            argument = self.call_body.expression(name)
            return (argument, self.call_scope) if argument else None
        placed = None if name in self.evaluation.variables else self.evaluation.given.get(name)
        return (placed, self.constants) if placed else None

    def may_be_given(self, name: str) -> bool:
        """Whether a variable file that could not be read may set a variable: the command line's win over it."""
        evaluation = self.evaluation
        return evaluation.unread_variables is not None and self.caller is None and name not in evaluation.variables

    def from_environment(self, name: str) -> str | None:
        """The text that the command line or `TF_VAR_name` gives a variable of the root module."""
        if self.caller is not None:
            return None
        return self.evaluation.variables.get(name, self.evaluation.environment.get(f"TF_VAR_{name}"))

    def output(self, name: str) -> Any:
        """`module.x.name`, asked of the module that declares it; raises `EvaluationError` where it has none."""
        body = self.folder.named.get(("output", name))
        value = body.expression("value") if body else None
        if value is None:
            if body is None and not self.folder.problems:
                raise EvaluationError(f"{self.address} has no output {name}")
            return Unknown(f"{self.address} has no output {name}")
        return self.once(("output", name), f"{self.prefix}output.{name}", lambda: visit(value.node, self.scope))

    def path(self, name: str) -> Any:
        """`path.module` and `path.root`, relative to the root's folder, where Terraform runs."""
        if name == "module":
            return posixpath.relpath(self.folder.path, self.evaluation.root)
        if name == "root":
            return "."
        if name == "cwd":
            return self.working_folder
        raise EvaluationError(f"there is no path.{name}")

    @property
    def working_folder(self) -> AbsolutePath:
        """The root's folder, as the machine that Terraform runs on calls it."""
        root = self.evaluation.root
        name = "" if root == "." else posixpath.basename(root)
        return AbsolutePath("path.cwd depends on the machine", nullable=False, name=name)

    def workspace(self, name: str) -> Any:
        """`terraform.workspace`."""
        if name != "workspace":
            return Unknown(f"terraform.{name} is known when Terraform runs")
        if self.evaluation.workspace is not None:
            return self.evaluation.workspace
        return Unknown("terraform.workspace is not given; name it with --workspace", nullable=False)

    # What count and for_each repeat

    def repetition(self, key: tuple[str, ...], body: Body) -> Repetition:
        """The instances of the resource, data source or call of *key*."""
        what = ".".join(key[1:] if key[0] == "resource" else key)
        found = self.once(("repetition", *key), what, lambda: repetition_of(self, body))
        if isinstance(found, Unknown):
            return unknown_number(self, found.reason)
        assert isinstance(found, Repetition)
        return found

    def _instances(self, key: tuple[str, ...], make: Callable[[Body, str, Any, ModuleScope], Any]) -> Any:
        """What `type.name` or `module.name` means: one object, a list, or a map of them."""
        what = ".".join(key[1:] if key[0] == "resource" else key)
        body = self.folder.named.get(key)
        if body is None:
            return self._undeclared(f"{self.prefix}{what}")

        def compute() -> Any:
            repetition = self.repetition(key, body)
            made = [
                (instance[0], make(body, f"{self.prefix}{what}{key_text(instance[0])}", *instance))
                for instance in repetition.instances
            ]
            if repetition.kind == "one":
                return made[0][1]
            if repetition.kind == "count":
                return [one for _, one in made]
            if repetition.kind == "for_each":
                return dict(made)
            text = f"⟨{self.prefix}{what}⟩" if key[0] == "resource" else None
            return Unknown(repetition.reason, text, nullable=False)

        return self.once(("instances", *key), what, compute)

    def resource(self, type_: str, name: str) -> Any:
        """`type.name`: an instance, or a list or map of instances."""
        return self._instances(
            ("resource", type_, name), lambda body, address, _, scope: instance_of(body, address, scope)
        )

    def data(self, type_: str, name: str) -> Any:
        """`data.type.name`: what it answers is unknown, how many there are is not."""
        reason = f"data.{type_}.{name} is read when Terraform plans"
        return self._instances(
            ("data", type_, name), lambda body, _address, _key, scope: DataInstance(reason, None, False, body, scope)
        )

    def resources(self, one: bool = True, optional: bool = False) -> Iterator[tuple[Instance, bool, bool]]:
        """Every resource instance here and in the modules called, whether it is one, and whether it may be none.

        *one* and *optional* say the same of this module: what is inside cannot be more certain.
        """
        for labels, body in self.folder.of("resource"):
            repetition = self.repetition(("resource", *labels), body)
            single, maybe = one and repetition.kind != "unknown", optional or repetition.optional
            for key, scope in repetition.instances:
                yield instance_of(body, f"{self.prefix}{'.'.join(labels)}{key_text(key)}", scope), single, maybe
        for (name,), body in self.folder.of("module"):
            repetition = self.repetition(("module", name), body)
            single, maybe = one and repetition.kind != "unknown", optional or repetition.optional
            for child in self.called(name):
                yield from child.resources(single, maybe)

    # Module calls

    def call(self, name: str) -> Any:
        """`module.name`: an instance, or a list or map of instances."""

        def make(body: Body, address: str, _: Any, scope: ModuleScope) -> Any:
            child = self._child(name, body, address, scope)
            if isinstance(child, Unknown):
                return child
            return ModuleInstance(f"{address} as a whole is known after apply", nullable=False, module=child)

        return self._instances(("module", name), make)

    def children(self, name: str, body: Body) -> Iterator["Module | Unknown"]:
        """The instances of a call; an `Unknown` where the module cannot be read."""
        for key, scope in self.repetition(("module", name), body).instances:
            yield self._child(name, body, f"{self.prefix}module.{name}{key_text(key)}", scope)

    def called(self, name: str) -> Iterator["Module"]:
        """The instances of `module.name` that can be read; none where nothing is declared by that name."""
        body = self.folder.named.get(("module", name))
        if body is not None:
            yield from (child for child in self.children(name, body) if isinstance(child, Module))

    def behind_outputs(self, name: str) -> Iterator[tuple[Node, "Module"]]:
        """The expressions that the outputs of `module.name` hand out, each with the module it stands in."""
        for child in self.called(name):
            for _, output in child.folder.of("output"):
                if (value := output.expression("value")) is not None:
                    yield value.node, child

    def _child(self, name: str, body: Body, address: str, scope: ModuleScope) -> "Module | Unknown":
        child: Module | Unknown = self.once(("child", address), address, lambda: self._open(name, body, address, scope))
        return child

    def _open(self, name: str, body: Body, address: str, scope: ModuleScope) -> "Module | Unknown":
        folder = called_folder(self, name, body)
        if isinstance(folder, Unknown):
            return folder
        return Module(self.evaluation, folder, address, self, body, scope, (*self.names, name))


def instance_of(body: Body, address: str, scope: ModuleScope) -> Instance:
    """One instance of a resource."""
    return Instance(f"{address} is known after apply", f"⟨{address}⟩", False, address, body, scope)


def nullable(variable: Body) -> bool:
    """Whether a variable keeps a null it is given; else its default takes the place."""
    written = variable.expression("nullable")
    return written is None or written.node[3:] != (False,)
