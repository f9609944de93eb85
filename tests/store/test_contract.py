"""The contract of a store: what holds for the embedded one and for MongoDB through either driver alike."""

import asyncio
import copy
import gc
import random
from collections import Counter
from dataclasses import replace as changed

import pytest
from store_samples import COLLECTIONS, ENDS, HOSES, NOTES, ONE, TWO, USERS, hose, user

from brassleaf.errors import BrassleafError
from brassleaf.store.collections import SHARED, Collection, Field, Unique
from brassleaf.store.port import Changed, Dumped, Duplicate, Repository, Stored, StoreDown
from brassleaf.store.query import (
    EVERYTHING,
    And,
    AnyOf,
    Contains,
    Exists,
    Ids,
    Linked,
    Not,
    Or,
    Query,
    Range,
    Sort,
    Where,
    both,
    equal,
)
from brassleaf.store.trail import AUDIT

pytestmark = pytest.mark.anyio


async def found(repository, where: Where = EVERYTHING, **more) -> list[str]:
    """The numbers of the documents that a condition holds for; page, count, total and stream must agree on them."""
    query = Query(where, limit=1000, **more)
    page = await repository.page(query)
    streamed = [entry.id async for batch in repository.stream(query, batch=3) for entry in batch]
    assert streamed == [entry.id for entry in page.items]
    assert page.total == len(streamed)
    if not query.with_deleted:
        assert await repository.count(where) == len(streamed)
    return [entry["number"] for entry in page.items]


async def fill(repository, **documents) -> dict[str, Stored]:
    """Insert a hose for every keyword, which becomes its number."""
    return {number: await repository.insert(hose(number=number, **values)) for number, values in documents.items()}


# -- one document -----------------------------------------------------------------------------------------------------


async def test_a_document_comes_back_as_it_was_put_in(store):
    hoses = store.repository(HOSES, ONE)
    document = hose(
        number="H-1",
        whole=3,
        big=2**53 + 1,
        negative=-(2**62),
        fraction=0.1,
        full=2.0,
        nothing=None,
        empty={},
        none=[],
        text="ünïcödé 中文 🐍 \" ' \\ \u2028",
        nested={"a": [{"b": {"c": [1, 2.5, "x", None, True]}}], "": 0},
        **{"with space": 1, "_x": 2},
    )
    kept = copy.deepcopy(document)
    inserted = await hoses.insert(document)
    assert (inserted.id, inserted.revision, inserted.document) == (document["_id"], 1, kept)
    read = await hoses.get(document["_id"])
    assert (read.id, read.revision, read.document) == (document["_id"], 1, kept)
    assert type(read["full"]) is float
    assert isinstance(read["whole"], int)
    assert b'"full":2.0' in read.raw
    listed = (await hoses.page(Query())).items[0]
    assert listed.document == kept
    assert (await hoses.page(Query(after=()))).items[0].document == kept
    assert (await hoses.get_many([document["_id"]]))[document["_id"]].document == kept


async def test_get_knows_deleted_documents_and_not_others(store):
    hoses = store.repository(HOSES, ONE)
    gone = await hoses.insert(hose(number="1", deleted=True))
    assert (await hoses.get(gone.id))["deleted"] is True
    assert await hoses.get("f" * 24) is None
    assert await hoses.get("") is None


async def test_get_many(store):
    hoses = store.repository(HOSES, ONE)
    kept = await fill(hoses, A={}, B={"deleted": True})
    ids = [entry.id for entry in kept.values()]
    assert await hoses.get_many([]) == {}
    assert set(await hoses.get_many([*ids, ids[0], "f" * 24])) == set(ids)
    missing = [f"{number:024x}" for number in range(2**90, 2**90 + 2500)]
    assert set(await hoses.get_many([*missing, *ids])) == set(ids)


# -- conditions -------------------------------------------------------------------------------------------------------


async def test_texts_are_compared_without_regard_to_case(store):
    hoses = store.repository(HOSES, ONE)
    await fill(
        hoses, A={"name": "Straße"}, B={"name": "İstanbul"}, C={"name": "Cafe\u0301"}, D={"name": "ΣΊΣΥΦΟΣ"}, E={}
    )
    assert await found(hoses, equal("name", "STRASSE")) == ["A"]
    assert await found(hoses, equal("name", "i\u0307stanbul")) == ["B"]
    assert await found(hoses, equal("name", "CAFÉ")) == ["C"]
    assert await found(hoses, equal("name", "σίσυφος")) == ["D"]
    assert await found(hoses, Contains("name", "RASS")) == ["A"]
    assert await found(hoses, Contains("name", "ß")) == ["A"]
    assert await found(hoses, Contains("name", "é")) == ["C"]
    assert await found(hoses, Contains("name", "ΦΟς")) == ["D"]
    assert await found(hoses, AnyOf("name", ("straße", "CAFÉ"))) == ["A", "C"]
    assert await found(hoses, AnyOf("name", ())) == []
    assert await found(hoses, AnyOf("name", (None, "straße"))) == ["A", "E"]
    assert await found(hoses, AnyOf("name", ("",))) == ["E"]


@pytest.mark.parametrize("field", ["name", "note"])  # with and without a substring index
async def test_a_term_is_literal(store, field):
    hoses = store.repository(HOSES, ONE)
    texts = [
        *(r"a.*b", "axxb", "100%", "1000", "a_b", "azb", r"back\slash", r"back\\slash", '"quoted"', "it's", "[x]", "x"),
        *("(a|b)", "a+b", "aab", "^start$", "{2}", "c?d", "cd", "a\0b", "a\ufffdb", "tab\tnew\nline", "-04-06"),
        *("🐍🐍🐍", "%%", "__", "..", "NEAR(a b)", "OR", "x AND y", "name:x", "#1 /2/", "a b", "~`!@&=;,<>"),
    ]
    texts = [text.casefold() for text in texts]
    await hoses.insert_many([hose(number=str(index), **{field: text}) for index, text in enumerate(texts)])
    for text in texts:
        for term in {text.upper(), text[:2]}:
            expected = [str(index) for index, other in enumerate(texts) if term.casefold() in other]
            page = await hoses.page(Query(Contains(field, term), limit=100))
            assert [entry["number"] for entry in page.items] == expected, term


async def test_terms_of_every_length(store):
    hoses = store.repository(HOSES, ONE)
    long = "x" * 300 + "needle" + "y" * 300
    await fill(hoses, A={"name": "ab"}, B={"name": "xab"}, C={"name": long}, D={})
    assert await found(hoses, Contains("name", "a")) == ["A", "B"]
    assert await found(hoses, Contains("name", "ab")) == ["A", "B"]
    assert await found(hoses, Contains("name", "xab")) == ["B"]
    assert await found(hoses, Contains("name", "NEEDLE")) == ["C"]
    assert await found(hoses, Contains("name", long.upper())) == ["C"]
    assert await found(hoses, Contains("name", long + "z")) == []
    assert await found(hoses, Contains("name", "")) == ["A", "B", "C", "D"]


async def test_a_number_contains_no_text(store):
    hoses = store.repository(HOSES, ONE)
    await fill(hoses, A={"size": 12, "active": True}, B={})
    for term in ("1", "12", "", "-1.79"):
        assert await found(hoses, Contains("size", term)) == []
        assert await found(hoses, Contains("active", term)) == []


