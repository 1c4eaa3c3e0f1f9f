"""What follows from a sheet that was handed over: the resident is told, recipients get mails that say nothing, and
what is late, untold or recalled shows in the queue.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest
from office import Browser
from sheet_cast import FORMS
from sqlalchemy import select, update
from test_sheet_asking import resident_of, said_to
from test_sheet_pages import Scene, act, desk, filled, scene, submitted, words

from casework.queue import SafeContact
from casework.sheet_news import Held, NewsKind
from casework.sheets import Handed, consent_items
from config.notices import notice_words
from dialogue import State
from dialogue.state import CrisisShown
from handlers.clock.handovers import Handovers
from handlers.sending_rules import calendar_of
from handlers.sheet_telling import SheetTelling
from storage import recipients, residents, sheet_news, sheets
from storage.case_tables import Case
from storage.ids import new_id
from storage.notice_tables import Notice, NoticeKind, NoticeState
from storage.sheet_news_tables import SheetNews
from storage.tables import table_of

__all__ = ["desk", "scene"]

pytestmark = pytest.mark.anyio


class NoEngine:
    """The clock is the test's own."""

    def every(self, *_given: object) -> None:
        raise AssertionError("nothing is registered here")


def handovers(scene: Scene) -> Handovers:
    console = scene.office.console
    assert console.sheets is not None
    assert console.work is not None
    telling = SheetTelling(
        database=console.database, keyring=console.keyring, turns=console.work.turns,
        deliver=console.work.deliver, forms=console.sheets.forms, workdays=console.sheets.workdays,
        calendars={name: calendar_of(desk) for name, desk in console.desks.items()},
        clock=scene.office.clock, new_id=new_id,
    )  # fmt: skip
    return Handovers(
        database=console.database, keyring=console.keyring, engine=NoEngine(),  # type: ignore[arg-type]
        telling=telling, forms=console.sheets.forms, workdays=console.sheets.workdays,
        words=dict.fromkeys(("default", "other"), notice_words()),
        domain="tsunagu.example", clock=scene.office.clock, new_id=new_id,
    )  # fmt: skip


async def may_be_seen(scene: Scene, safe: SafeContact) -> None:
    async with scene.office.console.database.write() as connection:
        case = update(table_of(Case)).where(Case.id == scene.case_id)
        await connection.execute(case.values(safe_contact=safe))


async def news(scene: Scene) -> list[tuple[NewsKind, bool, Held | None]]:
    async with scene.office.console.database.read() as connection:
        query = select(SheetNews.kind, SheetNews.told_at, SheetNews.held).order_by(SheetNews.created_at, SheetNews.id)
        return [(row.kind, row.told_at is not None, row.held) for row in await connection.execute(query)]


async def mails(scene: Scene) -> list[tuple[NoticeKind, str | None]]:
    async with scene.office.console.database.read() as connection:
        query = select(Notice.kind, Notice.number).order_by(Notice.created_at, Notice.id)
        return [(row.kind, row.number) for row in await connection.execute(query)]


async def with_mail(scene: Scene, name: str, mail: str = "kita@example.jp") -> None:
    async with scene.office.console.database.write() as connection:
        await recipients.change(connection, "default", scene.places[name].id, mail=mail, fields=None)


async def queue(scene: Scene, browser: Browser) -> str:
    return words(await browser.get("/staff/queue"))


async def test_after_submission_the_resident_hears_what_happens_and_by_which_working_day(scene: Scene) -> None:
    await may_be_seen(scene, SafeContact.YES)
    async with await scene.at("hanako") as hanako:
        await submitted(scene, hanako)
        await handovers(scene).look()
        await handovers(scene).look()
        (one,) = [said for said in await said_to(scene) if "北地域包括支援センター" in said]
        # Thursday: two working days are Monday; seven days are Thursday.
        assert one == "北地域包括支援センターに、お話しした内容を渡しました。"
        assert any(
            "11月30日(月)までに受け取って" in said and "12月3日(木)までに" in said for said in await said_to(scene)
        )
        assert await news(scene) == [(NewsKind.SUBMITTED, True, None)]


