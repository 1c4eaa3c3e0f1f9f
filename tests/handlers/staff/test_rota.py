"""Who is on call and where mail goes; what every page says when it does not go; what pages ring for."""

from __future__ import annotations

import re
from datetime import time

import pytest
from access import endangered
from office import Office, Person
from sqlalchemy import select

from casework.alerting import Circle, Due, Urgency, Window
from casework.people import Role
from config.notices import notice_words
from handlers.mail import MailHealth
from handlers.staff.alert_work import AlertWork
from handlers.staff.rota import KINDS, STATES, window_words
from storage import calls, conversations, rota
from storage.calls import NewCall
from storage.database import Database
from storage.ids import new_id
from storage.notice_tables import AddressList, Notice, NoticeKind, NoticeState

pytestmark = pytest.mark.anyio


@pytest.fixture
def health() -> MailHealth:
    return MailHealth(configured=True)


@pytest.fixture
async def desk(office: Office, health: MailHealth) -> Office:
    """An office that can send mail."""
    work = AlertWork(health=health, words={"default": notice_words(), "other": notice_words()}, domain="shakyo.example")
    return Office.over(office.console.__class__(**{**_fields(office), "alerts": work}), office.clock)


def _fields(office: Office) -> dict[str, object]:
    return {name: getattr(office.console, name) for name in office.console.__dataclass_fields__}


@pytest.fixture
async def admin(desk: Office) -> Person:
    return await desk.person("admin", Role.ADMIN)


async def notices_of(database: Database) -> list[tuple[NoticeKind, bool]]:
    async with database.read() as connection:
        rows = await connection.execute(select(Notice.kind, Notice.staff_id))
        return [(row.kind, row.staff_id is not None) for row in rows]


async def test_an_address_is_set_changed_and_taken_away(desk: Office, admin: Person) -> None:
    taro = await desk.person("taro", Role.COORDINATOR)
    path = f"/staff/rota/people/{taro.id}/contact"
    async with await desk.at_work(admin) as browser:
        for address in ("taro@shakyo.example", "yamada@shakyo.example", ""):
            shown = await browser.send("/staff/rota", path, address=address)
            assert shown.location == "/staff/rota?done=contact"
            assert not address or f'value="{address}"' in (await browser.get("/staff/rota")).text
    async with desk.console.database.read() as connection:
        assert await rota.contact(connection, desk.console.keyring, taro.id) is None
    assert (await desk.acts()).count("contact_set") == 3


@pytest.mark.parametrize(
    "address", ["taro", "a@b.example, c@d.example", "a@b.example\r\nBcc: c@d.example", "山@b.example"]
)
@pytest.mark.parametrize("where", ["contact", "list"])
async def test_what_is_no_address_is_refused(desk: Office, admin: Person, address: str, where: str) -> None:
    path = f"/staff/rota/people/{admin.id}/contact" if where == "contact" else "/staff/rota/addresses"
    async with await desk.at_work(admin) as browser:
        shown = await browser.send("/staff/rota", path, address=address, list="desk")
    assert shown.status == 422
    assert "メールアドレスを確かめてください" in shown.text
    async with desk.console.database.read() as connection:
        assert await rota.contacts(connection, desk.console.keyring) == {}
        assert await rota.addresses(connection, desk.console.keyring, "default") == []


async def test_somebody_is_put_on_call_and_taken_off(desk: Office, admin: Person) -> None:
    taro = await desk.person("taro", Role.COORDINATOR)
    path = f"/staff/rota/people/{taro.id}/windows"
    async with await desk.at_work(admin) as browser:
        form = {"weekday": ["0", "4"], "starts": "17:00", "ends": "09:00", "first": "2026-12-01", "last": ""}
        assert (await browser.send("/staff/rota", path, **form)).location == "/staff/rota?done=on_call"
        text = (await browser.get("/staff/rota")).text
        assert "月・金 17:00から翌09:00 (2026年12月1日から)" in text
        found = re.search(r"/staff/rota/windows/[0-9a-f-]{36}/remove", text)
        assert found is not None
        assert (await browser.send("/staff/rota", found[0])).status == 303
        assert (await browser.send("/staff/rota", found[0])).status == 404
    async with desk.console.database.read() as connection:
        assert await rota.windows(connection, "default") == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"starts": ""},
        {"ends": "25:00"},
        {"starts": "17:00+09:00"},
        {"weekday": "7"},
        {"weekday": "x"},
        {"first": "2026-12-02", "last": "2026-12-01"},
        {"last": "soon"},
    ],
)
async def test_a_window_that_is_none_is_refused(desk: Office, admin: Person, wrong: dict[str, str]) -> None:
    form = {"weekday": "0", "starts": "17:00", "ends": "09:00", "first": "", "last": "", **wrong}
    async with await desk.at_work(admin) as browser:
        shown = await browser.send("/staff/rota", f"/staff/rota/people/{admin.id}/windows", **form)
    assert shown.status == 422
    assert "当番の時刻と日付を確かめてください" in shown.text


