"""Every function of the Terraform and OpenTofu languages, in one table, and how one is called.

Sources: https://developer.hashicorp.com/terraform/language/functions and
https://opentofu.org/docs/language/functions/. `try` and `can` belong to the evaluator: they see expressions.
"""

import math
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from surplus.model import Unknown
from surplus.sources.terraform import limits
from surplus.sources.terraform.functions import (
    collections,
    conversion,
    datetime,
    encoding,
    filesystem,
    formatting,
    hashing,
    network,
    numeric,
    regex,
    sets,
    strings,
)
from surplus.sources.terraform.values import (
    EvaluationError,
    first_unknown,
    make_set,
    normal,
    to_bool,
    to_number,
    to_string,
    type_name,
)


@dataclass(frozen=True, slots=True)
class Context:
    """What a function may see beside its arguments. Paths are as written in the configuration.

    `read` and `read_bytes` raise `EvaluationError` for a file that is missing, too large or outside the
    scanned tree, and `exists` for a folder; `read_template` reads what `render` is to fill in; `fileset` takes a folder
    and a pattern; `render` parses and evaluates template text with variables.
    """

    read: Callable[[str], str]
    read_template: Callable[[str], str]
    read_bytes: Callable[[str], bytes]
    exists: Callable[[str], bool]
    fileset: Callable[[str, str], list[str]]
    render: Callable[[str, Mapping[str, Any]], Any]


@dataclass(frozen=True, slots=True)
class Function:
    """One function: what it runs, its parameters, and how it meets an unknown.

    `parameters` are kinds in order (see `CONVERSIONS`): a `*` marks the last one as repeated, a `?` lets null
    pass. `unknown` is "deep": one at any depth of an argument makes the result unknown; "shallow": only an
    argument that is itself unknown does; "own": the function decides. `nullable` says that an unknown result
    may be null. `context` names the fields of `Context` that go before the arguments. `why` is set, and `run`
    is not, where the result is unknown on purpose.
    """

    run: Callable[..., Any] | None
    parameters: str
    unknown: str = "deep"
    nullable: bool = False
    context: tuple[str, ...] = ()
    why: str = ""


def _whole(value: Any) -> int:
    number = normal(to_number(value))
    if not isinstance(number, int):
        raise EvaluationError(f"a whole number is required, not {number}")
    return number


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise EvaluationError(f"a list is required, not {type_name(value)}")
    return conversion.unify(value)


