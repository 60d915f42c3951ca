"""`surplus explain`: a value, the places that set it with code frames, or why it is not known."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from surplus.catalog.free import free_types
from surplus.explain import Explained, Explanation
from surplus.model import Unknown, unknowns
from surplus.pricing.book import source_text
from surplus.pricing.costs import ResourceCost
from surplus.pricing.format import amount, notes, unit_price
from surplus.reporters.frames import frame, gutter_of
from surplus.reporters.style import Style, plural, printable

MAX_TEXT = 100


def as_text(explained: Explained, style: Style) -> str:
    """Every explanation, apart by a blank line."""
    blocks = ("\n".join(_block(one, explained, style)) for one in explained.explanations)
    return "\n\n".join(blocks) + "\n"


def _block(one: Explanation, explained: Explained, style: Style) -> Iterator[str]:
    steps = one.trace.causes
    gutter = gutter_of(one.trace.location, *(step.location for step in steps))
    yield printable(f"{_name(one)} {_state(one)}")
    rendered = f", rendered from {one.resource.rendered_from}" if one.resource.rendered_from else ""
    yield printable(f"in {one.root.path}{_inputs(one)}{rendered}")
    note = "" if one.trace.exact else "not written; this is the block" if one.route else ""
    yield from frame(one.trace.location, explained.lines, style, gutter, "-->", note, "^" if not steps else "-")
    for at, step in enumerate(steps):
        mark = "^" if at == len(steps) - 1 else "-"
        yield from frame(step.location, explained.lines, style, gutter, ":::", step.text, mark)
    if not one.route:
        yield from (printable(f"  {line}") for line in _attributes(one))
    if one.cost is not None:
        yield from (printable(line) for line in cost_lines(one.cost))


def cost_lines(cost: ResourceCost) -> Iterator[str]:
    """How the price of a resource was made: each component with its unit price, table row, source and date."""
    if cost.status == "free":
        page = free_types().get(cost.resource.type)
        yield f"cost: bills nothing by itself{f' ({page})' if page else ''}"
        return
    whole = "not known" if cost.monthly_usd is None else f"${cost.monthly_usd:,.2f}/mo"
    why = f": {cost.reason}" if cost.reason else ""
    missing = f", {plural(cost.unpriced_parts, 'part')} not priced" if cost.unpriced_parts else ""
    yield f"cost: {whole}{missing}{why}"
    for part in cost.components:
        if part.monthly_usd is None or part.price is None:
            yield f"  {part.name}: not priced: {part.reason}"
            continue
        price = part.price
        sum_ = f"{amount(part.quantity or 0.0)} {part.unit} × {unit_price(price.usd)} = ${part.monthly_usd:,.2f}"
        yield f"  {part.name}: {sum_}{f' by the {part.given}' if part.given else ''}"
        yield f"    {price.key} ({notes(price)}), {source_text(price.source)}"
    yield from (f"  assumed: {text}" for text in cost.assumptions)


def _name(one: Explanation) -> str:
    """The address with the route behind it."""
    parts = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in one.route)
    return f"{one.resource.address}{parts}"


def _inputs(one: Explanation) -> str:
    given = [*one.root.variables, *((f"workspace {one.root.workspace}",) if one.root.workspace else ())]
    return f" with {', '.join(given)}" if given else ""


def _state(one: Explanation) -> str:
    """What a value is: known, a default, unset, or unknown and why."""
    if not one.route:
        return f"({one.resource.type})"
    if any(one.route[:end] in one.resource.sensitive for end in range(1, len(one.route) + 1)):
        return "= (sensitive)"
    if isinstance(one.value, Unknown):
        if one.value.choices:
            return f"is one of {', '.join(json.dumps(choice) for choice in one.value.choices)}: {one.value.reason}"
        return f"is unknown: {one.value.reason}"
    if one.value is None:
        return "is not set"
    partly = next((unknown for _, unknown in unknowns(one.value)), None)
    suffix = f"  (unknown inside: {partly.reason})" if partly else ""
    return f"= {_shown(one.value)}{'  (a default, not written)' if one.defaulted else ''}{suffix}"


def _attributes(one: Explanation) -> Iterator[str]:
    """The attributes of a resource, known and unknown, one a line."""
    for name, value in sorted(one.resource.values.items()):
        if value is None or value == []:
            continue
        yield f"{name} {_state(replace(one, route=(name,), value=value, defaulted=(name,) in one.resource.defaulted))}"


def _shown(value: Any) -> str:
    """A value on one line, cut where it is long."""

    def text(inner: Any) -> Any:
        return f"({inner.text or 'unknown'})" if isinstance(inner, Unknown) else str(inner)

    line = json.dumps(value, ensure_ascii=False, default=text)
    return line if len(line) <= MAX_TEXT else line[: MAX_TEXT - 1] + "…"
