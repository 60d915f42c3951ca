"""References between resources."""

import pytest

from surplus.sources.terraform.references import identities, without_key
from terraform_roots import evaluated


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("⟨a_b.c.id⟩", [("a_b.c", "id")]),
        ("x⟨a_b.c[0].id⟩y⟨module.m.a_b.d.arn⟩", [("a_b.c[0]", "id"), ("module.m.a_b.d", "arn")]),
        ('⟨module.m["k.v"].a_b.c["x.y"].z[0].w⟩', [('module.m["k.v"].a_b.c["x.y"]', "z[0].w")]),
        ("⟨a_b.c⟩", [("a_b.c", "")]),
        ("plain", []),
    ],
)
def test_identities(text: str, expected: list[tuple[str, str]]) -> None:
    assert list(identities(text)) == expected


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("a_b.c[0]", "a_b.c"),
        ('module.m["x"].a_b.c["a.b[0]"]', 'module.m["x"].a_b.c'),
        ('module.m["x"].a_b.c', 'module.m["x"].a_b.c'),
        ("a_b.c[*]", "a_b.c"),
    ],
)
def test_addresses_without_their_own_key(address: str, expected: str) -> None:
    assert without_key(address) == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("v = a_b.c.id", ("a_b.c",)),
        ("v = local.id", ("a_b.c",)),
        ("v = module.m.id", ("module.m", "module.m.a_b.c")),
        ("v = data.a_b.d.id", ("data.a_b.d",)),
        ("v = data.a_b.none.id", ()),
        ("v = [for x in a_b.many : x.id]", ("a_b.many", "a_b.many[0]", "a_b.many[1]")),
        ("v = a_b.c.name", ("a_b.c",)),
        ("n {\n  v = a_b.c.name\n}", ("a_b.c",)),
        ('dynamic "n" {\n  for_each = [1]\n  content {\n    v = a_b.c.name\n  }\n}', ("a_b.c",)),
        ("v = { (a_b.c.id) = 1 }", ("a_b.c",)),
        ("v = resource.a_b.c.name", ("a_b.c",)),
        ("v = 1", ()),
        ("depends_on = [a_b.c]", ()),
    ],
)
def test_references(body: str, expected: tuple[str, ...]) -> None:
    texts = {
        "main.tf": f'resource "x_y" "it" {{\n{body}\n}}\nresource "a_b" "c" {{ name = "n" }}\n'
        'resource "a_b" "many" { count = 2 }\ndata "a_b" "d" {}\n'
        'locals { id = a_b.c.id }\nmodule "m" { source = "./m" }\n',
        "m/main.tf": 'resource "a_b" "c" {}\noutput "id" { value = a_b.c.id }\n',
    }
    assert evaluated(texts).by_address["x_y.it"].references == expected
