"""Pages that were read, kept for as long as nothing is written to what they were read from.

Programs ask the same lists again and again. A page is kept with the number of writes that its collections had seen
(`tally`), which is raised in the transaction of each write, whichever process it is of: it cannot be out of date.
"""

from collections import OrderedDict
from collections.abc import Hashable

from brassleaf.store.port import Page

_MOST_BYTES = 16_000_000
_LARGEST = 500_000


class Pages:
    """The pages of one store: those asked for last, up to so many bytes of documents."""

    def __init__(self) -> None:
        self._found: OrderedDict[Hashable, tuple[int, Page, int]] = OrderedDict()
        self._bytes = 0

    def get(self, key: Hashable, writes: int) -> Page | None:
        """The page of a question as of so many writes."""
        found = self._found.get(key)
        if found is None or found[0] != writes:
            return None
        self._found.move_to_end(key)
        return found[1]

    def keep(self, key: Hashable, writes: int, page: Page) -> None:
        """Keep a page, unless it is a large one."""
        size = sum(map(len, page.raw))
        if size > _LARGEST:
            return
        if (former := self._found.pop(key, None)) is not None:
            self._bytes -= former[2]
        self._found[key] = (writes, page, size)
        self._bytes += size
        while self._bytes > _MOST_BYTES:
            self._bytes -= self._found.popitem(last=False)[1][2]
