"""取りまとめ, 支援会議 and 受け手 see what was handed to their organisation, and nothing else of a desk."""

from __future__ import annotations

import pytest
from office import Browser, Office, Person
from sheet_access import NEXT_DOOR

from casework.people import Grant, Role

pytestmark = pytest.mark.anyio

#: What the queue tells of the town's case to its own people.
TOLD = ("緊急", "生活困窮", "owner", "待っています", "北部圏域")


async def opened(office: Office, login: str, role: Role, *, organisation: str) -> tuple[Person, Browser]:
    person = await office.person(login, Grant(role=role, desk_id="default"), organisation=organisation)
    return person, await office.at_work(person)


async def test_a_triager_finds_the_sheet_in_the_queue_and_no_case(town: Office) -> None:
    _, browser = await opened(town, "tanaka", Role.TRIAGER, organisation=NEXT_DOOR)
    case, sheet = town.ids["case_id"], town.ids["sheet_id"]
    async with browser:
        for path in ("/staff/queue", "/staff/queue/rows", f"/staff/queue?category=poverty&words={case}"):
            shown = (await browser.get(path)).text
            assert f"/staff/handed/{sheet}" in shown
            assert f"/staff/cases/{case}" not in shown
            assert not [words for words in TOLD if words in shown], path
        assert (await browser.get(f"/staff/handed/{sheet}")).status == 200
        for path in (f"/staff/cases/{case}", f"/staff/cases/{case}/timeline", f"/staff/cases/{case}/household"):
            assert (await browser.get(path)).status == 404
        token = (await browser.get("/staff/account")).token
        assert (await browser.post(f"/staff/cases/{case}/notes", token, kind="note", body="x")).status == 404


@pytest.mark.parametrize("organisation", ["見本市社会福祉協議会", "よその機関"])
async def test_a_triager_of_another_organisation_finds_nothing(town: Office, organisation: str) -> None:
    _, browser = await opened(town, "tanaka", Role.TRIAGER, organisation=organisation)
    async with browser:
        shown = (await browser.get("/staff/queue")).text
        assert "いま届いているシートはありません" in shown
        assert town.ids["sheet_id"] not in shown
        assert not [words for words in TOLD if words in shown]
        assert (await browser.get(f"/staff/handed/{town.ids['sheet_id']}")).status == 404


async def test_a_triager_of_another_desk_finds_nothing(town: Office) -> None:
    person = await town.person("tanaka", Grant(role=Role.TRIAGER, desk_id="other"), organisation=NEXT_DOOR)
    async with await town.at_work(person) as browser:
        for path in ("/staff/queue", "/staff/queue?desk=default"):
            assert town.ids["sheet_id"] not in (await browser.get(path)).text


async def test_who_knows_these_people_says_so_and_sees_it_no_more(town: Office) -> None:
    _, browser = await opened(town, "tanaka", Role.TRIAGER, organisation=NEXT_DOOR)
    _, colleague = await opened(town, "kato", Role.TRIAGER, organisation=NEXT_DOOR)
    sheet = town.ids["sheet_id"]
    async with browser, colleague:
        token = (await browser.get(f"/staff/handed/{sheet}")).token
        assert (await browser.post(f"/staff/handed/{sheet}/conflict", token)).status == 303
        assert sheet not in (await browser.get("/staff/queue")).text
        assert (await browser.get(f"/staff/handed/{sheet}")).status == 404
        assert sheet in (await colleague.get("/staff/queue")).text


@pytest.mark.parametrize("role", [Role.MEETING_MEMBER, Role.RECIPIENT])
async def test_members_of_a_meeting_and_recipients_begin_with_what_came_for_them(town: Office, role: Role) -> None:
    _, browser = await opened(town, "sato", role, organisation=NEXT_DOOR)
    async with browser:
        assert (await browser.get("/staff/")).location == "/staff/handed"
        assert town.ids["sheet_id"] in (await browser.get("/staff/handed")).text
        assert (await browser.get("/staff/queue")).status == 403


async def test_whose_queue_it_is_finds_the_case_once(town: Office) -> None:
    """A coordinator who is the triager, too, sees the case as a coordinator does."""
    person = await town.person(
        "ono",
        Grant(role=Role.COORDINATOR, desk_id="default"),
        Grant(role=Role.TRIAGER, desk_id="default"),
        organisation=NEXT_DOOR,
    )
    async with await town.at_work(person) as browser:
        shown = (await browser.get("/staff/queue")).text
        assert f"/staff/cases/{town.ids['case_id']}" in shown
        assert f"/staff/handed/{town.ids['sheet_id']}" not in shown
