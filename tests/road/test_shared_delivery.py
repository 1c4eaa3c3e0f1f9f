"""One letter, two processes: it is sent by whoever has it in hand, in order, and only while its place is sure."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from road import Bot
from sqlalchemy import select, update

from bot.app import Program
from bot.simulator import SimulatorServer
from bot.simulator.handles import ResidentHandle
from dialogue import codec
from dialogue.words import Text
from handlers.line.client import LineClient
from handlers.line.deliver import Delivery
from handlers.links import Links
from storage import outbox, residents
from storage.database import Connection
from storage.ids import new_id
from storage.outbox import NewLetter
from storage.tables import OutboxMessage, OutboxState, Resident

OTHER = new_id()


def known(sim: SimulatorServer, bot: Bot) -> tuple[ResidentHandle, UUID]:
    """Somebody who has been answered once."""
    resident = sim.resident()
    resident.say("こんにちは")
    bot.settle()
    ((resident_id,),) = bot.rows(select(Resident.id))
    return resident, resident_id


def write(bot: Bot, resident_id: UUID, words: str, hands: UUID | None) -> UUID:
    now, letter_id = bot.program.clock(), new_id()

    async def add(connection: Connection) -> None:
        row = await residents.by_id(connection, bot.program.keyring, resident_id)
        assert row is not None
        letter = NewLetter(
            id=letter_id,
            turn_id=None,
            kind="answer",
            priority=2,
            body=codec.to_json((Text(text=words),)),
            token=None,
            retry_key=new_id(),
            created_at=now,
            expires_at=now + timedelta(hours=1),
        )
        await outbox.add(connection, resident_id=resident_id, key=row.key, letter=letter, leased_by=hands)

    bot.within(add)
    return letter_id


def state_of(bot: Bot, letter_id: UUID) -> tuple[Any, ...]:
    query = select(OutboxMessage.state, OutboxMessage.leased_by, OutboxMessage.tries)
    (row,) = bot.rows(query.where(OutboxMessage.id == letter_id))
    return tuple(row)


def pushed(sim: SimulatorServer) -> list[str]:
    return [message["text"] for request in sim.requests("/push") for message in request.body["messages"]]


def test_a_letter_in_nobodys_hands_is_claimed_and_sent(sim: SimulatorServer, bot: Bot) -> None:
    _, resident_id = known(sim, bot)
    letter = write(bot, resident_id, "だれのものでもない", None)
    bot.sweep()
    bot.settle()
    assert pushed(sim) == ["だれのものでもない"]
    assert state_of(bot, letter) == (OutboxState.SENT, None, 1)


def test_a_letter_in_anothers_hands_is_left_alone_and_so_is_what_comes_after_it(sim: SimulatorServer, bot: Bot) -> None:
    _, resident_id = known(sim, bot)
    before = write(bot, resident_id, "まえ", None)
    theirs = write(bot, resident_id, "ほかのプロセスの", OTHER)
    after = write(bot, resident_id, "あと", None)
    bot.sweep()
    bot.settle()
    assert pushed(sim) == ["まえ"]
    assert [state_of(bot, one)[0] for one in (before, theirs, after)] == [
        OutboxState.SENT,
        OutboxState.WAITING,
        OutboxState.WAITING,
    ]

    async def let_go(connection: Connection) -> None:
        await connection.execute(update(OutboxMessage).where(OutboxMessage.id == theirs).values(leased_by=None))

    bot.within(let_go)
    bot.wait_until_sent()
    assert pushed(sim) == ["まえ", "ほかのプロセスの", "あと"]


def test_who_is_not_sure_of_its_place_sends_nothing(sim: SimulatorServer, bot: Bot) -> None:
    _, resident_id = known(sim, bot)
    letter = write(bot, resident_id, "いまは送らない", None)
    sure = [False]

    async def deliver() -> object:
        client = LineClient(access_token=sim.token, host=sim.api_url)
        try:
            return await _delivery(bot.program, client, lambda: sure[0])(resident_id)
        finally:
            await client.close()

    assert bot.run(deliver) is not None
    assert pushed(sim) == []
    assert state_of(bot, letter) == (OutboxState.WAITING, None, 0)
    sure[0] = True
    assert bot.run(deliver) is None
    assert pushed(sim) == ["いまは送らない"]


def _delivery(program: Program, client: LineClient, may_send: Callable[[], bool]) -> Delivery:
    base: dict[str, Any] = {"database": program.database, "keyring": program.keyring, "clock": program.clock}
    links = Links(**base, desks=program.desks, site="http://bot", new_id=new_id)
    return Delivery(
        **base, clients={"default": client}, process=new_id(), chance=lambda: 0.5, links=links, may_send=may_send
    )
