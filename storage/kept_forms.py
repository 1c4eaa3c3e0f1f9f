"""Forms that were sent after their session had ended: kept, sealed, until their writer has signed in again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert, select

from storage.database import Connection
from storage.keyring import Keyring
from storage.staff_tables import KeptForm
from storage.tables import table_of
from storage.vault import Place

LASTS = timedelta(hours=24)
_KEPT = table_of(KeptForm)


@dataclass(frozen=True, kw_only=True, slots=True)
class Kept:
    """A form: where it was sent, and its fields in their order."""

    id: UUID
    path: str
    fields: tuple[tuple[str, str], ...]


def _place(kept_id: UUID) -> Place:
    return Place(table="kept_forms", column="body", row=kept_id)


async def keep(connection: Connection, keyring: Keyring, staff_id: UUID, kept: Kept, *, now: datetime) -> None:
    """Store a form in place of an older one of the same writer."""
    await connection.execute(delete(_KEPT).where(_KEPT.c.staff_id == staff_id))
    body: Any = {"path": kept.path, "fields": kept.fields}
    row = {"id": kept.id, "staff_id": staff_id, "body_sealed": keyring.data.seal_json(_place(kept.id), body)}
    await connection.execute(insert(_KEPT), {**row, "created_at": now})


async def newest(connection: Connection, keyring: Keyring, staff_id: UUID, *, now: datetime) -> Kept | None:
    """What waits for this writer."""
    query = select(_KEPT).where(_KEPT.c.staff_id == staff_id, _KEPT.c.created_at > now - LASTS)
    row = (await connection.execute(query)).one_or_none()
    if row is None:
        return None
    body = keyring.data.open_json(_place(row.id), row.body_sealed)
    return Kept(id=row.id, path=body["path"], fields=tuple((name, value) for name, value in body["fields"]))


async def drop(connection: Connection, staff_id: UUID) -> None:
    """Forget what waits for this writer."""
    await connection.execute(delete(_KEPT).where(_KEPT.c.staff_id == staff_id))


async def tidy(connection: Connection, now: datetime) -> None:
    """Forget what nobody came back for."""
    await connection.execute(delete(_KEPT).where(_KEPT.c.created_at <= now - LASTS))
