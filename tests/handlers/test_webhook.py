"""LINE's door: what is taken is safe and sealed, what is wrong is refused, and nothing is lost with the database."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import sqlite3
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text
from starlette.applications import Starlette
from starlette.routing import Route

from handlers.line.webhook import Refused, WebhookDoor, parse_envelope
from storage import inbox
from storage.database import Connection, Database
from storage.ids import new_id
from storage.intake import Intake, IntakeFull
from storage.jobs import Conversation, PeriodicWork
from storage.keyring import Keyring
from storage.spool import Spool
from storage.tables import Channel, InboxEvent, InboxState
from storage.vault import SealingKey

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
SECRET = b"channel secret"
PLANTED = "きのうから何も食べていません"
USER = "U" + "e" * 32


@dataclass
class NotedWakes:
    """An engine that only notes whom it was asked to wake."""

    woken: list[Conversation] = field(default_factory=list)

    async def wake_within(self, _connection: Connection, _conversations: Collection[Conversation]) -> bool:
        raise AssertionError("the door wakes afterwards")

    def wake(self, conversation: Conversation, at: datetime | None = None) -> None:
        self.woken.append(conversation)

    def deliver(self, resident_id: Any, at: datetime | None = None) -> None:
        raise AssertionError("the door delivers nothing")

    def every(self, pace: timedelta, name: str, work: PeriodicWork, *, here: bool = False) -> None:
        raise AssertionError("the door plans nothing")

    async def start(self) -> None: ...

    async def stop(self) -> None: ...


@dataclass
class Door:
    """The door over real HTTP semantics, with what stands behind it."""

    http: httpx.AsyncClient
    database: Database
    keyring: Keyring
    intake: Intake
    spool: Spool
    engine: NotedWakes
    made: WebhookDoor

    async def send(self, body: bytes | Any, *, signature: str | None = "", desk: str = "default") -> httpx.Response:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        if signature == "":
            signature = base64.b64encode(hmac.digest(SECRET, raw, hashlib.sha256)).decode()
        headers = {} if signature is None else {"X-Line-Signature": signature}
        return await self.http.post(f"/line/{desk}/webhook", content=raw, headers=headers)

    async def stored(self) -> list[Any]:
        async with self.database.read() as connection:
            rows = await connection.execute(select(InboxEvent).order_by(InboxEvent.id))
            return list(rows.all())


@asynccontextmanager
async def door_over(database: Database, folder: Path) -> AsyncIterator[Door]:
    keyring = await Keyring.open(database, (SealingKey(b"m" * 32),), now=NOW, new_id=new_id)
    spool = Spool(folder / "spool", process=new_id())
    intake, engine = Intake(database=database, spool=spool), NotedWakes()
    made = WebhookDoor(
        secrets={"default": (SECRET,)},
        keyring=keyring,
        intake=intake,
        engine=engine,
        clock=lambda: NOW,
        new_id=new_id,
    )
    app = Starlette(routes=[Route("/line/{desk}/webhook", made.receive, methods=["POST"])])
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://bot") as http:
        yield Door(http=http, database=database, keyring=keyring, intake=intake, spool=spool, engine=engine, made=made)


@pytest.fixture
async def door(database: Database, tmp_path: Path) -> AsyncIterator[Door]:
    async with door_over(database, tmp_path) as made:
        yield made


def say(words: str, event_id: str = "01A", **parts: Any) -> dict[str, Any]:
    return {
        "type": "message",
        "mode": "active",
        "timestamp": 1_795_000_000_000,
        "source": {"type": "user", "userId": USER},
        "webhookEventId": event_id,
        "deliveryContext": {"isRedelivery": False},
        "replyToken": "reply-token",
        "message": {"type": "text", "id": "1", "text": words},
        **parts,
    }


def batch(*events: Any) -> dict[str, Any]:
    return {"destination": "U" + "0" * 32, "events": list(events)}


async def test_an_acknowledged_event_is_stored_sealed_and_its_conversation_woken(door: Door) -> None:
    answer = await door.send(batch(say(PLANTED)))
    (row,) = await door.stored()
    assert answer.status_code == 200
    assert (row.state, row.event_id, row.event_at) == (InboxState.WAITING, "01A", 1_795_000_000_000)
    assert door.engine.woken == [Conversation("default", row.sender)]
    async with door.database.read() as connection:
        (found,) = await inbox.waiting(connection, door.keyring.data, door.engine.woken[0], now=NOW)
    assert found.body["message"]["text"] == PLANTED


async def test_the_database_shows_neither_words_nor_user_ids_nor_tokens(door: Door) -> None:
    await door.send(batch(say(PLANTED)))
    (row,) = await door.stored()
    shown = b"".join(v if isinstance(v, bytes) else str(v).encode() for v in row)
    for secret in (PLANTED, USER, "reply-token"):
        assert secret.encode() not in shown
        assert json.dumps(secret).strip('"').encode() not in shown


async def test_a_line_verification_ping_is_fine(door: Door) -> None:
    assert (await door.send(batch())).status_code == 200
    assert await door.stored() == []


@pytest.mark.parametrize("signature", [None, "x", "GhRKmvmHys4Pi8DxkF4+EayaH0OqtJtaZxgTD9fMDLs=", "あ"])
async def test_a_wrong_signature_is_refused_and_nothing_stored(door: Door, signature: str | None) -> None:
    raw = json.dumps(batch(say(PLANTED))).encode()
    headers = [] if signature is None else [(b"x-line-signature", signature.encode())]
    answer = await door.http.post("/line/default/webhook", content=raw, headers=headers)
    assert answer.status_code == 401
    assert await door.stored() == []


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"not json",
        b"[]",
        b"{}",
        b'"x"',
        b"null",
        b'{"events": {}}',
        b'{"events": null}',
        b"\xff\xfe",
        b"[" * 1000 + b"]" * 1000,
        b'{"events": [' + b"[" * 1000 + b"]" * 1000 + b"]}",
        b'{"events": [' + b'{"a":' * 1000 + b"1" + b"}" * 1000 + b"]}",
        b"[" * 100_000,
        b'{"events": [' + b"9" * 5000 + b"]}",
    ],
)
async def test_a_body_that_is_no_webhook_is_a_400(door: Door, raw: bytes) -> None:
    assert (await door.send(raw)).status_code == 400
    assert await door.stored() == []


async def test_a_body_over_one_mebibyte_is_a_413_even_when_its_length_is_not_said(door: Door) -> None:
    raw = json.dumps(batch(say("x" * 1024 * 1024))).encode()
    assert (await door.send(raw)).status_code == 413

    async def in_pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(raw), 65536):
            yield raw[start : start + 65536]

    assert (await door.http.post("/line/default/webhook", content=in_pieces())).status_code == 413


async def test_another_desk_is_not_found(door: Door) -> None:
    assert (await door.send(batch(say(PLANTED)), desk="other")).status_code == 404


async def test_broken_events_are_kept_and_their_neighbours_too(door: Door) -> None:
    broken = ["words", 5, None, [], {}, {"type": 7, "timestamp": "x", "source": "y", "webhookEventId": "☺" * 99}]
    assert (await door.send(batch(say("一"), *broken, say("二", "01B")))).status_code == 200
    rows = await door.stored()
    assert len(rows) == 8
    assert {"01A", "01B"} < {row.event_id for row in rows}
    assert sum(row.sender is None for row in rows) == 6


async def test_the_same_event_without_an_id_is_kept_once(door: Door) -> None:
    event = say("一")
    del event["webhookEventId"]
    await door.send(batch(event))
    await door.send(batch(event))
    assert len(await door.stored()) == 1


@pytest.mark.parametrize("words", ["\ud83d", "\x00", "\u202eabc", "a\u200db", " ", "", "👩‍👩‍👧‍👦" * 700, "あ" * 5000])
async def test_any_words_are_taken(door: Door, words: str) -> None:
    assert (await door.send(batch(say(words)))).status_code == 200
    async with door.database.read() as connection:
        (found,) = await inbox.waiting(connection, door.keyring.data, door.engine.woken[0], now=NOW)
    assert found.body["message"]["text"] == words


async def test_many_requests_at_once_are_each_stored_once(door: Door) -> None:
    import asyncio

    answers = await asyncio.gather(*(door.send(batch(say("x", f"E{n % 60}"))) for n in range(120)))
    assert {a.status_code for a in answers} == {200}
    assert len(await door.stored()) == 60


async def test_a_locked_database_sends_events_to_the_spool_and_they_come_back(
    sqlite_template: Path, tmp_path: Path
) -> None:
    path = tmp_path / "locked.db"
    path.write_bytes(sqlite_template.read_bytes())
    database = Database(f"sqlite+aiosqlite:///{path}")
    async with door_over(database, tmp_path) as door:
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN EXCLUSIVE")
        assert (await door.send(batch(say(PLANTED)))).status_code == 200
        assert not door.spool.empty
        other.execute("ROLLBACK")
        other.close()
        assert (await door.send(batch(say("あとの言葉", "01B")))).status_code == 200
        assert door.spool.empty
        assert sorted(row.event_id for row in await door.stored()) == ["01A", "01B"]
    await database.close()


async def test_a_database_that_is_gone_is_a_503_only_when_the_spool_fails_too(
    sqlite_template: Path, tmp_path: Path
) -> None:
    path = tmp_path / "gone.db"
    path.write_bytes(sqlite_template.read_bytes())
    database = Database(f"sqlite+aiosqlite:///{path}")
    async with door_over(database, tmp_path) as door:
        async with database.write() as connection:
            await connection.execute(text("ALTER TABLE inbox RENAME TO elsewhere"))
        (tmp_path / "spool").write_text("a file where the folder should be")
        assert (await door.send(batch(say("一", "01A")))).status_code == 503
        (tmp_path / "spool").unlink()
        assert (await door.send(batch(say("二", "01B")))).status_code == 200
        async with database.write() as connection:
            await connection.execute(text("ALTER TABLE elsewhere RENAME TO inbox"))
        assert await door.intake.drain()
        assert [row.event_id for row in await door.stored()] == ["01B"]
        assert not await door.intake.drain()
    await database.close()


async def test_when_too_much_waits_whoever_comes_is_turned_away_at_once_and_taken_later(door: Door) -> None:
    let_go = asyncio.Event()

    async def held(_connection: Connection, _conversations: Collection[Conversation]) -> bool:
        await let_go.wait()
        return True

    intake = Intake(database=door.database, spool=door.spool, wake_within=held, most=3)
    door.made.intake = intake
    # One call is never too much by itself: what LINE sends in one request is taken or left as a whole.
    waiting = [asyncio.create_task(door.send(batch(*(say("一", f"01{name}{n}") for n in range(2))))) for name in "AB"]
    while not intake.full:
        await asyncio.sleep(0)
    turned_away = await door.send(batch(say("二", "01C")))
    assert (turned_away.status_code, turned_away.headers["retry-after"]) == (503, "2")
    # Nobody is let in or kept out by what a signature says: it is not even looked at.
    assert (await door.send(batch(say("二", "01C")), signature="wrong")).status_code == 503
    with pytest.raises(IntakeFull):
        await intake.store([await an_event(door)])
    let_go.set()
    assert [(await answer).status_code for answer in waiting] == [200, 200]
    assert not intake.full
    assert (await door.send(batch(say("二", "01C")))).status_code == 200
    assert sorted(row.event_id for row in await door.stored()) == ["01A0", "01A1", "01B0", "01B1", "01C"]
    assert (intake.taken, intake.turned_away) == (5, 1)


async def test_who_waited_behind_a_slow_commit_has_no_second_wait_before_them(door: Door) -> None:
    gates, now = [asyncio.Event(), asyncio.Event()], [0.0]
    turns = iter(gates)

    async def held(_connection: Connection, _conversations: Collection[Conversation]) -> bool:
        await next(turns).wait()
        return True

    intake = Intake(database=door.database, spool=door.spool, wake_within=held, deadline=1e9, monotonic=lambda: now[0])
    door.made.intake = intake
    first = asyncio.create_task(door.send(batch(say("一", "01A"))))
    while not intake._committing:
        await asyncio.sleep(0)
    second = asyncio.create_task(door.send(batch(say("二", "01B"))))
    while not intake._waiting:
        await asyncio.sleep(0)
    now[0] = 2e9
    gates[0].set()
    # The second commit never ends: only the spool can answer for it, and it must not wait anew.
    async with asyncio.timeout(30):
        assert [(await answer).status_code for answer in (first, second)] == [200, 200]
    assert intake.spooled == 1
    gates[1].set()
    while intake._committing:
        await asyncio.sleep(0)
    assert sorted(row.event_id for row in await door.stored()) == ["01A", "01B"]


async def an_event(door: Door) -> inbox.NewEvent:
    return inbox.seal_event(
        door.keyring.data,
        id=new_id(),
        desk_id="default",
        channel=Channel.LINE,
        event_id="01D",
        sender=None,
        event_at=0,
        received_at=NOW,
        body={},
    )


async def test_a_failed_commit_leaves_no_place_taken(sqlite_template: Path, tmp_path: Path) -> None:
    path = tmp_path / "gone.db"
    path.write_bytes(sqlite_template.read_bytes())
    database = Database(f"sqlite+aiosqlite:///{path}")
    async with door_over(database, tmp_path) as door:
        door.made.intake = Intake(database=database, spool=door.spool, most=2)
        async with database.write() as connection:
            await connection.execute(text("ALTER TABLE inbox RENAME TO elsewhere"))
        (tmp_path / "spool").write_text("a file where the folder should be")
        for number in range(4):
            assert (await door.send(batch(say("一", f"01{number}")))).status_code == 503
        assert (door.made.intake.full, door.made.intake.turned_away, door.made.intake.taken) == (False, 0, 0)
    await database.close()


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner, max_size=4),
    max_leaves=12,
)


@given(json_values)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_an_envelope_is_a_list_of_events_or_refused(value: Any) -> None:
    try:
        events = parse_envelope(json.dumps(value).encode())
    except Refused as refused:
        assert refused.status == 400
    else:
        assert events == value["events"]
