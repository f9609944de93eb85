"""Imports of workbooks: one service for every resource.

A resource has a column table (`sheets.columns.Sheet`) and implements `Handler`; the service does the rest: reads the
upload in a child process, finds the columns, reads the cells by their kinds, asks the handler batch by batch what each
row means (`plan`), reads the documents that are there, compares, writes, and reports created, updated, unchanged and
failed rows. A handler writes nothing and knows neither Excel nor HTTP:

    class ItemImport:
        def __init__(self, store: Store, caller: Caller) -> None: ...

        @property
        def sheet(self) -> Sheet:
            return ITEM_SHEET if self._caller.sees_cost else ITEM_SHEET.without_cost()

        @property
        def repository(self) -> Repository: ...

        async def plan(self, rows: Sequence[Row]) -> Sequence[Change | Refused]:
            customers = await self._customers(rows)  # one query for all rows
            return [self._change(row, customers) for row in rows]

        def _change(self, row: Row, customers: Mapping[str, str]) -> Change | Refused:
            customer = customers.get(row.values["customer"])
            if customer is None:
                return Refused.field("customer", "There is no such customer.")
            try:
                sent = checked(ItemChange, {name: row.values[name] for name in row.values if name in OWN_FIELDS})
            except Refused as error:
                return error
            fields = sent.model_dump(exclude_unset=True)
            return Change(pair_id(customer, item), lambda before: merged(before, {**fields, "customer": customer}))

        def taken(self, label: str, row: Row) -> Refused: ...

and its router declares the endpoint in one call, with the options `dryRun` and `errorsFile`, `Prefer:
respond-async`, the upload and every answer documented:

    import_route(room, "/customers/items/import", imports, "customer-items", allow=ADMIN,
                 handler=items.importing, operation="postCustomersItemsImport", about="Load customer items …")

where `items.importing(caller)` makes the handler and `imports` is the application's `Imports`. What follows from it:

- Two rows of one file may not ask for the same id: the later one fails, naming the row of the first.
- Good rows are kept when others fail; what a row may do is decided in `plan` and `apply`, never half-way in a write.
- A value that Excel shows as it shows the stored one (a time to the millisecond, a list, an object as JSON) counts as
  unchanged, so that a round trip export → import changes nothing.
- An import with fields in its form besides the file names their model: `import_route(…, form=Options)`; its handler is
  then made by `importing(caller, options)`.
- A handler that is `Concluding` too hears what became of each row and adds to the report.
- A column that is only shown (`Column(..., read_only=True)`: when it was created) is skipped.
"""

from brassleaf.imports.checking import Checking
from brassleaf.imports.handlers import Change, Concluding, Handler, Needed, Row, checked, merged, put

__all__ = ["Change", "Checking", "Concluding", "Handler", "Needed", "Row", "checked", "merged", "put"]
