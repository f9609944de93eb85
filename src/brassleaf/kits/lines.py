"""The lines of a kit: how they are numbered, that an item stands there once, and what their items must be.

A line that is taken off goes; the audit trail keeps what it said.
"""

import math
from collections.abc import Iterator, Mapping, Sequence

from brassleaf.assemblies.models import ASSEMBLIES
from brassleaf.assemblies.service import NOUN as ASSEMBLY
from brassleaf.catalog.registry import KINDS
from brassleaf.catalog.service import Catalogue
from brassleaf.errors import FieldError, NotFound, Refused
from brassleaf.kits.models import LINES, MOST_LINES
from brassleaf.revisions.lifecycle import OBSOLETE, RELEASED
from brassleaf.store.collections import Document
from brassleaf.store.port import Store
from brassleaf.store.records import new_id

#: Items by id, deleted ones too.
Items = Mapping[str, Document]
#: New lines by the list that they are for, with what was said of them.
NewLines = Mapping[str, Sequence[Document]]


class KitItems:
    """What the lines of kits refer to."""

    def __init__(self, store: Store, catalogue: Catalogue) -> None:
        self._store = store
        self._catalogue = catalogue

    async def of(self, organization: str, kit: Document) -> dict[str, Document]:
        """The items of a kit's lines that are there, deleted ones too, by id."""
        return await self.named(organization, [(kind, str(line["item"])) for kind, _, line in lines_of(kit)])

    async def named(self, organization: str, wanted: Sequence[tuple[str, str]]) -> dict[str, Document]:
        """Items by id, each looked for where those of its list of lines are kept."""
        assemblies = [id_ for kind, id_ in wanted if kind == "hoseAssemblies"]
        others = [id_ for kind, id_ in wanted if kind != "hoseAssemblies"]
        made = await self._store.repository(ASSEMBLIES, organization).get_many(assemblies) if assemblies else {}
        articles = await self._catalogue.get_many(organization, others) if others else {}
        return {
            **{id_: stored.document for id_, stored in made.items()},
            **{id_: article.document for id_, article in articles.items()},
        }


def lines_of(kit: Document) -> Iterator[tuple[str, int, Document]]:
    """Every line of a kit with the list that it stands in and its place there."""
    for kind in LINES:
        for place, line in enumerate(kit.get(kind) or ()):
            yield kind, place, line


def with_lines(kit: Document, added: NewLines) -> Document:
    """A kit with further lines, what they leave open filled in. Raises Refused for an item that stands there already.

    A line without a number gets the one after the highest, one without an order the last place.
    """
    made = {**kit, **{kind: list(kit.get(kind) or ()) for kind in LINES}}
    said = [line for _, _, line in lines_of(kit)] + [line for lines in added.values() for line in lines]
    number = max((int(text) for line in said if (text := _digits(line.get("number")))), default=0)
    order = max((math.floor(line["order"]) for line in said if line.get("order") is not None), default=0)
    there = {line["item"]: str(line["number"]) for _, _, line in lines_of(kit)}
    errors = []
    for kind in LINES:
        for place, line in enumerate(added.get(kind) or ()):
            if line["item"] in there:
                text = f"This item stands in line {there[line['item']]} already; change the quantity there."
                errors.append(FieldError(f"{kind}[{place}].item", text))
                continue
            number += not line.get("number")
            order += line.get("order") is None
            filled = {
                "_id": line.get("_id") or new_id(),
                "item": line["item"],
                "number": line.get("number") or str(number),
                "quantity": line.get("quantity") or 1,
                "order": order if line.get("order") is None else line["order"],
            }
            there[line["item"]] = str(filled["number"])
            made[kind].append({**filled, **({"comments": line["comments"]} if line.get("comments") else {})})
        if len(made[kind]) > MOST_LINES:
            errors.append(FieldError(kind, f"A hose kit may have at most {MOST_LINES:,} of these lines."))
    if errors:
        raise Refused.fields(errors)
    return made


def _digits(number: object) -> str:
    text = str(number or "")
    return text if text.isascii() and text.isdigit() and len(text) <= 9 else ""


def check_items(added: NewLines, items: Items) -> None:
    """Raise NotFound or Refused, naming every new line whose item a kit may not get."""
    unknown, errors = False, []
    for kind, place, line in lines_of({**added}):
        field, item = f"{kind}[{place}].item", items.get(line["item"] or "")
        if not line["item"]:
            errors.append(FieldError(field, "Name the item of the line."))
        elif item is None or item["deleted"] or item["itemType"] != LINES[kind]:
            unknown = True
            errors.append(FieldError(field, f"There is no {noun(kind)} with the id {line['item']}."))
        elif item.get("status") == OBSOLETE:
            errors.append(FieldError(field, f"{_named(item)} is {OBSOLETE}; new lines take it no more."))
    if errors:
        refused = Refused.fields(errors)
        raise NotFound(refused.message, errors) if unknown else refused


def check_final(kit: Document, items: Items) -> None:
    """Raise Refused with everything that speaks against the release of a kit."""
    errors = []
    for kind, place, line in lines_of(kit):
        field, item = f"{kind}[{place}].item", items.get(line["item"])
        if item is None or item["deleted"]:
            errors.append(FieldError(field, f"The {noun(kind)} of line {line['number']} is not there any more."))
        elif kind == "hoseAssemblies" and item["status"] != RELEASED:
            errors.append(FieldError(field, f"{_named(item)} is {item['status']}, not {RELEASED}."))
    if not any(True for _ in lines_of(kit)):
        errors.append(FieldError("hoseAssemblies", "A hose kit without lines cannot be released."))
    if errors:
        raise Refused.fields(errors)


def noun(kind: str) -> str:
    """What the items of a list of lines are called."""
    return KINDS[LINES[kind]].noun if LINES[kind] in KINDS else ASSEMBLY


def _named(item: Document) -> str:
    revision = item.get("revision")
    return f"{item['partNumber']}, revision {revision}," if revision else str(item["partNumber"])
