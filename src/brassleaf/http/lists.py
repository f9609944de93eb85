"""Lists: page, size, order, searches and filters in both documented spellings, `updatedSince` and `after`."""

import base64
import binascii
import hashlib
import math
import re
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from typing import Any
from urllib.parse import parse_qsl

import orjson
from starlette.requests import Request

from brassleaf.errors import FieldError, Refused
from brassleaf.http.fields import ID_PATTERN
from brassleaf.store.collections import Collection
from brassleaf.store.query import AnyOf, Contains, Query, Range, Sort, Where, both

DEFAULT_SIZE = 10
LARGEST_SIZE = 1000
LONGEST_TERM = 500
#: Beyond this, a page is read with `after`, which costs the same at any depth.
DEEPEST = 10_000_000
#: How far the stamp of `updatedSince` lies back: more than the clocks of servers differ, and than a write takes.
OVERLAP = timedelta(minutes=2)

#: Programs ask the same lists again and again: so many short query strings a list are read once.
_SHORT, _REMEMBERED = 200, 500

_SEARCH = re.compile(r"^search(?:\.(?P<dotted>.+)|\[(?P<bracketed>.+)\])$")
_SORT = re.compile(r"^sortBy\[(?P<index>\d)\](?:\.|\[)(?P<part>key|order)\]?$")
_ORDERS = {"asc": False, "ascending": False, "desc": True, "descending": True}


@dataclass(frozen=True, slots=True)
class Filter:
    """An un-prefixed filter: exact, repeatable ("any of"). `field` is the store's name where it differs."""

    name: str
    field: str = ""
    check: Callable[[str], Any] = str
    description: str = ""


@dataclass(frozen=True, slots=True)
class ListQuery:
    """What a list request asks, read and checked."""

    query: Query
    page: int
    size: int
    unknown: tuple[str, ...] = ()
    flags: frozenset[str] = frozenset()
    apart: tuple[tuple[str, str], ...] = ()
    follows: bool = False
    stamp: str | None = None

    def stamped(self) -> "ListQuery":
        """With the stamp to follow changes from, where a walk with `after` begins to: made before anything is read.

        It lies so far back that a change which is on its way, or was timed by a slower clock, will not be older.
        Further pages have none: what was changed while they were read is newer than the first one's. Nor has a list
        that is read by `page`: a row that moves between two requests shifts others past the reader, which the next
        reading from the stamp would not show.
        """
        if not self.follows or self.page > 1 or self.query.after != ():
            return self
        return replace(self, stamp=stamp(datetime.now(UTC) - OVERLAP))

    def narrowed(self, *parts: Where | None) -> Query:
        """The query with further conditions, which the caller cannot take away."""
        query = self.query
        return Query(both(query.where, *parts), query.sort, query.skip, query.limit, query.after, query.with_deleted)


