"""Labels, cut sheet, Marken and Parker PTS files over HTTP."""

import csv
import io

import pytest
from hose_shop import END_PRICES, SPEC, Shop
from pypdf import PdfReader

from brassleaf.documents.zpl import field_data

TODAY = r"\d{4}-\d{2}-\d{2}"


def test_labels_as_many_as_asked_for(shop: Shop) -> None:
    made = shop.assembly(customerPartNumber="C-77", revision="B", printText="HA WP 3000 PSI")
    asked = {"numCopies": 3, "labelSize": "4x6", "serialNumberStart": 41, "numbered": True, "workOrder": "WO-9"}
    answer = shop.admin.send("POST", f"/hoseassembly/{made['_id']}/label", {"params": asked})
    assert f"{made['partNumber']}_B_label.pdf" in answer.headers["Content-Disposition"]
    found = [" ".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(answer.content)).pages]
    assert [f"{n} of 3 S/N {40 + n}" in page for n, page in enumerate(found, 1)] == [True] * 3
    expected = (f"{made['partNumber']}-B", "C-77", "36 in (914.4 mm)", "3000 psi (206.8 bar)", "WO-9",
                "2SN-08", "8PC-8FJX", "8PC-8MJ", "HA WP 3000 PSI")  # fmt: skip
    for text in expected:
        assert text in found[0], text
    assert "12000" not in found[0]  # burst pressure


def test_labels_for_a_thermal_printer(shop: Shop) -> None:
    made = shop.assembly()
    answer = shop.admin.send("POST", f"/hoseassembly/{made['_id']}/label", {"format": "zpl", "numCopies": 2})
    assert answer.headers["content-type"] == "application/zpl"
    assert answer.text.count("^XA") == 2
    assert f"^FD{made['partNumber']}^FS" in answer.text
    shop.admin.send("POST", f"/hoseassembly/{made['_id']}/label")


@pytest.mark.parametrize(
    ("asked", "field"),
    [({"numCopies": 0}, "numCopies"), ({"numCopies": 100_000}, "numCopies"), ({"labelSize": "9x9"}, "labelSize"),
     ({"dpi": 72}, "dpi"), ({"format": "png"}, "format"), ({"workOrder": "a\nb"}, "workOrder")],
)  # fmt: skip
def test_labels_that_cannot_be(shop: Shop, asked: dict[str, object], field: str) -> None:
    assert list(shop.admin.refused(f"/hoseassembly/{shop.assembly()['_id']}/label", asked)) == [field]


def test_the_cut_sheet_of_twelve(own_shop: Shop) -> None:
    """domain.md section 8: 12 pieces of 32.25 in with 1/8 in of kerf each take 32.375 ft."""
    own_shop.admin.post("/organization/update", {"kerf": 0.125})
    id_ = own_shop.assembly(proofTest=True, productionNotes="Blow out <with> air & bag.")["_id"]
    printed = own_shop.admin.pdf(f"/hoseassembly/{id_}/cutsheet", {"quantity": 12, "workOrder": "WO-12"})
    expected = (
        "12 × 32.25 in", "32.375 ft", "WO-12", "Blow out <with> air & bag.", "P32/45", "31.62 mm", "31.47 ... 31.77",
        "at 6000 psi", "0.063 in",
    )  # fmt: skip
    metric = own_shop.admin.pdf(f"/hoseassembly/{id_}/cutsheet", {"quantity": 12, "lengthUnit": "mm", "paper": "a4"})
    for text in expected:
        assert text in printed + metric, text
    assert "12 × 819.2 mm" in metric


def test_the_data_sheet_names_the_table_that_its_tolerance_is_from(own_shop: Shop) -> None:
    id_ = own_shop.assembly()["_id"]
    assert "±0.25 in (applies)" in own_shop.admin.pdf(f"/hoseassembly/{id_}/datasheet")
    own_shop.admin.post(f"/hoseassembly/{id_}/release")
    # what was released keeps its tolerance, and no table that does not give it is shown beside it
    own_shop.admin.post("/organization/update", {"lengthToleranceTable": "DIN20066"})
    printed = own_shop.admin.pdf(f"/hoseassembly/{id_}/datasheet")
    assert "±0.25 in" in printed
    assert "(applies)" not in printed
    fresh = own_shop.assembly(length=1000, lengthUnit="mm")["_id"]
    assert "+12 / -4 mm (applies)" in own_shop.admin.pdf(f"/hoseassembly/{fresh}/datasheet")  # domain.md section 4
    own = own_shop.assembly(lengthTolerance="as drawn")["_id"]
    assert "(applies)" not in own_shop.admin.pdf(f"/hoseassembly/{own}/datasheet")


