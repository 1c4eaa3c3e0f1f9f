"""Whoever works at several desks sees at which one they are, and turns to another; forms never change desks."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from office import Browser, Office, Person, shared_content
from sqlalchemy import select

from casework.people import Grant, Role
from dialogue import Desk
from storage.notice_tables import DeskAddress

pytestmark = pytest.mark.anyio

BOTH = tuple(Grant(role=role, desk_id=desk) for role in (Role.COORDINATOR, Role.ADMIN) for desk in ("default", "other"))


def named(office: Office) -> Office:
    """Two desks that are called differently and have areas of their own."""
    content = shared_content()
    desks = {}
    for name, area in (("default", "hokubu"), ("other", "minato")):
        words = content.desk.model_copy(update={"organisation": f"{name}の協議会"})
        areas = (content.console.areas[0].model_copy(update={"id": area, "name": f"{area}圏域"}),)
        console = content.console.model_copy(update={"areas": areas})
        desks[name] = Desk(id=name, content=replace(content, desk=words, console=console))
    return Office.over(replace(office.console, desks=desks), office.clock)


async def at_work(office: Office, *grants: Grant) -> tuple[Person, Browser]:
    person = await office.person("青木", *grants)
    return person, await office.at_work(person)


def turned_to(text: str) -> str | None:
    found = re.search(r'<option value="([^"]+)" selected>', text)
    return None if found is None else found[1]


async def turn(browser: Browser, desk: str) -> int:
    page = await browser.get("/staff/queue")
    return (await browser.post("/staff/desk", page.token, desk=desk)).status


async def test_who_works_at_one_desk_has_nothing_to_choose(office: Office) -> None:
    _, aoki = await at_work(named(office), Grant(role=Role.COORDINATOR, desk_id="default"))
    async with aoki:
        assert 'id="desk-choice"' not in (await aoki.get("/staff/queue")).text


async def test_who_works_at_two_sees_which_and_turns_to_the_other(office: Office) -> None:
    _, aoki = await at_work(named(office), *BOTH)
    async with aoki:
        first = await aoki.get("/staff/queue")
        assert (turned_to(first.text), 'data-desk="default"' in first.text) == ("default", True)
        assert await turn(aoki, "other") == 303
        then = await aoki.get("/staff/queue")
        assert (turned_to(then.text), 'data-desk="other"' in then.text) == ("other", True)
        assert "otherの協議会" in then.text
        assert "minato圏域" in then.text
        assert "hokubu圏域" not in then.text


async def test_nobody_turns_to_a_desk_at_which_they_do_not_work(office: Office) -> None:
    office = named(office)
    _, aoki = await at_work(office, Grant(role=Role.ADMIN, desk_id="default"))
    async with aoki:
        page = await aoki.get("/staff/people")
        assert (await aoki.post("/staff/desk", page.token, desk="other")).status == 404
        # A cookie of one's own making opens nothing.
        aoki.http.cookies.set("tsunagu-desk", "other")
        assert (await aoki.get("/staff/rota")).status == 200
        page = await aoki.get("/staff/rota")
        assert 'name="shown_desk" value="default"' in page.text


async def test_a_form_is_about_the_desk_of_its_page_though_another_was_chosen_since(office: Office) -> None:
    office = named(office)
    _, aoki = await at_work(office, *BOTH)
    async with aoki:
        page = await aoki.get("/staff/rota")
        shown = re.search(r'name="shown_desk" value="(\w+)"', page.text)
        assert shown is not None
        assert shown[1] == "default"
        assert await turn(aoki, "other") == 303
        fields = {"list": "desk", "address": "night@shakyo.example"}
        assert (await aoki.post("/staff/rota/addresses", page.token, shown_desk=shown[1], **fields)).status == 303
    async with office.console.database.read() as connection:
        assert list((await connection.execute(select(DeskAddress.desk_id))).scalars()) == ["default"]


async def test_a_form_of_a_desk_where_one_may_not_is_refused_and_never_falls_to_ones_own(office: Office) -> None:
    office = named(office)
    _, aoki = await at_work(office, Grant(role=Role.ADMIN, desk_id="default"))
    async with aoki:
        page = await aoki.get("/staff/rota")
        fields = {"list": "desk", "address": "night@shakyo.example", "shown_desk": "other"}
        assert (await aoki.post("/staff/rota/addresses", page.token, **fields)).status == 404
    async with office.console.database.read() as connection:
        assert list((await connection.execute(select(DeskAddress.desk_id))).scalars()) == []
