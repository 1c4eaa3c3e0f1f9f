"""Sheets: found through their case only, saved version by version, sealed.

Who saves what somebody else has changed meanwhile gets `Changed` with what stands there now, and loses nothing. Locks
are taken in the order resident, case, sheet, audit; the caller records in the audit who saw and did what.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, Select, delete, func, insert, select, update

from casework.sheets import Change, Handover, Sheet, State, changes
from config.contents.forms import Needs
from storage.case_tables import Case
from storage.database import Connection
from storage.ids import NewId
from storage.keyring import Keyring
from storage.sheet_codec import content_of, read_basis, read_entries, words_of
from storage.sheet_tables import HandedTo, HandoverRow, SheetRow, SheetVersion
from storage.tables import Resident, table_of
from storage.vault import Place, SealingKey

_SHEETS = table_of(SheetRow)
_VERSIONS = table_of(SheetVersion)
_HANDOVERS = table_of(HandoverRow)
_HANDED = table_of(HandedTo)
#: Columns of the row that are columns of the value, too.
_PLAIN = (
    "state", "consented_at", "submitted_at", "told_on", "closed_at", "recalled_at",
)  # fmt: skip
_SAME = ("id", "form_id", "kind", "needs", "second_person", "desk_id", "org_id", "created_by", "created_at", "earlier")
_HANDOVER = (
    "id", "org_id", "name", "named_by", "named_at", "state", "sent_at", "received_at", "answered_at", "met_on",
    "recalled_at", "told_to_stop_at",
)  # fmt: skip


class Changed(Exception):
    """Somebody else saved in between: `current` is what stands there now, `changes` what differs from one's base."""

    def __init__(self, current: Sheet, differing: tuple[Change, ...]) -> None:
        super().__init__("the sheet was changed meanwhile")
        self.current = current
        self.changes = differing


@dataclass(frozen=True, kw_only=True, slots=True)
class Stored:
    """A sheet with where it belongs."""

    sheet: Sheet
    case_id: UUID
    resident_id: UUID
    number: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Saving:
    """Who saves, what for, when, and with which version of the forms. `actor`: staff, `resident` or `program`."""

    actor: UUID | str
    action: str
    at: datetime
    forms_version: str
    second_due_at: datetime | None = None


async def next_number(connection: Connection, case_id: UUID) -> str:
    """A free number: that of the case with a running one. The case's row is locked until the transaction ends."""
    case = select(Case.number).where(Case.id == case_id).with_for_update()
    number = (await connection.execute(case)).scalar_one()
    count = select(func.count()).select_from(_SHEETS).where(_SHEETS.c.case_id == case_id)
    return f"{number}-{(await connection.execute(count)).scalar_one() + 1}"


async def add(
    connection: Connection,
    keyring: Keyring,
    sheet: Sheet,
    saving: Saving,
    *,
    case_id: UUID,
    resident_id: UUID,
    number: str,
    new_id: NewId,
) -> Sheet:
    """Store a new sheet as its first version."""
    first = replace(sheet, version=1)
    row = {name: getattr(first, name) for name in _SAME} | _row_of(first, saving)
    row |= {"case_id": case_id, "resident_id": resident_id, "number": number, "version": 1}
    await connection.execute(insert(_SHEETS), row)
    key = await _key(connection, keyring, first.needs, resident_id)
    await _write(connection, key, first, saving, case_id=case_id, new_id=new_id)
    return first


def _row_of(sheet: Sheet, saving: Saving) -> dict[str, Any]:
    basis = sheet.basis
    return {name: getattr(sheet, name) for name in _PLAIN} | {
        "forms_version": saving.forms_version,
        "basis_kind": None if basis is None else basis.kind,
        "second_due_at": saving.second_due_at,
    }


async def _key(connection: Connection, keyring: Keyring, needs: Needs, resident_id: UUID) -> SealingKey:
    if needs is Needs.BASIS:
        return keyring.data
    key_id = (await connection.execute(select(Resident.key_id).where(Resident.id == resident_id))).scalar_one()
    return await keyring.resident_key(connection, key_id)


async def load(
    connection: Connection, keyring: Keyring, case_id: UUID, sheet_id: UUID, *, lock: bool = False
) -> Stored | None:
    """The sheet of this case as it stands; None when the case has no such sheet, or it was erased."""
    query = select(_SHEETS).where(_SHEETS.c.id == sheet_id, _SHEETS.c.case_id == case_id)
    row = (await connection.execute(query.with_for_update() if lock else query)).mappings().one_or_none()
    return None if row is None else await _stored(connection, keyring, row, row["version"])


