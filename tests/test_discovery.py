"""Which roots and manifests a selection touches: section 1 of the design, sentence by sentence."""

import os
from pathlib import Path

import pytest

from support import write
from surplus.discovery import Discovered, discover
from surplus.model import Root
from surplus.selection import Selection
from surplus.sources.terraform.modules import Folders
from surplus.trees import MemoryTree, Tree, WorkingTree

RESOURCE = 'resource "aws_eip" "a" {}\n'
BACKEND = 'terraform {\n  backend "s3" {}\n}\n'


def call(source: str, name: str = "m") -> str:
    return f'module "{name}" {{\n  source = "{source}"\n}}\n'


def found(files: dict[str, str] | Tree, *paths: str) -> Discovered:
    """What is discovered; a path that ends in a slash is a folder."""
    tree = MemoryTree(files) if isinstance(files, dict) else files
    folders = frozenset(path.removesuffix("/") for path in paths if path.endswith("/"))
    files_named = frozenset(path for path in paths if not path.endswith("/"))
    return discover(tree, Folders(tree), Selection(files_named, folders))


def roots(files: dict[str, str] | Tree, *paths: str) -> list[str]:
    return [root.path for root in found(files, *paths).roots]


def root(files: dict[str, str]) -> Root:
    (only,) = found(files).roots
    return only


# Which folders are roots.


def test_every_folder_with_resources_or_calls_is_a_root() -> None:
    files = {
        "a/main.tf": RESOURCE,
        "b/main.tofu": call("registry/x/y"),
        "c/main.tf.json": '{"resource": {"aws_eip": {"a": {}}}}',
    }
    assert roots(files) == ["a", "b", "c"]


def test_a_folder_without_resources_and_calls_is_no_root() -> None:
    assert (
        roots({"a/variables.tf": 'variable "x" {}\n', "b/outputs.tf": 'output "y" { value = 1 }\n', "c/empty.tf": ""})
        == []
    )


def test_a_folder_that_does_not_parse_is_a_root_so_that_it_is_told() -> None:
    assert roots({"a/main.tf": "resource {{{\n"}) == ["a"]


def test_a_called_folder_is_judged_through_its_callers_only() -> None:
    assert roots({"live/main.tf": call("../modules/x"), "modules/x/main.tf": RESOURCE}) == ["live"]


def test_a_called_folder_with_a_backend_is_a_root_too() -> None:
    files = {"live/main.tf": call("../x"), "x/main.tf": RESOURCE + BACKEND}
    assert roots(files) == ["live", "x"]
    assert roots({**files, "x/main.tf": RESOURCE + "terraform {\n  cloud {}\n}\n"}) == ["live", "x"]


def test_a_folder_in_a_json_call_is_called() -> None:
    assert roots({"a/main.tf.json": '{"module": {"m": {"source": "../b"}}}', "b/main.tf": RESOURCE}) == ["a"]


@pytest.mark.parametrize(
    "text",
    [
        '# source = "../b"\n',
        '// source = "../b"\n',
        '/*\nsource = "../b"\n*/\n',
        'locals { x = "source = \\"../b\\"" }\n',
        'locals { a = 1 } # source = "../b"\n',
    ],
)
def test_a_call_in_a_comment_or_a_text_is_none(text: str) -> None:
    assert roots({"a/main.tf": text + RESOURCE, "b/main.tf": RESOURCE}) == ["a", "b"]


@pytest.mark.parametrize(
    "text",
    [
        'module "m" { source = "../b" }\n',
        'locals { a = "x/*" }\nmodule "m" {\n  source="../b" # why\n}\n',
        'module "m" {\n  source = "../b/" // */ \n}\n',
        'module "m" {\n  source = "..//b"\n}\n',
    ],
)
def test_a_call_is_found_however_it_is_written(text: str) -> None:
    assert roots({"a/main.tf": text, "b/main.tf": RESOURCE}) == ["a"]


def test_a_called_folder_that_only_a_file_resource_names_is_not_lost() -> None:
    upload = 'data "archive_file" "x" {\n  source = "../b"\n}\n'
    assert roots({"a/data.tf": upload, "b/main.tf": RESOURCE}) == ["b"]


