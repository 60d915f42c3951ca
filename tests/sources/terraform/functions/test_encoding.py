import base64
import gzip
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surplus.model import Unknown
from surplus.sources.terraform.functions.encoding import (
    base64decode,
    base64encode,
    base64gunzip,
    jsondecode,
    jsonencode,
    urldecode,
    urlencode,
)
from surplus.sources.terraform.values import EvaluationError, Set

EXAMPLES: list[tuple[str, list[Any], Any]] = [
    ("base64decode", ["SGVsbG8gV29ybGQ="], "Hello World"),
    ("base64decode", ["SGVs\r\nbG8="], "Hello"),
    ("base64decode", [""], ""),
    ("base64encode", ["Hello World"], "SGVsbG8gV29ybGQ="),
    ("base64encode", ["é"], "w6k="),
    (
        "csvdecode",
        ["a,b,c\n1,2,3\n4,5,6"],
        [{"a": "1", "b": "2", "c": "3"}, {"a": "4", "b": "5", "c": "6"}],
    ),
    ("csvdecode", ["\na,b\r\n\n1,2\r\n"], [{"a": "1", "b": "2"}]),
    ("csvdecode", ['a,b\n1,"x""y"'], [{"a": "1", "b": 'x"y'}]),
    ("csvdecode", ['a\n"x\r\ny"\n\n'], [{"a": "x\ny"}]),
    ("csvdecode", ['"a""b",c\n,'], [{'a"b': "", "c": ""}]),
    ("csvdecode", ["a, b\n1, 2"], [{"a": "1", " b": " 2"}]),
    ("csvdecode", ["a,\n1,2"], [{"a": "1", "": "2"}]),
    ("csvdecode", ["a\n\r"], []),
    ("csvdecode", ['a\nx\ry\n""\r'], [{"a": "x\ry"}, {"a": ""}]),
    ("jsondecode", ['{"hello": "world"}'], {"hello": "world"}),
    ("jsondecode", ["true"], True),
    ("jsondecode", ['{"a":1.50,"b":[null,1e3,-2]}'], {"a": 1.5, "b": [None, 1000, -2]}),
    ("jsondecode", ['{"a":1,"a":2}'], {"a": 2}),
    ("jsondecode", ["123456789012345678901234567890"], 123456789012345678901234567890),
    ("jsondecode", ['"\\u00e9\\/\\ud83d\\ude00"'], "é/😀"),
    ("jsondecode", ['"\\ud800"'], "\ufffd"),
    ("jsonencode", [{"hello": "world"}], '{"hello":"world"}'),
    (
        "jsonencode",
        [{"b": [1, 0.1, None, True], "a": "<x> & y"}],
        '{"a":"\\u003cx\\u003e \\u0026 y","b":[1,0.1,null,true]}',
    ),
    ("jsonencode", [Set(["a", "b"])], '["a","b"]'),
    ("jsonencode", ['\u2028\u2029\x7f\x01\n\t\b\f/"é😀'], '"\\u2028\\u2029\x7f\\u0001\\n\\t\\b\\f/\\"é😀"'),
    ("jsonencode", [1e-10], "0.0000000001"),
    ("jsonencode", [None], "null"),
    ("textdecodebase64", ["SABlAGwAbABvACAAVwBvAHIAbABkAA==", "UTF-16LE"], "Hello World"),
    ("textencodebase64", ["Hello World", "UTF-16LE"], "SABlAGwAbABvACAAVwBvAHIAbABkAA=="),
    ("textencodebase64", ["Hello", "UTF-16"], "/v8ASABlAGwAbABv"),
    ("textencodebase64", ["a", "UTF-16BE"], "AGE="),
    ("textencodebase64", ["é", "latin1"], "6Q=="),
    ("textencodebase64", ["é", "ISO-8859-1"], "6Q=="),
    ("textencodebase64", ["é", "CP437"], "gg=="),
    ("textencodebase64", ["é", "windows-1252"], "6Q=="),
    ("textencodebase64", ["日", "Shift_JIS"], "k/o="),
    ("textencodebase64", ["日", "GBK"], "yNU="),
    ("textencodebase64", ["é", "Big5"], "iG0="),
    ("urlencode", ["Hello World!"], "Hello+World%21"),
    ("urlencode", ["☃"], "%E2%98%83"),
    ("urlencode", ["~*'()-_./"], "~%2A%27%28%29-_.%2F"),
]

