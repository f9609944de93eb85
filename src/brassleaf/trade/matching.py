"""Which fitting may be crimped to which hose, and how.

A coupling series decides which hoses it fits: a pair fits when the sizes agree and the hose has a crimp specification
for the fitting's series and brand. The answer gives every reason at once when it does not. A shop's own specification
goes before the book's. Source: section 1 (jgbhose, trcrimp); contract/item.yaml (ItemProperties.crimpSpecs).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from brassleaf.trade.numbers import exactly, number_of, positive
from brassleaf.trade.sizes import format_dash
from brassleaf.trade.units import Measure


@dataclass(frozen=True, slots=True)
class CrimpDiameter:
    """Outside diameter of the ferrule after crimping, with one tolerance or a plus and a minus (both as sizes)."""

    value: Decimal
    unit: str
    tolerance: Decimal | None = None
    tolerance_plus: Decimal | None = None
    tolerance_minus: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Skive:
    """How much cover (external) or tube (internal) is ground off the end of the hose before crimping."""

    value: Decimal
    unit: str
    tolerance: Decimal | None = None


@dataclass(frozen=True, slots=True)
class CrimpSpec:
    """How one coupling series is crimped to one hose; field for field the contract's `crimpSpecs`."""

    coupling_series: str | None
    coupling_series_brand: str | None = None
    ferrule_brand: str | None = None
    ferrule_part_number: str | None = None
    die_size: str | None = None
    spacer_ring: str | None = None
    insert_length: Measure | None = None
    crimp_diameter: CrimpDiameter | None = None
    crimp_stretch_per_end: Measure | None = None
    skive_external: Skive | None = None
    skive_internal: Skive | None = None
    notes: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class HoseFacts:
    """A hose as matching sees it: its size as a dash, the shop's own crimp specifications and the book's."""

    part_number: str
    dash: int | None
    own_crimp_specs: tuple[CrimpSpec, ...] = ()
    book_crimp_specs: tuple[CrimpSpec, ...] = ()


@dataclass(frozen=True, slots=True)
class FittingFacts:
    """A crimp fitting as matching sees it: the dash of the hose it is for, its coupling series and brand."""

    part_number: str
    hose_dash: int | None
    series: str | None
    brand: str | None


@dataclass(frozen=True, slots=True)
class FerruleFacts:
    """A ferrule that somebody chose."""

    part_number: str
    brand: str | None = None


ReasonCode = Literal[
    "hose-size-unknown",
    "fitting-size-unknown",
    "wrong-size",
    "no-series",
    "no-crimp-spec",
    "other-brand",
    "wrong-ferrule",
]


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a pair does not fit: a code for programs and a sentence for people."""

    code: ReasonCode
    sentence: str


@dataclass(frozen=True, slots=True)
class Match:
    """Whether a pair fits, every reason why not; if it does, the crimp specification that applies and whose it is."""

    fits: bool
    reasons: tuple[Reason, ...] = ()
    crimp_spec: CrimpSpec | None = None
    source: Literal["organization", "book"] | None = None


def match(hose: HoseFacts, fitting: FittingFacts, ferrule: FerruleFacts | None = None) -> Match:
    """Whether the fitting (with the ferrule, if one is chosen) may be crimped to the hose, and how.

    Series and brands compare without case and outer blanks. A specification without a brand serves every brand; one
    without a ferrule number serves every ferrule. Never refuses: unknown facts are reasons. Source: section 1.
    """
    reasons = _size_reasons(hose, fitting)
    spec, source, reason = _find_spec(hose, fitting, ferrule)
    reasons.extend([reason] if reason else [])
    return Match(fits=False, reasons=tuple(reasons)) if reasons else Match(fits=True, crimp_spec=spec, source=source)


def crimp_specs_for(hose: HoseFacts, series: str | None, brand: str | None) -> tuple[CrimpSpec, ...]:
    """Every specification of the hose for a series and brand, the shop's own first and branded before unbranded."""
    specs = (
        spec for group in (hose.own_crimp_specs, hose.book_crimp_specs) for spec in _by_brand(group, series, brand)
    )
    return tuple(specs)