async def test_ranges(store):
    hoses = store.repository(HOSES, ONE)
    await fill(hoses, A={"size": 4, "name": "b"}, B={"size": 4.5, "name": "C"}, C={"size": 10, "name": "d"}, D={})
    assert await found(hoses, Range("size", at_least=4.5)) == ["B", "C"]
    assert await found(hoses, Range("size", more_than=4)) == ["B", "C"]
    assert await found(hoses, Range("size", at_least=4, at_most=4.5)) == ["A", "B"]
    assert await found(hoses, Range("size", at_least=0, at_most=4)) == ["A"]
    assert await found(hoses, Range("size", at_most=4)) == ["A", "D"]  # "no number" sorts before every number
    assert await found(hoses, Range("size")) == ["A", "B", "C", "D"]
    assert await found(hoses, Range("name", at_least="B", at_most="c")) == ["A", "B"]
    assert await found(hoses, Range("name", more_than="c")) == ["C"]
    assert await found(hoses, Range("created", at_least="2026-01-01T00:00:00.000000Z")) == ["A", "B", "C", "D"]


async def test_exists(store):
    hoses = store.repository(HOSES, ONE)
    await fill(
        hoses,
        A={"name": "x", "size": 0, "maker": {"name": "M"}},
        B={"name": "", "size": "12", "maker": {}},
        C={"name": None, "size": True, "maker": None},
    )
    assert await found(hoses, Exists("name")) == ["A"]
    assert await found(hoses, Exists("name", present=False)) == ["B", "C"]
    assert await found(hoses, Exists("size")) == ["A"]
    assert await found(hoses, Exists("size", present=False)) == ["B", "C"]
    assert await found(hoses, Exists("maker.name")) == ["A"]


async def test_numbers_and_flags_are_compared_by_value(store):
    hoses = store.repository(HOSES, ONE)
    await fill(hoses, A={"size": 4, "active": True}, B={"size": 4.0, "active": False}, C={"size": -0.0}, D={})
    assert await found(hoses, equal("size", 4)) == ["A", "B"]
    assert await found(hoses, equal("size", 4.0)) == ["A", "B"]
    assert await found(hoses, equal("size", 0)) == ["C"]
    assert await found(hoses, equal("size", None)) == ["D"]
    assert await found(hoses, AnyOf("active", (True,))) == ["A"]
    assert await found(hoses, AnyOf("active", (False,))) == ["B", "C", "D"]


async def test_a_computed_field_follows_its_document(store):
    users = store.repository(USERS, ONE)
    first = await users.insert(user(email="anna@Example.com"))
    await users.insert(user(email="ben@example.net"))
    assert [entry.id for entry in (await users.page(Query(equal("domain", "example.COM")))).items] == [first.id]
    await users.replace(first, {**first.document, "email": "anna@example.net"})
    assert (await users.page(Query(equal("domain", "example.com")))).total == 0
    assert (await users.page(Query(equal("domain", "example.net"), (Sort("domain"),)))).total == 2


async def test_conditions_nest(store):
    hoses = store.repository(HOSES, ONE)
    await fill(hoses, A={"name": "a", "size": 1}, B={"name": "b", "size": 2}, C={"name": "c", "size": 3}, D={})
    a, b, small = equal("name", "a"), equal("name", "b"), Range("size", at_least=0, at_most=2)
    assert await found(hoses, And()) == ["A", "B", "C", "D"]
    assert await found(hoses, Or()) == []
    assert await found(hoses, Not(And())) == []
    assert await found(hoses, Not(Or())) == ["A", "B", "C", "D"]
    assert await found(hoses, Or((a, b))) == ["A", "B"]
    assert await found(hoses, And((small, Not(a)))) == ["B"]
    assert await found(hoses, Not(Or((a, Not(small))))) == ["B"]
    assert await found(hoses, Not(Not(a))) == ["A"]
    assert await found(hoses, And((Or((a, b)), Or((b, equal("name", "c"))), Not(Or())))) == ["B"]
    assert await found(hoses, Not(Contains("name", "a"))) == ["B", "C", "D"]
    assert await found(hoses, both(small, None, And((Not(b),)))) == ["A"]


async def test_ids(store):
    hoses = store.repository(HOSES, ONE)
    kept = await fill(hoses, A={}, B={}, C={"deleted": True})
    ids = {number: entry.id for number, entry in kept.items()}
    assert await found(hoses, Ids((ids["B"], ids["A"], ids["C"], "f" * 24))) == ["A", "B"]
    assert await found(hoses, Ids((ids["C"],)), with_deleted=True) == ["C"]
    assert await found(hoses, Ids(())) == []
    assert await found(hoses, Not(Ids((ids["A"],)))) == ["B"]


async def test_fields_with_many_values(store):
    hoses = store.repository(HOSES, ONE)
    kept = await fill(
        hoses,
        A={"tags": ["Red", "hot", "RED"], "lines": [{"part": "P1", "count": 1}, {"part": "P2"}]},
        B={"tags": "red", "lines": [{"part": ["P2", "P3"]}]},
        C={"tags": [], "lines": []},
        D={},
    )
    assert await found(hoses, AnyOf("tags", ("rED",))) == ["A", "B"]
    assert await found(hoses, AnyOf("tags", ("hot", "cold"))) == ["A"]
    assert await found(hoses, AnyOf("lines.part", ("p2",))) == ["A", "B"]
    assert await found(hoses, AnyOf("lines.part", ("p3",))) == ["B"]
    assert await found(hoses, AnyOf("lines.count", (1.0,))) == ["A"]
    assert await found(hoses, Not(AnyOf("tags", ("red",)))) == ["C", "D"]
    assert await found(hoses, AnyOf("tags", (None, ""))) == []
    await hoses.replace(kept["A"], {**kept["A"].document, "tags": ["cold"]})
    assert await found(hoses, AnyOf("tags", ("red",))) == ["B"]
    assert await found(hoses, AnyOf("tags", ("cold", "red"))) == ["A", "B"]
    assert await found(hoses, AnyOf("lines.part", ("p1",))) == ["A"]


@pytest.mark.parametrize(
    "query",
    [
        Query(equal("unheard", 1)),
        Query(sort=(Sort("unheard"),)),
        Query(Contains("tags", "x")),
        Query(Exists("tags")),
        Query(Range("tags", at_least="x")),
        Query(sort=(Sort("tags"),)),
    ],
)
async def test_a_question_that_was_not_declared_is_our_mistake(store, query):
    with pytest.raises(KeyError):
        await store.repository(HOSES, ONE).page(query)


# -- order and pages --------------------------------------------------------------------------------------------------


async def test_lists_come_in_the_usual_order(store):
    hoses = store.repository(HOSES, ONE)
    late, early, same = hose(number="late"), hose(number="early"), hose(number="same")
    late["created"], early["created"] = "2026-03-01", "2026-02-01"
    same["created"] = early["created"]
    for document in (late, same, early):
        await hoses.insert(document)
    assert await found(hoses) == ["early", "same", "late"]  # the id breaks the tie
    assert await found(hoses, sort=(Sort("created", descending=True),)) == ["late", "same", "early"]


