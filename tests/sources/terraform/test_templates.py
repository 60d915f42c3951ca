"""Templates: https://developer.hashicorp.com/terraform/language/functions/templatefile."""

from typing import Any

import pytest

from terraform_roots import ANY, UNKNOWN, evaluated, shown

MORE = 'resource "aws_vpc" "v" {}\n' + ANY


def rendered(template: str, variables: str) -> Any:
    texts = {
        "main.tf": f'resource "x_y" "it" {{\n  v = templatefile("t.tftpl", {variables})\n}}\n{MORE}',
        "t.tftpl": template,
    }
    return evaluated(texts).by_address["x_y.it"].values["v"]


@pytest.mark.parametrize(
    ("template", "variables", "expected"),
    [
        ("port ${port}\n", "{ port = 80 }", "port 80\n"),
        ("%{ for a in list ~}\n- ${a}\n%{ endfor ~}\n", '{ list = ["x", "y"] }', "- x\n- y\n"),
        ("%{ if on }a%{ else }b%{ endif }", "{ on = false }", "b"),
        ("${jsonencode({ a = upper(b) })}", '{ b = "x" }', '{"A":"X"}'.replace("A", "a")),
        ('${[for k, v in m : "${k}=${v}"]}', "{ m = { a = 1 } }", ["a=1"]),
        ("$${not}", "{}", "${not}"),
        ("${o.a.b[0]}", "{ o = { a = { b = [5] } } }", 5),
        ("x ${id}", "{ id = aws_vpc.v.id }", "x ⟨aws_vpc.v.id⟩"),
        ("x ${id}", "{ id = var.any }", UNKNOWN),
        ("x ${missing}", "{}", UNKNOWN),
        ("x ${var.any}", "{}", UNKNOWN),
        ("x ${", "{}", UNKNOWN),
        ('${templatefile("t.tftpl", {})}', "{}", UNKNOWN),
        ('${templatestring("x", {})}', "{}", UNKNOWN),
    ],
)
def test_templates(template: str, variables: str, expected: Any) -> None:
    assert shown(rendered(template, variables)) == expected


@pytest.mark.parametrize(
    ("template", "ends"),
    [
        ("a.${any}.s3", ".s3"),
        ("a.${any}.${name}", ".x"),
        ("${any}.${any}-1", "-1"),
        ("a.${id}.s3", ".s3"),
        ("a.${inner}", ".b"),
        ("a.${any}", ""),
        ("%{ if any == 1 }a%{ endif }b", "b"),
    ],
)
def test_the_end_of_a_text_that_is_not_known(template: str, ends: str) -> None:
    variables = '{ any = var.any, name = "x", id = aws_vpc.v.id, inner = "${var.any}.b" }'
    assert rendered(template, variables).ends == ends


def test_a_template_in_itself_says_what_is_wrong() -> None:
    assert "a template may not render another one" in rendered('${templatefile("t.tftpl", {})}', "{}").reason


def test_loops_in_templates_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("surplus.sources.terraform.scopes.MAX_ITERATIONS", 1000)
    loop = "%{ for a in range(100) }%{ for b in range(100) }x%{ endfor }%{ endfor }"
    assert "MAX_ITERATIONS" in rendered(loop, "{}").reason
