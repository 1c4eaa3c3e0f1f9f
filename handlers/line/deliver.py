"""Carrying the outbox to LINE, one resident at a time and in order."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from uuid import UUID

import structlog

from dialogue import codec
from handlers.line.client import LineClient
from handlers.line.delivery_rules import Answer, Step, after_push, after_reply, finished, plan
from handlers.line.render import render
from storage import outbox, residents
from storage.database import Database
from storage.keyring import Keyring
from storage.outbox import Change, Letter
from storage.tables import Channel, OutboxState

log = structlog.get_logger(__name__)


class Delivery:
    """Sends what waits for a resident. Every attempt's outcome is stored before the next begins."""

    def __init__(
        self,
        *,
        database: Database,
        keyring: Keyring,
        clients: Mapping[str, LineClient],
        process: UUID,
        clock: Callable[[], datetime],
        chance: Callable[[], float],
    ) -> None:
        self._database = database
        self._keyring = keyring
        self._clients = clients
        self._process = process
        self._clock = clock
        self._chance = chance

    async def __call__(self, resident_id: UUID) -> datetime | None:
        """Send all that is due; return when to come back, or None when nothing waits."""
        while True:
            async with self._database.glance() as connection:
                reach = await residents.reach(connection, self._keyring, resident_id, Channel.LINE)
                letters = await outbox.waiting(connection, resident_id, reach.key)
            chosen = plan(letters, now=self._clock(), blocked=reach.blocked)
            if chosen.letter is None or chosen.step is None:
                return chosen.again_at
            if chosen.older is not None:
                async with self._database.write() as connection:
                    await outbox.merge(connection, older=chosen.older, newer=chosen.letter, key=reach.key)
                continue
            change = await self._attempt(chosen.letter, chosen.step, reach)
            async with self._database.write() as connection:
                await outbox.record(connection, chosen.letter.id, change, leased_by=self._process)
            log.info(
                "letter.attempted",
                letter=str(chosen.letter.id),
                desk=reach.desk_id,
                step=chosen.step.value,
                state=change.state.value,
                tries=change.tries,
                reason=change.reason,
                line_request=change.request_id,
                maybe_doubled=change.maybe_doubled,
            )
            if len(letters) == 1 and change.state is not OutboxState.WAITING:
                # Whatever was decided meanwhile asks for its delivery by itself.
                return None

    async def _attempt(self, letter: Letter, step: Step, reach: residents.Reach) -> Change:
        if step in {Step.EXPIRE, Step.BLOCKED}:
            return finished(letter, step)
        answer = await self._send(letter, step, reach)
        after = after_reply if step is Step.REPLY else after_push
        return after(letter, answer, now=self._clock(), jitter=self._chance())

    async def _send(self, letter: Letter, step: Step, reach: residents.Reach) -> Answer:
        client = self._clients[reach.desk_id]
        messages = render(codec.from_json(letter.body))
        if step is Step.REPLY and letter.token is not None:
            return await client.reply(letter.token.token, messages)
        return await client.push(reach.address, messages, retry_key=letter.retry_key)
