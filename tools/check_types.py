"""Compare the Terraform types tables with the providers' own schemas: `python tools/check_types.py WHEEL …`.

Each WHEEL is a provider's generated typed binding, `pip download --no-deps cdktf-cdktf-provider-aws` (… `-google`,
`-azurerm`). It is read as an archive, never imported, and checks the types of its own provider. Every type, attribute
and block of the tables that the schema lacks is printed.
"""

import re
import sys
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "linter"))

from surplus.sources.terraform.types import PROVIDERS, Shape, shapes

GONE = {"azurerm_mariadb_server", "azurerm_mysql_server", "azurerm_sql_database"}
"""Types of older provider versions that people still write."""

LATER = {
    "azurerm_kubernetes_cluster.node_provisioning_profile",
    "azurerm_linux_virtual_machine_scale_set.data_disk.disk_iops_read_write",
    "azurerm_linux_virtual_machine_scale_set.data_disk.disk_mbps_read_write",
    "azurerm_mssql_elasticpool.high_availability_replica_count",
    "azurerm_mssql_managed_instance.general_purpose_v2_enabled",
    "azurerm_mssql_managed_instance.storage_iops",
    "azurerm_orchestrated_virtual_machine_scale_set.data_disk.disk_iops_read_write",
    "azurerm_orchestrated_virtual_machine_scale_set.data_disk.disk_mbps_read_write",
    "azurerm_orchestrated_virtual_machine_scale_set.sku_profile.virtual_machine_size",
    "azurerm_postgresql_flexible_server.cluster",
    "azurerm_virtual_network_gateway.maximum_scale_unit",
    "azurerm_virtual_network_gateway.minimum_scale_unit",
    "azurerm_windows_virtual_machine_scale_set.data_disk.disk_iops_read_write",
    "azurerm_windows_virtual_machine_scale_set.data_disk.disk_mbps_read_write",
    "google_bigquery_reservation.labels",
    "google_bigtable_instance.edition",
    "google_redis_cluster.labels",
    "google_workstations_workstation_config",
}
"""Types and arguments that providers have added since the last bindings."""

REMOVED = {
    "aws_batch_job_queue.compute_environments",
    "aws_eip.vpc",
    "aws_flow_log.log_group_name",
    "aws_instance.get_password_data",
    "azurerm_container_group.container.gpu",
    "azurerm_container_registry.georeplication_locations",
    "azurerm_container_registry.retention_policy",
    "azurerm_cosmosdb_sql_container.partition_key_path",
    "azurerm_eventhub_namespace.zone_redundant",
    "azurerm_kubernetes_cluster.agent_pool_profile",
    "azurerm_servicebus_namespace.zone_redundant",
    "google_secret_manager_secret.replication.automatic",
}
"""Arguments of older provider versions that people still write, and one that the binding calls otherwise."""

ABSENT = GONE | LATER | REMOVED
STRUCT = re.compile(
    r'jsii_type="@cdktf/provider-\w+\.\w+\.(\w+)",\s*jsii_struct_bases=[^\n]*\n\s*name_mapping=\{([^}]*)\}'
)
NAME = re.compile(r'"(\w+)": "\w+"')
PACKAGE = re.compile(rf"cdktf_cdktf_provider_({'|'.join(PROVIDERS)})/__init__\.py")


def flat(name: str) -> str:
    """A name as the bindings' classes and arguments have it in common: `layer_7_ddos` is `Layer7Ddos` and
    `layer7_ddos` there, and `import` is `import_`.
    """
    return name.replace("_", "").lower()


def structs(wheel: zipfile.ZipFile, provider: str, type_: str) -> dict[str, set[str]]:
    """The argument names of a resource type and its blocks, by the binding's class name."""
    name = type_.removeprefix(f"{provider}_")
    text = wheel.read(f"cdktf_cdktf_provider_{provider}/{name}/__init__.py").decode()
    found = {flat(match[1]): set(map(flat, NAME.findall(match[2]))) for match in STRUCT.finditer(text)}
    own = next(names for names in found.values() if {"count", "provisioners"} <= names)
    return {**found, flat(name): own}


def missing(shape: Shape, found: dict[str, set[str]], struct: str, where: str) -> Iterator[str]:
    """The names of the table that the schema lacks, and those listed as absent that it has."""
    names = found.get(f"{struct}a") or found.get(f"{struct}struct") or found.get(struct)  # a class may have the name
    if names is None:
        yield f"{where}: no such block"
        return
    for name in sorted(shape.attributes | shape.blocks.keys()):
        if (flat(name) in names) == (f"{where}.{name}" in ABSENT):
            yield f"{where}: {name} is listed as absent" if flat(name) in names else f"{where}: no {name}"
    for name, block in shape.blocks.items():
        if flat(name) in names:
            yield from missing(block, found, struct + flat(name), f"{where}.{name}")


def faults(wheel: zipfile.ZipFile, provider: str, types: Mapping[str, Shape]) -> Iterator[str]:
    """What differs between a provider's table and its schema."""
    for type_, shape in types.items():
        try:
            found = structs(wheel, provider, type_)
        except KeyError:
            if type_ not in ABSENT:
                yield f"{type_}: no such resource type"
            continue
        if type_ in ABSENT:
            yield f"{type_} is listed as absent"
        yield from missing(shape, found, flat(type_.removeprefix(provider)), type_)


def main(paths: list[str]) -> int:
    """Print what differs; the exit code is 1 where something does."""
    found: list[str] = []
    checked = 0
    for path in paths:
        with zipfile.ZipFile(path) as wheel:
            provider = next(match[1] for name in wheel.namelist() if (match := PACKAGE.fullmatch(name)))
            types = {name: shape for name, shape in shapes().items() if name.startswith(f"{provider}_")}
            found += faults(wheel, provider, types)
            checked += len(types)
    print("\n".join(found) or f"all {checked} types agree")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
