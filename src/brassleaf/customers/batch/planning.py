"""What the operations of a batch will do: on which customers, and which of them have to wait for which.

Pure: the same operations on the same start give the same plan, which a repeated request goes by.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from brassleaf.customers.batch.models import BatchItem, Unfit
from brassleaf.customers.batch.outcomes import Outcome
from brassleaf.customers.models import CustomerChange
from brassleaf.customers.service import fields_of, no_price_list, taken
from brassleaf.errors import BrassleafError, FieldError, Forbidden, NotFound, Refused
from brassleaf.security.caller import Caller
from brassleaf.store.collections import Document, fold


@dataclass(frozen=True, slots=True)
class Start:
    """What a batch found before it wrote anything.

    `keys` has the live customers that it names, by id, each with its ERP id as that is compared, or None;
    `no_price_lists` are the ids that are no price list.
    """

    keys: dict[str, str | None]
    no_price_lists: frozenset[str] = frozenset()

    def noted(self) -> Document:
        """As it is noted for a repetition."""
        return {"keys": self.keys, "noPriceLists": sorted(self.no_price_lists)}

    @classmethod
    def recalled(cls, noted: Document) -> "Start":
        """As it was noted."""
        return cls(noted["keys"], frozenset(noted["noPriceLists"]))


@dataclass(slots=True)
class Step:
    """One operation that can be tried, on the customer `id`, after all of the waves before its own.

    `key` is the ERP id that it finds its customer by, None where it goes by `_id` or is to make one; `becomes` the one
    that the customer has afterwards, as it is compared. What it makes has the id `drawn`.
    """

    outcome: Outcome
    operation: str
    id: str
    drawn: str
    fields: Document
    key: str | None = None
    becomes: str | None = None
    creates: bool = False
    wave: int = 0


@dataclass(slots=True)
class _Plan:
    """Who holds which ERP id once all operations so far are done, and in which wave each of them is touched last."""

    keys: dict[str, str | None]
    holders: dict[str, str]
    last: dict[str, int] = field(default_factory=dict)
    freed: dict[str, int] = field(default_factory=dict)


def planned(
    caller: Caller, items: Sequence[BatchItem | Unfit], drawn: Sequence[str], start: Start
) -> tuple[list[Outcome], list[Step]]:
    """The outcomes of all operations, where one is refused at once with why; and the steps of the others.

    `drawn` are the ids of what they make, by their places.
    """
    plan = _Plan(dict(start.keys), {key: id_ for id_, key in start.keys.items() if key})
    outcomes: list[Outcome] = []
    steps: list[Step] = []
    for index, item in enumerate(items):
        outcome = Outcome(index, item.operation)
        outcomes.append(outcome)
        try:
            if isinstance(item, Unfit):
                raise Refused.fields(item.errors)
            outcome.erp_id = item.erpId or _inner(item)
            if (named := price_list(item)) in start.no_price_lists:
                raise no_price_list("customer.priceList", str(named))
            steps.append(_step(plan, caller, item, outcome, drawn[index]))
        except BrassleafError as error:
            outcome.refuse(error, outcome.id)
    return outcomes, steps


def said_keys(item: BatchItem) -> set[str]:
    """The ERP ids that an operation names."""
    return {text for text in (item.erpId, _inner(item)) if text}


def price_list(item: BatchItem) -> str | None:
    """The price list that an operation gives its customer."""
    return item.customer.priceList if item.customer is not None else None


def _step(plan: _Plan, caller: Caller, item: BatchItem, outcome: Outcome, drawn: str) -> Step:
    """What an operation will do, with what those before it do. Raises what a single call would."""
    fields = fields_of(caller, item.customer or CustomerChange())
    if item.operation in ("create", "upsert"):
        _check_new(item)
        if item.erpId:
            fields["erpId"] = item.erpId
    target, key = _target(plan, item)
    if item.operation == "delete" and caller.role != "admin":
        raise Forbidden(f"The role {caller.role} may not delete a customer; an admin may.")
    outcome.id = target
    step = Step(outcome, item.operation, target or drawn, drawn, fields, key, creates=target is None)
    if item.operation != "delete":
        said = fields.get("erpId")
        step.becomes = (fold(str(said)) if said else None) if "erpId" in fields else plan.keys.get(step.id)
    _order(plan, step)
    return step


def _order(plan: _Plan, step: Step) -> None:
    """Put a step behind those that it depends on. Raises Refused for an ERP id that another customer has by then."""
    waves = [plan.last.get(step.id, -1)]
    old, new = plan.keys.get(step.id), step.becomes
    if new is not None and new != old:
        if plan.holders.get(new, step.id) != step.id:
            raise taken(step.fields.get("erpId"))
        waves.append(plan.freed.get(new, -1))
    step.wave = 1 + max(waves)
    plan.last[step.id] = step.wave
    if old is not None and old != new:
        plan.holders.pop(old, None)
        plan.freed[old] = step.wave
    if new is not None:
        plan.holders[new] = step.id
    if step.operation == "delete":
        del plan.keys[step.id]
    else:
        plan.keys[step.id] = new


def _target(plan: _Plan, item: BatchItem) -> tuple[str | None, str | None]:
    """The customer that an operation means, None where it makes one, and the ERP id that it is found by.

    Raises NotFound, Refused.
    """
    if item.operation == "create":
        return None, None
    if item.operation == "upsert":
        key = str(item.erpId or _inner(item))
        return plan.holders.get(fold(key)), key
    if item.id is not None:
        if item.id not in plan.keys:
            raise NotFound(f"There is no customer with the id {item.id}.")
        if item.erpId and plan.keys[item.id] != fold(item.erpId):
            text = "The customer of this `_id` has another ERP id. Give one of the two; `customer.erpId` changes it."
            raise Refused.field("erpId", text)
        return item.id, None
    if not item.erpId:
        raise Refused.field("_id", f"Say by `_id` or `erpId` which customer to {item.operation}.")
    if (found := plan.holders.get(fold(item.erpId))) is None:
        raise no_customer(item.erpId)
    return found, item.erpId


def no_customer(erp_id: str) -> NotFound:
    """What to say of an ERP id that no customer has."""
    return NotFound(f"There is no customer with the ERP id {erp_id}.")


def _inner(item: BatchItem) -> str | None:
    """The ERP id among the fields of an operation's customer."""
    return item.customer.erpId if item.customer is not None else None


def _check_new(item: BatchItem) -> None:
    """Raise Refused for an operation that may make a customer and contradicts itself on who that is."""
    inner = _inner(item)
    if item.operation == "upsert" and not (item.erpId or inner):
        raise Refused.field("erpId", "An upsert finds its customer by its ERP id: give one.")
    errors = []
    if inner and item.erpId and fold(inner) != fold(item.erpId):
        errors.append(FieldError("customer.erpId", "Give the ERP id once; an update by `_id` changes it."))
    if item.id is not None:
        how = "An upsert goes by the ERP id" if item.operation == "upsert" else "A new customer gets an id of its own"
        errors.append(FieldError("_id", f"{how}; leave this out, or send an update."))
    if errors:
        raise Refused.fields(errors)
