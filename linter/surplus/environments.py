"""Which environment a resource belongs to, and what told so."""

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache

from surplus.definitions import EnvironmentMatch
from surplus.expressions import UnknownValueError
from surplus.functions.context import TAGS, tag_of
from surplus.functions.scope import EnvironmentVerdict, reach
from surplus.globs import matches
from surplus.model import Resource, Root, Unknown
from surplus.sources.kubernetes.types import in_cluster
from surplus.trees import join


def environment_of(
    resource: Resource,
    root: Root,
    environments: Sequence[EnvironmentMatch],
    namespaces_of: Callable[[Resource], Sequence[Resource]] = lambda _: (),
) -> EnvironmentVerdict:
    """The first environment that matches; none means production.

    A tag that is not known, and would decide before the first match, makes the verdict unknown. The labels of the
    Namespace that a manifest belongs to, which *namespaces_of* gives, count behind its own.
    """
    tags: dict[str, str | None] = {}
    of_namespaces: list[tuple[Resource, dict[str, str | None]]] | None = None
    for environment in environments:
        via = _by_place(resource, root, environment)
        if via is None and environment.tags:
            try:
                via = _by_tag(resource, environment, tags)
                if via is None and in_cluster(resource.type):
                    if of_namespaces is None:
                        of_namespaces = [(one, {}) for one in namespaces_of(resource)]
                    via = _by_namespace(of_namespaces, environment)
            except UnknownValueError as error:
                return EnvironmentVerdict(unknown=f"the environment is not known: {error}")
        if via is not None:
            return EnvironmentVerdict(environment.name, environment.production, via)
    return EnvironmentVerdict()


def _by_place(resource: Resource, root: Root, environment: EnvironmentMatch) -> str | None:
    for kind, value, globs in _places(resource, root, environment):
        if value and globs and (glob := _first_match(globs, value)):
            return f"{kind} {value} matches {glob}"
    return None


def _places(
    resource: Resource, root: Root, environment: EnvironmentMatch
) -> Iterator[tuple[str, str | None, tuple[str, ...]]]:
    manifest = resource.source == "kubernetes"
    yield "path", resource.location.path if manifest else root.path, environment.paths
    yield "workspace", root.workspace, environment.workspaces
    for file in root.variables:
        yield "variable file", file, environment.var_files
        yield "variable file", join(root.path, file), environment.var_files
    if in_cluster(resource.type):
        yield "namespace", _namespace(resource), environment.namespaces


def var_file_matches(root: Root, file: str, environment: EnvironmentMatch) -> bool:
    """Whether an environment's map names a variables file, given from the root's folder or from the tree's top."""
    globs = environment.var_files
    return bool(globs) and bool(_first_match(globs, file) or _first_match(globs, join(root.path, file)))


@lru_cache(maxsize=65_536)
def _first_match(globs: tuple[str, ...], value: str) -> str | None:
    """The first glob that matches: asked once for each place, not for each resource."""
    return next((glob for glob in globs if matches(glob, value)), None)


def _namespace(resource: Resource) -> str | None:
    value = reach(resource.values, ("metadata", "name" if resource.type == "Namespace" else "namespace"), "")
    return value if isinstance(value, str) else None


def _by_tag(resource: Resource, environment: EnvironmentMatch, known: dict[str, str | None]) -> str | None:
    """*known* keeps the tags that were looked up; raises `UnknownValueError`."""
    labelled = in_cluster(resource.type)
    for key, values in environment.tags.items():
        if key not in known:
            known[key] = _label(resource, key) if labelled else tag_of(resource, key)
        found = known[key]
        if found is not None and found.lower() in (value.lower() for value in values):
            hidden = any((name,) in resource.sensitive for name in TAGS)
            return f"{'label' if labelled else 'tag'} {key} is {'(sensitive)' if hidden else found}"
    return None


def _by_namespace(
    namespaces: Sequence[tuple[Resource, dict[str, str | None]]], environment: EnvironmentMatch
) -> str | None:
    for namespace, known in namespaces:
        via = _by_tag(namespace, environment, known)
        if via is not None:
            return f"{via} in {namespace.address}"
    return None


def _label(resource: Resource, key: str) -> str | None:
    labels = reach(resource.values, ("metadata", "labels"), "")
    found = labels.get(key) if isinstance(labels, dict) else labels
    if isinstance(found, Unknown):
        raise UnknownValueError(found.reason)
    return found if isinstance(found, str) else None
