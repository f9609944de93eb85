"""Pictures of records: set, shown, replaced, and what is none refused."""

import io
import struct
import threading
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from PIL import Image

from brassleaf.images.formats import recognise
from brassleaf.images.models import IMAGE_PARTS, IMAGES
from brassleaf.images.service import LIMIT, PART
from brassleaf.store.query import Query, equal
from support.examples import PNG
from support.served import Served
from support.world import Organization, World

API = "/api/v1"
SEE = {"Accept": "image/*"}


@pytest.fixture(scope="module")
def shop(world: World) -> Organization:
    return world.another("Pictures")


@pytest.fixture
def boss(served: Served, shop: Organization) -> Iterator[httpx.Client]:
    with served.client(headers=shop.admin.headers) as made:
        yield made


@pytest.fixture
def record(world: World, shop: Organization) -> str:
    return world.make(shop, "customer")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int = 2, height: int = 3, padding: int = 0) -> bytes:
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    data = _chunk(b"IDAT", zlib.compress(b"\0" * 9) + b"\x07" * padding)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + data + _chunk(b"IEND", b"")


def jpeg(width: int = 2, height: int = 3, marker: int = 0xC0) -> bytes:
    app0 = b"\xff\xe0" + struct.pack(">H", 16) + b"JFIF\x00" + b"\x00" * 9
    tables = b"\xff\xc4" + struct.pack(">H", 4) + b"\x00\x00"
    return (
        b"\xff\xd8"
        + app0
        + tables
        + b"\xff\xff"
        + bytes([marker])
        + struct.pack(">HBHH", 8, 8, height, width)
        + b"\x01"
        + b"\xff\xda\x00\x02\x17\xff\x00\xff\xd0\x17\xff\xd9"
    )


def gif(width: int = 2, height: int = 3, version: bytes = b"89a") -> bytes:
    image = b"," + struct.pack("<HHHH", 0, 0, width, height) + b"\x00\x02\x02;;\x00"
    return b"GIF" + version + struct.pack("<HH", width, height) + b"\x80\x00\x00" + b"\x00" * 6 + image + b";"


