"""An office for tests of the console: people with accounts, browsers, a clock that is set by hand."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from types import TracebackType
from typing import Any, Self
from uuid import UUID

import httpx
import pyotp
from argon2 import PasswordHasher
from fastapi import FastAPI
from sheet_access import sheet_work
from sqlalchemy import select

from bot.console import case_terms
from casework.people import Grant, Role
from config.content import Content, load_content
from dialogue import Desk
from handlers.quota import Quota, Quotas
from handlers.staff.app import staff_app
from handlers.staff.console import Console
from handlers.staff.live import Live
from handlers.staff.work import CaseWork
from handlers.turn import Turns
from nlp import Listener
from storage import sessions, staff
from storage.audit_tables import AuditEntry
from storage.database import Database
from storage.ids import new_id
from storage.keyring import Keyring
from storage.passwords import Passwords
from storage.staff import NewAccount
from storage.tables import table_of
from storage.vault import SealingKey

START = datetime(2026, 11, 26, 1, 0, tzinfo=UTC)
PASSWORD = "ume-sakura-momiji-yuki"
ADDRESS = "203.0.113.7"
SITE = "http://127.0.0.1"


@cache
def shared_listener() -> Listener:
    """The dictionary is loaded once for all tests."""
    return Listener.load()


def case_work(database: Database, keyring: Keyring, clock: Clock, content: Content) -> CaseWork:
    """What the pages of cases work with: everything but a channel, so that letters stay in the outbox."""
    desks = {name: Desk(id=name, content=content) for name in ("default", "other")}
    terms = {name: case_terms(desk) for name, desk in desks.items()}
    turns = Turns(
        database=database,
        keyring=keyring,
        listener=shared_listener(),
        desks=desks,
        pauses=dict.fromkeys(desks, timedelta()),
        terms=terms,
        readers={},
        announce={},
        process=new_id(),
        clock=clock,
        new_id=new_id,
    )

    # In these tests an answer is there when it is whole: a stream says that it is there, and ends.
    live = Live(database)
    live.stop()

    async def quota(_desk_id: str) -> Quota:
        return Quota(limit=200, used=20)

    return CaseWork(
        turns=turns,
        deliver=lambda _resident_id: None,
        quotas=Quotas(ask=quota, clock=clock),
        words=dict.fromkeys(desks, content.casework),
        terms=terms,
        live=live,
    )


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def passes(self, **given: float) -> None:
        """Let time go by."""
        self.now += timedelta(**given)


@cache
def cheap_hasher() -> PasswordHasher:
    """Argon2id at the least cost there is: tests hash often."""
    return PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@cache
def shared_content() -> Content:
    """The words are read once for all tests."""
    return load_content()


@dataclass(kw_only=True)
class Person:
    """Somebody with an account; `secret` is that of their authenticator app."""

    id: UUID
    login: str
    secret: str | None
    password: str = PASSWORD


@dataclass
class Shown:
    """A page as a browser got it."""

    answer: httpx.Response

    @property
    def status(self) -> int:
        return self.answer.status_code

    @property
    def text(self) -> str:
        return self.answer.text

    @property
    def location(self) -> str:
        return self.answer.headers.get("location", "")

    @property
    def token(self) -> str:
        """The token of the page's first form."""
        found = re.search(r'name="token" value="([0-9a-f]{64})"', self.text)
        assert found is not None, f"{self.answer.request.url} has no form ({self.status})"
        return found[1]

    @property
    def heading(self) -> str:
        found = re.search(r"<h1>(.*?)</h1>", self.text, re.DOTALL)
        return html.unescape(re.sub(r"<[^>]+>", "", found[1])).strip() if found else ""


class Browser:
    """Somebody's browser, with its cookies, at an address."""

    def __init__(self, app: FastAPI, *, address: str = ADDRESS, site: str = SITE) -> None:
        transport = httpx.ASGITransport(app=app, client=(address, 40000))
        self.http = httpx.AsyncClient(transport=transport, base_url=site, headers={"accept": "text/html"})
        self._site = site

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.http.aclose()

    async def get(self, path: str, **given: Any) -> Shown:
        return Shown(await self.http.get(path, **given))

    async def post(self, path: str, token: str = "", headers: dict[str, str] | None = None, **fields: Any) -> Shown:
        """Send a form as a browser does."""
        sent = {"origin": self._site, "sec-fetch-site": "same-origin", **(headers or {})}
        return Shown(await self.http.post(path, data={"token": token, **fields}, headers=sent))

    async def send(self, page: str, path: str, **fields: Any) -> Shown:
        """Open a page and send a form from it."""
        return await self.post(path, (await self.get(page)).token, **fields)

    def cookie(self, name: str = "tsunagu") -> str:
        return self.http.cookies.get(name) or ""


