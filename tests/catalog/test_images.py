"""What container images are for."""

import pytest

from surplus.catalog.images import image_role


@pytest.mark.parametrize(
    ("image", "role"),
    [
        ("pause", "pause"),
        ("registry.k8s.io/pause:3.10", "pause"),
        ("localhost:5000/mirror/pause@sha256:0123", "pause"),
        ("docker.io/Calico/Node:v3.28.1@sha256:0123", "node"),
        ("602401143452.dkr.ecr.us-west-2.amazonaws.com/amazon-k8s-cni:v1.18.5", "node"),
        ("example.com/shop/node:20", None),
        ("ghcr.io/actions/actions-runner:2.319.1", "runner"),
        ("localhost:5000", None),
        ("", None),
        ("pause/app:1", None),
    ],
)
def test_an_image_is_known_by_the_end_of_its_name(image: str, role: str | None) -> None:
    assert image_role(image) == role
