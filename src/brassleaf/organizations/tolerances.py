"""An organization's own table of length tolerances."""

from collections.abc import Sequence

from brassleaf.errors import FieldError, Refused
from brassleaf.store.collections import Document
from brassleaf.trade.numbers import decimal_of
from brassleaf.trade.tolerance import Row, Table, custom_table

_FIELD = "lengthTolerances"


def own_table(rows: Sequence[Document]) -> Table:
    """The table that rows make, in millimetres. Raises Refused, naming the field of the row that makes it none."""
    return custom_table("mm", tuple(map(_row, rows)), field=_FIELD)


def check_own_table(organization: Document) -> None:
    """Raise Refused for rows that are no table, or for an own table that is chosen and has none."""
    rows = organization.get(_FIELD) or []
    own_table(rows)
    if organization.get("lengthToleranceTable") == "custom" and not rows:
        text = "The table `custom` has no rows. Send them in the same call, or choose another table."
        raise Refused.fields([FieldError("lengthToleranceTable", text), FieldError(_FIELD, text)])


def _row(row: Document) -> Row:
    up_to = None if row.get("upTo") is None else decimal_of(row["upTo"], _FIELD)
    return Row(up_to, decimal_of(row["plus"], _FIELD), decimal_of(row["minus"], _FIELD))
