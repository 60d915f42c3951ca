"""The LALR table of Terraform's language: python-hcl2's grammar, compiled by Lark into plain data.

The table ships with the package. Where the installed python-hcl2 has another grammar than the one it was made
from, it is made again, once, and kept in the user's cache folder. `lark` and `hcl2` are imported only then.

A table is a dictionary:

* `digest`: SHA-256 of the grammar (`EXTENSION` included);
* `start`: the number of the first state;
* `states`: for each state, its actions by symbol. A number from 0 on is the next state (for a terminal: take
  the token; for a rule: go on there), a negative one is `~` the number of the rule to reduce by;
* `rules`: for each rule `[origin, name, size, spread, unit]`: what it makes, its builder's name ("" for a
  list), the count of its children, which children are lists to be spread among the others, and whether it
  merely passes on its only child.
"""

import hashlib
import importlib.util
import json
import os
import sys
from collections.abc import Collection
from pathlib import Path
from typing import Any

Table = dict[str, Any]

SHIPPED = Path(__file__).with_name("grammar_table.json")

EXTENSION = """
// An operator may follow an operator: !!a, !-a.
%override unary_op : (MINUS | NOT) unary_expr
// All that follows a full splat belongs to it, further splats as well.
%override full_splat : FULL_SPLAT_START (get_attr | index | ATTR_SPLAT | FULL_SPLAT_START)*
"""
"""What this package adds to python-hcl2's grammar: valid input that it does not know."""

END = "$END"

_TAKEN_AS = {
    "NAME": "identifier",
    "INT_LITERAL": "int_lit",
    "FLOAT_LITERAL": "float_lit",
    "NL_OR_COMMENT": "new_line_or_comment",
    "TRUE": "literal_value",
    "FALSE": "literal_value",
    "NULL": "literal_value",
}
"""Terminals that alone make up a rule: the lexer's token is the rule's node already."""

_NEVER_MADE = frozenset(
    (
        "HEREDOC_TEMPLATE",
        "HEREDOC_TEMPLATE_TRIM",
        "TEMPLATE_STRING",
        "ESCAPED_INTERPOLATION",
        "ESCAPED_DIRECTIVE",
        "STRIP_MARKER",
        "COLONS",
        "__new_line_or_comment_plus_2",
    )
)
"""Symbols without use here: to our lexer heredocs are strings, `a::b` is a name, newlines are merged."""

_KEYWORDS = ("IF", "IN", "FOR", "FOR_EACH", "ELSE", "ENDIF", "ENDFOR", "TRUE", "FALSE", "NULL")


def load_table(known: Collection[str]) -> Table:
    """The table for the installed python-hcl2; the shipped one where python-hcl2 is not installed.

    So it is where the installed grammar has a rule for which *known* has no builder.
    """
    shipped: Table = json.loads(SHIPPED.read_bytes())
    grammar = _installed_grammar()
    if grammar is None:
        return shipped
    digest = grammar_digest(grammar)
    if digest == shipped["digest"]:
        return shipped
    table = _cached_table(digest) or _rebuilt_table(digest)
    return table if {name for _, name, *_, unit in table["rules"] if name and not unit} <= {*known} else shipped


def grammar_digest(grammar: bytes) -> str:
    """SHA-256 of *grammar*, the content of `hcl2.lark`, together with our extension."""
    return hashlib.sha256(grammar.replace(b"\r\n", b"\n") + EXTENSION.encode()).hexdigest()


def build_table() -> Table:
    """Compile the installed python-hcl2's grammar; takes seconds. Raises ImportError where it is missing."""
    from hcl2.postlexer import PostLexer
    from lark import Lark

    grammar = _installed_grammar()
    if grammar is None:
        raise ImportError("python-hcl2 is not installed, or has no file hcl2.lark")
    text = grammar.decode().replace("\r\n", "\n") + EXTENSION
    compiled = Lark(text, parser="lalr", postlex=PostLexer())
    parse_table = compiled.parser.parser._parse_table  # noqa: SLF001 - Lark has no public name for it
    states: dict[Any, dict[str, Any]] = {}
    for state, actions in parse_table.states.items():
        states[state] = {
            str(symbol): target if action.name == "Shift" else _rule(target)
            for symbol, (action, target) in actions.items()
            if str(symbol) not in _NEVER_MADE
        }
    for actions in states.values():
        _take_tokens_as_rules(actions)
    return {
        "digest": grammar_digest(grammar),
        "start": 0,
        **_renumbered(states, parse_table.start_states["start"]),
    }


