"""Usage files: quantities that only the use of a thing decides, given by address glob or resource type.

aws_nat_gateway: {data_processed_gib: 500}
"module.api.aws_lambda_function.*": {requests_million: 40}
"""

import fnmatch
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field

from surplus.documents import read_documents
from surplus.model import ConfigError, Problem, Resource, Span
from surplus.pricing.profiles import profile

MAX_GIVEN = 1e15
"""More of anything is a slip of the pen."""


@dataclass(frozen=True, slots=True)
class Usage:
    """Quantities by pattern and key. Of several patterns that match an address the last one that has the key wins;
    where none does, what the profile assumes for the type.
    """

    path: str = ""
    entries: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    places: Mapping[str, Span] = field(default_factory=dict)
    profile: str | None = None

    def quantity(self, resource: Resource, key: str) -> float | None:
        """What is given for *key* of a resource; None where nothing is."""
        found = self._given(resource, key)
        return found if found is not None else self._assumed(resource, key)

    def origin(self, resource: Resource, key: str) -> str:
        """What gave the quantity, in words."""
        return "usage file" if self._given(resource, key) is not None else f"usage profile {self.profile}"

    def _given(self, resource: Resource, key: str) -> float | None:
        found = None
        for pattern, quantities in self.entries.items():
            if key in quantities and matches(pattern, resource):
                found = quantities[key]
        return found

    def _assumed(self, resource: Resource, key: str) -> float | None:
        return profile(self.profile).get(resource.type, {}).get(key) if self.profile else None

    def problems(
        self, resources: Iterable[Resource], keys_of: Callable[[str], Collection[str]], covered: bool = True
    ) -> list[Problem]:
        """A problem for each pattern that no resource has, where the resources are all that the file may speak of
        (*covered*), and for each key that is no use to those that match; *keys_of* gives the keys that a type has a use
        for.
        """
        known = list(resources)
        found = []
        for pattern, quantities in self.entries.items():
            types = {one.type for one in known if matches(pattern, one)}
            keys = {key for type_ in types for key in keys_of(type_)}
            place = self.places.get(pattern)
            if not types and covered:
                found.append(Problem(f"usage is given for `{pattern}`, which no resource has", self.path, place))
            for key in quantities if types else ():
                if key not in keys:
                    wanted = f"; known are {', '.join(sorted(keys))}" if keys else ""
                    found.append(Problem(f"`{key}` of `{pattern}` has no use here{wanted}", self.path, place))
        return found


def matches(pattern: str, resource: Resource) -> bool:
    """Whether a pattern is a resource's type, or a glob over its address; brackets stand for themselves."""
    if pattern in (resource.type, resource.address):
        return True
    return fnmatch.fnmatchcase(resource.address, pattern.replace("[", "[[]"))


def read_usage(text: str, path: str) -> Usage:
    """The usage in a file's text; raises `ConfigError` with the place of what is wrong."""
    documents, problems = read_documents(text, path)
    if problems:
        span = problems[0].span
        raise ConfigError(f"{path}:{span.line if span else 1}:{span.column if span else 1}: {problems[0].message}")
    if not documents:
        return Usage(path)
    document, raw = documents[0], documents[0].value

    def fail(route: tuple[str, ...], message: str) -> ConfigError:
        span = document.keys.get(route) or document.locate(route)[0]
        return ConfigError(f"{path}:{span.line}:{span.column}: {message}")

    if len(documents) > 1 or not isinstance(raw, dict):
        raise fail((), "a usage file is one mapping of addresses or types, such as `aws_nat_gateway: {…}`")
    entries: dict[str, dict[str, float]] = {}
    for pattern, quantities in raw.items():
        if not isinstance(quantities, dict):
            raise fail((pattern,), f"`{pattern}` must hold quantities, such as `{{data_processed_gib: 500}}`")
        for key, value in quantities.items():
            if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= MAX_GIVEN:
                raise fail((pattern, key), f"`{key}` must be a number from 0 up")
        entries[pattern] = {key: float(value) for key, value in quantities.items()}
    places = {pattern: document.keys.get((pattern,)) or document.locate((pattern,))[0] for pattern in entries}
    return Usage(path, entries, places)
