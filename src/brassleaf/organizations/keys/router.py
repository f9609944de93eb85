"""The endpoints of API keys."""

from starlette.responses import Response

from brassleaf.http import answers
from brassleaf.http.fields import Id
from brassleaf.organizations.keys.models import ApiKey, KeyFields, NewApiKey
from brassleaf.organizations.keys.service import KeyService
from brassleaf.security.roles import ADMIN
from brassleaf.security.rooms import CallerOf, House, IfMatch, Room


def room(house: House, keys: KeyService) -> Room:
    """API keys: list, create, update, delete."""
    room = Room(house, "Organization")

    @room.get("/organization/apikeys", allow=ADMIN, answers=list[ApiKey], operation="getOrganizationApiKey")
    async def list_keys(caller: CallerOf) -> Response:
        """The organization's API keys, by name, without their secrets."""
        return answers.json_answer(await keys.all(caller))

    @room.post("/organization/apikeys", allow=ADMIN, answers=NewApiKey, operation="postOrganizationApiKeys")
    async def create(caller: CallerOf, sent: KeyFields) -> Response:
        """Make an API key. Its secret, `apiKey`, is shown this once."""
        return answers.secret(await keys.create(caller, sent))

    @room.post(
        "/organization/apikeys/{apiKeyId}/update",
        allow=ADMIN,
        answers=ApiKey,
        operation="postOrganizationApiKeysIdUpdate",
    )
    async def update(caller: CallerOf, apiKeyId: Id, sent: KeyFields, expected: IfMatch) -> Response:
        """Change a key. It counts at once, for tokens that are there already too; the secret stays."""
        document, stored = await keys.update(caller, apiKeyId, sent, expected)
        return answers.tagged(document, stored)

    @room.post(
        "/organization/apikeys/{apiKeyId}/delete", allow=ADMIN, answers=str, operation="postOrganizationApiIdDelete"
    )
    async def delete(caller: CallerOf, apiKeyId: Id, expected: IfMatch) -> Response:
        """Delete a key; its security tokens end with it."""
        await keys.delete(caller, apiKeyId, expected)
        return answers.json_answer("The API key was deleted.")

    return room
