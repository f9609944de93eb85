"""The rules of batches: many customers in one call, each operation by itself and in its order.

Operations that do not touch the same customer nor hand an ERP id from one to another are written together, in few
commits; the others wait for those that they follow. What is planned from the state before is decided by the store: a
key that somebody else took meanwhile is a refusal of that operation alone.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from brassleaf.customers.batch.models import BatchItem, Unfit
from brassleaf.customers.models import CUSTOMERS, CustomerChange
from brassleaf.customers.service import CustomerService, changed, check_currency, fields_of, no_price_list, taken
from brassleaf.errors import BrassleafError, FieldError, Forbidden, NotFound, Refused, Unavailable
from brassleaf.security.caller import Caller
from brassleaf.store.collections import Document, fold
from brassleaf.store.port import Changed, Duplicate, Repository, Store, Stored
from brassleaf.store.query import AnyOf, Query
from brassleaf.store.records import Records, merged, new_document, new_id


@dataclass(slots=True)
class Outcome:
    """What became of one operation: its status as a single call's, or the error that such a call would raise."""

    index: int
    operation: str | None
    status: int = 200
    id: str | None = None
    erp_id: str | None = None
    error: BrassleafError | None = None


@dataclass(slots=True)
class _Step:
    """One operation that can be tried: on which customer, and after how many others that it depends on."""

    outcome: Outcome
    item: BatchItem
    id: str
    fields: Document
    wave: int
    creates: bool = False


@dataclass(slots=True)
class _Plan:
    """What is known before anything is written: who holds which ERP id, and which operation touched what last."""

    live: dict[str, Stored]
    holders: dict[str, str]
    keys: dict[str, str]
    known: set[str]
    last: dict[str, int] = field(default_factory=dict)
    freed: dict[str, int] = field(default_factory=dict)
    steps: list[_Step] = field(default_factory=list)


class CustomerBatches:
    """Batches of customers of one organization at a time."""

    def __init__(self, store: Store, customers: CustomerService) -> None:
        self._store = store
        self._customers = customers

    async def run(self, caller: Caller, items: Sequence[BatchItem | Unfit]) -> list[Outcome]:
        """Do every operation that can be done; the outcomes in the order of the operations."""
        drawn = [new_id() for _ in items]  # for all of them: a repeated request draws the same for the same place
        repository = self._store.repository(CUSTOMERS, caller.organization)
        plan = await self._known(repository, items, drawn)
        unknown = await self._unknown_price_lists(caller, items)
        currencies = await self._customers.currencies(caller.organization)
        outcomes: list[Outcome] = []
        for index, item in enumerate(items):
            outcome = Outcome(index, item.operation)
            outcomes.append(outcome)
            try:
                if isinstance(item, Unfit):
                    raise Refused.fields(item.errors)
                if (named := _price_list(item)) in unknown:
                    raise no_price_list("customer.priceList", str(named))
                if item.customer is not None:
                    check_currency(item.customer, currencies, "customer.")
                plan.steps.append(_planned(plan, caller, item, outcome, drawn[index]))
            except BrassleafError as error:
                outcome.error = error
        records = Records(repository, "customer", caller.label)
        for wave in range(1 + max((step.wave for step in plan.steps), default=-1)):
            await self._write(caller, records, plan, [step for step in plan.steps if step.wave == wave])
        return outcomes

    async def _known(self, repository: Repository, items: Sequence[BatchItem | Unfit], drawn: Sequence[str]) -> _Plan:
        """The customers that the operations name, read at once."""
        good = [item for item in items if isinstance(item, BatchItem)]
        found = await repository.get_many([*(item.id for item in good if item.id), *drawn])
        said = {text for item in good for text in (item.erpId, _erp_id(item)) if text}
        if said:
            async for batch in repository.stream(Query(AnyOf("erpId", tuple(said)))):
                found.update((entry.id, entry) for entry in batch)
        live = {id_: entry for id_, entry in found.items() if not entry["deleted"]}
        keys = {id_: fold(str(entry["erpId"])) for id_, entry in live.items() if entry["erpId"]}
        return _Plan(live, {key: id_ for id_, key in keys.items()}, keys, set(live))

    async def _unknown_price_lists(self, caller: Caller, items: Sequence[BatchItem | Unfit]) -> set[str | None]:
        named = {named for item in items if isinstance(item, BatchItem) and (named := _price_list(item))}
        return {*await self._customers.unknown_price_lists(caller.organization, named)} if named else set()

    # -- writing --------------------------------------------------------------------------------------------------

    async def _write(self, caller: Caller, records: Records, plan: _Plan, steps: Sequence[_Step]) -> None:
        """Write operations that do not depend on each other."""
        new = [step for step in steps if step.creates]
        if new:
            made = [{**new_document(merged({}, step.fields), caller.label), "_id": step.id} for step in new]
            for step, result in zip(new, await records.repository.insert_many(made), strict=True):
                await self._made(caller, records, plan, step, result)
        await asyncio.gather(*(self._change(caller, records, plan, step) for step in steps if not step.creates))

    async def _made(
        self, caller: Caller, records: Records, plan: _Plan, step: _Step, result: Stored | Duplicate
    ) -> None:
        if isinstance(result, Stored):
            plan.live[step.id] = result
            return
        if result.label == "_id":  # the first try of a repeated request got as far as this
            plan.live[step.id] = await records.get(step.id, deleted=True)
            return
        holder = await records.repository.holder("erpId", str(step.fields.get("erpId")))
        if step.item.operation == "upsert" and holder is not None:  # somebody else made it in between
            step.outcome.status, step.outcome.id = 200, holder.id
            work = records.change(holder.id, lambda before: changed(caller, before, step.fields))
            if (stored := await self._try(step, work)) is not None:
                plan.live[step.id] = stored
            return
        step.outcome.id, step.outcome.error = None, taken(step.fields.get("erpId"))

    async def _change(self, caller: Caller, records: Records, plan: _Plan, step: _Step) -> None:
        if step.item.operation == "delete":
            await self._try(step, self._customers.delete(caller, step.id, None))
            return
        before = plan.live.get(step.id)
        if before is None:
            step.outcome.error = NotFound("The operation that was to make this customer failed.")
            return
        step.outcome.id = before.id
        document = changed(caller, before.document, step.fields)
        if document == before.document:
            return
        try:
            plan.live[step.id] = await records.replace(before, document)
        except Duplicate:
            step.outcome.error = taken(step.fields.get("erpId"))
        except Changed:  # by somebody else: on the newer state
            work = records.change(before.id, lambda newer: changed(caller, newer, step.fields))
            if (stored := await self._try(step, work)) is not None:
                plan.live[step.id] = stored

    @staticmethod
    async def _try(step: _Step, work: Any) -> Any:
        try:
            return await work
        except Duplicate:
            step.outcome.error = taken(step.fields.get("erpId"))
        except Unavailable:
            raise  # of the whole batch, so that a client repeats it
        except BrassleafError as error:
            step.outcome.error = error


