"""The pages of a household: each person as far as one may see them, and nobody by the way of another."""

from __future__ import annotations

import pytest
from access import endangered
from office import Office, Person
from sqlalchemy import select

from casework.people import Grant, Role
from storage import case_acts
from storage.audit_tables import AuditEntry
from storage.case_acts import By
from storage.cases import CaseRow
from storage.ids import new_id

pytestmark = pytest.mark.anyio

HOKUBU = Grant(role=Role.COORDINATOR, desk_id="default", areas=frozenset({"hokubu"}))
LINK = {"part": "child", "own_part": "parent"}


async def a_case(office: Office, by: Person, area: str = "hokubu") -> CaseRow:
    async with office.console.database.write() as connection:
        _, case = await endangered(connection, office.console, now=office.clock())
        who = By(staff_id=by.id, at=office.clock(), new_id=new_id)
        await case_acts.set_area(connection, case, who, area)
    return case


async def test_linked_people_are_shown_together_and_the_linking_is_recorded(office: Office) -> None:
    aoki = await office.person("aoki", HOKUBU)
    one, other = await a_case(office, aoki), await a_case(office, aoki)
    path = f"/staff/cases/{one.id}/household"
    async with await office.at_work(aoki) as browser:
        token = (await browser.get(path)).token
        assert (await browser.post(path, token, number=other.number, **LINK)).status == 303
        for case, relative in ((one, other), (other, one)):
            assert relative.alias in (await browser.get(f"/staff/cases/{case.id}")).text
            shown = await browser.get(f"/staff/cases/{case.id}/household")
            assert one.alias in shown.text
            assert other.alias in shown.text
            assert "世帯に入れた" in shown.text
        wide = other.number.translate(str.maketrans("0123456789-", "０１２３４５６７８９－"))
        again = await browser.post(path, token, number=wide, **LINK)
        assert again.status == 409
        assert "もう世帯に入っています" in again.text
        assert (await browser.post(f"{path}/leave", token)).status == 303
        assert other.alias not in (await browser.get(path)).text
    async with office.console.database.read() as connection:
        rows = (await connection.execute(select(AuditEntry.action, AuditEntry.object_id))).all()
    linked = {row.object_id for row in rows if row.action == "household_joined"}
    assert linked == {str(one.id), str(other.id)}
    assert [row.object_id for row in rows if row.action == "household_parted"] == [str(one.id)]


async def test_somebody_one_may_not_see_is_not_there_and_cannot_be_linked(office: Office) -> None:
    aoki, ueda = await office.person("aoki", HOKUBU), await office.person("ueda", Role.SUPERVISOR)
    one, hidden = await a_case(office, aoki), await a_case(office, aoki, "nanbu")
    path = f"/staff/cases/{one.id}/household"
    async with await office.at_work(aoki) as browser, await office.at_work(ueda) as boss:
        token = (await browser.get(path)).token
        missing = await browser.post(path, token, number="2026-9999", **LINK)
        kept = await browser.post(path, token, number=hidden.number, **LINK)
        assert missing.status == kept.status == 409
        assert missing.text.replace("2026-9999", "") == kept.text.replace(hidden.number, "")
        assert (await boss.post(path, (await boss.get(path)).token, number=hidden.number, **LINK)).status == 303
        assert hidden.alias in (await boss.get(path)).text
        for page in (path, f"/staff/cases/{one.id}"):
            shown = await browser.get(page)
            assert shown.status == 200
            assert hidden.alias not in shown.text
            assert hidden.number not in shown.text
        assert (await browser.get(f"/staff/cases/{hidden.id}/household")).status == 404


async def test_a_relative_without_line_is_registered_into_the_household(office: Office) -> None:
    aoki, doi = await office.person("aoki", HOKUBU), await office.person("doi", Role.COORDINATOR)
    one, hidden = await a_case(office, aoki), await a_case(office, doi, "nanbu")
    form = {"source": "visit", "body": "祖母の話", "part": "grandparent"}
    async with await office.at_work(aoki) as browser:
        page = await browser.get(f"/staff/cases/new?with={one.id}")
        assert one.alias in page.text
        assert hidden.alias not in (await browser.get(f"/staff/cases/new?with={hidden.id}")).text
        refused = await browser.post("/staff/cases/new", page.token, **{**form, "with": str(hidden.id)})
        assert refused.status == 422
        assert "祖母の話" in refused.text
        made = await browser.post("/staff/cases/new", page.token, **{**form, "with": str(one.id)})
        assert made.status == 303
        assert one.alias in (await browser.get(made.location)).text
        shown = await browser.get(f"/staff/cases/{one.id}/household")
        assert "祖父母" in shown.text
        assert "読む同意" in shown.text
