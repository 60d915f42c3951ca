"""Parsing, evaluating and judging a folder against `hcl2.parses_to_tree` over its files: CPU seconds, one run.

`python benchmarks/evaluate.py FOLDER`. The budget is a ratio of at most 0.35.
"""

import contextlib
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "linter"))

from surplus.run import Options, check


def main(folder: str) -> int:
    """Print the seconds of both and their ratio; the exit code is 1 above the budget."""
    start = time.process_time()
    result = check(Options(paths=(folder,), root=folder, isolated=True, config="strict", fail_on="never"))
    ours = time.process_time() - start
    import hcl2

    texts = [path.read_text("utf-8", errors="replace") for path in sorted(Path(folder).rglob("*.tf")) if path.is_file()]
    hcl2.parses_to_tree('a = "warm"\n')
    start = time.process_time()
    for text in texts:
        with contextlib.suppress(Exception):
            hcl2.parses_to_tree(text + "\n")
    theirs = time.process_time() - start
    size = sum(map(len, texts)) / 1e6
    print(f"{len(texts)} files, {size:.2f} MB, {len(result.roots)} roots, {len(result.resources)} resources")
    print(f"check {ours:.2f} s, hcl2.parses_to_tree {theirs:.2f} s, ratio {ours / theirs:.3f}")
    return 1 if ours > 0.35 * theirs else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