# -- planning -------------------------------------------------------------------------------------------------------


def _planned(plan: _Plan, caller: Caller, item: BatchItem, outcome: Outcome, drawn: str) -> _Step:
    """What an operation will do, with what those before it do. Raises what a single call would."""
    fields = fields_of(caller, item.customer or CustomerChange())
    if item.operation == "upsert":
        _check_key(item)
        fields["erpId"] = _erp_id(item)
    target = _target(plan, item, drawn)
    outcome.erp_id = fields.get("erpId") or item.erpId
    if item.operation == "delete" and caller.role != "admin":
        raise Forbidden(f"The role {caller.role} may not delete a customer; an admin may.")
    outcome.id = target or drawn
    if target is None:
        outcome.status = 201
        if drawn in plan.known:  # made by the first try of a repeated request
            return _Step(outcome, item, drawn, {}, plan.last.get(drawn, 0))
    return _ordered(plan, _Step(outcome, item, target or drawn, fields, 0, creates=target is None))


def _ordered(plan: _Plan, step: _Step) -> _Step:
    """The step behind those that it depends on. Raises Refused for an ERP id that another customer has by then."""
    waves = [plan.last.get(step.id, -1)]
    old = plan.keys.get(step.id)
    deletes = step.item.operation == "delete"
    said = step.fields.get("erpId")
    new = None if deletes else (fold(str(said)) if said else None) if "erpId" in step.fields else old
    if new is not None and new != old:
        if plan.holders.get(new, step.id) != step.id:
            step.outcome.id = None if step.creates else step.id
            raise taken(said)
        waves.append(plan.freed.get(new, -1))
    step.wave = 1 + max(waves)
    plan.last[step.id] = step.wave
    if old is not None and old != new:
        plan.holders.pop(old, None)
        plan.keys.pop(step.id, None)
        plan.freed[old] = step.wave
    if new is not None:
        plan.holders[new], plan.keys[step.id] = step.id, new
    (plan.known.discard if deletes else plan.known.add)(step.id)
    return step


def _target(plan: _Plan, item: BatchItem, drawn: str) -> str | None:
    """The customer that an operation means, None where it makes one. Raises NotFound, Refused."""
    if item.operation == "create":
        return None
    if item.operation == "upsert":
        found = plan.holders.get(fold(str(_erp_id(item))))
        return None if found == drawn else found
    if item.id is not None:
        if item.id not in plan.known:
            raise NotFound(f"There is no customer with the id {item.id}.")
        return item.id
    if not item.erpId:
        raise Refused.field("_id", f"Say by `_id` or `erpId` which customer to {item.operation}.")
    found = plan.holders.get(fold(item.erpId))
    if found is None:
        raise NotFound(f"There is no customer with the ERP id {item.erpId}.")
    return found


def _price_list(item: BatchItem) -> str | None:
    return item.customer.priceList if item.customer is not None else None


def _erp_id(item: BatchItem) -> str | None:
    """The ERP id that an operation gives or, for an upsert, finds its customer by."""
    inner = item.customer.erpId if item.customer is not None else None
    return (item.erpId or inner) if item.operation == "upsert" else inner


def _check_key(item: BatchItem) -> None:
    inner = item.customer.erpId if item.customer is not None else None
    if not _erp_id(item):
        raise Refused.field("erpId", "An upsert finds its customer by its ERP id: give one.")
    errors = []
    if inner and item.erpId and fold(inner) != fold(item.erpId):
        errors.append(FieldError("customer.erpId", "Give the ERP id once; an update by `_id` changes it."))
    if item.id is not None:
        errors.append(FieldError("_id", "An upsert goes by the ERP id; leave this out, or send an update."))
    if errors:
        raise Refused.fields(errors)
