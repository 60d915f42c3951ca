"""Evaluates a root: modules, variables, locals, outputs and resources, each on demand and once."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from surplus.model import Problem, Unknown
from surplus.sources.terraform import constraints, functions
from surplus.sources.terraform.expressions import Lookup, Scope, visit
from surplus.sources.terraform.files import file_context
from surplus.sources.terraform.limits import MAX_INSTANCES, MAX_MODULE_DEPTH
from surplus.sources.terraform.modules import Body, Folder, Folders, Placed, downloaded, read_body
from surplus.sources.terraform.nodes import Node
from surplus.sources.terraform.references import traversals
from surplus.sources.terraform.scopes import ConstantScope, ModuleScope, Origin
from surplus.sources.terraform.types import complete, shapes
from surplus.sources.terraform.values import EvaluationError, Set, to_bool, to_number, type_name
from surplus.trees import join, leaves

META_ATTRIBUTES = frozenset({"count", "for_each", "provider", "depends_on"})
META_BLOCKS = frozenset({"lifecycle", "provisioner", "connection", "timeouts"})
COMPUTED = frozenset({"id", "arn"})
BUSY = object()


@dataclass(frozen=True, slots=True)
class Repetition:
    """The instances of a block. `kind` is one, count, for_each or unknown; keys and their scopes belong together."""

    kind: str
    instances: tuple[tuple[Any, ModuleScope], ...]
    reason: str = ""
    optional: bool = False


@dataclass(slots=True, eq=False)
class Evaluation:
    """What all module instances of one root share. `given` are the values of variable files, last wins."""

    folders: Folders
    root: str
    given: Mapping[str, Placed] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    workspace: str | None = None
    problems: dict[Problem, None] = field(default_factory=dict)
    unread_calls: list[str] = field(default_factory=list)
    read: set[str] = field(default_factory=set)
    sensitive: dict[tuple[str, str, str], bool] = field(default_factory=dict)
    _downloaded: dict[str, str] | None = None
    _traversals: dict[int, tuple[Node, tuple[tuple[str, str], ...]]] = field(default_factory=dict)

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
        self.context: functions.Context = file_context(evaluation.folders.tree, evaluation.root, folder.path)
        self.constants = ConstantScope(self.context)
        self._values: dict[tuple[str, ...], Any] = {}

    @property
    def prefix(self) -> str:
        """What stands before the address of everything inside."""
        return f"{self.address}." if self.address else ""

    def _once(self, key: tuple[str, ...], what: str, compute: Callable[[], Any]) -> Any:
        value = self._values.get(key, self)
        if value is BUSY:
            return Unknown(f"{what} depends on itself")
        if value is self:
            self._values[key] = BUSY
            try:
                value = compute()
            except EvaluationError as error:
                value = Unknown(f"{what}: {error}")
            except RecursionError:
                value = Unknown(f"{what} is nested too deeply to be evaluated")
            self._values[key] = value
        return value

    def evaluate(self, placed: Placed, scope: Scope, what: str = "") -> Any:
        """The value of an expression; unknown, with the reason, where Terraform reports an error."""
        try:
            return visit(placed.node, scope)
        except EvaluationError as error:
            return Unknown(f"{what}: {error}" if what else str(error))
        except RecursionError:
            return Unknown(f"{what or 'the expression'} is nested too deeply to be evaluated")

    def local(self, name: str) -> Any:
        """`local.name`."""
        placed = self.folder.locals.get(name)
        if placed is None:
            return Unknown(f"local.{name} is not declared")
        key = ("local", name)
        if self._values.get(key) is BUSY:
            self.evaluation.problem(f"local.{name} depends on itself", placed)
        return self._once(key, f"local.{name}", lambda: visit(placed.node[4], self.scope))

    def variable(self, name: str) -> Any:
        """`var.name`, converted to its type."""
        return self._once(("var", name), f"var.{name}", lambda: self._variable(name))

    def _variable(self, name: str) -> Any:
        body = self.folder.named.get(("variable", name))
        if body is None:
            return Unknown(f"var.{name} is not declared")
        kind = body.expression("type")
        constraint = constraints.read(kind.node if kind else None)
        default = body.expression("default")
        value: Any = Unknown(f"var.{name} has no value")
        source = self.given(name)
        if source is not None:
            value = visit(source[0].node, source[1])
        elif self.caller is None and f"TF_VAR_{name}" in self.evaluation.environment:
            value = environment_value(self.evaluation.environment[f"TF_VAR_{name}"], constraint)
        elif default is not None:
            value = visit(default.node, self.constants)
        nullable = body.expression("nullable")
        if value is None and default is not None and nullable is not None and nullable.node[3:] == (False,):
            value = visit(default.node, self.constants)
        if value is None and default is None:
            return None
        return constraints.convert(value, constraint, lambda node: visit(node, self.constants))

    def given(self, name: str) -> tuple[Placed, Scope] | None:
        """The expression that sets a variable, and its scope: a variable file's or the call's argument."""
        if self.call_body is not None and self.call_scope is not None:
            argument = self.call_body.expression(name)
            return (argument, self.call_scope) if argument else None
        placed = self.evaluation.given.get(name)
        return (placed, self.constants) if placed else None

    def output(self, name: str) -> Any:
        """`module.x.name`, asked of the module that declares it."""
        body = self.folder.named.get(("output", name))
        value = body.expression("value") if body else None
        if value is None:
            return Unknown(f"{self.address} has no output {name}")
        return self._once(("output", name), f"{self.prefix}output.{name}", lambda: visit(value.node, self.scope))

    def path(self, name: str) -> Any:
        """`path.module`, `path.root`, as written relative to the root."""
        if name == "module":
            return join(".", self.folder.path) if self.caller else "."
        return "." if name == "root" else Unknown(f"path.{name} depends on the machine")

    def workspace(self, name: str) -> Any:
        """`terraform.workspace`."""
        if name == "workspace" and self.evaluation.workspace is not None:
            return self.evaluation.workspace
        return Unknown(f"terraform.{name} is not given; name it with --workspace")

    # Repetition: count and for_each of resources and of calls

    def repetition(self, kind: str, labels: tuple[str, ...], body: Body) -> Repetition:
        """The instances of a resource or call."""
        key = ("repetition", kind, *labels)
        found = self._once(key, ".".join(labels), lambda: self._repeat(body))
        if isinstance(found, Unknown):
            return Repetition("unknown", (("*", self.scope),), found.reason, optional=True)
        assert isinstance(found, Repetition)
        return found

    def _repeat(self, body: Body) -> Repetition:
        if (count := body.expression("count")) is not None:
            return self._count(count)
        if (each := body.expression("for_each")) is not None:
            return self._for_each(each)
        return Repetition("one", ((None, self.scope),))

    def _count(self, count: Placed) -> Repetition:
        value = self.evaluate(count, self.scope)
        if isinstance(value, Unknown):
            scope = self.scope.child({"count": {"index": Unknown(value.reason, nullable=False)}})
            return Repetition("unknown", (("*", scope),), value.reason, optional=True)
        number = to_number(value) if not isinstance(value, bool) else value
        if isinstance(number, bool) or not isinstance(number, int) or number < 0:
            self.evaluation.problem(f"count must be a whole number, 0 or more; this is {describe(value)}", count)
            return Repetition("count", ())
        if number > MAX_INSTANCES:
            message = f"count is {number:,}; only the first {MAX_INSTANCES:,} (MAX_INSTANCES) are judged"
            self.evaluation.problem(message, count)
        many = range(min(number, MAX_INSTANCES))
        return Repetition("count", tuple((index, self.scope.child({"count": {"index": index}})) for index in many))

    def _for_each(self, each: Placed) -> Repetition:
        value = self.evaluate(each, self.scope)
        if isinstance(value, Unknown):
            reason = Unknown(value.reason)
            scope = self.scope.repeated("each", reason, reason, Origin(each, self.scope, "*"))
            return Repetition("unknown", (("*", scope),), value.reason, optional=True)
        if not isinstance(value, (dict, Set)):
            self.evaluation.problem(f"for_each needs a map or a set of strings, not {describe(value)}", each)
            return Repetition("for_each", ())
        items = sorted(value.items()) if isinstance(value, dict) else [(item, item) for item in value]
        if any(isinstance(key, Unknown) for key, _ in items):
            reason = next(key for key, _ in items if isinstance(key, Unknown))
            scope = self.scope.repeated("each", reason, reason, Origin(each, self.scope, "*"))
            return Repetition("unknown", (("*", scope),), reason.reason)
        if len(items) > MAX_INSTANCES:
            message = f"for_each has {len(items):,} keys; only the first {MAX_INSTANCES:,} (MAX_INSTANCES) are judged"
            self.evaluation.problem(message, each)
        return Repetition(
            "for_each",
            tuple(
                (key, self.scope.repeated("each", key, item, Origin(each, self.scope, key)))
                for key, item in items[:MAX_INSTANCES]
                if isinstance(key, str)
            ),
        )

    def _instances(self, kind: str, labels: tuple[str, ...], body: Body, make: Callable[..., Any]) -> Any:
        """What `type.name` or `module.name` means: one object, a list, or a map of them."""
        repetition = self.repetition(kind, labels, body)
        if repetition.kind == "one":
            return make(*repetition.instances[0])
        if repetition.kind == "count":
            return [make(*instance) for instance in repetition.instances]
        if repetition.kind == "for_each":
            return {instance[0]: make(*instance) for instance in repetition.instances}
        return Unknown(repetition.reason, f"⟨{self.prefix}{'.'.join(labels)}⟩", nullable=False)

    # Resources

    def resource(self, type_: str, name: str) -> Any:
        """`type.name`: an instance, or a list or map of instances."""
        body = self.folder.named.get(("resource", type_, name))
        if body is None:
            return Unknown(f"{self.prefix}{type_}.{name} is not declared")
        labels = (type_, name)
        return self._once(
            ("resource", type_, name),
            f"{type_}.{name}",
            lambda: self._instances(
                "resource", labels, body, lambda key, scope: self.instance(labels, body, key, scope)
            ),
        )

    def instance(self, labels: tuple[str, ...], body: Body, key: Any, scope: ModuleScope) -> "Instance":
        """One instance of a resource."""
        address = f"{self.prefix}{'.'.join(labels)}{key_text(key)}"
        return Instance(f"{address} is known after apply", f"⟨{address}⟩", False, address, body, scope)

    def resources(self) -> Iterator[tuple["Instance", Repetition]]:
        """Every resource instance of this module and of the modules it calls."""
        for labels, body in self.folder.of("resource"):
            repetition = self.repetition("resource", labels, body)
            for key, scope in repetition.instances:
                yield self.instance(labels, body, key, scope), repetition
        for labels, body in self.folder.of("module"):
            for child in self.children(labels[0], body):
                if isinstance(child, Module):
                    yield from child.resources()

    # Module calls

    def call(self, name: str) -> Any:
        """`module.name`: an instance, or a list or map of instances."""
        body = self.folder.named.get(("module", name))
        if body is None:
            return Unknown(f"module.{name} is not declared")
        make: Callable[..., Any] = lambda key, scope: self._called(name, body, key, scope)  # noqa: E731
        return self._once(
            ("module", name),
            f"module.{name}",
            lambda: self._instances("module", ("module", name), body, make),
        )

    def children(self, name: str, body: Body) -> Iterator["Module | Unknown"]:
        """The instances of a call; an `Unknown` where the module cannot be read."""
        for key, scope in self.repetition("module", ("module", name), body).instances:
            yield self._child(name, body, key, scope)

    def _called(self, name: str, body: Body, key: Any, scope: ModuleScope) -> Any:
        child = self._child(name, body, key, scope)
        return child if isinstance(child, Unknown) else ModuleInstance("", nullable=False, module=child)

    def _child(self, name: str, body: Body, key: Any, scope: ModuleScope) -> "Module | Unknown":
        address = f"{self.prefix}module.{name}{key_text(key)}"
        child: Module | Unknown = self._once(
            ("child", address), address, lambda: self._open(name, body, address, scope)
        )
        return child

    def _open(self, name: str, body: Body, address: str, scope: ModuleScope) -> "Module | Unknown":
        source = body.expression("source")
        value = self.evaluate(source, self.constants) if source else None
        names = (*self.names, name)
        path = self._source_folder(value, names)
        if path is None:
            shown = value if isinstance(value, str) else "its source"
            return self._unread(f"module.{name} is not judged: {shown} is not downloaded", source or body.header, names)
        if leaves(path):
            return self._unread(f"module.{name} is not judged: {value} lies outside the scanned tree", source, names)
        if self._depth_of(path) >= 1 or len(names) > MAX_MODULE_DEPTH:
            message = f"module.{name} calls itself, through {path}"
            self.evaluation.problem(message, source or body.header)
            return self._unread_silently(message, names)
        folder = self.evaluation.folder(path)
        if not folder.files:
            return self._unread(f"module.{name} is not judged: {value} holds no configuration", source, names)
        return Module(self.evaluation, folder, address, self, body, scope, names)

    def _source_folder(self, value: Any, names: tuple[str, ...]) -> str | None:
        if (isinstance(value, str) and value.startswith(("./", "../"))) or value in (".", ".."):
            return join(self.folder.path, str(value))
        return self.evaluation.downloaded(".".join(names))

    def _depth_of(self, path: str) -> int:
        """How often a folder is already open on the way here from the root."""
        module: Module | None = self
        depth = 0
        while module is not None:
            depth += module.folder.path == path
            module = module.caller
        return depth

    def _unread(self, message: str, placed: Placed | None, names: tuple[str, ...]) -> Unknown:
        if placed is not None:
            self.evaluation.problem(message, placed, note=True)
        return self._unread_silently(message, names)

    def _unread_silently(self, message: str, names: tuple[str, ...]) -> Unknown:
        call = "module." + ".module.".join(names)
        if call not in self.evaluation.unread_calls:
            self.evaluation.unread_calls.append(call)
        return Unknown(message.replace(" is not judged:", ":"))


@dataclass(frozen=True, slots=True)
class ModuleInstance(Lookup):
    """`module.x`: its attributes are the module's outputs."""

    module: Module = None  # type: ignore[assignment]

    def attribute(self, name: str) -> Any:
        """One output."""
        return self.module.output(name)


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
        module = self.scope.module
        text = f"⟨{self.address}.{name}⟩"
        placed = self.body.expression(name)
        if placed is not None:
            key = ("attribute", self.address, name)
            value = module._once(key, f"{self.address}.{name}", lambda: visit(placed.node, self.scope))  # noqa: SLF001
            if isinstance(value, Unknown) and value.text is None:
                return Unknown(value.reason, text, value.nullable)
            return value
        if any(block.node[3] in (name, "dynamic") for block in self.body.blocks):
            found = block_values(self.body, self.scope).get(name)
            if found is not None:
                return found
        shape = shapes().get(self.type)
        if shape and shape.defaults.get(name) is not None:
            return shape.defaults[name]
        computed = name in COMPUTED or (shape is not None and name not in shape.attributes and name not in shape.blocks)
        return Unknown(f"{self.address}.{name} is known after apply", text, nullable=not computed)


