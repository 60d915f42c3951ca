"""A seeded sample of what each rule finds in some repositories, to be looked up one by one.

`python tools/sample_findings.py [--seed 1] [--most 20] [--workspace NAME] [--config POLICY] FOLDER…` judges each folder
and prints, by rule, how many findings there are and up to `--most` of them, each with its place; one in a git work tree
in a folder called `owner+name` gets a link to the line.
"""

import argparse
import random
import subprocess
import sys
from collections import defaultdict
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "linter"))

from surplus.results import Finding
from surplus.rules import bundled_rules
from surplus.run import Options, check


def commit_of(folder: Path) -> str:
    """The commit that is checked out, or an empty text."""
    command = ["git", "-C", str(folder), "rev-parse", "HEAD"]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()


def link(folder: Path, finding: Finding, commit: str) -> str:
    """A place on the web for a folder called `owner+name`, else the path."""
    path, line = finding.location.path, finding.location.span.line
    owner, plus, name = folder.name.partition("+")
    if not plus or not commit:
        return f"{folder.name}/{path}:{line}"
    return f"https://github.com/{owner}/{name}/blob/{commit[:12]}/{path}#L{line}"


def main() -> int:
    """Print the samples, and the rules that found nothing anywhere."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--most", type=int, default=20)
    parser.add_argument("--workspace")
    parser.add_argument(
        "--config", default="strict", help="a policy, such as one that takes everything for non-production"
    )
    parser.add_argument("folders", nargs="+", type=Path)
    options = parser.parse_args()
    found: dict[str, list[tuple[Path, str, Finding]]] = defaultdict(list)
    for folder in options.folders:
        given = Options(paths=(str(folder),), root=str(folder), config=options.config, isolated=True, fail_on="never")
        result = check(replace(given, workspace=options.workspace))
        commit = commit_of(folder)
        print(f"{folder.name}: {len(result.resources)} resources, {len(result.findings)} findings", file=sys.stderr)
        for finding in result.findings:
            found[finding.rule.id].append((folder, commit, finding))
    for rule in sorted(found):
        chosen = random.Random(f"{options.seed} {rule}").sample(found[rule], min(options.most, len(found[rule])))
        print(f"\n## {rule} ({len(found[rule])} findings, {len(chosen)} shown)")
        for folder, commit, finding in sorted(chosen, key=lambda one: link(one[0], one[2], one[1])):
            saving = "-" if finding.monthly_saving_usd is None else f"${finding.monthly_saving_usd:,.2f}"
            print(f"- {link(folder, finding, commit)} {finding.resource}: {finding.message} [{saving}]")
            if finding.root.path != str(Path(finding.location.path).parent):
                print(f"  root {finding.root.path}, environment {finding.environment}")
    unseen = sorted(set(bundled_rules()) - set(found))
    print(f"\n## unseen ({len(unseen)})\n{', '.join(unseen)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
