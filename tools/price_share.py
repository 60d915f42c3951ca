"""How much of repositories is priced: `python tools/price_share.py [--types] FOLDER…`.

Prints for each folder the billable resources (all but those of types that bill nothing by themselves), and how many
of them are priced, by use only, or not; with `--types` also by type. Then the commonest types that are not priced,
and the commonest reasons.
"""

import sys
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "linter"))

from surplus.run import Options, cost

TOP = 20


def main(arguments: list[str]) -> int:
    """Print the tables."""
    by_type = "--types" in arguments
    unpriced: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    types: dict[str, Counter[str]] = {}
    print("| repository | resources | billable | priced | by use only | not priced | USD a month |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for folder in (one for one in arguments if not one.startswith("--")):
        inventory = cost(Options(paths=(folder,), root=folder, isolated=True))
        found = [one.cost for one in inventory.resources]
        billable = [one for one in found if one.status != "free"]
        counts = Counter("not" if one.status in ("unpriced", "no-model") else one.status for one in billable)
        for one in billable:
            types.setdefault(one.resource.type, Counter())[one.status] += 1
            if one.status in ("unpriced", "no-model"):
                unpriced[one.resource.type] += 1
                reasons[one.reason or ""] += 1
        shares = " | ".join(
            f"{counts[kind]:,} ({counts[kind] / (len(billable) or 1):.0%})" for kind in ("priced", "usage", "not")
        )
        total = sum(one.monthly_usd or 0.0 for one in found)
        print(f"| {Path(folder).name} | {len(found):,} | {len(billable):,} | {shares} | {total:,.0f} |")
    if by_type:
        print("\n| type | priced | by use only | not priced |\n| --- | --- | --- | --- |")
        for name, counts in sorted(types.items(), key=lambda item: (-item[1].total(), item[0])):
            print(f"| {name} | {counts['priced']} | {counts['usage']} | {counts['unpriced'] + counts['no-model']} |")
    for title, counter in (("types not priced", unpriced), ("reasons", reasons)):
        print(f"\n{title}:")
        for name, count in counter.most_common(TOP):
            print(f"{count:7,}  {name}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
