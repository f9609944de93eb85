"""Hose assemblies from workbooks: what rows become, what is refused by row and column, and the round trip."""

import io
import tempfile
from collections.abc import Sequence
from typing import Any

import openpyxl
import pytest
from hose_shop import SPEC, Shop
from test_assembly_lifecycle import released

from brassleaf.assemblies.importing.handler import AssemblyImport
from brassleaf.assemblies.importing.models import AssemblyImportOptions, KitAsked
from brassleaf.assemblies.models import ASSEMBLIES
from brassleaf.assemblies.sheet import ASSEMBLY_SHEET
from brassleaf.customers.models import CUSTOMERS
from brassleaf.errors import Refused
from brassleaf.imports.engine import Importer
from brassleaf.security.caller import Caller
from support.examples import workbook_of

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
HEAD = ("Part number", "Revision", "Hose", "End 1", "End 2", "Length", "Length unit")
PARTS = ("2SN-08", "8PC-8FJX", "8PC-8MJ")
_numbers = iter(range(1, 100_000))


def number() -> str:
    return f"IMP-{next(_numbers)}"


def row(name: str, *more: Any, revision: str | None = None, length: float | None = 36) -> tuple[Any, ...]:
    return (name, revision, *PARTS, length, "in", *more)


def load(
    shop: Shop,
    rows: Sequence[Sequence[Any]],
    head: Sequence[str] = HEAD,
    query: str = "",
    status: int = 200,
    **form: str,
) -> Any:
    content = workbook_of("Hose assemblies", [head, *rows])
    return send(shop, content, query, status, form)


def send(shop: Shop, content: bytes, query: str = "", status: int = 200, form: dict[str, str] | None = None) -> Any:
    response = shop.world.client.post(
        f"/api/v1/hoseassemblies/import{query}",
        headers=shop.admin.person.headers,
        files={"file": ("assemblies.xlsx", content, XLSX)},
        data=form or {},
    )
    assert response.status_code == status, response.text[:2000]
    return response.json()


def only(report: Any) -> list[tuple[int, str | None, str]]:
    return [(error["row"], error["column"], error["reason"]) for error in report["errors"]]


def counts(report: Any) -> tuple[int, int, int, int]:
    return report["created"], report["updated"], report["unchanged"], report["failed"]


def get(shop: Shop, report: Any, place: int = 0) -> Any:
    return shop.admin.get(f"/hoseassembly/{report['hoseAssemblies'][place]}")


# -- what rows become -------------------------------------------------------------------------------------------------


def test_a_row_becomes_a_released_assembly(shop: Shop) -> None:
    buyer = shop.customer(name="Import Works", erpId="IW-1")
    head = (*HEAD, "Customer", "Customer part number", "Proof test", "Wrap type", "Wrap coverage", "Wrap end")
    more = ("iw-1", "C-9", "yes", "sleeve", "from end 1", 14)
    report = load(shop, [row(number(), *more, revision="B"), row(number(), "Nobody we know")], head)
    assert (counts(report), report["hoseKit"]) == ((2, 0, 0, 0), None)
    made = get(shop, report)
    assert (made["status"], made["version"], made["newest"], made["chain"]) == ("released", 1, True, made["_id"])
    assert (made["hose"], made["end1"], made["end2"]) == (shop.hose, shop.end1, shop.end2)
    assert made["ferrule1"] == made["ferrule2"] == shop.ferrule
    assert (made["cutLength"], made["WeightLbs"]) == (32.25, 1.40625)  # domain.md sections 3 and 7
    assert (made["customerOrgId"], made["customerName"], made["revision"]) == (buyer, "Import Works", "B")
    assert (made["proofTest"], made["itemType"], made["recordSource"]) == (True, "hoseAssembly", "import")
    assert made["wrapStyle"] == {"wrapType": "sleeve", "coverage": {"coverageType": "from end 1", "end": 14}}
    assert made["crimpSpecs"]["end1"]["crimpSpec"]["dieSize"] == "P32/45"
    other = get(shop, report, 1)
    assert "customerOrgId" not in other
    assert other["customerName"] == "Nobody we know"
    assert shop.admin.post(f"/hoseassembly/{made['_id']}/price")["netPrice"] == 42.10


