"""The pages of cases: who writes beside whom, what is held back, and that everything is shown as it was typed."""

from __future__ import annotations

import html
import json
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from access import endangered
from office import Browser, Office, Person, Shown
from sqlalchemy import select, update

from casework.people import Role
from storage import staff_messages
from storage.audit_tables import AuditEntry
from storage.case_tables import Case, MessageState, StaffMessage
from storage.cases import CaseRow
from storage.residents import ResidentRow
from storage.tables import OutboxMessage, Resident

pytestmark = pytest.mark.anyio

TYPED = "<script>alert(1)</script> \"引用\" '一' & 𠮷 葛󠄀 👨‍👩‍👧 {{ 7*7 }}\n  字下げ"


async def a_case(office: Office) -> tuple[ResidentRow, CaseRow, str]:
    async with office.console.database.write() as connection:
        resident, case = await endangered(connection, office.console, now=office.clock())
    return resident, case, f"/staff/cases/{case.id}"


async def at_desk(office: Office, login: str, role: Role = Role.COORDINATOR) -> tuple[Person, Browser]:
    person = await office.person(login, role, shown_name=login)
    return person, await office.at_work(person)


async def act(browser: Browser, path: str, what: str, **fields: Any) -> Shown:
    shown = await browser.get(path)
    return await browser.post(f"{path}/{what}", shown.token, **fields)


async def rows(office: Office, query: Any) -> list[Any]:
    async with office.console.database.read() as connection:
        return list((await connection.execute(query)).all())


@pytest.mark.parametrize("body", [TYPED, "長い記録。" * 2000], ids=["markup", "10000 characters"])
async def test_notes_are_shown_as_they_were_typed(office: Office, body: str) -> None:
    _, _, path = await a_case(office)
    _, browser = await at_desk(office, "aoki")
    async with browser:
        assert (await act(browser, path, "notes", kind="visit", body=body)).status == 303
        shown = await browser.get(path)
    assert html.escape(body, quote=True).replace("&#x27;", "&#39;").replace("&quot;", "&#34;") in shown.text
    assert "<script>alert" not in shown.text


async def test_a_note_that_cannot_be_kept_comes_back_in_the_page(office: Office) -> None:
    _, _, path = await a_case(office)
    _, browser = await at_desk(office, "aoki")
    async with browser:
        shown = await act(browser, path, "notes", kind="visit", body="あ" * 20_001)
    assert shown.status == 422
    assert "あ" * 20_001 in shown.text


async def test_two_people_never_answer_at_once_without_seeing_each_other(office: Office) -> None:
    _, case, path = await a_case(office)
    _, aoki = await at_desk(office, "青木")
    baba_person, baba = await at_desk(office, "馬場")
    async with aoki, baba:
        assert (await act(aoki, path, "come")).status == 303
        typing = await act(aoki, path, "typing", words="なぜ来られなかったのですか")
        assert any("なぜ" in hint for hint in json.loads(typing.text)["hints"])
        live = json.loads((await baba.get(f"{path}/live")).text)
        assert live["typing"] == ["青木"]
        assert "青木さんが入力中" in (await baba.get(path)).text
        held = await act(baba, path, "messages", words="こんにちは")
        assert held.status == 409
        assert "いま青木さんが書くと" in held.text
        assert "こんにちは" in held.text
        assert await rows(office, select(StaffMessage.id)) == []
        assert (await act(baba, path, "messages", words="代わりました", instead="yes")).status == 303
        (now,) = await rows(office, select(Case.present_id).where(Case.id == case.id))
        assert now.present_id == baba_person.id
        office.clock.passes(seconds=9)
        assert json.loads((await baba.get(f"{path}/live")).text)["typing"] == []


