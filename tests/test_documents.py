"""YAML text to values with places: https://yaml.org/spec/1.2.2/, with scalars as kubectl reads them."""

import json
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from surplus.documents import MAX_PARTS, Document, read_documents
from surplus.model import Span
from surplus.yaml_scalars import resolve
from surplus.yaml_values import MAX_ALIASED_NODES, MAX_DEPTH


def read_one(text: str) -> Document:
    documents, problems = read_documents(text, "f.yaml")
    assert problems == []
    assert len(documents) == 1
    return documents[0]


def messages(text: str) -> list[str]:
    return [problem.message for problem in read_documents(text, "f.yaml")[1]]


def text_at(text: str, span: Span) -> str:
    lines = text.split("\n")
    if span.line == span.end_line:
        return lines[span.line - 1][span.column - 1 : span.end_column - 1]
    first, last = lines[span.line - 1][span.column - 1 :], lines[span.end_line - 1][: span.end_column - 1]
    return "\n".join([first, *lines[span.line : span.end_line - 1], last])


def test_quoted_and_block_scalars_are_text() -> None:
    document = read_one("a: '1'\nb: \"true\"\nc: |\n  12\nd: >-\n  no\n  yes\n")
    assert document.value == {"a": "1", "b": "true", "c": "12\n", "d": "no yes"}


def test_core_tags_are_respected() -> None:
    document = read_one("a: !!str 1\nb: !!int '7'\nc: !!float 2\nd: !!bool yes\ne: !!null ''\nf: !!map {}\n")
    assert document.value == {"a": "1", "b": 7, "c": 2.0, "d": True, "e": None, "f": {}}


@pytest.mark.parametrize("value", ["!!binary aGk=", "!Ref x", "!!set {a: }", "!Sub [a]", "!!timestamp 2020-01-01"])
def test_other_tags_are_a_problem(value: str) -> None:
    documents, problems = read_documents(f"a: 1\nb: {value}\n", "f.yaml")
    assert documents[0].value == {"a": 1, "b": None}
    assert [problem.span.line for problem in problems if problem.span] == [2]
    assert value.split()[0] in problems[0].message


def test_a_tag_that_does_not_fit_is_a_problem() -> None:
    assert messages("a: !!int many\n") == ["`many` cannot be read as `!!int`"]
    assert messages("a: !!int yes\n") == ["`yes` cannot be read as `!!int`"]


def test_keys_are_text_as_they_are_spelt() -> None:
    document = read_one("1: a\ntrue: b\n1.5: c\n0x10: d\non: e\nn: f\n")
    assert document.value == {"1": "a", "true": "b", "1.5": "c", "0x10": "d", "on": "e", "n": "f"}
    assert messages("1: a\n'1': b\n") == ["duplicate key `1`, first at line 1; keep one"]
    assert read_one("a: &x b\n*x : c\n").value == {"a": "b", "b": "c"}


@pytest.mark.parametrize("text", ["[a]: 1\n", "{a: b}: 1\n", "? - a\n: 1\n", "~: 1\n", "{{ .Values.x }}: 1\n"])
def test_other_keys_are_a_problem(text: str) -> None:
    assert "a key must be text; quote it" in messages(text)


def test_a_key_that_is_no_text_is_shown_where_it_begins() -> None:
    for text in ("a: {{ .Values.x }}\n", "a: {[b, c]: d}\n"):
        _, problems = read_documents(text, "f.yaml")
        assert [(one.span.line, one.span.column) for one in problems if one.span] == [(1, 5)]


def test_duplicate_keys_keep_the_first() -> None:
    documents, problems = read_documents("a: 1\nb: 2\na: {c: 3}\n", "f.yaml")
    assert documents[0].value == {"a": 1, "b": 2}
    assert problems[0].message == "duplicate key `a`, first at line 1; keep one"
    assert problems[0].span == Span(3, 1, 3, 2)
    assert documents[0].spans["a",] == Span(1, 4, 1, 5)


def test_spans_of_values_and_keys() -> None:
    text = "a:\n  - b: x  # why\n    c: [1, 'two']\n  - |\n    d\n\ne: {f: }\n"
    document = read_one(text)
    shown = {route: text_at(text, span) for route, span in document.spans.items()}
    assert shown["a", 0, "b"] == "x"
    assert shown["a", 0, "c"] == "[1, 'two']"
    assert shown["a", 0, "c", 1] == "'two'"
    assert shown["a", 0] == "b: x  # why\n    c: [1, 'two']"
    assert shown["a", 1] == "|\n    d"
    assert shown["a",] == "- b: x  # why\n    c: [1, 'two']\n  - |\n    d"
    assert shown["e", "f"] == ""
    keys = {route: text_at(text, span) for route, span in document.keys.items()}
    assert keys == {("a",): "a", ("a", 0, "b"): "b", ("a", 0, "c"): "c", ("e",): "e", ("e", "f"): "f"}
    assert len(document.keys) == 5
    with pytest.raises(KeyError):
        document.spans["a", 2]
    with pytest.raises(KeyError):
        document.keys["a", 0]


