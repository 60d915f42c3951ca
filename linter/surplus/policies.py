"""Policy files to `Policy`s, and a policy to its active rules."""

import fnmatch
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

from surplus.bundled import bundled_files
from surplus.definitions import (
    BY_HAND,
    ActiveRule,
    EnvironmentMatch,
    Policy,
    PolicyScope,
    PriceSettings,
    Rule,
    RuleSetting,
)
from surplus.documents import Document, read_documents
from surplus.globs import matches
from surplus.model import PolicyError, Route, Severity
from surplus.pricing.book import CLOUDS, known_regions, region_name, services
from surplus.pricing.settings import over, said
from surplus.rules import parameter_error
from surplus.trees import join

MAX_EXTENDS = 20
"""How many policies may extend one another, one behind the other."""

Read = Callable[[str], str]
"""Reads a file of the scanned tree by path; raises `PolicyError`."""


def shipped(name: str) -> tuple[str, str] | None:
    """Path and text of a shipped policy."""
    return next(((path, text) for path, text in bundled_files("policies") if path == f"policies/{name}.yaml"), None)


def shipped_policy(name: str) -> Policy:
    """A shipped policy by its name."""
    found = shipped(name)
    assert found is not None, name
    return read_policy(found[1], found[0], lambda _: "", trusted=True)


def shipped_names() -> list[str]:
    """The names of the shipped policies."""
    return [path.removeprefix("policies/").removesuffix(".yaml") for path, _ in bundled_files("policies")]


@dataclass(frozen=True, slots=True)
class Written:
    """A policy file of the user's, as it is written: what it names, with places for messages."""

    path: str
    document: Document

    def place(self, *route: str | int) -> str:
        """`path:line:column` of the key at *route*, else of the value."""
        from surplus.schemas import place_of

        span = place_of(self.document, route)
        return f"{self.path}:{span.line}:{span.column}"

    def settings(self) -> Iterator[tuple[Route, Mapping[str, Any]]]:
        """The rule settings with their routes: those of the file, then those of its scopes."""
        raw = self.document.value
        yield ("rules",), raw.get("rules") or {}
        for index, scope in enumerate(raw.get("scopes") or ()):
            yield ("scopes", index, "rules"), scope["rules"]

    def rule_paths(self) -> Iterator[tuple[str, str]]:
        """The paths of `rule_paths`, relative to the tree's top, each with its place."""
        for index, entry in enumerate(self.document.value.get("rule_paths") or ()):
            yield join(join(self.path, ".."), entry), self.place("rule_paths", index)


def read_policy(text: str, path: str, read: Read, trusted: bool = False) -> Policy:
    """The policy in a file's text, with what it extends merged in; raises `PolicyError` with the place.

    A shipped file is *trusted*: it is not checked.
    """
    return Reader(read).policy(text, path, trusted)


class Reader:
    """Reads policy files, each once. `written` are those that do not ship with the linter."""

    def __init__(self, read: Read) -> None:
        self.written: list[Written] = []
        self._read = read
        self._policies: dict[str, Policy] = {}
        self._open: list[str] = []

    def policy(self, text: str, path: str, trusted: bool = False) -> Policy:
        """The policy that governs. One of the user's that does not say what it extends extends `default`."""
        return self._trusted(text, path) if trusted else self._policy(text, path, False, ("default",))

    def _trusted(self, text: str, path: str) -> Policy:
        """A shipped policy: its file is checked by the tests, and at a start only where it is broken."""
        try:
            return self._policy(text, path, trusted=True)
        except (LookupError, TypeError, ValueError, AttributeError) as error:
            self._document(text, path, trusted=False)
            raise PolicyError(f"{path}:1:1: the policy cannot be used: {error!r}") from None

    def _policy(self, text: str, path: str, trusted: bool, unsaid: Sequence[str] = ()) -> Policy:
        document = self._document(text, path, trusted)
        raw: dict[str, Any] = document.value if document else {}
        written = Written(path, document) if document else None
        if written is not None and not trusted:
            self.written.append(written)
        self._open.append(path)
        bases = [self._shipped(name) for name in unsaid if "extends" not in raw]
        if written is not None:
            for index, name in enumerate(raw.get("extends") or ()):
                bases.append(self._extended(name, written.place("extends", index)))
        self._open.pop()
        return _merge(raw, path, bases)

    def _document(self, text: str, path: str, trusted: bool) -> Document | None:
        """The one document of a policy file; None for an empty file."""
        documents, problems = read_documents(text, path)
        if problems:
            span = problems[0].span
            place = f"{path}:{span.line}:{span.column}" if span else path
            raise PolicyError(f"{place}: {problems[0].message}")
        if not documents:
            return None
        if len(documents) > 1 or not isinstance(documents[0].value, dict):
            span, _ = documents[-1].locate(())
            raise PolicyError(f"{path}:{span.line}:{span.column}: a policy is one mapping, such as `rules: {{…}}`")
        if not trusted:
            from surplus.schemas import check

            if errors := check(documents[0], "policy", path):
                raise PolicyError("\n".join(errors))
            _check_prices(Written(path, documents[0]))
        return documents[0]

    def _extended(self, name: str, place: str) -> Policy:
        if "/" not in name and not name.endswith(".yaml"):
            if shipped(name) is None:
                from surplus.schemas import did_you_mean

                raise PolicyError(f"{place}: there is no policy `{name}`{did_you_mean(name, shipped_names())}")
            return self._shipped(name)
        target = join(join(self._open[-1], ".."), name)
        if target in self._open:
            circle = " → ".join([*self._open[self._open.index(target) :], target])
            raise PolicyError(f"{place}: policies extend one another in a circle: {circle}")
        if len(self._open) > MAX_EXTENDS:
            raise PolicyError(f"{place}: policies extend one another more than {MAX_EXTENDS} deep; extend fewer")
        if target not in self._policies:
            try:
                text = self._read(target)
            except PolicyError as error:
                raise PolicyError(f"{place}: {error}") from None
            self._policies[target] = self._policy(text, target, trusted=False)
        return self._policies[target]

    def _shipped(self, name: str) -> Policy:
        found = shipped(name)
        assert found is not None, name
        path = f"<{found[0]}>"  # no file of the tree is called that
        if path not in self._policies:
            self._policies[path] = self._trusted(found[1], found[0])
        return self._policies[path]


