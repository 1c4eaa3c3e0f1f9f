"""A lost watchword: a new room, and staff who put the two together after talking. Nothing said before is shown."""

from __future__ import annotations

import html
import re
from pathlib import Path
from uuid import UUID

from desk import Colleague
from road import Bot
from sqlalchemy import select
from visitor import Visitor

from bot.simulator import SimulatorServer
from casework.people import Role
from storage.audit_tables import AuditEntry
from storage.case_tables import Case, CaseEvent
from storage.room_tables import Room
from storage.tables import Resident

GOOD = "でんわ すいか えほん"
DARK = "ざくろ色の橋から飛び降りて死にたい"


def telling(bot: Bot, words: str) -> Visitor:
    """Somebody who came by the leaflet and has told something."""
    visitor = Visitor(bot)
    visitor.open_room()
    token = re.search(r'name="token" value="([0-9a-f]+)"', visitor.look("/room/"))
    assert token is not None
    visitor.http.post("/room/say", data={"token": token[1], "text": words})
    bot.run(bot.program.engine.rest)
    return visitor


def cases_of(bot: Bot) -> list[tuple[UUID, str]]:
    """Ids and numbers, the oldest first."""
    return [(row.id, row.number) for row in bot.rows(select(Case.id, Case.number).order_by(Case.opened_at))]


def test_staff_join_two_rooms_and_the_earlier_one_is_closed(
    sim: SimulatorServer, database_url: str, tmp_path: Path
) -> None:
    with Bot(sim, database_url, tmp_path, trusted_proxies=("127.0.0.1",)) as bot:
        first = telling(bot, DARK)
        name = first.set_watchword(GOOD)
        second = telling(bot, "前の部屋に書いた者です。また死にたいです")
        (_, old_number), (new, _) = cases_of(bot)
        aoki = Colleague(bot, "aoki", Role.SUPERVISOR)
        page = f"/staff/cases/{new}/room"
        refused = aoki.send(page, page, status=422, number=old_number, reason="声")
        assert "同じ方だと確かめたか" in refused.text
        missing = aoki.send(page, page, status=409, number="1999-0001", reason="前に話したことを三つ話せた")
        assert "見つかりません" in missing.text
        aoki.send(page, page, number=old_number, reason="前に話したことを三つ話せた")

        assert not first.is_inside
        enter = "/room/default/enter"
        Visitor(bot).press(enter, enter, status=403, name=name, word=GOOD)
        assert second.is_inside
        assert "ざくろ色" not in second.look("/room/"), "whoever it is, nothing from before is shown to them"
        shown = html.unescape(aoki.page(page))
        assert old_number in shown
        rooms = bot.rows(select(Room.closed_at).order_by(Room.created_at))
        assert [row.closed_at is None for row in rooms] == [False, True]
        events = {row.kind for row in bot.rows(select(CaseEvent.kind))}
        assert {"room_joined", "room_closed"} <= events
        acts = [row.action for row in bot.rows(select(AuditEntry.action))]
        assert "rooms_joined" in acts
        assert "room_closed" in acts
        stopped = bot.rows(select(Resident.stopped_at).order_by(Resident.created_at))
        assert stopped[0].stopped_at is not None
        again = aoki.send(page, page, status=409, number=old_number, reason="前に話したことを三つ話せた")
        assert "つなげません" in again.text


def test_a_colleague_who_does_not_have_the_case_joins_nothing(sim: SimulatorServer, bot: Bot) -> None:
    telling(bot, DARK)
    telling(bot, "前の部屋に書いた者です。また死にたいです")
    (_, old_number), (new, _) = cases_of(bot)
    page = f"/staff/cases/{new}/room"
    colleague = Colleague(bot, "baba")
    assert "つないで" not in colleague.page(page)
    colleague.send("/staff/queue", page, status=404, number=old_number, reason="前に話したことを三つ話せた")
    assert {row.closed_at for row in bot.rows(select(Room.closed_at))} == {None}


def test_the_cards_lead_to_the_room_of_the_desk(sim: SimulatorServer, bot: Bot) -> None:
    shown = Colleague(bot, "aoki").page("/staff/room-cards")
    assert shown.count("<svg") == 10
    address = f"{bot.settings.own_address}/room/default"
    assert address.split("://")[1] in shown
    assert "PUBLIC_URL" in shown, "no phone could open an address of this machine"
