"""The rules of batches: many customers in one call, each operation by itself and in its order.

Operations that do not touch the same customer nor hand an ERP id from one to another are written together, in few
commits: a wave. The others wait for those that they follow. With an idempotency key a batch notes what it found before
its first write, and after each wave what became of it: a repetition goes by the same plan and does the rest.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from brassleaf.customers.batch.models import BatchItem, Unfit
from brassleaf.customers.batch.outcomes import Outcome
from brassleaf.customers.batch.planning import Start, Step, planned, price_list, said_keys
from brassleaf.customers.batch.writing import Writing, key_of
from brassleaf.customers.models import CUSTOMERS
from brassleaf.customers.service import CustomerService
from brassleaf.security.caller import Caller
from brassleaf.security.notes import Notes
from brassleaf.store.port import Repository, Store, Stored
from brassleaf.store.query import AnyOf, Query
from brassleaf.store.records import new_id


class CustomerBatches:
    """Batches of customers of one organization at a time."""

    def __init__(self, store: Store, customers: CustomerService) -> None:
        self._store = store
        self._customers = customers

    async def run(self, caller: Caller, items: Sequence[BatchItem | Unfit]) -> list[Outcome]:
        """Do every operation that can be done; the outcomes in the order of the operations."""
        drawn = [new_id() for _ in items]  # for all of them: a repeated request draws the same for the same place
        repository = self._store.repository(CUSTOMERS, caller.organization)
        notes = Notes(self._store, caller.organization)
        good = [item for item in items if isinstance(item, BatchItem)]
        there = await _named(repository, good)
        start = Start(
            {id_: key_of(entry) for id_, entry in there.items()},
            await self._no_price_lists(caller.organization, good),
        )
        noted, repeated = await notes.first("start", start.noted())
        if repeated:
            start = Start.recalled(noted)
            there = await repository.get_many([*start.keys, *drawn])
        outcomes, steps = planned(caller, items, drawn, start)
        done = await _recalled(notes, outcomes) if repeated else []
        known = set().union(*done)
        waves: defaultdict[int, list[Step]] = defaultdict(list)
        for step in steps:
            if step.outcome.index not in known:
                waves[step.wave].append(step)
        writing = Writing(caller, repository, self._customers, there)
        for place, number in enumerate(order := sorted(waves), start=len(done)):
            await writing.write(waves[number])
            if number != order[-1]:  # what follows stands on it; behind the last one comes the answer
                shown = [step.outcome.shown() for step in waves[number]]
                await notes.add(_wave(place), {"outcomes": shown})
        return outcomes

    async def _no_price_lists(self, organization: str, items: Iterable[BatchItem]) -> frozenset[str]:
        named = {named for item in items if (named := price_list(item))}
        return frozenset(await self._customers.unknown_price_lists(organization, named)) if named else frozenset()


async def _named(repository: Repository, items: Sequence[BatchItem]) -> dict[str, Stored]:
    """The live customers that operations name, read at once."""
    found = await repository.get_many([item.id for item in items if item.id])
    if said := set().union(*map(said_keys, items)):
        async for batch in repository.stream(Query(AnyOf("erpId", tuple(said)))):
            found.update((entry.id, entry) for entry in batch)
    return {id_: entry for id_, entry in found.items() if not entry["deleted"]}


def _wave(place: int) -> str:
    """What the wave at that place is noted under."""
    return f"wave {place}"


async def _recalled(notes: Notes, outcomes: Sequence[Outcome]) -> list[set[int]]:
    """Give the operations that another try has noted as done their outcomes; which these were, by waves."""
    noted = await notes.kept([_wave(place) for place in range(len(outcomes))])
    for wave in noted:
        for shown in wave["outcomes"]:
            outcomes[shown["index"]].recall(shown)
    return [{shown["index"] for shown in wave["outcomes"]} for wave in noted]