async def test_orders_with_blanks_and_ties(store):
    hoses = store.repository(HOSES, ONE)
    await fill(
        hoses, A={"size": 2, "name": "b"}, B={"name": "B"}, C={"size": -1, "name": "a"}, D={"size": 2}, E={"size": 10.5}
    )
    ascending, descending = (Sort("size"),), (Sort("size", descending=True),)
    assert await found(hoses, sort=ascending) == ["B", "C", "A", "D", "E"]
    assert await found(hoses, sort=descending) == ["E", "D", "A", "C", "B"]
    assert await found(hoses, sort=(Sort("name"),)) == ["D", "E", "C", "A", "B"]
    assert await found(hoses, sort=(Sort("name", descending=True),)) == ["B", "A", "C", "E", "D"]
    assert await found(hoses, sort=(Sort("name"), Sort("size", descending=True))) == ["E", "D", "C", "A", "B"]
    assert await found(hoses, sort=(Sort("size", descending=True), Sort("name"))) == ["E", "D", "A", "C", "B"]
    assert await found(hoses, sort=(Sort("size"), Sort("size", descending=True))) == ["B", "C", "D", "A", "E"]
    assert await found(hoses, sort=(Sort("created", descending=True),)) == ["E", "D", "C", "B", "A"]


async def test_text_sorts_by_code_point_of_its_folded_form(store):
    hoses = store.repository(HOSES, ONE)
    names = ["a", "B", "ä", "z", "Z1", "中", "🐍", "\uffff", "", " ", "10", "9", "_", "~"]
    await hoses.insert_many([hose(number=name, name=name) for name in names])
    assert await found(hoses, sort=(Sort("name"),)) == sorted(names, key=str.casefold)


async def test_pages(store):
    hoses = store.repository(HOSES, ONE)
    await hoses.insert_many(
        [hose(number=str(number), name="even" if number % 2 == 0 else "odd") for number in range(7)]
    )

    async def page(skip: int, limit: int, where: Where = EVERYTHING) -> tuple[list[str], int]:
        answer = await hoses.page(Query(where, skip=skip, limit=limit))
        assert answer.next is None
        return [entry["number"] for entry in answer.items], answer.total

    assert await page(0, 3) == (["0", "1", "2"], 7)
    assert await page(6, 3) == (["6"], 7)
    assert await page(7, 3) == ([], 7)
    assert await page(700, 3) == ([], 7)
    assert await page(0, 7) == (list("0123456"), 7)
    assert await page(0, 0) == ([], 7)
    assert await page(1, 2, equal("name", "even")) == (["2", "4"], 4)
    assert await page(3, 2, equal("name", "even")) == (["6"], 4)
    assert await page(5, 2, equal("name", "even")) == ([], 4)
    assert await page(0, 2, equal("name", "neither")) == ([], 0)
    assert (await hoses.page(Query(limit=0, after=()))).next is None


ORDERS = (
    (),
    (Sort("size"),),
    (Sort("size", descending=True),),
    (Sort("name"), Sort("size", descending=True)),
    (Sort("active", descending=True), Sort("maker.name")),
    (Sort("lastModified"),),
    (Sort("created", descending=True),),
    (Sort("size"), Sort("size", descending=True)),
)


@pytest.mark.parametrize("with_deleted", [False, True])
async def test_a_cursor_meets_every_document_once(store, with_deleted):
    draw = random.Random(7)
    own, common = store.repository(HOSES, ONE), store.repository(HOSES, SHARED)
    documents = []
    for number in range(15):
        document = hose(number=str(number), created=f"2026-01-0{draw.randint(1, 3)}", deleted=draw.random() < 0.2)
        if draw.random() < 0.7:
            document |= {"size": draw.choice([1, 2, 2.5]), "name": draw.choice("aAbß"), "active": draw.random() < 0.5}
        documents.append(document)
    assert any(entry["deleted"] for entry in documents)
    await own.insert_many(documents[:9])
    await common.insert_many(documents[9:])
    hoses = store.repository(HOSES, ONE, shared=True)
    for sort in ORDERS:
        whole = await hoses.page(Query(sort=sort, limit=100, with_deleted=with_deleted))
        expected = [entry.id for entry in whole.items]
        assert Counter(expected) == Counter(entry["_id"] for entry in documents if with_deleted or not entry["deleted"])
        for limit in (1, 4, len(expected)):
            position: tuple | None = ()
            walked: list[str] = []
            while position is not None:
                query = Query(sort=sort, limit=limit, after=position, skip=3, with_deleted=with_deleted)
                page = await hoses.page(query)
                assert page.total == len(expected)
                walked += [entry.id for entry in page.items]
                position = page.next
            assert walked == expected, (sort, limit)


async def test_a_cursor_goes_on_behind_its_position_whatever_happened_there(store):
    hoses = store.repository(HOSES, ONE)
    kept = await fill(hoses, A={"size": 1}, B={"size": 1}, C={"size": 2}, D={"size": 3})
    page = await hoses.page(Query(Exists("size"), sort=(Sort("size"),), limit=2, after=()))
    assert [entry["number"] for entry in page.items] == ["A", "B"]
    await hoses.replace(kept["B"], {**kept["B"].document, "deleted": True})
    await fill(hoses, E={"size": 1}, F={"size": 2.5}, G={"size": 0})
    page = await hoses.page(Query(Exists("size"), sort=(Sort("size"),), limit=10, after=page.next))
    assert [entry["number"] for entry in page.items] == ["E", "C", "F", "D"]
    assert page.next is None
    assert page.total == 6


async def test_deleted_documents_are_left_out_unless_asked_for(store):
    hoses = store.repository(HOSES, ONE)
    await fill(hoses, A={"name": "x"}, B={"name": "x", "deleted": True}, C={"name": "y", "deleted": True})
    assert await found(hoses) == ["A"]
    assert await found(hoses, equal("name", "x")) == ["A"]
    assert await found(hoses, with_deleted=True) == ["A", "B", "C"]
    assert await found(hoses, equal("name", "x"), with_deleted=True) == ["A", "B"]
    assert await found(hoses, equal("deleted", value=True), with_deleted=True) == ["B", "C"]
    assert await found(hoses, sort=(Sort("deleted", descending=True),), with_deleted=True) == ["C", "B", "A"]


async def test_totals_follow_writes(store):
    hoses, other = store.repository(HOSES, ONE), store.repository(HOSES, TWO)
    red = equal("name", "red")

    async def totals() -> tuple[int, int, int]:
        pages = [
            await hoses.page(Query(red, limit=1)),
            await hoses.page(Query(limit=1)),
            await hoses.page(Query(red, limit=1, with_deleted=True)),
        ]
        return pages[0].total, pages[1].total, pages[2].total

    assert await totals() == (0, 0, 0)
    first = await hoses.insert(hose(number="1", name="red"))
    assert await totals() == (1, 1, 1)
    await hoses.insert_many([hose(number="2", name="red"), hose(number="1"), hose(number="3"), hose(deleted=True)])
    await other.insert(hose(number="1", name="red"))
    assert await totals() == (2, 3, 2)
    second = await hoses.replace(first, {**first.document, "name": "green"})
    assert await totals() == (1, 3, 1)
    third = await hoses.replace(second, {**second.document, "name": "red", "deleted": True})
    assert await totals() == (1, 2, 2)
    await hoses.replace(third, {**third.document, "deleted": False})
    assert await totals() == (2, 3, 2)
    with pytest.raises(Duplicate):
        await hoses.insert(hose(number="2", name="red"))
    assert await totals() == (2, 3, 2)
    assert await hoses.purge(red) == 2
    assert await totals() == (0, 1, 0)


