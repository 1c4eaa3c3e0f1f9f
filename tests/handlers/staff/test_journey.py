"""The console's statements on both databases: a newcomer from the first password to a day's work."""

from __future__ import annotations

import pytest
from office import Office, Person

from casework.people import Role
from storage import audit, kept_forms, sessions, staff
from storage.database import Database

pytestmark = pytest.mark.anyio


async def test_from_the_first_password_to_the_audit(database: Database) -> None:
    office = await Office.opened(database)
    admin = await office.person("admin", Role.ADMIN, Role.AUDITOR)
    async with office.browser() as browser:
        await browser.send("/staff/sign-in", "/staff/sign-in", login="admin", password="wrong")
        await office.sign_in(browser, admin)
        new = {
            "login": "taro",
            "shown_name": "鈴木",
            "organisation": "となり",
            "role": "coordinator",
            "desk": "default",
        }
        assert (await browser.send("/staff/people", "/staff/people", **new, area="hokubu")).status == 200
        async with database.read() as connection:
            taro = await staff.by_login(connection, "taro")
        assert taro is not None
        path = f"/staff/people/{taro.id}"
        for act in ("password", "factor", "disable", "enable"):
            assert (await browser.send(path, f"{path}/{act}")).status in {200, 303}
        assert (await browser.send(path, f"{path}/grants", role="auditor", desk="default")).status == 303
        shown = await browser.get("/staff/audit?object_kind=staff&since=2026-01-01&until=2027-01-01")
        assert "役割を追加" in shown.text
        token = (await browser.get("/staff/account")).token
        office.clock.passes(minutes=45)
        await browser.post(f"{path}/name", token, shown_name="送れなかった名前")
        assert (await office.sign_in(browser, admin)).location == "/staff/kept"
    async with database.read() as connection:
        assert await audit.verify(connection, office.console.keyring) == []
    office.clock.passes(days=100)
    async with database.write() as connection:
        await sessions.tidy(connection, office.clock())
        await kept_forms.tidy(connection, office.clock())


async def test_two_who_use_one_code_at_once(database: Database) -> None:
    office = await Office.opened(database)
    person: Person = await office.person("taro", Role.COORDINATOR)
    async with database.write() as connection:
        assert await staff.take_counter(connection, person.id, 100)
    async with database.write() as connection:
        assert not await staff.take_counter(connection, person.id, 100)
        assert not await staff.take_counter(connection, person.id, 99)
        assert await staff.take_counter(connection, person.id, 101)
