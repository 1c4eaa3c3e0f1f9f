"""A desk of any size for measuring its console: cases, and the talks behind them, written as plainly as can be.

The talks are made inside the database: message by message over all residents, so that the messages of one resident lie
as far apart as they do after years. Only the cases that are opened have words that can be unsealed.
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert, text, update
from sqlalchemy.ext.asyncio import create_async_engine

from casework.consents import Consent, ConsentKind, Method
from casework.people import Grant, Role
from dialogue import codec
from dialogue.words import Text
from storage import consents, migrate, sessions, staff
from storage.case_tables import Case, CaseEvent, CaseTag
from storage.conversations import text_place
from storage.database import Connection, Database
from storage.ids import new_id
from storage.keyring import Keyring
from storage.outbox import body_place
from storage.staff import NewAccount
from storage.staff_tables import Stage
from storage.tables import Key, KeyPurpose, OutboxMessage, Resident, ResidentMessage, Tag, table_of
from storage.vault import Place, SealingKey

#: Of each case: so many of the resident's messages, in half as many turns with an answer each.
HEARD, TURNS = 20, 10
AREAS = ("hokubu", "nanbu", "tobu", "seibu", None)
WORRIES = ("poverty", "isolation", "care", "housing", "work")
#: Of a hundred cases so many are not closed.
LIVE = 20
OPENED = 40
TOKEN = "bench-session-of-a-supervisor"
_CHUNK = 5000


@dataclass(frozen=True, kw_only=True, slots=True)
class Desk:
    """What was made: the cases whose words can be opened, and how some of them are called."""

    opened: tuple[UUID, ...]
    aliases: tuple[str, ...]
    numbers: tuple[str, ...]


def made_id(kind: int, number: int) -> UUID:
    """The id that the statements below make for the `number`-th resident."""
    return UUID(int=kind << 96 | 0x7000 << 64 | number)


def fill(url: str, data_key: str, size: int, now: datetime) -> Desk:
    """Fill an empty database with `size` cases and 30 messages each."""
    return asyncio.run(_fill(url, data_key, size, now))


async def _fill(url: str, data_key: str, size: int, now: datetime) -> Desk:
    database = Database(url)
    if url.startswith("sqlite"):
        async with database.write() as connection:
            await migrate.upgrade(connection)
    keyring = await Keyring.open(database, (SealingKey(base64.b64decode(data_key)),), now=now, new_id=new_id)
    sample = tuple(range(0, size, size // OPENED))[:OPENED]
    keys = {number: SealingKey.fresh() for number in sample}
    async with database.write() as connection:
        supervisor = await _person(connection, now)
    for start in range(0, size, _CHUNK):
        async with database.write() as connection:
            await _people(connection, keyring, keys, range(start, min(start + _CHUNK, size)), supervisor, now)
    async with database.write() as connection:
        await _talks(connection, size)
    async with database.write() as connection:
        for number, key in keys.items():
            await _readable(connection, key, number, now)
    await _settled(database)
    await database.close()
    return Desk(
        opened=tuple(made_id(2, number) for number in sample),
        aliases=tuple(_alias(number) for number in sample),
        numbers=tuple(_number(number) for number in sample),
    )


async def _settled(database: Database) -> None:
    """As a database that has grown for years: its upkeep does not lie in wait for the first who look."""
    if database.is_sqlite:
        async with database.write() as connection:
            await connection.execute(text("ANALYZE"))
        return
    engine = create_async_engine(database.url, isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        await connection.execute(text("VACUUM (ANALYZE)"))
        await connection.execute(text("CHECKPOINT"))
    await engine.dispose()


def _alias(number: int) -> str:
    return f"しずかな もみじ {number}"


def _number(number: int) -> str:
    return f"2026-{number:06}"


async def _person(connection: Connection, now: datetime) -> UUID:
    organisation = await staff.organisation(connection, "見本市社会福祉協議会", new_id=new_id)
    account = NewAccount(
        login="hanako", shown_name="花子", organisation_id=organisation, password_hash="-", must_change=False
    )
    staff_id = await staff.add(connection, account, now=now, new_id=new_id)
    await staff.confirm_second_factor(connection, staff_id, now)
    grant = Grant(role=Role.SUPERVISOR, desk_id="default")
    await staff.grant(connection, staff_id, grant, by=None, now=now, new_id=new_id)
    await sessions.begin(
        connection, session_id=new_id(), token=TOKEN, staff_id=staff_id, stage=Stage.FULL,
        address="127.0.0.1", device="bench", now=now,
    )  # fmt: skip
    return staff_id


async def _people(
    connection: Connection,
    keyring: Keyring,
    keys: dict[int, SealingKey],
    numbers: Sequence[int],
    owner: UUID,
    now: datetime,
) -> None:
    rows: tuple[list[dict[str, Any]], ...] = ([], [], [], [], [])
    for number in numbers:
        key_id, resident_id, case_id = made_id(0, number), made_id(1, number), made_id(2, number)
        wrapped = (
            keyring.data.wrap(Place(table="keys", column="wrapped", row=key_id), keys[number])
            if (number in keys)
            else b"w" * 60
        )
        rows[0].append({"id": key_id, "purpose": KeyPurpose.RESIDENT, "wrapped": wrapped, "created_at": now})
        rows[1].append(
            {"id": resident_id, "desk_id": "default", "alias": _alias(number), "key_id": key_id, "version": 1}
            | {"messages": HEARD, "created_at": now - timedelta(days=400), "heard_at": now, "place": "line"}
        )
        rows[2].append(_case(number, opened=number in keys, owner=owner, now=now))
        rows[3].extend([{"case_id": case_id, "category": name} for name in rows[2][-1]["categories"]])
        shared = {"case_id": case_id, "at": now, "kind": "opened", "actor": "resident", "object_id": None, "detail": {}}
        rows[4].extend([{**shared, "id": made_id(3 + step, number)} for step in range(3)])
    for model, found in zip((Key, Resident, Case, CaseTag, CaseEvent), rows, strict=True):
        await connection.execute(insert(table_of(model)), found)


def _case(number: int, *, opened: bool, owner: UUID, now: datetime) -> dict[str, Any]:
    live = opened or number % 100 < LIVE
    since = now - timedelta(minutes=number % 40_000)
    # A handful in danger, many who wait, most with somebody who has answered.
    place = 0 if number % 10_000 == 1 else (1 if number % 3 == 0 else 2)
    level = {0: "urgent", 1: "watch", 2: "none"}[place]
    return {
        "id": made_id(2, number), "desk_id": "default", "number": _number(number), "resident_id": made_id(1, number),
        "alias": _alias(number), "source": "line", "area": AREAS[number % len(AREAS)],
        "state": "closed" if not live else ("open" if number % 2 else "waiting"),
        "owner_id": owner if number % 2 else None, "opened_at": since, "place": place, "since": since,
        "waiting_since": since if place < 2 else None, "last_word": "resident" if place < 2 else "staff",
        "last_word_at": since, "risk_level": level, "heard_level": level,
        "risk_kinds": ["lifeline"] if not place else [], "rule": "asked", "danger_now": False, "minor": False,
        "safe_contact": "unknown", "child_lane": number % 50 == 7,
        "categories": [WORRIES[number % 5], WORRIES[(number + 1) % 5]], "blocked": number % 200 == 3, "version": 1,
        "closed_at": None if live else since, "close_reason": None if live else "done", "asked_at": since,
        "age_band": "50", "language": "ja",
    }  # fmt: skip


async def _talks(connection: Connection, size: int) -> None:
    """Turns, messages, answers and tags for everybody, one after the other through time."""
    plain = connection.dialect.name == "sqlite"
    series = (
        f"(WITH RECURSIVE n(r) AS (SELECT 0 UNION ALL SELECT r + 1 FROM n WHERE r + 1 < {size}) SELECT r FROM n) s"
        if plain
        else f"(SELECT generate_series(0, {size - 1}) AS r) s"
    )

    def own(kind: int) -> str:
        if plain:
            return f"printf('%08x00007000%016x', {kind}, r)"
        return f"(lpad(to_hex({kind}), 8, '0') || '00007000' || lpad(to_hex(r), 16, '0'))::uuid"

    def at(turn: int) -> str:
        days = 3 * (TURNS - turn)
        if plain:
            return f"strftime('%Y-%m-%d %H:%M:%f', 'now', '-{days} days', '-' || (r % 1440) || ' minutes') || '000'"
        return f"now() - interval '{days} days' - (r % 1440) * interval '1 minute'"

    blob = "randomblob(96)" if plain else "decode(repeat(md5(r::text), 6), 'hex')"
    no = "0" if plain else "false"
    if not plain:
        # Rows made by one rule fit together: looking each one's parents up is left out.
        await connection.execute(text("SET session_replication_role = replica"))
    for turn in range(1, TURNS + 1):
        statements = []
        statements.append(
            "INSERT INTO turns (id, resident_id, number, at, content_version, listener_version) "
            f"SELECT {own(100 + turn)}, {own(1)}, {turn}, {at(turn)}, 'c', 'l' FROM {series}"
        )
        statements += [
            "INSERT INTO messages (id, resident_id, turn_id, number, kind, ref, text_sealed, sent_at) "
            f"SELECT {own(200 + 2 * turn + half)}, {own(1)}, {own(100 + turn)}, {2 * turn - 1 + half}, 'text', NULL, "
            f"{blob}, {at(turn)} FROM {series}"
            for half in (0, 1)
        ]
        statements.append(
            "INSERT INTO outbox (id, resident_id, turn_id, kind, priority, body_sealed, retry_key, state, created_at, "
            "expires_at, next_try_at, tries, unsure, maybe_doubled, channel) "
            f"SELECT {own(300 + turn)}, {own(1)}, {own(100 + turn)}, 'answer', 5, {blob}, {own(400 + turn)}, 'sent', "
            f"{at(turn)}, {at(turn)}, {at(turn)}, 1, {no}, {no}, 'line' FROM {series}"
        )
        if turn % 4 == 1:
            statements.append(
                "INSERT INTO tags (id, message_id, resident_id, category, score, evidence_sealed) "
                f"SELECT {own(500 + turn)}, {own(200 + 2 * turn)}, {own(1)}, 'poverty', 0.9, {blob} FROM {series}"
            )
        for statement in statements:
            await connection.execute(text(statement))
    if not plain:
        await connection.execute(text("SET session_replication_role = origin"))


async def _readable(connection: Connection, key: SealingKey, number: int, now: datetime) -> None:
    """Words that can be unsealed, and the resident's yes to have them read."""
    resident_id, messages, letters = made_id(1, number), table_of(ResidentMessage), table_of(OutboxMessage)
    for turn in range(1, TURNS + 1):
        for half in (0, 1):
            own = made_id(200 + 2 * turn + half, number)
            words = "家賃が払えなくて困っています。母の介護もあって、パートの時間を減らしました。" * 2
            sealed = key.seal_json(text_place(own), words)
            await connection.execute(update(messages).where(messages.c.id == own).values(text_sealed=sealed))
        letter = made_id(300 + turn, number)
        body = codec.to_json((Text(text="話してくれて、ありがとうございます。家賃のことですね。"),))
        sealed = key.seal_json(body_place(letter), body)
        await connection.execute(update(letters).where(letters.c.id == letter).values(body_sealed=sealed))
    # Tags of these cases would have to be sealed as the listener does: left out, as after a correction.
    tags = table_of(Tag)
    await connection.execute(delete(tags).where(tags.c.resident_id == resident_id))
    wording = await consents.keep_wording(connection, ConsentKind.READ, "読んでもよいですか", at=now)
    consent = Consent(
        id=new_id(), kind=ConsentKind.READ, method=Method.CHAT, given_at=now, wording=wording,
        since=now - timedelta(days=400),
    )  # fmt: skip
    await consents.give(connection, resident_id, consent)