async def test_totals_tell_values_apart_that_python_calls_equal(store):
    hoses = store.repository(HOSES, ONE)
    await fill(hoses, A={"name": "1"}, B={"name": "true"}, C={"name": "TRUE"})
    assert (await hoses.page(Query(AnyOf("name", (1,)), limit=1))).total == 1
    assert (await hoses.page(Query(AnyOf("name", (True,)), limit=1))).total == 2
    assert (await hoses.page(Query(AnyOf("name", (1.0,)), limit=1))).total == 0


async def test_a_walk_sees_own_writes_in_its_totals(store):
    hoses = store.repository(HOSES, ONE)
    await hoses.insert_many([hose(number=str(number)) for number in range(5)])
    first = await hoses.page(Query(Exists("number"), limit=2, after=()))
    await hoses.insert(hose(number="5"))
    second = await hoses.page(Query(Exists("number"), limit=2, after=first.next))
    assert (first.total, second.total) == (5, 6)


async def test_distinct(store):
    hoses = store.repository(HOSES, ONE)
    await fill(
        hoses,
        A={"name": "red", "size": 3},
        B={"name": "RED", "size": 1},
        C={"name": "blue"},
        D={"name": "", "size": -7},
        E={"name": "green", "deleted": True},
        F={"name": "Straße", "size": 3.0},
    )
    await store.repository(HOSES, SHARED).insert(hose(number="S", name="white"))

    async def numbers(repository: Repository, field: str, where: Where = EVERYTHING) -> list[str]:
        return [entry["number"] for entry in await repository.distinct(field, where)]

    assert await numbers(hoses, "name") == ["C", "A", "F"]
    assert await numbers(hoses, "size") == ["D", "B", "A"]
    assert await numbers(hoses, "name", Range("size", at_least=1)) == ["A", "F"]
    assert await numbers(hoses, "name", Contains("name", "e")) == ["C", "A", "F"]
    assert await numbers(hoses, "active") == []
    assert await numbers(store.repository(HOSES, ONE, shared=True), "name") == ["C", "A", "F", "S"]


async def test_distinct_of_many_values(store):
    own, common = store.repository(ENDS, ONE), store.repository(ENDS, SHARED)
    pairs = {"A": ["JIC+m", "ORB+f"], "B": ["jic+M"], "C": ["ORB+f", "NPT+m"]}
    made = {
        name: {
            "_id": f"{number:024x}",
            "kind": name,
            "ends": [dict(zip("ab", pair.split("+"), strict=True)) for pair in found],
        }
        for number, (name, found) in enumerate(pairs.items(), 1)
    }
    await own.insert_many([made["A"], made["B"]])
    await common.insert(made["C"])
    await store.repository(ENDS, TWO).insert({"_id": "f" * 24, "kind": "D", "ends": [{"a": "theirs", "b": "x"}]})
    both_ = store.repository(ENDS, ONE, shared=True)

    def kinds(documents: list[Stored]) -> list[str]:
        return [entry["kind"] for entry in documents]

    assert len(await own.distinct("pair")) == 2
    documents = await both_.distinct("pair")
    assert len(documents) == 3
    assert kinds(documents)[1] == "C"  # NPT+m comes between the others
    assert kinds(await both_.distinct("pair", equal("kind", "C"))) == ["C", "C"]
    assert kinds(await both_.distinct("pair", equal("pair", "JIC+M"))) in (["A", "A"], ["B", "A"], ["B"], ["A"])
    await own.replace(next(e for e in documents if e["kind"] == "A"), {**made["A"], "deleted": True})
    assert kinds(await own.distinct("pair")) == ["B"]


async def test_existing(store):
    hoses = store.repository(HOSES, ONE)
    await fill(
        hoses,
        A={"name": "Straße", "size": 3, "maker": {"name": "X"}},
        B={"name": "red", "deleted": True},
        C={"name": "red"},
        D={"name": "green"},
    )
    await store.repository(HOSES, TWO).insert(hose(number="T", name="theirs"))
    await store.repository(HOSES, SHARED).insert(hose(number="S", name="white"))
    asked = ["STRASSE", "Red", "gree", "theirs", "white", *(f"none {n}" for n in range(300))]
    assert await hoses.existing("name", asked) == {"strasse", "red"}
    assert await store.repository(HOSES, ONE, shared=True).existing("name", asked) == {"strasse", "red", "white"}
    assert await hoses.existing("size", [3.0, 4]) == {3}
    assert await hoses.existing("maker.name", ["x"]) == {"x"}
    assert await hoses.existing("name", []) == set()
    with pytest.raises(KeyError):
        await hoses.existing("tags", ["a"])


# -- what is linked ---------------------------------------------------------------------------------------------------


async def test_what_another_collection_says_of_a_document(store):
    hoses, notes = store.repository(HOSES, ONE), store.repository(NOTES, ONE)
    shared = await store.repository(HOSES, SHARED).insert(hose(number="S"))
    made = {name: await hoses.insert(hose(number=name)) for name in "ABCD"}
    ids = {**{name: entry.id for name, entry in made.items()}, "S": shared.id}

    async def say(name: str, repository: Repository = notes, **fields: object) -> Stored:
        return await repository.insert({**user(hose=ids[name]), **fields})

    await say("A", good=True, text="sound")
    unsound = await say("B", good=False, text="unsound")
    await say("S", good=False, text="worn")
    await say("C", store.repository(NOTES, TWO), good=False)
    gone = await say("D", good=False)
    await notes.replace(gone, {**gone.document, "deleted": True})
    both_ = store.repository(HOSES, ONE, shared=True)
    bad, sound = Linked(NOTES, "hose", equal("good", False)), Linked(NOTES, "hose", Contains("text", "sound"))

    async def numbers(where: Where) -> list[str]:
        page = await both_.page(Query(where, (Sort("number"),)))
        assert page.total == len(page.items) == await both_.count(where)
        assert [entry.id async for batch in both_.stream(Query(where, (Sort("number"),))) for entry in batch] == [
            entry.id for entry in page.items
        ]
        return [entry["number"] for entry in page.items]

    assert await numbers(bad) == ["B", "S"]
    assert await numbers(Not(bad)) == ["A", "C", "D"]
    assert await numbers(sound) == ["A", "B"]
    assert await numbers(both(sound, Not(bad))) == ["A"]
    assert await numbers(Or((equal("number", "C"), sound))) == ["A", "B", "C"]
    assert await numbers(Not(Or((bad, equal("number", "C"))))) == ["A", "D"]
    assert [entry["number"] for entry in await both_.distinct("number", Not(bad))] == ["A", "C", "D"]
    # a total that was counted before is not taken for that of another state of the linked documents
    first = await both_.page(Query(Not(bad), limit=1))
    assert first.total == 3
    await notes.replace(unsound, {**unsound.document, "good": True})
    assert (await both_.page(Query(Not(bad), limit=1))).total == 4


