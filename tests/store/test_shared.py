"""Documents that requests share: fixed, decoded once for the same bytes, and what was worked out from them is kept."""

import orjson
import pytest

from brassleaf.store.port import Shared, Stored, derived


def test_the_same_bytes_are_one_document_and_others_are_not():
    raw = orjson.dumps({"_id": "1", "size": 8})
    one, other = Stored("1", 1, raw=raw).shared, Stored("1", 2, raw=bytes(bytearray(raw))).shared
    assert one is other
    assert Stored("1", 3, raw=orjson.dumps({"_id": "1", "size": 6})).shared["size"] == 6
    assert Stored("1", 1, document={"_id": "1", "size": 8}).shared is one


@pytest.mark.parametrize(
    "change",
    [
        lambda document: document.update(size=6),
        lambda document: document.pop("size"),
        lambda document: document.__setitem__("size", 6),
        lambda document: document.__delitem__("size"),
        lambda document: document.setdefault("dash", 6),
        lambda document: document.clear(),
        lambda document: document.popitem(),
        lambda document: document.__ior__({"size": 6}),
    ],
)
def test_it_cannot_be_changed(change):
    document = Shared(size=8)
    with pytest.raises(TypeError, match="copy it"):
        change(document)
    assert document == {"size": 8}
    assert {**document, "size": 6} == {"size": 6}


def test_what_is_worked_out_is_worked_out_once():
    calls = []

    def double(document):
        calls.append(document["size"])
        return document["size"] * 2

    document = Shared(size=8)
    assert [derived(document, double), document.derived(double), derived({"size": 5}, double)] == [16, 16, 10]
    assert calls == [8, 5]
