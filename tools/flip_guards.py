"""Take each guard out of each rule and see that some example notices: `python tools/flip_guards.py [RULE…]`.

A guard is an operand of `&&` or `||` at any depth of `when`, outside of calls. One that no example needs is
printed, and the exit code is 1.
"""

import re
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "linter"))

from surplus.engine import Judge
from surplus.examples import run
from surplus.model import Rule, SurplusError
from surplus.rules import bundled_rules

TOKEN = re.compile(r'"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])*\'|&&|\|\||[()\[\]{}]|.', re.DOTALL)


def operands(source: str) -> Iterator[tuple[int, int, str]]:
    """Start, end and operator of each operand of `&&` and `||`, inside grouping parentheses too."""
    yield from _operands(source, 0, len(source))


def _operands(source: str, start: int, end: int) -> Iterator[tuple[int, int, str]]:
    parts: list[tuple[int, int]] = []
    operators: list[str] = []
    depth, begin = 0, start
    for match in TOKEN.finditer(source, start, end):
        token = match[0]
        if token in "([{" and len(token) == 1:
            depth += 1
        elif token in ")]}" and len(token) == 1:
            depth -= 1
        elif token in ("&&", "||") and depth == 0:
            parts.append((begin, match.start()))
            operators.append(token)
            begin = match.end()
    parts.append((begin, end))
    if "||" in operators:  # binds less than &&: judge the groups between
        groups: list[tuple[int, int]] = []
        first = parts[0][0]
        for (_, part_end), operator in zip(parts, [*operators, "||"], strict=True):
            if operator == "||":
                groups.append((first, part_end))
                index = parts.index(next(part for part in parts if part[1] == part_end))
                first = parts[index + 1][0] if index + 1 < len(parts) else end
        for group in groups:
            yield (*group, "||")
            yield from _operands(source, *group)
        return
    for part in parts:
        if len(parts) > 1:
            yield (*part, "&&")
        inner = source[part[0] : part[1]]
        stripped = inner.strip()
        if stripped.startswith("(") and _closes(stripped):
            at = part[0] + inner.index("(") + 1
            yield from _operands(source, at, at + len(stripped) - 2)


def _closes(text: str) -> bool:
    """Whether the first parenthesis is closed by the last character."""
    depth = 0
    for match in TOKEN.finditer(text):
        depth += {"(": 1, ")": -1}.get(match[0], 0)
        if depth == 0:
            return match.end() == len(text)
    return False


def flipped(rule: Rule) -> Iterator[tuple[str, bool]]:
    """Each guard with whether an example fails without it."""
    for start, end, operator in operands(rule.when):
        neutral = "true" if operator == "&&" else "false"
        when = f"{rule.when[:start]} {neutral} {rule.when[end:]}"
        changed = replace(rule, when=when)
        yield rule.when[start:end].strip(), _noticed(changed)


def _noticed(rule: Rule) -> bool:
    try:
        judge = Judge([rule])
        return any(not run(rule, example, judge).passed for example in rule.examples)
    except SurplusError:
        return True


def main(names: list[str]) -> int:
    """Print the guards that no example needs."""
    missed = total = 0
    for rule in bundled_rules().values():
        if names and rule.id not in names:
            continue
        for guard, noticed in flipped(rule):
            total += 1
            if not noticed:
                missed += 1
                print(f"{rule.id}: no example needs `{' '.join(guard.split())}`")
    print(f"{total} guards flipped, {missed} not noticed")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