async def test_where_nobody_knows_who_sees_the_screen_no_place_is_named(scene: Scene) -> None:
    async with await scene.at("hanako") as hanako:
        await submitted(scene, hanako)
        await handovers(scene).look()
    said = await said_to(scene)
    assert any("一つ先に進めました" in one for one in said)
    assert not any("包括" in one for one in said)


async def test_whoever_must_not_be_written_to_is_told_by_people(scene: Scene) -> None:
    await may_be_seen(scene, SafeContact.NO)
    async with await scene.at("hanako") as hanako:
        at = await submitted(scene, hanako)
        await handovers(scene).look()
        assert await said_to(scene) == []
        assert await news(scene) == [(NewsKind.SUBMITTED, False, Held.UNSAFE)]
        assert "書かないでほしいと言っているため" in words(await hanako.get(at))
        assert "本人に自動で伝えられない" in await queue(scene, hanako)


@pytest.mark.parametrize("guarded", [True, False])
async def test_never_in_a_guarded_talk_and_not_beside_danger(scene: Scene, guarded: bool) -> None:
    resident, console, clock = await resident_of(scene), scene.office.console, scene.office.clock
    state = State.new()
    shown = CrisisShown(card="suicide", kinds=("suicide",), at=clock())
    state = replace(state, guarded=True) if guarded else replace(state, crisis=shown)
    async with console.database.write() as connection:
        await residents.decided(
            connection, resident, state=state.to_json(), known=None, messages=0, heard_at=None, blocked_at=None
        )
    async with await scene.at("hanako") as hanako:
        await submitted(scene, hanako)
        await handovers(scene).look()
        assert await said_to(scene) == []
        assert await news(scene) == [(NewsKind.SUBMITTED, False, Held.GUARDED if guarded else None)]
        clock.passes(hours=25)
        await handovers(scene).look()
    assert (await said_to(scene) != []) is not guarded


async def test_at_night_it_waits_until_the_desk_opens(scene: Scene) -> None:
    scene.office.clock.now = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)
    async with await scene.at("hanako") as late:
        await submitted(scene, late)
    await handovers(scene).look()
    assert await said_to(scene) == []
    async with scene.office.console.database.read() as connection:
        assert await sheet_news.due(connection, now=datetime(2026, 11, 29, 23, 0, tzinfo=UTC)) == []
        assert len(await sheet_news.due(connection, now=datetime(2026, 11, 30, 0, 0, tzinfo=UTC))) == 1


async def test_a_late_answer_shows_in_the_queue_and_is_told_once_with_the_day_of_the_next_word(scene: Scene) -> None:
    await may_be_seen(scene, SafeContact.YES)
    async with await scene.at("hanako") as hanako:
        await submitted(scene, hanako)
        await handovers(scene).look()
        before = len(await said_to(scene))
        scene.office.clock.passes(days=4)
        await handovers(scene).look()
        assert len(await said_to(scene)) == before
        scene.office.clock.passes(days=1)
        for _ in range(2):
            await handovers(scene).look()
        late = [said for said in await said_to(scene) if "遅れています" in said]
        assert late == ["北地域包括支援センターからの返事が遅れています。お待たせしてすみません。"]
        assert any("あす(水)までに、ここでお知らせします" in said for said in await said_to(scene))
        async with await scene.at("hanako") as again:
            assert "つなぎ先の期限切れ" in await queue(scene, again)
            async with await scene.at("kita") as kita:
                there = (await kita.get("/staff/handed")).text.split("/staff/handed/")[1][:36]
                await kita.send(f"/staff/handed/{there}", f"/staff/handed/{there}/answer", act="receive")
                await kita.send(
                    f"/staff/handed/{there}", f"/staff/handed/{there}/answer", act="decline", reason="区域外です"
                )
            shown = await queue(scene, again)
            assert "つなぎ先の期限切れ" not in shown
            assert "回答を本人に未伝達" in shown


