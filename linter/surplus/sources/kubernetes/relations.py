"""Which autoscaler, budget and limit range stands with which workload, among the loose manifests of a root.

Relations go by namespace and name. Where a tree holds copies (dev/, prod/), the nearest counts: the one whose
path shares the most leading folders, then the one fewer folders away, then the first in order of path.
A namespace that is not written equals only another that is not written.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from surplus.model import Resource, walk
from surplus.sources.kubernetes.types import WORKLOADS, pod_labels_route, type_of

_WORKLOADS = frozenset(WORKLOADS)
_LIMITED = _WORKLOADS | {"PersistentVolumeClaim"}

_TARGETS = {
    "HorizontalPodAutoscaler": ("spec", "scaleTargetRef"),
    "ScaledObject": ("spec", "scaleTargetRef"),
    "VerticalPodAutoscaler": ("spec", "targetRef"),
}
_AUTOSCALERS = ("HorizontalPodAutoscaler", "ScaledObject")


class Relations:
    """The relations among *resources*, which all belong to one root. Indexes are built once."""

    def __init__(self, resources: Sequence[Resource]) -> None:
        self._limit_ranges: dict[str, list[Resource]] = defaultdict(list)
        self._related: dict[Resource, dict[Resource, None]] = defaultdict(dict)
        self._targets: dict[Resource, Resource] = {}
        self._by_target: dict[Resource, list[Resource]] = defaultdict(list)
        self._budgets: dict[Resource, list[Resource]] = defaultdict(list)
        named: dict[tuple[str, str, str], list[Resource]] = defaultdict(list)
        labelled: dict[tuple[str, str, str], list[Resource]] = defaultdict(list)
        spaces: dict[str, list[Resource]] = defaultdict(list)
        for resource in resources:
            namespace = _namespace(resource)
            if resource.type == "LimitRange":
                self._limit_ranges[namespace].append(resource)
            elif resource.type in _WORKLOADS:
                named[namespace, resource.type, _name(resource)].append(resource)
                spaces[namespace].append(resource)
                for key, value in _pod_labels(resource).items():
                    labelled[namespace, key, str(value)].append(resource)
        for resource in resources:
            if resource.type in _TARGETS:
                self._link_target(resource, named)
            elif resource.type == "PodDisruptionBudget":
                self._link_budget(resource, labelled, spaces)
        for resource in resources:
            if resource.type in _LIMITED:
                for limits in self.limit_range(resource):
                    self._relate(resource, limits)

    def autoscaler(self, workload: Resource) -> Resource | None:
        """The HorizontalPodAutoscaler or KEDA ScaledObject that sets the number of the workload's pods."""
        found = [item for item in self._by_target.get(workload, ()) if item.type in _AUTOSCALERS]
        return _nearest(workload, found)

    def vertical_autoscaler(self, workload: Resource) -> Resource | None:
        """The VerticalPodAutoscaler that names the workload."""
        found = [item for item in self._by_target.get(workload, ()) if item.type == "VerticalPodAutoscaler"]
        return _nearest(workload, found)

    def scale_target(self, autoscaler: Resource) -> Resource | None:
        """The workload that a horizontal or vertical autoscaler names."""
        return self._targets.get(autoscaler)

    def budget(self, workload: Resource) -> Resource | None:
        """The PodDisruptionBudget whose selector matches the labels of the workload's pods."""
        return _nearest(workload, self._budgets.get(workload, ()))

    def limit_range(self, resource: Resource) -> list[Resource]:
        """The LimitRanges that hold for the pods or the claim, sorted by address.

        All of the same namespace that are equally near. Where none is written, what is applied goes into the
        namespace that is current, mostly `default`: unset and `default` count as one.
        """
        namespace = _namespace(resource)
        found = self._limit_ranges.get(namespace, [])
        if namespace in ("", "default"):
            found = [*self._limit_ranges.get("", []), *self._limit_ranges.get("default", [])]
        ranks = {item: _rank(_folders(resource), _folders(item)) for item in found}
        best = min(ranks.values(), default=None)
        return _sorted(item for item, rank in ranks.items() if rank == best)

    def related(self, resource: Resource) -> list[Resource]:
        """Everything that stands in one of these relations to the resource, either way, sorted by address."""
        return _sorted(self._related.get(resource, ()))

    def _relate(self, one: Resource, other: Resource) -> None:
        self._related[one][other] = None
        self._related[other][one] = None

    def _link_target(self, autoscaler: Resource, named: Mapping[tuple[str, str, str], list[Resource]]) -> None:
        reference = walk(autoscaler.values, _TARGETS[autoscaler.type])
        if not isinstance(reference, dict):
            return
        kind, version, name = reference.get("kind"), reference.get("apiVersion"), reference.get("name")
        if kind is None and autoscaler.type == "ScaledObject":
            kind, version = "Deployment", version or "apps/v1"
        if not isinstance(kind, str) or name is None:
            return
        type_ = type_of(version, kind) if isinstance(version, str) and version else kind
        candidates = named.get((_namespace(autoscaler), type_, str(name)), ())
        for target in _all_nearest(autoscaler, candidates):
            self._targets.setdefault(autoscaler, target)
            self._by_target[target].append(autoscaler)
            self._relate(autoscaler, target)

    def _link_budget(
        self,
        budget: Resource,
        labelled: Mapping[tuple[str, str, str], list[Resource]],
        spaces: Mapping[str, list[Resource]],
    ) -> None:
        selector = walk(budget.values, ("spec", "selector"))
        if not isinstance(selector, dict):
            return
        # In policy/v1beta1 an empty selector matches nothing, in policy/v1 every pod of the namespace.
        if not selector and budget.values.get("apiVersion") == "policy/v1beta1":
            return
        namespace = _namespace(budget)
        wanted = selector.get("matchLabels")
        candidates: Sequence[Resource] = spaces.get(namespace, ())
        if isinstance(wanted, dict) and wanted:
            key, value = next(iter(wanted.items()))
            candidates = labelled.get((namespace, key, str(value)), ())
        copies: dict[tuple[str, str], list[Resource]] = defaultdict(list)
        for workload in candidates:
            if selects(selector, _pod_labels(workload)):
                copies[workload.type, _name(workload)].append(workload)
        for group in copies.values():
            for workload in _all_nearest(budget, group):
                self._budgets[workload].append(budget)
                self._relate(budget, workload)


