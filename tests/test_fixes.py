from random import Random

from hypothesis import given
from hypothesis import strategies as st

from surplus.fixes import apply
from surplus.model import Location, Span
from surplus.results import Edit
from surplus.text import Lines

TEXT = st.text(st.sampled_from('ab {}="\n\r\té漢'), max_size=40)


@st.composite
def edits(draw: st.DrawFn) -> tuple[str, list[Edit]]:
    """A text with edits of spans that do not overlap and do not touch."""
    text = draw(TEXT)
    cuts = sorted(draw(st.sets(st.integers(0, len(text)), max_size=8)))
    lines = Lines(text)
    pairs = list(zip(cuts[::2], cuts[1::2], strict=False))
    return text, [Edit(Location("f", lines.span(start, end)), draw(TEXT)) for start, end in pairs]


def edit(span: Span, text: str, path: str = "f") -> Edit:
    return Edit(Location(path, span), text)


@given(edits(), st.randoms())
def test_the_order_of_edits_does_not_matter_and_twice_is_once(case: tuple[str, list[Edit]], random: Random) -> None:
    text, wanted = case
    shuffled = [*wanted, *wanted]
    random.shuffle(shuffled)
    assert apply(shuffled, {"f": text}) == apply(wanted, {"f": text})


@given(edits())
def test_edits_change_their_spans_only(case: tuple[str, list[Edit]]) -> None:
    text, wanted = case
    lines, pieces, done = Lines(text), [], 0
    for one in sorted(wanted):
        span = one.location.span
        start, end = lines.offset(span.line, span.column), lines.offset(span.end_line, span.end_column)
        pieces += [text[done:start], one.text]
        done = end
    assert apply(wanted, {"f": text})["f"] == "".join([*pieces, text[done:]])


@given(edits())
def test_one_by_one_from_the_end_is_the_same_as_together(case: tuple[str, list[Edit]]) -> None:
    text, wanted = case
    after = {"f": text}
    for one in sorted(wanted, reverse=True):
        after = apply([one], after)
    assert after == apply(wanted, {"f": text})


def test_of_two_that_overlap_the_later_is_left_out() -> None:
    both = [edit(Span(1, 1, 1, 4), "X"), edit(Span(1, 3, 1, 6), "Y")]
    assert apply(both, {"f": "abcdefg"}) == {"f": "Xdefg"}


def test_insertion_removal_and_other_files() -> None:
    texts = {"f": "one\r\ntwo\r\n", "g": "three\n"}
    wanted = [edit(Span(2, 1, 3, 1), ""), edit(Span(1, 4, 1, 4), "!"), edit(Span(1, 1, 1, 6), "drei", "g")]
    assert apply(wanted, texts) == {"f": "one!\r\n", "g": "drei\n"}
    assert apply([], texts) == texts