def body_values(body: Body, scope: ModuleScope, top: bool = True) -> dict[str, Any]:
    """The evaluated attributes and nested blocks of a body; meta-arguments are left out at the top."""
    module = scope.module
    values = {
        name: module.evaluate(Placed(placed.file, placed.node[4]), scope, name)
        for name, placed in body.attributes.items()
        if not (top and name in META_ATTRIBUTES)
    }
    values.update(block_values(body, scope, top))
    return values


def block_values(body: Body, scope: ModuleScope, top: bool = False) -> dict[str, Any]:
    """The nested blocks by type, each a list; unknown as a whole where a dynamic block's for_each is."""
    values: dict[str, Any] = {}
    for kind, block, inner in expand_blocks(body, scope, top):
        if isinstance(block, Unknown):
            values[kind] = Unknown(block.reason, nullable=False)
        elif isinstance(found := values.setdefault(kind, []), list):
            found.append(body_values(block, inner, top=False))
    return values


def expand_blocks(
    body: Body, scope: ModuleScope, top: bool = False
) -> Iterator[tuple[str, Body | Unknown, ModuleScope]]:
    """Type, body and scope of each nested block, dynamic ones expanded; an `Unknown` for those that cannot be."""
    for placed in body.blocks:
        kind = placed.node[3]
        if top and kind in META_BLOCKS:
            continue
        if kind != "dynamic" or not placed.node[4]:
            yield kind, read_body(placed), scope
            continue
        kind, dynamic = placed.node[4][0], read_body(placed)
        content = next((block for block in dynamic.blocks if block.node[3] == "content"), None)
        each = dynamic.expression("for_each")
        if content is None or each is None:
            yield kind, Unknown(f'dynamic "{kind}" lacks for_each or content'), scope
            continue
        value = scope.module.evaluate(each, scope, f'dynamic "{kind}"')
        name = _iterator(dynamic, kind)
        if isinstance(value, Unknown):
            yield kind, value, scope
        elif isinstance(value, (dict, list)):
            for key, item in _pairs(value)[:MAX_INSTANCES]:
                origin = Origin(each, scope, key)
                yield kind, read_body(content), scope.repeated(name, key, item, origin)
        elif value is not None:
            yield kind, Unknown(f'dynamic "{kind}": {type_name(value)} cannot be iterated'), scope


