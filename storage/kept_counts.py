"""Numbers that stay when somebody's words go: by month of the first contact, with nobody behind them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from casework.queue import Level
from storage.case_tables import Case
from storage.database import Connection
from storage.retention_tables import KeptCount
from storage.tables import Finding, Resident, ResidentMessage, Tag, table_of

_COUNTS = table_of(KeptCount)


async def add(connection: Connection, resident_id: UUID) -> None:
    """Count a resident whose words are about to go, in the same transaction, while they can still be counted."""
    who = (
        await connection.execute(select(Resident.desk_id, Resident.created_at).where(Resident.id == resident_id))
    ).one()
    base = {"desk_id": who.desk_id, "month": f"{who.created_at:%Y-%m}", "count": 1}
    rows = [{**base, "what": what, "name": name} for what, name in await _facts(connection, resident_id)]
    dialect: Any = sqlite if connection.dialect.name == "sqlite" else postgresql
    added = dialect.insert(_COUNTS)
    for row in rows:
        counted = added.values(row).on_conflict_do_update(
            index_elements=["desk_id", "month", "what", "name"], set_={"count": _COUNTS.c.count + 1}
        )
        await connection.execute(counted)


async def of_desk(connection: Connection, desk_id: str) -> dict[tuple[str, str, str], int]:
    """All counts of a desk, by month, what and name."""
    rows = (await connection.execute(select(_COUNTS).where(_COUNTS.c.desk_id == desk_id))).mappings()
    return {(row["month"], row["what"], row["name"]): row["count"] for row in rows}


async def _facts(connection: Connection, resident_id: UUID) -> Iterable[tuple[str, str]]:
    tags = select(Tag.category).where(Tag.resident_id == resident_id, Tag.contested_at.is_(None)).distinct()
    levels = (
        select(Finding.risk_level)
        .join(ResidentMessage, ResidentMessage.id == Finding.message_id)
        .where(ResidentMessage.resident_id == resident_id)
        .distinct()
    )
    cases = select(Case.source, Case.age_band).where(Case.resident_id == resident_id)
    categories = sorted((await connection.execute(tags)).scalars())
    found = [Level(level) for level in (await connection.execute(levels)).scalars()]
    held = (await connection.execute(cases)).all()
    facts = [("residents", "all"), *(("category", category) for category in categories)]
    facts.append(("risk", max(found, key=lambda level: level.rank, default=Level.NONE).value))
    facts += sorted({("source", row.source.value) for row in held})
    return [*facts, *sorted({("age_band", row.age_band) for row in held if row.age_band})]
