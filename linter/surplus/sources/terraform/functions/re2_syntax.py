"""The syntax of RE2's regular expressions: https://github.com/google/re2/wiki/Syntax"""

import re
import unicodedata
from dataclasses import dataclass, field

from surplus.sources.terraform.limits import TooCostlyError
from surplus.sources.terraform.values import EvaluationError

Ranges = list[tuple[str, str]]

DIGIT: Ranges = [("0", "9")]
SPACE: Ranges = [("\t", "\n"), ("\f", "\r"), (" ", " ")]
WORD: Ranges = [("0", "9"), ("A", "Z"), ("_", "_"), ("a", "z")]
PERL = {"d": DIGIT, "s": SPACE, "w": WORD}
POSIX: dict[str, Ranges] = {
    "alnum": [("0", "9"), ("A", "Z"), ("a", "z")],
    "alpha": [("A", "Z"), ("a", "z")],
    "ascii": [("\0", "\x7f")],
    "blank": [("\t", "\t"), (" ", " ")],
    "cntrl": [("\0", "\x1f"), ("\x7f", "\x7f")],
    "digit": DIGIT,
    "graph": [("!", "~")],
    "lower": [("a", "z")],
    "print": [(" ", "~")],
    "punct": [("!", "/"), (":", "@"), ("[", "`"), ("{", "~")],
    "space": [("\t", "\r"), (" ", " ")],
    "upper": [("A", "Z")],
    "word": WORD,
    "xdigit": [("0", "9"), ("A", "F"), ("a", "f")],
}
CATEGORY = re.compile(r"L[ultmo]?|M[nce]?|N[dlo]?|P[cdseifo]?|S[mcko]?|Z[slp]?|C[cfo]?|Any")
CONTROL = {"a": "\a", "f": "\f", "t": "\t", "n": "\n", "r": "\r", "v": "\v"}
REPEAT = re.compile(r"\{(\d+)(,(\d*))?\}", re.ASCII)
GROUP_NAME = re.compile(r"\?P?<(\w+)>", re.ASCII)
FLAGS = re.compile(r"\?([imsU]*)(-[imsU]+)?([:)])")
MAX_REPEAT = 1000
"""RE2's own bound on counted repeats, nested ones multiplied."""


class CharSet:
    """A set of characters: ranges and Unicode categories, perhaps negated, perhaps without regard to case."""

    __slots__ = ("fold", "known", "negated", "parts", "ranges")

    def __init__(self, ranges: Ranges, fold: bool = False, negated: bool = False) -> None:
        self.ranges = list(ranges)
        self.parts: list[tuple[str, bool] | tuple[Ranges, bool]] = []
        self.fold = fold
        self.negated = negated
        self.known: dict[str, bool] = {}

    def __contains__(self, char: str) -> bool:
        found = self.known.get(char)
        if found is None:
            forms = {char}
            if self.fold:
                forms |= {char.lower(), char.upper(), char.upper().lower()}
            found = self.known[char] = any(self._plain(form) for form in forms) != self.negated
        return found

    def _plain(self, char: str) -> bool:
        if any(low <= char <= high for low, high in self.ranges):
            return True
        return any(in_part(char, part) != negated for part, negated in self.parts)


def in_part(char: str, part: str | Ranges) -> bool:
    """Whether *char* is in a Unicode category (or its group), or in one of some ranges."""
    if isinstance(part, str):
        return part == "Any" or unicodedata.category(char).startswith(part)
    return any(low <= char <= high for low, high in part)


@dataclass(frozen=True, slots=True)
class Node:
    """A piece of a pattern: `kind` is set, assert, cat, alt, group or repeat."""

    kind: str
    nodes: tuple["Node", ...] = ()
    chars: CharSet | None = None
    text: str = ""
    low: int = 0
    high: int | None = None
    greedy: bool = True
    repeats: int = 1


