"""Rule files to `Rule`s: read, checked by schema, and every path they read checked against the types tables."""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from surplus import functions
from surplus.bundled import bundled_files
from surplus.documents import Document, read_documents
from surplus.expressions import RESERVED, ExpressionError, holes, paths_in
from surplus.model import Better, Docs, Example, FixSpec, Parameter, Route, Rule, RuleError, Severity, Target
from surplus.sources.kubernetes import types as kubernetes_types
from surplus.sources.terraform.types import shapes


@cache
def bundled_rules() -> Mapping[str, Rule]:
    """Every shipped rule by id. Their files are checked by the tests, not at each start."""
    return {rule.id: rule for path, text in bundled_files("rules") if (rule := read_rule(text, path, check=False))}


def read_rule(text: str, path: str, check: bool = True) -> Rule:
    """The rule in a file's text; raises `RuleError` with the place of the first thing that is wrong."""
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
        only_if_cheaper=raw.get("only_if_cheaper", lever in ("resize", "reprice")),
        fix=FixSpec(**raw["fix"]) if "fix" in raw else None,
        conflicts=tuple(raw.get("conflicts", ())),
        examples=tuple(_example(document, index) for index in range(len(raw["examples"]))),
        places=dict(document.spans) if len(document.spans) < 2_000 else {},
    )


def _target(entry: Mapping[str, Any]) -> Target:
    resources: list[str] = []
    for name in entry["resources"]:
        resources += kubernetes_types.WORKLOADS if name == "Workload" else [name]
    return Target(tuple(resources), entry.get("each"), dict(entry.get("names", {})))


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


def _check(rule: Rule, document: Document) -> None:
    """What a schema cannot say; raises `RuleError`."""

    def fail(route: Route, message: str) -> None:
        span, _ = document.locate(route)
        raise RuleError(f"{rule.path}:{span.line}:{span.column}: {message}")

    file_name = rule.path.rsplit("/", 1)[-1].removesuffix(".yaml")
    if rule.id != file_name:
        fail(("id",), f"the id is `{rule.id}`, the file's name `{file_name}`; make them equal")
    for name in short_names(rule):
        if name in RESERVED or name in functions.TABLE:
            fail(("names",), f"`{name}` is a word of CEL or a function, so it cannot be a short name")
    _check_parameters(rule, fail)
    names = short_names(rule)
    read: dict[str, Route] = {}
    for source, route in texts(rule):
        try:
            for path in paths_in(source):
                read.setdefault(".".join(path), route)
        except ExpressionError as error:
            fail(route, str(error))
    for path_text, route in written_paths(rule):
        if path_text not in names:
            read.setdefault(path_text, route)
    for path_text, route in read.items():
        head, _, rest = path_text.partition(".")
        if head == "params":
            if rest not in rule.parameters:
                fail(route, f"the rule has no parameter `{rest}`")
        elif head not in ("resource", "item", "pod") or not rest:
            fail(route, f"`{path_text}` is neither a short name nor a path such as resource.type")
        else:
            _check_path(rule, path_text, route, fail)
    for at, target in enumerate(rule.targets):
        for name, path_text in target.names.items():
            route = ("targets", at, "names", name) if "targets" in document.value else ("names", name)
            _check_target_path(target, path_text, route, fail)


def _check_parameters(rule: Rule, fail: Any) -> None:
    for name, parameter in rule.parameters.items():
        message = parameter_error(parameter, parameter.default)
        if message:
            fail(("parameters", name, "default"), f"the default of `{name}` {message}")


def _check_path(rule: Rule, path: str, route: Route, fail: Any) -> None:
    for target in rule.targets:
        _check_target_path(target, path, route, fail)


def _check_target_path(target: Target, path: str, route: Route, fail: Any) -> None:
    """Whether every resource type of the target has *path*: this is the spelling check."""
    head, *rest = path.split(".")
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
    if type_ not in shapes():
        if not kubernetes_types.knows_type(type_):
            return f"the types table has no {type_}; add it"
        pod = kubernetes_types.pod_route(type_)
        full = (*pod, *path[1:]) if path[0] == "pod" and pod is not None else path
        return None if kubernetes_types.knows_path(type_, full) else f"{type_} has no {'.'.join(map(str, path))}"
    shape = shapes()[type_]
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
    right = isinstance(value, PYTHON_TYPES[parameter.type]) and (
        isinstance(value, bool) == (parameter.type == "boolean")
    )
    if not right:
        return f"must be of type {parameter.type}, not {value!r}"
    if parameter.minimum is not None and value < parameter.minimum:
        return f"must be at least {parameter.minimum:g}, not {value!r}"
    if parameter.maximum is not None and value > parameter.maximum:
        return f"must be at most {parameter.maximum:g}, not {value!r}"
    return None
