"""Our parser against python-hcl2's own: the same nodes, offsets included, for the same text."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import differential
from surplus.sources.terraform.parser import parse

ROOT = Path(__file__).parents[3]
FILES = sorted(path for folder in ("examples", "tests") for path in (ROOT / folder).rglob("*.tf"))

CONFIGURATIONS = [
    "",
    "\n\n# only a comment\n",
    "a = 1",
    'resource "a" "b" {}\n',
    "resource a b {\n}\n",
    'a = 1\nb = "x"\n\nc {\n  d = true\n\n  # e\n  e "f" {\n    g = null\n  }\n}\n',
    "a = 1 + 2 * 3 - 4 / 5 % 6",
    "a = 1 - 2 - 3",
    "a = b || c && d == e < f",
    "a = !b == c",
    "a = -1 + -b",
    "a = (1 + 2) * 3",
    "a = b ? c : d ? e : f",
    "a = (b ?\n c :\n d)",
    "a = b.c.d[0].e[f.g].h",
    'a = b["c"].d',
    "a = b.0.c",
    "a = b.*.c",
    "a = b.*.c[0].d",
    "a = b.*.c.0.d",
    "a = b[*].c[0].d",
    "a = b[*].c[*].d",
    "a = b[*].c.*.d[1]",
    "a = b.*.c[*].d",
    "a = b[*]",
    "a = []\nb = {}\nc = [1, 2, ]\nd = [\n  1,\n  2\n]\n",
    'a = { b = 1, c = 2 }\nd = {\n  e = 1\n  "f" = 2,\n  (g) = 3\n  h : 4\n  i.j = 5\n}\n',
    "a = { if = 1, in = 2 }\n",
    "a = f()\nb = f(1)\nc = f(1, 2)\nd = f(\n  1,\n  2,\n)\ne = f(g...)\n",
    "a = provider::b::c(1)",
    "a = [for b in c : d]",
    "a = [for b, c in d : e if f]",
    "a = [\n  for b in c :\n  d\n  if e\n]",
    "a = {for b, c in d : e => f}",
    "a = {for b, c in d : e => f... if g}",
    "a = {\n  for b, c in d :\n  e => f\n  if g\n}",
    'a = "x${b}y${c.d}z"',
    'a = "${b}"',
    'a = ""',
    'a = "\\n\\"\\\\ $ % $${b} %%{c}"',
    'a = "%{ if b }c%{ else }d%{ endif }"',
    'a = "%{ for b, c in d ~} ${b} %{ endfor ~}"',
    'a = "${"${"b"}"}"',
    "a = <<EOT\nb\n  c\nEOT\nd = 1\n",
    "a = <<-EOT\n  b\n    c\n  EOT\n",
    "a = <<EOT\n${b} $${c} %{ if d }e%{ endif }\nEOT\n",
    "a = f(<<EOT\nb\nEOT\n, 1)\n",
    "a = [<<A\nb\nA\n, <<C\nd\nC\n]\n",
    "for = 1\nin = 2\nif {}\n",
    "a = b.for.in.null\n",
    "a = 1e3\nb = 1.5\nc = 1.5E-3\nd = 0\n",
    "a = 1 // b\nc = 2 # d\n/* e\n f */\ng = 3\n",
    "a = 1\r\nb {\r\n  c = 2\r\n}\r\n",
    'a {\n  dynamic "b" {\n    for_each = c\n    content {\n      d = b.value\n    }\n  }\n}\n',
]

ONLY_OURS = {
    "a newline before a dot in parentheses": "a = (b\n.c)",
    "functions with two parts": "a = core::upper(b)",
    "blanks behind a heredoc's end": "a = <<E\nb\nE  \n",
    "a newline before ...": "a = f(\nb\n...\n)",
    "strip markers in interpolations": 'a = "${~ b ~}"',
    "a sign before a number of two digits": "a = b -30",
    "names in other scripts": "größe = 1",
    "a byte order mark": "\ufeffa = 1",
    "operators in a row": "a = !!b",
    "a comment before a value": "a = /* b */ c",
}
"""Valid input that python-hcl2 does not take."""

ONLY_HCL2 = {
    "a newline in a string": 'a = "b\nc"',
    "two items on a line": "a = 1 b = 2",
    "an attribute twice": "a {\nb = 1\nb = 2\n}",
    "a newline before an operator": "a = b\n+ c",
    "a newline before a block's brace": "a\n{\n}",
    "a template as a label": 'a "${b}" {\n}',
    "no such escape": 'a = "\\d"',
    "directives out of balance": 'a = "%{ if b }"',
}
"""What Terraform refuses and python-hcl2 takes."""


@pytest.mark.skipif(not FILES, reason="no configurations in this checkout")
def test_files_of_this_repository() -> None:
    for path in FILES:
        try:
            assert not differential.compare(path.read_bytes().decode()), path
        except differential.Rejected as rejected:
            assert str(rejected) != "hcl2" or "accept" in path.name, path


@pytest.mark.parametrize("text", CONFIGURATIONS)
def test_configurations(text: str) -> None:
    assert differential.compare(text) == []


@pytest.mark.parametrize("text", ONLY_OURS.values(), ids=ONLY_OURS.keys())
def test_what_only_we_accept(text: str) -> None:
    with pytest.raises(differential.Rejected, match=r"^hcl2$"):
        differential.compare(text)


@pytest.mark.parametrize("text", ONLY_HCL2.values(), ids=ONLY_HCL2.keys())
def test_what_only_python_hcl2_accepts(text: str) -> None:
    with pytest.raises(differential.Rejected, match=r"^surplus"):
        differential.compare(text)


NAMES = st.sampled_from(["a", "b_1", "c-d", "each", "var", "for_each", "x9"])
BESIDE = st.text('ab9 ./-_\t"\\é', max_size=6)  # no sign that would escape what follows
WORDS = st.text('abz09 .:/-_$%\n\t"\\é', max_size=6)


def quoted(text: str) -> str:
    for sign, escape in (("\\", "\\\\"), ('"', '\\"'), ("\n", "\\n"), ("\t", "\\t")):
        text = text.replace(sign, escape)
    return text


ATOMS = st.one_of(
    NAMES,
    st.integers(0, 999).map(str),
    st.sampled_from(["true", "false", "null", "1.5", "2e3", "[]", "{}", '""', "f()", "a.b.0", "a[*].b", "a.*.c"]),
    WORDS.map(lambda text: f'"{quoted(text)}"'),
)


def larger(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    operators = st.sampled_from(["+", "-", "*", "/", "%", "==", "!=", "<", ">", "<=", ">=", "&&", "||"])
    breaks = st.sampled_from(["", " ", "\n", " # c\n", "/* c */"])
    return st.one_of(
        st.builds("{} {} {}".format, inner, operators, inner),
        st.builds("({}{}{})".format, breaks, inner, breaks),
        st.builds("{} ? {} : {}".format, inner, inner, inner),
        st.builds("!({})".format, inner),
        st.builds("-{}".format, NAMES),
        st.builds("{}.{}".format, NAMES, NAMES),
        st.builds("{}[{}]".format, NAMES, inner),
        st.builds("{}[*].{}[{}].{}".format, NAMES, NAMES, inner, NAMES),
        st.builds("{}.*.{}[{}].{}".format, NAMES, NAMES, inner, NAMES),
        st.builds("[{},{}{},{}]".format, inner, breaks, inner, breaks),
        st.builds("{{ {} = {}, ({}) = {} }}".format, NAMES, inner, inner, inner),
        st.builds('{{\n{} = {}\n"{}" : {}\n}}'.format, NAMES, inner, NAMES, inner),
        st.builds("{}({},{}{})".format, st.sampled_from(["f", "g_h"]), inner, breaks, inner),
        st.builds("f({}...)".format, inner),
        st.builds("[for {} in {} : {} if {}]".format, NAMES, inner, inner, inner),
        st.builds("{{for k, v in {} : {} => {}...}}".format, inner, inner, inner),
        st.builds('"{}${{{}}}{}"'.format, BESIDE.map(quoted), inner, BESIDE.map(quoted)),
        st.builds('"%{{ if {} }}{}%{{ else }}${{{}}}%{{ endif }}"'.format, NAMES, NAMES, inner),
        st.builds("<<E\n{}\nE\n".format, st.text('abc $%{}"\\', max_size=8)),
    )


EXPRESSIONS = st.recursive(ATOMS, larger, max_leaves=8)
ATTRIBUTES = st.builds("{} = {}".format, NAMES, EXPRESSIONS)
BODIES = st.recursive(
    st.lists(ATTRIBUTES, max_size=3, unique_by=lambda text: text.split()[0]).map("\n".join),
    lambda inner: st.builds('b "{}" {} {{\n{}\n# c\n}}\n{}'.format, NAMES, NAMES, inner, inner),
    max_leaves=3,
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(BODIES)
def test_made_configurations(text: str) -> None:
    try:
        assert differential.compare(text) == []
    except differential.Rejected as rejected:
        # A heredoc inside an expression on one line, or a name twice, is refused by one of the two.
        assert "<<E" in text or "twice" in str(rejected), str(rejected)


@settings(max_examples=300, deadline=None)
@given(st.text('ab "\\${}[]()%~<-E\n=.*:#/,0?!\0\ud800', max_size=60))
def test_nothing_makes_the_parser_fail(text: str) -> None:
    parse(text, "any.tf")
