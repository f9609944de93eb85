"""Kits in the shop of the worked examples."""

import itertools
from typing import Any

from hose_shop import Shop

_numbers = itertools.count(1)


def adaptor(shop: Shop, **said: Any) -> str:
    number = f"AD-{next(_numbers)}"
    return shop.keep_item("adaptor", number, "Gates", {"shape": "straight"}, **{"listPrice": 4.25, **said})


def other_item(shop: Shop, **said: Any) -> str:
    return shop.keep_item("otherItem", f"OT-{next(_numbers)}", "Any", {"description": "Clamp"}, **said)


def body(**fields: Any) -> dict[str, Any]:
    return {"partNumber": f"KIT-{next(_numbers)}", **fields}


def kit(shop: Shop, **fields: Any) -> Any:
    return shop.admin.post("/hosekits/create", body(**fields))


def lines(made: Any, kind: str = "hoseAssemblies") -> list[tuple[str, str, float, float]]:
    return [(line["item"], line["number"], line["quantity"], line["order"]) for line in made[kind]]
