import pytest
from hypothesis import given
from hypothesis import strategies as st

from surplus.expression_text import ExpressionError, conjuncts, fields_of, parts_of, paths_in, refuse, variables_of


def test_paths() -> None:
    source = 'resource.a.b == "resource.no.path" && item.x.startsWith("y") && params.z > 1.0 && a.item.b'
    assert paths_in(source) == (("resource", "a", "b"), ("item", "x"), ("params", "z"))


def test_parts_of_a_path_outside_of_cel() -> None:
    assert parts_of("resource.spec.min_size") == ("resource", "spec", "min_size")
    assert parts_of('pod.metadata.annotations["example.com/min-scale"].b') == (
        "pod",
        "metadata",
        "annotations",
        "example.com/min-scale",
        "b",
    )
    assert parts_of("") == ()


@pytest.mark.parametrize("source", ["resource == null", "item", "size(resource)", 'resource.startsWith("x")'])
def test_a_root_alone_is_refused(source: str) -> None:
    with pytest.raises(ExpressionError, match="alone cannot be used"):
        paths_in(source)


WORD = st.from_regex(r"[a-z][a-z_0-9]{0,8}", fullmatch=True).filter(
    lambda word: word not in ("resource", "item", "pod", "params")
)
PATH = st.builds(
    lambda root, rest: (root, *rest),
    st.sampled_from(["resource", "item", "pod", "params"]),
    st.lists(WORD, min_size=1, max_size=4),
)


@given(st.lists(PATH, min_size=1, max_size=5), st.text(max_size=10))
def test_every_path_is_found_once_and_none_in_texts(paths: list[tuple[str, ...]], text: str) -> None:
    quoted = '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + ' resource.never "'
    source = f" && {quoted} == ".join(".".join(path) for path in paths)
    assert paths_in(source) == tuple(dict.fromkeys(paths))


def test_variables_are_paths_names_and_context() -> None:
    assert variables_of('size_gib > resource.a && nonprod && x == "env"', ["size_gib", "other"]) == (
        "resource.a",
        "size_gib",
        "nonprod",
    )


def test_fields_know_what_is_selected_below_them() -> None:
    assert fields_of('a.exists(c, c.resources.limits.cpu != "x.y").size()') == {
        "resources": {"limits"},
        "limits": {"cpu"},
        "cpu": frozenset(),
    }


@pytest.mark.parametrize(
    ("source", "advice"),
    [
        ("has(resource.a)", "x != null"),
        ("resource.?a == 1.0", "x == null"),
        ("resource.a[?0] == 1.0", "x == null"),
        ("resource.a + 1 > 2.0", "2.0 beside"),
        ("2 * resource.a > 2.0", "2.0 beside"),
        ("!resource.a", "x != true"),
        ("!size_gib", "size_gib != true"),
    ],
)
def test_refused_with_what_to_write_instead(source: str, advice: str) -> None:
    with pytest.raises(ExpressionError, match=advice):
        refuse(source, ["size_gib"])


@pytest.mark.parametrize(
    "source",
    [
        "resource.a + 1.0 > 2.5 * resource.b",
        "size(resource.a) > 1",
        '!resource.a.startsWith("x")',
        '!(resource.a == "1 + 1")',
        'resource.a == "has(x)"',
        "resource.a[0] - 0.5 > 10.25",
        "!size_gib_of(x)",
    ],
)
def test_not_refused(source: str) -> None:
    refuse(source, ["size_gib"])


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("a", ["a"]),
        ("a && b == 1.0", ["a", "b == 1.0"]),
        ("nonprod\n  && (a || b)\n  && c.exists(x, x && y)", ["nonprod", "(a || b)", "c.exists(x, x && y)"]),
        ("a && b || c", ["a && b || c"]),
        ("a ? b : c && d", ["a ? b : c && d"]),
        ("a == \"x && y\" && b == '||'", ['a == "x && y"', "b == '||'"]),
        ("f(a ? b : c) && [a, b][0]", ["f(a ? b : c)", "[a, b][0]"]),
    ],
)
def test_conditions_that_are_joined_are_told_apart(source: str, expected: list[str]) -> None:
    assert conjuncts(source) == expected
