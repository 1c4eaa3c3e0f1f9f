"""The queue as pages of one indexed select, its counts, and who fell silent."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, CompoundSelect, Row, Select, and_, func, literal, or_, select, tuple_, union_all

from casework.people import Viewer
from casework.permissions import Action, Scope, reaches
from casework.queue import UNANSWERED_AFTER, Filters, Lane, LastWord, Level, Place
from casework.sheets import State
from storage.case_tables import CaseTag
from storage.cases import CASES, COLUMNS, SHOWN, CaseRow, case_row
from storage.database import Connection
from storage.sheet_tables import HandedTo, SheetRow
from storage.tables import Offer, Resident, table_of
from storage.visibility import Pairs, visible

PAGE = 50
#: Nobody reads an exact number of a thousand; counting stops there.
MOST_COUNTED = 999
_TAGS = table_of(CaseTag)
_OFFERS = table_of(Offer)
_RESIDENTS = table_of(Resident)
_HANDED = table_of(HandedTo)
_SHEETS = table_of(SheetRow)


@dataclass(frozen=True, kw_only=True, slots=True)
class Page:
    """One page of the queue, and whether another follows."""

    cases: tuple[CaseRow, ...]
    more: bool


def queue_query(desk_id: str, filters: Filters, viewer: Viewer) -> Select[Any]:
    """One page and one row more, in the order of the queue; what is closed by the time it was closed."""
    query = select(*SHOWN).where(CASES.c.desk_id == desk_id, *_filtered(desk_id, filters, viewer.acts_for))
    query = query.where(visible(COLUMNS, viewer, Action.SEE_QUEUE))
    if filters.closed:
        return query.order_by(CASES.c.closed_at.desc(), CASES.c.id.desc()).limit(PAGE + 1)
    if (after := filters.after) is not None and (case_id := _uuid(after.id)) is not None:
        order = tuple_(CASES.c.place, CASES.c.since, CASES.c.id)
        last = tuple_(literal(after.place.value), literal(after.since, CASES.c.since.type), literal(case_id))
        query = query.where(order > last)
    return query.order_by(CASES.c.place, CASES.c.since, CASES.c.id).limit(PAGE + 1)


def _filtered(desk_id: str, filters: Filters, own: frozenset[UUID]) -> list[ColumnElement[bool]]:
    clauses: list[ColumnElement[bool]] = [CASES.c.closed_at.is_not(None) if filters.closed else _LIVE, _SHOWN]
    match filters.lane:
        case Lane.MINE:
            clauses.append(_belongs_to(own))
        case Lane.UNCLAIMED:
            clauses.append(CASES.c.owner_id.is_(None))
        case Lane.CHILDREN:
            clauses.append(CASES.c.child_lane.is_(True))
    if filters.level is not None:
        clauses.append(CASES.c.risk_level == filters.level)
    if filters.category is not None:
        # Asked of each case in the order of the queue until the page is full: a list of all would be made first.
        tag = (_TAGS.c.case_id == CASES.c.id, _TAGS.c.category == filters.category)
        clauses.append(select(_TAGS.c.case_id).where(*tag).correlate(CASES).exists())
    if filters.area is not None:
        clauses.append(CASES.c.area == filters.area)
    if filters.owner is not None and (owner := _uuid(filters.owner)) is not None:
        clauses.append(CASES.c.owner_id == owner)
    if filters.words:
        clauses.append(CASES.c.id.in_(_called(desk_id, filters.words)))
    return clauses


def _called(desk_id: str, words: str) -> CompoundSelect[Any]:
    """The cases whose alias or number begins so, each found in an index of its own: over both no index helps."""
    theirs = CASES.alias()
    here = select(theirs.c.id).where(theirs.c.desk_id == desk_id)
    return union_all(here.where(_begins(theirs.c.alias, words)), here.where(_begins(theirs.c.number, words)))


def _belongs_to(people: frozenset[UUID]) -> ColumnElement[bool]:
    """Equality for one: a stretch of the index in its order."""
    first, *others = sorted(people)
    return CASES.c.owner_id.in_([first, *others]) if others else CASES.c.owner_id == first


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
        "mine": (_belongs_to(viewer.acts_for),),
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


#: As `COLUMNS`, for the one place where what was handed to an organisation is told to its people.
HANDED_COLUMNS = replace(COLUMNS, handed=Pairs(case_id=_HANDED.c.case_id, other_id=_HANDED.c.org_id))


@dataclass(frozen=True, kw_only=True, slots=True)
class HandedOn:
    """A sheet that lies with the viewer's organisation, or is on its way to it: all they know of the case."""

    sheet_id: UUID
    number: str
    form_id: str
    state: State
    submitted_at: dt.datetime | None


async def handed(connection: Connection, desk_id: str, viewer: Viewer) -> list[HandedOn]:
    """What of a desk's cases was handed to the viewer's organisation and is not theirs to see anyway, the oldest first.

    The way to it is the sheet, never the case: neither level nor worries nor the order of the queue are told.
    """
    if not any(scope is Scope.HANDED for scope, _ in reaches(viewer, Action.SEE_QUEUE)):
        return []
    theirs, there = visible(HANDED_COLUMNS, viewer, Action.SEE_QUEUE), _HANDED.alias()
    query = (
        select(_SHEETS.c.id.label("sheet_id"), _SHEETS.c.number, _SHEETS.c.form_id, _SHEETS.c.state)
        .add_columns(_SHEETS.c.submitted_at)
        .join_from(there, _SHEETS, _SHEETS.c.id == there.c.sheet_id)
        .join(CASES, CASES.c.id == there.c.case_id)
        .where(there.c.org_id == viewer.organisation_id, CASES.c.desk_id == desk_id, CASES.c.hidden_at.is_(None))
        .where(theirs, ~visible(COLUMNS, viewer, Action.SEE_QUEUE))
        .order_by(_SHEETS.c.submitted_at, _SHEETS.c.id)
        .limit(PAGE * 4)
    )
    return [HandedOn(**row) for row in (await connection.execute(query)).mappings()]


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
