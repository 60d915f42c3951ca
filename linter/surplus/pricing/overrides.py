"""A user's own prices: a CSV file with the columns key, region, unit, usd, and optionally as_of and currency.

    key,region,unit,usd
    aws/ec2/m5.large/linux,us-east-1,hour,0.0701

A region of `*` or none at all stands for every region. What is negotiated is dated by its own file.
"""

import csv
import difflib
import io
from collections.abc import Iterator
from datetime import date

from surplus.model import Problem, Span
from surplus.pricing.book import CLOUDS, GLOBAL, UNITS, Price, Table, known_regions, region_name, shipped_units, spelt

REQUIRED = ("key", "region", "unit", "usd")
OPTIONAL = ("as_of", "currency")
MAX_ROWS = 100_000
MAX_USD = 1e6
"""No unit of anything costs more."""


def read_overrides(text: str, path: str) -> tuple[Table, list[Problem]]:
    """The prices in a file's text; a row that cannot be used is a problem, the others count."""
    rows = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""))
    problems: list[Problem] = []
    found: dict[str, dict[str, Price]] = {}
    header = [name.strip() for name in next(rows, [])]
    if wrong := _header_fault(header):
        return {}, [Problem(f"{wrong}; no override is used", path, Span(1, 1, 1, 1))]
    lines: dict[tuple[str, str], int] = {}
    for number, row in _rows(rows, problems, path):
        place = Span(number, 1, number, 1)
        if len(row) != len(header):
            problems.append(Problem(f"the row has {len(row)} fields, the header {len(header)}", path, place))
            continue
        fields = {name: value.strip() for name, value in zip(header, row, strict=True)}
        key, cloud = spelt(fields["key"]), fields["key"].partition("/")[0]
        region = region_name(cloud, fields["region"]) or "*"
        fault = _fault(fields) or _wrong_region(cloud, region)
        if fault is None and (key, region) in lines:
            fault = f"{key} in {region} has an override already, in line {lines[key, region]}"
        if fault is not None:
            problems.append(Problem(f"{fault}; the row is not used", path, place))
            continue
        lines[key, region] = number
        as_of = fields.get("as_of") or "undated"
        price = Price(key, region, fields["unit"], float(fields["usd"]), as_of, f"override {path}:{number}")
        found.setdefault(key, {})[region] = price
    return found, problems


def _rows(rows: Iterator[list[str]], problems: list[Problem], path: str) -> Iterator[tuple[int, list[str]]]:
    """The rows with their numbers, blank ones left out; a broken quotation ends the file."""
    number = 1
    try:
        for number, row in enumerate(rows, 2):
            if number > MAX_ROWS:
                problems.append(Problem(f"more than {MAX_ROWS:,} rows; the rest is not used", path))
                return
            if any(field.strip() for field in row):
                yield number, row
    except csv.Error as error:
        problems.append(Problem(f"the file is no CSV from here on: {error}", path, Span(number, 1, number, 1)))


def _header_fault(header: list[str]) -> str | None:
    missing = [name for name in REQUIRED if name not in header]
    if missing:
        return f"the first row must name the columns {', '.join(REQUIRED)}; it lacks {', '.join(missing)}"
    unknown = [name for name in header if name not in (*REQUIRED, *OPTIONAL)]
    if unknown:
        return f"there is no column `{unknown[0]}`; known are {', '.join((*REQUIRED, *OPTIONAL))}"
    return "a column stands twice" if len(set(header)) < len(header) else None


def _fault(row: dict[str, str]) -> str | None:
    """What is wrong with a row; None where nothing is."""
    key, unit = row["key"], row["unit"]
    if key.partition("/")[0] not in (*CLOUDS, "kubernetes") or not 3 <= key.count("/") + 1 <= 4:
        return f"`{key}` is no key such as aws/ebs/gp3/storage"
    if row.get("currency", "USD") not in ("", "USD"):
        return f"prices are in USD, not in {row['currency']}"
    if unit not in UNITS:
        return f"`{unit}` is no unit of prices; known are {', '.join(sorted(UNITS))}"
    sold = shipped_units(key)
    if sold and unit not in sold:
        return f"{key} is sold by the {' or '.join(sorted(sold))}, not by the {unit}"
    if row.get("as_of") and not _is_date(row["as_of"]):
        return f"`{row['as_of']}` is no date such as 2026-07-20"
    try:
        usd = float(row["usd"])
    except ValueError:
        return f"`{row['usd']}` is no number"
    return None if 0 <= usd <= MAX_USD else f"{row['usd']} is no price"


def _wrong_region(cloud: str, region: str) -> str | None:
    """Why no resource is in a region; None where some may be."""
    known = known_regions(cloud)
    if region in ("*", GLOBAL) or not known or region in known:
        return None
    near = difflib.get_close_matches(region, known, n=1)
    return f"there is no region {region}{f'; did you mean {near[0]}?' if near else ''}"


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
