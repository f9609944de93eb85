"""Two organizations with people, keys and documents; every text of theirs names them, every cost tells itself."""

import functools
import itertools
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import httpx

from brassleaf.http.answers import XLSX
from brassleaf.security.passwords import hash_password
from brassleaf.security.principals import API_KEYS, USERS, key_fields
from brassleaf.security.roles import KEY_TYPES, Role
from brassleaf.security.rooms import Endpoint
from brassleaf.store.collections import Collection, Document
from brassleaf.store.port import Stored
from brassleaf.store.records import new_document
from support import examples
from support.filling import COST, MARGIN, filled
from support.routes import GUARDED, body_schema, method_of, name_of
from support.served import Kept, Served

PASSWORD = "Brass-leaf-7"
#: Bookkeeping that requests leave behind and that is no document of anybody.
BOOKKEEPING = frozenset({"audit", "replays", "system", "apiHistory"})


@functools.cache
def _password_hash() -> str:
    return hash_password(PASSWORD)


@dataclass(frozen=True, slots=True)
class Person:
    """A user or an API key with its token."""

    label: str
    role: Role
    kind: str
    id: str
    token: str
    secret: str = ""
    customer: str | None = None

    @property
    def headers(self) -> dict[str, str]:
        extra = {"apiCustomerId": self.customer} if self.customer else {}
        return {"Authorization": f"Bearer {self.token}", **extra}


@dataclass(slots=True)
class Organization:
    """One organization: `marker` stands in each of its texts."""

    id: str
    marker: str
    people: dict[str, Person] = field(default_factory=dict)
    #: A standing document of each kind, by the kind's name in `examples.MAKERS`.
    standing: dict[str, str] = field(default_factory=dict)

    @property
    def admin(self) -> Person:
        return self.people["user admin"]


@dataclass(frozen=True, slots=True)
class Call:
    """A request that is good: what a route's example makes."""

    method: str
    path: str
    body: Any = None
    query: str = ""
    content: bytes | None = None
    media: str = ""

    @property
    def url(self) -> str:
        return self.path + (f"?{self.query}" if self.query else "")

    def asking(self, more: str) -> str:
        """The address with another query behind what the request needs."""
        return self.path + "?" + "&".join(part for part in (self.query, more) if part)

    def send(self, client: httpx.Client, headers: Mapping[str, str] = {}, **changed: Any) -> httpx.Response:
        """Send it, with other parts where they are given."""
        options: dict[str, Any] = {"headers": dict(headers)}
        body = changed.get("body", self.body)
        if self.content is not None:
            content = changed.get("content", self.content)
            options["content"] = content + (b"" if body is None else json.dumps(body).encode())
            options["headers"]["Content-Type"] = self.media
        elif self.method == "POST" and body is not None:
            options["json"] = body
        return client.request(self.method, changed.get("url", self.url), **options)


