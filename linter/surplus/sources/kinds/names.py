"""Types, arguments and blocks of Terraform's `kubernetes_*` resources by the names that Kubernetes has for them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from surplus.model import Route
from surplus.sources.kinds.tables import ACRONYMS, BETA, CLUSTER_SCOPED, GROUPS, KINDS, LISTS, NAMES, PROVIDER_DEFAULTS


@dataclass(frozen=True, slots=True)
class Kind:
    """What a type of Terraform declares; `defaults` are the provider's own."""

    api_version: str
    kind: str
    namespaced: bool
    defaults: Mapping[Route, Any] = field(default_factory=dict)


_TYPE = re.compile(r"kubernetes_(\w+?)(?:_(v\d+(?:(?:alpha|beta)\d+)?))?")


@cache
def kind_of(type_: str) -> Kind | None:
    """The kind that a `kubernetes_*` type declares; None for what is no object, or only a part of one."""
    match = _TYPE.fullmatch(type_)
    group = _groups().get(match[1]) if match else None
    if match is None or group is None:
        return None
    version = match[2] or ("v1beta1" if match[1] in BETA else "v1")
    kind = KINDS.get(match[1]) or "".join(word.capitalize() for word in match[1].split("_"))
    api_version = f"{group}/{version}" if group else version
    return Kind(api_version, kind, kind not in CLUSTER_SCOPED, PROVIDER_DEFAULTS.get(kind, {}))


@cache
def _groups() -> Mapping[str, str]:
    return {name: group for group, names in GROUPS.items() for name in names.split()}


def types_of(kinds: frozenset[str]) -> frozenset[str]:
    """Terraform's types that may declare one of these *kinds*; names that are no kinds stay."""
    found = set(kinds)
    for name in _groups():
        plain = kind_of(f"kubernetes_{name}")
        if plain is not None and plain.kind in kinds:
            found |= {f"kubernetes_{name}", *(f"kubernetes_{name}_{one}" for one in ("v1", "v2", "v2beta2", "v1beta1"))}
    if any(one[:1].isupper() for one in kinds):
        found |= {"kubernetes_manifest", "kubectl_manifest"}
    return frozenset(found)


def listed(parent: str, name: str) -> str | None:
    """The name of a block that stays a list, in the block *parent* ("": at the top); None for another."""
    return LISTS.get(f"{parent}.{name}") or LISTS.get(name)


def camel(name: str) -> str:
    """The Kubernetes name of an argument or block."""
    if name in NAMES:
        return NAMES[name]
    first, *others = name.split("_")
    return first + "".join(ACRONYMS.get(word) or word.capitalize() for word in others)


@cache
def snake(parent: str, name: str) -> str:
    """The argument or block, in the block *parent*, that a Kubernetes name stands for where nothing is written that
    tells.
    """
    for source, target in (*LISTS.items(), *NAMES.items()):
        inside, _, own = source.rpartition(".")
        if target == name and (inside == parent or "." not in source):
            return own
    words = re.sub(r"(IP|CIDR)s\b", r"\1S", name)
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", words).lower()
