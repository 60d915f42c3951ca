"""Hashes and UUIDs. https://developer.hashicorp.com/terraform/language/functions/sha256 and its neighbours.

A string is hashed as UTF-8; the `file…` functions hash a file's bytes.
"""

import base64
import hashlib
from collections.abc import Callable

from surplus.sources.terraform.values import EvaluationError

NAMESPACES = ("dns", "url", "oid", "x500")


def hexadecimal(algorithm: str) -> Callable[[str], str]:
    """The function that gives a string's hash in hexadecimal: `md5`, `sha1`, `sha256`, `sha512`."""
    return lambda text: _digest(algorithm, text.encode()).hex()


def in_base64(algorithm: str) -> Callable[[str], str]:
    """The function that gives a string's raw hash in Base64: `base64sha256`, `base64sha512`."""
    return lambda text: base64.b64encode(_digest(algorithm, text.encode())).decode()


def file_hexadecimal(algorithm: str) -> Callable[[Callable[[str], bytes], str], str]:
    """As `hexadecimal`, of a file."""
    return lambda read, path: _digest(algorithm, read(path)).hex()


def file_in_base64(algorithm: str) -> Callable[[Callable[[str], bytes], str], str]:
    """As `in_base64`, of a file."""
    return lambda read, path: base64.b64encode(_digest(algorithm, read(path))).decode()


def _digest(algorithm: str, data: bytes) -> bytes:
    return hashlib.new(algorithm, data, usedforsecurity=False).digest()


def uuidv5(namespace: str, name: str) -> str:
    """The name-based UUID in a namespace: dns, url, oid, x500 or a UUID."""
    import uuid  # slow to import, and rarely used

    if namespace in NAMESPACES:
        return str(uuid.uuid5(getattr(uuid, f"NAMESPACE_{namespace.upper()}"), name))
    try:
        return str(uuid.uuid5(uuid.UUID(namespace), name))
    except ValueError:
        raise EvaluationError(f'"{namespace}" is not a UUID namespace') from None
