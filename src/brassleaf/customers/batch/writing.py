"""How the operations of a batch are written, beside others who work on the same customers.

What was planned is tried on the state that was read. Where somebody else was faster, an operation by ERP id looks again
for who has it now, as a single call would. Each can be done again where it is not known whether it was done already:
that comes to the same as long as none that follows it in the plan was.
"""

import asyncio
from collections.abc import Sequence

from brassleaf.customers.batch.planning import Step, no_customer
from brassleaf.customers.service import CustomerService, changed, taken
from brassleaf.errors import BrassleafError, NotFound, Overtaken, Stale, Unavailable
from brassleaf.security.caller import Caller
from brassleaf.store.collections import Document, fold
from brassleaf.store.port import Changed, Duplicate, Repository, Stored
from brassleaf.store.records import TRIES, Records, merged, new_document, pause, tag


class Writing:
    """The writing of one batch. `there` are the customers that it names, as they were read."""

    def __init__(
        self, caller: Caller, repository: Repository, customers: CustomerService, there: dict[str, Stored]
    ) -> None:
        self._caller = caller
        self._records = Records(repository, "customer", caller.label)
        self._repository = repository
        self._customers = customers
        self._there = there
        self._works = {
            "create": self._create,
            "update": self._update,
            "upsert": self._upsert,
            "delete": self._delete,
        }

    async def write(self, steps: Sequence[Step]) -> None:
        """Write operations that do not depend on each other. Raises Unavailable, once none of them writes any more."""
        single = [step for step in steps if not step.creates]
        if new := [step for step in steps if step.creates]:
            results = await self._repository.insert_many([self._document(step) for step in new])
            for step, result in zip(new, results, strict=True):
                if isinstance(result, Stored):
                    self._done(step, result)
                else:
                    single.append(step)
        errors = await asyncio.gather(*map(self._one, single), return_exceptions=True)
        for error in errors:
            if error is not None:
                raise error

    async def _one(self, step: Step) -> None:
        try:
            await self._works[step.operation](step)
        except Duplicate:
            step.outcome.refuse(taken(step.fields.get("erpId")), None if step.creates else step.id)
        except Overtaken as error:
            step.outcome.refuse(error, step.outcome.id)
        except Unavailable:
            raise  # of the whole batch, so that a client repeats it
        except BrassleafError as error:
            step.outcome.refuse(error, None if step.key else step.outcome.id)

    async def _create(self, step: Step) -> None:
        self._done(step, await self._make(step))

    async def _update(self, step: Step) -> None:
        before = self._there.get(step.id)
        for attempt in range(TRIES):
            if before is None or not _fits(step, before):
                before = await self._holder(step)
            try:
                return self._done(step, await self._put(step, before))
            except Changed:
                await pause(attempt)
                before = await self._repository.get(step.id)
        raise Overtaken

    async def _upsert(self, step: Step) -> None:
        before = self._there.get(step.id)
        for attempt in range(TRIES):
            if before is None or not _fits(step, before):
                before = await self._repository.holder("erpId", str(step.key))
            try:
                return self._done(step, await (self._make(step) if before is None else self._put(step, before)))
            except (Changed, Duplicate):
                await pause(attempt)
                before = None
        raise Overtaken

    async def _delete(self, step: Step) -> None:
        before = self._there.get(step.id)
        # a deleted one may have been deleted by the first try of this request
        if before is not None and (before["deleted"] or _fits(step, before)):
            try:
                return await self._remove(step, before)
            except (NotFound, Stale):
                if step.key is None:
                    raise
        for attempt in range(TRIES):
            before = await self._holder(step)
            try:
                return await self._remove(step, before)
            except (NotFound, Stale):
                await pause(attempt)
        raise Overtaken

    # -- one write ------------------------------------------------------------------------------------------------

    def _document(self, step: Step) -> Document:
        return {**new_document(merged({}, step.fields), self._caller.label), "_id": step.drawn}

    async def _make(self, step: Step) -> Stored:
        try:
            return await self._repository.insert(self._document(step))
        except Duplicate:
            if (there := await self._repository.get(step.drawn)) is None:
                raise
            return there  # the first try of a repeated request got as far as this

    async def _put(self, step: Step, before: Stored) -> Stored:
        document = changed(self._caller, before.document, step.fields)
        return before if document == before.document else await self._records.replace(before, document)

    async def _remove(self, step: Step, before: Stored) -> None:
        found = step.key is not None and not before["deleted"]
        await self._customers.delete(self._caller, before.id, frozenset({tag(before)}) if found else None)
        step.outcome.done(before)
        self._there.pop(before.id, None)

    async def _holder(self, step: Step) -> Stored:
        """Who has the ERP id that an operation goes by now. Raises NotFound."""
        if step.key is None:
            raise NotFound(f"There is no customer with the id {step.id}.")
        if (found := await self._repository.holder("erpId", step.key)) is None:
            raise no_customer(step.key)
        return found

    def _done(self, step: Step, stored: Stored) -> None:
        step.outcome.done(stored, made=stored.id == step.drawn)
        if stored.id != step.id:  # the one that was planned is not the one that is meant any more
            self._there.pop(step.id, None)
        self._there[stored.id] = stored


def _fits(step: Step, there: Stored) -> bool:
    """Whether a customer is one that an operation can mean: before it, or after it was done by another try."""
    if there["deleted"]:
        return False
    return step.key is None or key_of(there) in (fold(step.key), step.becomes)


def key_of(stored: Stored) -> str | None:
    """The ERP id of a customer as it is compared."""
    return fold(str(stored["erpId"])) if stored["erpId"] else None
