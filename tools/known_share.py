"""How much of repositories' Terraform is known: `python tools/known_share.py FOLDER…`.

Prints for each folder the share of written attributes that are fully known, that hold a computed attribute of
the same root, and that are unknown; then the commonest reasons over all of them.
"""

import sys
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "linter"))

from surplus.model import Unknown, unknowns
from surplus.run import Options, inspect

TOP = 10


def main(folders: list[str]) -> int:
    """Print the table and the reasons."""
    reasons: Counter[str] = Counter()
    print("| repository | resources | attributes | known | symbolic | unknown |\n| --- | --- | --- | --- | --- | --- |")
    for folder in folders:
        counts: Counter[str] = Counter()
        result = inspect(Options(paths=(folder,), root=folder, isolated=True))
        resources = [one for _, one in result.resources if one.source == "terraform"]
        for one in resources:
            for name, value in one.values.items():
                if value is None or value == [] or (name,) in one.defaulted:
                    continue
                found = [inner for _, inner in unknowns(value)]
                opaque: list[Unknown] = [inner for inner in found if inner.text is None]
                counts["unknown" if opaque else "symbolic" if found else "known"] += 1
                reasons.update({inner.reason for inner in opaque})
        total = sum(counts.values()) or 1
        shares = " | ".join(f"{counts[kind] / total:.1%}" for kind in ("known", "symbolic", "unknown"))
        print(f"| {Path(folder).name} | {len(resources):,} | {total:,} | {shares} |")
    print()
    for reason, count in reasons.most_common(TOP):
        print(f"{count:7,}  {reason}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
