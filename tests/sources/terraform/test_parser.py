from typing import Any

import pytest

from surplus.model import Span
from surplus.sources.terraform.nodes import MAX_CHAIN, Node
from surplus.sources.terraform.parser import ParsedFile, parse


def plain(node: Any) -> Any:
    """The node without its offsets."""
    if not isinstance(node, tuple):
        return node
    if len(node) > 3 and isinstance(node[0], str) and type(node[1]) is int and type(node[2]) is int:
        node = (node[0], *node[3:])
    return tuple(plain(part) for part in node)


def value(text: str) -> Any:
    file = parse(f"a = {text}\n", "a.tf")
    assert not file.problems
    ((kind, *_, node),) = file.body
    assert kind == "attr"
    return plain(node)


A, B, C = ("id", "a"), ("id", "b"), ("id", "c")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 - 2 - 3", ("bin", "-", ("bin", "-", ("lit", 1), ("lit", 2)), ("lit", 3))),
        ("a || b && c", ("bin", "||", A, ("bin", "&&", B, C))),
        ("-1 + 2", ("bin", "+", ("un", "-", ("lit", 1)), ("lit", 2))),
        ("!a == b", ("bin", "==", ("un", "!", A), B)),
        ("!!a", ("un", "!", ("un", "!", A))),
        ("a -30", ("bin", "-", A, ("lit", 30))),
        ("1e3", ("lit", 1000.0)),
        ("0.5", ("lit", 0.5)),
        ("a ? b : a ? b : c", ("cond", A, B, ("cond", A, B, C))),
        ("(\na\n.b\n)", ("par", ("get", A, "b"))),
        ("(a\n? b\n: c)", ("par", ("cond", A, B, C))),
        ("a.0", ("idx", A, ("lit", 0))),
        ("a.0.1", ("idx", ("idx", A, ("lit", 0)), ("lit", 1))),
        ("a.*.b[0]", ("idx", ("splat", A, ("b",)), ("lit", 0))),
        ("a.*.b.0", ("splat", A, ("b", ("lit", 0)))),
        ("a[*].b[0].c", ("splat", A, ("b", ("lit", 0), "c"))),
        ("a[*].b[*].c", ("splat", A, ("b", ("splat", None, ("c",))))),
        ("a[*].b.*.c[0]", ("splat", A, ("b", ("splat", None, ("c",)), ("lit", 0)))),
        ("a.for.null", ("get", ("get", A, "for"), "null")),
        ("core::upper(a)", ("call", "core::upper", (A,), False)),
        ("provider::a::b(\na,\nb\n...\n)", ("call", "provider::a::b", (A, B), True)),
        ("f()", ("call", "f", (), False)),
        ("f(a,)", ("call", "f", (A,), False)),
        ('{ a = 1, "b" : 2\n (c) = 3\n in = 4 }', None),
        ("[a, /* x */ b,]", ("tup", (A, B))),
        ("[\n# x\n]", ("tup", ())),
        ("[for a in b : c if a]", ("forl", ("a",), B, C, A)),
        ("{for a, b in c :\na => b...\nif a\n&& b}", None),
        ("{for a in b :\na => b\n- c}", ("foro", ("a",), B, A, ("bin", "-", B, C), False, None)),
        ('"a\\n$${b}"', ("lit", "a\n${b}")),
        ('"${a}"', ("tmpl", (A,))),
        ('"${~ a ~}"', ("tmpl", (A,))),
        ('" ${~ a ~} "', ("tmpl", ("", A, ""))),
        ('"x${"y${a}"}"', ("tmpl", ("x", ("tmpl", ("y", A))))),
        ('"%{ if a }b%{ else }c%{ endif }"', ("tmpl", (("tif", A, ("b",), ("c",)),))),
        ('"%{ for a, b in c ~} ${a} %{~ endfor }"', ("tmpl", (("tfor", ("a", "b"), C, ("", A, "")),))),
        ("<<E\na ${b}\nE", ("tmpl", ("a ", B, "\n"))),
        ("<<E\nE", ("lit", "")),
        ("<<-E\n    a\n\n      b\n  E", ("lit", "a\n\n  b\n")),
        ("<<-E\n    a\n  ${b}\n  E", ("tmpl", ("  a\n", B, "\n"))),
        ("<<-E\n    a\n${b}\n  E", ("tmpl", ("    a\n", B, "\n"))),
        ("f(<<E\na\nE\n, b)", ("call", "f", (("lit", "a\n"), B), False)),
        ("<<E\na\r\nE  \r", ("lit", "a\r\n")),
        ("größe", ("id", "größe")),
        ("<<E\n%{ for a in b ~}\nx\n%{ endfor ~}\nE", ("tmpl", (("tfor", ("a",), B, ("x\n",)), ""))),
    ],
)
def test_values(text: str, expected: Any) -> None:
    found = value(text)
    if expected is not None:
        assert found == expected


