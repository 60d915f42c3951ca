"""Roots of Terraform with Kubernetes objects in them: addresses and places are Terraform's, the rest the kind's."""

import json
from pathlib import Path
from typing import Any

import pytest

from surplus.model import Resource, Root, Unknown, walk
from surplus.roots import evaluate_files
from surplus.run import Options, check, cost
from surplus.sources.evaluated import Evaluated
from surplus.sources.kinds.source import with_kinds
from surplus.sources.terraform import plan
from terraform_roots import evaluated

CLASS = 'resource "kubernetes_storage_class" "it" {\n  metadata {\n    name = "it"\n  }\n'


def kinds(text: str | dict[str, str]) -> Evaluated:
    return with_kinds(evaluated(text))


def only(text: str | dict[str, str]) -> Resource:
    (found,) = kinds(text).resources
    return found


def container(more: str = "", outside: str = "", spec: str = "") -> str:
    """A Deployment with one container."""
    return f"""
resource "kubernetes_deployment" "api" {{
  {outside}
  metadata {{
    name = "api"
  }}
  spec {{
    {spec}
    template {{
      metadata {{
        labels = {{ app = "api" }}
      }}
      spec {{
        container {{
          name = "api"
          image = "api:1"
          {more}
        }}
      }}
    }}
  }}
}}
"""


def test_a_manifest_of_a_version_that_is_not_known_stays_terraforms() -> None:
    text = 'resource "kubernetes_manifest" "it" {\n  manifest = { apiVersion = "%s", kind = "Deployment" }\n}\n'
    assert [only(text % version).type for version in ("apps/v1", "apps/v9")] == ["Deployment", "kubernetes_manifest"]


def test_defaults_are_those_of_the_kind_and_of_the_provider() -> None:
    found = only(CLASS + '  storage_provisioner = "ebs.csi.aws.com"\n}\n')
    assert found.type == "StorageClass"
    assert found.address == "kubernetes_storage_class.it"
    assert found.values["allowVolumeExpansion"] is True
    assert found.values["volumeBindingMode"] == "Immediate"
    assert ("allowVolumeExpansion",) in found.defaulted
    assert "namespace" not in found.values["metadata"]
    deployment = only(container())
    assert deployment.values["metadata"]["namespace"] == "default"
    assert deployment.values["spec"]["replicas"] == 1
    assert {("metadata", "namespace"), ("spec", "replicas")} <= deployment.defaulted


@pytest.mark.parametrize(
    ("written", "expected"), [('"3"', 3), ("3", 3), ('"x"', "x"), ("var.any", Unknown("var.any has no value"))]
)
def test_replicas_that_are_kept_as_text_are_a_number(written: str, expected: Any) -> None:
    found = only(f'variable "any" {{}}\n{container(spec=f"replicas = {written}")}')
    assert walk(found.values, ("spec", "replicas")) == expected


def test_a_dynamic_block_over_something_unknown_is_an_unknown_list() -> None:
    dynamic = 'dynamic "env" {\n for_each = var.any\n content {\n name = env.key\n value = env.value\n }\n }'
    found = only(f'variable "any" {{}}\n{container(dynamic)}')
    assert isinstance(walk(found.values, ("spec", "template", "spec", "containers", 0, "env")), Unknown)


def test_a_namespace_named_by_its_resource_is_known() -> None:
    text = (
        'resource "kubernetes_namespace" "shop" {\n  metadata {\n    name = "shop"\n  }\n}\n'
        'resource "kubernetes_service_account" "a" {\n  metadata {\n    name = "a"\n'
        "    namespace = kubernetes_namespace.shop.metadata.0.name\n  }\n}\n"
        'resource "kubernetes_service_account_v1" "b" {\n  metadata {\n    name = "b"\n'
        "    namespace = kubernetes_namespace.shop.metadata[0].name\n  }\n}\n"
        'resource "kubernetes_service_account_v1" "c" {\n  metadata {\n    name = "c"\n'
        "    namespace = one(kubernetes_namespace.shop.metadata[*].name)\n  }\n}\n"
    )
    found = {one.type: one.values["metadata"].get("namespace") for one in kinds(text).resources}
    assert found == {"Namespace": None, "ServiceAccount": "shop"}


