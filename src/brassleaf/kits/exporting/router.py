"""The endpoint of hose kits in Excel."""

from starlette.responses import Response

from brassleaf.http import answers
from brassleaf.kits.exporting.models import KitExport
from brassleaf.kits.exporting.service import KitExports
from brassleaf.kits.exporting.sheet import KIT_SHEET
from brassleaf.security.roles import READERS
from brassleaf.security.rooms import CallerOf, House, Room
from brassleaf.sheets.export import Exporter


def room(house: House, exports: KitExports, exporter: Exporter) -> Room:
    """Excel out."""
    room = Room(house, "Hose kit")

    @room.post("/hosekits/export", allow=READERS, answers=bytes, writes=False, produces=[answers.XLSX])
    async def export_hose_kits(caller: CallerOf, sent: KitExport) -> Response:
        """The chosen hose kits, or all (`selectAll`), as a workbook with a row for each of their lines."""
        made = await exporter.export(KIT_SHEET, exports.rows(caller, sent))
        return answers.file_stream(aiter(made), made.size, answers.XLSX, "hose-kits.xlsx")

    return room
