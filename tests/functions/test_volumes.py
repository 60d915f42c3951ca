"""What the cloud makes for a claim of storage."""

from typing import Any

import pytest

from manifests import scope_in, scope_of
from surplus.expressions import UnknownValueError
from surplus.functions.nodes import Nodes
from surplus.functions.volumes import made_claims, volume

CLAIM = """
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data}
spec: {}
"""


def class_(provisioner: str, parameters: str = "{}", name: str = "c", default: bool = False) -> str:
    marked = ', annotations: {storageclass.kubernetes.io/is-default-class: "true"}' if default else ""
    return (
        f"apiVersion: storage.k8s.io/v1\nkind: StorageClass\nmetadata: {{name: {name}{marked}}}\n"
        f"provisioner: {provisioner}\nparameters: {parameters}\n"
    )


def made(size: str, *texts: str, cloud: str | None = None, **claim: Any) -> dict[str, Any]:
    """What a claim of a size gets; only what is set of it."""
    nodes = Nodes(clouds=frozenset((cloud,)) if cloud else frozenset())
    scope = scope_of("PersistentVolumeClaim/data", CLAIM, *texts, nodes=nodes)
    found = volume(scope, {"resources": {"requests": {"storage": size}}, **claim})
    return {key: value for key, value in found.items() if value}


@pytest.mark.parametrize(
    ("provisioner", "parameters", "size", "price", "quantity"),
    [
        ("ebs.csi.aws.com", "{}", "10Gi", "aws/ebs/gp3/storage", 10.0),
        ("ebs.csi.aws.com", "{type: gp2}", "1500Mi", "aws/ebs/gp2/storage", 2.0),
        ("kubernetes.io/aws-ebs", "{}", "10Gi", "aws/ebs/gp2/storage", 10.0),
        ("pd.csi.storage.gke.io", "{type: pd-ssd}", "10Gi", "gcp/disk/pd-ssd/storage", 10.0),
        (
            "pd.csi.storage.gke.io",
            "{type: pd-ssd, replication-type: regional-pd}",
            "10Gi",
            "gcp/disk/pd-ssd/storage-regional",
            10.0,
        ),
        ("filestore.csi.storage.gke.io", "{tier: premium}", "3Ti", "gcp/filestore/basic-ssd", 3072.0),
        ("file.csi.azure.com", "{skuName: Premium_ZRS}", "20Gi", "azure/files/Premium-ZRS/storage", 100.0),
    ],
)
def test_volumes_by_provisioner(provisioner: str, parameters: str, size: str, price: str, quantity: float) -> None:
    found = made(size, class_(provisioner, parameters), storageClassName="c")
    assert (found["price"], found["quantity"], found["unit"]) == (price, quantity, "GiB-month")
    assert "iops" not in found


@pytest.mark.parametrize(
    ("sku", "size", "price"),
    [
        ("StandardSSD_LRS", "4Gi", "azure/managed-disk/E1_LRS"),
        ("StandardSSD_LRS", "5Gi", "azure/managed-disk/E2_LRS"),
        ("Premium_ZRS", "100Gi", "azure/managed-disk/P10_ZRS"),
        ("Standard_LRS", "5Gi", "azure/managed-disk/S4_LRS"),
        ("Standard_LRS", "32Ti", None),
        ("UltraSSD_LRS", "32Gi", None),
        ("premium_lrs", "32Gi", None),
    ],
)
@pytest.mark.parametrize("name", ["skuName", "SkuName", "skuname", "storageAccountType", "STORAGEACCOUNTTYPE"])
def test_azure_disks_are_billed_by_the_next_size(name: str, sku: str, size: str, price: str | None) -> None:
    found = made(size, class_("disk.csi.azure.com", f"{{{name}: {sku}}}"), storageClassName="c")
    assert (found.get("price"), "reason" in found) == (price, price is None)
    assert price is None or found["unit"] == "month"


