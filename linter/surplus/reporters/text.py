"""Findings for a person: a code frame with a caret under the value that causes each, or one line each."""

from collections import Counter
from collections.abc import Iterator, Sequence

from surplus.model import Problem, Severity
from surplus.reporters import fully_known
from surplus.reporters.frames import frame, gutter_of
from surplus.reporters.style import Style, plural, printable
from surplus.results import Finding, RunResult, Undecided

MAX_REASONS = 5
MAX_NOTES = 5


def full(result: RunResult, style: Style, with_summary: bool = True) -> str:
    """Every finding with its code frame, then a line that sums up."""
    blocks = ["\n".join(_block(one, result, style)) for one in result.findings]
    if with_summary:
        blocks.append(summary(result, style))
    return "\n\n".join(blocks) + "\n" if blocks else ""


def concise(result: RunResult, style: Style, with_summary: bool = True) -> str:
    """One line a finding: `path:line:column: severity rule message saving`."""
    lines = []
    for one in result.findings:
        place = printable(f"{one.location.path}:{one.location.span.line}:{one.location.span.column}")
        severity = style.paint(one.severity.value, one.severity.value)
        where = f"  ({printable(one.environment)})" if one.environment else ""
        origin = f"  (from {printable(one.rendered_from)})" if one.rendered_from else ""
        lines.append(f"{place}: {severity} {one.rule.id} {printable(one.message)}{_saving(one, '  ')}{where}{origin}")
    if with_summary:
        lines.append(summary(result, style))
    return "\n".join(lines) + "\n" if lines else ""


CENT = 0.005
"""Less is shown as nothing."""


def _saving(one: Finding, before: str) -> str:
    step, alone = one.monthly_saving_usd, one.saving_alone_usd
    if step is None:
        return ""
    if step < CENT and alone is not None and alone >= CENT:  # others save it all before
        return f"{before}saves ${alone:,.2f}/mo alone"
    return f"{before}saves ${step:,.2f}/mo"


def _shared(one: Finding) -> str:
    """What the finding would save if no other finding about the same thing were mended."""
    alone, step = one.saving_alone_usd, one.monthly_saving_usd
    if alone is None or step is None or abs(alone - step) < CENT:
        return ""
    return f"; ${alone:,.2f}/mo alone, if nothing else about it is mended"


def _block(one: Finding, result: RunResult, style: Style) -> Iterator[str]:
    head = style.paint(f"{one.severity.value}[{one.rule.id}]", one.severity.value)
    yield f"{head}: {style.paint(printable(one.message), 'bold')}{_saving(one, '    ')}"
    note = "set here" if one.related else ""
    gutter = gutter_of(one.location, *(place for place, _ in one.related))
    yield from frame(one.location, result.lines, style, gutter, "-->", note, "^")
    for place, text in one.related:
        yield from frame(place, result.lines, style, gutter, ":::", text, "-")
    yield f"{' ' * gutter} {style.paint('|', 'place')}"
    for name, text in _facts(one):
        yield f"{' ' * gutter} = {style.paint(name + ':', 'bold')}{' ' * (5 - len(name))}{printable(text)}"


def _facts(one: Finding) -> Iterator[tuple[str, str]]:
    """The lines below the frames: at most one of each."""
    if len(one.cause) > 1:
        yield "path", " <- ".join(step.text for step in one.cause)
    if one.instances is None:
        yield "for", f"an unknown number of instances of {one.addresses[0]}"
    elif one.instances > 1:
        yield "for", f"{one.instances:,} instances, the first is {one.addresses[0]}"
    elif not one.related:
        yield "for", one.resource
    if one.rendered_from:
        yield "from", one.rendered_from
    if one.environment and one.environment_via:
        yield "env", f"{one.environment}: {one.environment_via}"
    if one.saving_basis:
        yield "cost", f"{one.saving_basis}{_shared(one)}"
    if one.fix and one.fix.hint:
        removes = one.rule.better is not None and one.rule.better.remove
        impact = "removes it" if removes else IMPACTS[one.fix.impact]
        yield "fix", f"{one.fix.hint}  [{'safe' if one.fix.safe else 'unsafe'}; {impact}]"
    yield "docs", f"surplus rule {one.rule.id}"


IMPACTS = {
    "in-place": "changes in place",
    "restart": "restarts it",
    "replace": "replaces it",
    "move-data": "data must be moved",
}
"""What applying a fix does, in words."""


def summary(result: RunResult, style: Style) -> str:
    """What was found, over what was read."""
    counts = Counter(one.severity for one in result.findings)
    parts = [
        style.paint(_count(counts[severity], severity), severity.value) for severity in Severity if counts[severity]
    ]
    found = " · ".join(parts) if parts else style.paint("no findings", "good")
    savings = [one.monthly_saving_usd for one in result.findings if one.monthly_saving_usd is not None]
    money = f" · ${sum(savings):,.2f}/mo avoidable" if savings else ""
    judged = f"{plural(len(result.resources), 'resource')} in {plural(len(result.roots), 'root')}"
    known = fully_known(result)
    rest = [judged if known == len(result.resources) else f"{judged}, {known:,} fully known"]
    if result.undecided:
        rest.append(f"{len(result.undecided):,} undecided")
    problems = sum(1 for problem in result.problems if not problem.note)
    if problems:
        rest.append(plural(problems, "problem"))
    return f"{found}{money} · {' · '.join(rest)}"


def _count(number: int, severity: Severity) -> str:
    return f"{number:,} info" if severity is Severity.INFO else plural(number, severity.value)


def problem_line(problem: Problem, style: Style) -> str:
    """A problem in one line: `problem: path:line:column: what, and what to do`."""
    place = f"{problem.path}:" if problem.path else ""
    if problem.path and problem.span:
        place = f"{problem.path}:{problem.span.line}:{problem.span.column}:"
    kind = style.paint("note" if problem.note else "problem", "dim" if problem.note else "warning")
    return f"{kind}: {printable(f'{place} {problem.message}' if place else problem.message)}"


def problem_lines(problems: Sequence[Problem], style: Style, everything: bool) -> Iterator[str]:
    """Every problem, and the first of the notes or every one of them."""
    notes = 0
    for problem in problems:
        notes += problem.note
        if not problem.note or notes <= MAX_NOTES or everything:
            yield problem_line(problem, style)
    if notes > MAX_NOTES and not everything:
        more = plural(notes - MAX_NOTES, "more note")
        yield f"{style.paint('note', 'dim')}: {more}; --show-unknowns lists everything"


def undecided_lines(undecided: Sequence[Undecided], style: Style, everything: bool) -> Iterator[str]:
    """The commonest reasons for which rules could not be judged, or every one of them."""
    word = style.paint("undecided", "dim")
    if everything:
        for one in undecided:
            place = f"{one.location.path}:{one.location.span.line}:{one.location.span.column}"
            yield f"{word}: {printable(f'{place}: {one.rule} on {one.resource}: {one.reason}')}"
        return
    reasons = Counter(one.reason for one in undecided)
    ordered = sorted(reasons.items(), key=lambda item: (-item[1], item[0]))
    for reason, count in ordered[:MAX_REASONS]:
        yield f"{word}: {count:,} × {printable(reason)}"
    if len(ordered) > MAX_REASONS:
        yield f"{word}: {plural(len(ordered) - MAX_REASONS, 'more reason')}; --show-unknowns lists everything"