# -- streams ----------------------------------------------------------------------------------------------------------


async def test_a_stream_is_whole_whatever_is_written_meanwhile(store):
    hoses = store.repository(HOSES, ONE)
    kept = await hoses.insert_many([hose(number=str(number), size=number % 4) for number in range(60)])
    ids = {entry.id for entry in kept}
    seen: list[str] = []
    async for batch in hoses.stream(Query(sort=(Sort("size"),), skip=5, limit=1), batch=7):
        assert 0 < len(batch) <= 7
        seen += [entry.id for entry in batch]
        await hoses.insert(hose(number=f"new {len(seen)}", size=-1))
    assert Counter(entry for entry in seen if entry in ids) == Counter(ids)


async def test_a_stream_may_be_left_early(store):
    hoses = store.repository(HOSES, ONE)
    await hoses.insert_many([hose(number=str(number)) for number in range(30)])
    stream = hoses.stream(Query(), batch=4)
    async for batch in stream:
        assert len(batch) == 4
        break
    await stream.aclose()
    assert await hoses.count() == 30


@pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")  # PyMongo's, of a connection it was opening
async def test_a_stream_that_is_cancelled_leaves_the_store_whole(store):
    hoses = store.repository(HOSES, ONE)
    await hoses.insert_many([hose(number=str(number), name="x" * 200) for number in range(300)])

    async def read() -> None:
        while True:
            async for _ in hoses.stream(Query(sort=(Sort("name"), Sort("size"))), batch=50):
                pass

    for pause in (0, 0.001, 0.005, 0.02):
        task = asyncio.create_task(read())
        await asyncio.sleep(pause)
        while not task.done():  # Python 3.11 loses a cancellation that meets the end of a `wait_for`, PyMongo's here
            task.cancel()
            await asyncio.wait([task], timeout=0.2)
        with pytest.raises(asyncio.CancelledError):
            await task
    assert await hoses.count() == 300
    gc.collect()


# -- tenancy ----------------------------------------------------------------------------------------------------------


async def test_another_organizations_documents_do_not_exist(store):
    mine, theirs = store.repository(HOSES, ONE), store.repository(HOSES, TWO)
    own = await mine.insert(hose(number="mine", name="same", tags=["t"], quantity=1))
    foreign = await theirs.insert(hose(number="theirs", name="same", tags=["t"], quantity=5))
    for repository in (mine, store.repository(HOSES, ONE, shared=True)):
        assert await repository.get(foreign.id) is None
        assert set(await repository.get_many([own.id, foreign.id])) == {own.id}
        for where in (
            *(EVERYTHING, equal("name", "same"), Contains("name", "sam"), AnyOf("tags", ("t",)), Not(Ids(("x",)))),
            *(Ids((own.id, foreign.id)), Or((Ids((foreign.id,)), equal("name", "same"))), Not(Or()), Exists("number")),
        ):
            assert await found(repository, where) == ["mine"]
            assert await found(repository, where, with_deleted=True) == ["mine"]
        assert [entry.id for entry in await repository.distinct("name")] == [own.id]
        with pytest.raises(Changed):
            await repository.replace(foreign, {**foreign.document, "name": "stolen"})
        with pytest.raises(Changed):
            await repository.increment(foreign.id, "quantity", 1)
        assert await repository.purge(Ids((foreign.id,))) == 0
        assert await repository.purge(equal("name", "nobody's")) == 0
    untouched = await theirs.get(foreign.id)
    assert (untouched.revision, untouched.document) == (1, foreign.document)


async def test_the_id_of_another_organizations_document_is_taken(store):
    mine, theirs = store.repository(HOSES, ONE), store.repository(HOSES, TWO)
    foreign = await theirs.insert(hose(number="theirs"))
    with pytest.raises(Duplicate) as refused:
        await mine.insert({**hose(number="mine"), "_id": foreign.id})
    assert refused.value.label == "_id"
    assert (await theirs.get(foreign.id)).document == foreign.document


async def test_the_shared_catalogue_is_read_along_and_not_written(store):
    common, own = store.repository(HOSES, SHARED), store.repository(HOSES, ONE)
    both_ = store.repository(HOSES, ONE, shared=True)
    documents = [hose(number=str(number), name=f"n{number % 3}", size=number % 2, tags=["t"]) for number in range(8)]
    for number, document in enumerate(documents):
        await (common if number % 2 else own).insert(document)
    shared = await common.get(documents[1]["_id"])
    assert await found(both_) == list("01234567")
    assert await found(both_, sort=(Sort("created", descending=True),)) == list("76543210")
    assert await found(both_, sort=(Sort("name"),)) == list("03614725")
    assert await found(both_, sort=(Sort("size", descending=True), Sort("name"))) == list("31750642")
    assert await found(both_, AnyOf("tags", ("t",))) == list("01234567")
    assert await found(both_, Contains("name", "n1")) == list("147")
    assert await found(own) == list("0246")
    assert await found(common) == list("1357")
    assert [entry["number"] for entry in (await both_.page(Query(skip=3, limit=2))).items] == ["3", "4"]
    assert (await both_.get(shared.id)).document == shared.document
    assert set(await both_.get_many([entry["_id"] for entry in documents])) == {entry["_id"] for entry in documents}
    with pytest.raises(Changed):
        await both_.replace(shared, {**shared.document, "name": "mine"})
    with pytest.raises(Changed):
        await both_.increment(shared.id, "size", 1)
    assert await both_.purge(Ids((shared.id,))) == 0
    await both_.insert(hose(number="8"))
    assert (await found(own))[-1] == "8"
    assert await found(store.repository(HOSES, SHARED, shared=True)) == list("1357")


# -- unique keys ------------------------------------------------------------------------------------------------------


async def refused(call) -> str:
    """The label of the key that a write was refused for."""
    with pytest.raises(Duplicate) as error:
        await call
    return error.value.label


async def test_a_key_is_unique_in_its_organization(store):
    mine, theirs = store.repository(HOSES, ONE), store.repository(HOSES, TWO)
    first = await mine.insert(hose(number="Größe-1"))
    assert await refused(mine.insert(hose(number="GRÖSSE-1"))) == "number"
    assert await refused(mine.insert({**hose(number="2"), "_id": first.id})) == "_id"
    await theirs.insert(hose(number="größe-1"))
    await store.repository(HOSES, SHARED).insert(hose(number="größe-1"))
    assert await mine.count() == 1


async def test_a_key_may_be_unique_everywhere(store):
    mine, theirs = store.repository(USERS, ONE), store.repository(USERS, TWO)
    await mine.insert(user(email="a@example.com", badge="1"))
    assert await refused(theirs.insert(user(email="A@EXAMPLE.com", badge="1"))) == "email"
    assert await refused(mine.insert(user(email="b@example.com", badge="1"))) == "badge"
    await theirs.insert(user(email="b@example.com", badge="1"))


