from dataclasses import replace
from typing import Any

import pytest

from support import resource, rule
from surplus.model import Cause, Location, Problem, Root, Severity, Span, Unknown
from surplus.reporters.style import Style
from surplus.reporters.text import concise, full, problem_line, problem_lines, undecided_lines
from surplus.results import Finding, Fix, RunResult, Undecided

PLAIN = Style()
ROOT = Root(".", "terraform")
MAIN = 'resource "aws_ebs_volume" "v" {\n  size = 500\n  type = "gp2"\n}\n'


def at(line: int, column: int, end: int, path: str = "main.tf") -> Location:
    return Location(path, Span(line, column, line, end))


def finding(**more: Any) -> Finding:
    parts: dict[str, Any] = {
        "rule": rule(),
        "severity": Severity.ERROR,
        "message": "500 GiB of gp2",
        "source": "terraform",
        "resource": "aws_ebs_volume.v",
        "resource_type": "aws_ebs_volume",
        "root": ROOT,
        "route": ("type",),
        "location": at(3, 10, 15),
        "addresses": ("aws_ebs_volume.v",),
    }
    return Finding(**{**parts, **more})


def result(*findings: Finding, text: str = MAIN, **more: Any) -> RunResult:
    parts: dict[str, Any] = {
        "undecided": (),
        "problems": (),
        "resources": ((ROOT, resource("aws_ebs_volume", size=1)),),
        "roots": (ROOT,),
        "files": 1,
        "fail_on": "error",
        "lines": {"main.tf": tuple(text.split("\n")), "prod.tfvars": ('type = "gp2"',)},
    }
    return RunResult(findings=findings, **{**parts, **more})


def test_a_finding() -> None:
    fix = Fix(True, "in-place", 'type = "gp3"')
    assert (
        full(result(finding(fix=fix, monthly_saving_usd=1234.5, saving_basis="500 GiB x $0.02")), PLAIN)
        == """\
error[my-rule]: 500 GiB of gp2    saves $1,234.50/mo
 --> main.tf:3:10
  |
1 | resource "aws_ebs_volume" "v" {
2 |   size = 500
3 |   type = "gp2"
  |          ^^^^^
  |
  = for:  aws_ebs_volume.v
  = cost: 500 GiB x $0.02
  = fix:  type = "gp3"  [safe; changes in place]
  = docs: surplus rule my-rule

1 error · $1,234.50/mo avoidable · 1 resource in 1 root
"""
    )


def test_a_cause_elsewhere() -> None:
    one = finding(
        location=at(1, 8, 13, "prod.tfvars"),
        related=((at(3, 10, 15), "used here, by aws_ebs_volume.v"),),
        cause=(Cause(at(3, 10, 15), "var.type"), Cause(at(1, 8, 13, "prod.tfvars"), "prod.tfvars")),
        environment="prod",
        environment_via="path prod matches prod",
        instances=12,
    )
    assert (
        full(result(one), PLAIN).split("\n\n")[0]
        == """\
error[my-rule]: 500 GiB of gp2
 --> prod.tfvars:1:8
  |
1 | type = "gp2"
  |        ^^^^^ set here
 ::: main.tf:3:10
  |
1 | resource "aws_ebs_volume" "v" {
2 |   size = 500
3 |   type = "gp2"
  |          ----- used here, by aws_ebs_volume.v
  |
  = path: var.type <- prod.tfvars
  = for:  12 instances, the first is aws_ebs_volume.v
  = env:  prod: path prod matches prod
  = docs: surplus rule my-rule"""
    )


def test_the_summary_counts() -> None:
    unknown = resource("aws_ebs_volume", "aws_ebs_volume.w", size=Unknown("no value"))
    many = result(
        finding(message="first"),
        finding(severity=Severity.WARNING, message="second"),
        finding(severity=Severity.INFO, message="third"),
        resources=((ROOT, resource("aws_ebs_volume")), (ROOT, unknown)),
        undecided=(Undecided(at(1, 1, 2), "r", "a", "x"),),
        problems=(Problem("x"), Problem("y", note=True)),
    )
    lines = concise(many, PLAIN).splitlines()
    assert [line.rsplit(" ", 1)[1] for line in lines[:3]] == ["first", "second", "third"]
    assert lines[3] == "1 error · 1 warning · 1 info · 2 resources in 1 root, 1 fully known · 1 undecided · 1 problem"


