"""What a scan knows of the nodes that its pods run on: groups of equal nodes, and on which of them a pod may run."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from surplus.catalog.machines import Machine, machine
from surplus.model import Unknown

KUBERNETES_ARCH = {"x86_64": "amd64", "arm64": "arm64"}
"""The architectures that the clouds have nodes of, as machines and as nodes call them."""

NODE_PRICES = "kubernetes/node/"
"""How the keys of prices begin of a vCPU, a GiB and a GPU of nodes."""

OF_CONTROL_PLANES = ("node-role.kubernetes.io/control-plane", "node-role.kubernetes.io/master")
"""Labels of the nodes of a control plane, which are none of a group."""


@dataclass(frozen=True, slots=True)
class Taint:
    """A taint of a node; `effect` as Kubernetes writes it."""

    key: str
    value: str
    effect: str


@dataclass(frozen=True, slots=True)
class NodeGroup:
    """Nodes that are made alike. `types` are the machine types that they may be of, empty where that is not known;
    `count` is how many run at least, None with a `reason`. `labels` and `taints` are those that are declared, None
    where they are not known; None for a label that its nodes are known not to have. `gpus` are attached to each node,
    those that its type may have not counted. `spot` nodes have no list price; None where it is not known whether they
    are.
    """

    address: str
    cloud: str
    types: tuple[str, ...] = ()
    region: str | None = None
    count: float | None = None
    reason: str = ""
    labels: Mapping[str, str | Unknown | None] | None = field(default_factory=dict)
    taints: tuple[Taint, ...] | None = ()
    gpus: float = 0.0
    windows: bool = False
    spot: bool | None = False

    def machines(self) -> list[Machine | None]:
        """What the catalogue has of its types."""
        return [machine(one) for one in self.types]

    def label(self, key: str) -> frozenset[str | None] | None:
        """The values that a label of its nodes may have, None for nodes without it; None where nothing is known of it.

        https://kubernetes.io/docs/reference/labels-annotations-taints/
        """
        match key.removeprefix("beta."):
            case "kubernetes.io/os":
                return frozenset(("windows" if self.windows else "linux",))
            case "kubernetes.io/arch":
                kinds = [KUBERNETES_ARCH.get(one.arch) if one else None for one in self.machines()]
                return frozenset(kinds if kinds and None not in kinds else KUBERNETES_ARCH.values())
            case "node.kubernetes.io/instance-type" | "kubernetes.io/instance-type":
                return frozenset(self.types) or None
        if self.labels is not None and key in self.labels:
            found = self.labels[key]
            return None if isinstance(found, Unknown) else frozenset((found,))
        return frozenset((None,)) if key in OF_CONTROL_PLANES else None

    def has_gpus(self) -> bool:
        """Whether its nodes have GPUs, as far as that is known."""
        machines = self.machines()
        return bool(self.gpus) or not machines or any(one is None or one.gpus != 0 for one in machines)


@dataclass(frozen=True, slots=True)
class Nodes:
    """The nodes of a scan. `given` is the number of nodes that the policy gives; `incomplete` says why the groups are
    not known to be all nodes of one cluster, "" where they are. `clouds` are those whose nodes or regions are known.
    `hour` is USD for one node-hour where it is the same for all.
    """

    groups: tuple[NodeGroup, ...] = ()
    given: float | None = None
    incomplete: str = "the scan has no nodes"
    clouds: frozenset[str] = frozenset()
    hour: float | None = None

    @property
    def types(self) -> tuple[str, ...]:
        """The machine types of all groups, sorted."""
        return tuple(sorted({type_ for group in self.groups for type_ in group.types}))

    @property
    def cloud(self) -> str | None:
        """The only cloud of the scan; None where there are several, or none is known."""
        return next(iter(self.clouds)) if len(self.clouds) == 1 else None

    def record(self) -> dict[str, Any]:
        """What all nodes have in common: type, vcpus, gib, gpus, hour; and their number. Null where it is not known
        or not the same everywhere.
        """
        known = bool(self.groups) and all(group.types for group in self.groups)
        machines = [one for group in self.groups for one in group.machines()] if known else []
        return {
            "type": _only(self.types) if known else None,
            "vcpus": _only(one.vcpus if one else None for one in machines),
            "gib": _only(one.gib if one else None for one in machines),
            "gpus": _only(self._gpus()) if known else None,
            "count": self.number(),
            "hour": self.hour,
        }

    def _gpus(self) -> Iterator[float | None]:
        """The GPUs of each kind of node; Google's types name those of their own as attached ones too."""
        for group in self.groups:
            for one in group.machines():
                yield max(group.gpus, one.gpus) if one and one.gpus is not None else None

    def number(self) -> float | None:
        """How many nodes there are: the policy's number, else the sum over the groups."""
        if self.given is not None:
            return self.given
        counts = [group.count for group in self.groups]
        known = [count for count in counts if count is not None]
        return None if self.incomplete or len(known) < len(counts) else sum(known)


def _only(values: Any) -> Any:
    """The one value that all are; None where they differ or there is none."""
    found = set(values)
    return next(iter(found)) if len(found) == 1 else None
