"""Who belongs to another organisation hears nothing of how the desk stands: neither who waits nor whether mail goes."""

from __future__ import annotations

from dataclasses import replace

import pytest
from office import Office

from casework.people import Grant, Role
from config.notices import notice_words
from handlers.mail import MailHealth
from handlers.staff.alert_work import AlertWork

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("role", "told"),
    [
        (Role.RECIPIENT, False),
        (Role.MEETING_MEMBER, False),
        (Role.TRIAGER, False),
        (Role.COORDINATOR, True),
        (Role.SUPERVISOR, True),
        (Role.ADMIN, True),
    ],
)
async def test_warnings_of_a_desk_are_for_its_own_people(office: Office, role: Role, told: bool) -> None:
    health = MailHealth(configured=False)
    work = AlertWork(health=health, words=dict.fromkeys(office.console.desks, notice_words()), domain="x.example")
    office = Office.over(replace(office.console, alerts=work), office.clock)
    person = await office.person("hayashi", Grant(role=role, desk_id="default"), organisation="包括支援センター")
    async with await office.at_work(person) as browser:
        assert ("メールの設定がありません" in (await browser.get("/staff/account")).text) == told
