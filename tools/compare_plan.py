"""Compare our evaluation with a plan of the same configuration: `python tools/compare_plan.py PLAN.json…`.

Each plan must lie in its root's folder. Every scalar that both sides know must be equal; unknown in both is not
counted as agreement. What differs is printed, and the exit code is 1.
"""

import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "linter"))

from surplus.model import Root, Route, Unknown
from surplus.scan import RECURSION_LIMIT, Options, open_tree
from surplus.sources.terraform import plan
from surplus.sources.terraform.modules import Folders
from surplus.sources.terraform.source import Inputs, evaluate


def scalars(value: Any, route: Route = ()) -> Iterator[tuple[Route, Any]]:
    """Every known scalar with its route; lists without order are compared by the caller's luck, so by index."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from scalars(item, (*route, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from scalars(item, (*route, index))
    elif value is not None and not isinstance(value, Unknown):
        yield route, value


def compare(path: Path) -> tuple[int, list[str], int]:
    """How many scalars are equal, which differ, and how many resources only one side has."""
    tree, selection = open_tree(Options(paths=(str(path),)))
    (name,) = selection.files
    text = plan.text_of(tree.read(name))
    folder = str(Path(name).parent.as_posix())
    given = {
        key: value["value"] if isinstance(value["value"], str) else json.dumps(value["value"])
        for key, value in (json.loads(text).get("variables") or {}).items()
        if "value" in value
    }
    root = Root(folder, "terraform")
    ours = evaluate(root, Folders(tree), Inputs(variables=given))
    theirs = plan.evaluate(replace(root, kind="plan"), name, text, None)
    equal, different = 0, []
    for address, planned in theirs.by_address.items():
        resource = ours.by_address.get(address)
        mine = dict(scalars(resource.values)) if resource else {}
        for route, value in scalars(planned.values):
            if route not in mine or route in (resource.defaulted if resource else ()):
                continue
            if mine[route] == value or str(mine[route]) == str(value) or _same_json(mine[route], value):
                equal += 1
            else:
                different.append(f"{address} {'.'.join(map(str, route))}: ours {mine[route]!r}, planned {value!r}")
    apart = len(ours.by_address.keys() ^ theirs.by_address.keys())
    return equal, different, apart


def _same_json(one: Any, other: Any) -> bool:
    try:
        return bool(json.loads(one) == json.loads(other))
    except (TypeError, ValueError):
        return False


def main(paths: list[str]) -> int:
    """Print a line for each plan, and what differs."""
    sys.setrecursionlimit(RECURSION_LIMIT)
    wrong = 0
    for path in paths:
        equal, different, apart = compare(Path(path))
        wrong += len(different)
        print(f"{path}: {equal} scalars equal, {len(different)} different, {apart} resources on one side only")
        print("".join(f"  {line}\n" for line in different), end="")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
