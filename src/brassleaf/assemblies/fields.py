"""The fields of an assembly from a request, an import or a release: what stays, what goes, what is computed anew."""

from collections.abc import Mapping, Sequence

from brassleaf.assemblies.build import Build, computed
from brassleaf.assemblies.fitness import ENDS, matched, straight_ends
from brassleaf.assemblies.models import PARTS
from brassleaf.catalog.facts import hose_facts
from brassleaf.catalog.service import Article
from brassleaf.pricing.service import Component
from brassleaf.pricing.unit_prices import Charge
from brassleaf.store.collections import Document
from brassleaf.store.records import merged

#: What is computed, and therefore goes before it is computed anew.
_COMPUTED = frozenset(
    {
        "overallLength", "cutOff1", "cutOff2", "tolerance", "workingPressure", "workingPressureLimitedBy", "notKnown",
        "sampleData", "crimpSpecs", *(f"{role}{said}" for role in PARTS for said in ("Brand", "PartNumber")),
    }
)  # fmt: skip


def changes(before: Document, sent: Document) -> Document:
    """The fields of a request that change something: a client that sends back all it read means only the rest."""
    return {name: value for name, value in sent.items() if value != before.get(name)}


def refreshed(fields: Document, built: Build) -> Document:
    """The fields with everything that is computed as it is now."""
    return merged({name: value for name, value in fields.items() if name not in _COMPUTED}, computed(built, fields))


def _dresses(before: Document, sent: Document, end: str) -> bool:
    """Whether the ferrule of an end hangs on something that changes: the end itself, or the hose."""
    return any(sent.get(part, before.get(part)) != before.get(part) for part in ("hose", end))


def ends_to_dress(before: Document, sent: Document) -> list[str]:
    """The ends that get the ferrule of their crimp specification: what was declined or chosen stays so."""
    ferrules = {end: f"ferrule{end[-1]}" for end in ENDS}
    new = [end for end in ENDS if ferrules[end] not in sent or sent[ferrules[end]] == before.get(ferrules[end], "")]
    return [end for end in new if _dresses(before, sent, end)]


def joined(before: Document, sent: Document) -> Document:
    """The fields of a request over those of the document; what hangs on a changed part goes with it."""
    fields = merged({name: value for name, value in before.items() if name not in _COMPUTED}, sent)
    for end in ends_to_dress(before, sent):
        fields.pop(f"ferrule{end[-1]}", None)
    _state_length(fields, before, sent)
    new = changes(before, sent)
    if new.get("description") and "manualDescription" not in sent:
        fields["manualDescription"] = True
    if "WeightLbs" in new:
        fields["manualWeight"] = new["WeightLbs"] is not None
    return fields


def _state_length(fields: Document, before: Document, sent: Document) -> None:
    """`length` is the length that is stated: the overall one, or with `definedByCutLength` the cut length.

    Where only that switch is turned the hose stays as it is, and `length` becomes its other length.
    """
    cut = fields.pop("cutLength", None)
    if not fields.get("definedByCutLength"):
        if before.get("definedByCutLength") and "length" not in sent and before.get("overallLength"):
            fields["length"] = before["overallLength"]
        return
    new = changes(before, sent)
    by_length = "length" in sent if "cutLength" not in sent else "length" in new and "cutLength" not in new
    if cut is not None and not by_length:
        fields["length"] = cut


def without_orientation(fields: Document, parts: Mapping[str, Document], new: Document) -> None:
    """Take an angle off where there is nothing to turn: only a new angle is refused."""
    if straight_ends(parts) and not new.get("orientationAngle"):
        fields.pop("orientationAngle", None)


def own_first(articles: Sequence[Article]) -> list[Article]:
    """The organization's own of the items of one number, else the shared ones: several are no choice."""
    live = [article for article in articles if not article.item["deleted"]]
    return [article for article in live if article.custom] or live


def ferrules_wanted(parts: Mapping[str, Document], ends: Sequence[str]) -> dict[str, tuple[str | None, str]]:
    """The ferrules that the crimp specifications of these ends name, brand and number, where none was chosen."""
    bare = [end for end in ends if end in parts and f"ferrule{end[-1]}" not in parts]
    bare = [end for end in bare if not parts[end].get("onePiece")]
    if not bare:
        return {}
    facts = hose_facts(parts["hose"])
    specs = {end: matched(facts, parts, end).crimp_spec for end in bare}
    return {
        f"ferrule{end[-1]}": (spec.ferrule_brand or spec.coupling_series_brand, spec.ferrule_part_number)
        for end, spec in specs.items()
        if spec is not None and spec.ferrule_part_number
    }


def components(built: Build) -> list[Component]:
    """The parts of an assembly as they are priced."""
    return [Component(role, built.parts[role], built.part_length(role)) for role in PARTS if role in built.parts]


def price_note(built: Build) -> str:
    """What to know of the price of an assembly whose cut length is not known; empty where it is."""
    if built.cut is not None:
        return ""
    return f"The cut length is not known ({', '.join(built.lengths.missing)}): the hose is priced at the stated length."


def charges(fields: Document, built: Build, work: Mapping[str, float | None]) -> list[Charge]:
    """The work on an assembly, by the organization's settings: `labourPrice` is charged, `labourCost` is paid."""
    wanted = (
        ("labour", "labour", "Labour", True),
        ("proofTest", "proofTest", "Proof test", fields.get("proofTest")),
        ("burstTest", "burstTest", "Burst test, on an extra sample", fields.get("burstTest")),
        ("wrapping", "wrap", "Putting on the wrap", "wrap" in built.parts),
    )
    return [
        Charge(role, name, work[f"{kind}Price"], work[f"{kind}Cost"]) for role, kind, name, asked in wanted if asked
    ]
