"""`yamldecode` and `yamlencode`. https://developer.hashicorp.com/terraform/language/functions/yamldecode

YAML 1.2 as Terraform reads it: one document, the words of YAML 1.1 for booleans, timestamps as text, merge
keys, no other tags than the core ones. libyaml's events are read through PyYAML.
"""

import re
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from surplus.model import Unknown, unknowns
from surplus.sources.terraform import limits
from surplus.sources.terraform.functions.numeric import number_of
from surplus.sources.terraform.values import EvaluationError, number_text, to_string

TRUE = frozenset(["y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"])
FALSE = frozenset(["n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"])
NULL = frozenset(["", "~", "null", "Null", "NULL"])
DECIMAL = re.compile(r"[-+]?(\.\d+|\d+(\.\d*)?)([eE][-+]?\d{1,3})?", re.ASCII)
BASED = re.compile(r"0(?:x([0-9A-Fa-f]+)|o([0-7]+))", re.ASCII)
INFINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
DATE = re.compile(r"(\d{4})-(\d\d?)-(\d\d?)", re.ASCII)
TIME = re.compile(
    r"(\d{4})-(\d\d?)-(\d\d?)(?:[Tt](\d\d?):(\d\d?):(\d\d?)(?:\.\d+)?(Z|[-+]\d\d:\d\d)"
    r"| (\d\d?):(\d\d?):(\d\d?)(?:\.\d+)?)",
    re.ASCII,
)
TAG = "tag:yaml.org,2002:"
SCALARS = frozenset(["str", "int", "float", "bool", "null", "binary", "timestamp"])
LITERAL = re.compile("[\n\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd]*")


def yamldecode(text: str) -> Any:
    """The value that a YAML document spells; an error for anything but one document."""
    import yaml  # most runs meet no YAML here

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        return _Reader(yaml.parse(text, Loader=loader)).document()
    except yaml.YAMLError as error:
        raise EvaluationError(f"the text is not valid YAML: {error}".replace("\n", " ")) from None
    except limits.TooCostlyError as error:
        return Unknown(str(error), nullable=False)


class _Reader:
    """Turns events into values; an alias counts for as many values as its anchor."""

    def __init__(self, events: Any) -> None:
        self.events = events
        self.anchors: dict[str, tuple[Any, int] | None] = {}
        self.size = 0
        self.levels = 0

    def next(self) -> tuple[str, Any]:
        event = next(self.events)
        return type(event).__name__.removesuffix("Event"), event

    def document(self) -> Any:
        self.next()
        if self.next()[0] != "DocumentStart":
            raise EvaluationError("the text holds no YAML document")
        value = self.value(*self.next())
        self.next()
        if self.next()[0] != "StreamEnd":
            raise EvaluationError("the text holds more than one YAML document")
        return value

    def value(self, kind: str, event: Any) -> Any:
        if kind == "Alias":
            return self.alias(event.anchor)
        before = self.size
        self.grow(1)
        if event.anchor is not None:
            self.anchors[event.anchor] = None
        self.levels += 1
        if self.levels > limits.MAX_NESTING:
            raise limits.TooCostlyError(limits.exceeded("MAX_NESTING", limits.MAX_NESTING).reason)
        if kind == "Scalar":
            value: Any = _scalar(event)
        elif kind == "SequenceStart":
            value = self.sequence(event)
        else:
            value = self.mapping(event)
        self.levels -= 1
        if event.anchor is not None:
            self.anchors[event.anchor] = (value, self.size - before)
        return value

    def alias(self, name: str) -> Any:
        if name not in self.anchors:
            raise EvaluationError(f'there is no anchor "{name}"')
        found = self.anchors[name]
        if found is None:
            raise EvaluationError(f'the anchor "{name}" refers to itself')
        self.grow(found[1])
        return found[0]

    def grow(self, count: int) -> None:
        self.size += count
        if self.size > limits.MAX_ITEMS:
            raise limits.TooCostlyError(limits.exceeded("MAX_ITEMS", limits.MAX_ITEMS).reason)

    def sequence(self, event: Any) -> list[Any]:
        _check_tag(event.tag, "seq")
        items = []
        while (found := self.next())[0] != "SequenceEnd":
            items.append(self.value(*found))
        return items

    def mapping(self, event: Any) -> dict[str, Any]:
        _check_tag(event.tag, "map")
        items: dict[str, Any] = {}
        while (found := self.next())[0] != "MappingEnd":
            kind, key_event = found
            merges = kind == "Scalar" and key_event.value == "<<" and key_event.implicit[0]
            key = self.value(kind, key_event)
            value = self.value(*self.next())
            if merges:
                if not isinstance(value, dict):
                    raise EvaluationError("only a mapping can be merged into a mapping")
                items.update(value)
            elif key is None or isinstance(key, (list, dict)):
                raise EvaluationError("the keys of a mapping must be strings")
            else:
                items[to_string(key)] = value
        return items