@pytest.mark.parametrize("between", ["/", " rev ", "^"])
def test_the_revision_stands_behind_the_delimiter_of_the_shop(own_shop: Shop, between: str) -> None:
    """On papers of what is released too: it is how the shop writes, not what the assembly is."""
    made = own_shop.assembly(revision="B", customerPartNumber="C-77", customerRevision="K")
    own_shop.admin.post(f"/hoseassembly/{made['_id']}/release")
    own_shop.admin.post("/organization/update", {"revisionDelimiter": between})
    path, named = f"/hoseassembly/{made['_id']}", f"{made['partNumber']}{between}B"
    for call in ("datasheet", "cutsheet", "label"):
        printed = own_shop.admin.pdf(f"{path}/{call}")
        assert named in printed, call
        assert f"{made['partNumber']}-B" not in printed, call
    assert named in own_shop.admin.pdf(f"{path}/getBillOfMaterials", {"format": "pdf"})
    assert f"C-77{between}K" in own_shop.admin.pdf(f"{path}/label")
    zpl = own_shop.admin.send("POST", f"{path}/label", {"format": "zpl"}).text
    assert f"^FD{field_data(named)}^FS" in zpl
    ((text, *_),) = rows(own_shop.admin.send("POST", f"{path}/getmarkenfile").text, ";")
    assert text.startswith(f"{named} WP ")


# -- files for other programs -----------------------------------------------------------------------------------------


def rows(text: str, delimiter: str = ",") -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))


def test_the_marken_file_is_one_line_by_default(shop: Shop) -> None:
    made = shop.assembly(printText="HA; WP 3000\nPSI")
    answer = shop.admin.send("POST", f"/hoseassembly/{made['_id']}/getmarkenfile", {"quantity": 12})
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert f"{made['partNumber']}.txt" in answer.headers["Content-Disposition"]
    assert answer.text == '"HA; WP 3000 PSI";32.25;12\r\n'
    bare = shop.assembly(revision="B")
    ((text, *_),) = rows(shop.admin.send("POST", f"/hoseassembly/{bare['_id']}/getmarkenfile").text, ";")
    assert text[:-4] == f"{bare['partNumber']}-B WP 3000 psi "
    assert text[-4:].isdigit()


def test_the_columns_of_the_marken_file_are_a_setting(own_shop: Shop) -> None:
    columns = ["PartNumber", "WorkingPressure", "PressureUnit", "WorkOrder", "Quantity"]
    setting = {"markenFile": {"columns": columns, "delimiter": "\t", "header": True}}
    assert own_shop.admin.post("/organization/update", setting)["markenFile"]["columns"] == columns
    made = own_shop.assembly()
    text = own_shop.admin.send("POST", f"/hoseassembly/{made['_id']}/getmarkenfile", {"workOrder": "WO"}).text
    assert rows(text, "\t") == [columns, [made["partNumber"], "3000", "psi", "WO", "1"]]
    wrong = {"markenFile": {"columns": ["PartNumber", "Burst"], "delimiter": "x"}}
    assert set(own_shop.admin.refused("/organization/update", wrong)) == {
        "markenFile.columns[1]", "markenFile.delimiter",
    }  # fmt: skip


def test_the_parker_file_of_parker_parts(shop: Shop) -> None:
    others = shop.admin.refused(f"/hoseassembly/{shop.assembly()['_id']}/getparkerptsfile")
    assert sorted(others) == ["end1", "end2", "hose"]
    hose = shop.make_hose("387TC-8", brand="Parker", crimpSpecs=[{**SPEC, "couplingSeriesBrand": "Parker"}])
    end = shop.admin.post(
        "/crimpfittings/create",
        {"partNumber": "10677-8-8", "brand": "Parker Hannifin", "hoseSize": "-08", "series": "PC", "cutOffmm": 38.1,
         "workingPressure": {"value": 3000, "unit": "psi"}}, 201,
    )["_id"]  # fmt: skip
    other = shop.admin.post(
        "/crimpfittings/create",
        {"partNumber": "10377-8-8", "brand": "Parker", "hoseSize": "-08", "series": "PC", "cutOffmm": 57.15,
         "workingPressure": {"value": 3000, "unit": "psi"}}, 201,
    )["_id"]  # fmt: skip
    shop.admin.post(f"/organization/crimpfitting/{other}/update", END_PRICES)
    shop.admin.refused("/hoseassemblies/create", shop.body(hose=hose, end1=end, end2=other))  # another brand's series
    id_ = shop.assembly(hose=hose, end1=other, end2=other, ferrule1=None, ferrule2=None, comments="=cmd()\nx")["_id"]
    answer = shop.admin.send("POST", f"/hoseassembly/{id_}/getparkerptsfile", {"quantity": 4, "workOrder": "WO-1"})
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    head, row = rows(answer.text)
    found = dict(zip(head, row, strict=True))
    assert head[:4] == ["AssemblyPartNumber", "Revision", "CustomerName", "CustomerPartNumber"]
    assert {name: found[name] for name in ("HosePartNumber", "End1PartNumber", "OverallLength", "CutLength")} == {
        "HosePartNumber": "387TC-8", "End1PartNumber": "10377-8-8", "OverallLength": "36", "CutLength": "31.5",
    }  # fmt: skip
    assert (found["WorkingPressurePsi"], found["TestPressurePsi"]) == ("3000", "6000")  # domain.md section 6
    assert (found["Quantity"], found["WorkOrder"], found["Notes"]) == ("4", "WO-1", "=cmd() x")


def test_other_customers_papers_are_not_there(shop: Shop) -> None:
    id_ = shop.assembly(customerOrgId=shop.customer())["_id"]
    (them,) = shop.customer_key(shop.customer())
    for path in ("label", "cutsheet", "getmarkenfile", "getparkerptsfile"):
        them.post(f"/hoseassembly/{id_}/{path}", {}, 403)
