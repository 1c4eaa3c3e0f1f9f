"""What residents are to be told about their sheets, and what staff have to see to: rows first, then done.

Rows are derived from the handovers themselves, so that no door has to think of it: whatever was sent is told once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, func, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from casework.sheet_news import Held, Mark, NewsKind
from casework.sheets import Handed, State
from config.contents.forms import Needs
from storage.database import Connection
from storage.ids import NewId
from storage.notice_tables import Notice, NoticeKind, NoticeState
from storage.sheet_news_tables import HandoverNotice, SheetNews
from storage.sheet_tables import HandoverRow, Recipient, SheetRow, SheetVersion
from storage.tables import table_of
from storage.vault import Place, SealingKey

_NEWS = table_of(SheetNews)
_SHEETS = table_of(SheetRow)
_HANDOVERS = table_of(HandoverRow)
_VERSIONS = table_of(SheetVersion)
_NOTICED = table_of(HandoverNotice)
_RECIPIENTS = table_of(Recipient)
_MAILS = table_of(Notice)

#: A sheet is out, and an answer is still to come.
OUT = (State.SUBMITTED, State.RECEIVED, State.TRIAGED)
#: Somebody has it, and has not answered.
EXPECTED = (Handed.WAITING, Handed.RECEIVED, Handed.ACCEPTED)


@dataclass(frozen=True, kw_only=True, slots=True)
class News:
    """One thing to tell. `words` are a person's own (`by`); empty where the program has its own."""

    id: UUID
    desk_id: str
    case_id: UUID
    sheet_id: UUID
    resident_id: UUID
    handover_id: UUID | None
    kind: NewsKind
    by: UUID | None
    created_at: datetime
    words_sealed: bytes | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Gone:
    """A handover about which something is to be done."""

    handover_id: UUID
    sheet_id: UUID
    case_id: UUID
    resident_id: UUID
    desk_id: str
    org_id: UUID
    number: str


_GONE = (
    _HANDOVERS.c.id.label("handover_id"), _SHEETS.c.id.label("sheet_id"), _SHEETS.c.case_id, _SHEETS.c.resident_id,
    _SHEETS.c.desk_id, _HANDOVERS.c.org_id, _SHEETS.c.number,
)  # fmt: skip


def _is_told(kind: NewsKind) -> ColumnElement[bool]:
    return exists().where(_NEWS.c.handover_id == _HANDOVERS.c.id, _NEWS.c.kind == kind)


def _is_noticed(kind: NoticeKind) -> ColumnElement[bool]:
    return exists().where(_NOTICED.c.handover_id == _HANDOVERS.c.id, _NOTICED.c.kind == kind)


async def _gone(connection: Connection, *where: ColumnElement[bool], limit: int) -> list[Gone]:
    joined = select(*_GONE).join(_SHEETS, _SHEETS.c.id == _HANDOVERS.c.sheet_id)
    query = joined.where(_SHEETS.c.needs == Needs.CONSENT, *where).order_by(_HANDOVERS.c.sent_at, _HANDOVERS.c.id)
    return [Gone(**row) for row in (await connection.execute(query.limit(limit))).mappings()]


async def untold_submissions(connection: Connection, *, since: datetime, limit: int = 100) -> list[Gone]:
    """What was sent since then and the resident was not told of yet."""
    sent = (_HANDOVERS.c.state == Handed.WAITING, _HANDOVERS.c.sent_at >= since)
    return await _gone(connection, *sent, ~_is_told(NewsKind.SUBMITTED), limit=limit)


async def expected(connection: Connection, *, limit: int = 1000) -> list[Gone]:
    """From whom something is still to come, and nobody was told that it is late."""
    open_ones = (_HANDOVERS.c.state.in_(EXPECTED), _SHEETS.c.state.in_(OUT))
    return await _gone(connection, *open_ones, ~_is_told(NewsKind.OVERDUE), limit=limit)


async def unnoticed(connection: Connection, kind: NoticeKind, *, since: datetime, limit: int = 100) -> list[Gone]:
    """Handovers about which their recipient has not been written to: sent, or called back after they were sent."""
    if kind is NoticeKind.HANDED:
        about = (_HANDOVERS.c.state == Handed.WAITING, _HANDOVERS.c.sent_at >= since)
    else:
        about = (
            _HANDOVERS.c.state == Handed.RECALLED,
            and_(_HANDOVERS.c.recalled_at >= since, _HANDOVERS.c.sent_at.is_not(None)),
        )
    return await _gone(connection, *about, ~_is_noticed(kind), limit=limit)


async def add(
    connection: Connection,
    gone: Gone,
    kind: NewsKind,
    *,
    at: datetime,
    next_try_at: datetime,
    new_id: NewId,
) -> UUID | None:
    """Put something to be told down; None when it stands there already."""
    row = {name: getattr(gone, name) for name in ("desk_id", "case_id", "sheet_id", "resident_id", "handover_id")}
    row |= {"id": new_id(), "kind": kind, "created_at": at, "next_try_at": next_try_at}
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    new = dialect.insert(_NEWS).values(row).on_conflict_do_nothing().returning(_NEWS.c.id)
    found = (await connection.execute(new)).first()
    return None if found is None else found.id


