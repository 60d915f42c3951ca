"""Regular expressions as RE2 has them, matched in time linear in the text.

Python's own engine differs from RE2 in syntax and may take exponential time, so a pattern is compiled to a
small program that follows all alternatives at once, the preferred one first, as Go's `regexp` does.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from surplus.sources.terraform import limits
from surplus.sources.terraform.functions.re2_syntax import WORD, CharSet, Node, in_part, parse
from surplus.sources.terraform.limits import TooCostlyError


def _may_be_empty(node: Node) -> bool:
    if node.kind == "set":
        return False
    if node.kind == "alt":
        return any(map(_may_be_empty, node.nodes))
    if node.kind == "repeat" and node.low == 0:
        return True
    return all(map(_may_be_empty, node.nodes))


Step = tuple[str, CharSet | str | None, int, int]
"""What to do (set, assert, save, split, match), with what, and the steps that may follow."""


class _Compiler:
    """Writes the steps of a pattern."""

    def __init__(self) -> None:
        self.steps: list[Step] = []

    def add(self, kind: str, what: CharSet | str | None = None, first: int = 0, second: int = 0) -> int:
        if len(self.steps) >= limits.MAX_REGEX_PROGRAM:
            raise TooCostlyError(limits.exceeded("MAX_REGEX_PROGRAM", limits.MAX_REGEX_PROGRAM).reason)
        self.steps.append((kind, what, first, second))
        return len(self.steps) - 1

    def emit(self, node: Node) -> None:
        """Write *node*; it goes on at the step after its last."""
        if node.kind == "set":
            self.add("set", node.chars)
        elif node.kind == "assert":
            self.add("assert", node.text)
        elif node.kind == "group":
            self.add("save", None, node.low * 2)
            self.emit(node.nodes[0])
            self.add("save", None, node.low * 2 + 1)
        elif node.kind == "cat":
            for part in node.nodes:
                self.emit(part)
        elif node.kind == "alt":
            self.alternatives(node)
        else:
            self.repeat(node)

    def alternatives(self, node: Node) -> None:
        ends = []
        for branch in node.nodes[:-1]:
            split = self.add("split")
            self.emit(branch)
            ends.append(self.add("split"))
            self.steps[split] = ("split", None, split + 1, len(self.steps))
        self.emit(node.nodes[-1])
        for end in ends:
            self.steps[end] = ("split", None, len(self.steps), len(self.steps))

    def repeat(self, node: Node) -> None:
        inner = node.nodes[0]
        for _ in range(node.low - (node.high is None and node.low > 0)):
            self.emit(inner)
        if node.high is None:
            if node.low > 0:
                self.plus(inner, node.greedy)
            elif _may_be_empty(inner):
                skip = self.add("split")
                self.plus(inner, node.greedy)
                self.fork(skip, node.greedy)
            else:
                start = self.add("split")
                self.emit(inner)
                self.add("split", None, start, start)
                self.fork(start, node.greedy)
            return
        skips = []
        for _ in range(node.high - node.low):
            skips.append(self.add("split"))
            self.emit(inner)
        for skip in skips:
            self.fork(skip, node.greedy)

    def plus(self, node: Node, greedy: bool) -> None:
        start = len(self.steps)
        self.emit(node)
        end = len(self.steps)
        self.add("split", None, *((start, end + 1) if greedy else (end + 1, start)))

    def fork(self, split: int, greedy: bool) -> None:
        inside, after = split + 1, len(self.steps)
        self.steps[split] = ("split", None, *((inside, after) if greedy else (after, inside)))


Groups = tuple[int | None, ...]
"""Start and end of the whole match, then of each group; None where it took no part."""


@dataclass(frozen=True, slots=True)
class Regex:
    """A compiled pattern; `names` has the name of each group, or None."""

    steps: tuple[Step, ...]
    names: tuple[str | None, ...]

    def matches(self, text: str) -> Iterator[Groups]:
        """Every match in *text*, none overlapping; an empty one never touches the match before it.

        Raises `TooCostlyError` when *text* is too long or the search takes too many steps.
        """
        if len(text) > limits.MAX_REGEX_INPUT:
            raise TooCostlyError(limits.exceeded("MAX_REGEX_INPUT", limits.MAX_REGEX_INPUT).reason)
        work = [0]
        at, last_end = 0, -1
        while at <= len(text) and (found := self._search(text, at, work)) is not None:
            start, end = found[0] or 0, found[1] or 0
            if end > start or end != last_end:
                yield found
            last_end = end
            at = end if end > start and end > at else end + 1

    def _search(self, text: str, at: int, work: list[int]) -> Groups | None:
        best: Groups | None = None
        empty: Groups = (None,) * (2 * len(self.names) + 2)
        threads: list[tuple[int, Groups]] = []
        seen: set[int] = set()
        while True:
            if best is None:
                self._follow(threads, seen, 0, (at, *empty[1:]), text, at)
            work[0] += len(seen) + 1
            if work[0] > limits.MAX_REGEX_WORK:
                raise TooCostlyError(limits.exceeded("MAX_REGEX_WORK", limits.MAX_REGEX_WORK).reason)
            following: list[tuple[int, Groups]] = []
            seen = set()
            char = text[at : at + 1]
            for step, groups in threads:
                kind, what, _, _ = self.steps[step]
                if kind == "match":
                    best = (groups[0], at, *groups[2:])
                    break
                if char and isinstance(what, CharSet) and char in what:
                    self._follow(following, seen, step + 1, groups, text, at + 1)
            threads = following
            if not char or (best is not None and not threads):
                return best
            at += 1

    def _follow(
        self, threads: list[tuple[int, Groups]], seen: set[int], step: int, groups: Groups, text: str, at: int
    ) -> None:
        """Add *step* and all that follows it without reading a character, the preferred first."""
        todo = [(step, groups)]
        while todo:
            step, groups = todo.pop()
            if step in seen:
                continue
            seen.add(step)
            kind, what, first, second = self.steps[step]
            if kind == "split":
                todo.append((second, groups))
                todo.append((first, groups))
            elif kind == "save":
                todo.append((step + 1, (*groups[:first], at, *groups[first + 1 :])))
            elif kind == "assert":
                if _holds(str(what), text, at):
                    todo.append((step + 1, groups))
            else:
                threads.append((step, groups))


def _holds(what: str, text: str, at: int) -> bool:
    before, after = text[at - 1 : at] if at else "", text[at : at + 1]
    if what == "start":
        return not before
    if what == "end":
        return not after
    if what == "line start":
        return before in ("", "\n")
    if what == "line end":
        return after in ("", "\n")
    boundary = in_part(before or " ", WORD) != in_part(after or " ", WORD)
    return boundary == (what == "boundary")


@lru_cache(maxsize=256)
def compile_pattern(pattern: str) -> Regex:
    """Compile *pattern*; raises `EvaluationError` where RE2 refuses it and `TooCostlyError` where we do."""
    if len(pattern) > limits.MAX_REGEX_PATTERN:
        raise TooCostlyError(limits.exceeded("MAX_REGEX_PATTERN", limits.MAX_REGEX_PATTERN).reason)
    node, names = parse(pattern)
    compiler = _Compiler()
    compiler.emit(node)
    compiler.add("match")
    return Regex(tuple(compiler.steps), names)
