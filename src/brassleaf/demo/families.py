"""The hose families of the demo beyond the first five: hoses, their ferrules and how both are crimped.

Made from small tables (data/families.csv and below); what is no figure of a source is named in `sampleData`, as in the
CSV files. The keys in brackets are those of data/SOURCES.md.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from brassleaf.catalog.hoses.models import HOSE, NewHose
from brassleaf.demo.rows import BRAND, Document, Row, checked, number, price, rows
from brassleaf.trade.sizes import R5_BORES, R5_DN, SIZES, inches

_ALL = ("workingPressure", "burstPressure", "minBendRadiusmm", "outerDiammm")
_MAKER = "[S2] working pressure, bend radius, outside diameter and weight of one maker's product, factor 4 for burst"
_CRIMP_SAMPLES = ("dieSize", "spacerRing", "insertLength", "crimpDiam", "crimpStretchPerEnd", "skiveExternal")


@dataclass(frozen=True, slots=True)
class Family:
    """What the sizes of a family share: names, temperatures, coupling series, and ferrules where it has not its own."""

    about: str
    spec: str
    coupling: str
    ferrule: str = ""
    temperatures: tuple[int, int] = (-40, 100)
    sae: str = ""
    unit: str = "bar"
    source: str = _MAKER
    samples: tuple[str, ...] = ()


FAMILIES = {
    "1SC": Family("one-wire braid, compact", "EN 857 1SC", "BC", "BF-BC1"),
    "2SC": Family("two-wire braid, compact", "EN 857 2SC", "BC", "BF-BC2"),
    "R12": Family("four-spiral", "SAE 100R12", "BS", "BF-BSP", (-40, 120), "SAE 100R12",
                  source="[S1] working pressure; [S4] temperature; [X] the other figures",
                  samples=("minBendRadiusmm", "outerDiammm", "burstPressure")),
    "R13": Family("four- and six-spiral, 5000 psi", "SAE 100R13", "BS", temperatures=(-40, 120), sae="SAE 100R13",
                  source=_MAKER + "; [S4] temperature"),
    "R15": Family("six-spiral, 6000 psi", "SAE 100R15", "BS", temperatures=(-40, 121), sae="SAE 100R15",
                  source=_MAKER + "; [S6] temperature"),
    "1TE": Family("one textile braid", "EN 854 1TE", "BT", samples=_ALL, source="[S8] temperature; [K]"),
    "2TE": Family("textile braid", "EN 854 2TE", "BT", samples=_ALL, source="[S8] temperature; [K]"),
    "3TE": Family("two textile braids", "EN 854 3TE", "BT", samples=_ALL, source="[S8] temperature; [K]"),
    "R3": Family("two textile braids", "SAE 100R3", "BT", sae="SAE 100R3", unit="psi", samples=_ALL,
                 source="[S6] temperature; [K]"),
    "R4": Family("suction and return, textile with wire helix", "SAE 100R4", "BT", sae="SAE 100R4",
                 unit="psi", samples=(*_ALL, "minTemperatureC", "maxTemperatureC"), source="[K]"),
    "R5": Family("one-wire braid, textile cover", "SAE 100R5", "B5", temperatures=(-40, 121), sae="SAE 100R5",
                 source=_MAKER + "; [S5] bore; [S6] temperature"),
    "R6": Family("one textile braid", "SAE 100R6", "BT", sae="SAE 100R6",
                 source=_MAKER + "; [S6] temperature"),
    "R7": Family("thermoplastic, one fibre braid", "SAE 100R7", "BP", temperatures=(-40, 93), sae="SAE 100R7",
                 source=_MAKER + "; [S6] temperature"),
    "R8": Family("thermoplastic, two fibre braids", "SAE 100R8", "BP", temperatures=(-40, 93), sae="SAE 100R8",
                 unit="psi", source="[S6] temperature; [K]", samples=_ALL),
    "R14": Family("PTFE, stainless braid", "SAE 100R14", "BX", temperatures=(-54, 204), sae="SAE 100R14",
                  source=_MAKER + "; [S6] temperature"),
}  # fmt: skip
#: What is said of a coupling series, and how its insertion length in mm grows with the dash.
SERIES = {
    "BC": ("no-skive braid series", 14, 1.4),
    "BS": ("skived spiral series", 20, 1.9),
    "BT": ("textile series", 16, 1.2),
    "B5": ("series for SAE 100R5", 16, 1.2),
    "BP": ("thermoplastic series", 15, 1.2),
    "BX": ("PTFE series", 13, 1.2),
}
#: Fittings are made to this hose size; larger suction hose is clamped.
LARGEST = 32


def insertion(series: str, dash: int) -> float:
    """Insertion length of a coupling series in mm: a sample figure."""
    _, least, more = SERIES[series]
    return round(least + more * dash, 1)


def table() -> list[Row]:
    """The sizes of every family."""
    return list(rows("families"))


def hoses() -> Iterator[Document]:
    """The hoses, with their crimp specifications."""
    for row in table():
        dash, family = int(row["size"][1:]), FAMILIES[row["series"]]
        r5 = family.coupling == "B5"
        inch = R5_BORES[dash] if r5 else SIZES[dash].inch
        bore = float(inches(inch) or 0)
        working, unit = number(row["workingPressure"]), family.unit
        dn = next(dn for dn, of in R5_DN.items() if of == dash) if r5 else SIZES[dash].dn[0]
        nominal = SIZES[dash].nominal
        fields: Document = {
            "partNumber": f"BL-{row['series']}-{dash:02d}",
            "brand": BRAND,
            "size": row["size"],
            "nominalHoseSize": f'{inch}"',
            "description": f"{inch} in hydraulic hose, {family.about}, {family.spec}",
            "series": row["series"],
            "innerDiamInch": f"{bore:g}",
            "innerDiammm": float(round(bore * 25.4, 1)) if r5 or nominal is None else float(nominal),
            "outerDiammm": number(row["outerDiammm"]),
            "DN": str(dn),
            "spec": family.spec,
            **({"saeSpec": family.sae} if family.sae else {}),
            "colourHose": "black",
            "colourLayLine": "white",
            "workingPressure": {"value": working, "unit": unit},
            "burstPressure": {"value": working * 4, "unit": unit},
            "minBendRadiusmm": number(row["minBendRadiusmm"]),
            "minTemperatureC": family.temperatures[0],
            "maxTemperatureC": family.temperatures[1],
            "source": family.source,
            "sampleData": ["colourHose", "colourLayLine", *family.samples],
        }
        if row["weightKgPerM"]:
            fields["weightPerLength"] = {"value": number(row["weightKgPerM"]), "unit": "kg/m"}
        if dash <= LARGEST:
            fields["crimpSpecs"] = [_crimp_spec(family, row, dash)]
        made = checked(NewHose, fields)
        yield {**made, "hoseDash": HOSE.size_of(made), "itemType": "hose"}


def _ferrule(row: Row) -> str:
    return (FAMILIES[row["series"]].ferrule or f"BF-{row['series']}") + row["size"]


def _outside(family: Family, row: Row) -> float:
    """Outside diameter of the ferrule in mm before crimping: a sample figure."""
    return round(number(row["outerDiammm"]) * 1.12 + (5 if family.coupling == "BS" else 3), 1)


def _crimp_spec(family: Family, row: Row, dash: int) -> Document:
    crimped = round(_outside(family, row) * 0.87, 2)
    tolerance = 0.15 if dash < 20 else 0.2
    spec: Document = {
        "couplingSeries": family.coupling,
        "couplingSeriesBrand": BRAND,
        "ferruleBrand": BRAND,
        "ferrulePartNumber": _ferrule(row),
        "dieSize": str(int(crimped)),
        "spacerRing": "none",
        "insertLength": {"value": insertion(family.coupling, dash), "unit": "mm"},
        "crimpDiam": {"value": crimped, "unit": "mm", "tolerance": tolerance},
        "crimpStretchPerEnd": {"value": round(1 + dash * 0.08, 1), "unit": "mm"},
        "notes": "Sample figure, not for production",
        "sampleData": list(_CRIMP_SAMPLES if family.coupling == "BS" else _CRIMP_SAMPLES[:-1]),
    }
    if family.coupling == "BS":
        spec["skiveExternal"] = {"value": round(insertion("BS", dash) - 2, 1), "unit": "mm"}
    return spec


def ferrules(known: set[str]) -> Iterator[Document]:
    """The ferrules that the crimp specifications name and that are not known yet."""
    for row in table():
        family, dash = FAMILIES[row["series"]], int(row["size"][1:])
        part = _ferrule(row)
        if dash > LARGEST or part in known:
            continue
        known.add(part)
        outside, length = _outside(family, row), insertion(family.coupling, dash) + 3
        yield {
            "partNumber": part,
            "brand": BRAND,
            "size": row["size"],
            "series": family.coupling,
            "description": f"Ferrule for {row['size']} hose, {SERIES[family.coupling][0]}",
            "material": "stainless steel" if family.coupling == "BX" else "carbon steel",
            "diametermm": outside,
            "lengthmm": round(length, 1),
            "weightLbs": round(outside * length * 1e-4, 3),
            "source": "[X] made for the demo",
            "sampleData": ["diametermm", "lengthmm", "weightLbs"],
            "hoseDash": dash,
            "itemType": "ferrule",
        }


def prices(item: Document) -> tuple[float, float]:
    """Cost and list price of a generated item in dollars: samples that grow with its size."""
    if item["itemType"] == "hose":
        dash, bar = int(item["hoseDash"]), item["workingPressure"]["value"]
        bar = bar / 14.5 if item["workingPressure"]["unit"] == "psi" else bar
        return price(0.3 + 0.07 * dash + 0.0006 * bar * dash)
    weight = item.get("weightLbs") or item.get("weightPerLength", {}).get("value") or 0.2
    return price(0.6 + 6 * float(weight))
