"""What an engine's version can do: the first version of each branch that has a feature, or runs on a family."""

import re
from collections.abc import Mapping
from functools import cache

from surplus.catalog.tables import rows


@cache
def _firsts() -> Mapping[tuple[str, str], Mapping[str, tuple[tuple[int, ...], ...]]]:
    """The first versions of each engine, one for each branch, by (service, feature)."""
    found: dict[tuple[str, str], dict[str, tuple[tuple[int, ...], ...]]] = {}
    for row in rows("engine_versions.csv"):
        engines = found.setdefault((row["service"], row["feature"]), {})
        engines[row["engine"]] = (*engines.get(row["engine"], ()), _numbers(row["minimum"]))
    return found


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version))


def supports(service: str, feature: str, engine: str, version: str | None) -> bool | None:
    """Whether an engine's version has a feature (a machine family is one, too); None where the version does not tell.

    True for every feature that the table does not have: nothing limits it. A version may name its engine itself, as
    those of OpenSearch do: `Elasticsearch_7.10`. `16` may be 16.1 or 16.9, so it tells nothing of what came with 16.3.
    """
    engines = _firsts().get((service, feature))
    if engines is None:
        return True
    named, mark, rest = (version or "").partition("_")
    if mark and named.isalpha():
        engine, version = named.lower(), rest
    firsts = engines.get(engine)
    if firsts is None:
        return False
    own = _numbers(version or "")
    if not own:
        return None
    branch = next((first for first in firsts if first[0] == own[0]), None)
    if branch is None:
        return own[0] > max(first[0] for first in firsts)
    return None if len(own) < len(branch) and own == branch[: len(own)] else own >= branch
