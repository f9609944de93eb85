"""The columns of hose assemblies in Excel."""

from brassleaf.sheets.columns import Column, Sheet

ASSEMBLY_SHEET = Sheet(
    "Hose assemblies",
    (
        Column("Part number", "partNumber", width=26, required=True),
        Column("Revision", "revision", width=10),
        Column("Description", "description", width=60),
        Column("Hose brand", "hoseBrand"),
        Column("Hose", "hosePartNumber", required=True),
        Column("End 1", "end1PartNumber"),
        Column("End 2", "end2PartNumber"),
        Column("Length", "length", "number", required=True),
        Column("Length unit", "lengthUnit", choices=("in", "ft", "mm", "cm", "m")),
        Column("Defined by cut length", "definedByCutLength", "boolean"),
        Column("Overall length", "overallLength", "number"),
        Column("Cut length", "cutLength", "number"),
        Column("Length tolerance", "lengthTolerance"),
        Column("Orientation angle", "orientationAngle", "number"),
        Column("Working pressure", "workingPressure.value", "number"),
        Column("Pressure unit", "workingPressure.unit", width=10),
        Column("Weight lbs", "WeightLbs", "number"),
        Column("Proof test", "proofTest", "boolean"),
        Column("Burst test", "burstTest", "boolean"),
        Column("Wrap type", "wrapStyle.wrapType"),
        Column("Print text", "printText", width=30),
        Column("Model code", "modelCode"),
        Column("Tag", "tag"),
        Column("Vendor part number", "vendorPartNumber"),
        Column("Customer", "customerName", width=28),
        Column("Customer part number", "customerPartNumber"),
        Column("Customer revision", "customerRevision"),
        Column("Comments", "comments", width=40),
        Column("Production notes", "productionNotes", width=40),
        Column("Sample figures", "sampleData", "list", width=40, note="Parts whose figures are not for production."),
        Column("Status", "status"),
        Column("Version", "version", "integer"),
        Column("Last modified", "lastModified", "datetime"),
    ),
)

BILL_SHEET = Sheet(
    "Bill of materials",
    (
        Column("Line", "lineNumber", "integer", width=8),
        Column("Item type", "itemType", width=14),
        Column("Brand", "brand"),
        Column("Part number", "partNumber", width=24),
        Column("Own part number", "orgPartNumber"),
        Column("Description", "description", width=48),
        Column("Quantity per assembly", "quantityPer", "number"),
        Column("Quantity", "quantity", "number"),
        Column("Unit of measure", "unitOfMeasure", width=14),
        Column("Sample figures", "sampleData", "list", width=40),
    ),
)
