"""Tokens of other organisations' programs: made and ended by an admin, known by their hash, counted by the minute."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, case, insert, select, update

from storage.api_tables import ApiToken
from storage.database import Connection
from storage.ids import NewId
from storage.tables import Organisation, table_of

_TOKENS = table_of(ApiToken)
_ORGANISATIONS = table_of(Organisation)
#: What every token begins with, so that one that leaked is found by searching for it.
MARK = "tsunagu_"
_COLUMNS = (
    "id", "desk_id", "organisation_id", "name", "actions", "created_at", "expires_at", "seen_at", "ended_at", "used",
)  # fmt: skip

NewToken = Callable[[], str]


class ApiAction(StrEnum):
    """What a token may do with what was handed to its organisation."""

    READ_CASES = "read_cases"
    READ_SHEETS = "read_sheets"
    ANSWER = "answer"


@dataclass(frozen=True, kw_only=True, slots=True)
class Token:
    """A token without its secret. `used` counts the requests of its running minute."""

    id: UUID
    desk_id: str
    organisation_id: UUID
    name: str
    actions: frozenset[ApiAction]
    created_at: datetime
    expires_at: datetime
    seen_at: datetime | None
    ended_at: datetime | None
    used: int

    def is_open(self, now: datetime) -> bool:
        """Whether it opens anything at `now`."""
        return self.ended_at is None and now < self.expires_at


def new_token() -> str:
    """256 random bits, safe in a header."""
    return MARK + secrets.token_urlsafe(32)


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


async def issue(
    connection: Connection,
    *,
    desk_id: str,
    organisation_id: UUID,
    name: str,
    actions: frozenset[ApiAction],
    by: UUID,
    now: datetime,
    expires_at: datetime,
    new_id: NewId,
    token: NewToken = new_token,
) -> tuple[UUID, str]:
    """A new token's id, and the token itself: it is shown once and stored nowhere."""
    token_id, given = new_id(), token()
    row: dict[str, Any] = {"id": token_id, "desk_id": desk_id, "organisation_id": organisation_id, "name": name}
    row |= {"token_hash": _hash(given), "actions": sorted(action.value for action in actions), "used": 0}
    row |= {"created_by": by, "created_at": now, "expires_at": expires_at}
    await connection.execute(insert(_TOKENS), row)
    return token_id, given


async def come(connection: Connection, token: str, *, now: datetime) -> Token | None:
    """The open token of a request, counted in its minute; None when nobody has it, or not any more."""
    minute = now.replace(second=0, microsecond=0)
    # A window of a clock that is ahead still counts.
    counted = case((_TOKENS.c.window_at >= minute, _TOKENS.c.used + 1), else_=1)
    window = case((_TOKENS.c.window_at >= minute, _TOKENS.c.window_at), else_=minute)
    query = (
        update(_TOKENS)
        .where(_TOKENS.c.token_hash == _hash(token), _TOKENS.c.ended_at.is_(None), _TOKENS.c.expires_at > now)
        .values(seen_at=now, window_at=window, used=counted)
        .returning(*(_TOKENS.c[name] for name in _COLUMNS))
    )
    row = (await connection.execute(query)).mappings().one_or_none()
    return None if row is None else _token(row)


def _token(row: RowMapping) -> Token:
    values = {name: row[name] for name in _COLUMNS}
    return Token(**{**values, "actions": frozenset(ApiAction(name) for name in row["actions"])})


@dataclass(frozen=True, kw_only=True, slots=True)
class Listed:
    """A token in the admin's list, with the name of its organisation."""

    token: Token
    organisation: str


async def of_desk(connection: Connection, desk_id: str) -> list[Listed]:
    """All tokens of a desk, ended ones too, the newest first."""
    columns = [*(_TOKENS.c[name] for name in _COLUMNS), _ORGANISATIONS.c.name.label("organisation")]
    query = select(*columns).join_from(_TOKENS, _ORGANISATIONS, _ORGANISATIONS.c.id == _TOKENS.c.organisation_id)
    rows = await connection.execute(query.where(_TOKENS.c.desk_id == desk_id).order_by(_TOKENS.c.id.desc()))
    return [Listed(token=_token(row), organisation=row["organisation"]) for row in rows.mappings()]


async def names(connection: Connection, desks: Collection[str] | None = None) -> dict[UUID, str]:
    """What the programs are called whose acts stand in records, whoever made their tokens, ended ones too; only those
    of some desks, if these are named.
    """
    query = select(_TOKENS.c.id, _TOKENS.c.name)
    if desks is not None:
        query = query.where(_TOKENS.c.desk_id.in_(sorted(desks)))
    rows = await connection.execute(query)
    return {row.id: f"{row.name}（外部連携）" for row in rows}


async def end(connection: Connection, desk_id: str, token_id: UUID, *, by: UUID, now: datetime) -> bool:
    """It opens nothing from now on. False: the desk has no such token that is still open."""
    mine = (_TOKENS.c.id == token_id, _TOKENS.c.desk_id == desk_id, _TOKENS.c.ended_at.is_(None))
    ended = update(_TOKENS).where(*mine).values(ended_at=now, ended_by=by)
    return (await connection.execute(ended)).rowcount == 1
