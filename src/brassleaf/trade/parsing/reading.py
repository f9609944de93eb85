"""What a text says of an assembly: one fact a field, each with how sure it is, and what speaks against it."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Generic, Literal, TypeVar

T = TypeVar("T")

Measured = Literal["overall", "cut", "seat to seat"]
Gender = Literal["M", "F"]

#: How sure a reading is: the text says so in so many words; by a word of several meanings; by its place; by custom.
SAID, MEANT, PLACED, ASSUMED = 0.95, 0.8, 0.7, 0.3


@dataclass(frozen=True, slots=True)
class Fact(Generic[T]):
    """One field's value, how sure it is (0 to 1), and whether the text says it or custom does."""

    value: T
    confidence: float = SAID
    stated: bool = True


@dataclass(frozen=True, slots=True)
class Length:
    """A length with its unit; `unit` is None where the text has none."""

    value: Decimal
    unit: str | None


@dataclass(frozen=True, slots=True)
class End:
    """One end: a style of `lexicon.STYLES`, gender, dash size or metric thread, angle in degrees, a maker's number."""

    style: Fact[str] | None = None
    gender: Fact[Gender] | None = None
    size: Fact[int | str] | None = None
    angle: Fact[int] | None = None
    swivel: bool = False
    part: str | None = None


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two things in a text that cannot both be so, or need a second look: the field, the readings, a sentence."""

    field: str
    values: tuple[str, ...]
    message: str


@dataclass(frozen=True, slots=True)
class Reading:
    """Everything that a text says of an assembly; None where it says nothing."""

    hose: Fact[str] | None = None
    size: Fact[int] | None = None
    hose_part: str | None = None
    brand: Fact[str] | None = None
    length: Fact[Length] | None = None
    cut_length: Fact[Length] | None = None
    measured: Fact[Measured] | None = None
    end1: End | None = None
    end2: End | None = None
    twist: Fact[Decimal] | None = None
    quantity: Fact[int] | None = None
    wrap: Fact[str] | None = None
    proof_test: bool = False
    burst_test: bool = False
    metric: bool = False
    #: What may be part numbers of a catalogue, in capitals.
    numbers: tuple[str, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    unmatched: tuple[str, ...] = field(default=())
