"""The queue as pages of one indexed select, its counts, and who fell silent."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, and_, func, literal, or_, select, tuple_, union_all

from casework.people import Viewer
from casework.permissions import Action
from casework.queue import UNANSWERED_AFTER, Filters, Lane, LastWord, Level, Place
from storage.case_tables import CaseTag
from storage.cases import CASES, COLUMNS, SHOWN, CaseRow, case_row
from storage.database import Connection
from storage.tables import Offer, Resident, table_of
from storage.visibility import visible

PAGE = 50
#: Nobody reads an exact number of a thousand; counting stops there.
MOST_COUNTED = 999
_TAGS = table_of(CaseTag)
_OFFERS = table_of(Offer)
_RESIDENTS = table_of(Resident)


@dataclass(frozen=True, kw_only=True, slots=True)
class Page:
    """One page of the queue, and whether another follows."""

    cases: tuple[CaseRow, ...]
    more: bool


def queue_query(desk_id: str, filters: Filters, viewer: Viewer) -> Select[Any]:
    """One page and one row more, in the order of the queue; what is closed by the time it was closed."""
    query = select(*SHOWN).where(CASES.c.desk_id == desk_id, *_filtered(filters, viewer.staff_id))
    query = query.where(visible(COLUMNS, viewer, Action.SEE_QUEUE))
    if filters.closed:
        return query.order_by(CASES.c.closed_at.desc(), CASES.c.id.desc()).limit(PAGE + 1)
    if (after := filters.after) is not None and (case_id := _uuid(after.id)) is not None:
        order = tuple_(CASES.c.place, CASES.c.since, CASES.c.id)
        last = tuple_(literal(after.place.value), literal(after.since, CASES.c.since.type), literal(case_id))
        query = query.where(order > last)
    return query.order_by(CASES.c.place, CASES.c.since, CASES.c.id).limit(PAGE + 1)


def _filtered(filters: Filters, staff_id: UUID) -> list[ColumnElement[bool]]:
    clauses: list[ColumnElement[bool]] = [CASES.c.closed_at.is_not(None) if filters.closed else _LIVE, _SHOWN]
    match filters.lane:
        case Lane.MINE:
            clauses.append(CASES.c.owner_id == staff_id)
        case Lane.UNCLAIMED:
            clauses.append(CASES.c.owner_id.is_(None))
        case Lane.CHILDREN:
            clauses.append(CASES.c.child_lane.is_(True))
    if filters.level is not None:
        clauses.append(CASES.c.risk_level == filters.level)
    if filters.category is not None:
        clauses.append(CASES.c.id.in_(select(_TAGS.c.case_id).where(_TAGS.c.category == filters.category)))
    if filters.area is not None:
        clauses.append(CASES.c.area == filters.area)
    if filters.owner is not None and (owner := _uuid(filters.owner)) is not None:
        clauses.append(CASES.c.owner_id == owner)
    if filters.words:
        clauses.append(or_(_begins(CASES.c.alias, filters.words), _begins(CASES.c.number, filters.words)))
    return clauses


_LIVE = CASES.c.closed_at.is_(None)
#: Whoever asked to be erased is not shown, but for the bare fact of a danger.
_SHOWN = or_(CASES.c.hidden_at.is_(None), CASES.c.risk_level == Level.URGENT)


def _begins(column: ColumnElement[Any], words: str) -> ColumnElement[bool]:
    """Beginning with these words, by a range of the index on both databases."""
    return and_(column >= words, column < words + "\U0010ffff")


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


async def page(connection: Connection, desk_id: str, filters: Filters, viewer: Viewer) -> Page:
    """The cases of a page."""
    rows = (await connection.execute(queue_query(desk_id, filters, viewer))).all()
    return Page(cases=tuple(case_row(row) for row in rows[:PAGE]), more=len(rows) > PAGE)


@dataclass(frozen=True, kw_only=True, slots=True)
class Counts:
    """How many cases stand in each lane (at most `MOST_COUNTED`), and since when the longest waits."""

    lanes: Mapping[Lane, int]
    urgent: int
    waiting: int
    waiting_longest: dt.datetime | None


async def counts(connection: Connection, desk_id: str, viewer: Viewer) -> Counts:
    """All counts of the page's head, each an end or a bounded stretch of an index."""
    seen = visible(COLUMNS, viewer, Action.SEE_QUEUE)
    base = (CASES.c.desk_id == desk_id, _LIVE, _SHOWN, seen)
    parts: dict[str, Sequence[ColumnElement[bool]]] = {
        "all": (),
        "unclaimed": (CASES.c.owner_id.is_(None),),
        "mine": (CASES.c.owner_id == viewer.staff_id,),
        "children": (CASES.c.child_lane.is_(True),),
        "urgent": (CASES.c.risk_level == Level.URGENT,),
        "waiting": (CASES.c.place < Place.ANSWERED.value,),
    }
    some = {name: select(CASES.c.id).where(*base, *more).limit(MOST_COUNTED).subquery() for name, more in parts.items()}
    counted = [select(literal(name).label("name"), func.count().label("n")).select_from(t) for name, t in some.items()]
    found = {row.name: row.n for row in await connection.execute(union_all(*counted))}
    firsts = [
        (
            await connection.execute(
                select(CASES.c.since).where(*base, CASES.c.place == place.value).order_by(CASES.c.since).limit(1)
            )
        ).scalar()
        for place in (Place.URGENT, Place.WAITING)
    ]
    return Counts(
        lanes={lane: found[lane.value] for lane in Lane},
        urgent=found["urgent"],
        waiting=found["waiting"],
        waiting_longest=min((since for since in firsts if since is not None), default=None),
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class Offered:
    """Somebody without a case who was offered a person and did not answer."""

    resident_id: UUID
    alias: str
    at: dt.datetime
    count: int


async def silent(connection: Connection, desk_id: str, viewer: Viewer, *, now: dt.datetime) -> list[CaseRow]:
    """Cases of people who blocked the account, or did not answer a person's message; the longest silent first."""
    seen = visible(COLUMNS, viewer, Action.SEE_QUEUE)
    base = (CASES.c.desk_id == desk_id, _LIVE, CASES.c.hidden_at.is_(None), seen)
    blocked = select(*SHOWN).where(*base, CASES.c.blocked.is_(True))
    unanswered = (CASES.c.last_word == LastWord.STAFF, CASES.c.last_word_at <= now - UNANSWERED_AFTER)
    waiting = select(*SHOWN).where(*base, *unanswered, CASES.c.blocked.is_(False))
    rows: list[Row[Any]] = []
    for query in (blocked, waiting):
        rows += (await connection.execute(query.order_by(CASES.c.last_word_at).limit(PAGE * 4))).all()
    return sorted((case_row(row) for row in rows), key=lambda case: case.last_word_at)


async def offered(connection: Connection, desk_id: str, *, now: dt.datetime) -> list[Offered]:
    """Residents without a case who left an offer unanswered: only for who sees the whole desk."""
    query = (
        select(
            _RESIDENTS.c.id,
            _RESIDENTS.c.alias,
            func.max(_OFFERS.c.at).label("at"),
            func.max(_OFFERS.c.count).label("n"),
        )
        .join_from(_OFFERS, _RESIDENTS, _RESIDENTS.c.id == _OFFERS.c.resident_id)
        .where(_OFFERS.c.answer.is_(None), _OFFERS.c.at <= now - UNANSWERED_AFTER, _RESIDENTS.c.desk_id == desk_id)
        .where(_RESIDENTS.c.erase_at.is_(None), _RESIDENTS.c.erased_at.is_(None), _RESIDENTS.c.stopped_at.is_(None))
        .where(~select(CASES.c.id).where(CASES.c.resident_id == _RESIDENTS.c.id).exists())
        .group_by(_RESIDENTS.c.id, _RESIDENTS.c.alias)
        .order_by(func.max(_OFFERS.c.at))
        .limit(PAGE * 4)
    )
    return [
        Offered(resident_id=row.id, alias=row.alias, at=row.at, count=row.n) for row in await connection.execute(query)
    ]