def _check_tag(tag: str | None, name: str) -> None:
    if tag not in (None, "!", TAG + name):
        raise EvaluationError(f"the tag {tag} is not supported here")


def _scalar(event: Any) -> Any:
    tag, text = event.tag, event.value
    if tag not in (None, "!") and tag.removeprefix(TAG) not in SCALARS:
        raise EvaluationError(f"the tag {tag} is not supported")
    # an empty block scalar is null in Terraform, an empty quoted one is not
    if event.style and event.style in "|>" and not text and tag is None:
        return None
    if event.style or tag in ("!", TAG + "str", TAG + "binary"):
        return str(text)
    return _plain(str(text))


def _plain(text: str) -> Any:
    if text in NULL:
        return None
    if text in TRUE or text in FALSE:
        return text in TRUE
    if INFINITE.fullmatch(text):
        if "n" in text.lower()[:3] and not text.lower().endswith("inf"):
            raise EvaluationError("a number that is not a number is not supported")
        return Unknown("the number is infinite", nullable=False)
    if DECIMAL.fullmatch(text) and len(text) <= limits.MAX_DIGITS:
        return number_of(Decimal(text))
    if (based := BASED.fullmatch(text)) and len(text) <= limits.MAX_DIGITS:
        return int(based[1], 16) if based[1] else int(based[2], 8)
    return _timestamp(text)


def _timestamp(text: str) -> str:
    """A date or time as RFC 3339 text; any other text is itself."""
    found = DATE.fullmatch(text) or TIME.fullmatch(text)
    if found is None:
        return text
    parts = [int(part) for part in found.groups() if part and part.isdecimal()]
    try:
        clock = datetime(*parts)  # type: ignore[arg-type]
    except ValueError:
        return text
    zone = found[7] if found.re is TIME and found[7] else "Z"
    return clock.isoformat() + ("Z" if zone in ("+00:00", "-00:00") else zone)


def yamlencode(value: Any) -> Any:
    """*value* as YAML in block style, strings quoted, keys sorted. A symbolic value stands in it as text.

    Unknown without libyaml, since only its emitter breaks long lines where Terraform does.
    """
    missing = [unknown for _, unknown in unknowns(value)]
    if any(unknown.text is None for unknown in missing):
        return Unknown(missing[0].reason, nullable=False)
    import yaml

    dumper = _dumper()
    if dumper is None:
        return Unknown("PyYAML was built without libyaml", nullable=False)
    written: str = yaml.dump(_plain_values(value), Dumper=dumper, allow_unicode=True, default_flow_style=False)
    # versions of libyaml differ on the mark that ends a document; Terraform's has it after a bare scalar
    if written.endswith("\n...\n"):
        written = written.removesuffix("...\n")
    if value is None or isinstance(value, (bool, int, float)):
        written += "...\n"
    return Unknown(missing[0].reason, written, nullable=False) if missing else written


@lru_cache(maxsize=1)
def _dumper() -> Any:
    import yaml

    base: Any = getattr(yaml, "CSafeDumper", None)
    if base is None:
        return None

    class Dumper(base):  # type: ignore[misc]
        def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002
            return True

    Dumper.add_representer(str, _represent_text)
    Dumper.add_representer(int, _represent_number)
    Dumper.add_representer(float, _represent_number)
    return Dumper


def _represent_text(dumper: Any, text: str) -> Any:
    literal = "\n" in text and LITERAL.fullmatch(text) and " \n" not in text and not text.endswith(" ")
    return dumper.represent_scalar(TAG + "str", text, style="|" if literal else '"')


def _represent_number(dumper: Any, number: int | float) -> Any:
    text = number_text(number)
    return dumper.represent_scalar(TAG + ("float" if "." in text else "int"), text)


def _plain_values(value: Any) -> Any:
    """*value* with sets as lists and symbolic values as their text."""
    if isinstance(value, Unknown):
        return value.text
    if isinstance(value, list):
        return [_plain_values(item) for item in value]
    if isinstance(value, dict):
        return {key: _plain_values(item) for key, item in value.items()}
    return value