async def answer(
    connection: Connection,
    key: SealingKey,
    words: str,
    *,
    desk_id: str,
    case_id: UUID,
    sheet_id: UUID,
    resident_id: UUID,
    by: UUID,
    at: datetime,
    next_try_at: datetime,
    new_id: NewId,
) -> UUID:
    """Keep what a member of staff wrote about an answer, until it may be told."""
    news_id = new_id()
    row: dict[str, Any] = {"id": news_id, "kind": NewsKind.ANSWERED, "by": by, "created_at": at}
    row |= {"desk_id": desk_id, "case_id": case_id, "sheet_id": sheet_id, "resident_id": resident_id}
    row |= {"next_try_at": next_try_at, "words_sealed": key.seal_json(_words_place(news_id), words)}
    await connection.execute(insert(_NEWS), row)
    return news_id


def _words_place(news_id: UUID) -> Place:
    return Place(table="sheet_news", column="words", row=news_id)


def words_of(key: SealingKey, news: News) -> str:
    """What a person wrote; empty where the program has its own words."""
    if news.words_sealed is None:
        return ""
    words: str = key.open_json(_words_place(news.id), news.words_sealed)
    return words


_UNTOLD = (_NEWS.c.told_at.is_(None), _NEWS.c.held.is_(None))
_FIELDS = tuple(_NEWS.c[name] for name in News.__slots__)


async def due(connection: Connection, *, now: datetime, limit: int = 100) -> list[UUID]:
    """What may be told now."""
    query = select(_NEWS.c.id).where(*_UNTOLD, _NEWS.c.next_try_at <= now)
    return list((await connection.execute(query.order_by(_NEWS.c.next_try_at, _NEWS.c.id).limit(limit))).scalars())


async def open_one(connection: Connection, news_id: UUID, *, lock: bool = False) -> News | None:
    """Something that is still to be told; None when it was told meanwhile."""
    query = select(*_FIELDS).where(_NEWS.c.id == news_id, *_UNTOLD)
    row = (await connection.execute(query.with_for_update() if lock else query)).mappings().one_or_none()
    return None if row is None else News(**row)


async def told(connection: Connection, news_id: UUID, *, at: datetime) -> bool:
    """It is on its way to the resident. False: somebody else was faster."""
    mine = update(_NEWS).where(_NEWS.c.id == news_id, *_UNTOLD).values(told_at=at, words_sealed=None)
    return (await connection.execute(mine)).rowcount == 1


async def held(connection: Connection, news_id: UUID, why: Held) -> None:
    """The program does not tell it; a person has to. The words stay, so that nobody writes them twice."""
    await connection.execute(update(_NEWS).where(_NEWS.c.id == news_id, *_UNTOLD).values(held=why))


async def later(connection: Connection, news_id: UUID, *, at: datetime) -> None:
    """Not now."""
    await connection.execute(update(_NEWS).where(_NEWS.c.id == news_id, *_UNTOLD).values(next_try_at=at))


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """What the page of a sheet says of one thing to tell."""

    kind: NewsKind
    handover_id: UUID | None
    by: UUID | None
    created_at: datetime
    next_try_at: datetime
    told_at: datetime | None
    held: Held | None


async def of_sheet(connection: Connection, sheet_id: UUID) -> list[Line]:
    """All of one sheet, the newest first."""
    query = select(*(_NEWS.c[name] for name in Line.__slots__)).where(_NEWS.c.sheet_id == sheet_id)
    rows = await connection.execute(query.order_by(_NEWS.c.created_at.desc(), _NEWS.c.id.desc()))
    return [Line(**row) for row in rows.mappings()]


async def mail_of(connection: Connection, desk_id: str, org_id: UUID) -> str | None:
    """Where a notice to a recipient goes; None when the desk has no address of it."""
    query = select(_RECIPIENTS.c.mail).where(_RECIPIENTS.c.desk_id == desk_id, _RECIPIENTS.c.organisation_id == org_id)
    return (await connection.execute(query)).scalar_one_or_none()


async def noticed(
    connection: Connection, handover_id: UUID, kind: NoticeKind, notice_id: UUID | None, *, at: datetime
) -> None:
    """A mail about a handover was put down, or there is no address to write to."""
    row = {"handover_id": handover_id, "kind": kind, "notice_id": notice_id, "at": at}
    await connection.execute(insert(_NOTICED), row)


@dataclass(frozen=True, kw_only=True, slots=True)
class Stopped:
    """A recipient's mail server took the notice that a sheet must not be used any more."""

    handover_id: UUID
    sheet_id: UUID
    case_id: UUID
    resident_id: UUID
    at: datetime


