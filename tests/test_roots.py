from pathlib import Path

import pytest

from surplus.model import ConfigError
from surplus.reporters.json import document
from surplus.reporters.style import Style
from surplus.reporters.text import full
from surplus.run import Options, check, inspect

MAIN = (
    'variable "kind" {}\nvariable "size" {\n  type = number\n  default = 10\n}\n'
    'resource "aws_ebs_volume" "a" {\n  type = var.kind\n  size = var.size\n  tags = {attached-by = "a"}\n}\n'
)


def write(top: Path, **files: str) -> Path:
    for name, text in files.items():
        path = top / name.replace("__", "/").replace("_tf", ".tf")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return top


def roots(top: Path, *paths: str, **options: object) -> list[tuple[str, tuple[str, ...], object, object]]:
    chosen = Options(paths=paths or (str(top),), root=str(top), **options)  # type: ignore[arg-type]
    found = inspect(chosen).resources
    return [(root.path, root.variables, one.values["type"], one.values["size"]) for root, one in found]


def test_each_variables_file_of_the_environment_map_is_an_evaluation(tmp_path: Path) -> None:
    write(tmp_path, s__main_tf=MAIN)
    write(tmp_path, **{"s__env__dev.tfvars": 'kind = "gp2"\n', "s__env__prod.tfvars": 'kind = "gp3"\n'})
    write(tmp_path, **{"s__env__extra.tfvars": 'kind = "st1"\n'})
    assert roots(tmp_path) == [
        ("s", ("env/dev.tfvars",), "gp2", 10),
        ("s", ("env/prod.tfvars",), "gp3", 10),
    ]
    result = check(Options(paths=(str(tmp_path),), root=str(tmp_path)))
    assert [(one.environment, one.environment_via) for one in result.findings] == [
        ("dev", "variable file env/dev.tfvars matches **/dev*.tfvars")
    ]


def test_files_that_no_environment_names_are_not_used(tmp_path: Path) -> None:
    write(tmp_path, s__main_tf=MAIN, **{"s__env__extra.tfvars": 'kind = "gp2"\n'})
    assert [variables for _, variables, _, _ in roots(tmp_path)] == [()]


def test_the_map_may_name_files_from_the_roots_folder_or_from_the_top(tmp_path: Path) -> None:
    policy = (
        "environments:\n  lab: {class: nonproduction, var_files: [vars/one.tfvars]}\n"
        "  two: {class: production, var_files: [s/vars/two.tfvars]}\n"
    )
    write(tmp_path, s__main_tf=MAIN, **{"surplus.yaml": policy})
    write(tmp_path, **{"s__vars__one.tfvars": 'kind = "gp2"\n', "s__vars__two.tfvars": 'kind = "gp3"\n'})
    assert [variables for _, variables, _, _ in roots(tmp_path)] == [("vars/one.tfvars",), ("vars/two.tfvars",)]


def test_named_files_replace_the_map_and_win_over_automatic_ones(tmp_path: Path) -> None:
    write(tmp_path, s__main_tf=MAIN, **{"s__env__dev.tfvars": 'kind = "gp2"\n'})
    write(tmp_path, **{"other.tfvars": "size = 30\n", "s__terraform.tfvars": 'kind = "st1"\nsize = 20\n'})
    assert roots(tmp_path, var_files=(str(tmp_path / "other.tfvars"),)) == [("s", ("../other.tfvars",), "st1", 30)]


def test_variables_of_the_command_line_win_over_everything(tmp_path: Path) -> None:
    write(tmp_path, s__main_tf=MAIN, **{"s__terraform.tfvars": 'kind = "st1"\nsize = 20\n'})
    given = roots(tmp_path, variables=("kind=gp2", "size=7"), environment={"TF_VAR_size": "9"})
    assert given == [("s", (), "gp2", 7)]


@pytest.mark.parametrize("text", ["kind", "=gp2", " = x"])
def test_a_variable_without_name_or_value_is_wrong_use(tmp_path: Path, text: str) -> None:
    write(tmp_path, s__main_tf=MAIN)
    with pytest.raises(ConfigError, match="write name=value"):
        roots(tmp_path, variables=(text,))


def test_a_variables_file_that_is_not_there_is_wrong_use(tmp_path: Path) -> None:
    write(tmp_path, s__main_tf=MAIN)
    with pytest.raises(ConfigError, match="no such variables file"):
        roots(tmp_path, var_files=(str(tmp_path / "none.tfvars"),))


def test_the_same_address_under_two_variable_sets_has_two_fingerprints(tmp_path: Path) -> None:
    write(tmp_path, s__main_tf=MAIN)
    write(tmp_path, **{"s__env__dev.tfvars": 'kind = "gp2"\n', "s__env__prod.tfvars": 'kind = "gp2"\n'})
    found = check(Options(paths=(str(tmp_path),), root=str(tmp_path))).findings
    assert len({one.fingerprint for one in found}) == len(found) == 2


POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: NAME}\nspec:\n  containers: [{name: c, image: c}]\n"


