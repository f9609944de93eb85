"""What documents are made of: numbers with their units and texts, nothing formatted, no cost anywhere.

`None` always means "not known" for a value, `()` and `""` mean "there is none" and leave the line out.
"""

from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from brassleaf.documents.units import Length, LengthUnit, Number, Pressure, Temperature, Weight

Paper = Literal["letter", "a4"]
PartRole = Literal["hose", "end1", "end2", "ferrule1", "ferrule2", "wrap", ""]

# Where the length is measured to, by kind of end (Gates note FPTN002001; contract/domain.md section 3).
TO_SEAL_FACE: Final = "seal face"
TO_CENTRELINE: Final = "centreline at the seal face"


@dataclass(frozen=True, slots=True)
class Shop:
    """Whose document it is; `revision_delimiter` stands between a part number and its revision."""

    name: str
    address: tuple[str, ...] = ()
    revision_delimiter: str = "-"


@dataclass(frozen=True, slots=True)
class Heading:
    """What the head of every document says about its subject."""

    part_number: str
    revision: str = ""
    status: str = ""
    version: int | None = None
    generated: date | None = None
    customer: str = ""
    customer_part_number: str = ""
    customer_revision: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True)
class Hose:
    """The hose as its maker describes it; `working_pressure` is the hose's own."""

    standard: str = ""
    dash: str = ""
    inch: str = ""
    dn: str = ""
    inner_diameter: Length | None = None
    outer_diameter: Length | None = None
    bend_radius: Length | None = None
    temperature_low: Temperature | None = None
    temperature_high: Temperature | None = None
    working_pressure: Pressure | None = None
    construction: str = ""


@dataclass(frozen=True, slots=True)
class End:
    """One end fitting. `style`, `gender` and `shape` are the catalogue's words and choose the drawing.

    `shape` names the angle (`straight`, `45 elbow`, `90`); `dash` is the size of the thread or flange, not of the hose.
    """

    style: str = ""
    gender: str = ""
    shape: str = ""
    dash: str = ""
    swivel: bool = False
    thread: str = ""
    material: str = ""
    torque: str = ""
    drop_length: Length | None = None
    measured_to: str = ""


@dataclass(frozen=True, slots=True)
class Crimp:
    """How one end is crimped. Tolerances are distances from the target diameter."""

    ferrule: str = ""
    die: str = ""
    spacer_ring: str = ""
    diameter: Length | None = None
    diameter_plus: Length | None = None
    diameter_minus: Length | None = None
    insertion_depth: Length | None = None
    skive_external: Length | None = None
    skive_internal: Length | None = None
    stretch: Length | None = None


@dataclass(frozen=True, slots=True)
class Wrap:
    """A sleeve, guard or wrap; each span runs from one distance to another along the cut hose, from end 1."""

    kind: str = ""
    colour: str = ""
    coverage: str = ""
    spans: tuple[tuple[Length, Length], ...] = ()


@dataclass(frozen=True, slots=True)
class ToleranceStep:
    """A row of a table of length tolerances: what lengths up to `up_to` (None: all longer ones) may differ by.

    Plus and minus are lengths in `unit`, or percents; `in_force` marks the row that applies to the assembly.
    """

    up_to: Number | None
    plus: Number
    minus: Number
    unit: LengthUnit
    percent: bool = False
    in_force: bool = False