def test_spans_leave_out_anchor_and_tag() -> None:
    text = "a: &x !!int 5\nb: &y\n  c: 1\n"
    document = read_one(text)
    assert text_at(text, document.spans["a",]) == "5"
    assert text_at(text, document.spans["b",]) == "c: 1"


def test_columns_count_code_points() -> None:
    document = read_one('"é😀": ü\n')
    assert document.keys["é😀",] == Span(1, 1, 1, 5)
    assert document.spans["é😀",] == Span(1, 7, 1, 8)


def test_bom_and_crlf() -> None:
    document = read_one("\ufeffa: 1\r\nb:\r\n- x\r\n")
    assert document.value == {"a": 1, "b": ["x"]}
    assert document.spans["b", 0] == Span(3, 3, 3, 4)


def test_unusual_line_breaks_do_not_move_lines() -> None:
    document = read_one('a: "x\u2028y"\nb: 1\n')
    assert document.spans["b",].line == 2


def test_locate() -> None:
    text = "spec:\n  replicas: 3\n  containers:\n  - name: a\n    image: b\n  empty:\n"
    document = read_one(text)
    assert document.locate(("spec", "replicas")) == (Span(2, 13, 2, 14), True)
    assert document.locate(("spec", "strategy", "type")) == (Span(1, 1, 1, 5), False)
    assert document.locate(("spec", "containers", 0, "resources", "limits")) == (Span(4, 5, 4, 12), False)
    assert document.locate(("spec", "containers", 5)) == (Span(3, 3, 3, 13), False)
    assert document.locate(("spec", "empty")) == (Span(6, 3, 6, 8), False)
    assert document.locate(("metadata", "name")) == (Span(1, 1, 1, 5), False)
    assert read_one("- a\n").locate((3,)) == (Span(1, 1, 1, 4), False)


def test_aliases_and_merges_have_the_spans_of_the_anchor() -> None:
    text = (
        "base: &base\n  cpu: 1\n  memory: 2\nother: &other {cpu: 5, disk: 6}\n"
        "a: *base\nb:\n  <<: [*base, *other]\n  memory: 3\nc:\n  <<: *other\n"
    )
    document = read_one(text)
    assert document.value["a"] is document.value["base"]
    assert document.value["b"] == {"memory": 3, "cpu": 1, "disk": 6}
    assert document.value["c"] == {"cpu": 5, "disk": 6}
    assert document.spans["a", "cpu"] == document.spans["base", "cpu"]
    assert document.spans["b", "cpu"].line == 2
    assert document.spans["b", "memory"].line == 8
    assert document.alias(("a", "cpu")) == (Span(5, 4, 5, 9), "base")
    assert document.alias(("b", "disk")) == (Span(7, 15, 7, 21), "other")
    assert document.alias(("c", "disk")) == (Span(10, 7, 10, 13), "other")
    assert document.alias(("b", "memory")) is None
    assert document.alias(("nothing",)) is None
    assert document.spans["b",].end_line == 8


def test_merged_text_may_stand_inline() -> None:
    assert read_one("a:\n  <<: {x: 1}\n  y: 2\n").value == {"a": {"y": 2, "x": 1}}
    assert read_one("a: {<<: , y: 2}\n").value == {"a": {"y": 2}}
    assert read_one("'<<': 1\n").value == {"<<": 1}
    assert messages("a: {<<: 5}\n") == ["`<<` takes a mapping or a list of mappings"]


def test_anchors_end_with_their_document() -> None:
    assert messages("a: &x 1\n---\nb: *x\n") == ["alias `*x` has no anchor before it; define `&x`"]


def test_recursive_aliases_are_refused() -> None:
    documents, problems = read_documents("a: &a [1, *a]\nb: &b {<<: *b}\n", "f.yaml")
    assert documents[0].value == {"a": [1, None], "b": {}}
    assert [problem.message for problem in problems] == [
        "alias `*a` stands inside its own anchor; write the value out",
        "alias `*b` stands inside its own anchor; write the value out",
    ]


