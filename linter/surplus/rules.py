"""Rule files to `Rule`s: read, checked by schema, and every path they read checked against the types tables."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any, NoReturn

from surplus.bundled import bundled_files
from surplus.definitions import Better, Docs, Example, FixSpec, Parameter, Rule, Target
from surplus.documents import Document, read_documents
from surplus.expression_text import HOLE, RESERVED, ExpressionError, holes, parts_of, paths_in, variables_of
from surplus.expressions import Environment
from surplus.model import Route, RuleError, Severity
from surplus.pricing.functions import FUNCTIONS
from surplus.sources.kubernetes import types as kubernetes_types
from surplus.sources.terraform.types import shape_of

USAGE_KEY = re.compile(r"""\busage\(\s*["'](\w+)["']""")
"""A key that a rule asks a usage file for."""

USAGE_NEEDED = re.compile(USAGE_KEY.pattern + r"""\s*(?:\)|,\s*["'])""")
"""A key that a rule asks for and assumes no figure of its own for."""

USAGE_OF = re.compile(USAGE_KEY.pattern + r"""\s*,\s*["'][\w.]+["']\s*,\s*["'](\w+)["']""")
"""A key, and the type that it is asked of where that is not the rule's own."""


def usage_asked(rule: Rule) -> set[tuple[str, str]]:
    """The types and keys that a rule asks a usage file for."""
    of_others = set(USAGE_OF.findall(rule.saving or ""))
    keys = set(USAGE_KEY.findall(rule.saving or "")) - {key for key, _ in of_others}
    own = {(type_, key) for target in rule.targets for type_ in target.resources for key in keys}
    return own | {(type_, key) for key, type_ in of_others}


@cache
def bundled_rules() -> Mapping[str, Rule]:
    """Every shipped rule by id; raises `RuleError` for a broken file."""
    return {rule.id: rule for path, text in bundled_files("rules") if (rule := _read_bundled(text, path))}


def _read_bundled(text: str, path: str) -> Rule:
    """A shipped rule. Its file is checked by the tests, not at each start; one that is broken is, to say where."""
    try:
        return read_rule(text, path, check=False)
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        read_rule(text, path)
        raise RuleError(f"{path}:1:1: the rule cannot be used: {error!r}") from None


def read_rule(text: str, path: str, check: bool = True) -> Rule:
    """The rule in a file's text; raises `RuleError` with the place of what is wrong."""
    documents, problems = read_documents(text, path)
    if problems:
        span = problems[0].span
        raise RuleError(f"{path}:{span.line if span else 1}:{span.column if span else 1}: {problems[0].message}")
    if len(documents) != 1 or not isinstance(documents[0].value, dict):
        raise RuleError(f"{path}:1:1: a rule file holds one mapping; this one holds {len(documents)} document(s)")
    document = documents[0]
    if check:
        from surplus.schemas import check as schema_check

        if errors := schema_check(document, "rule", path):
            raise RuleError("\n".join(errors))
    rule = _build(document, path)
    if check:
        _check(rule, document)
    return rule


def _build(document: Document, path: str) -> Rule:
    raw: dict[str, Any] = document.value
    entries = raw.get("targets") or [raw]
    lever = raw["lever"]
    docs = raw["docs"]
    return Rule(
        id=raw["id"],
        title=raw["title"],
        severity=Severity(raw["severity"]),
        confidence=raw["confidence"],
        category=raw["category"],
        since=str(raw["since"]),
        targets=tuple(_target(entry) for entry in entries),
        when=raw["when"].strip(),
        message=raw["message"].strip(),
        at=raw.get("at"),
        lever=lever,
        docs=Docs(
            docs["why"].strip(),
            docs["how_to_fix"].strip(),
            docs.get("ignore_when", "").strip(),
            tuple(docs.get("references", ())),
        ),
        path=path,
        parameters={name: Parameter(**entry) for name, entry in raw.get("parameters", {}).items()},
        better=_better(raw.get("better")),
        saving=raw.get("saving"),
        only_if_cheaper=raw.get("only_if_cheaper", lever in ("resize", "reprice")),
        fix=FixSpec(**raw["fix"]) if "fix" in raw else None,
        conflicts=tuple(raw.get("conflicts", ())),
        examples=tuple(_example(document, index) for index in range(len(raw["examples"]))),
        places=document.spans,
    )


def _target(entry: Mapping[str, Any]) -> Target:
    resources: list[str] = []
    for name in entry["resources"]:
        resources += kubernetes_types.WORKLOADS if name == "Workload" else [name]
    fix = FixSpec(**entry["fix"]) if "fix" in entry and "id" not in entry else None
    return Target(tuple(resources), entry.get("each"), dict(entry.get("names", {})), fix)


def _better(raw: Mapping[str, Any] | None) -> Better | None:
    if raw is None:
        return None
    return Better(
        dict(raw.get("set", {})),
        tuple(raw.get("unset", ())),
        raw.get("remove", False),
        raw.get("hours_per_week"),
        raw.get("add"),
    )


def _example(document: Document, index: int) -> Example:
    raw: dict[str, Any] = document.value["examples"][index]
    span, _ = document.locate(("examples", index))
    only = "main.tf" if source_of(document.value) == "terraform" else "manifest.yaml"
    files = dict(raw["files"]) if "files" in raw else {only: raw.get("config", "")}
    fixed = raw.get("fixed", {})
    return Example(
        name=raw.get("fail") or raw["pass"],
        fails="fail" in raw,
        files=files,
        line=span.line,
        findings=tuple(raw.get("findings", ())),
        fixed={only: fixed} if isinstance(fixed, str) else dict(fixed),
        undecided=raw.get("undecided"),
        environment=raw.get("environment"),
        region=raw.get("region"),
        parameters=dict(raw.get("parameters", {})),
        usage={
            pattern: {key: float(value) for key, value in quantities.items()}
            for pattern, quantities in raw.get("usage", {}).items()
        },
    )


def source_of(raw: Mapping[str, Any]) -> str:
    """`terraform` or `kubernetes`, by the first resource type a rule names: Terraform's are lower case."""
    first: str = (raw.get("targets") or [raw])[0]["resources"][0]
    return "terraform" if first[0].islower() else "kubernetes"


def texts(rule: Rule) -> Iterator[tuple[str, Route]]:
    """Every CEL expression of a rule with its route in the file."""
    yield rule.when, ("when",)
    for hole in holes(rule.message):
        yield hole, ("message",)
    if rule.saving:
        yield rule.saving, ("saving",)
    for name, value in (rule.better.set if rule.better else {}).items():
        for hole in holes(value) if isinstance(value, str) else ():
            yield hole, ("better", "set", name)


def short_names(rule: Rule) -> frozenset[str]:
    """The short names that any target of the rule defines."""
    return frozenset(name for target in rule.targets for name in target.names)


def written_paths(rule: Rule) -> Iterator[tuple[str, Route]]:
    """Names and paths outside of CEL, with their route in the file: `at`, what `better` sets and unsets."""
    if rule.at:
        yield rule.at, ("at",)
    if rule.better:
        yield from ((name, ("better", "set", name)) for name in rule.better.set)
        yield from ((name, ("better", "unset", index)) for index, name in enumerate(rule.better.unset))


Fail = Callable[[Route, str], NoReturn]
"""Raises `RuleError` for a part of the rule file."""


def _check(rule: Rule, document: Document) -> None:
    """What a schema cannot say; raises `RuleError`."""

    def fail(route: Route, message: str) -> NoReturn:
        span, _ = document.locate(route)
        raise RuleError(f"{rule.path}:{span.line}:{span.column}: {message}")

    file_name = rule.path.rsplit("/", 1)[-1].removesuffix(".yaml").removesuffix(".yml")
    if rule.id != file_name:
        fail(("id",), f"the id is `{rule.id}`, the file's name `{file_name}`; make them equal")
    _check_parameters(rule, fail)
    _check_when(rule, fail)
    _check_targets(rule, fail, "targets" in document.value)
    for path_text, route in _paths_read(rule, fail).items():
        head, _, rest = path_text.partition(".")
        if head == "params":
            if rest not in rule.parameters:
                fail(route, f"the rule has no parameter `{rest}`")
        elif head not in ("resource", "item", "pod") or not rest:
            fail(route, f"`{path_text}` is neither a short name nor a path such as resource.type")
        else:
            for target in rule.targets:
                _check_target_path(target, path_text, route, fail)
    _check_expressions(rule, fail)


def _check_targets(rule: Rule, fail: Fail, several: bool) -> None:
    """The lists, the short names and the paths of each target. In conditions a name that one lacks reads null,
    and what `better` says of such a name is not said of that target.
    """
    for at, target in enumerate(rule.targets):
        route: Route = ("targets", at) if several else ()
        for type_ in target.resources:
            each = tuple(target.each.replace("[*]", "").split(".")) if target.each else ()
            if message := unknown_path(type_, each, list_ok=len(each)):
                fail((*route, "each") if each else (*route, "resources"), message)
        for name, path_text in target.names.items():
            if name in RESERVED or name in FUNCTIONS:
                fail((*route, "names"), f"`{name}` is a word of CEL or a function, so it cannot be a short name")
            _check_target_path(target, path_text, (*route, "names", name), fail)
        if rule.at in short_names(rule) and rule.at not in target.names:
            fail(route, f"this target lacks the short name `{rule.at}`, which `at` needs")


def _paths_read(rule: Rule, fail: Fail) -> dict[str, Route]:
    """Every path that the rule's expressions read, or that it names, but short names."""
    read: dict[str, Route] = {}
    for source, route in texts(rule):
        try:
            for path in paths_in(source):
                read.setdefault(".".join(path), route)
        except ExpressionError as error:
            fail(route, str(error))
    names = short_names(rule)
    for path_text, route in written_paths(rule):
        if path_text not in names:
            read.setdefault(path_text, route)
    return read


def _check_expressions(rule: Rule, fail: Fail) -> None:
    """Compile every expression: a rule with a mistake does not wait for a resource of its type."""
    names = short_names(rule)
    sources = list(texts(rule))
    environment = Environment(FUNCTIONS, {name for text, _ in sources for name in variables_of(text, names)})
    for source, route in sources:
        try:
            kind = environment.compile(source, names).program.return_type().name()
        except ExpressionError as error:
            fail(route, str(error))
        if route == ("when",) and kind not in ("BOOL", "DYN"):
            fail(route, f"`when` must be true or false; this is {kind.lower()}")
    for text, route in _templates(rule):
        rest = HOLE.sub("", text)
        if "{{" in rest or "}}" in rest:
            fail(route, "`{{` and `}}` do not pair up")


def _templates(rule: Rule) -> Iterator[tuple[str, Route]]:
    yield rule.message, ("message",)
    for name, value in (rule.better.set if rule.better else {}).items():
        if isinstance(value, str):
            yield value, ("better", "set", name)


def _check_when(rule: Rule, fail: Any) -> None:
    """A condition that is an attribute alone must be one that the provider takes as true or false."""
    if not re.fullmatch(r"(resource|item)(\.\w+)+", rule.when):
        return
    _, *path = rule.when.split(".")
    for target in rule.targets:
        each = target.each.replace("[*]", "").split(".") if target.each and rule.when.startswith("item") else []
        for type_ in target.resources:
            shape = shape_of(type_)
            for name in (*each, *path[:-1]):
                shape = shape.blocks.get(name) if shape else None
            if shape is not None and path[-1] not in shape.booleans:
                fail(("when",), f"`when` must be true or false, which {rule.when} is not; compare it with something")


def _check_parameters(rule: Rule, fail: Fail) -> None:
    for name, parameter in rule.parameters.items():
        bounded = parameter.minimum is not None or parameter.maximum is not None
        if bounded and parameter.type not in ("integer", "number"):
            fail(("parameters", name), f"`{name}` is a {parameter.type}, so it has no minimum or maximum")
        message = parameter_error(parameter, parameter.default)
        if message:
            fail(("parameters", name, "default"), f"the default of `{name}` {message}")


def _check_target_path(target: Target, path: str, route: Route, fail: Fail) -> None:
    """Whether every resource type of the target has *path*: this is the spelling check."""
    head, *rest = parts_of(path)
    each = tuple(target.each.replace("[*]", "").split(".")) if target.each else ()
    for type_ in target.resources:
        full: tuple[str, ...] = (
            tuple(rest) if head == "resource" else (*each, *rest) if head == "item" else ("pod", *rest)
        )
        if head == "item" and not each:
            fail(route, f"`{path}` needs `each`, which this target lacks")
        message = unknown_path(type_, full, list_ok=len(each) if head == "item" else 0)
        if message:
            fail(route, f"`{path}`: {message}")


def unknown_path(type_: str, path: Route, list_ok: int = 0) -> str | None:
    """Why the types tables do not let a rule read *path* of *type_*; the first *list_ok* keys may be lists."""
    shape = shape_of(type_)
    if shape is None:
        if not kubernetes_types.knows_type(type_):
            return f"the types table has no {type_}; add it"
        pod = kubernetes_types.pod_route(type_)
        full = (*pod, *path[1:]) if path[:1] == ("pod",) and pod is not None else path
        return None if kubernetes_types.knows_path(type_, full) else f"{type_} has no {'.'.join(map(str, path))}"
    if not shape.knows(path):
        return f"the types table has no {'.'.join(map(str, path))} in {type_}; correct it, or add it to the table"
    for at, name in enumerate(path[:-1]):
        if str(name) not in shape.blocks:
            break
        if at >= list_ok:
            return f"{name} is a list of blocks; use `each`, or a macro such as resource.{name}.exists(x, …)"
        shape = shape.blocks[str(name)]
    return None


PYTHON_TYPES: Mapping[str, tuple[type, ...]] = {
    "integer": (int,),
    "number": (int, float),
    "string": (str,),
    "boolean": (bool,),
}


def parameter_error(parameter: Parameter, value: Any) -> str | None:
    """Why *value* does not fit a parameter; None where it does."""
    shown = json.dumps(value, ensure_ascii=False, default=str)
    right = isinstance(value, PYTHON_TYPES[parameter.type]) and (
        isinstance(value, bool) == (parameter.type == "boolean")
    )
    if not right:
        return f"must be of type {parameter.type}, not {shown}"
    if parameter.minimum is not None and value < parameter.minimum:
        return f"must be at least {parameter.minimum:g}, not {shown}"
    if parameter.maximum is not None and value > parameter.maximum:
        return f"must be at most {parameter.maximum:g}, not {shown}"
    return None
