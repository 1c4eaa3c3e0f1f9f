"""Consents of residents in the database: added, ended, never changed.

Whoever gives, ends or relies on one locks the resident's row first; then the order in which a withdrawal and a
submission commit does not matter. The book is read anew in the transaction that relies on it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import RowMapping, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from casework.consents import Consent, ConsentBook, ConsentKind, Ended, Scope, wording_hash
from casework.reading import ReadConsent
from storage.consent_tables import ConsentEnd, ConsentRequest, ConsentRow, ConsentWording, Told
from storage.database import Connection
from storage.ids import NewId
from storage.keyring import Keyring
from storage.tables import ResidentMessage, table_of
from storage.vault import Place, SealingKey

_CONSENTS = table_of(ConsentRow)
_ENDS = table_of(ConsentEnd)
_WORDINGS = table_of(ConsentWording)
_REQUESTS = table_of(ConsentRequest)
_TOLD = table_of(Told)
_SAME = ("id", "kind", "method", "given_at", "wording", "since", "by", "expires_at")


async def keep_wording(connection: Connection, kind: ConsentKind, words: str, *, at: datetime) -> str:
    """Keep the words consent is asked in, once. Returns their hash."""
    name = wording_hash(words)
    build = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    row = {"hash": name, "kind": kind, "text": words, "first_at": at}
    await connection.execute(build(_WORDINGS).values(row).on_conflict_do_nothing(index_elements=["hash"]))
    return name


async def wording(connection: Connection, name: str) -> str | None:
    """The words behind a hash, as they were shown."""
    return (await connection.execute(select(_WORDINGS.c.text).where(_WORDINGS.c.hash == name))).scalar_one_or_none()


async def book(connection: Connection, resident_id: UUID) -> ConsentBook:
    """All consents of a resident, ended ones too, the oldest first."""
    query = (
        select(_CONSENTS, _ENDS.c.at.label("ended_at"), _ENDS.c.reason.label("ended_why"))
        .outerjoin(_ENDS, _ENDS.c.consent_id == _CONSENTS.c.id)
        .where(_CONSENTS.c.resident_id == resident_id)
        .order_by(_CONSENTS.c.given_at, _CONSENTS.c.id)
    )
    return ConsentBook(consents=tuple(_consent(row) for row in (await connection.execute(query)).mappings()))


def _consent(row: RowMapping) -> Consent:
    return Consent(
        **{name: row[name] for name in _SAME},
        scope=Scope(org_id=row["org_id"], items=frozenset(row["items"]), purpose=row["purpose"]),
        withdrawn_at=row["ended_at"],
        withdrawn_reason=row["ended_why"],
    )


async def of_resident(connection: Connection, _keyring: Keyring, resident_id: UUID, /) -> ConsentBook:
    """The book, as the pages of sheets ask for it."""
    return await book(connection, resident_id)


async def readings(connection: Connection, resident_id: UUID) -> list[ReadConsent]:
    """Which words of theirs the resident agreed to have read."""
    return (await book(connection, resident_id)).readings()


async def give(
    connection: Connection, resident_id: UUID, consent: Consent, *, request_id: UUID | None = None
) -> Consent:
    """Add a consent. Its wording must be kept already."""
    row = {name: getattr(consent, name) for name in _SAME}
    scope = consent.scope
    row |= {"resident_id": resident_id, "org_id": scope.org_id, "items": sorted(scope.items), "purpose": scope.purpose}
    await connection.execute(insert(_CONSENTS), row | {"request_id": request_id})
    return consent


async def withdraw(
    connection: Connection,
    resident_id: UUID,
    *,
    at: datetime,
    reason: Ended,
    by: UUID | None = None,
    ids: frozenset[UUID] | None = None,
) -> ConsentBook:
    """End consents (None: all that stand). Returns the book afterwards; ending twice changes nothing."""
    before = await book(connection, resident_id)
    after = before.withdrawn(ids, at=at, reason=reason)
    ended = [new.id for old, new in zip(before.consents, after.consents, strict=True) if old != new]
    if ended:
        rows = [{"consent_id": one, "at": at, "reason": reason, "by": by} for one in ended]
        await connection.execute(insert(_ENDS), rows)
    return after


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """What staff ask a resident in the talk. `reason` is why it is asked (again), in their words."""

    id: UUID
    kind: ConsentKind
    org_id: UUID | None
    place: str
    items: frozenset[str]
    purpose: str
    asked_by: UUID
    asked_at: datetime
    agreed: bool | None = None
    answered_at: datetime | None = None
    reason: str = ""


async def ask(connection: Connection, resident_id: UUID, key: SealingKey, asked: Asked) -> None:
    """Keep a question of staff."""
    row = {name: getattr(asked, name) for name in _ASKED} | {"resident_id": resident_id, "items": sorted(asked.items)}
    sealed = key.seal_json(_reason_place(asked.id), asked.reason) if asked.reason else None
    await connection.execute(insert(_REQUESTS), row | {"reason_sealed": sealed})


_ASKED = ("id", "kind", "org_id", "place", "purpose", "asked_by", "asked_at", "agreed", "answered_at")


async def asked_of(connection: Connection, resident_id: UUID, key: SealingKey) -> list[Asked]:
    """What staff asked a resident, the oldest first."""
    query = select(_REQUESTS).where(_REQUESTS.c.resident_id == resident_id)
    rows = (await connection.execute(query.order_by(_REQUESTS.c.asked_at, _REQUESTS.c.id))).mappings()
    return [
        Asked(
            **{name: row[name] for name in _ASKED},
            items=frozenset(row["items"]),
            reason=""
            if row["reason_sealed"] is None
            else key.open_json(_reason_place(row["id"]), row["reason_sealed"]),
        )
        for row in rows
    ]


async def answer(
    connection: Connection, resident_id: UUID, request_id: UUID, *, agreed: bool, at: datetime
) -> Scope | None:
    """Note the answer to a question of staff; None when there is no such open question of this resident."""
    query = select(_REQUESTS).where(
        _REQUESTS.c.id == request_id, _REQUESTS.c.resident_id == resident_id, _REQUESTS.c.answered_at.is_(None)
    )
    row = (await connection.execute(query)).mappings().one_or_none()
    if row is None:
        return None
    answered = update(_REQUESTS).where(_REQUESTS.c.id == request_id).values(agreed=agreed, answered_at=at)
    await connection.execute(answered)
    return Scope(org_id=row["org_id"], items=frozenset(row["items"]), purpose=row["purpose"])


async def close_requests(connection: Connection, resident_id: UUID, *, at: datetime) -> None:
    """Whoever withdraws answers open questions of staff with no."""
    open_ones = update(_REQUESTS).where(_REQUESTS.c.resident_id == resident_id, _REQUESTS.c.answered_at.is_(None))
    await connection.execute(open_ones.values(agreed=False, answered_at=at))


async def tell(
    connection: Connection,
    resident_id: UUID,
    key: SealingKey,
    *,
    turn_id: UUID,
    field: str,
    words: str | None,
    at: datetime,
    new_id: NewId,
) -> None:
    """Keep what a resident answered; None: they would rather not say."""
    told_id = new_id()
    sealed = None if words is None else key.seal_json(_words_place(told_id), words)
    row = {"id": told_id, "resident_id": resident_id, "turn_id": turn_id, "field": field}
    await connection.execute(insert(_TOLD), row | {"words_sealed": sealed, "at": at})


async def told_by(connection: Connection, resident_id: UUID, key: SealingKey) -> dict[str, str | None]:
    """What a resident last answered, by field."""
    query = select(_TOLD).where(_TOLD.c.resident_id == resident_id).order_by(_TOLD.c.at, _TOLD.c.id)
    return {
        row.field: None if row.words_sealed is None else key.open_json(_words_place(row.id), row.words_sealed)
        for row in await connection.execute(query)
    }


async def unsend(connection: Connection, resident_id: UUID, ref: bytes) -> None:
    """What was answered in the turn of a message that was taken back goes with it."""
    turn = select(ResidentMessage.turn_id).where(ResidentMessage.resident_id == resident_id, ResidentMessage.ref == ref)
    gone = delete(_TOLD).where(_TOLD.c.resident_id == resident_id, _TOLD.c.turn_id.in_(turn.scalar_subquery()))
    await connection.execute(gone)


async def erase(connection: Connection, resident_id: UUID, *, now: datetime) -> None:
    """Every word goes. That something was agreed to, when it ended and what staff asked for stays: without words."""
    await connection.execute(delete(_TOLD).where(_TOLD.c.resident_id == resident_id))
    bare = update(_REQUESTS).where(_REQUESTS.c.resident_id == resident_id)
    await connection.execute(bare.values(reason_sealed=None))
    await withdraw(connection, resident_id, at=now, reason=Ended.ERASED)


def _reason_place(request_id: UUID) -> Place:
    return Place(table="consent_requests", column="reason", row=request_id)


def _words_place(told_id: UUID) -> Place:
    return Place(table="told", column="words", row=told_id)