def test_object_items() -> None:
    assert value('{ a = 1, "b" : 2\n (c) = 3\n in = 4 }') == (
        "obj",
        (
            (("lit", "a"), ("lit", 1)),
            (("lit", "b"), ("lit", 2)),
            (("par", C), ("lit", 3)),
            (("lit", "in"), ("lit", 4)),
        ),
    )


def test_grouping_for_over_several_lines() -> None:
    test = ("bin", "&&", A, B)
    assert value("{for a, b in c :\na => b...\nif a\n&& b}") == ("foro", ("a", "b"), C, A, B, True, test)


def test_blocks_and_offsets() -> None:
    text = 'resource "a" b {\n  c = 1 # d\n  in {}\n}'
    file = parse(text, "a.tf")
    (block,) = file.body
    assert block[:5] == ("block", 0, len(text), "resource", ("a", "b"))
    assert block[6] == text.index(" {")
    attribute, inner = block[5]
    assert attribute == ("attr", 19, 24, "c", ("lit", 23, 24, 1))
    assert inner[3:] == ("in", (), (), inner[1] + 2)
    assert file.comments == ((25, 28),)
    assert file.span(19, 24) == Span(2, 3, 2, 8)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", []),
        ("\n# x\n", []),
        ("\ufeffa = 1", ["a"]),
        ("a = 1\r\nb = 2\r\n", ["a", "b"]),
        ("\ta\t=\t1\n", ["a"]),
        ("a = /* x */ 1", ["a"]),
        ("for = 1\nnull = 2", ["for", "null"]),
    ],
)
def test_whole_files(text: str, names: list[str]) -> None:
    file = parse(text, "a.tf")
    assert [node[3] for node in file.body] == names
    assert not file.problems


BROKEN = [
    ("x = [1, }", 3, 11, "expected a value, found }"),
    ("x = [1 2]", 3, 10, 'expected "," or "]", found 2'),
    ("x = f(1 2)", 3, 11, 'expected "," or ")", found 2'),
    ("x = {a 1}", 3, 10, 'expected "=", found 1'),
    ("x 1", 3, 5, 'expected "=" or "{", found 1'),
    ("x =", 3, 6, "found the end of the line"),
    ("x = 1 2", 3, 9, 'expected a new line or "}"'),
    ('x = "a\n"', 3, 7, "does not end on its line"),
    ("x = 'a'", 3, 7, "double quotes"),
    ("x = \0", 3, 7, "U+0000"),
    ('x = "${a b}"', 3, 12, 'expected "}", found b'),
    ('x = "%{ if a }"', 3, 8, "never ends"),
    ('x = "%{ endif }"', 3, 8, 'no "if" is open'),
    ('x = "%{ if a }%{ endfor }"', 3, 17, 'no "for" is open'),
    ("x = <<E\n a", 3, 7, "only E"),
    ("x = " + "[" * 10_000, 3, 206, "nested more than 200"),
    ("x = " + "(" * 100_000, 3, 206, "nested more than 200"),
    ("x = a" + " + a" * 10_000, 2, 1, f"more than {MAX_CHAIN} deep"),
    ("x = a" + ".a" * 10_000, 2, 1, f"more than {MAX_CHAIN} deep"),
    ("x = " + "!" * 10_000 + "a", 2, 1, f"more than {MAX_CHAIN} deep"),
    ("x = a" + "[*]" * 10_000, 3, 608, "splats"),
    ("x = " + "a ? b : " * 10_000 + "c", 2, 1, f"more than {MAX_CHAIN} deep"),
    ('x = "' + "%{ if a }" * 10_000 + '"', 3, 1808, "nested more than 200"),
    ("x = " + "9" * 5000, 3, 7, "too large"),
]


