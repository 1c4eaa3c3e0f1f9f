"""Security keys in the place of an app, where private phones are not allowed."""

from __future__ import annotations

import json
import re
from html import unescape
from typing import Any

import pytest
from authenticator import Authenticator
from office import PASSWORD, SITE, Browser, Office, Person, Shown

from casework.people import Role
from storage import security_keys, staff

pytestmark = pytest.mark.anyio


def options(shown: Shown) -> dict[str, Any]:
    found = re.search(r'data-options="([^"]+)"', shown.text)
    assert found is not None
    asked: dict[str, Any] = json.loads(unescape(found[1]))
    return asked


@pytest.fixture
async def newcomer(office: Office) -> Person:
    return await office.person("taro", Role.COORDINATOR, factor=False)


async def half(browser: Browser) -> Shown:
    await browser.send("/staff/sign-in", "/staff/sign-in", login="taro", password=PASSWORD)
    shown = await browser.get("/staff/sign-in/set-up")
    return shown if shown.status == 200 else await browser.get("/staff/sign-in/code")


async def set_up(office: Office, key: Authenticator) -> None:
    async with office.browser() as browser:
        page = await half(browser)
        made = key.make(options(page), origin=SITE)
        shown = await browser.post("/staff/sign-in/set-up/key", page.token, credential=made)
        assert shown.heading == "予備コード"
        assert (await browser.get("/staff/account")).status == 200


async def used(browser: Browser, key: Authenticator, *, origin: str = SITE) -> Shown:
    page = await half(browser)
    return await browser.post("/staff/sign-in/key", page.token, credential=key.use(options(page), origin=origin))


async def test_a_key_is_set_up_and_opens(office: Office, newcomer: Person) -> None:
    key = Authenticator()
    await set_up(office, key)
    for _ in range(2):
        async with office.browser() as browser:
            shown = await used(browser, key)
            assert (shown.status, shown.location) == (303, "/staff/")
            assert (await browser.get("/staff/account")).status == 200
    assert await office.acts() == ["key_added", "signed_in", "signed_in", "signed_in"]


async def test_the_apps_secret_that_was_only_shown_opens_nothing(office: Office, newcomer: Person) -> None:
    async with office.browser() as browser:
        page = await half(browser)
        async with office.console.database.read() as connection:
            newcomer.secret = await staff.totp_secret(connection, office.console.keyring, newcomer.id)
        made = Authenticator().make(options(page), origin=SITE)
        await browser.post("/staff/sign-in/set-up/key", page.token, credential=made)
    async with office.browser() as browser:
        page = await half(browser)
        shown = await browser.post("/staff/sign-in/code", page.token, code=office.code(newcomer))
        assert shown.status == 401


@pytest.mark.parametrize(
    "case", ["another key", "another origin", "replayed", "copied", "nonsense", "empty", "changed"]
)
async def test_what_is_not_the_key_does_not_open(office: Office, newcomer: Person, case: str) -> None:
    key = Authenticator()
    await set_up(office, key)
    async with office.browser() as first:
        page = await half(first)
        earlier = key.use(options(page), origin=SITE)
        await first.post("/staff/sign-in/key", page.token, credential=earlier)
    async with office.browser() as browser:
        page = await half(browser)
        match case:
            case "another key":
                answer = Authenticator(b"c" * 32).use(options(page), origin=SITE)
            case "another origin":
                answer = key.use(options(page), origin="https://evil.example")
            case "replayed":
                answer = earlier
            case "copied":
                key.count = 0
                answer = key.use(options(page), origin=SITE)
            case "nonsense":
                answer = '{"id": 1, "response": []}'
            case "empty":
                answer = ""
            case _:
                answer = key.use(options(page), origin=SITE).replace("public-key", "private-key")
        shown = await browser.post("/staff/sign-in/key", page.token, credential=answer)
        assert shown.status == 401
        assert (await browser.get("/staff/account")).status == 303


async def test_a_key_cannot_be_set_up_with_the_password_alone_once_there_is_a_factor(
    office: Office, newcomer: Person
) -> None:
    await set_up(office, Authenticator())
    async with office.browser() as browser:
        page = await half(browser)
        asked = {"rp": {"id": "127.0.0.1"}, "challenge": options(page)["challenge"]}
        made = Authenticator(b"other").make(asked, origin=SITE)
        shown = await browser.post("/staff/sign-in/set-up/key", page.token, credential=made)
        assert (shown.status, shown.location) == (303, "/staff/sign-in/code")
    async with office.console.database.read() as connection:
        assert len(await security_keys.of(connection, newcomer.id)) == 1


async def test_a_second_key_needs_the_password(office: Office) -> None:
    person = await office.person("taro", Role.COORDINATOR)
    async with await office.at_work(person) as browser:
        path = "/staff/account/keys"
        for password, status in (("wrong", 422), (PASSWORD, 303)):
            page = await browser.get(path)
            made = Authenticator().make(options(page), origin=SITE)
            shown = await browser.post(path, page.token, credential=made, password=password, name="机の<b>キー")
            assert shown.status == status
        assert "机の&lt;b&gt;キー" in (await browser.get(path)).text
        assert len(options(await browser.get(path))["excludeCredentials"]) == 1


async def test_the_only_way_to_confirm_stays(office: Office, newcomer: Person) -> None:
    key = Authenticator()
    await set_up(office, key)
    async with await office.at_work(newcomer) as browser:
        async with office.console.database.read() as connection:
            (stored,) = await security_keys.of(connection, newcomer.id)
        path = f"/staff/account/keys/{stored.id}/remove"
        assert (await browser.send("/staff/account/keys", path)).status == 409
        page = await browser.get("/staff/account/keys")
        made = Authenticator(b"second").make(options(page), origin=SITE)
        await browser.post("/staff/account/keys", page.token, credential=made, password=PASSWORD)
        assert (await browser.send("/staff/account/keys", path)).status == 303
        assert "2本目のキー" in (await browser.get("/staff/account/keys")).text


async def test_nobody_removes_somebody_elses_key(office: Office, newcomer: Person) -> None:
    await set_up(office, Authenticator())
    other = await office.person("jiro", Role.COORDINATOR)
    async with office.console.database.read() as connection:
        (stored,) = await security_keys.of(connection, newcomer.id)
    async with await office.at_work(other) as browser:
        shown = await browser.send("/staff/account/keys", f"/staff/account/keys/{stored.id}/remove")
        assert shown.status == 404


async def test_a_lost_key_is_cleared_by_the_admin(office: Office, newcomer: Person) -> None:
    await set_up(office, Authenticator())
    admin = await office.person("admin", Role.ADMIN)
    path = f"/staff/people/{newcomer.id}"
    async with await office.at_work(admin) as browser:
        assert (await browser.send(path, f"{path}/factor")).status == 303
    async with office.console.database.read() as connection:
        assert await security_keys.of(connection, newcomer.id) == []
    async with office.browser() as browser:
        assert (await half(browser)).heading == "確認コードの設定"
