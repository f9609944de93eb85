"""What goes with a hose: fittings with ferrules, coupling series with hoses, and why something does not fit."""

from hose_shop import SPEC, Shop


def test_fittings_that_fit_come_with_how_and_with_their_ferrules(own_shop: Shop) -> None:
    shop = own_shop
    shop.make_end("6PC-6FJX", 10, hoseSize="-06")
    shop.make_end("8GS-8FJX", 10, series="GS")
    shop.make_end("8PC-1P", 10, onePiece=True)
    shop.admin.post(f"/organization/hose/{shop.hose}/update", {"crimpSpecs": [{**SPEC, "dieSize": "own"}]})
    path = f"/organization/crimpfittingswithferrules?hoseId={shop.hose}"
    answer = shop.admin.get(f"{path}&itemsPerPage=100")
    rows = {row["partNumber"]: row for row in answer["items"]}
    assert set(rows) == {"8PC-1P", "8PC-8FJX", "8PC-8FJX45", "8PC-8FJX90", "8PC-8MJ"}
    assert answer["total"] == 5
    assert rows["8PC-8MJ"]["crimpSpec"]["dieSize"] == "own"
    assert [ferrule["_id"] for ferrule in rows["8PC-8MJ"]["ferrules"]] == [shop.ferrule]
    assert rows["8PC-8MJ"]["ferrules"][0]["cost"] == 0.777
    assert rows["8PC-1P"]["ferrules"] == []
    (anyone,) = shop.customer_key(None)
    (row,) = anyone.get(f"{path}&search[partNumber]=8MJ")["items"]
    assert "cost" not in row["ferrules"][0]
    assert shop.admin.get(f"{path}&gender=male&itemsPerPage=1")["total"] == 1
    assert shop.admin.get("/organization/crimpfittingswithferrules", 400)["errors"][0]["field"] == "hoseId"
    shop.admin.get(f"/organization/crimpfittingswithferrules?hoseId={'f' * 24}", 404)
    bare = shop.make_hose("BARE", crimpSpecs=[])
    assert shop.admin.get(f"/organization/crimpfittingswithferrules?hoseId={bare}")["items"] == []


def test_why_a_fitting_does_not_fit(own_shop: Shop) -> None:
    shop = own_shop

    def asked(fitting: str, hose: str = shop.hose, more: str = "") -> tuple[bool, list[str]]:
        answer = shop.admin.get(f"/hose/{hose}/fits?fittingId={fitting}{more}")
        assert all(reason["message"].endswith(".") for reason in answer["reasons"])
        return answer["fits"], [reason["code"] for reason in answer["reasons"]]

    assert asked(shop.end1) == (True, [])
    answer = shop.admin.get(f"/hose/{shop.hose}/fits?fittingId={shop.end1}&ferruleId={shop.ferrule}")
    assert (answer["crimpSpec"]["dieSize"], answer["source"]) == ("P32/45", "organization")
    assert asked(shop.make_end("6GS", 10, hoseSize="-06", series="GS")) == (False, ["wrong-size", "no-crimp-spec"])
    assert asked(shop.make_end("8PC-PK", 10, brand="Parker")) == (False, ["other-brand"])
    assert asked(shop.end1, shop.make_hose("ODD", size="odd")) == (False, ["hose-size-unknown"])
    ferrule = shop.admin.post("/ferrules/create", {"partNumber": "X", "brand": "Gates", "size": "-08"}, 201)["_id"]
    assert asked(shop.end1, more=f"&ferruleId={ferrule}") == (False, ["wrong-ferrule"])
    shop.admin.get(f"/hose/{shop.hose}/fits?fittingId={shop.hose}", 404)
    shop.admin.get(f"/hose/{shop.hose}/fits", 400)


def test_coupling_series_with_their_hoses(own_shop: Shop) -> None:
    shop = own_shop
    shop.make_end("8GS-8FJX", 10, series="GS")
    shared = shop.keep_item("hose", f"D-{shop.number}", "Book", {"size": "-12", "hoseDash": 12}, shared=True)
    shop.admin.post(f"/organization/hose/{shared}/update", {"crimpSpecs": [{"couplingSeries": "gs"}]})
    rows = {row["couplingSeries"]: row for row in shop.admin.get("/organization/couplingseriesdetails?brand=gates")}
    assert (rows["PC"]["fittings"], rows["PC"]["hoseSizes"], rows["PC"]["ferruleBrand"]) == (4, ["-08"], "Gates")
    assert [hose["_id"] for hose in rows["PC"]["hoses"]] == [shop.hose]
    assert [hose["partNumber"] for hose in rows["GS"]["hoses"]] == [f"D-{shop.number}"]
    one = shop.admin.get(f"/organization/couplingseriesdetails?hoseId={shop.hose}")
    assert [(row["couplingSeries"], row["couplingSeriesBrand"]) for row in one] == [("PC", "Gates")]
    assert shop.admin.get("/organization/couplingseriesdetails?brand=nobody") == []


def test_the_ferrule_that_a_specification_names(own_shop: Shop) -> None:
    shop = own_shop
    found = shop.admin.get("/organization/ferrule?partNumber=8pc2f&brand=gates")
    assert (found["_id"], found["cost"]) == (shop.ferrule, 0.777)
    assert shop.admin.get("/organization/ferrule?brand=Gates&size=1/2")["_id"] == shop.ferrule
    assert shop.admin.get("/organization/ferrule?brand=Gates&size=-12") is None
    assert shop.admin.get("/organization/ferrule?partNumber=none") is None
    assert {error["field"] for error in shop.admin.get("/organization/ferrule", 400)["errors"]} == {
        "partNumber",
        "brand",
    }


def test_whether_there_is_parker_hose(own_shop: Shop) -> None:
    shop = own_shop
    assert shop.admin.get("/organization/hasparker") is False
    hose = shop.make_hose("451TC-8", brand="Parker")
    assert shop.admin.get("/organization/hasparker") is True
    shop.admin.post(f"/organization/hose/{hose}/update", {"available": False})
    assert shop.admin.get("/organization/hasparker") is False
