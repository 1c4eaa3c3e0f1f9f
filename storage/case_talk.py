"""The talk of a case, as much of it as may be read: words that may not be shown are not even unsealed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, select

from casework.highlight import Mark
from dialogue import codec
from dialogue.effects import SayKind
from dialogue.words import Card, Choices, Link, Text
from storage.case_tables import StaffMessage
from storage.conversations import detail_place, evidence_place, text_place
from storage.database import Connection
from storage.outbox import body_place
from storage.presses import shown_place
from storage.room_tables import RoomPress
from storage.tables import Finding, Identity, OutboxMessage, OutboxState, ResidentMessage, Tag, Turn, table_of
from storage.vault import SealingKey

_MESSAGES = table_of(ResidentMessage)
_TAGS = table_of(Tag)
_FINDINGS = table_of(Finding)
_TURNS = table_of(Turn)
_OUTBOX = table_of(OutboxMessage)
_IDENTITIES = table_of(Identity)
_WRITTEN = table_of(StaffMessage)
_PRESSES = table_of(RoomPress)

#: The label of words that led to a level of danger.
RISK = "risk"
LINES = 200

#: Whether words sent at a time, in the n-th turn of the talk, may be read.
Readable = Callable[[datetime, int | None], bool]


@dataclass(frozen=True, kw_only=True, slots=True)
class TagRow:
    """A worry found in a message."""

    id: UUID
    category: str
    score: float
    contested: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Heard:
    """A message of the resident. `text` is None when it had none, was unsent, or may not be read (`hidden`)."""

    id: UUID
    number: int
    turn: int
    at: datetime
    kind: str
    text: str | None
    hidden: bool
    unsent: bool
    level: str | None = None
    tags: tuple[TagRow, ...] = ()
    marks: tuple[Mark, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Answered:
    """What the program said. Its words take up the resident's, so they are hidden together with them."""

    id: UUID
    turn: int | None
    at: datetime
    kind: str
    lines: tuple[str, ...]
    hidden: bool
    state: OutboxState


@dataclass(frozen=True, kw_only=True, slots=True)
class Pressed:
    """A button the resident pressed. Its words are theirs, and hidden like them."""

    id: UUID
    turn: int | None
    at: datetime
    text: str | None
    hidden: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Talk:
    """The newest stretch of a talk, oldest first; `earlier` is the number before which there is more, `until` when
    the stretch after it begins.
    """

    heard: tuple[Heard, ...] = ()
    pressed: tuple[Pressed, ...] = ()
    answered: tuple[Answered, ...] = ()
    earlier: int | None = None
    until: datetime | None = None
    total: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class _Stretch:
    """From which turn to before which; None: open."""

    first: int | None
    end: int | None

    def holds(self) -> list[Any]:
        """As conditions on the turn."""
        after = [] if self.first is None else [_TURNS.c.number >= self.first]
        return after if self.end is None else [*after, _TURNS.c.number < self.end]


@dataclass(kw_only=True, slots=True)
class _Found:
    tags: list[TagRow] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)
    level: str | None = None


async def talk(
    connection: Connection, key: SealingKey, resident_id: UUID, readable: Readable, *, before: int | None = None
) -> Talk:
    """The newest messages (those before the number `before`) with what the program answered to them."""
    theirs = _MESSAGES.c.resident_id == resident_id
    query = (
        select(_MESSAGES, _TURNS.c.number.label("turn"))
        .join_from(_MESSAGES, _TURNS, _TURNS.c.id == _MESSAGES.c.turn_id)
        .where(theirs, *([] if before is None else [_MESSAGES.c.number < before]))
        .order_by(_MESSAGES.c.number.desc())
        .limit(LINES)
    )
    rows = (await connection.execute(query)).all()[::-1]
    total = (await connection.execute(select(func.count()).select_from(_MESSAGES).where(theirs))).scalar_one()
    open_ = {row.id for row in rows if row.text_sealed is not None and readable(row.sent_at, row.turn)}
    found = await _found(connection, key, rows, open_)
    heard = tuple(_heard(row, key, found.get(row.id, _Found()), opened=row.id in open_) for row in rows)
    first = rows[0] if rows else None
    following = None if before is None else await _message(connection, resident_id, before)
    stretch = _stretch(rows, following)
    return Talk(
        heard=heard,
        pressed=await _pressed(connection, key, resident_id, readable, stretch),
        answered=await _answered(connection, key, resident_id, readable, stretch),
        earlier=first.number if first is not None and first.number > 1 else None,
        until=None if following is None else following.sent_at,
        total=total,
    )


