"""The endpoints of pictures."""

from typing import Annotated

from fastapi import Header
from starlette.requests import Request
from starlette.responses import Response

from brassleaf.http import answers
from brassleaf.http.answers import Done
from brassleaf.http.fields import Id
from brassleaf.images.formats import TYPES
from brassleaf.images.models import ImageProperties
from brassleaf.images.service import LIMIT, Images, tag_of
from brassleaf.security.roles import EVERYONE, STAFF
from brassleaf.security.rooms import BINARY, CallerOf, House, IfMatch, Room

_ACCEPT = Header(description="With image/* the bytes of the picture, else what is known of it.")


def room(house: House, images: Images) -> Room:
    """The picture of a record: what is known of it or its bytes; ours: setting one and taking it away."""
    room = Room(house, "Image")

    @room.get(
        "/image/{belongsToId}",
        allow=EVERYONE,
        answers=ImageProperties,
        responses={200: {"description": "The picture.", "content": dict.fromkeys(TYPES, BINARY)}},
    )
    async def get_image(
        caller: CallerOf,
        belongsToId: Id,
        accept: Annotated[str | None, _ACCEPT] = None,
        if_none_match: Annotated[str | None, Header(include_in_schema=False)] = None,
    ) -> Response:
        """The picture of a record: its bytes for those who accept `image/*`, else what is known of it."""
        if "image/" not in (accept or ""):
            response = answers.tagged(*await images.properties(caller, belongsToId))
            response.headers["Vary"] = "Accept"
            return response
        document, content = await images.content(caller, belongsToId, unless=if_none_match)
        return _bytes(str(document["contentType"]), content, tag_of(document))

    @room.post(
        "/image/{belongsToId}/upload",
        allow=STAFF,
        answers=ImageProperties,
        takes=[*TYPES, "application/octet-stream"],
        body_limit=LIMIT,
        operation="postImageIdUpload",
    )
    async def upload(caller: CallerOf, belongsToId: Id, request: Request, expected: IfMatch) -> Response:
        """Ours: give a record a picture. The body is the file: PNG, JPEG, WebP or GIF of at most 5 MB."""
        return answers.tagged(*await images.put(caller, belongsToId, await request.body(), expected))

    @room.post("/image/{belongsToId}/delete", allow=STAFF, answers=Done, operation="postImageIdDelete")
    async def delete(caller: CallerOf, belongsToId: Id, expected: IfMatch) -> Response:
        """Ours: take a record's picture away."""
        await images.delete(caller, belongsToId, expected)
        return answers.done("The picture was taken away.")

    return room


def _bytes(media_type: str, content: bytes | None, tag: str) -> Response:
    """A picture to look at and nothing else: a browser runs nothing that may be hidden in it."""
    headers = {"ETag": tag, "Vary": "Accept", "Content-Security-Policy": "default-src 'none'; sandbox"}
    if content is None:
        return Response(status_code=304, headers=headers)
    return Response(content, 200, headers, media_type)
