"""Locate the rules and policies that ship with the linter."""

from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from surplus.model import ConfigError


def bundled_dir(name: str) -> Traversable:
    """The shipped folder called *name*: "rules" or "policies".

    A wheel carries it inside the package; a clone keeps it at the repository root.
    """
    packaged = files("surplus").joinpath("_bundled", name)
    return packaged if packaged.is_dir() else Path(__file__).parents[2] / name


def bundled_files(name: str) -> list[tuple[str, str]]:
    """Path (`rules/terraform/aws/….yaml`) and text of every shipped YAML file of *name*, sorted by path.

    Raises `ConfigError` where the installation is not whole.
    """
    found: list[tuple[str, str]] = []
    pending = [(name, bundled_dir(name))]
    while pending:
        path, place = pending.pop()
        try:
            for entry in place.iterdir():
                inner = f"{path}/{entry.name}"
                if entry.is_dir():
                    pending.append((inner, entry))
                elif entry.name.endswith(".yaml"):
                    found.append((inner, entry.read_text("utf-8")))
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(f"{path}: what ships with surplus cannot be read ({error}); install it again") from None
    return sorted(found)
