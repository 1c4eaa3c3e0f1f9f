"""A desk that hands sheets to two organisations, and their programs at the door, over real databases."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID

import httpx
from fastapi import FastAPI
from sheet_cast import FORM, FORMS, FULL, ITEMS, written
from sqlalchemy import select

from casework import sheet_moves as moves
from casework.consents import Consent, ConsentKind, Ended, Method, Scope
from casework.sheets import Handover, Sheet, new_sheet
from casework.standing import News, Terms
from casework.workdays import Workdays
from config.content import Content, load_content
from dialogue import Desk
from handlers.api.app import PREFIX, api_app
from handlers.api.door import ApiDoor
from handlers.staff.sheet_consents import given_of
from storage import api_tokens, cases, consents, residents, sheet_ends, sheets, staff
from storage.api_tokens import ApiAction
from storage.audit_tables import AuditEntry
from storage.cases import Whose
from storage.database import Database
from storage.ids import new_id
from storage.keyring import Keyring
from storage.residents import Sender
from storage.sheets import Saving
from storage.staff import NewAccount
from storage.tables import Channel, table_of
from storage.vault import SealingKey

ALL = frozenset(ApiAction)


@cache
def content() -> Content:
    return load_content()


@dataclass
class Clock:
    """Stands until it is moved. It begins now, because ids carry the real time."""

    now: datetime = field(
        default_factory=lambda: datetime.now(UTC).replace(second=5, microsecond=0) - timedelta(hours=1)
    )

    def __call__(self) -> datetime:
        return self.now

    def passes(self, **given: float) -> None:
        self.now += timedelta(**given)


@dataclass(frozen=True, kw_only=True)
class Given:
    """A sheet as it was handed over."""

    id: UUID
    case_id: UUID
    resident_id: UUID


@dataclass
class Town:
    """`await Town.opened(database)`; then `hand_over`, `token`, `program`."""

    database: Database
    keyring: Keyring
    clock: Clock
    home: UUID
    staff_id: UUID
    orgs: dict[str, UUID]
    per_minute: int = 120

    @classmethod
    async def opened(cls, database: Database) -> Town:
        clock = Clock()
        keyring = await Keyring.open(database, (SealingKey(b"m" * 32),), now=clock(), new_id=new_id)
        async with database.write() as connection:
            home = await staff.organisation(connection, "見本市社会福祉協議会", new_id=new_id)
            account = NewAccount(
                login="hanako", shown_name="花子", organisation_id=home, password_hash="-", must_change=False
            )
            staff_id = await staff.add(connection, account, now=clock(), new_id=new_id)
            names = ("市福祉相談課", "自立相談支援機関")
            orgs = {name: await staff.organisation(connection, name, new_id=new_id) for name in names}
        return cls(database, keyring, clock, home, staff_id, orgs)

    @property
    def app(self) -> FastAPI:
        desks = {name: Desk(id=name, content=content()) for name in ("default", "other")}
        door = ApiDoor(
            database=self.database,
            keyring=self.keyring,
            desks=desks,
            consents=consents.of_resident,
            given=given_of,
            clock=self.clock,
            new_id=new_id,
            per_minute=self.per_minute,
        )
        app = FastAPI(openapi_url=None)
        app.mount(PREFIX, api_app(door))
        return app

    async def hand_over(
        self, to: str = "市福祉相談課", *, items: frozenset[str] = ITEMS, desk: str = "default", accepted: bool = False
    ) -> Given:
        """A full sheet of a new resident who agreed to tell this organisation `items`."""
        org, now = self.orgs[to], self.clock()
        async with self.database.write() as connection:
            sender = Sender(desk_id=desk, channel=Channel.LINE, index=new_id().bytes * 2)
            resident = await residents.create(
                connection, self.keyring, sender, address="U" + "1" * 32, now=now, new_id=new_id
            )
            terms = Terms(urgent_within=timedelta(minutes=30), workdays=Workdays.of(content().desk))
            news = News(at=now, turn=1, wrote=True, answered=True, asks="accepts_person")
            whose = Whose(id=resident.id, desk_id=desk, alias=resident.alias)
            case = await cases.note_turn(connection, whose, news, terms, new_id=new_id)
            assert case is not None
            words = await consents.keep_wording(connection, ConsentKind.TELL_NAME, "伝えてよいですか", at=now)
            consent = Consent(
                id=new_id(), kind=ConsentKind.TELL_NAME, scope=Scope(org_id=org, items=items, purpose="相談"),
                method=Method.CHAT, given_at=now, wording=words,
            )  # fmt: skip
            await consents.give(connection, resident.id, consent)
            book = await consents.book(connection, resident.id)
            sheet = self._sheet(desk, org, to)
            sheet = moves.submit(moves.give_consent(sheet, FORM, book, at=now), FORM, book, at=now)
            if accepted:
                sheet = moves.receive(sheet, org, by_name="受領", at=now, today=now.date())
                sheet = moves.accept(sheet, FORM, org, book, at=now)
            await sheets.add(
                connection, self.keyring, sheet, self._saving(), case_id=case.id, resident_id=resident.id,
                number=await sheets.next_number(connection, case.id), new_id=new_id,
            )  # fmt: skip
        return Given(id=sheet.id, case_id=case.id, resident_id=resident.id)

    def _sheet(self, desk: str, org: UUID, name: str) -> Sheet:
        now = self.clock()
        blank = new_sheet("tsunagu", FORM, sheet_id=new_id(), desk_id=desk, org_id=self.home, by=self.staff_id, now=now)
        to = Handover(id=new_id(), org_id=org, name=name, named_by=self.staff_id, named_at=now)
        return moves.name_recipient(written(blank, **FULL), to)

    def _saving(self) -> Saving:
        return Saving(actor=self.staff_id, action="created", at=self.clock(), forms_version=FORMS.version)

    async def edit(self, given: Given, words: str) -> None:
        """The desk writes on in a sheet that was handed over."""
        async with self.database.write() as connection:
            stored = await sheets.load(connection, self.keyring, given.case_id, given.id)
            assert stored is not None
            after = written(stored.sheet, reason=words)
            saving = replace(self._saving(), action="edited")
            await sheets.save(connection, self.keyring, stored, after, saving, new_id=new_id)

    async def reopen_and_write(self, given: Given) -> None:
        """The desk begins anew with a sheet that was taken back."""
        async with self.database.write() as connection:
            stored = await sheets.load(connection, self.keyring, given.case_id, given.id)
            assert stored is not None
            after = written(moves.reopen(stored.sheet), reason="はじめから")
            saving = replace(self._saving(), action="edited")
            await sheets.save(connection, self.keyring, stored, after, saving, new_id=new_id)

    async def withdraw(self, given: Given) -> None:
        """The resident takes back what they agreed to."""
        now = self.clock()
        async with self.database.write() as connection:
            book = await consents.withdraw(connection, given.resident_id, at=now, reason=Ended.RESIDENT)
            await sheet_ends.withdraw(
                connection, self.keyring, given.resident_id, book, FORMS.__getitem__,
                at=now, forms_version=FORMS.version, new_id=new_id,
            )  # fmt: skip

    async def token(
        self,
        org: str = "市福祉相談課",
        *,
        actions: frozenset[ApiAction] = ALL,
        desk: str = "default",
        days: int = 30,
    ) -> tuple[UUID, str]:
        async with self.database.write() as connection:
            return await api_tokens.issue(
                connection, desk_id=desk, organisation_id=self.orgs[org], name="見本市 重層システム", actions=actions,
                by=self.staff_id, now=self.clock(), expires_at=self.clock() + timedelta(days=days), new_id=new_id,
            )  # fmt: skip

    async def end(self, token_id: UUID, desk: str = "default") -> bool:
        async with self.database.write() as connection:
            return await api_tokens.end(connection, desk, token_id, by=self.staff_id, now=self.clock())

    def program(self, token: str | None) -> httpx.AsyncClient:
        """An HTTP client that carries a token."""
        headers = {} if token is None else {"authorization": f"Bearer {token}"}
        return httpx.AsyncClient(
            transport=httpx.ASGITransport(app=self.app, client=("203.0.113.9", 4711)),
            base_url=f"http://127.0.0.1{PREFIX}/",
            headers=headers,
        )

    async def acts(self) -> list[tuple[str, str, str | None]]:
        """Who did what to what, in order."""
        rows = table_of(AuditEntry)
        query = select(rows.c.actor, rows.c.action, rows.c.object_id).order_by(rows.c.id)
        async with self.database.read() as connection:
            return [(row.actor, row.action, row.object_id) for row in await connection.execute(query)]


def values(answer: Any) -> dict[str, Any]:
    """What the fields of a sheet say, by key; a field without a value is left out."""
    fields = answer.json()["content"]["fields"]
    return {one["key"]: one["value"] for one in fields if one["value"] not in (None, [], "")}
