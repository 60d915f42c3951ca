"""What is given to a root from outside: the values of its variables, the workspace, the region."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from surplus.model import Root
from surplus.sources.terraform import constraints
from surplus.sources.terraform.expressions import visit
from surplus.sources.terraform.lexer import ParseError
from surplus.sources.terraform.modules import Folders, Placed
from surplus.sources.terraform.parser import parse_string
from surplus.sources.terraform.scopes import ConstantScope
from surplus.sources.terraform.values import EvaluationError, to_bool, to_number
from surplus.trees import join

if TYPE_CHECKING:
    from surplus.sources.terraform.evaluate import Evaluation, Module


@dataclass(frozen=True, slots=True)
class Inputs:
    """What is given from outside: `TF_VAR_*` of the environment, the workspace, the region without a provider's,
    and variables as on the command line, which win over everything.
    """

    environment: Mapping[str, str] = field(default_factory=dict)
    workspace: str | None = None
    region: str | None = None
    variables: Mapping[str, str] = field(default_factory=dict)


def variable_files(root: Root, folders: Folders) -> list[str]:
    """Paths of the variable files of a root, the later ones winning.

    `terraform.tfvars`, `terraform.tfvars.json`, `*.auto.tfvars` and `*.auto.tfvars.json` by name, then the files
    that were named, relative to the root's folder, as on Terraform's command line.
    """
    names = folders.tree.list(root.path)
    automatic = sorted(name for name in names if name.endswith((".auto.tfvars", ".auto.tfvars.json")))
    standard = [name for name in ("terraform.tfvars", "terraform.tfvars.json") if name in names]
    return [join(root.path, name) for name in (*standard, *automatic, *root.variables)]


def given_values(root: Root, folders: Folders, evaluation: "Evaluation") -> dict[str, Placed]:
    """The expressions that variable files give variables; their problems become the root's.

    A file that cannot be read may set any variable: what is written before it no longer counts, and
    `evaluation.unread_variables` names it.
    """
    given: dict[str, Placed] = {}
    for path in variable_files(root, folders):
        file = folders.file(path)
        if file is None:
            problem = folders.problem(path)
            evaluation.problems.update({problem: None} if problem else {})
            evaluation.unread_variables = path
            given.clear()
            continue
        evaluation.problems.update(dict.fromkeys(file.problems))
        for node in file.body:
            if node[0] == "attr":
                given[node[3]] = Placed(file, node[4])
    return given


def note_undeclared(root: Root, evaluation: "Evaluation", top: "Module") -> None:
    """Terraform warns of a value that no variable takes: often a misspelling. Files found by name are often shared."""
    named = {join(root.path, name) for name in root.variables}
    for name, placed in evaluation.given.items():
        if placed.file.path in named and ("variable", name) not in top.folder.named:
            evaluation.problem(f"no variable block declares var.{name}; the value is not used", placed, note=True)


def environment_value(text: str, kind: Placed | None, scope: ConstantScope) -> Any:
    """A `TF_VAR_*` value: text for a primitive type or none, else an expression of constants.

    Raises `EvaluationError` where it does not fit.
    """
    constraint = constraints.read(kind.node if kind else None)
    if kind is None or constraint.kind == "string":
        return text
    if constraint.kind in ("number", "bool"):
        return to_bool(text) if constraint.kind == "bool" else to_number(text)
    try:
        node = parse_string(" ".join(text.split("\n")), 0, 0, template=False)
    except ParseError as error:
        raise EvaluationError(f"the given text does not parse: {error}") from None
    return visit(node, scope)
