"""Handing in the mails that wait: each taken by one process, each try stored before the next."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import structlog

from config.notices import NoticeWords
from handlers.mail import MailHealth, Post, after_try, compose
from storage import calls, notices, rota
from storage.database import Database
from storage.jobs import JobEngine
from storage.keyring import Keyring
from storage.notice_tables import NoticeKind, NoticeState
from storage.notices import Change, Mail

log = structlog.get_logger(__name__)

PACE = timedelta(seconds=2)
HEALTH_PACE = timedelta(seconds=30)
AT_ONCE = 4


@dataclass(frozen=True, kw_only=True, slots=True)
class Envelope:
    """What the mails of each desk say: its words, its name, and where the console is."""

    words: Mapping[str, NoticeWords]
    accounts: Mapping[str, str]
    site: str

    def link(self, mail: Mail) -> str:
        """Where to look: recipients of sheets come to what was handed to them, never to a case."""
        if mail.kind in {NoticeKind.HANDED, NoticeKind.RECALLED}:
            return f"{self.site}/staff/handed"
        if mail.kind is NoticeKind.DAY:
            # Their own and those that nobody has: both stand there.
            return f"{self.site}/staff/queue"
        return f"{self.site}/staff/" if mail.case_id is None else f"{self.site}/staff/cases/{mail.case_id}"


class Mails:
    """Periodic work over waiting mails. Without a post they wait until there is one, or until they are too old."""

    def __init__(
        self,
        *,
        database: Database,
        keyring: Keyring,
        engine: JobEngine,
        post: Post | None,
        envelope: Envelope,
        health: MailHealth,
        process: UUID,
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._keyring = keyring
        self._engine = engine
        self._post = post
        self.envelope = envelope
        self._health = health
        self._process = process
        self._clock = clock
        self._room = asyncio.Semaphore(AT_ONCE)
        self._round = asyncio.Lock()
        self._looking = asyncio.Lock()

    def register(self) -> None:
        """Hand the work to the engine, at its pace."""
        self._engine.every(PACE, "mails", self.send)
        self._engine.every(HEALTH_PACE, "mail_health", self.look, here=True)

    async def send(self) -> None:
        """Everything that is due, a few side by side: a server that hangs for one mail box must not stop the others."""
        # One round after the other: whoever asks for a round gets one that began after they asked.
        async with self._round:
            async with self._database.glance() as connection:
                due = await notices.due(connection, now=self._clock())
            if not due:
                return
            async with asyncio.TaskGroup() as group:
                for notice_id in due:
                    group.create_task(self._guarded(notice_id))
            await self.look()

    async def _guarded(self, notice_id: UUID) -> None:
        try:
            await self._one(notice_id)
        except Exception as error:  # noqa: BLE001 - its lease brings it back; the others must go out
            log.error("mail.failed", notice=str(notice_id), reason=type(error).__name__)  # noqa: TRY400

    async def _one(self, notice_id: UUID) -> None:
        async with self._room:
            now = self._clock()
            async with self._database.write() as connection:
                mail = await notices.take(connection, self._keyring, notice_id, process=self._process, now=now)
            if mail is None:
                return
            change = await self._tried(mail, now)
            async with self._database.write() as connection:
                now = self._clock()
                await notices.record(connection, mail.id, change, process=self._process, now=now)
                if change.state in {NoticeState.FAILED, NoticeState.EXPIRED} and mail.call_id is not None:
                    await calls.look_again(connection, mail.call_id, now=now)
            log.info(
                "mail.tried",
                notice=str(mail.id),
                desk=mail.desk_id,
                kind=mail.kind.value,
                state=change.state.value,
                tries=mail.tries,
                reason=change.reason,
                maybe_doubled=change.maybe_doubled,
            )

    async def _tried(self, mail: Mail, now: datetime) -> Change:
        if now >= mail.expires_at:
            return Change(
                state=NoticeState.EXPIRED, unsure=mail.unsure, maybe_doubled=mail.maybe_doubled, reason="too_old"
            )
        if self._post is None:
            again = min(now + timedelta(minutes=1), mail.expires_at)
            return Change(state=NoticeState.WAITING, next_try_at=again, unsure=mail.unsure, reason="no_post")
        envelope = self.envelope
        message = compose(
            mail,
            envelope.words[mail.desk_id].words(mail.kind.value, mail.step, mail.minutes),
            sender=self._post.sender,
            account=envelope.accounts[mail.desk_id],
            link=envelope.link(mail),
            now=now,
        )
        answer = await self._post.hand_in(message, mail.address)
        return after_try(mail, answer, now=self._clock())

    async def look(self) -> None:
        """How mail goes, for the console's banner. One look after the other: an older one must not be told last."""
        async with self._looking:
            await self._look()

    async def _look(self) -> None:
        now = self._clock()
        async with self._database.read() as connection:
            standing = await notices.standing(connection, now=now)
            self._health.unanswered = await calls.unanswered(connection)
            self._health.unreachable = tuple(
                [
                    desk_id
                    for desk_id in self.envelope.accounts
                    if not await rota.is_reachable(connection, self._keyring, desk_id, now=now)
                ]
            )
        self._health.stuck = {desk_id: found.stuck for desk_id, found in standing.items()}
        self._health.in_vain = {desk_id: found.in_vain for desk_id, found in standing.items()}
