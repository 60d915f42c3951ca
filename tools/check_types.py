"""Compare the Terraform types table with the AWS provider's own schema: `python tools/check_types.py WHEEL`.

WHEEL is the provider's generated typed binding, `pip download --no-deps cdktf-cdktf-provider-aws`. It is read as
an archive, never imported. Every attribute and block of the table that the schema lacks is printed.
"""

import re
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "linter"))

from surplus.sources.terraform.types import Shape, shapes

REMOVED = {("aws_eip", "vpc")}
"""Arguments of older provider versions that people still write."""

STRUCT = re.compile(
    r'jsii_type="@cdktf/provider-aws\.\w+\.(\w+)",\s*jsii_struct_bases=[^\n]*\n\s*name_mapping=\{([^}]*)\}'
)
NAME = re.compile(r'"(\w+)": "\w+"')


def structs(wheel: zipfile.ZipFile, type_: str) -> dict[str, set[str]]:
    """The argument names of a resource type's blocks, by the binding's class name."""
    path = f"cdktf_cdktf_provider_aws/{type_.removeprefix('aws_')}/__init__.py"
    text = wheel.read(path).decode()
    return {match[1]: set(NAME.findall(match[2])) for match in STRUCT.finditer(text)}


def camel(name: str) -> str:
    """`ebs_block_device` as class names write it."""
    return "".join(part[:1].upper() + part[1:] for part in name.split("_"))


def missing(shape: Shape, found: dict[str, set[str]], struct: str, where: str) -> Iterator[str]:
    """The names of the table that the schema lacks."""
    names = found.get(struct)
    if names is None:
        yield f"{where}: no such block"
        return
    for name in sorted((shape.attributes | shape.blocks.keys()) - names):
        if (where, name) not in REMOVED:
            yield f"{where}: no {name}"
    for name, block in shape.blocks.items():
        if name in names:
            base = struct.removesuffix("Config").removesuffix("ConfigA") if where.count(".") == 0 else struct
            yield from missing(block, found, f"{base}{camel(name)}", f"{where}.{name}")


def main(path: str) -> int:
    """Print what differs; the exit code is 1 where something does."""
    faults: list[str] = []
    with zipfile.ZipFile(path) as wheel:
        for type_, shape in shapes().items():
            if not type_.startswith("aws_"):
                continue
            try:
                found = structs(wheel, type_)
            except KeyError:
                faults.append(f"{type_}: no such resource type")
                continue
            top = next((name for name, names in found.items() if {"count", "provisioners"} <= names), "")
            faults += missing(shape, found, top, type_)
    print("\n".join(faults) or f"{len(shapes())} types agree")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
