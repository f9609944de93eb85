"""The endpoints of hose assemblies in Excel: import, template, export."""

from collections.abc import Callable

from starlette.responses import Response

from brassleaf.assemblies.importing.handler import AssemblyImport
from brassleaf.assemblies.importing.models import AssemblyImportOptions, AssemblyImportReport
from brassleaf.assemblies.models import AssemblyExport
from brassleaf.assemblies.service import AssemblyService
from brassleaf.assemblies.sheet import ASSEMBLY_SHEET
from brassleaf.http import answers
from brassleaf.imports.router import Imports, import_route
from brassleaf.security.caller import Caller
from brassleaf.security.roles import READERS, STAFF
from brassleaf.security.rooms import CallerOf, House, Room
from brassleaf.sheets import workbook
from brassleaf.sheets.export import Exporter


def room(
    house: House,
    assemblies: AssemblyService,
    importing: Callable[[Caller, AssemblyImportOptions], AssemblyImport],
    exporter: Exporter,
    imports: Imports,
) -> Room:
    """Excel in and out."""
    room = Room(house, "Hose assembly")

    import_route(
        room,
        "/hoseassemblies/import",
        imports,
        "hose-assemblies",
        allow=STAFF,
        handler=importing,
        operation="postHoseAssembliesImport",
        about="Load hose assemblies from a workbook. Parts are named by brand and part number, or by your own number; "
        "each good row is released unless `doNotRelease` is set.",
        form=AssemblyImportOptions,
        answers_with=AssemblyImportReport,
    )

    @room.post("/hoseassemblies/exceltemplate", allow=STAFF, answers=bytes, writes=False, produces=[answers.XLSX])
    async def hose_assemblies_excel_template(caller: CallerOf) -> Response:  # noqa: ARG001  the role is checked
        """An empty workbook with the columns of hose assemblies."""
        return answers.file(workbook.template(ASSEMBLY_SHEET), answers.XLSX, "hose-assemblies-template.xlsx")

    @room.post("/hoseassemblies/export", allow=READERS, answers=bytes, writes=False, produces=[answers.XLSX])
    async def export_hose_assemblies(caller: CallerOf, sent: AssemblyExport) -> Response:
        """The chosen hose assemblies, or all (`selectAll`), as a workbook."""
        made = await exporter.export(ASSEMBLY_SHEET, assemblies.exported(caller, sent))
        return answers.file_stream(aiter(made), made.size, answers.XLSX, "hose-assemblies.xlsx")

    return room