def _iterator(dynamic: Body, kind: str) -> str:
    iterator = dynamic.expression("iterator")
    return iterator.node[3] if iterator is not None and iterator.node[0] == "id" else kind


def _pairs(value: dict[str, Any] | list[Any]) -> list[tuple[Any, Any]]:
    if isinstance(value, dict):
        return sorted(value.items())
    return [(item, item) for item in value] if isinstance(value, Set) else list(enumerate(value))


def resource_values(instance: Instance) -> tuple[dict[str, Any], frozenset[tuple[str | int, ...]]]:
    """The values of a resource in the types table's shape, and the routes that hold a default."""
    values = {name: plain(value) for name, value in body_values(instance.body, instance.scope).items()}
    shape = shapes().get(instance.type)
    if shape is None:
        return values, frozenset()
    return values, frozenset(complete(values, shape))


def plain(value: Any) -> Any:
    """*value* without lookups: a resource or module as a whole is unknown, sets are lists."""
    if isinstance(value, Lookup):
        return Unknown(value.reason, value.text, value.nullable)
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value


def key_text(key: Any) -> str:
    """An instance key as addresses write it: `[0]`, `["a"]`, `[*]` for one that stands for an unknown number."""
    if key is None:
        return ""
    if key == "*":
        return "[*]"
    return f"[{key}]" if isinstance(key, int) else f"[{json.dumps(key, ensure_ascii=False)}]"


def describe(value: Any) -> str:
    """A value in a message: short texts and numbers themselves, else the type."""
    if isinstance(value, str):
        return f'"{value}"' if len(value) <= 40 else "a text"
    return json.dumps(value) if isinstance(value, (bool, int, float)) or value is None else f"a {type_name(value)}"


def environment_value(text: str, constraint: constraints.Constraint) -> Any:
    """A `TF_VAR_*` value: text for a primitive type, else an expression of constants."""
    if constraint.kind in ("string", "any"):
        return text
    if constraint.kind in ("number", "bool"):
        return to_bool(text) if constraint.kind == "bool" else to_number(text)
    if re.fullmatch(r"\s*[\[{].*[\]}]\s*", text, re.S):
        try:
            return json.loads(text)
        except ValueError:
            pass
    return Unknown("its TF_VAR value is an expression that is not read yet")
