"""The pages of check-ins: what goes out to whom, pauses for many, the plan of one resident, and a line of a person."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from office import Browser, Office, Person, Shown
from plan_cast import WEEKLY, delivered, settles, with_case, without_case
from sqlalchemy import insert, select, update

from casework.people import Grant, Role
from casework.queue import Level, SafeContact
from dialogue.effects import SayKind
from dialogue.followups import Band, Rhythm
from dialogue.sending import SkipReason
from handlers.quota import Quota, Quotas
from storage import followups, notes
from storage.audit_tables import AuditEntry
from storage.case_tables import Case, CaseEvent
from storage.followup_tables import CheckIn, CheckInKind, CheckInState, PlanEnd
from storage.followup_tables import CheckInPlan as PlanTable
from storage.followups import PlanRow
from storage.ids import new_id
from storage.residents import ResidentRow
from storage.tables import OutboxMessage, OutboxState, Resident, table_of

pytestmark = pytest.mark.anyio

HOKUBU = Grant(role=Role.COORDINATOR, desk_id="default", areas=frozenset({"hokubu"}))
BOARD = "/staff/check-ins"
SATURDAY = f"{BOARD}?day=2026-11-28"
WISH = {"rhythm": "weekly", "band": "noon", "wish": "電話で、週に一度ならうれしいと聞いた。"}


async def at_desk(office: Office, *roles: Role | Grant, login: str = "aoki") -> tuple[Person, Browser]:
    person = await office.person(login, *(roles or (Role.COORDINATOR,)), shown_name="青木")
    return person, await office.at_work(person)


async def act(browser: Browser, page: str, path: str, **fields: Any) -> Shown:
    shown = await browser.get(page)
    return await browser.post(path, shown.token, **fields)


async def live(office: Office, resident: ResidentRow) -> PlanRow | None:
    async with office.console.database.read() as connection:
        return await followups.live(connection, resident.id, resident.key)


async def one_of(office: Office, query: Any) -> Any:
    async with office.console.database.read() as connection:
        return (await connection.execute(query)).one()


# The calendar


async def test_the_calendar_says_what_goes_out_to_whom_and_what_not_and_why(office: Office) -> None:
    _, browser = await at_desk(office)
    going, _ = await with_case(office)
    blocked, case = await with_case(office)
    for resident in (going, blocked):
        await settles(office, resident)
    async with office.console.database.write() as connection:
        await connection.execute(update(Resident).where(Resident.id == blocked.id).values(blocked_at=office.clock()))
    async with browser:
        shown = await browser.get(SATURDAY)
    assert shown.status == 200
    assert f"/staff/cases/{case.id}/check-ins" in shown.text
    assert going.alias in shown.text
    rows = re.findall(r"<tr class=\"level-watch\">(.*?)</tr>", shown.text, re.DOTALL)
    assert len(rows) == 2
    told = {alias: row for row in rows for alias in (going.alias, blocked.alias) if alias in row}
    assert "送らない" not in told[going.alias]
    assert "本人がブロックしている" in told[blocked.alias]
    assert await office.acts() == ["check_ins_seen"]


async def test_names_of_other_areas_are_not_shown_but_counted(office: Office) -> None:
    _, browser = await at_desk(office, HOKUBU)
    hidden, _ = await with_case(office, area="nanbu")
    alone = await without_case(office)
    for resident in (hidden, alone):
        await settles(office, resident)
    async with browser:
        shown = await browser.get(SATURDAY)
    assert hidden.alias not in shown.text
    assert alone.alias in shown.text
    assert "ほかの圏域の方などへのお便りが1件" in shown.text


def running_short(office: Office, *, limit: int) -> Office:
    async def asked(_desk_id: str) -> Quota:
        return Quota(limit=limit, used=0)

    work = office.console.work
    assert work is not None
    quotas = Quotas(ask=asked, clock=office.clock)
    return Office.over(replace(office.console, work=replace(work, quotas=quotas)), office.clock)


async def test_staff_see_before_it_happens_that_the_months_messages_do_not_last(office: Office) -> None:
    office = running_short(office, limit=51)
    people = [(await with_case(office, level=Level.NONE))[0] for _ in range(3)]
    for resident in people:
        await settles(office, resident)
    _, browser = await at_desk(office)
    async with browser:
        shown = await browser.get(BOARD)
        named = await browser.get(f"{BOARD}?show=short")
    assert "月末まで足りません" in shown.text
    # One of three goes out: of 51 messages 50 are kept for people and crises.
    assert sum(resident.alias in named.text for resident in people) == 2
    assert "取ってある分" in shown.text


async def test_where_the_months_messages_last_nobody_is_alarmed(office: Office) -> None:
    resident, _ = await with_case(office)
    await settles(office, resident)
    _, browser = await at_desk(office)
    async with browser:
        shown = await browser.get(BOARD)
    assert "月末まで足りる見込みです" in shown.text
    assert "月末まで足りません" not in shown.text


# Pauses for many


async def test_a_pause_of_the_desk_stops_what_falls_into_it_and_is_taken_back(office: Office) -> None:
    resident, _ = await with_case(office)
    await settles(office, resident)
    _, browser = await at_desk(office, Role.SUPERVISOR)
    async with browser:
        done = await act(
            browser, BOARD, f"{BOARD}/pauses", area="*", reason="disaster", **{"from": ""}, until="2026-11-30"
        )
        assert done.status == 303
        paused, after = await browser.get(SATURDAY), await browser.get(f"{BOARD}?day=2026-12-05")
        assert "窓口の全員へのお便りを休んでいます" in paused.text
        assert "地区または窓口の一斉お休みの間" in paused.text
        assert '<span class="badge badge-good">送る</span>' in after.text
        pause = re.search(r"/staff/check-ins/pauses/([0-9a-f-]{36})/end", paused.text)
        assert pause is not None
        assert (await browser.post(pause[0], paused.token)).status == 303
        again = await browser.get(SATURDAY)
        assert '<span class="badge badge-good">送る</span>' in again.text
        assert "青木が" in again.text
        assert (await browser.post(pause[0], paused.token)).status == 409
    assert [act for act in await office.acts() if act.startswith("contact_")] == ["contact_paused", "contact_resumed"]


async def test_the_pages_of_a_case_say_that_a_pause_for_many_stops_its_next_word(office: Office) -> None:
    resident, case = await with_case(office)
    await settles(office, resident)
    _, browser = await at_desk(office)
    pages = (f"/staff/cases/{case.id}", f"/staff/cases/{case.id}/check-ins")
    async with browser:
        form = {"area": "hokubu", "reason": "disaster", "from": ""}
        await act(browser, BOARD, f"{BOARD}/pauses", **form, until="2026-11-27")
        before = [(await browser.get(page)).text for page in pages]
        await act(browser, BOARD, f"{BOARD}/pauses", **form, until="2026-11-28")
        during = [(await browser.get(page)).text for page in pages]
    assert not any("届きません" in text for text in before)
    assert all("届きません" in text for text in during)
    assert ("このまま届く言葉" in before[1], "このまま届く言葉" in during[1]) == (True, False)


async def test_a_pause_takes_back_what_lies_in_the_outbox_and_says_why(office: Office) -> None:
    resident, _ = await with_case(office)
    await settles(office, resident)
    letter_id, check_in = new_id(), await one_of(office, select(CheckIn.id, CheckIn.plan_id))
    async with office.console.database.write() as connection:
        notice = (await connection.execute(select(table_of(OutboxMessage)))).one()
        row = {**notice._mapping, "id": letter_id, "kind": SayKind.CHECK_IN.value, "state": OutboxState.WAITING}
        await connection.execute(insert(table_of(OutboxMessage)), {**row, "retry_key": new_id()})
        queued = {"state": CheckInState.QUEUED, "letter_id": letter_id, "decided_at": office.clock()}
        await connection.execute(update(CheckIn).where(CheckIn.id == check_in.id).values(queued))
    _, browser = await at_desk(office)
    async with browser:
        form = {"area": "hokubu", "reason": "closed", "from": "", "until": "2026-11-26"}
        assert (await act(browser, BOARD, f"{BOARD}/pauses", **form)).status == 303
    letter = await one_of(office, select(OutboxMessage.state).where(OutboxMessage.id == letter_id))
    told = await one_of(office, select(CheckIn.state, CheckIn.reason).where(CheckIn.id == check_in.id))
    assert letter.state is OutboxState.EXPIRED
    assert (told.state, told.reason) == (CheckInState.SKIPPED, SkipReason.BULK_PAUSED.value)


@pytest.mark.parametrize(
    "form",
    [
        {"area": "*", "reason": "disaster", "from": "", "until": "2026-11-30"},
        {"area": "nanbu", "reason": "disaster", "from": "", "until": "2026-11-30"},
        {"area": "hokubu", "reason": "disaster", "from": "", "until": "2026-11-25"},
        {"area": "hokubu", "reason": "disaster", "from": "2026-12-01", "until": "2026-11-30"},
        {"area": "hokubu", "reason": "disaster", "from": "", "until": "2027-11-30"},
        {"area": "hokubu", "reason": "holiday", "from": "", "until": "2026-11-30"},
        {"area": "hokubu", "reason": "disaster", "from": "", "until": ""},
    ],
    ids=["whole desk", "other area", "over already", "backwards", "for a year", "no reason", "no end"],
)
async def test_who_has_one_area_pauses_that_one_for_days_that_are_given(office: Office, form: dict[str, str]) -> None:
    _, browser = await at_desk(office, HOKUBU)
    async with browser:
        refused = await act(browser, BOARD, f"{BOARD}/pauses", **form)
        assert refused.status == 422
        good = await act(
            browser, BOARD, f"{BOARD}/pauses", area="hokubu", reason="other", until="2026-11-30", **{"from": ""}
        )
        assert good.status == 303


# The plan of one resident


async def test_a_plan_is_set_with_the_residents_wish_and_shown_as_it_will_go_out(office: Office) -> None:
    resident, case = await with_case(office)
    person, browser = await at_desk(office)
    path = f"/staff/cases/{case.id}/check-ins"
    async with browser:
        assert (await act(browser, path, path, **WISH, on="2026-11-28", times="4")).status == 303
        shown = await browser.get(path)
        assert "お便りを決めました" not in shown.text
        assert "このまま届く言葉" in shown.text
        assert all(label in shown.text for label in ("元気", "ぼちぼち", "しんどい", "話したい", "お休みする"))
        assert "週に1回・昼" in (await browser.get(f"/staff/cases/{case.id}")).text
    plan = await live(office, resident)
    assert plan is not None
    assert (plan.set_by, plan.plan.rhythm, plan.plan.count_left) == (person.id, Rhythm.WEEKLY, 4)
    assert plan.plan.starts == date(2026, 11, 28)
    async with office.console.database.read() as connection:
        (note,) = await notes.of_case(connection, resident.key, case.id)
        kinds = list((await connection.execute(select(CaseEvent.kind))).scalars())
        letters = (await connection.execute(select(OutboxMessage.kind))).scalars().all()
    assert "週に一度ならうれしい" in note.body
    assert "plan_set" in kinds
    assert letters == [SayKind.NOTICE.value]
    assert "plan_set" in await office.acts()


async def test_changing_a_plan_retires_the_old_one_and_keeps_the_residents_quiet_hours(office: Office) -> None:
    resident, case = await with_case(office)
    await settles(office, resident, replace(WEEKLY, paused_until=date(2026, 12, 1)))
    _, browser = await at_desk(office)
    path = f"/staff/cases/{case.id}/check-ins"
    async with browser:
        assert (await act(browser, path, path, **{**WISH, "band": "evening"})).status == 303
        shown = await browser.get(path)
    plan = await live(office, resident)
    assert plan is not None
    assert (plan.plan.band, plan.plan.paused_until) == (Band.EVENING, date(2026, 12, 1))
    assert "前の予定" in shown.text
    async with office.console.database.read() as connection:
        ends = list((await connection.execute(select(PlanTable.retired_why).order_by(PlanTable.made_at))).scalars())
    assert ends == [PlanEnd.EDITED, None]


async def test_what_was_replaced_before_its_time_does_not_look_as_if_it_were_to_come(office: Office) -> None:
    resident, case = await with_case(office)
    for month in (3, 2, 1):
        await settles(office, resident, replace(WEEKLY, rhythm=Rhythm.MONTHLY, starts=date(2027, month, 20)))
    await settles(office, resident, WEEKLY)
    _, browser = await at_desk(office)
    async with browser:
        shown = await browser.get(f"/staff/cases/{case.id}/check-ins")
        of_case = await browser.get(f"/staff/cases/{case.id}")
    assert "取りやめた" not in shown.text
    assert "2027年" not in shown.text.partition("前の予定")[0]
    assert "これから" in shown.text
    assert "11月28日" in of_case.text


async def test_at_night_nothing_is_set_that_would_wake_the_resident_and_ending_says_nothing(office: Office) -> None:
    resident, case = await with_case(office)
    await settles(office, resident)
    office.clock.passes(hours=11, minutes=30)
    _, browser = await at_desk(office)
    path = f"/staff/cases/{case.id}/check-ins"
    async with browser:
        refused = await act(browser, path, path, **{**WISH, "band": "evening"})
        assert refused.status == 409
        assert "09:00から" in refused.text
        assert WISH["wish"] in refused.text
        assert (await act(browser, path, f"{path}/end")).status == 303
        shown = await browser.get(f"{path}?done=ended_quietly")
    assert "本人には伝えていません" in shown.text
    assert await live(office, resident) is None
    async with office.console.database.read() as connection:
        waiting = select(OutboxMessage.kind).where(OutboxMessage.state == OutboxState.WAITING)
        assert list((await connection.execute(waiting)).scalars()) == []


async def test_who_writes_at_night_may_be_told_of_a_plan_at_once(office: Office) -> None:
    resident, case = await with_case(office)
    office.clock.passes(hours=11, minutes=30)
    async with office.console.database.write() as connection:
        wrote = office.clock() - timedelta(minutes=20)
        await connection.execute(update(Resident).where(Resident.id == resident.id).values(heard_at=wrote))
    _, browser = await at_desk(office)
    path = f"/staff/cases/{case.id}/check-ins"
    async with browser:
        assert (await act(browser, path, path, **WISH)).status == 303
    assert await live(office, resident) is not None


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"wish": ""}, "本人の希望"),
        ({"rhythm": "daily"}, "どのくらいの間で"),
        ({"rhythm": "on_day"}, "日を選んでください"),
        ({"on": "2026-11-26"}, "あすから1年"),
        ({"on": "soon"}, "日付と回数"),
        ({"times": "0"}, "回数は1から"),
        ({"on": "2026-12-10", "until": "2026-12-01"}, "最初の日よりあと"),
    ],
)
async def test_what_is_no_plan_is_refused_and_stays_in_the_form(
    office: Office, fields: dict[str, str], why: str
) -> None:
    resident, case = await with_case(office)
    _, browser = await at_desk(office)
    path = f"/staff/cases/{case.id}/check-ins"
    async with browser:
        refused = await act(browser, path, path, **{**WISH, **fields})
    assert refused.status == 422
    assert why in refused.text
    if "wish" not in fields:
        assert WISH["wish"] in refused.text
    assert await live(office, resident) is None


async def test_who_may_be_seen_is_asked_first_and_gets_no_line_of_a_person(office: Office) -> None:
    resident, case = await with_case(office, state={"guarded": True})
    _, browser = await at_desk(office)
    path = f"/staff/cases/{case.id}/check-ins"
    async with browser:
        assert "聞かないと決められません" in (await browser.get(path)).text
        refused = await act(browser, path, path, **WISH)
        assert refused.status == 409
        assert "通知が来ても大丈夫ですか" in refused.text
        assert await live(office, resident) is None
        assert (await act(browser, path, path, **WISH, seen="yes")).status == 303
        shown = await browser.get(path)
    plan = await live(office, resident)
    assert plan is not None
    assert plan.plan.agreed_to_be_seen
    assert "ひとことは付きません" in shown.text
    assert "ひとことを添える" not in shown.text


async def test_nothing_is_set_for_somebody_who_wants_no_contact(office: Office) -> None:
    resident, case = await with_case(office, state={"quiet": True})
    _, browser = await at_desk(office)
    path = f"/staff/cases/{case.id}/check-ins"
    async with browser:
        assert "連絡をやめてほしい" in (await browser.get(path)).text
        assert (await act(browser, path, path, **WISH, seen="yes")).status == 409
    assert await live(office, resident) is None
    async with office.console.database.read() as connection:
        assert await notes.of_case(connection, resident.key, case.id) == []


async def test_a_plan_is_ended_once_and_the_resident_is_told(office: Office) -> None:
    resident, case = await with_case(office)
    await settles(office, resident)
    _, browser = await at_desk(office)
    path = f"/staff/cases/{case.id}/check-ins"
    async with browser:
        token = (await browser.get(path)).token
        assert (await browser.post(f"{path}/end", token)).status == 303
        assert (await browser.post(f"{path}/end", token)).status == 409
        assert "職員が終わりにした" in (await browser.get(path)).text
    assert await live(office, resident) is None
    async with office.console.database.read() as connection:
        waiting = select(OutboxMessage.kind).where(OutboxMessage.state == OutboxState.WAITING)
        assert list((await connection.execute(waiting)).scalars()) == [SayKind.NOTICE.value]
    assert (await office.acts()).count("plan_ended") == 1


async def test_a_line_is_signed_guarded_in_length_and_questioned_where_it_names_the_matter(office: Office) -> None:
    resident, case = await with_case(office)
    await settles(office, resident)
    _, browser = await at_desk(office)
    path = f"/staff/cases/{case.id}/check-ins"
    calm, telling = "先日はお会いできてよかったです。", "家賃のことは、その後どうですか。"
    async with browser:
        long = await act(browser, path, f"{path}/line", line="あ" * 81)
        assert (long.status, "1文字多い" in long.text) == (422, True)
        asked = await act(browser, path, f"{path}/line", line=telling)
        assert asked.status == 422
        assert "「家賃」" in asked.text
        assert telling in asked.text
        assert (await act(browser, path, f"{path}/line", line=telling, sure="yes")).status == 303
        assert (await act(browser, path, f"{path}/line", line=calm)).status == 303
        shown = await browser.get(path)
        assert f'<p class="preview">{calm}\n（相談員の青木より）</p>' in shown.text
        assert telling not in shown.text
        assert (await act(browser, path, f"{path}/line", line="")).status == 303
        assert calm not in (await browser.get(path)).text
    assert [one for one in await office.acts() if one.startswith("line")] == ["line_added", "line_added", "line_taken"]


async def test_a_line_that_waits_goes_along_when_the_plan_is_changed(office: Office) -> None:
    resident, case = await with_case(office)
    await settles(office, resident)
    _, browser = await at_desk(office)
    path = f"/staff/cases/{case.id}/check-ins"
    async with browser:
        assert (await act(browser, path, f"{path}/line", line="先日はお会いできてよかったです。")).status == 303
        assert (await act(browser, path, path, **{**WISH, "band": "evening"})).status == 303
        shown = await browser.get(path)
    assert "先日はお会いできてよかったです。\n（相談員の青木より）" in shown.text


async def test_without_a_check_in_that_waits_there_is_nothing_to_add_a_line_to(office: Office) -> None:
    _, case = await with_case(office)
    _, browser = await at_desk(office)
    path = f"/staff/cases/{case.id}/check-ins"
    async with browser:
        assert (await act(browser, path, f"{path}/line", line="こんにちは")).status == 409


async def test_what_was_sent_skipped_and_answered_is_shown_with_a_chart_that_can_be_read_aloud(office: Office) -> None:
    resident, case = await with_case(office)
    await settles(office, resident)
    plan = await live(office, resident)
    assert plan is not None
    past = office.clock()
    async with office.console.database.write() as connection:
        for number, answer in enumerate(("good", "hard", None, "talk")):
            at = past - timedelta(days=30 - 7 * number)
            row = {
                "id": new_id(), "plan_id": plan.id, "desk_id": "default", "resident_id": resident.id,
                "kind": CheckInKind.WORD, "state": CheckInState.QUEUED, "due_at": at, "look_at": at, "tries": 0,
                "made_at": at, "decided_at": at, "answer": answer, "answered_at": None if answer is None else at,
            }  # fmt: skip
            await connection.execute(insert(table_of(CheckIn)), row)
        skipped = {**row, "id": new_id(), "state": CheckInState.SKIPPED, "reason": "one_a_day", "answer": None}
        await connection.execute(insert(table_of(CheckIn)), skipped)
    _, browser = await at_desk(office)
    async with browser:
        shown = await browser.get(f"/staff/cases/{case.id}/check-ins")
    aloud = re.search(r'id="chart-words">(.*?)</ol>', shown.text, re.DOTALL)
    assert aloud is not None
    assert re.findall(r": (\S+?)</li>", aloud[1]) == ["元気", "しんどい", "返事なし", "話したい"]
    assert 'points="70,24 94,84"' in shown.text
    assert "style=" not in shown.text
    assert "きょうはもうこちらから送っている" in shown.text


@pytest.mark.parametrize("fate", [OutboxState.FAILED, OutboxState.EXPIRED, OutboxState.BLOCKED])
async def test_what_line_did_not_take_is_not_called_sent_nor_left_without_an_answer(
    office: Office, fate: OutboxState
) -> None:
    resident, case = await with_case(office)
    await settles(office, resident)
    check_in = await one_of(office, select(CheckIn.id))
    letter = await one_of(office, select(OutboxMessage.id))
    async with office.console.database.write() as connection:
        await connection.execute(update(OutboxMessage).values(state=fate))
        queued = {"state": CheckInState.QUEUED, "letter_id": letter.id, "decided_at": office.clock()}
        await connection.execute(update(CheckIn).where(CheckIn.id == check_in.id).values(queued))
    _, browser = await at_desk(office)
    async with browser:
        shown = await browser.get(f"/staff/cases/{case.id}/check-ins")
    past = shown.text[shown.text.index('id="past"') :]
    assert "届かなかった" in past
    assert "送った" not in past
    assert "まだ" not in past[: past.index("</section>")].replace("まだありません", "")


async def test_where_residents_are_not_told_so_staff_see_no_answers(office: Office) -> None:
    content = office.console.desks["default"].content
    silent = replace(content, checkins=content.checkins.model_copy(update={"answers_told": None}))
    desks = {name: replace(desk, content=silent) for name, desk in office.console.desks.items()}
    office = Office.over(replace(office.console, desks=desks), office.clock)
    resident, case = await with_case(office)
    await settles(office, resident)
    async with office.console.database.write() as connection:
        answered = {"state": CheckInState.QUEUED, "answer": "hard", "answered_at": office.clock()}
        await connection.execute(update(CheckIn).values(answered))
    _, browser = await at_desk(office)
    async with browser:
        shown = await browser.get(f"/staff/cases/{case.id}/check-ins")
    assert "返事のうつりかわり" not in shown.text
    assert "しんどい" not in shown.text.split("このまま届く言葉")[0]


async def test_nothing_is_shown_of_somebody_who_asked_to_be_erased(office: Office) -> None:
    resident, case = await with_case(office)
    await settles(office, resident)
    async with office.console.database.write() as connection:
        await connection.execute(update(Case).where(Case.id == case.id).values(hidden_at=office.clock()))
    _, browser = await at_desk(office)
    async with browser:
        shown = await browser.get(f"/staff/cases/{case.id}/check-ins")
        board = await browser.get(SATURDAY)
    assert resident.alias not in shown.text + board.text


async def test_where_writing_is_not_safe_nothing_is_set_until_the_resident_holds_the_phone(office: Office) -> None:
    resident, case = await with_case(office)
    async with office.console.database.write() as connection:
        await connection.execute(update(Case).where(Case.id == case.id).values(safe_contact=SafeContact.NO))
    _, browser = await at_desk(office)
    path = f"/staff/cases/{case.id}/check-ins"
    async with browser:
        refused = await act(browser, path, path, **WISH, seen="yes")
    assert refused.status == 409
    assert "30分のあいだは送れます" in refused.text
    assert await live(office, resident) is None


async def test_each_act_stands_in_the_audit_with_ids_only(office: Office) -> None:
    resident, case = await with_case(office)
    _, browser = await at_desk(office)
    path = f"/staff/cases/{case.id}/check-ins"
    async with browser:
        await act(browser, path, path, **WISH)
        await act(browser, path, f"{path}/line", line="こんにちは、と書いておきます。")
    await delivered(office)
    async with office.console.database.read() as connection:
        entries = (await connection.execute(select(AuditEntry.action, AuditEntry.object_id, AuditEntry.detail))).all()
    about = [entry for entry in entries if entry.object_id == str(case.id)]
    assert {"plan_seen", "plan_set", "line_added"} <= {entry.action for entry in about}
    assert all("こんにちは" not in str(entry) and resident.alias not in str(entry) for entry in entries)


# Who fell silent


async def test_the_longest_silent_stand_first_whatever_they_did_not_answer(office: Office) -> None:
    unanswered, _ = await with_case(office)
    gone, blocked = await with_case(office, level=Level.URGENT)
    await settles(office, unanswered)
    ago = office.clock() - timedelta(days=5)
    async with office.console.database.write() as connection:
        silent = {"silent_at": ago, "retired_at": ago, "retired_why": PlanEnd.SILENT}
        await connection.execute(update(PlanTable).where(PlanTable.resident_id == unanswered.id).values(silent))
        await connection.execute(update(Resident).where(Resident.id == unanswered.id).values(heard_at=None))
        await connection.execute(update(Case).where(Case.id == blocked.id).values(blocked=True))
    _, browser = await at_desk(office)
    async with browser:
        shown = (await browser.get("/staff/silent")).text
    assert shown.index(unanswered.alias) < shown.index(gone.alias)


async def test_unanswered_check_ins_and_blocks_after_danger_stand_among_the_silent_and_nobody_closes_them(
    office: Office,
) -> None:
    unanswered, first = await with_case(office)
    gone, second = await with_case(office, level=Level.URGENT)
    answering, _ = await with_case(office)
    for resident in (unanswered, answering):
        await settles(office, resident)
    async with office.console.database.write() as connection:
        silent = {"silent_at": office.clock(), "retired_at": office.clock(), "retired_why": PlanEnd.SILENT}
        await connection.execute(update(PlanTable).where(PlanTable.resident_id == unanswered.id).values(silent))
        await connection.execute(update(Case).where(Case.id == second.id).values(blocked=True))
    _, browser = await at_desk(office)
    async with browser:
        for _ in range(2):
            shown = (await browser.get("/staff/silent")).text
            assert unanswered.alias in shown
            assert gone.alias in shown
            assert answering.alias not in shown
            assert "お便りに返事がない" in shown
            assert "ブロックされた" in shown
            office.clock.passes(minutes=20)
    office.clock.passes(days=60)
    async with await office.at_work(office.people["aoki"]) as again:
        assert unanswered.alias in (await again.get("/staff/silent")).text
    async with office.console.database.read() as connection:
        closed = select(Case.id).where(Case.id.in_([first.id, second.id]), Case.closed_at.is_not(None))
        assert (await connection.execute(closed)).all() == []


# Who works at the queue


async def test_the_queue_tells_that_the_months_messages_will_not_last_and_makes_nobody_wait_for_it(
    office: Office,
) -> None:
    office = running_short(office, limit=51)
    for _ in range(3):
        resident, _ = await with_case(office, level=Level.NONE)
        await settles(office, resident)
    _, browser = await at_desk(office)
    async with browser:
        first, then = await browser.get("/staff/queue"), await browser.get("/staff/queue/rows")
    # It is worked out behind the first answer.
    assert "足りない見込みです" not in first.text
    assert "お便り2通分足りない見込みです(残り51通、うち50通は" in then.text
    assert "/staff/check-ins?desk=default#month" in then.text


async def test_the_queue_tells_that_nothing_is_left_this_month(office: Office) -> None:
    _, browser = await at_desk(running_short(office, limit=0))
    async with browser:
        await browser.get("/staff/queue")
        assert "今月の送信数を使い切りました" in (await browser.get("/staff/queue")).text


async def test_the_queue_tells_that_what_is_kept_for_people_is_being_used_up(office: Office) -> None:
    _, browser = await at_desk(running_short(office, limit=49))
    async with browser:
        await browser.get("/staff/queue")
        assert "残り49通です。人の返事と緊急のために取ってある50通を" in (await browser.get("/staff/queue")).text


async def test_the_queue_says_nothing_of_messages_that_last(office: Office) -> None:
    _, browser = await at_desk(office)
    async with browser:
        await browser.get("/staff/queue")
        assert "今月の送信数" not in (await browser.get("/staff/queue")).text


async def test_the_queue_says_nothing_of_messages_to_who_answers_nobody(office: Office) -> None:
    _, browser = await at_desk(running_short(office, limit=0), Role.TRIAGER)
    async with browser:
        await browser.get("/staff/queue")
        shown = await browser.get("/staff/queue")
    assert shown.status == 200
    assert "今月の送信数" not in shown.text
