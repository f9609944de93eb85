"""Part numbers: previewed, taken by whoever creates, without gaps however many do."""

import asyncio
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from brassleaf.assemblies.models import ASSEMBLIES
from brassleaf.errors import Refused
from brassleaf.kits.models import KITS
from brassleaf.organizations.sequences import Kind, Numbered, Sequences
from brassleaf.store.port import Duplicate, Stored
from brassleaf.store.records import new_document
from support.served import Served
from support.world import Organization, World

NEXT = "/api/v1/organization/nextpartnumber"


@pytest.fixture
def shop(world: World) -> Organization:
    return world.founded(f"Sequence{next(world.count)}")


@pytest.fixture
def boss(served: Served, shop: Organization) -> Iterator[httpx.Client]:
    with served.client(headers=shop.admin.headers) as made:
        yield made


def _next(client: httpx.Client, kind: str = "") -> str:
    answer = client.get(NEXT, params={"type": kind} if kind else {})
    assert answer.status_code == 200, answer.text
    return str(answer.json()["nextPartNumber"])


def _document(number: str) -> dict[str, object]:
    first = {"firstOfRevision": True, "chain": number, "version": 1, "status": "under editing", "newest": True}
    return new_document({"partNumber": number, **first}, "test")


def _bear(served: Served, shop: Organization, *numbers: str, deleted: bool = False) -> None:
    repository = served.store.repository(ASSEMBLIES, shop.id)
    served.run(repository.insert_many([{**_document(number), "deleted": deleted} for number in numbers]))


def test_each_kind_has_its_sequence(boss: httpx.Client) -> None:
    assert _next(boss) == _next(boss, "hoseAssembly") == "HA-000001"
    assert [_next(boss, kind) for kind in ("hoseKit", "salesEstimate", "workOrder")] == [
        "HK-000001", "SE-000001", "WO-000001",
    ]  # fmt: skip
    assert boss.get(NEXT, params={"type": "invoice"}).status_code == 400


def test_numbers_in_use_are_passed_over_and_deleted_ones_are_not_given_again(
    served: Served, shop: Organization, boss: httpx.Client
) -> None:
    _bear(served, shop, *(f"HA-{n:06d}" for n in range(1, 130)))
    assert _next(boss) == "HA-000130"
    _bear(served, shop, "ha-000130", "HA-000132")
    assert _next(boss) == "HA-000131"
    _bear(served, shop, "HA-000131", deleted=True)
    assert _next(boss) == "HA-000133"


def test_the_prefix_and_the_beginning_are_settings(boss: httpx.Client) -> None:
    boss.post("/api/v1/organization/update", json={"partNumberPrefix": "X", "nextPartNumber": 999_999})
    assert _next(boss) == "X999999"
    boss.post("/api/v1/organization/update", json={"partNumberPrefix": None, "nextPartNumber": None})
    assert _next(boss) == "HA-000001"


def _sequences(served: Served) -> Sequences:
    """As a process of its own has them: without anything in memory."""
    return Sequences(served.store, served.parts.organizations, {"hoseAssembly": Numbered(ASSEMBLIES, "partNumber")})


def _previewed(served: Served, shop: Organization, sequences: Sequences) -> str:
    return served.run(sequences.preview(shop.id, "hoseAssembly"))


def test_a_beginning_that_was_set_wrongly_and_corrected_is_forgotten(
    served: Served, shop: Organization, boss: httpx.Client
) -> None:
    for start, number in ((500_000, "HA-500000"), (100, "HA-000100"), (None, "HA-000001"), (100, "HA-000100")):
        boss.post("/api/v1/organization/update", json={"nextPartNumber": start})
        assert (_next(boss), _previewed(served, shop, _sequences(served))) == (number, number)
    _bear(served, shop, "HA-000100")
    boss.post("/api/v1/organization/update", json={"nextPartNumber": None})
    assert _next(boss) == "HA-000001"


@pytest.mark.parametrize(
    ("taken", "free"),
    [((*range(1, 6), 8), 6), ((1, 2, 3, 5, 6, 7, 8, 9), 4), ((*range(2, 40),), 1), ((*range(1, 63), 64, 127), 63)],
)
def test_the_first_free_number_is_given_whatever_a_process_remembers(
    served: Served, shop: Organization, taken: tuple[int, ...], free: int
) -> None:
    """Every process says the same: one that saw each number being taken, and one that has just begun."""
    remembering = _sequences(served)
    for number in taken:
        _bear(served, shop, f"HA-{number:06d}")
        _previewed(served, shop, remembering)
    asked = [remembering, _sequences(served), remembering]
    assert [_previewed(served, shop, one) for one in asked] == [f"HA-{free:06d}"] * 3


