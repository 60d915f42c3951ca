"""A module's folder: its files parsed once and merged into one configuration, as Terraform merges them."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from surplus.model import Location, Problem
from surplus.sources.terraform.nodes import Node
from surplus.sources.terraform.parser import ParsedFile, parse
from surplus.sources.terraform.references import traversals
from surplus.trees import Tree, UnreadableError, join

SUFFIXES = (".tf", ".tofu", ".tf.json", ".tofu.json")
KEYED = {"resource": 2, "data": 2, "ephemeral": 2, "variable": 1, "output": 1, "module": 1}
"""Block types that are found by their labels, and how many they have."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A node and the file it stands in."""

    file: ParsedFile
    node: Node

    @property
    def location(self) -> Location:
        """The node's span; for a block its header only."""
        end = self.node[6] if self.node[0] == "block" else self.node[2]
        return Location(self.file.path, self.file.span(self.node[1], end))


@dataclass(slots=True)
class Body:
    """The attributes and nested blocks of one block, after override files."""

    header: Placed
    attributes: dict[str, Placed] = field(default_factory=dict)
    blocks: list[Placed] = field(default_factory=list)

    def expression(self, name: str) -> Placed | None:
        """The value of an attribute, where it is written."""
        found = self.attributes.get(name)
        return Placed(found.file, found.node[4]) if found else None

    def override(self, other: "Body") -> None:
        """Apply an override file's block: its attributes win, its blocks replace all of their types."""
        self.attributes.update(other.attributes)
        replaced = {block_type(block.node) for block in other.blocks}
        self.blocks = [block for block in self.blocks if block_type(block.node) not in replaced] + other.blocks


def block_type(node: Node) -> str:
    """The type of a nested block; of a `dynamic` one that of the blocks it makes."""
    return str(node[4][0] if node[3] == "dynamic" and node[4] else node[3])


def read_body(block: Placed) -> Body:
    """The body of a block node."""
    body = Body(block)
    for node in block.node[5]:
        if block.file.is_json and node[0] == "attr" and node[3] == "dynamic":
            body.blocks.extend(Placed(block.file, inner) for inner in _json_blocks("dynamic", node[4], 1))
        elif block.file.is_json and node[0] == "attr" and node[3] == "content":
            body.blocks.extend(Placed(block.file, inner) for inner in _json_blocks("content", node[4], 0))
        elif node[0] == "attr":
            body.attributes.setdefault(node[3], Placed(block.file, node))
        else:
            body.blocks.append(Placed(block.file, node))
    return body


def _json_blocks(kind: str, node: Node, labels: int, label: tuple[str, ...] = ()) -> Iterator[Node]:
    """The blocks that a property of JSON syntax means: objects, or arrays of them, below their labels."""
    for item in node[3] if node[0] == "tup" else (node,):
        if item[0] != "obj":
            continue
        if labels:
            for key, value in item[3]:
                yield from _json_blocks(kind, value, labels - 1, (*label, str(key[3])))
        else:
            body = tuple([("attr", key[1], value[2], str(key[3]), value) for key, value in item[3]])
            yield "block", item[1], item[2], kind, label, body, item[1]


@dataclass(slots=True)
class Folder:
    """The configuration in one folder. Keys of `named` are (block type, label, …)."""

    path: str
    files: list[ParsedFile] = field(default_factory=list)
    named: dict[tuple[str, ...], Body] = field(default_factory=dict)
    locals: dict[str, Placed] = field(default_factory=dict)
    providers: list[Body] = field(default_factory=list)
    settings: list[Body] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def of(self, kind: str) -> Iterator[tuple[tuple[str, ...], Body]]:
        """The labels and bodies of one block type, in the order of the files."""
        for key, body in self.named.items():
            if key[0] == kind:
                yield key[1:], body

    @property
    def declares(self) -> bool:
        """Whether the folder has resources or module calls."""
        return any(key[0] in ("resource", "module") for key in self.named)

    @property
    def backend(self) -> Body | None:
        """The backend or cloud block, which marks a deployment."""
        for body in self.settings:
            for block in body.blocks:
                if block.node[3] in ("backend", "cloud"):
                    return read_body(block)
        return None


@dataclass(slots=True)
class Folders:
    """Reads folders of one tree, each once: neighbouring roots share modules."""

    tree: Tree
    _folders: dict[str, Folder] = field(default_factory=dict)
    _files: dict[str, ParsedFile | Problem] = field(default_factory=dict)

    def folder(self, path: str) -> Folder:
        """The merged configuration in *path*; empty where there is none."""
        found = self._folders.get(path)
        if found is None:
            found = self._folders[path] = self._merge(path)
        return found

    def file(self, path: str) -> ParsedFile | None:
        """One parsed file, or None where it cannot be read: `problem` tells why."""
        if path not in self._files:
            self._files[path] = self._parse(path)
        found = self._files[path]
        return None if isinstance(found, Problem) else found

    def problem(self, path: str) -> Problem | None:
        """Why `file` gave None."""
        found = self._files.get(path)
        return found if isinstance(found, Problem) else None

    def _parse(self, path: str) -> ParsedFile | Problem:
        try:
            text = self.tree.read(path).text()
        except UnreadableError as error:
            return error.problem
        if path.endswith(".json"):
            from surplus.sources.terraform.json_syntax import parse_json

            return parse_json(text, path)
        return parse(text, path)

    def _merge(self, path: str) -> Folder:
        folder = Folder(path)
        names = configuration_files(self.tree.list(path))
        for name in sorted(names, key=lambda name: (is_override(name), name)):
            file = self.file(join(path, name))
            if file is None:
                problem = self.problem(join(path, name))
                folder.problems += [problem] if problem else []
                continue
            folder.files.append(file)
            folder.problems += file.problems
            for node in file.body:
                _add(folder, Placed(file, node), is_override(name))
        folder.problems += _circular_locals(folder.locals)
        return folder