async def answered(scene: Scene, hanako: Browser, kita: Browser) -> str:
    at = await submitted(scene, hanako)
    there = f"/staff/handed/{at.rsplit('/', 1)[1]}"
    for name in ("receive", "accept"):
        await kita.send(there, f"{there}/answer", act=name)
    await kita.send(there, f"{there}/answer", act="reply", text="始めます", next_step="12月1日に電話")
    return at


async def test_the_answer_is_told_in_a_persons_words_with_the_next_step_and_the_day_is_kept(scene: Scene) -> None:
    async with await scene.at("hanako") as hanako, await scene.at("kita") as kita:
        at = await answered(scene, hanako, kita)
        assert "回答を本人に未伝達" in await queue(scene, hanako)
        without = await hanako.send(at, f"{at}/tell", words="会えることになりました。", next_step="")
        assert (without.status, "会えることになりました。" in without.text) == (422, True)
        told = await hanako.send(
            at, f"{at}/tell", words="会えることになりました。", next_step="12月1日に電話が来ます。"
        )
        assert told.status == 303
        assert not any("会えること" in said for said in await said_to(scene))
        await handovers(scene).look()
        (said,) = [one for one in await said_to(scene) if "会えること" in one]
        assert "次のこと：12月1日に電話が来ます。" in said
        assert "（相談員の相談 花子）" in said
        assert "本人へ伝えた日 11月26日" in words(await hanako.get(at))
        assert "回答を本人に未伝達" not in await queue(scene, hanako)
        assert "会えることになりました。" in words(await hanako.get(f"/staff/cases/{scene.case_id}"))
        assert (await act(hanako, at, "hand", "close")).status == 303
    async with scene.office.console.database.read() as connection:
        left = select(SheetNews.words_sealed).where(SheetNews.kind == NewsKind.ANSWERED)
        assert (await connection.execute(left)).scalars().all() == [None]


async def test_recipients_get_a_mail_that_says_nothing_once_for_each_handing_over(scene: Scene) -> None:
    await with_mail(scene, "kita")
    async with await scene.at("hanako") as hanako:
        await submitted(scene, hanako)
        for _ in range(3):
            await handovers(scene).look()
        assert await mails(scene) == [(NoticeKind.HANDED, "2026-0001-1")]
        mail = notice_words().words("handed", 0)
        assert "髙﨑" not in mail.text
    assert "recipient_mailed" in await scene.office.acts()


async def test_a_recipient_without_an_address_is_left_to_people(scene: Scene) -> None:
    async with await scene.at("hanako") as hanako:
        await submitted(scene, hanako)
        await handovers(scene).look()
    assert await mails(scene) == []
    assert "recipient_without_mail" in await scene.office.acts()


async def test_a_withdrawal_is_mailed_and_counts_as_told_when_the_server_took_the_mail(desk: Scene) -> None:
    await with_mail(desk, "kita")
    items = sorted(consent_items(FORMS["tsunagu"]))
    async with await desk.at("hanako") as hanako, await desk.at("kita") as kita:
        at = await filled(desk, hanako)
        await act(hanako, at, "prepare", "name", recipient=str(desk.places["kita"].id))
        found = re.search(r'name="handover"><option value="([0-9a-f-]{36})"', (await hanako.get(at)).text)
        assert found is not None
        place = {"handover": found[1]}
        await hanako.send(at, f"{at}/consents", **place, method="paper", items=items)
        await act(hanako, at, "prepare", "consent")
        assert (await act(hanako, at, "hand", "submit")).status == 303
        there = f"/staff/handed/{at.rsplit('/', 1)[1]}"
        await handovers(desk).look()
        await kita.send(there, f"{there}/answer", act="receive")
        await hanako.send(at, f"{at}/withdrawal", **place)
        await handovers(desk).look()
        assert [kind for kind, _ in await mails(desk)] == [NoticeKind.HANDED, NoticeKind.RECALLED]
        assert "使わないよう、まだ伝えていません。" in words(await hanako.get(at))
        assert "使わないよう未伝達" in await queue(desk, hanako)
        async with desk.office.console.database.write() as connection:
            sent = update(table_of(Notice)).values(state=NoticeState.SENT, sent_at=desk.office.clock())
            await connection.execute(sent)
        await handovers(desk).look()
        assert "使わないよう伝えた" in words(await hanako.get(at))
        assert "使わないよう未伝達" not in await queue(desk, hanako)


