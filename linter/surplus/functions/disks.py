"""The volumes that storage drivers make of a StorageClass's parameters, as the price book sells them.

Each driver documents its parameters:
https://github.com/kubernetes-sigs/aws-ebs-csi-driver/blob/master/docs/parameters.md,
https://cloud.google.com/kubernetes-engine/docs/how-to/persistent-volumes/gce-pd-csi-driver,
https://learn.microsoft.com/azure/aks/azure-csi-driver-volume-provisioning.
"""

import math
from collections.abc import Callable, Mapping
from typing import Any

from surplus.catalog.volumes import ebs_volume
from surplus.expressions import UnknownValueError

MIN_FILESTORE_GIB = 1024.0
"""The least size of a basic instance: https://cloud.google.com/filestore/docs/service-tiers."""

MIN_PREMIUM_SHARE_GIB = 100.0
"""https://learn.microsoft.com/azure/storage/files/understand-performance#provisioning-model"""

EBS_RATIOS = {"io1": 50.0, "io2": 1_000.0, "gp3": 500.0}
EBS_MOST = {"io1": 64_000.0, "io2": 256_000.0, "gp3": 80_000.0}
"""The most IOPS of a GiB and of a volume, to which the driver cuts what `iopsPerGB` comes to:
https://docs.aws.amazon.com/ebs/latest/userguide/ebs-volume-types.html.
"""

IO2_DEARER_TO = 32_000.0
"""How many IOPS of io2 cost the full price."""

_DISKS = "PremiumV2_LRS Premium_LRS Premium_ZRS StandardSSD_LRS StandardSSD_ZRS Standard_LRS UltraSSD_LRS"
AZURE_DISKS = frozenset(_DISKS.split())
"""The kinds of managed disks, which the driver takes in these letters only."""

AZURE_SIZES = (4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384, 32767)
AZURE_TIERS = (1, 2, 3, 4, 6, 10, 15, 20, 30, 40, 50, 60, 70, 80)
"""A managed disk is billed as the next larger of these sizes: https://azure.microsoft.com/pricing/details/managed-disks/."""

PREMIUM_V2_IOPS, PREMIUM_V2_MBPS = 3_000.0, 125.0
"""What a Premium SSD v2 includes."""


def nothing() -> dict[str, Any]:
    """The record of a volume that bills nothing."""
    return {
        **dict.fromkeys(("price", "unit", "reason", "iops_price", "iops_unit", "throughput_price", "throughput_unit")),
        **dict.fromkeys(("quantity", "iops", "iops_above", "throughput"), 0.0),
        "by_use": False,
    }


def _storage(price: str, quantity: float, unit: str = "GiB-month", **more: Any) -> dict[str, Any]:
    return {**nothing(), "price": price, "quantity": quantity, "unit": unit, **more}


def _ebs(default: str) -> Callable[[Mapping[str, str], float], dict[str, Any]]:
    def make(parameters: Mapping[str, str], size: float) -> dict[str, Any]:
        kind, gib = parameters.get("type", default).lower(), float(math.ceil(size))
        iops = _ebs_iops(kind, parameters, gib)
        known = ebs_volume(kind)
        included = (known.included_iops or 0.0) if known else 0.0
        above = max(0.0, iops - IO2_DEARER_TO) if kind == "io2" else 0.0
        extra = max(0.0, iops - above - included)
        bought = _number(parameters, "throughput") if kind == "gp3" else None
        faster = max(0.0, bought - (known.included_throughput or 0.0)) if bought and known else 0.0
        return _storage(
            f"aws/ebs/{kind}/storage",
            gib,
            iops=extra,
            iops_above=above,
            iops_price=f"aws/ebs/{kind}/iops",
            iops_unit="IOPS-month",
            throughput=faster,
            throughput_price=f"aws/ebs/{kind}/throughput",
            throughput_unit="MiBps-month",
        )

    return make


