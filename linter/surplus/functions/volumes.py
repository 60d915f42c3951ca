"""What the cloud makes for a claim of storage: `volume(claim)`, by its StorageClass or by the volume it is bound to;
and how many claims a StatefulSet makes: `made_claims(template)`.
"""

import re
from typing import Any

from surplus.expressions import FunctionTable, Overload, UnknownValueError
from surplus.functions.disks import KNOWN_CLASSES, OF_CLOUD, PROVISIONERS, nothing
from surplus.functions.kubernetes import belonging
from surplus.functions.lookups import agreed, named, near
from surplus.functions.pods import replicas
from surplus.functions.scope import RuleScope, reach
from surplus.model import Resource, Unknown, walk
from surplus.sources.kubernetes.quantities import gibibytes
from surplus.sources.kubernetes.references import metadata_text

ON_A_NODE = ("hostPath", "local")
"""Sources of a volume that are a part of a node's own disk."""

IN_TREE = {
    "awsElasticBlockStore": "ebs.csi.aws.com",
    "azureDisk": "disk.csi.azure.com",
    "azureFile": "file.csi.azure.com",
    "gcePersistentDisk": "pd.csi.storage.gke.io",
}
"""Sources that a PersistentVolume names without a driver, and the driver that serves them."""


def volume(scope: RuleScope, claim: dict[str, Any]) -> dict[str, Any]:
    """What a claim's volume bills: `price` (a key), `unit`, `quantity`; `by_use` where only what it holds counts; the
    IOPS and MiB/s bought on top, with `iops_price` and `throughput_price`. `unit` is null where it bills nothing, and
    `reason` says why the rest is not known.
    """
    try:
        return _volume(scope, claim)
    except UnknownValueError as error:
        return {**nothing(), "reason": str(error), "unit": "GiB-month", "quantity": None}


def _volume(scope: RuleScope, claim: dict[str, Any]) -> dict[str, Any]:
    name, class_ = (_text(claim.get(key)) for key in ("volumeName", "storageClassName"))
    bound = named(scope, "PersistentVolume", name) if name else _kept(scope) if class_ == "" else None
    if bound is not None:
        return _bound(scope, bound)
    if name or class_ == "":
        what = f"PersistentVolume {name}" if name else "the PersistentVolume that it takes"
        raise UnknownValueError(f"{what} is not in the scan")
    size = _gib(walk(claim, ("resources", "requests", "storage")))
    attributes = _text(claim.get("volumeAttributesClassName"))
    changed = named(scope, "VolumeAttributesClass", attributes) if attributes else None
    if attributes and changed is None:
        raise UnknownValueError(f"VolumeAttributesClass {attributes} is not in the scan")
    provisioner, parameters = _class(scope, class_)
    if changed is not None:
        parameters = {**parameters, **_parameters(changed)}
    return _disk(provisioner, parameters, size)


def _disk(provisioner: str, parameters: dict[str, str], size: float) -> dict[str, Any]:
    if provisioner not in PROVISIONERS:
        raise UnknownValueError(f"the volumes of provisioner {provisioner} are not in the price book")
    return PROVISIONERS[provisioner](parameters, size)


def _gib(written: Any) -> float:
    if isinstance(written, Unknown):
        raise UnknownValueError(written.reason)
    try:
        size = gibibytes(written)
    except ValueError as error:
        raise UnknownValueError(str(error)) from None
    if size is None:
        raise UnknownValueError("it asks for no storage")
    return size


