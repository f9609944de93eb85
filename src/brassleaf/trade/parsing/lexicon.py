"""The words of the trade: every entry with its spellings, what it means and where that stands.

Sources: `NOTES` is contract/domain.md (sections 1, 2, 5 and 11, each with its own addresses there); `GATES` the style
codes of jgbhose.com/base_pages/coupling_selection.asp and Gates chart 50101 (scribd 111898254); `PRAIRIE` the glossary
of prairiebearingshop.com; `HANSA` the HANSA-FLEX folder (scribd 524405970); `DIN` the scope of DIN 20066 (din.de);
`RYCO` ryco.com.au, how to order; `TRADE` general trade knowledge, no page at hand.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from brassleaf.trade import threads

NOTES, GATES, PRAIRIE, HANSA, DIN, RYCO, TRADE = "NOTES", "GATES", "PRAIRIE", "HANSA", "DIN", "RYCO", "TRADE"

Kind = Literal[
    "style", "gender", "swivel", "rigid", "straight", "bent", "both", "end", "hose", "size", "sizeword", "bore",
    "length", "unit", "twist", "degree", "quantity", "wrap", "test", "not", "brand", "separator", "number", "noise",
    "pressure", "flangecode",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Entry:
    """A word or phrase: its kind, what it means, and for an end style its gender and whether it swivels."""

    kind: Kind
    value: Any = None
    gender: str | None = None
    swivel: bool = False
    both: bool = False
    confidence: float = 0.95
    source: str = NOTES


#: The end styles, by their code here, as catalogues spell them (folded, the first is the one that we show).
STYLES: Mapping[str, tuple[str, ...]] = {
    "JIC": ("JIC 37", "JIC", "JIC 37°"),
    "ORFS": ("ORFS", "FFOR", "O-ring face seal"),
    "ORB": ("ORB", "SAE ORB", "O-ring boss"),
    "NPTF": ("NPTF", "NPT", "pipe"),
    "NPSM": ("NPSM",),
    "BSPP": ("BSPP", "BSP"),
    "BSPT": ("BSPT",),
    "DKOL": ("DKOL", "DKO-L"),
    "DKOS": ("DKOS", "DKO-S"),
    "CEL": ("CEL", "AGL"),
    "CES": ("CES", "AGS"),
    "DIN-L": ("DKOL", "CEL"),
    "DIN-S": ("DKOS", "CES"),
    "C61": ("Code 61 flange", "Code 61"),
    "C62": ("Code 62 flange", "Code 62"),
    "CAT": ("CAT flange", "Caterpillar flange"),
    "SAE45": ("SAE 45", "SAE 45°"),
    "INV": ("Inverted flare",),
    "JIS": ("JIS", "JIS 30°"),
    "KOM": ("Komatsu", "Komatsu 30°"),
    "BANJO": ("Banjo",),
}

#: code: (style, gender, swivel, source). Gates puts the gender first and X for a swivel behind (section 1).
_STYLE_CODES: Mapping[str, tuple[str, str | None, bool, str]] = {
    "JIC": ("JIC", None, False, NOTES), "FJX": ("JIC", "F", True, GATES), "FJ": ("JIC", "F", False, TRADE),
    "MJ": ("JIC", "M", False, GATES), "MJX": ("JIC", "M", True, TRADE), "JX": ("JIC", "F", True, NOTES),
    "FJIC": ("JIC", "F", True, PRAIRIE), "MJIC": ("JIC", "M", False, PRAIRIE), "JICF": ("JIC", "F", True, TRADE),
    "JICM": ("JIC", "M", False, TRADE), "FJS": ("JIC", "F", True, TRADE), "DKJ": ("JIC", "F", True, NOTES),
    "AGJ": ("JIC", "M", False, TRADE), "UNF": ("JIC", None, False, TRADE),
    "ORFS": ("ORFS", None, False, NOTES), "FFOR": ("ORFS", "F", True, GATES), "FFORX": ("ORFS", "F", True, GATES),
    "MFFOR": ("ORFS", "M", False, GATES), "FORFS": ("ORFS", "F", True, PRAIRIE), "MORFS": ("ORFS", "M", False, PRAIRIE),
    "FFS": ("ORFS", "F", True, TRADE), "OFS": ("ORFS", None, False, TRADE), "FFX": ("ORFS", "F", True, TRADE),
    "ORB": ("ORB", None, False, NOTES), "MORB": ("ORB", "M", False, PRAIRIE), "FORB": ("ORB", "F", False, TRADE),
    "MB": ("ORB", "M", False, GATES), "FB": ("ORB", "F", False, GATES), "MBX": ("ORB", "M", True, GATES),
    "NPT": ("NPTF", None, False, NOTES), "NPTF": ("NPTF", None, False, NOTES), "MP": ("NPTF", "M", False, GATES),
    "MPX": ("NPTF", "M", True, GATES), "MNPT": ("NPTF", "M", False, PRAIRIE), "FNPT": ("NPTF", "F", False, PRAIRIE),
    "MPT": ("NPTF", "M", False, TRADE), "FPT": ("NPTF", "F", False, TRADE), "FP": ("NPTF", "F", False, GATES),
    "MNPTF": ("NPTF", "M", False, TRADE), "FNPTF": ("NPTF", "F", False, TRADE), "NPTM": ("NPTF", "M", False, TRADE),
    "FPX": ("NPSM", "F", True, GATES), "NPSM": ("NPSM", "F", True, PRAIRIE), "FNPSM": ("NPSM", "F", True, TRADE),
    "BSPP": ("BSPP", None, False, NOTES), "BSP": ("BSPP", None, False, TRADE), "FBSPP": ("BSPP", "F", True, PRAIRIE),
    "MBSPP": ("BSPP", "M", False, GATES), "FBSPPX": ("BSPP", "F", True, GATES), "DKR": ("BSPP", "F", True, NOTES),
    "DKOR": ("BSPP", "F", True, TRADE), "AGR": ("BSPP", "M", False, TRADE), "FBSP": ("BSPP", "F", True, TRADE),
    "MBSP": ("BSPP", "M", False, TRADE), "BSPF": ("BSPP", "F", True, TRADE), "BSPM": ("BSPP", "M", False, TRADE),
    "BSPT": ("BSPT", None, False, NOTES), "MBSPT": ("BSPT", "M", False, TRADE), "FBSPT": ("BSPT", "F", False, TRADE),
    "DKOL": ("DKOL", "F", True, HANSA), "DKOS": ("DKOS", "F", True, HANSA), "DKL": ("DKOL", "F", True, TRADE),
    "DKS": ("DKOS", "F", True, TRADE), "DKO": ("DKOL", "F", True, TRADE), "FDLORX": ("DKOL", "F", True, GATES),
    "FDHORX": ("DKOS", "F", True, GATES), "CEL": ("CEL", "M", False, HANSA), "CES": ("CES", "M", False, HANSA),
    "AGL": ("CEL", "M", False, TRADE), "AGS": ("CES", "M", False, TRADE), "MDL": ("CEL", "M", False, GATES),
    "MDH": ("CES", "M", False, GATES),
    "C61": ("C61", None, False, NOTES), "C62": ("C62", None, False, NOTES), "FL": ("C61", None, False, GATES),
    "FLH": ("C62", None, False, GATES), "FL61": ("C61", None, False, TRADE), "FL62": ("C62", None, False, TRADE),
    "SFL": ("C61", None, False, HANSA), "SFS": ("C62", None, False, HANSA), "FLC": ("CAT", None, False, TRADE),
    "FSAE": ("SAE45", "F", True, PRAIRIE), "MSAE": ("SAE45", "M", False, TRADE), "FSX": ("SAE45", "F", True, GATES),
    "JIS": ("JIS", None, False, NOTES), "FJIS": ("JIS", "F", True, TRADE), "KOMATSU": ("KOM", None, False, NOTES),
    "FKX": ("KOM", "F", True, TRADE), "BANJO": ("BANJO", None, False, NOTES), "BEL": ("BANJO", None, False, NOTES),
    "INV": ("INV", None, False, PRAIRIE), "MI": ("INV", "M", False, GATES),
}  # fmt: skip

#: Words of weaker meaning: what else they may mean keeps the confidence down.
_WEAK = {"BSP": 0.75, "DKO": 0.7, "UNF": 0.6, "FL": 0.8, "NPT": 0.9}

_STYLE_PHRASES: Mapping[str, Entry] = {
    "O RING FACE SEAL": Entry("style", "ORFS"), "ORING FACE SEAL": Entry("style", "ORFS"),
    "FACE SEAL": Entry("style", "ORFS"), "FLAT FACE": Entry("style", "ORFS"), "SAE J1453": Entry("style", "ORFS"),
    "O RING BOSS": Entry("style", "ORB"), "ORING BOSS": Entry("style", "ORB"), "SAE J1926": Entry("style", "ORB"),
    "STRAIGHT THREAD": Entry("style", "ORB"), "SAE STRAIGHT THREAD": Entry("style", "ORB"),
    "SAE J514": Entry("style", "JIC"), "JIC 37": Entry("style", "JIC"), "37 FLARE": Entry("style", "JIC"),
    "PIPE": Entry("style", "NPTF", confidence=0.8), "PIPES": Entry("style", "NPTF", both=True, confidence=0.8),
    "PIPE THREAD": Entry("style", "NPTF", confidence=0.8), "TAPER PIPE": Entry("style", "NPTF"),
    "FEMALE PIPE SWIVEL": Entry("style", "NPSM", "F", swivel=True),
    "FNPT SWIVEL": Entry("style", "NPSM", "F", swivel=True),
    "FEMALE NPT SWIVEL": Entry("style", "NPSM", "F", swivel=True),
    "CODE 61": Entry("style", "C61"), "CODE 62": Entry("style", "C62"), "SAE 61": Entry("style", "C61"),
    "SAE 62": Entry("style", "C62"), "CODE 61 FLANGE": Entry("style", "C61"), "CODE 62 FLANGE": Entry("style", "C62"),
    "CODE 61 FLANGES": Entry("style", "C61", both=True), "CODE 62 FLANGES": Entry("style", "C62", both=True),
    "C61 FLANGE": Entry("style", "C61"), "C62 FLANGE": Entry("style", "C62"), "FLG": Entry("flangecode"),
    "FLANGE": Entry("flangecode"), "FLANGES": Entry("flangecode", both=True), "SPLIT FLANGE": Entry("flangecode"),
    "SAE FLANGE": Entry("flangecode"), "SAE FLANGES": Entry("flangecode", both=True),
    "SAE FLANSCH": Entry("flangecode"), "FLANSCH": Entry("flangecode"), "SPLIT FLANGES": Entry("flangecode", both=True),
    "SAE 3000": Entry("style", "C61"), "SAE 6000": Entry("style", "C62"), "SAE 3000 FLANGE": Entry("style", "C61"),
    "SAE 6000 FLANGE": Entry("style", "C62"), "CAT FLANGE": Entry("style", "CAT", source=NOTES),
    "CAT CODE 61 FLANGE": Entry("style", "C61"), "CAT CODE 62 FLANGE": Entry("style", "C62"),
    "SAE 45": Entry("style", "SAE45"), "45 FLARE": Entry("style", "SAE45"), "INVERTED FLARE": Entry("style", "INV"),
    "INVERTED": Entry("style", "INV", confidence=0.7), "DKO L": Entry("style", "DKOL", "F", swivel=True, source=HANSA),
    "DKO S": Entry("style", "DKOS", "F", swivel=True, source=HANSA), "DIN LIGHT": Entry("style", "DIN-L"),
    "DIN HEAVY": Entry("style", "DIN-S"), "METRIC LIGHT": Entry("style", "DIN-L"),
    "METRIC HEAVY": Entry("style", "DIN-S"), "LIGHT SERIES": Entry("style", "DIN-L"),
    "HEAVY SERIES": Entry("style", "DIN-S"), "LEICHTE REIHE": Entry("style", "DIN-L"),
    "SCHWERE REIHE": Entry("style", "DIN-S"),
}  # fmt: skip

#: Hose constructions: the code and all that it is written as; `FAMILY` says which are built alike.
_HOSES: Mapping[str, tuple[str, ...]] = {
    "1-wire": ("1 WIRE", "ONE WIRE", "SINGLE WIRE", "1 BRAID", "ONE BRAID", "SINGLE BRAID", "1 WIRE BRAID", "1W"),
    "2-wire": ("2 WIRE", "TWO WIRE", "DOUBLE WIRE", "2 BRAID", "TWO BRAID", "DOUBLE BRAID", "2 WIRE BRAID", "2W"),
    "4-wire": ("4 WIRE", "FOUR WIRE", "4 SPIRAL", "FOUR SPIRAL", "4 WIRE SPIRAL", "4 PLY", "4W"),
    "6-wire": ("6 WIRE", "SIX WIRE", "6 SPIRAL", "SIX SPIRAL", "6 WIRE SPIRAL", "6W"),
}
FAMILY: Mapping[str, str] = {
    **dict.fromkeys(("1-wire", "R1", "1SN", "1ST", "1SC"), "one wire braid"),
    **dict.fromkeys(("2-wire", "R2", "2SN", "2ST", "2SC", "R16"), "two wire braids"),
    "R17": "one or two wire braids",
    **dict.fromkeys(("4-wire", "R9", "R10", "R12", "4SP", "4SH"), "four wire spirals"),
    **dict.fromkeys(("6-wire",), "six wire spirals"),
    **dict.fromkeys(("R13", "R15"), "four or six wire spirals"),
    **dict.fromkeys(("R3", "R6", "1TE", "2TE", "3TE"), "textile"),
    "R4": "suction", "R5": "textile covered wire braid", "R14": "PTFE",
    **dict.fromkeys(("R7", "R8", "R18"), "thermoplastic"),
}  # fmt: skip

_WRAPS: Mapping[str, tuple[str, ...]] = {
    "spring guard": (
        "SPRING GUARD", "COIL GUARD", "SPRINGGUARD", "STEEL SPRING GUARD", "SPRING", "KNICKSCHUTZ", "WIRE GUARD",
    ),
    "spiral guard": (
        "SPIRAL GUARD", "SPIRAL WRAP", "SPIRALSCHUTZ", "PLASTIC SPIRAL GUARD", "SCHUTZSPIRALE", "SPIRALWRAP",
    ),
    "nylon sleeve": (
        "NYLON SLEEVE", "SLEEVE", "TEXTILE SLEEVE", "ABRASION SLEEVE", "PROTECTIVE SLEEVE", "SCHUTZSCHLAUCH",
        "CORDURA SLEEVE", "NYLON GUARD",
    ),
    "fire sleeve": ("FIRE SLEEVE", "FIRESLEEVE", "FLAME SLEEVE", "HEAT SLEEVE", "FEUERSCHUTZ"),
    "armour guard": ("ARMOUR GUARD", "ARMOR GUARD", "ARMOUR", "ARMOR"),
}  # fmt: skip

_BRANDS: Mapping[str, tuple[str, ...]] = {
    "Parker": ("PARKER",), "Gates": ("GATES",), "Weatherhead": ("WEATHERHEAD",), "Aeroquip": ("AEROQUIP",),
    "Eaton": ("EATON",), "Danfoss": ("DANFOSS",), "RYCO": ("RYCO",), "Manuli": ("MANULI",),
    "HANSA-FLEX": ("HANSA FLEX",),
    "Alfagomma": ("ALFAGOMMA",), "Semperit": ("SEMPERIT",), "Bridgestone": ("BRIDGESTONE",), "Eastman": ("EASTMAN",),
    "Dayco": ("DAYCO",), "Balflex": ("BALFLEX",), "Continental": ("CONTITECH", "CONTINENTAL"),
}  # fmt: skip


def _rows(kind: Kind, table: Mapping[Any, Iterable[str]], source: str) -> Iterator[tuple[str, Entry]]:
    for value, spellings in table.items():
        for spelling in spellings:
            yield spelling, Entry(kind, value, source=source)


def _words(kind: Kind, spellings: str, value: Any = None, source: str = TRADE) -> Iterator[tuple[str, Entry]]:
    for spelling in spellings.split("|"):
        yield spelling, Entry(kind, value, source=source)


def _entries() -> Iterator[tuple[str, Entry]]:
    for code, (style, gender, swivel, source) in _STYLE_CODES.items():
        yield code, Entry("style", style, gender, swivel, confidence=_WEAK.get(code, 0.95), source=source)
    yield from _STYLE_PHRASES.items()
    yield from _rows("hose", _HOSES, NOTES)
    yield from _rows("wrap", _WRAPS, NOTES)
    yield from _rows("brand", _BRANDS, TRADE)
    yield from _words("gender", "M|MALE|MALES|AG|AUSSENGEWINDE|AUßENGEWINDE", "M")
    yield from _words("gender", "F|FEM|FEMALE|FEMALES|FEMS|IG|INNENGEWINDE", "F")
    for spelling in ("MALES", "FEMALES", "FEMS"):
        yield spelling, Entry("gender", spelling[0], both=True, source=TRADE)
    yield from _words("swivel", "SWIVEL|SWIV|SW|SWVL|SWIVELING|ÜBERWURFMUTTER", "F")
    yield "SWIVELS", Entry("swivel", "F", both=True, source=TRADE)
    yield from _words("rigid", "RIGID|SOLID|FIXED")
    yield from _words("straight", "STRAIGHT|STR|STRT|GERADE|GERAD", 0)
    yield from _words("bent", "ELBOW|ELBOWS|BENT|BEND|BOGEN|BLOCK|DROP|SHORT|MEDIUM|LONG DROP|COMPACT|KURZ|LANG DROP")
    both = "BOTH ENDS|EACH END|BOTH SIDES|BE|ENDS|BOTH|EITHER END|EA END|BEIDSEITIG|BEIDSEITS|BEIDE ENDEN|ALL ENDS"
    yield from _words("both", both, source=NOTES)
    for one in (
        "END 1",
        "END A",
        "ONE END",
        "ONE SIDE",
        "NEAR END",
        "LEFT END",
        "A END",
        "FIRST END",
        "1ST END",
        "END ONE",
    ):
        yield one, Entry("end", 1)
    for other in (
        "END 2",
        "END B",
        "OTHER END",
        "OTHER SIDE",
        "FAR END",
        "RIGHT END",
        "B END",
        "SECOND END",
        "OTHER",
        "END TWO",
    ):
        yield other, Entry("end", 2)
    yield from _words("bore", "ID|I D|BORE|HOSE|HOSES|SCHLAUCH|HYDRAULIKSCHLAUCH|SCHLAUCHLEITUNG|SIZE|INSIDE DIAMETER")
    yield from _words("length", "LENGTH|LONG|LG|L|LÄNGE|LAENGE|LANG|LEN", None, NOTES)
    overall = "OAL|OA|OVERALL|OVERALL LENGTH|O A L|GESAMTLÄNGE|TIP TO TIP|END TO END"
    yield from _words("length", overall, "overall", RYCO)
    yield from _words("length", "CUT|CUT LENGTH|CL|CUT HOSE LENGTH|SCHNITTLÄNGE", "cut", RYCO)
    yield from _words("length", "SEAT TO SEAT|STS|S S", "seat to seat", RYCO)
    twist = (
        "OFFSET|ORIENTATION|CLOCKED|CLOCKING|TWIST|TWIST ANGLE|ROTATED|ROTATION|VERDREHWINKEL|VERDREHUNG|PHASE|ANGLE"
    )
    yield from _words("twist", twist + "|OFFSET ANGLE|ORIENTED|ORIENTATION ANGLE|DISPLACEMENT|V", None, NOTES)
    yield from _words("degree", "DEG|DEGREE|DEGREES|GRAD|DEGS")
    yield from _words("quantity", "QTY|QUANTITY|STÜCKZAHL|MENGE|ANZAHL|NEED|PLEASE QUOTE|QUOTE", "before")
    yield from _words("quantity", "EA|EACH|PC|PCS|PIECES|PIECE|OFF|STK|STÜCK|STUECK|NOS|HOSES|ASSEMBLIES", "after")
    proof = "PROOF TEST|PROOF TESTED|PROOF|PRESSURE TEST|PRESSURE TESTED|HYDRO TEST|HYDROTEST|HYDROSTATIC TEST"
    proof += "|HYDROSTATIC|TESTED|DRUCKPRÜFUNG|STÜCKPRÜFUNG|PROOFTEST|HYDRO TESTED|PROOF TESTING"
    yield from _words("test", proof, "proof", NOTES)
    yield from _words("test", "BURST TEST|BURST TESTED|BERSTPRÜFUNG", "burst", NOTES)
    yield from _words("not", "NO|NOT|WITHOUT|OHNE")
    yield from _words("separator", "X|TO|AND|AUF|UND|BY|TIMES")
    for words, number in (("ONE", 1), ("TWO", 2), ("THREE", 3), ("FOUR", 4), ("FIVE", 5), ("SIX", 6), ("TEN", 10)):
        yield words, Entry("number", number, source=TRADE)
    for words, dash in _SIZE_WORDS.items():
        yield words, Entry("sizeword", dash, source=TRADE)
    yield from _words("noise", _NOISE)


_SIZE_WORDS: Mapping[str, int] = {
    "QUARTER INCH": 4, "ONE QUARTER INCH": 4, "THREE EIGHTHS": 6, "THREE EIGHTH": 6, "THREE EIGHTHS INCH": 6,
    "HALF INCH": 8, "ONE HALF INCH": 8, "FIVE EIGHTHS": 10, "FIVE EIGHTHS INCH": 10, "THREE QUARTER INCH": 12,
    "THREE QUARTERS": 12, "THREE QUARTER": 12, "ONE INCH": 16, "INCH AND A QUARTER": 20, "INCH AND A HALF": 24,
    "TWO INCH": 32,
}  # fmt: skip

#: Words that say nothing of an assembly, and need not be listed as not understood.
_NOISE = (
    "HYDRAULIC|HYD|ASSEMBLY|ASSY|ASM|WITH|W|A|AN|THE|OF|ON|FOR|IN|I|OUR|PLEASE|PLS|NEW|TYPE|SAE|EN|ISO|EN 853|EN 854|"
    "EN 856|EN 857|DIN 20066|DIN EN 853|DIN EN 856|DIN EN 857|DIN|CONE|SEAT|FITTING|FITTINGS|FTG|END|CRIMP|CRIMPED|"
    "NUT|CW|ASY|REPLACEMENT|FULL|BLACK|HYDRAULIK|MIT|FROM|CENTRE|CENTER|MEGACRIMP|NPTS|THREAD|THREADED|LEITUNG|FITTED|IS|ARE|AT|SPLIT"
)


Words = tuple[str, ...]


def words_of(text: str) -> Words:
    """A phrase as the words and numbers that it is made of: C61 is two of them."""
    return tuple(re.findall(r"\d+|[^\W\d_]+", text.upper()))


#: Every phrase by its words.
MEANINGS: Mapping[Words, Entry] = {words_of(spelling): entry for spelling, entry in _entries()}


def _table() -> dict[str, list[tuple[Words, Entry]]]:
    table: dict[str, list[tuple[Words, Entry]]] = {}
    for words in sorted(MEANINGS, key=len, reverse=True):
        table.setdefault(words[0], []).append((words, MEANINGS[words]))
    return table


#: First word of a phrase to the phrases that begin with it, the longest first.
PHRASES: Mapping[str, list[tuple[Words, Entry]]] = _table()

#: Outside diameter of the tube to its 24° thread, light and heavy series (section 2, HANSA-FLEX; 6 and 8 TRADE).
TUBES: Mapping[str, Mapping[int, str]] = {"L": threads.DIN_LIGHT, "S": threads.DIN_HEAVY}

#: Parker's two-character end codes (section 11, to be verified there): style, gender, angle.
PARKER_ENDS: Mapping[str, tuple[str, str | None, int | None]] = {
    "01": ("NPTF", "M", None), "03": ("JIC", "M", None), "05": ("ORB", "M", None), "06": ("JIC", "F", None),
    "37": ("JIC", "F", 45), "39": ("JIC", "F", 90), "15": ("C61", None, None), "6A": ("C62", None, None),
    "JC": ("ORFS", "F", None), "J7": ("ORFS", "F", 45), "J9": ("ORFS", "F", 90),
}  # fmt: skip

#: Dash sizes that ends come in.
END_DASHES = frozenset({2, 3, 4, 5, 6, 8, 10, 12, 14, 16, 20, 24, 32})
#: The angles that elbows are made in; 30 degrees is the cone of JIS and Komatsu ends, never their shape.
ANGLES = frozenset({0, 22, 30, 45, 60, 67, 90, 110, 120, 135, 150})
