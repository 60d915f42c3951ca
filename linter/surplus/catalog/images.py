"""What container images of clusters' own software do, by the end of their repository's name."""

import re
from collections.abc import Mapping
from functools import cache

from surplus.catalog.tables import rows


def image_role(image: str) -> str | None:
    """What an image (`registry/repository:tag@digest`) is for; None for an image that is not in the table.

    `node`: what makes a node usable (network, volumes, devices, kube-proxy); `autoscaler`: of nodes; `runner`: of a CI
    system's jobs; `game-server`; `pause`: does nothing.
    """
    repository = re.sub(r"(:[^:/@]*)?(@.*)?$", "", image).lower()
    parts = repository.split("/")
    names = ("/".join(parts[start:]) for start in range(len(parts)))
    return next((_roles()[name] for name in names if name in _roles()), None)


@cache
def _roles() -> Mapping[str, str]:
    return {row["image"]: row["role"] for row in rows("cluster_images.csv")}
