"""Tokens of Terraform's native syntax: one regular expression, and a stack of what is open.

A token is `(symbol, value)`: the symbol is a terminal of the grammar table, the value what the builders in
`nodes` get to see:

* names and keywords, strings without templates, numbers, true, false, null: the finished node;
* operators `(text, start, end)`, `...` itself, opening brackets their offset, other punctuation its end;
* a newline None. Newlines inside parentheses, brackets, `${ }` and `{for }` are dropped, as Terraform does;
* a template: DBLQUOTE `(opener, start)`, then STRING_CHARS with the text, and INTERP_START, DIRECTIVE_START
  and the RBRACE that ends them with `(start, end, strips)`, then DBLQUOTE with its end. The opener is `"`,
  or `<<` or `<<-` with the end marker: heredocs are strings with other quotes;
* `$END` where nothing is open and a line, or the text, ends.

Comments are not tokens; their places are noted beside.
"""

import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from surplus.sources.terraform.grammar import END

Token = tuple[str, Any]

MAX_DEPTH = 200
"""How deep brackets, blocks and templates may be nested: walkers of nodes recurse."""

_MAX_DIGITS = 1000

LONG = 200
"""From this many operators on, in all that is open at one place, the depth of the nodes is measured."""


Open = tuple[str, int, int, int]
"""Something open: its opener, its offset, and the weights to return to when it ends.

The opener is "{" where newlines count, "(" where they do not, "${" in the sequence of a template, else the
opener of a template itself.
"""


class ParseError(Exception):
    """A syntax error between two offsets, in words for the user."""

    def __init__(self, start: int, end: int, message: str) -> None:
        super().__init__(message)
        self.start = start
        self.end = end
        self.message = message


@dataclass(slots=True)
class Notes:
    """The text that is read, and what the lexer leaves beside the tokens.

    `offset` is where the last token begins, `open` what is open there, `closed` what the last bracket ended.
    """

    text: str
    comments: list[tuple[int, int]] = field(default_factory=list)
    long: bool = False
    offset: int = 0
    open: list[Open] = field(default_factory=list)
    closed: Open | None = None


_NEXT = re.compile(
    r"""[ \t\r]*(?:
    ([^\W\d][\w-]*(?:(?:::[^\W\d][\w-]*)++(?=[ \t]*\())?)     # 1 name, name::of::function
    |((?:[ \t\r]*(?:\n|\#[^\n]*(?:\n|\Z)|//[^\n]*(?:\n|\Z)|/\*(?s:.*?)\*/))++)  # 2 newlines and comments
    |("[^"\\$%\n]*")                                            # 3 plain string
    |(\.\.\.|\.\*|=>|=(?!=)|[.,:?])                             # 4 punctuation
    |([{(\[](?![ \t]*\*))                                       # 5 opening bracket
    |([})\]]|~\})                                               # 6 closing bracket
    |([=!<>]=|&&|\|\||\[[ \t]*\*[ \t]*\]|/(?!\*)|<(?!<-?\w)|[-*%+!>]) # 7 operator
    |([0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)                  # 8 number
    |(")                                                        # 9 string with more in it
    |(<<-?[^\W\d][\w.-]*[ \t]*\r?\n)                            # 10 heredoc
    |(\Z)                                                       # 11 end of the text
    )""",
    re.VERBOSE,
).match
# No possessive quantifiers: Python 3.11.2 gets some of them wrong. No two branches begin alike, so none is needed.
_IN_QUOTES = re.compile(r'((?:[^"\\$%\n]+|\\.|\$\$+\{|%%+\{|\$+(?!\{)|%+(?!\{))+)|(")|(\$\{~?)|(%\{~?)').match
_FOR = re.compile(r"(?:\s|(?:\#|//)[^\n]*\n|/\*(?:[^*]|\*(?!/))*\*/)*for\b(?!-)").match
_COMMENT = re.compile(r"(?:#|//)[^\r\n]*|/\*.*?\*/", re.DOTALL).finditer
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))|([$%])\4\{", re.DOTALL)
_ESCAPED_MARK = re.compile(r"([$%])\1\{")
_ESCAPED = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}

_KEYWORDS = {
    name: name.upper() for name in ("if", "in", "for", "for_each", "else", "endif", "endfor", "null", "true", "false")
}
_CONSTANTS = {"null": None, "true": True, "false": False}
_OPERATORS = {
    "==": "DOUBLE_EQ",
    "!=": "NEQ",
    "<": "LT",
    ">": "GT",
    "<=": "LEQ",
    ">=": "GEQ",
    "-": "MINUS",
    "*": "ASTERISK",
    "/": "SLASH",
    "%": "PERCENT",
    "&&": "DOUBLE_AMP",
    "||": "DOUBLE_PIPE",
    "+": "PLUS",
    "!": "NOT",
}
_PUNCTUATION = {
    ",": "COMMA",
    "=": "EQ",
    ":": "COLON",
    ".": "DOT",
    "?": "QMARK",
    ".*": "ATTR_SPLAT",
    "=>": "FOR_OBJECT_ARROW",
    "...": "ELLIPSIS",
}
_OPENING = {"{": "LBRACE", "(": "LPAR", "[": "LSQB"}
_CLOSING = {"}": "RBRACE", ")": "RPAR", "]": "RSQB", "~}": "RBRACE"}


