"""What a policy says of prices, and the price book that comes of it."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from surplus.definitions import PriceSettings
from surplus.model import Problem
from surplus.pricing.book import GLOBAL, Price, PriceBook, read_folder
from surplus.pricing.overrides import read_overrides

Read = Callable[[str], str]
"""Reads a file beside the policy by its path in the tree; raises `SurplusError`."""


def book_of(settings: PriceSettings, read: Read, folder: Path | None) -> tuple[PriceBook, list[Problem]]:
    """The book under a policy; *folder* holds the prices that the user has imported."""
    overrides: dict[str, Mapping[str, Price]] = {}
    problems: list[Problem] = []
    if settings.overrides is not None:
        found, problems = read_overrides(read(settings.overrides), settings.overrides)
        overrides.update(found)
    for key, unit, usd in (
        ("kubernetes/node/vcpu", "vCPU-hour", settings.vcpu_hour),
        ("kubernetes/node/memory", "GiB-hour", settings.gib_hour),
        ("kubernetes/node/gpu", "GPU-hour", settings.gpu_hour),
    ):
        if usd is not None:
            overrides[key] = {GLOBAL: Price(key, GLOBAL, unit, usd, "undated", "the policy")}
    imported = read_folder(folder) if folder is not None else {}
    return PriceBook(imported, overrides, settings.discounts, settings.regions), problems


def over(later: PriceSettings, base: PriceSettings) -> PriceSettings:
    """The settings of two extended policies: what the later one says counts."""
    return PriceSettings(
        discounts={**base.discounts, **later.discounts},
        overrides=later.overrides or base.overrides,
        regions={**base.regions, **later.regions},
        vcpu_hour=base.vcpu_hour if later.vcpu_hour is None else later.vcpu_hour,
        gib_hour=base.gib_hour if later.gib_hour is None else later.gib_hour,
        gpu_hour=base.gpu_hour if later.gpu_hour is None else later.gpu_hour,
        nodes=base.nodes if later.nodes is None else later.nodes,
        usage_file=later.usage_file or base.usage_file,
        usage_profile=later.usage_profile or base.usage_profile,
    )


def said(raw: Mapping[str, Any], join: Callable[[str], str]) -> PriceSettings:
    """The settings of one policy file; *join* makes a path of the tree of one in the file."""
    kubernetes = raw.get("kubernetes") or {}
    return PriceSettings(
        discounts=dict(raw.get("discounts") or {}),
        overrides=join(raw["overrides"]) if "overrides" in raw else None,
        regions=dict(raw.get("regions") or {}),
        vcpu_hour=kubernetes.get("vcpu_hour"),
        gib_hour=kubernetes.get("gib_hour"),
        gpu_hour=kubernetes.get("gpu_hour"),
        nodes=float(kubernetes["nodes"]) if "nodes" in kubernetes else None,
        usage_file=join(raw["usage_file"]) if "usage_file" in raw else None,
        usage_profile=raw.get("usage_profile"),
    )
