"""What the life cycle of hose assemblies is asked and answers."""

from brassleaf.assemblies.models import HoseAssembly
from brassleaf.customers.heads import NumberedHead
from brassleaf.http.fields import Required
from brassleaf.http.models import Sent, Shown


class CopyAsked(NumberedHead):
    """The number of a copy; the other fields take the place of the original's."""


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
