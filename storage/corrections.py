"""What staff say of tags: kept with who and when, applied to the case, exported to judge the listener by."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select

from storage.case_tables import Case, TagCorrection, Verdict
from storage.database import Connection
from storage.ids import NewId
from storage.tables import Tag, table_of

_CORRECTIONS = table_of(TagCorrection)
_TAGS = table_of(Tag)
_CASES = table_of(Case)
_ADD = insert(_CORRECTIONS)


@dataclass(frozen=True, kw_only=True, slots=True)
class Correction:
    """What somebody said of a tag of a case."""

    category: str
    verdict: Verdict
    by: UUID
    at: dt.datetime


async def add(
    connection: Connection,
    *,
    case_id: UUID,
    resident_id: UUID,
    category: str,
    verdict: Verdict,
    listener_version: str,
    by: UUID,
    at: dt.datetime,
    new_id: NewId,
) -> None:
    """Keep a verdict, with the score the listener had given."""
    best = select(_TAGS.c.score).where(_TAGS.c.resident_id == resident_id, _TAGS.c.category == category)
    score = (await connection.execute(best.order_by(_TAGS.c.score.desc()).limit(1))).scalar_one_or_none()
    row = {"id": new_id(), "case_id": case_id, "category": category, "verdict": verdict, "score": score}
    await connection.execute(_ADD, {**row, "listener_version": listener_version, "by": by, "at": at})


async def of_case(connection: Connection, case_id: UUID) -> list[Correction]:
    """All verdicts on a case's tags, oldest first."""
    query = select(_CORRECTIONS).where(_CORRECTIONS.c.case_id == case_id)
    rows = await connection.execute(query.order_by(_CORRECTIONS.c.at, _CORRECTIONS.c.id))
    return [Correction(category=row.category, verdict=row.verdict, by=row.by, at=row.at) for row in rows]


async def standing_of(connection: Connection, case_id: UUID) -> dict[str, Verdict]:
    """The newest verdict on each category."""
    return {correction.category: correction.verdict for correction in await of_case(connection, case_id)}


def applied(categories: Sequence[str], verdicts: Mapping[str, Verdict]) -> tuple[str, ...]:
    """The worries heard, without those staff call wrong and with those they say were missed."""
    heard = [name for name in categories if verdicts.get(name) is not Verdict.WRONG]
    missed = [name for name, verdict in verdicts.items() if verdict is Verdict.MISSING and name not in heard]
    return (*heard, *missed)


async def exported(
    connection: Connection, desk_id: str, *, since: dt.datetime | None = None
) -> AsyncIterator[dict[str, Any]]:
    """Rows for an evaluation of the listener: ids, names and scores, nobody's words."""
    query = (
        select(_CORRECTIONS, _CASES.c.number)
        .join_from(_CORRECTIONS, _CASES, _CASES.c.id == _CORRECTIONS.c.case_id)
        .where(_CASES.c.desk_id == desk_id)
        .order_by(_CORRECTIONS.c.at, _CORRECTIONS.c.id)
    )
    if since is not None:
        query = query.where(_CORRECTIONS.c.at >= since)
    for row in await connection.execute(query):
        yield {
            "case": row.number,
            "category": row.category,
            "verdict": row.verdict.value,
            "score": row.score,
            "listener": row.listener_version,
            "by": str(row.by),
            "at": row.at.isoformat(),
        }
