"""Which Kubernetes resources of a root belong together, by namespace and name.

What is named, selected or used is looked for in the same namespace; of copies the nearest counts (`nearness`). One that
is not written is `default`; but whoever applies a folder may choose another, so that it may also be any that is written
in folders in line (`perhaps`). For what holds for a whole namespace see `_link_held`.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from surplus.model import Resource, Unknown, walk
from surplus.sources.kubernetes.nearness import all_nearest, by_address, folder, in_line, in_nearest_folder
from surplus.sources.kubernetes.references import (
    CLUSTER_WIDE,
    NAMED,
    NAMED_BY_PODS,
    OF_NAMESPACE,
    POOLS,
    TARGETS,
    WITH_PODS,
    annotation_of,
    claim_templates,
    is_default_class,
    is_kind,
    metadata_text,
    namespace_of,
    pod_labels,
    spellings,
)
from surplus.sources.kubernetes.scheduling import may_run_on
from surplus.sources.kubernetes.selectors import selects
from surplus.sources.kubernetes.types import pod_route, type_of

_LIMITED = WITH_PODS | {"PersistentVolumeClaim"}
_LOOKED_FOR = {*WITH_PODS, *OF_NAMESPACE, *(kind for pairs in NAMED.values() for _, kind in pairs)} - CLUSTER_WIDE
_CLASS_ANNOTATION = "volume.beta.kubernetes.io/storage-class"
_CLAIM_NAMESPACE = ("spec", "claimRef", "namespace")
_ORDINAL = re.compile(r"-[0-9]+$")

_WRITTEN = "*"
"""Stands in indexes for every namespace that is written."""

_Find = Callable[[str], Sequence[Resource]]
"""What an index has of a namespace, as it is written there."""

_POD_NAME = "statefulset.kubernetes.io/pod-name"
"""The label that a StatefulSet's controller puts on each of its pods, with the pod's name."""


class Relations:
    """The relations among *resources*, which all belong to one root. Indexes are built once.

    `unsure` tells of a resource why it is not known what it belongs to: its namespace, its name or what it names is
    an unknown.
    """

    def __init__(self, resources: Sequence[Resource]) -> None:
        self.unsure: dict[Resource, str] = {}
        self._related: dict[Resource, dict[Resource, None]] = defaultdict(dict)
        self._perhaps: dict[Resource, dict[Resource, str]] = defaultdict(dict)
        self._targets: dict[Resource, list[Resource]] = {}
        self._references: dict[Resource, tuple[str, str, str]] = {}
        self._scalers: dict[tuple[str, str, str], list[Resource]] = defaultdict(list)
        self._named: dict[tuple[str, str, str], list[Resource]] = defaultdict(list)
        self._of_namespace: dict[tuple[str, str], list[Resource]] = defaultdict(list)
        self._labelled: dict[tuple[str, str, str], list[Resource]] = defaultdict(list)
        self._numbered: dict[tuple[str, str], list[Resource]] = defaultdict(list)
        self._pools = [one for one in resources if one.type in POOLS]
        self._default_classes = [one for one in resources if one.type == "StorageClass" and is_default_class(one)]
        for resource in resources:
            self._index(resource)
        for resource in resources:
            self._link(resource)

    def related(self, resource: Resource, kind: str | None = None) -> list[Resource]:
        """Everything of a kind (`Workload`: of any with pods; None: of all) that stands in a relation with the
        resource, either way, sorted by address.
        """
        found = self._related.get(resource, ())
        return by_address(one for one in found if kind is None or is_kind(one, kind))

    def perhaps(self, resource: Resource) -> Mapping[Resource, str]:
        """What may stand in a relation with the resource, and why that is not known."""
        return self._perhaps.get(resource, {})

    def scale_targets(self, autoscaler: Resource) -> Sequence[Resource]:
        """The workload that a horizontal or vertical autoscaler names: the copies of it that are equally near."""
        return self._targets.get(autoscaler, ())

    def of_same_target(self, autoscaler: Resource) -> list[Resource]:
        """All autoscalers that name the workload which this one names, itself among them; that need not be in the
        root.
        """
        reference = self._references.get(autoscaler)
        return [] if reference is None else by_address(self._scalers[reference])

    def storage_classes(self, resource: Resource, name: str | None) -> list[Resource]:
        """The nearest StorageClasses of a name; for None the nearest that are marked as the default."""
        classes = self._default_classes if name is None else self._named.get(("", "StorageClass", name), ())
        return all_nearest(resource, classes)

    def _index(self, resource: Resource) -> None:
        namespace, name = self._text(resource, "namespace"), self._text(resource, "name")
        self._named["" if resource.type in CLUSTER_WIDE else namespace, resource.type, name].append(resource)
        if resource.type in _LOOKED_FOR:
            self._index_found(resource, namespace, name)
            if namespace:
                self._named[_WRITTEN, resource.type, name].append(resource)
                self._index_found(resource, _WRITTEN, name)

    def _index_found(self, resource: Resource, namespace: str, name: str) -> None:
        """Add what is found by something else than its name."""
        if resource.type in OF_NAMESPACE:
            self._of_namespace[namespace, resource.type].append(resource)
        elif resource.type in WITH_PODS:
            self._of_namespace[namespace, "Workload"].append(resource)
            for key, value in pod_labels(resource).items():
                self._labelled[namespace, key, str(value)].append(resource)
        elif resource.type == "PersistentVolumeClaim" and (ordinal := _ORDINAL.search(name)):
            self._numbered[namespace, name[: ordinal.start()]].append(resource)

    def _text(self, resource: Resource, key: str) -> str:
        """A name or namespace as text; an unknown one by its symbolic text, or "" where it has none."""
        value = walk(resource.values, ("metadata", key))
        if isinstance(value, Unknown):
            if value.text is None:
                self.unsure[resource] = f"metadata.{key}: {value.reason}"
            return value.text or ""
        return "" if value is None else str(value)

    def _link(self, resource: Resource) -> None:
        type_, namespace = resource.type, namespace_of(resource)
        if type_ in TARGETS:
            self._link_target(resource)
        elif type_ == "PodDisruptionBudget":
            self._link_budget(resource)
        elif type_ == "Service":
            selector = walk(resource.values, ("spec", "selector"))
            if isinstance(selector, Unknown):
                self.unsure[resource] = f"spec.selector: {selector.reason}"
            elif isinstance(selector, dict) and selector:
                self._link_selected(resource, {"matchLabels": selector})
        for route, kind in NAMED.get(type_, ()):
            self._link_named(resource, walk(resource.values, route), kind)
        if type_ in WITH_PODS:
            self._link_pods(resource)
        if type_ in _LIMITED:
            for kind in OF_NAMESPACE:
                self._link_held(resource, namespace, kind)
        if type_ in ("PersistentVolumeClaim", "StatefulSet"):
            self._link_storage(resource)
        if namespace and type_ not in CLUSTER_WIDE:
            for other in all_nearest(resource, self._named.get(("", "Namespace", namespace), ())):
                self._relate(resource, other)

    def _find(self, resource: Resource, find: _Find, namespace: str | None = None) -> list[Resource]:
        """What *find* has of a resource's namespace, or of the one that it names. Where that is nothing, what may be of
        the same namespace after all is doubted: whoever applies both may choose that of the one that has none written.
        """
        own = namespace_of(resource) if namespace is None else namespace
        found = [one for name in spellings(own) for one in find(name)]
        if not found:
            self._doubt_in_line(resource, find("" if own else _WRITTEN))
        return found

    def _doubt_in_line(self, resource: Resource, others: Sequence[Resource]) -> None:
        own = folder(resource) if others else ""
        for other in others:
            if in_line(own, folder(other)):
                self._doubt(resource, other, "the namespace of one is written, that of the other is not")

    def _relate(self, one: Resource, other: Resource) -> None:
        self._related[one][other] = None
        self._related[other][one] = None

    def _link_named(self, resource: Resource, name: Any, kind: str) -> None:
        if isinstance(name, Unknown) and name.text is None:
            self.unsure[resource] = name.reason
        elif name is not None and not isinstance(name, dict | list):
            text = str(name.text if isinstance(name, Unknown) else name)
            if kind in CLUSTER_WIDE:
                found = self._named.get(("", kind, text), [])
            else:
                of_claim = walk(resource.values, _CLAIM_NAMESPACE) if resource.type == "PersistentVolume" else None
                namespace = of_claim if isinstance(of_claim, str) else None
                found = self._find(resource, lambda space: self._named.get((space, kind, text), ()), namespace)
            for other in all_nearest(resource, found):
                self._relate(resource, other)

    def _link_target(self, autoscaler: Resource) -> None:
        written = walk(autoscaler.values, TARGETS[autoscaler.type])
        if isinstance(written, Unknown):
            self.unsure[autoscaler] = written.reason
        if not isinstance(written, dict):
            return
        kind, version, name = written.get("kind"), written.get("apiVersion"), written.get("name")
        if kind is None and autoscaler.type in ("ScaledObject", "HTTPScaledObject"):
            kind, version, name = "Deployment", version or "apps/v1", name or written.get("deployment")
        elif autoscaler.type == "HorizontalPodAutoscaler":
            version = version or "v1"  # which has no Deployment: that HPA finds nothing
        unknown = next((one for one in (kind, version, name) if isinstance(one, Unknown) and one.text is None), None)
        if unknown is not None:
            self.unsure[autoscaler] = unknown.reason
        refused = isinstance(version, dict | list | int | float)
        if not isinstance(kind, str) or name is None or unknown is not None or refused:
            return
        type_ = type_of(version, kind) if isinstance(version, str) and version else kind
        text = str(name.text if isinstance(name, Unknown) else name)
        reference = min(spellings(namespace_of(autoscaler))), type_, text
        self._references[autoscaler] = reference
        self._scalers[reference].append(autoscaler)
        if type_ in WITH_PODS:
            found = self._find(autoscaler, lambda space: self._named.get((space, type_, text), ()))
            self._targets[autoscaler] = all_nearest(autoscaler, found)
            for target in self._targets[autoscaler]:
                self._relate(autoscaler, target)

    def _link_budget(self, budget: Resource) -> None:
        selector = walk(budget.values, ("spec", "selector"))
        if isinstance(selector, Unknown):
            self.unsure[budget] = f"spec.selector: {selector.reason}"
        # In policy/v1beta1 an empty selector matches nothing, in policy/v1 every pod of the namespace.
        elif isinstance(selector, dict) and (selector or budget.values.get("apiVersion") != "policy/v1beta1"):
            self._link_selected(budget, selector)

    def _link_selected(self, resource: Resource, selector: Mapping[str, Any]) -> None:
        """Relate to every workload of the namespace whose pods a selector matches, of copies to the nearest."""
        copies: dict[tuple[str, str], list[Resource]] = defaultdict(list)
        for workload in self._find(resource, lambda space: self._selected(space, selector)):
            copies[workload.type, metadata_text(workload, "name")].append(workload)
        for group in copies.values():
            for workload in all_nearest(resource, group):
                self._relate(resource, workload)

    def _selected(self, namespace: str, selector: Mapping[str, Any]) -> list[Resource]:
        """The workloads of a namespace whose pods a selector matches."""
        wanted = selector.get("matchLabels")
        candidates: Sequence[Resource] = self._of_namespace.get((namespace, "Workload"), ())
        if isinstance(wanted, dict) and _POD_NAME in wanted:
            name = _ORDINAL.sub("", str(wanted[_POD_NAME]))
            candidates = self._named.get((namespace, "StatefulSet", name), ())
            rest = {key: value for key, value in wanted.items() if key != _POD_NAME}
            selector = {**selector, "matchLabels": rest}
        elif isinstance(wanted, dict) and wanted:
            # One label narrows the search; the rarest leaves least to look at.
            lists = [self._labelled.get((namespace, key, str(value)), []) for key, value in wanted.items()]
            candidates = min(lists, key=len)
        return [one for one in candidates if selects(selector, pod_labels(one))]

    def _link_pods(self, workload: Resource) -> None:
        pod = walk(workload.values, pod_route(workload.type) or ())
        if not isinstance(pod, dict):
            return
        for route, kind in NAMED_BY_PODS:
            if route[0] in pod:
                self._link_named(workload, walk(pod, route), kind)
        volumes = pod.get("volumes")
        for volume in volumes if isinstance(volumes, list) else ():
            self._link_named(workload, walk(volume, ("persistentVolumeClaim", "claimName")), "PersistentVolumeClaim")
            if walk(volume, ("ephemeral", "volumeClaimTemplate")) is not None:
                self._link_class(workload, walk(volume, ("ephemeral", "volumeClaimTemplate", "spec")))
        for pool in in_nearest_folder(workload, self._pools):
            if may_run_on(pod, pool):
                self._relate(workload, pool)

    def _link_held(self, resource: Resource, namespace: str, kind: str) -> None:
        """Relate to what holds for a namespace, of what is in the nearest folder. Where none is written that is sure of
        what is in the resource's own folder or above, which is applied with it.
        """
        own, sure = folder(resource), False
        found = self._find(resource, lambda space: self._of_namespace.get((space, kind), ()))
        for other in in_nearest_folder(resource, found):
            above = folder(other)
            if (namespace and namespace_of(other)) or not above or f"{own}/".startswith(f"{above}/"):
                self._relate(resource, other)
                sure = True
            else:
                self._doubt(resource, other, "in another folder, and no namespace is written")
        if found and not sure and not namespace:
            named = self._of_namespace.get((_WRITTEN, kind), ())
            self._doubt_in_line(resource, [one for one in named if one not in found])

    def _doubt(self, one: Resource, other: Resource, reason: str) -> None:
        self._perhaps[one][other] = self._perhaps[other][one] = reason

    def _link_storage(self, resource: Resource) -> None:
        if resource.type == "PersistentVolumeClaim":
            self._link_class(resource, resource.values.get("spec"), annotation_of(resource, _CLASS_ANNOTATION))
            return
        for name, claim in claim_templates(resource):
            self._link_class(resource, claim)
            # The controller's own claims are called <template>-<set>-<ordinal>.
            stem = f"{name}-{metadata_text(resource, 'name')}"
            for one in in_nearest_folder(resource, self._numbered_claims(resource, stem)):
                self._relate(resource, one)

    def _numbered_claims(self, resource: Resource, stem: str) -> list[Resource]:
        return self._find(resource, lambda space: self._numbered.get((space, stem), ()))

    def _link_class(self, resource: Resource, claim: Any, annotated: str | None = None) -> None:
        name = walk(claim, ("storageClassName",)) if annotated is None else annotated
        if isinstance(name, Unknown):
            self._link_named(resource, name, "StorageClass")
        elif name != "":  # an empty name asks for a volume that is there already
            for found in self.storage_classes(resource, None if name is None else str(name)):
                self._relate(resource, found)
