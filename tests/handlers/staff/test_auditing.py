"""The record of acts as a page."""

from __future__ import annotations

import re
from typing import Any

import pytest
from office import Office, Person

from casework.alerting import Circle
from casework.people import Grant, Role
from casework.permissions import Action
from handlers.staff.audit_words import ACTIONS, CIRCLES
from storage import audit
from storage.audit import Act
from storage.ids import new_id

pytestmark = pytest.mark.anyio


@pytest.fixture
async def auditor(office: Office) -> Person:
    return await office.person("auditor", Role.AUDITOR, shown_name="監査さん")


async def did(office: Office, *acts: Act) -> None:
    async with office.console.database.write() as connection:
        for act in acts:
            await audit.record(connection, office.console.keyring, act, at=office.clock(), new_id=new_id)


def numbers(text: str) -> list[str]:
    return re.findall(r'<td class="number stays"[^>]*>(.*?)</td>', text)


def seen(number: int, desk: str = "default", **given: Any) -> Act:
    return Act(action="case_seen", object_kind="case", object_id=f"case-{number}", desk_id=desk, **given)  # type: ignore[arg-type]


async def test_looking_at_the_record_is_recorded(office: Office, auditor: Person) -> None:
    async with await office.at_work(auditor) as browser:
        await browser.get("/staff/audit")
        text = (await browser.get("/staff/audit")).text
    assert "監査さん" in text
    assert "操作の記録を表示" in text
    assert await office.acts() == ["audit_seen", "audit_seen"]


async def test_entries_are_shown_newest_first_in_pages(office: Office, auditor: Person) -> None:
    await did(office, *(seen(n) for n in range(130)))
    async with await office.at_work(auditor) as browser:
        first = await browser.get("/staff/audit?act=case_seen")
        assert numbers(first.text) == [f"default {n}" for n in range(130, 30, -1)]
        more = re.search(r'href="(/staff/audit\?[^"]*)">もっと前', first.text)
        assert more is not None
        second = await browser.get(more[1].replace("&amp;", "&"))
        assert numbers(second.text) == [f"default {n}" for n in range(30, 0, -1)]
        assert "もっと前" not in second.text


async def test_filters_narrow_it_down(office: Office, auditor: Person) -> None:
    await did(office, seen(1), seen(2, actor=str(auditor.id)))
    office.clock.passes(days=1)
    await did(office, seen(3))
    async with await office.at_work(auditor) as browser:
        for query, found in (
            (f"actor={auditor.id}&act=case_seen", ["default 2"]),
            ("object_kind=case&object_id=case-1", ["default 1"]),
            ("act=case_seen&since=2026-11-27", ["default 3"]),
            ("act=case_seen&until=2026-11-26", ["default 2", "default 1"]),
            ("act=nothing", []),
        ):
            assert numbers((await browser.get(f"/staff/audit?{query}")).text) == found, query


async def test_an_auditor_of_one_desk_does_not_see_anothers_acts(office: Office) -> None:
    here = await office.person("here", Grant(role=Role.AUDITOR, desk_id="default"))
    all_desks = await office.person("all", Grant(role=Role.AUDITOR))
    await did(office, seen(1), seen(2, desk="other"))
    for person, found in ((here, ["default 1"]), (all_desks, ["other 1", "default 1"])):
        async with await office.at_work(person) as browser:
            assert numbers((await browser.get("/staff/audit?object_kind=case")).text) == found


async def test_who_tries_what_they_may_not_is_recorded(office: Office) -> None:
    coordinator = await office.person("taro", Role.COORDINATOR)
    async with await office.at_work(coordinator) as browser:
        assert (await browser.get("/staff/audit")).status == 403
        assert (await browser.get("/staff/people")).status == 403
    assert await office.acts() == ["refused", "refused"]


def test_whatever_somebody_was_kept_from_has_a_name_in_the_record() -> None:
    assert set(ACTIONS) == set(Action)
    assert set(CIRCLES) == set(Circle)


async def test_the_detail_of_an_act_is_told_in_words_of_the_office(office: Office, auditor: Person) -> None:
    await did(
        office,
        Act(action="refused", object_kind="page", desk_id="default", detail={"action": "review_reading"}),
        Act(
            action="staff_told", object_kind="case", desk_id="default", detail={"to": "on_call", "step": 0, "people": 2}
        ),
        Act(
            action="contact_paused",
            object_kind="pause",
            desk_id="default",
            detail={"area": "chuo", "reason": "disaster"},
        ),
        seen(1, detail={"words": True, "by_itself": False}),
        Act(action="case_assigned", object_kind="case", desk_id="default", detail={"to": str(auditor.id)}),
    )
    async with await office.at_work(auditor) as browser:
        text = (await browser.get("/staff/audit")).text
    for said in (
        "操作: 同意なしの閲覧を確かめる", "相手・変えたあと: 当番、段階: 0、人数: 2", "圏域: 中央圏域、理由: 災害",
        "言葉の見える画面</td>", "相手・変えたあと: 監査さん",
    ):  # fmt: skip
        assert said in text
    assert "review_reading" not in text
    assert "False" not in text
