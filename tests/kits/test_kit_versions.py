"""The life cycle of kits over HTTP: what is complete, what follows a version, what a kit keeps released."""

from typing import Any

import pytest
from hose_shop import Shop
from kit_shop import adaptor, kit
from test_assembly_lifecycle import released

from brassleaf.assemblies.models import ASSEMBLIES
from brassleaf.catalog.models import ITEMS
from brassleaf.kits.models import KITS


def released_kit(shop: Shop, **fields: Any) -> str:
    made = kit(shop, hoseAssemblies=[{"item": released(shop)}], **fields)["_id"]
    shop.admin.post(f"/hosekit/{made}/release")
    return str(made)


def listed(shop: Shop, made: Any, query: str = "") -> list[tuple[int, str, str | None]]:
    found = shop.admin.get(f"/hosekits?partNumber={made['partNumber']}&{query}")["items"]
    return [(entry["version"], entry["status"], entry.get("revision")) for entry in found]


def test_a_released_kit_is_final(shop: Shop) -> None:
    made = kit(shop, hoseAssemblies=[{"item": released(shop)}], adaptors=[{"item": adaptor(shop)}])
    path = f"/hosekit/{made['_id']}"
    assert shop.admin.post(f"{path}/release")["success"]
    assert shop.admin.get(path)["status"] == "released"
    assert "already" in shop.admin.post(f"{path}/release", status=400)["message"]
    for call, body in (("update", {"comments": "x"}), ("delete", {}), ("rollback", {})):
        assert "released" in shop.admin.refused(f"{path}/{call}", body)["status"][0]
    shop.as_("restricted").post(f"{path}/newversion", {}, 403)


def test_a_release_names_each_line_that_speaks_against_it(shop: Shop) -> None:
    good, ended, gone, thing = released(shop), released(shop), shop.assembly()["_id"], adaptor(shop)
    open_ = shop.assembly(revision="C")
    made = kit(
        shop,
        hoseAssemblies=[{"item": item} for item in (good, open_["_id"], ended, gone)],
        adaptors=[{"item": thing}],
    )
    shop.admin.post(f"/hoseassembly/{ended}/obsolete")
    shop.admin.post(f"/hoseassembly/{gone}/delete")
    shop.change(ITEMS, thing, deleted=True)
    refused = shop.admin.refused(f"/hosekit/{made['_id']}/release")
    assert list(refused) == [
        "hoseAssemblies[1].item", "hoseAssemblies[2].item", "hoseAssemblies[3].item", "adaptors[0].item",
    ]  # fmt: skip
    assert refused["hoseAssemblies[1].item"] == [f"{open_['partNumber']}, revision C, is under editing, not released."]
    assert refused["adaptors[0].item"] == ["The adaptor of line 5 is not there any more."]
    assert shop.admin.get(f"/hosekit/{made['_id']}")["status"] == "under editing"
    assert list(shop.admin.refused(f"/hosekit/{kit(shop)['_id']}/release")) == ["hoseAssemblies"]
    # adaptors alone are a kit as well
    alone = kit(shop, adaptors=[{"item": adaptor(shop)}])["_id"]
    assert shop.admin.post(f"/hosekit/{alone}/release")["success"]


def test_a_new_version_takes_the_place_of_the_released_one(shop: Shop) -> None:
    id_ = released_kit(shop, revision="A", comments="first")
    first = shop.admin.get(f"/hosekit/{id_}")
    answer = shop.admin.post(f"/hosekit/{id_}/newversion")
    made = answer["data"]
    assert (answer["success"], answer["newVersionId"]) == (True, made["_id"])
    assert (made["version"], made["status"], made["revision"]) == (2, "under editing", "A")
    assert (made["previousVersion"], made["chain"], made["comments"]) == (id_, id_, "first")
    assert made["hoseAssemblies"] == first["hoseAssemblies"]
    assert listed(shop, first) == [(2, "under editing", "A")]
    assert listed(shop, first, "allVersions=true") == [(1, "superseded", "A"), (2, "under editing", "A")]
    for call, body in (("newversion", {}), ("revise", {"revision": "B"})):
        assert "version" in shop.admin.refused(f"/hosekit/{id_}/{call}", body)["status"][0]
    shop.admin.post(f"/hosekit/{made['_id']}/release")
    assert listed(shop, first) == [(2, "released", "A")]


