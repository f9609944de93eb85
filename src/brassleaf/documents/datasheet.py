"""The data sheet of a hose assembly: what a shop hands to its customer."""

from typing import Final

from brassleaf.documents.drawing import HEIGHT, draw_assembly, end_text
from brassleaf.documents.fittings import bend_of
from brassleaf.documents.layout import STACK_GAP, Block, Column, Composer, facts, table
from brassleaf.documents.letterhead import compose, draw_leftovers, draw_subject, draw_texts, quiet_line
from brassleaf.documents.models import (
    TO_CENTRELINE,
    TO_SEAL_FACE,
    Crimp,
    DataSheet,
    End,
    Paper,
    Prices,
    ToleranceStep,
    ToleranceTable,
    Wrap,
)
from brassleaf.documents.texts import one_line
from brassleaf.documents.typeface import RENDER_LOCK
from brassleaf.documents.units import (
    NOT_KNOWN,
    Length,
    Lengths,
    LengthUnit,
    PressureUnit,
    angle_text,
    fine_length_text,
    length_text,
    limits_text,
    money_text,
    pressure_text,
    quantity_text,
    shown_unit,
    temperature_range_text,
    tolerance_text,
    trimmed,
    unit_price_text,
    weight_text,
)

TITLE: Final = "Hose assembly data sheet"
_GAP: Final = 14.0
_MOST_STEPS: Final = 7  # columns of the table of tolerances


def render_datasheet(sheet: DataSheet, *, paper: Paper = "letter", lengths: Lengths = "inch") -> bytes:
    """The data sheet as PDF.

    `lengths` is the system or the unit that lengths are shown in first; the other one stands in brackets. Pressures
    are shown in psi and bar, weights in pounds and kilograms. The same sheet gives the same bytes.
    """
    unit = shown_unit(lengths)
    with RENDER_LOCK:
        composer, letterhead = compose(paper, sheet.shop, sheet.heading, TITLE, sheet.sample_notes)
        draw_subject(composer, sheet.heading)
        _drawing(composer, sheet, unit)
        _parts(composer, sheet)
        _properties(composer, sheet, unit)
        draw_prices(composer, sheet.prices)
        if not _texts_are_short(sheet):
            draw_texts(composer, "Print text and notes", _texts(sheet))
        draw_leftovers(composer, letterhead)
        return composer.pdf(title=f"{TITLE} {letterhead.subject}", author=sheet.shop.name)


def _drawing(composer: Composer, sheet: DataSheet, unit: LengthUnit) -> None:
    composer.space(6)
    composer.ensure(HEIGHT)
    draw_assembly(composer.pen, sheet, unit, x=composer.frame.left, top=composer.y, width=composer.frame.width)
    composer.y -= HEIGHT + 5


_PART_COLUMNS: Final = (
    Column("Item", 9),
    Column("Quantity", 12, "right"),
    Column("Brand", 14),
    Column("Part number", 19),
    Column("Own part number", 16),
    Column("Description", 36),
)


def _parts(composer: Composer, sheet: DataSheet) -> None:
    rows = [
        [
            part.item,
            f"{quantity_text(part.quantity)} {one_line(part.unit)}",
            part.brand,
            part.part_number,
            part.own_part_number,
            part.description,
        ]
        for part in sheet.parts
    ]
    composer.flow(table(_PART_COLUMNS, rows, width=composer.frame.width, title="Parts"))


def _properties(composer: Composer, sheet: DataSheet, unit: LengthUnit) -> None:
    """Assembly and tests beside hose and ends, then the crimp data."""
    half = (composer.frame.width - _GAP) / 2
    metric = unit in {"mm", "cm", "m"}
    pressure: PressureUnit = "bar" if metric else "psi"
    composer.space(STACK_GAP)
    composer.side_by_side(
        [
            _assembly(sheet, unit, pressure, half, metric=metric),
            tests_block(sheet, pressure, half),
            *([facts(_texts(sheet), width=half, title="Print text and notes")] if _texts_are_short(sheet) else []),
        ],
        [_hose(sheet, unit, pressure, half), _ends(sheet, unit, half)],
        _GAP,
    )
    if sheet.tolerance_table is not None:
        _tolerances(composer, sheet.tolerance_table)
    if sheet.crimps:
        composer.flow(crimp_table(sheet, unit, composer.frame.width))


def _texts(sheet: DataSheet) -> list[tuple[str, str]]:
    return _known([("Print text", sheet.print_text), ("Notes", sheet.notes)])


def _texts_are_short(sheet: DataSheet) -> bool:
    """Whether the texts find their place in half the page's width; long ones follow at the end."""
    texts = (sheet.print_text, sheet.notes)
    return any(text.strip() for text in texts) and sum(len(text) + 50 * text.count("\n") for text in texts) <= 320


