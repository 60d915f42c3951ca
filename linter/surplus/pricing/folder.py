"""Where a user's imported prices are kept."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path


def price_folder(environment: Mapping[str, str]) -> Path:
    """The folder `SURPLUS_PRICES`, else `surplus/prices` where the platform keeps a user's data."""
    if named := environment.get("SURPLUS_PRICES"):
        return Path(named)
    home = Path(os.path.expanduser("~"))  # noqa: PTH111 - Path.home() raises where there is none
    if sys.platform == "darwin":
        data = home / "Library" / "Application Support"
    elif sys.platform == "win32":
        data = Path(environment.get("LOCALAPPDATA") or home / "AppData" / "Local")
    else:
        data = Path(environment.get("XDG_DATA_HOME") or home / ".local" / "share")
    return data / "surplus" / "prices"