async def test_documents_that_claim_no_key_do_not_meet(store):
    users = store.repository(USERS, ONE)
    await users.insert_many([user(email=f"{number}@example.com") for number in range(3)])
    await users.insert(user())
    await users.insert(user())
    assert await users.count() == 5


async def test_a_deleted_document_gives_its_key_free_and_may_want_it_back(store):
    hoses = store.repository(HOSES, ONE)
    first = await hoses.insert(hose(number="1"))
    gone = await hoses.replace(first, {**first.document, "deleted": True})
    second = await hoses.insert(hose(number="1"))
    assert await refused(hoses.replace(gone, {**gone.document, "deleted": False})) == "number"
    assert (await hoses.get(first.id)).revision == 2
    await hoses.replace(second, {**second.document, "deleted": True})
    back = await hoses.replace(gone, {**gone.document, "deleted": False})
    assert back.revision == 3


async def test_a_change_may_not_take_a_key_of_another(store):
    users = store.repository(USERS, ONE)
    first = await users.insert(user(email="a@example.com", badge="1"))
    await users.insert(user(email="b@example.com", badge="2"))
    assert await refused(users.replace(first, {**first.document, "email": "B@example.com"})) == "email"
    assert await refused(users.replace(first, {**first.document, "badge": "2"})) == "badge"
    assert (await users.get(first.id)).document == first.document
    moved = await users.replace(first, {**first.document, "email": "A@example.COM", "badge": "3"})
    assert moved.revision == 2
    await users.insert(user(email="c@example.com", badge="1"))


async def test_two_at_once_cannot_take_the_same_key(store):
    hoses = store.repository(HOSES, ONE)
    results = await asyncio.gather(*(hoses.insert(hose(number="1")) for _ in range(8)), return_exceptions=True)
    assert sum(isinstance(result, Stored) for result in results) == 1
    assert sum(isinstance(result, Duplicate) and result.label == "number" for result in results) == 7


async def test_find_by_a_key_that_is_unique_everywhere(store):
    theirs = store.repository(USERS, TWO)
    kept = await theirs.insert(user(email="Ann@Example.com"))
    organization, entry = await store.find(USERS, "email", "ANN@example.COM")
    assert (organization, entry.id, entry.revision, entry.document) == (TWO, kept.id, 1, kept.document)
    assert await store.find(USERS, "email", "ann") is None
    assert await store.find(USERS, "email", f"-{kept.id}") is None
    await theirs.replace(kept, {**kept.document, "deleted": True})
    assert await store.find(USERS, "email", "ann@example.com") is None
    with pytest.raises(KeyError):
        await store.find(USERS, "badge", "1")


async def test_the_holder_of_a_key(store):
    own, shared = store.repository(HOSES, ONE), store.repository(HOSES, ONE, shared=True)
    await store.repository(HOSES, TWO).insert(hose(number="Größe"))
    assert await own.holder("number", "größe") is None
    assert await shared.holder("number", "größe") is None
    common = await store.repository(HOSES, SHARED).insert(hose(number="GRÖSSE"))
    assert await own.holder("number", "größe") is None
    assert (await shared.holder("number", "größe")).id == common.id
    mine = await own.insert(hose(number="grösse"))
    for repository in (own, shared):
        found_ = await repository.holder("number", "GröSSe")
        assert (found_.id, found_.revision, found_.document) == (mine.id, 1, mine.document)
    await own.replace(mine, {**mine.document, "deleted": True})
    assert (await shared.holder("number", "größe")).id == common.id
    assert await own.holder("number", f"-{mine.id}") is None
    with pytest.raises(KeyError):
        await own.holder("name", "x")


async def test_insert_many_refuses_only_the_duplicates(store):
    users = store.repository(USERS, ONE)
    taken = await users.insert(user(email="taken@example.com", badge="1"))
    batch = [
        user(email="a@example.com"),
        user(email="TAKEN@example.com"),
        user(email="b@example.com", badge="1"),
        {**user(email="c@example.com"), "_id": taken.id},
        user(email="A@example.com"),
        user(email="d@example.com", badge="2"),
    ]
    results = await users.insert_many(batch)
    labels = [result.label if isinstance(result, Duplicate) else result.id for result in results]
    assert labels == [batch[0]["_id"], "email", "badge", "_id", "email", batch[5]["_id"]]
    assert results[0].document == batch[0]
    assert await users.count() == 3
    assert (await users.get(taken.id)).document == taken.document
    assert await users.insert_many([]) == []


# -- changes ----------------------------------------------------------------------------------------------------------


async def test_replace_puts_a_document_in_the_place_of_its_revision(store):
    hoses = store.repository(HOSES, ONE)
    first = await hoses.insert(hose(number="1", name="red", size=1, maker={"name": "M"}))
    document = {key: value for key, value in first.document.items() if key != "maker"} | {"name": "blue", "size": 2}
    second = await hoses.replace(first, document)
    assert (second.id, second.revision, second.document) == (first.id, 2, document)
    read = await hoses.get(first.id)
    assert (read.revision, read.document) == (2, document)
    assert await found(hoses, Contains("name", "red")) == []
    assert await found(hoses, Contains("maker.name", "m")) == []
    assert await found(hoses, Contains("name", "blue")) == ["1"]
    assert await found(hoses, equal("size", 2)) == ["1"]
    with pytest.raises(Changed):
        await hoses.replace(first, {**document, "name": "late"})
    assert (await hoses.get(first.id)).document == document


async def test_replace_of_what_is_not_there(store):
    hoses = store.repository(HOSES, ONE)
    document = hose(number="1")
    with pytest.raises(Changed):
        await hoses.replace(Stored(document["_id"], 1, document=document), document)
    assert await hoses.get(document["_id"]) is None


async def test_replace_many_refuses_only_what_it_must(store):
    users = store.repository(USERS, ONE)
    kept = await users.insert_many([user(email=f"{number}@example.com", name="first") for number in range(4)])
    await users.replace(kept[1], {**kept[1].document, "name": "faster"})
    wanted = [{**entry.document, "name": "slower"} for entry in kept]
    wanted[2]["email"] = "0@example.com"
    results = await users.replace_many(list(zip(kept, wanted, strict=True)))
    assert [type(result) for result in results] == [Stored, Changed, Duplicate, Stored]
    assert (results[0].revision, results[2].label) == (2, "email")
    there = await users.get_many([entry.id for entry in kept])
    assert [there[entry.id]["name"] for entry in kept] == ["slower", "faster", "first", "slower"]
    assert await users.count() == 4
    assert await users.replace_many([]) == []


async def test_of_many_who_replace_the_same_revision_one_wins(store):
    hoses = store.repository(HOSES, ONE)
    before = await hoses.insert(hose(number="1", winner=None))
    results = await asyncio.gather(
        *(hoses.replace(before, {**before.document, "winner": number}) for number in range(10)),
        return_exceptions=True,
    )
    winners = [result for result in results if isinstance(result, Stored)]
    assert len(winners) == 1
    assert sum(isinstance(result, Changed) for result in results) == 9
    read = await hoses.get(before.id)
    assert (read.revision, read["winner"]) == (2, winners[0]["winner"])


