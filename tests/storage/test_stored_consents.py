"""Consents in the database: added and ended, sealed where words are; withdrawal and submission in either order."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

import pytest
from case_cast import case_of, staff_of
from cast import NOW, keyring_of
from sheet_cast import FORM, FORMS, FULL, written
from sqlalchemy import select, text, update

from casework import sheet_moves as moves
from casework.consents import Consent, ConsentKind, Ended, Method, Scope, items_for
from casework.reading import readable
from casework.sheets import Handed, Handover, Refused, Sheet, State, new_sheet
from storage import cases, consents, erasure, recipients, residents, sheet_ends, sheets
from storage.consent_tables import ConsentRequest, ConsentWording, Told
from storage.consents import Asked
from storage.database import Connection, Database
from storage.ids import new_id
from storage.keyring import Keyring
from storage.recipients import RecipientRow
from storage.residents import ResidentRow
from storage.sheets import Saving, Stored
from storage.tables import Resident, Turn

pytestmark = pytest.mark.anyio

SECRET = "義理の兄には知られたくない"
HOUR = timedelta(hours=1)
ITEMS = items_for(ConsentKind.TELL_NAME, FORM)


@dataclass(frozen=True, kw_only=True)
class Scene:
    """A resident with a case, one recipient, one member of staff."""

    database: Database
    keyring: Keyring
    resident: ResidentRow
    case_id: UUID
    staff_id: UUID
    org: RecipientRow

    async def agree(
        self, kind: ConsentKind = ConsentKind.TELL_NAME, *, items: frozenset[str] = ITEMS, at: timedelta = timedelta()
    ) -> Consent:
        org = self.org.organisation_id if kind.shares else None
        async with self.database.write() as connection:
            await residents.by_id(connection, self.keyring, self.resident.id, lock=True)
            wording = await consents.keep_wording(connection, kind, "いいですか。", at=NOW)
            consent = Consent(
                id=new_id(), kind=kind, method=Method.CHAT, given_at=NOW + at, wording=wording,
                scope=Scope(org_id=org, items=items if kind.shares else frozenset(), purpose="sheet"),
            )  # fmt: skip
            return await consents.give(connection, self.resident.id, consent)


async def scene(database: Database) -> Scene:
    keyring = await keyring_of(database)
    (staff_id,) = await staff_of(database, "hanako")
    resident, case = await case_of(database, keyring)
    async with database.write() as connection:
        org = await recipients.add(
            connection, desk_id="default", name="北包括", mail=None, fields=None, collects=False,
            at=NOW, new_id=new_id,
        )  # fmt: skip
    return Scene(
        database=database, keyring=keyring, resident=resident, case_id=case.id, staff_id=staff_id, org=org
    )  # fmt: skip


async def test_what_was_agreed_to_comes_back_and_covers_just_that(database: Database) -> None:
    here = await scene(database)
    given = await here.agree(items=frozenset({"topics", "words"}))
    async with database.read() as connection:
        book = await consents.of_resident(connection, here.keyring, here.resident.id)
        assert await consents.wording(connection, given.wording) == "いいですか。"
    assert book.consents == (given,)
    org = here.org.organisation_id
    assert book.covers(org, "words", NOW)
    assert not book.covers(org, "name", NOW)
    assert not book.covers(here.staff_id, "words", NOW)


async def test_the_same_words_are_kept_once(database: Database) -> None:
    here = await scene(database)
    for _ in range(2):
        await here.agree()
    async with database.read() as connection:
        assert len((await connection.execute(select(ConsentWording.hash))).all()) == 1


async def test_after_a_withdrawal_nothing_is_readable_and_when_it_ended_stays(database: Database) -> None:
    here = await scene(database)
    await here.agree(ConsentKind.READ)
    async with database.read() as connection:
        before = await cases.consents_of(connection, here.resident.id)
    assert readable(NOW - HOUR, 1, consents=before, grants=(), now=NOW)
    for hours in (1, 2):
        async with database.write() as connection:
            await consents.withdraw(connection, here.resident.id, at=NOW + hours * HOUR, reason=Ended.RESIDENT)
    async with database.read() as connection:
        after = await cases.consents_of(connection, here.resident.id)
    assert not readable(NOW - HOUR, 1, consents=after, grants=(), now=NOW + HOUR)
    assert [one.withdrawn_at for one in after] == [NOW + HOUR]


async def ask(here: Scene, connection: Connection) -> Asked:
    asked = Asked(
        id=new_id(), kind=ConsentKind.ASK_AROUND, org_id=here.org.organisation_id, place="北包括",
        items=frozenset({"topics"}), purpose="sheet", asked_by=here.staff_id, asked_at=NOW, reason=SECRET,
    )  # fmt: skip
    await consents.ask(connection, here.resident.id, here.resident.key, asked)
    return asked


async def test_a_question_of_staff_is_answered_once_and_by_its_own_resident(database: Database) -> None:
    here = await scene(database)
    other, _ = await case_of(database, here.keyring, b"t")
    async with database.write() as connection:
        asked = await ask(here, connection)
        assert await consents.answer(connection, other.id, asked.id, agreed=True, at=NOW) is None
        scope = await consents.answer(connection, here.resident.id, asked.id, agreed=True, at=NOW)
        assert scope == Scope(org_id=here.org.organisation_id, items=frozenset({"topics"}), purpose="sheet")
        assert await consents.answer(connection, here.resident.id, asked.id, agreed=False, at=NOW) is None
        (kept,) = await consents.asked_of(connection, here.resident.id, here.resident.key)
    assert kept == replace(asked, agreed=True, answered_at=NOW)


async def turn(here: Scene, connection: Connection) -> UUID:
    turn_id = new_id()
    values = {"id": turn_id, "resident_id": here.resident.id, "number": 1, "at": NOW}
    columns = {**values, "content_version": "c", "listener_version": "l"}
    await connection.execute(Turn.__table__.insert(), columns)
    return turn_id


async def test_answers_are_sealed_and_gone_after_an_erasure_while_the_consent_is_only_ended(
    database: Database,
) -> None:
    here = await scene(database)
    await here.agree(ConsentKind.READ)
    async with database.write() as connection:
        where = {"turn_id": await turn(here, connection), "at": NOW, "new_id": new_id}
        key = here.resident.key
        await consents.tell(connection, here.resident.id, key, field="secret", words=SECRET, **where)
        await consents.tell(connection, here.resident.id, key, field="hope", words=None, **where)
        await ask(here, connection)
        assert await consents.told_by(connection, here.resident.id, key) == {"secret": SECRET, "hope": None}
    async with database.read() as connection:
        for table in ("told", "consent_requests", "consents", "consent_wordings"):
            rows = (await connection.execute(text(f"SELECT * FROM {table}"))).all()
            assert SECRET not in str(
                [[c.decode("utf-8", "replace") if isinstance(c, bytes) else c for c in row] for row in rows]
            )
    async with database.write() as connection:
        await connection.execute(update(Resident).where(Resident.id == here.resident.id).values(erase_at=NOW))
    async with database.write() as connection:
        assert await erasure.erase(connection, here.keyring, here.resident.id, now=NOW + HOUR)
        assert (await connection.execute(select(Told.id))).all() == []
        assert (await connection.execute(select(ConsentRequest.reason_sealed))).scalars().all() == [None]
        (ended,) = (await consents.book(connection, here.resident.id)).consents
    assert (ended.withdrawn_at, ended.withdrawn_reason) == (NOW + HOUR, Ended.ERASED)


async def sheet_of(here: Scene) -> UUID:
    """A sheet that may go, but for consent."""
    async with here.database.write() as connection:
        home = (await connection.execute(text("SELECT organisation_id FROM staff"))).scalar_one()
        org_id = home if isinstance(home, UUID) else UUID(home)
        sheet = new_sheet(
            "tsunagu", FORM, sheet_id=new_id(), desk_id="default", org_id=org_id, by=here.staff_id, now=NOW
        )
        number = await sheets.next_number(connection, here.case_id)
        sheet = written(sheet, **FULL)
        named = Handover(
            id=new_id(), org_id=here.org.organisation_id, name="北包括", named_by=here.staff_id, named_at=NOW
        )
        await sheets.add(
            connection, here.keyring, moves.name_recipient(sheet, named), saving(here), case_id=here.case_id,
            resident_id=here.resident.id, number=number, new_id=new_id,
        )  # fmt: skip
    return sheet.id


def saving(here: Scene) -> Saving:
    return Saving(actor=here.staff_id, action="submitted", at=NOW, forms_version="f" * 12)


async def submit(here: Scene, sheet_id: UUID, *, held: asyncio.Event | None = None) -> Sheet | None:
    """As the console does it: resident first, then the sheet, then what was agreed to. None when it is refused."""
    async with here.database.write() as connection:
        await residents.by_id(connection, here.keyring, here.resident.id, lock=True)
        if held is not None:
            held.set()
        stored = await sheets.load(connection, here.keyring, here.case_id, sheet_id, lock=True)
        assert stored is not None
        book = await consents.book(connection, here.resident.id)
        try:
            agreed = moves.give_consent(stored.sheet, FORM, book, at=NOW)
            after = moves.submit(agreed, FORM, book, at=NOW)
        except Refused:
            return None
        return await sheets.save(connection, here.keyring, stored, after, saving(here), new_id=new_id)


async def withdraw(here: Scene, *, held: asyncio.Event | None = None) -> list[Stored]:
    """As a turn does it."""
    async with here.database.write() as connection:
        await residents.by_id(connection, here.keyring, here.resident.id, lock=True)
        if held is not None:
            held.set()
        book = await consents.withdraw(connection, here.resident.id, at=NOW, reason=Ended.RESIDENT)
        return await sheet_ends.withdraw(
            connection, here.keyring, here.resident.id, book, FORMS.__getitem__, at=NOW,
            forms_version="f" * 12, new_id=new_id,
        )  # fmt: skip


@pytest.mark.parametrize("first", ["submission", "withdrawal"])
async def test_withdrawal_and_submission_end_withdrawn_whichever_commits_first(database: Database, first: str) -> None:
    """Two connections at once; who holds the resident's row goes first, and the other sees what it did."""
    here = await scene(database)
    await here.agree()
    sheet_id, held = await sheet_of(here), asyncio.Event()
    if first == "submission":
        going = asyncio.create_task(submit(here, sheet_id, held=held))
        await held.wait()
        ending = asyncio.create_task(withdraw(here))
    else:
        ending = asyncio.create_task(withdraw(here, held=held))
        await held.wait()
        going = asyncio.create_task(submit(here, sheet_id))
    sent, _ = await going, await ending
    assert (sent is not None) == (first == "submission")
    async with database.read() as connection:
        stored = await sheets.load(connection, here.keyring, here.case_id, sheet_id)
        book = await consents.book(connection, here.resident.id)
        assert await sheets.handed_to(connection, here.case_id) == frozenset()
    assert stored is not None
    assert not any(one.holds(NOW) for one in book.consents)
    assert not stored.sheet.live()
    if first == "submission":
        assert stored.sheet.state is State.RECALLED
        assert [one.state for one in stored.sheet.handovers] == [Handed.RECALLED]
