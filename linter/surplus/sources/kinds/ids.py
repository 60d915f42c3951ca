"""The `id` of `kubernetes_*` resources, by which others name them: the object's name, behind its namespace and a slash
where it has one.

https://registry.terraform.io/providers/hashicorp/kubernetes/latest/docs
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from surplus.model import Resource, Unknown
from surplus.sources.kinds.names import kind_of

_SYMBOL = re.compile(r"(⟨[^⟨⟩]*⟩)")


def ids_of(resources: Iterable[Resource]) -> dict[str, Any]:
    """The id of each object, a text or an unknown with a symbolic one, by the symbolic text that stands for it."""
    kinds = [(one, kind) for one in resources if (kind := kind_of(one.type)) is not None]
    ids = {f"⟨{one.address}.id⟩": _name(one) for one, kind in kinds if not kind.namespaced}
    for one, kind in kinds:
        if kind.namespaced:
            space = with_ids(_metadata(one, "namespace"), ids) or "default"
            ids[f"⟨{one.address}.id⟩"] = _joined([space, "/", _name(one)])
    return ids


def with_ids(value: Any, ids: Mapping[str, Any]) -> Any:
    """*value* with ids in place of the symbolic texts that stand for them."""
    if isinstance(value, Unknown):
        parts = _SYMBOL.split(value.text or "")
        found = [ids.get(part, part) for part in parts]
        return value if found == parts else _joined(found, value)
    if isinstance(value, dict):
        return {key: with_ids(item, ids) for key, item in value.items()}
    if value.__class__ is list:
        return [with_ids(item, ids) for item in value]
    return value


def _joined(parts: list[Any], whole: Unknown | None = None) -> Any:
    """The text that *parts* make together, of which *whole* stood for all; unknown where a part is."""
    unknown = next((part for part in parts if isinstance(part, Unknown)), None)
    if unknown is not None and unknown.text is None:
        return unknown
    text = "".join(str(part.text) if isinstance(part, Unknown) else str(part) for part in parts)
    unknown = unknown or whole
    return text if unknown is None or "⟨" not in text else replace(unknown, text=text)


def _name(resource: Resource) -> Any:
    """An object's name, or the text by which others name it where that is not known."""
    value = _metadata(resource, "name")
    if isinstance(value, str) or (isinstance(value, Unknown) and value.text is not None):
        return value
    reason = value.reason if isinstance(value, Unknown) else f"{resource.address} is given its name when it is made"
    return Unknown(reason, f"⟨{resource.address}.metadata[0].name⟩", nullable=False)


def _metadata(resource: Resource, key: str) -> Any:
    block = resource.values.get("metadata")
    first = next(iter(block), None) if isinstance(block, list) else block
    return first.get(key) if isinstance(first, dict) else first if isinstance(first, Unknown) else None
