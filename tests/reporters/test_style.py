import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from surplus.reporters.style import Style, columns, printable, window

ANY = st.text(st.characters(codec=None), max_size=60)


def test_paint() -> None:
    assert Style(True).paint("x", "error") == "\033[1;31mx\033[0m"
    assert Style(False).paint("x", "error") == "x"
    assert Style(True).paint("", "error") == ""


@given(ANY)
def test_nothing_printable_moves_the_cursor(text: str) -> None:
    shown = printable(text)
    assert not any(ord(character) < 32 or 0x7F <= ord(character) < 0xA0 for character in shown)
    assert not set(shown) & set("\u2028\u2029\u202e\u2066\ud800")
    assert columns(shown) >= 0


@pytest.mark.parametrize(("text", "width"), [("abc", 3), ("a\tb", 4), ("漢字", 4), ("e\u0301", 1), ("", 0)])
def test_columns(text: str, width: int) -> None:
    assert columns(text) == columns(printable(text)) == width


@given(st.text(st.sampled_from("abc漢\t\u0301\x1b"), max_size=80), st.integers(0, 60), st.integers(10, 40))
@example("abcd\u0301efghijklmnop", 4, 10)
def test_a_window_is_never_wider_than_asked(text: str, start: int, width: int) -> None:
    assert columns(window(text, start, width)) <= width


@pytest.mark.parametrize(
    ("start", "width", "shown"),
    [
        (0, 26, "abcdefghijklmnopqrstuvwxyz"),
        (0, 10, "abcdefghi…"),
        (5, 10, "…ghijklmn…"),
        (20, 10, "…vwxyz"),
        (30, 5, ""),
    ],
)
def test_window(start: int, width: int, shown: str) -> None:
    assert window("abcdefghijklmnopqrstuvwxyz", start, width) == shown


@pytest.mark.parametrize(
    ("start", "width", "shown"),
    [
        (0, 20, "漢字e\u0301abcdef漢字"),
        (0, 10, "漢字e\u0301abcd…"),
        (0, 4, "漢… "),
        (0, 3, "漢…"),
        (1, 6, "…字e\u0301a…"),
        (2, 6, "… e\u0301ab…"),
        (5, 4, "…bc…"),
        (12, 10, "…字"),
    ],
)
def test_a_window_of_wide_characters_and_marks(start: int, width: int, shown: str) -> None:
    assert window("漢字e\u0301abcdef漢字", start, width) == shown
