"""Which resources the root hands out through its outputs: others may refer to them."""

from collections.abc import Iterator

from surplus.model import Resource, unknowns
from surplus.sources.terraform.evaluate import Module
from surplus.sources.terraform.references import identities, mentioned, symbolic_texts, without_key
from surplus.sources.terraform.types import known_identity, shape_of

NO_USE = frozenset(("import", "moved", "removed"))
"""Blocks that name a resource without using it."""


SCOPED = NO_USE | {"check"}
"""Blocks that may name what is not declared, or what they declare themselves."""


def missing(module: Module) -> str | None:
    """A local value, data source, call or resource that a module names and does not declare: Terraform would refuse it
    as it is here, so that some of its files are written or copied by something else. None where all is there.

    Variables do not count: tools such as Terragrunt write those.
    """
    folder = module.folder
    for node in (node for file in folder.files for node in file.body if node[0] == "block" and node[3] not in SCOPED):
        for head, name in module.evaluation.traversals(node):
            kind, _, type_ = head.partition(".")
            if kind == "data" and type_:
                declared = ("data", type_, name) in folder.named
            elif head in ("local", "module"):
                declared = name in folder.locals if head == "local" else ("module", name) in folder.named
            else:
                declared = ("resource", head, name) in folder.named or shape_of(head) is None
            if not declared:
                return f"{module.prefix}{head}.{name}"
    return None


class Leaving:
    """The identities and known names in the outputs of a root, collected when first asked for."""

    def __init__(self, top: Module) -> None:
        """*top* is the root's own module."""
        self._top = top
        self._found: dict[str, str] | None = None
        self._texts: dict[str, str] = {}
        self._missing: str | None = None

    def reason(self, resource: Resource) -> str | None:
        """What is missing of the root, or the output through which *resource* leaves it, as a reason; else None."""
        if self._found is None:
            self._missing = missing(self._top)
            self._found = {} if self._missing else self._collect()
        if self._missing:
            return f"{self._missing} is not declared: files that are not here may refer to it"
        base = without_key(resource.address)
        output = self._found.get(resource.address) or self._found.get(base)
        if output is None and resource.address.endswith("[*]"):  # any instance may be this one
            output = next((name for address, name in self._found.items() if without_key(address) == base), None)
        shape = shape_of(resource.type)
        if output is None and shape is not None:
            known = (self._texts.get(value) for value in sorted(known_identity(resource.values, shape)))
            output = next((name for name in known if name), None)
        return f"output.{output} hands it to other configurations" if output else None

    def _collect(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for (name,), body in self._top.folder.of("output"):
            value = self._top.output(name) if body.expression("value") else None
            for text in symbolic_texts(value, known=True):
                self._texts.setdefault(text, name)
                for address, _ in identities(text):
                    found.setdefault(address, name)
            placed = body.expression("value")
            if placed is not None and any(unknown.text is None for _, unknown in unknowns(value)):
                for address in mentioned(placed.node, self._top):
                    found.setdefault(address, name)
        return found


class Mentions:
    """The blocks that anything in the root mentions besides themselves: also providers, data, counts, provisioners."""

    def __init__(self, top: Module) -> None:
        """*top* is the root's own module; the calls are followed when first asked."""
        self._top = top
        self._found: set[str] | None = None

    def of(self, resource: Resource) -> bool:
        """Whether the resource's block is mentioned."""
        if self._found is None:
            self._found = set(self._collect(self._top, read=False))
        return without_key(resource.address) in self._found

    def _collect(self, module: Module, read: bool) -> Iterator[str]:
        """*read* tells whether the caller mentions the module: then what its outputs hold is mentioned too."""
        heads: set[tuple[str, str]] = set()
        for node in (node for file in module.folder.files for node in file.body if node[0] == "block"):
            if node[3] in NO_USE or (node[3] == "output" and not read):
                continue
            own = tuple(node[4][:2]) if node[3] == "resource" else ()
            heads.update(found for found in module.evaluation.traversals(node) if found != own)
        for head in heads:
            if ("resource", *head) in module.folder.named:
                yield f"{module.prefix}{'.'.join(head)}"
        for (name,), _ in module.folder.of("module"):
            for child in module.called(name):
                yield from self._collect(child, ("module", name) in heads)
