"""What goes with an import of hose assemblies, and what its report says besides."""

from pydantic import Field

from brassleaf.customers.heads import NumberedHead
from brassleaf.http.models import Sent
from brassleaf.imports.report import ImportReport


class KitAsked(NumberedHead):
    """The hose kit that lists the imported assemblies."""


class AssemblyImportOptions(Sent):
    """The fields of the form beside the file."""

    doNotRelease: bool = Field(default=False, description="Leave the imported assemblies under editing.")
    checkPrices: bool = Field(default=False, description="A row fails where a part of its assembly has no price.")
    hoseKit: KitAsked | None = None


class AssemblyImportReport(ImportReport):
    """What became of the rows, and which assemblies they are."""

    hoseAssemblies: list[str] = Field(description="The assemblies of the good rows, in their order; the first 10,000.")
    hoseKit: str | None = Field(None, description="The hose kit that lists them, where one was asked for.")
