"""The price of a kit as it is answered."""

from pydantic import Field

from brassleaf.http.models import Shown
from brassleaf.pricing.models import PricedLine, PricedLineWithoutCost
from brassleaf.security.views import View


class PricedKitLineWithoutCost(Shown):
    """A line of one kit."""

    itemId: str
    itemNumber: str
    itemType: str
    partNumber: str | None = None
    revision: str | None = None
    quantity: float
    unitPrice: float | None = Field(
        None,
        description="One piece; null where it cannot be priced. Of an assembly it is rounded to the currency's minor "
        "unit, of an adaptor or other item it may be a fraction of a cent.",
    )
    totalPrice: float | None = Field(None, description="unitPrice x quantity, rounded once.")
    missing: list[str] = Field(description="The parts without a price, by role.")
    items: list[PricedLineWithoutCost] = Field(
        description="What one piece is made of, as the price of an assembly shows it, and which rule gave each price; "
        "an adaptor or other item itself, under the role `item`. Empty where the line has a problem: see `warnings`."
    )
    charges: list[PricedLineWithoutCost] = Field(description="The work on one piece.")


class PricedKitLine(PricedKitLineWithoutCost):
    """A line of one kit with what it costs."""

    items: list[PricedLine]  # type: ignore[assignment]
    charges: list[PricedLine]  # type: ignore[assignment]
    unitCost: float | None = Field(None, description="One piece, rounded as `unitPrice` is.")
    totalCost: float | None = Field(None, description="unitCost x quantity, rounded once.")


class KitPriceWithoutCost(Shown):
    """The price of one kit, and of the quantity."""

    currency: str
    exchangeRate: float | None = None
    quantity: float
    customerOrgId: str | None = Field(None, description="The customer whose prices these are; none: the defaults.")
    date: str
    items: list[PricedKitLineWithoutCost]
    price: float | None = Field(None, description="One kit: its lines added up; null while one cannot be priced.")
    total: float | None = Field(None, description="price x quantity.")
    warnings: list[str] = Field(
        description="Lines with a problem, and amounts with more digits than a number carries: they are left open."
    )


class KitPrice(KitPriceWithoutCost):
    """A price with what it costs."""

    items: list[PricedKitLine]  # type: ignore[assignment]
    cost: float | None = Field(None, description="One kit; null while one cost is not known, or too large to be told.")


KIT_PRICE = View(KitPrice, KitPriceWithoutCost)
