"""Databases and caches: `engine()`, `database_class(t)`, `rds_gp3(engine, gib)`."""

from dataclasses import asdict
from typing import Any

from surplus.catalog import databases
from surplus.expressions import FunctionTable, Overload, UnknownValueError
from surplus.functions.scope import RuleScope
from surplus.model import Resource, Unknown

BELONGS = {
    "aws_db_instance": ("replicate_source_db", "aws_db_instance"),
    "aws_rds_cluster": ("global_cluster_identifier", "aws_rds_global_cluster"),
    "aws_rds_cluster_instance": ("cluster_identifier", "aws_rds_cluster"),
    "aws_docdb_cluster_instance": ("cluster_identifier", "aws_docdb_cluster"),
    "aws_elasticache_cluster": ("replication_group_id", "aws_elasticache_replication_group"),
}
"""Which attribute of a type names the resource, of which type, whose engine it has where it says none."""

ENGINE_TYPES = frozenset((*BELONGS, *(type_ for _, type_ in BELONGS.values())))
"""The types that say which engine something runs."""

NO_CLASS: dict[str, Any] = {"name": None, "previous": None}
NO_GP3: dict[str, Any] = {"included_iops": None, "max_iops": None}
MAX_STEPS = 4


def engine(scope: RuleScope) -> dict[str, str | None]:
    """Name and version of the engine that a database or cache runs: its own, or that of its cluster, of its replication
    group, of the database that it replicates. Null where none says; not decided where it is not known.
    """
    name, version, at = None, None, scope.world.now(scope.resource)
    for _ in range(MAX_STEPS):
        name = name if name is not None else _text(at, "engine")
        version = version if version is not None else _text(at, "engine_version")
        above = _above(scope, at) if name is None or version is None else None
        if above is None:
            break
        at = scope.world.now(above)
    return {"name": name, "version": version}


def _text(resource: Resource, attribute: str) -> str | None:
    value = resource.values.get(attribute)
    if isinstance(value, Unknown):
        raise UnknownValueError(value.reason)
    return None if value is None else str(value)


def _above(scope: RuleScope, resource: Resource) -> Resource | None:
    attribute, type_ = BELONGS.get(resource.type, ("", ""))
    value = resource.values.get(attribute)
    found = scope.world.named(value, type_) if value is not None else []
    if not found and isinstance(value, Unknown):
        raise UnknownValueError(value.reason)
    if len(found) > 1:
        raise UnknownValueError(f"{attribute} may be {found[0].address} or {found[1].address}")
    return found[0] if found else None


def database_class(scope: RuleScope, type_: str) -> dict[str, Any]:
    """A cheaper class of the same size that is documented to run this resource's engine version (`name`, null where
    there is none), and whether the present one is of an earlier generation (`previous`).
    """
    own = engine(scope)
    name, version = own["name"], own["version"]
    if name is None or version is None:
        return NO_CLASS
    better = databases.cheaper_class(type_, name, version, scope.resource.region)
    return {"name": better, "previous": databases.is_previous(type_)}


def rds_gp3(_: RuleScope, engine_: str, gib: float) -> dict[str, Any]:
    """The IOPS that RDS storage of type gp3 includes and can have, for an engine and a size in GiB."""
    found = databases.gp3(engine_, gib)
    return {name: asdict(found)[name] for name in NO_GP3} if found else NO_GP3


FUNCTIONS: FunctionTable = {
    "database_class": (
        Overload(("string",), database_class),
        Overload(("null",), lambda _, __: NO_CLASS),
    ),
    "engine": (Overload((), engine),),
    "rds_gp3": (
        Overload(("string", "double"), rds_gp3),
        Overload(("string", "null"), lambda _, __, ___: NO_GP3),
        Overload(("null", "double"), lambda _, __, ___: NO_GP3),
        Overload(("null", "null"), lambda _, __, ___: NO_GP3),
    ),
}
