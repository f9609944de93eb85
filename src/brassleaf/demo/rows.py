"""What the parts of the demo share: its files, documents with lasting ids, numbers as people write them, prices."""

import csv
from collections.abc import Iterator
from importlib.resources import files
from typing import Any

from brassleaf.store.collections import Document
from brassleaf.store.records import derived_id, new_document

__all__ = ["BRAND", "BY", "Document", "Row", "checked", "lasting", "number", "price", "rows"]

BRAND = "Brassleaf Demo"
BY = "brassleaf demo"
Row = dict[str, str]


def rows(name: str) -> Iterator[Row]:
    """The rows of one of the files of figures."""
    text = (files("brassleaf") / "demo" / "data" / f"{name}.csv").read_text("utf-8")
    yield from csv.DictReader(text.splitlines())


def number(text: str) -> float:
    """A figure, whole where it is whole."""
    value = float(text)
    return int(value) if value.is_integer() else value


def checked(model: Any, fields: Document) -> Document:
    """Fields as the model of a new record takes them."""
    made: Document = model.model_validate(fields).model_dump(exclude_none=True, exclude_unset=True)
    return made


def price(cost: float) -> tuple[float, float]:
    """A cost and the list price that goes with it, both in whole cents."""
    return round(cost, 2), round(cost * 2.4, 2)


def lasting(identity: str, **fields: Any) -> Document:
    """A new document whose id follows from what it is: loaded again, it is the same."""
    made = new_document(fields, BY)
    return {**made, "_id": derived_id("demo", identity)}
