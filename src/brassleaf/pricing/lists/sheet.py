"""The columns of price lists in Excel, one row for each item of a list: one table for export, template and import."""

from brassleaf.customers.breaks import COLUMN
from brassleaf.sheets.columns import Column, Sheet
from brassleaf.trade.itemtypes import ITEM_TYPES

PRICE_LIST_SHEET = Sheet(
    "Price lists",
    (
        Column("Price list id", "priceListId", width=14, note="Such as PL-0001; or give the name of the price list."),
        Column("Price list", "priceListName", width=28, note="The name of a price list that is there; or give its id."),
        Column("Brand", "brand", note="Blank for an item that has none."),
        Column("Part number", "partNumber", width=24, required=True),
        Column(
            "Item type",
            "itemType",
            choices=ITEM_TYPES,
            note="Needed only where several types of item have this brand and part number.",
        ),
        Column("List price", "listPrice", "number"),
        Column("Currency", "currency", note="ISO 4217 code, such as USD. Blank: the currency of the price list."),
        Column("Unit of measure", "unitOfMeasure", note="What the price is for: each, or in, ft, mm, cm, m."),
        Column("Enabled", "enabled", "boolean", note="FALSE: as if the price list did not have this item."),
        COLUMN,
    ),
)