@pytest.mark.parametrize("type_", ["kubernetes_namespace", "kubernetes_namespace_v1"])
@pytest.mark.parametrize(
    ("names", "namespace"),
    [
        ("IT.id", "shop"),
        ('"${IT.id}-jobs"', "shop-jobs"),
        ("local.space", "shop"),
        ("module.spaces.name", "other"),
        ("IT.metadata[0].name", "shop"),
        ("IT.metadata.0.name", "shop"),
    ],
)
def test_the_id_of_a_namespace_is_its_name(type_: str, names: str, namespace: str) -> None:
    space = 'resource "TYPE" "it" {\n  metadata {\n    name = "NAME"\n  }\n}\n'.replace("TYPE", type_)
    limits = (
        'locals {\n  space = IT.id\n}\nmodule "spaces" {\n  source = "./spaces"\n}\n'
        'resource "kubernetes_limit_range" "it" {\n  metadata {\n    name = "it"\n    namespace = NAMES\n  }\n}\n'
    )
    manifest = 'resource "kubernetes_manifest" "it" {\n  manifest = {\n    apiVersion = "v1"\n    kind = "LimitRange"\n'
    manifest += '    metadata = { name = "it", namespace = NAMES }\n  }\n}\n'
    yaml = 'resource "kubectl_manifest" "it" {\n  yaml_body = <<E\napiVersion: v1\nkind: LimitRange\n'
    yaml += "metadata: {name: it, namespace: ${NAMES}}\nE\n}\n"
    texts = (text.replace("NAMES", names).replace("IT", f"{type_}.it") for text in (limits, manifest, yaml))
    files = {
        "main.tf": "".join((space.replace("NAME", "shop"), *texts)),
        "spaces/main.tf": space.replace("NAME", "other") + f'output "name" {{\n  value = {type_}.it.id\n}}\n',
    }
    found = [one for one in kinds(files).resources if one.type == "LimitRange"]
    assert [one.values["metadata"]["namespace"] for one in found] == [namespace] * 3


def test_the_id_of_what_has_a_namespace_names_that_too() -> None:
    text = (
        'resource "kubernetes_namespace" "shop" {\n  metadata {\n    name = "shop"\n  }\n}\n'
        'resource "kubernetes_config_map" "own" {\n  metadata {\n    name = "own"\n'
        "    namespace = kubernetes_namespace.shop.id\n  }\n}\n"
        'resource "kubernetes_secret" "it" {\n  metadata {\n    name = kubernetes_config_map.own.id\n  }\n}\n'
        'resource "kubernetes_secret" "two" {\n  metadata {\n    name = kubernetes_secret.it.id\n  }\n}\n'
    )
    found = {one.address: one.values["metadata"]["name"] for one in kinds(text).resources}
    assert found["kubernetes_secret.it"] == "shop/own"


def test_the_id_of_a_namespace_whose_name_is_not_known_is_that_name() -> None:
    text = (
        'variable "any" {}\nresource "kubernetes_namespace" "it" {\n  metadata {\n    NAME\n  }\n}\n'
        'resource "kubernetes_secret" "it" {\n  metadata {\n    name = "it"\n'
        "    namespace = kubernetes_namespace.it.id\n  }\n}\n"
        'resource "kubernetes_secret" "two" {\n  metadata {\n    name = "two"\n'
        "    namespace = kubernetes_namespace.it.metadata[0].name\n  }\n}\n"
    )
    for name in ("name = var.any", 'generate_name = "shop-"'):
        by_id, by_name = (one for one in kinds(text.replace("NAME", name)).resources if one.type == "Secret")
        spaces = [walk(one.values, ("metadata", "namespace")).text for one in (by_id, by_name)]
        assert spaces == ["⟨kubernetes_namespace.it.metadata[0].name⟩"] * 2


def test_a_name_that_is_not_known_is_the_one_that_others_name() -> None:
    text = (
        'variable "any" {}\nresource "kubernetes_namespace" "it" {\n  metadata {\n    name = var.any\n  }\n}\n'
        'resource "kubernetes_secret" "it" {\n  metadata {\n    name = "it"\n'
        "    namespace = kubernetes_namespace.it.metadata[0].name\n  }\n}\n"
    )
    space, secret = kinds(text).resources
    assert walk(space.values, ("metadata", "name")).text == walk(secret.values, ("metadata", "namespace")).text


def test_ignored_changes_are_those_of_the_kind() -> None:
    outside = (
        "lifecycle {\n    ignore_changes = [spec[0].replicas, spec[0].template[0].spec[0].container[0].image]\n  }"
    )
    assert only(container(outside=outside)).ignored == {"spec.replicas", "spec.template.spec.containers.image"}


def test_what_is_sensitive_stays_so() -> None:
    secret = only('resource "kubernetes_secret" "it" {\n  metadata {\n    name = "it"\n  }\n  data = { a = "b" }\n}\n')
    assert secret.sensitive == {("data",)}
    env = 'env {\n name = "A"\n value = var.key\n }'
    found = only(f'variable "key" {{\n  sensitive = true\n  default = "x"\n}}\n{container(env)}')
    assert found.sensitive == {("spec", "template", "spec", "containers", 0, "env", 0, "value")}


