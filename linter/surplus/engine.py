"""The loop: the active rules over the resources of a root. A rule says what is wrong with one thing."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from surplus.definitions import ActiveRule, FixSpec, Rule, Target
from surplus.expression_text import ExpressionError, parts_of, variables_of
from surplus.expressions import Environment, Expression
from surplus.functions.scope import SENSITIVE, EnvironmentVerdict, RuleScope, World, items_of, paths_of, pod_of
from surplus.model import Problem, Resource, Route, RuleError, Unknown, walk
from surplus.pricing.functions import FUNCTIONS
from surplus.results import Undecided
from surplus.rules import short_names, texts
from surplus.templates import Template
from surplus.verdicts import Verdict


@dataclass(frozen=True, slots=True, eq=False)
class Hit:
    """A rule that fired on a resource, at a route of it; the places come later."""

    active: ActiveRule
    target: Target
    resource: Resource
    route: Route
    item_route: Route
    message: str
    environment: EnvironmentVerdict
    better: Mapping[Route, Any]
    unset: tuple[Route, ...]
    read: tuple[Route, ...]
    fix: FixSpec | None


@dataclass(slots=True)
class Outcome:
    """What the rules made of one root."""

    hits: list[Hit] = field(default_factory=list)
    undecided: list[Undecided] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Compiled:
    """A rule's expressions."""

    rule: Rule
    when: Expression
    message: Template
    better: Mapping[str, Template]
    saving: Expression | None


class Judge:
    """Compiles rules, once for each process, and judges roots by them."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        """*rules* are all that any root may activate: their paths are the variables of one CEL environment."""
        variables: set[str] = set()
        for rule in rules:
            names = short_names(rule)
            for source, route in texts(rule):
                try:
                    variables.update(variables_of(source, names))
                except ExpressionError as error:
                    raise RuleError(f"{rule.place(*route)}: {error}") from None
        self._environment = Environment(FUNCTIONS, variables)
        self._compiled: dict[str, Compiled] = {}

    def compiled(self, rule: Rule) -> Compiled:
        """The rule's expressions, compiled when a resource of its type first appears; raises `RuleError`."""
        found = self._compiled.get(rule.id)
        if found is None:
            found = self._compiled[rule.id] = self._compile(rule)
        return found

    def _compile(self, rule: Rule) -> Compiled:
        names = short_names(rule)
        route: Route = ("when",)
        try:
            when = self._environment.compile(rule.when, names)
            kind = when.program.return_type().name()
            if kind not in ("BOOL", "DYN"):
                raise ExpressionError(f"`when` must be true or false; this is {kind.lower()}")
            route = ("message",)
            message = Template(rule.message, self._environment, names)
            better: dict[str, Template] = {}
            for name, value in (rule.better.set if rule.better else {}).items():
                if isinstance(value, str) and "{{" in value:
                    route = ("better", "set", name)
                    better[name] = Template(value, self._environment, names)
            route = ("saving",)
            saving = self._environment.compile(rule.saving, names) if rule.saving else None
        except ExpressionError as error:
            raise RuleError(f"{rule.place(*route)}: {error}") from None
        return Compiled(rule, when, message, better, saving)

    def judge(
        self,
        world: World,
        active: Sequence[ActiveRule],
        selected: frozenset[Resource] | None = None,
        broken: set[tuple[str, str]] | None = None,
    ) -> Outcome:
        """Every active rule on every resource of its types; *selected* limits what is reported to some of them.

        *broken* holds the failures of rules that other roots have had: each is told once.
        """
        outcome = Outcome()
        broken = set() if broken is None else broken
        for rule, target, resource in _pairs(world, active):
            if selected is not None and resource not in selected:
                continue
            for scope, unknown in _scopes(rule, target, resource, world):
                if unknown is not None:
                    outcome.undecided.append(_undecided(rule, resource, unknown))
                    continue
                self._apply(rule, target, scope, outcome, broken)
        return outcome

    def _apply(
        self,
        active: ActiveRule,
        target: Target,
        scope: RuleScope,
        outcome: Outcome,
        broken: set[tuple[str, str]],
    ) -> None:
        rule, resource = active.rule, scope.resource
        compiled = self.compiled(rule)
        verdict = self._environment.evaluate(compiled.when, scope)
        if verdict.kind == "unknown":
            outcome.undecided.append(_undecided(active, resource, verdict.reason))
        elif verdict.kind == "broken" or (verdict.kind == "value" and not isinstance(verdict.value, bool | None)):
            reason = verdict.reason or "`when` gave no true or false"
            if (rule.id, reason) not in broken:
                broken.add((rule.id, reason))
                message = f"rule {rule.id} failed on {resource.address}: {reason}"
                place = resource.location
                outcome.problems.append(Problem(message, place.path, place.span, rule.id))
        elif verdict.value is True:
            if resource.optional:
                reason = f"{resource.address} may not exist: its count or for_each is not known"
                outcome.undecided.append(_undecided(active, resource, reason))
                return
            hit = self._hit(active, target, scope, compiled)
            if ignored := _ignored(resource, (hit.route, *hit.better, *hit.unset, *hit.read)):
                names = ", ".join(sorted(ignored)).replace("*", "all")
                reason = f"changes of {names} are ignored: something else sets it"
                outcome.undecided.append(_undecided(active, resource, reason))
            else:
                outcome.hits.append(hit)

    def _hit(self, active: ActiveRule, target: Target, scope: RuleScope, compiled: Compiled) -> Hit:
        rule = active.rule
        proposed = rule.better
        scope.hide_sensitive = True
        paths = [scope.names.get(name) or tuple(name.split(".")) for name in compiled.when.variables]
        return Hit(
            active,
            target,
            scope.resource,
            _route_of(rule.at, scope) if rule.at else scope.item_route,
            scope.item_route,
            compiled.message.render(self._environment, scope),
            scope.environment,
            self._values(compiled, scope),
            _set_routes(proposed.unset if proposed else (), scope),
            tuple(scope.route(path) for path in paths if path[0] in ("resource", "item", "pod")),
            target.fix or rule.fix,
        )

    def better(self, hit: Hit, world: World) -> dict[Route, Any]:
        """What the rule proposes for the resource as *world* has it: values by route, None where one goes."""
        values = self._values(self.compiled(hit.active.rule), self._scope_of(hit, world))
        return {**values, **dict.fromkeys(hit.unset)}

    def saving(self, hit: Hit, world: World) -> Verdict:
        """What the rule itself says is saved, for a companion that is only added; null where it says nothing."""
        compiled = self.compiled(hit.active.rule)
        if compiled.saving is None:
            return Verdict("null")
        return self._environment.evaluate(compiled.saving, self._scope_of(hit, world))

    @staticmethod
    def _scope_of(hit: Hit, world: World) -> RuleScope:
        item = walk(world.now(hit.resource).values, hit.item_route) if hit.item_route else None
        scope = _scope(hit.active, hit.target, hit.resource, world, item, hit.item_route)
        scope.hide_sensitive = True
        return scope

    def _values(self, compiled: Compiled, scope: RuleScope) -> dict[Route, Any]:
        """The values that `better` sets."""
        values: dict[Route, Any] = {}
        for name, value in (compiled.rule.better.set if compiled.rule.better else {}).items():
            if not _means_something(name, scope):
                continue
            template = compiled.better.get(name)
            if template is not None:
                value = self._proposed(template, scope)
            route = _route_of(name, scope)
            if value is not None or walk(scope.values, route) is not None:  # what is not set needs no leaving out
                values[route] = value
        return values

    def _proposed(self, template: Template, scope: RuleScope) -> Any:
        """A value computed for the better configuration; an `Unknown` where it cannot be told or must not be shown."""
        if template.single is None:
            value: Any = template.render(self._environment, scope)
        else:
            found = self._environment.evaluate(template.single, scope)
            value = found.value if found.kind == "value" else Unknown(found.reason)
        return Unknown("it is sensitive") if isinstance(value, str) and SENSITIVE in value else value