async def test_a_test_mail_goes_the_way_of_an_alert_once_to_each_box(desk: Office, admin: Person) -> None:
    console = desk.console
    async with await desk.at_work(admin) as browser:
        assert (await browser.send("/staff/rota", "/staff/rota/test")).status == 409
        async with console.database.write() as connection:
            await rota.set_contact(connection, console.keyring, admin.id, "a@x.example", now=desk.clock())
            for which, address in ((AddressList.DESK, "A@x.example"), (AddressList.NIGHT, "n@x.example")):
                await rota.add_address(connection, console.keyring, "default", which, address, new_id=new_id)
        assert (await browser.send("/staff/rota", "/staff/rota/test")).location == "/staff/rota?done=test"
        assert "送信待ち" in (await browser.get("/staff/rota")).text
    found = await notices_of(console.database)
    assert len(found) == 2
    assert {kind for kind, _ in found} == {NoticeKind.TEST}
    assert (await desk.acts())[-1] == "test_mail"


async def test_every_page_says_when_nobody_would_be_told(desk: Office, admin: Person, health: MailHealth) -> None:
    async with await desk.at_work(admin) as browser:
        assert "banner-warning" not in (await browser.get("/staff/account")).text
        health.stuck, health.in_vain = {"default": 2, "kita": 5}, {"default": 1, "kita": 6}
        health.unanswered = {"default": 3, "kita": 4}
        text = (await browser.get("/staff/account")).text
        assert "2通、送れていません" in text
        assert "届けられなかった職員へのメールが1通" in text
        assert "緊急の相談が3件あります" in text, "of the desks where one works, and of no other"
        health.unreachable = ("kita",)
        assert "宛先が一つもありません" not in (await browser.get("/staff/account")).text
        health.unreachable = ("default",)
        assert "宛先が一つもありません" in (await browser.get("/staff/account")).text
        health.configured = False
        text = (await browser.get("/staff/account")).text
        assert "メールの設定がありません" in text
        assert "送れていません" not in text
    async with desk.browser() as stranger:
        assert "banner-warning" not in (await stranger.get("/staff/sign-in")).text


async def test_the_page_that_puts_it_right_says_so_at_once(desk: Office, admin: Person, health: MailHealth) -> None:
    await desk.person("taro", Role.COORDINATOR)
    async with await desk.at_work(admin) as browser:
        assert "宛先が一つもありません" in (await browser.get("/staff/rota")).text
        await browser.send("/staff/rota", "/staff/rota/addresses", list="desk", address="d@x.example")
        assert "宛先が一つもありません" not in (await browser.get("/staff/rota")).text
    assert health.unreachable == ()


async def test_pages_ring_by_an_id_and_nothing_else(desk: Office) -> None:
    console, now = desk.console, desk.clock()
    aoki = await desk.person("aoki", Role.COORDINATOR)
    async with await desk.at_work(aoki) as browser:
        assert (await browser.get("/staff/bell")).answer.json() == {"urgent": None, "calm": None}
        async with console.database.write() as connection:
            resident, case = await endangered(connection, console, now=now)
            turn_id = new_id()
            await conversations.add_turn(
                connection, resident, turn_id=turn_id, at=now, content_version="c", listener_version="l"
            )
            new = NewCall(
                case_id=case.id,
                desk_id="default",
                turn_id=turn_id,
                urgency=Urgency.URGENT,
                raised_at=now,
                plan=(Due(circle=Circle.ON_CALL, at=now),),
            )
            call_id = await calls.add(connection, new, new_id=new_id)
        assert (await browser.get("/staff/bell")).answer.json() == {"urgent": str(call_id), "calm": None}
        assert 'id="bell"' in (await browser.get("/staff/queue")).text
    admin = await desk.person("admin", Role.ADMIN)
    async with await desk.at_work(admin) as browser:
        assert 'id="bell"' not in (await browser.get("/staff/rota")).text


def test_a_window_is_told_in_words() -> None:
    assert window_words(Window(starts=time(9), ends=time(17))) == "毎日 09:00から17:00"
    assert window_words(Window(starts=time(0), ends=time(0), weekdays=frozenset({6}))) == "日 00:00から翌00:00"


def test_every_kind_of_mail_and_every_outcome_has_a_name_on_the_page() -> None:
    assert set(KINDS) == set(NoticeKind)
    assert set(STATES) == set(NoticeState)
