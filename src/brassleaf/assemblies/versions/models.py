"""What the life cycle of hose assemblies is asked and answers."""

from brassleaf.assemblies.models import HoseAssembly
from brassleaf.http.fields import LongText, OptionalId, Required, Text
from brassleaf.http.models import Sent, Shown


class CopyAsked(Sent):
    """The number of a copy; the other fields take the place of the original's."""

    partNumber: Required
    revision: Text | None = None
    description: Text | None = None
    comments: LongText | None = None
    customerOrgId: OptionalId = None
    customerName: Text | None = None
    customerPartNumber: Text | None = None
    customerRevision: Text | None = None


class RevisionAsked(Sent):
    """The label of a new revision."""

    revision: Required


class NewVersion(Shown):
    """A version that was opened."""

    success: bool
    message: str
    data: HoseAssembly
    newVersionId: str


class NewRevision(Shown):
    """A version that was opened under a new revision."""

    success: bool
    message: str
    data: HoseAssembly
    revisedVersionId: str