async def test_the_caller_may_use_its_document_again(store):
    """What was stored is what counts, not what became of the caller's dictionary."""
    hoses = store.repository(HOSES, ONE)
    document = hose(number="1", name="before", tags=["old"])
    entry = await hoses.insert(document)
    document["name"], document["tags"], document["deleted"] = "afterwards", ["new"], True
    await hoses.replace(entry, document)
    assert await found(hoses) == []
    assert await found(hoses, Contains("name", "before"), with_deleted=True) == []
    assert await found(hoses, Contains("name", "afterwards"), with_deleted=True) == ["1"]
    assert await found(hoses, AnyOf("tags", ("old",)), with_deleted=True) == []
    assert await found(hoses, AnyOf("tags", ("new",)), with_deleted=True) == ["1"]


async def test_increment(store):
    hoses = store.repository(HOSES, ONE)
    kept = await hoses.insert(hose(number="1", quantity=5, uncounted=1, name=None))
    done = await hoses.increment(kept.id, "quantity", 2)
    assert (done.revision, done.document) == (2, {**kept.document, "quantity": 7})
    assert isinstance(done["quantity"], int)
    assert (await hoses.get(kept.id)).document == done.document
    assert await found(hoses, equal("quantity", 7)) == ["1"]
    assert (await hoses.increment(kept.id, "quantity", -0.5))["quantity"] == 6.5
    assert await found(hoses, Range("quantity", at_least=6.5, at_most=6.5)) == ["1"]
    assert (await hoses.increment(kept.id, "uncounted", 3))["uncounted"] == 4
    assert (await hoses.increment(kept.id, "missing", 3))["missing"] == 3
    assert (await hoses.increment(kept.id, "size", -2.5))["size"] == -2.5
    assert await found(hoses, Range("size", at_least=-2.5, at_most=-2.5)) == ["1"]
    assert (await hoses.increment(kept.id, "note", 7))["note"] == 7  # a text shadow follows too
    assert await found(hoses, equal("note", "7")) == ["1"]
    assert (await hoses.increment(kept.id, "note", 1))["note"] == 8
    assert await found(hoses, equal("note", "8")) == ["1"]
    read = await hoses.get(kept.id)
    assert read.revision == 8
    assert read.document == {**kept.document, "quantity": 6.5, "uncounted": 4, "missing": 3, "size": -2.5, "note": 8}
    with pytest.raises(ValueError, match="top"):
        await hoses.increment(kept.id, "maker.size", 1)


@pytest.mark.parametrize("field", ["quantity", "undeclared"])
async def test_increment_is_guarded(store, field):
    hoses = store.repository(HOSES, ONE)
    kept = await hoses.insert(hose(number="1", **{field: 3}))
    assert (await hoses.increment(kept.id, field, -2, at_least=0))[field] == 1
    for by, bound in ((-2, 0), (-1, 0.5), (-5, -3.5), (1, 3)):
        with pytest.raises(Changed):
            await hoses.increment(kept.id, field, by, at_least=bound)
    assert (await hoses.get(kept.id)).revision == 2
    assert (await hoses.increment(kept.id, field, -1, at_least=0))[field] == 0
    assert (await hoses.increment(kept.id, field, -2, at_least=-2))[field] == -2
    with pytest.raises(Changed):
        await hoses.increment("f" * 24, field, 1)
    empty = await hoses.insert(hose(number="2", **{field: None}))
    with pytest.raises(Changed):
        await hoses.increment(empty.id, field, -1, at_least=0)
    assert (await hoses.increment(empty.id, field, 1, at_least=0))[field] == 1


@pytest.mark.parametrize(("start", "bound"), [({"quantity": 0}, None), ({}, None), ({}, 1), ({"quantity": 0}, 0)])
async def test_no_increment_is_lost(store, start, bound):
    hoses = store.repository(HOSES, ONE)
    kept = await hoses.insert(hose(number="1", **start))
    await asyncio.gather(*(hoses.increment(kept.id, "quantity", 1, at_least=bound) for _ in range(20)))
    read = await hoses.get(kept.id)
    assert (read["quantity"], read.revision) == (20, 21)
    assert await found(hoses, equal("quantity", 20)) == ["1"]


async def test_no_more_is_taken_than_is_there(store):
    hoses = store.repository(HOSES, ONE)
    kept = await hoses.insert(hose(number="1", quantity=7))
    results = await asyncio.gather(
        *(hoses.increment(kept.id, "quantity", -2, at_least=0) for _ in range(10)), return_exceptions=True
    )
    assert sum(isinstance(result, Stored) for result in results) == 3
    assert sum(isinstance(result, Changed) for result in results) == 7
    assert (await hoses.get(kept.id))["quantity"] == 1


async def test_an_increment_and_a_replace_do_not_overwrite_each_other(store):
    hoses = store.repository(HOSES, ONE)
    kept = await hoses.insert(hose(number="1", quantity=0))
    await hoses.increment(kept.id, "quantity", 1)
    with pytest.raises(Changed):
        await hoses.replace(kept, {**kept.document, "name": "late"})


async def test_purge(store):
    hoses = store.repository(HOSES, ONE)
    await fill(hoses, A={"name": "abc", "tags": ["t"]}, B={"name": "abcd", "deleted": True}, C={"name": "x"})
    assert await hoses.purge(Contains("name", "abc")) == 2
    assert await found(hoses, with_deleted=True) == ["C"]
    assert await found(hoses, AnyOf("tags", ("t",))) == []
    await fill(hoses, A={"name": "abc"})
    assert await found(hoses, Contains("name", "abc")) == ["A"]
    assert await hoses.purge(EVERYTHING) == 2
    assert await hoses.count() == 0


# -- the store --------------------------------------------------------------------------------------------------------


def in_order(entry: Dumped) -> tuple[str, str]:
    return entry.collection, entry.document["_id"]


async def test_a_dump_can_be_loaded_into_an_empty_store(store, make_store, tmp_path):
    mine, theirs, users = (store.repository(*args) for args in ((HOSES, ONE), (HOSES, TWO), (USERS, ONE)))
    first = await mine.insert(hose(number="1", name="red", tags=["t"], nested={"list": [1, 2.0, None]}))
    await mine.replace(first, {**first.document, "name": "blue"})
    await theirs.insert_many([hose(number=str(number), deleted=number == 2) for number in range(4)])
    await users.insert(user(email="a@example.com"))
    dumped = [entry async for entry in store.dump()]
    assert [(entry.collection, entry.organization, entry.revision) for entry in sorted(dumped, key=in_order)] == [
        *[("hoses", ONE, 2), *[("hoses", TWO, 1)] * 4],
        ("users", ONE, 1),
    ]
    for repository in (mine, theirs, users):
        await repository.purge(EVERYTHING)
    assert [entry async for entry in store.dump()] == []
    await store.load(dumped)
    again = [entry async for entry in store.dump()]
    assert sorted(again, key=in_order) == sorted(dumped, key=in_order)
    assert await found(mine, Contains("name", "blue")) == ["1"]
    assert await found(mine, AnyOf("tags", ("t",))) == ["1"]
    assert await found(theirs) == ["0", "1", "3"]
    read = await mine.get(first.id)
    await mine.replace(read, {**read.document, "name": "green"})
    with pytest.raises(Duplicate) as refused_:
        await store.load([dumped[0]])
    assert refused_.value.label in {"_id", "number"}  # both are taken
    await store.load([])


