"""The types table and the shape it gives values."""

from typing import Any

import pytest

from surplus.model import Unknown
from surplus.sources.terraform.types import Shape, complete, item_key, known_identity, shapes
from terraform_roots import evaluated

DISK = Shape(attributes=frozenset({"size", "type"}), defaults={"type": "gp2"}, key="name")
SHAPE = Shape(
    attributes=frozenset({"a", "new", "list"}),
    blocks={"disk": DISK},
    defaults={"a": 1, "list": [1]},
    renamed={"old": "new"},
)


@pytest.mark.parametrize(
    ("given", "disk"),
    [
        ({}, []),
        ({"disk": None}, []),
        ({"disk": {"size": 1}}, [{"size": 1, "type": "gp2"}]),
        ({"disk": [{"size": 1}]}, [{"size": 1, "type": "gp2"}]),
        ({"disk": [None]}, []),
    ],
)
def test_blocks_are_lists(given: dict[str, Any], disk: list[Any]) -> None:
    complete(given, SHAPE)
    assert given["disk"] == disk


@pytest.mark.parametrize("wrong", ["text", 5, True])
def test_a_block_set_to_something_else_is_unknown(wrong: Any) -> None:
    values = {"disk": wrong}
    complete(values, SHAPE)
    assert isinstance(values["disk"], Unknown)
    listed: dict[str, Any] = {"disk": [wrong, {"size": 1}]}
    complete(listed, SHAPE)
    assert isinstance(listed["disk"][0], Unknown)
    assert listed["disk"][1]["type"] == "gp2"


def test_unknown_blocks_stay_unknown() -> None:
    unknown = Unknown("later")
    values: dict[str, Any] = {"disk": unknown, "a": unknown}
    assert complete(values, SHAPE) == {("list",)}
    assert values["disk"] is unknown
    assert values["a"] is unknown
    values = {"disk": [unknown]}
    complete(values, SHAPE)
    assert values["disk"] == [unknown]


def test_defaults_and_their_routes() -> None:
    values: dict[str, Any] = {"a": None, "disk": [{"size": 1}]}
    assert complete(values, SHAPE) == {("a",), ("list",), ("disk", 0, "type")}
    values["list"].append(2)
    other: dict[str, Any] = {}
    complete(other, SHAPE)
    assert other["list"] == [1]


def test_old_names_of_arguments_are_read_under_the_new() -> None:
    values = {"old": 5}
    complete(values, SHAPE)
    assert values["new"] == 5
    values = {"old": 5, "new": 6}
    complete(values, SHAPE)
    assert values["new"] == 6


def test_what_a_shape_knows() -> None:
    assert SHAPE.knows(("disk", "size"))
    assert SHAPE.knows(("a", "anything"))
    assert not SHAPE.knows(("disk", "colour"))
    assert item_key("aws_instance", ("ebs_block_device",)) == "device_name"
    assert item_key("no_such", ("x",)) is None


def test_identity_is_of_known_texts_only() -> None:
    bucket = shapes()["aws_s3_bucket"]
    assert known_identity({"bucket": "b"}, bucket) == {"b"}
    assert known_identity({"bucket": Unknown("x", "⟨y⟩")}, bucket) == set()


def test_blocks_given_as_attributes() -> None:
    text = (
        'resource "aws_instance" "it" {\n  ebs_block_device = [{ device_name = "a" }]\n  root_block_device = "x"\n}\n'
    )
    values = evaluated(text).by_address["aws_instance.it"].values
    assert values["ebs_block_device"][0]["volume_type"] is None or values["ebs_block_device"][0]["volume_type"]
    assert isinstance(values["root_block_device"], Unknown)


@pytest.mark.parametrize(("text", "value"), [("100", 100), ("1.5", 1.5), ("", None)])
def test_a_number_written_as_text_is_a_number_where_the_provider_takes_one(text: str, value: float | None) -> None:
    values: dict[str, Any] = {"size": text, "type": "gp2"}
    complete(values, shapes()["aws_ebs_volume"])
    assert values["size"] == value


def test_a_bool_written_as_text_is_a_bool_and_what_is_neither_is_unknown() -> None:
    values: dict[str, Any] = {"encrypted": "true", "size": "large"}
    complete(values, shapes()["aws_ebs_volume"])
    assert values["encrypted"] is True
    assert isinstance(values["size"], Unknown)


def test_nothing_lies_below_a_number() -> None:
    shape = shapes()["aws_ebs_volume"]
    assert shape.knows(("size",))
    assert not shape.knows(("size", "deeper"))


def test_choices_are_read_as_the_provider_reads_them() -> None:
    values: dict[str, Any] = {
        "size": Unknown("var.x has no value", choices=("10", 20)),
        "type": Unknown("var.x has no value", nullable=True, choices=("gp3", None)),
    }
    complete(values, shapes()["aws_ebs_volume"])
    assert (values["size"].choices, values["type"].choices) == ((10, 20), ("gp3", "gp2"))
    assert not values["type"].nullable


@pytest.mark.parametrize(("written", "read"), [(14, "14"), (5.7, "5.7"), ("16.4", "16.4"), (None, None)])
def test_a_version_is_a_text(written: Any, read: str | None) -> None:
    values: dict[str, Any] = {"engine_version": written, "size": written}
    complete(values, Shape(attributes=frozenset({"engine_version", "size"})))
    assert (values["engine_version"], values["size"]) == (read, written)