@dataclass
class Office:
    """The console over one database, and the people who work at it."""

    console: Console
    clock: Clock
    app: FastAPI
    people: dict[str, Person] = field(default_factory=dict)
    #: What the test of all routes puts into paths.
    ids: dict[str, str] = field(default_factory=dict)

    @classmethod
    async def opened(cls, database: Database, **changes: Any) -> Self:
        clock = Clock()
        keyring = await Keyring.open(database, (SealingKey(b"m" * 32),), now=clock(), new_id=new_id)
        content = shared_content()
        console = Console(
            database=database,
            keyring=keyring,
            passwords=Passwords(cheap_hasher()),
            desks={name: Desk(id=name, content=content) for name in ("default", "other")},
            clock=clock,
            new_id=new_id,
            work=case_work(database, keyring, clock, content),
            sheets=sheet_work(content),
        )
        return cls.over(replace(console, **changes), clock)

    @classmethod
    def over(cls, console: Console, clock: Clock) -> Self:
        outer = FastAPI()
        outer.mount("/staff", staff_app(console))
        return cls(console=console, clock=clock, app=outer)

    def browser(self, address: str = ADDRESS, site: str = SITE) -> Browser:
        return Browser(self.app, address=address, site=site)

    async def person(
        self,
        login: str,
        *roles: Role | Grant,
        organisation: str = "見本市社会福祉協議会",
        factor: bool = True,
        must_change: bool = False,
        shown_name: str = "",
    ) -> Person:
        """Somebody with an account, their second factor set up."""
        secret = pyotp.random_base32() if factor else None
        hashed = await self.console.passwords.hash(PASSWORD)
        async with self.console.database.write() as connection:
            organisation_id = await staff.organisation(connection, organisation, new_id=new_id)
            account = NewAccount(
                login=login,
                shown_name=shown_name or login,
                organisation_id=organisation_id,
                password_hash=hashed,
                must_change=must_change,
            )
            staff_id = await staff.add(connection, account, now=self.clock(), new_id=new_id)
            for role in roles:
                given = role if isinstance(role, Grant) else Grant(role=role, desk_id="default")
                await staff.grant(connection, staff_id, given, by=None, now=self.clock(), new_id=new_id)
            if secret is not None:
                await staff.plan_totp(connection, self.console.keyring, staff_id, secret)
                await staff.confirm_second_factor(connection, staff_id, self.clock())
        self.people[login] = Person(id=staff_id, login=login, secret=secret)
        return self.people[login]

    def code(self, person: Person) -> str:
        """What the person's app shows now."""
        assert person.secret is not None
        return pyotp.TOTP(person.secret).at(self.clock.now)

    async def sign_in(self, browser: Browser, person: Person) -> Shown:
        """Password, then code; where the browser is sent in the end."""
        self.clock.passes(seconds=30)
        shown = await browser.send("/staff/sign-in", "/staff/sign-in", login=person.login, password=person.password)
        assert shown.status == 303, shown.text
        if self.console.simulator:
            return shown
        return await browser.send(shown.location, "/staff/sign-in/code", code=self.code(person), next="/staff/")

    async def at_work(self, person: Person, address: str = ADDRESS) -> Browser:
        """A browser in which somebody is signed in already."""
        browser = self.browser(address)
        token = f"token-{new_id()}"
        async with self.console.database.write() as connection:
            await sessions.begin(
                connection,
                session_id=new_id(),
                token=token,
                staff_id=person.id,
                stage=sessions.Stage.FULL,
                address=address,
                device="test",
                now=self.clock(),
            )
        browser.http.cookies.set("tsunagu", token)
        return browser

    async def acts(self) -> list[str]:
        """What the audit says, in order."""
        rows = table_of(AuditEntry)
        async with self.console.database.read() as connection:
            return list((await connection.execute(select(rows.c.action).order_by(rows.c.id))).scalars())
