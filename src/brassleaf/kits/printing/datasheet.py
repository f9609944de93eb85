"""From a hose kit to its data sheet."""

from brassleaf.assemblies.build import Build
from brassleaf.assemblies.documents import data_sheet, heading_of, length_unit, samples, shop_of
from brassleaf.assemblies.fitness import ENDS
from brassleaf.assemblies.printing.making import hose_text, part_text
from brassleaf.assemblies.service import is_visible
from brassleaf.documents.models import KitAssembly, KitSheet, KitSheetLine, PriceLine, Prices
from brassleaf.documents.texts import with_revision
from brassleaf.kits.lines import noun
from brassleaf.kits.opening import OpenedKit, OpenedLine
from brassleaf.revisions.lifecycle import UNDER_EDITING
from brassleaf.security.caller import Caller
from brassleaf.store.collections import Document
from brassleaf.trade.money import minor_digits


def kit_sheet(caller: Caller, kit: OpenedKit, *, assemblies: bool, price: Document | None) -> KitSheet:
    """The data sheet of a kit; `assemblies` tells how each is made up, `price` is an answer of the kit's prices.

    A customer is not told how an assembly is made up that is another customer's.
    """
    lines = sorted(kit.lines, key=lambda entry: entry.line["order"])
    told = [
        _assembly(line.item, line.built, kit.organization)
        for line in lines
        if assemblies and line.built is not None and is_visible(caller, line.item)
    ]
    return KitSheet(
        shop=shop_of(kit.organization),
        heading=heading_of(kit.document, None),
        lines=tuple(_line(line) for line in lines),
        assemblies=tuple(told),
        draft=kit.document["status"] == UNDER_EDITING,
        notes=str(kit.document.get("comments") or ""),
        prices=None if price is None else _prices(price, str(kit.organization["revisionDelimiter"])),
        sample_notes=tuple(note for line in lines for note in sample_notes(line)),
    )


def sample_notes(line: OpenedLine) -> list[str]:
    """Which figures of a line's item are samples."""
    found = [", ".join(line.item.get("sampleData") or [])] if line.built is None else samples(line.built)
    return [f"{line.item['partNumber']}: {text}" for text in found if text]


def _line(line: OpenedLine) -> KitSheetLine:
    item = line.item
    return KitSheetLine(
        number=line.line["number"],
        quantity=line.line["quantity"],
        item=noun(line.kind).capitalize(),
        part_number=str(item["partNumber"]),
        revision=str(item.get("revision") or ""),
        brand=str(item.get("brand") or ""),
        description=str(item.get("description") or ""),
        comments=str(line.line.get("comments") or ""),
    )


def _assembly(document: Document, built: Build, organization: Document) -> KitAssembly:
    """An assembly in short, by the figures of its own data sheet."""
    sheet = data_sheet(document, built, organization, crimp_data=False, price=None)
    return KitAssembly(
        part_number=sheet.heading.part_number,
        unit=length_unit(built.lengths.unit),
        revision=sheet.heading.revision,
        hose=hose_text(built),
        ends=(part_text(built, ENDS[0]), part_text(built, ENDS[1])),
        overall_length=sheet.overall_length,
        tolerance_plus=sheet.tolerance_plus,
        tolerance_minus=sheet.tolerance_minus,
        length_tolerance=sheet.length_tolerance,
        pressure=sheet.rating.working,
        print_text=sheet.print_text,
        notes=sheet.notes,
    )


def _prices(price: Document, between: str) -> Prices:
    lines = tuple(
        PriceLine(
            description=with_revision(line["partNumber"], line.get("revision"), between),
            quantity=line["quantity"],
            unit="each",
            unit_price=line["unitPrice"],
            price=line["totalPrice"],
        )
        for line in price["items"]
    )
    missing = [str(line["partNumber"]) for line in price["items"] if line["totalPrice"] is None]
    note = f"No price for: {', '.join(missing)}." if missing else ""
    return Prices(str(price["currency"]), lines, price["price"], note, minor_digits(str(price["currency"])))
