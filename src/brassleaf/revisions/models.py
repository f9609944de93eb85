"""What calls of the life cycle are asked and answer, whatever resource's they are."""

from typing import Generic, TypeVar

from brassleaf.http.fields import Required
from brassleaf.http.models import Sent, Shown

T = TypeVar("T")


class RevisionAsked(Sent):
    """The label of a new revision."""

    revision: Required


class NewVersionOf(Shown, Generic[T]):
    """A version that was opened."""

    success: bool
    message: str
    data: T
    newVersionId: str


class NewRevisionOf(Shown, Generic[T]):
    """A version that was opened under a new revision."""

    success: bool
    message: str
    data: T
    revisedVersionId: str


class RolledBackVersion(Shown):
    """The version that is current again."""

    rolledBackVersionId: str
