"""The columns of customers in Excel: one table for export, template and import."""

from brassleaf.sheets.columns import Column, Sheet

_UNITS = ("in", "ft", "mm", "cm", "m")

CUSTOMER_SHEET = Sheet(
    "Customers",
    (
        Column("Name", "name", width=32),
        Column("Domain", "domain", width=24),
        Column("ERP id", "erpId", note="The customer's number in your ERP system; no two customers share one."),
        Column("Address 1", "address1", width=28),
        Column("Address 2", "address2", width=28),
        Column("City", "city"),
        Column("Region", "region"),
        Column("Postal code", "postalCode", width=14),
        Column("Country", "country"),
        Column("Phone number", "phoneNumber"),
        Column("Email", "email", width=28),
        Column("Website", "website", width=28),
        Column("Length unit", "defaultLengthUnit", choices=_UNITS),
        Column("Length unit of bills of materials", "defaultLengthUnitBillOfMaterials", choices=_UNITS),
        Column("Pressure unit", "defaultPressureUnit", choices=("psi", "bar", "MPa")),
        Column("Currency", "defaultCurrency", note="ISO 4217 code, such as USD."),
        Column("Tax code", "defaultTaxCode"),
        Column("Contact for resale", "contactCustomerForResale", "boolean"),
        Column("List pricing", "listPricing", "boolean", note="Price from list price and discount, not from cost."),
        Column("Margin % materials", "defaultMarginPercentMaterials", "number", cost=True),
        Column("Margin % labour", "defaultMarginPercentLabour", "number", cost=True),
        Column("Discount % materials", "defaultDiscountPercentMaterials", "number"),
        Column("Discount % hoses", "defaultDiscountPercentHoses", "number"),
        Column("Discount % crimp fittings", "defaultDiscountPercentCrimpFittings", "number"),
        Column("Discount % wraps", "defaultDiscountPercentWraps", "number"),
        Column("Discount % ferrules", "defaultDiscountPercentFerrules", "number"),
        Column("Discount % adaptors", "defaultDiscountPercentAdaptors", "number"),
        Column("Discount % other items", "defaultDiscountPercentOtherItems", "number"),
        Column("Comments", "comments", width=40),
        Column("Created", "created", "datetime", read_only=True),
        Column("Last modified", "lastModified", "datetime", read_only=True),
    ),
)
