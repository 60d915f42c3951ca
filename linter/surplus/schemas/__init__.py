"""The JSON Schemas of rules, policies and reports, and errors with the place of what is wrong."""

import difflib
import json
from functools import cache
from importlib.resources import files
from typing import Any

from surplus.documents import Document
from surplus.model import Route


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
    """Everything wrong with *document*, each as `path:line:column: what, and what to do`."""
    messages = []
    for error in sorted(_validator(name).iter_errors(document.value), key=lambda error: [str(p) for p in error.path]):
        route, message = _explain(error)
        span, _ = document.locate(route)
        messages.append(f"{path}:{span.line}:{span.column}: {message}")
    return messages


def _explain(error: Any) -> tuple[Route, str]:
    """The route of the wrong part and a sentence about it."""
    route: Route = tuple(error.absolute_path)
    where = f"`{'.'.join(str(part) for part in route)}`" if route else "the file"
    known = sorted(error.schema.get("properties", ())) if isinstance(error.schema, dict) else []
    match error.validator:
        case "additionalProperties" if isinstance(error.instance, dict) and known:
            extra = next(key for key in error.instance if key not in known)
            return (*route, extra), f"unknown key `{extra}`{did_you_mean(extra, known)}"
        case "required":
            missing = [key for key in error.validator_value if key not in error.instance]
            return route, f"{where} lacks `{missing[0]}`; add it"
        case "enum":
            allowed = ", ".join(str(value) for value in error.validator_value)
            return route, f"{where} is {json.dumps(error.instance)}; it must be one of {allowed}"
        case "type":
            kinds = error.validator_value
            wanted = " or ".join(kinds) if isinstance(kinds, list) else kinds
            return route, f"{where} must be of type {wanted}"
        case "oneOf":
            return route, f"{where} has keys that exclude each other, or lacks one: {_choices(error)}"
        case "pattern":
            return route, f"{where} is {json.dumps(error.instance)}; it must match {error.validator_value}"
    return route, f"{where}: {error.message.splitlines()[0][:200]}"


def _choices(error: Any) -> str:
    return " | ".join("+".join(choice.get("required", ())) for choice in error.validator_value)


def did_you_mean(word: str, known: "list[str] | set[str] | Any") -> str:
    """`; did you mean X?` where a known word is near, else the known words where they are few."""
    near = difflib.get_close_matches(word, sorted(known), n=1, cutoff=0.6)
    if near:
        return f"; did you mean `{near[0]}`?"
    few = sorted(known)
    return f"; known are {', '.join(few)}" if 0 < len(few) <= 12 else ""
