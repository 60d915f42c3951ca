"""Reads the tables of this folder."""

import csv
from importlib.resources import files


def rows(table: str) -> "csv.DictReader[str]":
    """The rows of a CSV file beside this one, by column."""
    return csv.DictReader(files("surplus.catalog").joinpath(table).read_text("utf-8").splitlines())