def test_nothing_found() -> None:
    assert full(result(), PLAIN) == concise(result(), PLAIN) == "no findings · 1 resource in 1 root\n"
    assert full(result(), PLAIN, with_summary=False) == concise(result(), PLAIN, with_summary=False) == ""


def test_concise() -> None:
    line = concise(result(finding(monthly_saving_usd=2.0)), PLAIN).splitlines()[0]
    assert line == "main.tf:3:10: error my-rule 500 GiB of gp2  saves $2.00/mo"


def frame(text: str, location: Location, style: Style = PLAIN) -> list[str]:
    """The lines of the frame: the flagged one and its marks."""
    lines = full(result(finding(location=location), text=text), style).split("\n")
    end = next(number for number, line in enumerate(lines) if line.startswith("  = "))
    return lines[end - 3 : end - 1]


@pytest.mark.parametrize(
    ("text", "span", "shown"),
    [
        ("\ttype = x", (9, 10), ["1 |   type = x", "  |          ^"]),
        ("漢字 = x", (6, 7), ["1 | 漢字 = x", "  |        ^"]),
        ("x = 漢字", (5, 7), ["1 | x = 漢字", "  |     ^^^^"]),
        ("e\u0301 = x", (6, 7), ["1 | e\u0301 = x", "  |     ^"]),
        ("x = \x1b[31m", (5, 6), ["1 | x = \ufffd[31m", "  |     ^"]),
        ("x =", (4, 4), ["1 | x =", "  |    ^"]),
        ('pw = "(sensitive)"', (6, 40), ['1 | pw = "(sensitive)"', "  |      ^^^^^^^^^^^^^"]),
    ],
)
def test_marks_stand_under_their_text(text: str, span: tuple[int, int], shown: list[str]) -> None:
    assert frame(text, at(1, *span)) == shown


@pytest.mark.parametrize("column", [1, 50, 99, 100, 101, 5_000, 9_996])
@pytest.mark.parametrize("width", [60, 80, 100])
def test_of_a_long_line_the_part_around_the_marks_is_shown(column: int, width: int) -> None:
    text = "x" * (column - 1) + "VALUE" + "y" * (10_000 - column)
    line, marks = frame(text, at(1, column, column + 5), Style(width=width))
    assert len(line) <= width and len(marks) <= width
    assert line[marks.index("^") :].startswith("VALUE") and marks.endswith("^" * 5)


def test_of_a_very_long_line_only_what_is_near_the_marks_is_looked_at() -> None:
    text = "x\u0301" + "\u0301" * 50_000 + "VALUE" + "\u0301" * 50_000
    line, marks = frame(text, at(1, 50_003, 50_008))
    assert "…" in line[:6] and "VALUE" in line and line.endswith("…") and marks.endswith("^" * 5)
    assert len(line) < 3_000


def test_a_long_value_is_cut() -> None:
    line, marks = frame("x = " + "y" * 500, at(1, 5, 505))
    assert len(line) == 100 and line.endswith("y…") and len(marks) == 100


def test_a_span_over_several_lines_marks_its_first() -> None:
    location = Location("main.tf", Span(2, 3, 4, 2))
    lines = full(result(finding(location=location)), PLAIN).split("\n")
    assert "  |   ^^^^^^^^^^" in lines


def test_a_file_that_cannot_be_shown() -> None:
    for location in (at(3, 1, 2, "gone.tf"), at(99, 1, 2)):
        text = full(result(finding(location=location)), PLAIN)
        assert f" --> {location.path}:{location.span.line}:1\n" in text