def test_a_customer_without_a_name_lends_none(shop: Shop) -> None:
    nameless = shop.customer(erpId="NN-1")
    shop.change(CUSTOMERS, nameless, name=None)
    made = get(shop, load(shop, [row(number(), "nn-1")], (*HEAD, "Customer")))
    assert (made["customerOrgId"], made.get("customerName")) == (nameless, None)


def test_assemblies_may_stay_under_editing(shop: Shop) -> None:
    report = load(shop, [row(number())], doNotRelease="true")
    assert get(shop, report)["status"] == "under editing"
    assert get(shop, load(shop, [row(number())], doNotRelease="0"))["status"] == "released"
    # one without ends is complete enough for that
    head = ("Part number", "Hose", "Length")
    assert counts(load(shop, [(number(), "2SN-08", 40)], head, doNotRelease="on")) == (1, 0, 0, 0)
    failed = load(shop, [(number(), "2SN-08", 40)], head)
    assert [column for _, column, _ in only(failed)] == ["End 1", "End 2"]


def test_rows_change_what_is_under_editing(shop: Shop) -> None:
    made = shop.assembly(comments="before", tag="kept", wrapStyle={"wrapType": "coil", "colour": "red"}, revision="b")
    head = ("Part number", "Revision", "Length", "Comments", "Wrap colour", "Ferrule 1")
    rows = [(made["partNumber"].lower(), "B", 40, "__clear__", "blue", "__clear__")]
    report = load(shop, rows, head, doNotRelease="true")
    assert (counts(report), report["hoseAssemblies"]) == ((0, 1, 0, 0), [made["_id"]])
    after = get(shop, report)
    assert (after["overallLength"], after["cutLength"], after["tag"]) == (40, 36.25, "kept")
    assert (after["wrapStyle"], after["partNumber"]) == ({"wrapType": "coil", "colour": "blue"}, made["partNumber"])
    assert not {"comments", "ferrule1"} & after.keys()
    assert after["ferrule2"] == shop.ferrule
    # the same file again is released by the usual import, then changes nothing
    assert counts(load(shop, rows, head)) == (0, 1, 0, 0)
    assert counts(load(shop, rows, head)) == (0, 0, 1, 0)


def test_a_released_assembly_is_left_as_it_is(shop: Shop) -> None:
    id_ = released(shop, comments="fixed")
    name = shop.admin.get(f"/hoseassembly/{id_}")["partNumber"]
    report = load(shop, [row(name)])
    assert (counts(report), report["hoseAssemblies"]) == ((0, 0, 1, 0), [id_])
    report = load(shop, [row(name, length=40)])
    assert counts(report) == (0, 0, 0, 1)
    assert only(report)[0][1] == "Part number"
    assert "new version" in only(report)[0][2]
    # the newest version is the one that is meant
    second = shop.admin.post(f"/hoseassembly/{id_}/newversion")["newVersionId"]
    report = load(shop, [row(name, length=40)])
    assert (counts(report), report["hoseAssemblies"]) == ((0, 1, 0, 0), [second])
    assert shop.admin.get(f"/hoseassembly/{second}")["status"] == "released"