def tokens(notes: Notes, start: int, template: str = "") -> Iterator[Token]:
    """The tokens of the text in *notes* from offset *start* on; raises `ParseError` at what cannot be one.

    With *template* "<<" the whole text is one template, as a heredoc's content is.
    """
    text = notes.text
    position = start
    notes.open = stack = []
    newlines = True  # whether they count here
    previous = ""  # the symbol before, newlines apart
    # Operators in all that is open here, which the depth of the nodes cannot exceed by much; and how many
    # of them stay when an operand list goes on.
    weight = base = 0
    if template:
        yield "DBLQUOTE", (template, start)
        stack.append((template, start, 0, 0))
    while True:
        if template:
            notes.offset = position
            symbol, value, position = _in_template(text, position, template, stack[-1][1])
            yield symbol, value
            if symbol == "STRING_CHARS":
                continue
            if symbol == "DBLQUOTE":
                _, _, weight, base = stack.pop()
                newlines = not stack or stack[-1][0] == "{"
            else:
                weight += 1
                stack.append(("${", value[0], weight, base))
                base = weight = weight + 1
                newlines = False
                if len(stack) > MAX_DEPTH:
                    raise _too_deep(value[0])
            template = ""
            previous = symbol
            continue
        match = _NEXT(text, position)
        if match is None:
            raise _no_token(text, position)
        group = match.lastindex or 0
        notes.offset = begin = match.start(group)
        position = match.end()
        if group == 1:
            name = match[1]
            previous = _KEYWORDS.get(name, "NAME")
            if previous == "NAME":
                yield "NAME", ("id", begin, position, name)
            elif name in _CONSTANTS:
                yield previous, ("lit", begin, position, _CONSTANTS[name])
            else:
                yield previous, ("id", begin, position, name)
        elif group == 2:
            if _ends_line(text, begin, position, notes) and newlines:
                weight = base
                yield ("NL_OR_COMMENT", None) if stack else (END, begin)
        elif group == 3:
            previous = "STRING"
            yield previous, ("lit", begin, position, text[begin + 1 : position - 1])
        elif group == 4:
            sign = match[4]
            previous = _PUNCTUATION[sign]
            if sign == "," or sign == "=":
                weight = base
            else:
                weight += 1
                if weight > LONG:
                    notes.long = True
            yield previous, sign if sign == "..." else position
        elif group == 5:
            sign = match[5]
            previous = _OPENING[sign]
            newlines = sign == "{" and not _FOR(text, position)
            stack.append(("{" if newlines else "(", begin, weight, base))
            base = weight = weight + 2
            if weight > LONG:
                notes.long = True
            if len(stack) > MAX_DEPTH:
                raise _too_deep(begin)
            yield previous, begin
        elif group == 6:
            sign = match[6]
            previous = _CLOSING[sign]
            notes.closed = stack.pop() if stack else ("", begin, 0, 0)
            opener, _, weight, base = notes.closed
            weight += 1
            if opener == "${" and previous == "RBRACE":
                template = stack[-1][0]
                yield previous, (begin, position, sign == "~}")
                continue
            if sign == "~}":
                raise ParseError(begin, position, 'found "~}" where no "${" or "%{" is open; remove the "~"')
            newlines = not stack or stack[-1][0] == "{"
            yield previous, position
        elif group == 7:
            sign = match[7]
            previous = _OPERATORS.get(sign, "FULL_SPLAT_START")
            weight += 1
            if weight > LONG:
                notes.long = True
            yield previous, (sign, begin, position)
        elif group == 8:
            if previous == "DOT":  # a.0.1 has two indexes
                position = begin + len(text[begin:position].partition(".")[0])
            previous, value = _number(text[begin:position], begin, position)
            yield previous, ("lit", begin, position, value)
        elif group == 11:
            if stack:
                raise _never_closed(stack[-1])
            yield END, begin
            return
        else:
            template = match[group].rstrip()
            yield "DBLQUOTE", (template, begin)
            stack.append((template, begin, weight, base))


def found_at(text: str, offset: int) -> tuple[int, str]:
    """Where the token at *offset* ends, and what it is in words."""
    match = _NEXT(text, offset)
    end = match.end() if match else offset + 1
    if match and match.lastindex == 11:
        return offset, "the end of the file"
    if match and match.lastindex == 2:
        return offset, "the end of the line"
    found = text[offset:end].strip()
    return end, found if len(found) <= 40 else found[:37] + "..."


