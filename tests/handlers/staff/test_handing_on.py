"""引継ぎ and 休暇代行 at the console: cases go on with a note, a stand-in works as the absent one would."""

from __future__ import annotations

from typing import Any

import pytest
from access import endangered
from office import Browser, Office, Person, Shown
from sqlalchemy import select

from casework.people import Grant, Role
from storage import case_acts
from storage.audit_tables import AuditEntry
from storage.case_acts import By
from storage.case_tables import Case
from storage.ids import new_id

pytestmark = pytest.mark.anyio

HOKUBU = Grant(role=Role.COORDINATOR, desk_id="default", areas=frozenset({"hokubu"}))
NANBU = Grant(role=Role.COORDINATOR, desk_id="default", areas=frozenset({"nanbu"}))
PAGE = "/staff/hand-over"


async def a_case_of(office: Office, owner: Person, area: str = "hokubu") -> str:
    async with office.console.database.write() as connection:
        _, case = await endangered(connection, office.console, now=office.clock())
        by = By(staff_id=owner.id, at=office.clock(), new_id=new_id)
        await case_acts.set_area(connection, case, by, area)
        await case_acts.claim(connection, case, by)
    return str(case.id)


async def owners(office: Office) -> dict[str, Any]:
    async with office.console.database.read() as connection:
        return {str(row.id): row.owner_id for row in await connection.execute(select(Case.id, Case.owner_id))}


async def given(browser: Browser, to: Person, cases: list[str], words: str) -> Shown:
    token = (await browser.get(PAGE)).token
    return await browser.post(PAGE, token, to=str(to.id), case=cases, words=words)


async def test_several_cases_go_on_with_a_note_that_the_next_person_reads(office: Office) -> None:
    aoki, baba = await office.person("青木", HOKUBU), await office.person("馬場", HOKUBU)
    mine = [await a_case_of(office, aoki) for _ in range(2)]
    words = "家賃の猶予を大家さんに頼んだところ。<b>月曜</b>に電話する約束です。"
    async with await office.at_work(aoki) as browser, await office.at_work(baba) as next_one:
        assert (await given(browser, baba, mine, words)).location == f"{PAGE}?done=handed"
        shown = await next_one.get(f"/staff/cases/{mine[0]}")
        assert "&lt;b&gt;月曜&lt;/b&gt;に電話する約束です。" in shown.text
        assert "引き継いだ(→馬場)" in shown.text
    assert await owners(office) == dict.fromkeys(mine, baba.id)
    assert (await office.acts()).count("case_handed_on") == 2


async def test_a_case_is_not_given_to_who_may_not_have_it_and_nothing_typed_is_lost(office: Office) -> None:
    aoki, doi = await office.person("青木", HOKUBU), await office.person("土井", NANBU)
    baba = await office.person("馬場", HOKUBU)
    mine, theirs = await a_case_of(office, aoki), await a_case_of(office, baba)
    async with await office.at_work(aoki) as browser:
        for case, to in ((mine, doi), (theirs, doi), (theirs, aoki)):
            held = await given(browser, to, [case], "だいじな引継ぎ")
            assert held.status == 409
            assert "だいじな引継ぎ" in held.text
        assert (await given(browser, doi, [mine], "")).status == 422
        assert (await given(browser, doi, [], "言葉")).status == 422
    assert await owners(office) == {mine: aoki.id, theirs: baba.id}
    assert "refused" in await office.acts()


async def stands_in(browser: Browser, absent: Person, there: Person, first: str, last: str) -> Shown:
    token = (await browser.get(PAGE)).token
    return await browser.post(
        "/staff/stand-ins", token, absent=str(absent.id), stand_in=str(there.id), first=first, last=last
    )


async def test_a_stand_in_works_for_the_time_and_leaves_their_own_marks(office: Office) -> None:
    aoki, doi = await office.person("青木", HOKUBU), await office.person("土井", NANBU)
    case = f"/staff/cases/{await a_case_of(office, aoki)}"
    async with await office.at_work(aoki) as browser, await office.at_work(doi) as other:
        assert (await other.get(case)).status == 404
        assert (await stands_in(browser, aoki, doi, "2026-11-27", "2026-11-28")).status == 303
        assert (await other.get(case)).status == 404
        office.clock.passes(days=1)
    async with await office.at_work(doi) as other:
        shown = await other.get(case)
        assert shown.status == 200
        assert (await other.post(f"{case}/notes", shown.token, kind="phone", body="代わりに電話した")).status == 303
        assert "1" in (await other.get("/staff/queue?lane=mine")).text.split("わたしの担当")[1].split("</a>")[0]
    async with office.console.database.read() as connection:
        actor = (await connection.execute(select(AuditEntry.actor).where(AuditEntry.action == "note_added"))).scalar()
    assert actor == str(doi.id)
    office.clock.passes(days=2)
    async with await office.at_work(doi) as other:
        assert (await other.get(case)).status == 404


async def test_nobody_gives_somebody_else_away_but_a_supervisor(office: Office) -> None:
    aoki, baba = await office.person("青木", HOKUBU), await office.person("馬場", HOKUBU)
    ueda = await office.person("上田", Role.SUPERVISOR)
    outside = await office.person("outside", Role.RECIPIENT, organisation="となりの機関")
    async with await office.at_work(baba) as browser, await office.at_work(ueda) as boss:
        assert (await stands_in(browser, aoki, baba, "2026-11-26", "2026-11-28")).status == 404
        assert (await stands_in(browser, baba, outside, "2026-11-26", "2026-11-28")).status == 422
        assert (await stands_in(browser, baba, baba, "2026-11-26", "2026-11-28")).status == 422
        assert (await stands_in(browser, baba, aoki, "2026-11-25", "2026-11-28")).status == 422
        assert (await stands_in(browser, baba, aoki, "2026-11-28", "2026-11-27")).status == 422
        assert (await stands_in(browser, baba, aoki, "2026-11-26", "2027-11-26")).status == 422
        assert (await stands_in(boss, aoki, baba, "2026-11-26", "2026-11-28")).status == 303
        shown = await browser.get(PAGE)
        assert "代行中" in shown.text
        period = shown.text.split("/staff/stand-ins/")[1].split("/")[0]
        assert (await browser.post(f"/staff/stand-ins/{period}/end", shown.token)).status == 303
        assert "代行中" not in (await browser.get(PAGE)).text
        assert (await browser.post(f"/staff/stand-ins/{period}/end", shown.token)).status == 404
