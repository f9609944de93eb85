"""What is asked of the data sheet and of the labels of a kit."""

from typing import Annotated, Literal

from pydantic import Field

from brassleaf.assemblies.printing.models import MOST_LABELS, LabelAsked
from brassleaf.documents.labels import LabelSize
from brassleaf.http.fields import Currency, LengthUnit
from brassleaf.http.models import Sent


class KitSheetAsked(Sent):
    """What the data sheet of a kit shows."""

    includePrice: bool = False
    includeHoseAssemblies: bool = Field(default=True, description="How each hose assembly is made up.")
    lengthUnit: LengthUnit | None = None
    paper: Literal["letter", "a4"] | None = None
    currency: Currency | None = None


class KitLabelAsked(LabelAsked):
    """Labels of the hose assemblies of a kit."""

    numCopies: Annotated[int, Field(ge=1, le=MOST_LABELS)] = Field(1, description="Labels for each hose assembly.")
    numHoseAssemblies: Annotated[int, Field(ge=1)] | None = Field(
        None, description="So many hose assemblies of the kit, in the order of its lines; all when absent."
    )
    labelSize: LabelSize = Field("4x6", description="Width x height, in inches where no unit is named.")
