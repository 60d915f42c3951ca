"""Which environment a resource belongs to, and what told so."""

from collections.abc import Sequence

from surplus.expressions import UnknownValueError
from surplus.functions.context import tag_of
from surplus.functions.scope import EnvironmentVerdict, reach
from surplus.globs import matches
from surplus.model import EnvironmentMatch, Resource, Root


def environment_of(resource: Resource, root: Root, environments: Sequence[EnvironmentMatch]) -> EnvironmentVerdict:
    """The first environment that matches; none means production.

    A tag that is not known makes the verdict unknown, unless some place (path, workspace, namespace) matches.
    """
    reason: str | None = None
    for environment in environments:
        via = _by_place(resource, root, environment)
        if via is None:
            try:
                via = _by_tag(resource, environment) if reason is None else None
            except UnknownValueError as error:
                reason = f"the environment is not known: {error}"
        if via is not None:
            return EnvironmentVerdict(environment.name, environment.production, via)
    return EnvironmentVerdict(unknown=reason)


def _by_place(resource: Resource, root: Root, environment: EnvironmentMatch) -> str | None:
    path = resource.location.path if resource.source == "kubernetes" else root.path
    candidates = (
        ("path", path, environment.paths),
        ("workspace", root.workspace, environment.workspaces),
        ("namespace", _namespace(resource), environment.namespaces),
        *(("variable file", file, environment.var_files) for file in root.variables),
    )
    for kind, value, globs in candidates:
        for glob in globs:
            if value and matches(glob, value):
                return f"{kind} {value} matches {glob}"
    return None


def _namespace(resource: Resource) -> str | None:
    if resource.source != "kubernetes":
        return None
    value = reach(resource.values, ("metadata", "namespace"), "")
    return value if isinstance(value, str) else None


def _by_tag(resource: Resource, environment: EnvironmentMatch) -> str | None:
    for key, values in environment.tags.items():
        found = _label(resource, key) if resource.source == "kubernetes" else tag_of(resource, key)
        if found is not None and found.lower() in (value.lower() for value in values):
            return f"tag {key} is {found}"
    return None


def _label(resource: Resource, key: str) -> str | None:
    value = reach(resource.values, ("metadata", "labels"), "")
    found = value.get(key) if isinstance(value, dict) else None
    return found if isinstance(found, str) else None
