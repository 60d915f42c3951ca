import json
import re
from pathlib import Path
from typing import Any

import pytest

from support import REPOSITORY, surplus, write
from surplus.reporters.json import dumps

DESIGN = {
    "": "schema_version tool summary findings suppressed baselined undecided problems",
    "tool": "name version",
    "summary": "findings suppressed baselined undecided problems monthly_saving_usd roots files resources "
    "resources_fully_known prices_as_of",
    "findings": "rule severity confidence category message source resource resource_type root route instances "
    "addresses location rendered_from related cause lever monthly_saving_usd saving_alone_usd saving_basis assumptions "
    "shared_with fix owner owner_via environment environment_via fingerprint help_url",
    "undecided": "rule resource location reason",
    "problems": "path line column message rule",
}
"""The keys of design section 8, in its order, and what was rendered."""

CONFIG = """\
variable "size" {}
resource "aws_ebs_volume" "v" {
  availability_zone = "a"
  size              = 500
  type              = "gp2"
}
resource "aws_ebs_volume" "w" {
  availability_zone = "a"
  size              = var.size
  type              = "gp2"
}
module "far" {
  source = "terraform-aws-modules/vpc/aws"
}
"""


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    folder = write(tmp_path_factory.mktemp("json"), {"main.tf": CONFIG, "bad.tf": "resource {"})
    run = surplus("check", "--output-format", "json", "--exit-zero", cwd=folder)
    assert run.returncode == 0, run.stderr
    found: dict[str, object] = json.loads(run.stdout)
    return found


@pytest.mark.parametrize("part", DESIGN)
def test_the_keys_are_those_of_the_design(document: dict[str, object], part: str) -> None:
    found: Any = document if not part else document[part]
    entries = found if isinstance(found, list) else [found]
    assert entries, f"the example has no {part}"
    for entry in entries:
        assert list(entry) == DESIGN[part].split()


def test_keys_of_the_inner_parts(document: dict[str, object]) -> None:
    finding = document["findings"][0]  # type: ignore[index]
    span = ["path", "line", "column", "end_line", "end_column"]
    assert list(finding["location"]) == span
    assert list(finding["root"]) == ["path", "kind", "variables", "workspace"]
    assert list(finding["fix"]) == ["safe", "impact", "edits"]
    assert all(list(edit) == [*span, "text"] for edit in finding["fix"]["edits"])


def test_the_report_of_the_examples_validates() -> None:
    import jsonschema

    run = surplus("check", "--output-format", "json", "--exit-zero", "examples", cwd=REPOSITORY)
    schema = json.loads((REPOSITORY / "linter/surplus/schemas/report.schema.json").read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    report = json.loads(run.stdout)
    assert report["findings"]
    jsonschema.Draft202012Validator(schema).validate(report)


def test_this_report_validates(document: dict[str, object]) -> None:
    import jsonschema

    schema = json.loads((REPOSITORY / "linter/surplus/schemas/report.schema.json").read_text("utf-8"))
    jsonschema.Draft202012Validator(schema).validate(document)


def test_what_a_terminal_obeys_is_escaped(tmp_path: Path) -> None:
    text = "a\x1b\x7f\x9b\u202e\u2028\ud800é漢😀"
    written = dumps({text: [text]})
    assert json.loads(written) == {text: [text]}
    assert re.findall(r"[^\x20-\x7e\n]", written) == ["é", "漢", "😀"] * 2
    written.encode()