async def at_version(
    connection: Connection, keyring: Keyring, case_id: UUID, sheet_id: UUID, number: int
) -> Sheet | None:
    """What the sheet said in an older version: its content of then, its state of now."""
    query = select(_SHEETS).where(_SHEETS.c.id == sheet_id, _SHEETS.c.case_id == case_id)
    row = (await connection.execute(query)).mappings().one_or_none()
    stored = None if row is None else await _stored(connection, keyring, row, number)
    return None if stored is None else stored.sheet


async def _stored(connection: Connection, keyring: Keyring, row: RowMapping, number: int) -> Stored | None:
    query = select(_VERSIONS.c.id, _VERSIONS.c.content_sealed)
    version = (
        await connection.execute(query.where(_VERSIONS.c.sheet_id == row["id"], _VERSIONS.c.number == number))
    ).one_or_none()
    if version is None or version.content_sealed is None:
        return None
    key = await _key(connection, keyring, row["needs"], row["resident_id"])
    content = key.open_json(content_place(version.id), version.content_sealed)
    sheet = Sheet(
        **{name: row[name] for name in (*_SAME, *_PLAIN)},
        version=number,
        entries=read_entries(content),
        excluded=frozenset(content["excluded"]),
        next_step=content["next_step"],
        basis=read_basis(content["basis"]),
        handovers=await _handovers(connection, key, row["id"]),
    )
    return Stored(sheet=sheet, case_id=row["case_id"], resident_id=row["resident_id"], number=row["number"])


async def _handovers(connection: Connection, key: SealingKey, sheet_id: UUID) -> tuple[Handover, ...]:
    query = select(_HANDOVERS).where(_HANDOVERS.c.sheet_id == sheet_id).order_by(_HANDOVERS.c.place)
    return tuple(_handover(key, row) for row in (await connection.execute(query)).mappings())


def _handover(key: SealingKey, row: RowMapping) -> Handover:
    said = {} if row["words_sealed"] is None else key.open_json(_words_place(row["id"]), row["words_sealed"])
    fields = None if row["fields"] is None else frozenset(row["fields"])
    return Handover(**{name: row[name] for name in _HANDOVER}, fields=fields, **said)


async def save(
    connection: Connection, keyring: Keyring, before: Stored, after: Sheet, saving: Saving, *, new_id: NewId
) -> Sheet:
    """Store `after` as the next version. Raises Changed when `before` is not what stands there any more."""
    was = before.sheet
    if after == was:
        return was
    later = replace(after, version=was.version + 1)
    values = _row_of(later, saving) | {"version": later.version}
    mine = update(_SHEETS).where(_SHEETS.c.id == was.id, _SHEETS.c.version == was.version)
    if (await connection.execute(mine.values(values))).rowcount != 1:
        current = await load(connection, keyring, before.case_id, was.id)
        now = was if current is None else current.sheet
        raise Changed(now, changes(was, now))
    key = await _key(connection, keyring, later.needs, before.resident_id)
    await _write(connection, key, later, saving, case_id=before.case_id, new_id=new_id)
    return later


async def _write(
    connection: Connection, key: SealingKey, sheet: Sheet, saving: Saving, *, case_id: UUID, new_id: NewId
) -> None:
    version_id = new_id()
    version = {"id": version_id, "sheet_id": sheet.id, "number": sheet.version, "at": saving.at}
    version |= {"actor": str(saving.actor), "action": saving.action}
    sealed = key.seal_json(content_place(version_id), content_of(sheet))
    await connection.execute(insert(_VERSIONS), {**version, "content_sealed": sealed})
    await connection.execute(delete(_HANDOVERS).where(_HANDOVERS.c.sheet_id == sheet.id))
    if sheet.handovers:
        rows = [_handover_row(key, sheet, one, place) for place, one in enumerate(sheet.handovers)]
        await connection.execute(insert(_HANDOVERS), rows)
    await _write_handed(connection, sheet, case_id)


def _handover_row(key: SealingKey, sheet: Sheet, one: Handover, place: int) -> dict[str, Any]:
    row = {name: getattr(one, name) for name in _HANDOVER} | {"sheet_id": sheet.id, "place": place}
    row["fields"] = None if one.fields is None else sorted(one.fields)
    return row | {"words_sealed": key.seal_json(_words_place(one.id), words_of(one))}


