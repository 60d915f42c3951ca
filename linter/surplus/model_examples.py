"""Runs the worked examples of cost models: each states what it costs as arithmetic of the price page's figures."""

import ast
import operator
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from surplus.functions.scope import World
from surplus.pricing.costs import Costs, ResourceCost
from surplus.pricing.models import CostModel, ModelExample
from surplus.pricing.nodes import nodes_of, with_nodes
from surplus.pricing.settings import book_of, said
from surplus.pricing.usage import Usage
from surplus.roots import evaluate_files

TOLERANCE = 0.005
"""Half a cent."""

OPERATORS: dict[type, Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


@dataclass(frozen=True, slots=True)
class ModelResult:
    """Whether an example costs what it says; `faults` are sentences."""

    model: CostModel
    example: ModelExample
    faults: tuple[str, ...]


def run_all(models: Iterable[CostModel]) -> list[ModelResult]:
    """Every example of every model; a model without one is at fault."""
    return [run(model, example) for model in models for example in model.examples]


def run(model: CostModel, example: ModelExample) -> ModelResult:
    """Run one example with the shipped price book."""
    found = _costs(model, example)
    if len(found) != 1:
        names = ", ".join(one.resource.address for one in found) or "none"
        return ModelResult(model, example, (f"name one resource; there are: {names}",))
    cost = found[0]
    if example.monthly is None:
        faults = () if cost.monthly_usd is None else (f"it costs {cost.monthly_usd:.4f}, and should have no price",)
        return ModelResult(model, example, faults)
    wanted = arithmetic(example.monthly)
    if cost.monthly_usd is None or abs(cost.monthly_usd - wanted) > TOLERANCE:
        return ModelResult(model, example, (f"it should cost {wanted:.4f}; it costs {_shown(cost)}",))
    return ModelResult(model, example, ())


def _costs(model: CostModel, example: ModelExample) -> list[ResourceCost]:
    settings = said({"regions": example.regions, "kubernetes": example.kubernetes}, str)
    book, _ = book_of(settings, str, None)
    usage, found = Usage(entries=example.usage), []
    roots = evaluate_files(example.files, example.region)
    nodes = nodes_of(roots, book, settings.nodes, settings.regions)
    of_nodes = with_nodes(book, nodes)
    for evaluated in roots:
        world = World(evaluated)
        world.nodes = nodes
        costs = Costs(world, book, usage, lambda: of_nodes)
        for resource in evaluated.resources:
            wanted = resource.address == example.resource if example.resource else resource.type in model.resources
            if wanted:
                found.append(costs.of(resource))
    return found


def _shown(cost: ResourceCost) -> str:
    parts = [
        f"{one.name}: {one.quantity} {one.unit} at {one.price.usd if one.price else None}"
        + (f" ({one.reason})" if one.reason else "")
        for one in cost.components
    ]
    total = "nothing known" if cost.monthly_usd is None else f"{cost.monthly_usd:.4f}"
    return f"{total} [{'; '.join(parts)}]"


def arithmetic(text: str) -> float:
    """The value of an expression of numbers, + - * / and brackets; raises `ValueError` for anything else."""
    return _value(ast.parse(text, mode="eval").body)


def _value(node: ast.expr) -> float:
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        return float(node.value)
    if isinstance(node, ast.BinOp) and type(node.op) in OPERATORS:
        return OPERATORS[type(node.op)](_value(node.left), _value(node.right))
    raise ValueError(f"{ast.unparse(node)} is not arithmetic")