def table_text(table: Table) -> str:
    """*table* as it is written to a file: a line for each state, so that changes can be read."""
    lines = ",\n".join(json.dumps(state, separators=(",", ":")) for state in table["states"])
    head = json.dumps({key: table[key] for key in ("digest", "start", "rules")}, separators=(",", ":"))
    return f'{head[:-1]},"states":[\n{lines}\n]}}\n'


def cache_folder() -> Path:
    """Where this package keeps what it can make again: the platform's folder for caches."""
    if os.environ.get("XDG_CACHE_HOME"):
        base = Path(os.environ["XDG_CACHE_HOME"])
    elif sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    else:
        base = Path.home() / ".cache"
    return base / "surplus"


def _installed_grammar() -> bytes | None:
    try:
        spec = importlib.util.find_spec("hcl2")
    except (ImportError, ValueError):
        return None
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        try:
            return Path(folder, "hcl2.lark").read_bytes()
        except OSError:
            continue
    return None


def _cached_table(digest: str) -> Table | None:
    try:
        table = json.loads(_cache_file(digest).read_bytes())
    except (OSError, ValueError, RuntimeError):
        return None
    return table if isinstance(table, dict) and table.get("digest") == digest else None


def _rebuilt_table(digest: str) -> Table:
    import tempfile  # costs more than the table to import, and is hardly ever needed

    table = build_table()
    try:
        target = _cache_file(digest)
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=target.name)
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(table_text(table))
            Path(name).replace(target)
        except OSError:
            Path(name).unlink(missing_ok=True)
            raise
    except (OSError, RuntimeError):  # no home, no space, no permission: then only this run has it
        return table
    return table


def _cache_file(digest: str) -> Path:
    return cache_folder() / f"grammar-{digest[:16]}.json"


def _rule(rule: Any) -> tuple[str, str, int, tuple[int, ...], bool]:
    origin = str(rule.origin.name)
    children = [str(symbol.name) for symbol in rule.expansion]
    spread = tuple(place for place, child in enumerate(children) if child.startswith("__"))
    passes = (origin.startswith("_") or rule.options.expand1) and not rule.alias and len(children) == 1
    name = "" if origin.startswith("__") else str(rule.alias or origin)
    unit = not origin.startswith("__") and (passes or (len(children) == 1 and name in _SAME_AS_CHILD))
    return origin, name, len(children), spread, unit


_SAME_AS_CHILD = frozenset(("start", "expr_term", "object_elem_key", "string_part", "binary_operator", "keyword"))
"""Rules whose node is that of their child, when they have only one."""


def _take_tokens_as_rules(actions: dict[str, Any]) -> None:
    """Skip the states that would only turn a token into a rule, and let keywords be names."""
    for terminal, rule in _TAKEN_AS.items():
        if rule in actions and terminal in actions:
            actions[terminal] = actions[rule]
    if "string" in actions and "DBLQUOTE" in actions:
        actions["STRING"] = actions["string"]
    elif "DBLQUOTE" in actions:
        actions["STRING"] = actions["DBLQUOTE"]
    if "NAME" in actions:
        for keyword in _KEYWORDS:
            actions.setdefault(keyword, actions["NAME"])


def _renumbered(states: dict[Any, dict[str, Any]], start: Any) -> Table:
    """The same table with states and rules in the order they are met: Lark's own numbers vary."""
    numbers = {start: 0}
    queue = [start]
    rules: dict[tuple[Any, ...], int] = {}
    rows: list[dict[str, int]] = []
    for state in queue:
        row: dict[str, int] = {}
        for symbol, target in sorted(states[state].items(), key=lambda action: action[0]):
            if isinstance(target, tuple):
                row[symbol] = ~rules.setdefault(target, len(rules))
                continue
            if target not in numbers:
                numbers[target] = len(numbers)
                queue.append(target)
            row[symbol] = numbers[target]
        rows.append(row)
    return {"states": rows, "rules": [[*rule[:3], list(rule[3]), rule[4]] for rule in rules]}
