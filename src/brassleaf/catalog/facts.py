"""From catalogue documents to what the rule of matching computes with."""

from decimal import Decimal
from typing import Any

from brassleaf.store.collections import Document
from brassleaf.store.port import derived
from brassleaf.trade.matching import CrimpDiameter, CrimpSpec, FerruleFacts, FittingFacts, HoseFacts, Skive
from brassleaf.trade.numbers import decimal_of
from brassleaf.trade.units import Measure


def measure(found: Any, field: str) -> Measure | None:
    """A stored `{value, unit}`."""
    return None if not found else Measure.of(found["value"], str(found["unit"]), field)


def hose_facts(hose: Document) -> HoseFacts:
    """A hose as matching sees it."""
    return derived(hose, _hose_facts)


def _hose_facts(hose: Document) -> HoseFacts:
    own, book = _by_source(hose)
    return HoseFacts(
        part_number=str(hose["partNumber"]),
        dash=hose.get("hoseDash"),
        own_crimp_specs=tuple(map(crimp_spec, own)),
        book_crimp_specs=tuple(map(crimp_spec, book)),
    )


def stored_spec(hose: Document, facts: HoseFacts, spec: CrimpSpec | None) -> Document | None:
    """The hose's own record of one of the crimp specifications among its facts."""
    own, book = _by_source(hose)
    pairs = zip([*own, *book], (*facts.own_crimp_specs, *facts.book_crimp_specs), strict=True)
    return next((entry for entry, made in pairs if made is spec), None)


def _by_source(hose: Document) -> tuple[list[Document], list[Document]]:
    specs: list[Document] = hose.get("crimpSpecs") or []
    own = [spec for spec in specs if spec.get("source") == "organization"]
    return own, [spec for spec in specs if spec.get("source") != "organization"]


def fitting_facts(fitting: Document) -> FittingFacts:
    """A fitting as matching sees it."""
    return derived(fitting, _fitting_facts)


def _fitting_facts(fitting: Document) -> FittingFacts:
    return FittingFacts(
        str(fitting["partNumber"]), fitting.get("hoseDash"), fitting.get("series"), str(fitting["brand"])
    )


def ferrule_facts(ferrule: Document | None) -> FerruleFacts | None:
    """A ferrule as matching sees it."""
    return None if ferrule is None else derived(ferrule, _ferrule_facts)


def _ferrule_facts(ferrule: Document) -> FerruleFacts:
    return FerruleFacts(str(ferrule["partNumber"]), str(ferrule["brand"]))


def crimp_spec(spec: Document) -> CrimpSpec:
    """A crimp specification as matching sees it."""
    diameter = spec.get("crimpDiam")
    return CrimpSpec(
        coupling_series=spec.get("couplingSeries"),
        coupling_series_brand=spec.get("couplingSeriesBrand"),
        ferrule_brand=spec.get("ferruleBrand"),
        ferrule_part_number=spec.get("ferrulePartNumber"),
        die_size=spec.get("dieSize"),
        spacer_ring=spec.get("spacerRing"),
        insert_length=measure(spec.get("insertLength"), "insertLength"),
        crimp_diameter=_diameter(diameter) if diameter else None,
        crimp_stretch_per_end=measure(spec.get("crimpStretchPerEnd"), "crimpStretchPerEnd"),
        skive_external=_skive(spec.get("skiveExternal")),
        skive_internal=_skive(spec.get("skiveInternal")),
        notes=spec.get("notes"),
    )


def _diameter(found: Document) -> CrimpDiameter:
    return CrimpDiameter(
        decimal_of(found["value"], "crimpDiam"),
        str(found["unit"]),
        _number(found, "tolerance"),
        _number(found, "tolerancePlus"),
        _number(found, "toleranceMinus"),
    )


def _skive(found: Document | None) -> Skive | None:
    if not found:
        return None
    return Skive(decimal_of(found["value"], "skive"), str(found["unit"]), _number(found, "tolerance"))


def _number(found: Document, name: str) -> Decimal | None:
    value = found.get(name)
    return None if value is None else decimal_of(value, name)
