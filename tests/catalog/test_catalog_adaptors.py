"""Adaptors: found by their ends, what can still be chosen, and what can stand for what."""

from typing import Any

import pytest
from hose_shop import Shop

JIC_MALE = {"style": "JIC 37", "gender": "male", "dashSize": "-08"}
JIC_SWIVEL = {"style": "JIC 37", "gender": "female", "dashSize": "-8", "swivel": "swivel"}
ORB_MALE = {"style": "SAE ORB", "gender": "male", "dashSize": "-08"}
BULKHEAD = {**JIC_MALE, "bulkhead": "bulkhead"}


@pytest.fixture(scope="module")
def adaptors(shop: Shop) -> Shop:
    """A shop with a handful of adaptors."""
    for number, shape, ends, more in (
        ("MJ-MJ", "straight", [JIC_MALE, JIC_MALE], {"material": "steel"}),
        ("MJ-MORB", "straight", [JIC_MALE, ORB_MALE], {"crossReference": 6400, "weightLbs": 0.2}),
        ("MJ-FJX90", "90", [JIC_MALE, JIC_SWIVEL], {"material": "stainless steel"}),
        ("BULK", "straight", [BULKHEAD, JIC_MALE], {}),
        ("TEE", "tee", [JIC_MALE, JIC_MALE, JIC_SWIVEL], {}),
    ):
        make(shop, number, "Alpha", shape, ends, **more)
    return shop


def make(shop: Shop, number: str, brand: str, shape: str, ends: list[dict[str, Any]], **more: Any) -> str:
    body = {"partNumber": number, "brand": brand, "shape": shape, "ends": ends, **more}
    return str(shop.admin.post("/adaptors/create", body, 201)["_id"])


def found(shop: Shop, query: str) -> list[str]:
    answer = shop.admin.get(f"/adaptors/search?search[brand]=alpha&itemsPerPage=100&{query}")
    numbers = [item["partNumber"] for item in answer["items"]]
    assert answer["total"] == len(numbers)
    return numbers


def end(number: int, **parts: str) -> str:
    return "&".join(f"search[ends][{number}][{name}]={value}" for name, value in parts.items())


def test_adaptors_are_found_by_their_ends(adaptors: Shop) -> None:
    everything = ["BULK", "MJ-FJX90", "MJ-MJ", "MJ-MORB", "TEE"]
    assert found(adaptors, "") == everything
    assert found(adaptors, end(0, style="orb")) == ["MJ-MORB"]
    # style, gender and size are those of one end: no male end is a swivel
    assert found(adaptors, end(0, style="jic", gender="male", swivel="swivel")) == []
    assert found(adaptors, end(0, gender="female", dashSize="8")) == ["MJ-FJX90", "TEE"]
    assert found(adaptors, end(0, bulkhead="bulkhead")) == ["BULK"]
    assert found(adaptors, end(0, gender="female", bulkhead="false") + "&search[shape]=9") == ["MJ-FJX90"]
    assert found(adaptors, end(0, style="NPT")) == []
    # each wish is met by another end, in any order
    assert found(adaptors, f"{end(0, style='orb')}&{end(1, style='jic')}") == ["MJ-MORB"]
    assert found(adaptors, f"{end(0, gender='male')}&{end(1, gender='male')}") == ["BULK", "MJ-MJ", "MJ-MORB", "TEE"]
    assert found(adaptors, f"{end(0, style='orb')}&{end(1, style='orb')}") == []
    three = "&".join(end(number, style="JIC") for number in range(3))
    assert found(adaptors, three) == ["TEE"]
    page = adaptors.admin.get(f"/adaptors/search?{end(0, gender='male')}&{end(1, gender='male')}&page=2&itemsPerPage=1")
    assert (page["total"], [item["partNumber"] for item in page["items"]]) == (4, ["MJ-MJ"])
    assert found(adaptors, "search[material]=stain") == ["MJ-FJX90"]
    males = f"{end(0, gender='male')}&{end(1, gender='male')}"
    assert found(adaptors, males + "&search[available]=true&search[shape]=tee") == ["TEE"]
    assert found(adaptors, males + "&search[available]=false") == []
    cursor = adaptors.admin.get(f"/adaptors/search?{males}&after=&itemsPerPage=3")
    assert (cursor["total"], len(cursor["items"])) == (4, 3)
    rest = adaptors.admin.get(f"/adaptors/search?{males}&after={cursor['next']}&itemsPerPage=3")
    assert [item["partNumber"] for item in rest["items"]] == ["TEE"]


@pytest.mark.parametrize(
    "query",
    [
        "search[ends][9][style]=x",
        "search[ends][x][style]=x",
        "search[ends][0][colour]=x",
        "search[ends][0][style]=a%00",
    ],
)
def test_wishes_that_cannot_be_read_are_named(adaptors: Shop, query: str) -> None:
    answer = adaptors.admin.get(f"/adaptors/search?{query}", 400)
    assert answer["errors"][0]["field"] == query.partition("=")[0]


