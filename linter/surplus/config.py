"""Finds `surplus.yaml`: the nearest above a root governs it, the one nearest the tree's top governs the run."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from surplus.model import ConfigError, Policy, PolicyError, Rule
from surplus.policies import check_names, read_policy, shipped
from surplus.rules import bundled_rules, read_rule
from surplus.trees import Tree, UnreadableError, join, leaves

FILE = "surplus.yaml"


@dataclass(frozen=True, slots=True, eq=False)
class Governing:
    """A policy and the rules it may activate. `path` is the policy's file, "" for the shipped default."""

    path: str
    policy: Policy
    rules: Mapping[str, Rule]


@dataclass(slots=True)
class Configuration:
    """Policies of one tree. *explicit* is a file or shipped name from `--config`: then nothing else is looked for."""

    tree: Tree
    explicit: str | None = None
    isolated: bool = False
    _found: dict[str, Governing] = field(default_factory=dict)

    def governing(self, folder: str) -> Governing:
        """The policy for a root in *folder*; raises `PolicyError` or `ConfigError`."""
        path = self._path_for(folder)
        if path not in self._found:
            self._found[path] = self._load(path)
        return self._found[path]

    def of_run(self) -> Governing:
        """The policy that decides gates and output."""
        return self.governing(".")

    def _path_for(self, folder: str) -> str:
        if self.explicit is not None or self.isolated:
            return ""
        while True:
            path = join(folder, FILE)
            if self.tree.is_file(path):
                return path
            if folder == ".":
                return ""
            folder = join(folder, "..")

    def _load(self, path: str) -> Governing:
        if path:
            text = self._read(path)
            policy = read_policy(text, path, self._read)
        elif self.explicit is None or shipped(self.explicit):
            found = shipped(self.explicit or "default")
            assert found is not None
            return Governing("", read_policy(found[1], found[0], self._read, trusted=True), bundled_rules())
        else:
            path = self.explicit
            text = _read_outside(path)
            policy = read_policy(text, path, _read_outside)
        rules = self._rules(policy, path)
        check_names(text, path, rules)
        return Governing(path, policy, rules)

    def _read(self, path: str) -> str:
        if leaves(path):
            raise PolicyError(f"{path}: lies outside the scanned tree, so it is not read")
        if not self.tree.is_file(path):
            raise PolicyError(f"{path}: there is no such file")
        try:
            return self.tree.read(path).text()
        except UnreadableError as error:
            raise PolicyError(f"{path}:1:1: {error.problem.message}") from None

    def _rules(self, policy: Policy, path: str) -> Mapping[str, Rule]:
        """The shipped rules and those of `rule_paths`, which are relative to the policy's file."""
        rules = dict(bundled_rules())
        for entry in policy.rule_paths:
            target = join(join(path, ".."), entry)
            files = [target] if self.tree.is_file(target) else []
            if self.tree.is_folder(target):
                files = [file for file in self.tree.walk(target) if file.endswith(".yaml")]
            if not files:
                raise PolicyError(f"{path}:1:1: rule_paths names {entry}, which holds no rule files")
            for file in files:
                rule = read_rule(self._read(file), file)
                if rule.id in rules:
                    raise PolicyError(f"{file}:1:1: there is a rule {rule.id} already, in {rules[rule.id].path}")
                rules[rule.id] = rule
        return rules


def _read_outside(path: str) -> str:
    """A file that the user named on the command line, wherever it is."""
    try:
        return Path(path).read_text("utf-8-sig")
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{path}: is not UTF-8; save it as UTF-8") from None
