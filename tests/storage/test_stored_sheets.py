"""Sheets in the database: sealed, versioned, found through their case only; withdrawal and submission in any order."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from uuid import UUID

import pytest
from case_cast import case_of, staff_of
from cast import NOW, keyring_of
from sheet_cast import FORM, FORMS, FULL, Said, written
from sqlalchemy import select, text, update

from casework import sheet_moves as moves
from casework.forms import Row
from casework.people import Grant, Role, Viewer
from casework.sheets import Basis, Entry, Handed, Handover, Member, Origin, Refused, Sheet, State, new_sheet
from storage import case_queue, conversations, erasure, recipients, sheet_ends, sheets
from storage.database import Database
from storage.ids import new_id
from storage.keyring import Keyring
from storage.recipients import RecipientRow
from storage.residents import ResidentRow
from storage.sheet_tables import HandoverRow, SheetRow, SheetVersion
from storage.sheets import Changed, Saving, Stored
from storage.tables import Resident

pytestmark = pytest.mark.anyio

SECRET = "髙﨑 𠮷子"


@dataclass(frozen=True, kw_only=True)
class Scene:
    """A case with a sheet, one recipient, one member of staff."""

    database: Database
    keyring: Keyring
    resident: ResidentRow
    case_id: UUID
    sheet_id: UUID
    staff_id: UUID
    org: RecipientRow

    async def load(self) -> Stored:
        async with self.database.read() as connection:
            stored = await sheets.load(connection, self.keyring, self.case_id, self.sheet_id)
        assert stored is not None
        return stored

    async def save(self, change: Callable[[Sheet], Sheet], action: str = "written") -> Sheet:
        async with self.database.write() as connection:
            stored = await sheets.load(connection, self.keyring, self.case_id, self.sheet_id, lock=True)
            assert stored is not None
            after = change(stored.sheet)
            return await sheets.save(
                connection, self.keyring, stored, after, saving(self.staff_id, action), new_id=new_id
            )

    def named(self) -> Handover:
        return Handover(
            id=new_id(), org_id=self.org.organisation_id, name=self.org.name, named_by=self.staff_id, named_at=NOW
        )


def saving(staff_id: UUID, action: str = "written") -> Saving:
    return Saving(actor=staff_id, action=action, at=NOW, forms_version="f" * 12)


async def scene(database: Database, form_id: str = "tsunagu") -> Scene:
    keyring = await keyring_of(database)
    (staff_id,) = await staff_of(database, "hanako")
    resident, case = await case_of(database, keyring)
    async with database.write() as connection:
        org = await recipients.add(
            connection, desk_id="default", name="北包括", mail="kita@example.jp", fields=None, collects=False,
            at=NOW, new_id=new_id,
        )  # fmt: skip
        home = (await connection.execute(text("SELECT organisation_id FROM staff"))).scalar_one()
        home = home if isinstance(home, UUID) else UUID(home)
        sheet = new_sheet(
            form_id, FORMS[form_id], sheet_id=new_id(), desk_id="default", org_id=home, by=staff_id, now=NOW
        )
        number = await sheets.next_number(connection, case.id)
        await sheets.add(
            connection, keyring, sheet, saving(staff_id, "created"),
            case_id=case.id, resident_id=resident.id, number=number, new_id=new_id,
        )  # fmt: skip
    return Scene(
        database=database, keyring=keyring, resident=resident, case_id=case.id, sheet_id=sheet.id,
        staff_id=staff_id, org=org,
    )  # fmt: skip


async def submitted(here: Scene) -> Said:
    """The whole way until it lies with the recipient."""
    yes = Said().yes(here.org.organisation_id)
    await here.save(lambda s: written(s, **FULL))
    await here.save(lambda s: moves.name_recipient(s, here.named()), "named")
    await here.save(lambda s: moves.give_consent(s, FORM, yes, at=NOW), "consented")
    await here.save(lambda s: moves.submit(s, FORM, yes, at=NOW), "submitted")
    return yes


async def withdraw(here: Scene, consents: Said) -> list[Stored]:
    async with here.database.write() as connection:
        return await sheet_ends.withdraw(
            connection, here.keyring, here.resident.id, consents, FORMS.__getitem__,
            at=NOW, forms_version="f" * 12, new_id=new_id,
        )  # fmt: skip


async def test_a_sheet_comes_back_as_it_was_saved(database: Database) -> None:
    here = await scene(database)
    machine = Entry(value=("care",), origin=Origin.MACHINE, at=NOW, sources=frozenset({new_id()}))
    saved = await here.save(
        lambda s: replace(written(s, **FULL), entries={**written(s, **FULL).entries, "topics": machine})
    )
    stored = await here.load()
    assert stored.sheet == saved
    assert (stored.number, stored.sheet.version) == ("2026-0001-1", 2)
    await submitted(here)
    sheet = (await here.load()).sheet
    assert (sheet.state, sheet.handovers[0].state, sheet.submitted_at) == (State.SUBMITTED, Handed.WAITING, NOW)


async def test_a_copy_of_the_database_shows_no_word(database: Database) -> None:
    here = await scene(database)
    await submitted(here)
    await here.save(lambda s: moves.decline(s, here.org.organisation_id, reason="ひみつの理由", at=NOW), "declined")
    async with database.read() as connection:
        for table in (SheetRow, SheetVersion, HandoverRow):
            found = (await connection.execute(select(table.__table__))).all()
            assert found
            for word in (SECRET, "ひみつの理由", "家賃"):
                assert word not in str(found)
                assert word.encode() not in b"".join(cell for row in found for cell in row if isinstance(cell, bytes))


async def test_who_saves_what_another_changed_meanwhile_is_told_what_and_loses_nothing(database: Database) -> None:
    here = await scene(database)
    old = await here.load()
    await here.save(lambda s: written(s, reason="先に書いた"))
    mine = written(old.sheet, wish="あとで書いた")
    with pytest.raises(Changed) as told:
        async with database.write() as connection:
            await sheets.save(connection, here.keyring, old, mine, saving(here.staff_id), new_id=new_id)
    (change,) = told.value.changes
    assert (change.key, change.after and change.after.value) == ("reason", "先に書いた")
    assert told.value.current.value("reason") == "先に書いた"
    await here.save(lambda s: written(s, wish="あとで書いた"))
    both = (await here.load()).sheet
    assert (both.value("reason"), both.value("wish")) == ("先に書いた", "あとで書いた")


async def test_older_versions_can_be_looked_at(database: Database) -> None:
    here = await scene(database)
    await here.save(lambda s: written(s, wish="一"))
    await here.save(lambda s: written(s, wish="二"))
    async with database.read() as connection:
        versions = await sheets.history(connection, here.case_id, here.sheet_id)
        first = await sheets.at_version(connection, here.keyring, here.case_id, here.sheet_id, 2)
        none = await sheets.at_version(connection, here.keyring, here.case_id, here.sheet_id, 9)
    assert [(one.number, one.action) for one in versions] == [(3, "written"), (2, "written"), (1, "created")]
    assert versions[0].actor == str(here.staff_id)
    assert first is not None
    assert (first.value("wish"), none) == ("一", None)


async def test_saving_nothing_new_makes_no_version(database: Database) -> None:
    here = await scene(database)
    assert (await here.save(lambda s: s)).version == 1


async def test_a_sheet_is_found_through_its_own_case_only(database: Database) -> None:
    here = await scene(database)
    _, other = await case_of(database, here.keyring, b"t")
    async with database.read() as connection:
        assert await sheets.load(connection, here.keyring, other.id, here.sheet_id) is None
        assert await sheets.history(connection, other.id, here.sheet_id) == []
        assert await sheets.of_case(connection, other.id) == []
        assert [one.number for one in await sheets.of_case(connection, here.case_id)] == ["2026-0001-1"]


async def test_an_organisation_comes_near_a_case_only_while_a_sheet_lies_with_it(database: Database) -> None:
    here = await scene(database)
    org = here.org.organisation_id

    async def near() -> tuple[frozenset[UUID], UUID | None, int]:
        async with database.read() as connection:
            listed = await sheets.handed_for(connection, org)
            case = await sheets.handed_case(connection, org, here.sheet_id)
            return await sheets.handed_to(connection, here.case_id), case, len(listed)

    assert await near() == (frozenset(), None, 0)
    yes = await submitted(here)
    assert await near() == (frozenset({org}), here.case_id, 1)
    await withdraw(here, yes.no_more(org))
    assert await near() == (frozenset(), None, 0)


async def test_the_queue_tells_an_organisation_of_its_sheet_and_nobody_else(database: Database) -> None:
    here = await scene(database)

    async def told(organisation_id: UUID, role: Role = Role.TRIAGER, desk_id: str = "default") -> list[UUID]:
        grant = Grant(role=role, desk_id="default")
        viewer = Viewer(staff_id=new_id(), organisation_id=organisation_id, grants=(grant,))
        async with database.read() as connection:
            return [one.sheet_id for one in await case_queue.handed(connection, desk_id, viewer)]

    assert await told(here.org.organisation_id) == []
    yes = await submitted(here)
    assert await told(here.org.organisation_id) == [here.sheet_id]
    assert await told(here.org.organisation_id, desk_id="other") == []
    for role in set(Role) - {Role.TRIAGER}:
        assert await told(here.org.organisation_id, role) == []
    assert await told(new_id()) == []
    await withdraw(here, yes.no_more(here.org.organisation_id))
    assert await told(here.org.organisation_id) == []


async def test_a_withdrawal_calls_back_what_lies_elsewhere(database: Database) -> None:
    here = await scene(database)
    yes = await submitted(here)
    assert await withdraw(here, yes) == []
    (changed,) = await withdraw(here, yes.no_more(here.org.organisation_id))
    assert changed.sheet.state is State.RECALLED
    sheet = (await here.load()).sheet
    assert (sheet.state, sheet.handovers[0].state) == (State.RECALLED, Handed.RECALLED)
    async with database.read() as connection:
        newest = (await sheets.history(connection, here.case_id, here.sheet_id))[0]
    assert (newest.actor, newest.action) == ("resident", "withdrawn")


@pytest.mark.parametrize("first", ["submission", "withdrawal"])
async def test_withdrawal_and_submission_end_recalled_whoever_commits_first(database: Database, first: str) -> None:
    """Both lock the resident's row; consent is read behind that lock."""
    here = await scene(database)
    org = here.org.organisation_id
    said = {"now": Said().yes(org)}
    await here.save(lambda s: written(s, **FULL))
    await here.save(lambda s: moves.name_recipient(s, here.named()))
    await here.save(lambda s: moves.give_consent(s, FORM, said["now"], at=NOW))
    begun = asyncio.Event()

    async def lock(connection: object) -> None:
        query = select(Resident.id).where(Resident.id == here.resident.id).with_for_update()
        await connection.execute(query)  # type: ignore[attr-defined]

    async def submission() -> None:
        if first != "submission":
            await begun.wait()
        async with database.write() as connection:
            await lock(connection)
            begun.set()
            stored = await sheets.load(connection, here.keyring, here.case_id, here.sheet_id, lock=True)
            assert stored is not None
            try:
                after = moves.submit(stored.sheet, FORM, said["now"], at=NOW)
            except Refused:
                return
            await sheets.save(
                connection, here.keyring, stored, after, saving(here.staff_id, "submitted"), new_id=new_id
            )

    async def withdrawal() -> None:
        if first != "withdrawal":
            await begun.wait()
        async with database.write() as connection:
            await lock(connection)
            said["now"] = Said()
            begun.set()
            await sheet_ends.withdraw(
                connection, here.keyring, here.resident.id, said["now"], FORMS.__getitem__,
                at=NOW, forms_version="f", new_id=new_id,
            )  # fmt: skip

    await asyncio.gather(submission(), withdrawal())
    sheet = (await here.load()).sheet
    assert sheet.state is State.RECALLED
    assert sheet.live() == ()


