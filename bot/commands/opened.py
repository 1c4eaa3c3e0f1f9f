"""The database for a command: opened with the keys of this mode, closed at the end, refused in plain words."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

import structlog

from bot.commands.refusing import load_settings, refusing
from bot.database import open_database, sqlite_path
from bot.mode import Mode, choose_mode
from bot.simulator.moved_clock import FILE, MovedClock
from config.settings import Settings, SettingsError
from storage.database import Database
from storage.ids import new_id
from storage.keyring import Keyring
from storage.vault import UnsealError

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True, slots=True)
class Opened:
    """What a command works with."""

    settings: Settings
    mode: Mode
    database: Database
    keyring: Keyring
    now: datetime


def with_database(work: Callable[[Opened], Awaitable[T]]) -> T:
    """Run a command's work on the database of the settings."""

    async def run() -> T:
        async with _opened(settings, choose_mode(settings)) as found:
            return await work(found)

    settings = load_settings()
    with refusing(), quiet():
        return asyncio.run(run())


@contextmanager
def quiet() -> Iterator[None]:
    """A command answers whoever gave it, in their words: of the log only what went wrong is shown beside that."""
    before = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    try:
        yield
    finally:
        structlog.configure(**before)


def _clock(settings: Settings, mode: Mode) -> Callable[[], datetime]:
    """That of the server beside which the command runs: a simulator's may have been moved on."""

    def clock() -> datetime:
        return datetime.now(UTC)

    return MovedClock(clock, settings.data_dir / FILE) if mode.simulator else clock


@asynccontextmanager
async def _opened(settings: Settings, mode: Mode) -> AsyncIterator[Opened]:
    now = _clock(settings, mode)()
    if (path := sqlite_path(settings)) is not None:
        # The first account may be made before the server has ever run.
        path.parent.mkdir(parents=True, exist_ok=True)
    database = await open_database(settings, simulator=mode.simulator)
    try:
        keyring = await Keyring.open(database, mode.masters, now=now, new_id=new_id)
        yield Opened(settings=settings, mode=mode, database=database, keyring=keyring, now=now)
    except UnsealError:
        raise SettingsError(["DATA_KEY: この鍵では、このデータベースは開けません"]) from None
    finally:
        await database.close()