async def test_a_second_person_lets_a_draft_go(office: Office) -> None:
    assert office.console.work is not None
    careful = office.console.work.words["default"].model_copy(update={"second_person": True})
    work = replace(office.console.work, words={"default": careful})
    office = Office.over(replace(office.console, work=work), office.clock)
    resident, case, path = await a_case(office)
    _, aoki = await at_desk(office, "青木")
    baba_person, baba = await at_desk(office, "馬場")
    async with aoki, baba:
        assert (await act(aoki, path, "messages", words="確かめてください")).status == 303
        (draft,) = await rows(office, select(StaffMessage.id, StaffMessage.state, StaffMessage.letter_id))
        assert (draft.state, draft.letter_id) == (MessageState.DRAFT, None)
        assert await rows(office, select(OutboxMessage.id)) == []
        assert (await act(aoki, path, f"messages/{draft.id}/release")).status == 409
        assert (await act(baba, path, f"messages/{draft.id}/release")).status == 303
        assert (await act(baba, path, f"messages/{draft.id}/drop")).status == 409
    async with office.console.database.read() as connection:
        sent = await staff_messages.one(connection, resident.key, draft.id, case.id)
    assert sent is not None
    assert (sent.state, sent.second_id, sent.text) == (MessageState.RELEASED, baba_person.id, "確かめてください")
    assert len(await rows(office, select(OutboxMessage.id))) == 1


async def test_a_message_too_long_for_one_is_not_cut(office: Office) -> None:
    _, _, path = await a_case(office)
    _, browser = await at_desk(office, "aoki")
    async with browser:
        shown = await act(browser, path, "messages", words="🙏" * 251)
        assert shown.status == 422
        assert "2文字多い" in shown.text
        assert "🙏" * 251 in shown.text
        assert (await act(browser, path, "messages", words="🙏" * 250)).status == 303


async def test_pressing_send_twice_sends_once(office: Office) -> None:
    _, _, path = await a_case(office)
    _, browser = await at_desk(office, "aoki")
    async with browser:
        page = await browser.get(path)
        seen = page.text.split('name="seen" value="')[1].split('"')[0]
        answers = [
            (await browser.post(f"{path}/messages", page.token, words="読みました", seen=seen)).status for _ in range(2)
        ]
    assert answers == [303, 422]
    assert len(await rows(office, select(StaffMessage.id))) == 1


async def test_what_was_typed_outlives_the_session(office: Office) -> None:
    _, _, path = await a_case(office)
    person, browser = await at_desk(office, "aoki")
    async with browser:
        page = await browser.get(path)
        office.clock.passes(hours=13)
        gone = await browser.post(f"{path}/messages", page.token, words="書きかけの言葉")
        assert gone.status == 303
        assert gone.location.startswith("/staff/sign-in")
        assert await rows(office, select(StaffMessage.id)) == []
    async with await office.at_work(person) as again:
        assert "書きかけの言葉" in (await again.get("/staff/kept")).text


async def test_an_old_page_does_not_close_what_has_changed(office: Office) -> None:
    _, _, path = await a_case(office)
    _, browser = await at_desk(office, "aoki")
    async with browser:
        page = await browser.get(path)
        version = page.text.split('name="version" value="')[1].split('"')[0]
        await act(browser, path, "claim")
        held = await browser.post(f"{path}/close", page.token, reason="done", version=version)
        assert held.status == 409
        assert (await act(browser, path, "seen")).status == 303
        fresh = await browser.get(path)
        version = fresh.text.split('name="version" value="')[1].split('"')[0]
        assert (await browser.post(f"{path}/close", fresh.token, reason="done", version=version)).status == 303
        assert (await act(browser, path, "reopen")).status == 303


