"""What is shown of a change."""

from typing import Any, Literal

from pydantic import Field

from brassleaf.http.models import PageOf, Record


class AuditEntry(Record):
    """One change of one record: `createdBy` at `created`; nobody is named for the server's own bookkeeping."""

    collection: str
    record: str = Field(description="The id of the record.")
    name: str | None = Field(None, description="What the record was called, readable when it is gone.")
    revision: int = Field(description="The record's ETag after the change.")
    action: Literal["created", "changed", "deleted"]
    before: dict[str, Any] | None = Field(None, description="The fields that changed, as they were; all when deleted.")
    after: dict[str, Any] | None = Field(None, description="The fields that changed, as they are; all when made.")


AuditPage = PageOf[AuditEntry]
