"""PDF documents: a frozen dataclass in, bytes out. No store, no HTTP, no settings."""

from brassleaf.documents.billofmaterials import render_bill_of_materials
from brassleaf.documents.datasheet import render_datasheet

__all__ = ["render_bill_of_materials", "render_datasheet"]