@pytest.mark.parametrize(
    ("kind", "prefix", "all_", "one"),
    [("hoseAssembly", "HA-", "hoseassemblies", "hoseassembly"), ("hoseKit", "HK-", "hosekits", "hosekit")],
)
def test_a_number_that_a_document_gave_up_is_free_in_every_process(
    world: World, served: Served, shop: Organization, boss: httpx.Client, kind: Kind, prefix: str, all_: str, one: str
) -> None:
    hose, end = world.make(shop, "hose"), world.make(shop, "crimpFitting")
    whole = {"hose": hose, "end1": end, "end2": end, "length": 24} if kind == "hoseAssembly" else {}
    made = [boss.post(f"/api/v1/{all_}/create", json={"partNumber": "*", **whole}) for _ in range(3)]
    other = Sequences(
        served.store,
        served.parts.organizations,
        {"hoseAssembly": Numbered(ASSEMBLIES, "partNumber"), "hoseKit": Numbered(KITS, "partNumber")},
    )
    assert served.run(other.preview(shop.id, kind)) == f"{prefix}000004"
    sent = {"partNumber": "Pump line"}
    assert boss.post(f"/api/v1/{one}/{made[1].json()['_id']}/update", json=sent).status_code == 200
    assert _next(boss, kind) == served.run(other.preview(shop.id, kind)) == f"{prefix}000002"


def test_a_long_run_is_passed_in_few_questions_and_then_remembered(
    served: Served, shop: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    _bear(served, shop, *(f"HA-{n:06d}" for n in range(1, 3001)))
    asked: list[int] = []
    taken = Sequences._taken

    async def counting(self: Sequences, organization: str, kind: Kind, numbers: Sequence[str]) -> list[bool]:
        asked.append(len(numbers))
        return await taken(self, organization, kind, numbers)

    monkeypatch.setattr(Sequences, "_taken", counting)
    sequences = _sequences(served)
    assert _previewed(served, shop, sequences) == "HA-003001"
    assert len(asked) <= 12  # 1 + 2 + … + 2048 is more than 3000
    del asked[:]
    assert _previewed(served, shop, sequences) == "HA-003001"
    assert asked == [1]


@pytest.mark.parametrize("processes", [1, 5])
def test_fifty_takers_at_once_leave_no_gap(served: Served, shop: Organization, processes: int) -> None:
    repository = served.store.repository(ASSEMBLIES, shop.id)

    async def use(number: str) -> Stored:
        await asyncio.sleep(0)
        try:
            return await repository.insert(_document(number))
        except Duplicate as error:
            raise Refused.field("partNumber", f"{number} is taken") from error

    async def work() -> list[Stored]:
        takers = [_sequences(served) for _ in range(processes)]
        return await asyncio.gather(*(takers[n % processes].take(shop.id, "hoseAssembly", use) for n in range(50)))

    made = served.run(work())
    assert sorted(entry["partNumber"] for entry in made) == [f"HA-{n:06d}" for n in range(1, 51)]


def test_a_refused_document_takes_no_number(served: Served, shop: Organization, boss: httpx.Client) -> None:
    sequences = _sequences(served)

    async def refused(_: str) -> Stored:
        raise Refused.field("hose", "There is no such hose.")

    with pytest.raises(Refused, match="no such hose"):
        served.run(sequences.take(shop.id, "hoseAssembly", refused))
    assert _next(boss) == "HA-000001"


def test_clients_that_create_with_the_previewed_number_leave_no_gap(
    world: World, served: Served, shop: Organization, boss: httpx.Client
) -> None:
    """The contract's way: the number is previewed, the create call takes it; who was slower asks again."""
    hose, fitting = world.make(shop, "hose"), world.make(shop, "crimpFitting")

    def create(_: int) -> str:
        with served.client(headers=shop.admin.headers) as client:
            while True:
                sent = {"partNumber": _next(client), "hose": hose, "end1": fitting, "end2": fitting, "length": 20}
                answer = client.post("/api/v1/hoseassemblies/create", json=sent)
                if answer.status_code == 201 or answer.status_code == 200:
                    return str(sent["partNumber"])
                assert answer.status_code == 400, answer.text
                assert answer.json()["errors"][0]["field"] == "partNumber"

    with ThreadPoolExecutor(8) as pool:
        made = sorted(pool.map(create, range(20)))
    assert made == [f"HA-{n:06d}" for n in range(1, 21)]
    assert _next(boss) == "HA-000021"


def test_creates_that_ask_for_it_take_the_next_numbers_without_gaps(
    world: World, shop: Organization, boss: httpx.Client
) -> None:
    """Twelve at once, one in three of which is refused: nobody shares a number, none is lost."""
    hose, end = world.make(shop, "hose"), world.make(shop, "crimpFitting")

    def create(place: int) -> httpx.Response:
        length = -1 if place % 3 == 0 else 24
        sent = {"partNumber": "*", "hose": hose, "end1": end, "end2": end, "length": length, "lengthUnit": "in"}
        return boss.post("/api/v1/hoseassemblies/create", json=sent)

    assert _next(boss) == "HA-000001"
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(create, range(12)))
    assert sorted(answer.status_code for answer in answers) == [200] * 8 + [400] * 4, [a.text for a in answers]
    made = sorted(answer.json()["partNumber"] for answer in answers if answer.status_code == 200)
    assert made == [f"HA-{number:06d}" for number in range(1, 9)]
    assert _next(boss) == "HA-000009"
