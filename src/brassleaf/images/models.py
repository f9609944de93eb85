"""What is stored and shown of a picture. Its bytes stand in parts, apart from what is known of it."""

from brassleaf.http.models import Record
from brassleaf.store.collections import Collection, Unique
from brassleaf.store.collections import Field as Queried

IMAGES = Collection("images", (), {"belongsTo": Unique("belongsTo")})
#: `picture` is the version that a part is of: a picture that replaces another has parts of its own.
IMAGE_PARTS = Collection("imageParts", (Queried("picture"), Queried("belongsTo")), trail=False)


class ImageProperties(Record):
    """A picture; its bytes are at `url` for those who accept `image/*`."""

    belongsTo: str
    name: str
    contentType: str
    size: int
    width: int
    height: int
    url: str