@pytest.mark.parametrize(
    ("parameters", "iops", "above", "throughput"),
    [
        ("{type: gp3}", 0.0, 0.0, 0.0),
        ('{type: gp3, iops: "3000", throughput: "125"}', 0.0, 0.0, 0.0),
        ('{type: gp3, iops: "5000", throughput: "300"}', 2000.0, 0.0, 175.0),
        ('{type: gp3, iopsPerGB: "50"}', 2000.0, 0.0, 0.0),
        ('{type: io1, iopsPerGB: "80"}', 5000.0, 0.0, 0.0),  # no more than 50 for each GiB
        ('{type: io2, iops: "40000"}', 32000.0, 8000.0, 0.0),
        ('{type: gp2, iops: "5000"}', 0.0, 0.0, 0.0),
    ],
)
def test_iops_and_throughput_of_ebs(parameters: str, iops: float, above: float, throughput: float) -> None:
    found = made("100Gi", class_("ebs.csi.aws.com", parameters), storageClassName="c")
    kept = tuple(found.get(key, 0.0) for key in ("iops", "iops_above", "throughput"))
    assert kept == (iops, above, throughput)


def test_a_class_of_attributes_changes_the_parameters() -> None:
    attributes = "apiVersion: storage.k8s.io/v1\nkind: VolumeAttributesClass\nmetadata: {name: fast}\n"
    attributes += 'driverName: ebs.csi.aws.com\nparameters: {iops: "4000"}\n'
    given = {"storageClassName": "c", "volumeAttributesClassName": "fast"}
    assert made("10Gi", class_("ebs.csi.aws.com"), attributes, **given)["iops"] == 1000.0
    assert "VolumeAttributesClass fast" in made("10Gi", class_("ebs.csi.aws.com"), **given)["reason"]


def test_shares_are_billed_for_what_they_hold() -> None:
    found = made("10Gi", class_("efs.csi.aws.com"), storageClassName="c")
    assert (found["by_use"], found["price"]) == (True, "aws/efs/standard/storage")
    found = made("10Gi", class_("file.csi.azure.com"), storageClassName="c")
    assert (found["by_use"], found["price"]) == (True, "azure/files/TransactionOptimized-LRS/storage")


def test_the_default_class() -> None:
    marked = class_("ebs.csi.aws.com", name="mine", default=True)
    assert made("10Gi", marked, class_("efs.csi.aws.com"), cloud="gcp")["price"] == "aws/ebs/gp3/storage"
    assert made("10Gi", cloud="gcp")["price"] == "gcp/disk/pd-balanced/storage"
    assert made("10Gi", cloud="azure")["price"] == "azure/managed-disk/E3_LRS"
    assert "(the default)" in made("10Gi", cloud="aws")["reason"]


@pytest.mark.parametrize(
    ("name", "cloud", "price"),
    [
        ("gp2", None, "aws/ebs/gp2/storage"),
        ("standard-rwo", None, "gcp/disk/pd-balanced/storage"),
        ("managed-csi-premium", None, "azure/managed-disk/P3_LRS"),
        ("standard", "gcp", "gcp/disk/pd-standard/storage"),
        ("standard", None, None),
        ("standard", "aws", None),
        ("azurefile-premium", "azure", "azure/files/Premium-LRS/storage"),
    ],
)
def test_classes_that_clouds_make_themselves(name: str, cloud: str | None, price: str | None) -> None:
    assert made("10Gi", cloud=cloud, storageClassName=name).get("price") == price


def persistent(spec: str, name: str = "v") -> str:
    head = f"apiVersion: v1\nkind: PersistentVolume\nmetadata: {{name: {name}}}\n"
    return f"{head}spec: {{capacity: {{storage: 8Gi}}, {spec}}}\n"


def test_a_volume_that_is_there_already() -> None:
    bound = {"volumeName": "v", "storageClassName": ""}
    assert made("10Gi", persistent("local: {path: /x}"), **bound) == {}
    assert made("10Gi", persistent("hostPath: {path: /x}, claimRef: {name: data}"), storageClassName="") == {}
    assert "PersistentVolume v is not in the scan" in made("10Gi", **bound)["reason"]
    assert "that it takes is not in the scan" in made("10Gi", storageClassName="")["reason"]
    handle = "csi: {driver: ebs.csi.aws.com, volumeHandle: vol-0}"
    assert "made elsewhere" in made("10Gi", persistent(handle), **bound)["reason"]
    classed = persistent(f"storageClassName: c, {handle}")
    assert made("10Gi", classed, class_("ebs.csi.aws.com"), **bound)["quantity"] == 8.0
    assert "made elsewhere" in made("10Gi", classed, class_("efs.csi.aws.com"), **bound)["reason"]
    old = persistent("storageClassName: c, awsElasticBlockStore: {volumeID: vol-0}")
    assert made("10Gi", old, class_("ebs.csi.aws.com"), **bound)["price"] == "aws/ebs/gp3/storage"


