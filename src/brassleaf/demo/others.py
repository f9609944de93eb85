"""Wraps, caps, plugs, seals, clamps and the like of the demo, from small tables; all of their figures are samples."""

from collections.abc import Iterator

from brassleaf.demo.rows import BRAND, Document
from brassleaf.trade.ends import STYLES
from brassleaf.trade.sizes import SIZES

_MADE = "[X] made for the demo"
#: Kind, part-number code, colour, material, mass in kg/m for each mm of inside diameter.
_WRAPS = (
    ("armour guard", "AG", "silver", "galvanized steel strip", 0.034),
    ("fire sleeve", "FS", "red", "glass fibre with silicone cover", 0.012),
    ("textile sleeve", "TS", "black", "woven polyester", 0.004),
    ("hook-and-loop wrap", "HL", "black", "nylon", 0.006),
)
_INSIDE = (14, 17, 20, 23, 26, 30, 35, 40, 45, 52, 60, 70, 80)
#: Part-number code, what it is, the style whose sizes it has, material, mass in pounds at -8.
_SIZED = (
    ("OC-J", "Cap, JIC 37° female", "JIC 37", "carbon steel", 0.11),
    ("OP-J", "Plug, JIC 37° male", "JIC 37", "carbon steel", 0.09),
    ("OC-F", "Cap, ORFS female", "ORFS", "carbon steel", 0.13),
    ("OP-F", "Plug, ORFS male", "ORFS", "carbon steel", 0.12),
    ("OP-B", "Plug, O-ring boss", "ORB", "carbon steel", 0.1),
    ("OP-N", "Plug, NPTF hollow hex", "NPTF", "carbon steel", 0.06),
    ("OR-F", "O-ring for ORFS", "ORFS", "NBR 90", 0.001),
    ("OR-B", "O-ring for boss", "ORB", "NBR 90", 0.001),
    ("OS-G", "Bonded seal for BSPP", "BSPP", "steel, NBR", 0.004),
    ("OD-J", "Dust cap, JIC 37°", "JIC 37", "polyethylene", 0.004),
    ("ON-J", "Tube nut, JIC 37°", "JIC 37", "carbon steel", 0.07),
    ("OL-J", "Bulkhead lock nut, JIC 37°", "JIC 37", "carbon steel", 0.06),
)
#: By the outside diameter of hose or tube in mm, or by flange size.
_CLAMPS = (
    (
        "OK-C",
        "Tube clamp, polypropylene, DIN 3015 light",
        "polypropylene",
        (12, 15, 16, 18, 20, 22, 25, 28, 30, 35, 42),
    ),
    ("OK-W", "Worm drive hose clamp", "stainless steel", (16, 20, 25, 32, 40, 50, 60, 70, 80, 90, 100, 120)),
    ("OK-P", "P-clip with rubber", "steel, EPDM", (12, 15, 18, 20, 22, 25, 28, 32, 38, 45, 52)),
)
_FLANGE_SIZES = (8, 12, 16, 20, 24, 32)


def wraps() -> Iterator[Document]:
    """Guards and sleeves by their inside diameter."""
    for kind, code, colour, material, mass in _WRAPS:
        for inside in _INSIDE:
            yield {
                "partNumber": f"BW-{code}-{inside}",
                "brand": BRAND,
                "size": str(inside),
                "description": f"{kind.capitalize()}, {colour}, {inside} mm inside",
                "wrapType": kind,
                "colour": colour,
                "material": material,
                "innerDiammm": inside,
                "weightPerLength": {"value": round(mass * inside, 3), "unit": "kg/m"},
                "source": _MADE,
                "sampleData": ["size", "colour", "material", "innerDiammm", "weightPerLength"],
                "itemType": "wrap",
            }


def other_items() -> Iterator[Document]:
    """Caps, plugs, seals, nuts, clamps and flange kits."""
    for code, text, style, material, mass in _SIZED:
        for dash in STYLES[style].threads:
            yield _other(f"{code}-{dash:02d}", f"{text}, {SIZES[dash].inch} in", material, mass * (dash / 8) ** 2)
    for code, text, material, diameters in _CLAMPS:
        for diameter in diameters:
            yield _other(f"{code}-{diameter}", f"{text}, {diameter} mm", material, 0.004 * diameter)
    for name in ("61", "62"):
        for dash in _FLANGE_SIZES:
            text = f"Split flange kit, Code {name}, {SIZES[dash].inch} in: halves, bolts, O-ring"
            yield _other(f"OF-{name}-{dash:02d}", text, "carbon steel", 0.11 * dash)
    for width, height in ((2, 3), (4, 6)):
        yield _other(f"OX-LABEL-{width}{height}", f"Label {width} × {height} in, oil-proof", "polyester", 0.002)


def _other(part: str, description: str, material: str, weight: float) -> Document:
    return {
        "partNumber": part,
        "brand": BRAND,
        "description": description,
        "material": material,
        "weightLbs": round(weight, 4),
        "source": _MADE,
        "sampleData": ["material", "weightLbs"],
        "itemType": "otherItem",
    }
