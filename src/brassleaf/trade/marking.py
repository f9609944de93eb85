"""What is written on a hose and on an assembly, and its dates.

Hose (EN): maker, standard, type, DN, quarter and year, `XXX/EN 853/2SN/DN 10/2Q16`. Assembly, at least: maker, working
pressure in bar or MPa, year and month, `XXX/330bar/1606`. Never the burst pressure. Source: section 10 (xps-store).
"""

from datetime import date
from decimal import ROUND_FLOOR, Decimal

from brassleaf.trade.numbers import Number, plain, positive
from brassleaf.trade.units import convert_pressure, parse_pressure_unit


def month_code(day: date) -> str:
    """Year and month, YYMM: June 2016 is `1606`."""
    return f"{day.year % 100:02d}{day.month:02d}"


def quarter_code(day: date) -> str:
    """Quarter and year: the second quarter of 2016 is `2Q16`."""
    return f"{(day.month + 2) // 3}Q{day.year % 100:02d}"


def hose_marking(maker: str, standard: str, type_: str, dn: int, day: date) -> str:
    """The marking of a hose: `XXX/EN 853/2SN/DN 10/2Q16`."""
    return f"{maker}/{standard}/{type_}/DN {dn}/{quarter_code(day)}"


def assembly_marking(maker: str, working_pressure: Number, unit: str, day: date) -> str:
    """The marking of an assembly: `XXX/330bar/1606`.

    The norm wants bar or MPa; psi is given in bar, in whole ones and rounded down, since a marking must not promise
    more than the rating.
    """
    pressure = positive(working_pressure, "workingPressure")
    target = parse_pressure_unit(unit, "pressureUnit")
    if target == "psi":
        target = "bar"
        pressure = convert_pressure(pressure, "psi", target).to_integral_value(ROUND_FLOOR)
    return f"{maker}/{plain(Decimal(pressure))}{target}/{month_code(day)}"
