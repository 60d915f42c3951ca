"""Nothing may fire because a value is missing: `python tools/delete_defaults.py FOLDER…`.

Copies each folder, deletes every `default =` of every variable, and judges both. The findings of the copy must be
a subset of the original's; any other is printed, and the exit code is 1.
"""

import shutil
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "linter"))

from surplus.results import Finding
from surplus.run import Options, check
from surplus.sources.terraform.parser import parse

SUFFIXES = ("*.tf", "*.tofu")


def without_defaults(text: str, path: str) -> str:
    """*text* without the `default` of its variable blocks."""
    file = parse(text, path)
    kept, done = [], 0
    for block in file.body:
        if block[0] != "block" or block[3] != "variable":
            continue
        for node in block[5]:
            if node[0] == "attr" and node[3] == "default":
                kept.append(file.text[done : node[1]])
                done = node[2]
    return "".join([*kept, file.text[done:]])


def judged(folder: Path) -> dict[tuple[str, str, str], Finding]:
    """The findings of a folder by rule, resource and root."""
    result = check(Options(paths=(str(folder),), root=str(folder), isolated=True, fail_on="never"))
    return {(one.rule.id, one.resource, one.root.path): one for one in result.findings}


def main(folders: list[str]) -> int:
    """Print the findings that only the copy has."""
    wrong = 0
    for name in folders:
        folder = Path(name)
        with tempfile.TemporaryDirectory() as place:
            copy = Path(place) / "copy"
            shutil.copytree(folder, copy, symlinks=True, ignore=shutil.ignore_patterns(".git"))
            for suffix in SUFFIXES:
                for path in copy.rglob(suffix):
                    if path.is_file() and not path.is_symlink():
                        text = path.read_text("utf-8", errors="replace")
                        path.write_text(without_defaults(text, str(path)), "utf-8")
            before, after = judged(folder), judged(copy)
        extra = [one for key, one in after.items() if key not in before]
        wrong += len(extra)
        print(f"{folder.name}: {len(before)} findings, {len(after)} without defaults, {len(extra)} new")
        for one in extra:
            print(f"  {one.location.path}:{one.location.span.line}: {one.rule.id} on {one.resource}: {one.message}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