def _merge(raw: Mapping[str, Any], path: str, bases: Sequence[Policy]) -> Policy:
    """A policy over what it extends: its rules come later; an environment replaces the extended one of its name."""
    environments = {one.name: one for one in _environments(raw.get("environments"))}
    for one in (one for base in reversed(bases) for one in base.environments):
        environments.setdefault(one.name, one)
    return Policy(
        name=raw.get("name", ""),
        title=raw.get("title", ""),
        path=path,
        description=(raw.get("description") or "").strip(),
        fail_on=raw.get("fail_on") or next((base.fail_on for base in reversed(bases) if base.fail_on), None),
        rules=(*(entry for base in bases for entry in base.rules), *_settings(raw.get("rules"))),
        environments=tuple(environments.values()),
        scopes=(
            *(scope for base in bases for scope in base.scopes),
            *(PolicyScope(tuple(one["paths"]), _settings(one["rules"])) for one in raw.get("scopes") or ()),
        ),
        rule_paths=(
            *(one for base in bases for one in base.rule_paths),
            *(join(join(path, ".."), one) for one in raw.get("rule_paths") or ()),
        ),
        prices=_prices(raw.get("prices"), path, bases),
        owners=tuple((raw.get("owners") or {}).get("from") or next((b.owners for b in bases[::-1] if b.owners), ())),
    )


def _discount_fault(name: str) -> str | None:
    """Why nothing can be discounted under a name; None for a cloud or a service such as aws/ec2."""
    from surplus.schemas import did_you_mean

    cloud, slash, _ = name.partition("/")
    if cloud not in CLOUDS:
        return f"there is no cloud `{cloud}`{did_you_mean(cloud, CLOUDS)}"
    known = services(cloud)
    return None if not slash or name in known else f"there is no service `{name}`{did_you_mean(name, known)}"


def _check_prices(written: Written) -> None:
    prices = written.document.value.get("prices") or {}
    for cloud, region in (prices.get("regions") or {}).items():
        if region_name(cloud, region) not in known_regions(cloud):
            from surplus.schemas import did_you_mean

            hint = did_you_mean(region, known_regions(cloud))
            raise PolicyError(f"{written.place('prices', 'regions', cloud)}: there is no region `{region}`{hint}")
    for name in prices.get("discounts") or ():
        if fault := _discount_fault(name):
            raise PolicyError(f"{written.place('prices', 'discounts', name)}: {fault}")


def _prices(raw: Mapping[str, Any] | None, path: str, bases: Sequence[Policy]) -> PriceSettings:
    own = said(raw or {}, lambda name: join(join(path, ".."), name))
    return reduce(lambda base, later: over(later, base), (*(one.prices for one in bases), own), PriceSettings())


def _settings(raw: Mapping[str, Any] | None) -> tuple[tuple[str, RuleSetting], ...]:
    return tuple(
        (
            glob,
            RuleSetting(
                enabled=setting.get("enabled"),
                impact=setting.get("impact"),
                severity=Severity(setting["severity"]) if "severity" in setting else None,
                parameters=dict(setting.get("parameters") or {}),
                ignorable=setting.get("ignorable"),
            ),
        )
        for glob, setting in (raw or {}).items()
    )


def _environments(raw: Mapping[str, Any] | None) -> Iterator[EnvironmentMatch]:
    for name, entry in (raw or {}).items():
        tags = {
            key: (values,) if isinstance(values, str) else tuple(values)
            for key, values in (entry.get("tags") or {}).items()
        }
        yield EnvironmentMatch(
            name=name,
            production=entry["class"] == "production",
            paths=tuple(entry.get("paths") or ()),
            var_files=tuple(entry.get("var_files") or ()),
            values_files=tuple(entry.get("values_files") or ()),
            workspaces=tuple(entry.get("workspaces") or ()),
            tags=tags,
            namespaces=tuple(entry.get("namespaces") or ()),
        )