async def _write_handed(connection: Connection, sheet: Sheet, case_id: UUID) -> None:
    """Which organisations the rules of the console count as handed to."""
    await connection.execute(delete(_HANDED).where(_HANDED.c.sheet_id == sheet.id))
    orgs = set() if sheet.state.at_desk else {one.org_id for one in sheet.live()}
    if sheet.basis is not None and not sheet.state.at_desk:
        orgs |= {one.org_id for one in sheet.basis.members}
    if orgs:
        rows = [{"sheet_id": sheet.id, "org_id": org, "case_id": case_id} for org in sorted(orgs)]
        await connection.execute(insert(_HANDED), rows)


async def handed_to(connection: Connection, case_id: UUID) -> frozenset[UUID]:
    """The organisations that may come near a case because a sheet of it was handed to them."""
    query = select(_HANDED.c.org_id).where(_HANDED.c.case_id == case_id)
    return frozenset((await connection.execute(query)).scalars())


@dataclass(frozen=True, kw_only=True, slots=True)
class Listed:
    """A sheet in a list: no words."""

    id: UUID
    case_id: UUID
    number: str
    form_id: str
    state: State
    version: int
    created_at: datetime
    submitted_at: datetime | None
    earlier: UUID | None


_LISTED = (
    _SHEETS.c.id, _SHEETS.c.case_id, _SHEETS.c.number, _SHEETS.c.form_id, _SHEETS.c.state, _SHEETS.c.version,
    _SHEETS.c.created_at, _SHEETS.c.submitted_at, _SHEETS.c.earlier,
)  # fmt: skip


async def of_case(connection: Connection, case_id: UUID) -> list[Listed]:
    """All records of a case, the newest first. Whether a viewer may see each is asked of `sheet_views`."""
    return await _list(connection, select(*_LISTED).where(_SHEETS.c.case_id == case_id))


async def handed_for(connection: Connection, org_id: UUID, *, limit: int = 200) -> list[Listed]:
    """What lies with an organisation, or is on its way to it, the newest first."""
    theirs = select(*_LISTED).join(_HANDED, _HANDED.c.sheet_id == _SHEETS.c.id).where(_HANDED.c.org_id == org_id)
    return await _list(connection, theirs.limit(limit))


async def handed_case(connection: Connection, org_id: UUID, sheet_id: UUID) -> UUID | None:
    """The case of a sheet that lies with an organisation, or is on its way to it: a recipient's way to a sheet."""
    query = select(_HANDED.c.case_id).where(_HANDED.c.sheet_id == sheet_id, _HANDED.c.org_id == org_id)
    return (await connection.execute(query)).scalar_one_or_none()


async def second_overdue(connection: Connection, now: datetime) -> list[Listed]:
    """Records that one person decided alone and no second one has agreed to in time."""
    return await _list(connection, select(*_LISTED).where(_SHEETS.c.second_due_at <= now))


async def _list(connection: Connection, query: Select[Any]) -> list[Listed]:
    rows: Sequence[RowMapping] = (
        (await connection.execute(query.order_by(_SHEETS.c.created_at.desc(), _SHEETS.c.id.desc()))).mappings().all()
    )
    return [Listed(**row) for row in rows]


@dataclass(frozen=True, kw_only=True, slots=True)
class Version:
    """One entry of a sheet's history: no words."""

    number: int
    at: datetime
    actor: str
    action: str


async def history(connection: Connection, case_id: UUID, sheet_id: UUID) -> list[Version]:
    """Who changed the sheet when, the newest first."""
    query = (
        select(_VERSIONS.c.number, _VERSIONS.c.at, _VERSIONS.c.actor, _VERSIONS.c.action)
        .join(_SHEETS, _SHEETS.c.id == _VERSIONS.c.sheet_id)
        .where(_SHEETS.c.id == sheet_id, _SHEETS.c.case_id == case_id)
        .order_by(_VERSIONS.c.number.desc())
    )
    return [Version(**row) for row in (await connection.execute(query)).mappings()]


def content_place(version_id: UUID) -> Place:
    """Where the content of a version is sealed."""
    return Place(table="sheet_versions", column="content", row=version_id)


def _words_place(handover_id: UUID) -> Place:
    return Place(table="handovers", column="words", row=handover_id)
