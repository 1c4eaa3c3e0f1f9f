"""Cases: how turns of the talk open and change them, and the row that everything else of the console rests on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any
from uuid import UUID

from sqlalchemy import Row, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from casework.people import Viewer
from casework.permissions import Action, CaseFacts
from casework.queue import CaseState, LastWord, Level, Place, SafeContact
from casework.reading import ReadConsent
from casework.standing import News, Standing, Terms, after, timeline
from storage import changes, consents, corrections
from storage.case_tables import Case, CaseCounter, CaseEvent, CaseTag, CloseReason, Exclusion, Source
from storage.database import Connection
from storage.ids import NewId
from storage.tables import table_of
from storage.unseen_tables import UnseenArea
from storage.visibility import CaseColumns, Pairs, visible

CASES = table_of(Case)
_EVENTS = table_of(CaseEvent)
_TAGS = table_of(CaseTag)
_COUNTERS = table_of(CaseCounter)
_EXCLUSIONS = table_of(Exclusion)
_UNSEEN = table_of(UnseenArea)
_ADD = insert(CASES)
_ADD_EVENT = insert(_EVENTS)
_ADD_TAG = insert(_TAGS)

#: What the rules of permission speak of (`storage.visibility`).
COLUMNS = CaseColumns(
    id=CASES.c.id,
    desk_id=CASES.c.desk_id,
    area=CASES.c.area,
    owner_id=CASES.c.owner_id,
    barred=Pairs(case_id=_EXCLUSIONS.c.case_id, other_id=_EXCLUSIONS.c.staff_id),
    unseen=Pairs(case_id=_UNSEEN.c.case_id, other_id=_UNSEEN.c.area),
)
RESIDENT = "resident"
PROGRAM = "program"
#: A 年度 begins in April.
YEAR_BEGINS = 4


@dataclass(frozen=True, kw_only=True, slots=True)
class CaseRow:
    """A case as stored, but for what is sealed."""

    id: UUID
    desk_id: str
    number: str
    resident_id: UUID
    alias: str
    source: Source
    area: str | None
    state: CaseState
    owner_id: UUID | None
    auto_assigned_at: dt.datetime | None
    opened_at: dt.datetime
    place: Place
    since: dt.datetime
    waiting_since: dt.datetime | None
    last_word: LastWord
    last_word_at: dt.datetime
    risk_level: Level
    heard_level: Level
    staff_level: Level | None
    lowered_by: UUID | None
    lowered_at: dt.datetime | None
    risk_kinds: tuple[str, ...]
    rule: str
    alert_turn: int | None
    asked_at: dt.datetime | None
    safety_role: str | None
    at_risk: str | None
    danger_now: bool
    minor: bool
    age_band: str | None
    language: str | None
    safe_contact: SafeContact
    card_shown_at: dt.datetime | None
    child_lane: bool
    deadline_at: dt.datetime | None
    categories: tuple[str, ...]
    blocked: bool
    present_id: UUID | None
    present_since: dt.datetime | None
    act_at: dt.datetime | None
    snoozed_until: dt.datetime | None
    hidden_at: dt.datetime | None
    version: int
    closed_at: dt.datetime | None
    close_reason: CloseReason | None

    @property
    def standing(self) -> Standing:
        """The part that turns change."""
        shared = {name: getattr(self, name) for name in _STANDING if name != "owned"}
        return Standing(**shared, owned=self.owner_id is not None)


_STANDING = tuple(field.name for field in fields(Standing))
_FIELDS = tuple(field.name for field in fields(CaseRow))
#: The columns of `CaseRow`, for selects.
SHOWN = tuple(CASES.c[name] for name in _FIELDS)
_OPEN_OF = select(*SHOWN).where(CASES.c.closed_at.is_(None))


def case_row(row: Row[Any]) -> CaseRow:
    """A row selected by `SHOWN`."""
    values = {name: getattr(row, name) for name in _FIELDS}
    lists = {name: tuple(values[name]) for name in ("risk_kinds", "categories")}
    return CaseRow(**{**values, **lists, "place": Place(row.place)})


def columns_of(standing: Standing) -> dict[str, Any]:
    """The columns a standing fills, the order of the queue among them."""
    values = {name: getattr(standing, name) for name in _STANDING if name != "owned"}
    lists = {name: list(values[name]) for name in ("risk_kinds", "categories")}
    order = {"risk_level": standing.risk_level, "place": standing.place.value, "since": standing.since}
    return {**values, **lists, **order}


async def open_case_of(connection: Connection, resident_id: UUID, *, lock: bool = False) -> CaseRow | None:
    """The case of a resident that is not closed."""
    query = _OPEN_OF.where(CASES.c.resident_id == resident_id)
    row = (await connection.execute(query.with_for_update() if lock else query)).one_or_none()
    return None if row is None else case_row(row)


async def locked(connection: Connection, case_id: UUID) -> CaseRow:
    """A case for the program itself, locked."""
    return case_row((await connection.execute(select(*SHOWN).where(CASES.c.id == case_id).with_for_update())).one())


async def load(
    connection: Connection, case_id: UUID, viewer: Viewer, action: Action, *, lock: bool = False
) -> CaseRow | None:
    """A case, if the viewer may do this to it."""
    query = select(*SHOWN).where(CASES.c.id == case_id, visible(COLUMNS, viewer, action))
    row = (await connection.execute(query.with_for_update() if lock else query)).one_or_none()
    return None if row is None else case_row(row)


async def facts_of(connection: Connection, case: CaseRow) -> CaseFacts:
    """What the rules of permission need to know of one case."""
    barred = await connection.execute(select(_EXCLUSIONS.c.staff_id).where(_EXCLUSIONS.c.case_id == case.id))
    unseen = await connection.execute(select(_UNSEEN.c.area).where(_UNSEEN.c.case_id == case.id))
    return CaseFacts(
        desk_id=case.desk_id,
        area=case.area,
        owner_id=case.owner_id,
        excluded=frozenset(barred.scalars()),
        unseen_areas=frozenset(unseen.scalars()),
    )


async def earlier_cases(connection: Connection, case: CaseRow, viewer: Viewer) -> list[CaseRow]:
    """Other cases of the same resident that the viewer may see, the newest first."""
    query = (
        select(*SHOWN)
        .where(CASES.c.resident_id == case.resident_id, CASES.c.id != case.id)
        .where(visible(COLUMNS, viewer, Action.SEE_CASE))
        .order_by(CASES.c.opened_at.desc())
        .limit(20)
    )
    return [case_row(row) for row in await connection.execute(query)]


@dataclass(frozen=True, kw_only=True, slots=True)
class Whose:
    """The resident a case is about."""

    id: UUID
    desk_id: str
    alias: str


async def note_turn(connection: Connection, whose: Whose, news: News, terms: Terms, *, new_id: NewId) -> CaseRow | None:
    """Open the resident's case, or bring it up to date, in the transaction of the turn. None when there is none."""
    case = await open_case_of(connection, whose.id, lock=True)
    before = None if case is None else case.standing
    if case is not None:
        news = await _corrected(connection, case.id, news)
    standing = after(before, news, terms)
    if standing is None:
        return None
    if case is None:
        case_id = await add(connection, whose, standing, source=Source.LINE, at=news.at, terms=terms, new_id=new_id)
    else:
        case_id = case.id
        values = {**columns_of(standing), "version": CASES.c.version + 1}
        await connection.execute(update(CASES).where(CASES.c.id == case_id).values(values))
    if case is None or standing.categories != case.categories:
        await set_tags(connection, case_id, standing.categories)
    for kind in timeline(before, standing, news):
        await add_event(connection, case_id, kind=kind, actor=RESIDENT, at=news.at, new_id=new_id)
    await changes.bump(connection, whose.desk_id)
    return await open_case_of(connection, whose.id)


