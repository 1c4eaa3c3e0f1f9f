"""A sheet over real HTTP on both databases: seen and agreed to by its resident, handed over, told of, taken back."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from desk import Colleague
from road import Bot
from sqlalchemy import select
from test_alert_road import SetClock
from test_consent_road import accepts, presses

from bot.handovers import handovers
from bot.simulator import SimulatorServer
from storage import recipients
from storage.audit_tables import AuditEntry
from storage.database import Connection
from storage.ids import new_id
from storage.notice_tables import Notice, NoticeKind
from storage.sheet_news_tables import SheetNews

PLACE = "北地域包括支援センター"
FRONT = {
    "f.channel": "line", "f.nickname": "もみじ", "f.from_org": "見本市社協", "f.from_person": "青木",
    "f.created_on": "令和8年11月26日", "f.safe_contact": "LINEだけ", "f.topics": ["income"], "f.top_topic": "income",
    "f.words": "家賃が払えない", "f.reason": "家計をみてほしい", "f.age_band": "50", "f.area": "北町",
}  # fmt: skip
BACK = {
    "f.urgency": "week", "f.urgency_reason": "来週支払い", "f.safety": ["food"], "f.shared_scope": "母には言わない",
    "f.ask": ["visit"], "r.history.0.what": "話を聞いた", "confirm": ["urgency", "safe_contact"],
}  # fmt: skip


def place(bot: Bot) -> recipients.RecipientRow:
    async def add(connection: Connection) -> recipients.RecipientRow:
        return await recipients.add(
            connection, desk_id="default", name=PLACE, mail="kita@example.jp", fields=None, collects=False,
            at=bot.program.clock(), new_id=new_id,
        )  # fmt: skip

    return bot.within(add)


def button(sim: SimulatorServer) -> str:
    """The path behind the newest button that LINE was given."""
    found = re.findall(r"/room/p/[\w-]+", json.dumps([str(request.body) for request in sim.requests()]))
    assert found, "no button was sent"
    return str(found[-1])


class Phone:
    """The resident's browser."""

    def __init__(self, bot: Bot) -> None:
        self.http = httpx.Client(
            base_url=bot.settings.own_address,
            timeout=20,
            headers={"accept-language": "ja"},
            limits=httpx.Limits(max_keepalive_connections=0),
        )

    def post(self, path: str, page: str, **fields: Any) -> httpx.Response:
        token = re.search(r'name="token" value="([0-9a-f]+)"', page)
        assert token is not None
        return self.http.post(path, data={"token": token[1], **fields})


@pytest.fixture
def bot(sim: SimulatorServer, database_url: str, tmp_path: Path) -> Iterator[Bot]:
    """By day, while the desk is open."""
    with Bot(sim, database_url, tmp_path, clock=SetClock()) as running:
        yield running


def test_from_the_button_in_line_to_a_handover_and_back(sim: SimulatorServer, bot: Bot) -> None:
    aoki, resident, org = Colleague(bot, "青木"), sim.resident(), place(bot)
    accepts(resident)
    presses(resident, "読んでいい")
    presses(resident, "書いていい")
    bot.settle()
    case = aoki.first_case()
    at = aoki.send(f"{case}/sheets", f"{case}/sheets", form="tsunagu").headers["location"].split("?")[0]
    for side, fields in (("front", FRONT), ("back", BACK)):
        aoki.send(f"{at}?side={side}", f"{at}?side={side}", **fields)
    aoki.send(at, f"{at}/prepare", act="name", recipient=str(org.id))
    aoki.send(at, f"{at}/show")
    bot.wait_until_sent()
    phone, link = Phone(bot), button(sim)
    assert phone.post(link, phone.http.get(link).text).status_code == 303
    page = phone.http.get("/room/mine").text
    assert "家賃が払えない" in page
    version = re.search(r'name="version" value="(\d+)"', page)
    assert version is not None
    chosen = {f"to.{org.organisation_id}": "ask_around", "version": version[1]}
    own = {name: value for name, value in FRONT.items() if name not in {"f.channel", "f.reason"}}
    saved = phone.post("/room/mine", page, **own, **chosen, **{"f.wish": "ゆっくり眠りたい"})
    assert saved.status_code == 303
    assert "ゆっくり眠りたい" in html.unescape(aoki.page(at))
    aoki.send(at, f"{at}/prepare", act="consent")
    aoki.send(at, f"{at}/hand", act="submit")
    clock = handovers(bot.program)
    bot.run(clock.look)
    assert [row.kind for row in bot.rows(select(Notice.kind))] == [NoticeKind.HANDED]
    (news,) = bot.rows(select(SheetNews.told_at, SheetNews.held))
    assert (news.told_at is not None, news.held) == (True, None)
    bot.wait_until_sent()
    assert any(PLACE in bubble.text and "渡しました" in bubble.text for bubble in resident.bubbles)
    page = phone.http.get("/room/mine").text
    assert phone.post("/room/mine/withdraw", page).status_code == 303
    bot.run(clock.look)
    assert {row.kind for row in bot.rows(select(Notice.kind))} == {NoticeKind.HANDED, NoticeKind.RECALLED}
    assert "取り消し（本人の撤回）" in aoki.words(at)
    seen = bot.rows(select(AuditEntry.action).where(AuditEntry.actor == "resident"))
    assert {row.action for row in seen} >= {"sheet_seen", "sheet_written", "consent_withdrawn"}
