"""What requests found in the store, kept for the next ones for as long as nothing was written where it was found.

It cannot be out of date: every request asks anew how often the collections have been written to, by whichever process,
and one more write empties the memory of the organization, or of all where it is the shared catalogue's. The number is
read before anything is looked up, so that what is found while somebody writes counts as found before that write and
goes with it. A store that does not count (MongoDB) remembers nothing from one request to the next.
"""

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable, Sequence
from typing import Any, TypeVar

from brassleaf.store.collections import SHARED, Collection
from brassleaf.store.port import Store

T = TypeVar("T")

#: So many organizations are kept, and so many answers of each: a shop asks for the same few hundred parts all year.
_ORGANIZATIONS = 16
_ANSWERS = 2_000


class Memory:
    """What is known of an organization as of one count of writes."""

    __slots__ = ("_found", "get", "writes")

    def __init__(self, writes: int | None) -> None:
        self.writes = writes
        self._found: dict[Hashable, Any] = {}
        #: What is kept for a key, or None: a list asks this for each of its rows.
        self.get = self._found.get

    def keep(self, key: Hashable, found: Any) -> None:
        """Keep what was found for a key; it is shared and must not be changed."""
        if len(self._found) >= _ANSWERS:
            self._found.clear()
        self._found[key] = found

    async def recall(self, key: Hashable, find: Callable[[], Awaitable[T]]) -> T:
        """What was found for a key before, or is now; it is shared and must not be changed."""
        try:
            found: T = self._found[key]
        except KeyError:
            found = await find()
            self.keep(key, found)
        return found


class Remembered:
    """The memories of organizations, of what some collections hold; of `shared` ones in the shared catalogue too."""

    def __init__(
        self,
        store: Store,
        collections: Sequence[Collection],
        shared: Sequence[Collection] = (),
        organizations: int = _ORGANIZATIONS,
    ) -> None:
        self._store = store
        self._most = organizations
        self._collections = collections
        self._shared = [(collection, SHARED) for collection in shared]
        self._memories: OrderedDict[str, Memory] = OrderedDict()

    def of(self, organization: str) -> Memory:
        """What is known of an organization now."""
        own = [(collection, organization) for collection in self._collections]
        writes = self._store.written([*own, *self._shared])
        memory = self._memories.get(organization)
        if memory is None or writes is None or memory.writes != writes:
            memory = self._memories[organization] = Memory(writes)
            while len(self._memories) > self._most:
                self._memories.popitem(last=False)
        self._memories.move_to_end(organization)
        return memory