@dataclass(slots=True)
class _Parser:
    """Reads one pattern."""

    pattern: str
    at: int = 0
    flags: frozenset[str] = frozenset()
    names: list[str | None] = field(default_factory=list)

    def fail(self, what: str) -> EvaluationError:
        return EvaluationError(f'"{self.pattern}" is not a regular expression: {what}')

    def more(self) -> bool:
        return self.at < len(self.pattern)

    def take(self, text: str) -> bool:
        if self.pattern.startswith(text, self.at):
            self.at += len(text)
            return True
        return False

    def parse(self) -> Node:
        node = self.alternation()
        if self.more():
            raise self.fail("a ) closes nothing")
        return node

    def alternation(self) -> Node:
        branches = [self.concatenation()]
        while self.take("|"):
            branches.append(self.concatenation())
        return branches[0] if len(branches) == 1 else _node("alt", branches)

    def concatenation(self) -> Node:
        items: list[Node] = []
        repeated = False
        while self.more() and self.pattern[self.at] not in "|)":
            if self.take("\\Q"):
                end = self.pattern.find("\\E", self.at)
                quoted = self.pattern[self.at : end if end >= 0 else None]
                self.at = end + 2 if end >= 0 else len(self.pattern)
                items += [self.literal(char) for char in quoted]
                repeated = False
            elif (bounds := self.repetition()) is not None:
                if repeated:
                    raise self.fail("a repetition is repeated")
                if not items:
                    raise self.fail("a repetition has nothing to repeat")
                items[-1] = self.repeat(items[-1], *bounds)
                repeated = True
            elif (item := self.atom()) is not None:
                items.append(item)
                repeated = False
        return items[0] if len(items) == 1 else _node("cat", items)

    def repetition(self) -> tuple[int, int | None] | None:
        for mark, bounds in (("*", (0, None)), ("+", (1, None)), ("?", (0, 1))):
            if self.take(mark):
                return bounds
        if (found := REPEAT.match(self.pattern, self.at)) is None:
            return None
        self.at = found.end()
        low = int(found[1][:6])
        high = low if found[2] is None else int(found[3][:6]) if found[3] else None
        if low > MAX_REPEAT or (high is not None and (high > MAX_REPEAT or high < low)):
            raise self.fail(f"the repeat count {found[0]} is not valid")
        return low, high

    def repeat(self, node: Node, low: int, high: int | None) -> Node:
        greedy = self.take("?") == ("U" in self.flags)
        repeats = node.repeats * max(1, low, high or 0)
        if repeats > MAX_REPEAT:
            raise self.fail(f"its repeats multiply to more than {MAX_REPEAT}")
        return Node("repeat", (node,), low=low, high=high, greedy=greedy, repeats=repeats)

    def atom(self) -> Node | None:
        char = self.pattern[self.at]
        self.at += 1
        if char == "(":
            return self.group()
        if char == "[":
            return self.char_class()
        if char == "\\":
            return self.escape()
        if char == ".":
            return Node("set", chars=CharSet([] if "s" in self.flags else [("\n", "\n")], negated=True))
        if char == "^":
            return Node("assert", text="line start" if "m" in self.flags else "start")
        if char == "$":
            return Node("assert", text="line end" if "m" in self.flags else "end")
        return self.literal(char)

    def literal(self, char: str) -> Node:
        return Node("set", chars=CharSet([(char, char)], fold="i" in self.flags))

    def group(self) -> Node | None:
        outside = self.flags
        capture = 0
        if self.pattern.startswith("?", self.at):
            if named := GROUP_NAME.match(self.pattern, self.at):
                self.names.append(named[1])
                capture = len(self.names)
                self.at = named.end()
            elif flags := FLAGS.match(self.pattern, self.at):
                self.at = flags.end()
                self.flags = (self.flags | set(flags[1])) - set(flags[2] or "")
                if flags[3] == ")":
                    return None
            else:
                raise self.fail("RE2 has no such group as (" + self.pattern[self.at : self.at + 3])
        else:
            self.names.append(None)
            capture = len(self.names)
        node = self.alternation()
        if not self.take(")"):
            raise self.fail("a ( is not closed")
        self.flags = outside
        if not capture:
            return _node("cat", [node])
        return Node("group", (node,), low=capture, repeats=node.repeats)

    def escape(self) -> Node:
        if not self.more():
            raise self.fail("it ends in a backslash")
        char = self.pattern[self.at]
        if (text := {"A": "start", "z": "end", "b": "boundary", "B": "no boundary"}.get(char)) is not None:
            self.at += 1
            return Node("assert", text=text)
        chars = CharSet([], fold="i" in self.flags)
        if self.class_escape(chars):
            return Node("set", chars=chars)
        return self.literal(self.char_escape())

    def class_escape(self, chars: CharSet) -> bool:
        """Add what `\\d`, `\\pL` and the like stand for; False when something else is next."""
        char = self.pattern[self.at : self.at + 1]
        if char and char in "dDsSwW":
            self.at += 1
            chars.parts.append((PERL[char.lower()], char.isupper()))
            return True
        if not char or char not in "pP":
            return False
        self.at += 1
        if self.take("{"):
            end = self.pattern.find("}", self.at)
            if end < 0:
                raise self.fail("the name after \\p is not closed")
            name, self.at = self.pattern[self.at : end], end + 1
        else:
            name, self.at = self.pattern[self.at : self.at + 1], self.at + 1
        negated = (char == "P") != name.startswith("^")
        name = name.removeprefix("^")
        if not CATEGORY.fullmatch(name):
            if len(name) < 2:
                raise self.fail(f"there is no Unicode class {name}")
            raise TooCostlyError(f"the Unicode script {name} of a regular expression is not supported")
        chars.parts.append((name, negated))
        return True

    def char_escape(self) -> str:
        """The character that the escape at this place (after its backslash) stands for."""
        rest = self.pattern[self.at : self.at + 10]
        if found := re.match(r"x([0-9A-Fa-f]{2})|x\{([0-9A-Fa-f]{1,6})\}", rest):
            self.at += found.end()
            code = int(found[1] or found[2], 16)
            if code <= 0x10FFFF:
                return chr(code)
        elif found := re.match(r"[1-7][0-7]{1,2}|0[0-7]{0,2}", rest):
            self.at += found.end()
            return chr(int(found[0], 8))
        elif rest and rest[0] in CONTROL:
            self.at += 1
            return CONTROL[rest[0]]
        elif rest and rest[0].isascii() and not rest[0].isalnum():
            self.at += 1
            return rest[0]
        raise self.fail("RE2 has no such escape as \\" + rest[:1])

    def char_class(self) -> Node:
        chars = CharSet([], fold="i" in self.flags, negated=self.take("^"))
        first = True
        while first or not self.pattern.startswith("]", self.at):
            if not self.more():
                raise self.fail("a [ is not closed")
            first = False
            if found := re.compile(r"\[:(\^?)([^]:]*):\]").match(self.pattern, self.at):
                if found[2] not in POSIX:
                    raise self.fail(f"there is no character class {found[0]}")
                chars.parts.append((POSIX[found[2]], bool(found[1])))
                self.at = found.end()
            elif self.pattern.startswith("\\", self.at) and self.escaped_class(chars):
                continue
            else:
                self.char_range(chars)
        self.at += 1
        return Node("set", chars=chars)

    def escaped_class(self, chars: CharSet) -> bool:
        self.at += 1
        if self.class_escape(chars):
            return True
        self.at -= 1
        return False

    def char_range(self, chars: CharSet) -> None:
        low = high = self.class_char()
        if self.pattern.startswith("-", self.at) and not self.pattern.startswith("-]", self.at):
            self.at += 1
            high = self.class_char()
            if high < low:
                raise self.fail(f"the range {low}-{high} runs backwards")
        chars.ranges.append((low, high))

    def class_char(self) -> str:
        if not self.more():
            raise self.fail("a [ is not closed")
        if self.take("\\"):
            return self.char_escape()
        self.at += 1
        return self.pattern[self.at - 1]


def _node(kind: str, nodes: list[Node]) -> Node:
    return Node(kind, tuple(nodes), repeats=max((node.repeats for node in nodes), default=1))


def parse(pattern: str) -> tuple[Node, tuple[str | None, ...]]:
    """Read *pattern*: its tree and the name, or None, of each group.

    Raises `EvaluationError` where RE2 refuses it and `TooCostlyError` for a Unicode script, which Python's
    standard library does not know.
    """
    parser = _Parser(pattern)
    node = parser.parse()
    return node, tuple(parser.names)
