"""The provider configuration in force for a resource: its region and its default tags."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from surplus.model import Unknown
from surplus.sources.terraform.evaluate import Instance, Module, block_values
from surplus.sources.terraform.modules import Body, Placed


@dataclass(frozen=True, slots=True)
class Provider:
    """A provider block and the module whose values it uses."""

    body: Body
    module: Module

    def argument(self, name: str) -> Any:
        """The value of an argument, None where it is not set."""
        placed = self.body.expression(name)
        return self.module.evaluate(placed, self.module.scope) if placed else None

    def default_tags(self) -> Any:
        """The tags that the provider adds to every resource, None without."""
        blocks = block_values(self.body, self.module.scope).get("default_tags")
        if isinstance(blocks, Unknown):
            return blocks
        return blocks[0].get("tags") if blocks else None


def in_force(module: Module) -> Mapping[str, Provider]:
    """Providers by the name a resource of *module* uses: "aws", "aws.west"."""
    own = {}
    for body in module.folder.providers:
        label = body.header.node[4][0]
        alias = body.expression("alias")
        name = f"{label}.{alias.node[3]}" if alias and alias.node[0] == "lit" else label
        own[name] = Provider(body, module)
    if module.caller is None or module.call_body is None:
        return own
    outside = in_force(module.caller)
    passed = module.call_body.expression("providers")
    if passed is None or passed.node[0] != "obj":
        return {**{name: found for name, found in outside.items() if "." not in name}, **own}
    for key, value in passed.node[3]:
        inner, outer = _name(key), _name(value)
        if inner and outer in outside:
            own[inner] = outside[outer]
    return own


def _name(node: tuple[Any, ...]) -> str:
    """`aws`, `aws.west` or "aws" as text; "" for anything else."""
    if node[0] == "id" or (node[0] == "lit" and isinstance(node[3], str)):
        return str(node[3])
    if node[0] == "par":
        return _name(node[3])
    if node[0] == "get" and node[3][0] == "id":
        return f"{node[3][3]}.{node[4]}"
    return ""


def provider_of(instance: Instance, providers: Mapping[str, Provider]) -> Provider | None:
    """The provider block in force for *instance*."""
    chosen: Placed | None = instance.body.expression("provider")
    name = _name(chosen.node) if chosen else instance.type.split("_")[0]
    return providers.get(name)


def region_of(instance: Instance, provider: Provider | None, values: Mapping[str, Any]) -> str | None:
    """The region a resource is made in, None where it is not known. AWS provider 6 also has it per resource."""
    own = values.get("region") if instance.type.startswith("aws_") else None
    region = own if own is not None else provider.argument("region") if provider else None
    return region if isinstance(region, str) else None


def all_tags(provider: Provider | None, tags: Any) -> Any:
    """`tags_all`: the provider's default tags under the resource's own."""
    default = provider.default_tags() if provider else None
    for part in (default, tags):
        if isinstance(part, Unknown):
            return Unknown(part.reason)
    both = {**(default if isinstance(default, dict) else {}), **(tags if isinstance(tags, dict) else {})}
    return both or None
