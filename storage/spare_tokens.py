"""Reply tokens the program did not use: LINE lets a person answer with them for free while they are fresh."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite

from storage.case_tables import SpareToken
from storage.database import Connection
from storage.outbox import ReplyToken
from storage.tables import table_of
from storage.vault import Place, SealingKey

_TOKENS = table_of(SpareToken)


def _place(resident_id: UUID) -> Place:
    return Place(table="spare_tokens", column="token", row=resident_id)


async def keep(connection: Connection, resident_id: UUID, key: SealingKey, token: ReplyToken) -> None:
    """Keep the resident's newest unused token; an older one is forgotten."""
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    values = {"token_sealed": key.seal_json(_place(resident_id), token.token), "token_at": token.at}
    new = dialect.insert(_TOKENS).values(resident_id=resident_id, **values)
    await connection.execute(new.on_conflict_do_update(index_elements=["resident_id"], set_=values))


async def look(connection: Connection, resident_id: UUID, key: SealingKey) -> ReplyToken | None:
    """The token that is there, however old."""
    row = (await connection.execute(select(_TOKENS).where(_TOKENS.c.resident_id == resident_id))).one_or_none()
    if row is None:
        return None
    return ReplyToken(token=key.open_json(_place(resident_id), row.token_sealed), at=row.token_at)


async def take(connection: Connection, resident_id: UUID, key: SealingKey) -> ReplyToken | None:
    """The token, which nobody else gets after this."""
    token = await look(connection, resident_id, key)
    if token is not None:
        await connection.execute(delete(_TOKENS).where(_TOKENS.c.resident_id == resident_id))
    return token
