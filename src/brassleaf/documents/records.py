"""Files of one record a line for other programs: the Marken file for hose marking printers, the Parker PTS file.

Neither format is documented where it could be read (domain.md section 10). So columns, order, delimiter and header
row are settings, and this is the one writer of both: UTF-8, CRLF, quotes only where a value needs them (RFC 4180).
"""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Literal, get_args

from brassleaf.documents.units import Number, trimmed

Delimiter = Literal[",", ";", "\t", "|"]
#: What a Marken file can say of an assembly. A printer needs the text, the length to cut and how often.
MarkenColumn = Literal[
    "PrintText", "CutLength", "Quantity", "PartNumber", "Revision", "CustomerPartNumber", "Customer", "Description",
    "Length", "LengthUnit", "WorkingPressure", "PressureUnit", "DateCode", "WorkOrder",
]  # fmt: skip
#: What a Parker Tracking System file can say of an assembly, so that it can be built again from its tag.
PtsColumn = Literal[
    "AssemblyPartNumber", "Revision", "CustomerName", "CustomerPartNumber", "HosePartNumber", "HoseBrand", "HoseSize",
    "End1PartNumber", "End2PartNumber", "OverallLength", "LengthUnit", "CutLength", "OffsetAngle", "WorkingPressurePsi",
    "TestPressurePsi", "Quantity", "WorkOrder", "BuildDate", "Notes",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class FileLayout:
    """Which columns a file has, what stands between them, and whether their names stand above them."""

    columns: Sequence[str]
    delimiter: str = ","
    header: bool = True


MARKEN: Final = FileLayout(("PrintText", "CutLength", "Quantity"), ";", header=False)
PTS: Final = FileLayout(get_args(PtsColumn))

Value = str | Number | None


def render_records(records: Sequence[Mapping[str, Value]], layout: FileLayout) -> bytes:
    """Records as the lines of a file; line breaks inside a value become blanks, what is not known is empty."""
    made = io.StringIO()
    writer = csv.writer(made, delimiter=layout.delimiter, lineterminator="\r\n")
    if layout.header:
        writer.writerow(layout.columns)
    for record in records:
        writer.writerow([_cell(record.get(name)) for name in layout.columns])
    return made.getvalue().encode("utf-8")


def _cell(value: Value) -> str:
    if value is None:
        return ""
    if isinstance(value, int | float | Decimal):
        return trimmed(value, 6)
    return " ".join("".join(letter if letter.isprintable() else " " for letter in value).split())
