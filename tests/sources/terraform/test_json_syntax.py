import json
from typing import Any

import pytest

from surplus.model import Span
from surplus.sources.terraform.json_syntax import parse_json


def plain(node: Any) -> Any:
    """The node without its offsets."""
    if not isinstance(node, tuple):
        return node
    if len(node) > 3 and isinstance(node[0], str) and type(node[1]) is int and type(node[2]) is int:
        node = (node[0], *node[3:-1], "") if node[0] == "block" else (node[0], *node[3:])
    return tuple(plain(part) for part in node)


def body(data: Any, path: str = "a.tf.json") -> Any:
    file = parse_json(json.dumps(data), path)
    assert not file.problems
    assert file.is_json
    return plain(file.body)


def test_resources() -> None:
    attributes = {"a": "x${b}", "n": -1, "l": ["y", True, None], "o": {"k": "$${z}"}, "//": "no"}
    assert body({"resource": {"t": {"n": attributes}}}) == (
        (
            "block",
            "resource",
            ("t", "n"),
            (
                ("attr", "a", ("tmpl", ("x", ("id", "b")))),
                ("attr", "n", ("lit", -1)),
                ("attr", "l", ("tup", (("lit", "y"), ("lit", True), ("lit", None)))),
                ("attr", "o", ("obj", ((("lit", "k"), ("lit", "${z}")),))),
            ),
            "",
        ),
    )


def test_repeated_blocks_and_labels() -> None:
    assert body({"provider": {"a": [{}, {"b": 1}]}, "locals": [{"c": 2}], "//": "x"}) == (
        ("block", "provider", ("a",), (), ""),
        ("block", "provider", ("a",), (("attr", "b", ("lit", 1)),), ""),
        ("block", "locals", (), (("attr", "c", ("lit", 2)),), ""),
    )


def test_nested_blocks() -> None:
    found = body({"terraform": {"backend": {"s3": {}}, "required_version": "1"}})
    assert found[0][3] == (("block", "backend", ("s3",), (), ""), ("attr", "required_version", ("lit", "1")))
    found = body({"resource": {"t": {"n": {"lifecycle": {"prevent_destroy": True}}}}})
    assert found[0][3][0][:2] == ("block", "lifecycle")


def test_variables() -> None:
    found = body({"variable": {"v": {"type": "list(string)", "default": "${x}"}}})
    assert found[0][3] == (
        ("attr", "type", ("call", "list", (("id", "string"),), False)),
        ("attr", "default", ("lit", "${x}")),
    )


def test_variable_files() -> None:
    assert body({"a": "${x}"}, "x.tfvars.json") == (("attr", "a", ("lit", "${x}")),)


def test_places() -> None:
    text = '\ufeff{\n  "module": {"m": {"source": "./${a.b}"}}\n}'
    file = parse_json(text, "a.tf.json")
    ((_, start, end, _, _, (attribute,), header_end),) = file.body
    assert file.text[start:end].startswith('"module"')
    assert file.text[:header_end].endswith('"m"')
    assert file.span(*attribute[1:3]) == Span(2, 20, 2, 40)
    template = attribute[4]
    place = file.text.index('"./'), file.text.index("}}\n")
    assert template[1:3] == place
    assert template[3][1][1:3] == place


@pytest.mark.parametrize(
    ("text", "line", "column", "words"),
    [
        ("", 1, 1, "empty"),
        ("{", 1, 2, "the end of the file"),
        ('{"a"}', 1, 5, '":"'),
        ('{"locals": {"a": }}', 1, 18, "expected a value"),
        ('{"locals": {"a": 1,}}', 1, 20, "more"),
        ('{"locals": {"a": [1 2]}}', 1, 21, '"," or "]"'),
        ('{"locals": {"a": "b\n"}}', 1, 18, "does not end"),
        ('{"locals": {"a": 1, "a": 2}}', 1, 21, "set twice"),
        ('{"locals": {"a": {"b": 1, "b": 2}}}', 1, 27, "set twice"),
        ('{"locals": 1}', 1, 12, "must be an object"),
        ('{"resource": {"a": 1}}', 1, 20, "must be an object"),
        ('{"other": {}}', 1, 2, "no block type"),
        ('{"locals": {"a": "${b"}}', 1, 18, "in this string"),
        ('{"variable": {"a": {"type": "list("}}}', 1, 29, "in this string"),
        ('{"locals": {"a": ' + "9" * 5000 + "}}", 1, 18, "too large"),
        ("{} {}", 1, 4, "the end of the file"),
        ("[" * 100_000, 1, 201, "nested more than 200"),
        ('{"locals": {"a": \0}}', 1, 18, "U+0000"),
    ],
)
def test_faults(text: str, line: int, column: int, words: str) -> None:
    (problem,) = parse_json(text, "a.tf.json").problems
    assert words in problem.message
    assert problem.span is not None
    assert (problem.span.line, problem.span.column) == (line, column)


def test_deep_templates_are_a_problem() -> None:
    text = json.dumps({"locals": {"a": "${a" + " + a" * 10_000 + "}"}})
    (problem,) = parse_json(text, "a.tf.json").problems
    assert "more than" in problem.message


def test_surrogates_become_replacement_characters() -> None:
    file = parse_json('{"locals": {"a": "\\ud800", "b": "\\ud83d\\ude00"}}', "a.tf.json")
    assert [node[4][3] for node in file.body[0][5]] == ["\ufffd", "\U0001f600"]
