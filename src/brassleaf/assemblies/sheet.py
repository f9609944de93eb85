"""The columns of hose assemblies in Excel: one table for export, template and import."""

from typing import get_args

from brassleaf.assemblies.models import LengthConvention
from brassleaf.catalog.wraps.models import COVERAGES
from brassleaf.sheets.columns import Column, Sheet

_BRAND = "Needed only where several brands have the part number."
_FERRULE = "Blank: the ferrule that the hose's crimp specification names."

ASSEMBLY_SHEET = Sheet(
    "Hose assemblies",
    (
        Column("Part number", "partNumber", width=26, required=True),
        Column("Revision", "revision", width=10, note="With the part number it says which assembly is meant."),
        Column("Description", "description", width=60, note="Generated while it is blank."),
        Column("Hose brand", "hoseBrand", note=_BRAND),
        Column("Hose", "hosePartNumber", note="Needed for a new assembly; the maker's number or your own."),
        Column("End 1 brand", "end1Brand", note=_BRAND),
        Column("End 1", "end1PartNumber"),
        Column("End 2 brand", "end2Brand", note=_BRAND),
        Column("End 2", "end2PartNumber"),
        Column("Ferrule 1 brand", "ferrule1Brand", note=_BRAND),
        Column("Ferrule 1", "ferrule1PartNumber", note=_FERRULE),
        Column("Ferrule 2 brand", "ferrule2Brand", note=_BRAND),
        Column("Ferrule 2", "ferrule2PartNumber", note=_FERRULE),
        Column("Length", "length", "number", note="Needed for a new assembly."),
        Column("Length unit", "lengthUnit", choices=("in", "ft", "mm", "cm", "m")),
        Column("Defined by cut length", "definedByCutLength", "boolean"),
        Column("Measured by", "lengthConvention", choices=get_args(LengthConvention)),
        Column("Overall length", "overallLength", "number", read_only=True),
        Column("Cut length", "cutLength", "number", read_only=True),
        Column("Length tolerance", "lengthTolerance", note="Free text; replaces the computed tolerance."),
        Column("Orientation angle", "orientationAngle", "number", note="Counter-clockwise from end 1 (SAE J517)."),
        Column("Required pressure", "requiredPressure.value", "number", note="Hose and ends must be rated for it."),
        Column("Required pressure unit", "requiredPressure.unit", choices=("psi", "bar", "MPa")),
        Column("Lowest temperature °C", "requiredMinTemperatureC", "number", note="The hose must be rated for it."),
        Column("Highest temperature °C", "requiredMaxTemperatureC", "number", note="The hose must be rated for it."),
        Column("Working pressure", "workingPressure.value", "number", read_only=True),
        Column("Pressure unit", "workingPressure.unit", width=10, read_only=True),
        Column("Weight lbs", "WeightLbs", "number", note="Computed while it is blank."),
        Column("Proof test", "proofTest", "boolean"),
        Column("Burst test", "burstTest", "boolean"),
        Column("Wrap brand", "wrapBrand", note=_BRAND),
        Column("Wrap", "wrapPartNumber"),
        Column("Wrap type", "wrapStyle.wrapType"),
        Column("Wrap colour", "wrapStyle.colour"),
        Column("Wrap coverage", "wrapStyle.coverage.coverageType", choices=COVERAGES),
        Column("Wrap start", "wrapStyle.coverage.start", "number"),
        Column("Wrap end", "wrapStyle.coverage.end", "number"),
        Column("Wrap unit", "wrapStyle.coverage.unit", choices=("in", "ft", "mm", "cm", "m")),
        Column("Print text", "printText", width=30),
        Column("Model code", "modelCode"),
        Column("Tag", "tag"),
        Column("Vendor part number", "vendorPartNumber"),
        Column("Customer", "customerName", width=28, note="Name, ERP id or id; another name is kept as it is."),
        Column("Customer part number", "customerPartNumber"),
        Column("Customer revision", "customerRevision"),
        Column("Quantity per package", "quantityPerPackage", "number"),
        Column("Comments", "comments", width=40),
        Column("Production notes", "productionNotes", width=40),
        Column("Expected price", "expectedPrice", "number", note="Compared with the price of one; a row fails by it."),
        Column("Kit quantity", "kitQuantity", "number", note="How many of it the hose kit of an import has."),
        Column(
            "Sample figures",
            "sampleData",
            "list",
            width=40,
            note="Parts whose figures are not for production.",
            read_only=True,
        ),
        Column("Status", "status", read_only=True),
        Column("Version", "version", "integer", read_only=True),
        Column("Last modified", "lastModified", "datetime", read_only=True),
    ),
)


def bill_sheet(of: str) -> Sheet:
    """The columns of a bill of materials; `of` names what it is for."""
    return Sheet(
        "Bill of materials",
        (
            Column("Line", "lineNumber", "integer", width=8),
            Column("Item type", "itemType", width=14),
            Column("Brand", "brand"),
            Column("Part number", "partNumber", width=24),
            Column("Own part number", "orgPartNumber"),
            Column("Description", "description", width=48),
            Column(f"Quantity per {of}", "quantityPer", "number"),
            Column("Quantity", "quantity", "number"),
            Column("Unit of measure", "unitOfMeasure", width=14),
            Column("Sample figures", "sampleData", "list", width=40),
        ),
    )


BILL_SHEET = bill_sheet("assembly")
