"""The offset angle between two bent ends, and its tolerance.

Kept by SAE J517 / MIL: look along the hose with the near fitting, end 1, at 6 o'clock, and turn counter-clockwise to
the far fitting. RYCO turns clockwise from the far fitting to the near one, which gives the same number. Two ends that
are not both bent have no offset. Source: section 5.
"""

from decimal import Decimal

from brassleaf.errors import Refused
from brassleaf.trade.length import is_straight
from brassleaf.trade.numbers import Number, exactly, number_of, positive
from brassleaf.trade.units import convert_length


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


def offset_tolerance(length: Number, unit: str, field: str = "length") -> Decimal:
    """Degrees that the offset may differ by either way: 3 up to 24 in, 5 for longer assemblies."""
    limit = Decimal("609.6")
    return Decimal(3) if convert_length(positive(length, field), unit, "mm", field) <= limit else Decimal(5)
