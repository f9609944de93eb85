"""Any text has a reading, and a description that is made of fields is read back as the same fields."""

from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from brassleaf.trade.parsing import End, read

_PIECES = """
1/2 3/8 -8 #6 8FJX 6MP FJX90 JIC M F male female swivel 45 90° x / , - ( ) 36 36" 3'6" 900mm OAL cut R2 2SN DN12
2-wire both ends @ 180 qty 5 pcs each hose ID 15L M22x1.5 code 61 flange 3000 psi end 1 2 proof test no sleeve
Parker BL-2SN-08 T3008D * HU 08 08 MP F42TU0606080808-24.5 G1/2 R1/2 1-1/16-12 x2 B/E 0 999999 1/0
"""
_WORDS = st.sampled_from(_PIECES.split())
_TEXTS = st.one_of(
    st.text(max_size=200), st.lists(_WORDS, max_size=30).map(" ".join), st.lists(_WORDS, max_size=30).map("".join)
)


@settings(max_examples=300, deadline=None)
@given(_TEXTS)
def test_every_text_has_a_reading(text: str) -> None:
    reading = read(text)
    facts = (reading.hose, reading.size, reading.length, reading.twist, reading.quantity)
    assert all(0 <= fact.confidence <= 1 for fact in facts if fact is not None)
    assert read(text) == reading


_SIZES = {
    4: ["1/4", '1/4"', "-4", "DN6"],
    6: ["3/8", "#6", "DN 10"],
    8: ["1/2", "-08", "DN12"],
    12: ["3/4 in", "-12"],
    16: ["DN25", "-16"],
}
_HOSES = {
    "R2": ["R2", "100R2", "SAE 100R2AT"],
    "2SN": ["2SN", "EN 853 2SN"],
    "1SN": ["1SN"],
    "4SP": ["4SP"],
    "2-wire": ["2-wire", "2 wire"],
}
_ENDS = {("JIC", "F"): ["FJX", "FJIC"], ("JIC", "M"): ["MJ", "MJIC"], ("NPTF", "M"): ["MP", "MNPT"],
         ("ORFS", "F"): ["FFORX", "FORFS"], ("ORB", "M"): ["MB", "MORB"], ("BSPP", "F"): ["FBSPP"]}  # fmt: skip


@st.composite
def _ends(draw: st.DrawFn, dash: int) -> tuple[tuple[str, str, int, int | None], str]:
    style, gender = draw(st.sampled_from(sorted(_ENDS)))
    word = draw(st.sampled_from(_ENDS[style, gender]))
    angle = draw(st.sampled_from([None, 45, 90]))
    bent = "" if angle is None else draw(st.sampled_from([f"{angle}", f" {angle} deg", f" {angle}°"]))
    return (style, gender, dash, angle), f"{dash}{word}{bent}"


@st.composite
def _descriptions(draw: st.DrawFn) -> tuple[dict[str, object], str]:
    dash = draw(st.sampled_from(sorted(_SIZES)))
    hose = draw(st.sampled_from(sorted(_HOSES)))
    unit = draw(st.sampled_from(["in", "mm", "cm"]))
    length = draw(st.integers(10, 2_000))
    quantity = draw(st.one_of(st.none(), st.integers(1, 500)))
    twist = draw(st.one_of(st.none(), st.integers(0, 359)))
    (end1, first), (end2, second) = draw(_ends(dash)), draw(_ends(dash))
    proof, wrap = draw(st.booleans()), draw(st.sampled_from([None, "spring guard", "nylon sleeve", "fire sleeve"]))
    pieces = [
        f"{draw(st.sampled_from(_SIZES[dash]))} {draw(st.sampled_from(_HOSES[hose]))}",
        f"{length} {unit}" if draw(st.booleans()) else f"{length}{unit}",
        f"{first} {draw(st.sampled_from(['x', '/', 'to']))} {second}",
        *([f"offset {twist}"] if twist is not None else []),
        *(["proof test"] if proof else []),
        *([wrap] if wrap else []),
        *([f"qty {quantity}"] if quantity is not None else []),
    ]
    order = draw(st.permutations(pieces[1:]))
    text = draw(st.sampled_from([", ", "; "])).join([pieces[0], *order])
    fields = {"size": dash, "hose": hose, "length": (Decimal(length), unit), "end1": end1, "end2": end2,
              "twist": twist, "quantity": quantity, "proof": proof, "wrap": wrap}  # fmt: skip
    return fields, draw(st.sampled_from([text, text.upper(), text.lower()]))


@settings(max_examples=300, deadline=None)
@given(_descriptions())
def test_a_rendered_description_is_read_back(made: tuple[dict[str, object], str]) -> None:
    fields, text = made
    reading = read(text)
    assert reading.length is not None, text
    found = {
        "size": reading.size and reading.size.value,
        "hose": reading.hose and reading.hose.value,
        "length": (reading.length.value.value, reading.length.value.unit),
        "end1": _said(reading.end1),
        "end2": _said(reading.end2),
        "twist": reading.twist.value if reading.twist else None,
        "quantity": reading.quantity and reading.quantity.value,
        "proof": reading.proof_test,
        "wrap": reading.wrap and reading.wrap.value,
    }
    assert found == fields, text
    assert reading.unmatched == (), text
    assert reading.conflicts == (), text


def _said(end: End | None) -> tuple[object, ...] | None:
    if end is None:
        return None
    return tuple(fact.value if fact else None for fact in (end.style, end.gender, end.size, end.angle))
