"""Carrying the outbox to LINE, one resident at a time and in order."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import takewhile
from uuid import UUID

import structlog

from handlers.line.client import LineClient
from handlers.line.delivery_rules import Answer, Outcome, Plan, Step, after_push, after_reply, finished, plan
from handlers.line.render import render
from handlers.links import Links
from storage import outbox, residents
from storage.database import Database
from storage.keyring import Keyring
from storage.outbox import Change, Letter, Untold
from storage.tables import Channel, OutboxState

log = structlog.get_logger(__name__)


#: When another process is sending to the same resident, or this one may not send just now.
LOOK_AGAIN = timedelta(seconds=0.5)


def _alone() -> bool:
    return True


class Delivery:
    """Sends what waits for a resident. Every attempt's outcome is stored before the next begins.

    A letter is sent by the process that has it in hand: from the turn's own transaction on, or once it was claimed.
    `may_send` says whether the others still take this process for alive; asked before every attempt. `untold` keeps
    by resident what came of an attempt while the database cannot be told: the row alone would say that it was not made.
    """

    def __init__(
        self,
        *,
        database: Database,
        keyring: Keyring,
        clients: Mapping[str, LineClient],
        process: UUID,
        clock: Callable[[], datetime],
        chance: Callable[[], float],
        links: Links,
        may_send: Callable[[], bool] = _alone,
        untold: Untold | None = None,
    ) -> None:
        self._database = database
        self._keyring = keyring
        self._clients = clients
        self._process = process
        self._clock = clock
        self._chance = chance
        self._links = links
        self._may_send = may_send
        self._untold: Untold = {} if untold is None else untold

    async def __call__(self, resident_id: UUID) -> datetime | None:
        """Send all that is due; return when to come back, or None when nothing waits."""
        if resident_id in self._untold:
            await self._tell(resident_id)
        while True:
            async with self._database.glance() as connection:
                reach = await residents.reach(connection, self._keyring, resident_id, Channel.LINE)
                waiting = await outbox.waiting(connection, resident_id, reach.key)
            letters = [letter for letter in waiting if letter.channel is Channel.LINE]
            now = self._clock()
            ours = self._not_behind_theirs(letters)
            chosen = plan(ours, now=now, blocked=reach.blocked)
            if chosen.letter is None or chosen.step is None:
                return chosen.again_at if len(ours) == len(letters) else now + LOOK_AGAIN
            if not self._may_send():
                return now + LOOK_AGAIN
            if not await self._in_hand(chosen):
                continue
            if chosen.older is not None:
                async with self._database.write() as connection:
                    await outbox.merge(connection, older=chosen.older, newer=chosen.letter, key=reach.key)
                log.info("letter.merged", letter=str(chosen.older.id), into=str(chosen.letter.id))
                continue
            change = await self._attempt(resident_id, chosen.letter, chosen.step, reach)
            self._untold[resident_id] = (chosen.letter.id, change)
            await self._tell(resident_id)
            log.info(
                "letter.attempted",
                letter=str(chosen.letter.id),
                turn=chosen.letter.turn_id and str(chosen.letter.turn_id),
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

    async def _tell(self, resident_id: UUID) -> None:
        """Store what came of the last attempt. Kept for the next call when the database does not answer."""
        letter_id, change = self._untold[resident_id]
        async with self._database.write() as connection:
            await outbox.record(connection, letter_id, change, leased_by=self._process)
        del self._untold[resident_id]

    def _not_behind_theirs(self, letters: list[Letter]) -> list[Letter]:
        """The letters before the first that another process is sending just now: order is kept."""
        free = {None, self._process}
        return list(takewhile(lambda letter: letter.leased_by in free, letters))

    async def _in_hand(self, chosen: Plan) -> bool:
        """Whether we have the letters already. If not, they are claimed, and have to be read again."""
        wanted = [letter for letter in (chosen.older, chosen.letter) if letter is not None]
        if all(letter.leased_by == self._process for letter in wanted):
            return True
        with suppress(outbox.Taken):
            async with self._database.write() as connection:
                await outbox.claim(connection, [letter.id for letter in wanted], process=self._process)
        return False

    async def _attempt(self, resident_id: UUID, letter: Letter, step: Step, reach: residents.Reach) -> Change:
        if step in {Step.EXPIRE, Step.BLOCKED}:
            return finished(letter, step)
        answer = await self._send(resident_id, letter, step, reach)
        after = after_reply if step is Step.REPLY else after_push
        return after(letter, answer, now=self._clock(), jitter=self._chance())

    async def _send(self, resident_id: UUID, letter: Letter, step: Step, reach: residents.Reach) -> Answer:
        client = self._clients.get(reach.desk_id)
        if client is None:
            # A desk that was taken out: the letter waits until it is there again, or expires.
            return Answer(outcome=Outcome.CREDENTIALS, reason="the desk has no account")
        messages = render(await self._links.addressed(letter, resident_id, reach))
        if step is Step.REPLY and letter.token is not None:
            return await client.reply(letter.token.token, messages)
        return await client.push(reach.address, messages, retry_key=letter.retry_key)
