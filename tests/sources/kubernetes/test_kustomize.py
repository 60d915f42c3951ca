"""Which files a kustomization changes: https://kubectl.docs.kubernetes.io/references/kustomize/"""

from typing import Any

import pytest

from surplus.sources.kubernetes.kustomize import incomplete, patched_files, set_namespaces

FILES = {
    "base/deployment.yaml",
    "base/service.yaml",
    "overlays/dev/hpa.yaml",
    "overlays/dev/patch.yaml",
    "overlays/dev/values.yaml",
    "overlays/prod/hpa.yaml",
    "shared/mixin/extra.yaml",
    "app.yaml",
}
BASE = {"resources": ["deployment.yaml", "./service.yaml"]}


def patched(kustomizations: dict[str, Any]) -> dict[str, str]:
    return patched_files(kustomizations, FILES.__contains__)


def test_an_overlay_with_patches_changes_its_base() -> None:
    found = patched(
        {
            "base/kustomization.yaml": BASE,
            "overlays/dev/kustomization.yaml": {
                "resources": ["../../base", "hpa.yaml"],
                "patches": [{"path": "patch.yaml"}],
            },
            "overlays/prod/kustomization.yml": {
                "resources": ["../../base/", "hpa.yaml"],
                "namespace": "prod",
            },
        }
    )
    assert found == {
        "base/deployment.yaml": "overlays/dev",
        "base/service.yaml": "overlays/dev",
        "overlays/dev/hpa.yaml": "overlays/dev",
        "overlays/dev/patch.yaml": "overlays/dev",
    }


@pytest.mark.parametrize(
    "fields",
    [
        {"namespace": "x"},
        {"namePrefix": "a-", "nameSuffix": "-b"},
        {"commonLabels": {"a": "b"}, "labels": [{"pairs": {"a": "b"}}], "commonAnnotations": {"a": "b"}},
        {"images": [{"name": "a", "newTag": "b"}]},
        {"configMapGenerator": [{"name": "a", "literals": ["b=c"]}], "secretGenerator": [{"name": "a"}]},
        {"generatorOptions": {"disableNameSuffixHash": True}},
        {"patches": [], "replicas": None},
    ],
)
def test_names_labels_and_images_change_nothing_that_is_judged(fields: dict[str, Any]) -> None:
    assert patched({"base/kustomization.yaml": {**BASE, **fields}}) == {}


@pytest.mark.parametrize(
    "fields",
    [
        {"patches": [{"patch": "- op: replace\n"}]},
        {"patchesStrategicMerge": ["kind: Deployment\nmetadata: {name: a}\n"]},
        {"patchesJson6902": [{"target": {"kind": "Deployment"}, "patch": "[]\n"}]},
        {"replicas": [{"name": "a", "count": 5}]},
        {"components": ["../missing"]},
        {"transformers": ["t.yaml"]},
        {"replacements": [{"source": {}}]},
        {"generators": ["g.yaml"]},
    ],
)
def test_what_changes_pods(fields: dict[str, Any]) -> None:
    found = patched({"base/Kustomization": {**BASE, **fields}})
    assert found == {"base/deployment.yaml": "base", "base/service.yaml": "base"}


def test_patches_and_inputs_are_no_manifests() -> None:
    content = {
        "patchesStrategicMerge": ["patch.yaml"],
        "helmCharts": [{"name": "a", "valuesFile": "values.yaml", "additionalValuesFiles": ["hpa.yaml"]}],
        "configMapGenerator": [{"name": "a", "files": ["app.yaml=../../app.yaml"]}],
        "openapi": {"path": "missing.yaml"},
    }
    assert patched({"overlays/dev/kustomization.yaml": content}) == {
        "overlays/dev/patch.yaml": "overlays/dev",
        "overlays/dev/values.yaml": "overlays/dev",
        "overlays/dev/hpa.yaml": "overlays/dev",
        "app.yaml": "overlays/dev",
    }


def test_components_and_bases_are_followed() -> None:
    found = patched(
        {
            "kustomization.yaml": {
                "bases": ["base"],
                "components": ["shared/mixin"],
                "resources": ["app.yaml"],
            },
            "base/kustomization.yaml": BASE,
            "shared/mixin/kustomization.yaml": {"kind": "Component", "resources": ["extra.yaml"]},
        }
    )
    assert found == dict.fromkeys(
        ["app.yaml", "base/deployment.yaml", "base/service.yaml", "shared/mixin/extra.yaml"], "."
    )


def test_cycles_and_paths_out_of_the_tree_end() -> None:
    loop = {"resources": [".", "../base", "deployment.yaml"], "replicas": [{}]}
    assert patched({"base/kustomization.yaml": loop}) == {"base/deployment.yaml": "base"}
    outside = {"resources": ["../../x.yaml", "/app.yaml", "https://example.com/app.yaml"], "replicas": [{}]}
    assert patched({"base/kustomization.yaml": outside}) == {}


@pytest.mark.parametrize(
    "content",
    [
        None,
        "x",
        5,
        [],
        {"resources": "deployment.yaml"},
        {"resources": [None, 5, {}, "", []], "patches": "x"},
        {"patches": [5, {"path": 5}, {"path": None}], "helmCharts": {"valuesFile": 3}, "openapi": 1},
    ],
)
def test_no_shape_raises(content: Any) -> None:
    assert patched({"base/kustomization.yaml": content}) == {}


@pytest.mark.parametrize(
    ("content", "more"),
    [
        (BASE, False),
        ({**BASE, "namespace": "shop", "commonLabels": {"app": "api"}}, False),
        ({"resources": ["../base", "../app.yaml"]}, False),
        ({**BASE, "patches": [{"path": "../overlays/dev/patch.yaml"}]}, True),
        ({**BASE, "helmCharts": [{"name": "redis"}]}, True),
        ({"resources": ["https://github.com/acme/platform//base?ref=v1"]}, True),
        ({"resources": ["../../outside"]}, True),
        ({"resources": ["missing.yaml"]}, True),
        ({"bases": ["github.com/acme/platform/base"]}, True),
        ("text", False),
        ({"resources": "deployment.yaml"}, False),
    ],
)
def test_a_kustomization_that_builds_from_more_than_is_read(content: Any, more: bool) -> None:
    files = {"base/kustomization.yaml": BASE, "own/kustomization.yaml": content}
    if isinstance(content, dict) and content.get("resources") in (BASE["resources"], "deployment.yaml"):
        files = {"base/kustomization.yaml": content}
    assert incomplete(files, FILES.__contains__) == (sorted(files)[-1:] if more else [])


def test_a_namespace_holds_for_all_that_is_built_from() -> None:
    kustomizations = {
        "base/kustomization.yaml": BASE,
        "overlays/dev/kustomization.yaml": {"namespace": "dev", "resources": ["../../base"]},
        "overlays/prod/kustomization.yaml": {"namespace": "prod", "bases": ["../../base"], "resources": ["hpa.yaml"]},
        "shared/kustomization.yaml": {"namespace": ["none"], "resources": ["../app.yaml"]},
        "other/kustomization.yaml": ["resources"],
    }
    assert set_namespaces(kustomizations, FILES.__contains__) == {
        "base/deployment.yaml": ("dev", "prod"),
        "base/service.yaml": ("dev", "prod"),
        "overlays/prod/hpa.yaml": ("prod",),
    }