@exactly
def crimp_limits(diameter: CrimpDiameter) -> tuple[Decimal, Decimal] | None:
    """Smallest and largest diameter allowed: 31.62 with 0.15 is 31.47 to 31.77; None when a tolerance is missing.

    Plus and minus go before the single tolerance; a minus that is written with its sign counts by its size.
    Source: section 1 (trcrimp).
    """
    plus = diameter.tolerance if diameter.tolerance_plus is None else diameter.tolerance_plus
    minus = diameter.tolerance if diameter.tolerance_minus is None else diameter.tolerance_minus
    if plus is None or minus is None:
        return None
    size = positive(diameter.value, "crimpDiam.value")
    below, above = number_of(minus, "crimpDiam.toleranceMinus"), number_of(plus, "crimpDiam.tolerancePlus")
    return size - abs(below), size + abs(above)


def _size_reasons(hose: HoseFacts, fitting: FittingFacts) -> list[Reason]:
    reasons = []
    if hose.dash is None:
        reasons.append(Reason("hose-size-unknown", f"The size of hose {hose.part_number} is not known."))
    if fitting.hose_dash is None:
        sentence = f"The hose size of fitting {fitting.part_number} is not known."
        reasons.append(Reason("fitting-size-unknown", sentence))
    if hose.dash is not None and fitting.hose_dash is not None and hose.dash != fitting.hose_dash:
        sentence = (
            f"Fitting {fitting.part_number} is for {format_dash(fitting.hose_dash)} hose, "
            f"hose {hose.part_number} is {format_dash(hose.dash)}."
        )
        reasons.append(Reason("wrong-size", sentence))
    return reasons


def _find_spec(
    hose: HoseFacts, fitting: FittingFacts, ferrule: FerruleFacts | None
) -> tuple[CrimpSpec | None, Literal["organization", "book"] | None, Reason | None]:
    if not _key(fitting.series):
        return None, None, Reason("no-series", f"The coupling series of fitting {fitting.part_number} is not known.")
    specs = crimp_specs_for(hose, fitting.series, fitting.brand)
    if not specs:
        return None, None, _no_spec(hose, fitting)
    suited = [spec for spec in specs if ferrule is None or _takes(spec, ferrule)]
    if not suited and ferrule is not None:
        asked = ", ".join(
            dict.fromkeys(f"{s.ferrule_brand or ''} {s.ferrule_part_number or ''}".strip() for s in specs)
        )
        sentence = (
            f"Series {fitting.series} on hose {hose.part_number} takes ferrule {asked}, not {ferrule.part_number}."
        )
        return None, None, Reason("wrong-ferrule", sentence)
    own = any(spec is suited[0] for spec in hose.own_crimp_specs)
    return suited[0], "organization" if own else "book", None


def _no_spec(hose: HoseFacts, fitting: FittingFacts) -> Reason:
    every = (*hose.own_crimp_specs, *hose.book_crimp_specs)
    brands = [s.coupling_series_brand or "" for s in every if _key(s.coupling_series) == _key(fitting.series)]
    if brands:
        sentence = (
            f"The crimp specification for series {fitting.series} on hose {hose.part_number} is for "
            f"{_listed(brands)}, fitting {fitting.part_number} is {fitting.brand or 'of an unknown brand'}."
        )
        return Reason("other-brand", sentence)
    known = _listed(spec.coupling_series or "" for spec in every)
    sentence = f"Hose {hose.part_number} has no crimp specification for series {fitting.series}"
    return Reason("no-crimp-spec", f"{sentence}; it has {known}." if known else f"{sentence}.")


def _by_brand(specs: Iterable[CrimpSpec], series: str | None, brand: str | None) -> list[CrimpSpec]:
    same = [spec for spec in specs if _key(spec.coupling_series) == _key(series)]
    allowed = [spec for spec in same if _key(spec.coupling_series_brand) in ("", _key(brand))]
    return sorted(allowed, key=lambda spec: not _key(spec.coupling_series_brand))


def _takes(spec: CrimpSpec, ferrule: FerruleFacts) -> bool:
    part = _key(spec.ferrule_part_number) in ("", _key(ferrule.part_number))
    return part and (not _key(ferrule.brand) or _key(spec.ferrule_brand) in ("", _key(ferrule.brand)))


def _key(text: str | None) -> str:
    return (text or "").strip().casefold()


def _listed(names: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(name for name in names if name))
