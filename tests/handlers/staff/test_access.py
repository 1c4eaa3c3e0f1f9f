"""Every route, asked for by everybody: nobody gets further than the table says, and no route is missing in it."""

from __future__ import annotations

import pytest
from access import ACCESS, Row, Who
from fastapi import APIRouter
from office import Browser, Office, Shown

from casework.people import Grant, Role
from handlers.staff import app as app_module
from handlers.staff.access import Need
from handlers.staff.app import ROUTERS, UndeclaredAccess, access_of, every_route, staff_app

pytestmark = pytest.mark.anyio


PAIRS = [(method, route.path) for route in every_route() for method in sorted(route.methods)]


def test_every_route_has_a_row_and_every_row_a_route() -> None:
    assert set(PAIRS) == set(ACCESS)


def test_routes_only_look_or_change_never_both() -> None:
    """A changing request is a POST, whose form is checked: a link changes nothing."""
    assert {method for method, _ in PAIRS} == {"GET", "POST"}


async def test_a_route_that_does_not_say_who_may_come_in_stops_the_start(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    careless = APIRouter()

    @careless.get("/careless")
    async def _page() -> str:
        return "everything"

    monkeypatch.setattr(app_module, "ROUTERS", (*ROUTERS, careless))
    with pytest.raises(UndeclaredAccess, match="/careless"):
        staff_app(office.console)


async def asked(browser: Browser, method: str, path: str, row: Row) -> Shown:
    """The route's own answer: the form's token is right, so that only the right to be there decides."""
    if method == "GET":
        return await browser.get(path)
    page = await browser.get("/staff/account" if browser.cookie() else "/staff/sign-in")
    return await browser.post(path, page.token, **row.form)


@pytest.mark.parametrize(("method", "path"), PAIRS)
async def test_who_may_come_in(town: Office, method: str, path: str) -> None:
    for who in Who:
        await _tried(town, who, method, f"/staff{path.format(**town.ids)}", ACCESS[method, path])


async def _tried(office: Office, who: Who, method: str, path: str, row: Row) -> None:
    browser = office.browser() if who is Who.STRANGER else await office.at_work(office.people[who.value])
    async with browser:
        shown = await asked(browser, method, path, row)
    said = f"{who} at {method} {path}: {shown.status}"
    if row.halfway:
        assert shown.status == 303, said
        assert shown.location == ("/staff/" if who is not Who.STRANGER else shown.location), said
    elif who in row.may:
        assert shown.status in row.answers, said
    elif who is Who.STRANGER:
        assert shown.status == 303, said
        assert shown.location.startswith("/staff/sign-in"), said
    else:
        assert shown.status in {403, 404}, said
        assert shown.heading, said


@pytest.mark.parametrize(("method", "path"), PAIRS)
async def test_who_has_given_only_the_password_gets_no_further(town: Office, method: str, path: str) -> None:
    route = next(route for route in every_route() if route.path == path and method in route.methods)
    if access_of(route).need in {Need.NOTHING, Need.PASSWORD}:
        return
    person = town.people[Who.ADMIN.value]
    async with town.browser() as browser:
        await browser.send("/staff/sign-in", "/staff/sign-in", login=person.login, password=person.password)
        shown = await browser.get("/staff/sign-in/code")
        full = f"/staff{path.format(**town.ids)}"
        shown = await browser.get(full) if method == "GET" else await browser.post(full, shown.token)
        assert (shown.status, shown.location.split("?")[0]) == (303, "/staff/sign-in/code")


@pytest.mark.parametrize(("method", "path"), PAIRS)
async def test_who_has_to_choose_a_password_does_that_first(town: Office, method: str, path: str) -> None:
    route = next(route for route in every_route() if route.path == path and method in route.methods)
    if access_of(route).need is not Need.ACTION:
        return
    newcomer = await town.person("newcomer", *(Grant(role=role) for role in Role), must_change=True)
    async with await town.at_work(newcomer) as browser:
        token = (await browser.get("/staff/account/password")).token
        full = f"/staff{path.format(**town.ids)}"
        shown = await browser.get(full) if method == "GET" else await browser.post(full, token)
        assert (shown.status, shown.location.split("?")[0]) == (303, "/staff/account/password")
