"""The same input gives the same bytes: in any process, order of files and working directory."""

import random
import shutil
from pathlib import Path

import pytest

from support import REPOSITORY, surplus, write

COMMANDS = (
    ("check", "--output-format", "json"),
    ("check", "--output-format", "text"),
    ("check", "--output-format", "concise", "--show-unknowns"),
    ("inspect", "--output-format", "json"),
)


def outputs(folder: Path, *arguments: str, cwd: Path | None = None, seed: str = "0") -> tuple[int, str, str]:
    run = surplus(*arguments, folder, cwd=cwd or folder, PYTHONHASHSEED=seed)
    return run.returncode, run.stdout, run.stderr


def files(folder: Path) -> list[tuple[str, str | bytes]]:
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return [(path.relative_to(folder).as_posix(), path.read_bytes()) for path in paths]


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The examples, with something that cannot be read and something unknown."""
    folder = tmp_path_factory.mktemp("tree") / "repository"
    shutil.copytree(REPOSITORY / "examples", folder)
    (folder / ".git").mkdir()
    broken: dict[str, str | bytes] = {
        "broken/one.tf": "resource {",
        "broken/two.yaml": "apiVersion: v1\nkind: [\n",
        "broken/three.tf": b"\xff",
    }
    return write(folder, broken)


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: "-".join(command).replace("--", ""))
def test_processes_and_working_directories(tree: Path, command: tuple[str, ...]) -> None:
    first = outputs(tree, *command)
    assert first[0] in (0, 1) and len(first[1]) > 1000
    for seed in ("1", "4242"):
        assert outputs(tree, *command, seed=seed) == first
    for cwd in (tree.parent, tree / "terraform", Path("/")):
        assert outputs(tree, *command, cwd=cwd) == first


def test_orders_of_files(tree: Path, tmp_path: Path) -> None:
    first = outputs(tree, *COMMANDS[0])
    for seed in range(3):
        content = files(tree)
        random.Random(seed).shuffle(content)
        copy = write(tmp_path / str(seed) / "repository", dict(content))
        (copy / ".git").mkdir()
        assert outputs(copy, *COMMANDS[0]) == first


def test_orders_of_paths(tree: Path) -> None:
    paths = ["terraform/analytics", "kubernetes/payments", "terraform/tooling"]
    first, second = (
        surplus("check", *order, "--output-format", "json", cwd=tree) for order in (paths, [*paths[::-1], paths[0]])
    )
    assert first.stdout == second.stdout and first.stdout


def test_a_file_is_written_as_standard_output_is(tree: Path, tmp_path: Path) -> None:
    surplus("check", tree, "--output-file", tmp_path / "out.txt", "--color", "always")
    assert (tmp_path / "out.txt").read_text("utf-8") == outputs(tree, "check")[1]
