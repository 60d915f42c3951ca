"""A module imports only from rows below its own, and in its own row only within one package."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "linter" / "surplus"

ROWS = """
__main__
cli
cli_options
streams
reporters   examples   model_examples
docs   diff   fixes   explain
run
market
scan
roots
findings   baseline   suppressions
savings   owners
engine
discovery
manifest_files
config
policies   environments
rules
bundled   schemas
pricing
functions   templates
expressions   sources   catalog
piped
cache   trees   verdicts   selection
documents   text   globs   gitignore   masking   expression_text
yaml_values
yaml_scalars   yaml_spans
results
definitions
model   version
"""
"""The layers of the design, the highest first. A package is one name; `reporters.json` belongs to `reporters`."""

LEVEL = {name: level for level, row in enumerate(reversed(ROWS.strip().splitlines())) for name in row.split()}
APART = ({"sources.terraform", "sources.kubernetes"},)
"""Packages that do not import each other although they share a row."""

FILES = sorted(path for path in PACKAGE.rglob("*.py") if path != PACKAGE / "__init__.py")


def name_of(path: Path) -> str:
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" and len(parts) > 1 else parts)


def imports(path: Path) -> Iterator[tuple[str, str]]:
    """Modules of ours that a file imports, with where: `module`, `function` or `typing`."""
    yield from _imports(ast.parse(path.read_text("utf-8")), "module")


def _imports(node: ast.AST, where: str) -> Iterator[tuple[str, str]]:
    for child in ast.iter_child_nodes(node):
        inner = where
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            inner = "function"
        elif isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
            inner = "typing"
        if isinstance(child, ast.Import):
            yield from (
                (one.name.removeprefix("surplus."), where) for one in child.names if one.name.startswith("surplus.")
            )
        elif isinstance(child, ast.ImportFrom):
            assert child.level == 0, "relative imports hide the layer"
            if child.module == "surplus":
                yield from ((one.name, where) for one in child.names)
            elif child.module and child.module.startswith("surplus."):
                yield from _below(child.module.removeprefix("surplus."), [one.name for one in child.names], where)
        yield from _imports(child, inner)


def _below(module: str, names: list[str], where: str) -> Iterator[tuple[str, str]]:
    """`from surplus.sources import terraform` imports sources.terraform."""
    folder = PACKAGE / module.replace(".", "/")
    for name in names:
        is_module = (folder / name).is_dir() or (folder / f"{name}.py").is_file()
        yield (f"{module}.{name}" if is_module else module), where


def violations(name: str, imported: str) -> str | None:
    own, other = name.split(".")[0], imported.split(".")[0]
    if own not in LEVEL or other not in LEVEL:
        return f"{own if own not in LEVEL else other} has no row; give it one"
    if own == other:
        for group in APART:
            mine = {one for one in group if f"{name}.".startswith(f"{one}.")}
            theirs = {one for one in group if f"{imported}.".startswith(f"{one}.")}
            if mine and theirs and mine != theirs:
                return f"{name} imports {imported}, its neighbour"
        return None
    return None if LEVEL[other] < LEVEL[own] else f"{name} imports {imported}, which is not below it"


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_a_module_imports_only_from_below(path: Path) -> None:
    name = name_of(path)
    found = {f"{fault} (in a {where})" for imported, where in imports(path) if (fault := violations(name, imported))}
    assert not found


def test_every_module_has_a_row() -> None:
    assert {name_of(path).split(".")[0] for path in FILES} <= LEVEL.keys()


def test_model_imports_nothing_of_ours() -> None:
    assert list(imports(PACKAGE / "model.py")) == []


@pytest.mark.parametrize(
    ("name", "imported"),
    [
        ("model", "trees"),
        ("rules", "policies"),
        ("policies", "environments"),
        ("sources.terraform.evaluate", "sources.kubernetes.types"),
        ("sources.kubernetes", "sources.terraform.values"),
        ("expressions", "catalog"),
        ("expressions", "functions.scope"),
        ("trees", "nobody"),
    ],
)
def test_a_violation_is_noticed(name: str, imported: str) -> None:
    assert violations(name, imported) is not None


@pytest.mark.parametrize(
    ("name", "imported"),
    [("sources.kubernetes.source", "sources.evaluated"), ("run", "engine"), ("rules", "sources.terraform.types")],
)
def test_what_lies_below_is_allowed(name: str, imported: str) -> None:
    assert violations(name, imported) is None


def test_imports_are_found_wherever_they_stand(tmp_path: Path) -> None:
    file = tmp_path / "x.py"
    file.write_text(
        "import surplus.trees\nfrom surplus import engine\nif TYPE_CHECKING:\n    from surplus.run import check\n"
        "def f():\n    from surplus.sources import terraform\n    import json\n"
    )
    assert list(imports(file)) == [
        ("trees", "module"),
        ("engine", "module"),
        ("run", "typing"),
        ("sources.terraform", "function"),
    ]


def test_only_trees_opens_scanned_files() -> None:
    """Sources and the modules between them and the report never open a path themselves."""
    reading = {"open", "read_text", "read_bytes", "scandir", "iterdir", "glob", "rglob", "listdir", "walk_files"}
    scanned = {"discovery", "sources", "engine", "findings", "environments", "run", "policies", "config"}
    shipped = {"sources.kubernetes.types", "sources.terraform.types", "sources.terraform.grammar"}
    found = {
        f"{name_of(path)}: {node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id}"
        for path in FILES
        if name_of(path).split(".")[0] in scanned and name_of(path) not in shipped
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute | ast.Name)
        and (node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id) in reading
    }
    assert not found