def test_a_revision_needs_a_label_that_is_free(shop: Shop) -> None:
    id_ = released_kit(shop, revision="A")
    assert list(shop.admin.refused(f"/hosekit/{id_}/revise")) == ["revision"]
    assert "already" in shop.admin.refused(f"/hosekit/{id_}/revise", {"revision": "a"})["revision"][0]
    answer = shop.admin.post(f"/hosekit/{id_}/revise", {"params": {"revision": "B"}})
    assert (answer["data"]["revision"], answer["data"]["version"]) == ("B", 2)
    assert answer["revisedVersionId"] == answer["data"]["_id"]


def test_a_rollback_gives_the_earlier_version_its_status_back(shop: Shop) -> None:
    id_ = released_kit(shop)
    before = shop.admin.get(f"/hosekit/{id_}")
    made = shop.admin.post(f"/hosekit/{id_}/newversion")["newVersionId"]
    assert shop.admin.post(f"/hosekit/{made}/rollback") == {"rolledBackVersionId": id_}
    shop.admin.get(f"/hosekit/{made}", 404)
    assert listed(shop, before) == [(1, "released", None)]
    first = kit(shop)["_id"]
    assert "earlier" in shop.admin.refused(f"/hosekit/{first}/rollback")["status"][0]
    assert shop.admin.get(f"/hosekit/{first}")["status"] == "under editing"
    second = shop.admin.post(f"/hosekit/{id_}/newversion")["newVersionId"]
    shop.admin.post(f"/hosekit/{second}/delete")
    assert shop.admin.get(f"/hosekit/{id_}")["status"] == "released"


def test_an_assembly_that_is_taken_back_meanwhile_takes_the_release_back(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the check of the kit's lines and its writing the assembly goes back to editing."""
    assembly = released(shop)
    made = kit(shop, hoseAssemblies=[{"item": assembly}])["_id"]
    items = shop.served.parts.kits.items
    look = items.of

    async def looked(organization: str, document: Any) -> Any:
        found = await look(organization, document)
        monkeypatch.setattr(items, "of", look)
        repository = shop.served.store.repository(ASSEMBLIES, organization)
        stored = await repository.get(assembly)
        assert stored is not None
        await repository.replace(stored, {**stored.document, "status": "under editing"})
        return found

    monkeypatch.setattr(items, "of", looked)
    assert list(shop.admin.refused(f"/hosekit/{made}/release")) == ["hoseAssemblies[0].item"]
    assert shop.admin.get(f"/hosekit/{made}")["status"] == "under editing"
    shop.admin.post(f"/hoseassembly/{assembly}/release")
    shop.admin.post(f"/hosekit/{made}/release")


def test_a_released_kit_keeps_its_assemblies_released(shop: Shop) -> None:
    assembly = released(shop)
    made = kit(shop, hoseAssemblies=[{"item": assembly}])
    path = f"/hoseassembly/{assembly}/unrelease"
    shop.admin.post(path)  # a kit under editing holds nobody
    shop.admin.post(f"/hoseassembly/{assembly}/release")
    shop.admin.post(f"/hosekit/{made['_id']}/release")
    assert f"the released hose kit {made['partNumber']}" in shop.admin.refused(path)["status"][0]
    # an open version may be rolled back, and then the kit is released again
    second = shop.admin.post(f"/hosekit/{made['_id']}/newversion")["newVersionId"]
    assert made["partNumber"] in shop.admin.refused(path)["status"][0]
    # once its successor is released without the assembly, nothing needs it any more
    with_adaptor = kit(shop, adaptors=[{"item": adaptor(shop)}])["adaptors"]
    shop.change(KITS, second, hoseAssemblies=[], adaptors=with_adaptor)
    shop.admin.post(f"/hosekit/{second}/release")
    shop.admin.post(path)