OPENTOFU_EXAMPLES: list[tuple[str, list[Any], Any]] = [
    ("base64gunzip", [base64.b64encode(gzip.compress(b"Hello")).decode()], "Hello"),
    ("urldecode", ["Hello+World%21"], "Hello World!"),
    ("urldecode", ["%E2%98%83"], "☃"),
]

ERRORS: list[tuple[str, list[Any]]] = [
    ("base64decode", ["SGVsbG8"]),
    ("base64decode", [" SGk="]),
    ("base64decode", ["DQRA=="]),
    ("base64decode", ["/w=="]),
    ("csvdecode", [""]),
    ("csvdecode", ["a,a\n1,2"]),
    ("csvdecode", ["a,b\n1"]),
    ("csvdecode", ["a,b\n1,2,3"]),
    ("csvdecode", ['a,b\n1, x"y']),
    ("csvdecode", ['a\n"x"y']),
    ("csvdecode", ['a\n"x']),
    ("jsondecode", [""]),
    ("jsondecode", ["{a:1}"]),
    ("jsondecode", ["1 2"]),
    ("jsondecode", ["NaN"]),
    ("jsondecode", ["-Infinity"]),
    ("jsondecode", ['"a\tb"']),
    ("jsondecode", ["[1,]"]),
    ("jsondecode", ["01"]),
    ("jsondecode", [None]),
    ("textencodebase64", ["日", "ISO-8859-1"]),
    ("textdecodebase64", ["SAB", "UTF-16LE"]),
]

OPENTOFU_ERRORS: list[tuple[str, list[Any]]] = [
    ("base64gunzip", ["SGVsbG8="]),
    ("base64gunzip", [base64.b64encode(gzip.compress(b"Hello")[:-6]).decode()]),
    ("urldecode", ["%zz"]),
    ("urldecode", ["%ff"]),
]

SYMBOL = Unknown("later", text="⟨aws_s3_bucket.b.arn⟩", nullable=False)


@pytest.mark.parametrize(("name", "args", "expected"), EXAMPLES + OPENTOFU_EXAMPLES)
def test_examples(run: Any, name: str, args: list[Any], expected: Any) -> None:
    assert run(name, *args) == expected


@pytest.mark.parametrize(("name", "args"), ERRORS + OPENTOFU_ERRORS)
def test_errors(run: Any, name: str, args: list[Any]) -> None:
    with pytest.raises(EvaluationError, match=f"^{name}: "):
        run(name, *args)


def test_jsonencode_keeps_symbols(run: Any) -> None:
    result = run("jsonencode", {"Resource": [SYMBOL]})
    assert result == Unknown("later", '{"Resource":["⟨aws_s3_bucket.b.arn⟩"]}', nullable=False)
    assert run("jsonencode", [SYMBOL, Unknown("r")]) == Unknown("later", nullable=False)


def test_deliberately_unknown(run: Any) -> None:
    assert "UTF-32" in run("textdecodebase64", "AAAA", "UTF-32").reason
    assert isinstance(run("base64gzip", "a"), Unknown)
    assert isinstance(run("textencodebase64", "a", "UTF-32"), Unknown)


def test_bounds(run: Any) -> None:
    assert "MAX_DIGITS" in run("jsondecode", "[1e999999]")[0].reason
    assert "MAX_DIGITS" in run("jsondecode", f"[{'1' * 5000}]")[0].reason
    bomb = base64.b64encode(gzip.compress(b"a" * 2_000_000)).decode()
    assert "MAX_TEXT" in run("base64gunzip", bomb).reason
    deep = run("jsondecode", "[" * 300 + "]" * 300)
    while isinstance(deep, list):
        (deep,) = deep
    assert "MAX_NESTING" in deep.reason
    with pytest.raises(EvaluationError):
        run("jsondecode", "[" * 100_000 + "]" * 100_000)


def test_data_that_is_not_in_its_encoding(run: Any) -> None:
    with pytest.raises(EvaluationError, match="UTF-16LE"):
        run("textdecodebase64", "AA==", "UTF-16LE")


def test_an_unknown_document_may_be_null(run: Any) -> None:
    assert run("jsondecode", Unknown("r")) == Unknown("r", nullable=True)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(-1e9, 1e9).filter(lambda x: not x.is_integer()) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=10,
)


@given(VALUES)
def test_jsondecode_undoes_jsonencode(value: Any) -> None:
    assert jsondecode(jsonencode(value)) == value


@given(st.text())
def test_the_other_round_trips(text: str) -> None:
    assert base64decode(base64encode(text)) == text
    assert urldecode(urlencode(text)) == text
    assert base64gunzip(base64.b64encode(gzip.compress(text.encode())).decode()) == text