def test_a_bomb_is_refused_once() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 10)]
    problems = messages("\n".join(lines))
    assert problems == [f"aliases add more than {MAX_ALIASED_NODES:,} values to this file; use fewer"]


def test_depth_is_bounded_for_text_and_aliases() -> None:
    deep = "[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1)
    assert messages(deep) == [f"nested deeper than {MAX_DEPTH} levels; flatten it"]
    assert messages("[" * MAX_DEPTH + "]" * MAX_DEPTH) == []
    half = MAX_DEPTH // 2
    text = f"a: &a {'[' * half}{']' * half}\nb: {'[' * (half + 1)}*a{']' * (half + 1)}\n"
    assert messages(text) == [f"aliases nest deeper than {MAX_DEPTH} levels; flatten them"]


def test_empty_documents_are_skipped() -> None:
    documents, problems = read_documents("---\n# nothing\n---\na: 1\n---\n...\n---\nnull\n", "f.yaml")
    assert [document.value for document in documents] == [{"a": 1}]
    assert problems == []
    assert read_documents("", "f.yaml") == ([], [])


def test_ten_thousand_documents() -> None:
    documents, problems = read_documents("---\na: {b: [1, 2, 3]}\n" * 10_000, "f.yaml")
    assert problems == []
    assert len(documents) == 10_000
    assert documents[-1].spans["a",].line == 20_000


def test_reading_goes_on_after_a_syntax_error() -> None:
    documents, problems = read_documents("a: 1\n---\nb: [1,\n---\nc: 3\n---\nd: 'x\n---\ne: 5\n", "f.yaml")
    assert [document.value for document in documents] == [{"a": 1}, {"c": 3}, {"e": 5}]
    assert documents[1].spans["c",] == Span(5, 4, 5, 5)
    assert documents[2].keys["e",] == Span(9, 1, 9, 2)
    assert [problem.span.line for problem in problems if problem.span] == [4, 7]
    assert all(problem.message.startswith("not valid YAML: ") for problem in problems)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a: 1\n\tb: 2\n", 2),
        ("a: b: c\n", 1),
        ("a:\n - 1\n 2\n", 3),
        ("a: %x\n", 1),
        ('a: "\\q"\n', 1),
        ("a: {b: 1\n", 1),
        ("%YAML 3.0\n---\na: 1\n", 1),
        ("a: @x\n", 1),
        ("a: \x00\n", 1),
        ("x\ny\nz: \x07\n", 3),
        ("a: \ud800\n", 1),
    ],
)
def test_bad_text_is_one_problem_with_its_line(text: str, line: int) -> None:
    problems = read_documents(text, "f.yaml")[1]
    assert problems[0].path == "f.yaml"
    assert problems[0].span is not None
    assert problems[0].span.line == line
    assert "; " in problems[0].message


def test_a_bad_character_leaves_the_rest() -> None:
    documents, problems = read_documents("a: 1\n---\nb: \x00\n---\nc: 3\n", "f.yaml")
    assert documents[0].value == {"a": 1}
    assert documents[-1].value == {"c": 3}
    assert [problem.message for problem in problems] == [
        "character U+0000 is not allowed in YAML; remove it or write an escape"
    ]


def test_source_comments_of_rendered_charts() -> None:
    text = (
        "---\n# Source: app/templates/a.yaml\na: 1\n---\n# Source: app/templates/b.yaml\r\n# more\nb: 2\n"
        "---\nc: 3\n# Source: late.yaml\n"
    )
    sources = [document.source for document in read_documents(text, "f.yaml")[0]]
    assert sources == ["app/templates/a.yaml", "app/templates/b.yaml", None]


def test_the_python_parser_reads_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "a: &x {b: [1, 'two']}\nc:\n- *x\n- |\n  d\n---\ne: ]\n---\nf: !!int '6'\n"
    expected, expected_problems = read_documents(text, "f.yaml")
    monkeypatch.setattr(yaml, "__with_libyaml__", False)
    found, problems = read_documents(text, "f.yaml")
    assert [document.value for document in found] == [document.value for document in expected]
    assert [dict(document.spans) for document in found] == [dict(document.spans) for document in expected]
    assert [problem.span for problem in problems] == [problem.span for problem in expected_problems]


# What YAML 1.1 as PyYAML writes it, and kubectl's reader, take differently stays out.
def _same_everywhere(text: str) -> bool:
    return isinstance(resolve(text), str) and text not in ("<<", "=") and text[0] not in "0123456789+-."