async def test_an_unsent_message_goes_out_of_every_version(database: Database) -> None:
    here = await scene(database)
    gone, kept, turn, ref = new_id(), new_id(), new_id(), b"r" * 32
    async with database.write() as connection:
        await conversations.add_turn(
            connection, here.resident, turn_id=turn, at=NOW, content_version="c", listener_version="l"
        )
        message = conversations.NewMessage(id=gone, kind="text", ref=ref, text="消したい言葉", sent_at=NOW)
        await conversations.add_messages(connection, here.resident, turn, [message])
    quotes = Entry(
        value=(Row(cells={"text": "消したい言葉"}, source=gone), Row(cells={"text": "残る言葉"}, source=kept)),
        origin=Origin.MACHINE,
        at=NOW,
        sources=frozenset({gone, kept}),
    )
    await here.save(lambda s: replace(s, entries={"quotes": quotes}))
    await here.save(lambda s: written(s, wish="二"))
    async with database.write() as connection:
        assert await sheet_ends.unsend(connection, here.resident.key, here.resident.id, b"x" * 32) == 0
        assert await sheet_ends.unsend(connection, here.resident.key, here.resident.id, ref) == 2
    async with database.read() as connection:
        for number in (2, 3):
            sheet = await sheets.at_version(connection, here.keyring, here.case_id, here.sheet_id, number)
            assert sheet is not None
            assert sheet.value("quotes") == (Row(cells={"text": "残る言葉"}, source=kept),)


