"""What the history of a case is made of, and who has looked at it. Names and times; words only of notes and tasks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select

from casework.history import TOLD_BY_BOOK, Line, Said, Strand, strand_of
from storage import cases, consents
from storage.audit_tables import AuditEntry
from storage.case_tables import StaffMessage
from storage.database import Connection
from storage.sheet_tables import SheetRow, SheetVersion
from storage.tables import OutboxMessage, ResidentMessage, table_of

_MESSAGES = table_of(ResidentMessage)
_OUTBOX = table_of(OutboxMessage)
_WRITTEN = table_of(StaffMessage)
_SHEETS = table_of(SheetRow)
_VERSIONS = table_of(SheetVersion)
_AUDIT = table_of(AuditEntry)
#: Of a longer talk the newest words are counted.
MOST_SAID = 5000


async def events(connection: Connection, case_id: UUID) -> list[Line]:
    """The case's own record, without what the book of consents tells more fully."""
    return [
        Line(at=one.at, strand=strand_of(one.kind), kind=one.kind, actor=one.actor, object_id=one.object_id)
        for one in await cases.events(connection, case_id)
        if one.kind not in TOLD_BY_BOOK
    ]


async def agreed(connection: Connection, resident_id: UUID, organisations: Mapping[UUID, str]) -> list[Line]:
    """Every consent, and its end."""
    found = []
    for one in (await consents.book(connection, resident_id)).consents:
        to = "" if one.scope.org_id is None else organisations.get(one.scope.org_id, "?")
        by = "resident" if one.by is None else str(one.by)
        common: dict[str, Any] = {"strand": Strand.CONSENT, "object_id": one.id, "note": to}
        found.append(Line(at=one.given_at, kind=f"agreed_{one.kind.value}", actor=by, **common))
        if one.withdrawn_at is not None:
            found.append(Line(at=one.withdrawn_at, kind=f"ended_{one.kind.value}", actor="resident", **common))
    return found


async def sheets(connection: Connection, case_id: UUID) -> list[Line]:
    """What was done with the sheets of a case. Those without consent are known to who decided on them, and left out."""
    query = (
        select(_VERSIONS.c.at, _VERSIONS.c.actor, _VERSIONS.c.action, _SHEETS.c.id, _SHEETS.c.number)
        .join_from(_VERSIONS, _SHEETS, _SHEETS.c.id == _VERSIONS.c.sheet_id)
        .where(_SHEETS.c.case_id == case_id, _SHEETS.c.basis_kind.is_(None))
    )
    return [
        Line(at=row.at, strand=Strand.SHEET, kind=row.action, actor=row.actor, object_id=row.id, note=row.number)
        for row in await connection.execute(query)
    ]


async def said(connection: Connection, resident_id: UUID) -> list[Said]:
    """When anybody said anything in the talk: the newest words, no words."""
    heard = select(_MESSAGES.c.sent_at.label("at")).where(_MESSAGES.c.resident_id == resident_id)
    answered = (
        select(_OUTBOX.c.created_at.label("at"))
        .outerjoin(_WRITTEN, _WRITTEN.c.letter_id == _OUTBOX.c.id)
        .where(_OUTBOX.c.resident_id == resident_id, _WRITTEN.c.id.is_(None))
    )
    written = select(_WRITTEN.c.created_at.label("at")).where(
        _WRITTEN.c.resident_id == resident_id, _WRITTEN.c.letter_id.is_not(None)
    )
    found = []
    for by, query in (("resident", heard), ("program", answered), ("staff", written)):
        newest = query.order_by(query.selected_columns[0].desc()).limit(MOST_SAID)
        found += [Said(at=row.at, by=by) for row in await connection.execute(newest)]
    return found


@dataclass(frozen=True, kw_only=True, slots=True)
class Looker:
    """Somebody of the staff who has looked at a case: how often, between when, and whether words were open to them."""

    staff_id: UUID
    times: int
    first: datetime
    last: datetime
    words: bool
    sheets: int


#: Acts by which somebody sees a case.
LOOKS = ("case_seen", "household_seen", "timeline_seen", "glass_broken")


async def lookers(connection: Connection, case_id: UUID) -> list[Looker]:
    """Everybody who has looked at a case or a sheet of it, the latest first. A page that renewed itself is no look."""
    own = _AUDIT.c.object_kind == "case", _AUDIT.c.object_id == str(case_id), _AUDIT.c.action.in_(LOOKS)
    numbers = (await connection.execute(select(_SHEETS.c.id).where(_SHEETS.c.case_id == case_id))).scalars()
    theirs = (
        _AUDIT.c.object_kind == "sheet",
        _AUDIT.c.object_id.in_([str(one) for one in numbers]),
        _AUDIT.c.action == "sheet_seen",
    )
    columns = (_AUDIT.c.actor, _AUDIT.c.at, _AUDIT.c.action, _AUDIT.c.detail)
    rows = [row for which in (own, theirs) for row in await connection.execute(select(*columns).where(*which))]
    return _by_person(row for row in rows if not row.detail.get("by_itself"))


def _by_person(rows: Iterable[Row[Any]]) -> list[Looker]:
    found: dict[UUID, list[Row[Any]]] = {}
    for row in rows:
        try:
            found.setdefault(UUID(row.actor), []).append(row)
        except ValueError:
            continue
    people = [
        Looker(
            staff_id=who,
            times=len(looks),
            first=min(row.at for row in looks),
            last=max(row.at for row in looks),
            words=any(row.detail.get("words") or row.action == "glass_broken" for row in looks),
            sheets=sum(row.action == "sheet_seen" for row in looks),
        )
        for who, looks in found.items()
    ]
    return sorted(people, key=lambda one: one.last, reverse=True)
