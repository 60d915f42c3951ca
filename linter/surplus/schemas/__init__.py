"""The JSON Schemas of rules, policies and reports, and errors with the place of what is wrong."""

import difflib
import json
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.resources import files
from typing import Any

from surplus.documents import Document
from surplus.model import Route, Span

MAX_SHOWN = 80
"""How much of a wrong value a message repeats."""


@cache
def schema(name: str) -> dict[str, Any]:
    """The schema `rule`, `policy` or `report`."""
    found: dict[str, Any] = json.loads(files("surplus.schemas").joinpath(f"{name}.schema.json").read_text("utf-8"))
    return found


@cache
def _validator(name: str) -> Any:
    from jsonschema import Draft202012Validator

    return Draft202012Validator(schema(name))


def check(document: Document, name: str, path: str) -> list[str]:
    """Everything wrong with *document*, in its order, each as `path:line:column: what, and what to do`."""
    found = {
        (span.line, span.column, message)
        for error in _validator(name).iter_errors(document.value)
        for route, message in _explain(error)
        for span in [place_of(document, route)]
    }
    return [f"{path}:{line}:{column}: {message}" for line, column, message in sorted(found)]


def place_of(document: Document, route: Route) -> Span:
    """The key that introduces an entry of a mapping, else the value: where a reader looks for it."""
    return document.keys.get(route) or document.locate(route)[0]


TYPES = {
    "object": "a mapping",
    "array": "a list",
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "null": "null",
}


def _explain(error: Any) -> Iterator[tuple[Route, str]]:
    """The routes of the wrong parts, each with a sentence about it."""
    route: Route = tuple(error.absolute_path)
    where = f"`{'.'.join(str(part) for part in route)}`" if route else "the file"
    wanted = error.validator_value
    match error.validator:
        case "additionalProperties" if isinstance(error.instance, dict):
            known = sorted(error.schema.get("properties", ()))
            for extra in error.instance:
                if extra not in known:
                    yield (*route, extra), f"unknown key `{extra}`{did_you_mean(extra, known)}"
        case "required":
            missing = ", ".join(f"`{key}`" for key in wanted if key not in error.instance)
            yield route, f"{where} lacks {missing}; add it"
        case "enum":
            yield route, f"{where} is {_shown(error.instance)}; it must be one of {', '.join(map(str, wanted))}"
        case "type":
            yield route, f"{where} is {_shown(error.instance)}; it must be {_kinds(wanted)}"
        case "oneOf" if all("type" in choice for choice in wanted):
            kinds = _kinds([choice["type"] for choice in wanted])
            yield route, f"{where} is {_shown(error.instance)}; it must be {kinds}"
        case "oneOf":
            choices = " | ".join("+".join(choice.get("required", ())) for choice in wanted)
            yield route, f"{where} has keys that exclude each other, or lacks one: {choices}"
        case "pattern" if "propertyNames" in error.absolute_schema_path:
            yield (*route, error.instance), f"the name {_shown(error.instance)} must match {wanted}"
        case "pattern":
            yield route, f"{where} is {_shown(error.instance)}; it must match {wanted}"
        case "minimum" | "maximum" | "exclusiveMaximum":
            bound = {"minimum": "at least", "maximum": "at most"}.get(error.validator, "below")
            yield route, f"{where} is {_shown(error.instance)}; it must be {bound} {wanted}"
        case "minItems" | "minProperties":
            yield route, f"{where} has {len(error.instance)} entries; it must have at least {wanted}"
        case "minLength" | "maxLength":
            bound = "at least" if error.validator == "minLength" else "at most"
            yield route, f"{where} has {len(error.instance)} characters; it must have {bound} {wanted}"
        case _:
            yield route, f"{where}: {error.message.splitlines()[0][:200]}"


def _kinds(wanted: str | list[str]) -> str:
    return " or ".join(TYPES[kind] for kind in ([wanted] if isinstance(wanted, str) else wanted))


def _shown(value: Any) -> str:
    if isinstance(value, dict | list):
        return TYPES["object" if isinstance(value, dict) else "array"]
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= MAX_SHOWN else f"{text[:MAX_SHOWN]}…"


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """`; did you mean X?` where a known word is near, else the known words where they are few."""
    few = sorted(known)
    near = difflib.get_close_matches(word, few, n=1, cutoff=0.6)
    if near:
        return f"; did you mean `{near[0]}`?"
    return f"; known are {', '.join(few)}" if 0 < len(few) <= 12 else ""