def _strings(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise EvaluationError(f"a list of strings is required, not {type_name(value)}")
    return [item if item is None or isinstance(item, Unknown) else to_string(item) for item in value]


def _bools(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise EvaluationError(f"a list of bools is required, not {type_name(value)}")
    return [conversion.tobool(item) for item in value]


CONVERSIONS: dict[str, Callable[[Any], Any]] = {
    "any": lambda value: value,
    "string": to_string,
    "number": to_number,
    "whole": _whole,
    "bool": to_bool,
    "list": _list,
    "strings": _strings,
    "bools": _bools,
    "set": lambda value: make_set(_list(value)),
}
"""Each kind of parameter and how a known argument becomes it; "any" is checked by the function."""


def _yamldecode(text: str) -> Any:
    from surplus.sources.terraform.functions import yaml  # its patterns are slow to compile

    return yaml.yamldecode(text)


DOCUMENT = re.compile(r"(?:^|\s*\n)---\s*")


def _manifests(text: str) -> list[Any]:
    """The documents of a YAML text that are not empty."""
    return [value for part in DOCUMENT.split(text) if part.strip() and (value := _yamldecode(part)) not in (None, {})]


def _manifest(text: str) -> Any:
    found = _manifests(text)
    if len(found) != 1:
        raise EvaluationError(f"the text holds {len(found)} documents, not one")
    return found[0]


def _yamlencode(value: Any) -> Any:
    from surplus.sources.terraform.functions import yaml

    return yaml.yamlencode(value)


def _later(parameters: str, why: str) -> Function:
    return Function(None, parameters, why=why)


FUNCTIONS: dict[str, Function] = {
    # numeric
    "abs": Function(numeric.absolute, "number"),
    "ceil": Function(numeric.ceil, "number"),
    "floor": Function(numeric.floor, "number"),
    "log": Function(numeric.log, "number number"),
    "max": Function(numeric.maximum, "number*"),
    "min": Function(numeric.minimum, "number*"),
    "parseint": Function(numeric.parseint, "any whole"),
    "pow": Function(numeric.power, "number number"),
    "signum": Function(numeric.signum, "whole"),
    # string
    "chomp": Function(strings.chomp, "string"),
    "endswith": Function(strings.endswith, "string string"),
    "format": Function(formatting.format_text, "any any?*", "own"),
    "formatlist": Function(formatting.formatlist, "any any?*", "own"),
    "indent": Function(strings.indent, "whole string"),
    "join": Function(strings.join, "any any*", "own"),
    "lower": Function(strings.lower, "string"),
    "regex": Function(regex.regex, "string string"),
    "regexall": Function(regex.regexall, "string string"),
    "replace": Function(regex.replace, "string string string"),
    "split": Function(strings.split, "string string"),
    "startswith": Function(strings.startswith, "string string"),
    "strcontains": Function(strings.strcontains, "string string"),
    "strrev": Function(strings.strrev, "string"),
    "substr": Function(strings.substr, "string whole whole"),
    "templatestring": Function(filesystem.templatestring, "string any", "shallow", context=("render",)),
    "title": Function(strings.title, "string"),
    "trim": Function(strings.trim, "string string"),
    "trimprefix": Function(strings.trimprefix, "string string"),
    "trimspace": Function(strings.trimspace, "string"),
    "trimsuffix": Function(strings.trimsuffix, "string string"),
    "upper": Function(strings.upper, "string"),
    # collection
    "alltrue": Function(collections.alltrue, "bools", "shallow"),
    "anytrue": Function(collections.anytrue, "bools", "shallow"),
    "chunklist": Function(collections.chunklist, "list whole", "shallow"),
    "coalesce": Function(collections.coalesce, "any?*", "own"),
    "coalescelist": Function(collections.coalescelist, "any?*", "own"),
    "compact": Function(collections.compact, "strings"),
    "concat": Function(collections.concat, "any*", "shallow"),
    "contains": Function(collections.contains, "any any", "own"),
    "distinct": Function(collections.distinct, "list", "shallow"),
    "element": Function(collections.element, "any whole", "shallow", nullable=True),
    "flatten": Function(collections.flatten, "any", "shallow"),
    "index": Function(collections.index, "any any", "own"),
    "keys": Function(collections.keys, "any", "shallow"),
    "length": Function(collections.length, "any", "shallow"),
    "list": Function(collections.removed, "any?*", "own"),
    "lookup": Function(collections.lookup, "any string any?*", "own"),
    "map": Function(collections.removed, "any?*", "own"),
    "matchkeys": Function(collections.matchkeys, "list list list"),
    "merge": Function(collections.merge, "any?*", "own"),
    "one": Function(collections.one, "any", "shallow", nullable=True),
    "range": Function(collections.number_range, "number*"),
    "reverse": Function(collections.reverse, "any", "shallow"),
    "setintersection": Function(sets.setintersection, "set set*"),
    "setproduct": Function(sets.setproduct, "any*", "shallow"),
    "setsubtract": Function(sets.setsubtract, "set set"),
    "setunion": Function(sets.setunion, "set set*", "shallow"),
    "slice": Function(collections.slice_list, "any whole whole", "shallow"),
    "sort": Function(collections.sort, "strings"),
    "sum": Function(numeric.total, "any"),
    "transpose": Function(collections.transpose, "any"),
    "values": Function(collections.values, "any", "shallow"),
    "zipmap": Function(collections.zipmap, "strings any", "shallow"),
    # encoding
    "base64decode": Function(encoding.base64decode, "string"),
    "base64encode": Function(encoding.base64encode, "string"),
    "base64gunzip": Function(encoding.base64gunzip, "string"),
    "base64gzip": _later("string", "compressed bytes depend on the program that compresses"),
    "csvdecode": Function(encoding.csvdecode, "string"),
    "jsondecode": Function(encoding.jsondecode, "string", nullable=True),
    "jsonencode": Function(encoding.jsonencode, "any?", "own"),
    "textdecodebase64": Function(encoding.textdecodebase64, "string string"),
    "textencodebase64": Function(encoding.textencodebase64, "string string"),
    "urldecode": Function(encoding.urldecode, "string"),
    "urlencode": Function(encoding.urlencode, "string"),
    "yamldecode": Function(_yamldecode, "string", nullable=True),
    "yamlencode": Function(_yamlencode, "any?", "own"),
    # filesystem
    "abspath": Function(filesystem.abspath, "string"),
    "basename": Function(filesystem.basename, "string"),
    "dirname": Function(filesystem.dirname, "string"),
    "file": Function(lambda read, path: read(path), "string", context=("read",)),
    "filebase64": Function(filesystem.filebase64, "string", context=("read_bytes",)),
    "fileexists": Function(lambda exists, path: exists(path), "string", context=("exists",)),
    "fileset": Function(filesystem.fileset, "string string", context=("fileset",)),
    "pathexpand": Function(filesystem.pathexpand, "string"),
    "templatefile": Function(filesystem.templatefile, "string any", "own", context=("read_template", "render")),
    # date and time
    "formatdate": Function(datetime.formatdate, "string string"),
    "plantimestamp": _later("", "it is the time of the plan"),
    "timeadd": Function(datetime.timeadd, "string string"),
    "timecmp": Function(datetime.timecmp, "string string"),
    "timestamp": _later("", "it is the time of the run"),
    # hash and crypto
    "base64sha256": Function(hashing.in_base64("sha256"), "string"),
    "base64sha512": Function(hashing.in_base64("sha512"), "string"),
    "bcrypt": _later("string whole*", "its salt is random"),
    "filebase64sha256": Function(hashing.file_in_base64("sha256"), "string", context=("read_bytes",)),
    "filebase64sha512": Function(hashing.file_in_base64("sha512"), "string", context=("read_bytes",)),
    "filemd5": Function(hashing.file_hexadecimal("md5"), "string", context=("read_bytes",)),
    "filesha1": Function(hashing.file_hexadecimal("sha1"), "string", context=("read_bytes",)),
    "filesha256": Function(hashing.file_hexadecimal("sha256"), "string", context=("read_bytes",)),
    "filesha512": Function(hashing.file_hexadecimal("sha512"), "string", context=("read_bytes",)),
    "md5": Function(hashing.hexadecimal("md5"), "string"),
    "rsadecrypt": _later("string string", "surplus decrypts nothing"),
    "sha1": Function(hashing.hexadecimal("sha1"), "string"),
    "sha256": Function(hashing.hexadecimal("sha256"), "string"),
    "sha512": Function(hashing.hexadecimal("sha512"), "string"),
    "uuid": _later("", "it is random"),
    "uuidv5": Function(hashing.uuidv5, "string string"),
    # IP network
    "cidrcontains": Function(network.cidrcontains, "string string"),
    "cidrhost": Function(network.cidrhost, "string whole"),
    "cidrnetmask": Function(network.cidrnetmask, "string"),
    "cidrsubnet": Function(network.cidrsubnet, "string whole whole"),
    "cidrsubnets": Function(network.cidrsubnets, "string whole*"),
    # type conversion
    "convert": _later("any? any?", "its second argument is a type, not a value"),
    "ephemeralasnull": Function(conversion.ephemeralasnull, "any?", "own"),
    "issensitive": _later("any?", "whether a value is sensitive is tracked beside it"),
    "nonsensitive": Function(conversion.same, "any?", "own"),
    "sensitive": Function(conversion.same, "any?", "own"),
    "tobool": Function(conversion.tobool, "any?", "own"),
    "tolist": Function(conversion.tolist, "any?", "own"),
    "tomap": Function(conversion.tomap, "any?", "own"),
    "tonumber": Function(conversion.tonumber, "any?", "own"),
    "toset": Function(conversion.toset, "any?", "own"),
    "tostring": Function(conversion.tostring, "any?", "own"),
    "type": _later("any?", "it is for the console only"),
}

SPECIAL = {
    "can": "takes an expression, and tells whether it evaluates without an error",
    "try": "takes expressions, and gives the first that evaluates without an error",
}
"""Functions that the evaluator carries out, since their arguments are expressions."""

LANGUAGE_FUNCTIONS: tuple[tuple[str, str], ...] = tuple(
    sorted(
        [(name, f"unknown: {row.why}" if row.why else "implemented") for name, row in FUNCTIONS.items()]
        + [(name, f"implemented by the evaluator: {text}") for name, text in SPECIAL.items()]
    )
)
"""Every function of the language with what surplus does about it; the documentation's table."""


OF_PROVIDERS: dict[str, Function] = {
    "provider::kubernetes::manifest_decode": Function(_manifest, "string"),
    "provider::kubernetes::manifest_decode_multi": Function(_manifests, "string"),
}
"""Functions of a provider that depend on their arguments only:
https://registry.terraform.io/providers/hashicorp/kubernetes/latest/docs/functions/manifest_decode
"""


def call(name: str, args: list[Any], context: Context) -> Any:
    """The result of the function *name*, which may be written `core::name`.

    Unknown for a provider's function. Raises `EvaluationError`, and nothing else, where Terraform stops: for
    a name that does not exist, a wrong number of arguments, a null or a type that a parameter does not take,
    and whatever the function itself refuses.
    """
    function = OF_PROVIDERS.get(name)
    if name.startswith("provider::") and function is None:
        return Unknown(f"{name} is a provider's function")
    name = name.removeprefix("core::")
    function = function or FUNCTIONS.get(name)
    if function is None:
        import difflib  # only a misspelt name needs it

        near = difflib.get_close_matches(name, [*FUNCTIONS, *SPECIAL], n=1)
        hint = f', did you mean "{near[0]}"?' if near else ""
        raise EvaluationError(f'there is no function named "{name}"{hint}')
    try:
        converted = _arguments(function, args)
        if isinstance(converted, Unknown):
            return converted
        if function.run is None:
            return Unknown(f"{name}: {function.why}", nullable=False)
        handed = [getattr(context, field) for field in function.context]
        return _bounded(function.run(*handed, *converted))
    except EvaluationError as error:
        raise EvaluationError(f"{name}: {error}") from None
    except (ArithmeticError, RecursionError, ValueError) as error:
        # Python's own bounds: digits of a number, levels of a call, halves of a surrogate pair
        raise EvaluationError(f"{name}: the arguments are too large or too deep") from error


def _arguments(function: Function, args: list[Any]) -> list[Any] | Unknown:
    """*args* converted to the function's parameters, or the unknown that its result is."""
    kinds = function.parameters.split()
    repeated = bool(kinds) and kinds[-1].endswith("*")
    least = len(kinds) - repeated
    if len(args) < least or (len(args) > least and not repeated):
        wanted = f"{'at least ' if repeated else ''}{least} argument{'' if least == 1 else 's'}"
        raise EvaluationError(f"{wanted} required, not {len(args)}")
    kinds = [kind.rstrip("*") for kind in kinds] + kinds[-1:] * (len(args) - len(kinds))
    pairs = [(kind.rstrip("*"), arg) for kind, arg in zip(kinds, args, strict=False)]
    for place, (kind, arg) in enumerate(pairs, start=1):
        if arg is None and not kind.endswith("?"):
            raise EvaluationError(f"argument {place} must not be null")
    converted = [arg if isinstance(arg, Unknown) else _converted(kind, arg) for kind, arg in pairs]
    if function.unknown != "own":
        for arg in converted:
            found = first_unknown(arg) if function.unknown == "deep" else arg
            if isinstance(found, Unknown):
                return Unknown(found.reason, nullable=function.nullable)
    return converted


def _converted(kind: str, arg: Any) -> Any:
    return None if arg is None else CONVERSIONS[kind.rstrip("?")](arg)


def _bounded(result: Any) -> Any:
    """*result*, a string in Unicode's form NFC as all of Terraform's are, unless it passes a bound."""
    if isinstance(result, float) and not math.isfinite(result):
        return Unknown("the number is infinite", nullable=False)
    if isinstance(result, str) and len(result) > limits.MAX_TEXT:
        return limits.exceeded("MAX_TEXT", limits.MAX_TEXT)
    if isinstance(result, (list, dict)) and len(result) > limits.MAX_ITEMS:
        return limits.exceeded("MAX_ITEMS", limits.MAX_ITEMS)
    return result if not isinstance(result, str) or result.isascii() else unicodedata.normalize("NFC", result)
