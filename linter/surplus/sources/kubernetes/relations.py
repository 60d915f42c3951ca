"""Which Kubernetes resources of a root belong together, by namespace and name.

What is named, selected or used is looked for in the same namespace; of copies the nearest counts (`nearness`). One that
is not written is `default`; but whoever applies a folder may choose another, so that it may also be any that is written
in folders in line (`perhaps`). For what holds for a whole namespace see `_link_held`.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from surplus.model import Resource, Unknown, walk
from surplus.sources.kubernetes.index import WRITTEN, Index, Selection
from surplus.sources.kubernetes.nearness import (
    Places,
    alike,
    all_nearest,
    by_address,
    folder,
    in_nearest_file,
    in_nearest_folder,
)
from surplus.sources.kubernetes.references import (
    CLUSTER_WIDE,
    NAMED,
    NAMED_BY_PODS,
    OF_NAMESPACE,
    POOLS,
    TARGETS,
    UNSAID,
    WITH_PODS,
    annotation_of,
    claim_templates,
    is_kind,
    metadata_text,
    namespace_of,
    space_of,
)
from surplus.sources.kubernetes.scheduling import may_run_on
from surplus.sources.kubernetes.types import pod_route, type_of

_LIMITED = WITH_PODS | {"PersistentVolumeClaim"}
_CLASS_ANNOTATION = "volume.beta.kubernetes.io/storage-class"
_CLAIM_NAMESPACE = ("spec", "claimRef", "namespace")

MOST = 200
"""So many of one kind may be equally near to a resource, or select a workload. It is not told which of more belong."""

MOST_SELECTED = 1_000
"""So many workloads a selector may match. It is not told what of more belongs."""

_MANY_SELECTED = f"a selector matches more than {MOST_SELECTED:,} workloads: that many are not told"
_MANY_SELECT = f"more than {MOST} of one kind select a workload: that many are not told"

_Find = Callable[[str], Places]
"""What an index has of a namespace."""


class Relations:
    """The relations among *resources*, which all belong to one root. Indexes are built once.

    `unsure` tells of a resource why it is not known what it belongs to: its namespace, its name or what it names is
    an unknown.
    """

    def __init__(self, resources: Sequence[Resource]) -> None:
        self.unsure: dict[Resource, str] = {}
        self._related: dict[Resource, dict[str, dict[Resource, None]]] = defaultdict(lambda: defaultdict(dict))
        self._perhaps: dict[Resource, dict[Resource, str]] = defaultdict(dict)
        self._crowded: dict[Resource, dict[str, str]] = defaultdict(dict)
        self._told: set[tuple[int, str]] = set()
        self._unsure_of: dict[tuple[str, ...], Mapping[Resource, str]] = {}
        self._targets: dict[Resource, Sequence[Resource]] = {}
        self._references: dict[Resource, tuple[str, str, str]] = {}
        self._scalers: dict[tuple[str, str, str], list[Resource]] = defaultdict(list)
        self._index = Index(resources)
        self._without_pools = [one for one in resources if one.type in WITH_PODS] if self._index.pools else []
        for resource in resources:
            self._check_texts(resource)
        for resource in resources:
            self._link(resource)
        self._index.forget_selections()
        self._told.clear()
        self._scalers = {reference: by_address(scalers) for reference, scalers in self._scalers.items()}

    def related(self, resource: Resource, kind: str | None = None) -> list[Resource]:
        """Everything of a kind (`Workload`: of any with pods; None: of all) that stands in a relation with the
        resource, either way, sorted by address.
        """
        self._link_pools(resource, POOLS if kind is None else (kind,))
        held = self._related.get(resource, {})
        kinds = held if kind is None else WITH_PODS & held.keys() if kind == "Workload" else {kind} & held.keys()
        return by_address(one for each in kinds for one in held[each])

    def crowded(self, resource: Resource, kinds: Sequence[str]) -> str | None:
        """Why it is not told what of some kinds, or of any, belongs to a resource, where that would be too many."""
        self._link_pools(resource, kinds)
        held = self._crowded.get(resource, {})
        wanted = (why for one, why in held.items() if one in kinds or (one in WITH_PODS and "Workload" in kinds))
        return next(wanted if kinds else iter(held.values()), None)

    def unsure_of(self, kinds: tuple[str, ...]) -> Mapping[Resource, str]:
        """What is `unsure`, of some kinds."""
        found = self._unsure_of.get(kinds)
        if found is None:
            chosen = [one for one in self.unsure if any(is_kind(one, kind) for kind in kinds)]
            found = self._unsure_of[kinds] = {one: self.unsure[one] for one in chosen}
        return found

    def named(self, resource: Resource, type_: str, name: str) -> Places:
        """Every resource of a type with a name, in the resource's namespace where the kind has one."""
        return self._index.named(space_of(namespace_of(resource)), type_, name)

    def kept_for(self, claim: Resource) -> Places:
        """Every PersistentVolume that is kept for a claim."""
        return self._index.kept_for(claim)

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
        return [] if reference is None else self._scalers[reference]

    def storage_classes(self, resource: Resource, name: str | None) -> list[Resource]:
        """The nearest StorageClasses of a name; for None the nearest that are marked as the default."""
        return all_nearest(resource, self._index.storage_classes(name))

    def _check_texts(self, resource: Resource) -> None:
        for key in ("namespace", "name"):
            value = walk(resource.values, ("metadata", key))
            if isinstance(value, Unknown) and value.text is None:
                self.unsure[resource] = f"metadata.{key}: {value.reason}"

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
            for other in self._nearest(resource, self._index.named("", "Namespace", namespace)):
                self._relate(resource, other)

    def _find(self, resource: Resource, find: _Find, namespace: str | None = None) -> Places:
        """What *find* has of a resource's namespace, or of the one that it names. Where that is nothing, what may be of
        the same namespace after all is doubted: whoever applies both may choose that of the one that has none written.
        """
        own = namespace_of(resource) if namespace is None else namespace
        found = find(space_of(own))
        if not found:
            self._doubt_in_line(resource, find("" if own else WRITTEN), own)
        return found

    def _doubt_in_line(self, resource: Resource, others: Places, own: str) -> None:
        for other in others.in_line(folder(resource)) if others else ():
            theirs = namespace_of(other)
            if theirs not in UNSAID if own in UNSAID else not theirs:
                self._doubt(resource, other, "the namespace of one is written, that of the other is not")

    def _nearest(self, resource: Resource, candidates: Places) -> Sequence[Resource]:
        """All that are nearest; none where they are too many."""
        found = in_nearest_file(resource, candidates)
        return alike(resource, found) if self._few(resource, candidates, found) else ()

    def _nearest_folder(self, resource: Resource, candidates: Places) -> Sequence[Resource]:
        """Those whose folder is nearest; none where they are too many."""
        found = in_nearest_folder(resource, candidates)
        return found if self._few(resource, candidates, found) else ()

    def _few(self, resource: Resource, candidates: Places, found: Sequence[Resource]) -> bool:
        if len(found) <= MOST:
            return True
        for kind in POOLS if found[0].type in POOLS else (found[0].type,):
            self._crowded[resource][kind] = f"more than {MOST} of kind {kind} may belong to it: that many are not told"
        told = id(candidates), resource.type
        if told not in self._told:
            self._told.add(told)
            for one in candidates:
                why = f"it is one of more than {MOST} that may belong to {resource.address}: that many are not told"
                self._crowded[one][resource.type] = why
        return False

    def _relate(self, one: Resource, other: Resource) -> None:
        self._related[one][other.type][other] = None
        self._related[other][one.type][one] = None

    def _link_named(self, resource: Resource, name: Any, kind: str) -> None:
        if isinstance(name, Unknown) and name.text is None:
            self.unsure[resource] = name.reason
        elif name is not None and not isinstance(name, dict | list):
            text = str(name.text if isinstance(name, Unknown) else name)
            if kind in CLUSTER_WIDE:
                found = self._index.named("", kind, text)
            else:
                of_claim = walk(resource.values, _CLAIM_NAMESPACE) if resource.type == "PersistentVolume" else None
                namespace = of_claim if isinstance(of_claim, str) else None
                found = self._find(resource, lambda space: self._index.named(space, kind, text), namespace)
            for other in self._nearest(resource, found):
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
        reference = space_of(namespace_of(autoscaler)), type_, text
        self._references[autoscaler] = reference
        self._scalers[reference].append(autoscaler)
        if type_ in WITH_PODS:
            found = self._find(autoscaler, lambda space: self._index.named(space, type_, text))
            self._targets[autoscaler] = self._nearest(autoscaler, found)
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
        own = namespace_of(resource)
        selection = self._index.selected(space_of(own), selector)
        left = self._left(selection, resource.type)
        if len(left) < len(selection.groups):
            why = _MANY_SELECTED if len(selection.groups) > MOST_SELECTED else _MANY_SELECT
            self._crowded[resource].update(dict.fromkeys(selection.kinds, why))
        for key, group in list(left.items()):
            for workload in self._nearest(resource, group):
                if len(self._related[workload][resource.type]) < MOST:
                    self._relate(resource, workload)
                else:
                    self._crowded[resource][workload.type] = self._crowded[workload][resource.type] = _MANY_SELECT
                    left.pop(key, None)
        if not selection.groups:
            for group in self._index.selected("" if own else WRITTEN, selector).groups.values():
                self._doubt_in_line(resource, group, own)

    def _left(self, selection: Selection, kind: str) -> dict[tuple[str, str], Places]:
        """What of a selection those of a kind that select it, Services or budgets, are still told for."""
        left = selection.left.get(kind)
        if left is None:
            left = selection.left[kind] = {} if len(selection.groups) > MOST_SELECTED else dict(selection.groups)
            for one in () if left else (one for group in selection.groups.values() for one in group):
                self._crowded[one][kind] = _MANY_SELECTED
        return left

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

    def _link_pools(self, resource: Resource, kinds: Sequence[str]) -> None:
        """Before something is told of pools, relate workloads to those that they may run on: few ask for that."""
        if not self._without_pools or not (resource.type in POOLS or any(one in POOLS for one in kinds)):
            return
        workloads, self._without_pools = self._without_pools, []
        for workload in workloads:
            pod = walk(workload.values, pod_route(workload.type) or ())
            for pool in self._nearest_folder(workload, self._index.pools) if isinstance(pod, dict) else ():
                if may_run_on(pod, pool):
                    self._relate(workload, pool)

    def _link_held(self, resource: Resource, namespace: str, kind: str) -> None:
        """Relate to what holds for a namespace, of what is in the nearest folder. Where none is written that is sure of
        what is in the resource's own folder or above, which is applied with it.
        """
        own, sure = folder(resource), False
        found = self._find(resource, lambda space: self._index.of_namespace(space, kind))
        for other in self._nearest_folder(resource, found):
            above = folder(other)
            if (namespace and namespace_of(other)) or not above or f"{own}/".startswith(f"{above}/"):
                self._relate(resource, other)
                sure = True
            else:
                self._doubt(resource, other, "in another folder, and no namespace is written")
        if found and not sure and not namespace:
            self._doubt_in_line(resource, self._index.of_namespace(WRITTEN, kind), "")

    def _doubt(self, one: Resource, other: Resource, reason: str) -> None:
        if len(self._perhaps[one]) < MOST:
            self._perhaps[one][other] = self._perhaps[other][one] = reason
        else:
            why = f"more than {MOST} of kind {other.type} may belong to {one.address}: that many are not told"
            self._crowded[one][other.type] = self._crowded[other][one.type] = why

    def _link_storage(self, resource: Resource) -> None:
        if resource.type == "PersistentVolumeClaim":
            self._link_class(resource, resource.values.get("spec"), annotation_of(resource, _CLASS_ANNOTATION))
            return
        for name, claim in claim_templates(resource):
            self._link_class(resource, claim)
            stem = f"{name}-{metadata_text(resource, 'name')}"
            for one in self._nearest_folder(resource, self._numbered(resource, stem)):
                self._relate(resource, one)

    def _numbered(self, resource: Resource, stem: str) -> Places:
        return self._find(resource, lambda space: self._index.numbered(space, stem))

    def _link_class(self, resource: Resource, claim: Any, annotated: str | None = None) -> None:
        name = walk(claim, ("storageClassName",)) if annotated is None else annotated
        if isinstance(name, Unknown):
            self._link_named(resource, name, "StorageClass")
        elif name != "":  # an empty name asks for a volume that is there already
            for found in self._nearest(resource, self._index.storage_classes(None if name is None else str(name))):
                self._relate(resource, found)
