"""What is stored of prices, and what a price answers."""

from pydantic import Field

from brassleaf.http.models import Shown
from brassleaf.security.views import View
from brassleaf.store.collections import Collection, Unique
from brassleaf.store.collections import Field as Queried

PRICE_LISTS = Collection(
    "priceLists",
    (Queried("name", search=True), Queried("priceListId", search=True)),
    {
        "name": Unique("name"),
        "priceListId": Unique("priceListId"),
    },
    order="name",
)
#: What one price list says of one item: at most one document each.
PRICE_LIST_ITEMS = Collection(
    "priceListItems", (Queried("priceList"), Queried("item"), Queried("itemType", indexed=False))
)


class Considered(Shown):
    """A rule of the precedence: the price that it gives, or why it gives none."""

    rule: str
    unitPrice: float | None = None
    quantityBreak: float | None = Field(
        None, description="The quantity from which the price holds, if a break gave it."
    )
    reason: str
    won: bool


class PricedLineWithoutCost(Shown):
    """One component or charge of one assembly, and which rule gave its price."""

    role: str
    name: str
    item: str | None = None
    itemType: str | None = None
    brand: str | None = None
    partNumber: str | None = None
    quantity: float = Field(
        description="What one assembly takes: pieces, or of what is cut its length with kerf and scrap."
    )
    cutLength: float | None = None
    unitOfMeasure: str
    unitListPrice: float | None = None
    unitPrice: float | None = None
    listPrice: float | None = None
    price: float | None = None
    priceSource: str | None = Field(None, description="The rule that won.")
    priceList: str | None = Field(None, description="The price list that won, by name; not told to customers.")
    quantityBreak: float | None = Field(
        None, description="The break that won: pieces or length of the item in the whole request; see `explanation`."
    )
    nextQuantityBreak: float | None = Field(None, description="The next break of the same price, counted in its unit.")
    discountPercent: float | None = Field(None, description="The discount in the unit price.")
    startDate: str | None = Field(None, description="The first day of the customer's own price that won.")
    endDate: str | None = Field(None, description="Its last day.")
    explanation: str


class PricedLine(PricedLineWithoutCost):
    """One component or charge with its cost and every rule that was considered."""

    unitCost: float | None = None
    cost: float | None = None
    kerf: float | None = Field(None, description="What the saw takes of a hose, by the organization's `kerf`.")
    scrap: float | None = Field(None, description="What is lost of a length, by the organization's `scrapPercent`.")
    marginPercent: float | None = Field(None, description="The margin in the unit price, where that comes from cost.")
    considered: list[Considered] | None = Field(None, description="For the shop only: every rule, strongest first.")


class PriceWithoutCost(Shown):
    """The price of one assembly and of the quantity. Lines show their own rounding; `rounding` makes them add up."""

    currency: str
    exchangeRate: float | None = Field(
        None, description="What one unit of the organization's currency buys of another one; none: it is the same."
    )
    quantity: float
    customerOrgId: str | None = Field(None, description="The customer whose prices these are; none: the defaults.")
    date: str
    items: list[PricedLineWithoutCost]
    charges: list[PricedLineWithoutCost]
    listPrice: float | None = Field(None, description="One assembly at list prices.")
    netPrice: float | None = Field(None, description="One assembly; null while a component has no price.")
    rounding: float
    total: float | None = Field(None, description="netPrice x quantity.")
    missing: list[str] = Field(description="Roles of components without a price.")
    warnings: list[str]


class Price(PriceWithoutCost):
    """A price with what it costs."""

    items: list[PricedLine]  # type: ignore[assignment]
    charges: list[PricedLine]  # type: ignore[assignment]
    cost: float | None = None
    marginPercent: float | None = None


PRICE = View(Price, PriceWithoutCost)
