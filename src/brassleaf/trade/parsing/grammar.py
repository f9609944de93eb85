"""One reading of one text: the order in which the rules are asked, and what speaks against what they found.

First what is certain by its word (numbers of makers, tests, wraps, quantity, twist, sizes beside the word hose), then
the ends with what stands around them, then what is left over: the hose's size and the length. Source: section 11.
"""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from brassleaf.errors import Refused
from brassleaf.trade.parsing import codes, ends, hoses, measures
from brassleaf.trade.parsing.lexemes import lexemes, numbers, tidy
from brassleaf.trade.parsing.reading import End, Fact, Reading
from brassleaf.trade.parsing.sequence import Sequence, is_separator

MAX_TEXT = 10_000
#: So many words of a text are looked up as part numbers.
_MOST_NUMBERS = 8
_SILENT = frozenset({"noise", "separator", "end", "bent", "rigid", "degree", "bore", "both", "quantity", "pressure",
                     "length", "twist", "not", "unit", "swivel", "flangecode", "sign"})  # fmt: skip


def read(
    text: str, default_unit: str = "in", known: Mapping[str, codes.HosePart | codes.FittingPart] = MappingProxyType({})
) -> Reading:
    """What a text says of an assembly. `default_unit` only decides whether two lengths are the same.

    `known` are parts of a catalogue by those of their numbers (`Reading.numbers`) that stand in the text.

    Refused when the text is longer than MAX_TEXT characters; any other text has a reading, if an empty one.
    """
    if len(text) > MAX_TEXT:
        raise Refused.field("text", f"Send at most {MAX_TEXT:,} characters.")
    plain = tidy(text)
    whole = codes.whole(plain)
    if whole is None:
        return _read(plain, default_unit, known)
    said, start, end = whole
    rest = _read(plain[:start] + " " + plain[end:], default_unit, known)
    return replace(
        said,
        brand=rest.brand or said.brand,
        quantity=rest.quantity,
        wrap=rest.wrap,
        proof_test=rest.proof_test,
        burst_test=rest.burst_test,
        twist=said.twist or rest.twist,
        conflicts=rest.conflicts,
        numbers=tuple(n for n in (said.hose_part, said.end1 and said.end1.part, said.end2 and said.end2.part) if n),
        unmatched=rest.unmatched,
    )


def _read(plain: str, default_unit: str, known: Mapping[str, codes.HosePart | codes.FittingPart]) -> Reading:
    text = Sequence(lexemes(plain, known), plain)
    _genders(text)
    proof, burst = _tests(text)
    wrap, brand = _one(text, "wrap"), _one(text, "brand")
    count = measures.quantity(text)
    twist = measures.twist(text)
    labelled = hoses.labelled_sizes(text)
    measures.behind_times(text)
    end1, end2, parts = ends.ends(text)
    kind, number = hoses.hose_type(text), hoses.hose_part(text)
    by_number = [part.hose_size for part in parts if part.hose_size] + ([number.size] if number and number.size else [])
    size = hoses.hose_size(text, labelled + by_number)
    long, cut, how = measures.length(text, default_unit)
    if twist is None and end1 is not None and end2 is not None:
        twist = measures.left_angle(text)
    for name, end in (("end1", end1), ("end2", end2)):
        _check_size(text, name, end, size)
    return Reading(
        hose=kind,
        size=size,
        hose_part=number.number if number else None,
        brand=brand,
        length=long,
        cut_length=cut,
        measured=how,
        end1=end1,
        end2=end2,
        twist=twist,
        quantity=count,
        wrap=wrap,
        proof_test=proof,
        burst_test=burst,
        metric=text.metric,
        numbers=tuple(numbers(plain, text.items)[:_MOST_NUMBERS]),
        conflicts=tuple(text.conflicts),
        unmatched=tuple(_unmatched(text)),
    )


def _genders(text: Sequence) -> None:
    """`M/F`, `F/F`: the genders of two ends in one word."""
    if "gender" not in text.kinds:
        return
    for place in range(len(text.items) - 2):
        first, sign, second = text.items[place : place + 3]
        pair = first.kind == second.kind == "gender" and is_separator(sign, "/-")
        if pair and not isinstance(first.value, tuple) and max(len(first.text), len(second.text)) == 1:
            first.value = (first.value, second.value)
            sign.kind, second.kind, second.used = "noise", "noise", True


def _tests(text: Sequence) -> tuple[bool, bool]:
    """Which tests are asked for; `no test` asks for none."""
    if "test" not in text.kinds:
        return False, False
    found = set()
    for place, item in text.free("test"):
        item.used = True
        before = text.at(place - 1)
        if before is None or before.kind != "not":
            found.add(item.value)
    return "proof" in found, "burst" in found


def _one(text: Sequence, kind: str) -> Fact[str] | None:
    """The one wrap or brand of a text; several are a conflict."""
    if kind not in text.kinds:
        return None
    found = list(text.free(kind))
    for _, item in found:
        item.used = True
    values = list(dict.fromkeys(str(item.value) for _, item in found))
    if len(values) > 1:
        text.clash(kind, values, f"The text names several: {', '.join(values)}.")
        return None
    entry = found[0][1].entry if found else None
    return Fact(values[0], entry.confidence if entry else 0.95) if values else None


def _check_size(text: Sequence, name: str, end: End | None, size: Fact[int] | None) -> None:
    """An end of another size than its hose may be meant, and must not pass unseen; a maker's number says both."""
    if end is None or end.part is not None or end.size is None or size is None:
        return
    if isinstance(end.size.value, int) and end.size.value != size.value:
        values = [f"-{size.value:02d}", f"-{end.size.value:02d}"]
        text.clash(f"{name}.size", values, f"The hose is {values[0]}, {name} is {values[1]}: is a jump size meant?")


def _unmatched(text: Sequence) -> list[str]:
    """What no rule understood, as it stands in the text: pieces without a blank between them are one word."""
    left: list[list[int]] = []
    for item in text.items:
        if item.used or item.kind in _SILENT:
            continue
        if left and text.text[left[-1][1] : item.start] in ("", "-", ".", "/"):
            left[-1][1] = item.end
        else:
            left.append([item.start, item.end])
    return list(dict.fromkeys(text.text[start:end].strip()[:80] for start, end in left))[:100]