def test_modules_that_only_call_one_another_have_one_root() -> None:
    files = {"a/main.tf": call("../b") + RESOURCE, "b/main.tf": call("../a"), "c/main.tf": RESOURCE}
    assert roots(files) == ["a", "c"]
    assert roots(files, "b/main.tf") == ["a"]


def test_a_circle_is_entered_where_nothing_else_leads_to_it() -> None:
    files = {
        "a/main.tf": call("../d"),
        "d/main.tf": call("../a"),
        "x/main.tf": call("../y") + call("../a", "n"),
        "y/main.tf": call("../x"),
    }
    assert roots(files) == ["x"]


def test_a_module_that_calls_itself_is_a_root() -> None:
    assert roots({"a/main.tf": call("./") + call("../a", "n") + RESOURCE}) == ["a"]


def test_calls_out_of_the_tree_are_nobodys() -> None:
    assert roots({"main.tf": call("../../x"), "x/main.tf": RESOURCE}) == [".", "x"]


def test_the_callee_may_be_the_top() -> None:
    assert roots({"main.tf": RESOURCE, "examples/one/main.tf": call("../..")}) == ["examples/one"]


def test_terraforms_own_folder_never_holds_roots(tmp_path: Path) -> None:
    write(tmp_path, {"main.tf": RESOURCE, ".terraform/modules/x/main.tf": RESOURCE})
    tree = WorkingTree(tmp_path)
    assert roots(tree) == ["."]
    assert roots(tree, ".terraform/modules/x/") == []
    assert roots(tree, ".terraform/modules/x/main.tf") == []


# Deployments and library modules.


def test_a_root_with_nothing_that_marks_a_deployment_is_a_library() -> None:
    assert root({"main.tf": RESOURCE, "README.md": ""}).library


@pytest.mark.parametrize(
    "files",
    [
        {"main.tf": RESOURCE + BACKEND},
        {"main.tf": RESOURCE + "terraform {\n  cloud {}\n}\n"},
        {"main.tf": RESOURCE, "provider.tf": 'provider "aws" {}\n'},
        {"main.tf": RESOURCE, ".terraform.lock.hcl": ""},
        {"main.tf": RESOURCE, "terraform.tfvars": ""},
        {"main.tf": RESOURCE, "x.auto.tfvars.json": "{}"},
        {"main.tf": RESOURCE, "env/prod.tfvars": ""},
    ],
)
def test_a_deployment_is_no_library(files: dict[str, str]) -> None:
    assert not root(files).library


def test_variables_of_a_root_below_say_nothing_of_the_module_above() -> None:
    files = {"main.tf": RESOURCE, "examples/main.tf": RESOURCE, "examples/terraform.tfvars": ""}
    assert {one.path: one.library for one in found(files).roots} == {".": True, "examples": False}


def test_ignored_variables_mark_a_deployment(tmp_path: Path) -> None:
    write(tmp_path, {".gitignore": "*.tfvars\n", "main.tf": RESOURCE, "terraform.tfvars": ""})
    assert not found(WorkingTree(tmp_path)).roots[0].library


def key(backend: str) -> str:
    return root({"a/main.tf": RESOURCE + f"terraform {{\n{backend}\n}}\n"}).key


def test_a_written_backend_names_the_root() -> None:
    assert key('backend "s3" {\n bucket = "b"\n key = "k"\n}') == "s3:b:k"
    assert key('cloud {\n organization = "o"\n workspaces {\n name = "w"\n}\n}') == "cloud:o:w"
    assert (
        key('backend "azurerm" {\n storage_account_name = "s"\n container_name = "c"\n key = "k"\n}') == "azurerm:s:c:k"
    )


@pytest.mark.parametrize(
    "backend",
    [
        'backend "s3" {}',
        'backend "s3" {\n bucket = "b"\n}',
        'backend "s3" {\n bucket = "b"\n key = var.k\n}',
        'backend "local" {\n path = "x"\n}',
        'cloud {\n organization = "o"\n}',
        'backend "x" {}',
    ],
)
def test_a_backend_that_is_not_fully_written_leaves_the_folder(backend: str) -> None:
    assert key(backend) == "a"


