"""Globs over paths: against a reference that tries everything, and the cases of the documentation."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surplus.globs import matches


@pytest.mark.parametrize(
    ("glob", "path"),
    [
        ("**/prod/**", "prod"),
        ("**/prod/**", "stacks/prod"),
        ("**/prod/**", "prod/eu/db"),
        ("**/prod/**", "a/prod/b.yaml"),
        ("prod*", "prod-eu"),
        ("env/prod.tfvars", "env/prod.tfvars"),
        ("**/prod*.tfvars", "prod.tfvars"),
        ("sandbox/**", "sandbox"),
        ("sandbox/", "sandbox"),
        ("/sandbox", "sandbox"),
        ("./sandbox/*", "sandbox/a"),
        ("a?c", "aüc"),
        ("**", "."),
        ("a b/*", "a b/x"),
        ("[x]", "[x]"),
        ("a**b", "axxb"),
        ("*", "line\nbreak"),
        ("", ""),
    ],
)
def test_a_glob_matches(glob: str, path: str) -> None:
    assert matches(glob, path)


@pytest.mark.parametrize(
    ("glob", "path"),
    [
        ("**/prod/**", "production"),
        ("**/prod/**", "stacks/nonprod/x"),
        ("prod*", "prod/eu"),
        ("a*b", "a/b"),
        ("a**b", "a/b"),
        ("a?c", "a/c"),
        ("env/*", "env/a/b"),
        ("sandbox/*", "sandbox"),
        ("[x]", "x"),
        ("Prod", "prod"),
        ("prod", "a/prod"),
        ("a.b", "axb"),
    ],
)
def test_a_glob_does_not_match(glob: str, path: str) -> None:
    assert not matches(glob, path)


def reference(glob: list[str], names: list[str]) -> bool:
    """Every way to match, tried one after the other."""
    if not glob:
        return not names
    if glob[0] == "**":
        return any(reference(glob[1:], names[at:]) for at in range(len(names) + 1))
    return bool(names) and in_name(glob[0], names[0]) and reference(glob[1:], names[1:])


def in_name(glob: str, name: str) -> bool:
    if not glob:
        return not name
    if glob[0] == "*":
        return in_name(glob[1:], name) or (bool(name) and in_name(glob, name[1:]))
    return bool(name) and glob[0] in ("?", name[0]) and in_name(glob[1:], name[1:])


NAME = st.text("ab", min_size=1, max_size=4)
PART = st.one_of(st.just("**"), st.text("ab?*", min_size=1, max_size=4).filter(lambda part: "**" not in part))


@given(st.lists(PART, min_size=1, max_size=4), st.lists(NAME, min_size=1, max_size=4))
def test_a_glob_agrees_with_a_reference(glob: list[str], names: list[str]) -> None:
    assert matches("/".join(glob), "/".join(names)) == reference(glob, names)


def test_no_glob_takes_for_ever() -> None:
    assert not matches("*a" * 40 + "*b", "a" * 250)
    assert not matches("**/*a/" * 30 + "b", "/".join(["a"] * 200))
