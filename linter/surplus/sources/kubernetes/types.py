"""What `types.yaml` says about the kinds that rules read: groups, pod specs, defaults, keys, paths."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from surplus.documents import read_documents
from surplus.model import Route

WORKLOADS: tuple[str, ...] = (
    "CronJob",
    "DaemonSet",
    "Deployment",
    "Job",
    "Pod",
    "ReplicaSet",
    "ReplicationController",
    "Rollout",
    "ScaledJob",
    "Service.serving.knative.dev",
    "StatefulSet",
)
"""The types that hold a pod template."""


@dataclass(frozen=True, slots=True)
class _Type:
    groups: frozenset[str]
    pod: Route | None
    defaults: Mapping[Route, Any]
    keys: Mapping[Route, str]
    paths: Any


@dataclass(frozen=True, slots=True)
class _Table:
    versions: Mapping[str, list[str]]
    shapes: Mapping[str, Any]
    types: Mapping[str, _Type]


def type_of(api_version: str, kind: str) -> str:
    """The type of a manifest: its kind, with the API group where another group owns that kind in the table.

    `Deployment` of apps/v1, `Service.serving.knative.dev`. The core group is written `core`.
    """
    known = _table().types.get(kind)
    group = api_version.rpartition("/")[0]
    if known is None or group in known.groups:
        return kind
    return f"{kind}.{group or 'core'}"


def other_versions(api_version: str, kind: str) -> list[str]:
    """The versions that the API group has where *api_version* is none of them, for a kind of Kubernetes itself that the
    table describes; else nothing. What a version means that is not known is not known either.
    """
    group, _, version = api_version.rpartition("/")
    known = _table().versions.get(group, ())
    described = kind in _table().types and group in _table().types[kind].groups
    return [] if version in known or not described else list(known)


def in_cluster(type_: str) -> bool:
    """Whether a resource type is a kind: of a manifest, or of an object that Terraform declares. Terraform's own are
    lower case.
    """
    return type_[:1].isupper()


def pod_route(type_: str) -> Route | None:
    """Where the pod spec is, None for a type without one."""
    known = _table().types.get(type_)
    return None if known is None else known.pod


def pod_labels_route(type_: str) -> Route | None:
    """Where the labels of the pods are, None for a type without a pod template."""
    pod = pod_route(type_)
    return None if pod is None else (*pod[:-1], "metadata", "labels")


def defaults(type_: str) -> Mapping[Route, Any]:
    """What the API server, or the controller of the kind, fills in where nothing is written."""
    known = _table().types.get(type_)
    return {} if known is None else known.defaults


def item_key(type_: str, route: Route) -> str | None:
    """The field that names the items of the list at *route*; indexes in the route do not matter.

    The field may lie deeper: `metadata.name`.
    """
    known = _table().types.get(type_)
    return None if known is None else known.keys.get(_without_indexes(route))


def knows_type(type_: str) -> bool:
    """Whether the table describes this type."""
    return type_ in _table().types


def shape_of(type_: str) -> Mapping[str, Any]:
    """What may be read of a manifest of this type; of one that the table does not describe its metadata."""
    known = _table().types.get(type_)
    return _UNDESCRIBED if known is None else known.paths


def shapes() -> Mapping[str, Any]:
    """The shapes that have a name."""
    return _table().shapes


_UNDESCRIBED = {"metadata": "metadata"}


def knows_path(type_: str, path: Route) -> bool:
    """Whether a manifest of this type may have something at *path*; indexes and `*` do not matter."""
    table = _table()
    known = table.types.get(type_)
    if known is None:
        return False
    shape = known.paths
    for key in _without_indexes(path):
        shape = _resolved(shape, table.shapes)
        if shape == "any":
            return True
        if not isinstance(shape, dict) or key not in shape:
            return False
        shape = shape[key]
    return True


def _resolved(shape: Any, shapes: Mapping[str, Any]) -> Any:
    """A shape behind its name, and the items of a list in place of the list."""
    while True:
        if isinstance(shape, list):
            shape = shape[0]
        elif isinstance(shape, str) and shape in shapes:
            shape = shapes[shape]
        else:
            return shape


def _without_indexes(route: Route) -> Route:
    return tuple(key for key in route if not isinstance(key, int) and key != "*")


def _route(dotted: str) -> Route:
    return tuple(dotted.split("."))


@cache
def _table() -> _Table:
    text = Path(__file__).with_name("types.yaml").read_text("utf-8")
    documents, problems = read_documents(text, "types.yaml")
    if problems:
        raise ValueError(f"types.yaml: {problems[0].message}")
    data = documents[0].value
    types = {name: _type(entry, data["pod"]) for name, entry in data["types"].items()}
    return _Table(data["versions"], data["shapes"], types)


def _type(entry: Mapping[str, Any], pod: Mapping[str, Any]) -> _Type:
    pod_spec = _route(entry["pod"]) if "pod" in entry else None
    filled = {_route(dotted): value for dotted, value in entry.get("defaults", {}).items()}
    keys = {_route(dotted): key for dotted, key in entry.get("keys", {}).items()}
    if pod_spec is not None:
        filled.update({(*pod_spec, *_route(dotted)): value for dotted, value in pod["defaults"].items()})
        keys.update({(*pod_spec, *_route(dotted)): key for dotted, key in pod["keys"].items()})
    paths = {"apiVersion": "value", "kind": "value", "metadata": "metadata", **entry["paths"]}
    return _Type(frozenset(entry["groups"]), pod_spec, filled, keys, paths)