def _circular_locals(found: Mapping[str, Placed]) -> Iterator[Problem]:
    """A problem for each circle of locals, at the first that is in it."""
    needs = {
        name: {other for head, other in traversals(placed.node[4]) if head == "local" and other in found}
        for name, placed in found.items()
    }
    kept: dict[str, set[str]] | None = None
    while needs != kept:  # take away what needs nothing that is left, and what nothing left needs
        kept = needs
        needed = set().union(*needs.values()) if needs else set()
        left = {name: others & needs.keys() for name, others in needs.items() if name in needed}
        needs = {name: others for name, others in left.items() if others}
    while needs:
        first = next(iter(needs))
        if first not in (reached := _reached_from(first, needs)):
            del needs[first]  # it lies between two circles
            continue
        circle = [first, *(name for name in reached if name != first and first in _reached_from(name, needs))]
        through = f", through {', '.join(f'local.{name}' for name in circle[1:6])}" if len(circle) > 1 else ""
        place = found[first].location
        yield Problem(f"local.{first} depends on itself{through}", place.path, place.span)
        needs = {name: others for name, others in needs.items() if name not in circle}


def _reached_from(start: str, needs: Mapping[str, set[str]]) -> list[str]:
    """What *start* needs, directly or through others; *start* itself only where it is in a circle."""
    found = dict.fromkeys(sorted(needs.get(start, ())))
    pending = list(found)
    for name in pending:
        new = sorted(needs.get(name, set()) - found.keys())
        found.update(dict.fromkeys(new))
        pending += new
    return pending


def configuration_files(names: "list[str] | tuple[str, ...] | Any") -> list[str]:
    """Which of a folder's files Terraform reads; a `.tofu` file replaces the `.tf` file of its name."""
    present = {
        name for name in names if name.endswith(SUFFIXES) and not name.startswith((".", "#")) and name[-1] != "~"
    }
    return sorted(
        name
        for name in present
        if not (name.endswith((".tf", ".tf.json")) and re.sub(r"\.tf(\.json)?$", r".tofu\1", name) in present)
    )


def is_override(name: str) -> bool:
    """Whether Terraform merges this file over the others."""
    stem = re.sub(r"\.(tf|tofu)(\.json)?$", "", name)
    return stem == "override" or stem.endswith("_override")


def _add(folder: Folder, placed: Placed, override: bool) -> None:
    node = placed.node
    if node[0] != "block":
        message = f"`{node[3]}` is set outside of a block; move it into one"
        folder.problems.append(Problem(message, placed.file.path, placed.location.span))
        return
    kind, labels = node[3], node[4]
    if kind == "locals":
        for name, value in read_body(placed).attributes.items():
            if name in folder.locals and not override:
                _redeclared(folder, value, f"local.{name}", folder.locals[name])
            else:
                folder.locals[name] = value
    elif kind == "provider" and labels:
        _add_provider(folder, read_body(placed), override)
    elif kind == "terraform":
        folder.settings.append(read_body(placed))
    elif kind in KEYED:
        if len(labels) != KEYED[kind]:
            message = f"a {kind} block has {KEYED[kind]} label(s), this one has {len(labels)}"
            folder.problems.append(Problem(message, placed.file.path, placed.location.span))
            return
        key = (kind, *labels)
        if key not in folder.named:
            folder.named[key] = read_body(placed)
        elif override:
            folder.named[key].override(read_body(placed))
        else:
            _redeclared(folder, placed, " ".join(key), folder.named[key].header)


def _add_provider(folder: Folder, body: Body, override: bool) -> None:
    same = [one for one in folder.providers if provider_name(one) == provider_name(body)] if override else []
    if same:
        same[0].override(body)
    else:
        folder.providers.append(body)


def provider_name(body: Body) -> str:
    """What resources call a provider block: "aws", "aws.west"."""
    label, alias = body.header.node[4][0], body.expression("alias")
    return f"{label}.{alias.node[3]}" if alias is not None and alias.node[0] == "lit" else str(label)


def _redeclared(folder: Folder, placed: Placed, what: str, first: Placed) -> None:
    place = first.location
    message = f"{what} is declared twice; the first is {place.path}:{place.span.line}, which counts"
    folder.problems.append(Problem(message, placed.file.path, placed.location.span))


def downloaded(tree: Tree, root: str) -> dict[str, str]:
    """Folders of downloaded modules by their key ("vpc", "vpc.subnets"), from `.terraform/modules`."""
    path = join(root, ".terraform/modules/modules.json")
    if not tree.is_file(path):
        return {}
    try:
        entries = json.loads(tree.read(path).text())["Modules"]
        return {str(entry["Key"]): join(root, str(entry["Dir"])) for entry in entries}
    except (UnreadableError, ValueError, LookupError, TypeError, RecursionError):
        return {}
