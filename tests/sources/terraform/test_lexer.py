import re

import pytest

from surplus.sources.terraform.lexer import Notes, ParseError, tokens, unescape


def symbols(text: str) -> str:
    return " ".join(symbol for symbol, _ in tokens(Notes(text), 0))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "$END"),
        ("a = 1", "NAME EQ INT_LITERAL $END"),
        ("a = 1.5e3\n", "NAME EQ FLOAT_LITERAL $END $END"),
        ("a.0.1", "NAME DOT INT_LITERAL DOT INT_LITERAL $END"),
        ("f(\n1,\n2\n)", "NAME LPAR INT_LITERAL COMMA INT_LITERAL RPAR $END"),
        ("{\na\n}", "LBRACE NL_OR_COMMENT NAME NL_OR_COMMENT RBRACE $END"),
        ("{\n# x\nfor a\n}", "LBRACE FOR NAME RBRACE $END"),
        ("a /* b */ c", "NAME NAME $END"),
        ("a /* b\n*/ c", "NAME NAME $END"),
        ("a[*]", "NAME FULL_SPLAT_START $END"),
        ("a[ * ].b", "NAME FULL_SPLAT_START DOT NAME $END"),
        ("a.*.b", "NAME ATTR_SPLAT DOT NAME $END"),
        ("a-b", "NAME $END"),
        ("core::upper (1)", "NAME LPAR INT_LITERAL RPAR $END"),
        ("a ? b:c", "NAME QMARK NAME COLON NAME $END"),
        ('"a" "b\\n"', "STRING DBLQUOTE STRING_CHARS DBLQUOTE $END"),
        ('"${a}%{ if"', "DBLQUOTE INTERP_START NAME RBRACE DIRECTIVE_START IF DBLQUOTE"),
        ("<<E\na\n E \nb", "DBLQUOTE STRING_CHARS DBLQUOTE $END NAME $END"),
        ("<<E\nE", "DBLQUOTE DBLQUOTE $END"),
        ("a <= b == !c && d", "NAME LEQ NAME DOUBLE_EQ NOT NAME DOUBLE_AMP NAME $END"),
    ],
)
def test_symbols(text: str, expected: str) -> None:
    try:
        assert symbols(text) == expected
    except ParseError:
        assert text.endswith('if"')


@pytest.mark.parametrize(
    ("text", "content"),
    [
        ('"$${a}"', "${a}"),
        ('"$$${a}"', "$${a}"),
        ('"100%"', "100%"),
        ('"$"', "$"),
        ('"%%{a}"', "%{a}"),
        (r'"\"\\\n\u00e9\U0001F600"', '"\\\n\u00e9\U0001f600'),
        ("<<E\n\\n$${a} $\nE\n", "\\n${a} $\n"),
        ("<<E\n not E\nE2\nE\n", " not E\nE2\n"),
    ],
)
def test_content_of_strings(text: str, content: str) -> None:
    (value,) = [value for symbol, value in tokens(Notes(text), 0) if symbol == "STRING_CHARS"]
    assert value == content


def test_comments_are_noted() -> None:
    notes = Notes('# a\r\nb = 1 // c\n/* d\n */ e = "# no"\n#')
    list(tokens(notes, 0))
    assert [notes.text[start:end] for start, end in notes.comments] == ["# a", "// c", "/* d\n */", "#"]


@pytest.mark.parametrize(
    ("text", "offset", "words"),
    [
        ("a = 'b'", 4, "double quotes"),
        ("a = \0", 4, "U+0000"),
        ('a = "b\n', 4, "does not end on its line"),
        ('a = "b', 4, "does not end on its line"),
        ("a = <<E\nb\n", 4, "end it with a line that is only E"),
        ("a = /* b", 4, "comment never ends"),
        ("a = [1", 4, "never closed"),
        ('a = "\\d"', 5, "no such escape"),
        ('a = "\\ud800"', 5, "no such escape"),
        ("a = " + "9" * 5000, 4, "too large"),
        ("a = 1e999", 4, "too large"),
        ("a = 1 ~}", 6, "~"),
        ("[" * 100_000, 200, "nested more than 200"),
        ('"${' * 100_000, 301, "nested more than 200"),
    ],
)
def test_faults(text: str, offset: int, words: str) -> None:
    with pytest.raises(ParseError, match=re.escape(words)) as caught:
        list(tokens(Notes(text), 0))
    assert caught.value.start == offset


@pytest.mark.parametrize("text", ["$" * 200_000, "%" * 200_000, "$%" * 100_000])
def test_runs_of_signs_take_linear_time(text: str) -> None:
    for quoted in (f'"{text}"', f"<<E\n{text}\nE"):
        (value,) = [value for symbol, value in tokens(Notes(quoted), 0) if symbol == "STRING_CHARS"]
        assert value.strip() == text


def test_unescape_leaves_other_text() -> None:
    assert unescape("a $b %c {d}", 0) == "a $b %c {d}"
