import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support import PLACE
from surplus.masking import MASK, mask, secrets
from surplus.model import Resource, Route, Unknown


def holding(values: dict[str, object], *routes: Route) -> Resource:
    return Resource("terraform", "t", "t.a", PLACE, values, sensitive=frozenset(routes))


def test_secrets_are_the_texts_at_sensitive_routes() -> None:
    values = {
        "a": "one",
        "b": {"c": ["two", Unknown("x"), None, True]},
        "pin": 123456,
        "account": 123456789012,
        "rate": 0.00000125,
        "key": "-----\n  line\n",
        "z": "no",
    }
    found = secrets([holding(values, ("a",), ("b",), ("pin",), ("account",), ("rate",), ("key",), ("not", "there"))])
    assert found == {"one", "two", "123456", "123456789012", "0.00000125", "-----", "line"}


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ('  x = "correct horse"', f'  x = "{MASK}"'),
        ("  x: correct horse # why", f"  x: {MASK} # why"),
        ('x = "incorrect horses"', 'x = "incorrect horses"'),
        ('x = "ab"', f'x = "{MASK}"'),
        ("about = abacus", "about = abacus"),
    ],
)
def test_known_secrets(line: str, shown: str) -> None:
    assert mask([line], frozenset({"correct horse", "ab"})) == (shown,)


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ('  password = "hunter2"', f'  password = "{MASK}"'),
        ('  "db_password": "a\\"b", "x": 1', f'  "db_password": "{MASK}", "x": 1'),
        ("  clientSecret: abc  # note", f"  clientSecret: {MASK}# note"),
        ("  API_KEY: 'abc'", f"  API_KEY: '{MASK}'"),
        ("  {token: abc, x: 1}", f"  {{token: {MASK}, x: 1}}"),
    ],
)
def test_literals_of_keys_that_say_so(line: str, shown: str) -> None:
    assert mask([line], frozenset()) == (shown,)


@pytest.mark.parametrize(
    "line",
    [
        "  password = var.password",
        '  password = "${var.password}"',
        "  secretName: payments",
        "  automountServiceAccountToken: false",
        "  token_ttl: 3600",
        "  password:",
        "  password: {a: b}",
        "  password: |",
        "  password: $(cat x)",
        'type = "gp2"',
    ],
)
def test_what_is_no_secret_stays(line: str) -> None:
    assert mask([line], frozenset()) == (line,)


def test_a_variable_of_a_container() -> None:
    lines = ["- name: DB_PASSWORD", "  value: hunter2", "- name: PORT", '  value: "80"']
    assert mask(lines, frozenset()) == (lines[0], f"  value: {MASK}", *lines[2:])


@given(st.lists(st.text(max_size=30), max_size=4), st.frozensets(st.text(min_size=1, max_size=8), max_size=4))
def test_lines_stay_lines(lines: list[str], known: frozenset[str]) -> None:
    assert len(mask(lines, known)) == len(lines)


@given(st.from_regex(r"[A-Za-z0-9!@#%^&*+/=-]{6,20}", fullmatch=True))
def test_a_quoted_secret_is_never_left(secret: str) -> None:
    shown = mask([f'  user_data = "{secret}"'], frozenset({secret}))[0]
    assert secret not in shown


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Zl", "Zp", "Cs"]), min_size=6))
def test_a_secret_in_json_is_never_left(secret: str) -> None:
    for written in (json.dumps(secret), json.dumps(secret, ensure_ascii=False)):
        assert mask([f"  x = {written}"], frozenset({secret})) == (f'  x = "{MASK}"',)


@pytest.mark.parametrize("written", [r'"s3cr\"et$${x}"', r'"s3cr\"et${x}"', "'s3cr\"et${x}'"])
def test_a_secret_is_found_in_each_spelling(written: str) -> None:
    assert "s3cr" not in mask([f"x = {written}"], frozenset({'s3cr"et${x}'}))[0]


@pytest.mark.parametrize("written", [r"a\u003cb99\u0026", r"a\u003Cb99\u0026"])
def test_html_escapes_of_json_are_known(written: str) -> None:
    assert mask([f'"x": "{written}"'], frozenset({"a<b99&"})) == (f'"x": "{MASK}"',)


def test_long_lines_are_read_once() -> None:
    """A pattern that went back and forth would never end here."""
    lines = ["a" * 1_000_000, "password" * 100_000, "name: " * 100_000, "x = " * 100_000, '"' * 100_000]
    lines += ["name: token" + " " * 100_000 + "x", "value: x"]
    assert mask(lines, frozenset({"hunter2"})) == tuple(lines)


def test_a_pair_of_name_and_value_on_one_line() -> None:
    line = "env: [{name: DB_PASSWORD, value: hunter2}, {name: PORT, value: '80'}]"
    assert mask([line], frozenset()) == (f"env: [{{name: DB_PASSWORD, value: {MASK}}}, {{name: PORT, value: '80'}}]",)


def test_lines_that_nobody_shows_are_left_empty() -> None:
    assert mask(["a", "b", "c"], frozenset(), {2}) == ("", "b", "")