def test_parts_by_brand_by_own_number_and_by_neither(own_shop: Shop) -> None:
    shop = own_shop
    shop.keep_item("crimpFitting", "8PC-8MJ", "Other", {"hoseDash": 8, "series": "XX"})
    shop.keep_item("wrap", "SG-25", "Second", {})
    shop.admin.post(f"/organization/hose/{shop.hose}/update", {"orgPartNumber": "OWN-HOSE"})
    head = (*HEAD, "End 2 brand", "Wrap", "Wrap brand")
    name = number()
    rows = [
        (name, None, "own-hose", "8PC-8FJX", "8pc-8mj", 36, "in", "gates", "SG-25", "Guard"),
        row(number()),
        row(number(), "Nobody"),
        (number(), None, "NO-HOSE", "NO-END", "8PC-8MJ", 36, "in", "Gates", "SG-25", None),
    ]
    report = load(shop, rows, head)
    assert counts(report) == (1, 0, 0, 3)
    made = get(shop, report)
    assert (made["hose"], made["end2"], made["wrap"], made["wrapBrand"]) == (shop.hose, shop.end2, shop.wrap, "Guard")
    assert only(report) == [
        (3, "End 2 brand", "Several brands have a crimp fitting 8PC-8MJ: Gates, Other. Name the brand."),
        (4, "End 2", "There is no crimp fitting with this part number of the brand Nobody."),
        (5, "Hose", "There is no hose with this part number."),
        (5, "End 1", "There is no crimp fitting with this part number."),
        (5, "Wrap brand", "Several brands have a wrap SG-25: Guard, Second. Name the brand."),
    ]


def test_every_reason_of_every_row_is_told(shop: Shop) -> None:
    shop.make_end("12PC-12FJX", 40, hoseSize="-12")
    shop.make_end("8ZZ-8FJX", 40, series="ZZ")
    head = (*HEAD, "Orientation angle", "Wrap", "Wrap coverage", "Wrap end")
    rows = [
        ("BAD-1", None, "2SN-08", "12PC-12FJX", "8ZZ-8FJX", 36, "in", 90, None, None, None),
        ("BAD-2", None, *PARTS, 36, "ells", None, None, None, None),
        ("BAD-3", None, *PARTS, -1, "in", 400, None, None, None),
        ("BAD-4", None, *PARTS, 36, "in", None, "SG-25", "from end 1", 90),
        ("BAD-5", None, *PARTS, None, None, None, None, None, None),
        (None, None, *PARTS, 36, "in", None, None, None, None),
    ]
    report = load(shop, rows, head)
    assert counts(report) == (0, 0, 0, 6)
    assert [(at, column) for at, column, _ in only(report)] == [
        (2, "End 1"), (2, "End 2"), (2, "Orientation angle"), (3, "Length unit"), (4, "Length"),
        (4, "Orientation angle"), (5, "Wrap end"), (6, "Length"), (7, "Part number"),
    ]  # fmt: skip
    assert shop.admin.get("/hoseassemblies?search[partNumber]=BAD-")["total"] == 0


def test_good_rows_are_kept_and_doubles_refused(shop: Shop) -> None:
    name = number()
    report = load(shop, [row(name), row(name.lower(), length=50), row(number(), length=1), row(name, revision="B")])
    assert counts(report) == (2, 0, 0, 2)
    assert only(report)[0] == (3, None, "Row 2 is about the same. Leave one of them out.")
    assert [get(shop, report, place).get("revision") for place in (0, 1)] == [None, "B"]


def test_a_dry_run_writes_nothing(shop: Shop) -> None:
    name = number()
    report = load(shop, [row(name), row("BAD", length=1)], query="?dryRun=true")
    assert (counts(report), report["dryRun"], report["hoseAssemblies"]) == ((1, 0, 0, 1), True, [])
    assert shop.admin.get(f"/hoseassemblies?search[partNumber]={name}")["total"] == 0


def test_a_number_that_was_given_up_may_be_imported_again(shop: Shop) -> None:
    name = number()
    first = load(shop, [row(name)], doNotRelease="1")["hoseAssemblies"][0]
    shop.admin.post(f"/hoseassembly/{first}/update", {"partNumber": number()})
    second = load(shop, [row(name)], doNotRelease="1")["hoseAssemblies"][0]
    assert second != first
    shop.admin.post(f"/hoseassembly/{second}/delete")
    report = load(shop, [row(name)])
    assert counts(report) == (1, 0, 0, 0)
    assert get(shop, report)["status"] == "released"


