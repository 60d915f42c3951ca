"""What a plan says of its configuration: expressions by address, and what references mean across modules."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from surplus.sources.terraform.references import NO_RESOURCE

MAX_CALLS = 30
"""How many module calls a reference is followed through."""

INDEX = re.compile(r'\[(?:\d+|"(?:[^"\\]|\\.)*")\]')
STEP = re.compile(r'module\.([\w-]+)((?:\[(?:\d+|"(?:[^"\\]|\\.)*")\])?)\.')


@dataclass(slots=True)
class Configuration:
    """The `configuration` of one plan."""

    plan: Mapping[str, Any]
    _entries: dict[tuple[str, ...], dict[str, Mapping[str, Any]]] = field(default_factory=dict)

    def module(self, names: tuple[str, ...]) -> Mapping[str, Any]:
        """The configuration of the module that calls *names* lead to; empty where there is none."""
        module: Mapping[str, Any] = (self.plan.get("configuration") or {}).get("root_module") or {}
        for name in names:
            module = ((module.get("module_calls") or {}).get(name) or {}).get("module") or {}
        return module

    def has(self, address: str) -> bool:
        """Whether the plan holds the configuration of a resource."""
        return self._entry(address) is not None

    def expressions(self, address: str) -> Mapping[str, Any]:
        """The expressions of a resource's arguments."""
        entry = self._entry(address)
        found = entry.get("expressions") if entry else None
        return found if isinstance(found, dict) else {}

    def _entry(self, address: str) -> Mapping[str, Any] | None:
        names, inner = split(address)
        found = self._entries.get(names)
        if found is None:
            entries = self.module(names).get("resources") or ()
            found = self._entries[names] = {str(entry.get("address")): entry for entry in entries}
        return found.get(INDEX.sub("", inner))

    def identities(self, expression: Any, address: str, depth: int = 0) -> Iterator[str]:
        """The computed attributes an expression refers to, as `aws_subnet.a.id` with the module's prefix."""
        names, _ = split(address)
        prefix = address[: len(address) - len(split(address)[1])]
        references = _references(expression)
        for at, reference in enumerate(references):
            if any(other.startswith((reference + ".", reference + "[")) for other in references[:at]):
                continue  # the plan lists every prefix of a reference after it
            head, _, rest = reference.partition(".")
            if head == "var" and names and depth < MAX_CALLS:
                call = (self.module(names[:-1]).get("module_calls") or {}).get(names[-1]) or {}
                passed = (call.get("expressions") or {}).get(rest.split(".")[0].split("[")[0])
                outer = prefix[: len(prefix) - len(_last_step(prefix))]
                yield from self.identities(passed or {}, f"{outer}x.x", depth + 1)
            elif head == "module" and depth < MAX_CALLS:
                yield from self._outputs(names, prefix, reference, depth)
            elif head not in NO_RESOURCE and rest:
                yield self._identity(prefix, reference)

    def _identity(self, prefix: str, reference: str) -> str:
        """A reference with `[*]` where the block has instances and none is named."""
        parts = reference.split(".")
        block = ".".join(INDEX.sub("", part) for part in parts[:2])
        entry = self._entry(f"{prefix}{block}")
        many = entry is not None and ("count_expression" in entry or "for_each_expression" in entry)
        if many and "[" not in parts[1]:
            parts[1] += "[*]"
        return prefix + ".".join(parts)

    def _outputs(self, names: tuple[str, ...], prefix: str, reference: str, depth: int) -> Iterator[str]:
        match = re.fullmatch(r"module\.([\w-]+)(\[[^\]]*\])?\.([\w-]+).*", reference)
        if match is None:
            return
        output = (self.module((*names, match[1])).get("outputs") or {}).get(match[3]) or {}
        inner = f"{prefix}module.{match[1]}{match[2] or ''}."
        yield from self.identities(output.get("expression") or {}, f"{inner}x.x", depth + 1)

    def region(self, address: str) -> str | None:
        """The region of the provider block in force, where the plan tells it."""
        entry = self._entry(address)
        providers = (self.plan.get("configuration") or {}).get("provider_config") or {}
        provider = providers.get(entry.get("provider_config_key")) if entry else None
        expression = ((provider or {}).get("expressions") or {}).get("region") or {}
        constant = expression.get("constant_value")
        if isinstance(constant, str):
            return constant
        names = [name.removeprefix("var.") for name in _references(expression) if name.startswith("var.")]
        variable = (self.plan.get("variables") or {}).get(names[0]) if len(names) == 1 else None
        value = variable.get("value") if isinstance(variable, dict) else None
        return value if isinstance(value, str) else None


def _references(expression: Any) -> list[str]:
    """Every reference in an expression of the configuration, nested blocks included."""
    if isinstance(expression, dict):
        own = expression.get("references")
        if isinstance(own, list):
            return [reference for reference in own if isinstance(reference, str)]
        return [reference for inner in expression.values() for reference in _references(inner)]
    if isinstance(expression, list):
        return [reference for inner in expression for reference in _references(inner)]
    return []


def split(address: str) -> tuple[tuple[str, ...], str]:
    """The names of the module calls that lead to an address, and the address inside the last module."""
    names: list[str] = []
    position = 0
    while match := STEP.match(address, position):
        names.append(match[1])
        position = match.end()
    return tuple(names), address[position:]


def _last_step(prefix: str) -> str:
    """The last `module.x[…].` of a prefix."""
    steps = list(STEP.finditer(prefix))
    return steps[-1][0] if steps else ""
