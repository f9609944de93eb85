"""Which of four formats a picture is of, how large, and that it is whole: by its own bytes, not by what a client says.

SVG is none of them: it is a program. Nothing is decoded here, so that a picture cannot unpack itself in the server;
its size in pixels is bounded for those who decode it later. Every format says where a picture ends, and that end must
be there: an upload that was cut off is no picture. What cameras and programs append behind it does no harm.
"""

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass

#: Pixels: a photograph of a good camera is below; 40 million are 160 MB once decoded.
MOST_PIXELS = 40_000_000
TYPES = {"image/png": "png", "image/jpeg": "jpg", "image/webp": "webp", "image/gif": "gif"}


@dataclass(frozen=True, slots=True)
class Format:
    """What a picture is."""

    media_type: str
    width: int
    height: int


#: A marker of JPEG that is neither a zero byte after data, nor a restart, nor a fill byte (ITU-T T.81, B.1.1.2).
_MARKER = re.compile(rb"\xff([\x02-\xcf\xd8-\xfe])")


def recognise(content: bytes) -> Format:
    """The format of a picture that is whole. Raises ValueError, with a sentence, for anything else."""
    try:
        found = _found(content)
    except (struct.error, IndexError):
        found = None  # cut off
    if found is None:
        raise ValueError("This is no whole PNG, JPEG, WebP or GIF picture.")
    if not found.width or not found.height or found.width * found.height > MOST_PIXELS:
        raise ValueError(f"The picture may have at most {MOST_PIXELS:,} pixels, and at least one.")
    return found


def _found(content: bytes) -> Format | None:
    if content.startswith(b"\x89PNG\r\n\x1a\n") and content[12:16] == b"IHDR":
        return _png(content)
    if content.startswith((b"GIF87a", b"GIF89a")):
        return _gif(content)
    if content.startswith(b"\xff\xd8\xff"):
        return _jpeg(content)
    if content.startswith(b"RIFF") and content[8:12] == b"WEBP":
        return _webp(content)
    return None


def _png(content: bytes) -> Format | None:
    """ISO/IEC 15948, 5.3 and 11.2: chunks with their lengths, data among them, the last of them IEND."""
    size = struct.unpack_from(">II", content, 16)
    position, data = 8, False
    while True:
        length, kind = struct.unpack_from(">I4s", content, position)
        position += 12 + length
        data = data or kind == b"IDAT"
        if kind == b"IEND":
            return Format("image/png", *size) if data and position <= len(content) else None


def _gif(content: bytes) -> Format | None:
    """GIF89a, 17 to 27: blocks of sub-blocks with their lengths, an image among them, and the trailer."""
    width, height, flags = struct.unpack_from("<HHB", content, 6)
    position, image = 13 + _colours(flags), False
    while content[position] != 0x3B:
        if content[position] == 0x2C:
            position += 11 + _colours(content[position + 9])
            image = True
        elif content[position] == 0x21:
            position += 2
        else:
            return None
        while length := content[position]:
            position += 1 + length
        position += 1
    return Format("image/gif", width, height) if image else None


def _colours(flags: int) -> int:
    """The bytes of the table of colours that a screen or an image has."""
    return 3 * 2 ** ((flags & 7) + 1) if flags & 0x80 else 0


def _jpeg(content: bytes) -> Format | None:
    """ITU-T T.81, B.1 and B.2: segments with their lengths, the frame header among them, scans and the end."""
    size: tuple[int, int] | None = None
    position, scanned = 2, False
    while (found := _MARKER.search(content, position)) is not None:
        marker, position = found[1][0], found.end()
        if marker == 0xD9:
            return Format("image/jpeg", *size) if size and scanned else None
        if marker == 0xD8:
            return None  # another picture begins before this one ended
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack_from(">HH", content, position + 3)
            size = size or (width, height)
        scanned = scanned or marker == 0xDA
        (length,) = struct.unpack_from(">H", content, position)
        if length < 2:  # it counts its own two bytes
            return None
        position += length
    return None


def _webp(content: bytes) -> Format | None:
    """RFC 9649: the lossy, the lossless and the extended form, as long as the file says that it is."""
    (length,) = struct.unpack_from("<I", content, 4)
    body = content[: 8 + length]
    if len(body) < 8 + length or not any(kind in (b"VP8 ", b"VP8L", b"ANMF") for kind in _chunks(body)):
        return None
    kind = body[12:16]
    if kind == b"VP8 " and body[23:26] == b"\x9d\x01\x2a":
        width, height = struct.unpack_from("<HH", body, 26)
        return Format("image/webp", width & 0x3FFF, height & 0x3FFF)
    if kind == b"VP8L" and body[20] == 0x2F:
        bits = struct.unpack_from("<I", body, 21)[0]
        return Format("image/webp", (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1)
    if kind == b"VP8X":
        width, height = (int.from_bytes(body[start : start + 3], "little") + 1 for start in (24, 27))
        return Format("image/webp", width, height) if len(body) >= 30 else None
    return None


def _chunks(body: bytes) -> Iterator[bytes]:
    """The kinds of the chunks that are whole; the pad byte of the last one is left out by some programs."""
    position = 12
    while position + 8 <= len(body):
        kind, length = struct.unpack_from("<4sI", body, position)
        position += 8 + length + length % 2
        if position - length % 2 <= len(body):
            yield kind