def test_a_broken_policy_beside_what_is_selected_harms_nothing(tmp_path: Path) -> None:
    write(tmp_path, **{"a__p.yaml": POD, "b__p.yaml": POD, "b__surplus.yaml": "rulez: {}\n"})
    result = check(Options(paths=(str(tmp_path / "a"),), root=str(tmp_path)))
    assert {one.location.path for one in result.findings} == {"a/p.yaml"}


def test_inspect_selects_as_check_does(tmp_path: Path) -> None:
    write(tmp_path, **{"a__p.yaml": POD, "b__p.yaml": POD.replace("NAME", "other"), "b__bad.yaml": POD + "x: [\n"})
    result = inspect(Options(paths=(str(tmp_path / "a"),), root=str(tmp_path)))
    assert [one.location.path for _, one in result.resources] == ["a/p.yaml"]
    assert not result.problems


def test_a_value_through_two_modules_is_found_at_the_line_of_the_variables_file(tmp_path: Path) -> None:
    call = 'variable "kind" {}\nmodule "NAME" {\n  source = "./NAME"\n  kind = var.kind\n}\n'
    write(tmp_path, main_tf=call.replace("NAME", "outer"), outer__main_tf=call.replace("NAME", "inner"))
    write(tmp_path, **{"outer__inner__main_tf": MAIN, "terraform.tfvars": '# disks\nkind = "gp2"\n'})
    result = check(Options(paths=(str(tmp_path),), root=str(tmp_path)))
    shown = document(result)["findings"]
    assert [(one["location"]["path"], one["location"]["line"], one["location"]["column"]) for one in shown] == [
        ("terraform.tfvars", 2, 8)
    ]
    assert [one["location"]["path"] for one in shown[0]["related"]] == ["outer/inner/main.tf"]
    assert [step["text"] for step in shown[0]["cause"]] == ["var.kind", "var.kind", "var.kind"]
    text = full(result, Style())
    assert "--> terraform.tfvars:2:8" in text
    assert "::: outer/inner/main.tf:7:10" in text


def test_a_selected_variables_file_selects_the_evaluation_that_reads_it(tmp_path: Path) -> None:
    write(tmp_path, s__main_tf=MAIN, **{"s__terraform.tfvars": "size = 3\n"})
    write(tmp_path, **{"s__env__dev.tfvars": 'kind = "gp2"\n', "s__env__prod.tfvars": 'kind = "gp3"\n'})
    assert [one[1] for one in roots(tmp_path, str(tmp_path / "s/env/dev.tfvars"))] == [("env/dev.tfvars",)]
    assert len(roots(tmp_path, str(tmp_path / "s/terraform.tfvars"))) == 2
    assert len(roots(tmp_path, str(tmp_path / "s/main.tf"))) == 2


DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: NAME, namespace: pay}
spec:
  replicas: 2
  selector: {matchLabels: {app: a}}
  template:
    metadata: {labels: {app: a}}
    spec:
      containers: [{name: c, image: "i:1"}]