# Paths select.

COMPANY = {
    "live/prod/main.tf": call("../../modules/net"),
    "live/prod/prod.tfvars": "",
    "live/prod/env/extra.tfvars.json": "{}",
    "live/dev/main.tf": call("../../modules/net") + 'locals {\n  s = file("boot.sh")\n}\n',
    "live/dev/scripts/boot.sh": "",
    "modules/net/main.tf": call("../subnet"),
    "modules/net/user-data.tftpl": "",
    "modules/subnet/main.tf": RESOURCE + 'locals {\n  t = templatefile("policy.json", {})\n}\n',
    "modules/subnet/files/policy.json": "",
    "other/main.tf": RESOURCE,
    "README.md": "",
}


@pytest.mark.parametrize(
    ("path", "selected"),
    [
        ("live/prod/main.tf", ["live/prod"]),
        ("live/prod/", ["live/prod"]),
        ("live/", ["live/dev", "live/prod"]),
        ("modules/net/main.tf", ["live/dev", "live/prod"]),
        ("modules/subnet/main.tf", ["live/dev", "live/prod"]),
        ("modules/subnet/", ["live/dev", "live/prod"]),
        ("live/prod/prod.tfvars", ["live/prod"]),
        ("live/prod/env/extra.tfvars.json", ["live/prod"]),
        ("live/dev/scripts/boot.sh", ["live/dev"]),
        ("modules/subnet/files/policy.json", ["live/dev", "live/prod"]),
        ("other/main.tf", ["other"]),
        ("README.md", []),
        ("./", ["live/dev", "live/prod", "other"]),
    ],
)
def test_a_path_selects_what_contains_it_calls_it_or_takes_from_it(path: str, selected: list[str]) -> None:
    assert roots(COMPANY, path) == selected


def test_no_path_selects_everything_and_several_add_up() -> None:
    assert roots(COMPANY) == ["live/dev", "live/prod", "other"]
    assert roots(COMPANY, "other/main.tf", "live/prod/prod.tfvars") == ["live/prod", "other"]


@pytest.mark.parametrize(
    ("path", "selected"),
    [
        ("modules/net/gone.tf", ["live/dev", "live/prod"]),
        ("live/prod/gone.tfvars", ["live/prod"]),
        ("live/prod/gone.tf", ["live/prod"]),
        ("gone/main.tf", []),
    ],
)
def test_a_deleted_file_selects_too(path: str, selected: list[str]) -> None:
    assert roots(COMPANY, path) == selected


@pytest.mark.parametrize("path", ["modules/subnet/main.tf", "modules/subnet"])
def test_a_deleted_module_selects_who_still_calls_it(path: str) -> None:
    files = {name: text for name, text in COMPANY.items() if not name.startswith("modules/subnet")}
    assert roots(files, path) == ["live/dev", "live/prod"]


def test_a_module_whose_caller_is_far_away_is_judged_there() -> None:
    files = {"a/b/c/main.tf": call("../../../m"), "m/main.tf": RESOURCE, "z/main.tf": RESOURCE}
    assert roots(files, "m/main.tf") == ["a/b/c"]


def test_what_a_path_selects_means_the_same_as_in_a_whole_scan() -> None:
    whole = {one.path: one for one in found(COMPANY).roots}
    for path in COMPANY:
        assert all(one == whole[one.path] for one in found(COMPANY, path).roots)


# Working trees: ignore files, links.


def test_ignored_roots_are_found_only_where_they_are_named(tmp_path: Path) -> None:
    write(
        tmp_path, {".gitignore": "scratch/\n", "scratch/main.tf": RESOURCE, "main.tf": RESOURCE, "scratch/x.yaml": ""}
    )
    tree = WorkingTree(tmp_path)
    assert roots(tree) == ["."]
    assert roots(tree, "scratch/") == roots(tree, "scratch/main.tf") == ["scratch"]
    assert found(tree, "scratch/x.yaml").manifests == ("scratch/x.yaml",)