@dataclass(frozen=True, slots=True)
class Listing:
    """What one list endpoint understands: the single source of its reading and of its documentation.

    `bracketed` is the spelling of searches that the contract documents; the other is understood as well. `flags` are
    further true-or-false parameters that the endpoint itself acts on. `between` is a field of times that the parameters
    `from` and `to` bound, `since` the one that `updatedSince` bounds; `newest_first` turns the usual order round.
    Parameters that the pattern `apart` fits are left to the endpoint, which has them in `ListQuery.apart`; `more`
    documents them.
    """

    collection: Collection
    search: Sequence[str] = ()
    filters: Sequence[Filter] = ()
    sorts: Sequence[str] = ()
    plural: str = ""
    bracketed: bool = False
    flags: Sequence[str] = ()
    paged: bool = True
    between: str = ""
    since: str = "lastModified"
    newest_first: bool = False
    apart: re.Pattern[str] | None = None
    more: Sequence[Mapping[str, Any]] = ()
    _known: dict[bytes, ListQuery] = field(default_factory=dict, init=False, compare=False, repr=False)

    @property
    def usual(self) -> tuple[Sort, ...]:
        """The order when nobody says otherwise."""
        return (Sort(self.collection.order, descending=True),) if self.newest_first else ()

    def read(self, request: Request) -> ListQuery:
        """The query of a request. Raises Refused, naming every parameter that cannot be used."""
        text = request.scope["query_string"]
        found = self._known.get(text)
        if found is None:
            found = _Reading(self, text).result()
            if len(text) <= _SHORT:
                if len(self._known) >= _REMEMBERED:
                    self._known.clear()
                self._known[text] = found
        return found

    @property
    def sort_names(self) -> tuple[str, ...]:
        """What lists may be sorted by."""
        times = (name for name in ("lastModified", "created") if self.collection.field(name).indexed)
        return tuple(dict.fromkeys((self.collection.order, *self.sorts, *times)))

    @property
    def size_names(self) -> tuple[str, ...]:
        """The spellings of the page size."""
        own = (f"{self.plural}PerPage",) if self.plural else ()
        return ("itemsPerPage", "limit", *own)

    def parameters(self) -> list[dict[str, Any]]:
        """The parameters for the OpenAPI document, in the documented spelling."""
        found = []
        for name in self.search:
            spelled = f"search[{name}]" if self.bracketed else f"search.{name}"
            found.append(parameter(spelled, _STRING, f"Part of {name}: literal, without regard to case."))
        for filter_ in self.filters:
            schema = {"type": "array", "items": {"type": "string"}}
            text = filter_.description or f"Exact {filter_.name}; repeated, any of them."
            found.append(parameter(filter_.name, schema, text))
        found.extend(parameter(flag, {"type": "boolean"}, "") for flag in self.flags)
        if self.between:
            bounds = (("from", "at or after this time"), ("to", "at or before this time, or on this day"))
            found.extend(parameter(name, _TIME, f"Only what is {text}.") for name, text in bounds)
        found.extend(dict(more) for more in self.more)
        if not self.paged:
            return found
        size = {"type": "integer", "minimum": 1, "maximum": LARGEST_SIZE, "default": DEFAULT_SIZE}
        return [
            parameter("page", {"type": "integer", "minimum": 1, "maximum": DEEPEST, "default": 1}, "Page number."),
            *(parameter(name, size, "Documents a page.") for name in self.size_names),
            parameter("sortBy[0].key", {"type": "string", "enum": list(self.sort_names)}, "What to sort by."),
            parameter("sortBy[0].order", {"type": "string", "enum": list(_ORDERS)}, "Direction; default asc."),
            *found,
            parameter(
                "updatedSince",
                {"type": "string", "format": "date-time"},
                "Only what was changed at or after this time, deleted documents too (flagged). With `after=` the first "
                "page answers `updatedSince`: what to send the next time, so that no change is missed. Pages by number "
                "answer none: rows may move between them.",
            ),
            parameter("includeDeleted", {"type": "boolean"}, "Show deleted documents too."),
            parameter(
                "after",
                _STRING,
                "Cursor: empty to start, then `next` of the last answer; reads any number at the same cost.",
            ),
        ]


_STRING = {"type": "string"}
_TIME = {"type": "string", "format": "date-time"}


def parameter(name: str, schema: Mapping[str, Any], description: str) -> dict[str, Any]:
    """A parameter of a query for the OpenAPI document."""
    return {"name": name, "in": "query", "required": False, "schema": schema, "description": description}


def unknown_names(query_string: bytes, known: Container[str]) -> list[str]:
    """The names in a query that are not known, where there is no list to be searched. Raises Refused for a search."""
    names = [name for name in dict(_pairs(query_string)) if name not in known]
    text = "What is at this address cannot be searched or sorted."
    if searching := [FieldError(name, text) for name in names if name.startswith(("search", "sortBy"))]:
        raise Refused.fields(searching)
    return names


