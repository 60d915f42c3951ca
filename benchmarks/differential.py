"""Compare our parser's trees with python-hcl2's on all *.tf files below a folder."""

import sys
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "linter"))
sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from differential import Rejected, compare


def main(folder: str) -> None:
    """Print each file that differs, and how many were equal, different, or rejected by whom."""
    counts: Counter[str] = Counter()
    for path in sorted(Path(folder).rglob("*.tf")):
        if not path.is_file():
            continue
        try:
            differences = compare(path.read_bytes().decode(errors="surrogateescape"))
        except Rejected as rejected:
            counts[f"rejected by {str(rejected).partition(':')[0]}"] += 1
            if str(rejected) != "both":
                print(f"{path}: rejected by {rejected}")
            continue
        counts["different" if differences else "equal"] += 1
        for difference in differences[:3]:
            print(f"{path}: {difference}")
    print(", ".join(f"{count} {what}" for what, count in counts.most_common()))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit("usage: python benchmarks/differential.py FOLDER")
    main(sys.argv[1])