# -- prices -----------------------------------------------------------------------------------------------------------


def test_prices_are_checked(shop: Shop) -> None:
    """domain.md section 9: 42.10, for a customer at 0.80 on parts 34.68."""
    shop.customer(name="Eighty percent", defaultDiscountPercentMaterials=20)
    head = (*HEAD, "Expected price", "Customer")
    rows = [
        row(number(), 42.1), row(number(), 34.68, "Eighty percent"), row(number(), 42.1, "Eighty percent"),
        row(number(), 40),
    ]  # fmt: skip
    report = load(shop, rows, head)
    assert counts(report) == (2, 0, 0, 2)
    assert only(report) == [
        (4, "Expected price", "The price of one is 34.68 USD."), (5, "Expected price", "The price of one is 42.1 USD."),
    ]  # fmt: skip
    assert "expectedPrice" not in get(shop, report)


def test_parts_without_a_price_are_found_where_that_is_asked_for(own_shop: Shop) -> None:
    own_shop.make_end("8PC-8ORFS", 38.1)
    own_shop.keep_item("crimpFitting", "8PC-FREE", "Gates",
                       {"hoseDash": 8, "series": "PC", "cutOffmm": 10, "shape": "straight"})  # fmt: skip
    rows = [("FREE-1", None, "2SN-08", "8PC-FREE", "8PC-8MJ", 36, "in")]
    report = load(own_shop, rows, checkPrices="yes")
    assert only(report) == [(2, "End 1", "There is no price for end1.")]
    assert counts(load(own_shop, rows)) == (1, 0, 0, 0)


# -- kits -------------------------------------------------------------------------------------------------------------


def kit_import(shop: Shop, kits: Any, **kit: Any) -> AssemblyImport:
    parts = shop.served.parts
    caller = Caller(shop.organization.id, "admin", "user", "0" * 24, "test", "test")
    options = AssemblyImportOptions(hoseKit=KitAsked.model_validate({"partNumber": "KIT-1", **kit}))
    return AssemblyImport(
        parts.store, parts.catalogue, parts.organizations, parts.prices, caller, options, kits
    )  # fmt: skip


def run(shop: Shop, handler: AssemblyImport, rows: Sequence[Sequence[Any]], **how: Any) -> Any:
    content = workbook_of("Hose assemblies", [(*HEAD, "Kit quantity"), *rows])
    with tempfile.TemporaryFile() as file:
        file.write(content)
        file.flush()
        return shop.served.run(Importer().run(file, handler, "test", **how)).report


def test_a_kit_lists_the_good_rows_with_their_quantities(shop: Shop) -> None:
    made: list[Any] = []

    async def kits(caller: Caller, kit: KitAsked, lines: Sequence[tuple[str, float | None]]) -> str:
        made.append((caller.organization, kit.partNumber, kit.comments, list(lines)))
        return "c" * 24

    rows = [row(number(), 3), row("BAD", length=1), row(number())]
    report = run(shop, kit_import(shop, kits, comments="all of them"), rows)
    one, two = report["hoseAssemblies"]
    assert report["hoseKit"] == "c" * 24
    assert made == [(shop.organization.id, "KIT-1", "all of them", [(one, 3.0), (two, None)])]
    dry = run(shop, kit_import(shop, kits), [row(number())], dry_run=True)
    assert (dry["hoseKit"], len(made)) == (None, 1)


def test_a_kit_has_at_least_some_of_each(shop: Shop) -> None:
    quantities = (0.5, -1, 0, 1_000_001, None)
    content = workbook_of("Hose assemblies", [(*HEAD, "Kit quantity"), *(row(number(), each) for each in quantities)])
    report = send(shop, content)
    reason = "Give a number above 0, at most 1,000,000."
    assert only(report) == [(at, "Kit quantity", reason) for at in (3, 4, 5)]