async def test_who_broke_the_glass_does_not_look_at_it_afterwards(office: Office) -> None:
    _, _, path = await a_case(office)
    _, ueda = await at_desk(office, "上田", Role.SUPERVISOR)
    other_person, other = await at_desk(office, "小川", Role.SUPERVISOR)
    async with ueda, other:
        why = "あす訪問するため、経過を確かめる。"
        assert (await act(ueda, path, "glass", reason="other", reason_words=why)).status == 422
        told = {"reason": "other", "reason_words": why, "told": str(other_person.id)}
        assert (await act(ueda, path, "glass", **told)).status == 303
        report = await other.get("/staff/glass")
        assert why in report.text
        glass_id = report.text.split("/staff/glass/")[1].split("/")[0]
        own = await ueda.get("/staff/glass")
        assert f"/staff/glass/{glass_id}/review" not in own.text
        assert (await ueda.post(f"/staff/glass/{glass_id}/review", own.token, verdict="fine")).status == 404
        assert (await other.post(f"/staff/glass/{glass_id}/review", report.token, verdict="fine")).status == 303
        assert "適切だった" in (await ueda.get("/staff/glass")).text


async def test_corrected_tags_show_who_and_are_exported_without_words(office: Office) -> None:
    _, case, path = await a_case(office)
    aoki_person, aoki = await at_desk(office, "青木")
    _, ueda = await at_desk(office, "上田", Role.SUPERVISOR)
    async with aoki, ueda:
        await act(aoki, path, "tags", category="poverty", verdict="wrong")
        await act(aoki, path, "tags", category="debt", verdict="missing")
        assert "青木「ちがう」" in (await aoki.get(path)).text
        (now,) = await rows(office, select(Case.categories).where(Case.id == case.id))
        assert now.categories == ["debt"]
        await act(aoki, path, "tags", category="poverty", verdict="right")
        lines = [json.loads(line) for line in (await ueda.get("/staff/corrections.jsonl")).text.splitlines()]
    assert [(line["category"], line["verdict"], line["by"]) for line in lines] == [
        ("poverty", "wrong", str(aoki_person.id)),
        ("debt", "missing", str(aoki_person.id)),
        ("poverty", "right", str(aoki_person.id)),
    ]
    assert all(line["listener"] for line in lines)
    (now,) = await rows(office, select(Case.categories).where(Case.id == case.id))
    assert sorted(now.categories) == ["debt", "poverty"]


async def test_somebody_without_line_gets_a_case_and_no_answer_box(office: Office) -> None:
    _, browser = await at_desk(office, "aoki")
    async with browser:
        form = {"source": "pantry", "area": "hokubu", "body": TYPED, "category": "poverty"}
        made = await browser.send("/staff/cases/new", "/staff/cases/new", **form)
        assert made.status == 303
        shown = await browser.get(made.location)
        assert "LINEでつながっていない方です" in shown.text
        assert "生活困窮" in shown.text
        assert (await browser.post(f"{made.location}/messages", shown.token, words="こんにちは")).status == 422
        refused = await browser.send("/staff/cases/new", "/staff/cases/new", source="line", body="途中まで")
        assert refused.status == 422
        assert "途中まで" in refused.text


async def test_a_case_is_not_assigned_to_who_may_not_see_it(office: Office) -> None:
    _, case, path = await a_case(office)
    aoki_person, aoki = await at_desk(office, "青木")
    _, ueda = await at_desk(office, "上田", Role.SUPERVISOR)
    admin = await office.person("admin", Role.ADMIN)
    async with aoki, ueda:
        assert (await act(ueda, path, "assign", to=str(admin.id))).status == 409
        assert (await act(ueda, path, "assign", to=str(aoki_person.id))).status == 303
        assert (await act(aoki, path, "conflict")).location == "/staff/queue"
        assert (await aoki.get(path)).status == 404
        assert (await act(ueda, path, "assign", to=str(aoki_person.id))).status == 409
        (now,) = await rows(office, select(Case.owner_id).where(Case.id == case.id))
        assert now.owner_id is None


