"""Uploaded files: one file of a multipart form, or the body itself, bounded and kept on disk instead of in memory."""

import asyncio
import hashlib
import tempfile
from email.message import Message
from typing import IO

from python_multipart.exceptions import MultipartParseError
from python_multipart.multipart import MultipartParser
from starlette.requests import ClientDisconnect, Request

from brassleaf.errors import NotFound, Refused, WrongMediaType
from brassleaf.http.bodies import too_large

FORM = "multipart/form-data"
MOST_PARTS = 20
_AT_ONCE = 1 << 20  # bytes that are written in one go, beside the event loop
_OVERHEAD = 20_000  # bytes of a form that are not its file
_WHOLE_BODIES = (
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/octet-stream",
)
_HOW = 'Send the file as multipart/form-data in a part named "file".'


class Upload:
    """A file that came with a request; it has no name on the disk, so nothing is left of it whatever happens."""

    def __init__(self) -> None:
        self.file: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115  closed by whoever it is handed to
        self.name = ""
        self.size = 0
        self.fields: dict[str, str] = {}
        self._hash = hashlib.sha256()
        self._waiting: list[bytes] = []
        self._held = 0
        self._kept = False

    @property
    def digest(self) -> str:
        """What tells this file, with the form's other fields, from another one."""
        if not self.fields:
            return self._hash.hexdigest()
        fields = repr(sorted(self.fields.items())).encode()
        return hashlib.sha256(self._hash.digest() + fields).hexdigest()

    def add(self, piece: bytes) -> None:
        """Take the next bytes."""
        self._waiting.append(piece)
        self._held += len(piece)
        self.size += len(piece)

    async def flush(self, least: int = _AT_ONCE) -> None:
        """Write what was taken, once it is worth it."""
        if self._held < least or not self._waiting:
            return
        pieces, self._waiting, self._held = self._waiting, [], 0
        await asyncio.to_thread(self._write, pieces)

    def _write(self, pieces: list[bytes]) -> None:
        for piece in pieces:
            self._hash.update(piece)
            self.file.write(piece)
        self.file.flush()

    def keep(self) -> None:
        """Leave the file to one who needs it longer than the request and closes it."""
        self._kept = True

    def release(self) -> None:
        """Give the disk space back, unless somebody keeps the file."""
        if not self._kept:
            self.file.close()


async def read(request: Request, limit: int) -> Upload:
    """The file of a request, refused as soon as it is known to be larger than the limit, in bytes."""
    announced = request.headers.get("content-length", "")
    if announced.isdigit() and int(announced) > limit + _OVERHEAD:
        raise too_large(limit)
    said = Message()
    said["content-type"] = request.headers.get("content-type", "")
    kind = said.get_content_type() if said["content-type"] else ""
    upload = Upload()
    try:
        if kind == FORM:
            await _read_form(request, upload, limit, said.get_boundary() or "")
        elif kind in _WHOLE_BODIES:
            await _read_whole(request, upload, limit)
        else:
            raise WrongMediaType(_HOW)
        await upload.flush(1)
    except ClientDisconnect as error:
        upload.release()
        raise NotFound("The client went away.") from error
    except BaseException:
        upload.release()
        raise
    return upload


async def _read_whole(request: Request, upload: Upload, limit: int) -> None:
    async for chunk in request.stream():
        if upload.size + len(chunk) > limit:
            raise too_large(limit)
        upload.add(chunk)
        await upload.flush()
    if not upload.size:
        raise Refused.field("file", _HOW)


async def _read_form(request: Request, upload: Upload, limit: int, boundary: str) -> None:
    if not 0 < len(boundary) <= 200:
        raise Refused("The header Content-Type of a form must name its boundary.")
    form = _Form(upload)
    size = 0
    try:
        parser = MultipartParser(boundary.encode("latin-1"), form.callbacks())  # type: ignore[arg-type]
        async for chunk in request.stream():
            size += len(chunk)
            if size > limit + _OVERHEAD or upload.size > limit:
                raise too_large(limit)
            if chunk:
                parser.write(chunk)
            await upload.flush()
        parser.finalize()
    except (MultipartParseError, UnicodeError) as error:
        raise Refused("The body is not the form that its header says it is.") from error
    if upload.size > limit:
        raise too_large(limit)
    if not form.ended:
        raise Refused("The upload was cut off: the end of the form is missing. Send it again.")
    if form.files == 0:
        raise Refused.field("file", _HOW)


class _Form:
    """What a parser finds: the part with the file, and the texts of the others."""

    def __init__(self, upload: Upload) -> None:
        self.ended = False
        self.files = 0
        self._upload = upload
        self._parts = 0
        self._inside = False
        self._field: str | None = None
        self._text = b""
        self._texts = 0
        self._name = self._value = b""
        self._disposition = b""

    def callbacks(self) -> dict[str, object]:
        """The parser's events."""
        return {
            "on_part_begin": self._begin,
            "on_header_begin": self._header_begin,
            "on_header_field": self._header_name,
            "on_header_value": self._header_value,
            "on_header_end": self._header_end,
            "on_headers_finished": self._headers_finished,
            "on_part_data": self._data,
            "on_part_end": self._part_end,
            "on_end": self._end,
        }

    def _begin(self) -> None:
        self._parts += 1
        if self._parts > MOST_PARTS:
            raise Refused(f"A form may have at most {MOST_PARTS} parts.")
        self._disposition = b""
        self._inside = False
        self._field, self._text = None, b""

    def _header_begin(self) -> None:
        self._name = self._value = b""

    def _header_name(self, data: bytes, start: int, end: int) -> None:
        self._name += data[start:end]

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _header_end(self) -> None:
        if self._name.lower() == b"content-disposition":
            self._disposition = self._value

    def _headers_finished(self) -> None:
        said = Message()
        said["content-disposition"] = self._disposition.decode("utf-8", "replace")
        named = said.get_param("name", header="content-disposition")
        if named != "file":
            self._field = str(named)[:200] if isinstance(named, str) else None
            return
        self.files += 1
        if self.files > 1:
            raise Refused.field("file", "Send one file at a time.")
        self._inside = True
        file_name = (said.get_filename() or "").replace("\\", "/").rsplit("/", 1)[-1]
        self._upload.name = "".join(letter for letter in file_name if letter.isprintable())[:200]

    def _data(self, data: bytes, start: int, end: int) -> None:
        if self._inside:
            self._upload.add(data[start:end])
        elif self._field is not None:
            self._texts += end - start
            if self._texts > _OVERHEAD:
                raise Refused.field(self._field, f"The fields of a form may have {_OVERHEAD:,} bytes at most.")
            self._text += data[start:end]

    def _part_end(self) -> None:
        if self._field is None:
            return
        try:
            text = self._text.decode()
        except UnicodeDecodeError:
            raise Refused.field(self._field, "Send the fields of a form as UTF-8.") from None
        if self._upload.fields.setdefault(self._field, text) != text:
            raise Refused.field(self._field, "It is given twice, with different values. Give it once.")

    def _end(self) -> None:
        self.ended = True
