"""The pieces that a text is cut into, and how words among them make the phrases of the lexicon."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from brassleaf.trade.parsing.lexicon import MEANINGS, PHRASES, Entry


@dataclass(slots=True)
class Lexeme:
    """A piece of a text with its meaning; `glued` ones follow the piece before them without a blank."""

    kind: str
    text: str
    start: int
    end: int
    value: Any = None
    entry: Entry | None = None
    unit: str | None = None
    form: str = ""
    glued: bool = False
    used: bool = False

    @property
    def both(self) -> bool:
        """Whether the word is a plural that speaks of both ends."""
        return self.entry is not None and self.entry.both


def joined(raw: list[Lexeme]) -> list[Lexeme]:
    """Raw lexemes with words, and the numbers that belong to them, joined to the longest phrases of the lexicon."""
    found: list[Lexeme] = []
    at, size = 0, len(raw)
    while at < size:
        lexeme = raw[at]
        taken = _phrase(raw, at) if lexeme.text in PHRASES and _speaks(lexeme) else None
        if taken is None:
            found += (_halves(lexeme) if lexeme.kind == "word" else None) or (lexeme,)
            at += 1
            continue
        entry, last = taken
        made = lexeme if last == at else Lexeme(entry.kind, _text(raw[at : last + 1]), lexeme.start, raw[last].end)
        made.kind, made.value, made.entry, made.glued = entry.kind, entry.value, entry, lexeme.glued
        made.unit, made.form = None, ""
        if entry.kind == "number":
            made.form = "word"
        found.append(made)
        at = last + 1
    return found


def _text(pieces: list[Lexeme]) -> str:
    return " ".join(piece.text for piece in pieces if piece.kind != "separator")


def _speaks(lexeme: Lexeme) -> bool:
    return lexeme.kind == "word" or (lexeme.kind == "number" and lexeme.unit is None and lexeme.form == "int")


def _phrase(raw: list[Lexeme], at: int) -> tuple[Entry, int] | None:
    for words, entry in PHRASES[raw[at].text]:
        last = at
        for word in words[1:]:
            last = _following(raw, last)
            if last >= len(raw) or raw[last].text != word or not _speaks(raw[last]):
                break
        else:
            return entry, last
    return None


def _following(raw: list[Lexeme], at: int) -> int:
    """The next piece; hyphens and full stops inside a phrase do not count."""
    at += 1
    while at < len(raw) and raw[at].kind == "separator" and raw[at].value in "-.":
        at += 1
    return at


def _halves(lexeme: Lexeme) -> tuple[Lexeme, Lexeme] | None:
    """A word cut in two where both halves are known: FJXFJX."""
    cut = _cut(lexeme.text) if 4 <= len(lexeme.text) <= 12 else None
    if cut is None:
        return None
    places = ((lexeme.start, lexeme.start + cut), (lexeme.start + cut, lexeme.end))
    entries = (MEANINGS[(lexeme.text[:cut],)], MEANINGS[(lexeme.text[cut:],)])
    one, other = (
        Lexeme("style", lexeme.text, start, end, entry.value, entry, glued=True)
        for (start, end), entry in zip(places, entries, strict=True)
    )
    return one, other


@lru_cache(maxsize=1024)
def _cut(word: str) -> int | None:
    """Where a word of two styles is cut."""
    for cut in range(2, len(word) - 1):
        pair = (MEANINGS.get((word[:cut],)), MEANINGS.get((word[cut:],)))
        if all(entry is not None and entry.kind == "style" for entry in pair):
            return cut
    return None