async def _message(connection: Connection, resident_id: UUID, number: int) -> Row[Any] | None:
    """The time and the turn of a message."""
    query = (
        select(_MESSAGES.c.sent_at, _TURNS.c.number.label("turn"))
        .join_from(_MESSAGES, _TURNS, _TURNS.c.id == _MESSAGES.c.turn_id)
        .where(_MESSAGES.c.resident_id == resident_id, _MESSAGES.c.number == number)
    )
    return (await connection.execute(query)).first()


def _stretch(rows: Sequence[Row[Any]], following: Row[Any] | None) -> _Stretch:
    """The turns of these messages, with those after them in which nothing was written, up to the message that follows.

    A burst that is cut in two is on both sides.
    """
    if not rows:
        return _Stretch(first=None, end=None)
    end = None if following is None else max(following.turn, rows[-1].turn + 1)
    return _Stretch(first=rows[0].turn if rows[0].number > 1 else None, end=end)


def _heard(row: Row[Any], key: SealingKey, found: _Found, *, opened: bool) -> Heard:
    return Heard(
        id=row.id,
        number=row.number,
        turn=row.turn,
        at=row.sent_at,
        kind=row.kind,
        text=key.open_json(text_place(row.id), row.text_sealed) if opened else None,
        hidden=row.text_sealed is not None and not opened,
        unsent=row.unsent_at is not None,
        level=found.level,
        tags=tuple(found.tags),
        marks=tuple(found.marks) if opened else (),
    )


async def _found(
    connection: Connection, key: SealingKey, rows: Sequence[Row[Any]], open_: set[UUID]
) -> dict[UUID, _Found]:
    """What the listener found in these messages; the words it rests on only where they may be read."""
    ids = [row.id for row in rows]
    if not ids:
        return {}
    bursts = _bursts(rows)
    found: dict[UUID, _Found] = {message_id: _Found() for message_id in ids}
    tags = select(_TAGS).where(_TAGS.c.message_id.in_(ids)).order_by(_TAGS.c.score.desc())
    for tag in await connection.execute(tags):
        here = found[tag.message_id]
        here.tags.append(
            TagRow(id=tag.id, category=tag.category, score=tag.score, contested=tag.contested_at is not None)
        )
        if tag.message_id in open_:
            spans = key.open_json(evidence_place(tag.id), tag.evidence_sealed)
            here.marks += _marks(spans, tag.category, bursts[tag.message_id])
    for row in await connection.execute(select(_FINDINGS).where(_FINDINGS.c.message_id.in_(ids))):
        here = found[row.message_id]
        here.level = row.risk_level
        if row.message_id in open_ and row.risk_level != "none":
            detail = key.open_json(detail_place(row.message_id), row.detail_sealed)
            here.marks += _marks(detail.get("risk", ()), RISK, bursts[row.message_id])
    return found


def _bursts(rows: Iterable[Row[Any]]) -> dict[UUID, int]:
    """For each message how many came before its burst: the listener's own count of turns, which spans name."""
    first: dict[UUID, int] = {}
    for row in rows:
        first[row.turn_id] = min(first.get(row.turn_id, row.number), row.number)
    return {row.id: first[row.turn_id] - 1 for row in rows}


def _marks(spans: Iterable[dict[str, Any]], label: str, burst: int) -> list[Mark]:
    """The spans of this message; those of earlier ones are marked there."""
    own = (span for span in spans if span.get("turn", burst) == burst)
    return [Mark(start=span["start"], end=span["end"], label=label) for span in own]


async def _pressed(
    connection: Connection, key: SealingKey, resident_id: UUID, readable: Readable, stretch: _Stretch
) -> tuple[Pressed, ...]:
    """The buttons that were pressed in a stretch."""
    query = (
        select(_PRESSES, _TURNS.c.number.label("turn"))
        .outerjoin_from(_PRESSES, _TURNS, _TURNS.c.id == _PRESSES.c.id)
        .where(_PRESSES.c.resident_id == resident_id, *stretch.holds())
        .order_by(_PRESSES.c.id.desc())
        .limit(LINES)
    )
    return tuple(_button(row, key, readable) for row in (await connection.execute(query)).all()[::-1])