CHARACTERS = st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="\ufeff\ufffe\uffff")
TEXTS = st.text(CHARACTERS, max_size=12)
NUMBERS = st.integers(-(2**63), 2**63 - 1) | st.floats(-1e6, 1e6).filter(lambda number: "e" not in repr(number))


def json_like(texts: st.SearchStrategy[str], keys: st.SearchStrategy[str]) -> st.SearchStrategy[Any]:
    scalars = st.none() | st.booleans() | NUMBERS | texts
    return st.recursive(
        scalars,
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4),
        max_leaves=20,
    )


PLAIN = TEXTS.filter(lambda text: text == "" or _same_everywhere(text))
KEYS = TEXTS.filter(lambda text: text != "" and _same_everywhere(text))


@given(json_like(PLAIN, KEYS).filter(lambda value: value is not None))
def test_agrees_with_pyyaml_on_what_it_dumps(value: Any) -> None:
    text = yaml.safe_dump(value, allow_unicode=True)
    assert read_one(text).value == yaml.safe_load(text) == value


@given(json_like(TEXTS, TEXTS).filter(lambda value: value is not None))
def test_agrees_with_json(value: Any) -> None:
    text = json.dumps(value, ensure_ascii=False)
    assert read_one(text).value == json.loads(text)


@given(json_like(PLAIN, KEYS).filter(lambda value: value is not None), st.booleans())
def test_the_text_of_a_span_is_the_scalar(value: Any, flow: bool) -> None:
    text = yaml.safe_dump(value, allow_unicode=True, default_flow_style=flow, width=1000)
    document = read_one(text)
    for route, span in document.spans.items():
        found = document.value
        for key in route:
            found = found[key]
        if isinstance(found, bool | int | float | str):
            again = read_documents(text_at(text, span), "f.yaml")[0]
            assert again[0].value == found
        assert document.locate(route) == (span, True) or found is None
    for route, span in document.keys.items():
        assert read_one(text_at(text, span)).value == route[-1]


SNIPPETS = st.lists(
    st.sampled_from(
        [
            "a",
            "b: ",
            "- ",
            "\n",
            "  ",
            "\n  ",
            "[",
            "]",
            "{",
            "}",
            ", ",
            ": ",
            "&x ",
            "*x",
            "!!int ",
            "!t ",
            "<<: ",
            "'",
            '"',
            "|\n",
            ">\n",
            "---\n",
            "...\n",
            "# c\n",
            "? ",
            "1",
            "\t",
            "\r\n",
            "%",
            "\x00",
            "\ufeff",
            "~",
        ]
    ),
    max_size=30,
).map("".join)


@settings(max_examples=400)
@given(SNIPPETS | st.text(max_size=40))
def test_never_raises(text: str) -> None:
    documents, problems = read_documents(text, "f.yaml")
    for document in documents:
        for route in list(document.spans):
            document.locate((*route, "x"))
            document.alias(route)
        assert len(document.keys) <= len(document.spans)
    for problem in problems:
        assert problem.path == "f.yaml"
        assert problem.span is not None
        assert problem.span.line >= 1
        assert problem.span.column >= 1


def test_objects_of_json_may_follow_each_other() -> None:
    documents, problems = read_documents('{"a": 1}{"b": {}}\n{\n"c": 2}\n', "f.json")
    assert problems == [] and [document.value for document in documents] == [{"a": 1}, {"b": {}}, {"c": 2}]
    assert [document.spans[()].line for document in documents] == [1, 1, 2]
    _, problems = read_documents('{"a": 1} b', "f.json")
    assert [problem.message for problem in problems] == [
        "not valid JSON: a document begins without a line `---` before it; add it"
    ]


def test_json_objects_without_end_are_not_read_to_the_end() -> None:
    documents, problems = read_documents('{"a": 1}\n' * 5000, "f.json")
    assert len(documents) == MAX_PARTS
    assert [(one.message, one.span) for one in problems] == [
        ("more than 100 JSON objects follow each other (MAX_PARTS); put them into a List", Span(101, 1, 101, 2))
    ]


def test_a_sign_in_two_escapes_keeps_its_places() -> None:
    documents, problems = read_documents('\n {\t"a": "\\ud83d\\ude00\\/", "b": 1}', "f.json")
    assert problems == [] and documents[0].value["a"][-1] == "/"
    assert documents[0].spans["b",] == Span(2, 32, 2, 33)


def test_a_file_of_errors_ends_early() -> None:
    documents, problems = read_documents("a: [\n---\n" * 5000, "f.yaml")
    assert documents == []
    assert len(problems) == MAX_PARTS