MANIFEST = """
  manifest = {
    apiVersion = "storage.k8s.io/v1"
    kind       = "StorageClass"
    metadata   = { name = "it", labels = null }
    parameters = {
      type = "gp2"
    }
  }
"""
YAML = "apiVersion: storage.k8s.io/v1\nkind: StorageClass\nmetadata: {name: it}\nparameters:\n  type: gp2\n"


@pytest.mark.parametrize(
    "files",
    [
        {"main.tf": f'resource "kubernetes_manifest" "it" {{{MANIFEST}}}\n'},
        {"main.tf": f'resource "kubernetes_manifest" "it" {{\n  manifest = yamldecode(<<E\n{YAML}E\n  )\n}}\n'},
        {
            "main.tf": 'resource "kubernetes_manifest" "it" {\n  manifest = yamldecode(file("it.yaml"))\n}\n',
            "it.yaml": YAML,
        },
        {
            "main.tf": 'resource "kubernetes_manifest" "it" {\n  manifest = '
            'provider::kubernetes::manifest_decode(file("${path.module}/it.yaml"))\n}\n',
            "it.yaml": f"---\n{YAML}",
        },
        {
            "main.tf": 'resource "kubernetes_manifest" "it" {\n  for_each = { for one in '
            'provider::kubernetes::manifest_decode_multi(file("it.yaml")) : one.metadata.name => one }\n'
            "  manifest = each.value\n}\n",
            "it.yaml": f"---\n{YAML}---\n",
        },
        {"main.tf": f'resource "kubectl_manifest" "it" {{\n  yaml_body = <<E\n{YAML}E\n}}\n'},
    ],
)
def test_manifests(files: dict[str, str]) -> None:
    found = only(files)
    assert found.type == "StorageClass"
    assert found.values["metadata"] == {"name": "it"}
    assert found.values["parameters"] == {"type": "gp2"}
    assert found.values["reclaimPolicy"] == "Delete"
    assert found.source == "terraform"


@pytest.mark.parametrize(
    "text",
    [
        'resource "kubernetes_manifest" "it" {\n  manifest = var.any\n}\nvariable "any" {}\n',
        'resource "kubernetes_manifest" "it" {\n  manifest = { kind = "Pod" }\n}\n',
        'resource "kubernetes_manifest" "it" {\n  manifest = { apiVersion = 1, kind = "Pod" }\n}\n',
        'resource "kubernetes_manifest" "it" {}\n',
        'resource "kubectl_manifest" "it" {\n  yaml_body = "a: [b"\n}\n',
        'resource "kubectl_manifest" "it" {\n  yaml_body = "- a"\n}\n',
        'resource "kubectl_manifest" "it" {\n  yaml_body = 1\n}\n',
        f'resource "kubectl_manifest" "it" {{\n  yaml_body = <<E\n{YAML}---\n{YAML}E\n}}\n',
    ],
)
def test_what_is_no_known_manifest_stays_what_it_is(text: str) -> None:
    assert only(text).type.endswith("_manifest")


@pytest.mark.parametrize(
    "text",
    [
        'resource "kubernetes_deployment" "it" {}\n',
        'resource "kubernetes_deployment" "it" {\n  metadata = 1\n  spec = "x"\n}\n',
        'resource "kubernetes_deployment" "it" {\n  metadata = []\n  spec = [1, null]\n}\n',
        'resource "kubernetes_deployment" "it" {\n metadata {\n labels = 1\n }\n spec {\n template = []\n }\n}\n',
        'resource "kubernetes_pod" "it" {\n  spec {\n    container = [null, 1, { name = ["x"] }]\n  }\n}\n',
    ],
)
def test_what_is_written_wrongly_is_no_crash(text: str) -> None:
    root = kinds(text)
    (found,) = root.resources
    for route in ((), ("spec", "replicas"), ("spec", "containers", 2, "name"), ("metadata", "labels", "x")):
        assert root.trace(found, route).location.path == "main.tf"
        root.edit(found, route, 1)


def edited(text: str, route: tuple[str | int, ...], value: Any) -> str | None:
    root = kinds(text)
    edit = root.edit(root.resources[0], route, value)
    return edit.text if edit else None