def test_a_kit_that_is_refused_leaves_the_assemblies(shop: Shop) -> None:
    async def kits(*_: Any) -> str:
        raise Refused("KIT-1 is released.")

    report = run(shop, kit_import(shop, kits), [row(number(), None, "of no column")])
    assert counts(report) == (1, 0, 0, 0)
    assert report["warnings"][-1] == "The hose kit was not made or changed: KIT-1 is released."


@pytest.mark.parametrize(
    ("form", "field"),
    [({"doNotRelease": "perhaps"}, "doNotRelease"), ({"hoseKit": "[1]"}, "hoseKit"), ({"hoseKit": "{"}, "hoseKit"),
     ({"hoseKit[comments]": "x"}, "hoseKit.partNumber"),
     ({"hoseKit[partNumber]": "K", "hoseKit[customerOrgId]": "7"}, "hoseKit.customerOrgId"),
     ({"hoseKit[comments]": "x" * 30_000}, "hoseKit[comments]")],
)  # fmt: skip
def test_a_form_that_says_nothing_useful_is_refused(shop: Shop, form: dict[str, str], field: str) -> None:
    answer = send(shop, workbook_of("Hose assemblies", [HEAD, row(number())]), status=400, form=form)
    assert field in [error["field"] for error in answer["errors"]]


def test_a_repeated_import_with_other_switches_is_another_one(shop: Shop) -> None:
    content = workbook_of("Hose assemblies", [HEAD, row(number())])

    def sent(form: dict[str, str]) -> int:
        headers = {**shop.admin.person.headers, "Idempotency-Key": f"import-{content[-40:].hex()}"}
        response = shop.world.client.post(
            "/api/v1/hoseassemblies/import", headers=headers, files={"file": ("a.xlsx", content, XLSX)}, data=form
        )
        return response.status_code

    assert [sent({"doNotRelease": "1"}), sent({"doNotRelease": "1"}), sent({})] == [200, 200, 409]


def _sent(shop: Shop, data: dict[str, str], query: str = "") -> Any:
    return shop.world.client.post(
        f"/api/v1/hoseassemblies/import?dryRun=true{query}",
        headers=shop.admin.person.headers,
        files={"file": ("a.xlsx", workbook_of("Hose assemblies", [HEAD, row(number())]), XLSX)},
        data=data,
    )


def test_unknown_fields_of_the_form_are_named(shop: Shop) -> None:
    kit = {"hoseKit": '{"partNumber": "KIT-9", "revison": "A"}', "hoseKit[descripton]": "x"}
    response = _sent(shop, {"doNotRelase": "1", **kit}, "&zz=1")
    assert response.status_code == 200
    assert response.headers["X-Unknown-Fields"] == "doNotRelase, hoseKit.revison, hoseKit[descripton], zz"


@pytest.mark.parametrize(
    ("data", "query", "field"),
    [
        ({"donotrelease": "1"}, "", "donotrelease"),
        ({}, "&checkprices=1", "checkprices"),
        ({"hosekit[partNumber]": "KIT-9"}, "", "hosekit[partNumber]"),
        ({"doNotRelease": "1"}, "&doNotRelease=0", "doNotRelease"),
    ],
)
def test_options_that_are_nearly_known_are_refused(shop: Shop, data: dict[str, str], query: str, field: str) -> None:
    response = _sent(shop, data, query)
    assert (response.status_code, [error["field"] for error in response.json()["errors"]]) == (400, [field])


def test_a_kit_may_be_named_in_the_query(shop: Shop) -> None:
    response = _sent(shop, {}, "&hoseKit[partNumber]=KIT-9")
    assert (response.status_code, "X-Unknown-Fields" in response.headers) == (200, False)


# -- the round trip ---------------------------------------------------------------------------------------------------