def test_a_module_behind_a_link_has_the_caller_of_the_link(tmp_path: Path) -> None:
    write(tmp_path, {"live/main.tf": call("./m"), "real/main.tf": RESOURCE})
    (tmp_path / "live" / "m").symlink_to("../real")
    tree = WorkingTree(tmp_path)
    assert roots(tree) == ["live"]
    assert roots(tree, "real/main.tf") == ["live"]


def test_a_linked_file_belongs_to_the_folder_it_is_in(tmp_path: Path) -> None:
    write(tmp_path, {"shared/eip.tf": RESOURCE, "a/main.tf": ""})
    (tmp_path / "a" / "eip.tf").symlink_to("../shared/eip.tf")
    assert roots(WorkingTree(tmp_path), "a/eip.tf") == ["a"]


def test_odd_names_are_found(tmp_path: Path) -> None:
    write(tmp_path, {"a b/main.tf": RESOURCE, "ünï/日本.tf": RESOURCE, "x.tf/main.tf": RESOURCE, "empty/keep.txt": ""})
    (tmp_path / os.fsdecode(b"\xff.tf")).write_text(RESOURCE)
    discovered = found(WorkingTree(tmp_path))
    assert [one.path for one in discovered.roots] == [".", "a b", "x.tf", "ünï"]


