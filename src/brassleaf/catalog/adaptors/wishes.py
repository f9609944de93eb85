"""What is asked of the ends of adaptors in the parameters of a request: `ends[0][style]`, `search[ends][1][gender]`."""

import re

from brassleaf.catalog.ends import PARTS, Wish
from brassleaf.catalog.models import ITEMS
from brassleaf.errors import FieldError, Refused
from brassleaf.http.lists import LONGEST_TERM, Filter, Listing, ListQuery, parameter

_END = r"(?P<before>{before})\[(?P<number>[^\]]*)\]\[(?P<part>[^\]]*)\]"
_SEARCHED = re.compile(_END.format(before=r"search\[ends\]|search\.ends"))
_CHOSEN = re.compile(_END.format(before="ends"))
#: A cross has four ends; more wishes at once mean somebody is guessing.
MOST_ENDS = 6


def _documented(before: str) -> list[dict[str, object]]:
    told = {name: f"{name} of an end; further ends are numbered on." for name in PARTS}
    for name in ("swivel", "bulkhead"):
        told[name] = f"`{name}` for an end with, `false` for one without."
    return [parameter(f"{before}[0][{name}]", {"type": "string"}, text) for name, text in told.items()]


SEARCH = Listing(
    ITEMS,
    search=("partNumber", "orgPartNumber", "brand", "shape", "material", "description", "available"),
    sorts=("brand", "shape"),
    bracketed=True,
    apart=_SEARCHED,
    more=_documented("search[ends]"),
)
CONFIGURATION = Listing(
    ITEMS,
    filters=(Filter("brand"), Filter("shape"), Filter("material")),
    paged=False,
    apart=_CHOSEN,
    more=_documented("ends"),
)


def wishes(query: ListQuery, where: str, *, part: bool = False) -> list[Wish]:
    """The wishes of a request, by their numbers; with `part` a part of a style is enough. Raises Refused."""
    found: dict[int, dict[str, str]] = {}
    errors: list[FieldError] = []
    pattern = _SEARCHED if where else _CHOSEN
    for name, value in query.apart:
        match = pattern.fullmatch(name)
        number, wanted = (match["number"], match["part"]) if match else ("", "")
        if not (number.isascii() and number.isdigit() and len(number) == 1 and int(number) < MOST_ENDS):
            errors.append(FieldError(name, f"Number the ends from 0 to {MOST_ENDS - 1}."))
        elif wanted not in PARTS:
            errors.append(FieldError(name, f"Ask for one of {', '.join(PARTS)}."))
        elif len(value) > LONGEST_TERM or not value.isprintable():
            errors.append(FieldError(name, f"Give at most {LONGEST_TERM} printable characters."))
        elif value.strip():
            found.setdefault(int(number), {})[wanted] = value.strip()
    if errors:
        raise Refused.fields(errors)
    return [Wish(**found[number], part=part) for number in sorted(found)]