async def test_a_changed_declaration_keeps_the_documents(make_store):
    first = make_store()
    await first.open(COLLECTIONS)
    hoses = first.repository(HOSES, ONE)
    documents = [
        hose(number=str(number), colour=f"c{number % 2}", old="x", lines=[{"maker": "M"}], size=number)
        for number in range(5)
    ]
    await hoses.insert_many(documents)
    gone = await hoses.insert(hose(number="9", colour="c1", deleted=True))
    await first.close()

    declared = [entry for entry in HOSES.fields if entry.name not in {"size", "tags"}]
    more = (Field("colour", search=True), Field("lines.maker", many=True), Field("size"))
    keys = {"old": Unique(lambda document: document["number"] + document["colour"])}
    newer = changed(HOSES, fields=(*declared, *more), unique=keys, order="colour")
    second = make_store()
    await second.open((newer, USERS))
    hoses = second.repository(newer, ONE)
    assert await found(hoses) == list("02413")
    assert await found(hoses, equal("colour", "C1")) == ["1", "3"]
    assert await found(hoses, Contains("colour", "c1")) == ["1", "3"]
    assert await found(hoses, AnyOf("lines.maker", ("m",))) == list("02413")
    assert await found(hoses, equal("size", "3")) == ["3"]
    assert await found(hoses, sort=(Sort("colour", descending=True),)) == list("31420")
    for document in documents:
        read = await hoses.get(document["_id"])
        assert (read.revision, read.document) == (1, document)
    assert (await hoses.get(gone.id)).document == gone.document
    await hoses.insert(hose(number="1", colour="c0"))  # the key over the number alone is gone
    assert await refused(hoses.insert(hose(number="1", colour="C1"))) == "old"
    assert (await hoses.page(Query(limit=1))).total == 6
    await second.close()


async def test_what_was_written_is_there_after_opening_again(make_store):
    for number in range(3):
        store = make_store()
        await store.open(COLLECTIONS)
        hoses = store.repository(HOSES, ONE)
        assert await hoses.count() == number
        await hoses.insert(hose(number=str(number)))
        await store.close()


async def test_two_stores_on_one_place_see_each_others_writes(store, make_store):
    other = make_store()
    await other.open(COLLECTIONS)
    here, there = store.repository(HOSES, ONE), other.repository(HOSES, ONE)
    entry = await here.insert(hose(number="1", name="red"))
    assert (await there.page(Query(equal("name", "red"), limit=1))).total == 1
    assert (await there.get(entry.id)).document == entry.document
    with pytest.raises(Duplicate):
        await there.insert(hose(number="1"))
    await there.replace(entry, {**entry.document, "name": "blue"})
    with pytest.raises(Changed):
        await here.replace(entry, entry.document)
    assert (await here.page(Query(equal("name", "red"), limit=1))).total == 0
    await other.close()


async def test_ping_and_close(make_store):
    store = make_store()
    await store.open(COLLECTIONS)
    await store.ping()
    writes = [asyncio.create_task(store.repository(HOSES, ONE).insert(hose(number=str(n)))) for n in range(20)]
    await asyncio.sleep(0)
    await store.close()
    assert all(isinstance(result, Stored) for result in await asyncio.gather(*writes))
    await store.close()
    for call in (
        store.ping(),
        store.repository(HOSES, ONE).insert(hose(number="late")),
        store.repository(HOSES, ONE).get("f" * 24),
        store.repository(HOSES, ONE).page(Query(Contains("name", "abc"))),
    ):
        with pytest.raises(StoreDown):
            await asyncio.wait_for(call, 5)


async def test_a_store_that_was_never_opened_can_be_closed(make_store):
    await make_store().close()


async def test_a_failing_write_harms_nobody_else(store):
    """Not even one that no adapter foresaw."""
    hoses = store.repository(HOSES, ONE)
    calls = [
        hoses.insert(hose(number="1")),
        hoses.insert({"number": "no id"}),
        hoses.insert(hose(number=2)),
        hoses.insert(hose(number="3", size=2**64)),
        hoses.insert(hose(number="4", size=2**63)),
        hoses.insert(hose(number="5", odd={1, 2})),
        hoses.insert(hose(number="6")),
    ]
    results = await asyncio.wait_for(asyncio.gather(*calls, return_exceptions=True), 10)
    assert [isinstance(result, Exception) for result in results] == [False, True, True, True, True, True, False]
    assert not any(isinstance(result, BrassleafError) for result in results)
    assert await found(hoses) == ["1", "6"]
    await hoses.insert(hose(number="7"))


# -- the audit trail --------------------------------------------------------------------------------------------------


async def test_a_store_whose_changes_nobody_would_tell_does_not_open(make_store):
    store = make_store()
    with pytest.raises(ValueError, match="things"):
        await store.open([Collection("quiet", trail=False), Collection("things")])
    with pytest.raises(StoreDown):
        await store.ping()


async def test_every_change_has_an_entry_in_the_audit_trail(make_store):
    things = Collection("things", (Field("name"), Field("note", indexed=False)))
    quiet = Collection("quiet", trail=False)
    store = make_store()
    await store.open([things, quiet, AUDIT])
    try:
        repository, trail = store.repository(things, ONE), store.repository(AUDIT, ONE)
        stamps = {"created": "1", "lastModified": "1", "lastModifiedBy": "a", "deleted": False}
        first = {"_id": "1" * 24, **stamps, "name": "x", "note": "Findable", "stock": 1}
        made = await repository.insert(first)
        with pytest.raises(Duplicate):
            await repository.insert(first)
        results = await repository.insert_many([{**first, "_id": "2" * 24, "note": ""}, first])
        assert isinstance(results[1], Duplicate)
        changed_ = await repository.replace(made, {**first, "name": "y", "lastModified": "2", "lastModifiedBy": "b"})
        with pytest.raises(Changed):
            await repository.replace(made, first)
        counted = await repository.increment("1" * 24, "stock", 2)
        await repository.replace(counted, {**counted.document, "deleted": True, "lastModified": "3"})
        assert changed_.revision == 2
        await store.repository(quiet, ONE).insert({**first, "_id": "3" * 24})
        told = [entry.document async for batch in trail.stream(Query()) for entry in batch]
        life = sorted((entry for entry in told if entry["record"] == "1" * 24), key=lambda entry: entry["revision"])
        assert [(entry["action"], entry.get("createdBy")) for entry in life] == [
            ("created", "a"),
            ("changed", "b"),
            ("changed", None),
            ("deleted", "b"),
        ]
        assert (life[1]["before"], life[1]["after"]) == ({"name": "x"}, {"name": "y"})
        assert (life[2]["before"], life[2]["after"]) == ({"stock": 1}, {"stock": 3})
        assert life[3]["before"] == {"name": "y", "note": "Findable", "stock": 3}
        assert len(told) == await trail.count() == 5
        assert await store.repository(AUDIT, TWO).count() == 0
        query = Query(Contains("note", "FIND"), with_deleted=True)
        assert [entry.id for entry in (await repository.page(query)).items] == ["1" * 24]
    finally:
        await store.close()
