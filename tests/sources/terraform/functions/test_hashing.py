from typing import Any

import pytest

from surplus.model import Unknown
from surplus.sources.terraform.values import EvaluationError

SHA512 = (
    "309ecc489c12d6eb4cc40f50c902f2b4d0ed77ee511a7c7a9bcd3ca86d4cd86f"
    "989dd35bc5ff499670da34255b45b0cfd830e81f605dcf7dc5542e93ae9cd76f"
)
SHA512_BASE64 = "MJ7MSJwS1utMxA9QyQLytNDtd+5RGnx6m808qG1M2G+YndNbxf9JlnDaNCVbRbDP2DDoH2Bdz33FVC6TrpzXbw=="

EXAMPLES: list[tuple[str, list[Any], Any]] = [
    ("base64sha256", ["hello world"], "uU0nuZNNPgilLlLX2n2r+sSE7+N6U4DukIj3rOLvzek="),
    ("base64sha512", ["hello world"], SHA512_BASE64),
    ("md5", ["hello world"], "5eb63bbbe01eeed093cb22bb8f5acdc3"),
    ("sha1", ["hello world"], "2aae6c35c94fcfb415dbe95f408b9ce91ee846ed"),
    ("sha256", ["hello world"], "b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9"),
    ("sha512", ["hello world"], SHA512),
    ("uuidv5", ["dns", "www.terraform.io"], "a5008fae-b28c-5ba5-96cd-82b4c53552d6"),
    ("uuidv5", ["url", "https://x"], "48d34be5-10a3-5c30-96ef-9cf9a60110f2"),
    ("uuidv5", ["oid", "1.2"], "b4fe3335-a2ae-5c75-889c-b1247a0f6f02"),
    ("uuidv5", ["x500", "a"], "54a0a790-c611-5b5b-b50e-ff01490ecdfa"),
    ("uuidv5", ["6ba7b810-9dad-11d1-80b4-00c04fd430c8", "a"], "4f3f2898-69e3-5a0d-820a-c4e87987dbce"),
]

ERRORS: list[tuple[str, list[Any]]] = [
    ("md5", [None]),
    ("sha256", [["a"]]),
    ("uuidv5", ["bad", "a"]),
    ("uuidv5", ["DNS", "a"]),
    ("uuid", ["a"]),
    ("rsadecrypt", ["a"]),
    ("filemd5", ["nope"]),
]


@pytest.mark.parametrize(("name", "args", "expected"), EXAMPLES)
def test_examples(run: Any, name: str, args: list[Any], expected: Any) -> None:
    assert run(name, *args) == expected


@pytest.mark.parametrize(("name", "args"), ERRORS)
def test_errors(run: Any, name: str, args: list[Any]) -> None:
    with pytest.raises(EvaluationError, match=f"^{name}: "):
        run(name, *args)


@pytest.mark.parametrize("name", ["md5", "sha1", "sha256", "sha512", "base64sha256", "base64sha512"])
def test_a_file_hashes_as_its_text(run: Any, name: str) -> None:
    file_name = f"filebase64{name[6:]}" if name.startswith("base64") else f"file{name}"
    assert run(file_name, "hello.txt") == run(name, "Hello World")
    assert run(file_name, "bad.bin")


@pytest.mark.parametrize(("name", "args"), [("uuid", []), ("bcrypt", ["a", 5]), ("rsadecrypt", ["a", "b"])])
def test_deliberately_unknown(run: Any, name: str, args: list[Any]) -> None:
    result = run(name, *args)
    assert isinstance(result, Unknown)
    assert result.reason.startswith(f"{name}: ")
    assert not result.nullable


def test_an_unknown_text(run: Any) -> None:
    assert run("sha256", Unknown("r")) == Unknown("r", nullable=False)
    assert run("filesha256", Unknown("r")) == Unknown("r", nullable=False)