def test_edits_are_written_as_terraform() -> None:
    requests = container('resources {\n requests = {\n cpu = "1"\n }\n }')
    cpu = ("spec", "template", "spec", "containers", 0, "resources", "requests", "cpu")
    assert edited(requests, cpu, "500m") == '"500m"'
    assert edited(CLASS + '  parameters = { type = "gp2" }\n}\n', ("parameters", "type"), "gp3") == '"gp3"'
    made = edited(CLASS + "}\n", ("volumeBindingMode",), "WaitForFirstConsumer")
    assert made == '  volume_binding_mode = "WaitForFirstConsumer"\n'
    assert edited(f'resource "kubernetes_manifest" "it" {{{MANIFEST}}}\n', ("parameters", "type"), "gp3") == '"gp3"'
    assert edited(f'resource "kubectl_manifest" "it" {{\n yaml_body = <<E\n{YAML}E\n}}\n', ("kind",), "x") is None
    assert edited(container(spec="replicas = 3"), ("spec", "replicas"), None) is None


def test_a_value_in_a_heredoc_is_found_on_its_line() -> None:
    root = kinds(f'resource "kubectl_manifest" "it" {{\n  yaml_body = <<-E\n{YAML}  E\n}}\n')
    found = root.trace(root.resources[0], ("parameters", "type"))
    assert (found.location.span.line, found.exact) == (7, True)
    root = kinds(f'resource "kubectl_manifest" "it" {{\n  yaml_body = {json.dumps(YAML)}\n}}\n')
    assert root.trace(root.resources[0], ("parameters", "type")).location.span.line == 2


def test_what_else_makes_objects_leaves_absence_undecided() -> None:
    helm = 'resource "helm_release" "it" {\n  name = "x"\n}\n'
    root = kinds(container())
    assert root.open_because(root.resources[0]) is None
    root = kinds(container() + helm)
    found = next(one for one in root.resources if one.type == "Deployment")
    assert "helm_release.it" in str(root.open_because(found))


def test_the_cost_is_that_of_the_manifest(tmp_path: Path) -> None:
    resources = 'resources {\n requests = {\n cpu = "500m"\n memory = "1Gi"\n }\n }'
    nodes = (
        'provider "aws" {\n  region = "eu-west-1"\n}\n'
        'resource "aws_eks_node_group" "n" {\n  instance_types = ["m5.large"]\n}\n'
        'resource "aws_ebs_volume" "v" {\n  size = 10\n  type = "gp2"\n}\n'
    )
    (tmp_path / "tf").mkdir()
    (tmp_path / "tf/main.tf").write_text(container(resources, spec="replicas = 3"))
    (tmp_path / "nodes").mkdir()
    (tmp_path / "nodes/main.tf").write_text(nodes)
    (tmp_path / "m.yaml").write_text(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: api}\nspec:\n  replicas: 3\n  template:\n    spec:\n"
        "      containers: [{name: api, resources: {requests: {cpu: 500m, memory: 1Gi}}}]\n"
    )
    found = cost(Options(paths=(str(tmp_path),), root=str(tmp_path), isolated=True))
    bills = {one.cost.resource.address: one.cost for one in found.resources}
    same = bills["kubernetes_deployment.api"].monthly_usd
    assert same is not None
    assert same == bills["Deployment/api"].monthly_usd
    assert "m5.large" in str(bills["kubernetes_deployment.api"].components)


def run(tmp_path: Path, files: dict[str, str]) -> Any:
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return check(Options(paths=(str(tmp_path),), root=str(tmp_path), isolated=True))


MODULE = {
    "live/main.tf": 'module "api" {\n  source   = "../app"\n  replicas = var.replicas\n}\nvariable "replicas" {}\n'
    'terraform {\n  backend "s3" {}\n}\n',
    "live/terraform.tfvars": "replicas = 9\n",
    "app/main.tf": 'variable "replicas" {}\n'
    + container('resources {\n limits = {\n cpu = "1"\n memory = "1Gi"\n }\n }', spec="replicas = var.replicas")
    + """
resource "kubernetes_horizontal_pod_autoscaler_v2" "api" {
  metadata {
    name = "api"
  }
  spec {
    min_replicas = 2
    max_replicas = 5
    scale_target_ref {
      api_version = "apps/v1"
      kind        = "Deployment"
      name        = kubernetes_deployment.api.metadata[0].name
    }
  }
}
""",
}


def test_a_finding_in_a_module_has_its_cause_in_the_callers_variables(tmp_path: Path) -> None:
    (finding,) = run(tmp_path, MODULE).findings
    assert finding.rule.id == "k8s-hpa-replicas-conflict"
    assert finding.resource == "module.api.kubernetes_deployment.api"
    assert (finding.location.path, finding.location.span.line) == ("live/terraform.tfvars", 1)
    assert finding.fix.hint == "leave out replicas"


