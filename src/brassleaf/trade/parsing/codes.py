"""Makers' part numbers and whole assembly numbers, each by its own grammar.

Sources: RYCO, how to order (ryco.com.au); Parker hose toolgrit.com; Parker assembly and its end codes general trade
knowledge, to be verified; Weatherhead catalogs.jhf.com page 1268 (type, size in sixteenths, ends, five digits of
length; of its end codes only P and S6 are known); Gates stems jgbhose.com; Dayco/Eastman scribd 303692506. A hose of
Aeroquip's (FC310-12, GH663-12) scribd 476885905. All in contract/domain.md, sections 1 and 11.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from brassleaf.trade.parsing.lexicon import ANGLES, END_DASHES, MEANINGS, PARKER_ENDS, words_of
from brassleaf.trade.parsing.reading import MEANT, PLACED, SAID, End, Fact, Gender, Length, Measured, Reading
from brassleaf.trade.sizes import SIZES

_RYCO = re.compile(
    r"(?P<hose>[A-Z][A-Z0-9]{1,11}) ?\* ?(?P<length>\d{2,6})(?:-(?P<measured>OA|CL))? ?\* ?"
    r"(?P<e1>[A-Z0-9]{2,12}-(?P<h1>\d\d)(?P<t1>\d\d)) ?\* ?(?P<e2>[A-Z0-9]{2,12}-(?P<h2>\d\d)(?P<t2>\d\d))"
    r"(?: ?@ ?(?P<angle>\d{1,3})°?)?(?![\w])"
)
_PARKER = re.compile(
    r"(?<!\w)F(?P<hose>\d{3}(?:[A-Z]{2})?|\d{2}[A-Z]{2})(?P<e1>[0-9J][0-9A-Z])(?P<e2>[0-9J][0-9A-Z])(?P<s1>\d\d)(?P<s2>\d\d)(?P<hs>\d\d)"
    r"-(?P<length>\d{1,4}(?:\.\d{1,3})?)(?:-(?P<angle>\d{1,3}))?(?![\w])"
)
_WEATHERHEAD = re.compile(
    r"(?<!\w)(?P<hose>H\d{3})-?(?P<hs>\d\d)-?(?P<e1>P|S6)(?P<s1>\d{1,2}?)-?(?P<e2>P|S6)(?P<s2>\d{1,2}?)-?(?P<length>\d{5})(?!\w)"
)
_EASTMAN = re.compile(r"(?<!\w)HU ?(?P<h>\d\d) ?(?P<t>\d\d) ?(?P<style>[A-Z]{2,6})(?P<angle>\d\d)?(?!\w)")
_SERIES = "PCM|PCS|PC|GSM|GS|GSP|MC|PCTS|G"
_STEM = re.compile(rf"(?P<h>\d{{1,2}})(?:{_SERIES})-(?P<t>\d{{1,2}})(?P<style>[A-Z]{{2,8}})(?P<angle>\d\d)?[SML]?")
_PARKER_HOSE = re.compile(r"(?P<hose>\d{3})(?P<cover>TC|ST|TU|SN|RH|ZX)?-(?P<size>\d{1,2})(?:-\d{1,2})?")
_PARKER_COVERED = re.compile(r"\d{2,3}(?:TC|ST|TU|ZX)")
_AEROQUIP = re.compile(r"(?:FC|GH|EC)\d{3}[A-Z]?(?:-(?P<size>\d{1,2}))?")
_WEATHERHEAD_HOSE = re.compile(r"H\d{3}(?P<size>\d\d)")
_GATES_HOSE = re.compile(r"(?P<before>\d{1,2})?(?:M[2-6]K|G[1-8]K|(?<=\d)G[12]|EFG[3-6]K)(?:-(?P<size>\d{1,2}))?")
_OTHER_HOSE = re.compile(r"XT-?[3-6](?:-?ES)?|T\d{4}D|H\d{4,5}D|T\d{2}D")
_RYCO_FITTING = re.compile(r"T\d{3,4}-(?P<h>\d\d)(?P<t>\d\d)")
_WORDY = re.compile(r"[A-Z]{2}-[A-Z0-9]{1,8}(?:-[A-Z0-9.]{1,8}){1,4}")
_HOSE_TYPE = re.compile(r"[1246](?:SN|SC|SP|SH|ST)|R\d{1,2}")


@dataclass(frozen=True, slots=True)
class HosePart:
    """A hose by a maker's number, with what the number itself says."""

    number: str
    size: int | None = None
    hose: str | None = None


@dataclass(frozen=True, slots=True)
class FittingPart:
    """A fitting by a maker's number: the dash of its hose end, and its thread end."""

    number: str
    hose_size: int | None
    end: End


def whole(text: str) -> tuple[Reading, int, int] | None:
    """An assembly number somewhere in a text: what it says, and where it begins and ends."""
    found: re.Match[str] | None = None
    for pattern, sign, reading in _WHOLE:
        said = reading(found) if sign in text and (found := pattern.search(text)) else None
        if found is not None and said is not None and said.length is not None and said.length.value.value > 0:
            return said, found.start(), found.end()
    return None


def eastman(text: str, at: int) -> tuple[FittingPart, int] | None:
    """`HU 08 08 MP` at a place: series, hose dash, thread dash, style."""
    found = _EASTMAN.match(text, at)
    end = _end_of(found, f"HU{found['h']}{found['t']}{found['style']}{found['angle'] or ''}") if found else None
    return (FittingPart(end.part or "", _dash(found["h"]), end), found.end()) if found and end else None