async def test_every_look_and_act_is_recorded_with_ids_only(office: Office) -> None:
    _, case, path = await a_case(office)
    person, browser = await at_desk(office, "aoki")
    async with browser:
        await browser.get("/staff/queue")
        await act(browser, path, "notes", kind="phone", body="ひみつの話")
        await act(browser, path, "level", level="none", reason="ひみつの理由")
        await browser.get("/staff/cases/00000000-0000-0000-0000-000000000000")
    entries = await rows(office, select(AuditEntry.action, AuditEntry.actor, AuditEntry.object_id, AuditEntry.detail))
    mine = [entry for entry in entries if entry.actor == str(person.id)]
    assert {"queue_seen", "case_seen", "note_added", "risk_lowered", "refused"} <= {entry.action for entry in mine}
    assert {entry.object_id for entry in mine if entry.action == "case_seen"} == {str(case.id)}
    assert "ひみつ" not in json.dumps([dict(entry.detail) for entry in entries], ensure_ascii=False)


@pytest.mark.parametrize("until", ["", "きのう", "2020-01-01", "9999-12-31"])
async def test_a_case_is_put_off_to_a_day_that_comes(office: Office, until: str) -> None:
    _, _, path = await a_case(office)
    _, browser = await at_desk(office, "aoki")
    async with browser:
        assert (await act(browser, path, "snooze", until=until)).status == 409


async def test_a_case_in_danger_that_waits_is_not_put_off(office: Office) -> None:
    _, _, path = await a_case(office)
    _, browser = await at_desk(office, "aoki")
    async with browser:
        assert (await act(browser, path, "snooze", until="2026-12-01")).status == 409
        assert (await act(browser, path, "seen")).status == 303
        assert (await act(browser, path, "snooze", until="2026-12-01")).status == 303


async def test_who_is_announced_can_leave_a_talk_that_was_blocked_and_the_case_be_closed(office: Office) -> None:
    resident, _, path = await a_case(office)
    _, browser = await at_desk(office, "aoki")
    async with browser:
        assert (await act(browser, path, "come")).status == 303
        assert (await act(browser, path, "seen")).status == 303
        async with office.console.database.write() as connection:
            await connection.execute(update(Case).where(Case.resident_id == resident.id).values(blocked=True))
            at = office.clock()
            await connection.execute(update(Resident).where(Resident.id == resident.id).values(blocked_at=at))
        page = await browser.get(path)
        assert "自動の返事に戻す" in page.text
        assert (await browser.post(f"{path}/leave", page.token)).status == 303
        page = await browser.get(path)
        version = page.text.split('name="version" value="')[1].split('"')[0]
        assert (await browser.post(f"{path}/close", page.token, reason="done", version=version)).status == 303


async def test_what_came_too_late_is_given_back_as_it_was_typed(office: Office) -> None:
    _, _, path = await a_case(office)
    _, browser = await at_desk(office, "aoki")
    async with browser:
        held = await act(browser, path, "level", level="", reason=TYPED)
    assert held.status == 409
    assert html.escape(TYPED, quote=True).replace("&#x27;", "&#39;").replace("&quot;", "&#34;") in held.text


async def test_ids_of_other_cases_open_nothing(office: Office) -> None:
    resident, case, path = await a_case(office)
    _, other, other_path = await a_case(office)
    _, browser = await at_desk(office, "aoki")
    baba = await office.person("baba", Role.COORDINATOR)
    async with browser:
        await act(browser, path, "tasks", title="電話する")
        task_id = (await browser.get(path)).text.split("/tasks/")[1].split("/")[0]
        assert (await act(browser, other_path, f"tasks/{UUID(task_id)}/done")).status == 409
        async with office.console.database.write() as connection:
            await staff_messages.add(
                connection,
                resident.key,
                message_id=(message_id := office.console.new_id()),
                case_id=case.id,
                resident_id=resident.id,
                author_id=baba.id,
                text="別の相談の下書き",
                at=office.clock(),
                letter_id=None,
            )
        assert (await act(browser, other_path, f"messages/{message_id}/release")).status == 404
        assert (await act(browser, other_path, f"messages/{message_id}/again")).status == 404
        assert (await act(browser, other_path, f"messages/{message_id}/drop")).status == 409
    assert other.id != case.id
