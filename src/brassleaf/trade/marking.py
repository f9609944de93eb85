"""Dates as hoses and assemblies are marked with. Source: section 10 (xps-store)."""

from datetime import date


def month_code(day: date) -> str:
    """Year and month, YYMM: June 2016 is `1606`."""
    return f"{day.year % 100:02d}{day.month:02d}"
