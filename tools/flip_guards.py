"""Take each guard out of each rule and see that some example notices: `python tools/flip_guards.py [RULE…]`.

A guard is an operand of `&&` (it becomes true) or of `||` (it becomes false) at any depth of a rule's `when`: in
grouping parentheses, below `!`, in the arguments of functions and macros, in list and map literals and in the
branches of `? :`. In `a && b || c` those are `a`, `b`, `c` and `a && b`. Nothing else is flipped: no comparison, no
`!`, no pattern of `matches`, no item of a list. A guard that no example needs is printed, and so is one without which
the rule does not load; the exit code is then 1.
"""

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "linter"))

from surplus.definitions import Rule
from surplus.engine import Judge
from surplus.examples import run
from surplus.model import SurplusError
from surplus.rules import bundled_rules

TOKEN = re.compile(r'"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])*\'|&&|\|\||.', re.DOTALL)


@dataclass(slots=True)
class Part:
    """An expression between brackets, commas, `?` and `:`; where its present operands of `||` and `&&` begin."""

    any_from: int
    all_from: int
    any_seen: bool = False
    all_seen: bool = False


def operands(source: str) -> Iterator[tuple[int, int, str]]:
    """Start and end of each operand of `&&` and `||`, with the value that takes it out."""
    parts = [Part(0, 0)]
    for match in TOKEN.finditer(source + ")"):
        token, part, at, after = match[0], parts[-1], match.start(), match.end()
        if token in ("(", "[", "{"):
            parts.append(Part(after, after))
        elif token == "&&":
            yield part.all_from, at, "true"
            part.all_from, part.all_seen = after, True
        elif token in ("||", ",", "?", ":", ")", "]", "}"):
            if part.all_seen:
                yield part.all_from, at, "true"
            if part.any_seen or token == "||":
                yield part.any_from, at, "false"
            parts.pop()
            if token not in (")", "]", "}"):
                parts.append(Part(after, after, any_seen=token == "||"))


def faults(rule: Rule) -> Iterator[str]:
    """For each guard what is wrong with it, or an empty text."""
    for start, end, neutral in operands(rule.when):
        guard = " ".join(rule.when[start:end].split())
        changed = replace(rule, when=f"{rule.when[:start]} {neutral} {rule.when[end:]}")
        try:
            judge = Judge([changed])
            judge.compiled(changed)
        except SurplusError:
            yield f"does not load without `{guard}`"
            continue
        noticed = any(not run(changed, example, judge).passed for example in changed.examples)
        yield "" if noticed else f"no example needs `{guard}`"


def main(names: list[str]) -> int:
    """Print the guards that no example needs."""
    if unknown := set(names) - set(bundled_rules()):
        print(f"there is no rule {', '.join(sorted(unknown))}")
        return 2
    missed = total = 0
    for rule in bundled_rules().values():
        if names and rule.id not in names:
            continue
        for fault in faults(rule):
            total += 1
            if fault:
                missed += 1
                print(f"{rule.id}: {fault}")
    print(f"{total} guards flipped, {missed} not noticed")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
