"""What policies of the cluster may write into pods when they are created: `injected(name)`.

https://kubernetes.io/docs/reference/access-authn-authz/mutating-admission-policy/
https://kyverno.io/docs/policy-types/cluster-policy/mutate/
"""

import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Any

from surplus.expressions import FunctionTable, Overload, UnknownValueError
from surplus.functions.scope import RuleScope, World
from surplus.model import Resource, as_list, as_mapping, mappings_in, walk
from surplus.sources.kubernetes.references import namespace_of, pod_labels
from surplus.sources.kubernetes.selectors import selects


def injected(scope: RuleScope, name: str) -> bool:
    """False where no admission policy of the scan writes requests of a resource (`cpu`, `memory`) into this workload's
    containers; not decided where one may, for its conditions are a program.
    """
    for policy, filters in scope.world.index(("injected", name), lambda world: list(_policies(world, name))):
        if policy.type == "MutatingAdmissionPolicy":
            may_set = _admits(policy, scope.resource)
        else:
            here = policy.type == "ClusterPolicy" or namespace_of(policy) == namespace_of(scope.resource)
            may_set = here and any(_matches(one, scope.resource) for one in filters)
        if may_set:
            raise UnknownValueError(f"{policy.address} may set it")
    return False


def _policies(world: World, name: str) -> Iterator[tuple[Resource, list[dict[str, Any]]]]:
    """The policies that write requests of a resource; those of Kyverno with the filters of the rules that do."""
    for policy in world.by_type.get("MutatingAdmissionPolicy", ()):
        if _writes(walk(policy.values, ("spec", "mutations")), name):
            yield policy, []
    for policy in (*world.by_type.get("ClusterPolicy", ()), *world.by_type.get("Policy", ())):
        if str(policy.values.get("apiVersion")).startswith("kyverno.io/"):
            rules = mappings_in(walk(policy.values, ("spec", "rules")))
            writing = [rule for rule in rules if _writes(rule.get("mutate"), name)]
            if writing:
                yield policy, [one for rule in writing for one in _filters(rule)]


def _writes(mutation: Any, name: str) -> bool:
    """Whether a mutation names requests or limits, and the resource; a limit alone is also the request."""
    text = "" if mutation is None else str(mutation)
    return re.search(r"\b(?:requests|limits)\b", text) is not None and re.search(rf"\b{name}\b", text) is not None


def _admits(policy: Resource, workload: Resource) -> bool:
    """Whether the rules of a MutatingAdmissionPolicy are about pods, or about what this workload is."""
    rules = mappings_in(walk(policy.values, ("spec", "matchConstraints", "resourceRules")))
    plural = f"{workload.type.partition('.')[0].lower()}s"
    return any({"pods", "*", plural} & set(_texts(rule.get("resources"))) for rule in rules)


def _filters(rule: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The resource filters of a Kyverno rule, in the old form and the new."""
    match = rule.get("match")
    if isinstance(match, dict):
        for one in (match, *mappings_in(match.get("any")), *mappings_in(match.get("all"))):
            if isinstance(one.get("resources"), dict):
                yield one["resources"]


def _matches(wanted: dict[str, Any], workload: Resource) -> bool:
    """Whether a Kyverno filter may be about a workload or its pods: by kind, namespace and labels."""
    kinds = {kind.rpartition("/")[2] for kind in _texts(wanted.get("kinds"))}
    if not {"Pod", "*", workload.type} & kinds:
        return False
    namespace, names = namespace_of(workload), _texts(wanted.get("namespaces"))
    if namespace and names and not any(fnmatchcase(namespace, one) for one in names):
        return False
    selector = wanted.get("selector")
    labels = walk(workload.values, ("metadata", "labels"))
    own = {**pod_labels(workload), **as_mapping(labels)}
    return not isinstance(selector, dict) or selects(selector, own)


def _texts(value: Any) -> list[str]:
    return [str(one) for one in as_list(value)]


FUNCTIONS: FunctionTable = {"injected": (Overload(("string",), injected),)}