def _pairs(world: World, active: Sequence[ActiveRule]) -> Iterator[tuple[ActiveRule, Target, Resource]]:
    """Rules with the resources of their types, by address and rule, so that results come in one order."""
    wanted: dict[str, list[tuple[ActiveRule, Target]]] = defaultdict(list)
    for rule in active:
        for target in rule.targets:
            for type_ in target.resources:
                wanted[type_].append((rule, target))
    for resource in world.evaluated.resources:
        for rule, target in wanted.get(resource.type, ()):
            yield rule, target, resource


def _scopes(
    active: ActiveRule, target: Target, resource: Resource, world: World
) -> Iterator[tuple[RuleScope, Unknown | None]]:
    """A scope for the resource, or one for each item; an unknown list cannot be judged."""
    if target.each is None:
        yield _scope(active, target, resource, world, None, ()), None
        return
    for route, item in items_of(resource.values, target.each, pod_of(resource)):
        scope = _scope(active, target, resource, world, item, route)
        yield scope, item if isinstance(item, Unknown) else None


def _scope(active: ActiveRule, target: Target, resource: Resource, world: World, item: Any, route: Route) -> RuleScope:
    return RuleScope(resource, world, active.parameters, paths_of(target.names), item, route, pod_of(resource))


def _route_of(name: str, scope: RuleScope) -> Route:
    """The route a short name or a path of the rule means."""
    return scope.route(scope.names.get(name) or parts_of(name))


def _means_something(name: str, scope: RuleScope) -> bool:
    """Whether it is a path, or a short name of this target: what `better` says of other targets is not for it."""
    return name in scope.names or parts_of(name)[0] in ("resource", "item", "pod")


def _set_routes(names: Iterable[str], scope: RuleScope) -> tuple[Route, ...]:
    """What is better not set, of what is set."""
    routes = [_route_of(name, scope) for name in names if _means_something(name, scope)]
    return tuple(route for route in routes if walk(scope.values, route) is not None)


def _ignored(resource: Resource, routes: Iterable[Route]) -> set[str]:
    """What the resource's lifecycle ignores of what a rule read, or would change."""
    touched = {".".join(part for part in route if isinstance(part, str)) for route in routes if route}
    leaves = {one for one in touched if not any(other.startswith(f"{one}.") for other in touched)}
    return {
        name
        for name in resource.ignored
        if name == "*"
        or any(one == name or one.startswith(f"{name}.") for one in touched)
        or any(name.startswith(f"{one}.") for one in leaves)
    }


def _undecided(active: ActiveRule, resource: Resource, reason: Unknown | str) -> Undecided:
    text = reason.reason if isinstance(reason, Unknown) else reason
    return Undecided(resource.location, active.rule.id, resource.address, text)