def _known(pairs: list[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(label, text) for label, text in pairs if text.strip()]


def working_pressure_text(sheet: DataSheet, pressure: PressureUnit) -> str:
    """The assembly's rating with the part that sets it; never a number when one part's rating is unknown."""
    rating = sheet.rating
    if rating.unknown_part.strip():
        return f"{NOT_KNOWN}: {rating.unknown_part}"
    if rating.working is None:
        return NOT_KNOWN
    limited = f", limited by {rating.limited_by}" if rating.limited_by.strip() else ""
    return pressure_text(rating.working, pressure) + limited


def _proof_text(sheet: DataSheet, pressure: PressureUnit) -> str:
    if sheet.rating.proof is None or sheet.rating.unknown_part.strip():
        return NOT_KNOWN
    return pressure_text(sheet.rating.proof, pressure)


def _assembly(sheet: DataSheet, unit: LengthUnit, pressure: PressureUnit, width: float, *, metric: bool) -> Block:
    tolerance = sheet.length_tolerance.strip() or tolerance_text(sheet.tolerance_plus, sheet.tolerance_minus, unit)
    pairs = [
        ("Overall length", length_text(sheet.overall_length, unit)),
        ("Length tolerance", tolerance),
        ("Cut length", length_text(sheet.cut_length, unit)),
        ("Offset angle", _offset_text(sheet)),
        ("Working pressure", working_pressure_text(sheet, pressure)),
        ("Proof pressure", _proof_text(sheet, pressure)),
        ("Weight", weight_text(sheet.weight, metric=metric)),
        ("Wrap", _wrap_text(sheet.wrap, unit)),
    ]
    return facts(_known(pairs), width=width, title="Assembly")


def _tolerances(composer: Composer, found: ToleranceTable) -> None:
    """The table of length tolerances in force, from short to long, the row that applies marked."""

    def allowed(step: ToleranceStep) -> str:
        plus, minus = trimmed(step.plus, 4), trimmed(step.minus, 4)
        unit = "%" if step.percent else step.unit
        return f"±{plus} {unit}" if plus == minus else f"+{plus} / -{minus} {unit}"

    # a shop's own table may have any number of rows: those around the one that applies are shown
    at = next((place for place, step in enumerate(found.rows) if step.in_force), 0)
    first = max(0, min(at - _MOST_STEPS // 2, len(found.rows) - _MOST_STEPS))
    rows = found.rows[first : first + _MOST_STEPS]
    lengths = ["longer" if step.up_to is None else f"up to {trimmed(step.up_to, 3)} {step.unit}" for step in rows]
    columns = [Column("Length", 10, label=True), *(Column(text, 90 / len(rows)) for text in lengths)]
    cells = [f"{allowed(step)} (applies)" if step.in_force else allowed(step) for step in rows]
    title = f"Length tolerances: table {one_line(found.name)}"
    composer.flow(table(columns, [["Tolerance", *cells]], width=composer.frame.width, title=title))
    if found.note:
        quiet_line(composer, found.note)
    composer.space(STACK_GAP)


def _measured_to(end: End) -> str:
    if end.measured_to.strip():
        return end.measured_to
    if not any(text.strip() for text in (end.style, end.gender, end.shape)):
        return NOT_KNOWN
    return TO_CENTRELINE if bend_of(end) else TO_SEAL_FACE


def _offset_text(sheet: DataSheet) -> str:
    if sheet.offset_angle is None:
        return ""
    tolerance = f" ±{angle_text(sheet.offset_tolerance)}" if sheet.offset_tolerance is not None else ""
    return f"{angle_text(sheet.offset_angle)}{tolerance}, counter-clockwise from end 1 (SAE)"


def _wrap_text(wrap: Wrap | None, unit: LengthUnit) -> str:
    if wrap is None:
        return ""
    spans = [f"{length_text(start, unit)} to {length_text(end, unit)} from end 1" for start, end in wrap.spans]
    return ", ".join(filter(None, (wrap.kind, wrap.colour, wrap.coverage, *spans))) or "yes"


def _hose(sheet: DataSheet, unit: LengthUnit, pressure: PressureUnit, width: float) -> Block:
    hose = sheet.hose
    size = [
        f"-{hose.dash.strip().lstrip('-')}" if hose.dash.strip("- ") else "",
        f"{hose.inch} in" if hose.inch.strip() else "",
        f"DN {hose.dn}" if hose.dn.strip() else "",
    ]
    pairs = [
        ("Standard", hose.standard or NOT_KNOWN),
        ("Construction", hose.construction),
        ("Size", " / ".join(filter(None, size)) or NOT_KNOWN),
        ("Inside diameter", fine_length_text(hose.inner_diameter, unit)),
        ("Outside diameter", fine_length_text(hose.outer_diameter, unit)),
        ("Min. bend radius", length_text(hose.bend_radius, unit)),
        ("Temperature range", temperature_range_text(hose.temperature_low, hose.temperature_high)),
        ("Max. working pressure", pressure_text(hose.working_pressure, pressure)),
    ]
    return facts(_known(pairs), width=width, title="Hose", share=0.4)


def _ends(sheet: DataSheet, unit: LengthUnit, width: float) -> Block:
    ends = sheet.ends
    rows = [
        ("Fitting", [end_text(end) for end in ends]),
        ("Thread", [end.thread for end in ends]),
        ("Material", [end.material for end in ends]),
        ("Drop", [length_text(end.drop_length, unit) if end.drop_length else "" for end in ends]),
        ("Torque", [end.torque for end in ends]),
        ("Measured to", [_measured_to(end) for end in ends]),
    ]
    columns = (Column("", 22, label=True), Column("End 1", 39), Column("End 2", 39))
    filled = [[label, *values] for label, values in rows if any(value.strip() for value in values)]
    return table(columns, filled, width=width, title="End fittings")


def crimp_table(sheet: DataSheet, unit: LengthUnit, width: float) -> Block:
    """One row an end, one for both when they are alike; what no end has leaves its column out."""
    crimps = sheet.crimps
    alike = len(crimps) == 2 and crimps[0] == crimps[1]
    sides = ["Both"] if alike else [f"End {side}" for side in range(1, len(crimps) + 1)]
    crimps = crimps[:1] if alike else crimps

    def lengths(name: str, absent: str) -> list[str]:
        values = [getattr(crimp, name) for crimp in crimps]
        # The bracket on a line of its own: the columns are narrow.
        return [fine_length_text(value, unit).replace(" (", "\n(") if value is not None else absent for value in values]

    def limits(crimp: Crimp) -> tuple[Length | None, Length | None, Length | None]:
        return crimp.diameter, crimp.diameter_plus, crimp.diameter_minus

    tolerances = [
        tolerance_text(crimp.diameter_plus, crimp.diameter_minus, unit, fine=True) if crimp.diameter else ""
        for crimp in crimps
    ]
    diameters = [fine_length_text(crimp.diameter, unit) for crimp in crimps]
    columns = [
        ("", 9, sides),
        ("Ferrule", 13, [crimp.ferrule for crimp in crimps]),
        ("Die", 10, [crimp.die or NOT_KNOWN for crimp in crimps]),
        ("Spacer ring", 9, [crimp.spacer_ring for crimp in crimps]),
        ("Crimp diameter", 24, [f"{text}\n{more}".strip() for text, more in zip(diameters, tolerances, strict=True)]),
        ("Crimp limits", 18, [limits_text(*limits(crimp), unit) for crimp in crimps]),
        ("Insertion depth", 12, lengths("insertion_depth", NOT_KNOWN)),
        ("Skive external", 12, lengths("skive_external", "none")),
        ("Skive internal", 12, lengths("skive_internal", "none")),
        ("Stretch per end", 12, lengths("stretch", "")),
    ]
    kept = [column for column in columns if any(text.strip() for text in column[2])]
    return table(
        [Column(title, share, label=not title) for title, share, _ in kept],
        list(zip(*(texts for _, _, texts in kept), strict=True)),
        width=width,
        title="Crimp data",
    )


def tests_block(sheet: DataSheet, pressure: PressureUnit, width: float) -> Block:
    """The tests that were ordered, with pressures and times."""
    tests = sheet.tests
    pairs: list[tuple[str, str]] = []
    if tests.proof:
        hold = f", held {tests.proof_hold_seconds} s" if tests.proof_hold_seconds is not None else ""
        proof = _proof_text(sheet, pressure)
        proof = f"pressure {NOT_KNOWN}" if proof == NOT_KNOWN else f"at {proof}"
        pairs.append(("Proof test", f"{proof}{hold}, no leak"))
    if tests.burst:
        # Printed as what a sample must reach; users misread a burst pressure as a rating (domain.md section 6).
        required = (
            f"sample must reach {pressure_text(tests.burst_at_least, pressure)}" if tests.burst_at_least else NOT_KNOWN
        )
        pairs.append(("Burst test", f"{required}; the sample is destroyed. Test requirement only, not a rating."))
    pairs += [("Test", other) for other in tests.others if other.strip()]
    return facts(pairs or [("Tests", "none ordered")], width=width, title="Tests ordered")


def draw_prices(composer: Composer, prices: Prices | None) -> None:
    """Draw selling prices line by line with their total, where there are any."""
    if prices is None:
        return
    columns = (
        Column("Price", 50),
        Column("Quantity", 16, "right"),
        Column(f"Unit price {one_line(prices.currency)}", 16, "right"),
        Column(f"Price {one_line(prices.currency)}", 16, "right"),
    )
    rows = [
        [
            line.description,
            f"{quantity_text(line.quantity)} {one_line(line.unit)}",
            unit_price_text(line.unit_price, prices.places) or NOT_KNOWN,
            money_text(line.price, prices.places) or NOT_KNOWN,
        ]
        for line in prices.lines
    ]
    rows.append(["Total", "", "", money_text(prices.total, prices.places) or NOT_KNOWN])
    composer.space(6)
    composer.flow(table(columns, rows, width=composer.frame.width, title="Prices", strong_last=True))
    if prices.note.strip():
        quiet_line(composer, prices.note)
