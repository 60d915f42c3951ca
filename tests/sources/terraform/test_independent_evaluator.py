"""Our evaluation of the example roots agrees with an independent evaluator, the Go one that `tfparse` wraps.

What is not installed is skipped loudly: `pip install tfparse` and run again.
"""

import re
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from surplus.model import Root, Unknown
from surplus.sources.terraform.modules import Folders
from surplus.sources.terraform.source import Inputs, evaluate
from surplus.trees import WorkingTree

try:
    import tfparse
except ImportError:
    tfparse = None

EXAMPLES = Path(__file__).parents[3] / "examples"
ROOTS = sorted({str(path.parent.relative_to(EXAMPLES)) for path in EXAMPLES.rglob("versions.tf")})
STAND_IN = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
"""tfparse puts a random UUID where it does not know a value."""

EXPLAINED: dict[str, str] = {}
"""Address and attribute: why both differ."""


def theirs(folder: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    for blocks in tfparse.load_from_path(str(folder)).values():
        for block in blocks:
            meta = block.get("__tfmeta", {})
            if meta.get("type") == "resource":
                yield meta["path"], block


def known(value: Any) -> bool:
    return isinstance(value, (str, int, float, bool)) and not (isinstance(value, str) and STAND_IN.search(value))


@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize("folder", ROOTS)
def test_scalars_that_both_know_are_equal(folder: str) -> None:
    if tfparse is None:
        warnings.warn("tfparse is not installed: our evaluator is compared with no other", stacklevel=1)
        pytest.skip("tfparse is not installed")
    tree = WorkingTree(EXAMPLES)
    ours = {one.address: one for one in evaluate(Root(folder, "terraform"), Folders(tree), Inputs()).resources}
    compared, different = 0, {}
    for address, block in theirs(EXAMPLES / folder):
        resource = ours.get(address)
        for name, value in block.items():
            mine = resource.values.get(name) if resource else None
            if name in ("id", "arn") or not known(value) or mine is None or isinstance(mine, (Unknown, list, dict)):
                continue
            compared += 1
            if mine != value and f"{address}.{name}" not in EXPLAINED:
                different[f"{address}.{name}"] = (mine, value)
    assert different == {}
    assert compared > 0
