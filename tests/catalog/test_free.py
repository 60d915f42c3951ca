"""Types that bill nothing by themselves."""

import re

from surplus.catalog.free import free_types


def test_every_type_names_a_page() -> None:
    assert len(free_types()) > 2000
    for type_, page in free_types().items():
        assert re.fullmatch(r"[A-Za-z][\w.]*", type_), type_
        assert page.startswith("https://"), type_


def test_what_bills_is_not_free() -> None:
    for type_ in (
        "aws_instance",
        "aws_s3_bucket",
        "aws_kms_key",
        "azurerm_public_ip",
        "google_compute_address",
        "Service",
    ):
        assert type_ not in free_types()
    for type_ in ("aws_iam_role", "google_project_iam_member", "azurerm_subnet", "ConfigMap", "null_resource"):
        assert type_ in free_types()
