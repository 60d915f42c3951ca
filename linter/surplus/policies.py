"""Policy files to `Policy`s, and a policy to its active rules."""

import fnmatch
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from surplus.bundled import bundled_files
from surplus.documents import Document, read_documents
from surplus.globs import matches
from surplus.model import (
    ActiveRule,
    EnvironmentMatch,
    Policy,
    PolicyError,
    PolicyScope,
    Rule,
    RuleSetting,
    Severity,
)
from surplus.rules import parameter_error

MAX_EXTENDS = 20
"""How many policies may extend one another."""

Read = Callable[[str], str]
"""Reads a file of the scanned tree by path; raises `PolicyError`."""


def shipped(name: str) -> tuple[str, str] | None:
    """Path and text of a shipped policy."""
    return next(((path, text) for path, text in bundled_files("policies") if path == f"policies/{name}.yaml"), None)


def shipped_names() -> list[str]:
    """The names of the shipped policies."""
    return [path.removeprefix("policies/").removesuffix(".yaml") for path, _ in bundled_files("policies")]


def read_policy(text: str, path: str, read: Read, trusted: bool = False, depth: int = 0) -> Policy:
    """The policy in a file's text, with what it extends merged in; raises `PolicyError` with the place."""
    if depth > MAX_EXTENDS:
        raise PolicyError(f"{path}:1:1: policies extend one another in a circle, or more than {MAX_EXTENDS} deep")
    documents, problems = read_documents(text, path)
    if problems:
        span = problems[0].span
        raise PolicyError(f"{path}:{span.line if span else 1}:{span.column if span else 1}: {problems[0].message}")
    if not documents:
        return Policy(name="", title="", path=path)
    document = documents[0]
    if len(documents) > 1 or not isinstance(document.value, dict):
        raise PolicyError(f"{path}:1:1: a policy is one mapping; see `surplus.yaml` in the README")
    if not trusted:
        from surplus.schemas import check

        if errors := check(document, "policy", path):
            raise PolicyError("\n".join(errors))
    return _merge(document, path, read, depth)


def _merge(document: Document, path: str, read: Read, depth: int) -> Policy:
    raw: dict[str, Any] = document.value
    bases = [_extended(name, document, index, path, read, depth) for index, name in enumerate(raw.get("extends") or ())]
    return Policy(
        name=raw.get("name", ""),
        title=raw.get("title", ""),
        path=path,
        description=(raw.get("description") or "").strip(),
        fail_on=raw.get("fail_on") or next((base.fail_on for base in reversed(bases) if base.fail_on), None),
        rules=(*(entry for base in bases for entry in base.rules), *_settings(raw.get("rules"))),
        environments=(
            *_environments(raw.get("environments")),
            *(one for base in bases for one in base.environments),
        ),
        scopes=(
            *(scope for base in bases for scope in base.scopes),
            *(PolicyScope(tuple(one["paths"]), _settings(one["rules"])) for one in raw.get("scopes") or ()),
        ),
        rule_paths=(*(one for base in bases for one in base.rule_paths), *(raw.get("rule_paths") or ())),
    )


def _extended(name: str, document: Document, index: int, path: str, read: Read, depth: int) -> Policy:
    span, _ = document.locate(("extends", index))
    place = f"{path}:{span.line}:{span.column}"
    if "/" in name or name.endswith(".yaml"):
        folder = path.rpartition("/")[0]
        target = f"{folder}/{name}" if folder else name
        try:
            return read_policy(read(target), target, read, depth=depth + 1)
        except PolicyError as error:
            raise error if str(error).startswith(target) else PolicyError(f"{place}: {error}") from None
    found = shipped(name)
    if found is None:
        raise PolicyError(f"{place}: there is no policy `{name}`; shipped are {', '.join(shipped_names())}")
    return read_policy(found[1], found[0], read, trusted=True, depth=depth + 1)


def _settings(raw: Mapping[str, Any] | None) -> tuple[tuple[str, RuleSetting], ...]:
    return tuple(
        (
            glob,
            RuleSetting(
                enabled=setting.get("enabled"),
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


def check_names(document_text: str, policy_path: str, rules: Mapping[str, Rule]) -> None:
    """Raise `PolicyError` for a rule id, glob or parameter in a user's policy that names nothing."""
    from surplus.schemas import did_you_mean

    documents, _ = read_documents(document_text, policy_path)
    if not documents or not isinstance(documents[0].value, dict):
        return
    document = documents[0]
    groups: list[tuple[tuple[str | int, ...], Mapping[str, Any]]] = [(("rules",), document.value.get("rules") or {})]
    for index, scope in enumerate(document.value.get("scopes") or ()):
        groups.append((("scopes", index, "rules"), scope["rules"]))
    for route, settings in groups:
        for glob, setting in settings.items():
            key = document.keys.get((*route, glob)) or document.locate((*route, glob))[0]
            place = f"{policy_path}:{key.line}:{key.column}"
            chosen = [rule for rule in rules.values() if fnmatch.fnmatchcase(rule.id, glob)]
            if not chosen:
                kind = "no rule matches" if any(character in glob for character in "*?[") else "there is no rule"
                raise PolicyError(f"{place}: {kind} `{glob}`{did_you_mean(glob, list(rules))}")
            for name, value in (setting.get("parameters") or {}).items():
                span, _ = document.locate((*route, glob, "parameters", name))
                place = f"{policy_path}:{span.line}:{span.column}"
                having = [rule for rule in chosen if name in rule.parameters]
                if not having:
                    known = {parameter for rule in chosen for parameter in rule.parameters}
                    raise PolicyError(f"{place}: `{glob}` has no parameter `{name}`{did_you_mean(name, known)}")
                for rule in having:
                    if message := parameter_error(rule.parameters[name], value):
                        raise PolicyError(f"{place}: parameter `{name}` of {rule.id} {message}")


def active_rules(policy: Policy, rules: Mapping[str, Rule], path: str = ".") -> Sequence[ActiveRule]:
    """The rules that *policy* turns on for a root at *path*, by id. A rule that no entry names is off."""
    settings = list(policy.rules)
    for scope in policy.scopes:
        if any(matches(glob, path) for glob in scope.paths):
            settings += scope.rules
    found: list[ActiveRule] = []
    for rule in rules.values():
        enabled, severity, ignorable = False, rule.severity, True
        parameters = {name: parameter.default for name, parameter in rule.parameters.items()}
        for glob, setting in settings:
            if not fnmatch.fnmatchcase(rule.id, glob):
                continue
            enabled = setting.enabled if setting.enabled is not None else enabled or setting.enabled is None
            severity = setting.severity or severity
            ignorable = ignorable if setting.ignorable is None else setting.ignorable
            parameters.update((name, value) for name, value in setting.parameters.items() if name in parameters)
        if enabled:
            found.append(ActiveRule(rule, severity, parameters, ignorable))
    return sorted(found, key=lambda active: active.rule.id)