async def test_nothing_is_told_of_what_was_withdrawn_before_it_was_told(scene: Scene) -> None:
    async with await scene.at("hanako") as hanako:
        at = await submitted(scene, hanako)
        console = scene.office.console
        clock = handovers(scene)
        await clock._note_submissions()
        async with console.database.write() as connection:
            stored = await sheets.load(connection, console.keyring, scene.case_id, _id(at))
            assert stored is not None
            recalled = tuple(replace(one, state=Handed.RECALLED) for one in stored.sheet.handovers)
            gone = replace(stored.sheet, handovers=recalled)
            saving = sheets.Saving(actor="resident", action="withdrawn", at=scene.office.clock(), forms_version="f")
            await sheets.save(connection, console.keyring, stored, gone, saving, new_id=new_id)
        await clock.look()
    assert await said_to(scene) == []
    assert await news(scene) == [(NewsKind.SUBMITTED, False, Held.OVER)]


def _id(at: str) -> UUID:
    return UUID(at.rsplit("/", 1)[1])


async def test_a_child_at_school_is_told_after_school(scene: Scene) -> None:
    async with scene.office.console.database.write() as connection:
        case = update(table_of(Case)).where(Case.id == scene.case_id)
        await connection.execute(case.values(minor=True))
    async with await scene.at("hanako") as hanako:
        await submitted(scene, hanako)
        await handovers(scene).look()
        assert await said_to(scene) == []
        scene.office.clock.now = datetime(2026, 11, 26, 7, 30, tzinfo=UTC)
        await handovers(scene).look()
        assert await said_to(scene) != []


async def test_an_answer_that_has_come_is_not_called_late_any_more(scene: Scene) -> None:
    async with await scene.at("hanako") as hanako:
        at = await submitted(scene, hanako)
    # Put down in the evening, told in the morning: the answer comes in between.
    scene.office.clock.passes(days=5, hours=10)
    await handovers(scene).look()
    async with await scene.at("hanako") as hanako, await scene.at("kita") as kita:
        assert "返事が遅れていること：これから" in words(await hanako.get(at))
        there = (await kita.get("/staff/handed")).text.split("/staff/handed/")[1][:36]
        page = f"/staff/handed/{there}"
        for act_, fields in (
            ("receive", {}), ("accept", {}), ("reply", {"text": "会いました", "next_step": "月曜に電話します"}),
        ):  # fmt: skip
            assert (await kita.send(page, f"{page}/answer", act=act_, **fields)).status == 303
        shown = words(await hanako.get(at))
    assert "返事が遅れていること：これから" not in shown
    assert "月曜に電話します" in shown


async def test_the_case_says_what_its_sheets_ask_of_staff(scene: Scene) -> None:
    async with await scene.at("hanako") as hanako, await scene.at("kita") as kita:
        await submitted(scene, hanako)
        case = f"/staff/cases/{scene.case_id}"
        assert "回答を本人に未伝達" not in words(await hanako.get(case))
        there = (await kita.get("/staff/handed")).text.split("/staff/handed/")[1][:36]
        page = f"/staff/handed/{there}"
        assert (await kita.send(page, f"{page}/answer", act="receive")).status == 303
        assert (await kita.send(page, f"{page}/answer", act="decline", reason="区域外です")).status == 303
        assert "回答を本人に未伝達" in words(await hanako.get(case))