def _ebs_iops(kind: str, parameters: Mapping[str, str], gib: float) -> float:
    """The IOPS that are bought: as written, else so many for each GiB, within what the type can have."""
    if kind not in EBS_RATIOS:
        return 0.0
    written, each = _number(parameters, "iops"), _number(parameters, "iopspergb")
    if written is None and each is None:
        if kind != "gp3":
            raise UnknownValueError(f"a class of {kind} says how many IOPS a volume has, and this one does not")
        return 0.0
    wanted = written if written is not None else min(each or 0.0, EBS_RATIOS[kind]) * gib
    return min(wanted, EBS_MOST[kind])


def _persistent_disk(parameters: Mapping[str, str], size: float) -> dict[str, Any]:
    kind = parameters.get("type", "pd-standard")
    regional = parameters.get("replication-type") == "regional-pd"
    iops = _number(parameters, "provisioned-iops-on-create") or 0.0
    return _storage(
        f"gcp/disk/{kind}/storage{'-regional' if regional else ''}",
        float(math.ceil(size)),
        iops=iops,
        iops_price=f"gcp/disk/{kind}/iops",
        iops_unit="IOPS-month",
    )


def _filestore(parameters: Mapping[str, str], size: float) -> dict[str, Any]:
    tier = parameters.get("tier", "standard").lower().replace("_", "-")
    kind = {"standard": "basic-hdd", "premium": "basic-ssd"}.get(tier, tier)
    return _storage(f"gcp/filestore/{kind}", max(MIN_FILESTORE_GIB, float(math.ceil(size))))


def _azure_disk(parameters: Mapping[str, str], size: float) -> dict[str, Any]:
    kind, gib = _sku(parameters, "StandardSSD_LRS"), float(math.ceil(size))
    if kind not in AZURE_DISKS:
        raise UnknownValueError(f"{kind} is no kind of managed disk, so that the driver makes none")
    if kind == "PremiumV2_LRS":
        iops = _number(parameters, "diskiopsreadwrite") or PREMIUM_V2_IOPS
        throughput = _number(parameters, "diskmbpsreadwrite") or PREMIUM_V2_MBPS
        return _storage(
            f"azure/managed-disk/{kind}/storage",
            gib,
            "GiB-hour",
            iops=max(0.0, iops - PREMIUM_V2_IOPS),
            iops_price=f"azure/managed-disk/{kind}/iops",
            iops_unit="IOPS-hour",
            throughput=max(0.0, throughput - PREMIUM_V2_MBPS),
            throughput_price=f"azure/managed-disk/{kind}/throughput",
            throughput_unit="MiBps-hour",
        )
    if kind == "UltraSSD_LRS":
        raise UnknownValueError("the IOPS and throughput of an Ultra disk are not worked out here")
    letter = "P" if kind.startswith("Premium_") else "E" if kind.startswith("StandardSSD_") else "S"
    least = AZURE_SIZES.index(32) if letter == "S" else 0
    tier = next((n for n, most in zip(AZURE_TIERS[least:], AZURE_SIZES[least:], strict=True) if gib <= most), None)
    if tier is None:
        raise UnknownValueError(f"there is no managed disk of {gib:g} GiB")
    return _storage(f"azure/managed-disk/{letter}{tier}_{kind.rpartition('_')[2]}", 1.0, "month")


def _azure_file(parameters: Mapping[str, str], size: float) -> dict[str, Any]:
    """A premium share is billed for its size, a standard one for what it holds."""
    kind, _, copies = _sku(parameters, "Standard_LRS").partition("_")
    if kind == "Premium":
        return _storage(f"azure/files/Premium-{copies}/storage", max(MIN_PREMIUM_SHARE_GIB, float(math.ceil(size))))
    return _storage(f"azure/files/TransactionOptimized-{copies.replace('RAGRS', 'GRS')}/storage", 1.0, by_use=True)


