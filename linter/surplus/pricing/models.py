"""Cost models: YAML files that say which components a resource type bills, in the expression language of rules.

`models/README.md` describes the format. A file is read when a resource of one of its types first appears.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

from surplus.expression_text import HOLE, TEXT, holes, variables_of
from surplus.functions import LOOKS_AROUND
from surplus.sources.kubernetes.types import WORKLOADS

RESOURCES = re.compile(r"^ *(?:- )?resources: *\[([^\]]+)\]", re.MULTILINE)
"""Where a file says for which types it holds models, so that one can be found without reading all as YAML."""


@dataclass(frozen=True, slots=True)
class ComponentSpec:
    """One thing that is billed, as a model says it; the texts are CEL, `price` is text with `{{ CEL }}`.

    `each` names the list whose items are billed one by one. `usage` is the key under which a usage file gives the
    quantity. `of` leads to another resource whose components are billed here, `quantity` times.
    """

    name: str
    quantity: str = "1.0"
    unit: str = ""
    price: str = ""
    when: str | None = None
    each: str | None = None
    usage: str | None = None
    of: str | None = None
    names: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ModelExample:
    """Configuration with what it costs: `monthly` is arithmetic in figures of the price page, or None for a null.

    Without `resource` it is about the only resource of the model's types. `regions` stand for those that are not known;
    `kubernetes` is what a policy says of nodes under `prices`.
    """

    name: str
    files: Mapping[str, str]
    monthly: str | None
    resource: str | None = None
    region: str | None = None
    usage: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    regions: Mapping[str, str] = field(default_factory=dict)
    kubernetes: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class CostModel:
    """What some resource types bill. A model that is not `billed` is paid for by the resources that refer to it."""

    resources: tuple[str, ...]
    components: tuple[ComponentSpec, ...]
    path: str
    region: str | None = None
    billed: bool = True
    assumptions: tuple[str, ...] = ()
    examples: tuple[ModelExample, ...] = ()

    def expressions(self) -> Iterator[tuple[str, frozenset[str]]]:
        """Every CEL text with the short names that it may use."""
        if self.region:
            yield self.region, frozenset()
        for one in self.components:
            names = frozenset(one.names)
            for text in (one.quantity, one.when, one.of, *holes(one.price)):
                if text is not None:
                    yield text, names

    def variables(self) -> set[str]:
        """The variables of its expressions."""
        return {name for text, names in self.expressions() for name in variables_of(text, names)}

    @property
    def looks_around(self) -> bool:
        """Whether its cost may rest on other resources."""
        return any(LOOKS_AROUND.search(text) for text, _ in self.expressions())


def model_of(type_: str) -> CostModel | None:
    """The cost model of a resource type; None where there is none."""
    path = _index().get(type_)
    return None if path is None else _types_of(path).get(type_)


@cache
def _types_of(path: str) -> Mapping[str, CostModel]:
    return {type_: model for model in models_in(path) for type_ in model.resources}


def all_models() -> list[CostModel]:
    """Every shipped cost model."""
    return [model for path in sorted(_texts()) for model in models_in(path)]


def _folder() -> Traversable:
    return files("surplus.pricing").joinpath("models")


@cache
def _texts() -> Mapping[str, str]:
    """The text of every model file by its path below `models/`."""
    return {
        f"{folder.name}/{file.name}": file.read_text("utf-8")
        for folder in _folder().iterdir()
        if folder.is_dir()
        for file in folder.iterdir()
        if file.name.endswith(".yaml")
    }


@cache
def _index() -> Mapping[str, str]:
    """The file that holds the model of each type."""
    found: dict[str, str] = {}
    for path, text in _texts().items():
        for match in RESOURCES.finditer(text):
            for name in match[1].replace("\n", " ").split(","):
                for type_ in _types(name.strip()):
                    found[type_] = path
    return found


def _types(name: str) -> tuple[str, ...]:
    return WORKLOADS if name == "Workload" else (name,)


@cache
def models_in(path: str) -> tuple[CostModel, ...]:
    """The models of one file, `aws/ec2.yaml`."""
    raw = _read(path)
    shared = f"{path.partition('/')[0]}/parts.yaml"
    parts = {**(_read(shared)["parts"] if shared in _texts() else {}), **raw.get("parts", {})}
    return tuple(_model(entry, parts, path) for entry in raw.get("models", ()))


@cache
def _read(path: str) -> dict[str, Any]:
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    read: dict[str, Any] = yaml.load(_texts()[path], Loader=loader)  # noqa: S506 - a safe loader
    return read


Parts = Mapping[str, Mapping[str, Any]]
"""Components that several models share, by name: the short names that they read, and the components."""

UNSET = "unset"
"""The path of a short name that a model does not give to a part: it reads null."""


def _model(entry: Mapping[str, Any], parts: Parts, path: str) -> CostModel:
    let = entry.get("let", {})
    return CostModel(
        resources=tuple(type_ for name in entry["resources"] for type_ in _types(name)),
        components=tuple(_with_let(one, let) for raw in entry["components"] for one in _components(raw, parts)),
        path=path,
        region=entry.get("region"),
        billed=entry.get("billed", True),
        assumptions=tuple(entry.get("assumptions", ())),
        examples=tuple(_example(raw, path) for raw in entry.get("examples", ())),
    )


def _components(raw: Mapping[str, Any], parts: Parts) -> Iterator[ComponentSpec]:
    """The component, or those of the part that an entry names, read through the entry's names and list."""
    if "part" not in raw:
        yield _component(raw)
        return
    part = parts[raw["part"]]
    names = {**dict.fromkeys(part["reads"], UNSET), **raw.get("names", {})}
    for inner in part["components"]:
        one = _with_let(_component(inner), part.get("let", {}))
        both = [text for text in (raw.get("when"), one.when) if text]
        yield replace(
            one,
            name=f"{raw['name']} {one.name}" if "name" in raw else one.name,
            each=raw.get("each"),
            names={**names, **one.names},
            when=" && ".join(f"({text})" for text in both) if both else None,
            quantity=f"({one.quantity}) * ({raw['quantity']})" if "quantity" in raw else one.quantity,
        )


