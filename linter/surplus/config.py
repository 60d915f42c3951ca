"""Finds `surplus.yaml`: the nearest above a root governs it, the one nearest the tree's top governs the run."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from surplus.definitions import ActiveRule, Policy, Rule
from surplus.model import ConfigError, PolicyError
from surplus.policies import Reader, Written, active_rules, check_names, scopes_of, shipped, shipped_names
from surplus.rules import bundled_rules, read_rule
from surplus.trees import Tree, UnreadableError, WorkingTree, find_top, join, leaves, relative

FILE = "surplus.yaml"
RULE_FILES = (".yaml", ".yml")


@dataclass(frozen=True, slots=True, eq=False)
class Governing:
    """A policy and the rules it may activate. `path` is the policy's file, "" for a shipped one; `read` reads what
    the policy names beside it.
    """

    path: str
    policy: Policy
    rules: Mapping[str, Rule]
    read: Callable[[str], str] = lambda _: ""
    _active: dict[tuple[bool, ...], Sequence[ActiveRule]] = field(default_factory=dict)

    def active(self, path: str) -> Sequence[ActiveRule]:
        """`active_rules` for a root at *path*, made once for all roots in the same scopes."""
        scopes = scopes_of(self.policy, path)
        if scopes not in self._active:
            self._active[scopes] = active_rules(self.policy, self.rules, path)
        return self._active[scopes]


@dataclass(slots=True)
class Configuration:
    """Policies of one tree. *explicit* is a file or shipped name from `--config`: then nothing else is looked for."""

    tree: Tree
    explicit: str | None = None
    isolated: bool = False
    _found: dict[str, Governing] = field(default_factory=dict)
    _paths: dict[str, str] = field(default_factory=dict)

    def governing(self, folder: str) -> Governing:
        """The policy for a root in *folder*; raises `SurplusError`."""
        path = self.path_for(folder)
        if path not in self._found:
            self._found[path] = self._load(path)
        return self._found[path]

    def of_run(self, folders: Iterable[str] = ()) -> Governing:
        """The policy that decides gates and output: of those that govern *folders*, the one nearest the top."""
        paths = {self.path_for(folder) for folder in (".", *folders)} - {""}
        nearest = min(paths, key=lambda path: (path.count("/"), path), default="")
        return self.governing(join(nearest, "..")) if nearest else self.governing(".")

    def path_for(self, folder: str) -> str:
        """The path of the file that governs *folder*, "" for none; it is not read."""
        if self.explicit is not None or self.isolated:
            return ""
        if folder not in self._paths:
            path = join(folder, FILE)
            if self.tree.exists(path) and not self.tree.is_folder(path):
                self._paths[folder] = path
            else:
                self._paths[folder] = "" if folder == "." else self.path_for(join(folder, ".."))
        return self._paths[folder]

    def _load(self, path: str) -> Governing:
        tree = self.tree
        if not path:
            name = self.explicit or "default"
            if found := shipped(name):
                policy = Reader(lambda _: "").policy(found[1], found[0], trusted=True)
                return Governing("", policy, bundled_rules())
            tree, path = _open(name, tree)
        files = _Files(tree)
        reader = Reader(files.read)
        policy = reader.policy(files.read(path), path)
        rules = files.rules(reader.written)
        check_names(reader.written, rules)
        return Governing(path, policy, rules, files.read)


def _open(name: str, tree: Tree) -> tuple[Tree, str]:
    """The tree around the policy that `--config` names, and its path there: it may lie outside of what is scanned."""
    file = Path(name)
    if not file.exists():
        from surplus.schemas import did_you_mean

        raise ConfigError(f"{name}: there is no such file, and no shipped policy{did_you_mean(name, shipped_names())}")
    if isinstance(tree, WorkingTree):
        try:
            return tree, relative(file, tree.top)
        except ConfigError:
            pass
    around = WorkingTree(find_top([file], None), use_gitignore=False)
    return around, relative(file, around.top)


@dataclass(frozen=True, slots=True)
class _Files:
    """The user's policy and rule files in one tree."""

    tree: Tree

    def read(self, path: str) -> str:
        if leaves(path):
            raise PolicyError(f"{path}: lies outside the scanned tree, so it is not read")
        if not self.tree.exists(path):
            raise PolicyError(f"{path}: there is no such file")
        try:
            return self.tree.read(path).text()
        except UnreadableError as error:
            span = error.problem.span
            place = f"{span.line}:{span.column}" if span else "1:1"
            raise PolicyError(f"{path}:{place}: {error.problem.message}") from None

    def rules(self, written: Iterable[Written]) -> Mapping[str, Rule]:
        """The shipped rules and those of every `rule_paths`."""
        rules = dict(bundled_rules())
        read: set[str] = set()
        for one in written:
            for target, place in one.rule_paths():
                for file in self._rule_files(target, place):
                    if file in read:
                        continue
                    read.add(file)
                    rule = read_rule(self.read(file), file)
                    if rule.id in rules:
                        other = rules[rule.id].path
                        raise PolicyError(f"{rule.place('id')}: there is a rule {rule.id} already, in {other}")
                    rules[rule.id] = rule
        return rules

    def _rule_files(self, target: str, place: str) -> Iterable[str]:
        if leaves(target):
            raise PolicyError(f"{place}: {target} lies outside the scanned tree, so it is not read")
        if not self.tree.is_folder(target):
            if not self.tree.exists(target):
                raise PolicyError(f"{place}: {target}: there is no such file or folder")
            return (target,)
        found = tuple(self.tree.walk(target, lambda name: name.endswith(RULE_FILES)))
        if not found:
            raise PolicyError(f"{place}: {target} holds no rule files (*.yaml)")
        return found