HOSTILE = "a\x1b]0;title\x07b\nc\x9b31m\u202ed\ud800"


def test_no_control_character_of_a_scanned_file_gets_through() -> None:
    one = finding(
        message=HOSTILE,
        resource=HOSTILE,
        location=at(1, 1, 2, HOSTILE),
        cause=(Cause(at(1, 1, 2), HOSTILE), Cause(at(1, 1, 2), HOSTILE)),
        related=((at(1, 1, 2, HOSTILE), HOSTILE),),
        environment=HOSTILE,
        environment_via=HOSTILE,
        fix=Fix(True, "in-place", HOSTILE),
    )
    texts = [
        full(result(one), PLAIN),
        concise(result(one), PLAIN),
        problem_line(Problem(HOSTILE, HOSTILE, Span(1, 1, 1, 1)), PLAIN),
        *undecided_lines([Undecided(at(1, 1, 2, HOSTILE), HOSTILE, HOSTILE, HOSTILE)], PLAIN, True),
        *undecided_lines([Undecided(at(1, 1, 2), "r", "a", HOSTILE)], PLAIN, False),
    ]
    for text in texts:
        assert not set(text) & set("\x1b\x07\x9b\u202e\ud800"), text
    assert len(concise(result(one), PLAIN).splitlines()) == 2


def test_colour() -> None:
    text = full(result(finding()), Style(colour=True))
    assert "\033[1;31merror[my-rule]\033[0m: \033[1m500 GiB of gp2\033[0m" in text
    assert text.count("\033[") % 2 == 0


def test_problems() -> None:
    span = Span(3, 4, 3, 5)
    assert problem_line(Problem("wrong"), PLAIN) == "problem: wrong"
    assert problem_line(Problem("wrong", "a.tf"), PLAIN) == "problem: a.tf: wrong"
    assert problem_line(Problem("wrong", "a.tf", span), PLAIN) == "problem: a.tf:3:4: wrong"
    assert problem_line(Problem("left out", "a.tf", span, note=True), PLAIN) == "note: a.tf:3:4: left out"


def test_notes_are_cut_short_and_problems_are_not() -> None:
    many = [Problem(f"{kind} {number}", note=kind == "left") for number in range(8) for kind in ("left", "wrong")]
    few = list(problem_lines(many, PLAIN, False))
    assert [line for line in few if line.startswith("problem: ")] == [f"problem: wrong {n}" for n in range(8)]
    assert len(few) == 8 + 5 + 1 and few[-1] == "note: 3 more notes; --show-unknowns lists everything"
    assert len(list(problem_lines(many, PLAIN, True))) == 16


def test_undecided() -> None:
    many = [Undecided(at(1, 1, 2), "r", f"a.{n}", f"reason {min(n, 7)}") for n in range(10)]
    few = list(undecided_lines(many, PLAIN, False))
    assert few == [
        "undecided: 3 × reason 7",
        *(f"undecided: 1 × reason {n}" for n in range(4)),
        "undecided: 3 more reasons; --show-unknowns lists everything",
    ]
    everything = list(undecided_lines(many, PLAIN, True))
    assert everything[0] == "undecided: main.tf:1:1: r on a.0: reason 0" and len(everything) == 10


def test_an_unknown_number_of_instances() -> None:
    text = full(result(replace(finding(), instances=None)), PLAIN)
    assert "= for:  an unknown number of instances of aws_ebs_volume.v\n" in text


def test_a_saving_that_other_findings_make_before_is_shown_alone() -> None:
    shared = finding(monthly_saving_usd=0.0, saving_alone_usd=327.4, saving_basis="by the price book")
    assert "saves $327.40/mo alone" in concise(result(shared), PLAIN)
    assert "saves $5.00/mo" in concise(result(finding(monthly_saving_usd=5.0, saving_alone_usd=9.0)), PLAIN)
    assert "saves $0.00/mo" in concise(result(finding(monthly_saving_usd=0.0, saving_alone_usd=0.0)), PLAIN)
