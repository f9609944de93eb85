"""The column table of a resource: the single source of its export, its template and its import."""

import re
from dataclasses import dataclass, replace
from typing import Literal, Self

Kind = Literal["text", "number", "integer", "boolean", "datetime", "list"]

MOST_ROWS = 1_048_576  # of a sheet, its header included: Excel's own limit, as are the two below
MOST_COLUMNS = 16_384
LONGEST_NAME = 31
WIDEST = 255

_WIDTHS: dict[Kind, int] = {"text": 20, "number": 12, "integer": 10, "boolean": 10, "datetime": 20, "list": 24}
_FORBIDDEN_IN_NAME = re.compile(r"[\[\]:*?/\\]")


@dataclass(frozen=True, slots=True)
class Column:
    """One column: what its header says, where its value lives and what kind of value that is.

    `field` is a dotted path into the document (`shippingAddress.city`). A number in it picks an entry of a list
    (`contacts.0.email`); a name under a list collects that name from every entry (`contacts.email`).
    `cost` marks what only an admin may see; `note` and `choices` help who fills in the template. A `required` column
    identifies its rows: an import refuses a sheet without it and a row that leaves it blank. A `read_only` one is
    exported, and neither asked for by the template nor read by an import. The values of one that is `as_read` are cells
    as an import reads them raw: numbers, dates and errors are written as such, whatever kind the column has.
    """

    header: str
    field: str
    kind: Kind = "text"
    width: int | None = None
    note: str | None = None
    choices: tuple[str, ...] = ()
    required: bool = False
    cost: bool = False
    read_only: bool = False
    as_read: bool = False

    def __post_init__(self) -> None:
        if not self.header.strip() or not self.header.isprintable():
            raise ValueError(f"A column header is one printable line, not {self.header!r}.")
        if not all(self.field.split(".")):
            raise ValueError(f"{self.header}: the field {self.field!r} is not a dotted path.")
        if self.kind not in _WIDTHS:
            raise ValueError(f"{self.header}: the kind {self.kind!r} is none of {', '.join(_WIDTHS)}.")
        if self.width is not None and not 0 < self.width <= WIDEST:
            raise ValueError(f"{self.header}: Excel takes widths from 1 to {WIDEST}.")
        if self.required and self.read_only:
            raise ValueError(f"{self.header}: a column that is not read cannot be required.")

    @property
    def shown_width(self) -> int:
        """Characters: as told, or enough for the kind of value and for the header with its filter button."""
        return self.width or max(_WIDTHS[self.kind], min(len(self.header) + 4, 60))


@dataclass(frozen=True, slots=True)
class Sheet:
    """The columns of one resource under the name that the sheet's tab shows."""

    name: str
    columns: tuple[Column, ...]

    def __post_init__(self) -> None:
        name = self.name
        if not name.strip() or not name.isprintable() or len(name) > LONGEST_NAME or _FORBIDDEN_IN_NAME.search(name):
            raise ValueError(
                f"Excel takes no sheet named {name!r}: at most {LONGEST_NAME} characters, none of []:*?/\\."
            )
        if name.startswith("'") or name.endswith("'") or name.casefold() == "history":
            raise ValueError(f"Excel takes no sheet named {name!r}.")
        if not 0 < len(self.columns) <= MOST_COLUMNS:
            raise ValueError(f"{name}: a sheet has from 1 to {MOST_COLUMNS:,} columns, not {len(self.columns):,}.")
        seen: set[str] = set()
        for column in self.columns:
            key = column.header.strip().casefold()
            if key in seen:
                raise ValueError(
                    f"{name}: two columns are headed {column.header!r}, so an import could not tell them apart."
                )
            seen.add(key)

    def without_cost(self) -> Self:
        """The sheet for a role that may not see cost."""
        return replace(self, columns=tuple(column for column in self.columns if not column.cost))

    def writable(self) -> Self:
        """The sheet without the columns that an import does not read."""
        return replace(self, columns=tuple(column for column in self.columns if not column.read_only))
