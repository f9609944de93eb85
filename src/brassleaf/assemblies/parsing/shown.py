"""How a reading and what was found for it are shown."""

from collections.abc import Iterator, Mapping
from typing import Any

from brassleaf.assemblies.parsing.candidates import Search
from brassleaf.assemblies.parsing.ranking import Group, Scored
from brassleaf.store.collections import Document
from brassleaf.trade.parsing import End, Reading
from brassleaf.trade.parsing.keys import Wanted
from brassleaf.trade.parsing.lexicon import STYLES
from brassleaf.trade.parsing.reading import ASSUMED, Fact
from brassleaf.trade.sizes import format_dash

_GENDERS = {"M": "male", "F": "female"}
_ENDS = ("end1", "end2")


def answer(
    token: str,
    text: str,
    unit: str,
    search: Search,
    groups: Mapping[str, Group],
    chosen: Mapping[str, Scored | None],
) -> Document:
    """The answer without its price; `unit` is that of a length without one."""
    reading = search.reading
    found: Document = {
        "parseId": token,
        "text": text,
        "result": _result(reading, unit, chosen),
        "fields": dict(_fields(search, unit)),
        "candidates": {role: group.shown for role, group in groups.items()},
        "conflicts": [
            {"field": one.field, "values": list(one.values), "message": one.message} for one in reading.conflicts
        ],
        "unmatched": list(reading.unmatched),
        "warnings": _warnings(reading, groups, chosen),
        "price": None,
    }
    if reading.quantity is not None:
        found["quantity"] = reading.quantity.value
    return found


def _result(reading: Reading, unit: str, chosen: Mapping[str, Scored | None]) -> Document:
    length = reading.length.value if reading.length else None
    found: Document = {role: one.part.id if one else None for role, one in chosen.items()}
    if found.get("wrap") is None:
        found.pop("wrap", None)
    found["length"] = float(length.value) if length else None
    found["lengthUnit"] = (length.unit or unit) if length else None
    how = reading.measured.value if reading.measured else None
    if how == "cut":
        found["definedByCutLength"] = True
    elif how is not None:
        found["lengthConvention"] = how
    if reading.twist is not None and _turns(chosen):
        found["orientationAngle"] = float(reading.twist.value)
    for name, said in (("proofTest", reading.proof_test), ("burstTest", reading.burst_test)):
        if said:
            found[name] = True
    return found


def _fields(search: Search, unit: str) -> Iterator[tuple[str, Document]]:
    reading, dash = search.reading, search.dash
    simple: tuple[tuple[str, Fact[Any] | None], ...] = (
        ("construction", reading.hose),
        ("hosePartNumber", Fact(reading.hose_part) if reading.hose_part else None),
        ("brand", reading.brand),
        ("measured", reading.measured),
        ("quantity", reading.quantity),
        ("wrap", reading.wrap),
    )
    for name, fact in simple:
        if fact is not None:
            yield name, _field(fact, fact.value)
    if reading.size is not None:
        yield "hoseSize", _field(reading.size, format_dash(reading.size.value))
    elif dash is not None:
        yield "hoseSize", _field(_assumed(dash), format_dash(dash))
    for name, length in (("length", reading.length), ("cutLength", reading.cut_length)):
        if length is not None:
            yield name, _field(length, float(length.value.value))
            said = length.value.unit
            yield f"{name}Unit", _field(length if said else _assumed(unit), said or unit)
    if reading.twist is not None:
        yield "orientationAngle", _field(reading.twist, float(reading.twist.value))
    for name, said_ in (("proofTest", reading.proof_test), ("burstTest", reading.burst_test)):
        if said_:
            yield name, _field(Fact(said_), value=True)
    for name, end, meant in zip(_ENDS, (reading.end1, reading.end2), search.meant, strict=True):
        if end is not None:
            yield from _end(name, end, meant)


def _end(name: str, end: End, meant: Wanted | None) -> Iterator[tuple[str, Document]]:
    """What the text says of an end and, with little confidence, what is usual where it says nothing."""
    if end.part:
        yield f"{name}PartNumber", _field(Fact(end.part), end.part)
    if end.style is not None:
        yield f"{name}.style", _field(end.style, STYLES[end.style.value][0])
    gender = end.gender or (_assumed(meant.gender) if meant and meant.gender else None)
    if gender is not None:
        yield f"{name}.gender", _field(gender, _GENDERS[gender.value])
    size = end.size or (_assumed(meant.size) if meant else None)
    if size is not None:
        yield f"{name}.size", _field(size, format_dash(size.value) if isinstance(size.value, int) else size.value)
    angle = end.angle or (_assumed(meant.angle) if meant else None)
    if angle is not None:
        yield f"{name}.angle", _field(angle, angle.value)


def _assumed(value: Any) -> Fact[Any]:
    return Fact(value, ASSUMED, stated=False)


def _field(fact: Fact[Any], value: Any) -> Document:
    return {"value": value, "confidence": fact.confidence, "stated": fact.stated}


def _turns(chosen: Mapping[str, Scored | None]) -> bool:
    """Whether there is something to turn: no end that was chosen is straight."""
    return not any(one is not None and one.part.straight for one in map(chosen.get, _ENDS))


def _warnings(reading: Reading, groups: Mapping[str, Group], chosen: Mapping[str, Scored | None]) -> list[str]:
    found = []
    if reading.twist is not None and not _turns(chosen):
        found.append("An orientation needs two bent ends; it was left out.")
    for role, end in (("end1", reading.end1), ("end2", reading.end2)):
        if end is not None and not groups[role].found:
            found.append(f"The catalogue has no {role} that is all that the text says.")
    if (reading.hose or reading.hose_part) and not groups["hose"].found:
        found.append("The catalogue has no hose that is all that the text says.")
    if reading.end1 is not None and reading.end2 is None and not any(one.field == "ends" for one in reading.conflicts):
        found.append("The text names one end only.")
    return found
