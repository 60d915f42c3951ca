"""Files that Terraform reads and applies: their objects are judged there, as Terraform makes them.

What decides is not that a file is read but that an object which a root declares, of the same kind, is made from its
text: by `file`, `templatefile`, through locals, variables, `for_each` and modules. So nothing goes unjudged: a file
that only a trigger, a hash or a ConfigMap reads is still applied by somebody as it is written, and one whose object is
not known in Terraform (a template with an unknown variable, a `for_each` over what is not known, a `count` of 0) is
still judged by what its text says; where that is no YAML before it is filled in, a note says so.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from surplus.model import Resource, walk
from surplus.sources.evaluated import Evaluated

_NAME = ("metadata", "name")


@dataclass(frozen=True, slots=True)
class Applied:
    """The objects that Terraform roots declare and the files whose text they are made from; and the files that any
    root fills in as templates.
    """

    objects: tuple[tuple[Resource, frozenset[str]], ...] = ()
    templates: frozenset[str] = frozenset()

    @property
    def files(self) -> frozenset[str]:
        """The files from whose text an object is made."""
        return frozenset().union(*(files for _, files in self.objects))


NOTHING_APPLIED = Applied()


def applied_by(roots: Iterable[Evaluated]) -> Applied:
    """What the Terraform *roots*, with kinds read, take from files."""
    objects: list[tuple[Resource, frozenset[str]]] = []
    templates: set[str] = set()
    for root in roots:
        templates |= root.templates
        for address, files in root.read_for.items():
            resource = root.by_address.get(address)
            if resource is not None and {"apiVersion", "kind"} <= resource.values.keys():
                objects.append((resource, files))
    return Applied(tuple(objects), frozenset(templates))


def elsewhere(resources: Iterable[Resource], applied: Applied) -> frozenset[Resource]:
    """Of loose manifests those that are judged as Terraform applies them: in the files an object is made from those of
    its kind and name, or, where Terraform gives it the name, all of its kind.
    """
    if not applied.objects:
        return frozenset()
    written: dict[tuple[str, str], list[Resource]] = defaultdict(list)
    for one in resources:
        written[one.location.path, one.type].append(one)
    found: set[Resource] = set()
    for made, files in applied.objects:
        candidates = [one for path in files for one in written.get((path, made.type), ())]
        name = walk(made.values, _NAME)
        found.update([one for one in candidates if walk(one.values, _NAME) == name] or candidates)
    return frozenset(found)