def _efs(_: Mapping[str, str], __: float) -> dict[str, Any]:
    """A share without a size: the claim's is not looked at."""
    return _storage("aws/efs/standard/storage", 1.0, by_use=True)


def _sku(parameters: Mapping[str, str], default: str) -> str:
    """The kind of a disk or share of Azure, under any of the names that its drivers take."""
    return next((parameters[one] for one in ("skuname", "storageaccounttype") if one in parameters), default)


def _number(parameters: Mapping[str, str], name: str) -> float | None:
    written = parameters.get(name)
    if written is None:
        return None
    try:
        return float(written)
    except ValueError:
        raise UnknownValueError(f"{name} is not a number") from None


Make = Callable[[Mapping[str, str], float], dict[str, Any]]

_ebs_csi = _ebs("gp3")

PROVISIONERS: Mapping[str, Make] = {
    "disk.csi.azure.com": _azure_disk,
    "ebs.csi.aws.com": _ebs_csi,
    "ebs.csi.eks.amazonaws.com": _ebs_csi,
    "efs.csi.aws.com": _efs,
    "file.csi.azure.com": _azure_file,
    "filestore.csi.storage.gke.io": _filestore,
    "kubernetes.io/aws-ebs": _ebs("gp2"),
    "kubernetes.io/azure-disk": _azure_disk,
    "kubernetes.io/azure-file": _azure_file,
    "kubernetes.io/gce-pd": _persistent_disk,
    "pd.csi.storage.gke.io": _persistent_disk,
}
"""What each provisioner makes of a class's parameters, by their lower-case names, and a size in GiB."""

Class = tuple[str, dict[str, str]]

KNOWN_CLASSES: Mapping[str | None, Class] = {
    "azurefile-csi": ("file.csi.azure.com", {"skuname": "Standard_LRS"}),
    "azurefile-csi-premium": ("file.csi.azure.com", {"skuname": "Premium_LRS"}),
    "gp2": ("ebs.csi.aws.com", {"type": "gp2"}),
    "managed-csi": ("disk.csi.azure.com", {"skuname": "StandardSSD_LRS"}),
    "managed-csi-premium": ("disk.csi.azure.com", {"skuname": "Premium_LRS"}),
    "premium-rwo": ("pd.csi.storage.gke.io", {"type": "pd-ssd"}),
    "standard-rwo": ("pd.csi.storage.gke.io", {"type": "pd-balanced"}),
    "standard-rwx": ("filestore.csi.storage.gke.io", {"tier": "standard"}),
    "premium-rwx": ("filestore.csi.storage.gke.io", {"tier": "premium"}),
}
"""Classes that EKS, GKE and AKS make by themselves in a new cluster, by names that no other cluster has:
https://cloud.google.com/kubernetes-engine/docs/concepts/persistent-volumes#storageclasses,
https://learn.microsoft.com/azure/aks/concepts-storage#storage-classes.
"""

OF_CLOUD: Mapping[str, Mapping[str | None, Class]] = {
    "azure": {
        "": ("disk.csi.azure.com", {"skuname": "StandardSSD_LRS"}),
        "default": ("disk.csi.azure.com", {"skuname": "StandardSSD_LRS"}),
        "managed": ("disk.csi.azure.com", {"skuname": "StandardSSD_LRS"}),
        "managed-premium": ("disk.csi.azure.com", {"skuname": "Premium_LRS"}),
        "azurefile": ("file.csi.azure.com", {"skuname": "Standard_LRS"}),
        "azurefile-premium": ("file.csi.azure.com", {"skuname": "Premium_LRS"}),
    },
    "gcp": {
        "": ("pd.csi.storage.gke.io", {"type": "pd-balanced"}),
        "standard": ("pd.csi.storage.gke.io", {"type": "pd-standard"}),
    },
}
"""Such classes by names that other clusters may have too, where the cloud is known; "" is the default class. EKS has no
default class since version 1.30.
"""