def _class(scope: RuleScope, name: str | None, made: bool = False) -> tuple[str, dict[str, str]]:
    """The provisioner and parameters of a class: of the scan, else of those that a cloud makes in a new cluster. For a
    volume that is *made* it is what is written, whatever is proposed for the class: that holds for new volumes only.
    """

    def read(written: Resource) -> tuple[str, dict[str, str]]:
        found = written if made else scope.world.now(written)
        provisioner = found.values.get("provisioner")
        if not isinstance(provisioner, str):
            raise UnknownValueError(f"the provisioner of {found.address} is not known")
        return provisioner, _parameters(found)

    of_scan = agreed(scope.world.relations.storage_classes(scope.resource, name), read)
    if of_scan is not None:
        return of_scan
    cloud = scope.world.nodes.cloud
    own = OF_CLOUD.get(cloud or "", {})
    if name in KNOWN_CLASSES:
        return KNOWN_CLASSES[name]
    if name in own or (name is None and "" in own):
        return own[name or ""]
    raise UnknownValueError(f"StorageClass {name or '(the default)'} is not in the scan")


def _parameters(found: Resource) -> dict[str, str]:
    """The parameters by their lower-case names: drivers read them in any case."""
    written = reach(found.values, ("parameters",), "")
    if isinstance(written, Unknown):
        raise UnknownValueError(written.reason)
    if written is not None and not isinstance(written, dict):
        raise UnknownValueError(f"the parameters of {found.address} are not a mapping")
    for value in (written or {}).values():
        if isinstance(value, Unknown):
            raise UnknownValueError(value.reason)
    return {str(key).lower(): str(value) for key, value in (written or {}).items()}


def _text(name: Any) -> str | None:
    return None if name is None else str(name)


def _kept(scope: RuleScope) -> Resource | None:
    """The PersistentVolume of the scan that is kept for this claim."""
    return near(scope, scope.world.relations.kept_for(scope.resource))


def _bound(scope: RuleScope, found: Resource) -> dict[str, Any]:
    """What a volume made by hand bills: nothing on a node's own disk; a cloud's disk as its class says, if it names
    one of the same driver.
    """
    spec = reach(found.values, ("spec",), "")
    if not isinstance(spec, dict):
        raise UnknownValueError(f"what {found.address} is made of is not known")
    if any(one in spec for one in ON_A_NODE):
        return nothing()
    driver = walk(spec, ("csi", "driver")) or next((IN_TREE[one] for one in IN_TREE if one in spec), None)
    class_ = spec.get("storageClassName")
    if driver is not None and class_:
        provisioner, parameters = _class(scope, str(class_), made=True)
        same = {driver, *(name for name, make in PROVISIONERS.items() if make is PROVISIONERS.get(str(driver)))}
        if provisioner in same:
            return _disk(provisioner, parameters, _gib(walk(spec, ("capacity", "storage"))))
    raise UnknownValueError(f"{found.address} is a disk or share that was made elsewhere; nothing here says its kind")


def made_claims(scope: RuleScope, template: str) -> float:
    """How many claims this StatefulSet makes of one of its templates: one for each pod that finds none which is written
    in the scan under its name, and is billed there. Not decided at no pods, unless the claims go with them: those of
    pods that there were stay.

    https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#persistentvolumeclaim-retention
    """
    pods = replicas(scope)
    if pods == 0:
        kept = reach(scope.values, ("spec", "persistentVolumeClaimRetentionPolicy", "whenScaled"), "")
        if isinstance(kept, Unknown):
            raise UnknownValueError(kept.reason)
        if kept != "Delete":
            raise UnknownValueError("how many claims it has kept of pods that there were is not known")
    start = reach(scope.values, ("spec", "ordinals", "start"), "")
    if isinstance(start, Unknown):
        raise UnknownValueError(start.reason)
    first = int(start) if isinstance(start, int | float) else 0
    stem = f"{template}-{metadata_text(scope.resource, 'name')}-"
    names = (metadata_text(one, "name") for one in belonging(scope, "PersistentVolumeClaim"))
    ordinals = {int(name.removeprefix(stem)) for name in names if re.fullmatch(re.escape(stem) + "[0-9]{1,9}", name)}
    return pods - sum(first <= one < first + pods for one in ordinals)


FUNCTIONS: FunctionTable = {
    "made_claims": (Overload(("string",), made_claims),),
    "volume": (Overload(("map",), volume), Overload(("null",), lambda *_: nothing())),
}