def test_an_export_changes_nothing_when_it_is_imported(own_shop: Shop) -> None:
    shop = own_shop
    style = {"wrapType": "sleeve", "coverage": {"coverageType": "custom", "start": 1, "end": 9, "unit": "in"}}
    buyer = shop.customer(name="Buyer")
    shop.assembly(wrap=shop.wrap, wrapStyle=style, customerOrgId=buyer, description="By hand", WeightLbs=2.5)
    shop.assembly(end1=shop.bent1, end2=shop.bent2, orientationAngle=225.5, length=900, lengthUnit="mm", ferrule1=None)
    shop.assembly(definedByCutLength=True, length=30, comments="line\nline", printText="=1+1", quantityPerPackage=5)
    released(shop, revision="A", productionNotes="-08 <b>")
    before = [shop.admin.get(f"/hoseassembly/{entry['_id']}") for entry in shop.admin.get("/hoseassemblies")["items"]]
    everything = {"hoseAssemblies": [], "selectAll": True}
    content = shop.admin.send("POST", "/hoseassemblies/export", everything).content
    report = send(shop, content, form={"doNotRelease": "true"})
    assert (counts(report), report["errors"]) == ((0, 0, 4, 0), [])
    assert before == [shop.admin.get(f"/hoseassembly/{entry['_id']}") for entry in before]


def test_an_export_makes_the_same_assemblies_in_another_shop(own_shop: Shop, world: Any) -> None:
    made = own_shop.assembly(description="By hand", definedByCutLength=True, length=30, proofTest=True)
    asked = {"hoseAssemblies": [made["_id"]], "selectAll": False}
    content = own_shop.admin.send("POST", "/hoseassemblies/export", asked).content
    other = Shop(world)
    report = send(other, content, form={"doNotRelease": "true"})
    assert counts(report) == (1, 0, 0, 0)
    copy = get(other, report)
    same = ("partNumber", "description", "manualDescription", "cutLength", "overallLength", "proofTest", "WeightLbs")
    assert {name: copy[name] for name in same} == {name: made[name] for name in same}
    assert copy["hose"] == other.hose


def test_the_template_has_what_the_import_reads(shop: Shop) -> None:
    book = openpyxl.load_workbook(io.BytesIO(shop.admin.send("POST", "/hoseassemblies/exceltemplate").content))
    assert book.active is not None
    headers = [cell.value for cell in book.active[1]]
    assert headers == [column.header for column in ASSEMBLY_SHEET.writable().columns]
    assert "Status" not in headers
    shop.as_("restricted").post("/hoseassemblies/exceltemplate", {}, 403)


def test_rows_that_somebody_changes_meanwhile_are_compared_again(own_shop: Shop) -> None:
    """Between the plan of a row and its writing the assembly gets another comment: both changes count."""
    shop = own_shop
    made = shop.assembly(tag="before")

    async def kits(*_: Any) -> str:
        return "c" * 24

    handler = kit_import(shop, kits)
    plan = handler.plan

    async def planned(rows: Any) -> Any:
        found = await plan(rows)
        parts = shop.served.parts
        repository = parts.store.repository(ASSEMBLIES, shop.organization.id)
        before = await repository.get(made["_id"])
        assert before is not None
        moment = "2999-01-01T00:00:00.000Z"
        await repository.replace(before, {**before.document, "comments": "meanwhile", "lastModified": moment})
        return found

    handler.plan = planned  # type: ignore[method-assign]
    report = run(shop, handler, [row(made["partNumber"], length=40)])
    assert counts(report) == (0, 1, 0, 0)
    after = shop.admin.get(f"/hoseassembly/{made['_id']}")
    assert (after["comments"], after["overallLength"], after["status"]) == ("meanwhile", 40, "released")


def test_another_brand_s_series_is_refused_by_row(shop: Shop) -> None:
    shop.make_hose("OTHER-08", crimpSpecs=[{**SPEC, "couplingSeriesBrand": "Other"}])
    report = load(shop, [("X-1", None, "OTHER-08", "8PC-8FJX", "8PC-8MJ", 36, "in")])
    assert {column for _, column, _ in only(report)} == {"End 1", "End 2"}


def test_an_import_takes_no_number_of_the_sequence(shop: Shop) -> None:
    assert [column for _, column, _ in only(load(shop, [row("*")]))] == ["Part number"]
