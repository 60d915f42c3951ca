"""What CEL may ask about money: `cost()`, `cost(others)`, `price("aws/ebs/gp3/storage")`, `ratio(a, b)`,
`usage("key")`, `usage("key", 1.0)`, `usage("key", attribute, type)`."""

from collections.abc import Callable
from typing import Any

from surplus.catalog.machines import MACHINE_SERVICES, cloud_of
from surplus.expressions import FunctionTable, Overload, UnknownValueError
from surplus.functions import TABLE
from surplus.functions.lookups import agreed
from surplus.functions.scope import Money, RuleScope, values_at
from surplus.model import Resource
from surplus.sources.kubernetes.nearness import all_nearest


def _money(scope: RuleScope) -> Money:
    if scope.world.money is None:
        raise UnknownValueError("nothing is priced here")
    return scope.world.money


def cost(scope: RuleScope) -> float:
    """USD a month of this resource as written; not decided where it has no price."""
    found = _money(scope).cost(scope.resource)
    if found is None:
        raise UnknownValueError(f"what {scope.resource.address} costs is not known")
    return found


def cost_of(scope: RuleScope, others: list[Any]) -> float:
    """USD a month of other resources together, given as `related` and `beside` give them: of copies in other folders
    the nearest counts. Not decided where one has no price, or where several are equally near and cost different sums.
    """
    money, wanted, total = _money(scope), {str(one["address"]) for one in others}, 0.0
    copies: dict[str, list[Resource]] = {}
    for one in scope.world.evaluated.resources:
        if one.address in wanted:
            copies.setdefault(one.address, []).append(one)
    for address in sorted(wanted):
        usd = agreed(all_nearest(scope.resource, copies.get(address, ())), money.cost)
        if usd is None:
            raise UnknownValueError(f"what {address} costs is not known")
        total += usd
    return total


def price(scope: RuleScope, key: str) -> float:
    """USD for one unit of a key of the price book in this resource's region; not decided without one."""
    found = _money(scope).price(key, scope.resource.region, scope.resource.type)
    if found is None:
        raise UnknownValueError(f"the price of {key} is not known")
    return found


def ratio(scope: RuleScope, first: str, second: str) -> float:
    """What a machine type costs for one USD of another: 0.9 where the first is a tenth cheaper."""
    return price(scope, machine_key(first)) / price(scope, machine_key(second))


def machine_key(type_: str) -> str:
    """The key of a machine type's price: EC2 Linux, a Google type, an Azure size."""
    cloud = cloud_of(type_)
    return f"{MACHINE_SERVICES[cloud]}/{type_}{'/linux' if cloud == 'aws' else ''}"


def usage(scope: RuleScope, key: str, assumed: float | None = None) -> float:
    """What the usage file gives for a key of this resource, else what is *assumed*; not decided without either."""
    return _usage(scope, scope.resource, key, assumed)


def usage_of(scope: RuleScope, key: str, attribute: str, type_: str) -> float:
    """What the usage file gives for a key of the resource of *type_* that *attribute* (dotted, lists entered) names;
    one of that type is asked itself. Not decided without it, or where none of this root is named.
    """
    if scope.resource.type == type_:
        return _usage(scope, scope.resource, key)
    found = scope.world.named(next(values_at(scope.values, attribute.split(".")), None), type_)
    if len(found) != 1:
        raise UnknownValueError(f"it depends on the use of the {type_} that {attribute} names, which is not known here")
    return _usage(scope, found[0], key)


def _usage(scope: RuleScope, resource: Resource, key: str, assumed: float | None = None) -> float:
    found = _money(scope).usage(resource, key, assumed)
    if found is None:
        whose = "" if resource is scope.resource else f" of {resource.address}"
        raise UnknownValueError(f"it depends on use; a usage file may give {key}{whose}")
    return found


def _or_null(call: Callable[..., Any], *parameters: str) -> tuple[Overload, ...]:
    nothing = Overload(("null",) * len(parameters), lambda *_: None)
    return (Overload(parameters, call), nothing)


FUNCTIONS: FunctionTable = {
    **TABLE,
    "cost": (Overload((), cost), Overload(("list",), cost_of)),
    "price": _or_null(price, "string"),
    "ratio": (
        *_or_null(ratio, "string", "string"),
        Overload(("string", "null"), lambda *_: None),
        Overload(("null", "string"), lambda *_: None),
    ),
    "usage": (
        Overload(("string",), usage),
        Overload(("string", "double"), usage),
        Overload(("string",) * 3, usage_of),
    ),
}
"""Everything that rules and cost models may call."""