async def _corrected(connection: Connection, case_id: UUID, news: News) -> News:
    """The worries of the talk as staff corrected them."""
    verdicts = await corrections.standing_of(connection, case_id)
    if not verdicts:
        return news
    return replace(news, categories=corrections.applied(news.categories, verdicts))


async def add(
    connection: Connection,
    whose: Whose,
    standing: Standing,
    *,
    source: Source,
    at: dt.datetime,
    terms: Terms,
    new_id: NewId,
    area: str | None = None,
    owner_id: UUID | None = None,
) -> UUID:
    """Open a case under the next number of its 年度."""
    case_id = new_id()
    local = terms.workdays.local(at)
    year = local.year if local.month >= YEAR_BEGINS else local.year - 1
    row = {
        **columns_of(standing),
        "id": case_id,
        "desk_id": whose.desk_id,
        "number": f"{year}-{await _next_number(connection, whose.desk_id, year):04}",
        "resident_id": whose.id,
        "alias": whose.alias,
        "source": source,
        "area": area,
        "owner_id": owner_id,
        "opened_at": at,
        "version": 1,
    }
    await connection.execute(_ADD, row)
    return case_id


async def _next_number(connection: Connection, desk_id: str, year: int) -> int:
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    first = dialect.insert(_COUNTERS).values(desk_id=desk_id, year=year, last=1)
    counted = first.on_conflict_do_update(
        index_elements=["desk_id", "year"], set_={"last": _COUNTERS.c.last + 1}
    ).returning(_COUNTERS.c.last)
    return int((await connection.execute(counted)).scalar_one())


async def set_tags(connection: Connection, case_id: UUID, categories: Sequence[str]) -> None:
    """The worries of a case once more, for the filter."""
    await connection.execute(delete(_TAGS).where(_TAGS.c.case_id == case_id))
    if categories:
        await connection.execute(_ADD_TAG, [{"case_id": case_id, "category": name} for name in categories])


async def retag(connection: Connection, case: CaseRow, categories: Sequence[str]) -> None:
    """The worries of a case after staff have corrected them."""
    values = {"categories": list(categories), "version": CASES.c.version + 1}
    await connection.execute(update(CASES).where(CASES.c.id == case.id).values(values))
    await set_tags(connection, case.id, categories)


@dataclass(frozen=True, kw_only=True, slots=True)
class EventRow:
    """One line of the timeline."""

    id: UUID
    at: dt.datetime
    kind: str
    actor: str
    object_id: UUID | None
    detail: Mapping[str, Any]


async def add_event(
    connection: Connection,
    case_id: UUID,
    *,
    kind: str,
    actor: UUID | str,
    at: dt.datetime,
    new_id: NewId,
    object_id: UUID | None = None,
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Add a line to the timeline: names and ids, no words."""
    row = {"id": new_id(), "case_id": case_id, "at": at, "kind": kind, "actor": str(actor), "object_id": object_id}
    await connection.execute(_ADD_EVENT, {**row, "detail": dict(detail or {})})


async def events(connection: Connection, case_id: UUID) -> list[EventRow]:
    """The timeline of a case, oldest first."""
    query = select(_EVENTS).where(_EVENTS.c.case_id == case_id).order_by(_EVENTS.c.at, _EVENTS.c.id)
    names = [field.name for field in fields(EventRow)]
    return [EventRow(**{name: getattr(row, name) for name in names}) for row in await connection.execute(query)]


async def consents_of(connection: Connection, resident_id: UUID) -> list[ReadConsent]:
    """Which words the resident agreed to have read, ended consents too."""
    return await consents.readings(connection, resident_id)
