"""Shapes that every resource's models build on."""

from typing import Annotated, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from brassleaf.http.fields import Text

T = TypeVar("T")


class Sent(BaseModel):
    """What a client sends: types are not coerced, unknown keys are left to the header X-Unknown-Fields."""

    model_config = ConfigDict(strict=True, populate_by_name=False, extra="ignore")


class SentAddress(Sent):
    """Where somebody is, as it is sent."""

    address1: Text | None = None
    address2: Text | None = None
    city: Text | None = None
    region: Text | None = None
    postalCode: Text | None = None
    country: Text | None = None
    phoneNumber: Text | None = None


class Shown(BaseModel):
    """What is answered, for the documentation and the tests: answers are encoded from what is stored."""

    model_config = ConfigDict(extra="forbid")


class Record(Shown):
    """The fields that every stored document has."""

    id: Annotated[str, Field(alias="_id", pattern="^[0-9a-f]{24}$")]
    created: str
    createdBy: str | None = None
    lastModified: str
    lastModifiedBy: str | None = None
    deleted: bool
    deletedDate: str | None = None
    deletedBy: str | None = None


class ShownAddress(Shown):
    """Where somebody is, as it is answered."""

    address1: str | None = None
    address2: str | None = None
    city: str | None = None
    region: str | None = None
    postalCode: str | None = None
    country: str | None = None
    phoneNumber: str | None = None


class PageOf(Shown, Generic[T]):
    """A page of a list."""

    items: list[T]
    total: int = Field(description="Documents in the whole list.")
    page: int
    itemsPerPage: int
    next: str | None = Field(None, description="With `after`: where to go on; absent on the last page.")
    updatedSince: str | None = Field(
        None, description="With `updatedSince` and an empty `after`: what to send as `updatedSince` the next time."
    )
