"""Overall length, cut length and what lies between: the cut-off of each end.

cut length = overall length - C1 - C2. A cut-off (C dimension, deduct length) runs from the hose shoulder to the
reference point of the fitting, so nothing is added for insertion. Which point that is depends on the kind of fitting
(Gates note FPTN002001), and the same fitting has different figures for different points. Therefore a cut-off carries
its reference point, and an assembly measured to a point for which a fitting has no figure is refused, not estimated.
Source: section 3 (Gates FPTN002001, RYCO how to order, new-line, bosado).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from brassleaf.errors import Refused
from brassleaf.trade.numbers import Number, exactly, not_negative, plain, positive
from brassleaf.trade.units import convert_length


class Reference(StrEnum):
    """The point of a fitting that a cut-off is measured to."""

    SEAL_FACE = "seal face"
    THREAD_END = "thread end"
    NUT_END = "nut end"
    FLANGE_FACE = "flange face"
    CENTRELINE = "centreline"


class Convention(StrEnum):
    """How an assembly's length is stated.

    `REFERENCE` runs from reference point to reference point, whatever these are (Gates); it is the default, because the
    catalogue's cut-offs are always right for it. The other three are RYCO's.
    """

    REFERENCE = "reference points"
    SEAT_TO_SEAT = "seat to seat"
    OVERALL = "overall"
    CUT_LENGTH = "cut length"


# The points that serve a convention, best first. The end of a straight male is its sealing end and its tip at once; a
# flange face and the centre of a bent end's seal face count for both. A swivel nut reaches beyond the seat: nut end and
# seal face never stand for each other.
_SERVES: dict[Convention, tuple[Reference, ...]] = {
    Convention.SEAT_TO_SEAT: (Reference.SEAL_FACE, Reference.FLANGE_FACE, Reference.CENTRELINE, Reference.THREAD_END),
    Convention.OVERALL: (Reference.NUT_END, Reference.THREAD_END, Reference.FLANGE_FACE, Reference.CENTRELINE),
}
_US_SWIVELS = ("JIC", "SAE", "NPSM", "JIS", "KOMATSU", "FJX", "FPX")
_SEAL_FACE_STYLES = ("ORFS", "FFOR", "DIN", "DK", "BSP", "GAZ", "24")
_FLANGES = ("FLANGE", "CODE 61", "CODE 62", "CODE61", "CODE62", "C61", "C62", "SAE J518", "CAT", "FLG")


@dataclass(frozen=True, slots=True)
class CutOff:
    """A fitting's cut-off in millimetres (`cutOffmm`) and the point it is measured to; None when that is not known."""

    mm: Decimal
    reference: Reference | None = None


@dataclass(frozen=True, slots=True)
class Lengths:
    """An assembly's lengths in the unit that was given, unrounded; a part in `missing` leaves None, never a guess."""

    unit: str
    overall: Decimal | None
    cut: Decimal | None
    cut_off1: Decimal | None
    cut_off2: Decimal | None
    missing: tuple[str, ...] = ()


def is_straight(shape: str | None) -> bool:
    """Whether a fitting's shape is a straight one; a shape that is not known is not known to be straight."""
    text = (shape or "").strip().upper().rstrip("°")
    return text.startswith("STRAIGHT") or text in ("STR", "0")


def default_reference(style: str | None, gender: str | None, shape: str | None) -> Reference | None:
    """The point that a fitting of this kind is measured to, or None where its kind does not tell.

    Bent and block: where the centreline meets the seal face. Flange: the flange face. Straight male: its end. Straight
    US female swivel (JIC, SAE, NPSM, JIS, Komatsu): the furthest point of the nut. ORFS and straight DIN, BSP and GAZ
    female: the seal face. Source: section 3 (Gates note FPTN002001).
    """
    kind, sex = (style or "").strip().upper(), (gender or "").strip().upper()
    if shape and shape.strip() and not is_straight(shape):
        return Reference.CENTRELINE
    if sex.startswith("FLANGE") or any(name in kind for name in _FLANGES):
        return Reference.FLANGE_FACE
    if sex.startswith("M"):
        return Reference.THREAD_END
    if any(kind.startswith(name) or f" {name}" in kind for name in _SEAL_FACE_STYLES):
        return Reference.SEAL_FACE
    return Reference.NUT_END if sex.startswith("F") and any(name in kind for name in _US_SWIVELS) else None


@exactly
def cut_length(overall: Number, cut_off1: Number, cut_off2: Number, field: str = "length") -> Decimal:
    """Overall length less both cut-offs, all in one unit: 36 - 1.50 - 2.25 = 32.25.

    Refused, naming `field`, when nothing would be left of the hose. Source: section 3 (Gates note, bosado).
    """
    deduct = not_negative(cut_off1, "end1") + not_negative(cut_off2, "end2")
    length = positive(overall, field)
    if deduct >= length:
        raise Refused.field(field, f"Use a length above {plain(deduct)}, which the two ends alone take up.")
    return length - deduct


@exactly
def overall_length(cut: Number, cut_off1: Number, cut_off2: Number, field: str = "length") -> Decimal:
    """Cut length plus both cut-offs, all in one unit (for `definedByCutLength`). Source: section 3."""
    return positive(cut, field) + not_negative(cut_off1, "end1") + not_negative(cut_off2, "end2")


def lengths(
    length: Number,
    unit: str,
    end1: Sequence[CutOff],
    end2: Sequence[CutOff],
    *,
    convention: Convention = Convention.REFERENCE,
    field: str = "length",
) -> Lengths:
    """Both lengths of an assembly from the one that is stated, by the cut-offs known of each end.

    `unit` in any spelling; the answer is in it. An end without any cut-off is named in `missing` (`end1`, `end2`), and
    the length that needs it is None. Refused: an end whose cut-offs are all measured to another point than
    the convention asks for (field `end1` or `end2`), an unknown unit, a length that the ends use up.
    """
    stated = positive(length, field)
    convert_length(stated, unit, unit, field)  # Refuses an unknown unit before anything is reported missing.
    choices = {name: _choose(offs, convention, name) for name, offs in (("end1", end1), ("end2", end2))}
    missing = tuple(name for name, choice in choices.items() if choice is None)
    first, second = (None if c is None else convert_length(c.mm, "mm", unit, field) for c in choices.values())
    by_cut = convention is Convention.CUT_LENGTH
    other = None
    if first is not None and second is not None:
        other = (overall_length if by_cut else cut_length)(stated, first, second, field)
    return Lengths(unit, other if by_cut else stated, stated if by_cut else other, first, second, missing)


def _choose(cut_offs: Sequence[CutOff], convention: Convention, end: str) -> CutOff | None:
    wanted = _SERVES.get(convention)
    if not cut_offs or wanted is None:
        return cut_offs[0] if cut_offs else None
    for reference in wanted:
        for cut_off in cut_offs:
            if cut_off.reference is reference:
                return cut_off
    known = ", ".join(cut_off.reference or "an unknown point" for cut_off in cut_offs)
    raise Refused.field(
        end,
        f"The cut-off of this fitting is measured to {known}, which does not serve a length stated {convention}; "
        f"enter its cut-off to one of {', '.join(wanted)}, or state the length by {Convention.REFERENCE}.",
    )
