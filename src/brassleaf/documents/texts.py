"""Foreign text made fit for paper: no control character, no box for a missing glyph, lines that fit their cell.

Nothing here knows markup: a text is drawn as the characters that it consists of, so `<b>` and `&` print as they stand.
"""

import re
import unicodedata
from functools import lru_cache

from brassleaf.documents.typeface import Typeface, regular

_BREAKS = re.compile("\r\n|[\r\n\v\f\x1c-\x1e\x85\u2028\u2029]")
_BLANKS = re.compile("[ \t\xa0]+")
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
_BRACKETS = {")": "(", "]": "[", "}": "{"}
_MIRRORED = str.maketrans("()[]{}<>«»", ")(][}{><»«")


def clean(text: str | None) -> str:
    """The text as it can be drawn; line breaks of every kind become line feeds.

    The rule for what cannot be drawn is fixed: format characters (joiners, marks of direction, variation selectors)
    leave nothing; any other character without a glyph, a control character too, becomes one visible `?`.
    """
    if not text:
        return ""
    if text.isascii() and text.isprintable():
        return text
    text = unicodedata.normalize("NFC", _BREAKS.sub("\n", text))
    text = "".join(map(_drawable, text))
    return _shaped(text) if _RIGHT_TO_LEFT.search(text) else text


def one_line(text: str | None) -> str:
    """The text without line breaks and without runs of blanks."""
    text = clean(text)
    return " ".join(text.split()) if "\n" in text or "  " in text else text.strip()


def with_revision(number: object, revision: object, delimiter: str) -> str:
    """A part number and its revision as the shop writes them in one; of only one of them that one."""
    return delimiter.join(str(text) for text in (number, revision) if text)


@lru_cache(maxsize=4096)
def _drawable(character: str) -> str:
    if character in "\n ":
        return character
    category = unicodedata.category(character)
    if category == "Zs" or character == "\t":
        return " "
    if category == "Cf" or "\ufe00" <= character <= "\ufe0f":
        return ""
    if category in {"Cc", "Cs", "Cn", "Co"}:
        return "?"
    return character if regular().has(character) else "?"


def visual(line: str) -> str:
    """The line in the order in which its characters are drawn from left to right.

    A small part of the Unicode bidirectional algorithm (UAX 9): inside a left-to-right line, each run that begins and
    ends with a right-to-left letter is turned round, numbers inside it keep their order, brackets are mirrored.
    """
    if not _RIGHT_TO_LEFT.search(line):
        return line
    classes = [unicodedata.bidirectional(character) for character in line]
    shown: list[str] = []
    at = 0
    while at < len(line):
        if classes[at] not in {"R", "AL"}:
            shown.append(line[at])
            at += 1
            continue
        end = at + 1
        for ahead in range(at + 1, len(line)):
            if classes[ahead] == "L":
                break
            if classes[ahead] in {"R", "AL", "NSM"}:
                end = ahead + 1
        opened = line[at:end]
        if line[end : end + 1] in _BRACKETS and opened.count(_BRACKETS[line[end]]) > opened.count(line[end]):
            end += 1  # the bracket that closes one inside the run belongs to it
        turned = line[at:end][::-1].translate(_MIRRORED)
        shown.append(re.sub(r"\d[\d.,:/-]*\d", lambda number: number.group()[::-1], turned))
        at = end
    return "".join(shown)


@lru_cache(maxsize=1)
def _arabic_forms() -> dict[str, dict[str, str]]:
    """Each Arabic letter's joined shapes, read from the Unicode database (block Arabic Presentation Forms-B)."""
    forms: dict[str, dict[str, str]] = {}
    for code in range(0xFE80, 0xFEF5):
        parts = unicodedata.decomposition(chr(code)).split()
        if len(parts) == 2 and regular().has(chr(code)):
            forms.setdefault(chr(int(parts[1], 16)), {})[parts[0].strip("<>")] = chr(code)
    return forms


def _shaped(text: str) -> str:
    """Arabic letters in the shape that their neighbours ask for; other scripts as they are."""
    forms = _arabic_forms()
    shaped: list[str] = []
    for at, letter in enumerate(text):
        own = forms.get(letter)
        if own is None:
            shaped.append(letter)
            continue
        before = forms.get(text[at - 1], {}) if at else {}
        after = forms.get(text[at + 1], {}) if at + 1 < len(text) else {}
        # A letter that has an initial shape reaches out to the next one; one with a final shape can be reached.
        joined_before = "initial" in before and "final" in own
        joined_after = "initial" in own and "final" in after
        name = {(True, True): "medial", (True, False): "final", (False, True): "initial"}.get(
            (joined_before, joined_after), "isolated"
        )
        shaped.append(own.get(name, letter))
    return "".join(shaped)


def wrap(text: str | None, face: Typeface, size: float, width: float) -> list[str]:
    """The text in lines no wider than `width` points; words that are wider are cut. An empty text is one empty line."""
    lines: list[str] = []
    for paragraph in clean(text).split("\n"):
        if face.width(paragraph, size) <= width:
            lines.append(paragraph.rstrip())
        else:
            lines.extend(_wrapped(paragraph, face, size, width))
    while len(lines) > 1 and not lines[-1]:
        lines.pop()
    return lines


def _wrapped(paragraph: str, face: Typeface, size: float, width: float) -> list[str]:
    lines: list[str] = []
    blank = face.width(" ", size)
    line, used = "", 0.0
    for word in _BLANKS.split(paragraph.strip()):
        long = face.width(word, size)
        if line and used + blank + long <= width:
            line, used = f"{line} {word}", used + blank + long
            continue
        if line:
            lines.append(line)
        while long > width and len(word) > 1:
            fits = _fitting(word, face, size, width)
            lines.append(word[:fits])
            word = word[fits:]  # noqa: PLW2901  # what is left of the word goes to the next line
            long = face.width(word, size)
        line, used = word, long
    if line:
        lines.append(line)
    return lines


def _fitting(word: str, face: Typeface, size: float, width: float) -> int:
    """How many characters fit; at least one, so that a narrow cell still makes progress."""
    used, count = 0.0, 0
    for character in word:
        used += face.width(character, size)
        if used > width:
            break
        count += 1
    if count == len(word):
        return count
    count = max(count, 1)
    # A part number is better cut after its hyphen than in the middle of a group.
    hyphen = max(word.rfind(sign, 0, count) for sign in "-/_") + 1
    return hyphen if hyphen > count * 0.6 else count


def fitted(text: str | None, face: Typeface, size: float, width: float) -> str:
    """One line that fits, ended by an ellipsis when cut: only for what is printed whole elsewhere."""
    text = one_line(text)
    if face.width(text, size) <= width:
        return text
    room = width - face.width("…", size)
    return text[: _fitting(text, face, size, room)].rstrip() + "…" if room > 0 and text else ""