class World:
    """What the tests of one process share. A `bare` one has one organization, with people and without documents."""

    def __init__(self, served: Served, *, bare: bool = False) -> None:
        self.served = served
        self.client = served.client()
        self.count = itertools.count(1)
        if bare:
            self.a = self.founded("Alpha")
        else:
            self.a = self.another("Alpha")
            self.b = self.another("Bravo")

    def another(self, name: str) -> Organization:
        """One more organization with people, keys and a standing document of each kind."""
        made = self.founded(name)
        for kind in examples.MAKERS:
            made.standing[kind] = self.make(made, kind)
        self._customer_keys(made)
        return made

    # -- who ------------------------------------------------------------------------------------------------------

    def founded(self, name: str) -> Organization:
        """A new organization with people and without documents."""
        marker = f"{name}Secret{len(name)}x"
        fields = {
            **examples.ORGANIZATION,
            "name": f"{marker} name",
            **{text: f"{marker} {text}" for text in ("address1", "city", "phoneNumber", "erpName")},
            **dict.fromkeys(("labourCost", "proofTestCost", "burstTestCost", "wrapCost"), COST),
            "defaultMarginPercentMaterials": MARGIN,
            "defaultMarginPercentLabour": MARGIN,
            "defaultItemPricing": [{"itemType": "hose", "defaultMarginPercent": MARGIN}],
        }
        stored = self.served.run(self.served.parts.organizations.create(fields, "founder"))
        organization = Organization(stored.id, marker)
        roles: tuple[Role, ...] = ("admin", "regular", "restricted")
        for role in roles:
            organization.people[f"user {role}"] = self.user(organization, role)
        for key_type in ("admin", "full-access", "read-only"):
            organization.people[f"key {key_type}"] = self.key(organization, key_type)
        return organization

    def _customer_keys(self, organization: Organization) -> None:
        key = self.key(organization, "customer")
        organization.people["key customer"] = key
        acting = {
            **{name: getattr(key, name) for name in Person.__slots__},
            "customer": organization.standing["customer"],
        }
        organization.people["key customer for one"] = Person(**{**acting, "label": "key customer for one"})

    def user(self, organization: Organization, role: Role, **more: Any) -> Person:
        """A new user with a token."""
        number = next(self.count)
        fields = {
            "name": f"{organization.marker} {role}",
            "email": f"{organization.marker}.{role}.{number}@example.com".lower(),
            "role": role,
            "passwordHash": _password_hash(),
            **more,
        }
        stored = self.keep(USERS, organization.id, fields)
        token = self.served.parts.tokens.mint(stored.id, organization.id, "user")[0]
        return Person(f"user {role}", role, "user", stored.id, token)

    def key(
        self, organization: Organization, key_type: str, addresses: tuple[str, ...] = ("127.0.0.1",), **more: Any
    ) -> Person:
        """A new API key with a token."""
        secret = f"blk_{organization.marker}{next(self.count)}"
        trusted = [{"ipAddress": address, "description": "test"} for address in addresses]
        name = f"{organization.marker} {key_type} {next(self.count)}"
        stored = self.keep(API_KEYS, organization.id, {**key_fields(name, key_type, trusted, secret), **more})
        token = self.served.parts.tokens.mint(stored.id, organization.id, "key")[0]
        return Person(f"key {key_type}", KEY_TYPES[key_type], "key", stored.id, token, secret)

    def keep(self, collection: Collection, organization: str, fields: Document) -> Stored:
        """A document put straight into the store."""
        repository = self.served.store.repository(collection, organization)
        return self.served.run(repository.insert(new_document(fields, "test")))

    def change(self, collection: Collection, organization: str, id_: str, **fields: Any) -> None:
        """A document changed straight in the store."""

        async def work() -> None:
            repository = self.served.store.repository(collection, organization)
            before = await repository.get(id_)
            assert before is not None
            await repository.replace(before, {**before.document, **fields})

        self.served.run(work())

    # -- documents ------------------------------------------------------------------------------------------------

    def make(self, organization: Organization, kind: str, *, customer: str | None = None, marker: str = "") -> str:
        """A new document of a kind, as full as its create route takes, made by the organization's admin.

        `customer` stands in for the standing customer, `marker` for the organization's own.
        """
        maker = examples.MAKERS[kind]
        route = next((route for route in GUARDED if name_of(route) == maker.route), None)
        assert route is not None, f"examples.MAKERS[{kind!r}] names a route that is not there: {maker.route}"
        base = maker.body(Given(self, organization, customer))
        body = filled(body_schema(route), marker or organization.marker, base)
        response = self.client.post(route.path_format, json=body, headers=organization.admin.headers)
        assert response.status_code < 300, f"{maker.route} with {body}: {response.text}"
        made = response.json()
        id_ = made if isinstance(made, str) else maker.id(made)
        for path, sent in maker.then:
            told = {
                n: v.format(marker=marker or organization.marker) if isinstance(v, str) else v for n, v in sent.items()
            }
            self.post(organization, path.format(id=id_), told)
        return str(id_)

    def upload(self, organization: Organization, belongs_to: str, content: bytes) -> None:
        """A picture for a record."""
        response = self.client.post(
            f"/api/v1/image/{belongs_to}/upload",
            content=content,
            headers={**organization.admin.headers, "Content-Type": "image/png"},
        )
        assert response.status_code == 200, response.text

    def post(self, organization: Organization, path: str, body: Any = None) -> Any:
        """A POST by the organization's admin that must succeed."""
        response = self.client.post(path, json=body if body is not None else {}, headers=organization.admin.headers)
        assert response.status_code < 300, f"{path}: {response.text}"
        return response.json() if response.content else None

    def calls(self, route: Endpoint, *, full: bool = True) -> Iterator[Call]:
        """Every variant of a good request in organization A."""
        example = examples.EXAMPLES.get(name_of(route), examples.Example())
        yield self.call(route, full=full)
        for variant in example.variants:
            call = self.call(route, full=full)
            yield replace(call, body={**call.body, **variant})

    def call(self, route: Endpoint, organization: Organization | None = None, *, full: bool = True) -> Call:
        """A good request to a route in an organization (A, unless told): from its example, with new documents.

        `full` fills in what the body's schema has beyond the example: markers and costs.
        """
        organization = organization or self.a
        name = name_of(route)
        example = examples.EXAMPLES.get(name)
        given = Given(self, organization)
        schema = body_schema(route)
        if example is None:
            takes = schema is not None or route.policy.takes or route.policy.upload
            assert not takes, (
                f"{name} has no example. Add to tests/support/examples.py: EXAMPLES[{name!r}] = Example(body=...), a "
                "body (or a function that gives one) that the endpoint accepts; content=... where it takes a file."
            )
            example = examples.Example()
        made = dict(example.path(given)) if example.path else {}
        for parameter in route.param_convertors:
            if parameter in made:
                continue
            kind = examples.PATH.get(parameter)
            assert kind is not None, (
                f"{name}: nothing is known of {{{parameter}}}. Add to tests/support/examples.py: "
                f"PATH[{parameter!r}] = the name of an entry in MAKERS that makes such a document."
            )
            made[parameter] = given.new(kind) if route.policy.writes else given.id(kind)
        body = example.body(given) if callable(example.body) else example.body
        if body is None and schema is not None:
            body = {}
        if full and schema is not None and example.fill:
            body = filled(schema, organization.marker, body)
        content = example.content(given) if callable(example.content) else example.content
        media = next(iter(route.policy.takes), XLSX if route.policy.upload else "")
        query = example.query(given) if callable(example.query) else example.query
        return Call(method_of(route), route.path_format.format(**made), body, query, content, media)

    def dump(self, organization: Organization) -> list[Kept]:
        """Every document of an organization, bookkeeping left out."""
        return self.served.dump(organization.id, without=BOOKKEEPING)

    def ids_of(self, organization: Organization) -> Iterator[tuple[str, str]]:
        """The organization's own id and those of its standing documents, users and keys."""
        yield "organization", organization.id
        yield from organization.standing.items()
        yield "user", organization.admin.id
        yield "key", organization.people["key customer"].id


@dataclass(slots=True)
class Given:
    """What an example may ask for: documents of the organization that the request is made in."""

    world: World
    organization: Organization
    customer: str | None = None

    def id(self, kind: str) -> str:
        """The standing document of a kind."""
        if kind == "customer" and self.customer is not None:
            return self.customer
        if kind not in self.organization.standing:
            self.organization.standing[kind] = self.world.make(self.organization, kind)
        return self.organization.standing[kind]

    def new(self, kind: str) -> str:
        """A new document of a kind."""
        return self.world.make(self.organization, kind)

    def text(self, begin: str = "T") -> str:
        """A text that nothing else has."""
        return f"{begin}-{self.organization.marker}-{next(self.world.count)}"