def selects(selector: Mapping[str, Any], labels: Mapping[str, Any]) -> bool:
    """Whether a label selector (matchLabels and matchExpressions) matches; an empty one matches everything.

    A selector that is not well-formed matches nothing.
    """
    wanted = selector.get("matchLabels") or {}
    expressions = selector.get("matchExpressions") or []
    if not isinstance(wanted, dict) or not isinstance(expressions, list):
        return False
    if any(key not in labels or str(labels[key]) != str(value) for key, value in wanted.items()):
        return False
    return all(_expression_matches(expression, labels) for expression in expressions)


def _expression_matches(expression: Any, labels: Mapping[str, Any]) -> bool:
    if not isinstance(expression, dict) or not isinstance(expression.get("key"), str):
        return False
    key = expression["key"]
    listed = expression.get("values")
    values = [str(value) for value in listed] if isinstance(listed, list) else []
    match expression.get("operator"):
        case "In":
            return key in labels and str(labels[key]) in values
        case "NotIn":
            return key not in labels or str(labels[key]) not in values
        case "Exists":
            return key in labels
        case "DoesNotExist":
            return key not in labels
    return False


def _pod_labels(workload: Resource) -> dict[str, Any]:
    route = pod_labels_route(workload.type)
    labels = walk(workload.values, route) if route is not None else None
    return labels if isinstance(labels, dict) else {}


def _namespace(resource: Resource) -> str:
    return _metadata(resource, "namespace")


def _name(resource: Resource) -> str:
    return _metadata(resource, "name")


def _metadata(resource: Resource, key: str) -> str:
    value = walk(resource.values, ("metadata", key))
    return "" if value is None else str(value)


def _folders(resource: Resource) -> list[str]:
    return resource.location.path.split("/")[:-1]


def _rank(origin: Sequence[str], other: Sequence[str]) -> tuple[int, int]:
    """Smaller is nearer: the most common leading parts, then the fewest others."""
    common = 0
    for one, two in zip(origin, other, strict=False):
        if one != two:
            break
        common += 1
    return -common, len(other) - common


def _all_nearest(origin: Resource, candidates: Iterable[Resource]) -> list[Resource]:
    """Those of the candidates that are equally near and nearest; in one file is nearer than in one folder."""
    parts = origin.location.path.split("/")
    ranks = {item: _rank(parts, item.location.path.split("/")) for item in candidates}
    best = min(ranks.values(), default=None)
    found = [item for item, rank in ranks.items() if rank == best]
    return sorted(found, key=lambda item: (item.location, item.address))


def _nearest(origin: Resource, candidates: Iterable[Resource]) -> Resource | None:
    found = _all_nearest(origin, candidates)
    return found[0] if found else None


def _sorted(resources: Iterable[Resource]) -> list[Resource]:
    return sorted(resources, key=lambda item: (item.address, item.location))
