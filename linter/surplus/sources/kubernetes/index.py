"""Indexes of manifests by what others find them by: name, namespace, labels, the claim a volume is kept for.

A namespace stands here as `space_of` gives it; `WRITTEN` stands for every one that is written.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from surplus.model import Resource, walk
from surplus.sources.kubernetes.nearness import Places
from surplus.sources.kubernetes.references import (
    CLUSTER_WIDE,
    NAMED,
    OF_NAMESPACE,
    POOLS,
    WITH_PODS,
    is_default_class,
    metadata_text,
    namespace_of,
    pod_labels,
    space_of,
)
from surplus.sources.kubernetes.selectors import selects

WRITTEN = "*"
NONE = Places()

_LOOKED_FOR = {*WITH_PODS, *OF_NAMESPACE, *(kind for pairs in NAMED.values() for _, kind in pairs)} - CLUSTER_WIDE
_ORDINAL = re.compile(r"-[0-9]+$")

_POD_NAME = "statefulset.kubernetes.io/pod-name"
"""The label that a StatefulSet's controller puts on each of its pods, with the pod's name."""


class Selection:
    """The workloads that a selector selects, by kind and name; `left` keeps what of them others still ask for."""

    def __init__(self, groups: dict[tuple[str, str], Places]) -> None:
        self.groups = groups
        self.kinds = {type_ for type_, _ in groups}
        self.left: dict[str, dict[tuple[str, str], Places]] = {}


class Index:
    """The indexes of *resources*, which all belong to one root."""

    def __init__(self, resources: Sequence[Resource]) -> None:
        self.pools = Places(one for one in resources if one.type in POOLS)
        self._default_classes = Places(one for one in resources if one.type == "StorageClass" and is_default_class(one))
        self._named: dict[tuple[str, str, str], Places] = defaultdict(Places)
        self._kept: dict[tuple[str, str], Places] = defaultdict(Places)
        self._of_namespace: dict[tuple[str, str], Places] = defaultdict(Places)
        self._labelled: dict[tuple[str, str, str], Places] = defaultdict(Places)
        self._numbered: dict[tuple[str, str], Places] = defaultdict(Places)
        self._selections: dict[tuple[str, str], Selection] = {}
        for resource in resources:
            self._add(resource)

    def named(self, space: str, type_: str, name: str) -> Places:
        """What has a name; of a kind without namespaces in all of the root."""
        return self._named.get(("" if type_ in CLUSTER_WIDE else space, type_, name), NONE)

    def storage_classes(self, name: str | None) -> Places:
        """The StorageClasses of a name; for None those that are marked as the default."""
        return self._default_classes if name is None else self.named("", "StorageClass", name)

    def kept_for(self, claim: Resource) -> Places:
        """The PersistentVolumes that are kept for a claim."""
        return self._kept.get((space_of(namespace_of(claim)), metadata_text(claim, "name")), NONE)

    def of_namespace(self, space: str, kind: str) -> Places:
        """What holds for a namespace; for `Workload` the workloads of it."""
        return self._of_namespace.get((space, kind), NONE)

    def numbered(self, space: str, stem: str) -> Places:
        """The claims whose name is *stem* with a number: the controller's own are <template>-<set>-<ordinal>."""
        return self._numbered.get((space, stem), NONE)

    def selected(self, space: str, selector: Mapping[str, Any]) -> Selection:
        """The workloads of a namespace whose pods a selector matches."""
        key = space, repr(selector)
        found = self._selections.get(key)
        if found is None:
            groups: dict[tuple[str, str], Places] = defaultdict(Places)
            for one in self._matching(space, selector):
                groups[one.type, metadata_text(one, "name")].append(one)
            found = self._selections[key] = Selection(groups)
        return found

    def forget_selections(self) -> None:
        """Free what `selected` keeps for who asks again."""
        self._selections = {}

    def _matching(self, space: str, selector: Mapping[str, Any]) -> Iterator[Resource]:
        wanted = selector.get("matchLabels")
        candidates: Sequence[Resource] = self.of_namespace(space, "Workload")
        if isinstance(wanted, dict) and _POD_NAME in wanted:
            name = _ORDINAL.sub("", str(wanted[_POD_NAME]))
            candidates = self.named(space, "StatefulSet", name)
            rest = {key: value for key, value in wanted.items() if key != _POD_NAME}
            selector = {**selector, "matchLabels": rest}
        elif isinstance(wanted, dict) and wanted:
            # One label narrows the search; the rarest leaves least to look at.
            lists = [self._labelled.get((space, key, str(value)), NONE) for key, value in wanted.items()]
            candidates = min(lists, key=len)
        return (one for one in candidates if selects(selector, pod_labels(one)))

    def _add(self, resource: Resource) -> None:
        written, name = namespace_of(resource), metadata_text(resource, "name")
        space = space_of(written)
        self._named["" if resource.type in CLUSTER_WIDE else space, resource.type, name].append(resource)
        if resource.type in _LOOKED_FOR:
            self._add_found(resource, space, name)
            if written:
                self._named[WRITTEN, resource.type, name].append(resource)
                self._add_found(resource, WRITTEN, name)
        elif resource.type == "PersistentVolume":
            claim = walk(resource.values, ("spec", "claimRef"))
            of_claim = [walk(claim, (key,)) for key in ("namespace", "name")]
            space, name = ("" if text is None else str(text) for text in of_claim)
            self._kept[space_of(space), name].append(resource)

    def _add_found(self, resource: Resource, space: str, name: str) -> None:
        """Add what is found by something else than its name."""
        if resource.type in OF_NAMESPACE:
            self._of_namespace[space, resource.type].append(resource)
        elif resource.type in WITH_PODS:
            self._of_namespace[space, "Workload"].append(resource)
            for key, value in pod_labels(resource).items():
                self._labelled[space, key, str(value)].append(resource)
        elif resource.type == "PersistentVolumeClaim" and (ordinal := _ORDINAL.search(name)):
            self._numbered[space, name[: ordinal.start()]].append(resource)
