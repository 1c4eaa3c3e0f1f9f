"""これまでのこと in one place, and who has looked: names and times, and no words to who may not read them."""

from __future__ import annotations

import pytest
from access import endangered
from office import Browser, Office, Person

from casework.consents import Consent, ConsentKind, Ended, Method, Scope
from casework.people import Grant, Role
from storage import case_acts, consents, staff
from storage.case_acts import By
from storage.cases import CaseRow
from storage.ids import new_id

pytestmark = pytest.mark.anyio

HOKUBU = Grant(role=Role.COORDINATOR, desk_id="default", areas=frozenset({"hokubu"}))


async def a_case(office: Office, owner: Person) -> CaseRow:
    async with office.console.database.write() as connection:
        _, case = await endangered(connection, office.console, now=office.clock())
        by = By(staff_id=owner.id, at=office.clock(), new_id=new_id)
        await case_acts.set_area(connection, case, by, "hokubu")
        await case_acts.claim(connection, case, by)
    return case


async def agrees(office: Office, case: CaseRow, by: Person) -> None:
    """The resident agrees that an organisation is asked, and takes it back."""
    async with office.console.database.write() as connection:
        there = await staff.organisation(connection, "となりの機関", new_id=new_id)
        wording = await consents.keep_wording(connection, ConsentKind.ASK_AROUND, "聞いてよいですか", at=office.clock())
        scope = Scope(org_id=there, items=frozenset({"worry"}), purpose="refer")
        given = Consent(
            id=new_id(), kind=ConsentKind.ASK_AROUND, method=Method.ORAL, given_at=office.clock(), wording=wording,
            scope=scope, by=by.id,
        )  # fmt: skip
        await consents.give(connection, case.resident_id, given)
        office.clock.passes(minutes=5)
        await consents.withdraw(connection, case.resident_id, at=office.clock(), reason=Ended.RESIDENT)


async def sent(browser: Browser, path: str, what: str, **fields: str) -> int:
    return (await browser.post(f"{path}/{what}", (await browser.get(path)).token, **fields)).status


async def test_everything_stands_in_one_place_and_can_be_narrowed(office: Office) -> None:
    aoki = await office.person("青木", HOKUBU)
    case = await a_case(office, aoki)
    path = f"/staff/cases/{case.id}"
    async with await office.at_work(aoki) as browser:
        assert await sent(browser, path, "notes", kind="phone", body="<i>電話した</i>") == 303
        assert await sent(browser, path, "tasks", title="米を届ける") == 303
        assert await sent(browser, path, "glass", reason="life") == 303
        assert await sent(browser, path, "sheets", form="tsunagu") == 303
        assert await sent(browser, path, "messages", words="読みました") == 303
        await agrees(office, case, aoki)
        shown = await browser.get(f"{path}/timeline")
        expected = [
            "&lt;i&gt;電話した&lt;/i&gt;", "米を届ける", "同意なしで開いた", "緊急の知らせ", f"{case.number}-1 作成",
            "名前を出さずにたずねることに同意した(となりの機関)", "名前を出さずにたずねることに同意を取り消した",
            "相談員1通",
            "引き受けた",
        ]  # fmt: skip
        for words in expected:
            assert words in shown.text, words
        only = await browser.get(f"{path}/timeline?only=consent")
        assert "名前を出さずに" in only.text
        assert "電話した" not in only.text
        assert "米を届ける" not in only.text


async def test_who_looked_is_told_to_the_owner_and_to_who_reads_the_record(office: Office) -> None:
    aoki, baba = await office.person("青木", HOKUBU), await office.person("馬場", HOKUBU)
    auditor = await office.person("監査さん", Role.AUDITOR)
    case = await a_case(office, aoki)
    path = f"/staff/cases/{case.id}"
    async with await office.at_work(aoki) as own, await office.at_work(baba) as other:
        await other.get(path)
        await other.get(f"{path}?again=1")
        await other.get(path)
        shown = await own.get(path)
        assert '馬場 <span class="hint">2回' in shown.text
        assert "この相談を見た人" not in (await other.get(path)).text
        assert (await other.get(f"{path}/lookers")).status == 404
        table = (await own.get(f"{path}/lookers")).text
        assert "馬場" in table
        assert "見本市社会福祉協議会" in table
    async with await office.at_work(auditor) as reader:
        assert "馬場" in (await reader.get(f"{path}/lookers")).text
        assert (await reader.get(path)).status in {403, 404}
    assert (await office.acts()).count("lookers_seen") == 2
