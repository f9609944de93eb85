"""Bills of materials: of an assembly, and of whatever takes several things at once."""

from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import asdict
from datetime import date

import orjson

from brassleaf.assemblies.build import Build
from brassleaf.assemblies.documents import heading_of, length_note, part_use, samples, shop_of
from brassleaf.assemblies.models import PARTS
from brassleaf.documents.models import BillLine, BillOfMaterials
from brassleaf.store.collections import Document
from brassleaf.trade.bom import Use, bill_of_material
from brassleaf.trade.numbers import decimal_of
from brassleaf.trade.units import Measure

_WIRE = {
    "line_number": "lineNumber",
    "item_type": "itemType",
    "part_number": "partNumber",
    "org_part_number": "orgPartNumber",
    "quantity_per": "quantityPer",
    "unit_of_measure": "unitOfMeasure",
}


def bill(
    document: Document, built: Build, organization: Document, quantity: float, *, on: date | None = None
) -> BillOfMaterials:
    """The bill of materials of so many assemblies."""
    return bill_of(
        document,
        [(uses_of(built, organization), 1)],
        built.parts.values(),
        organization,
        quantity,
        notes=length_note(built),
        sample_notes=tuple(samples(built)),
        on=on,
    )


def uses_of(built: Build, organization: Document) -> list[Use]:
    """What one assembly takes of its parts."""
    return [part_use(role, built, organization) for role in PARTS if role in built.parts]


def bill_of(
    document: Document,
    takes: Sequence[tuple[Sequence[Use], float]],
    items: Iterable[Document],
    organization: Document,
    quantity: float,
    *,
    notes: str = "",
    sample_notes: tuple[str, ...] = (),
    on: date | None = None,
) -> BillOfMaterials:
    """The bill of so many of what takes these parts, each so often: equal parts merge, lengths in the stock's unit."""
    kerf = Measure.of(organization.get("kerf") or 0, str(organization["defaultLengthUnit"]), "kerf")
    scrap = decimal_of(organization.get("scrapPercent") or 0, "scrapPercent")
    times = decimal_of(quantity, "quantity")
    per = [(uses, decimal_of(count, "quantity")) for uses, count in takes]
    one = bill_of_material(per, kerf, scrap)
    all_ = bill_of_material([(uses, count * times) for uses, count in per], kerf, scrap)
    by_id = {str(item["_id"]): item for item in items}
    lines = []
    for number, (single, whole) in enumerate(zip(one, all_, strict=True), start=1):
        item = by_id[single.part]
        lines.append(
            BillLine(
                number,
                str(item["itemType"]),
                str(item.get("brand") or ""),
                str(item["partNumber"]),
                str(item.get("orgPartNumber") or ""),
                str(item.get("description") or ""),
                single.quantity,
                whole.quantity,
                single.unit,
            )
        )
    return BillOfMaterials(
        shop=shop_of(organization),
        heading=heading_of(document, on),
        lines=tuple(lines),
        quantity=times,
        notes=notes,
        sample_notes=sample_notes,
    )


async def bill_rows(made: BillOfMaterials, items: Iterable[Document]) -> AsyncIterator[Sequence[bytes]]:
    """The lines of a bill as the rows of its sheet, with the sample figures of each item."""
    sampled = {(item["itemType"], item.get("brand"), item["partNumber"]): item.get("sampleData") for item in items}
    yield [
        orjson.dumps(
            {
                **{_WIRE.get(name, name): value for name, value in asdict(line).items()},
                "sampleData": sampled.get((line.item_type, line.brand, line.part_number)),
            },
            default=float,
        )
        for line in made.lines
    ]
