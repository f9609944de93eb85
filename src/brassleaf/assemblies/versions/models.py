"""What the life cycle of hose assemblies is asked and answers."""

from brassleaf.assemblies.models import HoseAssembly
from brassleaf.customers.heads import NumberedHead
from brassleaf.revisions.models import NewRevisionOf, NewVersionOf


class CopyAsked(NumberedHead):
    """The number of a copy; the other fields take the place of the original's."""


NewVersion = NewVersionOf[HoseAssembly]
NewRevision = NewRevisionOf[HoseAssembly]