class _Reading:
    """One reading of a query string: collects every error before it answers."""

    def __init__(self, listing: Listing, query_string: bytes) -> None:
        self._listing = listing
        self._errors: list[FieldError] = []
        self._unknown: list[str] = []
        self._values: dict[str, list[str]] = {}
        self._apart: list[tuple[str, str]] = []
        for name, value in _pairs(query_string):
            if listing.apart is not None and listing.apart.fullmatch(name):
                self._apart.append((name, value))
                continue
            self._values.setdefault(name, []).append(value)

    def result(self) -> ListQuery:
        values = self._values
        if not values and not self._apart:
            return ListQuery(Query(sort=self._listing.usual), 1, DEFAULT_SIZE)
        page = self._whole("page", DEEPEST) or 1
        size = next((n for name in self._listing.size_names if (n := self._whole(name, LARGEST_SIZE))), DEFAULT_SIZE)
        sort = self._sort()
        where = [*self._filters(), *self._searches(), self._since(), self._between()]
        with_deleted = bool(self._flag("includeDeleted")) or "updatedSince" in values
        flags = frozenset(flag for flag in self._listing.flags if self._flag(flag))
        after = self._cursor(sort)
        self._check_names()
        if self._errors:
            raise Refused.fields(self._errors)
        query = Query(both(*where), sort, (page - 1) * size, size, after, with_deleted)
        unknown, apart = tuple(self._unknown), tuple(self._apart)
        return ListQuery(query, page, size, unknown, flags, apart, follows="updatedSince" in values)

    def _last(self, name: str) -> str | None:
        found = self._values.get(name)
        return found[-1] if found else None

    def _refuse(self, field: str, message: str) -> None:
        self._errors.append(FieldError(field, message))

    def _whole(self, name: str, largest: int) -> int | None:
        text = self._last(name)
        if text is None or text == "":
            return None
        if text.isascii() and text.isdigit() and len(text) <= 9 and 1 <= int(text) <= largest:
            return int(text)
        self._refuse(name, f"Give a whole number from 1 to {largest:,}.")
        return None

    def _flag(self, name: str) -> bool | None:
        text = self._last(name)
        if text is None or text == "":
            return None
        if text.lower() in ("true", "1"):
            return True
        if text.lower() not in ("false", "0"):
            self._refuse(name, "Give true or false.")
        return False

    def _sort(self) -> tuple[Sort, ...]:
        parts: dict[int, dict[str, str]] = {}
        for name, values in self._values.items():
            if found := _SORT.match(name):
                parts.setdefault(int(found["index"]), {})[found["part"]] = values[-1]
        keys: list[Sort] = []
        for index in sorted(parts):
            key, order = parts[index].get("key") or self._listing.collection.order, parts[index].get("order") or "asc"
            if key not in self._listing.sort_names:
                self._refuse(f"sortBy[{index}].key", f"Sort by one of {', '.join(self._listing.sort_names)}.")
            elif order.lower() not in _ORDERS:
                self._refuse(f"sortBy[{index}].order", "Give asc or desc.")
            elif key not in [found.field for found in keys]:
                keys.append(Sort(key, _ORDERS[order.lower()]))
        return tuple(keys) or self._listing.usual

    def _filters(self) -> list[Where]:
        found: list[Where] = []
        for filter_ in self._listing.filters:
            given = [*self._values.get(filter_.name, []), *self._values.get(filter_.name + "[]", [])]
            if not given:
                continue
            try:
                values = tuple(filter_.check(value) for value in given if _printable(value))
            except ValueError as error:
                self._refuse(filter_.name, str(error))
                continue
            if len(values) < len(given):
                self._refuse(filter_.name, "Leave out control characters.")
            found.append(AnyOf(filter_.field or filter_.name, values))
        return found

    def _searches(self) -> list[Where]:
        found: list[Where] = []
        for name, values in self._values.items():
            if not (match := _SEARCH.match(name)):
                continue
            field = match["dotted"] or match["bracketed"]
            if field not in self._listing.search:
                known = ", ".join(self._listing.search) or "nothing here"
                self._refuse(name, f"Search in one of: {known}.")
            elif len(values[-1]) > LONGEST_TERM:
                self._refuse(name, f"Search for at most {LONGEST_TERM} characters.")
            elif not _printable(values[-1]):
                self._refuse(name, "Leave out control characters.")
            elif values[-1].strip():
                found.append(Contains(field, values[-1].strip()))
        return found

    def _since(self) -> Where | None:
        since = self._time("updatedSince")
        return Range(self._listing.since, at_least=since) if since is not None else None

    def _between(self) -> Where | None:
        if not self._listing.between:
            return None
        first, last = self._time("from"), self._time("to", whole_day=True)
        return Range(self._listing.between, at_least=first, at_most=last) if first or last else None

    def _time(self, name: str, *, whole_day: bool = False) -> str | None:
        """A moment; of a day without a time its first one, or its last where the `whole_day` is meant."""
        text = self._last(name)
        if text is None:
            return None
        try:
            moment = datetime.fromisoformat(text.replace(" ", "+", 1) if "T" in text else text)
            if whole_day and len(text) <= len("2026-01-31"):
                moment = datetime.combine(moment, time.max)
            return stamp(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
        except (ValueError, OverflowError):
            self._refuse(name, "Give a date and time like 2026-01-31T12:00:00Z.")
            return None

    def _cursor(self, sort: tuple[Sort, ...]) -> tuple[Any, ...] | None:
        text = self._last("after")
        if text is None:
            return None
        if text == "":
            return ()
        position = read_cursor(text, self._order_key(sort))
        if position is None:
            self._refuse("after", "Give the `next` of an answer to the same list in the same order.")
        return position

    def _order_key(self, sort: tuple[Sort, ...]) -> str:
        return order_key(self._listing.collection, sort)

    def _check_names(self) -> None:
        known = set(self._listing.flags)
        if self._listing.paged:
            known.update(("page", "updatedSince", "includeDeleted", "after", *self._listing.size_names))
        known.update(("from", "to") if self._listing.between else ())
        known.update(name for filter_ in self._listing.filters for name in (filter_.name, filter_.name + "[]"))
        for name in self._values:
            if name in known or _SEARCH.match(name) or _SORT.match(name):
                continue
            if name.startswith(("search", "sortBy")):
                self._refuse(name, "Spell it search.name, search[name], sortBy[0].key or sortBy[0].order.")
            self._unknown.append(name)


def _pairs(query_string: bytes) -> list[tuple[str, str]]:
    try:
        text = query_string.decode("ascii")
        return parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=200)
    except (UnicodeDecodeError, ValueError) as error:
        raise Refused("The query string cannot be read: it takes percent-encoded UTF-8, at most 200 fields.") from error