def test_a_broken_link_is_still_a_file_that_is_named(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").symlink_to("nowhere")
    assert found(WorkingTree(tmp_path), "x.yaml").manifests == ("x.yaml",)


# Manifests.

MANIFEST = "apiVersion: v1\nkind: Service\nmetadata: {name: a}\n"


def test_all_loose_manifests_are_read_when_one_is_selected() -> None:
    files = {"k/a.yaml": MANIFEST, "k/b.yml": MANIFEST, "surplus.yaml": "", "main.tf": RESOURCE}
    assert found(files).manifests == found(files, "k/a.yaml").manifests == ("k/a.yaml", "k/b.yml")
    assert found(files, "main.tf").manifests == ()
    assert found(files, "k/").manifests == ("k/a.yaml", "k/b.yml")


POD_JSON = '{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}}'


@pytest.mark.parametrize("paths", [[], ["k/"], ["other/"], ["k/a.json"], ["other/f.yaml"], ["k/a.json", "stack/"]])
def test_json_files_that_hold_manifests_are_read_too(paths: list[str]) -> None:
    discovered = found(JSON, *paths)
    assert discovered.manifests == ("k/a.json", "other/e.json", "other/f.yaml")
    assert not discovered.problems and not discovered.plans and not discovered.unread


JSON = {
    "k/a.json": POD_JSON,
    "k/b.json": '{"apiVersion": "v1"}',
    "k/package.json": "{}",
    "k/c.tfvars.json": POD_JSON,
    "other/e.json": POD_JSON,
    "other/f.yaml": "",
    "stack/d.tf.json": POD_JSON,
    "stack/main.tf": RESOURCE,
}


@pytest.mark.parametrize("path", ["stack/", "stack/main.tf", "k/b.json", "k/package.json"])
def test_json_that_holds_no_manifest_selects_none(path: str) -> None:
    assert found(JSON, path).manifests == ()


def test_json_that_a_kustomization_or_a_chart_has_is_left_out() -> None:
    files = {
        "k/kustomization.yaml": "resources: [a.json]\npatchesStrategicMerge: [b.json]\n",
        "k/a.json": POD_JSON,
        "k/b.json": POD_JSON,
        "chart/Chart.yaml": "",
        "chart/templates/c.json": POD_JSON,
        "chart/values.json": "{}",
    }
    discovered = found(files)
    assert discovered.manifests == ()
    assert {problem.path for problem in discovered.problems} == {"k/kustomization.yaml", "chart/Chart.yaml"}


def test_json_that_cannot_be_looked_into_may_hold_manifests(tmp_path: Path) -> None:
    write(tmp_path, {"a.yaml": MANIFEST})
    (tmp_path / "b.json").symlink_to("gone")
    discovered = found(WorkingTree(tmp_path))
    assert (discovered.manifests, discovered.unread, discovered.problems) == (("a.yaml",), ("b.json",), ())


CHART = {
    "chart/Chart.yaml": "name: x\n",
    "chart/templates/a.yaml": "{{ x }}\n",
    "chart/templates/deep/b.yaml": MANIFEST,
    "chart/crds/c.yaml": MANIFEST,
    "chart/charts/sub/Chart.yaml": "name: y\n",
    "chart/charts/sub/templates/d.yaml": MANIFEST,
    "templates/e.yaml": MANIFEST,
    "k/a.yaml": MANIFEST,
}


def test_a_charts_templates_are_left_out_with_one_note_for_each_chart() -> None:
    discovered = found(CHART)
    assert discovered.manifests == ("chart/crds/c.yaml", "k/a.yaml", "templates/e.yaml")
    assert sorted((one.path, one.note) for one in discovered.problems if one.path) == [
        ("chart/Chart.yaml", True),
        ("chart/charts/sub/Chart.yaml", True),
    ]


def test_a_note_is_told_only_where_it_is_selected() -> None:
    assert found(CHART, "k/a.yaml").problems == ()
    assert [one.path for one in found(CHART, "chart/templates/a.yaml").problems] == ["chart/Chart.yaml"]


KUSTOMIZE = {
    "base/kustomization.yaml": "resources: [a.yaml]\n",
    "base/a.yaml": MANIFEST,
    "prod/kustomization.yaml": "resources: [../base]\npatches: [{path: p.yaml}]\n",
    "prod/p.yaml": MANIFEST,
    "broken/kustomization.yaml": "resources: [\n",
    "k/a.yaml": MANIFEST,
}


def test_what_a_kustomization_changes_is_left_out_with_one_note() -> None:
    discovered = found(KUSTOMIZE)
    assert discovered.manifests == ("k/a.yaml",)
    assert [one.path for one in discovered.problems if one.note] == ["prod/kustomization.yaml"]


def test_a_kustomization_that_is_a_template_is_a_note() -> None:
    (note,) = found(
        {"kustomization.yaml": "resources:\n{% for one in all %}\n- {{ one }}.yaml\n{% endfor %}\n"}
    ).problems
    assert note.note and note.message.startswith("this is a template, not YAML;")


def test_a_broken_kustomization_is_told_where_it_is_selected() -> None:
    assert "broken/kustomization.yaml" in [one.path for one in found(KUSTOMIZE).problems]
    assert found(KUSTOMIZE, "k/a.yaml").problems == ()


def test_a_selection_names_files_and_what_is_below_its_folders() -> None:
    selection = Selection(frozenset({"a.tf"}), frozenset({"b"}))
    assert [selection.names(path) for path in ("a.tf", "b/c/d", "b", "bc/d", "x/a.tf")] == [
        True,
        True,
        False,
        False,
        False,
    ]
    assert Selection(folders=frozenset({"."})).names("any/thing")
    assert Selection().everything
    assert not selection.everything


@pytest.mark.parametrize(
    ("main", "is_read"),
    [
        ('file("${path.module}/t/a.yaml")', True),
        ('fileset("${path.module}/t", "*.yaml")', True),
        ('fileset("t", "**")', True),
        ('fileset(path.module, "t/*.{yml,yaml}")', True),
        ('fileset("${path.module}", "t/*.{yml,yaml}")', True),
        ('fileset("t", "*.json")', False),
        ('fileset("other", "*.yaml")', False),
        ('fileset(var.folder, "*.yaml")', False),
    ],
)
def test_a_selected_manifest_touches_the_root_that_reads_it(main: str, is_read: bool) -> None:
    files = {"s/main.tf": f"{RESOURCE}locals {{\n  it = {main}\n}}\n", "s/t/a.yaml": "", "s/t/b.yaml": ""}
    assert roots(files, "s/t/a.yaml") == (["s"] if is_read else [])
