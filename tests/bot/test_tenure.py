"""How long a process may begin to send: shorter than the others take it for alive."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.exc import SQLAlchemyError

from bot.engines.tenure import LONGEST_ATTEMPT, Tenure
from storage import outbox, processes, residents
from storage.database import Database
from storage.ids import new_id
from storage.keyring import Keyring
from storage.outbox import Change, NewLetter
from storage.residents import Sender
from storage.tables import Channel, OutboxState
from storage.vault import SealingKey

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
SENDS_FOR = (processes.LEASE - LONGEST_ATTEMPT).total_seconds()


@pytest.fixture
def database_url(postgres_url: str) -> str:
    return postgres_url


class Watch:
    """A monotonic clock to be set."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def tenure(database: Database, watch: Watch) -> Tenure:
    return Tenure(database=database, process=new_id(), works=True, monotonic=watch)


async def test_nobody_sends_before_they_were_seen(tenure: Tenure) -> None:
    assert not tenure.lasts()
    await tenure.beat()
    assert tenure.lasts()


async def test_it_ends_before_the_others_give_it_up_and_goes_on_with_the_next_beat(
    tenure: Tenure, watch: Watch
) -> None:
    await tenure.beat()
    watch.now += SENDS_FOR - 0.1
    assert tenure.lasts()
    watch.now += 0.2
    assert not tenure.lasts()
    await tenure.beat()
    assert tenure.lasts()


async def test_without_the_database_it_runs_out(database: Database, watch: Watch) -> None:
    gone = Database("postgresql+psycopg://nobody@127.0.0.1:9/nothing")
    tenure = Tenure(database=gone, process=new_id(), works=True, monotonic=watch)
    with pytest.raises(SQLAlchemyError):
        await tenure.beat()
    assert not tenure.lasts()
    await gone.close()


async def test_after_the_end_nothing_is_sent(tenure: Tenure, database: Database) -> None:
    await tenure.beat()
    await tenure.end(clean=True)
    assert not tenure.lasts()
    async with database.read() as connection:
        assert await processes.company(connection) == processes.Company(all=0, working=0)


@pytest.mark.parametrize("told", [True, False])
async def test_what_line_answered_and_nobody_could_be_told_is_unsure_for_those_who_go_on(
    tenure: Tenure, database: Database, *, told: bool
) -> None:
    """In hand and not tried, or tried and not written down: only the first may be taken for unsent."""
    await tenure.beat()
    keyring = await Keyring.open(database, [SealingKey(b"m" * 32)], now=NOW, new_id=new_id)
    sender = Sender(desk_id="default", channel=Channel.LINE, index=b"i" * 32)
    letter = NewLetter(
        id=new_id(),
        turn_id=None,
        kind="answer",
        priority=2,
        body=[],
        token=None,
        retry_key=new_id(),
        created_at=NOW,
        expires_at=NOW + timedelta(hours=2),
    )
    async with database.write() as connection:
        resident = await residents.create(connection, keyring, sender, address="U1", now=NOW, new_id=new_id)
        await outbox.add(connection, resident_id=resident.id, key=resident.key, letter=letter, leased_by=tenure.process)
    if not told:
        tenure.untold[resident.id] = (letter.id, Change(state=OutboxState.SENT, tries=1))
    await tenure.end(clean=True)
    async with database.write() as connection:
        await outbox.inherit(connection, alone=False)
        (found,) = await outbox.waiting(connection, resident.id, resident.key)
    assert (found.leased_by, found.unsure) == (None, not told)