@pytest.mark.parametrize(
    ("size", "text", "reason"),
    [
        ("ten", class_("ebs.csi.aws.com"), "ten is not a quantity"),
        ("10Gi", class_("example.com/disk"), "provisioner example.com/disk"),
        ("10Gi", class_("ebs.csi.aws.com", "{type: io1}"), "how many IOPS"),
        ("10Gi", class_("ebs.csi.aws.com", "{type: gp3, iops: many}"), "iops is not a number"),
        ("10Gi", class_("ebs.csi.aws.com", name="other"), "StorageClass c is not in the scan"),
    ],
)
def test_what_is_not_known_has_a_reason(size: str, text: str, reason: str) -> None:
    found = made(size, text, storageClassName="c")
    assert reason in found["reason"]
    assert "quantity" not in found


SET = """
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db, namespace: shop}
spec: {replicas: 2, MORE, volumeClaimTemplates: [{metadata: {name: data}, spec: {}}]}
"""


def named(name: str, namespace: str = "shop") -> str:
    return CLAIM.replace("{name: data}", f"{{name: {name}, namespace: {namespace}}}")


@pytest.mark.parametrize(
    ("claims", "more", "wanted"),
    [
        ((), "", 2.0),
        (("data-db-1",), "", 1.0),
        (("data-db-0", "data-db-1"), "", 0.0),
        (("data-db-2", "logs-db-0", "data-db-x", "data-other-0", "data-db"), "", 2.0),  # not of its two pods
        (("data-db-0", "data-db-6"), "ordinals: {start: 5}", 1.0),
        ((), "persistentVolumeClaimRetentionPolicy: {whenScaled: Delete}", 2.0),
    ],
)
def test_claims_that_are_written_are_not_made_again(claims: tuple[str, ...], more: str, wanted: float) -> None:
    scope = scope_of("StatefulSet/shop/db", SET.replace("MORE", more or "serviceName: db"), *map(named, claims))
    assert made_claims(scope, "data") == wanted


def test_a_claim_of_another_namespace_is_not_of_its_pods() -> None:
    assert (
        made_claims(scope_of("StatefulSet/shop/db", SET.replace("MORE,", ""), named("data-db-0", "other")), "data") == 2
    )


def test_without_pods_the_claims_are_not_known_unless_they_go_with_them() -> None:
    idle = SET.replace("replicas: 2", "replicas: 0")
    with pytest.raises(UnknownValueError, match="claims it has kept"):
        made_claims(scope_of("StatefulSet/shop/db", idle.replace("MORE,", "")), "data")
    gone = idle.replace("MORE", "persistentVolumeClaimRetentionPolicy: {whenScaled: Delete}")
    assert made_claims(scope_of("StatefulSet/shop/db", gone), "data") == 0


@pytest.mark.parametrize(("other", "known"), [("{type: gp2}", False), ("{Type: gp3}", True)])
def test_classes_that_are_equally_near_must_agree(other: str, known: bool) -> None:
    classes = {"dev": "{type: gp3}", "prod": other}
    files = {f"{folder}/c.yaml": class_("ebs.csi.aws.com", text) for folder, text in classes.items()}
    scope = scope_in({"base/claim.yaml": CLAIM, **files}, "PersistentVolumeClaim/data")
    found = volume(scope, {"resources": {"requests": {"storage": "10Gi"}}, "storageClassName": "c"})
    assert (found["price"] == "aws/ebs/gp3/storage") is known
    assert ("equally near" in (found["reason"] or "")) is not known


@pytest.mark.parametrize(("namespace", "taken"), [("default", True), ("shop", False)])
def test_a_volume_is_kept_for_a_claim_whose_namespace_is_not_written(namespace: str, taken: bool) -> None:
    kept = (
        "apiVersion: v1\nkind: PersistentVolume\nmetadata: {name: kept}\n"
        f"spec: {{hostPath: {{path: /data}}, claimRef: {{namespace: {namespace}, name: data}}}}\n"
    )
    assert ("reason" not in made("1Gi", kept, storageClassName="")) is taken
