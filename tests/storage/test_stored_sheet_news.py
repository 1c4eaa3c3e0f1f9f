"""What follows from a handover, and the private page, in both databases: derived once, told once, forgotten in time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from cast import NOW
from sheet_cast import FORM, TODAY
from sqlalchemy import select, update
from test_stored_consents import Scene, saving, scene, sheet_of, submit, withdraw

from casework import sheet_moves as moves
from casework.alerting import Recipient
from casework.sheet_news import Held, Mark, NewsKind
from casework.sheets import Sheet
from storage import cases, consents, notices, private_page, sheet_news, sheets, unseen
from storage.database import Database
from storage.ids import new_id
from storage.notice_tables import Notice, NoticeKind, NoticeState
from storage.notices import About
from storage.sheet_news_tables import PrivateSession, SheetNews
from storage.tables import table_of

pytestmark = pytest.mark.anyio

DAY = timedelta(days=1)


async def out(database: Database) -> tuple[Scene, UUID]:
    """A sheet on its way."""
    here = await scene(database)
    await here.agree()
    sheet_id = await sheet_of(here)
    assert await submit(here, sheet_id) is not None
    return here, sheet_id


async def moved(here: Scene, sheet_id: UUID, move: Callable[[Sheet, UUID], Sheet]) -> None:
    async with here.database.write() as connection:
        stored = await sheets.load(connection, here.keyring, here.case_id, sheet_id, lock=True)
        assert stored is not None
        after = move(stored.sheet, here.org.organisation_id)
        await sheets.save(connection, here.keyring, stored, after, saving(here), new_id=new_id)


async def marks(here: Scene) -> frozenset[Mark]:
    async with here.database.read() as connection:
        return (await sheet_news.marks(connection, [here.case_id], now=NOW + DAY)).get(here.case_id, frozenset())


async def test_what_was_sent_is_told_once_and_only_while_it_is_news(database: Database) -> None:
    here, _ = await out(database)
    async with database.write() as connection:
        assert await sheet_news.untold_submissions(connection, since=NOW + DAY) == []
        (gone,) = await sheet_news.untold_submissions(connection, since=NOW - DAY)
        given = {"at": NOW, "next_try_at": NOW, "new_id": new_id}
        news_id = await sheet_news.add(connection, gone, NewsKind.SUBMITTED, **given)  # type: ignore[arg-type]
        assert news_id is not None
        assert await sheet_news.add(connection, gone, NewsKind.SUBMITTED, **given) is None  # type: ignore[arg-type]
        assert await sheet_news.untold_submissions(connection, since=NOW - DAY) == []
        assert await sheet_news.due(connection, now=NOW - DAY) == []
        assert await sheet_news.due(connection, now=NOW) == [news_id]
        assert await sheet_news.told(connection, news_id, at=NOW)
        assert not await sheet_news.told(connection, news_id, at=NOW)
        assert await sheet_news.due(connection, now=NOW + DAY) == []
    assert await marks(here) == frozenset()


async def test_the_words_of_a_person_are_sealed_until_told_and_gone_with_the_resident(database: Database) -> None:
    here, sheet_id = await out(database)
    async with database.write() as connection:
        ids = [
            await sheet_news.answer(
                connection, here.resident.key, "会えることになりました。", desk_id="default", case_id=here.case_id,
                sheet_id=sheet_id, resident_id=here.resident.id, by=here.staff_id, at=NOW, next_try_at=NOW,
                new_id=new_id,
            )
            for _ in range(2)
        ]  # fmt: skip
        sealed = (await connection.execute(select(SheetNews.words_sealed))).scalars().all()
        assert all("会える".encode() not in one for one in sealed if one)
        news = await sheet_news.open_one(connection, ids[0])
        assert news is not None
        assert sheet_news.words_of(here.resident.key, news) == "会えることになりました。"
        await sheet_news.held(connection, ids[0], Held.UNSAFE)
        assert await sheet_news.open_one(connection, ids[0]) is None
        await sheet_news.erase(connection, here.resident.id)
        assert (await connection.execute(select(SheetNews.words_sealed))).scalars().all() == [None, None]
        assert await sheet_news.due(connection, now=NOW + DAY) == []


async def test_marks_say_what_is_to_be_done_and_go_when_it_is_done(database: Database) -> None:
    here, sheet_id = await out(database)
    async with database.write() as connection:
        (gone,) = await sheet_news.expected(connection)
        await sheet_news.add(connection, gone, NewsKind.OVERDUE, at=NOW, next_try_at=NOW, new_id=new_id)
        assert await sheet_news.expected(connection) == []
    assert await marks(here) == {Mark.OVERDUE}
    await moved(here, sheet_id, lambda s, org: moves.receive(s, org, by_name="受領", at=NOW, today=TODAY))
    await moved(here, sheet_id, lambda s, org: moves.decline(s, org, reason="区域外", at=NOW))
    assert await marks(here) == {Mark.UNTOLD}
    async with database.write() as connection:
        await sheet_news.answer(
            connection, here.resident.key, "ほかを探します。", desk_id="default", case_id=here.case_id,
            sheet_id=sheet_id, resident_id=here.resident.id, by=here.staff_id, at=NOW, next_try_at=NOW, new_id=new_id,
        )  # fmt: skip
    assert await marks(here) == frozenset()


async def test_a_recalled_sheet_waits_until_its_recipient_was_told_to_stop(database: Database) -> None:
    here, sheet_id = await out(database)
    await moved(here, sheet_id, lambda s, org: moves.receive(s, org, by_name="受領", at=NOW, today=TODAY))
    await withdraw(here)
    assert await marks(here) == {Mark.STOP}
    async with database.write() as connection:
        assert await sheet_news.unnoticed(connection, NoticeKind.HANDED, since=NOW - DAY) == []
        (gone,) = await sheet_news.unnoticed(connection, NoticeKind.RECALLED, since=NOW - DAY)
        notice_id = await notices.add(
            connection, here.keyring, About(desk_id="default", kind=NoticeKind.RECALLED, number=gone.number),
            Recipient(address="kita@example.jp"), now=NOW, expires_at=NOW + DAY, domain="a.example", new_id=new_id,
        )  # fmt: skip
        await sheet_news.noticed(connection, gone.handover_id, NoticeKind.RECALLED, notice_id, at=NOW)
        assert await sheet_news.unnoticed(connection, NoticeKind.RECALLED, since=NOW - DAY) == []
        assert await sheet_news.stopped_by_mail(connection) == []
        await connection.execute(update(table_of(Notice)).values(state=NoticeState.SENT, sent_at=NOW))
        (stopped,) = await sheet_news.stopped_by_mail(connection)
    handover = stopped.handover_id
    await moved(here, sheet_id, lambda s, _org: moves.stop_told(s, handover, at=stopped.at))
    assert await marks(here) == frozenset()
    async with database.read() as connection:
        assert await sheet_news.stopped_by_mail(connection) == []


async def begin(here: Scene, token: str, sheet_id: UUID, at: timedelta = timedelta()) -> bool:
    async with here.database.write() as connection:
        return await private_page.begin(
            connection, token, desk_id="default", resident_id=here.resident.id, sheet_id=sheet_id, now=NOW + at,
            new_id=new_id,
        )  # fmt: skip


async def test_a_browser_has_the_sheet_for_half_an_hour_and_only_the_newest_one(database: Database) -> None:
    here, sheet_id = await out(database)
    assert await begin(here, "one", sheet_id)
    assert await begin(here, "two", sheet_id)
    async with database.read() as connection:
        assert await private_page.load(connection, "one", now=NOW) is None
        assert await private_page.load(connection, "three", now=NOW) is None
        session = await private_page.load(connection, "two", now=NOW + timedelta(minutes=29))
        assert session is not None
        assert (session.open, session.case_id) == (True, here.case_id)
        late = await private_page.load(connection, "two", now=NOW + timedelta(minutes=31))
        assert late is not None
        assert not late.open
        assert await private_page.load(connection, "two", now=NOW + timedelta(hours=25)) is None


async def test_a_draft_is_sealed_stands_until_it_is_saved_and_is_forgotten_after_a_day(database: Database) -> None:
    here, sheet_id = await out(database)
    await begin(here, "one", sheet_id)
    async with database.write() as connection:
        session = await private_page.load(connection, "one", now=NOW)
        assert session is not None
        await private_page.keep_draft(connection, here.resident.key, session.id, {"typed": {"wish": "ひまわり"}})
        (sealed,) = (await connection.execute(select(PrivateSession.draft_sealed))).scalars()
        assert "ひまわり".encode() not in sealed
        given = (connection, here.resident.key, here.resident.id, sheet_id)
        assert await private_page.draft_for(*given, now=NOW + timedelta(hours=26)) is None
        for _ in range(2):
            assert await private_page.draft_for(*given, now=NOW) == {"typed": {"wish": "ひまわり"}}
        await private_page.forget_drafts(connection, here.resident.id, sheet_id)
        assert await private_page.draft_for(*given, now=NOW) is None
        await private_page.keep_draft(connection, here.resident.key, session.id, {"typed": {}})
        await private_page.tidy(connection, NOW + timedelta(days=2))
        assert (await connection.execute(select(PrivateSession.draft_sealed))).scalars().all() == [None]
        await private_page.tidy(connection, NOW + timedelta(days=8))
        assert (await connection.execute(select(PrivateSession.id))).scalars().all() == []


async def test_a_dozen_openings_in_an_hour_are_enough(database: Database) -> None:
    here, sheet_id = await out(database)
    begun = [await begin(here, f"token-{number}", sheet_id) for number in range(14)]
    assert begun == [True] * 12 + [False] * 2
    assert await begin(here, "later", sheet_id, timedelta(minutes=61))


async def test_another_residents_sheet_is_never_the_one_shown(database: Database) -> None:
    here, sheet_id = await out(database)
    async with database.read() as connection:
        assert await private_page.sheet_for(connection, here.resident.id) == sheet_id
        assert await private_page.sheet_for(connection, here.resident.id, new_id()) is None
        assert await private_page.sheet_for(connection, new_id(), sheet_id) is None
    await withdraw(here)
    async with database.read() as connection:
        assert await private_page.sheet_for(connection, here.resident.id) is None
        assert (await consents.book(connection, here.resident.id)).named_to(NOW) == {}
    assert FORM is not None


async def test_an_area_is_kept_away_once_and_is_among_the_facts(database: Database) -> None:
    here, _ = await out(database)
    async with database.write() as connection:
        case = await cases.locked(connection, here.case_id)
        assert await unseen.keep_away(connection, case, "hokubu", at=NOW, new_id=new_id)
        assert not await unseen.keep_away(connection, case, "hokubu", at=NOW, new_id=new_id)
        assert await unseen.of_case(connection, here.case_id) == {"hokubu"}
        assert (await cases.facts_of(connection, case)).unseen_areas == {"hokubu"}
