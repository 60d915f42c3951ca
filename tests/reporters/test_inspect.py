import json

from support import PLACE, resource
from surplus.model import Resource, Root, Unknown
from surplus.reporters.inspect import as_json, as_text
from surplus.results import RunResult

ROOT = Root(".", "terraform")


def result(*resources: Resource) -> RunResult:
    return RunResult((), (), (), tuple((ROOT, one) for one in resources), (ROOT,), 1, "never")


VALUES = {
    "zone": "a",
    "bucket": "b",
    "subnet": Unknown("computed", "⟨aws_subnet.a.id⟩", nullable=False),
    "disks": [{"size": Unknown("no value"), "key": "hunter2"}],
    "password": {"a": "hunter2"},
    "secret": Unknown("no value"),
    "unset": None,
    "big": float("inf"),
}
ONE = Resource(
    "terraform",
    "aws_instance",
    "aws_instance.i",
    PLACE,
    VALUES,
    defaulted=frozenset({("zone",)}),
    sensitive=frozenset({("password",), ("disks", 0, "key"), ("secret",), ("unset",)}),
    references=("aws_subnet.a",),
    region="us-east-1",
)


def test_json() -> None:
    (found,) = json.loads(as_json(result(ONE)))["resources"]
    assert list(found) == [
        "resource",
        "resource_type",
        "source",
        "root",
        "location",
        "rendered_from",
        "values",
        "unknown",
        "defaulted",
        "sensitive",
        "identities",
        "references",
        "region",
        "instances",
    ]
    assert found["values"] == {
        "big": "inf",
        "bucket": "b",
        "disks": [{"key": "(sensitive)", "size": None}],
        "password": "(sensitive)",
        "secret": "(sensitive)",
        "subnet": "⟨aws_subnet.a.id⟩",
        "unset": None,
        "zone": "a",
    }
    assert list(found["values"]) == sorted(found["values"])
    assert found["unknown"] == [["disks", 0, "size"]]
    assert found["identities"] == [[["subnet"], "aws_subnet.a.id"]]
    assert found["defaulted"] == [["zone"]]
    assert found["sensitive"] == [["disks", 0, "key"], ["password"], ["secret"], ["unset"]]


def test_text() -> None:
    lines = as_text(result(ONE, resource("aws_eip", "aws_eip.\x1b[31m"))).splitlines()
    assert lines == ["aws_instance.i  main.tf:1  unknown: disks.0.size", "aws_eip.\ufffd[31m  main.tf:1"]
    assert as_text(result()) == ""