def unescape(text: str, start: int) -> str:
    r"""*text*, found between quotes at offset *start*, with `\n`, `\u00e9`, `$${` and so on resolved.

    Raises `ParseError` at an escape that Terraform does not have.
    """

    def replacement(match: re.Match[str]) -> str:
        if match[4]:
            return match[4] + "{"
        if match[3]:
            resolved = _ESCAPED.get(match[3], "")
        else:
            code = int(match[1] or match[2], 16)
            resolved = "" if 0xD800 <= code < 0xE000 or code > 0x10FFFF else chr(code)
        if not resolved:
            here = start + match.start()
            raise ParseError(here, here + len(match[0]), f'no such escape: {match[0]}; write "\\\\" for a backslash')
        return resolved

    return _ESCAPE.sub(replacement, text)


def _in_template(text: str, position: int, template: str, opened: int) -> tuple[str, Any, int]:
    """The next token inside the template that begins with *template* at *opened*, and where it ends."""
    if template != '"':
        return _in_heredoc(text, position, template, opened)
    match = _IN_QUOTES(text, position)
    if match is None:
        raise _never_ended(text, position, opened)
    end = match.end()
    group = match.lastindex
    if group == 1:
        return "STRING_CHARS", unescape(match[1], position), end
    if group == 2:
        return "DBLQUOTE", end, end
    return "INTERP_START" if group == 3 else "DIRECTIVE_START", (position, end, match[0][-1] == "~"), end


def _in_heredoc(text: str, position: int, template: str, opened: int) -> tuple[str, Any, int]:
    marker = template.lstrip("<-")
    match = _heredoc(marker)(text, position)
    if match is None:
        raise ParseError(
            opened, opened + len(template), f"this text never ends; end it with a line that is only {marker}"
        )
    end = match.end()
    group = match.lastindex
    if group == 1:
        return "DBLQUOTE", end, end
    if group == 2:
        content = match[2]
        if "{" in content:
            content = _ESCAPED_MARK.sub(r"\1{", content)
        return "STRING_CHARS", content, end
    return "INTERP_START" if group == 3 else "DIRECTIVE_START", (position, end, match[0][-1] == "~"), end


@lru_cache(maxsize=64)
def _heredoc(marker: str) -> Callable[[str, int], re.Match[str] | None]:
    """What comes next in a heredoc: 1 its end, 2 text, 3 or 4 a sequence. Without *marker* all is content."""
    end = rf"[^\S\n]*{re.escape(marker)}[^\S\n]*(?=\n|\Z)" if marker else r"\Z"
    before = r"(?<=\n)" if marker else ""
    content = rf"[^$%\n]+|\n(?!{end})|\$\$+\{{|%%+\{{|\$+(?!\{{)|%+(?!\{{)"
    last = rf"\n(?={end})"
    return re.compile(rf"{before}({end})|((?:{content})+(?:{last})?|{last})|(\$\{{~?)|(%\{{~?)").match


def _ends_line(text: str, begin: int, end: int, notes: Notes) -> bool:
    """Whether there is a newline, or the text's end, between comments; notes where the comments are."""
    newlines = text.count("\n", begin, end)
    if "#" not in (run := text[begin:end]) and "/" not in run:
        return newlines > 0
    for comment in _COMMENT(text, begin, end):
        notes.comments.append(comment.span())
        newlines -= comment[0].count("\n")
    return newlines > 0 or end == len(text)


def _number(digits: str, begin: int, end: int) -> tuple[str, int | float]:
    if digits.isdigit():
        if len(digits) <= _MAX_DIGITS:
            return "INT_LITERAL", int(digits)
    elif math.isfinite(value := float(digits)):
        return "FLOAT_LITERAL", value
    raise ParseError(begin, end, f"this number is too large; at most {_MAX_DIGITS} digits can be read")


def _too_deep(offset: int) -> ParseError:
    return ParseError(offset, offset + 1, f"nested more than {MAX_DEPTH} deep, which is not read; split the expression")


def _never_closed(opened: Open) -> ParseError:
    opener, offset = opened[:2]
    closer = {"{": "}", "${": "}"}.get(opener, ") or ]")
    return ParseError(offset, offset + 1, f"what opens here is never closed; add the missing {closer}")


def _never_ended(text: str, position: int, opened: int) -> ParseError:
    if text[position : position + 1] in ("", "\\") or text[position] == "\n":
        return ParseError(
            opened, opened + 1, 'this string does not end on its line; close it with a ", or write a heredoc'
        )
    return ParseError(position, position + 1, f"found {text[position]!r} in a string")


def _no_token(text: str, position: int) -> ParseError:
    position += len(text[position:]) - len(text[position:].lstrip(" \t\r"))
    found = text[position]
    if text.startswith("/*", position):
        return ParseError(position, position + 2, "this comment never ends; close it with */")
    if found == "'":
        return ParseError(position, position + 1, """found ' where none may be; write strings in double quotes (")""")
    shown = found if found.isprintable() else f"the character U+{ord(found):04X}"
    return ParseError(position, position + 1, f"found {shown}, which has no meaning here; remove it")
