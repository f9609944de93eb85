"""Which currencies amounts may be given in: those that an organization has a rate for.

One that is switched off (`available`) still has its rate: amounts in it are converted, though prices are not asked for
in it.
"""

from collections.abc import Mapping
from typing import Any

from brassleaf.errors import FieldError, Refused
from brassleaf.store.port import Stored


def known_currencies(organization: Stored) -> frozenset[str]:
    """The currencies that an organization can compute with: its own and those with a rate."""
    rates = organization["currencies"] or []
    return frozenset({str(organization["defaultCurrency"]), *(str(entry["code"]) for entry in rates)})


def check_currencies(fields: Mapping[str, Any], known: frozenset[str], *names: str) -> None:
    """Raise Refused for a currency without a rate, naming each field: no price would come of it."""
    wrong = [(name, fields[name]) for name in names if fields.get(name) and fields[name] not in known]
    if wrong:
        text = f"use one of {', '.join(sorted(known))}."
        raise Refused.fields(
            [FieldError(name, f"The organization has no rate for {code}; {text}") for name, code in wrong]
        )