@dataclass(frozen=True, slots=True)
class ToleranceTable:
    """The table of length tolerances in force; `note` says what is not confirmed of the row that applies."""

    name: str
    rows: tuple[ToleranceStep, ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Rating:
    """The working pressure of the assembly: the lowest of hose and ends, and which part sets it.

    `working` None with `unknown_part` prints `not known: <part>`: a rating is never guessed (domain.md section 6).
    """

    working: Pressure | None = None
    limited_by: str = ""
    unknown_part: str = ""
    proof: Pressure | None = None


@dataclass(frozen=True, slots=True)
class OrderedTests:
    """The tests that were ordered. A burst pressure is printed only as what an ordered test must reach."""

    proof: bool = False
    proof_hold_seconds: int | None = None
    burst: bool = False
    burst_at_least: Pressure | None = None
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """One line of the parts table; `role` ties it to the balloon on the drawing."""

    item: str
    quantity: Number
    unit: str
    brand: str = ""
    part_number: str = ""
    own_part_number: str = ""
    description: str = ""
    role: PartRole = ""


@dataclass(frozen=True, slots=True)
class PriceLine:
    """One selling price, as computed elsewhere."""

    description: str
    quantity: Number
    unit: str
    unit_price: Number | None
    price: Number | None


@dataclass(frozen=True, slots=True)
class Prices:
    """Selling prices in one currency; `places` are the decimals of its minor unit."""

    currency: str
    lines: tuple[PriceLine, ...]
    total: Number | None
    note: str = ""
    places: int = 2


@dataclass(frozen=True, slots=True)
class DataSheet:
    """A hose assembly as its customer gets to see it.

    `crimps` is empty when crimp data stay in the shop; `prices` is None unless they were asked for. `length_tolerance`
    is free text and goes before the two computed sides.
    """

    shop: Shop
    heading: Heading
    hose: Hose = Hose()
    ends: tuple[End, End] = (End(), End())
    parts: tuple[Part, ...] = ()
    overall_length: Length | None = None
    cut_length: Length | None = None
    tolerance_plus: Length | None = None
    tolerance_minus: Length | None = None
    length_tolerance: str = ""
    tolerance_table: ToleranceTable | None = None
    offset_angle: Number | None = None
    offset_tolerance: Number | None = None
    wrap: Wrap | None = None
    crimps: tuple[Crimp, ...] = ()
    rating: Rating = Rating()
    tests: OrderedTests = OrderedTests()
    weight: Weight | None = None
    print_text: str = ""
    notes: str = ""
    prices: Prices | None = None
    sample_notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CutSheet:
    """What the bench needs to make `quantity` pieces: the data sheet, seen from the saw and the crimper.

    `hose_total` is what they take of the reel, in `hose_unit`, with kerf and scrap.
    """

    sheet: DataSheet
    quantity: Number
    hose: str
    hose_total: Number
    hose_unit: str
    work_order: str = ""
    production_notes: str = ""
    squareness: Length | None = None


@dataclass(frozen=True, slots=True)
class BillLine:
    """One line of a bill of materials, named as the contract names it."""

    line_number: int
    item_type: str
    brand: str
    part_number: str
    org_part_number: str
    description: str
    quantity_per: Number
    quantity: Number
    unit_of_measure: str


@dataclass(frozen=True, slots=True)
class BillOfMaterials:
    """What is needed for `quantity` pieces of an assembly, a kit, an estimate or a work order."""

    shop: Shop
    heading: Heading
    lines: tuple[BillLine, ...]
    quantity: Number = 1
    title: str = "Bill of materials"
    notes: str = ""
    sample_notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class KitSheetLine:
    """One line of a kit."""

    number: str
    quantity: Number
    item: str
    part_number: str
    revision: str = ""
    brand: str = ""
    description: str = ""
    comments: str = ""


@dataclass(frozen=True, slots=True)
class KitAssembly:
    """A hose assembly of a kit in short; `unit` is the one that its lengths are stated in."""

    part_number: str
    unit: LengthUnit
    revision: str = ""
    hose: str = ""
    ends: tuple[str, str] = ("", "")
    overall_length: Length | None = None
    tolerance_plus: Length | None = None
    tolerance_minus: Length | None = None
    length_tolerance: str = ""
    pressure: Pressure | None = None
    print_text: str = ""
    notes: str = ""


@dataclass(frozen=True, slots=True)
class KitSheet:
    """A hose kit as its customer gets to see it; a `draft` is not released, `prices` is None unless asked for."""

    shop: Shop
    heading: Heading
    lines: tuple[KitSheetLine, ...]
    assemblies: tuple[KitAssembly, ...] = ()
    draft: bool = False
    notes: str = ""
    prices: Prices | None = None
    sample_notes: tuple[str, ...] = ()
