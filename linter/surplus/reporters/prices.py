"""`surplus prices`: the dates and the coverage of the price book."""

from collections.abc import Iterator
from pathlib import Path

from surplus.pricing.book import CLOUDS, Price, Table, read_folder, regions, source_text, table, table_names
from surplus.reporters.style import printable


def as_text(folder: Path) -> str:
    """What each cloud's prices are of, by service; then what the user has imported."""
    lines = ["on-demand list prices in USD, without tax, commitments and negotiated discounts", ""]
    for cloud in (*CLOUDS, "kubernetes"):
        prices = [price for name in table_names() if name.partition("_")[0] == cloud for price in _all(table(name))]
        known = f", other regions by their median ratio ({len(regions(cloud))} regions)" if regions(cloud) else ""
        lines += [f"{cloud}: {len(prices):,} prices of {_dates(prices)}{known}", *_services(prices)]
    lines.append(
        f"sources: {'; '.join(sorted({_title(price) for name in table_names() for price in _all(table(name))}))}"
    )
    imported = list(_all(read_folder(folder)))
    if imported:
        lines.append(f"imported: {len(imported):,} prices of {_dates(imported)}, in {folder}")
    else:
        lines.append("imported: none; `surplus prices update --from FILE` takes over downloaded price lists")
    return "\n".join(printable(line) for line in lines) + "\n"


def _all(prices: Table) -> Iterator[Price]:
    yield from (price for rows in prices.values() for price in rows.values())


def _title(price: Price) -> str:
    return source_text(price.source.partition(":")[0])


def _dates(prices: list[Price]) -> str:
    dates = sorted({price.as_of for price in prices})
    return dates[0] if len(dates) == 1 else f"{dates[0]} to {dates[-1]}"


def _services(prices: list[Price]) -> Iterator[str]:
    """One line a service, its oldest and newest date."""
    by_service: dict[str, list[Price]] = {}
    for price in prices:
        by_service.setdefault(price.key.split("/")[1], []).append(price)
    for name, members in sorted(by_service.items()):
        yield f"  {name:<24} {len(members):>5,}  {_dates(members)}"
