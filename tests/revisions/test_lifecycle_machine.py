"""Whatever is done in whatever order, and two things at once: the life cycle is what a dictionary says it is.

The model keeps the live versions by chain and number of version. Two calls at once must come to what they come to one
after the other, in either order. Which of two calls wins is the store's affair and not the same in every run, so
nothing that is drawn may hang on the state: a number is drawn, which picks one of the versions that there are.
"""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from brassleaf.errors import NotFound, Refused
from brassleaf.revisions.lifecycle import (
    FIELDS,
    OBSOLETE,
    RELEASED,
    SUPERSEDED,
    UNDER_EDITING,
    LifeCycle,
    copied,
    unique_keys,
)
from brassleaf.store.collections import Collection, Document
from brassleaf.store.mongo import MongoStore
from brassleaf.store.port import Store
from brassleaf.store.query import Query
from brassleaf.store.records import Records, new_id
from brassleaf.store.sqlite import SqliteStore

THINGS = Collection("things", FIELDS, unique_keys("number"), order="version", trail=False)
NUMBERS = ("A", "a", "B")
REVISIONS = ("", "1", "2")
Key = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Version:
    """One live version as it must be."""

    number: str
    revision: str
    text: str = ""
    status: str = UNDER_EDITING
    newest: bool = True
    first: bool = True

    @property
    def bears(self) -> tuple[str, str]:
        return self.number.casefold(), self.revision


Model = dict[Key, Version]


@dataclass(frozen=True, slots=True)
class Op:
    """A call of the life cycle on one version."""

    name: str
    key: Key
    value: str = ""
    revision: str = ""


def done(model: Model, op: Op) -> tuple[Model, bool]:
    """What a call makes of the model, and whether it goes through."""
    made = BY_NAME[op.name](dict(model), op) if op.key in model else None
    return (model, False) if made is None else (made, True)


def _borne(model: Model, wanted: Version, besides: int = -1) -> bool:
    return any(found.bears == wanted.bears for (chain, _), found in model.items() if chain != besides)


def _edited(model: Model, op: Op) -> Model | None:
    if model[op.key].status != UNDER_EDITING:
        return None
    model[op.key] = replace(model[op.key], text=model[op.key].text + op.value)
    return model


def _renamed(model: Model, op: Op) -> Model | None:
    made = replace(model[op.key], number=op.value, revision=op.revision)
    chain, version = op.key
    if made.status != UNDER_EDITING or _borne(model, made, besides=chain):
        return None
    earlier = [found for (other, number), found in model.items() if other == chain and number < version]
    model[op.key] = replace(made, first=all(found.bears != made.bears for found in earlier))
    return model


def _moved(*before: str, to: str) -> Callable[[Model, Op], Model | None]:
    def move(model: Model, op: Op) -> Model | None:
        if model[op.key].status not in before:
            return None
        model[op.key] = replace(model[op.key], status=to)
        return model

    return move


def _copied(model: Model, op: Op) -> Model | None:
    source, (chain, version) = model[op.key], op.key
    if source.status != RELEASED:
        return None
    made = replace(source, status=UNDER_EDITING, newest=True, first=False)
    if op.name == "revise":
        made = replace(made, revision=op.revision, first=True)
        if _borne(model, made):
            return None
    model[op.key] = replace(source, status=SUPERSEDED, newest=False)
    model[chain, version + 1] = made
    return model


def _taken_back(model: Model, op: Op) -> Model | None:
    chain, version = op.key
    if model.pop(op.key).status != UNDER_EDITING:
        return None
    if version > 1:
        before = model[chain, version - 1]
        status = RELEASED if before.status == SUPERSEDED else before.status
        model[chain, version - 1] = replace(before, status=status, newest=True)
    return model


BY_NAME: dict[str, Callable[[Model, Op], Model | None]] = {
    "edit": _edited,
    "rename": _renamed,
    "release": _moved(UNDER_EDITING, to=RELEASED),
    "unrelease": _moved(RELEASED, to=UNDER_EDITING),
    "obsolete": _moved(RELEASED, SUPERSEDED, to=OBSOLETE),
    "newversion": _copied,
    "revise": _copied,
    "delete": _taken_back,
    "rollback": _taken_back,
}
DRAWN = st.builds(
    Op,
    st.sampled_from(sorted(BY_NAME)),
    st.just((0, 0)),
    st.sampled_from(NUMBERS),
    st.sampled_from(REVISIONS),
)
PICKS = st.integers(0, 99)


