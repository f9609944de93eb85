"""The rules of organizations."""

from typing import Any

from brassleaf.organizations.models import DEFAULTS, ORGANIZATIONS, OrganizationFields
from brassleaf.security.caller import Caller
from brassleaf.security.principals import API_KEYS, USERS
from brassleaf.store.collections import Document
from brassleaf.store.port import Store, Stored
from brassleaf.store.records import Records, new_document


class OrganizationService:
    """One organization at a time: the caller's own."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def get(self, organization: str) -> Stored:
        """The organization itself."""
        return await self._records(organization, "").get(organization)

    async def defaults(self, caller: Caller) -> tuple[Document, Stored]:
        """The start values of a configurator as the caller may see them, and the organization that they come from."""
        stored = await self.get(caller.organization)
        names = DEFAULTS.class_for(caller).model_fields
        return {name: stored[name] for name in names if stored[name] is not None}, stored

    async def create(self, fields: dict[str, Any], by: str) -> Stored:
        """Found an organization. Its documents live under its own id."""
        checked = OrganizationFields.model_validate(fields).model_dump(exclude_none=True)
        document = new_document(checked, by)
        return await self._store.repository(ORGANIZATIONS, document["_id"]).insert(document)

    async def user(self, caller: Caller) -> Document:
        """Who is signed in."""
        collection = USERS if caller.kind == "user" else API_KEYS
        stored = await Records(self._store.repository(collection, caller.organization), "user", "").get(caller.id)
        organization = await self.get(caller.organization)
        return {
            "_id": stored.id,
            "name": stored["name"],
            "email": stored["email"],
            "role": caller.role,
            "organization": {"_id": organization.id, "name": organization["name"]},
            "created": stored["created"],
            "lastModified": stored["lastModified"],
        }

    def _records(self, organization: str, by: str) -> Records:
        return Records(self._store.repository(ORGANIZATIONS, organization), "organization", by)
