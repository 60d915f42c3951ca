"""Software whose members vote or share the data among them, by the name of its container image."""

import re
from collections.abc import Mapping
from functools import cache

from surplus.catalog.tables import rows

_STREAM = re.compile(r"-[0-9]+-(centos|rhel|ubi|c|el)[0-9]+s?$")
"""What images built on one of Red Hat's systems add to the name: `mongodb-36-centos7`."""


def needs_majority(image: str) -> bool:
    """Whether an image (`registry/repository:tag@digest`) is of software that needs several members."""
    return _name(image) in _images()


def _name(image: str) -> str:
    name = re.split(r"[:@]", image.rpartition("/")[2])[0].lower()
    return _STREAM.sub("", name)


@cache
def _images() -> Mapping[str, str]:
    """The software by image name."""
    return {row["image"]: row["software"] for row in rows("quorum_images.csv")}
