"""Values that SOPS has encrypted, each a text in place of the value; keys stay readable.

Beside them stands a mapping `sops` at the top of each document: https://getsops.io/docs/#encryption-protocol
"""

from typing import Any

from surplus.model import Unknown

ENCRYPTED = Unknown("the value is encrypted by SOPS")


def is_encrypted(document: Any) -> bool:
    """Whether SOPS has encrypted values of a document."""
    return isinstance(document, dict) and isinstance(document.get("sops"), dict)


def veiled(value: Any) -> Any:
    """A copy of a value of such a document, unknown where it is encrypted."""
    if isinstance(value, dict):
        return {key: veiled(item) for key, item in value.items()}
    if isinstance(value, list):
        return [veiled(item) for item in value]
    return ENCRYPTED if isinstance(value, str) and value.startswith("ENC[") and value.endswith("]") else value
