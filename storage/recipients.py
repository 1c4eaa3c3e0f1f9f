"""Recipients of a desk: the organisations it hands sheets to, what each may see, and where a notice goes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select, update

from storage.database import Connection
from storage.ids import NewId
from storage.sheet_tables import Recipient
from storage.tables import Organisation, table_of

_RECIPIENTS = table_of(Recipient)
_ORGANISATIONS = table_of(Organisation)


@dataclass(frozen=True, kw_only=True, slots=True)
class RecipientRow:
    """One recipient. `fields` None: it may see whatever the resident agreed to."""

    id: UUID
    organisation_id: UUID
    name: str
    mail: str | None
    fields: frozenset[str] | None
    collects: bool


async def add(
    connection: Connection,
    *,
    desk_id: str,
    name: str,
    mail: str | None,
    fields: frozenset[str] | None,
    collects: bool,
    at: datetime,
    new_id: NewId,
    organisation_id: UUID | None = None,
) -> RecipientRow:
    """A new recipient, of an organisation that is known already or of a new one."""
    if organisation_id is None:
        organisation_id = new_id()
        await connection.execute(insert(_ORGANISATIONS), {"id": organisation_id, "name": name})
    row: dict[str, Any] = {"id": new_id(), "organisation_id": organisation_id, "name": name, "mail": mail}
    row |= {"fields": None if fields is None else sorted(fields), "collects": collects}
    await connection.execute(insert(_RECIPIENTS), {**row, "desk_id": desk_id, "created_at": at})
    return RecipientRow(**{**row, "fields": fields})


async def change(
    connection: Connection, desk_id: str, recipient_id: UUID, *, mail: str | None, fields: frozenset[str] | None
) -> bool:
    """A new address or limit. Sheets on their way keep what was agreed with them. False: no such recipient."""
    mine = update(_RECIPIENTS).where(_RECIPIENTS.c.id == recipient_id, _RECIPIENTS.c.desk_id == desk_id)
    values = {"mail": mail, "fields": None if fields is None else sorted(fields)}
    return (await connection.execute(mine.values(values))).rowcount == 1


async def end(connection: Connection, desk_id: str, recipient_id: UUID, *, at: datetime) -> bool:
    """It is no longer offered. What it holds, it keeps. False: no such recipient."""
    mine = update(_RECIPIENTS).where(_RECIPIENTS.c.id == recipient_id, _RECIPIENTS.c.desk_id == desk_id)
    return (await connection.execute(mine.values(ended_at=at))).rowcount == 1


async def of_desk(connection: Connection, desk_id: str) -> list[RecipientRow]:
    """Those a desk can hand to, by name; the 取りまとめ first."""
    query = select(_RECIPIENTS).where(_RECIPIENTS.c.desk_id == desk_id, _RECIPIENTS.c.ended_at.is_(None))
    rows = await connection.execute(query.order_by(_RECIPIENTS.c.collects.desc(), _RECIPIENTS.c.name, _RECIPIENTS.c.id))
    return [
        RecipientRow(
            id=row.id,
            organisation_id=row.organisation_id,
            name=row.name,
            mail=row.mail,
            fields=None if row.fields is None else frozenset(row.fields),
            collects=row.collects,
        )
        for row in rows
    ]