def test_what_can_still_be_chosen(adaptors: Shop) -> None:
    first = adaptors.admin.get("/adaptors/configuration?brand=Alpha")
    assert (first["shapes"], first["materials"]) == (["straight", "90", "tee"], ["stainless steel", "steel"])
    assert first["ends"] == [{"styles": ["JIC 37", "SAE ORB"], "genders": ["female", "male"], "dashSizes": ["-08"]}]
    assert (first["total"], len(first["items"])) == (5, 5)
    chosen = "ends[0][style]=SAE ORB&ends[0][gender]=male"
    one = adaptors.admin.get(f"/adaptors/configuration?brand=Alpha&{chosen}")
    # a further end is never the one that was chosen already: nothing has two SAE ORB ends
    assert [choice["styles"] for choice in one["ends"]] == [["SAE ORB"], ["JIC 37"]]
    assert (one["shapes"], one["total"]) == (["straight"], 1)
    exact = adaptors.admin.get("/adaptors/configuration?brand=Alpha&ends[0][style]=SA")
    assert (exact["total"], exact["items"]) == (0, [])
    swivels = adaptors.admin.get("/adaptors/configuration?brand=Alpha&ends[0][swivel]=swivel&shape=tee")
    assert [item["partNumber"] for item in swivels["items"]] == ["TEE"]
    two = adaptors.admin.get("/adaptors/configuration?brand=Alpha&ends[0][gender]=female&ends[1][gender]=male")
    assert (two["total"], two["ends"][2]["genders"]) == (2, ["male"])
    adaptors.admin.get("/adaptors/configuration?ends[0][colour]=red", 400)


def test_equivalents_say_why_and_what_differs(own_shop: Shop) -> None:
    shop = own_shop
    make(shop, "A-1", "Alpha", "straight", [JIC_MALE, ORB_MALE], crossReference=6400, weightLbs=0.2, material="steel")
    # the same number: of another brand, its ends the other way round
    make(
        shop, "B-1", "Bravo", "Straight", [ORB_MALE, {**JIC_MALE, "dashSize": "8"}], crossReference=6400, weightLbs=0.25
    )
    make(shop, "B-2", "Bravo", "straight", [JIC_MALE, ORB_MALE], crossReference=6400, material="stainless steel")
    # no number, yet the same ends and shape; blank is steel
    make(shop, "C-1", "Charlie", "straight", [ORB_MALE, JIC_MALE], spec="SAE J514")
    make(shop, "C-2", "Charlie", "straight", [JIC_MALE, JIC_MALE])
    make(shop, "C-3", "Charlie", "90", [JIC_MALE, ORB_MALE])

    def rows(query: str) -> list[tuple[str, str, list[str]]]:
        answer = shop.admin.get(f"/adaptors/cross?{query}")
        return [
            (row["partNumber"], row["reason"]["code"], [entry["field"] for entry in row["differs"]])
            for row in answer["items"]
        ]

    assert rows("partNumber=a-1") == [
        ("B-1", "cross-reference", ["weightLbs"]),
        ("C-1", "same-ends", ["spec", "weightLbs"]),
    ]
    assert rows("partNumber=A-1&targetBrand=charlie") == [("C-1", "same-ends", ["spec", "weightLbs"])]
    # of an adaptor without a material, the number alone decides; what differs is told
    assert [row for row in rows("partNumber=B-1&brand=Bravo") if row[0] == "B-2"] == [
        ("B-2", "cross-reference", ["material", "weightLbs"])
    ]
    (found,) = [row for row in shop.admin.get("/adaptors/cross?partNumber=A-1")["items"] if row["partNumber"] == "B-1"]
    assert found["differs"] == [{"field": "weightLbs", "asked": 0.2, "found": 0.25}]
    assert "6400" in found["reason"]["message"]
    second = shop.admin.get("/adaptors/cross?partNumber=A-1&page=2&itemsPerPage=1")
    assert (second["total"], [row["partNumber"] for row in second["items"]]) == (2, ["C-1"])
    assert rows("partNumber=A-1&brand=Bravo") == rows("partNumber=unknown") == rows("partNumber=C-3") == []
    shop.admin.get("/adaptors/cross", 400)
    shop.admin.get("/adaptors/cross?partNumber=A-1&itemsPerPage=1001", 400)


def test_pick_lists_know_the_ends_of_adaptors(adaptors: Shop) -> None:
    assert adaptors.admin.get("/styles?brand=Alpha") == ["JIC 37", "SAE ORB"]
    assert adaptors.admin.get("/styles?brand=Alpha&gender=female") == ["JIC 37"]
    assert adaptors.admin.get("/genders?style=SAE ORB") == ["male"]
    assert adaptors.admin.get("/endsizes?brand=Alpha&style=JIC 37") == ["-08"]
    assert adaptors.admin.get("/shapes?brand=Alpha&style=jic 37&gender=female") == ["90", "tee"]
    assert adaptors.admin.get("/shapes?brand=Alpha&itemType=crimpFitting") == []
