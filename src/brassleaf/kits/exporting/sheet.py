"""The columns of hose kits in Excel: a row for each line, so that it can be filtered and added up."""

from brassleaf.sheets.columns import Column, Sheet

KIT_SHEET = Sheet(
    "Hose kits",
    (
        Column("Kit part number", "partNumber", width=26),
        Column("Kit revision", "revision", width=12),
        Column("Kit description", "description", width=48),
        Column("Customer", "customerName", width=28),
        Column("Customer part number", "customerPartNumber"),
        Column("Customer revision", "customerRevision"),
        Column("Status", "status"),
        Column("Version", "version", "integer"),
        Column("Line", "line.number", width=10),
        Column("Item type", "line.itemType", width=14),
        Column("Brand", "item.brand"),
        Column("Part number", "item.partNumber", width=26),
        Column("Revision", "item.revision", width=10),
        Column("Own part number", "item.orgPartNumber"),
        Column("Description", "item.description", width=60),
        Column("Quantity", "line.quantity", "number"),
        Column("Line comments", "line.comments", width=40),
        Column("Item status", "item.status", note="Of hose assemblies."),
        Column("Kit comments", "comments", width=40),
        Column("Last modified", "lastModified", "datetime"),
    ),
)
