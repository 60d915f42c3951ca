"""The provider configuration in force for a resource: its region and its default tags."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from surplus.model import Unknown
from surplus.sources.terraform.blocks import block_values
from surplus.sources.terraform.evaluate import Module
from surplus.sources.terraform.instances import Instance
from surplus.sources.terraform.modules import Body, Placed, provider_name


@dataclass(frozen=True, slots=True)
class Provider:
    """A provider block and the module whose values it uses."""

    body: Body
    module: Module

    def argument(self, name: str) -> Any:
        """The value of an argument, None where it is not set."""
        placed = self.body.expression(name)
        return self.module.evaluate(placed, self.module.scope) if placed else None

    def region(self) -> Any:
        """Its region, evaluated once."""
        return self._once("region", lambda: self.argument("region"))

    def default_tags(self) -> Any:
        """The tags that the provider adds to every resource, None without."""
        return self._once("default_tags", self._default_tags)

    def _default_tags(self) -> Any:
        blocks = block_values(self.body, self.module.scope).get("default_tags")
        if blocks is None:  # JSON syntax: a block looks like an attribute
            blocks = self.argument("default_tags")
        if isinstance(blocks, dict):
            blocks = [blocks]
        if isinstance(blocks, Unknown) or not blocks:
            return blocks or None
        return blocks[0].get("tags") if isinstance(blocks, list) and isinstance(blocks[0], dict) else None

    def _once(self, what: str, compute: Callable[[], Any]) -> Any:
        return self.module.once(("provider", provider_name(self.body), what), f"the provider's {what}", compute)


def in_force(module: Module) -> Mapping[str, Provider]:
    """Providers by the name a resource of *module* uses: "aws", "aws.west"; worked out once for each module."""
    found: Mapping[str, Provider] = module.once(("providers",), "providers", lambda: Providers(_in_force(module))).found
    return found


@dataclass(frozen=True, slots=True)
class Providers:
    """What `in_force` remembers."""

    found: Mapping[str, Provider]


def _in_force(module: Module) -> Mapping[str, Provider]:
    """A call hands down what it lists under `providers`, and every provider without an alias besides."""
    own = {provider_name(body): Provider(body, module) for body in module.folder.providers}
    if module.caller is None or module.call_body is None:
        return own
    outside = in_force(module.caller)
    handed = {name: found for name, found in outside.items() if "." not in name}
    passed = module.call_body.expression("providers")
    for key, value in passed.node[3] if passed is not None and passed.node[0] == "obj" else ():
        inner, outer = _name(key), _name(value)
        handed.pop(inner, None)
        if inner and outer in outside:
            handed[inner] = outside[outer]
    return {**handed, **own}


def _name(node: tuple[Any, ...]) -> str:
    """`aws`, `aws.west` or "aws" as text; "" for anything else."""
    if node[0] == "id" or (node[0] == "lit" and isinstance(node[3], str)):
        return str(node[3])
    if node[0] == "par":
        return _name(node[3])
    if node[0] == "tmpl" and len(node[3]) == 1 and not isinstance(node[3][0], str):
        return _name(node[3][0])
    if node[0] == "get" and node[3][0] == "id":
        return f"{node[3][3]}.{node[4]}"
    return ""


def provider_of(instance: Instance, providers: Mapping[str, Provider]) -> Provider | None:
    """The provider block in force for *instance*."""
    chosen: Placed | None = instance.body.expression("provider")
    name = _name(chosen.node) if chosen else instance.type.split("_")[0]
    return providers.get(name)


def region_of(
    instance: Instance, provider: Provider | None, values: Mapping[str, Any], without: str | None = None
) -> str | None:
    """The region a resource is made in, None where it is not known; *without* applies where no provider block does.

    A resource's own argument wins: AWS has `region` since version 6 of its provider, Google and Azure have more.
    """
    for name in OWN_REGION.get(instance.type.split("_")[0], ()):
        own = values.get(name)
        if own is not None:
            return (ZONE.sub("", own) if name == "zone" else own) if isinstance(own, str) else None
    if provider is None:
        return without
    region = provider.region()
    return (region or without) if region is None or isinstance(region, str) else None


OWN_REGION = {"aws": ("region",), "google": ("region", "location", "zone"), "azurerm": ("location",)}
ZONE = re.compile(r"-[a-z]$")


def all_tags(provider: Provider | None, tags: Any) -> Any:
    """`tags_all`: the provider's default tags under the resource's own."""
    default = provider.default_tags() if provider else None
    for part in (default, tags):
        if isinstance(part, Unknown):
            return Unknown(part.reason)
    both = {**(default if isinstance(default, dict) else {}), **(tags if isinstance(tags, dict) else {})}
    return both or None