def _printable(text: str) -> bool:
    return not any(ord(letter) < 32 or 0x7F <= ord(letter) < 0xA0 for letter in text)


def id_text(text: str) -> str:
    """The check of a filter that takes ids."""
    if not re.match(ID_PATTERN, text):
        raise ValueError("Give an id of 24 hex digits.")
    return text.lower()


def stamp(moment: datetime) -> str:
    """A time as it stands in every document: UTC, milliseconds, `Z`; such texts sort by time."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def order_key(collection: Collection, sort: Sequence[Sort]) -> str:
    """Names an order, so that a cursor of another one is refused instead of misread."""
    text = collection.name + "".join(f"|{key.field}{'-' if key.descending else '+'}" for key in sort)
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def write_cursor(position: Sequence[Any], key: str) -> str:
    """An opaque cursor for a position in an order."""
    return base64.urlsafe_b64encode(orjson.dumps([key, *position])).decode().rstrip("=")


def read_cursor(text: str, key: str) -> tuple[Any, ...] | None:
    """The position that a cursor names; None for anything else."""
    try:
        found = orjson.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (ValueError, binascii.Error):
        return None
    if not isinstance(found, list) or len(found) < 3 or found[0] != key:
        return None
    position = tuple(found[1:])
    return position if all(_plain(value) for value in position) else None


def _plain(value: Any) -> bool:
    return isinstance(value, str) or (isinstance(value, int | float) and math.isfinite(value))