def webp(width: int = 2, height: int = 3, kind: bytes = b"VP8 ") -> bytes:
    if kind == b"VP8 ":
        body = b"\x00\x00\x00\x9d\x01\x2a" + struct.pack("<HH", width, height)
    elif kind == b"VP8L":
        body = b"\x2f" + struct.pack("<I", (width - 1) | (height - 1) << 14)
    else:
        body = b"\x00" * 4 + (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    chunk = kind + struct.pack("<I", len(body)) + body + b"\x00" * (len(body) % 2)
    if kind == b"VP8X":
        chunk += b"VP8L" + struct.pack("<I", 2) + b"\x2f\x00"
    return b"RIFF" + struct.pack("<I", len(chunk) + 4) + b"WEBP" + chunk


PICTURES = {
    "image/png": png(), "image/jpeg": jpeg(), "image/gif": gif(), "image/webp": webp(),
}  # fmt: skip


def _upload(
    client: httpx.Client, record: str, content: bytes, media: str | None = "image/png", **headers: str
) -> httpx.Response:
    sent = {**({"Content-Type": media} if media else {}), **headers}
    return client.post(f"{API}/image/{record}/upload", content=content, headers=sent)


@pytest.mark.parametrize("media", PICTURES)
def test_a_picture_comes_back_as_it_was_sent(boss: httpx.Client, record: str, media: str) -> None:
    assert boss.get(f"{API}/image/{record}").status_code == 404
    made = _upload(boss, record, PICTURES[media], "application/octet-stream")
    assert made.status_code == 200, made.text
    known = made.json()
    assert (known["contentType"], known["size"], known["width"], known["height"]) == (media, len(PICTURES[media]), 2, 3)
    assert known["belongsTo"] == record
    answer = boss.get(f"{API}/image/{record}")
    assert answer.json() == known
    seen = boss.get(known["url"], headers=SEE)
    assert seen.content == PICTURES[media]
    assert seen.headers["content-type"] == media
    assert seen.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in seen.headers["content-security-policy"]
    assert seen.headers["vary"] == answer.headers["vary"] == "Accept"
    again = boss.get(known["url"], headers={**SEE, "If-None-Match": seen.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert (
        boss.get(
            known["url"], headers={"Accept": "application/json", "If-None-Match": seen.headers["etag"]}
        ).status_code
        == 200
    )


def test_a_large_one_and_one_too_large(served: Served, boss: httpx.Client, shop: Organization, record: str) -> None:
    largest = png(padding=LIMIT - len(png()))
    assert _upload(boss, record, largest).status_code == 200
    assert boss.get(f"{API}/image/{record}", headers=SEE).content == largest
    parts = served.store.repository(IMAGE_PARTS, shop.id)
    assert served.run(parts.count(equal("belongsTo", record))) == -(-LIMIT // PART)
    refused = _upload(boss, record, largest + b"x")
    assert (refused.status_code, "5,000,000" in refused.text, "parts" in refused.text) == (413, True, False)
    assert _upload(boss, record, PNG).status_code == 200
    assert served.run(parts.count(equal("belongsTo", record))) == 1, "the parts of the old one are gone"


SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HOSTILE: dict[str, bytes] = {
    "nothing": b"",
    "svg": SVG,
    "svg behind a byte order mark": b"\xef\xbb\xbf<?xml version='1.0'?>" + SVG,
    "html": b"<!doctype html><script>alert(1)</script>",
    "pdf": b"%PDF-1.7",
    "a zip": b"PK\x03\x04" + b"\0" * 40,
    "tiff": b"II*\x00" + b"\0" * 40,
    "bmp": b"BM" + b"\0" * 60,
    "only the first bytes of a png": b"\x89PNG\r\n\x1a\n",
    "a png without its header": b"\x89PNG\r\n\x1a\n" + _chunk(b"IDAT", b"\0" * 20),
    "html behind the first bytes of a png": b"\x89PNG\r\n\x1a\n" + b"<script>alert(1)</script>",
    "a bomb in png": png(60_000, 60_000),
    "a png of no width": png(0, 5),
    "a bomb in jpeg": jpeg(65_535, 65_535),
    "a jpeg without a frame": b"\xff\xd8\xff\xe0\x00\x02\xff\xda\x00\x02",
    "a jpeg that ends": b"\xff\xd8\xff\xe0\xff\xff",
    "a jpeg whose segments have no length": b"\xff\xd8\xff\xe0\x00\x00" * 10_000,
    "a jpeg of fill bytes": b"\xff\xd8" + b"\xff" * 100_000,
    "a jpeg with a frame and no picture": jpeg()[: jpeg().index(b"\xff\xda")] + b"\xff\xd9",
    "a jpeg in which another begins": jpeg()[:-2] + jpeg(),
    "a png without a picture": png()[:33] + _chunk(b"IEND", b""),
    "a gif that ends": b"GIF89a\x01",
    "a gif without a picture": b"GIF89a\x02\x00\x03\x00\x00\x00\x00;",
    "a gif of something else": b"GIF89a\x02\x00\x03\x00\x00\x00\x00<script>;",
    "a gif of empty blocks": b"GIF89a\x02\x00\x03\x00\x00\x00\x00" + b"!\x01\x00" * 10_000,
    "webp without a picture": webp(2, 3, b"VP8X")[:30],
    "gif in another version": b"GIF99a" + b"\1" * 20,
    "a bomb in gif": gif(65_535, 65_535),
    "riff that is sound": b"RIFF\x00\x00\x00\x00WAVEfmt " + b"\0" * 40,
    "a bomb in webp": webp(16_384, 16_384, b"VP8L"),
    "a larger bomb in webp": webp(1 << 24, 1 << 24, b"VP8X"),
    "webp of another kind": b"RIFF\x10\x00\x00\x00WEBPJUNK" + b"\0" * 40,
}


@pytest.mark.parametrize("what", HOSTILE)
@pytest.mark.parametrize("media", ["image/png", None])
def test_what_is_no_picture_is_refused(boss: httpx.Client, record: str, what: str, media: str | None) -> None:
    answer = _upload(boss, record, HOSTILE[what], media)
    assert answer.status_code == 400, answer.text
    assert answer.json()["errors"][0]["field"] == "body"
    assert boss.get(f"{API}/image/{record}").status_code == 404


@pytest.mark.parametrize("media", ["image/svg+xml", "text/html", "application/json", "multipart/form-data; boundary=x"])
def test_other_media_types_are_refused(boss: httpx.Client, record: str, media: str) -> None:
    assert _upload(boss, record, PNG, media).status_code == 415


def test_a_picture_that_is_a_script_too_is_only_a_picture(boss: httpx.Client, record: str) -> None:
    """A polyglot: shown as an image, in a sandbox, whatever the client said that it is."""
    both = gif(int.from_bytes(b"/*", "little"), 1) + b"*/=1;alert(1)"
    assert _upload(boss, record, both, "image/png").status_code == 200
    seen = boss.get(f"{API}/image/{record}", headers=SEE)
    assert seen.headers["content-type"] == "image/gif"
    assert seen.headers["content-security-policy"] == "default-src 'none'; sandbox"


@pytest.mark.parametrize(
    ("content", "size"),
    [
        (png(7, 9), (7, 9)), (jpeg(300, 200, 0xC2), (300, 200)), (gif(1, 1, b"87a"), (1, 1)),
        (webp(16_383, 3), (16_383, 3)), (webp(500, 400, b"VP8L"), (500, 400)),
        (webp(5000, 4000, b"VP8X"), (5000, 4000)),
    ],
)  # fmt: skip
def test_sizes_are_read(content: bytes, size: tuple[int, int]) -> None:
    found = recognise(content)
    assert (found.width, found.height) == size


def _drawn(name: str, **options: Any) -> bytes:
    """A picture as a real program writes it."""
    drawn = Image.effect_noise((31, 17), 80).convert("RGB")
    file = io.BytesIO()
    drawn.save(file, name, **options)
    return file.getvalue()


REAL = {
    "png": _drawn("PNG"),
    "jpeg": _drawn("JPEG", restart_marker_blocks=1, comment=b"\xff\xd9"),
    "progressive jpeg": _drawn("JPEG", progressive=True, exif=b"Exif\0\0" + PICTURES["image/jpeg"]),
    "gif": _drawn("GIF"),
    "moving gif": _drawn("GIF", save_all=True, append_images=[Image.new("RGB", (31, 17), "red")], comment=b";;"),
    "webp": _drawn("WEBP"),
    "lossless webp": _drawn("WEBP", lossless=True),
    "moving webp": _drawn("WEBP", save_all=True, append_images=[Image.new("RGB", (31, 17), "red")]),
}


@pytest.mark.parametrize("kind", REAL)
def test_a_picture_that_was_cut_off_is_none(kind: str) -> None:
    """Wherever the line broke; what stands behind the end, as cameras put there, does no harm."""
    content = REAL[kind]
    for whole in (content, content + b"\0" * 9, content + content[:40]):
        found = recognise(whole)
        assert (found.media_type.rpartition("/")[2], found.width, found.height) == (kind.rpartition(" ")[2], 31, 17)
    for length in range(len(content)):
        with pytest.raises(ValueError, match="no whole"):
            recognise(content[:length])


@pytest.mark.parametrize("media", PICTURES)
def test_a_picture_that_was_cut_off_leaves_the_one_that_is_there(boss: httpx.Client, record: str, media: str) -> None:
    assert _upload(boss, record, PNG).status_code == 200
    answer = _upload(boss, record, PICTURES[media][:-1], media)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "body")
    assert boss.get(f"{API}/image/{record}", headers=SEE).content == PNG


# -- whose they are ---------------------------------------------------------------------------------------------------


def test_pictures_belong_to_records_that_are_there(world: World, boss: httpx.Client, record: str) -> None:
    for stranger in ("f" * 24, world.b.id, world.b.standing["customer"], world.b.admin.id):
        assert _upload(boss, stranger, PNG).status_code == 404
        assert boss.get(f"{API}/image/{stranger}", headers=SEE).status_code == 404
    assert _upload(boss, record, PNG).status_code == 200
    assert boss.post(f"{API}/customer/{record}/delete").status_code == 200
    assert boss.get(f"{API}/image/{record}").status_code == 404


def test_the_logo_is_the_admins_to_set_and_everybodys_to_see(
    served: Served, shop: Organization, boss: httpx.Client
) -> None:
    regular = served.client(headers=shop.people["user regular"].headers)
    assert _upload(regular, shop.id, PNG).status_code == 403
    assert _upload(boss, shop.id, PNG).status_code == 200
    for who in ("user restricted", "key customer", "key customer for one"):
        with served.client(headers={**shop.people[who].headers, **SEE}) as client:
            assert client.get(f"{API}/image/{shop.id}").content == PNG
    assert regular.post(f"{API}/image/{shop.id}/delete").status_code == 403


def test_a_brand_s_picture_is_the_admins_to_set_and_stays_with_it_when_it_is_renamed(
    served: Served, world: World, boss: httpx.Client, shop: Organization
) -> None:
    name, other = "Northline", "Southline"
    item = boss.post(f"{API}/otheritems/create", json={"partNumber": "Clamp", "brand": name}).json()["_id"]

    def brand(text: str) -> dict[str, Any]:
        (found,) = boss.get(f"{API}/brands", params={"search[name]": text}).json()["items"]
        return dict(found)

    id_ = brand(name)["_id"]
    with served.client(headers=shop.people["user regular"].headers) as regular:
        assert _upload(regular, id_, PNG).status_code == 403
    assert _upload(boss, id_, PNG).status_code == 200
    assert boss.post(f"{API}/brand/{id_}/update", json={"name": other}).status_code == 200
    assert brand(other)["_id"] == id_

    def seen() -> list[int]:
        found = []
        for who in ("user restricted", "key customer", "key customer for one"):
            with served.client(headers={**shop.people[who].headers, **SEE}) as client:
                answer = client.get(f"{API}/image/{id_}")
                found.append(answer.status_code)
                assert answer.content == PNG or answer.status_code == 404
        return found

    assert seen() == [200, 200, 200]
    with served.client(headers=world.b.admin.headers) as stranger:
        assert stranger.get(f"{API}/image/{id_}").status_code == 404
        assert _upload(stranger, id_, PNG).status_code == 404
    boss.post(f"{API}/brand/{id_}/update", json={"available": False})
    assert seen() == [200, 404, 404]  # customers are not told of a brand that is switched off
    boss.post(f"{API}/brand/{id_}/update", json={"available": True})
    assert boss.post(f"{API}/otheritems/{item}/delete").status_code == 200
    assert boss.post(f"{API}/brand/{id_}/delete").status_code == 200
    assert boss.get(f"{API}/image/{id_}").status_code == 404


def test_a_customer_sees_pictures_of_items_and_of_its_own_documents(
    served: Served, world: World, shop: Organization, boss: httpx.Client
) -> None:
    other = world.make(shop, "customer")
    mine = world.make(shop, "hoseAssembly")
    foreign = world.make(shop, "hoseAssembly", customer=other)
    for id_ in (mine, foreign, shop.standing["hose"], other):
        assert _upload(boss, id_, PNG).status_code == 200
    with served.client(headers={**shop.people["key customer for one"].headers, **SEE}) as client:
        seen = {
            id_: client.get(f"{API}/image/{id_}").status_code for id_ in (mine, shop.standing["hose"], foreign, other)
        }
    assert list(seen.values()) == [200, 200, 404, 404]


def test_deleting_and_setting_anew(boss: httpx.Client, record: str) -> None:
    first = _upload(boss, record, PNG).json()
    assert boss.post(f"{API}/image/{record}/delete").status_code == 200
    assert boss.get(f"{API}/image/{record}").status_code == 404
    assert boss.post(f"{API}/image/{record}/delete").status_code == 404
    assert _upload(boss, record, png()).json()["_id"] != first["_id"]


def test_a_picture_that_somebody_replaced_meanwhile(boss: httpx.Client, record: str) -> None:
    tag = _upload(boss, record, PNG).headers["etag"]
    assert boss.get(f"{API}/image/{record}").headers["etag"] == tag
    assert _upload(boss, record, png(), **{"If-Match": tag}).status_code == 200
    assert _upload(boss, record, PNG, **{"If-Match": tag}).status_code == 412
    assert boss.get(f"{API}/image/{record}", headers=SEE).content == png()


@pytest.mark.parametrize("call", ["upload", "delete"])
def test_the_tag_of_the_bytes_is_one_to_change_a_picture_by(boss: httpx.Client, record: str, call: str) -> None:
    def send(tag: str) -> int:
        content = gif() if call == "upload" else b""
        headers = {"If-Match": tag, **({"Content-Type": "image/gif"} if content else {})}
        return boss.post(f"{API}/image/{record}/{call}", content=content, headers=headers).status_code

    _upload(boss, record, PNG)
    first = boss.get(f"{API}/image/{record}", headers=SEE).headers["etag"]
    _upload(boss, record, png())
    assert send(first) == 412
    assert boss.get(f"{API}/image/{record}", headers=SEE).content == png()
    second = boss.get(f"{API}/image/{record}", headers=SEE).headers["etag"]
    assert send(f'"other", {second}') == 200
    assert send(second) == (412 if call == "upload" else 404)


def test_many_at_once_leave_one_whole_picture(served: Served, shop: Organization, record: str) -> None:
    together = threading.Barrier(5)

    def work(number: int) -> list[Any]:
        with served.client(headers=shop.admin.headers) as client:
            together.wait()
            if number:
                return [_upload(client, record, png(number, n + 1, padding=PART)).status_code for n in range(4)]
            seen = [client.get(f"{API}/image/{record}", headers=SEE) for _ in range(20)]
            return [recognise(one.content) and 200 if one.status_code == 200 else one.status_code for one in seen]

    with ThreadPoolExecutor(5) as pool:
        results = list(pool.map(work, range(5)))
    assert all(status in (200, 404) for status in results[0]), results[0]
    assert all(status == 200 for statuses in results[1:] for status in statuses)
    pictures = served.run(served.store.repository(IMAGES, shop.id).page(Query(limit=1000))).items
    [stored] = [entry for entry in pictures if entry["belongsTo"] == record]
    parts = served.run(served.store.repository(IMAGE_PARTS, shop.id).page(Query(equal("belongsTo", record)))).items
    assert {part.id for part in parts} == set(stored["parts"])