TRAITS: Mapping[str, Callable[[Rule], set[str]]] = {
    "severity": lambda rule: {rule.severity.value},
    "confidence": lambda rule: {rule.confidence},
    "category": lambda rule: {rule.category},
    "impact": lambda rule: {rule.impact_of(target) for target in rule.targets},
}
"""What an entry can select rules by, beside their id: `severity:warning`. It is the rule's own, not a policy's; the
impact of any of its targets.
"""


def selects(entry: str, rule: Rule) -> bool:
    """Whether an entry of `rules` speaks of *rule*: an id, a glob over ids, or a trait."""
    trait, colon, value = entry.partition(":")
    if colon:
        return trait in TRAITS and value in TRAITS[trait](rule)
    return fnmatch.fnmatchcase(rule.id, entry)


def check_names(written: Iterable[Written], rules: Mapping[str, Rule]) -> None:
    """Raise `PolicyError` for a rule id, glob, trait or parameter in a user's policies that names nothing."""
    for one in written:
        for route, settings in one.settings():
            for entry, setting in settings.items():
                chosen = [rule for rule in rules.values() if selects(entry, rule)]
                if message := _misnamed(entry, chosen, rules):
                    raise PolicyError(f"{one.place(*route, entry)}: {message}")
                for name, value in (setting.get("parameters") or {}).items():
                    if message := _wrong_parameter(entry, name, value, chosen):
                        raise PolicyError(f"{one.place(*route, entry, 'parameters', name)}: {message}")


def _misnamed(entry: str, chosen: Sequence[Rule], rules: Mapping[str, Rule]) -> str | None:
    from surplus.schemas import did_you_mean

    trait, colon, value = entry.partition(":")
    if colon and trait not in TRAITS:
        return f"rules are not selected by `{trait}`{did_you_mean(trait, TRAITS)}"
    if colon:
        from surplus.schemas import schema

        parts = schema("rule")
        places = parts["$defs"]["fix"]["properties"] if trait == "impact" else parts["properties"]
        known: list[str] = [*places[trait]["enum"], *([BY_HAND] if trait == "impact" else ())]
        return None if value in known else f"there is no {trait} `{value}`{did_you_mean(value, known)}"
    if chosen:
        return None
    kind = "no rule matches" if any(character in entry for character in "*?[") else "there is no rule"
    return f"{kind} `{entry}`{did_you_mean(entry, rules)}"


def _wrong_parameter(entry: str, name: str, value: Any, chosen: Sequence[Rule]) -> str | None:
    from surplus.schemas import did_you_mean

    having = [rule for rule in chosen if name in rule.parameters]
    if not having:
        known = {parameter for rule in chosen for parameter in rule.parameters}
        return f"`{entry}` has no parameter `{name}`{did_you_mean(name, known)}"
    for rule in having:
        if message := parameter_error(rule.parameters[name], value):
            return f"parameter `{name}` of {rule.id} {message}"
    return None


def scopes_of(policy: Policy, path: str) -> tuple[bool, ...]:
    """Which of the policy's scopes hold at *path*."""
    return tuple(any(matches(glob, path) for glob in scope.paths) for scope in policy.scopes)


def active_rules(policy: Policy, rules: Mapping[str, Rule], path: str = ".") -> Sequence[ActiveRule]:
    """The rules that *policy* turns on for a root at *path*, by id.

    A rule that no entry names is off. An entry turns on what it selects, unless it says `enabled: false`; one of
    a scope only tunes, unless it says `enabled`. A later entry wins.
    """
    settings = [(entry, setting, True) for entry, setting in policy.rules]
    for scope, holds in zip(policy.scopes, scopes_of(policy, path), strict=True):
        if holds:
            settings += [(entry, setting, False) for entry, setting in scope.rules]
    tuned = (_tuned(rules[name], settings) for name in sorted(rules))
    return [one for one in tuned if one is not None]


def _tuned(rule: Rule, settings: Sequence[tuple[str, RuleSetting, bool]]) -> ActiveRule | None:
    enabled, ignorable = False, True
    severity: Severity | None = None
    impact: str | None = None
    parameters = {name: parameter.default for name, parameter in rule.parameters.items()}
    for entry, setting, turns_on in settings:
        if not selects(entry, rule):
            continue
        if setting.enabled is not None:
            enabled = setting.enabled
        elif turns_on:
            enabled = True
        severity = setting.severity or severity
        impact = setting.impact or impact
        ignorable = ignorable if setting.ignorable is None else setting.ignorable
        parameters.update((name, value) for name, value in setting.parameters.items() if name in parameters)
    if not enabled:
        return None
    return ActiveRule(rule, severity or rule.severity, parameters, ignorable, severity is not None, impact)
