"""Encoding functions. https://developer.hashicorp.com/terraform/language/functions/jsonencode and others."""

import base64
import json
import re
import urllib.parse
import zlib
from decimal import Decimal
from typing import Any, NoReturn

from surplus.model import Unknown, unknowns
from surplus.sources.terraform import limits
from surplus.sources.terraform.functions.numeric import number_of
from surplus.sources.terraform.values import EvaluationError, number_text

HTML = str.maketrans({char: f"\\u{ord(char):04x}" for char in "<>&\u2028\u2029"})
BASE64 = re.compile(r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?")
CODECS = {
    "UTF-8": "utf-8",
    "UTF-16LE": "utf-16-le",
    "UTF-16BE": "utf-16-be",
    "US-ASCII": "ascii",
    "LATIN1": "latin-1",
    "CP437": "cp437",
    "IBM437": "cp437",
    "SHIFT_JIS": "cp932",
    "EUC-JP": "euc_jp",
    "EUC-KR": "cp949",
    "GBK": "gbk",
    "GB18030": "gb18030",
    "BIG5": "big5hkscs",
    "KOI8-R": "koi8-r",
    "KOI8-U": "koi8-u",
    **{f"ISO-8859-{part}": f"iso8859-{part}" for part in range(1, 17) if part != 12},
    **{f"WINDOWS-{page}": f"cp{page}" for page in range(1250, 1259)},
}
"""Names of the IANA registry that are read, in capitals, and Python's names for them."""


def base64encode(text: str) -> str:
    """Text as UTF-8 in Base64."""
    return base64.b64encode(text.encode()).decode()


def base64decode(text: str) -> str:
    """Base64 back to text, which must be UTF-8."""
    return _utf8(_unpacked(text))


def base64gunzip(text: str) -> Any:
    """Compressed Base64 back to text (OpenTofu)."""
    unpacker = zlib.decompressobj(wbits=31)
    try:
        data = unpacker.decompress(_unpacked(text), limits.MAX_TEXT)
    except zlib.error:
        raise EvaluationError("the data is not in gzip's format") from None
    if unpacker.unconsumed_tail:
        return limits.exceeded("MAX_TEXT", limits.MAX_TEXT)
    if not unpacker.eof:
        raise EvaluationError("the data is not in gzip's format")
    return _utf8(data)


def textencodebase64(text: str, encoding: str) -> Any:
    """Text in a character encoding, in Base64."""
    try:
        if encoding.upper() == "UTF-16":
            data = b"\xfe\xff" + text.encode("utf-16-be")
        elif (codec := CODECS.get(encoding.upper())) is None:
            return _unsupported(encoding)
        else:
            data = text.encode(codec)
    except UnicodeError:
        raise EvaluationError(f"the string has characters that {encoding} has not") from None
    return base64.b64encode(data).decode()


def textdecodebase64(text: str, encoding: str) -> Any:
    """Base64 of text in a character encoding, back to text."""
    data = _unpacked(text)
    codec = "utf-16" if encoding.upper() == "UTF-16" else CODECS.get(encoding.upper())
    if codec is None:
        return _unsupported(encoding)
    try:
        return data.decode(codec)
    except UnicodeError:
        raise EvaluationError(f"the data is not valid {encoding}") from None


def _unsupported(encoding: str) -> Unknown:
    return Unknown(f'the character encoding "{encoding}" is not supported', nullable=False)


def _unpacked(text: str) -> bytes:
    text = re.sub(r"[\r\n]", "", text)
    if not BASE64.fullmatch(text):
        raise EvaluationError("the text is not valid Base64")
    return base64.b64decode(text)


def _utf8(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise EvaluationError("the decoded data is not valid UTF-8") from None


def urlencode(text: str) -> str:
    """Text for the query of a URL: a space becomes a plus sign."""
    return urllib.parse.quote_plus(text)


def urldecode(text: str) -> str:
    """The reverse of `urlencode` (OpenTofu)."""
    if re.search(r"%(?![0-9A-Fa-f]{2})", text):
        raise EvaluationError("a percent sign is not followed by two hexadecimal digits")
    return _utf8(urllib.parse.unquote_to_bytes(text.replace("+", " ")))


def jsonencode(value: Any) -> Any:
    """*value* as JSON: keys sorted, no spaces, and <, >, & escaped. A symbolic value stands in it as text."""
    missing = [unknown for _, unknown in unknowns(value)]
    if any(unknown.text is None for unknown in missing):
        return Unknown(missing[0].reason, nullable=False)
    text = _json(value)
    return Unknown(missing[0].reason, text, nullable=False) if missing else text


def _json(value: Any) -> str:
    if isinstance(value, Unknown):
        value = value.text
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).translate(HTML)
    if value is None or isinstance(value, bool):
        return "null" if value is None else "true" if value else "false"
    if isinstance(value, (int, float)):
        return number_text(value)
    if isinstance(value, list):
        return f"[{','.join(map(_json, value))}]"
    return "{" + ",".join(f"{_json(key)}:{_json(value[key])}" for key in sorted(value)) + "}"


def jsondecode(text: str) -> Any:
    """The value that a JSON document spells."""
    try:
        value = json.loads(text, parse_int=_number, parse_float=_number, parse_constant=_no_number)
    except ValueError as error:
        raise EvaluationError(f"the text is not valid JSON: {error}") from None
    return _without_surrogates(value, limits.MAX_NESTING)


def _number(text: str) -> Any:
    power = re.search(r"[eE]\+?0*(\d+)$", text)
    if len(text) > limits.MAX_DIGITS or (power and (len(power[1]) > 4 or int(power[1]) > limits.MAX_DIGITS)):
        return limits.exceeded("MAX_DIGITS", limits.MAX_DIGITS)
    return number_of(Decimal(text))


def _no_number(text: str) -> NoReturn:
    raise EvaluationError(f"{text} is not a JSON number")


def _without_surrogates(value: Any, levels: int) -> Any:
    """Half of a surrogate pair, which JSON can spell, becomes the replacement character."""
    if not levels:
        return limits.exceeded("MAX_NESTING", limits.MAX_NESTING)
    if isinstance(value, str):
        return value if value.isascii() else re.sub("[\ud800-\udfff]", "\ufffd", value)
    if isinstance(value, list):
        return [_without_surrogates(item, levels - 1) for item in value]
    if isinstance(value, dict):
        return {_without_surrogates(key, levels): _without_surrogates(item, levels - 1) for key, item in value.items()}
    return value


FIELD = re.compile(r'(?:"((?:[^"]|"")*)"|((?:[^",\r\n]|\r(?!\n|\Z))*))(,|\r?\n|\r?\Z)')


def csvdecode(text: str) -> list[dict[str, str]]:
    """A list with one object per line of a CSV text; the first line names the attributes."""
    rows: list[list[str]] = []
    row: list[str] = []
    at = 0
    while at < len(text) or row:
        if not row and (blank := re.compile(r"\r?\n|\r\Z").match(text, at)):
            at = blank.end()
            continue
        found = FIELD.match(text, at)
        if found is None:
            raise EvaluationError(f"line {text.count(chr(10), 0, at) + 1} of the CSV text has a stray quote")
        quoted = found[1] is not None
        row.append(found[1].replace('""', '"').replace("\r\n", "\n") if quoted else found[2])
        at = found.end()
        if found[3] != ",":
            if rows and len(row) != len(rows[0]):
                raise EvaluationError(f"row {len(rows) + 1} of the CSV text has a wrong number of fields")
            rows.append(row)
            row = []
    if not rows:
        raise EvaluationError("the CSV text has no header line")
    if len(set(rows[0])) < len(rows[0]):
        raise EvaluationError("the CSV text has two columns of one name")
    return [dict(zip(rows[0], cells, strict=True)) for cells in rows[1:]]
