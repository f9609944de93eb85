"""Cuts a text into lexemes: numbers with their units, sizes, threads, part numbers, and phrases of the lexicon.

One pass from left to right; at each place the patterns that its first character allows are tried in a fixed order, each
anchored there and bounded in what it takes, so that the work is proportional to the length of the text.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import lru_cache
from types import MappingProxyType

from brassleaf.trade.parsing.codes import FittingPart, HosePart, eastman, part_of
from brassleaf.trade.parsing.lexicon import TUBES
from brassleaf.trade.parsing.phrases import Lexeme, joined
from brassleaf.trade.sizes import SIZES, parse_hose_size

_FRACTIONS = {"½": " 1/2", "¼": " 1/4", "¾": " 3/4", "⅛": " 1/8", "⅜": " 3/8", "⅝": " 5/8", "⅞": " 7/8"}
_TIDY = str.maketrans(
    {
        **_FRACTIONS, "\u2212": "-", "\u2013": "-", "\u2014": "-", "\u2010": "-", "\u2011": "-", "\u201d": '"',
        "\u201c": '"', "\u2033": '"', "\u2032": "'", "\u2019": "'", "\u2018": "'", "\u2044": "/", "×": "X", "✕": "X",
        "º": "°", "˚": "°", "Ø": " ID ", "⌀": " ID ", "_": " ",
    }
)  # fmt: skip
_UNKNOWN = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_COMMA = re.compile(r"(?<=\d),(?=\d{1,2}(?!\d))")
_THOUSAND = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_SLASHED = re.compile(r"(?<!\w)(?:B/E|I/D|O/A|C/L|C/W)(?!\w)")
_TIMES = re.compile(r"(?<![A-Z])(M\d{1,2} ?X ?\d(?:\.\d{1,2})?)(?![\d/])|(?<=[0-9T])X(?=\d)")

_INCH = r"(?:\"|''|INCHES|INCH|IN)"
_FOOT = r"(?:'(?!')|FEET|FOOT|FT)"
_MIXED = r"(?:\d{1,3}[ \-.](?=\d{1,2}/))?\d{1,2}/(?:2|4|8|16|32|64)(?!\d)"
_PLAIN = r"(?:\d{1,7}(?:\.\d{1,4})?|\.\d{1,4})(?!\d)"
_FEET_INCHES = re.compile(
    rf"(?P<feet>\d{{1,3}}) ?{_FOOT}\.? ?-? ?(?P<inches>{_MIXED}|{_PLAIN})(?:(?P<said> ?-?{_INCH}(?!\w))|(?![\w/.'°\"]))"
)
_UNITS = {
    **dict.fromkeys(('"', "''", "INCHES", "INCH", "IN"), "in"), **dict.fromkeys(("'", "FEET", "FOOT", "FT"), "ft"),
    "MM": "mm", "CM": "cm", **dict.fromkeys(("METRES", "METERS", "METRE", "METER", "MTRS", "MTR", "MT", "M"), "m"),
    **dict.fromkeys(("°", "DEGREES", "DEGREE", "DEGS", "DEG", "GRAD"), "deg"),
    **dict.fromkeys(("PSI", "BAR", "MPA", "LB", "LBS", "KG"), "load"),
}  # fmt: skip
_WORDY = "|".join(sorted((unit for unit in _UNITS if unit.isalpha()), key=len, reverse=True))
_NUMBER = re.compile(rf"(?P<number>{_MIXED}|{_PLAIN})(?: ?-?(?P<unit>(?:{_WORDY})(?!\w)|\"|''|'|°)\.?)?")
_DASH = re.compile(r"[-#]0?(\d{1,2})(?![\d./A-Z\"'°])")
_DN = re.compile(r"DN ?[:=]? ?(\d{1,3})(?!\w)")
SAE_HOSE = re.compile(r"(?:SAE ?)?(?:100 ?)?(R\d{1,2}) ?(?:AT|A|S)?(?:-0?(\d{1,2}))?(?![\w/.])")
EN_HOSE = re.compile(r"([1-6]) ?(SN|SC|ST|SP|SH|TE)(?:(?<=S[NC])K)?(?:-?0?(\d{1,2}))?(?!\w)")
_THREAD = re.compile(r"M(\d{1,2})(?: ?X ?(\d(?:\.\d{1,2})?))?(?![\w/.'\"])")
_UN_THREAD = re.compile(r"\d{1,2}(?:-\d{1,2})?/\d{1,2}-(?:1[12468]|20)(?:-? ?UNF?)?(?!\w)")
_TUBE = re.compile(r"(\d{1,2}) ?([LS])(?!\w)")
_PIPE = re.compile(r"(G ?|R)(\d/\d{1,2})(?!\d)")
_QUARTER = re.compile(r"[1-4]Q\d\d(?!\w)")
#: A part number as people write it: no blank in it, four signs or more.
_NUMBERED = re.compile(r"[A-Z0-9][A-Z0-9./\-]{2,38}[A-Z0-9](?![A-Z0-9])")
_CHUNK = re.compile(r"[A-Z0-9]{1,16}(?:-[A-Z0-9]{1,12}){0,6}(?!\w)")
_WORD = re.compile(r"[^\W\d_]+")
#: A word that no code begins with, unless it opens one that goes on behind a blank.
_LONE_WORD = re.compile(r"[A-Z]+(?![\w\-])")
_OPENING = frozenset({"SAE", "HU", "DN", "G"})
_LEADING = re.compile(r"\d+ ?(.)")
_ALNUM = re.compile(r"\w+")
_SYMBOLS = frozenset("/,;|*-+&()[]:.@=!?<>~\n")


def tidy(text: str) -> str:
    """A text in capitals with one spelling of each sign; what cannot be seen becomes a blank."""
    if text.isascii() and text.isprintable():
        text = text.replace("_", " ").upper()  # all that the other way would do
    else:
        text = unicodedata.normalize("NFC", _UNKNOWN.sub(" ", text)).translate(_TIDY).upper()
    if "," in text:
        text = _COMMA.sub(".", _THOUSAND.sub("", text))
    if "/" in text:
        text = _SLASHED.sub(lambda found: found[0].replace("/", ""), text)
    return _TIMES.sub(_spaced, text) if "X" in text else text


def _spaced(found: re.Match[str]) -> str:
    return found[1].replace(" ", "") if found[1] else " X "


def numbers(text: str, found: list[Lexeme]) -> list[str]:
    """What may be part numbers in a tidy text: chunks with letters and digits that are not wholly understood."""
    odd = [item for item in found if item.kind in ("hosepart", "fitting") or (not item.used and _is_odd(item))]
    if not odd:
        return []
    chunks = []
    for chunk in _NUMBERED.finditer(text):
        while odd and odd[0].end <= chunk.start():
            odd.pop(0)
        if odd and odd[0].start < chunk.end() and re.search(r"\d", chunk[0]):
            chunks.append(chunk[0])
    return list(dict.fromkeys(chunks))


def _is_odd(item: Lexeme) -> bool:
    return item.kind in ("word", "unknown", "number", "gender", "length")


def lexemes(text: str, known: Mapping[str, HosePart | FittingPart] = MappingProxyType({})) -> list[Lexeme]:
    """The lexemes of a tidy text, in order; `known` are the part numbers of the catalogue that stand in it."""
    found: list[Lexeme] = []
    at, size, glued = 0, len(text), False
    while at < size:
        if known and (part := _known(text, at, known)) is not None:
            found.append(part)
            at, glued = part.end, True
            continue
        letter = text[at]
        if letter == " " or (letter != "\n" and letter.isspace()):
            at += 1
            glued = False
            continue
        lexeme = _next(text, at, letter)
        lexeme.glued = glued
        found.append(lexeme)
        at, glued = lexeme.end, letter != "\n"
    return joined(found)


def _known(text: str, at: int, known: Mapping[str, HosePart | FittingPart]) -> Lexeme | None:
    found = _NUMBERED.match(text, at) if at == 0 or not _NUMBERED.match(text[at - 1]) else None
    part = known.get(found[0]) if found else None
    if found is None or part is None:
        return None
    return Lexeme("hosepart" if isinstance(part, HosePart) else "fitting", found[0], at, found.end(), part)


def _next(text: str, at: int, letter: str) -> Lexeme:
    before = text[at - 1] if at else " "
    after = _after_digits(text, at) if letter.isdigit() else ""
    if (letter in _CODES or letter in _DIGITS) and (not before.isalnum() or (letter == "R" and before.isdigit())):
        word = _LONE_WORD.match(text, at)
        if word is not None and word[0] not in _OPENING:
            return Lexeme("word", word[0], at, word.end())
        for rule in _AFTER_DIGITS.get(after, ()) if letter in _DIGITS else _CODES[letter]:
            if (coded := rule(text, at)) is not None:
                return coded
    if letter in "-#" and (found := _DASH.match(text, at)) and _opens(text, at) and int(found[1]) in SIZES:
        return Lexeme("dash", found[0], at, found.end(), int(found[1]))
    if (letter.isdigit() or letter == ".") and (number := _number(text, at, after)) is not None:
        return number
    return _uncoded(text, at, letter)


def _uncoded(text: str, at: int, letter: str) -> Lexeme:
    """A word, letters and digits that mean nothing yet, or a sign."""
    if found := _WORD.match(text, at):
        return Lexeme("word", found[0], at, found.end())
    if found := _ALNUM.match(text, at):
        return Lexeme("unknown", found[0], at, found.end())
    return Lexeme("separator" if letter in _SYMBOLS else "sign", letter, at, at + 1, letter)


def _opens(text: str, at: int) -> bool:
    return at == 0 or text[at - 1] in " ,;:(/\n\t*"


def _after_digits(text: str, at: int) -> str:
    """The character that follows the digits at a place, with a blank between or not."""
    found = _LEADING.match(text, at)
    return found[1] if found else ""


def _eastman(text: str, at: int) -> Lexeme | None:
    stem = eastman(text, at)
    return None if stem is None else Lexeme("fitting", stem[0].number, at, stem[1], stem[0])


def _sae(text: str, at: int) -> Lexeme | None:
    found = SAE_HOSE.match(text, at)
    return _hose(found, found[1], found[2]) if found and 1 <= int(found[1][1:]) <= 19 else None


def _european(text: str, at: int) -> Lexeme | None:
    found = EN_HOSE.match(text, at)
    return _hose(found, found[1] + found[2], found[3]) if found else None


def _nominal(text: str, at: int) -> Lexeme | None:
    found = _DN.match(text, at)
    return Lexeme("dn", found[0], at, found.end(), int(found[1])) if found else None


def _part(text: str, at: int) -> Lexeme | None:
    chunk = _CHUNK.match(text, at)
    part = part_of(chunk[0]) if chunk else None
    if chunk is None or part is None:
        return None
    return Lexeme("hosepart" if isinstance(part, HosePart) else "fitting", chunk[0], at, chunk.end(), part)


def _hose(found: re.Match[str], code: str, size: str | None) -> Lexeme:
    """A hose type; with a size behind it only where that is one."""
    number = int(size) if size else None
    sized = number is not None and (number in SIZES or parse_hose_size(f"DN{number}") is not None)
    end = found.end() if sized or size is None else found.start() + len(found[0].rstrip("0123456789").rstrip("-"))
    return Lexeme("hose", found[0], found.start(), end, code, unit=str(number) if sized else None)


def _metric(text: str, at: int) -> Lexeme | None:
    found = _THREAD.match(text, at)
    if found is None or not 6 <= int(found[1]) <= 64:
        return None
    pitch = found[2].rstrip("0").rstrip(".") if found[2] and "." in found[2] else found[2]
    return Lexeme("thread", found[0], at, found.end(), f"M{found[1]}x{pitch}" if pitch else f"M{found[1]}")


def _inch_thread(text: str, at: int) -> Lexeme | None:
    found = _UN_THREAD.match(text, at)
    return Lexeme("unthread", found[0], at, found.end(), re.split(r"-? ?UN", found[0])[0]) if found else None


def _tube(text: str, at: int) -> Lexeme | None:
    found = _TUBE.match(text, at)
    if found is None or int(found[1]) not in TUBES[found[2]]:
        return None
    return Lexeme("tube", found[0], at, found.end(), (int(found[1]), found[2]))


def _pipe(text: str, at: int) -> Lexeme | None:
    found = _PIPE.match(text, at)
    if found is None:
        return None
    top, bottom = map(int, found[2].split("/"))
    if not bottom or 16 % bottom:
        return None
    style = "BSPP" if found[1][0] == "G" else "BSPT"
    return Lexeme("pipe", found[0], at, found.end(), (style, top * 16 // bottom))


def _quarter(text: str, at: int) -> Lexeme | None:
    found = _QUARTER.match(text, at)
    return Lexeme("noise", found[0], at, found.end()) if found else None


_Rules = tuple[Callable[[str, int], Lexeme | None], ...]
_DIGITS = frozenset("0123456789")
#: What is written as a code (part numbers, hose types, threads, tube ends, DN) and begins with a letter, in the order
#: in which it is tried.
_CODES: Mapping[str, _Rules] = {
    **dict.fromkeys("ABCEFIJKLNOPQTUVWXYZ", (_part,)),
    "D": (_nominal, _part), "G": (_part, _pipe), "H": (_eastman, _part), "M": (_part, _metric),
    "R": (_sae, _part, _pipe), "S": (_sae, _part),
}  # fmt: skip
#: Those that begin with digits, by what follows the digits; 100 may belong to R2, with a blank between or not.
_AFTER_DIGITS: Mapping[str, _Rules] = {
    **dict.fromkeys("ABCDEFGHIJKMNOPUVWXYZ", (_part,)),
    "R": (_sae, _part), "S": (_european, _part, _tube), "T": (_european, _part), "L": (_part, _tube),
    "Q": (_part, _quarter), "-": (_part, _inch_thread), "/": (_inch_thread,),
}  # fmt: skip


def _number(text: str, at: int, after: str) -> Lexeme | None:
    if after in ("'", "F") and (feet := _in_feet(text, at)) is not None:
        return feet
    found = _NUMBER.match(text, at)
    if found is not None and " " in found["number"] and _is_angle_and_size(text, found):
        found = _NUMBER.match(text, at, at + found["number"].index(" "))
    if found is not None and found["unit"] == "M" and _ends_word(text, at):
        found = _NUMBER.match(text, at, found.end("number"))  # FJX90M is a medium drop, not ninety metres
    if found is None:
        return None
    kind, value, unit, form = _figure(found["number"], found["unit"])
    return Lexeme(kind, found[0], at, found.end(), value, unit=unit, form=form)


def _in_feet(text: str, at: int) -> Lexeme | None:
    found = _FEET_INCHES.match(text, at)
    inches = amount(found["inches"]) if found else 12
    if found is None or inches >= 12 or not _feet(found):
        return None
    return Lexeme("number", found[0], at, found.end(), int(found["feet"]) * 12 + inches, unit="in", form="feet")


@lru_cache(maxsize=4096)
def _figure(number: str, said: str | None) -> tuple[str, int | Fraction | None, str | None, str]:
    """The kind of a number with its unit, its value, the unit and the form; improper fractions mean nothing."""
    unit = _UNITS.get(said or "")
    form = "fraction" if "/" in number else "decimal" if "." in number else "int"
    if form == "fraction" and not _proper(number):
        return "unknown", None, None, ""
    if unit in ("deg", "load"):
        return {"deg": "angle", "load": "pressure"}[unit], amount(number), None, ""
    return "number", amount(number), unit, form


def _ends_word(text: str, at: int) -> bool:
    """Whether a word ends at a place; a single X is no word but the sign between two parts."""
    word = at > 0 and text[at - 1].isalpha()
    return word and not (text[at - 1] == "X" and not text[max(at - 2, 0) : at - 1].isalpha())


def _is_angle_and_size(text: str, found: re.Match[str]) -> bool:
    """Whether `90 1/2` is an elbow's angle and the size of what follows, not ninety and a half."""
    glued = found.start() > 0 and text[found.start() - 1].isalpha()
    return glued or (found["unit"] is None and found["number"].split(" ")[0] in ("45", "90"))


def _feet(found: re.Match[str]) -> bool:
    """Whether inches follow the feet: they say so, or stand right behind the foot mark."""
    return bool(found["said"]) or ("'" in found[0] and not found[0].split("'")[1].startswith(" "))


def _proper(text: str) -> bool:
    top, _, bottom = text.replace("-", " ").replace(".", " ").split()[-1].partition("/")
    return 0 < int(top) < int(bottom)


@lru_cache(maxsize=4096)
def amount(text: str) -> int | Fraction:
    """A number as it is written: `36`, `1.25`, `3/8`, `24 1/2`, `1-1/4`, `1.1/4`."""
    if "/" not in text:
        return int(text) if "." not in text else Fraction(text)
    pieces = re.split(r"[ .\-]+", text)
    top, _, bottom = pieces[-1].partition("/")
    return Fraction(int(top), int(bottom)) + (int(pieces[0]) if len(pieces) > 1 else 0)
