"""What is asked of the labels of a kit."""

from typing import Annotated

from pydantic import Field

from brassleaf.assemblies.printing.models import MOST_LABELS, LabelAsked
from brassleaf.documents.labels import LabelSize


class KitLabelAsked(LabelAsked):
    """Labels of the hose assemblies of a kit."""

    numCopies: Annotated[int, Field(ge=1, le=MOST_LABELS)] = Field(1, description="Labels for each hose assembly.")
    numHoseAssemblies: Annotated[int, Field(ge=1)] | None = Field(
        None, description="So many hose assemblies of the kit, in the order of its lines; all when absent."
    )
    labelSize: LabelSize = Field("4x6", description="Width x height, in inches where no unit is named.")