async def erased(here: Scene) -> None:
    async with here.database.write() as connection:
        await connection.execute(
            update(Resident).where(Resident.id == here.resident.id).values(erase_at=NOW - timedelta(minutes=1))
        )
        assert await erasure.erase(connection, here.keyring, here.resident.id, now=NOW)


async def test_erasing_a_resident_destroys_every_version_and_calls_back(database: Database) -> None:
    here = await scene(database)
    await submitted(here)
    await erased(here)
    async with database.read() as connection:
        assert await sheets.load(connection, here.keyring, here.case_id, here.sheet_id) is None
        contents = (await connection.execute(select(SheetVersion.content_sealed))).scalars().all()
        states = (await connection.execute(select(HandoverRow.state, HandoverRow.words_sealed))).all()
        assert await sheets.handed_to(connection, here.case_id) == frozenset()
    assert set(contents) == {None}
    assert [tuple(row) for row in states] == [(Handed.RECALLED, None)]


async def test_what_a_law_made_staff_write_outlives_an_erasure(database: Database) -> None:
    here = await scene(database, "notification")
    form = FORMS["notification"]
    member = Member(org_id=here.org.organisation_id, staff_id=here.staff_id, org_name="児相", name="担当")
    basis = Basis(
        kind="child_abuse", reason="泣き声", members=(member,), items=frozenset({"facts"}),
        decided_by=here.staff_id, decided_at=NOW,
    )  # fmt: skip
    await here.save(lambda s: moves.rest_on(s, form, basis))
    await erased(here)
    kept = (await here.load()).sheet
    assert kept.basis == basis


