from pathlib import Path

import pytest

from surplus.explain import explain
from surplus.model import ConfigError
from surplus.reporters.explain import as_text
from surplus.reporters.style import Style
from surplus.run import Options

FILES = {
    "main.tf": (
        'variable "secret" {\n  sensitive = true\n  default = "hidden-word"\n}\nvariable "any" {}\n'
        'variable "kind" {\n  default = "gp3"\n}\n'
        'module "disk" {\n  source = "./disk"\n  type   = var.kind\n}\n'
        'resource "aws_instance" "a" {\n  count         = 2\n  instance_type = var.any\n  user_data = var.secret\n'
        '  monitoring = var.any == "x" ? true : false\n'
        "  root_block_device {\n    volume_size = 8\n  }\n}\n"
    ),
    "disk/main.tf": 'variable "type" {}\nresource "aws_ebs_volume" "it" {\n  type = var.type\n}\n',
    "terraform.tfvars": 'kind = "gp2"\n',
    "app.yaml": "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers: [{name: c}]\n",
}


@pytest.fixture
def shown(tmp_path: Path):  # type: ignore[no-untyped-def]
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)

    def show(address: str) -> str:
        return as_text(explain(Options(paths=(str(tmp_path),), root=str(tmp_path)), address), Style())

    return show


def test_the_chain_leads_to_the_line_that_sets_the_value(shown) -> None:  # type: ignore[no-untyped-def]
    text = shown("module.disk.aws_ebs_volume.it.type")
    assert text.startswith('module.disk.aws_ebs_volume.it.type = "gp2"\nin .\n')
    places = [line.split()[1] for line in text.splitlines() if line.strip().startswith(("-->", ":::"))]
    assert places == ["disk/main.tf:3:10", "main.tf:11:12", "terraform.tfvars:1:8"]


@pytest.mark.parametrize(
    ("address", "state"),
    [
        ("aws_instance.a[0].instance_type", "is unknown: var.any has no value"),
        ("aws_instance.a.instance_type", "is unknown: var.any has no value"),
        ("aws_instance.a[0].user_data", "= (sensitive)"),
        ("aws_instance.a[0].monitoring", "is one of true, false: var.any has no value"),
        ("aws_instance.a[0].root_block_device[0].volume_size", "= 8"),
        ("aws_instance.a[0].root_block_device.0.volume_size", "= 8"),
        ("aws_instance.a[0].tenancy", "is not set"),
        ("module.disk.aws_ebs_volume.it", "(aws_ebs_volume)"),
        ("Pod/p.spec.containers[0].name", '= "c"'),
    ],
)
def test_states(shown, address: str, state: str) -> None:  # type: ignore[no-untyped-def]
    first = shown(address).splitlines()[0]
    assert first.endswith(state)


def test_nothing_sensitive_is_shown(shown) -> None:  # type: ignore[no-untyped-def]
    assert "hidden-word" not in shown("aws_instance.a[0]") + shown("aws_instance.a[0].user_data")


def test_a_resource_lists_its_attributes(shown) -> None:  # type: ignore[no-untyped-def]
    text = shown("aws_instance.a[1]")
    assert "  instance_type is unknown: var.any has no value\n" in text
    assert '  root_block_device = [{"volume_size": 8' in text


def test_an_address_that_nothing_has_is_an_error_with_the_nearest_one(shown) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ConfigError, match=r"aws_ebs_volume\.its: no resource has this address; did you mean"):
        shown("module.disk.aws_ebs_volume.its")
