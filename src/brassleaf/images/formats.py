"""Which of four formats a picture is of, and how large: read from its own bytes, never from what a client says.

SVG is none of them: it is a program. Nothing is decoded here, so that a picture cannot unpack itself in the server;
its size in pixels is bounded for those who decode it later.
"""

import struct
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


def recognise(content: bytes) -> Format:
    """The format of a picture. Raises ValueError, with a sentence, for anything else."""
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
    # PNG: ISO/IEC 15948, 5.2 and 11.2.2
    if content.startswith(b"\x89PNG\r\n\x1a\n") and content[12:16] == b"IHDR":
        return Format("image/png", *struct.unpack_from(">II", content, 16))
    # GIF89a, 17 and 18
    if content.startswith((b"GIF87a", b"GIF89a")):
        return Format("image/gif", *struct.unpack_from("<HH", content, 6))
    if content.startswith(b"\xff\xd8\xff"):
        return _jpeg(content)
    if content.startswith(b"RIFF") and content[8:12] == b"WEBP":
        return _webp(content)
    return None


def _jpeg(content: bytes) -> Format | None:
    """ITU-T T.81, B.1 and B.2.2: the frame header stands behind other segments, each with its length."""
    position = 2
    while content[position] == 0xFF:
        marker = content[position + 1]
        if marker == 0xFF:  # a fill byte
            position += 1
        elif 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack_from(">HH", content, position + 5)
            return Format("image/jpeg", width, height)
        elif marker in (0xD9, 0xDA):  # the end, or data without a frame
            return None
        elif 0xD0 <= marker <= 0xD8 or marker == 0x01:
            position += 2
        else:
            position += 2 + struct.unpack_from(">H", content, position + 2)[0]
    return None


def _webp(content: bytes) -> Format | None:
    """RFC 9649: the lossy, the lossless and the extended form."""
    kind = content[12:16]
    if kind == b"VP8 " and content[23:26] == b"\x9d\x01\x2a":
        width, height = struct.unpack_from("<HH", content, 26)
        return Format("image/webp", width & 0x3FFF, height & 0x3FFF)
    if kind == b"VP8L" and content[20] == 0x2F:
        bits = struct.unpack_from("<I", content, 21)[0]
        return Format("image/webp", (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1)
    if kind == b"VP8X":
        width, height = (int.from_bytes(content[start : start + 3], "little") + 1 for start in (24, 27))
        return Format("image/webp", width, height) if len(content) >= 30 else None
    return None
