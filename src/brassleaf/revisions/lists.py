"""What lists and exports of documents with versions take."""

from collections.abc import Mapping, Sequence

from brassleaf.store.query import Contains, Ids, Where, both, equal


def chosen(ids: Sequence[str], search: Mapping[str, str] | None) -> Where:
    """What an export takes: these documents, or where a search is given the newest versions that it finds.

    A search is by parts of texts, but by the whole of a status; no terms find all.
    """
    if search is None:
        return Ids(tuple(ids))
    terms = [Contains(name, term) for name, term in search.items() if term and name != "status"]
    status = equal("status", search["status"]) if search.get("status") else None
    return both(equal("newest", value=True), status, *terms)
