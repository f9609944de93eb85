"""The length tolerance of an assembly: the organization's table, what it allows, and the table as it is printed."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from brassleaf.documents.models import ToleranceStep, ToleranceTable
from brassleaf.errors import Refused
from brassleaf.organizations.tolerances import own_table
from brassleaf.store.collections import Document
from brassleaf.trade.length import Lengths
from brassleaf.trade.tolerance import Table, Tolerance, length_tolerance, table_named
from brassleaf.trade.units import convert_length, parse_length_unit

if TYPE_CHECKING:
    from brassleaf.assemblies.build import Build

#: Tolerances of released assemblies are kept to six decimals.
_SAME = Decimal("0.00001")


def tolerance_table(hose: Document, organization: Document) -> Table | None:
    """The length tolerances in force: the organization's choice; None where they cannot be known."""
    name = str(organization.get("lengthToleranceTable") or "SAE")
    try:
        if name == "custom":
            rows = organization.get("lengthTolerances") or []
            return own_table(rows) if rows else None
        return table_named(name, hose.get("hoseDash"))
    except Refused:
        return None


def tolerance_of(measured: Lengths, hose: Document, organization: Document) -> Tolerance | None:
    """What the overall length may differ by, or the cut length where that is all that is known."""
    table, length = tolerance_table(hose, organization), _length(measured)
    if table is None or length is None:
        return None
    try:
        return length_tolerance(length, measured.unit, table)
    except Refused:
        return None  # longer than the table goes


def table_in_force(document: Document, built: Build, organization: Document) -> ToleranceTable | None:
    """The table that a tolerance is from, to be printed.

    None where a text replaces the tolerance, or where the table does not give it any more: it is from a release.
    """
    found, table, length = built.tolerance, tolerance_table(built.parts["hose"], organization), _length(built.lengths)
    today = tolerance_of(built.lengths, built.parts["hose"], organization)
    if found is None or table is None or length is None or today is None or document.get("lengthTolerance"):
        return None
    if today.table != found.table or max(abs(today.plus - found.plus), abs(today.minus - found.minus)) > _SAME:
        return None
    unit = parse_length_unit(table.unit, "lengthToleranceTable")
    size = convert_length(length, built.lengths.unit, table.unit, "length")
    applies = next(place for place, row in enumerate(table.rows) if row.up_to is None or size <= row.up_to)
    rows = tuple(
        ToleranceStep(row.up_to, row.plus, row.minus, unit, percent=row.percent, in_force=place == applies)
        for place, row in enumerate(table.rows)
    )
    return ToleranceTable(table.name, rows, found.note or "")


def _length(measured: Lengths) -> Decimal | None:
    return measured.overall if measured.overall is not None else measured.cut