def _with_let(one: ComponentSpec, let: Mapping[str, str]) -> ComponentSpec:
    """The component with the names that a model or part defines written out; a definition may use earlier ones."""
    whole: dict[str, str] = {}
    for name, text in let.items():
        whole[name] = f"({_spelt_out(text, whole)})"
    if not whole:
        return one
    pieces = HOLE.split(one.price)
    price = "".join(f"{{{{ {_spelt_out(text, whole)} }}}}" if at % 2 else text for at, text in enumerate(pieces))
    when, of = (None if text is None else _spelt_out(text, whole) for text in (one.when, one.of))
    return replace(one, quantity=_spelt_out(one.quantity, whole), when=when, of=of, price=price)


def _spelt_out(text: str, let: Mapping[str, str]) -> str:
    """*text* with each name of *let* replaced where it stands alone, outside of text literals."""
    names = "|".join(map(re.escape, let))
    pattern = re.compile(rf"{TEXT.pattern}|(?<![\w.])({names})\b(?!\s*\()")
    return pattern.sub(lambda match: let[match[1]] if match[1] else match[0], text) if let else text


def _component(raw: Mapping[str, Any]) -> ComponentSpec:
    return ComponentSpec(
        name=raw["name"],
        quantity=str(raw.get("quantity", "1.0")),
        unit=raw.get("unit", ""),
        price=raw.get("price", ""),
        when=raw.get("when"),
        each=raw.get("each"),
        usage=raw.get("usage"),
        of=raw.get("of"),
        names=dict(raw.get("names", {})),
    )


def _example(raw: Mapping[str, Any], path: str) -> ModelExample:
    only = "manifest.yaml" if path.startswith("kubernetes/") else "main.tf"
    monthly = raw.get("monthly")
    return ModelExample(
        name=raw["name"],
        files=dict(raw["files"]) if "files" in raw else {only: raw["config"]},
        monthly=None if monthly is None else str(monthly),
        resource=raw.get("resource"),
        region=raw.get("region"),
        usage=raw.get("usage", {}),
        regions=raw.get("regions", {}),
        kubernetes=raw.get("kubernetes", {}),
    )