async def stopped_by_mail(connection: Connection, *, limit: int = 100) -> list[Stopped]:
    """Recalled handovers whose recipient was told so by mail, and that do not say so yet."""
    query = (
        select(
            _HANDOVERS.c.id.label("handover_id"), _SHEETS.c.id.label("sheet_id"), _SHEETS.c.case_id,
            _SHEETS.c.resident_id, _MAILS.c.sent_at.label("at"),
        )
        .join(_SHEETS, _SHEETS.c.id == _HANDOVERS.c.sheet_id)
        .join(_NOTICED, and_(_NOTICED.c.handover_id == _HANDOVERS.c.id, _NOTICED.c.kind == NoticeKind.RECALLED))
        .join(_MAILS, _MAILS.c.id == _NOTICED.c.notice_id)
        .where(_HANDOVERS.c.state == Handed.RECALLED, _HANDOVERS.c.told_to_stop_at.is_(None))
        .where(_MAILS.c.state == NoticeState.SENT)
        .limit(limit)
    )  # fmt: skip
    return [Stopped(**row) for row in (await connection.execute(query)).mappings()]


async def marks(connection: Connection, case_ids: Sequence[UUID], *, now: datetime) -> Mapping[UUID, frozenset[Mark]]:
    """What the sheets of these cases ask of staff now. A fixed number of selects, whatever the number of cases."""
    found: dict[UUID, set[Mark]] = {}
    if not case_ids:
        return {}
    for mark, query in _marked(case_ids, now).items():
        for case_id in (await connection.execute(query)).scalars():
            found.setdefault(case_id, set()).add(mark)
    return {case_id: frozenset(said) for case_id, said in found.items()}


_LATE = and_(
    _HANDOVERS.c.state.in_(EXPECTED),
    _SHEETS.c.state.in_(OUT),
    exists().where(_NEWS.c.handover_id == _HANDOVERS.c.id, _NEWS.c.kind == NewsKind.OVERDUE),
)


def has_late_answer(case_id: ColumnElement[UUID]) -> ColumnElement[bool]:
    """Whether an answer to a sheet of that case is late and still to come."""
    return exists().where(_SHEETS.c.case_id == case_id, _HANDOVERS.c.sheet_id == _SHEETS.c.id, _LATE)


def _marked(case_ids: Iterable[UUID], now: datetime) -> dict[Mark, Any]:
    mine = _SHEETS.c.case_id.in_(list(case_ids))
    newest = (
        select(func.max(_NEWS.c.created_at))
        .where(_NEWS.c.sheet_id == _SHEETS.c.id, _NEWS.c.kind == NewsKind.ANSWERED)
        .correlate(_SHEETS)
        .scalar_subquery()
    )
    by_hand = _SHEETS.c.told_on >= func.date(_HANDOVERS.c.answered_at)
    untold = and_(
        _HANDOVERS.c.answered_at.is_not(None),
        _SHEETS.c.state.not_in((State.CLOSED, State.RECALLED)),
        or_(newest.is_(None), newest < _HANDOVERS.c.answered_at),
        or_(_SHEETS.c.told_on.is_(None), ~by_hand),
    )
    stop = and_(
        _HANDOVERS.c.state == Handed.RECALLED,
        _HANDOVERS.c.told_to_stop_at.is_(None),
        _HANDOVERS.c.received_at.is_not(None),
    )
    awaited = and_(
        _SHEETS.c.state.in_(OUT),
        exists().where(_HANDOVERS.c.id == _NEWS.c.handover_id, _HANDOVERS.c.state.in_(EXPECTED)),
    )
    handed = select(_SHEETS.c.case_id).join(_HANDOVERS, _HANDOVERS.c.sheet_id == _SHEETS.c.id).where(mine).distinct()
    held_ones = select(_NEWS.c.case_id).join(_SHEETS, _SHEETS.c.id == _NEWS.c.sheet_id).where(mine).distinct()
    return {
        Mark.OVERDUE: handed.where(_LATE),
        Mark.UNTOLD: handed.where(untold),
        Mark.STOP: handed.where(stop),
        Mark.REVISED: select(_SHEETS.c.case_id)
        .join(_VERSIONS, and_(_VERSIONS.c.sheet_id == _SHEETS.c.id, _VERSIONS.c.number == _SHEETS.c.version))
        .where(mine, _VERSIONS.c.actor == "resident", _VERSIONS.c.action == "written")
        .distinct(),
        Mark.SECOND: select(_SHEETS.c.case_id).where(mine, _SHEETS.c.second_due_at <= now).distinct(),
        Mark.HELD: held_ones.where(
            _NEWS.c.held.is_not(None),
            _NEWS.c.held != Held.OVER,
            # That an answer is late is past once it has come.
            or_(_NEWS.c.kind != NewsKind.OVERDUE, awaited),
            _SHEETS.c.state.not_in((State.CLOSED, State.RECALLED)),
            or_(_SHEETS.c.told_on.is_(None), _SHEETS.c.told_on < func.date(_NEWS.c.created_at)),
        ),
    }  # fmt: skip


async def erase(connection: Connection, resident_id: UUID) -> None:
    """No word of staff about a resident stays, and nothing is told any more."""
    theirs = update(_NEWS).where(_NEWS.c.resident_id == resident_id)
    await connection.execute(theirs.values(words_sealed=None))
    await connection.execute(theirs.where(*_UNTOLD).values(held=Held.OVER))
