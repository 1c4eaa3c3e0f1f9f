"""The private page in the database: which sheet a resident looks at, in which browser, and what was typed too late.

A session is bound to one browser by a random token, of which only the hash is kept, and lasts for half an hour from
its beginning, whatever is done in it. What was typed after that is sealed and waits for the next one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, insert, select, update

from casework.sheets import State
from config.contents.forms import Kind
from storage.case_tables import Case
from storage.database import Connection
from storage.ids import NewId
from storage.room_sessions import hash_of
from storage.sheet_news_tables import PrivateSession
from storage.sheet_tables import SheetRow
from storage.tables import Resident, table_of
from storage.vault import Place, SealingKey

_SESSIONS = table_of(PrivateSession)
_SHEETS = table_of(SheetRow)
_CASES = table_of(Case)
_RESIDENTS = table_of(Resident)

LASTS = timedelta(minutes=30)
#: A draft that nobody came back for.
DRAFT_KEPT = timedelta(days=1)
#: More sessions in an hour than a person needs.
MOST_AN_HOUR = 12
_OVER = (State.CLOSED, State.RECALLED)


@dataclass(frozen=True, kw_only=True, slots=True)
class Session:
    """A browser with a sheet before it. `open`: its half hour is not over."""

    id: UUID
    desk_id: str
    resident_id: UUID
    sheet_id: UUID
    case_id: UUID
    created_at: datetime
    expires_at: datetime
    open: bool


async def sheet_for(connection: Connection, resident_id: UUID, wanted: UUID | None = None) -> UUID | None:
    """The sheet a resident can look at: the one a link was made for, else the newest that is not over."""
    theirs = select(_SHEETS.c.id).join(_CASES, _CASES.c.id == _SHEETS.c.case_id)
    theirs = theirs.where(
        _SHEETS.c.resident_id == resident_id,
        _SHEETS.c.kind == Kind.SHEET,
        _SHEETS.c.state.not_in(_OVER),
        _CASES.c.hidden_at.is_(None),
    )
    if wanted is not None:
        theirs = theirs.where(_SHEETS.c.id == wanted)
    newest = theirs.order_by(_SHEETS.c.created_at.desc(), _SHEETS.c.id.desc()).limit(1)
    return (await connection.execute(newest)).scalar_one_or_none()


async def begin(
    connection: Connection,
    token: str,
    *,
    desk_id: str,
    resident_id: UUID,
    sheet_id: UUID,
    now: datetime,
    new_id: NewId,
) -> bool:
    """A new session in the place of all older ones of this resident. False: too many within the hour."""
    lately = select(func.count()).where(
        _SESSIONS.c.resident_id == resident_id, _SESSIONS.c.created_at > now - timedelta(hours=1)
    )
    if (await connection.execute(lately)).scalar_one() >= MOST_AN_HOUR:
        return False
    await end_all(connection, resident_id, now=now)
    row = {"id": new_id(), "desk_id": desk_id, "resident_id": resident_id, "sheet_id": sheet_id}
    row |= {"token_hash": hash_of(token), "created_at": now, "expires_at": now + LASTS}
    await connection.execute(insert(_SESSIONS), row)
    return True


async def load(connection: Connection, token: str, *, now: datetime) -> Session | None:
    """The session of a cookie that was not ended, also shortly after its time: then it only takes what was typed."""
    query = (
        select(_SESSIONS, _SHEETS.c.case_id)
        .join(_SHEETS, _SHEETS.c.id == _SESSIONS.c.sheet_id)
        .join(_RESIDENTS, _RESIDENTS.c.id == _SESSIONS.c.resident_id)
        .where(_SESSIONS.c.token_hash == hash_of(token), _SESSIONS.c.ended_at.is_(None))
        .where(_SESSIONS.c.created_at <= now, _SESSIONS.c.expires_at > now - DRAFT_KEPT)
        .where(_RESIDENTS.c.erased_at.is_(None))
    )
    row = (await connection.execute(query)).mappings().one_or_none()
    if row is None:
        return None
    values = {name: row[name] for name in Session.__slots__ if name != "open"}
    return Session(**values, open=row["expires_at"] > now)


async def end(connection: Connection, session_id: UUID, *, now: datetime) -> None:
    """Whoever comes with its cookie later finds nothing."""
    mine = update(_SESSIONS).where(_SESSIONS.c.id == session_id, _SESSIONS.c.ended_at.is_(None))
    await connection.execute(mine.values(ended_at=now))


async def end_all(connection: Connection, resident_id: UUID, *, now: datetime) -> None:
    """No browser has this resident's sheet before it any more. What was typed too late waits on."""
    theirs = update(_SESSIONS).where(_SESSIONS.c.resident_id == resident_id, _SESSIONS.c.ended_at.is_(None))
    await connection.execute(theirs.values(ended_at=now))


async def reissued(connection: Connection, session_id: UUID, *, now: datetime, pause: timedelta) -> bool:
    """A new button may be sent from this browser. False: one was sent a moment ago."""
    mine = update(_SESSIONS).where(_SESSIONS.c.id == session_id, _SESSIONS.c.ended_at.is_(None))
    free = mine.where(_SESSIONS.c.reissued_at.is_(None) | (_SESSIONS.c.reissued_at <= now - pause))
    return (await connection.execute(free.values(reissued_at=now))).rowcount == 1


async def keep_draft(connection: Connection, key: SealingKey, session_id: UUID, draft: Any) -> None:
    """Keep what was typed after the half hour."""
    sealed = key.seal_json(_draft_place(session_id), draft)
    await connection.execute(update(_SESSIONS).where(_SESSIONS.c.id == session_id).values(draft_sealed=sealed))


async def draft_for(
    connection: Connection, key: SealingKey, resident_id: UUID, sheet_id: UUID, *, now: datetime
) -> Any | None:
    """What was typed too late for this sheet. It stands on the page until it is saved: an answer may get lost."""
    query = (
        select(_SESSIONS.c.id, _SESSIONS.c.draft_sealed)
        .where(_SESSIONS.c.resident_id == resident_id, _SESSIONS.c.sheet_id == sheet_id)
        .where(_SESSIONS.c.draft_sealed.is_not(None), _SESSIONS.c.expires_at > now - DRAFT_KEPT)
        .order_by(_SESSIONS.c.created_at.desc())
    )
    row = (await connection.execute(query)).first()
    return None if row is None else key.open_json(_draft_place(row.id), row.draft_sealed)


async def forget_drafts(connection: Connection, resident_id: UUID, sheet_id: UUID) -> None:
    """What was typed is in the sheet now."""
    theirs = update(_SESSIONS).where(_SESSIONS.c.resident_id == resident_id, _SESSIONS.c.sheet_id == sheet_id)
    await connection.execute(theirs.values(draft_sealed=None))


def _draft_place(session_id: UUID) -> Place:
    return Place(table="private_sessions", column="draft", row=session_id)


async def erase(connection: Connection, resident_id: UUID) -> None:
    """Nothing of a resident's browsers stays."""
    await connection.execute(delete(_SESSIONS).where(_SESSIONS.c.resident_id == resident_id))


async def tidy(connection: Connection, now: datetime) -> None:
    """Forget old sessions, and drafts nobody came back for."""
    await connection.execute(delete(_SESSIONS).where(_SESSIONS.c.expires_at < now - timedelta(days=7)))
    old = update(_SESSIONS).where(_SESSIONS.c.expires_at < now - DRAFT_KEPT, _SESSIONS.c.draft_sealed.is_not(None))
    await connection.execute(old.values(draft_sealed=None))