def test_replicas_that_are_not_known_are_undecided(tmp_path: Path) -> None:
    result = run(tmp_path, {**MODULE, "live/terraform.tfvars": ""})
    assert not result.findings
    assert ("k8s-hpa-replicas-conflict", "var.replicas has no value") in {
        (one.rule, one.reason) for one in result.undecided
    }


def test_a_lifecycle_that_ignores_replicas_leaves_the_conflict_undecided(tmp_path: Path) -> None:
    text = MODULE["app/main.tf"].replace(
        "  metadata {", "  lifecycle {\n    ignore_changes = [spec[0].replicas]\n  }\n  metadata {", 1
    )
    assert not run(tmp_path, {**MODULE, "app/main.tf": text}).findings


def test_a_default_that_has_no_part_in_a_finding_leaves_its_tier(tmp_path: Path) -> None:
    text = 'variable "replicas" {\n  default = 3\n}\n' + container(spec="replicas = var.replicas")
    found = {one.rule.id: one.severity.value for one in run(tmp_path, {"main.tf": text}).findings}
    assert found["k8s-container-no-cpu-request"] == "error"


def test_instances_of_a_for_each_are_one_finding(tmp_path: Path) -> None:
    text = CLASS.replace('"it"\n', "each.key\n").replace('"it" {', '"it" {\n  for_each = toset(["a", "b"])', 1)
    text += '  storage_provisioner = "ebs.csi.aws.com"\n  parameters = {\n    type = "gp2"\n  }\n}\n'
    (one, two) = run(tmp_path, {"main.tf": text}).findings
    assert {one.resource, two.resource} == {f'kubernetes_storage_class.it["{key}"]' for key in "ab"}
    assert one.location.span.line == 8


def test_environments_go_by_namespace_and_label(tmp_path: Path) -> None:
    config = "environments:\n  dev: {class: nonproduction, namespaces: [dev-*]}\n"
    (tmp_path / "surplus.yaml").write_text(config)
    (tmp_path / "main.tf").write_text(
        container().replace('name = "api"\n  }', 'name = "api"\n    namespace = "dev-a"\n  }')
    )
    result = check(Options(paths=(str(tmp_path),), root=str(tmp_path)))
    assert {one.environment for one in result.findings} == {"dev"}


def test_a_plan() -> None:
    pod = {
        "container": [{"name": "a", "image": "x", "resources": [], "env": []}],
        "termination_grace_period_seconds": 30,
        "toleration": [],
    }
    values = {
        "metadata": [{"name": "api", "namespace": "default", "labels": None}],
        "spec": [{"min_ready_seconds": 0, "template": [{"metadata": [{}], "spec": [pod]}]}],
        "timeouts": None,
        "wait_for_rollout": True,
    }
    unknown = {
        "id": True,
        "metadata": [{"generation": True, "uid": True}],
        "spec": [{"replicas": True, "template": [{"spec": [{"container": [{"resources": True}]}]}]}],
    }
    expressions = {
        "metadata": [{"name": {"constant_value": "api"}}],
        "spec": [{"template": [{"metadata": [{}], "spec": [{"container": [{"name": {"constant_value": "a"}}]}]}]}],
    }
    address = "kubernetes_deployment_v1.api"
    head = {"address": address, "mode": "managed", "type": "kubernetes_deployment_v1", "name": "api"}
    text = json.dumps(
        {
            "format_version": "1.2",
            "planned_values": {"root_module": {"resources": [{**head, "values": values}]}},
            "resource_changes": [{"address": address, "change": {"after_unknown": unknown}}],
            "configuration": {"root_module": {"resources": [{**head, "expressions": expressions}]}},
        }
    )
    root = with_kinds(plan.evaluate(Root(".", "plan"), "plan.json", text, None))
    (found,) = root.resources
    assert found.values["metadata"] == {"name": "api", "namespace": "default"}
    assert found.values["spec"] == {
        "minReadySeconds": 0,
        "replicas": 1,
        "template": {
            "metadata": {},
            "spec": {"containers": [{"name": "a", "image": "x"}], "terminationGracePeriodSeconds": 30},
        },
    }
    assert root.trace(found, ("spec", "replicas")).location.path == "plan.json"


def test_examples_of_rules_may_be_terraform() -> None:
    (root,) = evaluate_files({"main.tf": container()}, None)
    assert [one.type for one in root.resources] == ["Deployment"]


def test_a_root_without_such_resources_stays_as_it_is() -> None:
    root = evaluated('resource "aws_instance" "a" {}\n')
    assert with_kinds(root) is root
