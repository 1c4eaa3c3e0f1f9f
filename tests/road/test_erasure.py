"""「消して」: after the time for second thoughts nothing of a resident can be read, anywhere; a safety alert stays."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from road import Bot
from sqlalchemy import func, select, update

from bot.simulator import SimulatorServer
from handlers.clock.erasures import Erasures
from storage.database import Connection
from storage.tables import (
    Alert,
    Finding,
    Identity,
    InboxEvent,
    Key,
    KeyPurpose,
    OutboxMessage,
    Resident,
    ResidentMessage,
    Tag,
)

PERSONAL = (ResidentMessage, Tag, Finding, OutboxMessage, Identity)


def erase_due(bot: Bot) -> None:
    program = bot.program
    erasures = Erasures(
        database=program.database, keyring=program.keyring, engine=program.engine, clock=lambda: datetime.now(UTC)
    )
    bot.run(erasures.erase_due)


def counts(bot: Bot) -> list[int]:
    return [bot.rows(select(func.count()).select_from(table))[0][0] for table in PERSONAL]


def plan(bot: Bot, at: datetime) -> None:
    async def set_it(connection: Connection) -> None:
        await connection.execute(update(Resident).where(Resident.erased_at.is_(None)).values(erase_at=at))

    bot.within(set_it)


def test_nothing_is_left_of_an_erased_resident_but_the_alert(sim: SimulatorServer, bot: Bot, tmp_path: Path) -> None:
    resident = sim.resident()
    resident.say("家賃が払えなくて、きのうから何も食べてない")
    resident.answer()
    resident.say("母の介護もあります")
    resident.answer()
    bot.settle()
    assert all(counts(bot))
    (before,) = bot.rows(select(Key.wrapped).where(Key.purpose == KeyPurpose.RESIDENT))
    plan(bot, datetime.now(UTC) + timedelta(hours=1))
    erase_due(bot)
    assert all(counts(bot))
    plan(bot, datetime.now(UTC) - timedelta(seconds=1))
    erase_due(bot)
    assert counts(bot) == [0] * len(PERSONAL)
    (left,) = bot.rows(select(Resident.state_sealed, Resident.known_sealed, Resident.erased_at))
    assert (left.state_sealed, left.known_sealed) == (None, None)
    assert left.erased_at is not None
    assert bot.rows(select(Key.wrapped).where(Key.purpose == KeyPurpose.RESIDENT)) == [(None,)]
    assert {row.sender for row in bot.rows(select(InboxEvent.sender))} == {None}
    assert bot.rows(select(Alert.level))[0].level == "urgent"
    if bot.program.database.is_sqlite:
        files = b"".join(path.read_bytes() for path in tmp_path.glob("tsunagu.db*"))
        assert before.wrapped not in files


def test_somebody_who_was_erased_and_writes_again_is_a_new_resident(sim: SimulatorServer, bot: Bot) -> None:
    resident = sim.resident()
    resident.say("こんにちは")
    resident.answer()
    bot.settle()
    plan(bot, datetime.now(UTC) - timedelta(seconds=1))
    erase_due(bot)
    resident.say("また来ました")
    assert "プログラム" in "".join(entry.text for entry in resident.answer())
    bot.settle()
    aliases = bot.rows(select(Resident.alias, Resident.erased_at))
    assert len({row.alias for row in aliases}) == 2
    assert sum(row.erased_at is None for row in aliases) == 1


@pytest.mark.parametrize("words", ["全部消して", "今までの相談を消してください"])
def test_erasing_is_asked_once_and_can_be_taken_back(sim: SimulatorServer, bot: Bot, words: str) -> None:
    resident = sim.resident()
    resident.say("仕事をなくしました")
    resident.answer()
    resident.say(words)
    resident.answer()
    bot.settle()
    assert bot.rows(select(Resident.erase_at)) == [(None,)]
    resident.say("はい")
    resident.answer()
    bot.settle()
    (planned,) = bot.rows(select(Resident.erase_at))
    assert timedelta(hours=71) < planned.erase_at - datetime.now(UTC) <= timedelta(hours=72)
    resident.say("やっぱり消さないで")
    resident.answer()
    bot.settle()
    assert bot.rows(select(Resident.erase_at)) == [(None,)]
