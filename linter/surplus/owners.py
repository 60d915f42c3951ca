"""Who owns a resource: by a tag or label of it, or by CODEOWNERS for the file that declares it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from surplus.expressions import UnknownValueError
from surplus.functions.context import label_of, tag_of
from surplus.model import Resource
from surplus.piped import SHOWN
from surplus.trees import Tree, UnreadableError

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

FILES = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS")
DEFAULT = ("tag:owner", "tag:team", "tag:Owner", "tag:Team", "label:app.kubernetes.io/part-of", "codeowners")


@dataclass(slots=True)
class Owners:
    """Finds owners in a tree; *places* are `codeowners`, `tag:NAME`, `label:NAME`, asked in order."""

    tree: Tree
    places: Sequence[str] = DEFAULT
    _patterns: "list[tuple[str, GitIgnoreSpec]] | None" = field(default=None, init=False)

    def owner(self, resource: Resource) -> tuple[str | None, str | None]:
        """The owner and where that was found; both None where nothing tells."""
        for place in self.places or DEFAULT:
            kind, _, name = place.partition(":")
            try:
                found = (
                    self._by_file(resource.location.path)
                    if kind == "codeowners"
                    else tag_of(resource, name)
                    if kind == "tag"
                    else label_of(resource, name)
                )
            except UnknownValueError:
                continue
            if found:
                return found, place.replace(":", " ")
        return None, None

    def _by_file(self, path: str) -> str | None:
        """Of the patterns that match a path the last one counts; what was piped is no file of anybody."""
        if path == SHOWN:
            return None
        if self._patterns is None:
            self._patterns = self._read()
        return next((owner for owner, spec in reversed(self._patterns) if spec.match_file(path)), None)

    def _read(self) -> "list[tuple[str, GitIgnoreSpec]]":
        file = next((name for name in FILES if self.tree.is_file(name)), None)
        if file is None:
            return []
        from pathspec import GitIgnoreSpec

        try:
            text = self.tree.read(file).text()
        except UnreadableError:
            return []
        found = []
        for line in text.splitlines():
            pattern, *owners = line.partition("#")[0].split()[:2] or [""]
            if pattern and not pattern.startswith(("[", "^")):
                found.append((owners[0] if owners else "", GitIgnoreSpec.from_lines([pattern])))
        return found