async def test_what_one_decided_alone_is_found_when_its_time_is_over(database: Database) -> None:
    here = await scene(database, "notification")
    stored = await here.load()
    late = replace(saving(here.staff_id), second_due_at=NOW + timedelta(hours=24))
    async with database.write() as connection:
        after = written(stored.sheet, FORMS["notification"], facts="あ")
        await sheets.save(connection, here.keyring, stored, after, late, new_id=new_id)
    async with database.read() as connection:
        assert await sheets.second_overdue(connection, NOW + timedelta(hours=23)) == []
        (one,) = await sheets.second_overdue(connection, NOW + timedelta(hours=24))
    assert one.id == here.sheet_id


async def test_recipients_belong_to_a_desk(database: Database) -> None:
    here = await scene(database)
    async with database.write() as connection:
        city = await recipients.add(
            connection, desk_id="default", name="市福祉相談課", mail=None, fields=frozenset({"words"}), collects=True,
            at=NOW, new_id=new_id,
        )  # fmt: skip
        assert not await recipients.end(connection, "other", city.id, at=NOW)
        assert await recipients.change(connection, "default", here.org.id, mail=None, fields=frozenset({"wish"}))
        assert [one.name for one in await recipients.of_desk(connection, "default")] == ["市福祉相談課", "北包括"]
        assert await recipients.of_desk(connection, "other") == []
        assert await recipients.end(connection, "default", city.id, at=NOW)
        (left,) = await recipients.of_desk(connection, "default")
    assert (left.fields, left.mail) == (frozenset({"wish"}), None)
    assert date(2026, 11, 26) == FULL["created_on"]