"""
LIMITS = """\
resource "kubernetes_limit_range_v1" "d" {
  metadata {
    name = "d"
    namespace = "pay"
  }
  spec {
    limit {
      type = "Container"
      default_request = { cpu = "300m", memory = "512Mi" }
    }
  }
}
"""


def deployment(name: str) -> str:
    return DEPLOYMENT.replace("NAME", name)


def judged(top: Path, *paths: str) -> tuple[list[str], list[str]]:
    """The addresses of what is judged, and places of findings."""
    result = check(Options(paths=paths or (str(top),), root=str(top)))
    places = {f"{one.location.path} {one.rule.id}" for one in result.findings}
    return sorted(one.address for _, one in result.resources), sorted(places)


@pytest.mark.parametrize(
    ("main", "address"),
    [
        ('"kubernetes_manifest" "a" {\n  manifest = yamldecode(file("${path.module}/t/a.yaml"))', ""),
        ('"kubectl_manifest" "a" {\n  yaml_body = file("t/a.yaml")', ""),
        ('"kubectl_manifest" "a" {\n  yaml_body = templatefile("t/a.yaml", {})', ""),
        (
            '"kubectl_manifest" "a" {\n  for_each = fileset("t", "*.yaml")\n  yaml_body = file("t/${each.key}")',
            "a.yaml",
        ),
        (
            '"kubernetes_manifest" "a" {\n  for_each = { for f in fileset("t", "*") : f => yamldecode(file("t/${f}")) }'
            "\n  manifest = each.value",
            "a.yaml",
        ),
        ('"kubernetes_manifest" "a" {\n  for_each = local.all\n  manifest = yamldecode(each.value)', "k"),
        (
            '"kubernetes_manifest" "a" {\n'
            '  manifest = merge(local.one, { metadata = merge(local.one.metadata, { name = "b" }) })',
            "",
        ),
    ],
)
def test_a_manifest_that_terraform_applies_is_judged_there_alone(tmp_path: Path, main: str, address: str) -> None:
    more = 'locals {\n  text = file("t/a.yaml")\n  all = { k = local.text }\n  one = yamldecode(local.text)\n}\n'
    write(tmp_path, main_tf=f"{LIMITS}{more}resource {main}\n}}\n", **{"t__a.yaml": deployment("a")})
    kind = main.split('"')[1]
    key = f'["{address}"]' if address else ""
    expected = sorted([f"{kind}.a{key}", "kubernetes_limit_range_v1.d"])
    assert judged(tmp_path) == (expected, [])
    assert judged(tmp_path, str(tmp_path / "t/a.yaml")) == (expected, [])


def test_a_manifest_that_a_module_is_given_is_judged_as_terraform_applies_it(tmp_path: Path) -> None:
    call = (
        'module "app" {\n  source = "./app"\n  for_each = { for f in fileset("t", "*") : f => file("t/${f}") }\n'
        "  text = each.value\n}\n"
    )
    app = 'variable "text" {}\nresource "kubectl_manifest" "a" {\n  yaml_body = var.text\n}\n'
    write(tmp_path, main_tf=LIMITS + call, app__main_tf=app, **{"t__a.yaml": deployment("a")})
    assert judged(tmp_path) == (["kubernetes_limit_range_v1.d", 'module.app["a.yaml"].kubectl_manifest.a'], [])


@pytest.mark.parametrize(
    "main",
    [
        '"null_resource" "a" {\n  triggers = { text = file("a.yaml") }',
        '"kubernetes_config_map_v1" "a" {\n  metadata {\n    name = "a"\n  }\n  data = { a = file("a.yaml") }',
        '"kubernetes_manifest" "a" {\n  for_each = data.x_y.z.all\n  manifest = yamldecode(file("${each.key}.yaml"))',
        '"kubernetes_manifest" "a" {\n  count = 0\n  manifest = yamldecode(file("a.yaml"))',
        '"kubectl_manifest" "a" {\n  yaml_body = templatefile("a.yaml", { all = data.x_y.z.all })\n  count = 0',
    ],
)
def test_a_manifest_whose_object_is_not_known_in_terraform_is_judged_as_it_is_written(
    tmp_path: Path, main: str
) -> None:
    write(tmp_path, main_tf=f'resource {main}\n}}\ndata "x_y" "z" {{}}\n', **{"a.yaml": deployment("a")})
    addresses, found = judged(tmp_path)
    assert "Deployment/pay/a" in addresses
    assert "a.yaml k8s-container-no-cpu-request" in found


def test_of_a_file_of_which_terraform_applies_a_part_the_rest_is_judged_as_it_is_written(tmp_path: Path) -> None:
    main = 'resource "kubectl_manifest" "a" {\n  yaml_body = split("---", file("all.yaml"))[0]\n}\n'
    write(tmp_path, main_tf=LIMITS + main, **{"all.yaml": deployment("a") + "---\n" + deployment("b")})
    assert judged(tmp_path)[0] == ["Deployment/pay/b", "kubectl_manifest.a", "kubernetes_limit_range_v1.d"]


def test_what_terraform_applies_still_stands_in_relation_to_manifests_beside_it(tmp_path: Path) -> None:
    limits = (
        "apiVersion: v1\nkind: LimitRange\nmetadata: {name: d, namespace: pay}\nspec:\n"
        "  limits: [{type: Container, defaultRequest: {cpu: 300m, memory: 512Mi}}]\n"
    )
    main = 'resource "kubectl_manifest" "d" {\n  yaml_body = file("limits.yaml")\n}\n'
    write(tmp_path, main_tf=main, **{"limits.yaml": limits, "a.yaml": deployment("a")})
    assert judged(tmp_path) == (["Deployment/pay/a", "kubectl_manifest.d"], [])


FLOW = deployment("${name}").replace("{app: a}}\n    spec", "${labels}}\n    spec")


def test_a_template_that_terraform_fills_in_is_no_broken_manifest(tmp_path: Path) -> None:
    main = 'resource "kubectl_manifest" "a" {\n  yaml_body = templatefile("a.yaml", VARIABLES)\n}\n'
    known = '{ name = "a", labels = jsonencode({ app = "a" }) }'
    write(tmp_path, main_tf=LIMITS + main.replace("VARIABLES", known), **{"a.yaml": FLOW})
    result = check(Options(paths=(str(tmp_path),), root=str(tmp_path)))
    assert [one.address for _, one in result.resources] == ["kubectl_manifest.a", "kubernetes_limit_range_v1.d"]
    assert not result.problems
    for unknown in ('{ name = data.x_y.z.name, labels = "" }', "data.x_y.z.all"):
        write(tmp_path, main_tf=main.replace("VARIABLES", unknown) + 'data "x_y" "z" {}\n')
        problems = check(Options(paths=(str(tmp_path),), root=str(tmp_path))).problems
        told = [(one.path, one.message.partition(";")[0], one.note) for one in problems]
        assert told == [("a.yaml", "this is a template, not YAML", True)]
