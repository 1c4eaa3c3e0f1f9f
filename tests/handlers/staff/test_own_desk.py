"""How long one may stay and which clock pages show are the affair of the desk somebody works at, not of the first."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from office import Office
from plan_cast import with_case
from sqlalchemy import update

from casework.people import Grant, Role
from handlers.staff.pages import shown_end
from storage.case_tables import Case

pytestmark = pytest.mark.anyio


def two_desks(office: Office) -> Office:
    """The first lets nobody idle for more than ten minutes; the other allows an hour and lives by another clock."""
    desks = {}
    for name, minutes, zone in (("default", 10.0, "Asia/Tokyo"), ("other", 60.0, "Pacific/Honolulu")):
        desk = office.console.desks[name]
        console = desk.content.console.model_copy(update={"idle_minutes": minutes})
        words = desk.content.desk.model_copy(update={"zone": zone})
        desks[name] = replace(desk, content=replace(desk.content, console=console, desk=words))
    return Office.over(replace(office.console, desks=desks), office.clock)


@pytest.mark.parametrize(
    ("desks", "stays"), [(("default",), False), (("other",), True), (("default", "other"), False), ((None,), False)]
)
async def test_one_stays_as_long_as_the_strictest_of_ones_desks_allows(
    office: Office, desks: tuple[str | None, ...], stays: bool
) -> None:
    office = two_desks(office)
    person = await office.person("aoki", *(Grant(role=Role.COORDINATOR, desk_id=desk) for desk in desks))
    async with await office.at_work(person) as browser:
        shown = f"{'60' if stays else '10'}分のあいだ何もしないと"
        assert shown in (await browser.get("/staff/account")).text
        office.clock.passes(minutes=11)
        assert (await browser.get("/staff/account")).status == (200 if stays else 303)


async def test_who_has_no_desk_is_held_to_the_strictest(office: Office) -> None:
    office = two_desks(office)
    person = await office.person("aoki")
    async with await office.at_work(person) as browser:
        assert "10分のあいだ何もしないと" in (await browser.get("/staff/account")).text
        office.clock.passes(minutes=11)
        assert (await browser.get("/staff/account")).status == 303


@pytest.mark.parametrize(("desk", "shown"), [("default", "2026年11月26日 10:00"), ("other", "2026年11月25日 15:00")])
async def test_times_are_those_of_the_desk_one_works_at(office: Office, desk: str, shown: str) -> None:
    office = two_desks(office)
    person = await office.person("aoki", Grant(role=Role.COORDINATOR, desk_id=desk))
    async with await office.at_work(person) as browser:
        assert shown in (await browser.get("/staff/account")).text


async def test_a_case_shows_the_times_of_its_own_desk_whichever_one_turned_to(office: Office) -> None:
    office = two_desks(office)
    _, case = await with_case(office)
    async with office.console.database.write() as connection:
        await connection.execute(update(Case).where(Case.id == case.id).values(desk_id="other"))
    both = (Grant(role=Role.SUPERVISOR, desk_id=name) for name in ("default", "other"))
    person = await office.person("aoki", *both)
    async with await office.at_work(person) as browser:
        page = await browser.get(f"/staff/cases/{case.id}")
        assert page.status == 200
        assert "11月25日" in page.text
        assert "11月26日" not in page.text


def test_a_span_of_whole_days_ends_with_its_last_day() -> None:
    tokyo = ZoneInfo("Asia/Tokyo")
    assert shown_end(tokyo, datetime(2026, 12, 1, tzinfo=tokyo)) == "2026年11月30日(月)"
    assert shown_end(tokyo, datetime(2026, 12, 1, 9, 30, tzinfo=tokyo)) == "2026年12月1日 09:30"
