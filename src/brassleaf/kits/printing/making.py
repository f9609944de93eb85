"""From a hose kit to its bill of materials, its labels and its records in files for other programs."""

import math
from collections.abc import Mapping

from brassleaf.assemblies.bills import bill_of, uses_of
from brassleaf.assemblies.documents import length_note
from brassleaf.assemblies.printing import making
from brassleaf.assemblies.printing.models import MOST_LABELS
from brassleaf.documents.labels import Label
from brassleaf.documents.models import BillOfMaterials
from brassleaf.documents.records import Value
from brassleaf.documents.texts import with_revision
from brassleaf.errors import FieldError, Refused
from brassleaf.kits.opening import OpenedKit, OpenedLine
from brassleaf.kits.printing.datasheet import sample_notes
from brassleaf.kits.printing.models import KitLabelAsked
from brassleaf.pricing.service import stock_unit
from brassleaf.store.collections import Document
from brassleaf.trade.bom import Use
from brassleaf.trade.numbers import decimal_of


def bill(kit: OpenedKit, quantity: float) -> BillOfMaterials:
    """The bill of so many kits: assemblies taken apart, equal parts merged with the kit's adaptors and other items."""
    takes, notes = [], []
    for line in kit.lines:
        if line.built is None:
            uses = [Use(str(line.item["_id"]), line.item["itemType"], stock_unit=stock_unit(line.item, None, ""))]
        else:
            uses = uses_of(line.built, kit.organization)
            if note := length_note(line.built):
                notes.append(f"{line.item['partNumber']}: {note}")
        takes.append((uses, line.line["quantity"]))
    return bill_of(
        kit.document,
        takes,
        items_of(kit),
        kit.organization,
        quantity,
        notes="\n".join(notes),
        sample_notes=tuple(note for line in kit.lines for note in sample_notes(line)),
    )


def items_of(kit: OpenedKit) -> list[Document]:
    """Every item that a kit is made of, the parts of its assemblies included."""
    return [item for line in kit.lines for item in ([line.item] if line.built is None else line.built.parts.values())]


def labels(kit: OpenedKit, asked: KitLabelAsked) -> list[Label]:
    """A label for each copy of each hose assembly of a kit, line by line; copies bear the same number.

    Raises Refused where there is none to print, or there are too many.
    """
    between = str(kit.organization["revisionDelimiter"])
    number = with_revision(kit.document["partNumber"], kit.document.get("revision"), between)
    pieces = []
    for line, built in kit.assemblies:
        face = making.label_face(line.item, built, kit.organization, asked.workOrder, kit=number)
        pieces += [face] * math.ceil(line.line["quantity"])
    pieces = pieces[: asked.numHoseAssemblies]
    if len(pieces) * asked.numCopies > MOST_LABELS:
        text = f"At most {MOST_LABELS:,} labels are printed at a time; these are {len(pieces) * asked.numCopies:,}."
        raise Refused.fields([FieldError(name, text) for name in ("numCopies", "numHoseAssemblies")])
    return [
        Label(face, making.piece(asked, place, len(pieces)))
        for place, face in enumerate(pieces)
        for _ in range(asked.numCopies)
    ]


def marken_records(kit: OpenedKit, quantity: float, work_order: str | None) -> list[Mapping[str, Value]]:
    """What a hose marking printer is told of so many kits: a record for each line of hose assemblies."""
    return [
        making.marken_record(line.item, built, kit.organization, _pieces(line, quantity), work_order)
        for line, built in kit.assemblies
    ]


def pts_records(kit: OpenedKit, quantity: float, work_order: str | None) -> list[Mapping[str, Value]]:
    """What the Parker Tracking System is told of so many kits: a record for each assembly of Parker parts alone.

    Raises Refused, naming hose and ends that are not Parker's, where none is.
    """
    records: list[Mapping[str, Value]] = []
    others: list[FieldError] = []
    for line, built in kit.assemblies:
        try:
            records.append(making.pts_record(line.item, built, kit.organization, _pieces(line, quantity), work_order))
        except Refused as refusal:
            others += [FieldError(line.field, error.message) for error in refusal.errors]
    if not records:
        raise Refused.fields(others)
    return records


def _pieces(line: OpenedLine, quantity: float) -> float:
    return float(decimal_of(line.line["quantity"], "quantity") * decimal_of(quantity, "quantity"))
