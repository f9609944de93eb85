"""What is asked of an export of kits."""

from typing import Annotated

from pydantic import Field

from brassleaf.http.fields import Id, Text
from brassleaf.http.models import Sent


class KitSearch(Sent):
    """Narrows an export."""

    partNumber: Text | None = None
    description: Text | None = None
    customerPartNumber: Text | None = None
    customerName: Text | None = None
    status: Text | None = None


class KitExport(Sent):
    """Which hose kits to export."""

    hoseKits: Annotated[list[Id], Field(max_length=10_000)]
    selectAll: bool
    search: KitSearch | None = None
