"""Findings for a person: a code frame with a caret under the value that causes each, or one line each."""

import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence

from surplus.model import Finding, Location, Problem, RunResult, Severity, Undecided
from surplus.reporters.style import Style

CONTEXT_LINES = 2
MAX_WIDTH = 160
MAX_REASONS = 5


def full(result: RunResult, style: Style) -> str:
    """Every finding with its code frame, then a line that sums up."""
    findings = by_severity(result.findings)
    blocks = ["\n".join(_block(one, result, style)) for one in findings]
    return "\n\n".join([*blocks, summary(result, style)]) + "\n"


def concise(result: RunResult, style: Style) -> str:
    """One line a finding: `path:line:column: severity rule message saving`."""
    lines = []
    for one in by_severity(result.findings):
        place = f"{one.location.path}:{one.location.span.line}:{one.location.span.column}"
        severity = style.paint(one.severity.value, one.severity.value)
        lines.append(f"{place}: {severity} {one.rule.id} {one.message}{_saving(one, '  ')}")
    return "\n".join([*lines, summary(result, style)]) + "\n"


def by_severity(findings: Sequence[Finding]) -> list[Finding]:
    """Errors first; within a severity the order of the findings."""
    return sorted(findings, key=lambda one: -one.severity.rank)


def _saving(one: Finding, before: str) -> str:
    return "" if one.monthly_saving_usd is None else f"{before}saves ${one.monthly_saving_usd:,.2f}/mo"


def _block(one: Finding, result: RunResult, style: Style) -> Iterator[str]:
    head = f"{one.severity.value}[{one.rule.id}]"
    yield f"{style.paint(head, one.severity.value)}: {style.paint(one.message, 'bold')}{_saving(one, '    ')}"
    note = "set here" if one.related else ""
    gutter = max(len(str(place.span.line + 1)) for place in (one.location, *(place for place, _ in one.related)))
    yield from _frame(one.location, result, style, gutter, "-->", note, "^")
    for place, text in one.related:
        yield from _frame(place, result, style, gutter, ":::", text, "-")
    pad = " " * gutter
    if len(one.cause) > 1:
        yield f"{pad} = {style.paint('path:', 'bold')} {' <- '.join(step.text for step in one.cause)}"
    if one.instances is None or one.instances > 1:
        number = "an unknown number of" if one.instances is None else one.instances
        yield f"{pad} = {style.paint('for:', 'bold')}  {number} instances, the first {one.addresses[0]}"
    elif not one.related:
        yield f"{pad} = {style.paint('for:', 'bold')}  {one.resource}"
    if one.environment and one.environment_via:
        yield f"{pad} = {style.paint('env:', 'bold')}  {one.environment}: {one.environment_via}"
    if one.fix and one.fix.hint:
        kind = f"{'safe' if one.fix.safe else 'unsafe'}; {one.fix.impact}"
        yield f"{pad} = {style.paint('fix:', 'bold')}  {one.fix.hint}  [{kind}]"
    yield f"{pad} = {style.paint('docs:', 'bold')} surplus rule {one.rule.id}"


def _frame(
    place: Location, result: RunResult, style: Style, gutter: int, arrow: str, note: str, mark: str
) -> Iterator[str]:
    """The lines around a span, marked. Tabs become spaces, so that the marks stand under their text."""
    span = place.span
    pad = " " * gutter
    yield f"{pad}{style.paint(arrow, 'place')} {place.path}:{span.line}:{span.column}"
    lines = result.lines.get(place.path)
    if lines is None or span.line > len(lines):
        return
    bar = style.paint("|", "place")
    yield f"{pad} {bar}"
    for number in range(max(1, span.line - CONTEXT_LINES), span.line + 1):
        text = _printable(lines[number - 1])
        yield f"{style.paint(str(number).rjust(gutter), 'place')} {bar} {_cut(text)}".rstrip()
    line = lines[span.line - 1]
    before = _width(line[: span.column - 1])
    end = span.end_column - 1 if span.end_line == span.line else len(line)
    length = max(1, _width(line[span.column - 1 : end]))
    if before < MAX_WIDTH:
        marks = style.paint(mark * min(length, MAX_WIDTH - before), "error" if mark == "^" else "place")
        yield f"{pad} {bar} {' ' * before}{marks} {note}".rstrip()


def _printable(text: str) -> str:
    """A line as a terminal can show it: no control characters that move the cursor or change its colour."""
    return "".join("  " if character == "\t" else character if _shows(character) else "\ufffd" for character in text)


def _shows(character: str) -> bool:
    return unicodedata.category(character) not in ("Cc", "Cs", "Co", "Cn") and character not in "\u2028\u2029"


def _width(text: str) -> int:
    """How many columns a text takes on a terminal."""
    return sum(
        2
        if character == "\t" or unicodedata.east_asian_width(character) in "WF"
        else 0
        if unicodedata.combining(character)
        else 1
        for character in text
    )


def _cut(text: str) -> str:
    return text if len(text) <= MAX_WIDTH else text[: MAX_WIDTH - 1] + "…"


def summary(result: RunResult, style: Style) -> str:
    """What was found, over what was read."""
    counts = Counter(one.severity for one in result.findings)
    parts = [
        style.paint(_count(counts[severity], severity), severity.value) for severity in Severity if counts[severity]
    ]
    found = " · ".join(parts) if parts else style.paint("no findings", "good")
    savings = [one.monthly_saving_usd for one in result.findings if one.monthly_saving_usd is not None]
    money = f" · ${sum(savings):,.2f}/mo avoidable" if savings else ""
    rest = [f"{plural(len(result.resources), 'resource')} in {plural(len(result.roots), 'root')}"]
    if result.undecided:
        rest.append(f"{len(result.undecided)} undecided")
    return f"{found}{money} · {' · '.join(rest)}"


def _count(number: int, severity: Severity) -> str:
    return f"{number:,} info" if severity is Severity.INFO else plural(number, severity.value)


def plural(number: int, word: str) -> str:
    """`1 root`, `2 roots`."""
    return f"{number:,} {word}{'' if number == 1 else 's'}"


def problem_line(problem: Problem, style: Style) -> str:
    """A problem in one line: `problem: path:line:column: what, and what to do`."""
    place = f"{problem.path}:" if problem.path else ""
    if problem.path and problem.span:
        place = f"{problem.path}:{problem.span.line}:{problem.span.column}:"
    kind = style.paint("note" if problem.note else "problem", "dim" if problem.note else "warning")
    return f"{kind}: {place} {problem.message}" if place else f"{kind}: {problem.message}"


def undecided_lines(undecided: Sequence[Undecided], style: Style, everything: bool) -> Iterator[str]:
    """The commonest reasons for which rules could not be judged, or every one of them."""
    if everything:
        for one in undecided:
            place = f"{one.location.path}:{one.location.span.line}"
            yield f"{style.paint('undecided', 'dim')}: {place}: {one.rule} on {one.resource}: {one.reason}"
        return
    reasons = Counter(one.reason for one in undecided)
    for reason, count in sorted(reasons.items(), key=lambda item: (-item[1], item[0]))[:MAX_REASONS]:
        yield f"{style.paint('undecided', 'dim')}: {count} × {reason}"
