"""Where a desk narrows it, one press of broken glass is for who is on duty; one's own mail address is one's own."""

from __future__ import annotations

from dataclasses import replace
from datetime import time

import pytest
from access import endangered
from office import Browser, Office, Shown

from casework.alerting import Window
from casework.people import Role
from storage import rota
from storage.ids import new_id

pytestmark = pytest.mark.anyio


def narrowed(office: Office) -> Office:
    assert office.console.work is not None
    words = office.console.work.words["default"].model_copy(update={"glass_on_call": True})
    work = replace(office.console.work, words={"default": words})
    return Office.over(replace(office.console, work=work), office.clock)


async def pressed(browser: Browser, path: str, **fields: str) -> Shown:
    return await browser.post(f"{path}/glass", (await browser.get(path)).token, **fields)


async def test_who_is_not_on_call_writes_a_reason_and_who_is_presses(office: Office) -> None:
    office = narrowed(office)
    aoki, baba = await office.person("青木", Role.COORDINATOR), await office.person("馬場", Role.COORDINATOR)
    async with office.console.database.write() as connection:
        _, case = await endangered(connection, office.console, now=office.clock())
        # Ten in the morning of a Thursday.
        window = Window(starts=time(9), ends=time(12), weekdays=frozenset({3}))
        await rota.add_window(connection, baba.id, "default", window, new_id=new_id)
    path = f"/staff/cases/{case.id}"
    async with await office.at_work(aoki) as browser, await office.at_work(baba) as called:
        refused = await pressed(browser, path, reason="life")
        assert refused.status == 422
        assert "当番・担当者・主任相談員" in refused.text
        why = "当番に電話がつながらず、安否をすぐ確かめる。"
        assert (await pressed(browser, path, reason="life", reason_words=why, told=str(baba.id))).status == 303
        assert (await pressed(called, path, reason="life")).status == 303


async def test_while_nobody_is_on_call_everybody_may_press(office: Office) -> None:
    office = narrowed(office)
    aoki, baba = await office.person("青木", Role.COORDINATOR), await office.person("馬場", Role.COORDINATOR)
    async with office.console.database.write() as connection:
        _, case = await endangered(connection, office.console, now=office.clock())
        await rota.add_window(connection, baba.id, "default", Window(starts=time(22), ends=time(6)), new_id=new_id)
    async with await office.at_work(aoki) as browser:
        assert (await pressed(browser, f"/staff/cases/{case.id}", reason="life")).status == 303


async def test_everybody_sets_their_own_mail_address(office: Office) -> None:
    aoki = await office.person("青木", Role.COORDINATOR)
    async with await office.at_work(aoki) as browser:
        wrong = await browser.send("/staff/account", "/staff/account/contact", address="青木@例え")
        assert (wrong.status, "青木@例え" in wrong.text) == (422, True)
        await browser.send("/staff/account", "/staff/account/contact", address="aoki@shakyo.example")
        assert 'value="aoki@shakyo.example"' in (await browser.get("/staff/account")).text
        async with office.console.database.read() as connection:
            keyring = office.console.keyring
            assert await rota.contact(connection, keyring, aoki.id) == "aoki@shakyo.example"
        await browser.send("/staff/account", "/staff/account/contact", address="")
        async with office.console.database.read() as connection:
            assert await rota.contact(connection, office.console.keyring, aoki.id) is None
    assert (await office.acts()).count("contact_set") == 2
