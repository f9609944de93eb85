"""One word for what an item of the catalogue is, so that items like the one that a text means are found by an index.

Hoses are alike by size and family of construction (1SN is 100R1 is one-wire braid), crimp fittings by the hose's size,
style, thread, gender and angle. What a text does not say is what is usual; it is named, so that it counts for less.
Source: sections 1, 2 (24° ends of HANSA-FLEX) and 11; the usual gender of a style is general trade knowledge.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from brassleaf.trade import threads
from brassleaf.trade.ends import parse_end_size
from brassleaf.trade.parsing.lexemes import EN_HOSE, SAE_HOSE
from brassleaf.trade.parsing.lexicon import FAMILY, STYLES
from brassleaf.trade.parsing.reading import End

_STYLE_BY_SPELLING = {
    "".join(spelling.casefold().split()): code
    for code, spellings in STYLES.items()
    for spelling in (code, *spellings)
    if not code.startswith("DIN-")
}
_GENDERS = {"male": "M", "m": "M", "female": "F", "f": "F"}
_USUAL_GENDER: Mapping[str, str] = {
    **dict.fromkeys(("JIC", "ORFS", "NPSM", "BSPP", "DKOL", "DKOS", "SAE45", "JIS", "KOM"), "F"),
    **dict.fromkeys(("ORB", "NPTF", "BSPT", "CEL", "CES", "INV"), "M"),
}
_USUAL_THREAD: Mapping[str, Mapping[int, str]] = {
    **dict.fromkeys(("DKOL", "CEL"), threads.LIGHT),
    **dict.fromkeys(("DKOS", "CES"), threads.HEAVY),
}
#: Tried in this order where a text names no construction.
USUAL_FAMILIES = ("two wire braids", "one wire braid", "four wire spirals")


@dataclass(frozen=True, slots=True)
class Wanted:
    """An end as it is looked for; `assumed` names what the text does not say."""

    dash: int
    style: str
    size: int | str
    gender: str
    angle: int
    assumed: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """The key of the fittings that are this."""
        return fitting_key(self.dash, self.style, self.size, self.gender, self.angle)


def hose_key(dash: int, family: str) -> str:
    """The key of the hoses of a size and family."""
    return f"hose {dash} {family}"


def wrap_key(kind: str) -> str:
    """The key of the wraps of a kind."""
    return f"wrap {kind.casefold()}"


def fitting_key(dash: int, style: str, size: int | str, gender: str, angle: int) -> str:
    """The key of the fittings for a hose size, of a style, thread, gender and angle."""
    return f"fitting {dash} {style} {size} {gender} {angle}"


def wanted(end: End, dash: int) -> Wanted | None:
    """What an end of a text is looked for as, on a hose of this size; None where its style is not known."""
    if end.style is None:
        return None
    style = end.style.value
    usual = _USUAL_THREAD.get(style, {}).get(dash) if style in _USUAL_THREAD else dash
    size = end.size.value if end.size else usual
    if size is None:
        return None
    gender = end.gender.value if end.gender else _USUAL_GENDER.get(style, "")
    assumed = [name for name, said in (("size", end.size), ("angle", end.angle)) if said is None]
    if end.gender is None and gender:
        assumed.append("gender")
    return Wanted(dash, style, size, gender, end.angle.value if end.angle else 0, tuple(assumed))


def item_key(document: Mapping[str, Any]) -> str | None:
    """The key of an item of the catalogue; None for another type, or where the size is not known."""
    if document.get("itemType") == "wrap":
        return wrap_key(str(document.get("wrapType") or ""))
    dash = document.get("hoseDash")
    if not isinstance(dash, int):
        return None
    if document.get("itemType") == "hose":
        return hose_key(dash, next((FAMILY[code] for code in constructions(document) if code in FAMILY), ""))
    if document.get("itemType") != "crimpFitting":
        return None
    style = style_of(document)
    size = _end_size(document, style)
    gender = _GENDERS.get(str(document.get("gender") or "").casefold(), "")
    return None if size is None else fitting_key(dash, style, size, gender, _angle(document.get("shape")))


def constructions(hose: Mapping[str, Any]) -> list[str]:
    """The types that a hose of the catalogue is, by its series and standards: 2SN and R2, or R17; may be empty."""
    return list(_types(tuple(str(hose.get(name) or "") for name in ("series", "spec", "saeSpec", "isoSpec"))))


@lru_cache(maxsize=2048)
def _types(texts: tuple[str, ...]) -> tuple[str, ...]:
    found = []
    for text in map(str.upper, texts):
        if european := EN_HOSE.search(text):
            found.append(european[1] + european[2])
        elif (sae := SAE_HOSE.search(text)) and sae[1] in FAMILY:
            found.append(sae[1])
    return tuple(dict.fromkeys(found))


def style_of(fitting: Mapping[str, Any]) -> str:
    """The code of a fitting's style; one that is not known stands for itself."""
    text = str(fitting.get("style") or "")
    return _STYLE_BY_SPELLING.get("".join(text.casefold().split()), text.casefold())


def _end_size(fitting: Mapping[str, Any], style: str) -> int | str | None:
    text = str(fitting.get("dashSize") or fitting.get("thread") or "")
    if found := re.match(r"M(\d{1,2}) ?[xX] ?(\d(?:\.\d{1,2})?)", text):
        pitch = found[2].rstrip("0").rstrip(".") if "." in found[2] else found[2]
        return f"M{found[1]}x{pitch}"
    return parse_end_size(text, style) if text else None


def _angle(shape: object) -> int:
    found = re.search(r"\d{1,3}", str(shape or ""))
    return int(found[0]) if found else 0
