"""The columns of customer items in Excel: one table for export, template and import."""

from brassleaf.catalog.kinds import CURRENCY_NOTE, SAID_COLUMNS, UNIT_NOTE
from brassleaf.customers.breaks import COLUMN
from brassleaf.sheets.columns import Column, Sheet
from brassleaf.trade.itemtypes import ITEM_TYPES

CUSTOMER_ITEM_SHEET = Sheet(
    "Customer items",
    (
        Column("Customer", "customer", width=32, required=True, note="Name, ERP id or id of the customer."),
        Column("Brand", "brand", note="Blank for an item that has none."),
        Column("Part number", "partNumber", required=True),
        Column(
            "Item type",
            "itemType",
            choices=ITEM_TYPES,
            note="Needed only where items of several types share brand and part number.",
        ),
        *SAID_COLUMNS,
        Column("Net price", "netPrice", "number", note="Stands as it is, before Price and Discount."),
        Column("Net price currency", "netPriceCurrency", note=CURRENCY_NOTE),
        Column("Net price unit of measure", "netPriceUnitOfMeasure", note=UNIT_NOTE),
        Column("Price", "price", "number", note="Less the discount."),
        Column("Discount", "discount", "number", note="A fraction: 0.1 is 10 %."),
        COLUMN,
        Column("Start date", "startDate", "datetime", note="The first day on which the price holds."),
        Column("End date", "endDate", "datetime", note="The last day on which the price holds."),
        Column("ERP id", "erpId"),
        Column("ERP header id", "erpHeaderId"),
        Column("Notes", "notes", width=40),
    ),
)
