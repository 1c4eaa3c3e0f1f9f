"""A talk as its resident sees it in the room: their words, what was pressed, what was answered, in order.

Nothing is kept in this form: it is put together from messages, presses and letters for each look, and unsealed for
that look only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, and_, or_, select

from dialogue import codec
from dialogue.words import Message
from storage.conversations import text_place
from storage.database import Connection
from storage.inbox import body_place as event_place
from storage.outbox import body_place
from storage.presses import shown_place
from storage.residents import ResidentRow, Sender
from storage.room_tables import RoomPress
from storage.tables import Channel, InboxEvent, InboxState, OutboxMessage, OutboxState, ResidentMessage, table_of
from storage.vault import SealingKey

_MESSAGES = table_of(ResidentMessage)
_OUTBOX = table_of(OutboxMessage)
_PRESSES = table_of(RoomPress)
_INBOX = table_of(InboxEvent)

#: Letters that only say where the room is, or that there is something in it.
ONLY_LINE = ("knock", "door")


class By(StrEnum):
    """Who says a line."""

    RESIDENT = "resident"
    PROGRAM = "program"
    STAFF = "staff"


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """One thing that was said. `key` finds it again on the page, and is what an unsend names.

    A resident's has `text` (None: unsent, or without words), an answer `messages`. `waits`: nobody has read it yet.
    """

    by: By
    key: str
    at: datetime
    order: int = 0
    text: str | None = None
    messages: tuple[Message, ...] = ()
    pressed: bool = False
    unsent: bool = False
    waits: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Talk:
    """The newest lines before a moment, oldest first; `earlier` is the moment before which there are more."""

    lines: tuple[Line, ...] = ()
    earlier: datetime | None = None
    #: Whether a watchword is missing: without one nobody finds back in, or somebody else might.
    unkept: bool = False

    @property
    def waits(self) -> bool:
        """Whether something that was said is still to be read."""
        return any(line.waits for line in self.lines)


def veiled(talk: Talk, until: datetime) -> Talk:
    """The talk without all that was said up to a moment."""
    return replace(talk, lines=tuple(line for line in talk.lines if line.at > until), earlier=None)


#: The keyed index of a message's own id, as `messages.ref` holds it.
RefOf = Callable[[str], bytes]


async def talk(
    connection: Connection,
    resident: ResidentRow,
    *,
    sender: Sender,
    data: SealingKey,
    before: datetime | None = None,
    limit: int,
) -> Talk:
    """The newest `limit` lines. `data` is the key of events that no turn has had yet."""
    found = [
        *await _said(connection, resident, before, limit),
        *await _answers(connection, resident, before, limit),
        *await _presses(connection, resident, before, limit),
    ]
    if before is None:
        known = {line.key for line in found}
        unread, taken_back = await _unread(connection, sender, data)
        found += [line for line in unread if line.key not in known]
        found = [_unsaid(line) if line.key in taken_back else line for line in found]
    found.sort(key=lambda line: (line.at, line.order))
    cut = max(len(found) - limit, 0)
    while cut and found[cut - 1].at == found[cut].at:
        # What was said in one moment stays together: pages are told apart by moments.
        cut -= 1
    return Talk(lines=tuple(found[cut:]), earlier=found[cut].at if cut else None)


def _newest(column: Any, before: datetime | None) -> list[Any]:
    return [] if before is None else [column < before]


async def _said(connection: Connection, resident: ResidentRow, before: datetime | None, limit: int) -> Iterable[Line]:
    query = (
        select(_MESSAGES)
        .where(_MESSAGES.c.resident_id == resident.id, *_newest(_MESSAGES.c.sent_at, before))
        .order_by(_MESSAGES.c.number.desc())
        .limit(limit + 1)
    )
    return [_message(row, resident.key) for row in await connection.execute(query)]


def _message(row: Row[Any], key: SealingKey) -> Line:
    return Line(
        by=By.RESIDENT,
        key="" if row.ref is None else row.ref.hex(),
        at=row.sent_at,
        order=row.number,
        text=None if row.text_sealed is None else key.open_json(text_place(row.id), row.text_sealed),
        unsent=row.unsent_at is not None,
    )


async def _answers(
    connection: Connection, resident: ResidentRow, before: datetime | None, limit: int
) -> Iterable[Line]:
    """What was said in the room, and before that on LINE."""
    in_room = and_(_OUTBOX.c.channel == Channel.ROOM, _OUTBOX.c.state.in_([OutboxState.WAITING, OutboxState.SENT]))
    on_line = and_(
        _OUTBOX.c.channel == Channel.LINE, _OUTBOX.c.state == OutboxState.SENT, _OUTBOX.c.kind.not_in(ONLY_LINE)
    )
    query = (
        select(_OUTBOX.c.id, _OUTBOX.c.kind, _OUTBOX.c.body_sealed, _OUTBOX.c.created_at)
        .where(_OUTBOX.c.resident_id == resident.id, or_(in_room, on_line), *_newest(_OUTBOX.c.created_at, before))
        .order_by(_OUTBOX.c.id.desc())
        .limit(limit + 1)
    )
    return [
        Line(
            by=By.STAFF if row.kind == "staff" else By.PROGRAM,
            key=row.id.hex,
            at=row.created_at,
            order=1 << 40,
            messages=codec.from_json(resident.key.open_json(body_place(row.id), row.body_sealed)),
        )
        for row in await connection.execute(query)
    ]


async def _presses(
    connection: Connection, resident: ResidentRow, before: datetime | None, limit: int
) -> Iterable[Line]:
    query = (
        select(_PRESSES)
        .where(_PRESSES.c.resident_id == resident.id, *_newest(_PRESSES.c.pressed_at, before))
        .order_by(_PRESSES.c.id.desc())
        .limit(limit + 1)
    )
    return [
        Line(
            by=By.RESIDENT,
            key=row.ref.hex(),
            at=row.pressed_at,
            order=1 << 39,
            text=resident.key.open_json(shown_place(row.id), row.shown_sealed),
            pressed=True,
        )
        for row in await connection.execute(query)
    ]


def _unsaid(line: Line) -> Line:
    """As it will be once a turn has had the wish: whoever takes words back must not look at them any longer."""
    return replace(line, text=None, unsent=True) if line.by is By.RESIDENT and not line.pressed else line


async def _unread(connection: Connection, sender: Sender, data: SealingKey) -> tuple[list[Line], frozenset[str]]:
    """Words that came and that no turn has had yet, and the keys of what is to be taken back; words set aside for
    staff stay as they were written.
    """
    query = select(_INBOX.c.id, _INBOX.c.event_at, _INBOX.c.body_sealed, _INBOX.c.state).where(
        _INBOX.c.desk_id == sender.desk_id,
        _INBOX.c.sender == sender.index,
        _INBOX.c.state.in_([InboxState.WAITING, InboxState.ASIDE]),
        _INBOX.c.body_sealed.is_not(None),
    )
    lines, taken_back = [], set()
    for row in await connection.execute(query.order_by(_INBOX.c.event_at, _INBOX.c.event_id)):
        body = data.open_json(event_place(row.id), row.body_sealed)
        waits = row.state is InboxState.WAITING
        if isinstance(body, dict) and body.get("type") == "unsend" and waits:
            taken_back.add(str(body.get("key", "")))
        if isinstance(body, dict) and body.get("type") in {"say", "press"}:
            at = datetime.fromtimestamp(row.event_at / 1000, UTC)
            said = body.get("text") if body["type"] == "say" else body.get("shown")
            if not said:
                continue
            lines.append(
                Line(
                    by=By.RESIDENT,
                    key=str(body.get("ref", "")).removeprefix("#"),
                    at=at,
                    order=1 << 38,
                    text=said,
                    pressed=body["type"] == "press",
                    waits=waits,
                )
            )
    return lines, frozenset(taken_back)
