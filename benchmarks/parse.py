"""Compare our Terraform parser with python-hcl2 on all *.tf files below a folder: CPU time, file by file."""

import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "linter"))

import hcl2
from lark.exceptions import LarkError

from surplus.sources.terraform.parser import parse


def main(folder: str) -> None:
    """Print seconds and MB/s of both, and their ratio."""
    texts = [
        path.read_bytes().decode(errors="replace").removeprefix("\ufeff")
        for path in sorted(Path(folder).rglob("*.tf"))
        if path.is_file()
    ]
    if not texts:
        raise SystemExit(f"no *.tf files below {folder}")
    warm_up = max(texts, key=len)
    first = _seconds(_ours, warm_up)
    _reference(warm_up)
    ours = reference = 0.0
    for text in texts:
        ours += _seconds(_ours, text)
        reference += _seconds(_reference, text)
    megabytes = sum(len(text.encode()) for text in texts) / 1e6
    print(f"{len(texts)} files, {megabytes:.2f} MB; first parse, table included: {first * 1000:.0f} ms")
    print(f"surplus      {ours:8.3f} s  {megabytes / ours:6.2f} MB/s")
    print(f"python-hcl2  {reference:8.3f} s  {megabytes / reference:6.2f} MB/s")
    print(f"ratio        {reference / ours:8.1f}")


def _ours(text: str) -> None:
    parse(text, "benchmark.tf")


def _reference(text: str) -> None:
    with suppress(LarkError):  # it counts what it took to find out
        hcl2.parses_to_tree(text)


def _seconds(work: Callable[[str], None], text: str) -> float:
    start = time.process_time()
    work(text)
    return time.process_time() - start


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit("usage: python benchmarks/parse.py FOLDER")
    main(sys.argv[1])
