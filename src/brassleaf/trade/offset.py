"""The offset angle between two bent ends: conventions, tolerance and the military code.

Kept by SAE J517 / MIL: look along the hose with the near fitting, end 1, at 6 o'clock, and turn counter-clockwise to
the far fitting. RYCO turns clockwise from the far fitting to the near one, which gives the same number; a convention
that turns the other way gives 360 less it. Two ends that are not both bent have no offset. Source: section 5.
"""

from decimal import Decimal
from enum import StrEnum

from brassleaf.errors import Refused
from brassleaf.trade.length import is_straight
from brassleaf.trade.numbers import Number, exactly, number_of, positive
from brassleaf.trade.units import convert_length


class OffsetConvention(StrEnum):
    """Who counts the angle which way; the first three give one number."""

    SAE = "SAE"
    MIL = "MIL"
    RYCO = "RYCO"
    CLOCKWISE = "clockwise"


@exactly
def check_angle(angle: Number, field: str = "offsetAngle") -> Decimal:
    """An offset angle in degrees, 0 up to but not including 360; refused otherwise, naming `field`."""
    number = number_of(angle, field)
    if not 0 <= number < 360:
        raise Refused.field(field, "Use degrees from 0 up to, but not including, 360.")
    return number


def offset_angle(
    angle: Number | None, shape1: str | None, shape2: str | None, field: str = "offsetAngle"
) -> Decimal | None:
    """The angle to store: None when it is not given or an end is straight; refused when out of range."""
    if angle is None:
        return None
    number = check_angle(angle, field)
    return None if is_straight(shape1) or is_straight(shape2) else number


@exactly
def convert_offset(
    angle: Number, from_: OffsetConvention, to: OffsetConvention = OffsetConvention.SAE, field: str = "offsetAngle"
) -> Decimal:
    """The angle in another convention, (360 - angle) mod 360 where that turns the other way: 90 is 270."""
    number = check_angle(angle, field)
    turns = (from_ is OffsetConvention.CLOCKWISE) != (to is OffsetConvention.CLOCKWISE)
    return (360 - number) % 360 if turns else number


def offset_tolerance(
    length: Number, unit: str, convention: OffsetConvention = OffsetConvention.SAE, field: str = "length"
) -> Decimal:
    """Degrees that the offset may differ by either way: 3 up to 24 in (RYCO: 600 mm), 5 for longer assemblies."""
    limit = Decimal(600) if convention is OffsetConvention.RYCO else Decimal("609.6")
    return Decimal(3) if convert_length(positive(length, field), unit, "mm", field) <= limit else Decimal(5)


@exactly
def mil_code(angle: Number, field: str = "offsetAngle") -> str:
    """The two digits of a military part number, degrees / 5: 50 is `10`. Refused unless a multiple of 5."""
    number = check_angle(angle, field)
    if number % 5:
        raise Refused.field(field, "A military part number codes multiples of 5 degrees.")
    return f"{int(number / 5):02d}"


def angle_of_mil_code(code: str, field: str = "offsetAngle") -> Decimal:
    """The degrees of a military code: `10` is 50. Refused unless two digits up to 71."""
    if len(code) != 2 or not (code.isascii() and code.isdecimal()):
        raise Refused.field(field, "Use two digits, degrees divided by 5.")
    return check_angle(int(code) * 5, field)
