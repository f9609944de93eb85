"""A shop of one's own for each test: an organization with a hose, a fitting, a customer, and short ways to ask."""

import io
from collections.abc import Sequence
from typing import Any

import httpx
import openpyxl

from support.world import Organization, World

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
API = "/api/v1"


class Shop:
    """An organization and its admin."""

    def __init__(self, world: World) -> None:
        self.world = world
        number = next(world.count)
        fields = {"name": f"Shop {number}", "currencies": [{"code": "EUR", "rate": 0.9}], "listPricing": True}
        stored = world.served.run(world.served.parts.organizations.create(fields, "founder"))
        self.organization = Organization(stored.id, f"Shop{number}x")
        self.organization.people["user admin"] = world.user(self.organization, "admin")
        self.hose = world.make(self.organization, "hose")
        self.fitting = world.make(self.organization, "crimpFitting")
        self.set("hose", self.hose, unitOfMeasure="ft", listPrice=10, listPriceUnitOfMeasure="ft", cost=4)
        self.set("crimpfitting", self.fitting, unitOfMeasure="each", listPrice=8, cost=2)

    def set(self, kind: str, id_: str, **fields: Any) -> None:
        self.post(f"/organization/{kind}/{id_}/update", fields)

    def ask(self, method: str, path: str, body: Any = None, who: str = "admin", **options: Any) -> httpx.Response:
        if who != "admin" and f"user {who}" not in self.organization.people:
            self.organization.people[f"user {who}"] = self.world.user(self.organization, who)  # type: ignore[arg-type]
        headers = {**self.organization.people[f"user {who}"].headers, **options.pop("headers", {})}
        if method == "POST" and "files" not in options:
            options["json"] = {} if body is None else body
        return self.world.client.request(method, API + path, headers=headers, **options)

    def post(self, path: str, body: Any = None, **options: Any) -> Any:
        response = self.ask("POST", path, body, **options)
        assert response.status_code < 300, response.text
        return response.json()

    def get(self, path: str, **options: Any) -> Any:
        response = self.ask("GET", path, **options)
        assert response.status_code == 200, response.text
        return response.json()

    def price_list(self, name: str, **fields: Any) -> dict[str, Any]:
        found: dict[str, Any] = self.post("/pricelists/create", {"name": name, **fields})
        return found

    def listed(self, price_list: str, item: str, **fields: Any) -> dict[str, Any]:
        found: dict[str, Any] = self.post(f"/pricelist/{price_list}/item/{item}/update", fields)
        return found

    def customer(self, **fields: Any) -> str:
        return str(self.post("/customers/create", fields)["_id"])

    def price(self, **fields: Any) -> dict[str, Any]:
        asked = {"hoseId": self.hose, "end1Id": self.fitting, "end2Id": self.fitting, "length": 12, "lengthUnit": "in"}
        found: dict[str, Any] = self.post("/hoseassembly/price", {**asked, "definedByCutLength": True, **fields})
        return found

    def article(self, id_: str, kind: str = "hose") -> tuple[str, str]:
        found = self.get(f"/{kind}/{id_}")
        return found["brand"], found["partNumber"]

    def load(self, rows: Sequence[Sequence[Any]], query: str = "") -> dict[str, Any]:
        book = openpyxl.Workbook()
        for row in rows:
            book.worksheets[0].append(list(row))
        made = io.BytesIO()
        book.save(made)
        return self.load_file(made.getvalue(), query)

    def load_file(self, content: bytes, query: str = "") -> dict[str, Any]:
        response = self.ask("POST", f"/pricelists/import{query}", files={"file": ("prices.xlsx", content, XLSX)})
        assert response.status_code == 200, response.text
        found: dict[str, Any] = response.json()
        return found

    def export(self, *lists: str) -> tuple[bytes, list[tuple[Any, ...]]]:
        response = self.ask("POST", "/pricelists/export", {"priceLists": list(lists), "selectAll": not lists})
        assert response.status_code == 200, response.text
        book = openpyxl.load_workbook(io.BytesIO(response.content))
        rows = list(book.worksheets[0].iter_rows(values_only=True))
        book.close()
        return response.content, rows


def line(price: dict[str, Any], role: str) -> dict[str, Any]:
    """The line of a part."""
    found: dict[str, Any] = next(line for line in price["items"] if line["role"] == role)
    return found