class Life(RuleBasedStateMachine):
    """The life cycle beside its model, in an organization of its own."""

    run: Callable[[Coroutine[Any, Any, Any]], Any]
    store: Store

    @initialize()
    def open(self) -> None:
        self.things = self.store.repository(THINGS, new_id())
        self.life = LifeCycle(Records(self.things, "thing", "test"), "thing", "number")
        self.model: Model = {}
        self.chains: list[str] = []
        self.ids: dict[Key, str] = {}

    @rule(number=st.sampled_from(NUMBERS), revision=st.sampled_from(REVISIONS))
    def create(self, number: str, revision: str) -> None:
        wanted = Version(number, revision)
        try:
            made = self.run(self.life.create({"number": number, "revision": revision, "text": ""}))
        except Refused:
            assert _borne(self.model, wanted)
        else:
            assert not _borne(self.model, wanted)
            self.chains.append(made["chain"])
            self.model[len(self.chains) - 1, 1] = wanted
        self.compare([self.model])

    @rule(op=DRAWN, which=PICKS)
    def one(self, op: Op, which: int) -> None:
        if not self.model:
            return
        op = replace(op, key=sorted(self.model)[which % len(self.model)])
        expected, goes = done(self.model, op)
        assert self.run(self.call(op)) == goes, op
        self.compare([expected])

    @rule(first=DRAWN, second=DRAWN, which=PICKS)
    def two_at_once(self, first: Op, second: Op, which: int) -> None:
        chains = sorted({chain for chain, _ in self.model})
        if not chains:
            return
        chain = chains[which % len(chains)]
        top = max(key for key in self.model if key[0] == chain)
        first, second = replace(first, key=top), replace(second, key=top)
        goes = self.run(self.together(first, second))
        outcomes = []
        for order in ((first, second), (second, first)):
            (middle, one), before = done(self.model, order[0]), order[0]
            last, other = done(middle, order[1])
            if (one, other) == (goes if before is first else goes[::-1]):
                outcomes.append(last)
        assert outcomes, (first, second, goes)
        self.compare(outcomes)

    async def together(self, *ops: Op) -> tuple[bool, ...]:
        return tuple(await asyncio.gather(*map(self.call, ops)))

    async def call(self, op: Op) -> bool:
        """Whether a call goes through."""
        id_, life = self.ids[op.key], self.life

        async def edited(before: Document) -> Document:
            return {**before, "text": before["text"] + op.value}

        async def renamed(before: Document) -> Document:
            return {**before, "number": op.value, "revision": op.revision}

        async def same(before: Document) -> Document:
            return before

        async def copy(before: Document) -> Document:
            return copied(before)

        calls: dict[str, Callable[[], Coroutine[Any, Any, Any]]] = {
            "edit": lambda: life.change(id_, edited, None),
            "rename": lambda: life.change(id_, renamed, None),
            "release": lambda: life.release(id_, same, None),
            "unrelease": lambda: life.unrelease(id_, same, None),
            "obsolete": lambda: life.obsolete(id_, None),
            "newversion": lambda: life.new_version(id_, copy, None),
            "revise": lambda: life.new_version(id_, copy, None, op.revision),
            "delete": lambda: life.delete(id_, None),
            "rollback": lambda: life.rollback(id_, None, alone=True),
        }
        try:
            await calls[op.name]()
        except (Refused, NotFound):
            return False
        return True

    def compare(self, allowed: list[Model]) -> None:
        """The store holds one of the allowed states, which is the model from now on."""
        found, ids = self.run(self.stored())
        assert found in allowed
        self.model, self.ids = found, ids
        for chain in {chain for chain, _ in found}:
            versions = [entry for (other, _), entry in found.items() if other == chain]
            assert sum(entry.newest for entry in versions) == 1
            assert sum(entry.status == RELEASED for entry in versions) <= 1

    async def stored(self) -> tuple[Model, dict[Key, str]]:
        found: Model = {}
        ids: dict[Key, str] = {}
        async for batch in self.things.stream(Query()):
            for entry in batch:
                key = self.chains.index(entry["chain"]), entry["version"]
                assert key not in found
                ids[key] = entry.id
                names = ("number", "revision", "text", "status", "newest", "firstOfRevision")
                found[key] = Version(*(entry[name] for name in names))
                before = ids.get((key[0], key[1] - 1))
                assert entry["previousVersion"] == before
        return found, ids


def check(store: Store, examples: int, steps: int) -> None:
    with asyncio.Runner() as runner:
        runner.run(store.open([THINGS]))
        machine = type("Machine", (Life,), {"store": store, "run": staticmethod(runner.run)})
        try:
            run_state_machine_as_test(
                machine,
                settings=settings(
                    max_examples=examples,
                    stateful_step_count=steps,
                    deadline=None,
                    database=None,
                    suppress_health_check=list(HealthCheck),
                ),
            )
        finally:
            runner.run(store.close())


def test_the_life_cycle_is_its_model_on_sqlite(tmp_path: Path) -> None:
    check(SqliteStore(tmp_path / "brassleaf.sqlite"), examples=30, steps=25)


def test_the_life_cycle_is_its_model_on_mongodb(request: pytest.FixtureRequest) -> None:
    wire = request.getfixturevalue("wire")
    with wire.database() as name:
        store = MongoStore(wire.url, driver="pymongo", allow_standalone=wire.standalone, database=name)
        check(store, examples=8, steps=20)
