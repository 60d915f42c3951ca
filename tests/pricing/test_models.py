"""Every shipped cost model: its format, the paths it reads, its prices' units, its worked examples."""

import re
from dataclasses import replace

import pytest
import yaml

from surplus.catalog.free import free_types
from surplus.documents import read_documents
from surplus.expression_text import HOLE, paths_in, words_in
from surplus.model_examples import arithmetic, run
from surplus.pricing.book import UNITS, shipped_units
from surplus.pricing.models import (
    RESOURCES,
    UNSET,
    CostModel,
    ModelExample,
    _folder,
    _texts,
    all_models,
    model_of,
    models_in,
)
from surplus.rules import unknown_path
from surplus.schemas import check

FILES = sorted(_texts())
MODELS = all_models()
EXAMPLES = [(model, example) for model in MODELS for example in model.examples]


@pytest.mark.parametrize("path", FILES)
def test_the_file_is_what_the_schema_says(path: str) -> None:
    (document,), problems = read_documents(_texts()[path], path)
    assert problems == []
    assert check(document, "models", path) == []
    assert re.search(r"https://", _texts()[path]), "the price page is named"


@pytest.mark.parametrize("path", FILES)
def test_its_types_are_found_without_reading_it_as_yaml(path: str) -> None:
    listed = {name.strip() for match in RESOURCES.finditer(_texts()[path]) for name in match[1].split(",")}
    raw = yaml.safe_load(_texts()[path])
    assert listed == {name for model in raw.get("models", ()) for name in model["resources"]}


def test_no_type_has_two_models_or_is_free_as_well() -> None:
    types = [type_ for model in MODELS for type_ in model.resources]
    assert len(types) == len(set(types))
    billed = {type_ for model in MODELS for type_ in model.resources if model.billed and model.components}
    assert billed & free_types().keys() == set()
    assert all(model_of(type_) is model for model in MODELS for type_ in model.resources)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.resources[0])
def test_the_paths_it_reads_are_in_the_types_tables(model: CostModel) -> None:
    faults = []
    for spec in model.components:
        each = tuple(spec.each.replace("[*]", "").split(".")) if spec.each else ()
        texts = [spec.quantity, spec.when or "", spec.of or "", *HOLE.split(spec.price)[1::2]]
        used = frozenset().union(*(words_in(text) for text in texts))
        paths = {path for text in texts if text for path in paths_in(text)}
        paths |= {tuple(path.split(".")) for name, path in spec.names.items() if name in used and path != UNSET}
        for type_ in model.resources:
            known: list[tuple[tuple[str, ...], int]] = [(each, len(each))] if each else []
            for head, *rest in paths:
                known.append(((*each, *rest), len(each)) if head == "item" else (tuple(rest), 0))
            for path, lists in known:
                if message := unknown_path(type_, path, list_ok=lists):
                    faults.append(f"{spec.name}: {message}")
    assert faults == []


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.resources[0])
def test_units_are_those_of_the_prices(model: CostModel) -> None:
    for spec in model.components:
        if spec.of is None:
            assert spec.unit in UNITS, spec.name
            if "{{" not in spec.price:
                assert shipped_units(spec.price) <= {spec.unit}, spec.price


@pytest.mark.parametrize(
    ("model", "example"), EXAMPLES, ids=lambda one: one.name[:60] if isinstance(one, ModelExample) else one.resources[0]
)
def test_worked_examples(model: CostModel, example: ModelExample) -> None:
    assert run(model, example).faults == ()


def test_a_wrong_figure_is_noticed() -> None:
    model = model_of("aws_ebs_volume")
    assert model is not None
    example = model.examples[0]
    assert run(model, replace(example, monthly="1 + 1")).faults
    assert run(model, replace(example, monthly=None)).faults
    assert run(model, replace(example, resource="aws_ebs_volume.nowhere")).faults


def test_every_example_of_a_priced_model_states_arithmetic() -> None:
    assert arithmetic("2 * (730 * 0.096 + 20 / 4) - 1") == pytest.approx(2 * (730 * 0.096 + 5) - 1)
    with pytest.raises(ValueError, match="is not arithmetic"):
        arithmetic("price()")
    assert all(arithmetic(example.monthly) >= 0 for _, example in EXAMPLES if example.monthly is not None)


def test_the_folder_holds_nothing_else() -> None:
    kinds = {path.split("/")[0] for path in FILES}
    assert kinds == {"aws", "azure", "gcp", "kubernetes"}
    assert all(models_in(path) for path in FILES if not path.endswith("/parts.yaml"))
    assert _folder().joinpath("README.md").is_file()