@pytest.mark.parametrize(("line", "row", "column", "words"), BROKEN)
def test_a_broken_block_costs_only_itself(line: str, row: int, column: int, words: str) -> None:
    text = f'variable "a" {{}}\nresource "b" "c" {{\n  {line}\n}}\n\noutput "d" {{}}\nlocals {{\n  e = 1\n}}\n'
    file = parse(text, "a.tf")
    assert [node[3] for node in file.body] == ["variable", "output", "locals"]
    (problem,) = file.problems
    assert words in problem.message
    assert problem.path == "a.tf"
    assert problem.span is not None
    assert (problem.span.line, problem.span.column) == (row, column)


def test_unclosed_blocks_and_stray_braces() -> None:
    file = parse('resource "a" "b" {\n  c = 1\n\nresource "d" "e" {\n}\n}\n}\nlocals {}', "a.tf")
    assert [node[3:5] for node in file.body][-1] == ("locals", ())
    file = parse('resource "a" "b" {\n  c = 1\n\nresource "d" "e" {\n}\n', "a.tf")
    assert [node[4] for node in file.body] == [("d", "e")]
    assert [problem.span for problem in file.problems] == [Span(1, 18, 1, 19)]


def test_attributes_set_twice() -> None:
    file = parse("a {\n  b = 1\n  b = 2\n  c {\n d = 1\n d = 2\n}\n}", "a.tf")
    (block,) = file.body
    assert plain(block[5]) == (
        ("attr", "b", ("lit", 1)),
        ("block", "c", (), (("attr", "d", ("lit", 1)),), 23),
    )
    assert [problem.span for problem in file.problems] == [Span(3, 3, 3, 4), Span(6, 2, 6, 3)]


def test_items_on_one_line() -> None:
    file = parse("a {\n  b = 1 c = 2\n}", "a.tf")
    (problem,) = file.problems
    assert "new line" in problem.message
    assert len(file.body[0][5]) == 2


def test_what_is_not_unicode() -> None:
    file = parse('a = "\udc80"\nb = 1', "a.tf")
    assert plain(file.body[0][4]) == ("lit", "\ufffd")
    assert len(file.body) == 2
    assert [problem.span for problem in file.problems] == [Span(1, 6, 1, 7)]


def test_variable_files_go_on_behind_a_fault() -> None:
    file = parse("a = [\nb = 1\nc = 2\n", "x.tfvars")
    assert [node[3] for node in file.body] == ["c"]
    assert [problem.span for problem in file.problems] == [Span(2, 3, 2, 4)]


@pytest.mark.parametrize(
    "text",
    [
        'resource "a" "b" {\n' * 5_000,
        'locals {\n x = "\n}\n' * 5_000,
        "[" * 100_000,
        '"${' * 50_000,
        "a = <<E\n" * 5_000,
        "/*" * 50_000,
    ],
)
def test_much_that_is_broken_ends_soon(text: str) -> None:
    assert parse(text, "a.tf").problems


def walk(node: Node) -> int:
    """The depth of nodes below the value of an attribute, one call a node."""
    kind, *_, last = node
    if kind == "tup":
        (last,) = last
    return 1 + (walk(node[4] if kind == "bin" else last) if kind in ("attr", "tup", "bin") else 0)


def test_nodes_can_be_walked() -> None:
    file = parse("a = " + "[" * 190 + "a" + "]" * 190, "a.tf")
    assert not file.problems
    assert walk(file.body[0]) == 192
    file = parse("a = a" + " + a" * 450, "a.tf")
    assert not file.problems
    assert walk(file.body[0]) == 452


def test_many_operators_at_different_places_are_fine() -> None:
    assert not parse("a = [" + "a + b.c.d,\n" * 1_000 + "]", "a.tf").problems
    assert not parse('a = "' + "%{ if a }b%{ endif }" * 1_000 + '"', "a.tf").problems


def test_a_file_compares_by_what_is_in_it() -> None:
    assert parse("a = 1", "a.tf") == parse("a = 1", "a.tf")
    assert isinstance(parse("a = 1", "a.tf"), ParsedFile)
    assert not parse("a = 1", "a.tf").is_json
