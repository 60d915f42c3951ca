"""What CEL may call in rules: one explicit table of functions, each with its overloads."""

import re

from surplus.expressions import FunctionTable
from surplus.functions import (
    admission,
    autoscaling,
    balancers,
    catalogue,
    clusters,
    containers,
    context,
    databases,
    downscaling,
    flags,
    kubernetes,
    packing,
    placement,
    pods,
    pools,
    quantities,
    relations,
    requests,
    schedules,
    services,
    spot,
    volumes,
    vpc,
    vpc_endpoints,
)

TABLE: FunctionTable = {
    **admission.FUNCTIONS,
    **autoscaling.FUNCTIONS,
    **balancers.FUNCTIONS,
    **catalogue.FUNCTIONS,
    **clusters.FUNCTIONS,
    **containers.FUNCTIONS,
    **context.FUNCTIONS,
    **databases.FUNCTIONS,
    **downscaling.FUNCTIONS,
    **flags.FUNCTIONS,
    **kubernetes.FUNCTIONS,
    **packing.FUNCTIONS,
    **placement.FUNCTIONS,
    **pods.FUNCTIONS,
    **pools.FUNCTIONS,
    **quantities.FUNCTIONS,
    **relations.FUNCTIONS,
    **requests.FUNCTIONS,
    **schedules.FUNCTIONS,
    **services.FUNCTIONS,
    **spot.FUNCTIONS,
    **volumes.FUNCTIONS,
    **vpc.FUNCTIONS,
    **vpc_endpoints.FUNCTIONS,
}
"""Every function by name."""

_AROUND = (
    admission,
    autoscaling,
    balancers,
    clusters,
    databases,
    downscaling,
    kubernetes,
    packing,
    placement,
    pods,
    relations,
    requests,
    services,
    volumes,
    vpc,
    vpc_endpoints,
)
LOOKS_AROUND = re.compile(rf"\b(?:{'|'.join(name for module in _AROUND for name in module.FUNCTIONS)})\(")
"""A call of a function whose outcome depends on other resources."""

_LEADING_TEXTS = re.compile(r'\s*(?:"[^"]*"\s*,?\s*)*')


def types_around(text: str, own: str) -> frozenset[str] | None:
    """The types of the resources that decide what an expression on a resource of type *own* gives, beside itself; None
    where they may be of any.
    """
    found: set[str] = set()
    for call in LOOKS_AROUND.finditer(text):
        name, leading = call[0].rstrip("("), _LEADING_TEXTS.match(text, call.end())
        texts = re.findall(r'"([^"]*)"', leading[0]) if leading else []
        if name in ("linked", "of_type") and texts:
            found.add(texts[0])
        elif name == "same" and texts:
            found.add(texts[0] if len(texts) > 1 else own)
        elif name in ("engine", "database_class"):
            found |= databases.ENGINE_TYPES
        elif name != "rds_gp3":
            return None
    return frozenset(found)