@lru_cache(maxsize=4096)
def part_of(chunk: str) -> HosePart | FittingPart | None:
    """What a chunk of letters, digits and hyphens is the number of, or None."""
    if found := _STEM.fullmatch(chunk):
        end = _end_of(found, chunk)
        return FittingPart(chunk, _dash(found["h"]), end) if end else None
    if found := _RYCO_FITTING.fullmatch(chunk):
        return FittingPart(chunk, _dash(found["h"]), End(size=_size(found["t"]), part=chunk))
    for pattern in (_PARKER_HOSE, _PARKER_COVERED, _AEROQUIP, _WEATHERHEAD_HOSE, _GATES_HOSE, _OTHER_HOSE):
        if found := pattern.fullmatch(chunk):
            named: Mapping[str, str | None] = found.groupdict()
            size = _dash(named.get("size") or named.get("before"))
            if "size" in named and named["size"] is not None and size is None:
                return None
            return HosePart(chunk, size)
    return _wordy(chunk) if _WORDY.fullmatch(chunk) else None


def _wordy(chunk: str) -> HosePart | FittingPart | None:
    """A number whose middle names a style or a hose type, such as BC-08-FJX-08-90 or BL-2SN-08."""
    pieces = chunk.split("-")
    for at, piece in enumerate(pieces):
        if _HOSE_TYPE.fullmatch(piece):
            return HosePart(chunk, next((d for d in map(_dash, pieces[at + 1 :]) if d), None), piece)
        entry = _style(piece)
        if entry is not None and at:
            numbers = [int(p) for p in pieces[at + 1 :] if p.isdigit() and len(p) < 4]
            size = next((n for n in numbers if n in END_DASHES), None)
            angle = next((n for n in numbers[1:] if n in ANGLES), None)
            end = End(
                Fact(entry[0]),
                _gender(entry[1]),
                Fact(size) if size else None,
                Fact(angle) if angle else None,
                part=chunk,
            )
            return FittingPart(chunk, _dash(pieces[at - 1]), end)
    return None


def _style(code: str) -> tuple[str, str | None, bool] | None:
    entry = MEANINGS.get(words_of(code))
    return (str(entry.value), entry.gender, entry.swivel) if entry is not None and entry.kind == "style" else None


def _end_of(found: re.Match[str], number: str) -> End | None:
    known = _style(found["style"])
    if known is None:
        return None
    style, gender, swivel = known
    angle = Fact(int(found["angle"])) if found["angle"] else None
    return End(Fact(style), _gender(gender), _size(found["t"]), angle, swivel, number)


def _gender(gender: str | None, sure: float = SAID) -> Fact[Gender] | None:
    known: Mapping[str | None, Gender] = {"M": "M", "F": "F"}
    return Fact(known[gender], sure) if gender in known else None


def _dash(text: str | None) -> int | None:
    size = int(text) if text and text.isdigit() else None
    return size if size in SIZES else None


def _size(text: str) -> Fact[int | str]:
    return Fact(int(text))


def _twist(text: str | None) -> Fact[Decimal] | None:
    return Fact(Decimal(text)) if text and int(text) < 360 else None


def _ryco(found: re.Match[str]) -> Reading | None:
    size = _dash(found["h1"])
    how: Measured = {"OA": "overall", "CL": "cut"}.get(found["measured"] or "", "seat to seat")  # type: ignore[assignment]
    ends = [End(size=_size(found[f"t{n}"]), part=found[f"e{n}"]) for n in (1, 2)]
    return Reading(
        hose_part=found["hose"],
        size=Fact(size) if size and found["h1"] == found["h2"] else None,
        length=Fact(Length(Decimal(found["length"]), "mm")),
        measured=Fact(how),
        end1=ends[0],
        end2=ends[1],
        twist=_twist(found["angle"]),
    )


def _parker(found: re.Match[str]) -> Reading | None:
    known = [PARKER_ENDS.get(found[f"e{n}"]) for n in (1, 2)]
    size = _dash(found["hs"])
    if None in known or size is None:
        return None
    ends = []
    for number, code in enumerate(known, 1):
        style, gender, angle = code or ("", None, None)
        angled = Fact(angle, MEANT) if angle else None
        ends.append(End(Fact(style, MEANT), _gender(gender, MEANT), _size(found[f"s{number}"]), angled))
    return Reading(
        brand=Fact("Parker", MEANT),
        hose_part=found["hose"],
        size=Fact(size),
        length=Fact(Length(Decimal(found["length"]), "in")),
        end1=ends[0],
        end2=ends[1],
        twist=_twist(found["angle"]),
    )


def _weatherhead(found: re.Match[str]) -> Reading | None:
    size = _dash(found["hs"])
    if size is None:
        return None
    ends = []
    for number in (1, 2):
        style, gender = {"P": ("ORB", "M"), "S6": ("ORFS", "F")}[found[f"e{number}"]]
        ends.append(End(Fact(style, PLACED), _gender(gender, PLACED), _size(found[f"s{number}"])))
    return Reading(
        brand=Fact("Weatherhead", PLACED),
        hose_part=found["hose"],
        size=Fact(size),
        length=Fact(Length(Decimal(found["length"]) / 100, "in")),
        end1=ends[0],
        end2=ends[1],
    )


_WHOLE = ((_RYCO, "*", _ryco), (_PARKER, "F", _parker), (_WEATHERHEAD, "H", _weatherhead))
