"""Crimp fittings and adaptors of the demo beyond those of the CSV files: every common style in every size.

Threads are real (trade/threads.py), lengths and weights are samples that grow with the size, pressures are those of the
24° cones and flanges where sources have them and samples otherwise. The keys in brackets are those of data/SOURCES.md.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from brassleaf.catalog.crimpfittings.models import NewCrimpFitting
from brassleaf.demo.families import FAMILIES, LARGEST, SERIES, insertion, table
from brassleaf.demo.rows import BRAND, Document, checked
from brassleaf.trade.ends import STYLES
from brassleaf.trade.sizes import SIZES, format_dash
from brassleaf.trade.threads import HEAVY_TUBES, LIGHT_TUBES

_BENT = ("straight", "45", "90")
#: Working pressure of threaded ends in psi: samples, not ratings.
_PSI = {
    2: 5000,
    3: 5000,
    4: 5000,
    5: 5000,
    6: 4500,
    8: 4500,
    10: 3500,
    12: 3500,
    16: 2500,
    20: 2000,
    24: 1500,
    32: 1100,
}
#: ISO 8434-1 in bar, by the tube. Source: S1; 14S: general trade knowledge.
_LIGHT_BAR = {8: 250, 10: 250, 12: 250, 15: 250, 18: 160, 22: 160, 28: 100, 35: 100, 42: 100}
_HEAVY_BAR = {10: 630, 12: 630, 14: 630, 16: 400, 20: 400, 25: 400, 30: 250, 38: 250}
#: Code 61 in psi, by the size. Source: S1, S5.
_CODE_61 = {8: 5000, 12: 5000, 16: 5000, 20: 4000, 24: 3000, 32: 3000}
_CODE_62 = dict.fromkeys(_CODE_61, 6000)
#: Where the threads of a style are from; without a source for them, or for which size has which, they are samples.
_CONE, _UNSEEN = "[S5] thread, tube diameter", "[K] thread"
_THREADS = {"DKOL": _CONE, "DKOS": _CONE, "CEL": _CONE, "CES": _CONE, "Komatsu 30": "[S9] threads, [K] their sizes"} | (
    dict.fromkeys(("DIN 60", "GAZ", "Metric"), _UNSEEN)
)


@dataclass(frozen=True, slots=True)
class End:
    """One termination: what part numbers call it, its style and gender, and the shapes in which it is made."""

    code: str
    style: str
    gender: str = ""
    shapes: tuple[str, ...] = ("straight",)
    reference: str = "seal face"


_PLAIN = (
    End("MJ", "JIC 37", "male", reference="thread end"),
    End("FJX", "JIC 37", "female", _BENT, "nut end"),
    End("FFORX", "ORFS", "female", _BENT),
    End("MP", "NPTF", "male", reference="thread end"),
    End("MB", "ORB", "male", reference="thread end"),
    End("FBSPPX", "BSPP", "female", ("straight", "90")),
    End("DKOL", "DKOL", "female", ("straight", "90")),
)
_MORE = (
    End("FJX", "JIC 37", "female", ("30", "60", "90 short drop", "90 long drop"), "nut end"),
    End("FPX", "NPSM", "female", reference="nut end"),
    End("MBSPP", "BSPP", "male"),
    End("FBSPPX", "BSPP", "female", ("45",)),
    End("MBSPT", "BSPT", "male", reference="thread end"),
    End("CEL", "CEL", "male"),
    End("CES", "CES", "male"),
    End("DKM", "DIN 60", "female"),
    End("FJISX", "JIS 30", "female", ("straight", "90"), "nut end"),
    End("FKX", "Komatsu 30", "female", ("straight", "90"), "nut end"),
    End("FGX", "GAZ", "female"),
    End("BJ", "Metric", shapes=("banjo",)),
    End("FLC", "CAT flange", shapes=_BENT, reference="flange face"),
    End("FL61", "Code 61 flange", shapes=("30", "60", "110"), reference="flange face"),
)


def fittings(known: set[str]) -> Iterator[Document]:
    """Fittings of every coupling series in every size of its hoses, those left out whose number is known."""
    sizes: dict[str, set[int]] = {}
    for row in table():
        if (dash := int(row["size"][1:])) <= LARGEST:
            sizes.setdefault(FAMILIES[row["series"]].coupling, set()).add(dash)
    for series, dashes in sizes.items():
        for dash in sorted(dashes):
            for end in _MORE if series in {"BC", "BS"} else _PLAIN:
                for shape in end.shapes:
                    made = _fitting(series, dash, end, shape)
                    if made is not None and made["partNumber"] not in known:
                        known.add(made["partNumber"])
                        yield made


def _fitting(series: str, dash: int, end: End, shape: str) -> Document | None:
    style = STYLES[end.style]
    flange = end.style.endswith("flange")
    if (style.threads and dash not in style.threads) or (flange and dash not in _CODE_61):
        return None
    thread = style.threads.get(dash)
    size = thread if style.metric and thread else format_dash(dash)
    angle = 0.0 if shape in {"straight", "banjo"} else float(shape.partition(" ")[0])
    drop = _drop(dash, angle, shape)
    straight = 22.4 + 1.7 * dash + (10 if series == "BS" else 0) - (2 if end.gender == "female" else 0)
    cut_off = round(straight + (0 if not angle else dash * (2.5 if angle < 60 else 2.1)), 1)
    pressure, real = _pressure(end, dash)
    said = " ".join(part for part in (end.style, end.gender, "swivel" if end.gender == "female" else "") if part)
    source = _THREADS.get(end.style, "[S1] thread") if thread else "[S5] flange standard" if real else "[X]"
    samples = ["cutOffmm", "overallLengthmm", "weightLbs", *(["dropLengthmm"] if drop else [])]
    samples += ["dashSize", "thread"] if "[K]" in source else []
    fields: Document = {
        "partNumber": "-".join(
            [series, f"{dash:02d}", end.code, f"{dash:02d}", *([_code(shape)] if shape != "straight" else [])]
        ),
        "brand": BRAND,
        "hoseSize": format_dash(dash),
        "series": series,
        "style": end.style,
        **({"gender": end.gender} if end.gender else {}),
        "dashSize": size,
        **({"thread": thread} if thread else {}),
        "shape": shape,
        **({"swivel": "swivel"} if end.gender == "female" else {}),
        "material": "stainless steel" if series == "BX" else "carbon steel",
        "spec": style.standard,
        "description": f"{said} {thread or SIZES[dash].inch + ' in'}, {_named(shape)}, "
        f"for {SIZES[dash].inch} in hose, {SERIES[series][0]}",
        "cutOffmm": cut_off,
        "cutOffReference": "centreline" if angle or shape == "banjo" else end.reference,
        "overallLengthmm": round(cut_off + insertion(series, dash), 1),
        **({"dropLengthmm": drop} if drop else {}),
        "weightLbs": round((0.02 + 0.0035 * dash * dash) * (1.4 if series == "BS" else 1) * (1 + angle / 200), 3),
        "workingPressure": pressure,
        "source": source,
        "sampleData": samples if real else [*samples, "workingPressure"],
    }
    return {**checked(NewCrimpFitting, fields), "hoseDash": dash, "itemType": "crimpFitting"}


def _code(shape: str) -> str:
    angle, _, drop = shape.partition(" ")
    return angle + drop[:1].upper() if angle.isdigit() else "B"


def _named(shape: str) -> str:
    angle, _, drop = shape.partition(" ")
    return f"{angle}° elbow{', ' + drop if drop else ''}" if angle.isdigit() else shape


def _drop(dash: int, angle: float, shape: str) -> float | None:
    if not angle:
        return None
    usual = 4 + 1.2 * dash if angle < 60 else 8 + 2.65 * dash
    return round(usual * {"short": 0.75, "long": 1.8}.get(shape.split()[-2] if " " in shape else "", 1), 1)


def _pressure(end: End, dash: int) -> tuple[Document, bool]:
    """The working pressure of an end, and whether a source has it."""
    if end.style in {"DKOL", "CEL"}:
        return {"value": _LIGHT_BAR[LIGHT_TUBES[dash]], "unit": "bar"}, True
    if end.style in {"DKOS", "CES"}:
        return {"value": _HEAVY_BAR[HEAVY_TUBES[dash]], "unit": "bar"}, True
    if end.style in {"Code 61 flange", "Code 62 flange"}:
        return {"value": (_CODE_61 if "61" in end.style else _CODE_62)[dash], "unit": "psi"}, True
    return {"value": _PSI[dash], "unit": "psi"}, False


# -- adaptors ---------------------------------------------------------------------------------------------------------

#: Part-number code, style and gender of an adaptor's end; a female one swivels.
_JIC_M, _JIC_F = ("MJ", "JIC 37", "male"), ("FJX", "JIC 37", "female")
_ORFS_M, _ORFS_F = ("MFFOR", "ORFS", "male"), ("FFORX", "ORFS", "female")
_ORB, _NPT_M, _NPT_F = ("MB", "ORB", "male"), ("MP", "NPTF", "male"), ("FP", "NPTF", "female")
_BSPP_M, _BSPP_F, _BSPT = ("MBSPP", "BSPP", "male"), ("FBSPPX", "BSPP", "female"), ("MBSPT", "BSPT", "male")
_CEL, _CES = ("CEL", "CEL", "male"), ("CES", "CES", "male")
_ELBOWS = ("straight", "45", "90")
_PAIRS = (
    (_JIC_M, _JIC_M, (*_ELBOWS, "tee", "cross")), (_JIC_M, _JIC_F, (*_ELBOWS, "run tee", "branch tee")),
    (_JIC_M, _ORB, (*_ELBOWS, "branch tee")), (_JIC_M, _NPT_M, _ELBOWS), (_JIC_M, _NPT_F, ("straight", "90")),
    (_JIC_M, _BSPP_M, _ELBOWS), (_JIC_F, _BSPP_M, ("straight",)), (_JIC_M, _BSPT, ("straight",)),
    (_ORFS_M, _ORFS_M, (*_ELBOWS, "tee")), (_ORFS_M, _ORFS_F, (*_ELBOWS, "run tee", "branch tee")),
    (_ORFS_M, _ORB, (*_ELBOWS, "branch tee")), (_ORFS_M, _JIC_M, ("straight",)), (_ORFS_M, _BSPP_M, ("straight", "90")),
    (_NPT_M, _NPT_M, ("straight",)), (_NPT_M, _NPT_F, (*_ELBOWS, "tee")), (_NPT_M, _BSPP_F, ("straight",)),
    (_BSPP_M, _BSPP_M, ("straight",)), (_BSPP_M, _BSPP_F, _ELBOWS), (_CEL, _BSPP_M, ("straight", "90")),
    (_CES, _BSPP_M, ("straight", "90")), (_CEL, _CEL, ("straight", "90", "tee")),
    (_CES, _CES, ("straight", "90", "tee")),
)  # fmt: skip
_ADAPTOR_SIZES = (4, 6, 8, 10, 12, 16, 20, 24)
_ENDS = {"tee": 3, "run tee": 3, "branch tee": 3, "cross": 4}


def adaptors() -> Iterator[Document]:
    """Adaptors of the common pairs; of one pair and shape, all sizes share a `familyCrossReference`."""
    reference = 0
    for one, other, shapes in _PAIRS:
        for shape in shapes:
            for dash in _ADAPTOR_SIZES:
                reference += 1
                if all(dash in STYLES[end[1]].threads for end in (one, other)):
                    yield _adaptor(one, other, shape, dash, reference)


def _adaptor(one: tuple[str, str, str], other: tuple[str, str, str], shape: str, dash: int, reference: int) -> Document:
    ends = [one] * (_ENDS.get(shape, 2) - 1) + [other]
    shown = [_end(style, gender, dash) for _, style, gender in ends]
    family = f"{one[0]}-{other[0]}{'' if shape == 'straight' else '-' + shape.replace(' ', '').upper()}"
    said = " × ".join(f"{style} {gender}" for _, style, gender in (one, other))
    length = 18 + 2.4 * dash + (0.6 * dash if shape != "straight" else 0)
    return {
        "partNumber": f"BA-{dash:02d}-{family}",
        "brand": BRAND,
        "shape": shape,
        "crossReference": reference,
        "familyCrossReference": family,
        "material": "carbon steel",
        "description": f"Adaptor {said}, {_named(shape)}, {SIZES[dash].inch} in",
        "specSAE": STYLES[one[1]].standard,
        "ends": shown,
        "lengthmm": round(length, 1),
        "weightLbs": round((0.015 + 0.003 * dash * dash) * len(ends) / 2, 3),
        "source": "[S1], [S5] threads; [X] the other figures",
        "sampleData": ["crossReference", "lengthmm", "weightLbs"],
        "itemType": "adaptor",
    }


def _end(style: str, gender: str, dash: int) -> Document:
    row = STYLES[style]
    return {
        "style": style,
        "gender": gender,
        "dashSize": row.threads[dash] if row.metric else format_dash(dash),
        "swivel": "swivel" if gender == "female" and style != "NPTF" else None,
        "bulkhead": None,
    }