def _button(row: Row[Any], key: SealingKey, readable: Readable) -> Pressed:
    opened = readable(row.pressed_at, row.turn)
    return Pressed(
        id=row.id,
        turn=row.turn,
        at=row.pressed_at,
        text=key.open_json(shown_place(row.id), row.shown_sealed) if opened else None,
        hidden=not opened,
    )


async def _answered(
    connection: Connection, key: SealingKey, resident_id: UUID, readable: Readable, stretch: _Stretch
) -> tuple[Answered, ...]:
    """What the program said in a stretch: to words, to buttons, and of its own accord."""
    query = (
        select(_OUTBOX, _TURNS.c.number.label("turn"))
        .outerjoin_from(_OUTBOX, _TURNS, _TURNS.c.id == _OUTBOX.c.turn_id)
        .where(_OUTBOX.c.resident_id == resident_id, _OUTBOX.c.kind != "staff", *stretch.holds())
        .order_by(_OUTBOX.c.id.desc())
        .limit(2 * LINES)
    )
    return tuple(_said(row, key, readable) for row in (await connection.execute(query)).all()[::-1])


def _said(row: Row[Any], key: SealingKey, readable: Readable) -> Answered:
    # Notices are the desk's own words: who writes now, what is kept. They take nothing of the resident's up.
    opened = row.kind == SayKind.NOTICE.value or readable(row.created_at, row.turn)
    lines: tuple[str, ...] = ()
    if opened:
        lines = tuple(_plain(key.open_json(body_place(row.id), row.body_sealed)))
    return Answered(
        id=row.id,
        turn=row.turn,
        at=row.created_at,
        kind=row.kind,
        lines=lines,
        hidden=not opened,
        state=row.state,
    )


def _plain(body: Any) -> Iterable[str]:
    for message in codec.from_json(body):
        match message:
            case Text(text=text):
                yield text
            case Choices(text=text, options=options):
                yield text + " " + " ".join(f"［{option.label}］" for option in options)
            case Card(title=title, contacts=contacts):
                yield f"{title}: " + "、".join(f"{contact.name} {contact.shown}" for contact in contacts)
            case Link(text=text, label=label):
                # Never the address: it opens the resident's room.
                yield f"{text} ［{label}］"


@dataclass(frozen=True, kw_only=True, slots=True)
class OpenTag:
    """A worry of the whole talk: its best score, in how many messages, and whether the resident calls it wrong."""

    category: str
    score: float
    messages: int
    contested: bool


async def tags_of(connection: Connection, resident_id: UUID) -> list[OpenTag]:
    """The worries found in a resident's messages, the surest first. Names and numbers, no words."""
    query = (
        select(
            _TAGS.c.category,
            func.max(_TAGS.c.score).label("score"),
            func.count().label("messages"),
            func.count(_TAGS.c.contested_at).label("contested"),
        )
        .where(_TAGS.c.resident_id == resident_id)
        .group_by(_TAGS.c.category)
        .order_by(func.max(_TAGS.c.score).desc(), _TAGS.c.category)
    )
    return [
        OpenTag(
            category=row.category,
            score=row.score,
            messages=row.messages,
            contested=row.contested == row.messages,
        )
        for row in await connection.execute(query)
    ]


async def may_be_reached(connection: Connection, resident_id: UUID) -> bool:
    """Whether a channel leads to the resident at all."""
    query = select(_IDENTITIES.c.id).where(_IDENTITIES.c.resident_id == resident_id).limit(1)
    return (await connection.execute(query)).first() is not None


async def mark(connection: Connection, resident_id: UUID) -> str:
    """Where the talk stands: a text that changes with every message of the resident and of the staff."""
    heard = select(func.count()).select_from(_MESSAGES).where(_MESSAGES.c.resident_id == resident_id)
    written = select(func.count()).select_from(_WRITTEN).where(_WRITTEN.c.resident_id == resident_id)
    counts = [(await connection.execute(query)).scalar_one() for query in (heard, written)]
    return ".".join(map(str, counts))
