"""Documents: a frozen dataclass in, bytes out. No store, no HTTP, no settings."""

from brassleaf.documents.billofmaterials import render_bill_of_materials
from brassleaf.documents.cutsheet import render_cut_sheet
from brassleaf.documents.datasheet import render_datasheet
from brassleaf.documents.kitsheet import render_kit_sheet
from brassleaf.documents.labels import render_labels
from brassleaf.documents.records import render_records
from brassleaf.documents.zpl import render_zpl

__all__ = [
    "render_bill_of_materials",
    "render_cut_sheet",
    "render_datasheet",
    "render_kit_sheet",
    "render_labels",
    "render_records",
    "render_zpl",
]
