"""From fittings of the catalogue to what the rule of lengths computes with; for matching see `catalog.facts`."""

from brassleaf.store.collections import Document
from brassleaf.store.port import derived
from brassleaf.trade.length import CutOff, Reference, default_reference
from brassleaf.trade.numbers import decimal_of


def cut_offs(fitting: Document | None) -> tuple[CutOff, ...]:
    """The cut-off of a fitting with the point that it is measured to: as stored, else as its kind is measured."""
    return () if fitting is None else derived(fitting, _cut_offs)


def _cut_offs(fitting: Document) -> tuple[CutOff, ...]:
    if fitting.get("cutOffmm") is None:
        return ()
    said = fitting.get("cutOffReference")
    usual = default_reference(fitting.get("style"), fitting.get("gender"), fitting.get("shape"))
    return (CutOff(decimal_of(fitting["cutOffmm"], "cutOffmm"), Reference(said) if said else usual),)
